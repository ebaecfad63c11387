#include "mail/bounce_fields.h"

#include <string.h>

bool bounce_line_take(struct slice *rest, struct slice *line)
{
    if (rest->length == 0)
        return false;
    const char *newline = memchr(rest->start, '\n', rest->length);
    size_t length = newline != NULL ? (size_t)(newline - rest->start) : rest->length;
    *line = slice_new(rest->start, length);
    *rest = slice_sub(*rest, length + (newline != NULL), rest->length);
    return true;
}

static bool is_name_octet(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

#define NAME_MAX_LENGTH 76

bool bounce_field_split(struct slice line, struct slice *name, struct slice *value)
{
    size_t end = 0;

    while (end < line.length && end < NAME_MAX_LENGTH && is_name_octet(line.start[end]))
        end++;
    size_t colon = end;
    while (colon < line.length && is_blank(line.start[colon]))
        colon++;
    if (end == 0 || colon >= line.length || line.start[colon] != ':')
        return false;
    *name = slice_sub(line, 0, end);
    *value = slice_trim(slice_sub(line, colon + 1, BOUNCE_FIELD_VALUE_MAX), " \t");
    return true;
}

/* Whether the next line belongs to the field before it. */
static bool goes_on(struct slice rest)
{
    size_t i = 0;

    if (rest.length == 0 || !is_blank(rest.start[0]))
        return false;
    while (i < rest.length && is_blank(rest.start[i]))
        i++;
    return i < rest.length && rest.start[i] != '\n';
}

bool bounce_field_take(struct arena *arena, struct slice *rest, struct bounce_field *field)
{
    struct slice line;
    struct slice after = *rest;

    if (!bounce_line_take(&after, &line) || !bounce_field_split(line, &field->name, &field->value))
        return false;
    *rest = after;
    if (!goes_on(after))
        return true;
    const char *start = field->value.start;
    while (goes_on(*rest))
        (void)bounce_line_take(rest, &line);
    size_t length = (size_t)(line.start + line.length - start);
    if (length > BOUNCE_FIELD_VALUE_MAX)
        length = BOUNCE_FIELD_VALUE_MAX;
    char *value = arena_copy_bytes(arena, start, length);
    for (size_t i = 0; i < length; i++)
        if (value[i] == '\n')
            value[i] = ' ';
    field->value = slice_trim(slice_new(value, length), " \t");
    return true;
}

#define STRANGE_LINES_MAX 3

void bounce_fields_read(struct arena *arena, struct slice *rest, struct bounce_fields *fields)
{
    struct bounce_field found[64];
    size_t count = 0;
    size_t strange = 0;
    struct slice line = {0};

    *fields = (struct bounce_fields){0};
    struct slice before = *rest; /* where the strange lines began */
    while (rest->length > 0) {
        struct bounce_field field;

        if (bounce_field_take(arena, rest, &field)) {
            strange = 0;
            if (count == sizeof found / sizeof found[0] && fields->fields == NULL) {
                fields->fields = arena_array(arena, BOUNCE_FIELDS_MAX, sizeof field);
                memcpy(fields->fields, found, sizeof found);
            }
            if (count < BOUNCE_FIELDS_MAX)
                (fields->fields != NULL ? fields->fields : found)[count++] = field;
            continue;
        }
        if (strange == 0)
            before = *rest;
        (void)bounce_line_take(rest, &line);
        if (slice_trim(line, " \t").length == 0)
            break;
        /* One long word is what is left of a field that somebody folded wrongly. */
        if (slice_find(line, ' ') == line.length)
            continue;
        if (++strange == STRANGE_LINES_MAX) {
            *rest = before;
            break;
        }
    }
    fields->count = count;
    if (fields->fields == NULL && count > 0)
        fields->fields = arena_copy_bytes(arena, found, count * sizeof found[0]);
}

struct slice bounce_fields_get(const struct bounce_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (slice_equals_text_ignoring_case(fields->fields[i].name, name))
            return fields->fields[i].value;
    return (struct slice){0};
}

struct slice bounce_field_parameter(struct slice value, const char *name)
{
    struct slice part;
    struct slice rest = value;

    while (rest.start != NULL && slice_split(&rest, ';', &part)) {
        part = slice_trim(part, " \t");
        size_t equals = slice_find(part, '=');
        if (equals == part.length ||
            !slice_equals_text_ignoring_case(slice_trim(slice_sub(part, 0, equals), " \t"), name))
            continue;
        struct slice found = slice_trim(slice_sub(part, equals + 1, part.length), " \t");
        if (found.length == 0 || found.start[0] != '"')
            return found;
        /* A quoted value may hold a semicolon, so it ends with its quotation mark. */
        size_t offset = (size_t)(found.start - value.start) + 1;
        struct slice quoted = slice_sub(value, offset, value.length);
        return slice_sub(quoted, 0, slice_find(quoted, '"'));
    }
    return (struct slice){0};
}
