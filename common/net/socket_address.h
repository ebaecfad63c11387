/*
 * Addresses as the system's calls want them.
 */
#ifndef COMMON_NET_SOCKET_ADDRESS_H
#define COMMON_NET_SOCKET_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "mail/endpoint.h"

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un un;
};

/* Fills all of it; the length that bind(2) and connect(2) take. The endpoint has an address. */
socklen_t socket_address_set(union socket_address *address, const struct endpoint *endpoint);

/* The same for a socket in the file system; 0: the path is longer than such an address holds. */
socklen_t socket_address_set_path(union socket_address *address, const char *path);

/* The endpoint of an address of whatever size its family has; of other families, and of NULL, one
 * with IP_NONE. */
struct endpoint socket_address_get(const struct sockaddr *address);

#endif
