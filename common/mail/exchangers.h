/*
 * The exchangers of a domain and their addresses, from a store of answers. RFC 5321 5.1 (MX,
 * implicit MX), RFC 7505 (null MX). Pure.
 *
 *     do exchangers_find(&request, answers, &arena, &exchangers);
 *     while (dns_fetch_missing(dns, answers, deadline));
 */
#ifndef COMMON_MAIL_EXCHANGERS_H
#define COMMON_MAIL_EXCHANGERS_H

#include "base/arena.h"
#include "mail/dns_answer.h"

#define EXCHANGERS_MAX 64
#define EXCHANGER_ADDRESSES_MAX 32

enum exchangers_status {
    EXCHANGERS_PENDING = 0, /* the MX question was not answered in time */
    EXCHANGERS_FOUND,       /* at least one MX record that is not null */
    EXCHANGERS_IMPLICIT,    /* no MX record: the domain itself, RFC 5321 5.1; it has an address, or
                               that is not known */
    EXCHANGERS_NULL,        /* null records alone: the domain takes no mail, RFC 7505 3. One of
                               preference 0 is right; anything else is for the reader to blame */
    EXCHANGERS_NO_DOMAIN,   /* NXDOMAIN */
    EXCHANGERS_NO_ADDRESS,  /* neither MX nor an address of the families asked for */
    EXCHANGERS_FAILED,      /* see `mx->status` */
};

struct exchanger {
    const char *host;    /* normal form; "." of a null MX */
    unsigned preference; /* 0 for an implicit one */
    uint32_t ttl;        /* of the MX record; 0 for an implicit one */
    bool is_null;        /* the target is the root */
    bool is_literal;     /* the target is written as an IP address, which no sender looks up */
    bool is_duplicate;   /* the same host stood before, better or equally preferred */
    const struct dns_answer *a, *aaaa;  /* NULL: not asked (-4, -6, null, a literal) */
    const struct ip_address *addresses; /* IPv6 before IPv4, each once, in order of ip_compare */
    size_t address_count;
    size_t addresses_omitted; /* beyond EXCHANGER_ADDRESSES_MAX */
    bool is_resolved; /* both questions that were asked are answered, one way or the other; true for
                         a name that cannot be asked for at all (DNS_BAD_NAME) */
};

struct exchangers_request {
    const char *domain; /* normal form */
    bool only_v4, only_v6;
};

struct exchangers {
    enum exchangers_status status;
    const struct dns_answer *mx;
    struct exchanger *list; /* by preference, then as they came; duplicates too */
    size_t count;
    size_t omitted; /* beyond EXCHANGERS_MAX: the least preferred */
};

/* Fills `exchangers` from the answers so far; true when nothing is missing. */
bool exchangers_find(const struct exchangers_request *request, struct dns_answers *answers,
                     struct arena *arena, struct exchangers *exchangers);

/* A connection to an address of this kind goes to the host that has it: not so for 0.0.0.0 (which
 * is ourselves), multicast, class E, link-local IPv6 and IPv4-mapped IPv6. The addresses of
 * documentation (RFC 5737 3, RFC 3849, RFC 9637) are nobody's: who answers there is not meant. */
bool exchangers_can_reach(const struct ip_address *address);

#endif
