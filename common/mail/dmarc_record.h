/*
 * DMARC policy records: `v=DMARC1; p=reject; rua=...`. RFC 9989 4.7, 4.8; RFC 7489 6.3, 6.4 (pct,
 * rf, ri).
 *
 * A text is a record or it is not: that is decided by its version alone, and by duplicate tags,
 * which make a tag list invalid as a whole (RFC 6376 3.2). Everything else in it is taken or
 * dropped tag by tag.
 */
#ifndef COMMON_MAIL_DMARC_RECORD_H
#define COMMON_MAIL_DMARC_RECORD_H

#include "base/arena.h"
#include "mail/dmarc_uri.h"
#include "mail/tag_list.h"

enum dmarc_policy {
    DMARC_ABSENT = 0, /* DMARC does not apply */
    DMARC_NONE,
    DMARC_QUARANTINE,
    DMARC_REJECT,
};

/* What the start of a text says. */
enum dmarc_version {
    DMARC_VERSION_RIGHT = 0,
    DMARC_VERSION_FOREIGN, /* nothing like DMARC: another protocol's text */
    DMARC_VERSION_SPACE,   /* white space, or a byte order mark, before v */
    DMARC_VERSION_CASE,    /* v=dmarc1, V=DMARC1 */
    DMARC_VERSION_LATE,    /* v=DMARC1 is not the first tag */
    DMARC_VERSION_COLON,   /* no ";" after DMARC1, or something else: v=DMARC1 p=reject, v=DMARC1,
                              p=... */
    DMARC_VERSION_QUOTED,  /* quotes around the record or the version */
    DMARC_VERSION_OTHER,   /* v=DMARC2, v=DMARC, DMARC1 without v= */
};

struct dmarc_policy_tag {
    bool is_present, is_valid;
    enum dmarc_policy value; /* when valid */
    struct slice text;
};

/* A tag of one letter out of a few. */
struct dmarc_letter_tag {
    bool is_present, is_valid;
    char value; /* in lower case; the default when absent or invalid */
    struct slice text;
};

enum dmarc_failure_fault {
    DMARC_FAILURE_FINE = 0,
    DMARC_FAILURE_UNKNOWN, /* a letter that is none of 0 1 d s, or nothing */
    DMARC_FAILURE_BOTH,    /* 0 and 1 */
    DMARC_FAILURE_REPEAT,
};

struct dmarc_record {
    struct slice text;
    struct tag_list tags;
    enum dmarc_version version;
    bool is_record;     /* version right, no duplicate tag: what counts in the tree walk */
    size_t faulty_tags; /* dropped: their error is in the tag list */

    struct dmarc_policy_tag policy, subdomain_policy, nonexistent_policy; /* p, sp, np */
    struct dmarc_letter_tag testing;                                      /* t: y, n */
    struct dmarc_letter_tag psd;                                          /* psd: y, n, u */
    struct dmarc_letter_tag dkim_alignment, spf_alignment;                /* adkim, aspf: r, s */
    bool has_failure_options;                                             /* fo */
    enum dmarc_failure_fault failure_fault;
    struct slice failure_options;
    bool has_percent, percent_valid; /* pct, removed by RFC 9989 */
    unsigned percent;                /* 100 when absent or invalid */
    bool has_format, has_interval;   /* rf, ri, removed likewise */
    bool policy_second;              /* p follows v, as RFC 7489 6.3 wants it */
    bool has_aggregate, has_failure; /* rua, ruf are there */
    struct dmarc_uris aggregate, failure;
    size_t unknown_tags;
};

/* Reads the text of one TXT record. Memory from `arena`; views into `text`. */
void dmarc_record_parse(struct arena *arena, struct slice text, struct dmarc_record *record);

/* At least one URI of rua= is valid (RFC 9989 4.10.1). */
bool dmarc_record_has_reporting(const struct dmarc_record *record);

/* The known tag that an unknown one is likely to mean ("polciy" gives NULL, "sP" gives "sp"), or
 * NULL. */
const char *dmarc_record_likely_tag(struct slice name);

/* The record as it should be published, made from what can be read in any text, near-misses
 * included: quotes gone, semicolons and "mailto:" put in, mistyped policies mended, removed tags
 * dropped (pct=0 becomes t=y), addresses kept that are good or can be mended. The text lives in the
 * arena. */
const char *dmarc_record_repair(struct arena *arena, struct slice text);

const char *
dmarc_policy_name(enum dmarc_policy policy); /* "absent", "none", "quarantine", "reject" */
bool dmarc_policy_parse(struct slice text, enum dmarc_policy *policy);
const char *dmarc_version_text(enum dmarc_version version);

#endif
