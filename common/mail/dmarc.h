/*
 * DMARC discovery: which record holds for a domain, what it asks for, and which domain is the
 * organizational one. By the tree walk of RFC 9989 4.10, and by the public suffix list as RFC
 * 7489 3.2 and 6.6.3 have it.
 *
 * Pure: everything is read from a store of answers, and all that is missing there is noted at once,
 * so a verdict costs one round trip, and the check of its report addresses another:
 *
 *     do {
 *         dmarc_discover(&arena, answers, domain, organization, &discovery);
 *         ... dmarc_report_check(...)
 *     } while (dns_fetch_missing(dns, answers, deadline));
 */
#ifndef COMMON_MAIL_DMARC_H
#define COMMON_MAIL_DMARC_H

#include "mail/dmarc_record.h"
#include "mail/dns_answer.h"

/* RFC 9989 4.10: no more questions than this in one walk. */
#define DMARC_WALK_MAX 8
/* Most TXT records that are read at one name. */
#define DMARC_RECORDS_MAX 16

/* One name of a walk. */
struct dmarc_step {
    const char *domain;               /* without "_dmarc." */
    const char *name;                 /* what is asked for */
    const struct dns_answer *answer;  /* its TXT */
    const struct dmarc_record *texts; /* all that stood there, records or not */
    size_t text_count;
    size_t record_count;               /* texts that are records by their version */
    const struct dmarc_record *record; /* the one valid record; NULL also when there are several */
};

struct dmarc_walk {
    struct dmarc_step
        steps[DMARC_WALK_MAX]; /* all names, in order: all of them are asked at once */
    size_t count;
    size_t used;           /* steps up to where the walk stopped: the others do not matter */
    size_t skipped_labels; /* names left out of a domain of more than eight labels */
    bool is_certain;       /* all used steps were answered */
    const char
        *organizational_domain; /* RFC 9989 4.10.2; the domain itself when nothing was found */
    size_t organizational_step; /* where its record is, or SIZE_MAX */
    size_t public_suffix_step;  /* where psd=y stopped the walk, or SIZE_MAX */
};

/* Walks up from `domain` (in normal form). */
void dmarc_walk(struct arena *arena, struct dns_answers *answers, const char *domain,
                struct dmarc_walk *walk);

/* Which tag the policy was taken from. */
enum dmarc_source {
    DMARC_FROM_NOTHING,
    DMARC_FROM_P,
    DMARC_FROM_SP,
    DMARC_FROM_NP,
    DMARC_FROM_FAULT, /* p missing or invalid, or sp or np invalid: RFC 9989 4.10.1, RFC 7489 6.6.3
                       */
};

enum dmarc_existence {
    DMARC_EXISTENCE_UNKNOWN, /* not answered */
    DMARC_EXISTS,
    DMARC_NONEXISTENT, /* NXDOMAIN (RFC 9989 3.2.13) */
};

/* What holds for the domain by one of the two standards. */
struct dmarc_verdict {
    const struct dmarc_record *record; /* NULL: none applies */
    const char *record_domain;         /* where it is published, without "_dmarc." */
    const char *organizational_domain;
    bool is_certain; /* no answer that is still missing or was refused can change the policy */
    bool is_inherited;
    bool is_multiple; /* RFC 7489 6.6.3: several records end the discovery */
    enum dmarc_source source;
    enum dmarc_policy policy;    /* that of the tag, or what a fault made of it */
    enum dmarc_policy effective; /* after t=y; by RFC 7489 after pct=0 */
};

struct dmarc_discovery {
    struct dmarc_walk walk;
    const struct dns_answer *existence_answer; /* A of the domain */
    enum dmarc_existence existence;
    struct dmarc_verdict current; /* RFC 9989 */
    bool has_old;
    struct dmarc_verdict old; /* RFC 7489 */
};

/* `organization` is the organizational domain by the public suffix list (mail/public_suffix.h);
 * NULL leaves the old verdict out; `domain` itself when that is a public suffix. */
void dmarc_discover(struct arena *arena, struct dns_answers *answers, const char *domain,
                    const char *organization, struct dmarc_discovery *discovery);

/* One level lower (RFC 9989 4.7, t=y): reject to quarantine, quarantine to none. */
enum dmarc_policy dmarc_policy_lower(enum dmarc_policy policy);

/* The weakest that anybody gets by the tags of a record: for sub-domains that exist, or do not. */
enum dmarc_policy dmarc_record_subdomain_policy(const struct dmarc_record *record, bool exists);

#endif
