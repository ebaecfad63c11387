#define _DEFAULT_SOURCE /* getifaddrs */

#include "net/interfaces.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

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
