/*
 * check_tlsrpt: its configuration, its facts, and the rooms that they pass through.
 *
 *     check_tlsrpt.c     options, the run, the one exit
 *     tlsrpt_collect     questions -> facts: the only part that meets the network
 *     tlsrpt_https       what a TLS handshake with a report host says (pure)
 *     tlsrpt_judge       facts -> findings (pure)
 *     tlsrpt_show        facts -> JSON, lines of -v (pure)
 */
#ifndef PLUGINS_TLSRPT_H
#define PLUGINS_TLSRPT_H

#include "mail/dmarc_report.h"
#include "mail/tlsrpt.h"
#include "name_servers.h"
#include "net/tls_probe.h"
#include "plugin/plugin.h"
#include "record_memory.h"

struct tlsrpt_config {
    struct option_list domains;         /* -d */
    bool is_required;                   /* --require */
    const char *expected_text;          /* --expect */
    const char *state_file;             /* --state-file */
    long changed_for;                   /* --changed-for, seconds */
    bool authoritative;                 /* --authoritative */
    long authoritative_port;            /* --authoritative-port */
    bool https;                         /* --https */
    long https_port;                    /* --https-port; 0: of the URI */
    struct tls_authorities authorities; /* --ca-file, --ca-path */
};
extern const struct tlsrpt_config tlsrpt_config_default;

#define TLSRPT_DOMAINS_MAX 1000
/* Most exchangers whose TLSA records are looked for. */
#define TLSRPT_EXCHANGERS_MAX 20
/* Most hosts and ports of https: that a handshake is made with, and addresses of each. */
#define TLSRPT_HTTPS_MAX 200
#define TLSRPT_ADDRESSES_MAX 8

/* A host that takes reports by https:, asked once for all domains that name it. */
struct tlsrpt_https {
    const char *host;
    unsigned port;            /* 0: the URI names one that is none */
    struct tls_probe *probes; /* of its addresses */
    size_t count;
    struct ip_address nobodys; /* one that no server can have, and that is not asked; or IP_NONE */
    bool is_incomplete;        /* it may have further addresses, which are not asked */
    const char *trouble;       /* ours: nothing was asked; or NULL */
};

struct tlsrpt_domain {
    const char *domain;
    struct arena arena; /* of all below: emptied when it is built again */
    bool is_settled;
    struct tlsrpt_discovery discovery;
    const struct dns_answer *cname;     /* CNAME beside TXT, or NULL */
    const struct dns_answer *unchecked; /* with CD after SERVFAIL, or NULL */
    enum dmarc_host *hosts;             /* of each report address of the record */
    struct tlsrpt_https **https;        /* likewise; NULL: no handshake is wanted, of any or this */
    const struct dns_answer *sts;       /* TXT of _mta-sts.domain */
    const struct dns_answer *mx;
    const struct dns_answer *tlsa[TLSRPT_EXCHANGERS_MAX]; /* _25._tcp of each exchanger */
    size_t tlsa_count;
    struct name_servers servers;
    struct record_memory memory;
};

struct tlsrpt_facts {
    struct arena *arena;
    struct tlsrpt_domain *domains;
    size_t domain_count;
    struct tlsrpt_https *https;
    size_t https_count;
    int64_t now;
    const char *memory_trouble;
};

/* `dns` NULL: nothing is asked, for tests. */
void tlsrpt_collect(const struct tlsrpt_config *config, const struct plugin_common *common,
                    struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                    struct tlsrpt_facts *facts);
/* Behind it, with --https: which hosts take reports by https:, and a handshake with each. */
void tlsrpt_find_https(const struct tlsrpt_config *config, const struct plugin_common *common,
                       struct dns_answers *answers, struct tlsrpt_facts *facts);
void tlsrpt_shake_hands(const struct tlsrpt_config *config, const struct plugin_common *common,
                        struct loop *loop, struct deadline deadline, struct tlsrpt_facts *facts);
/* All texts that are meant as records, joined by newlines; "" for none, NULL: not known. */
const char *tlsrpt_own_text(const struct tlsrpt_domain *domain, struct arena *arena);

enum tlsrpt_https_verdict {
    TLSRPT_HTTPS_NOT_WANTED = 0, /* without --https, or no https: that leads to a host */
    TLSRPT_HTTPS_FINE,
    TLSRPT_HTTPS_BAD_BESIDE_FINE, /* another of its addresses works */
    TLSRPT_HTTPS_BAD_BESIDE_UNKNOWN,
    TLSRPT_HTTPS_BAD,
    TLSRPT_HTTPS_UNKNOWN, /* our own trouble */
    TLSRPT_HTTPS_LATE,    /* the time was up */
};

struct tlsrpt_https_result {
    enum tlsrpt_https_verdict verdict;
    const char *reason; /* "" when fine */
    const char *repair; /* "" for none but that of the table */
};

/* Whether a sender can post a report over TLS; `https` NULL: not wanted. */
struct tlsrpt_https_result tlsrpt_https_result(struct arena *arena,
                                               const struct tlsrpt_https *https, int64_t now);

void tlsrpt_judge(const struct tlsrpt_config *config, const struct plugin_common *common,
                  const struct tlsrpt_facts *facts, struct report *report);

void tlsrpt_show(const struct tlsrpt_facts *facts, struct report *report);

extern const struct plugin_definition tlsrpt_definition;

enum tlsrpt_finding {
    TLSRPT_F_DNS_ERROR,
    TLSRPT_F_DNS_BOGUS,
    TLSRPT_F_NS_DIFFER,
    TLSRPT_F_NS_MISSING,
    TLSRPT_F_NS_SILENT,
    TLSRPT_F_NS_UNKNOWN,
    TLSRPT_F_TXT_CNAME,
    TLSRPT_F_CNAME_DANGLING,
    TLSRPT_F_ABSENT,
    TLSRPT_F_ABSENT_STS,
    TLSRPT_F_REQUIRED,
    TLSRPT_F_RECORD,
    TLSRPT_F_URI,
    TLSRPT_F_URI_ALL,
    TLSRPT_F_URI_UNKNOWN,
    TLSRPT_F_HTTPS_TLS,
    TLSRPT_F_HTTPS_UNKNOWN,
    TLSRPT_F_RUA_LIMIT,
    TLSRPT_F_UNKNOWN_TAG,
    TLSRPT_F_EXPECT,
    TLSRPT_F_CHANGED,
    TLSRPT_F_STATE_FILE,
    TLSRPT_FINDINGS,
};

enum tlsrpt_metric {
    TLSRPT_M_RECORDS,
    TLSRPT_M_RUA_COUNT,
    TLSRPT_M_RUA_USABLE,
    TLSRPT_M_TIME,
    TLSRPT_METRICS,
};

extern const struct finding_definition tlsrpt_findings[TLSRPT_FINDINGS];
extern const struct metric_definition tlsrpt_metrics[TLSRPT_METRICS];

#endif
