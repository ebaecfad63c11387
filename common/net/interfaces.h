/*
 * The addresses of this machine's own network interfaces.
 */
#ifndef COMMON_NET_INTERFACES_H
#define COMMON_NET_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>

#include "mail/endpoint.h"

/* Writes at most `most` addresses of both families, of interfaces up or down, loopback included,
 * and sets *count. False when the system does not tell them (errno says why). */
bool interfaces_read(struct ip_address *addresses, size_t most, size_t *count);

/* The address that a connection to `peer` would come from, as the routes stand: asked of the kernel
 * with a connected UDP socket, through which nothing is sent. IP_NONE when there is no route, and
 * for no address. */
struct ip_address interfaces_source(const struct endpoint *peer);

#endif
