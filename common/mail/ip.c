#include "mail/ip.h"

#include <stdio.h>
#include <string.h>

#define GROUPS 8
#define NO_GAP (GROUPS + 1)

static unsigned family_width(enum ip_family family)
{
    return family == IP_V4 ? 32 : 128;
}

static bool has_leading_zero(struct slice number)
{
    return number.length > 1 && number.start[0] == '0';
}

/*
 * IPv4address = dec-octet "." dec-octet "." dec-octet "." dec-octet      (RFC 3986 3.2.2)
 * dec-octet   = 0 to 255 without leading zeros
 */
static bool parse_v4(struct slice text, uint8_t *bytes)
{
    struct slice part;
    size_t count = 0;

    while (slice_split(&text, '.', &part)) {
        uint64_t number = 0;

        if (count == 4 || has_leading_zero(part) || !slice_to_number(part, 255, &number))
            return false;
        bytes[count++] = (uint8_t)number;
    }
    return count == 4;
}

static int hex_value(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

/* h16 = 1*4HEXDIG. Returns the digits read, 0 when there are none or more than four. */
static size_t parse_group(struct slice text, uint8_t *bytes)
{
    unsigned value = 0;
    size_t length = 0;

    while (length < text.length && hex_value(text.start[length]) >= 0) {
        if (length == 4)
            return 0;
        value = value << 4 | (unsigned)hex_value(text.start[length++]);
    }
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)(value & 0xff);
    return length;
}

/* The groups before `gap` stay, those after it move to the end, the middle becomes zero. "::"
 * stands for at least one group (RFC 4291 2.2). */
static bool close_gap(uint8_t *bytes, size_t count, size_t gap)
{
    if (gap == NO_GAP)
        return count == GROUPS;
    if (count >= GROUPS)
        return false;

    size_t moved = (count - gap) * 2;

    memmove(bytes + 16 - moved, bytes + gap * 2, moved);
    memset(bytes + gap * 2, 0, 16 - moved - gap * 2);
    return true;
}

/*
 * IPv6address = 8 groups of h16 separated by ":"; one run of groups may be "::"; the last two
 * groups may be an IPv4address                                             (RFC 4291 2.2)
 */
static bool parse_v6(struct slice text, uint8_t *bytes)
{
    size_t count = 0;
    size_t gap = NO_GAP;

    if (slice_starts_with(text, "::")) {
        gap = 0;
        text = slice_sub(text, 2, text.length);
        if (text.length == 0)
            return close_gap(bytes, count, gap);
    }
    while (count < GROUPS) {
        if (slice_find(text, ':') == text.length && slice_find(text, '.') < text.length)
            return count <= GROUPS - 2 && parse_v4(text, bytes + count * 2) &&
                   close_gap(bytes, count + 2, gap);

        size_t digits = parse_group(text, bytes + count * 2);

        if (digits == 0)
            return false;
        count++;
        text = slice_sub(text, digits, text.length);
        if (text.length == 0)
            return close_gap(bytes, count, gap);
        if (slice_starts_with(text, "::")) {
            if (gap != NO_GAP)
                return false;
            gap = count;
            text = slice_sub(text, 2, text.length);
            if (text.length == 0)
                return close_gap(bytes, count, gap);
        } else if (text.start[0] == ':') {
            text = slice_sub(text, 1, text.length);
        } else {
            return false;
        }
    }
    return false;
}

bool ip_parse(struct slice text, struct ip_address *address)
{
    struct ip_address parsed = {0};

    if (text.length == 0)
        return false;
    if (slice_find(text, ':') < text.length) {
        parsed.family = IP_V6;
        if (!parse_v6(text, parsed.bytes))
            return false;
    } else {
        parsed.family = IP_V4;
        if (!parse_v4(text, parsed.bytes))
            return false;
    }
    *address = parsed;
    return true;
}

static void print_v4(const uint8_t *bytes, char *buffer, size_t size)
{
    snprintf(buffer, size, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
}

static unsigned group_at(const uint8_t *bytes, size_t group)
{
    return (unsigned)bytes[group * 2] << 8 | bytes[group * 2 + 1];
}

/* The longest run of at least two zero groups, the first of equals (RFC 5952 4.2). */
static size_t longest_gap(const uint8_t *bytes, size_t *length)
{
    size_t best = NO_GAP;

    *length = 1;
    for (size_t from = 0; from < GROUPS; from++) {
        size_t to = from;

        while (to < GROUPS && group_at(bytes, to) == 0)
            to++;
        if (to - from > *length) {
            best = from;
            *length = to - from;
        }
    }
    return best;
}

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static bool is_mapped(const struct ip_address *address)
{
    return address->family == IP_V6 &&
           memcmp(address->bytes, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

static void print_v6(const uint8_t *bytes, char *buffer, size_t size)
{
    size_t gap_length;
    size_t gap = longest_gap(bytes, &gap_length);
    size_t used = 0;

    for (size_t group = 0; group < GROUPS; group++) {
        int written;

        if (group == gap) {
            written = snprintf(buffer + used, size - used, "::");
            group += gap_length - 1;
        } else {
            bool first = group == 0 || (gap != NO_GAP && group == gap + gap_length);

            written =
                snprintf(buffer + used, size - used, first ? "%x" : ":%x", group_at(bytes, group));
        }
        used += (size_t)written;
    }
}

const char *ip_print(const struct ip_address *address, char buffer[static IP_TEXT_SIZE])
{
    static const char mapped[] = "::ffff:"; /* RFC 5952 5 */

    buffer[0] = '\0';
    if (address->family == IP_V4) {
        print_v4(address->bytes, buffer, IP_TEXT_SIZE);
    } else if (is_mapped(address)) {
        memcpy(buffer, mapped, sizeof(mapped));
        print_v4(address->bytes + 12, buffer + sizeof(mapped) - 1,
                 IP_TEXT_SIZE - sizeof(mapped) + 1);
    } else if (address->family == IP_V6) {
        print_v6(address->bytes, buffer, IP_TEXT_SIZE);
    }
    return buffer;
}

bool ip_network_parse(struct slice text, struct ip_network *network)
{
    size_t slash = slice_find(text, '/');
    struct ip_network parsed = {0};

    if (!ip_parse(slice_sub(text, 0, slash), &parsed.address))
        return false;

    uint64_t prefix = family_width(parsed.address.family);

    if (slash < text.length) {
        struct slice number = slice_sub(text, slash + 1, text.length);

        if (has_leading_zero(number) || !slice_to_number(number, prefix, &prefix))
            return false;
    }
    parsed.prefix = (unsigned)prefix;
    *network = parsed;
    return true;
}

const char *ip_network_print(const struct ip_network *network,
                             char buffer[static IP_NETWORK_TEXT_SIZE])
{
    char text[IP_TEXT_SIZE];

    /* uint8_t shows the compiler that the text fits. */
    snprintf(buffer, IP_NETWORK_TEXT_SIZE, "%s/%u", ip_print(&network->address, text),
             (uint8_t)network->prefix);
    return buffer;
}

bool ip_equal(const struct ip_address *a, const struct ip_address *b)
{
    return ip_compare(a, b) == 0;
}

int ip_compare(const struct ip_address *a, const struct ip_address *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* The bits of octet `index` that a prefix of this length covers. */
static uint8_t prefix_mask(unsigned prefix, unsigned index)
{
    if (prefix >= (index + 1) * 8)
        return 0xff;
    if (prefix <= index * 8)
        return 0;
    return (uint8_t)(0xff00 >> (prefix - index * 8));
}

bool ip_network_contains(const struct ip_network *network, const struct ip_address *address)
{
    if (address->family == IP_NONE || network->address.family != address->family)
        return false;
    for (unsigned i = 0; i < family_width(address->family) / 8; i++)
        if (((network->address.bytes[i] ^ address->bytes[i]) & prefix_mask(network->prefix, i)) !=
            0)
            return false;
    return true;
}

bool ip_network_has_host_bits(const struct ip_network *network)
{
    struct ip_address first = ip_network_at(network, 0);

    return !ip_equal(&first, &network->address);
}

uint64_t ip_network_size(const struct ip_network *network)
{
    unsigned host_bits = family_width(network->address.family) - network->prefix;

    return host_bits < 64 ? UINT64_C(1) << host_bits : UINT64_MAX;
}

struct ip_address ip_network_at(const struct ip_network *network, uint64_t index)
{
    struct ip_address address = network->address;

    /* The host bits of the first address are zero, so there is nothing to carry. */
    for (unsigned i = family_width(address.family) / 8; i-- > 0; index >>= 8) {
        uint8_t mask = prefix_mask(network->prefix, i);

        address.bytes[i] = (uint8_t)((address.bytes[i] & mask) | (index & 0xff & ~(uint64_t)mask));
    }
    return address;
}

struct ip_address ip_unmap(struct ip_address address)
{
    struct ip_address inner = {.family = IP_V4};

    if (!is_mapped(&address))
        return address;
    memcpy(inner.bytes, address.bytes + sizeof(mapped_prefix), 4);
    return inner;
}

const char *ip_reverse(const struct ip_address *address, char buffer[static IP_REVERSE_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *to = buffer;

    if (address->family == IP_V4) {
        const uint8_t *bytes = address->bytes;
        const uint8_t reversed[4] = {bytes[3], bytes[2], bytes[1], bytes[0]};

        print_v4(reversed, buffer, IP_REVERSE_SIZE);
        return buffer;
    }
    for (size_t i = address->family == IP_V6 ? 16 : 0; i-- > 0;) {
        *to++ = digits[address->bytes[i] & 0xf];
        *to++ = '.';
        *to++ = digits[address->bytes[i] >> 4];
        if (i > 0)
            *to++ = '.';
    }
    *to = '\0';
    return buffer;
}

const char *ip_ptr_name(const struct ip_address *address, char buffer[static 80])
{
    char reversed[IP_REVERSE_SIZE];

    snprintf(buffer, 80, "%s.%s", ip_reverse(address, reversed),
             address->family == IP_V4 ? "in-addr.arpa" : "ip6.arpa");
    return buffer;
}

/* The IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190); the first network
 * that contains the address decides. */
static const struct {
    struct ip_network network;
    enum ip_scope scope;
} scopes[] = {
    {{{IP_V4, {0}}, 8},                       IP_UNSPECIFIED  }, /* RFC 791 3.2 */
    {{{IP_V4, {10}}, 8},                      IP_PRIVATE      },
    {{{IP_V4, {100, 64}}, 10},                IP_SHARED       },
    {{{IP_V4, {127}}, 8},                     IP_LOOPBACK     }, /* RFC 1122 3.2.1.3 */
    {{{IP_V4, {169, 254}}, 16},               IP_LINK_LOCAL   }, /* RFC 3927 */
    {{{IP_V4, {172, 16}}, 12},                IP_PRIVATE      },
    {{{IP_V4, {192, 0, 0}}, 24},              IP_RESERVED     }, /* RFC 6890 2.1 */
    {{{IP_V4, {192, 0, 2}}, 24},              IP_DOCUMENTATION},
    {{{IP_V4, {192, 88, 99}}, 24},            IP_RESERVED     }, /* RFC 7526 */
    {{{IP_V4, {192, 168}}, 16},               IP_PRIVATE      },
    {{{IP_V4, {198, 18}}, 15},                IP_RESERVED     }, /* RFC 2544 */
    {{{IP_V4, {198, 51, 100}}, 24},           IP_DOCUMENTATION},
    {{{IP_V4, {203, 0, 113}}, 24},            IP_DOCUMENTATION},
    {{{IP_V4, {224}}, 4},                     IP_MULTICAST    },
    {{{IP_V4, {240}}, 4},                     IP_RESERVED     }, /* RFC 1112 4 */
    {{{IP_V4, {0}}, 0},                       IP_PUBLIC       },
    {{{IP_V6, {0}}, 128},                     IP_UNSPECIFIED  },
    {{{IP_V6, {[15] = 1}}, 128},              IP_LOOPBACK     },
    {{{IP_V6, {0x00, 0x64, 0xff, 0x9b}}, 96}, IP_PUBLIC       }, /* RFC 6052 2.1 */
    {{{IP_V6, {0x20, 0x01, 0x0d, 0xb8}}, 32}, IP_DOCUMENTATION}, /* RFC 3849 */
    {{{IP_V6, {0x20, 0x01}}, 23},             IP_RESERVED     }, /* RFC 2928 */
    {{{IP_V6, {0x3f, 0xff}}, 20},             IP_DOCUMENTATION}, /* RFC 9637 */
    {{{IP_V6, {0xfc}}, 7},                    IP_PRIVATE      }, /* RFC 4193 */
    {{{IP_V6, {0xfe, 0x80}}, 10},             IP_LINK_LOCAL   },
    {{{IP_V6, {0xff}}, 8},                    IP_MULTICAST    },
    {{{IP_V6, {0x20}}, 3},                    IP_PUBLIC       }, /* RFC 4291 2.4 */
    {{{IP_V6, {0}}, 0},                       IP_RESERVED     },
};

enum ip_scope ip_scope(const struct ip_address *address)
{
    struct ip_address inner = ip_unmap(*address);

    for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
        if (ip_network_contains(&scopes[i].network, &inner))
            return scopes[i].scope;
    return IP_UNSPECIFIED;
}

const char *ip_scope_name(enum ip_scope scope)
{
    switch (scope) {
    case IP_PUBLIC:
        return "public";
    case IP_UNSPECIFIED:
        return "unspecified";
    case IP_LOOPBACK:
        return "loopback";
    case IP_PRIVATE:
        return "private";
    case IP_SHARED:
        return "shared";
    case IP_LINK_LOCAL:
        return "link-local";
    case IP_DOCUMENTATION:
        return "documentation";
    case IP_MULTICAST:
        return "multicast";
    case IP_RESERVED:
        return "reserved";
    }
    return "unknown";
}
