/*
 * What a resolver library has to see of an answer to find its question, and no more: for
 * net/dns_channel.c, which takes the answer itself.
 */
#ifndef COMMON_NET_DNS_STUB_H
#define COMMON_NET_DNS_STUB_H

#include <stddef.h>
#include <stdint.h>

/* Leaves the id, the question and the RCODE, which is FORMERR (a server without EDNS, RFC 6891 7)
 * or else SERVFAIL, whatever it was. Returns the length, 0 when the message has not exactly one
 * question that is whole and not compressed. */
size_t dns_stub_make(uint8_t *message, size_t length);

#endif
