#include "address.h"

#include <arpa/inet.h>
#include <string.h>

bool address_parse(struct address *address, struct slice text)
{
    char copy[INET6_ADDRSTRLEN];

    if (text.length == 0 || text.length >= sizeof(copy) || slice_find(text, '\0') < text.length)
        return false;
    memcpy(copy, text.start, text.length);
    copy[text.length] = '\0';
    memset(address, 0, sizeof(*address));
    if (inet_pton(AF_INET, copy, address->octets) == 1) {
        address->family = AF_INET;
        address->length = 4;
        return true;
    }
    if (inet_pton(AF_INET6, copy, address->octets) == 1) {
        address->family = AF_INET6;
        address->length = 16;
        return true;
    }
    return false;
}

/* "HOST:PORT" with one colon, or "[HOST]:PORT"; all else is a host alone. */
static void split_port(struct slice text, struct slice *host, struct slice *port)
{
    size_t end = slice_find(text, ':');

    *host = text;
    *port = SLICE_LITERAL("0");
    if (slice_starts_with(text, "[")) {
        size_t bracket = slice_find(text, ']');

        end = bracket + 1;
        *host = slice_sub(text, 1, bracket - 1);
    } else if (end == text.length || memchr(text.start + end + 1, ':', text.length - end - 1)) {
        return;
    } else {
        *host = slice_sub(text, 0, end);
    }
    if (end < text.length)
        *port = slice_sub(text, text.start[end] == ':' ? end + 1 : end, text.length);
}

bool address_parse_with_port(struct address *address, struct slice text)
{
    struct slice host, port;
    uint64_t number = 0;

    split_port(text, &host, &port);
    if (!address_parse(address, host) || !slice_to_number(port, 65535, &number))
        return false;
    address->port = (uint16_t)number;
    return true;
}

bool address_is_loopback(const struct address *address)
{
    static const uint8_t v6[16] = {[15] = 1};

    if (address->family == AF_INET)
        return address->octets[0] == 127;
    return memcmp(address->octets, v6, sizeof(v6)) == 0;
}

bool address_equals(const struct address *a, const struct address *b)
{
    return a->family == b->family && memcmp(a->octets, b->octets, a->length) == 0;
}

void address_print(const struct address *address, char text[static INET6_ADDRSTRLEN])
{
    if (inet_ntop(address->family, address->octets, text, INET6_ADDRSTRLEN) == NULL)
        text[0] = '\0';
}

socklen_t address_to_socket(const struct address *address, uint16_t port,
                            union address_socket *socket_address)
{
    memset(socket_address, 0, sizeof(*socket_address));
    if (address->family == AF_INET) {
        socket_address->v4.sin_family = AF_INET;
        socket_address->v4.sin_port = htons(port);
        memcpy(&socket_address->v4.sin_addr, address->octets, 4);
        return sizeof(socket_address->v4);
    }
    socket_address->v6.sin6_family = AF_INET6;
    socket_address->v6.sin6_port = htons(port);
    memcpy(&socket_address->v6.sin6_addr, address->octets, 16);
    return sizeof(socket_address->v6);
}
