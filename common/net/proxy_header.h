/*
 * The header of the PROXY protocol, which tells a server behind a balancer who the client is.
 * Specification: haproxy's proxy-protocol.txt, 2.1 (version 1, text) and 2.2 (version 2, binary).
 * Pure.
 */
#ifndef COMMON_NET_PROXY_HEADER_H
#define COMMON_NET_PROXY_HEADER_H

#include <stddef.h>

#include "mail/endpoint.h"

enum proxy_version {
    PROXY_NONE = 0,
    PROXY_V1,
    PROXY_V2,
};

#define PROXY_HEADER_SIZE                                                                          \
    108 /* the longest of version 1, which is longer than one of version 2                         \
         */

/* Writes the header and returns its length. Addresses of different or no families: "UNKNOWN" in
 * version 1, the LOCAL command in version 2; the server then goes by the connection itself. */
size_t proxy_header_print(enum proxy_version version, const struct endpoint *source,
                          const struct endpoint *destination,
                          char buffer[static PROXY_HEADER_SIZE]);

#endif
