/*
 * check_open_relay: its configuration, its facts, and the rooms that they pass through.
 *
 *     check_open_relay.c     options, the run, the one exit
 *     relay_options          the option table
 *     relay_setup            options -> probes, addresses, limits: what the table cannot check
 *     relay_probe            the file of probes (pure)
 *     relay_plan             which probes in which session (pure)
 *     relay_memory           the state file
 *     relay_collect          sessions, one after the other -> facts: what meets the network
 *     relay_reply            what a reply means (pure)
 *     relay_trust            whether the server sees us as a stranger (pure)
 *     relay_judge            facts -> findings (pure): what was accepted
 *     relay_judge_open       what was not answered, and why
 *     relay_show             facts -> JSON, transcript (pure)
 */
#ifndef PLUGINS_RELAY_H
#define PLUGINS_RELAY_H

#include "plugin/plugin.h"
#include "relay_memory.h"
#include "relay_plan.h"
#include "smtp_collect.h"

/* ---- configuration */

struct relay_config {
    struct smtp_options smtp;
    const char *domain;                 /* -d */
    const char *to, *from;              /* --to, --from */
    const char *base_probes;            /* --base-probes */
    struct option_list probe_files;     /* --probe-file */
    struct option_list probes, skipped; /* --probe, --skip */
    bool extended, starttls, data_abort, trusted_source;
    long per_session, max_sessions, most_connections;
    double interval;
    long keep;
    const char *state_file; /* --state-file; NULL: the one of relay_memory_path; "none" */
};
extern const struct relay_config relay_config_default;

/* Addresses of RFC 2606: nobody's. */
#define RELAY_TO "recipient@foreign.example"

/* ---- facts */

enum relay_trust {
    RELAY_STRANGER = 0,
    RELAY_TRUST_LOOPBACK, /* we come from a loopback address */
    RELAY_TRUST_OWN_HOST, /* the server's address is one of this machine's */
    RELAY_TRUST_PRIVATE,  /* the server's address is private: we are in its network */
    RELAY_TRUST_SEEN,     /* the server says that it sees an address of its own, or a private one */
};

struct relay_address {
    const struct smtp_target *target;
    const char *subject; /* "mail.test 192.0.2.25:25" */
    struct relay_plan plan;
    const struct smtp_session **sessions; /* in order */
    size_t session_count, session_capacity;
    bool has_no_route;
    struct ip_address source, peer; /* as the server is to see them */
    struct ip_address seen;         /* how the server says that it sees us; IP_NONE */
    enum relay_trust trust;
    bool is_hidden;      /* we come from a public address and the server sees a private one */
    bool lacks_starttls; /* --starttls, and it is not offered */
    const struct smtp_session *failed_tls; /* --starttls, and it is offered and fails; NULL */
    unsigned tls_failures;
    bool is_slow;      /* it did not come to the end of a session in its part of the time */
    bool is_cut_short; /* by the deadline */
};

struct relay_facts {
    struct arena *arena;
    const struct smtp_targets *targets;
    struct relay_memory_subject subject;
    struct relay_table table;
    struct relay_limits limits;
    struct relay_choice choice;
    struct relay_address *addresses;
    size_t count;
    const char *memory_path;    /* NULL: none */
    const char *memory_trouble; /* NULL: none */
    bool memory_is_readonly;
    bool is_locked_out;  /* another run holds the state file: nothing is asked */
    struct slice memory; /* lines of the state file as they were read */
    int64_t now;         /* at the start, seconds since 1970 */
};

/* ---- rooms */

/* Reads the probes and what the options say of them; ends the program on a usage error. */
void relay_setup(struct plugin *plugin, const struct relay_config *config,
                 struct relay_facts *facts);

/* Fills the facts. */
void relay_collect(const struct relay_config *config, struct plugin *plugin, struct loop *loop,
                   struct dns *dns, struct dns_answers *answers, struct smtp_targets *targets,
                   struct relay_facts *facts);

/* The answers that the entries of a session are to the picks of its plan. `source` is our address
 * as text; NULL: not known. */
void relay_take(struct relay_plan *plan, struct arena *arena,
                const struct relay_session_plan *picked, const struct relay_script *script,
                const struct smtp_session *session, const char *source, int64_t now);

/* How the server sees us, from the first line of its reply to EHLO, where Exim, Sendmail, OpenSMTPD
 * and Exchange print an address in brackets behind their own name: `source` when that is among
 * them, else the last one. IP_NONE: it does not say. */
struct ip_address relay_seen_address(struct slice ehlo, const struct ip_address *source);
/* Fills trust and is_hidden from source, peer and seen. `own` are this machine's addresses. */
void relay_trust_judge(struct relay_address *address, const struct ip_address *own, size_t count);
/* "it sees us come from 127.0.0.1, a loopback address" */
const char *relay_trust_text(const struct relay_address *address, struct arena *arena);

/* What all functions of the judge need. */
struct relay_judge {
    const struct relay_config *config;
    const struct plugin_common *common;
    const struct relay_facts *facts;
    const struct relay_address *address;
    bool tls;            /* which of the answers: in the clear, or under TLS */
    bool is_late;        /* all that were asked at DATA were refused there: the others are open
                            questions */
    const char *subject; /* of the address, " under TLS" */
    struct report *report;
};

void relay_judge(const struct relay_config *config, const struct plugin_common *common,
                 const struct relay_facts *facts, struct report *report);
/* What keeps us from calling the server closed. `is_open`: it was found to be open already. */
void relay_judge_unanswered(const struct relay_judge *judge, bool is_open);
/* "A3 MAIL FROM:<a> RCPT TO:<b>: 250 2.1.5 Ok" */
const char *relay_judge_quote(const struct relay_judge *judge, const struct relay_ask *ask);
/* "550 5.7.1 no" */
const char *relay_judge_reply(const struct relay_judge *judge, const struct relay_answer *answer);

void relay_show(const struct relay_facts *facts, const struct plugin_common *common,
                struct report *report);

/* ---- tables (relay_options.c, relay_findings.c) */

extern const struct plugin_definition relay_definition;

enum relay_finding {
    RELAY_F_OPEN,
    RELAY_F_ACCEPTS_ALL,
    RELAY_F_XCLIENT,
    RELAY_F_ROUTES_ON,
    RELAY_F_AMBIGUOUS,
    RELAY_F_TRUSTED,
    RELAY_F_BLOCKED,
    RELAY_F_DEFERRED,
    RELAY_F_INCOMPLETE,
    RELAY_F_TLS_NEEDED,
    RELAY_F_TLS_FAILED,
    RELAY_F_DOMAIN_REFUSED,
    RELAY_F_GREETING,
    RELAY_F_UNREACHABLE,
    RELAY_F_NO_ROUTE,
    RELAY_F_NO_ADDRESS,
    RELAY_F_BAD_ADDRESS,
    RELAY_F_DNS_ERROR,
    RELAY_F_STATE_FILE,
    RELAY_F_AUTH,
    RELAY_F_REFUSED_LATE,
    RELAY_F_CONTROL_DEFERRED,
    RELAY_F_SENDER_REFUSED,
    RELAY_F_SKIPPED,
    RELAY_F_SEEN_AS,
    RELAY_F_TLS_DIFFERS,
    RELAY_F_NO_STARTTLS,
    RELAY_FINDINGS,
};

enum relay_metric {
    RELAY_M_ACCEPTED,
    RELAY_M_REFUSED,
    RELAY_M_DEFERRED,
    RELAY_M_SKIPPED,
    RELAY_M_AMBIGUOUS,
    RELAY_M_SESSIONS,
    RELAY_M_TIME,
    RELAY_METRICS,
};

extern const struct finding_definition relay_findings[RELAY_FINDINGS];
extern const struct metric_definition relay_metrics[RELAY_METRICS];

#endif
