/*
 * DNS messages: octets to answers and questions to octets, by libldns. RFC 1035 4, RFC 6891, RFC
 * 2308.
 *
 * The only module that includes <ldns/ldns.h>. Pure; the octets are hostile.
 */
#ifndef COMMON_MAIL_DNS_WIRE_H
#define COMMON_MAIL_DNS_WIRE_H

#include "mail/dns_answer.h"

/* Decodes a response to the question (name, type) into *answer: status, rcode, flags, records of
 * the type asked for at the end of the CNAME chain that starts at `name`, TTL. The name may be in
 * either case and with escapes (RFC 1035 5.1). Records that do not belong to that chain, and an SOA
 * that is not above its end, are left out. A chain longer than 16 or with a loop is DNS_MALFORMED.
 * A TTL of 2^31 or more is 0 (RFC 2181 8). Memory comes from `arena` and is proportional to the
 * records kept. `name`, `type`, `size` are set too; `ms` and `tcp` are left alone. */
void dns_wire_decode(struct arena *arena, const char *name, unsigned type, const uint8_t *message,
                     size_t length, struct dns_answer *answer);

/* Only what the header says, without decoding: true when there are answers to decode (the status is
 * then not final; neither is the rcode, whose upper bits stand in the OPT record). */
bool dns_wire_status(const uint8_t *message, size_t length, enum dns_status *status,
                     unsigned *rcode);

/* The response refers to other name servers: no answer, AA and RA clear, NS without SOA in the
 * authority section (RFC 2308 2.2.1). It is not NODATA; dns_wire_decode says DNS_REFERRAL. */
bool dns_wire_is_referral(const uint8_t *message, size_t length);

/* The TC bit: the answer did not fit (RFC 1035 4.1.1). */
bool dns_wire_is_truncated(const uint8_t *message, size_t length);
void dns_wire_set_truncated(uint8_t *message, size_t length);

/* A query with the flags of dns_flags, RD unless `no_recursion`, EDNS with a UDP size of
 * `udp_size` (0: without EDNS), and the given id. Memory from malloc(), released by the caller with
 * free(). NULL when the name cannot be put on the wire. */
uint8_t *dns_wire_query(const char *name, unsigned type, unsigned flags, bool no_recursion,
                        uint16_t id, uint16_t udp_size, size_t *length);

#endif
