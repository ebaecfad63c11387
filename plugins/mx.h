/*
 * check_mx: its configuration, its facts, and the rooms that they pass through.
 *
 *     check_mx.c             options, the run, the one exit
 *     mx_collect             questions and conversations -> facts: the only part that meets the
 *                            network
 *     mx_outcome             conversations -> what each address and exchanger is worth (pure)
 *     mx_judge               facts -> findings (pure): what stands in DNS
 *     mx_judge_names         the names and addresses of the exchangers
 *     mx_judge_servers       what the exchangers said
 *     mx_judge_recipients    what they said of recipients and of TLS
 *     mx_expected            --expect
 *     mx_show                facts -> JSON, samples, the lines of -v (pure)
 */
#ifndef PLUGINS_MX_H
#define PLUGINS_MX_H

#include "mail/exchangers.h"
#include "mail/public_suffix.h"
#include "name_servers.h"
#include "plugin/plugin.h"
#include "report/threshold.h"
#include "smtp_collect.h"

/* ---- configuration */

struct mx_config {
    const char *domain; /* -d */
    bool no_connect;    /* --no-connect */
    bool expect_null;   /* --expect-null */
    struct option_list expected;
    long min_exchangers, min_addresses, min_networks;
    struct option_list dead; /* --dead */
    struct range ttl;        /* --ttl */
    bool internal;           /* --internal */
    bool rcpt;               /* --rcpt */
    bool unknown;            /* --unknown */
    const char *sender;      /* --from */
    bool tls;                /* --tls */
    const char *ca_file, *ca_path;
    bool authoritative;
    long authoritative_port;
    struct smtp_options smtp;
};
extern const struct mx_config mx_config_default;

/* The local part that nobody has, of --unknown. */
#define MX_PROBE_LENGTH 20
/* Seconds: outside of them a TTL is worth a note. */
#define MX_TTL_LEAST 300
#define MX_TTL_MOST 86400

/* One of --expect: "10 mx.example.org" or "mx.example.org". */
struct mx_expected {
    const char *host; /* normal form; "." for a null MX */
    bool has_preference;
    unsigned preference;
};
#define MX_EXPECTED_MAX 256
/* Reads the values, each one record or several with commas between them. False with a message at
 * the first that is none. */
bool mx_expected_read(const struct option_list *values, struct arena *arena,
                      struct mx_expected **list, size_t *count, char message[static 256]);

/* ---- facts */

/* What an address, or an exchanger with all its addresses, is worth. */
enum mx_answer {
    MX_UNASKED = 0, /* not spoken to: no time, no wish */
    MX_WORKS,       /* greeted with 220 and took EHLO */
    MX_REFUSES,     /* answers, but not us or not now: 4xx, a tarpit */
    MX_BLOCKS,      /* a refusal that is about us: others may be welcome */
    MX_DOWN,
    MX_UNFIT, /* no address that mail can be sent to: not spoken to */
    MX_OURS,  /* our own means failed */
};
/* "works", "refuses us" ... */
const char *mx_answer_text(enum mx_answer answer);

/* What came of a recipient. */
enum mx_verdict {
    MX_NOT_TOLD = 0,   /* not asked, or no reply */
    MX_ACCEPTED,       /* 2xx */
    MX_REFUSED,        /* the recipient is refused */
    MX_DEFERRED,       /* 4xx */
    MX_REFUSED_US,     /* 5xx that is about us */
    MX_REFUSED_SENDER, /* MAIL was not accepted */
};

struct mx_address {
    struct ip_address address;
    bool has_route;                     /* from here to there */
    bool is_left_out;                   /* --first-address */
    const struct smtp_target *target;   /* NULL: not spoken to */
    const struct smtp_session *session; /* hosts with one address in common share it; NULL: none */
    /* Concluded by mx_outcome. */
    enum mx_answer answer;
    const char *failure; /* in words; "" when it works */
    double seconds;      /* until EHLO was answered; NAN when it was not */
    enum mx_verdict postmaster, unknown;
    const struct smtp_entry *postmaster_entry, *unknown_entry; /* what decided; NULL: nothing */
};

/* One exchanger: its duplicates and null MX are no hosts. */
struct mx_host {
    const struct exchanger *exchanger;
    bool is_given;                         /* its addresses are those of --resolve */
    bool is_dead;                          /* --dead: it should not answer */
    const char *zone;                      /* of the name; NULL: not known */
    const struct dns_answer *soa, *ns;     /* of the name, of its zone; NULL: not asked */
    const struct dns_answer *organization; /* SOA of the registered domain of a name that does not
                                              exist; NULL: not asked */
    struct mx_address *addresses;
    size_t count;
    enum mx_answer answer; /* concluded by mx_outcome */
};

/* What is said to each exchanger, and where the answers stand; SMTP_NO_STEP: it is not said. */
#define MX_STEPS_MAX 10
struct mx_plan {
    struct smtp_step steps[MX_STEPS_MAX];
    size_t count;
    size_t starttls;
    size_t postmaster, unknown; /* RCPT; the step before it is its MAIL */
};

struct mx_facts {
    struct arena *arena;
    const char *domain;
    const struct mx_expected *expected;
    size_t expected_count;
    const struct public_suffix *suffixes; /* NULL: there is no list */
    char probe[MX_PROBE_LENGTH + 1];
    struct exchangers exchangers;
    const struct dns_answer *secure;    /* MX asked with DO */
    const struct dns_answer *unchecked; /* MX with CD, after SERVFAIL; else NULL */
    const struct dns_answer *spf;       /* TXT of the domain */
    struct name_servers servers;        /* --authoritative */
    struct mx_host *hosts;
    size_t host_count;
    struct mx_plan plan;
    size_t targets_omitted;
    bool is_critical_given; /* -c is the user's, not the default */
    bool was_connected;     /* the exchangers were to be spoken to */
    double patience;        /* seconds: silence that lasted less says nothing */
};

/* ---- rooms */

/* What DNS says. `dns` NULL: nothing is asked, for tests. */
void mx_collect_names(const struct mx_config *config, const struct plugin_common *common,
                      struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                      struct mx_facts *facts);
/* The dialogue that the options want. False when --from is no sender. */
bool mx_collect_plan(const struct mx_config *config, struct mx_facts *facts);
/* What the exchangers say. */
void mx_collect_servers(const struct mx_config *config, struct smtp_targets *targets,
                        struct smtp_collect *collect, struct deadline deadline,
                        struct mx_facts *facts);

/* Concludes what each address and each host is worth. */
void mx_outcome(struct mx_facts *facts, struct report *report);

/* What all functions of the judge need. */
struct mx_judge {
    const struct mx_config *config;
    const struct plugin_common *common;
    const struct mx_facts *facts;
    struct report *report;
};

void mx_judge(const struct mx_config *config, const struct plugin_common *common,
              const struct mx_facts *facts, struct report *report);
void mx_judge_names(const struct mx_judge *judge);
void mx_judge_servers(const struct mx_judge *judge);
void mx_judge_recipients(const struct mx_judge *judge);
void mx_judge_tls(const struct mx_judge *judge);
/* The network of an address that counts as one place: /24 or /48. */
struct ip_network mx_judge_network(const struct ip_address *address);

void mx_show(const struct mx_facts *facts, int verbosity, struct report *report);

/* ---- tables (mx_options.c, mx_findings.c) */

extern const struct plugin_definition mx_definition;

enum mx_finding {
    MX_F_DNS_ERROR,
    MX_F_DNS_BOGUS,
    MX_F_NS_DIFFER,
    MX_F_NS_MISSING,
    MX_F_NS_SILENT,
    MX_F_NS_UNKNOWN,
    MX_F_NO_DOMAIN,
    MX_F_NONE,
    MX_F_IMPLICIT,
    MX_F_NULL,
    MX_F_NOT_NULL,
    MX_F_NULL_WRONG,
    MX_F_NULL_SENDS,
    MX_F_EXPECT,
    MX_F_IP_LITERAL,
    MX_F_BAD_NAME,
    MX_F_BAD_ADDRESS,
    MX_F_CNAME,
    MX_F_NO_ADDRESS,
    MX_F_DEAD_DOMAIN,
    MX_F_DUPLICATE,
    MX_F_TOO_FEW,
    MX_F_FEW_ADDRESSES,
    MX_F_FEW_NETWORKS,
    MX_F_TOO_MANY,
    MX_F_SINGLE,
    MX_F_SAME_ADDRESS,
    MX_F_SAME_NETWORK,
    MX_F_NO_IPV6,
    MX_F_TTL,
    MX_F_ONE_ZONE,
    MX_F_ONE_SERVER,
    MX_F_DNSSEC,
    MX_F_ALL_DOWN,
    MX_F_PRIMARY_DOWN,
    MX_F_DOWN,
    MX_F_BACKUP_DOWN,
    MX_F_ADDRESS_DOWN,
    MX_F_WORKING,
    MX_F_REFUSES_US,
    MX_F_BLOCKS_US,
    MX_F_NO_EHLO,
    MX_F_OWN_TROUBLE,
    MX_F_UNASKED,
    MX_F_DEAD_ALIVE,
    MX_F_DEAD_ABSENT,
    MX_F_DEAD_AS_MEANT,
    MX_F_RCPT_REFUSED,
    MX_F_RCPT_DEFERRED,
    MX_F_RCPT_UNTOLD,
    MX_F_BACKSCATTER,
    MX_F_UNKNOWN_UNTOLD,
    MX_F_STARTTLS_MISSING,
    MX_F_TLS_FAILED,
    MX_F_CERTIFICATE,
    MX_FINDINGS,
};

enum mx_metric {
    MX_M_COUNT,
    MX_M_UP,
    MX_M_DOWN,
    MX_M_REFUSING,
    MX_M_ADDR,
    MX_M_ADDR_UP,
    MX_M_ADDR_DOWN,
    MX_M_NETWORKS,
    MX_M_CATCHALL,
    MX_M_TIME_SLOWEST,
    MX_M_TIME,
    MX_METRICS,
};

extern const struct finding_definition mx_findings[MX_FINDINGS];
extern const struct metric_definition mx_metrics[MX_METRICS];

#endif
