/*
 * Which probes are asked of one address, in which sessions: the part of check_open_relay that keeps
 * it from being banned, tarpitted or taken for an attacker.
 *
 * - A session asks at most `per_session` probes, and ends with QUIT behind that many errors (two
 *   when it is one), whatever command they answer, EHLO and RSET foremost: chasquid hangs up at the
 *   third error, fail2ban bans at the fifth. What was not asked then is asked in another session.
 *   Probes of one sender go together; RSET comes after an acceptance and before another sender
 *   only.
 * - A run has at most `max_sessions`, and within RELAY_WINDOW seconds there are at most
 *   `most_connections` over all runs that share a memory. While all probes have answers from the
 *   last `keep` seconds, a run asks no more than one or two sessions, the oldest answers first, so
 *   that a check every minute goes round instead of asking all every time.
 * - First come the control whether we are welcome and the deciding probes, then the controls that
 *   an acceptance calls for, DATA, the default probes, what was deferred, the rest.
 * - What answers the error counter is asked again in another session; so is a probe whose MAIL was
 *   refused behind another one, for that may be about the session: then it comes first; what was
 * deferred, once, after the wait that the server named or `interval`.
 * - Two sessions in a row that end with 421 are the last ones.
 *
 * Pure: the time is an argument, in seconds since 1970.
 */
#ifndef PLUGINS_RELAY_PLAN_H
#define PLUGINS_RELAY_PLAN_H

#include <stdint.h>

#include "net/smtp_step.h"
#include "relay_probe.h"
#include "relay_reply.h"

/* Ten minutes, and one more, for the server has a clock of its own and counts both ends. */
#define RELAY_WINDOW 660
#define RELAY_SESSION_MAX 8 /* probes of a session */
#define RELAY_STEPS_MAX (4 + RELAY_SESSION_MAX * 4)

struct relay_answer {
    enum relay_meaning meaning;
    enum smtp_verb verb; /* the command that it answers */
    unsigned code;       /* 0: there is none */
    struct smtp_status status;
    const char *text; /* of the reply; what happened in place of one. May have any octets but NUL */
    unsigned wait;    /* seconds that a deferral asks for; 0: it does not say */
    int64_t at;
    bool is_remembered; /* of an earlier run */
    bool is_spoilt;     /* it is about what the session had before the probe */
};

/* A probe, in the clear or under TLS, and what came of it. The zero value of the answers is true:
 * nothing was asked. */
struct relay_ask {
    const char *id;
    const struct relay_probe *probe;
    const char *sender_form;
    char form[9]; /* of its words, before they are filled in: eight hexadecimal digits */
    bool tls;
    const char *ehlo, *sender, *recipient; /* filled in; sender NULL: something is not known yet */
    const char *obstacle;                  /* why it is not asked at all; NULL */
    unsigned tries;
    int64_t not_before; /* of a deferral */
    bool needs_first;   /* it is asked at the beginning of a session */
    struct relay_answer answer;
    struct relay_answer data; /* of DATA */
};

struct relay_limits {
    unsigned per_session, max_sessions, most_connections;
    int64_t interval, keep;
    bool data_abort;
};

struct relay_plan {
    struct relay_limits limits;
    const char *host; /* the server's name, of its greeting or remembered; NULL: not known */
    struct relay_ask *asks;
    size_t count;
    int64_t *connections; /* when there were some, in the window, earlier runs included */
    size_t connection_count, connection_capacity;
    unsigned sessions;  /* of this run */
    unsigned allowance; /* most sessions of this run, by what is remembered */
    unsigned goodbyes;  /* 421 in a row */
    bool is_stopped;    /* the server is not to be asked any more */
};

/* What is asked: the probes of the table that `ids` names, or those of the sets up to `last`,
 * without `skipped`; the controls always; group routed again as alice@ with `last`
 * RELAY_SET_EXTENDED; all of it again under TLS with `starttls`. The lists end with NULL and may be
 * NULL. */
struct relay_choice {
    enum relay_set last;
    const char *const *ids, *const *skipped;
    bool starttls;
};
void relay_plan_init(struct relay_plan *plan, struct arena *arena,
                     const struct relay_limits *limits, const struct relay_table *table,
                     const struct relay_choice *choice);

/* There is a probe to ask, beside the controls. */
bool relay_plan_has_probe(const struct relay_plan *plan);

/* Fills in what is not filled in yet. */
void relay_plan_fill(struct relay_plan *plan, struct arena *arena, const struct relay_names *names);

/* Before the first session, and after the memory was read into the asks and connections. */
void relay_plan_begin(struct relay_plan *plan, int64_t now);

struct relay_session_plan {
    size_t picks[RELAY_SESSION_MAX]; /* indices of asks */
    size_t count;
    bool is_data; /* DATA follows */
};
/* The next session; false when there is none now. `*until` is then the time from which there will
 * be one, 0: never. Counts the session. */
bool relay_plan_next(struct relay_plan *plan, struct arena *arena, int64_t now,
                     struct relay_session_plan *session, int64_t *until);

/* Most errors of a session: behind them it ends. */
unsigned relay_plan_errors(const struct relay_plan *plan);

/* The steps of a session. rcpts[i] and mails[i] are the places of the i-th pick's commands,
 * datas[i] of its DATA. */
struct relay_script {
    struct smtp_step steps[RELAY_STEPS_MAX];
    size_t count;
    size_t mails[RELAY_SESSION_MAX], rcpts[RELAY_SESSION_MAX], datas[RELAY_SESSION_MAX];
};
void relay_plan_script(const struct relay_plan *plan, const struct relay_session_plan *session,
                       struct relay_script *script);

/* An answer to a pick. */
void relay_plan_record(struct relay_plan *plan, size_t index, const struct relay_answer *answer,
                       bool is_data);
/* How the session ended: with 421, or not. */
void relay_plan_end_session(struct relay_plan *plan, bool is_goodbye);

/* The answer of the control of local names for a routed probe: that with its right side. NULL when
 * it has none; the accepted one where there are several. */
const struct relay_answer *relay_plan_control_of(const struct relay_plan *plan,
                                                 const struct relay_ask *ask);
/* The answer of a control; NULL when it has none, or there is none of that kind. The accepted one
 * where there are several. */
const struct relay_answer *relay_plan_control(const struct relay_plan *plan, enum relay_group group,
                                              bool tls);
/* The meaning of an ask, with that of its DATA. */
enum relay_meaning relay_ask_meaning(const struct relay_ask *ask);

#endif
