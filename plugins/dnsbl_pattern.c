#include "dnsbl_pattern.h"

#include <string.h>

/*
 * pattern  = "[" v4 "]" / v4
 * v4       = field 3("." field)
 * field    = octet / "[" sequence "]"
 * sequence = member *(";" member)
 * member   = octet / octet ".." octet
 * octet    = 1*DIGIT                     ; 0 to 255
 */
struct reader {
    struct slice text;
    size_t offset;
    const char *reason; /* of the first error */
};

static bool fail(struct reader *reader, const char *reason)
{
    if (reader->reason == NULL)
        reader->reason = reason;
    return false;
}

static char peek(const struct reader *reader)
{
    return reader->offset < reader->text.length ? reader->text.start[reader->offset] : '\0';
}

static bool take(struct reader *reader, char character)
{
    if (reader->offset < reader->text.length && peek(reader) == character) {
        reader->offset++;
        return true;
    }
    return false;
}

static bool read_octet(struct reader *reader, uint8_t *octet)
{
    size_t start = reader->offset;
    unsigned value = 0;
    while (peek(reader) >= '0' && peek(reader) <= '9') {
        value = value * 10 + (unsigned)(peek(reader) - '0');
        if (value > 255)
            return fail(reader, "a number is larger than 255");
        reader->offset++;
    }
    if (reader->offset == start)
        return fail(reader, "a number from 0 to 255 is missing");
    *octet = (uint8_t)value;
    return true;
}

static bool read_member(struct reader *reader, uint8_t *low, uint8_t *high)
{
    if (!read_octet(reader, low))
        return false;
    *high = *low;
    if (!take(reader, '.'))
        return true;
    if (!take(reader, '.'))
        return fail(reader, "a range is written first..last");
    if (!read_octet(reader, high))
        return false;
    return *low <= *high || fail(reader, "a range ends before it begins");
}

static void add_range(struct dnsbl_octet_set *set, unsigned low, unsigned high)
{
    for (unsigned i = low; i <= high; i++)
        set->bits[i / 32] |= UINT32_C(1) << (i % 32);
}

/* *is_set tells that the bounds alone do not say it all. */
static bool read_field(struct reader *reader, struct dnsbl_octet_set *set, uint8_t *low,
                       uint8_t *high, bool *is_set)
{
    if (!take(reader, '[')) {
        if (!read_octet(reader, low))
            return false;
        *high = *low;
        add_range(set, *low, *high);
        return true;
    }
    *low = 255;
    *high = 0;
    for (unsigned members = 1;; members++) {
        uint8_t first, last;
        if (!read_member(reader, &first, &last))
            return false;
        add_range(set, first, last);
        *low = first < *low ? first : *low;
        *high = last > *high ? last : *high;
        *is_set = *is_set || members > 1;
        if (take(reader, ']'))
            return true;
        if (!take(reader, ';')) {
            return fail(reader, "\";\" or \"]\" is missing");
        }
    }
}

/* Brackets around everything: the first one closes at the very end. */
static struct slice strip_brackets(struct slice text)
{
    if (text.length == 0 || text.start[0] != '[')
        return text;
    size_t depth = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] == '[') {
            depth++;
        } else if (text.start[i] == ']' && --depth == 0) {
            return i + 1 == text.length ? slice_sub(text, 1, text.length - 2) : text;
        }
    }
    return text;
}

bool dnsbl_pattern_parse(struct arena *arena, struct slice text, struct dnsbl_pattern *pattern,
                         struct dnsbl_pattern_error *error)
{
    struct slice bare = strip_brackets(text);
    struct reader reader = {.text = bare};
    struct dnsbl_octet_set sets[4];
    bool is_set = false;
    memset(sets, 0, sizeof sets);
    memset(pattern, 0, sizeof *pattern);
    pattern->text = text;
    bool good = true;
    for (size_t i = 0; i < 4 && good; i++) {
        if (i > 0 && !take(&reader, '.'))
            good = fail(&reader, "four octets with dots between are wanted");
        good = good && read_field(&reader, &sets[i], &pattern->low[i], &pattern->high[i], &is_set);
    }
    if (good && reader.offset < bare.length)
        good = fail(&reader, "something follows the fourth octet");
    if (!good) {
        error->offset = reader.offset + (size_t)(bare.start - text.start);
        error->reason = reader.reason;
        return false;
    }
    if (is_set)
        pattern->sets = arena_copy_bytes(arena, sets, sizeof sets);
    return true;
}

static bool matches_octets(const struct dnsbl_pattern *pattern, const struct ip_address *address,
                           size_t count)
{
    if (address->family != IP_V4)
        return false;
    for (size_t i = 0; i < count; i++) {
        uint8_t octet = address->bytes[i];
        if (octet < pattern->low[i] || octet > pattern->high[i])
            return false;
        if (pattern->sets != NULL && (pattern->sets[i].bits[octet / 32] >> (octet % 32) & 1) == 0)
            return false;
    }
    return true;
}

bool dnsbl_pattern_matches(const struct dnsbl_pattern *pattern, const struct ip_address *address)
{
    return matches_octets(pattern, address, 4);
}

bool dnsbl_pattern_matches_bit(const struct dnsbl_pattern *pattern,
                               const struct ip_address *address)
{
    return matches_octets(pattern, address, 3) && (address->bytes[3] & pattern->low[3]) != 0;
}
