/* The path of a mail: the domain, its exchangers by preference, their addresses with state and TLS.
 */
#include <string.h>

#include "page.h"

#define ROW 46
#define BOX_HEIGHT 36
#define NODES_MAX 400
#define NAME_MAX 34
#define NOTE_MAX 44

enum depth {
    DOMAIN,
    HOST,
    ADDRESS,
    DEPTHS,
};

struct node {
    enum depth depth;
    size_t parent;
    const char *state; /* class; "" for none */
    const char *name, *note;
    int y;
};

struct path {
    struct page *page;
    const struct mailcheck_subject *subject;
    struct node nodes[NODES_MAX]; /* each before those below it */
    size_t count;
    size_t omitted;
};

/* Beside each other, and below each other where the page is narrow. */
struct layout {
    const char *class;
    struct {
        int x, width;
    } boxes[DEPTHS];
    int width;
    bool is_tree;
};
static const struct layout wide = {
    .class = "wide",
    .boxes = {{10, 210}, {270, 280}, {600, 330}},
    .width = 940,
};
static const struct layout narrow = {
    .class = "narrow",
    .boxes = {{4, 342}, {24, 322}, {44, 302}},
    .width = 350,
    .is_tree = true,
};

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
    const json_t *conversation = conversation_with(subject, "starttls", address);
    const char *protocol = page_member(conversation, "protocol");
    size_t count;
    enum state worst = worst_finding(subject, address, &count);
    enum state state = reach(page, subject, host, address, note);
    if (state == STATE_OK && protocol != NULL)
        *note = arena_format(arena, "%s, TLS %s", *note, protocol);
    else if (state == STATE_OK && conversation != NULL)
        *note = arena_format(arena, "%s, no TLS", *note);
    if (count > 0)
        *note = arena_format(arena, "%s; %zu finding%s", *note, count, count == 1 ? "" : "s");
    return state_worse(state, worst);
}

/* ---- what is drawn */

/* The place of the new node; the caller may change it. NULL: there is no room. */
static struct node *add(struct path *path, enum depth depth, size_t parent, const char *name,
                        const char *note)
{
    if (path->count == NODES_MAX) {
        path->omitted++;
        return NULL;
    }
    struct node *node = &path->nodes[path->count++];
    *node =
        (struct node){.depth = depth, .parent = parent, .state = "", .name = name, .note = note};
    return node;
}

static void add_exchanger(struct path *path, const struct exchanger *exchanger)
{
    struct arena *arena = path->page->facts->arena;
    enum state worst = STATE_OK;
    size_t own = path->count;
    struct node *host = add(path, HOST, 0, exchanger->host, "");
    if (host == NULL)
        return;
    for (size_t i = 0; i < exchanger->address_count; i++) {
        char text[IP_TEXT_SIZE];
        const char *note;
        const char *address = arena_copy(arena, ip_print(&exchanger->addresses[i], text));
        enum state state =
            address_state(path->page, path->subject, exchanger->host, address, &note);
        struct node *node = add(path, ADDRESS, own, address, note);
        worst = state_worse(worst, state);
        if (node == NULL)
            continue;
        node->state = page_class(state);
    }
    if (exchanger->address_count == 0)
        worst = exchanger->is_resolved ? STATE_CRITICAL : STATE_UNKNOWN;
    host->state = page_class(worst);
    host->note = exchanger->is_literal ? "an address in place of a name"
                 : exchanger->address_count > 0
                     ? arena_format(arena, "preference %u", exchanger->preference)
                 : exchanger->is_resolved ? "no address"
                                          : "its addresses are not known";
}

static void find_nodes(struct path *path)
{
    const struct exchangers *exchangers = &path->subject->exchangers;
    add(path, DOMAIN, 0, path->subject->name,
        exchangers->status == EXCHANGERS_IMPLICIT ? "no MX: its own address"
                                                  : "mail for this domain");
    for (size_t i = 0; i < exchangers->count; i++) {
        if (!exchangers->list[i].is_null && !exchangers->list[i].is_duplicate)
            add_exchanger(path, &exchangers->list[i]);
    }
}

/* ---- how */

/* Each node beside the middle of those below it; a row for one that has none. Returns the height.
 */
static int place(struct path *path, const struct layout *layout)
{
    int rows = 0;
    for (size_t i = 0; i < path->count; i++) {
        bool is_last = i + 1 == path->count || path->nodes[i + 1].depth <= path->nodes[i].depth;
        path->nodes[i].y = 8 + rows * ROW;
        rows += layout->is_tree || is_last;
    }
    for (size_t i = path->count; !layout->is_tree && i-- > 0;) {
        int first = 0;
        int last = 0;
        for (size_t k = i + 1; k < path->count; k++) {
            if (path->nodes[k].parent != i || path->nodes[k].depth != path->nodes[i].depth + 1)
                continue;
            first = first == 0 ? path->nodes[k].y : first;
            last = path->nodes[k].y;
        }
        if (last != 0)
            path->nodes[i].y = (first + last) / 2;
    }
    return rows * ROW + 10;
}

static void write_wire(const struct path *path, const struct layout *layout,
                       const struct node *node)
{
    const struct node *parent = &path->nodes[node->parent];
    struct text *out = path->page->out;
    int x1 = layout->boxes[parent->depth].x;
    int x2 = layout->boxes[node->depth].x;
    int y2 = node->y + BOX_HEIGHT / 2;
    if (layout->is_tree) {
        text_printf(out, "<path class=\"wire %s\" d=\"M%d %dV%dH%d\"/>\n", node->state, x1 + 10,
                    parent->y + BOX_HEIGHT, y2, x2);
        return;
    }
    int y1 = parent->y + BOX_HEIGHT / 2;
    x1 += layout->boxes[parent->depth].width;
    text_printf(out, "<path class=\"wire %s\" d=\"M%d %dC%d %d %d %d %d %d\"/>\n", node->state, x1,
                y1, (x1 + x2) / 2, y1, (x1 + x2) / 2, y2, x2, y2);
}

static void write_box(const struct path *path, const struct layout *layout, const struct node *node)
{
    struct page *page = path->page;
    int x = layout->boxes[node->depth].x;
    text_printf(page->out,
                "<rect class=\"box %s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>"
                "<text x=\"%d\" y=\"%d\">",
                node->state, x, node->y, layout->boxes[node->depth].width, BOX_HEIGHT, x + 8,
                node->y + 15);
    page_write_cut(page, node->name, NAME_MAX);
    text_printf(page->out, "</text><text class=\"small\" x=\"%d\" y=\"%d\">", x + 8, node->y + 29);
    page_write_cut(page, node->note, NOTE_MAX);
    text_append(page->out, "</text>\n");
}

static void draw(struct path *path, const struct layout *layout)
{
    struct text *out = path->page->out;
    int height = place(path, layout);
    text_printf(out, "<svg class=\"%s\" role=\"img\" aria-label=\"The path of a mail to ",
                layout->class);
    page_write(path->page, path->subject->name);
    text_printf(out, "\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n", layout->width,
                height, layout->width, height);
    for (size_t i = 1; i < path->count; i++)
        write_wire(path, layout, &path->nodes[i]);
    for (size_t i = 0; i < path->count; i++)
        write_box(path, layout, &path->nodes[i]);
    text_append(out, "</svg>\n");
}

void page_path(struct page *page, const struct mailcheck_subject *subject)
{
    enum exchangers_status status = subject->exchangers.status;
    if (subject->is_address || (status != EXCHANGERS_FOUND && status != EXCHANGERS_IMPLICIT))
        return;
    struct path *path = arena_alloc(page->facts->arena, sizeof *path);
    path->page = page;
    path->subject = subject;
    find_nodes(path);
    text_append(page->out, "<h3>The path of a mail</h3>\n");
    draw(path, &wide);
    draw(path, &narrow);
    if (path->omitted > 0)
        text_printf(page->out, "<p class=\"soft\">%zu more are not drawn.</p>\n", path->omitted);
}
