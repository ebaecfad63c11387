#include "mail/endpoint.h"

#include <stdint.h>
#include <stdio.h>

#define PORT_MAX 65535
#define PORT_DIGITS 5

static bool parse_port(struct slice text, unsigned *port)
{
    uint64_t number;

    if (text.length > PORT_DIGITS || !slice_to_number(text, PORT_MAX, &number) || number == 0)
        return false;
    *port = (unsigned)number;
    return true;
}

/* "[" IPv6 "]" [ ":" port ] */
static bool parse_bracketed(struct slice text, struct endpoint *endpoint)
{
    size_t end = slice_find(text, ']');
    struct slice rest = slice_sub(text, end + 1, text.length);

    if (end == text.length || !ip_parse(slice_sub(text, 1, end - 1), &endpoint->address) ||
        endpoint->address.family != IP_V6)
        return false;
    if (rest.length == 0)
        return true;
    return rest.start[0] == ':' && parse_port(slice_sub(rest, 1, rest.length), &endpoint->port);
}

bool endpoint_parse(struct slice text, struct endpoint *endpoint)
{
    *endpoint = (struct endpoint){0};
    if (text.length > 0 && text.start[0] == '[')
        return parse_bracketed(text, endpoint);
    if (ip_parse(text, &endpoint->address))
        return true;

    size_t colon = slice_find(text, ':');

    return colon < text.length && ip_parse(slice_sub(text, 0, colon), &endpoint->address) &&
           endpoint->address.family == IP_V4 &&
           parse_port(slice_sub(text, colon + 1, text.length), &endpoint->port);
}

const char *endpoint_print(const struct endpoint *endpoint, char buffer[static ENDPOINT_TEXT_SIZE])
{
    char address[IP_TEXT_SIZE];

    ip_print(&endpoint->address, address);
    if (endpoint->port == 0)
        snprintf(buffer, ENDPOINT_TEXT_SIZE, "%s", address);
    else if (endpoint->address.family == IP_V6)
        snprintf(buffer, ENDPOINT_TEXT_SIZE, "[%s]:%u", address, endpoint->port);
    else
        snprintf(buffer, ENDPOINT_TEXT_SIZE, "%s:%u", address, endpoint->port);
    return buffer;
}
