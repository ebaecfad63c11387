/*
 * SMTP TLS reporting records: `v=TLSRPTv1; rua=mailto:...` at `_smtp._tls.<domain>`. RFC 8460 3.
 */
#ifndef COMMON_MAIL_TLSRPT_H
#define COMMON_MAIL_TLSRPT_H

#include "mail/dmarc_uri.h"
#include "mail/dns_answer.h"
#include "mail/tag_list.h"

struct tlsrpt_record {
    struct slice text;
    struct tag_list tags;
    bool version_right; /* it begins with `v=TLSRPTv1;`: only such records count (RFC 8460 3) */
    bool is_near_miss;  /* it does not, and is meant to: v=TLSRPT1, v=tlsrptv1, v = TLSRPTv1, no
                           semicolon */
    bool has_reports;   /* rua= is there */
    struct dmarc_uris reports;
    size_t unknown_tags; /* extensions, to be ignored */
};

void tlsrpt_record_parse(struct arena *arena, struct slice text, struct tlsrpt_record *record);

/* A sender would send: version, rua with a good URI, and no fault in the list. */
bool tlsrpt_record_is_usable(const struct tlsrpt_record *record);

/* All that stands at the name. */
#define TLSRPT_RECORDS_MAX 16
struct tlsrpt_discovery {
    const char *name;
    const struct dns_answer *answer;
    struct tlsrpt_record *texts;
    size_t text_count;
    size_t record_count;                /* texts with the right version */
    const struct tlsrpt_record *record; /* the only one; NULL when there is none, or several: then
                                           reporting is not implemented (RFC 8460 3) */
};
void tlsrpt_discover(struct arena *arena, struct dns_answers *answers, const char *domain,
                     struct tlsrpt_discovery *discovery);

/* The record as it should be, made from what can be read; `domain` fills in where there is no
 * address. */
const char *tlsrpt_record_repair(struct arena *arena, const struct tlsrpt_record *record,
                                 const char *domain);

#endif
