/*
 * check_spf: its configuration, its facts, and the rooms that they pass through.
 *
 *     check_spf.c    options, the run, the one exit
 *     spf_collect    questions -> facts: the only part that meets the network
 *     spf_judge      facts -> findings (pure)
 *     spf_show       facts -> JSON, the tree of -v, samples (pure)
 *     spf_memory     facts <-> state file
 */
#ifndef PLUGINS_SPF_H
#define PLUGINS_SPF_H

#include "mail/endpoint.h"
#include "mail/spf.h"
#include "mail/spf_lint.h"
#include "name_servers.h"
#include "net/dns.h"
#include "plugin/plugin.h"

/* ---- configuration */

struct spf_config {
    struct option_list domains;   /* -d */
    const char *domains_file;     /* --domains-file */
    struct option_list records;   /* --record; not more than one */
    const char *record;           /* that one, or NULL */
    struct option_list addresses; /* --ip: "A" or "A,B" */
    bool with_mx;                 /* --mx */
    const char *sender;           /* --sender */
    const char *helo;             /* --helo */
    const char *expected_result;  /* --expect-result */
    const char *expected_text;    /* --expect */
    long lookup_warning;          /* --lookup-warning */
    long max_addresses;           /* --max-addresses */
    const char *required_all;     /* --require-all */
    bool parked;                  /* --parked */
    bool allow_none;              /* --allow-none */
    bool authoritative;           /* --authoritative */
    long authoritative_port;      /* --authoritative-port */
    const char *state_file;       /* --state-file */
    long changed_for;             /* --changed-for, seconds */
};
extern const struct spf_config spf_config_default;

/* Most domains of one run, and most addresses checked for each. */
#define SPF_DOMAINS_MAX 10000
#define SPF_ADDRESSES_MAX 256
/* The domain that a --record without -d belongs to (RFC 2606 2). */
#define SPF_RECORD_DOMAIN "record.invalid"

/* ---- facts */

enum spf_identity { SPF_MAIL_FROM, SPF_HELO };

/* One check_host() for one address. */
struct spf_check {
    enum spf_identity identity;
    struct spf_request request;
    struct spf_verdict verdict;
};

struct spf_domain {
    const char *domain;
    struct arena arena; /* of tree, checks and issues: emptied when they are built again */
    bool is_settled;    /* everything that it needs was answered */
    struct spf_tree tree;
    struct spf_issues issues;
    struct spf_check *checks;
    size_t check_count, check_capacity;
    const struct dns_answer *helo_text;   /* TXT of --helo, for the first domain; NULL, also
                                             where --helo is no domain to look up */
    struct name_servers servers;          /* --authoritative */
    const struct dns_answer *mx;          /* --mx; NULL */
    const struct dns_answer **exchangers; /* --mx: the questions for their addresses */
    size_t exchanger_count;
    const char *previous; /* the record before the last change, or NULL */
    int64_t changed_at;   /* wall clock; 0: never */
};

struct spf_facts {
    struct arena *arena;
    struct spf_domain *domains;
    size_t domain_count;
    struct ip_address *addresses; /* of --ip */
    size_t address_count;
    bool is_offline;            /* --record without -d: nothing is asked */
    bool was_cut;               /* the deadline came first */
    int64_t now;                /* wall clock at the start */
    size_t asked;               /* questions */
    const char *memory_trouble; /* what is wrong with the state file; NULL */
};

/* The selected record, or NULL: text with a NUL behind it. */
const char *spf_record_text(const struct spf_domain *domain, struct arena *arena);
/* The answer says what is there, be it nothing. */
bool spf_record_is_known(const struct spf_domain *domain);

/* Parts of spf_judge, one domain each (spf_judge_servers.c, spf_judge_checks.c). */
struct spf_judge {
    const struct spf_config *config;
    const struct plugin_common *common;
    struct spf_facts *facts;
    struct report *report;
    const char *published; /* the repaired record of the domain at hand, with the addresses that
                              must pass; NULL when nothing is to be changed */
};
void spf_judge_checks(struct spf_judge *judge, const struct spf_domain *domain);
void spf_judge_servers(struct spf_judge *judge, const struct spf_domain *domain);
/* The record of the domain with all that is to be changed in it. */
const char *spf_judge_repair(const struct spf_judge *judge, const struct spf_domain *domain);

/* ---- rooms */

/* Puts the text of --record into the store as the answer of the domain. */
void spf_publish(struct dns_answers *answers, const char *domain, const char *record);
/* `dns` NULL: nothing is asked (offline). */
void spf_collect(const struct spf_config *config, const struct plugin_common *common,
                 struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                 struct spf_facts *facts);

void spf_judge(const struct spf_config *config, const struct plugin_common *common,
               struct spf_facts *facts, struct report *report);

void spf_show(const struct spf_config *config, struct spf_facts *facts, struct report *report);

/* Reads the state file and notes what changed; writes it again. */
void spf_remember(const struct spf_config *config, struct spf_facts *facts);

/* ---- tables (spf_options.c, spf_findings.c) */

extern const struct plugin_definition spf_definition;

/* The issues of the lint come first, in their order. */
enum spf_finding {
    SPF_F_NONE_ALLOWED = SPF_ISSUE_COUNT,
    SPF_F_NS_DIFFER,
    SPF_F_NS_MISSING,
    SPF_F_NS_SILENT,
    SPF_F_NS_UNKNOWN,
    SPF_F_PTR_NAMES,
    SPF_F_RESULT_FAIL,
    SPF_F_RESULT_SOFTFAIL,
    SPF_F_RESULT_NEUTRAL,
    SPF_F_RESULT_NONE,
    SPF_F_RESULT_PERMERROR,
    SPF_F_RESULT_TEMPERROR,
    SPF_F_RESULT_UNEXPECTED,
    SPF_F_MX_UNKNOWN,
    SPF_F_HELO_SPF,
    SPF_F_HELO_FAIL,
    SPF_F_LOOKUPS_WARNING,
    SPF_F_LOOKUPS_CRITICAL,
    SPF_F_EXPECT,
    SPF_F_CHANGED,
    SPF_F_STATE_FILE,
    SPF_FINDINGS,
};

enum spf_metric {
    SPF_M_LOOKUPS,
    SPF_M_VOID_LOOKUPS,
    SPF_M_RECORD_BYTES,
    SPF_M_INCLUDES,
    SPF_M_ADDRESSES,
    SPF_M_TIME,
    SPF_METRICS,
};

extern const struct finding_definition spf_findings[SPF_FINDINGS];
extern const struct metric_definition spf_metrics[SPF_METRICS];

#endif
