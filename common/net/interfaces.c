#define _DEFAULT_SOURCE /* getifaddrs */

#include "net/interfaces.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static struct ip_address read_address(const struct sockaddr *from)
{
    struct ip_address address = {.family = IP_NONE};
    if (from != NULL && from->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, from, sizeof in);
        address.family = IP_V4;
        memcpy(address.bytes, &in.sin_addr, 4);
    } else if (from != NULL && from->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, from, sizeof in6);
        address.family = IP_V6;
        memcpy(address.bytes, &in6.sin6_addr, 16);
    }
    return address;
}

bool interfaces_read(struct ip_address *addresses, size_t most, size_t *count)
{
    struct ifaddrs *interfaces = NULL;
    *count = 0;
    if (getifaddrs(&interfaces) != 0) {
        return false;
    }
    for (const struct ifaddrs *at = interfaces; at != NULL && *count < most; at = at->ifa_next) {
        struct ip_address address = read_address(at->ifa_addr);
        if (address.family != IP_NONE) {
            addresses[(*count)++] = address;
        }
    }
    freeifaddrs(interfaces);
    return true;
}

static socklen_t write_address(const struct endpoint *endpoint, union address *address)
{
    memset(address, 0, sizeof *address);
    if (endpoint->address.family == IP_V4) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons((uint16_t)endpoint->port);
        memcpy(&address->v4.sin_addr, endpoint->address.bytes, 4);
        return sizeof address->v4;
    }
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons((uint16_t)endpoint->port);
    memcpy(&address->v6.sin6_addr, endpoint->address.bytes, 16);
    return sizeof address->v6;
}

struct ip_address interfaces_source(const struct endpoint *peer)
{
    union address address;
    struct ip_address source = {.family = IP_NONE};
    if (peer->address.family == IP_NONE) {
        return source;
    }
    socklen_t length = write_address(peer, &address);
    int descriptor = socket(address.any.sa_family, SOCK_DGRAM, 0);
    if (descriptor < 0) {
        return source;
    }
    if (connect(descriptor, &address.any, length) == 0 &&
        getsockname(descriptor, &address.any, &length) == 0) {
        source = read_address(&address.any);
    }
    close(descriptor);
    return source;
}
