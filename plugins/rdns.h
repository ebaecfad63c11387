/*
 * check_rdns: its configuration, its facts, and the rooms that they pass through.
 *
 *     check_rdns.c           options, the run, the one exit
 *     rdns_collect           questions and conversations -> facts: the only part that meets the
 *                            network
 *     rdns_judge             facts -> findings (pure): the names of the addresses
 *     rdns_judge_helo        what the server calls itself
 *     rdns_show              facts -> JSON, samples, the lines of -v (pure)
 */
#ifndef PLUGINS_RDNS_H
#define PLUGINS_RDNS_H

#include "mail/exchangers.h"
#include "mail/generic_name.h"
#include "name_servers.h"
#include "plugin/plugin.h"
#include "smtp_collect.h"

/* ---- configuration */

struct rdns_config {
    const char *domain;          /* --mx */
    const char *helo;            /* --helo */
    struct option_list expected; /* --expect */
    long most_names;             /* --max-names */
    bool strict;                 /* --strict */
    bool no_connect;             /* --no-connect */
    bool authoritative;          /* --authoritative */
    long authoritative_port;     /* --authoritative-port */
    struct smtp_options smtp;
};
extern const struct rdns_config rdns_config_default;

/* Names of one address whose own addresses are asked for; more are counted. */
#define RDNS_NAMES_MAX 32
#define RDNS_NEIGHBOURS 2

/* ---- facts */

enum rdns_confirmed {
    RDNS_NOT_KNOWN = 0, /* no usable answer */
    RDNS_CONFIRMED,     /* the name has the address */
    RDNS_DENIED,
};

struct rdns_name {
    const char *name;
    const struct dns_answer *forward; /* A or AAAA, of the address's family */
    enum rdns_confirmed confirmed;
};

/* A name that the server, or --helo, says of itself. */
struct rdns_said {
    const char *text; /* normal form where it is a name; NULL: nothing was said */
    enum smtp_name_kind kind;
    const struct dns_answer *forward; /* as in struct rdns_name; NULL: not asked */
    enum rdns_confirmed confirmed;    /* a literal is confirmed when it is the address */
};

struct rdns_address {
    struct ip_address address;
    const char *host; /* whose address it is; NULL: it was given as such */
    const struct smtp_target *target;
    const struct dns_answer *ptr;
    const struct dns_answer *unchecked; /* PTR with CD, after SERVFAIL; else NULL */
    struct rdns_name *names;
    size_t name_count;
    size_t names_omitted;
    /* PTR of addresses beside it. */
    const struct dns_answer *neighbours[RDNS_NEIGHBOURS];
    struct ip_address neighbour_addresses[RDNS_NEIGHBOURS];
    struct name_servers servers;        /* --authoritative */
    bool has_route;                     /* from here to there */
    const struct smtp_session *session; /* NULL: not spoken to */
    struct rdns_said helo, banner;
};

struct rdns_facts {
    struct arena *arena;
    const char *subject;          /* of -H or --mx */
    struct exchangers exchangers; /* --mx */
    const struct smtp_targets *targets;
    struct rdns_address *addresses;
    size_t count;
    bool was_connected; /* the addresses were to be spoken to */
};

/* ---- rooms */

/* The addresses, their names, the addresses of the names. `dns` NULL: nothing is asked, for tests.
 */
void rdns_collect_names(const struct rdns_config *config, const struct plugin_common *common,
                        struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                        struct smtp_targets *targets, struct rdns_facts *facts);
/* What the servers call themselves. */
void rdns_collect_servers(struct smtp_collect *collect, struct deadline deadline,
                          struct rdns_facts *facts);
/* The addresses of those names. */
void rdns_collect_said(const struct rdns_config *config, struct dns *dns,
                       struct dns_answers *answers, struct deadline deadline,
                       struct rdns_facts *facts);

/* What all functions of the judge need. */
struct rdns_judge {
    const struct rdns_config *config;
    const struct plugin_common *common;
    const struct rdns_facts *facts;
    const struct rdns_address *address;
    const char *subject; /* "192.0.2.25", or with its host "mail.example.org (192.0.2.25)" */
    struct report *report;
};

void rdns_judge(const struct rdns_config *config, const struct plugin_common *common,
                const struct rdns_facts *facts, struct report *report);
/* HELO and banner of one address. */
void rdns_judge_helo(const struct rdns_judge *judge);
/* One name at least leads back to the address. */
bool rdns_judge_is_confirmed(const struct rdns_address *address);
/* A question that got no usable answer; NULL: none was asked. `unchecked` as record_judge_failure.
 */
void rdns_judge_dns_error(const struct rdns_judge *judge, const struct dns_answer *answer,
                          const struct dns_answer *unchecked);

void rdns_show(const struct rdns_facts *facts, int verbosity, struct report *report);

/* ---- tables (rdns_options.c, rdns_findings.c) */

extern const struct plugin_definition rdns_definition;

enum rdns_finding {
    RDNS_F_DNS_ERROR,
    RDNS_F_DNS_BOGUS,
    RDNS_F_NS_DIFFER,
    RDNS_F_NS_MISSING,
    RDNS_F_NS_LAME,
    RDNS_F_NS_UNKNOWN,
    RDNS_F_NO_ADDRESS,
    RDNS_F_TOO_MANY,
    RDNS_F_NO_PTR,
    RDNS_F_NOT_CONFIRMED,
    RDNS_F_PARTLY,
    RDNS_F_MANY,
    RDNS_F_CNAME,
    RDNS_F_CNAME_DANGLING,
    RDNS_F_BAD_NAME,
    RDNS_F_GENERIC,
    RDNS_F_DEFAULT,
    RDNS_F_EXPECT,
    RDNS_F_HELO_SYNTAX,
    RDNS_F_HELO_RESOLVE,
    RDNS_F_HELO_PTR,
    RDNS_F_BANNER,
    RDNS_F_BANNER_NAME,
    RDNS_F_NO_BANNER,
    RDNS_F_NO_HELO,
    RDNS_F_OWN_TROUBLE,
    RDNS_FINDINGS,
};

enum rdns_metric {
    RDNS_M_ADDRESSES,
    RDNS_M_CONFIRMED,
    RDNS_M_UNCONFIRMED,
    RDNS_M_NAMES,
    RDNS_M_GENERIC,
    RDNS_M_TIME,
    RDNS_METRICS,
};

extern const struct finding_definition rdns_findings[RDNS_FINDINGS];
extern const struct metric_definition rdns_metrics[RDNS_METRICS];

#endif
