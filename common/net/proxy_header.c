#include "net/proxy_header.h"

#include <stdio.h>
#include <string.h>

#define COMMAND_LOCAL 0x20
#define COMMAND_PROXY 0x21
#define TCP_OVER_V4 0x11
#define TCP_OVER_V6 0x21

static bool is_pair(const struct endpoint *source, const struct endpoint *destination)
{
    return source->address.family != IP_NONE &&
           source->address.family == destination->address.family;
}

/* "PROXY TCP4 192.0.2.1 192.0.2.2 1025 25" CRLF */
static size_t print_text(const struct endpoint *source, const struct endpoint *destination,
                         char buffer[static PROXY_HEADER_SIZE])
{
    char from[IP_TEXT_SIZE];
    char to[IP_TEXT_SIZE];
    int length;
    if (is_pair(source, destination)) {
        length =
            snprintf(buffer, PROXY_HEADER_SIZE, "PROXY TCP%c %s %s %u %u\r\n",
                     source->address.family == IP_V4 ? '4' : '6', ip_print(&source->address, from),
                     ip_print(&destination->address, to), source->port, destination->port);
    } else {
        length = snprintf(buffer, PROXY_HEADER_SIZE, "PROXY UNKNOWN\r\n");
    }
    return (size_t)length;
}

static char *put_port(char *at, unsigned port)
{
    *at++ = (char)(port >> 8 & 0xFF);
    *at++ = (char)(port & 0xFF);
    return at;
}

/* Signature, version and command, family, length of the rest, addresses, ports. */
static size_t print_binary(const struct endpoint *source, const struct endpoint *destination,
                           char buffer[static PROXY_HEADER_SIZE])
{
    static const char SIGNATURE[] = "\r\n\r\n\0\r\nQUIT\n";
    bool is_proxied = is_pair(source, destination);
    bool is_v4 = source->address.family == IP_V4;
    size_t octets = is_v4 ? 4 : 16;
    char *at = buffer;
    memcpy(at, SIGNATURE, sizeof SIGNATURE - 1);
    at += sizeof SIGNATURE - 1;
    *at++ = is_proxied ? COMMAND_PROXY : COMMAND_LOCAL;
    *at++ = is_proxied ? (is_v4 ? TCP_OVER_V4 : TCP_OVER_V6) : 0;
    at = put_port(at, is_proxied ? (unsigned)(2 * octets + 4) : 0);
    if (is_proxied) {
        memcpy(at, source->address.bytes, octets);
        memcpy(at + octets, destination->address.bytes, octets);
        at = put_port(put_port(at + 2 * octets, source->port), destination->port);
    }
    return (size_t)(at - buffer);
}

size_t proxy_header_print(enum proxy_version version, const struct endpoint *source,
                          const struct endpoint *destination, char buffer[static PROXY_HEADER_SIZE])
{
    switch (version) {
    case PROXY_V1:
        return print_text(source, destination, buffer);
    case PROXY_V2:
        return print_binary(source, destination, buffer);
    case PROXY_NONE:
        break;
    }
    return 0;
}
