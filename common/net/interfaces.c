#define _DEFAULT_SOURCE /* getifaddrs */

#include "net/interfaces.h"

#include <ifaddrs.h>
#include <unistd.h>

#include "net/socket_address.h"

bool interfaces_read(struct ip_address *addresses, size_t most, size_t *count)
{
    struct ifaddrs *interfaces = NULL;
    *count = 0;
    if (getifaddrs(&interfaces) != 0) {
        return false;
    }
    for (const struct ifaddrs *at = interfaces; at != NULL && *count < most; at = at->ifa_next) {
        struct endpoint endpoint = socket_address_get(at->ifa_addr);
        if (endpoint.address.family != IP_NONE) {
            addresses[(*count)++] = endpoint.address;
        }
    }
    freeifaddrs(interfaces);
    return true;
}

struct ip_address interfaces_source(const struct endpoint *peer)
{
    union socket_address address;
    struct ip_address source = {.family = IP_NONE};
    if (peer->address.family == IP_NONE) {
        return source;
    }
    socklen_t length = socket_address_set(&address, peer);
    int descriptor = socket(address.any.sa_family, SOCK_DGRAM, 0);
    if (descriptor < 0) {
        return source;
    }
    if (connect(descriptor, &address.any, length) == 0 &&
        getsockname(descriptor, &address.any, &length) == 0) {
        source = socket_address_get(&address.any).address;
    }
    close(descriptor);
    return source;
}
