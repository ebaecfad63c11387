/*
 * DNS answers as facts, and the store of answers that pure evaluation runs against.
 *
 * An answer is a question with what came of it. Its zero value is true: DNS_PENDING is "no answer
 * in time", so a deadline needs no clean-up pass. The store is keyed by (name, type). A pure
 * function asks the store; what the store does not hold is noted as missing and reads as
 * DNS_PENDING; net/dns fetches what is missing, all at once, and the pure function is run again:
 *
 *     do {
 *         spf_evaluate(&request, answers, &result);
 *     } while (dns_fetch_missing(dns, answers, deadline));
 *
 * So evaluation needs no network; a test fills the store from text (dns_answers_read). No I/O here.
 */
#ifndef COMMON_MAIL_DNS_ANSWER_H
#define COMMON_MAIL_DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "mail/ip.h"

/* How a question ended. */
enum dns_status {
    DNS_PENDING = 0, /* no answer in time, or none yet */
    DNS_OK,          /* NOERROR with at least one record of the type asked for */
    DNS_NXDOMAIN,    /* the name (or the end of its CNAME chain) does not exist */
    DNS_NODATA,      /* NOERROR without a record of the type */
    DNS_SERVFAIL,
    DNS_REFUSED,
    DNS_RCODE,       /* any other rcode: see `rcode` */
    DNS_MALFORMED,   /* an answer that cannot be decoded */
    DNS_TRUNCATED,   /* too large for UDP, and TCP failed (RFC 7766 5) */
    DNS_NO_RESOLVER, /* no server could be reached at all (nothing listens, no route, none
                        configured) */
    DNS_REFERRAL,    /* "ask those name servers": it does not know, nor does it recurse (RFC 2308
                        2.2.1) */
    DNS_BAD_NAME,    /* the name cannot be put on the wire: label over 63 octets, name over 253 */
};

/* "time-out", "NXDOMAIN", "no data", "SERVFAIL", ... */
const char *dns_status_name(enum dns_status status);

/* The target answered the question, one way or the other: OK, NXDOMAIN or NODATA. Everything else
 * is "we do not know". */
bool dns_status_is_answer(enum dns_status status);

/* RR types that the suite reads (RFC 1035 3.2.2 and successors); values are those of the wire. */
enum dns_type {
    DNS_A = 1,
    DNS_NS = 2,
    DNS_CNAME = 5,
    DNS_SOA = 6,
    DNS_PTR = 12,
    DNS_MX = 15,
    DNS_TXT = 16,
    DNS_AAAA = 28,
    DNS_DS = 43,
    DNS_DNSKEY = 48,
    DNS_TLSA = 52,
    DNS_SPF = 99, /* RFC 7208 3.1: retired */
};

/* "A", "TXT", "TYPE65280". The result for an unknown type lives in a static buffer of `buffer`. */
const char *dns_type_name(unsigned type, char buffer[static 12]);

/* One record. `name` and names in the data are in normal form (see mail/domain.h) unless they hold
 * octets that the normal form cannot: then they are in presentation form with \DDD escapes,
 * lower-cased. */
struct dns_record {
    const char *name;
    unsigned type;
    uint32_t ttl;
    struct ip_address address; /* A, AAAA */
    const char *target;  /* CNAME, NS, PTR, MX (the exchanger), SOA (the primary); else NULL */
    unsigned preference; /* MX */
    struct slice text; /* TXT, SPF: the strings joined without separator, NUL-terminated besides */
    const uint8_t *strings; /* TXT, SPF: length of each string, in order */
    size_t string_count;
    const uint8_t *rdata; /* the uncompressed RDATA, any type */
    size_t rdata_length;
};

struct dns_answer {
    const char *name; /* as asked, in normal form */
    unsigned type;
    enum dns_status status;
    unsigned rcode;     /* RFC 6895 2.3, extended by EDNS; valid when something was decoded */
    bool authentic;     /* AD: the resolver says that it validated (RFC 4035 3.2.3) */
    bool authoritative; /* AA */
    const struct dns_record *records; /* of the type asked for, at the end of the CNAME chain */
    size_t record_count;
    const char *const *chain; /* CNAME targets, in order; empty when the name has the data itself */
    size_t chain_length;
    const char *zone; /* owner of the SOA in the authority section of a negative answer, or NULL */
    uint32_t ttl; /* least of chain and records; for a negative answer that of RFC 2308 5; else 0 */
    size_t size;  /* octets of the message */
    bool tcp;     /* came by TCP after truncation; false where that is not known */
    uint32_t ms;  /* milliseconds from question to answer */
};

/* Bits of a question, part of its identity in the store. */
enum dns_flags {
    DNS_PLAIN = 0,
    DNS_DNSSEC = 1 << 0, /* DO set: signatures wanted, AD meant (RFC 3225, RFC 6840 5.7) */
    DNS_CHECKING_DISABLED = 1 << 1, /* CD set: bogus data is wanted too (RFC 4035 3.2.2) */
    DNS_RECURSE =
        1 << 2, /* to net/dns with a server of one's own choice: it is a resolver, RD set */
};

struct dns_answers;

/* A store whose memory comes from `arena`. At most `limit` questions are taken (a hostile zone
 * cannot make more work than that); past it dns_answers_get returns a DNS_PENDING answer and notes
 * nothing. */
struct dns_answers *dns_answers_new(struct arena *arena, size_t limit);

/* The answer, or a DNS_PENDING one while the question is missing or under way. Never NULL; the
 * pointer stays valid for the life of the arena and is filled in place when the answer comes. The
 * name is normalised here; a name that cannot be asked for gives an answer with DNS_BAD_NAME. */
const struct dns_answer *dns_answers_get(struct dns_answers *answers, const char *name,
                                         unsigned type);
const struct dns_answer *dns_answers_get_with(struct dns_answers *answers, const char *name,
                                              unsigned type, unsigned flags);

/* dns_status_name() of the answer, with the name of its code where that is another one than those
 * of enum dns_status: "FORMERR", "NOTIMP" ... (RFC 6895 2.3). */
const char *dns_answer_word(const struct dns_answer *answer);

/* The question was settled: answered, failed, or given up. */
bool dns_answer_is_settled(const struct dns_answer *answer);

/* The store was full at some time: some question was never asked. */
bool dns_answers_overflowed(const struct dns_answers *answers);

/* How many questions are held, and how many of them are missing. */
size_t dns_answers_count(const struct dns_answers *answers);
size_t dns_answers_missing_count(const struct dns_answers *answers);

/* For whoever fetches: takes the next missing question and marks it as under way. False when none
 * is left. Fill the answer through dns_answers_settle with a decoded message. */
struct dns_question {
    const char *name;
    unsigned type;
    unsigned flags;
    size_t index; /* handle for dns_answers_settle */
};
bool dns_answers_take_missing(struct dns_answers *answers, struct dns_question *question);
/* Copies *answer deeply into the store. */
void dns_answers_settle(struct dns_answers *answers, size_t index, const struct dns_answer *answer);
/* The answer if the store holds the question, else NULL; nothing is noted. The name in normal form.
 */
const struct dns_answer *dns_answers_find(const struct dns_answers *answers, const char *name,
                                          unsigned type);
/* The `index`-th answer in order of arrival. */
const struct dns_answer *dns_answers_at(const struct dns_answers *answers, size_t index);
struct arena *dns_answers_arena(struct dns_answers *answers);
/* Finds or adds the entry of a question whose answer the caller already has, as settled; the name
 * must be in normal form. The index is for dns_answers_settle. */
size_t dns_answers_put(struct dns_answers *answers, const char *name, unsigned type,
                       unsigned flags);
/* From now on nothing is missing: a question about a name that the store doesn't know is answered
 * NXDOMAIN, one about a name that exists (it or a name below it has records) NODATA. */
void dns_answers_set_complete(struct dns_answers *answers);

/*
 * Fills the store from text, for tests. One record or status a line, in the form of a master file
 * cut to the least:
 *
 *     example.org TXT "v=spf1 mx -all"
 *     example.org MX 10 mail.example.org
 *     mail.example.org A 192.0.2.1
 *     gone.example.org - NXDOMAIN          (any type)
 *     slow.example.org TXT TIMEOUT         (also SERVFAIL, REFUSED, NODATA, MALFORMED, TRUNCATED,
 *                                           NO-RESOLVER)
 *     alias.example.org CNAME mail.example.org
 *
 * Types with data are A, AAAA, CNAME, MX, NS, PTR, SOA (its primary), SPF and TXT; TLSA can only
 * have a status. In a TXT \xHH is an octet. Several lines of one (name, type) are one RRset. `#`
 * starts a comment line. With `complete` every question about a name that stands nowhere is
 * answered NXDOMAIN and one about a name with other types NODATA, so that nothing is ever missing.
 * Returns 0, or the number of the first line that cannot be read.
 */
size_t dns_answers_read(struct dns_answers *answers, const char *text, bool complete);

#endif
