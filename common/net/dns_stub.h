/*
 * What a resolver library has to see of a question and its answer to keep count of them, and no
 * more: a stub of the question goes into it, a stub of the answer too, while net/dns_channel.c
 * sends and receives the real ones. Pure; the octets of answers are hostile.
 *
 * A stub has the id of the real one and a question of its length, type and class. Octets of the
 * name that are not those of host names are "x" there: c-ares 1.34 does not ask for such names. It
 * has no OPT record: c-ares 1.34 would add a cookie (RFC 7873).
 */
#ifndef COMMON_NET_DNS_STUB_H
#define COMMON_NET_DNS_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Header, name, type and class: RFC 1035 4.1 and 3.1. */
#define DNS_STUB_MAX (12 + 255 + 4)

/* The stub of a question. Returns its length, 0 when the message has not exactly one question that
 * is whole and not compressed. */
size_t dns_stub_make(const uint8_t *query, size_t length, uint8_t stub[static DNS_STUB_MAX]);

/* Makes the stub of a question that of its answer, which says SERVFAIL: the one RCODE that nothing
 * is concluded from. */
void dns_stub_answer(uint8_t stub[static DNS_STUB_MAX]);

/* The message is a response with the id and the question of `query` (RFC 5452 9.1); the case of the
 * name does not count. */
bool dns_stub_is_answer(const uint8_t *query, size_t query_length, const uint8_t *message,
                        size_t length);

#endif
