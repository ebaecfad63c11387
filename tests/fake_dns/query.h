/*
 * A DNS query, decoded from octets that may be hostile. RFC 1035 4.1, RFC 6891 6.1.
 */
#ifndef TESTS_FAKE_DNS_QUERY_H
#define TESTS_FAKE_DNS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "name.h"

#define DNS_HEADER_SIZE 12

#define DNS_TYPE_CNAME 5
#define DNS_TYPE_SOA 6
#define DNS_TYPE_TXT 16
#define DNS_TYPE_OPT 41
#define DNS_TYPE_ANY 255
#define DNS_CLASS_IN 1

enum dns_rcode {
    DNS_RCODE_NOERROR = 0,
    DNS_RCODE_FORMERR = 1,
    DNS_RCODE_SERVFAIL = 2,
    DNS_RCODE_NXDOMAIN = 3,
    DNS_RCODE_NOTIMP = 4,
    DNS_RCODE_REFUSED = 5,
    DNS_RCODE_BADVERS = 16,
};

/* Bits of the third and fourth octet of the header, as one number. */
#define DNS_FLAG_QR 0x8000
#define DNS_FLAG_AA 0x0400
#define DNS_FLAG_TC 0x0200
#define DNS_FLAG_RD 0x0100
#define DNS_FLAG_RA 0x0080
#define DNS_FLAG_AD 0x0020
#define DNS_FLAG_CD 0x0010
#define DNS_OPCODE_MASK 0x7800

enum query_kind {
    QUERY_GOOD,
    QUERY_IGNORED,    /* no header, or a response: nobody answers that */
    QUERY_MALFORMED,  /* FORMERR; only the header stands */
    QUERY_UNSUPPORTED /* NOTIMP: another opcode; only the header stands */
};

struct query {
    enum query_kind kind;
    const uint8_t *message; /* the caller's */
    uint16_t id;
    uint16_t flags;
    struct name name; /* in lower case; the message has it as it was sent */
    uint16_t type;
    uint16_t class_code;
    size_t question_end; /* offset behind the question */
    bool has_edns;
    bool dnssec_ok;
    uint8_t edns_version;
    uint16_t udp_size; /* what the asker takes over UDP, at least 512 */
};

/* Decodes; query->kind says what came of it. */
void query_read(struct query *query, const uint8_t *message, size_t size);

uint16_t query_number(const uint8_t *octets);

#endif
