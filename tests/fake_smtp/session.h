/*
 * The state of an SMTP session (RFC 5321 4.1.4), and what a sane server says in it.
 */
#ifndef TESTS_FAKE_SMTP_SESSION_H
#define TESTS_FAKE_SMTP_SESSION_H

#include "base/text.h"
#include "command.h"
#include "expand.h"
#include "script.h"

/* Most octets that are kept of each text of the facts. */
#define SESSION_TEXT_MAX 1024

struct session {
    const struct script *script;
    struct facts facts; /* its texts are the buffers below */
    struct text buffers[CONDITION_TEXTS];
    bool can_tls;        /* there is a certificate */
    bool lmtp;           /* RFC 2033 */
    bool refused;        /* the greeting was not 220 */
    bool greeted;        /* EHLO, HELO or LHLO was taken */
    bool has_sender;     /* MAIL was taken */
    bool authenticating; /* the next line is a response of AUTH */
    bool in_message;     /* the next lines are the message */
    bool too_long;       /* the line that is answered was longer than the buffer */
};

void session_init(struct session *session, const struct script *script, size_t listener);
void session_release(struct session *session);

/* Sets a text of the facts. */
void session_set(struct session *session, enum condition_text which, struct slice value);

/* What the command says becomes facts, before a rule for it is looked for. */
void session_take(struct session *session, const struct command *command);

/* The command was answered with `code`, 0 for none. */
void session_answered(struct session *session, const struct command *command, unsigned code);

/* A handshake is done: all that was said before is forgotten. RFC 3207 4.2. */
void session_forget(struct session *session);

/* Values for the texts of the script. `number` is the connection's, in digits. */
void session_values(const struct session *session, struct slice number,
                    struct slice values[EXPAND_VARIABLES]);

/* Appends what a sane server replies at a step, whole lines. */
void session_reply(const struct session *session, const struct command *command,
                   struct text *reply);

#endif
