/*
 * SPF evaluation: check_host() of RFC 7208 4, against a store of answers.
 *
 * Pure: what the store does not hold is noted there as missing, and the walk goes on as if the term
 * did not match, so that one round asks everything that can be known to be needed. Run again when
 * the answers have come; `complete` says when nothing was missing. The work is bounded by the RFC's
 * own limits (4.6.4): ten terms with look-ups, two void ones, ten exchangers and ten names a term.
 */
#ifndef COMMON_MAIL_SPF_H
#define COMMON_MAIL_SPF_H

#include "base/arena.h"
#include "mail/dns_answer.h"
#include "mail/spf_record.h"

/* RFC 7208 4.6.4 */
#define SPF_LOOKUP_LIMIT 10
#define SPF_VOID_LIMIT 2
#define SPF_NAMES_LIMIT 10
/* Most characters of an explanation, RFC 7208 6.2. */
#define SPF_EXPLANATION_MAX 500

/* RFC 7208 2.6 */
enum spf_result {
    SPF_NONE,
    SPF_NEUTRAL,
    SPF_PASS,
    SPF_FAIL,
    SPF_SOFTFAIL,
    SPF_TEMPERROR,
    SPF_PERMERROR,
};
/* "none", "neutral", "pass", ... */
const char *spf_result_name(enum spf_result result);
/* Case ignored. */
bool spf_result_parse(struct slice text, enum spf_result *result);

struct spf_request {
    struct ip_address ip;
    const char *sender; /* MAIL FROM: mailbox, "@domain" or a domain; "" is the null reverse-path */
    const char *helo;   /* NULL or "" when unknown */
    const char *receiver; /* for %{r}; NULL gives "unknown" */
    int64_t time;         /* for %{t} */
};

struct spf_verdict {
    enum spf_result result;
    bool complete; /* no answer was missing; else `result` is temperror, or the explanation is */
    const char *domain;    /* <domain> of the first check_host(); "" when there was none */
    const char *mechanism; /* the term that decided, or "default"; NULL for none and the errors */
    const char *holder;    /* domain whose record holds that term, or the guilty one */
    const char
        *problem; /* for temperror, permerror and none: a sentence without full stop; else NULL */
    const char *explanation; /* for fail: of the domain (hostile text), or NULL */
    unsigned lookups;        /* terms with look-ups that were evaluated */
    unsigned void_lookups;   /* terms of which a look-up was void */
    const char *missing;     /* term of `holder` whose name, made of the message by macros, has no
                                SPF record: why it is permerror; NULL */
    bool missing_redirect;   /* that term is a redirect */
    size_t ptr_names;        /* most PTR names of the address that a term or %{p} met */
};

/* Strings of the verdict come from `arena` or from the request. */
void spf_evaluate(const struct spf_request *request, struct dns_answers *answers,
                  struct arena *arena, struct spf_verdict *verdict);

/* Selecting the record, RFC 7208 4.4 and 4.5. */
enum spf_selection {
    SPF_SELECT_PENDING = 0, /* no answer (yet) */
    SPF_SELECT_RECORD,      /* exactly one */
    SPF_SELECT_NONE,        /* NXDOMAIN, no TXT, or no version section */
    SPF_SELECT_MULTIPLE,
    SPF_SELECT_ERROR, /* temperror */
};
/* `*text` is the record, or the first of several. */
enum spf_selection spf_select(const struct dns_answer *answer, struct slice *text);

/* A name that check_host() takes: several labels, none empty or over 63 octets, no literal (RFC
 * 7208 4.3). */
bool spf_domain_is_valid(const char *domain);

#endif
