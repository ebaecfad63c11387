/*
 * check_dnsbl: its configuration, its facts, and the rooms that they pass through.
 *
 *     dnsbl_choose    configuration, catalogue -> lists
 *     dnsbl_targets   configuration, DNS -> targets, each once (dnsbl_subjects)
 *     dnsbl_collect   questions -> facts; with dnsbl_confirm the only part that meets the network
 *     dnsbl_question  target and list -> the name to ask; pure
 *     dnsbl_outcome   one answer -> one outcome; pure
 *     dnsbl_judge     facts -> findings; pure, with dnsbl_health for lists and resolver
 *     dnsbl_show      facts -> JSON, details, samples; pure
 *     dnsbl_memory    facts <-> state file
 *
 * Every pair of target and list that goes together is a cell; one cell has one outcome. What a cell
 * needs is kept in four octets plus, when the list answered with addresses, a hit, so that 655,360
 * cells fit.
 */
#ifndef PLUGINS_DNSBL_H
#define PLUGINS_DNSBL_H

#include "base/clock.h"
#include "dnsbl_catalogue.h"
#include "dnsbl_keys.h"
#include "dnsbl_server.h"
#include "mail/dns_answer.h"
#include "mail/endpoint.h"
#include "net/dns.h"
#include "plugin/plugin.h"

/* ---- configuration */

struct dnsbl_config {
    struct option_list hosts;         /* -H: address, network or host name */
    struct option_list domains;       /* -d */
    struct option_list mx_domains;    /* --mx */
    struct option_list spf_domains;   /* --spf */
    struct option_list emails;        /* --email */
    struct option_list helo_names;    /* --helo */
    struct option_list target_files;  /* --targets-file */
    bool local;                       /* --local */
    bool with_ptr, with_ns;           /* --ptr, --ns */
    struct option_list servers;       /* -s */
    const char *profile;              /* --profile */
    struct option_list only, exclude; /* --only, --exclude */
    struct option_list required;      /* --required */
    struct option_list catalogues;    /* --catalogue */
    const char *base_catalogue;       /* --base-catalogue */
    const char *key_file;
    bool list_catalogue;
    bool per_list;        /* --per-list */
    const char *selftest; /* always, auto, never */
    bool score;
    long min_answered;                     /* percent */
    enum state error_state, retired_state; /* STATE_IGNORE: not given */
    bool require_allowlist;
    bool authoritative;
    long authoritative_port;
    const char *state_file;
    double confirm; /* seconds; 0: off */
    long in_flight;
    long max_targets;
};
extern const struct dnsbl_config dnsbl_config_default;

/* ---- what is asked about */

struct dnsbl_subject {
    enum dnsbl_target
        kind; /* DNSBL_IP4, DNSBL_IP6, DNSBL_DOMAIN, DNSBL_NAME_SERVER or DNSBL_EMAIL */
    struct ip_address address; /* of the IP kinds */
    const char *name;          /* domain, or email address; NULL for the IP kinds */
    const char *origin; /* "mail.example.org", "MX of example.org"; NULL when given so itself */
};

/* Longest printed target and NUL. */
#define DNSBL_SUBJECT_TEXT_SIZE 321
const char *dnsbl_subject_print(const struct dnsbl_subject *subject,
                                char buffer[static DNSBL_SUBJECT_TEXT_SIZE]);
/* The part of the question in front of the zone, for that list: reversed address, name or hash.
 * False when the list cannot be asked about such a target. */
#define DNSBL_LABEL_SIZE 256
bool dnsbl_subject_label(const struct dnsbl_subject *subject, const struct dnsbl_list *list,
                         char label[static DNSBL_LABEL_SIZE]);

/* A target that could not be found out: a host name without address ... */
struct dnsbl_unresolved {
    const char *name;
    const char *what;       /* "address", "MX", "SPF record" */
    enum dns_status status; /* NXDOMAIN, NODATA: the domain's fault; else DNS failed */
    enum dnsbl_unresolved_kind {
        DNSBL_UNRESOLVED,
        DNSBL_NULL_MX,        /* RFC 7505: takes no mail */
        DNSBL_PRIVATE,        /* an address that no public list can know */
        DNSBL_RANGE_TOO_WIDE, /* a network of an SPF record over --max-targets */
        DNSBL_SPF_UNCLEAR,    /* several SPF records, or a term that is wrong */
    } kind;
};

/* ---- what becomes of a question */

enum dnsbl_outcome {
    DNSBL_LISTED,
    DNSBL_LISTED_UNKNOWN_CODE,
    DNSBL_NOT_LISTED,
    DNSBL_BLIND,
    DNSBL_BLOCKED,
    DNSBL_OVER_QUOTA,
    DNSBL_KEY_BAD,
    DNSBL_WRONG_KIND,
    DNSBL_WILDCARD,
    DNSBL_TAMPERED,
    DNSBL_RETIRED,
    DNSBL_DEAD,
    DNSBL_TIMEOUT,
    DNSBL_ERROR,
    DNSBL_SKIPPED,
    DNSBL_OUTCOMES,
};
/* The words of the JSON: "listed-unknown-code". */
const char *dnsbl_outcome_name(enum dnsbl_outcome outcome);
/* The list did not say whether the target is on it. */
bool dnsbl_outcome_is_unanswered(enum dnsbl_outcome outcome);

/* ---- what was answered */

/* The answer to one question, cut to what outcomes need. The zero value is "no answer in time". */
struct dnsbl_reply {
    enum dns_status status;
    unsigned rcode;
    uint32_t ttl;
    uint32_t ms;
    struct ip_address *codes; /* A records, in the order of the answer */
    size_t code_count;
    bool is_asked;
};

/* The self-tests of one list for one kind of target, RFC 5782 5. */
struct dnsbl_health {
    struct dnsbl_reply listed;   /* of the point that must be there */
    struct dnsbl_reply unlisted; /* of the point that must not be */
    struct dnsbl_reply random;   /* of a label that nobody can have listed */
};

enum dnsbl_skip {
    DNSBL_ASKED,
    DNSBL_SKIP_RETIRED,
    DNSBL_SKIP_NO_KEY,
    DNSBL_SKIP_BACK_OFF,  /* refused us lately: state file */
    DNSBL_SKIP_PRIVATE,   /* not in public DNS */
    DNSBL_SKIP_RATE,      /* so many targets cannot be asked about at the rate that it allows */
    DNSBL_SKIP_NO_SERVER, /* --authoritative, and no server of the zone was found */
};

/* A list of this run. */
struct dnsbl_choice {
    const struct dnsbl_list *list;
    const struct dnsbl_retired *retired; /* NULL: it is not */
    const char *key;                     /* NULL: none is needed */
    const struct dnsbl_server *server;   /* filter and weight of -s; NULL */
    long weight;
    bool is_required;
    size_t source; /* index of the choice of the same zone that is asked: its own, or that of an
                      earlier one with another filter */
    enum dnsbl_skip skip;
    int64_t back_off_until;              /* wall clock; with DNSBL_SKIP_BACK_OFF */
    enum dnsbl_outcome back_off_outcome; /* DNSBL_BLOCKED or DNSBL_OVER_QUOTA */
    const struct endpoint *name_servers; /* --authoritative: asked in this order */
    size_t name_server_count;
    unsigned server_flags; /* DNS_RECURSE: the one server is the list's own resolver */
    struct dnsbl_health health[DNSBL_TEST_KINDS];
    struct dnsbl_reply soa, ns; /* of the zone itself, asked when its test point is missing */
    size_t cursor;              /* subjects before this one were asked about, or need not be */
    size_t asked;               /* questions sent */
};

/* A cell whose list answered with addresses. */
struct dnsbl_hit {
    uint32_t subject, choice;
    struct dnsbl_reply reply;
    const char *reason; /* TXT, keys masked; NULL when there is none */
    size_t reason_length;
    bool was_unconfirmed; /* --confirm: gone at the second look */
    bool is_new;          /* not in the state file of the last run */
};

/* Listed at the last run and not any more. */
struct dnsbl_gone {
    const char *target, *zone;
    int64_t since;
};

struct dnsbl_memory;

struct dnsbl_facts {
    struct arena *arena;
    const struct dnsbl_catalogue *catalogue;
    const struct dnsbl_keys *keys;
    struct dnsbl_subject *subjects;
    size_t subject_count, subject_capacity;
    struct dnsbl_unresolved *unresolved;
    size_t unresolved_count, unresolved_capacity;
    struct dnsbl_choice *choices;
    size_t choice_count;
    /* Cells: index subject x choice_count + choice. Zero: DNS_PENDING. */
    uint8_t *statuses; /* enum dns_status */
    uint8_t *rcodes;
    uint16_t *times;        /* milliseconds, 65535 and more as 65535 */
    struct dnsbl_hit *hits; /* sorted by subject, choice once collected */
    size_t hit_count, hit_capacity;
    const struct endpoint *resolvers;
    size_t resolver_count;
    struct dnsbl_memory *memory; /* of dnsbl_memory.c */
    bool has_memory;             /* a state file was read: new and gone mean something */
    const char *memory_trouble;  /* what is wrong with the state file; NULL */
    struct dnsbl_gone *gone;
    size_t gone_count;
    size_t asked; /* questions of the run */
};

/* The name to ask for a target, a test point or a label of the list, or for the zone itself, key
 * and all. False when there is none. */
bool dnsbl_question_cell(const struct dnsbl_choice *choice, const struct dnsbl_subject *subject,
                         char name[static DOMAIN_TEXT_SIZE]);
bool dnsbl_question_test(const struct dnsbl_choice *choice, enum dnsbl_test_kind kind,
                         const char *point, char name[static DOMAIN_TEXT_SIZE]);
bool dnsbl_question_apex(const struct dnsbl_choice *choice, char name[static DOMAIN_TEXT_SIZE]);

/* The list can be asked about that target at all. */
bool dnsbl_applies(const struct dnsbl_choice *choice, const struct dnsbl_subject *subject);
const struct dnsbl_hit *dnsbl_find_hit(const struct dnsbl_facts *facts, size_t subject,
                                       size_t choice);
/* Makes dnsbl_find_hit possible. */
void dnsbl_sort_hits(struct dnsbl_facts *facts);
enum dnsbl_test_kind dnsbl_test_kind(enum dnsbl_target kind);

/* ---- what it means */

struct dnsbl_verdict {
    enum dnsbl_outcome outcome;
    enum dnsbl_severity
        severity; /* of a listing; DNSBL_OK: an allowlist's answer, or a harmless code */
    enum dnsbl_scope scope;
    const char *meaning; /* of the codes, joined; or why there is no answer; never NULL */
    const struct dnsbl_reply *evidence; /* the reply that decided; may be NULL */
    bool is_allowed;                    /* on an allowlist */
};

/* The outcome of one cell. Pure; text comes from `arena`. */
void dnsbl_classify(const struct dnsbl_facts *facts, size_t subject, size_t choice,
                    struct arena *arena, struct dnsbl_verdict *verdict);

/* Listed by the choice `source`, which was asked, or by another one of that zone with another
 * filter. */
bool dnsbl_is_listed(const struct dnsbl_facts *facts, size_t subject, size_t source);

/* Some kind of the list's test points shows that it may be gone: its SOA and NS are worth asking.
 */
bool dnsbl_wants_apex(const struct dnsbl_choice *choice);

/* ---- rooms */

/* Reads catalogues and keys, picks the lists. Ends in plugin_usage_error for what cannot be used.
 */
void dnsbl_choose(struct plugin *plugin, const struct dnsbl_config *config,
                  struct dnsbl_facts *facts);

/* Finds the targets; asks DNS where names were given. */
void dnsbl_find_targets(struct plugin *plugin, const struct dnsbl_config *config, struct dns *dns,
                        struct dnsbl_facts *facts);

void dnsbl_collect(const struct dnsbl_config *config, struct dns *dns, struct deadline deadline,
                   struct dnsbl_facts *facts);

/* --confirm, after dnsbl_collect: looks a second time at the listings that are new. */
void dnsbl_confirm(const struct dnsbl_config *config, struct dns *dns, struct deadline deadline,
                   struct dnsbl_facts *facts);

void dnsbl_judge(const struct dnsbl_config *config, const struct plugin_common *common,
                 const struct dnsbl_facts *facts, struct report *report);

void dnsbl_show(const struct dnsbl_config *config, const struct dnsbl_facts *facts,
                const struct plugin_common *common, struct report *report);

/* --list-catalogue. */
void dnsbl_print_catalogue(const struct dnsbl_facts *facts, bool with_retired, struct text *out);

/* State file: before the questions (back-off) and after them (what is new, what is gone; written
 * again). */
void dnsbl_remember(struct plugin *plugin, const struct dnsbl_config *config,
                    struct dnsbl_facts *facts);
void dnsbl_compare(struct dnsbl_facts *facts);
void dnsbl_memorize(const struct dnsbl_config *config, struct dnsbl_facts *facts);
void dnsbl_forget(struct dnsbl_facts *facts); /* releases what dnsbl_remember took */
/* The lines of the state file, for the two above and for tests. `now` is the wall clock. Reading
 * returns 0, or the number of the line that is none, counted from 1. */
size_t dnsbl_memory_read(struct dnsbl_facts *facts, struct slice lines, int64_t now);
void dnsbl_memory_print(const struct dnsbl_facts *facts, int64_t now, struct text *out);

/* ---- tables (dnsbl_options.c, dnsbl_findings.c) */

extern const struct plugin_definition dnsbl_definition;

enum dnsbl_finding {
    DNSBL_F_LISTED_CRITICAL,
    DNSBL_F_LISTED_WARNING,
    DNSBL_F_LISTED_INFO,
    DNSBL_F_UNKNOWN_CODE,
    DNSBL_F_UNCONFIRMED,
    DNSBL_F_SCORE_CRITICAL,
    DNSBL_F_SCORE_WARNING,
    DNSBL_F_COUNT_WARNING,
    DNSBL_F_NO_ANSWERS,
    DNSBL_F_RESOLVER_PROBLEM,
    DNSBL_F_NO_RESOLVER,
    DNSBL_F_RESOLVER_REWRITES,
    DNSBL_F_REQUIRED_UNANSWERED,
    DNSBL_F_FEW_ANSWERS,
    DNSBL_F_DEADLINE,
    DNSBL_F_BLIND,
    DNSBL_F_BLOCKED,
    DNSBL_F_OVER_QUOTA,
    DNSBL_F_KEY_BAD,
    DNSBL_F_KEY_MISSING,
    DNSBL_F_WRONG_KIND,
    DNSBL_F_WILDCARD,
    DNSBL_F_TAMPERED,
    DNSBL_F_RETIRED,
    DNSBL_F_DEAD,
    DNSBL_F_TIMEOUT,
    DNSBL_F_ERROR,
    DNSBL_F_BACK_OFF,
    DNSBL_F_NO_NAME_SERVER,
    DNSBL_F_NOT_PUBLIC,
    DNSBL_F_NOT_ALLOWLISTED,
    DNSBL_F_PUBLIC_RESOLVER,
    DNSBL_F_TARGET_GONE,
    DNSBL_F_TARGET_UNRESOLVED,
    DNSBL_F_NULL_MX,
    DNSBL_F_PRIVATE_TARGET,
    DNSBL_F_RANGE_TOO_WIDE,
    DNSBL_F_SPF_UNCLEAR,
    DNSBL_F_NOT_COVERED,
    DNSBL_F_RATE,
    DNSBL_F_ALLOWLISTED,
    DNSBL_F_STATE_FILE,
    DNSBL_F_NEW,
    DNSBL_F_GONE,
    DNSBL_FINDINGS,
};

enum dnsbl_metric {
    DNSBL_M_LISTED,
    DNSBL_M_CRITICAL,
    DNSBL_M_WARNING,
    DNSBL_M_INFO,
    DNSBL_M_ALLOWLISTED,
    DNSBL_M_ANSWERED,
    DNSBL_M_UNANSWERED,
    DNSBL_M_BLOCKED,
    DNSBL_M_TIMEOUTS,
    DNSBL_M_SERVERS,
    DNSBL_M_TARGETS,
    DNSBL_M_SCORE,
    DNSBL_M_NEW,
    DNSBL_M_QUESTIONS,
    DNSBL_M_TIME,
    DNSBL_METRICS,
};

extern const struct finding_definition dnsbl_findings[DNSBL_FINDINGS];
extern const struct metric_definition dnsbl_metrics[DNSBL_METRICS];

#endif
