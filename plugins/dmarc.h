/*
 * check_dmarc: its configuration, its facts, and the rooms that they pass through.
 *
 *     check_dmarc.c          options, the run, the one exit
 *     dmarc_collect          questions -> facts: the only part that meets the network
 *     dmarc_judge            facts -> findings (pure): what holds, and why
 *     dmarc_judge_record     the record itself
 *     dmarc_judge_reports    its report addresses
 *     dmarc_show             facts -> JSON, the walk of -v (pure)
 */
#ifndef PLUGINS_DMARC_H
#define PLUGINS_DMARC_H

#include "mail/dmarc.h"
#include "mail/dmarc_report.h"
#include "mail/public_suffix.h"
#include "name_servers.h"
#include "plugin/plugin.h"
#include "record_memory.h"

/* ---- configuration */

struct dmarc_config {
    struct option_list domains;   /* -d */
    const char *min_policy;       /* --min-policy */
    bool old_rule;                /* --rfc7489 */
    bool parked;                  /* --parked */
    struct option_list selectors; /* --selector */
    const char *expected_text;    /* --expect */
    const char *suffix_file;      /* --public-suffix-list */
    const char *state_file;       /* --state-file */
    long changed_for;             /* --changed-for, seconds */
    bool authoritative;           /* --authoritative */
    long authoritative_port;      /* --authoritative-port */
};
extern const struct dmarc_config dmarc_config_default;

/* Most domains of one run. */
#define DMARC_DOMAINS_MAX 1000
/* The name that nobody has: asked below the domain to see wildcards. */
#define DMARC_PROBE_LENGTH 16

/* ---- facts */

/* Names where a record has no effect, and what stands there. */
enum dmarc_place {
    DMARC_PLACE_APEX,    /* the domain itself, without "_dmarc." */
    DMARC_PLACE_TWICE,   /* _dmarc._dmarc.domain */
    DMARC_PLACE_DOUBLED, /* _dmarc.domain.domain: a zone file without the final dot */
    DMARC_PLACES,
};

struct dmarc_domain {
    const char *domain;
    const char *organization; /* by the public suffix list; the domain itself when it is a suffix */
    struct arena arena;       /* of all below: emptied when it is built again */
    bool is_settled;          /* everything that it needs was answered */
    struct dmarc_discovery discovery;
    const struct dmarc_verdict *verdict; /* the one that decides: current, or old with --rfc7489 */
    struct dmarc_report *reports;        /* of the record that holds: rua, then ruf */
    size_t report_count;
    const struct dns_answer *places[DMARC_PLACES];
    const struct dns_answer *cnames[DMARC_WALK_MAX]; /* CNAME of a step that has TXT, or NULL */
    const struct dns_answer
        *unchecked[DMARC_WALK_MAX]; /* with CD, of a step with SERVFAIL, or NULL */
    const struct dns_answer *probe_text, *probe_address; /* of the name that nobody has */
    const struct dns_answer *spf;                        /* TXT of the domain */
    const struct dns_answer *keys;                       /* "_domainkey" of the domain */
    /* The same of the organizational domain, where that is another and relaxed alignment lets them
     * serve (RFC 9989 4.4); else NULL */
    const struct dns_answer *organization_spf, *organization_keys;
    const struct dns_answer **selectors; /* of --selector */
    struct name_servers servers;
    struct record_memory memory;
};

struct dmarc_facts {
    struct arena *arena;
    struct dmarc_domain *domains;
    size_t domain_count;
    const struct public_suffix *suffixes; /* NULL: there is no list */
    char probe[DMARC_PROBE_LENGTH + 1];
    int64_t now;
    const char *memory_trouble;
};

/* ---- rooms */

/* `dns` NULL: nothing is asked, for tests. */
void dmarc_collect(const struct dmarc_config *config, const struct plugin_common *common,
                   struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                   struct dmarc_facts *facts);

/* The text that is published for the domain itself, or NULL: none, or not known. */
const char *dmarc_own_text(const struct dmarc_domain *domain, struct arena *arena);

/* What all functions of the judge need. */
struct dmarc_judge {
    const struct dmarc_config *config;
    const struct plugin_common *common;
    const struct dmarc_facts *facts;
    const struct dmarc_domain *domain;
    struct arena *arena;
    struct report *report;
};

void dmarc_judge(const struct dmarc_config *config, const struct plugin_common *common,
                 const struct dmarc_facts *facts, struct report *report);
/* The tags of the record that holds. */
void dmarc_judge_record(const struct dmarc_judge *judge);
/* Its report addresses. */
void dmarc_judge_reports(const struct dmarc_judge *judge);
/* Where the record of a domain is to be published: at _dmarc.domain, or where its CNAME leads. */
const char *dmarc_judge_home(const struct dmarc_judge *judge, const char *domain);
/* "Publish at _dmarc.example.org: v=DMARC1; ..." made from any text. */
void dmarc_judge_fix(const struct dmarc_judge *judge, struct finding *finding, const char *domain,
                     struct slice text);

void dmarc_show(const struct dmarc_facts *facts, struct report *report);

/* ---- tables (dmarc_options.c, dmarc_findings.c) */

extern const struct plugin_definition dmarc_definition;

enum dmarc_finding {
    DMARC_F_DNS_ERROR,
    DMARC_F_DNS_BOGUS,
    DMARC_F_NS_DIFFER,
    DMARC_F_NS_MISSING,
    DMARC_F_NS_SILENT,
    DMARC_F_NS_UNKNOWN,
    DMARC_F_TXT_CNAME,
    DMARC_F_CNAME_DANGLING,
    DMARC_F_NONE,
    DMARC_F_INHERITED,
    DMARC_F_MULTIPLE,
    DMARC_F_VERSION,
    DMARC_F_LOCATION,
    DMARC_F_LOCATION_BESIDE,
    DMARC_F_FOREIGN,
    DMARC_F_FOREIGN_BESIDE,
    DMARC_F_SYNTAX,
    DMARC_F_P_MISSING,
    DMARC_F_P_BAD,
    DMARC_F_SP_BAD,
    DMARC_F_NP_BAD,
    DMARC_F_P_NONE,
    DMARC_F_POLICY_LIMIT,
    DMARC_F_T_Y,
    DMARC_F_PCT,
    DMARC_F_PCT_REMOVED,
    DMARC_F_RF_RI,
    DMARC_F_UNKNOWN_TAG,
    DMARC_F_SP_WEAK,
    DMARC_F_NP_WEAK,
    DMARC_F_SP_IGNORED,
    DMARC_F_PSD,
    DMARC_F_PSD_SET,
    DMARC_F_PSL_DIFFER,
    DMARC_F_MID_RECORD,
    DMARC_F_DEEP,
    DMARC_F_ADKIM_ASPF,
    DMARC_F_FO,
    DMARC_F_FO_UNUSED,
    DMARC_F_T_BAD,
    DMARC_F_RUA_NONE,
    DMARC_F_RUA_URI,
    DMARC_F_RUA_SIZE,
    DMARC_F_RUA_SIZE_BAD,
    DMARC_F_RUA_HOST,
    DMARC_F_RUA_HOST_ALL,
    DMARC_F_RUA_HOST_UNKNOWN,
    DMARC_F_RUA_EXT,
    DMARC_F_RUF_EXT,
    DMARC_F_EXT_UNKNOWN,
    DMARC_F_EXT_OVERRIDE,
    DMARC_F_STRICT_CLASH,
    DMARC_F_WILDCARD_SUB,
    DMARC_F_PARKED,
    DMARC_F_EXPECT,
    DMARC_F_CHANGED,
    DMARC_F_STATE_FILE,
    DMARC_FINDINGS,
};

enum dmarc_metric {
    DMARC_M_POLICY,
    DMARC_M_EFFECTIVE,
    DMARC_M_PCT,
    DMARC_M_RUA_COUNT,
    DMARC_M_WALK_QUERIES,
    DMARC_M_TIME,
    DMARC_METRICS,
};

extern const struct finding_definition dmarc_findings[DMARC_FINDINGS];
extern const struct metric_definition dmarc_metrics[DMARC_METRICS];

#endif
