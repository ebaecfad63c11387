/*
 * Fields of a message or a report, "Name: value", read with patience.
 *
 * RFC 5322 2.2 and RFC 3464 2.1.1 as they come in real life: blanks before the colon, odd case,
 * values over several lines, lines quoted by "> ", a missing blank line at the end. Line ends are
 * LF; bounce_text_normalize() makes them so. What is no field is passed over.
 */
#ifndef COMMON_MAIL_BOUNCE_FIELDS_H
#define COMMON_MAIL_BOUNCE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

/* Bounds: what is longer or more is left off. */
#define BOUNCE_FIELDS_MAX 512
#define BOUNCE_FIELD_VALUE_MAX 16384

struct bounce_field {
    struct slice name;
    struct slice value; /* unfolded: line ends within it are one blank each; trimmed */
};

struct bounce_fields {
    struct bounce_field *fields;
    size_t count;
};

/* Takes a line off *rest, without its end. False: there is none. */
bool bounce_line_take(struct slice *rest, struct slice *line);

/* The name and the value of a line "Name: value". False: it is no field. Names are letters, digits,
 * "-" and "_". */
bool bounce_field_split(struct slice line, struct slice *name, struct slice *value);

/* Takes a field with the lines that go on from it (begin with a blank and are not blank) off *rest.
 * False: the first line is no field, and nothing was taken. */
bool bounce_field_take(struct arena *arena, struct slice *rest, struct bounce_field *field);

/* The fields of a header, up to a blank line or the end. *rest is left behind the blank line. A
 * line that is no field is passed over, except that the header ends after three such lines in a
 * row: those, then, belong to the rest. */
void bounce_fields_read(struct arena *arena, struct slice *rest, struct bounce_fields *fields);

/* The value of the first field of the name, in any case; .start is NULL when there is none. */
struct slice bounce_fields_get(const struct bounce_fields *fields, const char *name);

/* The value of "name=value" or name="value" behind a semicolon; .start is NULL when there is
 * none. */
struct slice bounce_field_parameter(struct slice value, const char *name);

#endif
