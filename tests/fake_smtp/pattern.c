#include "pattern.h"

static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character + ('a' - 'A')) : character;
}

/* One element of the pattern at `at`, other than `*`, against one character. Returns the element's
 * length, 0 when it doesn't fit. */
static size_t element_fits(struct slice pattern, size_t at, char character)
{
    size_t length = pattern.start[at] == '\\' && at + 1 < pattern.length ? 2 : 1;

    if (length == 1 && pattern.start[at] == '?')
        return length;
    return lower(pattern.start[at + length - 1]) == lower(character) ? length : 0;
}

bool pattern_fits(struct slice pattern, struct slice text)
{
    size_t at = 0, seen = 0;
    size_t star = SIZE_MAX; /* behind the last one */
    size_t star_seen = 0;

    while (seen < text.length) {
        if (at < pattern.length && pattern.start[at] == '*') {
            star = ++at;
            star_seen = seen;
            continue;
        }
        size_t length = at < pattern.length ? element_fits(pattern, at, text.start[seen]) : 0;

        if (length > 0) {
            at += length;
            seen++;
        } else if (star != SIZE_MAX) {
            at = star;
            seen = ++star_seen;
        } else {
            return false;
        }
    }
    while (at < pattern.length && pattern.start[at] == '*')
        at++;
    return at == pattern.length;
}
