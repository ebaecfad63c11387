#include "base/slice.h"

#include <string.h>

#define DISTANCE_LONGEST 64

struct slice slice_of(const char *text)
{
    return slice_new(text, strlen(text));
}

struct slice slice_new(const char *start, size_t length)
{
    return (struct slice){start, length};
}

/* tolower() asks the locale and takes no negative char. */
static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

static bool same(const char *a, const char *b, size_t length)
{
    return length == 0 || memcmp(a, b, length) == 0;
}

static bool same_ignoring_case(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

bool slice_equals(struct slice a, struct slice b)
{
    return a.length == b.length && same(a.start, b.start, a.length);
}

bool slice_equals_text(struct slice a, const char *text)
{
    return slice_equals(a, slice_of(text));
}

bool slice_equals_ignoring_case(struct slice a, struct slice b)
{
    return a.length == b.length && same_ignoring_case(a.start, b.start, a.length);
}

bool slice_equals_text_ignoring_case(struct slice a, const char *text)
{
    return slice_equals_ignoring_case(a, slice_of(text));
}

bool slice_starts_with(struct slice slice, const char *prefix)
{
    size_t length = strlen(prefix);

    return length <= slice.length && same(slice.start, prefix, length);
}

bool slice_starts_with_ignoring_case(struct slice slice, const char *prefix)
{
    size_t length = strlen(prefix);

    return length <= slice.length && same_ignoring_case(slice.start, prefix, length);
}

bool slice_ends_with_ignoring_case(struct slice slice, const char *suffix)
{
    size_t length = strlen(suffix);

    if (length > slice.length)
        return false;
    return slice_equals_text_ignoring_case(slice_sub(slice, slice.length - length, length), suffix);
}

size_t slice_find(struct slice slice, char character)
{
    if (slice.length == 0)
        return 0;

    const char *found = memchr(slice.start, character, slice.length);

    return found == NULL ? slice.length : (size_t)(found - slice.start);
}

size_t slice_find_text(struct slice slice, const char *text)
{
    size_t length = strlen(text);

    for (size_t from = 0; from + length <= slice.length; from++) {
        struct slice rest = slice_sub(slice, from, slice.length);

        if (length == 0)
            return from;
        from += slice_find(rest, text[0]);
        if (slice_starts_with(slice_sub(slice, from, slice.length), text))
            return from;
    }
    return slice.length;
}

struct slice slice_sub(struct slice slice, size_t from, size_t length)
{
    if (slice.length == 0)
        return slice;
    if (from > slice.length)
        from = slice.length;
    if (length > slice.length - from)
        length = slice.length - from;
    return slice_new(slice.start + from, length);
}

/* strchr() would find the NUL that ends `set`. */
static bool stands_in(char character, const char *set)
{
    return character != '\0' && strchr(set, character) != NULL;
}

struct slice slice_trim(struct slice slice, const char *set)
{
    while (slice.length > 0 && stands_in(slice.start[0], set))
        slice = slice_sub(slice, 1, slice.length);
    while (slice.length > 0 && stands_in(slice.start[slice.length - 1], set))
        slice.length--;
    return slice;
}

struct slice slice_skip_bom(struct slice slice)
{
    static const char mark[] = "\xef\xbb\xbf";

    return slice_starts_with(slice, mark) ? slice_sub(slice, sizeof mark - 1, slice.length) : slice;
}

bool slice_split(struct slice *rest, char separator, struct slice *part)
{
    if (rest->start == NULL)
        return false;

    size_t end = slice_find(*rest, separator);

    *part = slice_sub(*rest, 0, end);
    *rest = end < rest->length ? slice_sub(*rest, end + 1, rest->length) : (struct slice){0};
    return true;
}

bool slice_to_number(struct slice slice, uint64_t maximum, uint64_t *number)
{
    uint64_t value = 0;

    if (slice.length == 0)
        return false;
    for (size_t i = 0; i < slice.length; i++) {
        char character = slice.start[i];

        if (character < '0' || character > '9')
            return false;

        uint64_t digit = (uint64_t)(character - '0');

        if (digit > maximum || value > (maximum - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: row[i % 3][j] is the distance of the first i characters of `a` to the
 * first j of `b`; the swap looks two rows back. */
size_t slice_distance(struct slice a, struct slice b)
{
    size_t row[3][DISTANCE_LONGEST + 1];

    if (a.length > DISTANCE_LONGEST || b.length > DISTANCE_LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.length; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a.length; i++) {
        const size_t *before = row[(i - 1) % 3];
        size_t *now = row[i % 3];

        now[0] = i;
        for (size_t j = 1; j <= b.length; j++) {
            char left = lower(a.start[i - 1]);
            char right = lower(b.start[j - 1]);

            now[j] = least(before[j], now[j - 1]) + 1;
            now[j] = least(now[j], before[j - 1] + (left == right ? 0 : 1));
            if (i > 1 && j > 1 && left == lower(b.start[j - 2]) && right == lower(a.start[i - 2]))
                now[j] = least(now[j], row[(i - 2) % 3][j - 2] + 1);
        }
    }
    return row[a.length % 3][b.length];
}
