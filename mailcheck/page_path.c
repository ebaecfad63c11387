/* The path of a mail: the domain, its exchangers by preference, their addresses with state and TLS.
 */
#include <string.h>

#include "page.h"

#define ROW 46
#define BOX_HEIGHT 36
#define DOMAIN_X 10
#define DOMAIN_WIDTH 190
#define HOST_X 250
#define HOST_WIDTH 270
#define ADDRESS_X 570
#define ADDRESS_WIDTH 330
#define WIDTH (ADDRESS_X + ADDRESS_WIDTH + 10)
#define NAME_MAX 34
#define NOTE_MAX 44

/* The element of an array whose member has that value; NULL for none. */
static const json_t *find(const json_t *array, const char *key, const char *value)
{
    const json_t *element;
    size_t i;
    json_array_foreach(array, i, element)
    {
        const char *text = page_member(element, key);
        if (text != NULL && strcmp(text, value) == 0)
            return element;
    }
    return NULL;
}

/* The first conversation of that service with an address. */
static const json_t *conversation_with(const struct mailcheck_subject *subject, const char *service,
                                       const char *address)
{
    for (size_t i = 0; i < subject->check_count; i++) {
        const struct mailcheck_check *check = &subject->checks[i];
        const json_t *found =
            strcmp(check->service, service) == 0
                ? find(json_object_get(check->object, "conversations"), "address", address)
                : NULL;
        if (found != NULL)
            return found;
    }
    return NULL;
}

struct box {
    int x, y, width;
    const char *state;
    const char *name, *note;
};

static void write_box(struct page *page, const struct box *box)
{
    text_printf(page->out,
                "<rect class=\"box %s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>"
                "<text x=\"%d\" y=\"%d\">",
                box->state, box->x, box->y, box->width, BOX_HEIGHT, box->x + 8, box->y + 15);
    page_write_cut(page, box->name, NAME_MAX);
    text_printf(page->out, "</text><text class=\"small\" x=\"%d\" y=\"%d\">", box->x + 8,
                box->y + 29);
    page_write_cut(page, box->note, NOTE_MAX);
    text_append(page->out, "</text>\n");
}

static void write_wire(struct page *page, int x1, int y1, int x2, int y2, const char *state)
{
    text_printf(page->out, "<path class=\"wire %s\" d=\"M%d %dC%d %d %d %d %d %d\"/>\n", state, x1,
                y1, (x1 + x2) / 2, y1, (x1 + x2) / 2, y2, x2, y2);
}

/* "mx1.test 192.0.2.1:25" is about 192.0.2.1, not about 92.0.2.1 or 192.0.2.10. */
static bool is_about(const char *text, const char *address)
{
    static const char inside[] = "0123456789abcdefABCDEF.";
    size_t length = strlen(address);
    for (const char *at = strstr(text, address); at != NULL; at = strstr(at + 1, address)) {
        bool is_start = at == text || strchr(inside, at[-1]) == NULL;
        if (is_start && (at[length] == '\0' || strchr(inside, at[length]) == NULL))
            return true;
    }
    return false;
}

/* The worst of what was found about an address, and how many findings there are. */
static enum state worst_finding(const struct mailcheck_subject *subject, const char *address,
                                size_t *count)
{
    enum state worst = STATE_OK;
    const json_t *finding;
    size_t k;
    *count = 0;
    for (size_t i = 0; i < subject->check_count; i++) {
        json_array_foreach(json_object_get(subject->checks[i].object, "findings"), k, finding)
        {
            json_int_t state = json_integer_value(json_object_get(finding, "state"));
            const char *about = page_member(finding, "subject");
            if (state <= STATE_OK || state > STATE_UNKNOWN || about == NULL ||
                !is_about(about, address))
                continue;
            worst = state_worse(worst, (enum state)state);
            *count += 1;
        }
    }
    return worst;
}

/* How far a conversation came that did not come to EHLO. */
static const char *failure_of(struct page *page, const json_t *conversation)
{
    const json_t *transcript = json_object_get(conversation, "transcript");
    const json_t *last = NULL;
    const json_t *entry;
    size_t i;
    json_array_foreach(transcript, i, entry)
    {
        const char *verb = page_member(entry, "verb");
        if (verb != NULL && strcmp(verb, "QUIT") != 0)
            last = entry;
    }
    const char *verb = page_member(last, "verb");
    const char *outcome = page_member(last, "outcome");
    json_int_t code = json_integer_value(json_object_get(last, "code"));
    if (verb == NULL || outcome == NULL)
        return "not spoken to";
    if (code > 0)
        return arena_format(page->facts->arena, "refuses: %lld", (long long)code);
    if (strcmp(verb, "connect") == 0)
        return strcmp(outcome, "silent") == 0 ? "does not answer" : "no connection";
    return arena_format(page->facts->arena, "%s at %s",
                        strcmp(outcome, "silent") == 0 ? "silent" : "ends", verb);
}

/* Whether it works, of check_smtp_banner, else of check_mx. */
static enum state reach(struct page *page, const struct mailcheck_subject *subject,
                        const char *host, const char *address, const char **note)
{
    const json_t *conversation = conversation_with(subject, "smtp_banner", address);
    const json_t *known = NULL;
    for (size_t i = 0; i < subject->check_count; i++) {
        if (strcmp(subject->checks[i].service, "mx") == 0)
            known =
                find(json_object_get(find(json_object_get(subject->checks[i].object, "exchangers"),
                                          "host", host),
                                     "addresses"),
                     "address", address);
    }
    const char *failure = page_member(known, "failure");
    *note = "works";
    if (conversation != NULL && mailcheck_is_greeted(conversation))
        return STATE_OK;
    if (conversation != NULL || (failure != NULL && failure[0] != '\0')) {
        *note = conversation != NULL ? failure_of(page, conversation) : failure;
        return STATE_CRITICAL;
    }
    if (json_is_true(json_object_get(known, "working")))
        return STATE_OK;
    *note = "not spoken to";
    return STATE_UNKNOWN;
}

/* What is known of an address: whether it works, under which TLS, what was found. */
static enum state address_state(struct page *page, const struct mailcheck_subject *subject,
                                const char *host, const char *address, const char **note)
{
    struct arena *arena = page->facts->arena;
    const char *protocol = page_member(conversation_with(subject, "starttls", address), "protocol");
    size_t count;
    enum state worst = worst_finding(subject, address, &count);
    enum state state = reach(page, subject, host, address, note);
    if (state == STATE_OK && protocol != NULL)
        *note = arena_format(arena, "%s, TLS %s", *note, protocol);
    else if (state == STATE_OK)
        *note = arena_format(arena, "%s, no TLS seen", *note);
    if (count > 0)
        *note = arena_format(arena, "%s; %zu finding%s", *note, count, count == 1 ? "" : "s");
    return state_worse(state, worst);
}

/* The rows that an exchanger takes: one for each address, at least one. */
static size_t rows_of(const struct exchanger *exchanger)
{
    return exchanger->address_count > 0 ? exchanger->address_count : 1;
}

static void write_exchanger(struct page *page, const struct mailcheck_subject *subject,
                            const struct exchanger *exchanger, int top, int domain_y)
{
    enum state worst = STATE_OK;
    int rows = (int)rows_of(exchanger);
    int y = top + (rows - 1) * ROW / 2;
    for (size_t i = 0; i < exchanger->address_count; i++) {
        char text[IP_TEXT_SIZE];
        const char *note;
        const char *address = ip_print(&exchanger->addresses[i], text);
        enum state state = address_state(page, subject, exchanger->host, address, &note);
        struct box box = {ADDRESS_X, top + (int)i * ROW, ADDRESS_WIDTH, page_class(state), address,
                          note};
        write_wire(page, HOST_X + HOST_WIDTH, y + BOX_HEIGHT / 2, ADDRESS_X, box.y + BOX_HEIGHT / 2,
                   box.state);
        write_box(page, &box);
        worst = state_worse(worst, state);
    }
    if (exchanger->address_count == 0)
        worst = exchanger->is_resolved ? STATE_CRITICAL : STATE_UNKNOWN;
    struct box box = {
        HOST_X,
        y,
        HOST_WIDTH,
        page_class(worst),
        exchanger->host,
        exchanger->address_count == 0
            ? "no address"
            : arena_format(page->facts->arena, "preference %u", exchanger->preference)};
    write_wire(page, DOMAIN_X + DOMAIN_WIDTH, domain_y, HOST_X, y + BOX_HEIGHT / 2, box.state);
    write_box(page, &box);
}

void page_path(struct page *page, const struct mailcheck_subject *subject)
{
    size_t rows = 0;
    const struct exchangers *exchangers = &subject->exchangers;
    if (subject->is_address ||
        (exchangers->status != EXCHANGERS_FOUND && exchangers->status != EXCHANGERS_IMPLICIT))
        return;
    for (size_t i = 0; i < exchangers->count; i++)
        rows += exchangers->list[i].is_null ? 0 : rows_of(&exchangers->list[i]);
    int height = (int)rows * ROW + 10;
    int middle = height / 2;
    text_printf(page->out,
                "<h3>The path of a mail</h3>\n<div class=\"scroll\"><svg role=\"img\" "
                "aria-label=\"Exchangers and addresses\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                "height=\"%d\">\n",
                WIDTH, height, WIDTH, height);
    int top = 8;
    for (size_t i = 0; i < exchangers->count; i++) {
        if (exchangers->list[i].is_null)
            continue;
        write_exchanger(page, subject, &exchangers->list[i], top, middle);
        top += (int)rows_of(&exchangers->list[i]) * ROW;
    }
    struct box box = {DOMAIN_X,
                      middle - BOX_HEIGHT / 2,
                      DOMAIN_WIDTH,
                      "",
                      subject->name,
                      exchangers->status == EXCHANGERS_IMPLICIT ? "no MX: its own address"
                                                                : "mail for this domain"};
    write_box(page, &box);
    text_append(page->out, "</svg></div>\n");
}
