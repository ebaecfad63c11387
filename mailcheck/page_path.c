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

static const json_t *object_of(const struct mailcheck_subject *subject, const char *service)
{
    for (size_t i = 0; i < subject->check_count; i++) {
        if (strcmp(subject->checks[i].service, service) == 0)
            return subject->checks[i].object;
    }
    return NULL;
}

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

/* What is known of an address: whether it works, and under which TLS. */
static enum state address_state(struct page *page, const struct mailcheck_subject *subject,
                                const char *host, const char *address, const char **note)
{
    const json_t *exchanger =
        find(json_object_get(object_of(subject, "mx"), "exchangers"), "host", host);
    const json_t *known = find(json_object_get(exchanger, "addresses"), "address", address);
    const json_t *conversation =
        find(json_object_get(object_of(subject, "starttls"), "conversations"), "address", address);
    const char *protocol = page_member(conversation, "protocol");
    const char *failure = page_member(known, "failure");
    const json_t *working = json_object_get(known, "working");
    if (failure != NULL && failure[0] != '\0') {
        *note = failure;
        return STATE_CRITICAL;
    }
    if (!json_is_true(working)) {
        *note = "not spoken to";
        return STATE_UNKNOWN;
    }
    bool has_tls = protocol != NULL && protocol[0] != '\0';
    *note = has_tls ? arena_format(page->facts->arena, "works, TLS %s",
                                   strncmp(protocol, "TLS", 3) == 0 ? protocol + 3 : protocol)
                    : "works, no TLS seen";
    return has_tls ? STATE_OK : STATE_WARNING;
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
