/*
 * Slice: a view of characters that somebody else owns.
 *
 * Not NUL-terminated and possibly with NUL inside: what came from the network is a slice until it
 * was parsed. "Case" is ASCII case everywhere: the protocols know no other.
 */
#ifndef COMMON_BASE_SLICE_H
#define COMMON_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const char *start;
    size_t length;
};

#define SLICE_LITERAL(text) ((struct slice){(text), sizeof(text) - 1})
/* For printf: printf("%.*s", SLICE_PRINTF(s)). Only for text without NUL. */
#define SLICE_PRINTF(slice) (int)(slice).length, (slice).start

struct slice slice_of(const char *text);
struct slice slice_new(const char *start, size_t length);

bool slice_equals(struct slice a, struct slice b);
bool slice_equals_text(struct slice a, const char *text);
bool slice_equals_ignoring_case(struct slice a, struct slice b);
bool slice_equals_text_ignoring_case(struct slice a, const char *text);
bool slice_starts_with(struct slice slice, const char *prefix);
bool slice_starts_with_ignoring_case(struct slice slice, const char *prefix);
bool slice_ends_with_ignoring_case(struct slice slice, const char *suffix);

/* Offset of the first `character`, or slice.length when there is none. */
size_t slice_find(struct slice slice, char character);
/* Offset of the first occurrence of `text`, or slice.length. */
size_t slice_find_text(struct slice slice, const char *text);

/* The part from `from` (at most the length) with at most `length` characters. */
struct slice slice_sub(struct slice slice, size_t from, size_t length);

/* Without the leading and trailing characters that stand in `set`. */
struct slice slice_trim(struct slice slice, const char *set);

/* Without the byte order mark that some editors put before UTF-8 (RFC 3629 6). */
struct slice slice_skip_bom(struct slice slice);

/* Takes the part before the first `separator` into *part and leaves the rest in *rest. False when
 * *rest had been used up: "a,,b" gives "a", "", "b"; "" gives "" once. Start with rest->start !=
 * NULL; after the last part rest->start is NULL. */
bool slice_split(struct slice *rest, char separator, struct slice *part);

/* Decimal digits only (no sign, no blank), the whole slice, at most `maximum`. */
bool slice_to_number(struct slice slice, uint64_t maximum, uint64_t *number);

/* Number of edits (insert, delete, replace, swap of neighbours) between two short words, ignoring
 * case; for "did you mean". Words over 64 characters give SIZE_MAX. */
size_t slice_distance(struct slice a, struct slice b);

#endif
