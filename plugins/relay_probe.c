#include "relay_probe.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

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

/* The last label of a domain that is written out: a dot, then a letter. Dots of an address literal
 * have digits behind them. */
static bool names_a_stranger(struct slice form)
{
    for (size_t i = 0; i + 1 < form.length; i++) {
        size_t end = i + 1;
        while (end < form.length && (is_alphanumeric(form.start[end]) || form.start[end] == '-')) {
            end++;
        }
        bool is_last = end == form.length || form.start[end] != '.' || end + 1 == form.length ||
                       !is_alphanumeric(form.start[end + 1]);
        struct slice label = slice_sub(form, i + 1, end - i - 1);
        bool is_number = label.length > 0 && label.start[0] >= '0' && label.start[0] <= '9';
        if (form.start[i] == '.' && label.length > 0 && is_last && !is_number &&
            !is_reserved(label)) {
            return true;
        }
    }
    return false;
}

/* form = 1*( VCHAR / SP / "{" name "}" ) */
static const char *fault_of(struct slice form)
{
    static const struct relay_names ALL = {"", "", "", "", "", "", "", ""};
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
    return names_a_stranger(form) ? "a domain is written out: a probe must not be for a third party"
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
        fault = fault_of(sender);
        fault = fault != NULL ? fault : fault_of(recipient);
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
        const char *fault = fault_of(ehlo);
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
