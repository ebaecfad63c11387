/*
 * Endpoint: an address with an optional port, as people write it for a server.
 *
 *     192.0.2.1    192.0.2.1:5353    2001:db8::1    [2001:db8::1]    [2001:db8::1]:5353
 *
 * A bare IPv6 address has no port: its last colon would be read two ways (RFC 3986 3.2.2 and RFC
 * 5952 6 give the brackets). Names are not taken. Pure.
 */
#ifndef COMMON_MAIL_ENDPOINT_H
#define COMMON_MAIL_ENDPOINT_H

#include <stdbool.h>

#include "base/slice.h"
#include "mail/ip.h"

struct endpoint {
    struct ip_address address;
    unsigned port; /* 1 to 65535; 0 when none was written */
};

/* The whole slice must be the endpoint. Ports have one to five digits. */
bool endpoint_parse(struct slice text, struct endpoint *endpoint);

#define ENDPOINT_TEXT_SIZE 64
/* RFC 5952 form; without a port the bare address. Returns `buffer`. */
const char *endpoint_print(const struct endpoint *endpoint, char buffer[static ENDPOINT_TEXT_SIZE]);

#endif
