#include "proxy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_dns/address.h"

#define LINE_LENGTH_MAX 107
#define V2_FIXED_LENGTH 16
#define V2_REST_MAX 2048

static const uint8_t signature[12] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                      0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};

/* The octets that are there are the beginning of `whole`. */
static bool begins(struct slice input, const void *whole, size_t length)
{
    return memcmp(input.start, whole, input.length < length ? input.length : length) == 0;
}

/* header = "PROXY" SP ("TCP4" / "TCP6") SP source SP destination SP port SP port CRLF
 *        / "PROXY" SP "UNKNOWN" *OCTET CRLF */
static int parse_v1(struct proxy *proxy, struct slice input)
{
    size_t end = slice_find_text(input, "\r\n");
    struct slice line = slice_sub(input, 6, end - 6);
    struct slice part[5];
    struct address source, destination;
    uint64_t port = 0;
    size_t count = 0;

    if (end == input.length)
        return input.length >= LINE_LENGTH_MAX ? -1 : 0;
    if (end + 2 > LINE_LENGTH_MAX)
        return -1;
    proxy->length = end + 2;
    snprintf(proxy->text, sizeof(proxy->text), "v1 %.*s", SLICE_PRINTF(line));
    if (slice_equals_text(line, "UNKNOWN") || slice_starts_with(line, "UNKNOWN "))
        return 1;
    for (struct slice rest = line; count < 5 && slice_split(&rest, ' ', &part[count]);)
        count++;
    if (count < 5 || !address_parse(&source, part[1]) || !address_parse(&destination, part[2]) ||
        !slice_to_number(part[3], 65535, &port) || !slice_to_number(part[4], 65535, &port))
        return -1;

    int family = slice_equals_text(part[0], "TCP4")   ? AF_INET
                 : slice_equals_text(part[0], "TCP6") ? AF_INET6
                                                      : AF_UNSPEC;

    address_print(&source, proxy->source);
    return source.family == family && destination.family == family ? 1 : -1;
}

static unsigned port_at(const uint8_t *octets)
{
    return (unsigned)octets[0] << 8 | octets[1];
}

/* Signature, version and command, family and transport, length, addresses, further values. */
static int parse_v2(struct proxy *proxy, struct slice input)
{
    const uint8_t *octets = (const uint8_t *)input.start;
    char destination[INET6_ADDRSTRLEN] = "";

    if (input.length < V2_FIXED_LENGTH)
        return 0;

    size_t rest = port_at(octets + 14);
    size_t size = octets[13] == 0x11 ? 4 : octets[13] == 0x21 ? 16 : 0;
    const uint8_t *addresses = octets + V2_FIXED_LENGTH;

    if (octets[12] >> 4 != 2 || (octets[12] & 0xF) > 1 || rest > V2_REST_MAX)
        return -1;
    proxy->length = V2_FIXED_LENGTH + rest;
    if (input.length < proxy->length)
        return 0;
    if ((octets[12] & 0xF) == 0) {
        snprintf(proxy->text, sizeof(proxy->text), "v2 LOCAL");
        return 1;
    }
    if (size == 0) {
        snprintf(proxy->text, sizeof(proxy->text), "v2 UNKNOWN");
        return octets[13] == 0 ? 1 : -1;
    }
    if (rest < 2 * size + 4)
        return -1;
    inet_ntop(size == 4 ? AF_INET : AF_INET6, addresses, proxy->source, INET6_ADDRSTRLEN);
    inet_ntop(size == 4 ? AF_INET : AF_INET6, addresses + size, destination, INET6_ADDRSTRLEN);
    snprintf(proxy->text, sizeof(proxy->text), "v2 TCP%d %s %s %u %u", size == 4 ? 4 : 6,
             proxy->source, destination, port_at(addresses + 2 * size),
             port_at(addresses + 2 * size + 2));
    return 1;
}

int proxy_parse(struct proxy *proxy, struct slice version, struct slice input)
{
    bool v1 = !slice_equals_text(version, "v2") && begins(input, "PROXY ", 6);
    bool v2 = !slice_equals_text(version, "v1") && begins(input, signature, sizeof(signature));

    *proxy = (struct proxy){.length = 0};
    if (!v1 && !v2)
        return -1;
    if (input.length < 6)
        return 0;
    return v1 ? parse_v1(proxy, input) : parse_v2(proxy, input);
}
