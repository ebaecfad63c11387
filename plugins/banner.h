/*
 * check_smtp_banner: its configuration, its facts, and the rooms that they pass through.
 *
 *     check_smtp_banner.c    options, the run, the one exit
 *     banner_options         the option table, and what it cannot check
 *     banner_plan            options -> the steps of the conversation (pure)
 *     banner_collect         conversations and names -> facts: the only part that meets the network
 *     banner_parts           one plan in several sessions, for servers that count refusals
 *     banner_names           what DNS says about the names of an address (pure)
 *     banner_judge           facts -> findings (pure): the conversation
 *     banner_judge_ehlo      what the server offers
 *     banner_judge_names     greeting, PTR and addresses
 *     banner_judge_asks      what was asked beyond EHLO
 *     banner_show            facts -> JSON, transcript (pure)
 */
#ifndef PLUGINS_BANNER_H
#define PLUGINS_BANNER_H

#include "net/dns.h"
#include "plugin/plugin.h"
#include "smtp_collect.h"
#include "smtp_targets.h"

/* ---- configuration */

struct banner_config {
    struct smtp_options smtp;
    bool no_names;                          /* --no-names */
    const char *banner_match;               /* --banner-match */
    struct option_list times;               /* --time STAGE=WARN,CRIT */
    const char *service;                    /* --service; NULL: by the port */
    struct option_list required, forbidden; /* --require, --forbid */
    struct range size_warning, size_critical;
    const char *policy;             /* --policy */
    bool mail_null;                 /* --mail-null */
    const char *mail;               /* --mail */
    struct option_list postmasters; /* --postmaster: domains */
    struct option_list probes;      /* --probe */
};
extern const struct banner_config banner_config_default;

/* ---- plan: what the options lead to */

enum banner_match {
    BANNER_MATCH_EXACT = 0, /* a PTR name is the name of the greeting */
    BANNER_MATCH_DOMAIN,    /* both are of one organization */
    BANNER_MATCH_ANY,       /* not compared */
    BANNER_MATCH_NAME,      /* the greeting has the name that is given */
};

enum banner_stage {
    BANNER_STAGE_TOTAL,
    BANNER_STAGE_CONNECT,
    BANNER_STAGE_BANNER, /* -w and -c */
    BANNER_STAGE_EHLO,
    BANNER_STAGE_QUIT,
    BANNER_STAGES,
};

enum banner_probe {
    BANNER_PROBE_VRFY = 1,
    BANNER_PROBE_EXPN = 2,
    BANNER_PROBE_HELP = 4,
    BANNER_PROBE_MAIL_FIRST = 8, /* in a connection of its own */
    BANNER_PROBE_EARLY_TALK = 16,
    BANNER_PROBE_SIZE = 32,
    BANNER_PROBE_8BITMIME = 64,
    BANNER_PROBE_SMTPUTF8 = 128,
};

/* Steps of the conversation that are judged. */
enum banner_ask {
    BANNER_ASK_MAIL_NULL,
    BANNER_ASK_POSTMASTER, /* without a domain; those with a domain follow */
    BANNER_ASK_MAIL,
    BANNER_ASK_SIZE,
    BANNER_ASK_8BITMIME,
    BANNER_ASK_SMTPUTF8,
    BANNER_ASK_VRFY,
    BANNER_ASK_VRFY_NOBODY,
    BANNER_ASK_EXPN,
    BANNER_ASK_HELP,
    BANNER_ASKS,
};

/* Octets that --probe size announces: more than any server takes. */
#define BANNER_PROBE_OCTETS UINT64_C(107374182400)
#define BANNER_NOBODY_LENGTH 12

struct banner_plan {
    enum banner_match match;
    const char *match_name; /* normal form */
    struct banner_limit {
        struct range warning, critical;
    } limits[BANNER_STAGES];
    unsigned probes; /* enum banner_probe */
    bool is_strict;
    bool is_submission;
    struct smtp_step *steps;
    size_t step_count;
    size_t asks[BANNER_ASKS]; /* indices of steps, SMTP_NO_STEP: not asked */
};

/* False with a message where an option's value is no good. `nobody` is a local part that nobody
 * has. */
bool banner_plan_make(struct arena *arena, const struct banner_config *config,
                      const struct plugin_common *common, unsigned port, const char *nobody,
                      struct banner_plan *plan, char message[static 256]);
/* "connect": the word of --time; NULL for the stage of -w and -c. */
const char *banner_stage_name(enum banner_stage stage);

/* ---- facts */

/* PTR names of one address that are looked up. */
#define BANNER_NAMES_MAX 20

enum banner_confirmation {
    BANNER_UNKNOWN = 0, /* the question got no answer */
    BANNER_CONFIRMED,   /* the name has the address */
    BANNER_UNCONFIRMED,
};

struct banner_ptr {
    const char *name;
    const struct dns_answer *answer; /* of its A or AAAA */
    enum banner_confirmation confirmation;
};

/* A server that counts errors hangs up at the third (chasquid): after two refusals the plan goes on
 * in a session of its own. */
#define BANNER_REFUSALS_MAX 2
#define BANNER_PARTS_MAX 8

struct banner_part {
    const struct smtp_session *session;
    size_t first; /* step of the plan ... */
    size_t lead;  /* ... that this step of the session is; what is before it leads there */
};

/* The zero value: nothing was asked. */
struct banner_names {
    const struct dns_answer *ptr; /* NULL: not asked */
    struct banner_ptr *list;
    size_t count;
    size_t omitted;     /* beyond BANNER_NAMES_MAX */
    const char *banner; /* name of the greeting in normal form; NULL: none that could be asked */
    const struct dns_answer *a, *aaaa; /* of `banner`; NULL: not asked */
};

struct banner_address {
    const struct smtp_target *target;
    const char *subject;                        /* "mail.test 192.0.2.25:25" */
    const struct smtp_session *session;         /* NULL: not begun */
    struct banner_part parts[BANNER_PARTS_MAX]; /* the first is `session` */
    size_t part_count;
    const struct smtp_session *mail_first; /* NULL: not asked */
    const struct smtp_session *early;      /* NULL: not asked */
    bool has_no_route;                     /* of ours */
    struct banner_names names;
};

struct banner_facts {
    struct arena *arena;
    const struct smtp_targets *targets;
    struct banner_address *addresses;
    size_t count;
    double seconds; /* of the whole check */
};

/* ---- rooms */

/* The greeting that was whole and 2xx; NULL: none. */
const struct smtp_entry *banner_greeting(const struct smtp_session *session);

/* The session of the whole plan. */
struct smtp_request *banner_parts_begin(const struct banner_plan *plan,
                                        struct smtp_collect *collect,
                                        const struct smtp_target *target, struct deadline deadline);
/* Adds the session with the rest of the plan, where there is one. False: there is none to add. */
bool banner_parts_continue(const struct banner_plan *plan, struct smtp_collect *collect,
                           struct banner_address *address, struct deadline deadline);
/* The entry of that step of the plan, in whichever session; NULL: left out or not reached. */
const struct smtp_entry *banner_parts_step(const struct banner_address *address, size_t step,
                                           const struct banner_part **part);
/* The step with which the plan stopped for good before its end; SMTP_NO_STEP: it did not. */
size_t banner_parts_stopped(const struct banner_plan *plan, const struct banner_address *address);

/* Fills `names` from the answers so far. Asks about `banner` only where it is a full name. */
void banner_names_find(struct arena *arena, struct dns_answers *answers,
                       const struct ip_address *address, const struct smtp_session *session,
                       struct banner_names *names);

void banner_collect(const struct banner_config *config, const struct banner_plan *plan,
                    struct plugin *plugin, struct loop *loop, struct dns *dns,
                    struct dns_answers *answers, struct smtp_targets *targets,
                    struct banner_facts *facts);

/* What all functions of the judge need. */
struct banner_judge {
    const struct banner_config *config;
    const struct banner_plan *plan;
    const struct plugin_common *common;
    const struct banner_facts *facts;
    const struct banner_address *address;
    struct report *report;
};

void banner_judge(const struct banner_config *config, const struct banner_plan *plan,
                  const struct plugin_common *common, const struct banner_facts *facts,
                  struct report *report);
/* Findings about the address. */
struct finding *banner_judge_add(const struct banner_judge *judge, size_t definition,
                                 const char *format, ...) __attribute__((format(printf, 3, 4)));
struct finding *banner_judge_add_as(const struct banner_judge *judge, size_t definition,
                                    enum state state, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The server works and does not want us now. */
bool banner_judge_is_busy(const struct smtp_entry *entry);
/* The command is one that a server need not answer: VRFY, EXPN, HELP. */
bool banner_judge_is_probe(const struct smtp_entry *entry);
void banner_judge_ehlo(const struct banner_judge *judge, const struct smtp_ehlo *ehlo);
void banner_judge_names(const struct banner_judge *judge);
void banner_judge_asks(const struct banner_judge *judge);

void banner_show(const struct banner_facts *facts, const struct plugin_common *common,
                 struct report *report);

/* ---- tables (banner_options.c, banner_findings.c) */

extern const struct plugin_definition banner_definition;

enum banner_finding {
    BANNER_F_DNS_ERROR,
    BANNER_F_NO_ADDRESS,
    BANNER_F_BAD_ADDRESS,
    BANNER_F_MANY_ADDRESSES,
    BANNER_F_NOT_ASKED,
    BANNER_F_LOCAL,
    BANNER_F_CONNECT,
    BANNER_F_TLS,
    BANNER_F_NO_GREETING,
    BANNER_F_NOT_SMTP,
    BANNER_F_REFUSED,
    BANNER_F_BUSY,
    BANNER_F_CLOSING,
    BANNER_F_NO_REPLY,
    BANNER_F_EHLO_FAILED,
    BANNER_F_EHLO_REFUSED,
    BANNER_F_GREETING_CODE,
    BANNER_F_REPLY_FORM,
    BANNER_F_UNSOLICITED,
    BANNER_F_SLOW,
    BANNER_F_STAGE_SLOW,
    BANNER_F_MASKED,
    BANNER_F_BANNER_NAME,
    BANNER_F_BANNER_UNEXPECTED,
    BANNER_F_BANNER_UNRESOLVED,
    BANNER_F_BANNER_ELSEWHERE,
    BANNER_F_PTR_MISSING,
    BANNER_F_PTR_UNCONFIRMED,
    BANNER_F_PTR_GENERIC,
    BANNER_F_PTR_MISMATCH,
    BANNER_F_NAMES_UNKNOWN,
    BANNER_F_EHLO_NAME,
    BANNER_F_KEYWORD_MISSING,
    BANNER_F_KEYWORD_FORBIDDEN,
    BANNER_F_KEYWORD_FORM,
    BANNER_F_SIZE,
    BANNER_F_SIZE_ABSENT,
    BANNER_F_NO_STARTTLS,
    BANNER_F_AUTH_CLEAR,
    BANNER_F_AUTH_MX,
    BANNER_F_MAIL_NULL,
    BANNER_F_MAIL_REFUSED,
    BANNER_F_MAIL_DEFERRED,
    BANNER_F_MAIL_UNJUDGED,
    BANNER_F_DISK_FULL,
    BANNER_F_SIZE_IGNORED,
    BANNER_F_8BITMIME,
    BANNER_F_SMTPUTF8,
    BANNER_F_POSTMASTER,
    BANNER_F_POSTMASTER_BARE,
    BANNER_F_POSTMASTER_DEFERRED,
    BANNER_F_VRFY,
    BANNER_F_EXPN,
    BANNER_F_VERSION,
    BANNER_F_MAIL_FIRST,
    BANNER_F_EARLY_TALK,
    BANNER_F_PROBE_UNANSWERED,
    BANNER_F_QUIT,
    BANNER_FINDINGS,
};

enum banner_metric {
    BANNER_M_TIME,
    BANNER_M_CONNECT,
    BANNER_M_BANNER,
    BANNER_M_EHLO,
    BANNER_M_QUIT,
    BANNER_M_EXTENSIONS,
    BANNER_M_SIZE,
    BANNER_M_PTR_OK,
    BANNER_METRICS,
};

extern const struct finding_definition banner_findings[BANNER_FINDINGS];
extern const struct metric_definition banner_metrics[BANNER_METRICS];

#endif
