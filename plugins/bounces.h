/*
 * check_bounces: its configuration, its facts, and the rooms that they pass through.
 *
 *     check_bounces.c      the run, the one exit
 *     bounces_collect      state file, rules, sources -> facts
 *     bounces_logs         log files: where each was left off, rotation, lines -> events
 *     bounces_journal      the same for the systemd journal
 *     bounces_lines        lines of a file, plain or packed
 *     bounces_messages     messages of Maildirs, mboxes and files -> events
 *     bounces_events       events of any source -> classes -> tally
 *     bounces_tally        counts in buckets of time
 *     bounces_memory       what is kept between two runs
 *     bounces_recent       ... the recipients that were deferred last
 *     bounces_limit        --limit, --window (pure)
 *     bounces_judge        facts -> findings (pure)
 *     bounces_show         facts -> JSON, the lines of -v (pure)
 */
#ifndef PLUGINS_BOUNCES_H
#define PLUGINS_BOUNCES_H

#include "bounces_memory.h"
#include "bounces_tally.h"
#include "mail/bounce_rules.h"
#include "mail/maillog.h"
#include "plugin/plugin.h"

/* ---- configuration */

struct bounces_config {
    struct option_list logs;       /* --log */
    const char *format;            /* --log-format */
    const char *journal;           /* --journal; "" is all mail; NULL: not wanted */
    const char *journal_directory; /* --journal-directory */
    struct option_list maildirs;   /* --maildir */
    struct option_list mailboxes;  /* --mbox */
    struct option_list messages;   /* --message */
    const char *state_file;        /* --state-file */
    bool from_start;               /* --from-start */
    const char *window;            /* --window */
    long min_mails;                /* --min-mails */
    struct option_list limits;     /* --limit */
    struct option_list rules;      /* --rules */
    const char *base_rules;        /* --base-rules */
    const char *test_rules;        /* --test-rules */
    bool recipients;               /* --recipients */
};
extern const struct bounces_config bounces_config_default;

/* ---- limits and windows */

enum bounces_subject {
    BOUNCES_LIMIT_GROUP,
    BOUNCES_LIMIT_CLASS,
    BOUNCES_LIMIT_PROVIDER,
    BOUNCES_LIMIT_COMPLAINTS,
    BOUNCES_LIMIT_DEFERRED,
};

struct bounces_level {
    bool is_set, is_percent;
    double value; /* reached at it; 0: by the first */
};

/* --limit NAME=WARN,CRIT */
struct bounces_limit {
    const char *text; /* as it was written */
    enum bounces_subject subject;
    enum bounce_group group;
    enum bounce_class class;
    const char *provider;
    struct bounces_level warning, critical;
};

/* False: not of the grammar. */
bool bounces_limit_parse(struct arena *arena, const char *text, struct bounces_limit *limit);

/* "90", "30m", "1h", "7d" in seconds; "all" is 0. */
bool bounces_window_parse(const char *text, int64_t *seconds);
/* "90 s", "30 min", "1 h", "7 d" */
const char *bounces_window_print(struct arena *arena, int64_t seconds);

/* ---- facts */

enum bounces_source_status {
    BOUNCES_SOURCE_READ,
    BOUNCES_SOURCE_MISSING,
    BOUNCES_SOURCE_FORBIDDEN,
    BOUNCES_SOURCE_NO_FILE, /* a folder, a FIFO, a device */
    BOUNCES_SOURCE_BROKEN,  /* reading failed */
    BOUNCES_SOURCE_NOT_BUILT,
};

/* One log file with what it was rotated to, one journal, one Maildir, mbox or message. Lines are
 * messages then. */
struct bounces_source {
    const char *name;
    bool is_journal;
    enum bounces_source_status status;
    const char *trouble; /* what the system said */
    bool is_first;       /* nothing was known of it: begun at its end, or at its start */
    bool is_copied;      /* emptied after it was copied; the copy was finished */
    bool is_truncated;   /* it became shorter, or another, and what we had not read is gone */
    bool is_lost;        /* it was rotated, and the old file was not found */
    size_t finished;     /* rotated files that were read to their end */
    int64_t left;        /* not read in time: octets of a log, of others 1 or more */
    uint64_t lines;      /* of all runs */
    bool is_known;       /* a line of a mail server was among them */
    uint64_t octets;     /* of this run */
    uint64_t long_lines;
    const char *noun; /* "log", "Maildir": what it is called */
    uint64_t unread;  /* messages of a Maildir that could not be read */
    uint64_t cut;     /* messages larger than what is read of one */
};

enum bounces_state_trouble {
    BOUNCES_STATE_GOOD,
    BOUNCES_STATE_FIRST,    /* there was none: a first run, or it was lost */
    BOUNCES_STATE_CORRUPT,  /* set aside, begun anew */
    BOUNCES_STATE_UNUSABLE, /* cannot be read or written: nothing is remembered */
    BOUNCES_STATE_LOCKED,   /* another run holds it: nothing was read */
};

/* A recipient of a message or a log line, for --recipients. */
struct bounces_recipient {
    const char *file;
    enum bounces_kind kind;
    const char *recipient, *original_recipient; /* NULL: none is known */
    const char *status;                         /* "5.1.1", or NULL */
    unsigned reply_code;                        /* 0: none */
    enum bounce_class class;
    bool is_failure; /* class, is_hard, blocklist and rule have a meaning */
    bool is_hard;
    const char *blocklist, *rule; /* NULL: none */
};
#define BOUNCES_RECIPIENTS_MAX 20000

/* Mail of one host and domain comes in numbers, and finding its provider costs more than counting.
 */
#define BOUNCES_PROVIDER_CACHE 4096
struct bounces_cached_provider {
    uint64_t key; /* of host and domain; 0: free */
    size_t provider;
};

struct bounces_facts {
    struct arena *arena;
    int64_t now;    /* wall clock */
    int64_t window; /* seconds; 0: everything */
    struct bounces_tally tally;
    struct bounces_cached_provider cached_providers[BOUNCES_PROVIDER_CACHE];
    struct bounces_memory memory;
    struct bounce_rules rules;
    struct bounces_source *sources;
    size_t source_count;
    bool has_logs; /* so deliveries are seen, and a rate is possible */
    uint64_t ignored[MAILLOG_REASONS];
    uint64_t null_sender; /* bounces of bounces: not counted */
    bool keeps_recipients;
    struct bounces_recipient *recipients;
    size_t recipient_count, recipient_capacity;
    uint64_t recipients_left_out;
    enum bounces_state_trouble state_trouble;
    const char *state_message;
    bool is_first_lock; /* no run before this one took the lock of the state file */
};

/* ---- events: the one door for logs and messages */

struct bounces_event {
    enum bounces_kind kind;
    int64_t when;                               /* seconds since 1970 UTC */
    const char *file;                           /* where it was read; kept */
    struct slice recipient, original_recipient; /* may be empty */
    struct bounce_reply reply;
};

/* Classifies the event, counts it in the bucket of its time, and remembers it for --recipients. One
 * event for each recipient; one with an empty recipient for a message that has none. */
void bounces_take(struct bounces_facts *facts, const struct bounces_event *event);

/* A message was seen before, in this run or in an earlier one that the state file knows of. Notes
 * it; what is not asked for in a run is forgotten. */
bool bounces_seen(struct bounces_facts *facts, uint64_t key);
/* The same without a note. */
bool bounces_is_seen(const struct bounces_facts *facts, uint64_t key);

/* ---- rooms */

void bounces_events_init(struct bounces_facts *facts);
void bounces_events_release(struct bounces_facts *facts);

void bounces_collect(struct plugin *plugin, const struct bounces_config *config,
                     struct bounces_facts *facts);
/* Reads the user's and the shipped rules; ends the run when they are wrong. */
void bounces_rules_load(struct plugin *plugin, const struct bounces_config *config,
                        struct bounces_facts *facts);
/* The seconds of --window, or of its default. */
int64_t bounces_window(const struct bounces_config *config);

void bounces_logs_collect(const struct bounces_config *config, struct bounces_facts *facts,
                          struct deadline deadline);
/* Maildirs, mboxes and single messages. */
void bounces_messages_collect(const struct bounces_config *config, struct bounces_facts *facts,
                              struct deadline deadline);
void bounces_journal_collect(const struct bounces_config *config, struct bounces_facts *facts,
                             struct bounces_source *source, struct deadline deadline);

/* One line of a log or a journal; `when` 0: the line's own stamp tells, or else it is now. */
struct bounces_reader {
    struct bounces_facts *facts;
    enum maillog_format format;
    struct bounces_source *source;
    struct maillog_stamp hour; /* the stamp that was converted last, and the start of its hour */
    int64_t hour_start;
};
void bounces_read_line(struct bounces_reader *reader, struct slice line, int64_t when);

struct bounces_judge {
    const struct bounces_config *config;
    const struct plugin_common *common;
    const struct bounces_facts *facts;
    const struct bounces_totals *totals;
    const struct bounces_limit *limits;
    size_t limit_count;
    struct report *report;
};

void bounces_judge(const struct bounces_judge *judge);
/* What was wrong with sources and state. */
void bounces_judge_sources(const struct bounces_judge *judge);
/* "23.4 % bounced (117 of 500 in 1 h)" needs these: failures, and all mails with an end. */
uint64_t bounces_failed(const struct bounces_totals *totals);
uint64_t bounces_ended(const struct bounces_totals *totals);
/* The cause with most bounces, blocklists first; SIZE_MAX: there is none. Deferrals are no part of
 * the rate that it stands beside. */
size_t bounces_worst_cause(const struct bounces_totals *totals, const struct bounces_tally *tally);
/* The time that the counts cover, in words. */
const char *bounces_span(const struct bounces_facts *facts);

void bounces_show(const struct bounces_judge *judge);

/* ---- tables (bounces_options.c, bounces_findings.c) */

extern const struct plugin_definition bounces_definition;

enum bounces_finding {
    BOUNCES_F_RATE,
    BOUNCES_F_LIMIT,
    BOUNCES_F_BLOCKLISTED,
    BOUNCES_F_FEW_MAILS,
    BOUNCES_F_NO_MAILS,
    BOUNCES_F_OLD_LINES,
    BOUNCES_F_FUTURE_LINES,
    BOUNCES_F_UNKNOWN_FORMAT,
    BOUNCES_F_LOG_MISSING,
    BOUNCES_F_PERMISSION,
    BOUNCES_F_LOG_UNREADABLE,
    BOUNCES_F_MAILBOX_MISSING,
    BOUNCES_F_MAILBOX_UNREADABLE,
    BOUNCES_F_MESSAGE_UNREADABLE,
    BOUNCES_F_MESSAGE_CUT,
    BOUNCES_F_JOURNAL_MISSING,
    BOUNCES_F_COPIED,
    BOUNCES_F_TRUNCATED,
    BOUNCES_F_ROTATED_LOST,
    BOUNCES_F_LONG_LINE,
    BOUNCES_F_BACKLOG,
    BOUNCES_F_FIRST_RUN,
    BOUNCES_F_STATE_CORRUPT,
    BOUNCES_F_STATE_FILE,
    BOUNCES_F_LOCKED,
};
#define BOUNCES_FINDINGS (BOUNCES_F_LOCKED + 1)

enum bounces_metric {
    BOUNCES_M_DELIVERED,
    BOUNCES_M_BOUNCED,
    BOUNCES_M_EXPIRED,
    BOUNCES_M_DEFERRED,
    BOUNCES_M_RATE,
    BOUNCES_M_COMPLAINTS,
    BOUNCES_M_RECIPIENT,
    BOUNCES_M_FULL,
    BOUNCES_M_LIMITED,
    BOUNCES_M_GREY,
    BOUNCES_M_BLOCKED,
    BOUNCES_M_SIZE,
    BOUNCES_M_TRANSIENT,
    BOUNCES_M_CONFIG,
    BOUNCES_M_UNKNOWN,
    BOUNCES_M_TIME,
    BOUNCES_METRICS,
};

extern const struct finding_definition bounces_findings[BOUNCES_FINDINGS];
extern const struct metric_definition bounces_metrics[BOUNCES_METRICS];

#endif
