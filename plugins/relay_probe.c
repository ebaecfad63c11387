#include "relay_probe.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "mail/ip.h"

#define FILLED_MAX 1024

static const struct group_word {
    const char *word;
    enum relay_group group;
} GROUPS[] = {
    {"relay",         RELAY_GROUP_RELAY  },
    {"routed",        RELAY_GROUP_ROUTED },
    {"control-sink",  RELAY_CONTROL_SINK },
    {"control-local", RELAY_CONTROL_LOCAL},
    {"control-us",    RELAY_CONTROL_US   },
};

static const char *const SETS[] = {
    [RELAY_SET_DECIDING] = "deciding",
    [RELAY_SET_DEFAULT] = "default",
    [RELAY_SET_EXTENDED] = "extended",
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

bool relay_group_is_control(enum relay_group group)
{
    return group != RELAY_GROUP_RELAY && group != RELAY_GROUP_ROUTED;
}

/* ---- filling in */

static const char *name_of(char letter, const struct relay_names *names)
{
    switch (letter) {
    case 'F':
        return names->from;
    case 'T':
        return names->to;
    case 'L':
        return names->local;
    case 'X':
        return names->foreign;
    case 'H':
        return names->host;
    case 'D':
        return names->domain;
    case 'I':
        return names->literal;
    case 'R':
        return names->random;
    default:
        return NULL;
    }
}

const char *relay_probe_fill(struct arena *arena, const char *form, const struct relay_names *names)
{
    struct text text;
    bool is_known = true;
    text_init(&text, FILLED_MAX);
    for (const char *at = form; *at != '\0' && is_known; at++) {
        if (*at != '{') {
            text_append_char(&text, *at);
            continue;
        }
        const char *name = name_of(at[1], names);
        is_known = name != NULL;
        text_append(&text, is_known ? name : "");
        at += 2;
    }
    const char *filled = is_known && !text.truncated ? arena_copy(arena, text.start) : NULL;
    text_release(&text);
    return filled;
}

struct slice relay_probe_right(const char *form)
{
    const char *at = strrchr(form, '@');
    struct slice right = slice_of(at == NULL ? "" : at + 1);
    return slice_sub(right, 0, slice_find(right, '>'));
}

/* ---- reading */

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_reserved(struct slice label)
{
    static const char *const NAMES[] = {"test", "example", "invalid", "localhost"};
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        if (slice_equals_text_ignoring_case(label, NAMES[i])) {
            return true;
        }
    }
    return false;
}

/* A domain whose last label is nobody's, or an address of documentation or loopback. */
static bool is_nobodys(struct slice domain)
{
    struct ip_address address;
    struct slice literal = domain;
    if (slice_starts_with_ignoring_case(literal, "IPv6:")) {
        literal = slice_sub(literal, sizeof "IPv6:" - 1, literal.length);
    }
    if (ip_parse(literal, &address)) {
        return ip_scope(&address) == IP_DOCUMENTATION || ip_scope(&address) == IP_LOOPBACK;
    }
    struct slice label = slice_trim(domain, ".");
    for (size_t dot = slice_find(label, '.'); dot < label.length; dot = slice_find(label, '.')) {
        label = slice_sub(label, dot + 1, label.length);
    }
    return label.length == 0 || is_reserved(label);
}

static bool is_of_domain(char c)
{
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == ':';
}

/* A run of such characters is a domain when it has a dot, stands in brackets or behind "@". A colon
 * in it ends a source route, or is of an IPv6 address. */
static bool is_strange(struct slice form, size_t from, size_t end)
{
    struct slice rest = slice_sub(form, from, end - from);
    struct slice part;
    char left = (char)(from > 0 ? form.start[from - 1] : '\0');
    if (left == '[') {
        return !is_nobodys(rest);
    }
    for (bool is_domain = left == '@'; slice_split(&rest, ':', &part); is_domain = false) {
        struct slice name = slice_trim(part, ".");
        if ((is_domain || slice_find(name, '.') < name.length) && !is_nobodys(part)) {
            return true;
        }
    }
    return false;
}

/* In what the form becomes with names that are nobody's there is a name that may be somebody's. */
static bool names_a_stranger(struct slice form)
{
    for (size_t at = 0; at < form.length;) {
        size_t end = at;
        while (end < form.length && is_of_domain(form.start[end])) {
            end++;
        }
        if (end > at && is_strange(form, at, end)) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

/* "x{X}" is another domain than {X}; "+40" is how gateways write "@". */
static bool is_glued(struct slice form)
{
    for (size_t at = 1; at + 1 < form.length; at++) {
        char before = form.start[at - 1];
        bool is_name =
            form.start[at] == '{' && slice_find(SLICE_LITERAL("XHD"), form.start[at + 1]) < 3;
        bool is_at = at >= 3 && slice_equals_text(slice_sub(form, at - 3, 3), "+40");
        bool is_part = is_alphanumeric(before) || before == '-' || before == '_' || before == '}';
        if (is_name && is_part && !is_at) {
            return true;
        }
    }
    return false;
}

/* form = 1*( VCHAR / SP / "{" name "}" ) */
static const char *fault_of(struct slice form, struct arena *arena)
{
    static const struct relay_names ALL = {
        "l@x.test", "l@x.test", "l", "x.test", "h.test", "d.test", "192.0.2.1", "r",
    };
    if (form.length == 0 || form.length > RELAY_FORM_MAX) {
        return "an address is missing, or is longer than 256 octets";
    }
    for (size_t i = 0; i < form.length; i++) {
        unsigned char c = (unsigned char)form.start[i];
        if (c < ' ' || c > '~') {
            return "an address has a character that is no printable ASCII";
        }
        if (c == '{' && (i + 2 >= form.length || form.start[i + 2] != '}' ||
                         name_of(form.start[i + 1], &ALL) == NULL)) {
            return "braces hold one of F, T, L, X, H, D, I, R";
        }
        i += c == '{' ? 2 : 0;
    }
    const char *filled = relay_probe_fill(arena, arena_copy_slice(arena, form), &ALL);
    return filled == NULL || is_glued(form) || names_a_stranger(slice_of(filled))
               ? "a domain is written out: a probe must not be for a third party"
               : NULL;
}

/* The next column; what is behind it stays in *rest. */
static struct slice take_column(struct slice *rest)
{
    struct slice trimmed = slice_trim(*rest, " \t");
    size_t end = 0;
    while (end < trimmed.length && trimmed.start[end] != ' ' && trimmed.start[end] != '\t') {
        end++;
    }
    *rest = slice_trim(slice_sub(trimmed, end, trimmed.length), " \t");
    return slice_sub(trimmed, 0, end);
}

static bool is_id(struct slice id)
{
    for (size_t i = 0; i < id.length; i++) {
        if (!is_alphanumeric(id.start[i]) && id.start[i] != '-') {
            return false;
        }
    }
    return id.length > 0 && id.length <= RELAY_ID_MAX && id.start[0] != '-';
}

static bool read_group(struct slice word, enum relay_group *group)
{
    for (size_t i = 0; i < COUNT_OF(GROUPS); i++) {
        if (slice_equals_text(word, GROUPS[i].word)) {
            *group = GROUPS[i].group;
            return true;
        }
    }
    return false;
}

static bool read_set(struct slice word, enum relay_set *set)
{
    for (size_t i = 0; i < COUNT_OF(SETS); i++) {
        if (slice_equals_text(word, SETS[i])) {
            *set = (enum relay_set)i;
            return true;
        }
    }
    return false;
}

static const char *read_addresses(struct relay_probe *probe, struct arena *arena,
                                  struct slice sender, struct slice recipient)
{
    const char *fault = NULL;
    bool is_command = slice_equals_text(sender, "-");
    if (is_command && slice_equals_text(recipient, "XCLIENT")) {
        probe->kind = RELAY_KIND_XCLIENT;
    } else if (is_command && slice_equals_text(recipient, "XFORWARD")) {
        probe->kind = RELAY_KIND_XFORWARD;
    } else if (is_command || !slice_starts_with(sender, "<")) {
        return "the sender is <ADDRESS>, or - before XCLIENT or XFORWARD";
    } else {
        fault = fault_of(sender, arena);
        fault = fault != NULL ? fault : fault_of(recipient, arena);
    }
    probe->sender = arena_copy_slice(arena, sender);
    probe->recipient = arena_copy_slice(arena, recipient);
    return fault;
}

/* NULL, or what is wrong. */
static const char *read_line(struct slice line, struct arena *arena, struct relay_probe *probe)
{
    struct slice rest = line;
    struct slice id = take_column(&rest);
    struct slice group = take_column(&rest);
    struct slice set = take_column(&rest);
    struct slice ehlo = take_column(&rest);
    struct slice sender = take_column(&rest);
    *probe = (struct relay_probe){.kind = RELAY_KIND_MAIL};
    if (!is_id(id)) {
        return "an id has 1 to 24 letters, digits and hyphens";
    }
    if (!read_group(group, &probe->group)) {
        return "the group is relay, routed, control-sink, control-local or control-us";
    }
    if (!read_set(set, &probe->set)) {
        return "the set is deciding, default or extended";
    }
    if (!slice_equals_text(ehlo, "-")) {
        const char *fault = fault_of(ehlo, arena);
        if (fault != NULL) {
            return fault;
        }
        probe->ehlo = arena_copy_slice(arena, ehlo);
    }
    probe->id = arena_copy_slice(arena, id);
    return read_addresses(probe, arena, sender, rest);
}

size_t relay_probe_find(const struct relay_table *table, const char *id)
{
    for (size_t i = 0; i < table->count; i++) {
        if (slice_equals_text_ignoring_case(slice_of(table->list[i].id), id)) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* `earlier` is how many probes other files gave. NULL, or what is wrong. */
static const char *enter(struct relay_table *table, struct arena *arena, size_t earlier,
                         bool *replaced, const struct relay_probe *probe)
{
    size_t place = relay_probe_find(table, probe->id);
    if (place != SIZE_MAX && (place >= earlier || replaced[place])) {
        return "the id stands there before";
    }
    if (place == SIZE_MAX) {
        if (table->count == RELAY_PROBES_MAX) {
            return "there are more than 500 probes";
        }
        if (table->count == table->capacity) {
            size_t capacity = table->capacity == 0 ? 128 : table->capacity * 2;
            struct relay_probe *list = arena_array(arena, capacity, sizeof *list);
            if (table->count > 0) {
                memcpy(list, table->list, table->count * sizeof *list);
            }
            table->list = list;
            table->capacity = capacity;
        }
        place = table->count++;
    } else {
        replaced[place] = true;
    }
    table->list[place] = *probe;
    return NULL;
}

bool relay_probe_read(struct relay_table *table, struct arena *arena, struct slice text,
                      const char *file, char message[static 256])
{
    bool replaced[RELAY_PROBES_MAX] = {false};
    size_t earlier = table->count;
    struct slice rest = text;
    struct slice line;
    if (text.length > RELAY_PROBE_TEXT_MAX) {
        snprintf(message, 256, "%s: more than 256 KB", file);
        return false;
    }
    for (size_t number = 1; rest.start != NULL && slice_split(&rest, '\n', &line); number++) {
        struct relay_probe probe;
        line = slice_trim(line, " \t\r");
        if (line.length == 0 || line.start[0] == '#') {
            continue;
        }
        const char *fault = read_line(line, arena, &probe);
        fault = fault != NULL ? fault : enter(table, arena, earlier, replaced, &probe);
        if (fault != NULL) {
            snprintf(message, 256, "%s:%zu: %s", file, number, fault);
            return false;
        }
    }
    return true;
}
