#include "net/socket_address.h"

#include <string.h>

socklen_t socket_address_set(union socket_address *address, const struct endpoint *endpoint)
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

socklen_t socket_address_set_path(union socket_address *address, const char *path)
{
    size_t length = strlen(path);
    memset(address, 0, sizeof *address);
    address->un.sun_family = AF_UNIX;
    if (length >= sizeof address->un.sun_path) {
        return 0;
    }
    memcpy(address->un.sun_path, path, length + 1);
    return sizeof address->un;
}

/* Copied, for the system hands out addresses that are aligned for another type. */
struct endpoint socket_address_get(const struct sockaddr *address)
{
    struct endpoint endpoint = {.address.family = IP_NONE};
    if (address != NULL && address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        endpoint.address.family = IP_V4;
        endpoint.port = ntohs(v4.sin_port);
        memcpy(endpoint.address.bytes, &v4.sin_addr, 4);
    } else if (address != NULL && address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        endpoint.address.family = IP_V6;
        endpoint.port = ntohs(v6.sin6_port);
        memcpy(endpoint.address.bytes, &v6.sin6_addr, 16);
    }
    return endpoint;
}
