/*
 * SMTP dialogues: scripts of steps, played side by side, each leaving a transcript. RFC 5321, RFC
 * 3207 (STARTTLS), RFC 8314 (implicit TLS), RFC 2033 (LMTP).
 *
 *     smtp = smtp_open(loop, &settings);
 *     session = smtp_add(smtp, &arena, &request);      as many as wanted
 *     smtp_run(smtp, deadline);
 *     ... judge what each session holds ...
 *     smtp_close(smtp);
 *
 * How a dialogue is held:
 * - The final line of the greeting is awaited; one command, one reply, never two commands at once
 *   (but see SMTP_STEP_INJECT and `talks_early`). A greeting or a reply that is not 2xx where it
 * must be leads to QUIT, 421 anywhere too (RFC 5321 3.1, 3.8). What is no SMTP reply ends the
 * dialogue at once.
 * - EHLO refused with 5xx is followed by HELO (RFC 5321 3.2), unless it is LMTP.
 * - STARTTLS 220 is followed by the handshake; EHLO after it is a step of the script. Octets in the
 *   clear behind the 220 are kept in `clear_after_starttls` and are not taken for anything else.
 * - What the server says out of turn is an entry of its own and never taken for the next reply.
 * - Each stage has its budget inside the deadline. A server that answered all is told QUIT and
 *   close_notify, and waited for a little; that never changes what was found before.
 * - A server that owes a reply when its time is up, or says what is no reply, is told QUIT as well,
 *   and left at once: Postfix, Exim and sendmail, busy with a slow MAIL, RCPT or EHLO, find it when
 *   they are done and log an orderly end, where they would log "lost connection after RCPT",
 *   "unexpected disconnection" or "lost input channel", for which fail2ban bans. It is no
 *   pipelining: they look for that when they take a command up, and the QUIT comes a stage's budget
 *   later. But nothing is said to a server whose greeting is not whole, for which sendmail and
 *   postscreen refuse the client (RFC 5321 4.3.1) and which may not speak SMTP; nor behind
 *   STARTTLS, where it would be taken for TLS; nor behind DATA, where it would be content.
 * - Servers count refusals and hang up at the third or the tenth: after `refusals_max` of them QUIT
 *   is said, and `has_more` tells that steps were left for another session.
 * - At most one connection at a time to one address, unless the settings say more.
 *
 * No message can be sent: DATA that is not refused ends the connection at once, with no QUIT, no
 * close_notify and no other octet. See net/smtp_step.h.
 */
#ifndef COMMON_NET_SMTP_H
#define COMMON_NET_SMTP_H

#include "base/arena.h"
#include "base/clock.h"
#include "mail/smtp_ehlo.h"
#include "mail/smtp_reply.h"
#include "net/loop.h"
#include "net/smtp_step.h"
#include "net/stream.h"
#include "net/tls.h"

enum smtp_outcome {
    SMTP_NOT_ASKED = 0,
    SMTP_ANSWERED,     /* a whole reply; for CONNECT and HANDSHAKE: it stands */
    SMTP_SILENT,       /* nothing whole in time; `text` is what came of it */
    SMTP_MALFORMED,    /* no SMTP reply: `error`, `text` */
    SMTP_ENDED,        /* the connection failed or ended: `failure`; `text` is what came of it */
    SMTP_BAD_ARGUMENT, /* refused by smtp_step_print: never sent */
};

#define SMTP_NO_STEP SIZE_MAX

struct smtp_entry {
    enum smtp_verb verb;
    size_t step;      /* index in the request's steps, SMTP_NO_STEP for what happens by itself */
    const char *sent; /* the command without CRLF, "" for none */
    enum smtp_outcome outcome;
    unsigned code, first_code; /* of the reply, see mail/smtp_reply.h */
    struct smtp_status status;
    struct slice text;
    size_t line_count;
    unsigned deviations;
    enum smtp_reply_error error;
    enum stream_failure failure;
    int64_t at_us; /* since the dialogue began */
    int64_t us;    /* until the reply was whole, or it was given up */
    bool tls;      /* the command went under TLS */
};

struct smtp_request {
    struct stream_target target;
    const char *name; /* for EHLO and HELO */
    bool lmtp;
    bool implicit_tls; /* TLS before the greeting */
    /* EHLO is said before the greeting, against RFC 5321 3.1, to see whether the server minds. Its
     * reply is not awaited: let the script LISTEN for it. */
    bool talks_early;
    struct tls_request tls;
    const struct smtp_step *steps; /* between greeting and QUIT */
    size_t step_count;
    unsigned refusals_max; /* commands answered with 4xx or 5xx; 0: as many as there are */
};

/* The facts. The zero value is true: nothing was asked. */
struct smtp_session {
    const struct smtp_request *request;
    struct smtp_entry *entries; /* in order of time */
    size_t entry_count;
    bool is_complete;                 /* came to its end, good or bad, before the deadline */
    bool has_more;                    /* steps from `next_step` on were left, see refusals_max */
    size_t next_step;                 /* the first that was neither said nor left out */
    const struct smtp_ehlo *ehlo;     /* the last in the clear; NULL: none was accepted */
    const struct smtp_ehlo *ehlo_tls; /* the last under TLS */
    struct slice clear_after_starttls;
    const struct tls_facts *tls; /* NULL: no handshake was begun */
    const char *tls_error;       /* the context could not be made; NULL: it could */
    struct endpoint local;
    int64_t us;            /* of the whole dialogue */
    bool quit_unheard;     /* QUIT was said behind the last entry and its reply not waited for */
    bool closed_by_server; /* the server ended the connection in order after QUIT */
};

/* The last entry of that verb, NULL when there is none. */
const struct smtp_entry *smtp_session_find(const struct smtp_session *session, enum smtp_verb verb);
/* The entry of that step, NULL when the step was left out or not reached. */
const struct smtp_entry *smtp_session_step(const struct smtp_session *session, size_t step);
/* The entry that ended the dialogue before its time: not answered. NULL when all were; QUIT never
 * is one, nor a LISTEN that heard nothing. */
const struct smtp_entry *smtp_session_failed(const struct smtp_session *session);
/* EHLO's or HELO's reply was 2xx. */
bool smtp_session_is_greeted(const struct smtp_session *session);

struct smtp_settings {
    unsigned at_once;     /* most connections; 0: 64 */
    unsigned per_address; /* most to one address; 0: 1 */
    struct tls_authorities authorities;
    int64_t budgets_us[SMTP_VERBS]; /* 0: smtp_verb_budget */
};

struct smtp;

struct smtp *smtp_open(struct loop *loop, const struct smtp_settings *settings);
/* Connections that still stand are cut. */
void smtp_close(struct smtp *smtp);

/* A dialogue to be played. Facts live in the arena; `request` and what it points to must outlive
 * the run. */
struct smtp_session *smtp_add(struct smtp *smtp, struct arena *arena,
                              const struct smtp_request *request);

/* Plays all that was added. True when each came to its end, false when the deadline came first:
 * who was asked and did not answer is SMTP_SILENT, who was not asked has no entries. */
bool smtp_run(struct smtp *smtp, struct deadline deadline);

#endif
