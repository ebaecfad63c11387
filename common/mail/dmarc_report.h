/*
 * Where DMARC reports go: can the host receive mail, and did it agree to reports about another
 * organization's domain? RFC 9990 4, RFC 9991 5 (RFC 7489 7.1); RFC 5321 5.1, RFC 7505.
 */
#ifndef COMMON_MAIL_DMARC_REPORT_H
#define COMMON_MAIL_DMARC_REPORT_H

#include "mail/dmarc.h"

enum dmarc_host {
    DMARC_HOST_UNKNOWN = 0, /* not answered */
    DMARC_HOST_FINE,
    DMARC_HOST_NONEXISTENT, /* NXDOMAIN */
    DMARC_HOST_NULL_MX,     /* RFC 7505: wants no mail */
    DMARC_HOST_NO_ADDRESS,  /* neither MX nor A nor AAAA */
};

enum dmarc_authorization {
    DMARC_AUTHORIZATION_UNKNOWN = 0, /* not answered */
    DMARC_AUTHORIZATION_NOT_NEEDED,  /* the same organizational domain */
    DMARC_AUTHORIZATION_GIVEN,
    DMARC_AUTHORIZATION_MISSING,
    DMARC_AUTHORIZATION_TOO_LONG, /* the name of the record does not fit the DNS */
};

struct dmarc_report {
    const struct dmarc_uri *uri;
    bool is_failure; /* ruf */
    enum dmarc_host host;
    const char *organizational_domain; /* of the host, by the walk */
    enum dmarc_authorization authorization;
    const char *authorization_name; /* where the record has to be, or NULL */
    const struct dns_answer *authorization_answer;
    bool is_overridden;           /* the record there gives another address */
    bool is_overridden_elsewhere; /* ... at another host: nothing is sent at all (RFC 9990 4) */
    const char *override;         /* the value of that rua or ruf */
};

/* Checks one URI of a record published at `record_domain`, whose organizational domain is
 * `organization`. `by_public_suffix`, when not NULL, replaces the walk for the host: the old rule's
 * organizational domain. */
void dmarc_report_check(struct arena *arena, struct dns_answers *answers, const char *record_domain,
                        const char *organization, const char *by_public_suffix,
                        const struct dmarc_uri *uri, bool is_failure, struct dmarc_report *report);

/* Can mail be sent to the domain? */
enum dmarc_host dmarc_host_check(struct dns_answers *answers, const char *domain);
const char *dmarc_host_text(enum dmarc_host host);

#endif
