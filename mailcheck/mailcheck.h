/*
 * mailcheck: every plugin that applies to a domain or an address, run side by side, for a person.
 *
 * options -> collect (exchangers from DNS, plugins as programs of their own, with their JSON) ->
 * judge (pure) -> what a person reads, or the report of a plugin.
 *
 * Which plugins apply is a table (mailcheck_plan.c). What a check found is what its plugin's JSON
 * says; nothing is judged twice.
 *
 * How servers are treated: over all plugins and domains of a run one has at most two conversations
 * with us at a time, that of check_smtp_banner and one other, so that a run takes no longer than
 * its slowest plugin; what check_smtp_banner hears serves check_mx and check_rdns as well; of a
 * server that did not greet the others have nothing to tell, and those that had not begun do not
 * ask it; and a server of several domains is asked once.
 */
#ifndef MAILCHECK_MAILCHECK_H
#define MAILCHECK_MAILCHECK_H

#include <jansson.h>

#include "base/slice.h"
#include "mail/endpoint.h"
#include "mail/exchangers.h"
#include "plugin/plugin.h"
#include "processes.h"

#define MAILCHECK_SUBJECTS_MAX 200
/* Of one subject. */
#define MAILCHECK_CHECKS_MAX 1000
#define MAILCHECK_SETTINGS_MAX 200
#define MAILCHECK_SELECTORS_MAX 100
#define MAILCHECK_RESOLVERS_MAX 50
/* Of a plugin: enough for all of these, and the addresses of exchangers. */
#define MAILCHECK_ARGUMENTS_MAX 1000
/* Where --timeout stands, which is known when a plugin is started. */
#define MAILCHECK_TIMEOUT_AT 2

struct mailcheck_config {
    struct option_list subjects;   /* domains and addresses, as given */
    struct option_list selectors;  /* of DKIM */
    struct option_list only, skip; /* services: "spf" */
    struct option_list settings;   /* "SERVICE.OPTION=VALUE" or "SERVICE.OPTION" */
    const char *config_file;       /* ini: a section for each domain, "*" for all; NULL */
    const char *plugin_folder;
    bool relay;        /* open relay, too */
    bool json;         /* --json: another word for --output-format json */
    const char *color; /* auto, always, never */
    const char *html;  /* a file for the page; NULL: none */
};
extern const struct mailcheck_config mailcheck_config_default;
extern const struct plugin_definition mailcheck_definition;

/* The services that --only and --skip know, NULL-terminated. */
#define MAILCHECK_SERVICES 10
extern const char *const mailcheck_services[MAILCHECK_SERVICES + 1];

enum mailcheck_finding {
    MAILCHECK_F_CRITICAL,
    MAILCHECK_F_WARNING,
    MAILCHECK_F_UNKNOWN,
    MAILCHECK_F_NOT_INSTALLED,
    MAILCHECK_F_NO_RESULT,
    MAILCHECK_F_OUT_OF_TIME,
    MAILCHECK_F_DNS,
    MAILCHECK_F_NOTHING,
    MAILCHECK_F_ALL_DOWN,
    MAILCHECK_F_PAGE,
    MAILCHECK_FINDINGS,
};
extern const struct finding_definition mailcheck_findings[];

enum mailcheck_metric {
    MAILCHECK_M_CRITICAL,
    MAILCHECK_M_WARNING,
    MAILCHECK_M_UNKNOWN,
    MAILCHECK_M_OK,
    MAILCHECK_M_CHECKS,
    MAILCHECK_M_DOMAINS,
    MAILCHECK_M_TIME,
    MAILCHECK_METRICS,
};
extern const struct metric_definition mailcheck_metrics[];

/* One plugin with its arguments. */
struct mailcheck_check {
    const char *service; /* "spf" */
    const char *plugin;  /* "check_spf" */
    const char *target;  /* what it is asked about: "example.org", "mx1.example.org" */
    const char **argv;
    const size_t *rooms; /* of the servers that it speaks to, see processes.h */
    size_t room_count;
    const struct mailcheck_check *greeter; /* the check whose greeting this one needs; NULL.
                                              Good until mailcheck_plan_sort */
    size_t order;                          /* among the checks of its subject */
    struct processes_job *job;             /* NULL: not run. Checks with the same argv share one */
    json_t *object;   /* what it said; NULL when that is no JSON object of a plugin */
    enum state state; /* of the object */
};

/* What is to be told. No text is NULL. */
struct mailcheck_item {
    size_t finding; /* enum mailcheck_finding, as which it is reported */
    enum state state;
    const char *plugin;  /* "check_spf": it found this; NULL: it is about the run */
    const char *program; /* that plugin with its path; NULL */
    bool is_of_time;     /* the time was up */
    const char *about, *id, *text, *why, *seen, *fix, *reference;
    size_t order;
};

struct mailcheck_subject {
    const char *name; /* normal form of a domain, or an address */
    bool is_address;
    const char *host; /* of an address: its name that leads back to it; NULL: none is known */
    struct exchangers exchangers; /* of a domain */
    struct option_list settings;  /* of the config file and the command line, in this order */
    struct mailcheck_check *checks;
    size_t check_count;
    struct mailcheck_item *items; /* worst first; mailcheck_items fills them */
    size_t item_count;
};

/* The facts. */
struct mailcheck_facts {
    struct arena *arena;
    struct mailcheck_subject *subjects;
    size_t subject_count;
    const struct endpoint *resolvers; /* that were asked for the exchangers */
    size_t resolver_count;
    const struct mailcheck_item *page; /* what is wrong with that of --html, NULL: nothing */
};

/* The normal form of a domain or an address that a person wrote; NULL, and in *expected why. */
const char *mailcheck_subject_name(struct plugin *plugin, const char *word, bool *is_address,
                                   const char **expected);
/* Reads --config and checks the settings and services; ends the program on a usage error. */
void mailcheck_settings(struct plugin *plugin, const struct mailcheck_config *config,
                        struct mailcheck_facts *facts);
/* Adds the checks of a subject: those that need not know its exchangers, then the others. */
enum mailcheck_stage {
    MAILCHECK_EARLY,
    MAILCHECK_LATE,
};
void mailcheck_plan(struct plugin *plugin, const struct mailcheck_config *config,
                    struct mailcheck_subject *subject, enum mailcheck_stage stage);
/* In the order in which they are shown. */
void mailcheck_plan_sort(struct mailcheck_subject *subject);
void mailcheck_collect(struct plugin *plugin, const struct mailcheck_config *config,
                       struct mailcheck_facts *facts);
void mailcheck_release(struct mailcheck_facts *facts);
/* The object of a plugin: it has its name and a state. NULL when the text is none. */
json_t *mailcheck_read(struct slice text, const char *plugin, enum state *state);
/* A conversation of check_smtp_banner's object in which the server took EHLO or HELO. */
bool mailcheck_is_greeted(const json_t *conversation);
/* What that object says of the server, at all of its addresses. */
enum mailcheck_greets {
    MAILCHECK_GREETS_UNKNOWN, /* there was no conversation, or the trouble with one was ours */
    MAILCHECK_GREETS,         /* one took EHLO or HELO */
    MAILCHECK_REFUSES,        /* none did, and one with a reply of 4xx or 5xx: maybe it is us */
    MAILCHECK_IS_DOWN,        /* none did, and none said why */
};
enum mailcheck_greets mailcheck_greets(const json_t *object);

/* Pure: what is to be told of each subject. */
void mailcheck_items(struct mailcheck_facts *facts);
/* Pure, after mailcheck_items: findings, metrics, facts of the report. */
void mailcheck_judge(const struct mailcheck_facts *facts, enum state timeout_result,
                     struct report *report);
/* The worst state of a subject's checks. */
enum state mailcheck_subject_state(const struct mailcheck_subject *subject);
/* Of one check: that of its object, UNKNOWN when it gave none; OK when it was left out, which
 * counts for nothing. */
enum state mailcheck_check_state(const struct mailcheck_check *check);
/* As what it is told that a check gave no object. */
enum mailcheck_finding mailcheck_missing_finding(const struct mailcheck_check *check);
/* The server did not greet, which check_smtp_banner tells. */
bool mailcheck_is_left_out(const struct mailcheck_check *check);
/* The exchangers were asked for and not found out: servers stay unchecked. */
bool mailcheck_is_dns_trouble(const struct mailcheck_subject *subject);
/* The number of checks in that state. */
size_t mailcheck_count(const struct mailcheck_subject *subject, enum state state);
size_t mailcheck_count_left_out(const struct mailcheck_subject *subject);

/* What a person reads. */
struct mailcheck_style {
    bool color;
    bool is_terminal; /* no performance data, wrapped at `width` */
    size_t width;
};
void mailcheck_show(const struct mailcheck_facts *facts, const struct mailcheck_style *style,
                    struct text *out);

#endif
