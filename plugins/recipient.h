/*
 * check_recipient: its configuration, its facts, and the rooms that they pass through.
 *
 *     check_recipient.c      options, the run, the one exit
 *     recipient_list         --address and --addresses-file -> what is asked about (pure but for
 *                            the files)
 *     recipient_memory       the lines of the state file (pure)
 *     recipient_remember     what they say of this run, and the file
 *     recipient_collect      questions and conversations -> facts: the only part that meets the
 *                            network
 *     recipient_reply        what a reply says of a recipient (pure)
 *     recipient_notes        role accounts, tags, typing errors (pure)
 *     recipient_verdict      facts -> what is to be held of an address (pure)
 *     recipient_judge        facts -> findings (pure)
 *     recipient_show         facts -> JSON, the lines of -v (pure)
 */
#ifndef PLUGINS_RECIPIENT_H
#define PLUGINS_RECIPIENT_H

#include "mail/address.h"
#include "mail/exchangers.h"
#include "plugin/plugin.h"
#include "recipient_memory.h"
#include "recipient_reply.h"
#include "report/threshold.h"
#include "resolver.h"
#include "smtp_collect.h"

/* ---- configuration */

struct recipient_config {
    struct option_list addresses; /* --address */
    const char *addresses_file;
    bool smtputf8;
    const char *expect;    /* "accept", "reject" */
    const char *catch_all; /* "ok", "warn", "off" */
    enum state greylist;
    long greylist_wait; /* seconds */
    long keep;          /* seconds that an answer holds */
    long most_connections;
    bool data_abort;
    const char *state_file;  /* NULL: the one of state_file_default; "none" */
    struct option_list warn; /* --warn */
    const char *roles_file, *disposable_file, *free_file;
    const char *sender; /* --from; NULL: postmaster at our name */
    bool starttls;
    double interval;
    struct smtp_options smtp;
};
extern const struct recipient_config recipient_config_default;

#define RECIPIENT_ADDRESSES_MAX 1000
/* The local part that nobody has, of the control. */
#define RECIPIENT_PROBE_LENGTH 20
/* Waits of a greylisted address double up to this, in seconds. */
#define RECIPIENT_GREYLIST_MOST 1800

/* ---- facts */

/* Notes about an address. */
enum recipient_note {
    RECIPIENT_NOTE_ROLE,
    RECIPIENT_NOTE_DISPOSABLE,
    RECIPIENT_NOTE_FREE,
    RECIPIENT_NOTE_PLUS_TAG,
    RECIPIENT_NOTE_TYPO,
    RECIPIENT_NOTES,
};

/* One conversation. */
struct recipient_probe {
    const char *host; /* the exchanger; the literal's address */
    const struct smtp_target *target;
    const struct smtp_session *session;
    struct recipient_reply reply;
    bool is_remembered; /* of an earlier run: there is no session, and of the target the text */
    int64_t age;        /* then, in seconds */
};

/* An address of an exchanger, in the order in which a sender tries them. */
struct recipient_route {
    const char *host;
    struct ip_address address;
};

struct recipient_domain {
    const char *name; /* normal form; the literal as text */
    bool is_literal;
    struct exchangers exchangers; /* not of a literal */
    struct recipient_route *routes;
    size_t route_count, route; /* the one in use */
    bool is_of_one_family;     /* -4, -6: there may be other addresses */
    bool is_stopped;           /* a server of it wants no more of us for now */
    bool has_spoken;           /* the one in use answered before */
    bool is_taken;             /* another run talks to its server */
    bool is_at_limit;          /* its server was connected to as often as may be */
    size_t next;               /* nobody before that one of the order is still to be asked */
    /* Servers that gave no word. */
    struct recipient_probe *dead;
    size_t dead_count;
    /* The control: an address that nobody has, once one was accepted. */
    char nobody[RECIPIENT_PROBE_LENGTH + 1];
    const struct smtp_target *control_target; /* who accepted one; NULL: nobody did */
    struct recipient_probe control;
    bool was_controlled;
    struct recipient_past control_past; /* of an earlier run */
};

struct recipient {
    const char *text; /* as given */
    struct address address;
    const char *key;                 /* local part and normal form of the domain */
    const char *path;                /* "<...>" as it goes to the wire */
    struct recipient_domain *domain; /* NULL: bad syntax */
    struct recipient_wait wait;      /* of an earlier run */
    struct recipient_past past;      /* the same */
    bool is_waiting;                 /* not due yet: not asked */
    bool is_asked;
    struct recipient_probe probe;
};

struct recipient_facts {
    struct arena *arena;
    struct recipient *list;
    size_t count;
    size_t omitted;           /* beyond RECIPIENT_ADDRESSES_MAX */
    struct recipient **order; /* in which they are asked: whose answer is oldest comes first */
    struct recipient_domain *domains;
    size_t domain_count;
    struct option_list roles, disposables, frees; /* of the user's files */
    int64_t now;                                  /* wall clock */
    double patience;                /* seconds: silence that lasted less says nothing */
    struct recipient_memory memory; /* connections of this run, where no file remembers them */
    const char *memory_path;        /* NULL: none */
    bool is_memory_writable;
    const char *memory_trouble; /* NULL: none */
};

/* The words of the contract. */
enum recipient_verdict {
    RECIPIENT_V_UNKNOWN,
    RECIPIENT_V_DELIVERABLE,
    RECIPIENT_V_CATCH_ALL,
    RECIPIENT_V_UNDELIVERABLE,
    RECIPIENT_V_FULL,
    RECIPIENT_V_DISABLED,
    RECIPIENT_V_GREYLISTED,
    RECIPIENT_V_REFUSED_US,
    RECIPIENT_V_SYNTAX,
    RECIPIENT_V_NO_DOMAIN,
};
enum recipient_verdict recipient_verdict_of(const struct recipient *recipient);
/* "deliverable", "catch-all" ... */
const char *recipient_verdict_name(enum recipient_verdict verdict);
/* Some exchanger's addresses are not known. */
bool recipient_verdict_is_unresolved(const struct recipient_domain *domain);
/* All are known, and none leads anywhere. */
bool recipient_verdict_has_no_route(const struct recipient_domain *domain);
/* A literal that no server can have. */
bool recipient_verdict_is_nobodys(const struct recipient *recipient);

/* ---- rooms */

/* Reads the options and files. False with a message for a usage error. */
bool recipient_list_read(const struct recipient_config *config, struct recipient_facts *facts,
                         char message[static 256]);
/* The sender as on the wire, or NULL when --from is none. "" in `ehlo` that is no name: "<>". */
const char *recipient_list_sender(const struct recipient_config *config, struct arena *arena,
                                  const char *ehlo);

/* Reads the state file, marks who is not due. */
void recipient_memory_read(struct recipient_facts *facts);
/* What the memory says of the addresses and domains of this run. */
void recipient_memory_apply(struct recipient_facts *facts, const struct recipient_memory *memory);
/* Which of these servers may be connected to now, by --max-connections; those are counted, for all
 * runs that share the file. */
void recipient_memory_reserve(const struct recipient_config *config, struct recipient_facts *facts,
                              const char *const *servers, bool *granted, size_t count, int64_t now);
/* An earlier run's control stands for the one of this run, so that it need not be asked. */
bool recipient_memory_settles_control(const struct recipient_config *config,
                                      const struct recipient_facts *facts,
                                      struct recipient_domain *domain);
/* Earlier answers, for whom it was not the turn in this run. */
void recipient_memory_fill(const struct recipient_config *config, struct recipient_facts *facts);
/* When to ask a greylisted address again, that was remembered as `wait`, after this reply. */
int64_t recipient_memory_due(const struct recipient_config *config,
                             const struct recipient_wait *wait, struct slice reply, int64_t now);
/* The lines of the file after this run: what `memory` holds of others, and what is ours. */
void recipient_memory_print_after(const struct recipient_config *config,
                                  struct recipient_facts *facts, struct recipient_memory *memory,
                                  struct text *out);
void recipient_memory_write(const struct recipient_config *config, struct recipient_facts *facts);

void recipient_collect(const struct recipient_config *config, struct plugin *plugin,
                       struct resolver *resolver, struct smtp_targets *targets,
                       struct smtp_collect *collect, struct dns_answers *answers,
                       struct recipient_facts *facts);

/* The note holds of the address; `detail` then says what it is, or is NULL. */
bool recipient_notes_hold(const struct recipient_facts *facts, const struct recipient *recipient,
                          enum recipient_note note, const char **detail);
/* "role", "plus-tag" ...; RECIPIENT_NOTES when it is none. */
enum recipient_note recipient_notes_parse(struct slice word);

void recipient_judge(const struct recipient_config *config, const struct plugin_common *common,
                     const struct recipient_facts *facts, struct report *report);
void recipient_show(const struct recipient_facts *facts, int verbosity, struct report *report);

/* ---- tables (recipient_options.c, recipient_findings.c) */

extern const struct plugin_definition recipient_definition;

enum recipient_finding {
    RECIPIENT_F_SYNTAX,
    RECIPIENT_F_NO_DOMAIN,
    RECIPIENT_F_NULL_MX,
    RECIPIENT_F_NO_ADDRESS,
    RECIPIENT_F_DNS_ERROR,
    RECIPIENT_F_NO_SUCH_USER,
    RECIPIENT_F_MOVED,
    RECIPIENT_F_DISABLED,
    RECIPIENT_F_FULL,
    RECIPIENT_F_FULL_NOW,
    RECIPIENT_F_REJECTED,
    RECIPIENT_F_NO_SMTPUTF8,
    RECIPIENT_F_DISK_FULL,
    RECIPIENT_F_UNREACHABLE,
    RECIPIENT_F_ACCEPTED,
    RECIPIENT_F_TOO_MANY,
    RECIPIENT_F_UNVERIFIED,
    RECIPIENT_F_GREYLISTED,
    RECIPIENT_F_BEING_VERIFIED,
    RECIPIENT_F_DEFERRED,
    RECIPIENT_F_COUNT,
    RECIPIENT_F_REFUSED_US,
    RECIPIENT_F_SENDER_REFUSED,
    RECIPIENT_F_CLOSING,
    RECIPIENT_F_UNTOLD,
    RECIPIENT_F_OWN_TROUBLE,
    RECIPIENT_F_UNASKED,
    RECIPIENT_F_STATE_FILE,
    RECIPIENT_F_CATCH_ALL,
    RECIPIENT_F_CATCH_ALL_UNKNOWN,
    RECIPIENT_F_FORWARDED,
    RECIPIENT_F_REFUSED_LATE,
    RECIPIENT_F_ROLE,
    RECIPIENT_F_DISPOSABLE,
    RECIPIENT_F_FREE,
    RECIPIENT_F_PLUS_TAG,
    RECIPIENT_F_TYPO,
    RECIPIENT_FINDINGS,
};

enum recipient_metric {
    RECIPIENT_M_UNDELIVERABLE,
    RECIPIENT_M_DELIVERABLE,
    RECIPIENT_M_DEFERRED,
    RECIPIENT_M_UNKNOWN,
    RECIPIENT_M_ADDRESSES,
    RECIPIENT_M_CODE,
    RECIPIENT_M_TIME_RCPT,
    RECIPIENT_M_TIME,
    RECIPIENT_METRICS,
};

extern const struct finding_definition recipient_findings[RECIPIENT_FINDINGS];
extern const struct metric_definition recipient_metrics[RECIPIENT_METRICS];

#endif
