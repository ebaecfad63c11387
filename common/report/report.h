/*
 * The report: what a plugin found, and its main figures. Writers turn it into each output format.
 *
 * A plugin has one table of findings and one of metrics (struct report_tables); the report refers
 * to them by index, so a finding without an id, a state, a repair cannot exist. The report owns
 * nothing of the plugin's facts: strings given to it are copied into its arena. Strings from the
 * network must not be escaped before: pass them with %s and the writers escape all of it.
 *
 * No I/O: report_write prints into a text buffer; the plugin floor writes that once.
 */
#ifndef COMMON_REPORT_REPORT_H
#define COMMON_REPORT_REPORT_H

#include <jansson.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/state.h"
#include "report/threshold.h"

/* One row of a plugin's table of findings. All members but `fix` are mandatory. */
struct finding_definition {
    const char *id;        /* "dnsbl.listed-critical": stable for ever */
    enum state state;      /* default; STATE_OK is a note, shown with -v */
    const char *title;     /* what it means, one line, no full stop */
    const char *why;       /* why it matters to mail, one to three sentences */
    const char *fix;       /* the repair in general; a finding may carry a better one of its own */
    const char *reference; /* "RFC 7208 4.6.4", or where it is written down */
};

/* One row of a plugin's table of metrics, in perfdata order. */
struct metric_definition {
    const char *label; /* [a-z0-9_], at most 19 characters */
    const char *uom;   /* "s", "B", "%", "c" or "" */
    int decimals;      /* digits after the point */
    const char *help;  /* Prometheus HELP and man page: what is counted, no full stop */
};

/* What a member of an element is to a monitoring system that follows the element. */
enum element_role {
    ELEMENT_KEY,    /* with the other keys tells which element it is; a text, never null */
    ELEMENT_TEXT,   /* or null */
    ELEMENT_NUMBER, /* or null */
    ELEMENT_COUNT,  /* a number; an element that is not in the array counts 0 */
};

struct element_field {
    const char *path; /* JSONPath below the element: "outcome", "certificates[0].not_after" */
    enum element_role role;
    const char *title; /* "outcome"; NULL for keys */
    const char *unit;  /* of numbers: "s", "ms", "unixtime" or ""; else NULL */
};

/* An array of the plugin's facts whose elements a monitoring system finds and follows one by one
 * (low-level discovery of Zabbix). The fields begin with the keys. */
struct element_array {
    const char *path;      /* JSONPath below $: "lists", "exchangers[*].addresses" */
    const char *condition; /* "@.probe == \"first\"": only these elements; NULL: all */
    const char *name;      /* of one of them, in lower case: "list" */
    const struct element_field *fields;
    size_t field_count;
};

struct report_tables {
    const char *plugin;  /* "check_dnsbl" */
    const char *version; /* of the package */
    const char *service; /* "DNSBL": first word of the output */
    const struct finding_definition *findings;
    size_t finding_count;
    const struct metric_definition *metrics;
    size_t metric_count;
    /* The plugin's own facts while nothing is known yet, a JSON object: "{\"lists\":[]}". Every
     * report starts with them, so that no documented key is missing from a usage error or a
     * time-out. NULL: none. */
    const char *facts;
    const struct element_array *elements;
    size_t element_count;
    size_t json_max; /* most octets of the JSON; 0: REPORT_JSON_MAX */
};

struct finding {
    size_t definition; /* index into the table */
    enum state state;
    const char *subject;              /* what it is about: a domain, an address, a list */
    const char *text;                 /* what was found, one sentence without full stop */
    const char *seen;                 /* the raw evidence, or NULL */
    const char *fix;                  /* never NULL */
    const char *id, *why, *reference; /* of the table, or of who found it, see report_origin */
    size_t order;                     /* of arrival: among equals the first comes first */
};

struct metric {
    bool is_set; /* else printed as U */
    double value;
    struct range warning, critical;
    bool has_minimum, has_maximum;
    double minimum, maximum;
};

/* A sample with labels of its own, for Prometheus only (one per list, per exchanger ...). */
struct report_sample {
    const char *family; /* "postmaster_dnsbl_listed" */
    const char *help;
    double value;
    const char *const *labels; /* name, value, name, value, ... NULL */
};

enum report_format {
    REPORT_TEXT,
    REPORT_MULTI_LINE,
    REPORT_JSON,
    REPORT_PROMETHEUS,
    REPORT_CHECKMK,
};
bool report_format_parse(struct slice text, enum report_format *format);

struct report {
    struct arena *arena;
    const struct report_tables *tables;
    const char *target;  /* what was checked, for the first line; set by report_target */
    const char *summary; /* first line when no finding is worse than OK; set by report_summary */
    struct finding *findings;
    size_t finding_count, finding_capacity;
    struct metric *metrics; /* metric_count of the table */
    enum state *severities; /* per definition: the user's wish */
    bool *severity_set;
    const char **details; /* lines for -v, below the findings */
    int *detail_levels;
    size_t detail_count, detail_capacity;
    struct report_sample *samples;
    size_t sample_count, sample_capacity;
    size_t facts_omitted; /* elements that the plugin left out of its facts, for `omitted` */
    json_t *facts;        /* the plugin's own keys, an object; owned by the report */

    /* Bookkeeping of report_add. */
    size_t kept[STATE_IGNORE];    /* findings kept, by state */
    size_t dropped[STATE_IGNORE]; /* findings counted only, by state */
    size_t victim;                /* where the search for the next one to drop goes on, downwards */
    struct finding spare;         /* handed out for a finding that is not kept */
};

/* Most octets of one string that the report keeps (subject, text, seen, fix, detail ...); the rest
 * is cut and "..." follows. */
#define REPORT_STRING_MAX 4096
/* Most lines of detail and most samples; what comes after is dropped. */
#define REPORT_DETAILS_MAX 10000
#define REPORT_SAMPLES_MAX 10000

void report_init(struct report *report, struct arena *arena, const struct report_tables *tables);
void report_release(struct report *report);

/* --severity. False when no finding has that id. */
bool report_set_severity(struct report *report, struct slice id, enum state state);
/* The id nearest to a mistyped one, for "did you mean"; never NULL while there is a finding. */
const char *report_nearest_id(const struct report_tables *tables, struct slice id);
/* Index of an id, or SIZE_MAX. */
size_t report_find_id(const struct report_tables *tables, struct slice id);

void report_target(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void report_summary(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a finding in its default state (or the user's). Returns it so that `seen` and `fix` can be
 * set with report_seen and report_fix, until the next report_add. Never NULL; an ignored one is
 * kept in a spare place and dropped. At most REPORT_FINDINGS_MAX are kept, the worst ones; the
 * rest is counted. `subject` may be NULL when there is nothing to name. */
#define REPORT_FINDINGS_MAX 10000
struct finding *report_add(struct report *report, size_t definition, const char *subject,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same in another state than the default, for findings whose weight depends on a threshold that
 * the user set; a --severity of the user still wins. */
struct finding *report_add_as(struct report *report, size_t definition, enum state state,
                              const char *subject, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void report_seen(struct report *report, struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void report_fix(struct report *report, struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The finding is that of another program, whose result is told here: its id, why and reference are
 * shown in place of the table's, which stay where one of the last two is "". In JSON `id` stays
 * that of the table, by which --severity goes, and the other one follows the text. */
void report_origin(struct report *report, struct finding *finding, const char *id, const char *why,
                   const char *reference);

/* A line of detail, printed from -v (level 1), -vv (2) or -vvv (3) on. */
void report_detail(struct report *report, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Metrics beside those of the table, known only at run time (one for each list): the first of them
 * has the index that is returned, the others follow. `definitions` must live as long as the report;
 * labels must be new. */
size_t report_extend_metrics(struct report *report, const struct metric_definition *definitions,
                             size_t count);

/* The value of a metric; NaN and infinity leave it unset. */
void report_metric(struct report *report, size_t metric, double value);
/* NULL is no threshold. */
void report_metric_bounds(struct report *report, size_t metric, const struct range *warning,
                          const struct range *critical);
void report_metric_limits(struct report *report, size_t metric, double minimum, double maximum);

/* `family` and `help` are constants of the plugin; the labels are copied. The target is added as a
 * label by the writer. A family may be that of a metric: then its HELP is the metric's. */
void report_sample(struct report *report, const char *family, const char *help, double value,
                   const char *const *labels);

/* The plugin's own facts (JSON). `value` is taken over. Strings must be valid UTF-8: use
 * report_json_string. */
void report_fact(struct report *report, const char *key, json_t *value);
json_t *report_json_string(struct report *report, const char *value); /* NULL gives JSON null */

/* Worst state of all findings, OK when there is none. */
enum state report_state(const struct report *report);

/* How the report is printed. */
struct report_style {
    enum report_format format;
    int verbosity;      /* 0 to 3 */
    size_t most_octets; /* of text output, 0 for REPORT_TEXT_MAX; JSON has its own cap of 64 KB */
};
#define REPORT_TEXT_MAX 8192
#define REPORT_FIRST_LINE_MAX 1024
#define REPORT_JSON_MAX 65536

/*
 * Prints the report into `out`, always ending in a newline.
 *
 * - text: `SERVICE STATE - subject: text (id), and N more (2 critical, 1 warning) | perfdata`; the
 *   worst finding first, notes only when there is no summary either; at most REPORT_FIRST_LINE_MAX,
 *   for which the text is cut and the perfdata never; with -v one line for each finding (state, id,
 *   subject, text), its evidence and its fix, then the details. Cut at most_octets with
 *   "... N more lines".
 * - multi-line: line 1 as above, then one `\_ [STATE] subject: text (id)` a finding, whatever the
 *   verbosity.
 * - json: one object on one line, keys of plugin-contract order, ASCII; at most REPORT_JSON_MAX (or
 *   the tables' json_max):
 *   where the object would be larger, `why` of the findings becomes null (--explain tells it), then
 *   strings of facts above REPORT_STRING_MAX octets are cut (not at ESCAPE_VALUE_MAX as in
 *   text: for a program a record must be whole), then arrays of facts and then findings
 *   are shortened from their end (the longest first; some of each are kept as long as that
 *   suffices); `omitted` (always there) counts the strings cut and the elements left out.
 * - prometheus: text exposition, `postmaster_<service>_state{target=...}` and one family for each
 *   metric: `postmaster_<service>_<label>` and `_seconds`, `_bytes`, `_percent` or `_total` after
 *   the unit, unless the label ends so itself, and with `_number` for a `_count` at its end; a
 *   counter (`c`) is of TYPE counter, all others are gauges; a metric that is unset has no sample.
 *   A failed run has its message as a comment on the first line.
 * - checkmk: local check line `STATE "Service target" metrics text`; metrics without unit, those
 *   that are unset left out, ranges as Checkmk writes them (`upper` or `lower:upper`); further
 *   lines after a literal `\n`.
 */
void report_write(const struct report *report, const struct report_style *style, double seconds,
                  struct text *out);

/* The plugin gives up: the same formats with the state UNKNOWN and `message` in place of the
 * findings. Target, metrics and facts are printed as far as they are set. */
void report_write_failed(const struct report *report, const struct report_style *style,
                         double seconds, const char *message, struct text *out);

/* A report about the run itself (usage error, out of time before anything was known): same formats,
 * state UNKNOWN, the tables' metrics as U. */
void report_write_unknown(const struct report_tables *tables, const struct report_style *style,
                          const char *message, struct text *out);

#endif
