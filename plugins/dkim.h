/*
 * check_dkim: its configuration, its facts, and the rooms that they pass through.
 *
 *     check_dkim.c           options, the run, the one exit
 *     dkim_targets           which selectors are checked: options, the usual ones
 *     dkim_tables            ... and those of a signer's tables
 *     dkim_pairs             private key files
 *     dkim_collect           questions -> facts: the only part that meets the network
 *     dkim_judge             facts -> findings (pure): the keys
 *     dkim_judge_message     ... the signatures of a message
 *     dkim_judge_figures     ... metrics and summary
 *     dkim_show              facts -> JSON, lines of -v (pure)
 */
#ifndef PLUGINS_DKIM_H
#define PLUGINS_DKIM_H

#include "mail/dkim.h"
#include "mail/dmarc.h"
#include "mail/mailbox.h"
#include "name_servers.h"
#include "plugin/plugin.h"
#include "record_memory.h"

/* ---- configuration */

struct dkim_config {
    struct option_list domains;   /* -d */
    struct option_list selectors; /* -s: SELECTOR or a whole name */
    struct option_list retired;   /* --retired */
    bool discover;                /* --discover */
    const char *key_file;         /* --key */
    const char *key_table;        /* --key-table */
    const char *signing_table;    /* --signing-table */
    bool expect_revoked;          /* --expect-revoked */
    long max_age;                 /* --max-age, days; 0: no limit */
    const char *state_file;       /* --state-file */
    bool authoritative;           /* --authoritative */
    long authoritative_port;      /* --authoritative-port */
    const char *message_file;     /* --message */
    bool legacy;                  /* --legacy */
    bool tlsrpt;                  /* --tls-report */
    bool align;                   /* --align */
    const char *expected;         /* --expect */
    long max_lifetime;            /* --max-lifetime, days */
};
extern const struct dkim_config dkim_config_default;

/* Most selectors of one run. */
#define DKIM_TARGETS_MAX 5000
/* The selector that nobody has: asked to see wildcards. */
#define DKIM_PROBE_LENGTH 16
/* A signature may come from a clock that is so far ahead, in seconds. */
#define DKIM_CLOCK_SKEW 300

/* ---- facts */

/* What the signer holds for a selector. */
enum dkim_pair {
    DKIM_PAIR_NONE = 0,   /* no file was named */
    DKIM_PAIR_READ,       /* see `private_key` */
    DKIM_PAIR_UNREADABLE, /* see `pair_trouble` */
};

struct dkim_target {
    const char *domain, *selector;
    const char *name;      /* selector._domainkey.domain */
    bool is_discovered;    /* a usual selector: not there is no fault */
    bool is_retired;       /* its key should be gone */
    const char *key_file;  /* --key, --key-table; NULL: none. May be a key: never printed */
    const char *pair_name; /* what is printed for it */
    enum dkim_pair pair;
    const char *pair_trouble;
    bool is_open_to_others; /* everybody may read the file */
    struct dkim_private_key private_key;

    bool is_settled;
    const struct dns_answer *answer;
    const struct dns_answer *cname;     /* CNAME beside TXT, or NULL */
    const struct dns_answer *unchecked; /* with CD after SERVFAIL, or NULL */
    const struct dns_answer *probe;     /* the selector that nobody has */
    const struct dns_answer *parent;    /* _domainkey.domain */
    struct dkim_key *keys;
    size_t key_count; /* at most DKIM_KEYS_MAX */
    unsigned *weaknesses;
    struct name_servers servers;
    struct record_memory memory;
};

/* A domain for which the signer's tables have no key. */
struct dkim_gap {
    const char *domain;
    const char *key_name; /* the name that the key table does not have; NULL: no row is for it */
};

/* The message and what became of its signatures. */
struct dkim_letter {
    bool is_given;
    const struct message *message;
    size_t signature_count; /* fields */
    const struct dkim_verdict *verdicts;
    size_t count;
    struct mailboxes authors;
    /* --align */
    const char *author; /* the first domain in From; "" when there is none */
    struct dmarc_discovery *policy;
    struct dmarc_walk *walks; /* of d= of each signature */
    bool is_aligned[DKIM_SIGNATURES_MAX];
    bool is_strict; /* adkim=s */
    bool alignment_known;
};

struct dkim_facts {
    struct arena *arena;
    struct dkim_target *targets;
    size_t target_count;
    size_t discovered; /* usual selectors asked for */
    struct dkim_gap *gaps;
    size_t gap_count;
    struct dkim_verifier *verifier;
    struct dkim_letter letter;
    char probe[DKIM_PROBE_LENGTH + 1];
    int64_t now;
    const char *memory_trouble;
};

/* ---- rooms */

/* Fills facts->targets; usage errors end the program. */
void dkim_targets_find(struct plugin *plugin, const struct dkim_config *config,
                       struct dkim_facts *facts);
/* Finds or adds one. */
struct dkim_target *dkim_targets_add(struct plugin *plugin, struct dkim_facts *facts,
                                     const char *selector, const char *domain);
/* Adds those of --key-table and --signing-table; usage errors end the program. */
void dkim_tables_read(struct plugin *plugin, const struct dkim_config *config,
                      struct dkim_facts *facts);
/* Reads the private keys of the targets that name one. */
void dkim_pairs_read(struct dkim_facts *facts);

/* `dns` NULL: nothing is asked, for tests. */
void dkim_collect(const struct dkim_config *config, const struct plugin_common *common,
                  struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                  struct dkim_facts *facts);

/* What all functions of the judge need. */
struct dkim_judge {
    const struct dkim_config *config;
    const struct plugin_common *common;
    const struct dkim_facts *facts;
    struct report *report;
};
void dkim_judge(const struct dkim_config *config, const struct plugin_common *common,
                const struct dkim_facts *facts, struct report *report);
void dkim_judge_message(const struct dkim_judge *judge);
void dkim_judge_summarize(const struct dkim_facts *facts, struct report *report);
void dkim_judge_metrics(const struct dkim_judge *judge);

/* The DNS said what is at the selector, or that nothing is. */
bool dkim_judge_is_known(const struct dkim_target *target);
/* The record is the wildcard's: the selector has none of its own. */
bool dkim_judge_is_of_wildcard(const struct dkim_target *target);
/* A selector that was asked for, and has a record of its own. */
bool dkim_judge_has_record(const struct dkim_target *target);
/* The figure of -w or -c, which stands in for the limits of RFC 8301 3.2. */
struct range dkim_judge_limit(const struct range *wanted, double least);

void dkim_show(const struct dkim_facts *facts, struct report *report);

/* ---- tables (dkim_options.c, dkim_findings.c) */

extern const struct plugin_definition dkim_definition;

enum dkim_finding {
    DKIM_F_DNS_ERROR,
    DKIM_F_DNS_BOGUS,
    DKIM_F_NS_DIFFER,
    DKIM_F_NS_MISSING,
    DKIM_F_NS_SILENT,
    DKIM_F_NS_UNKNOWN,
    DKIM_F_TXT_CNAME,
    DKIM_F_NO_KEY,
    DKIM_F_CNAME_DANGLING,
    DKIM_F_MULTIPLE,
    DKIM_F_WILDCARD,
    DKIM_F_NOT_DKIM,
    DKIM_F_ENT,
    DKIM_F_VERSION,
    DKIM_F_VERSION_ABSENT,
    DKIM_F_TAG_LIST,
    DKIM_F_TAG_LIMIT,
    DKIM_F_UNKNOWN_TAG,
    DKIM_F_G,
    DKIM_F_G_EMPTY,
    DKIM_F_P_MISSING,
    DKIM_F_P_EMPTY,
    DKIM_F_NOT_REVOKED,
    DKIM_F_P_BASE64,
    DKIM_F_P_DER,
    DKIM_F_P_PKCS1,
    DKIM_F_P_PRIVATE,
    DKIM_F_K,
    DKIM_F_ED_LEN,
    DKIM_F_BITS_SHORT,
    DKIM_F_BITS_FEW,
    DKIM_F_BITS_MANY,
    DKIM_F_BITS_LIMIT,
    DKIM_F_WEAK,
    DKIM_F_EXPONENT,
    DKIM_F_H,
    DKIM_F_S,
    DKIM_F_T_Y,
    DKIM_F_T_S,
    DKIM_F_SIZE,
    DKIM_F_PAIR,
    DKIM_F_PAIR_UNREADABLE,
    DKIM_F_PAIR_MODE,
    DKIM_F_SIGNING_TABLE,
    DKIM_F_AGE,
    DKIM_F_RETIRED,
    DKIM_F_DISCOVERED_NONE,
    DKIM_F_UNSIGNED,
    DKIM_F_HEADER_LIMIT,
    DKIM_F_SIGNATURE_LIMIT,
    DKIM_F_BH,
    DKIM_F_B,
    DKIM_F_SIG_SYNTAX,
    DKIM_F_ALG,
    DKIM_F_SIG_KEY,
    DKIM_F_SIG_DNS,
    DKIM_F_ED_ONLY,
    DKIM_F_X,
    DKIM_F_T_FUTURE,
    DKIM_F_LIFETIME,
    DKIM_F_L,
    DKIM_F_L_LONG,
    DKIM_F_FROM_H,
    DKIM_F_I_D,
    DKIM_F_OVERSIGN,
    DKIM_F_UNSIGNED_HEADER,
    DKIM_F_DUP_HEADER,
    DKIM_F_ALIGN,
    DKIM_F_ALIGN_UNKNOWN,
    DKIM_F_EXPECT,
    DKIM_F_TESTING,
    DKIM_F_LEGACY,
    DKIM_F_STATE_FILE,
    DKIM_FINDINGS,
};

enum dkim_metric {
    DKIM_M_KEYS,
    DKIM_M_GOOD_KEYS,
    DKIM_M_BITS,
    DKIM_M_AGE,
    DKIM_M_SIGNATURES,
    DKIM_M_PASSED,
    DKIM_M_TIME,
    DKIM_METRICS,
};

extern const struct finding_definition dkim_findings[DKIM_FINDINGS];
extern const struct metric_definition dkim_metrics[DKIM_METRICS];

#endif
