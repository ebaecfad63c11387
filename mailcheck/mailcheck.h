/*
 * mailcheck: every plugin that applies to a domain or an address, run side by side, for a person.
 *
 * options -> collect (exchangers from DNS, then the plugins as programs of their own, with their
 * JSON) -> judge (pure) -> what a person reads, or the report of a plugin.
 *
 * Which plugins apply is a table (mailcheck_plan.c). What a check found is what its plugin's JSON
 * says; nothing is judged twice.
 */
#ifndef MAILCHECK_MAILCHECK_H
#define MAILCHECK_MAILCHECK_H

#include <jansson.h>

#include "mail/exchangers.h"
#include "plugin/plugin.h"
#include "processes.h"

#define MAILCHECK_SUBJECTS_MAX 50
#define MAILCHECK_CHECKS_MAX 1000
#define MAILCHECK_ARGUMENTS_MAX 500

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
extern const char *const mailcheck_services[];

enum mailcheck_finding {
    MAILCHECK_F_CRITICAL,
    MAILCHECK_F_WARNING,
    MAILCHECK_F_UNKNOWN,
    MAILCHECK_F_NOT_INSTALLED,
    MAILCHECK_F_NO_RESULT,
    MAILCHECK_F_OUT_OF_TIME,
    MAILCHECK_F_DNS,
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
    const char *const *argv;
    const struct processes_job *job; /* NULL: not run */
    json_t *object;   /* what it said; NULL when that is no JSON object of a plugin */
    enum state state; /* of the object */
};

struct mailcheck_subject {
    const char *name; /* normal form of a domain, or an address */
    bool is_address;
    struct exchangers exchangers; /* of a domain */
    struct option_list settings;  /* of the config file and the command line, in this order */
    struct mailcheck_check *checks;
    size_t check_count;
};

/* The facts. */
struct mailcheck_facts {
    struct arena *arena;
    struct mailcheck_subject *subjects;
    size_t subject_count;
    struct processes_job *jobs;
    size_t job_count;
    json_t *tables; /* {"check_spf": what --export=json says}, for plugins with findings */
};

/* Reads --config and checks the settings and services; ends the program on a usage error. */
void mailcheck_settings(struct plugin *plugin, const struct mailcheck_config *config,
                        struct mailcheck_facts *facts);
/* Fills the checks of a subject. */
void mailcheck_plan(struct plugin *plugin, const struct mailcheck_config *config,
                    struct mailcheck_facts *facts, struct mailcheck_subject *subject);
void mailcheck_collect(struct plugin *plugin, const struct mailcheck_config *config,
                       struct mailcheck_facts *facts);
void mailcheck_release(struct mailcheck_facts *facts);

/* Pure: findings, metrics, facts of the report. */
void mailcheck_judge(const struct mailcheck_facts *facts, struct report *report);
/* The worst state of a subject's checks. */
enum state mailcheck_subject_state(const struct mailcheck_subject *subject);
/* Of one check: that of its object, UNKNOWN when it gave none. */
enum state mailcheck_check_state(const struct mailcheck_check *check);

/* Why a finding matters, from the tables of its plugin; NULL when that is not known. */
const char *mailcheck_why(const struct mailcheck_facts *facts, const char *plugin, const char *id);

/* What a person reads. */
struct mailcheck_style {
    bool color;
    bool is_terminal; /* no performance data, wrapped at `width` */
    size_t width;
};
void mailcheck_show(const struct mailcheck_facts *facts, const struct mailcheck_style *style,
                    struct text *out);

#endif
