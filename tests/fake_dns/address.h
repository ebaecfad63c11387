/*
 * Loopback addresses, the only ones that the test servers know.
 */
#ifndef TESTS_FAKE_DNS_ADDRESS_H
#define TESTS_FAKE_DNS_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/slice.h"

struct address {
    int family; /* AF_INET, AF_INET6 */
    uint8_t octets[16];
    size_t length; /* 4 or 16 */
    uint16_t port;
};

/* One socket address, small enough to be kept for every pending answer. */
union address_socket {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* "127.0.0.1" or "::1", without a port. Any address. */
bool address_parse(struct address *address, struct slice text);

/* "127.0.0.1", "127.0.0.1:53", "::1" or "[::1]:53"; no port is port 0. */
bool address_parse_with_port(struct address *address, struct slice text);

/* In 127.0.0.0/8, or ::1. */
bool address_is_loopback(const struct address *address);

bool address_equals(const struct address *a, const struct address *b);

void address_print(const struct address *address, char text[static INET6_ADDRSTRLEN]);

socklen_t address_to_socket(const struct address *address, uint16_t port,
                            union address_socket *socket_address);

#endif
