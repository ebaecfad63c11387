#include "script_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STATEMENT_SIZE 4096
#define NEGATIVE_TTL 300

/* Thirty-two nibbles with their dots. */
#define REVERSED_SIZE 65

__attribute__((format(printf, 2, 3))) static bool add(struct script_line *line, const char *format,
                                                      ...)
{
    char statement[STATEMENT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    int written = vsnprintf(statement, sizeof(statement), format, arguments);
    va_end(arguments);
    if (written < 0 || (size_t)written >= sizeof(statement))
        return script_fail(line, "the line is too long");
    return script_parse_question(line, slice_of(statement));
}

bool script_list_soa(struct script_line *line, struct slice rest)
{
    struct slice zone = script_word(&rest);
    uint64_t ttl = NEGATIVE_TTL;

    if (zone.length == 0 || (rest.length > 0 && !slice_to_number(rest, INT32_MAX, &ttl)))
        return script_fail(line, "soa wants a zone and the TTL of negative answers");
    return add(line, "%.*s %d SOA fake-dns.invalid. hostmaster.invalid. 1 3600 600 604800 %d",
               SLICE_PRINTF(zone), (int)ttl, (int)ttl);
}

/* The first label or labels of the entry for an address: octets or nibbles from the last to the
 * first. RFC 5782 2.1, 2.4. */
static void reverse(const struct address *address, char text[static REVERSED_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *octets = address->octets;

    if (address->family == AF_INET) {
        snprintf(text, REVERSED_SIZE, "%d.%d.%d.%d", octets[3], octets[2], octets[1], octets[0]);
        return;
    }
    for (size_t i = 0; i < 16; i++) {
        char *nibbles = text + 4 * i;

        nibbles[0] = digits[octets[15 - i] & 0xF];
        nibbles[1] = '.';
        nibbles[2] = digits[octets[15 - i] >> 4];
        nibbles[3] = i < 15 ? '.' : '\0';
    }
}

static bool add_test_entries(struct script_line *line, struct slice zone, const char *listed,
                             const char *unlisted)
{
    return add(line, "%s.%.*s A 127.0.0.2", listed, SLICE_PRINTF(zone)) &&
           add(line, "%s.%.*s TXT \"test entry\"", listed, SLICE_PRINTF(zone)) &&
           add(line, "%s.%.*s ANY NXDOMAIN", unlisted, SLICE_PRINTF(zone));
}

static bool add_address_entries(struct script_line *line, struct slice zone, const char *listed,
                                const char *unlisted)
{
    struct address address;
    char listed_name[REVERSED_SIZE], unlisted_name[REVERSED_SIZE];

    address_parse(&address, slice_of(listed));
    reverse(&address, listed_name);
    address_parse(&address, slice_of(unlisted));
    reverse(&address, unlisted_name);
    return add_test_entries(line, zone, listed_name, unlisted_name);
}

bool script_list_dnsbl(struct script_line *line, struct slice rest)
{
    struct slice zone = script_word(&rest);
    bool good = true;

    if (zone.length == 0)
        return script_fail(line, "dnsbl wants a zone");
    if (rest.length == 0)
        rest = SLICE_LITERAL("ipv4");
    while (good && rest.length > 0) {
        struct slice kind = script_word(&rest);

        if (slice_equals_text(kind, "ipv4"))
            good = add_address_entries(line, zone, "127.0.0.2", "127.0.0.1");
        else if (slice_equals_text(kind, "ipv6"))
            good = add_address_entries(line, zone, "::ffff:127.0.0.2", "::ffff:127.0.0.1");
        else if (slice_equals_text(kind, "domain"))
            good = add_test_entries(line, zone, "test", "invalid");
        else
            good = script_fail(line, "\"%.*s\" is neither ipv4 nor ipv6 nor domain",
                               SLICE_PRINTF(kind));
    }
    return good;
}

bool script_list_listed(struct script_line *line, struct slice rest)
{
    struct slice zone = script_word(&rest);
    struct slice entry = script_word(&rest);
    struct slice codes = script_word(&rest);
    struct slice code;
    struct address address;
    char reversed[REVERSED_SIZE];

    if (codes.length == 0)
        return script_fail(line, "listed wants a zone, an address or domain, and codes");
    if (address_parse(&address, entry)) {
        reverse(&address, reversed);
        entry = slice_of(reversed);
    } else if (slice_ends_with_ignoring_case(entry, ".")) {
        entry.length--;
    }
    while (slice_split(&codes, ',', &code)) {
        if (!add(line, "%.*s.%.*s A %.*s", SLICE_PRINTF(entry), SLICE_PRINTF(zone),
                 SLICE_PRINTF(code)))
            return false;
    }
    if (rest.length == 0)
        return true;
    if (rest.start[0] != '"')
        return script_fail(line, "the reason stands in quotes");
    return add(line, "%.*s.%.*s TXT %.*s", SLICE_PRINTF(entry), SLICE_PRINTF(zone),
               SLICE_PRINTF(rest));
}
