/*
 * The steps of a dialogue: what a script's rules are for, and what the transcript names.
 */
#ifndef TESTS_FAKE_SMTP_STEP_H
#define TESTS_FAKE_SMTP_STEP_H

#include "base/slice.h"

enum step {
    STEP_ACCEPT,    /* TCP is there; nothing was said */
    STEP_HANDSHAKE, /* of TLS */
    STEP_TLS,       /* the handshake is done */
    STEP_CONNECT,   /* the greeting */
    STEP_MESSAGE,   /* the end of the message after DATA */
    STEP_EHLO,      /* the first of the commands */
    STEP_HELO,
    STEP_LHLO,
    STEP_STARTTLS,
    STEP_AUTH, /* also each response of the client */
    STEP_MAIL,
    STEP_RCPT,
    STEP_DATA,
    STEP_RSET,
    STEP_NOOP,
    STEP_VRFY,
    STEP_EXPN,
    STEP_HELP,
    STEP_QUIT,
    STEP_OTHER, /* verbs that the server doesn't know; the last of the commands */
    STEP_ANY,   /* of rules: every command */
};

/* "connect", "EHLO", "other" */
const char *step_name(enum step step);

/* STEP_OTHER for what is none. */
enum step step_of_verb(struct slice verb);

/* A step as a script writes it: events in small letters, verbs in any case. *verb is the verb of a
 * STEP_OTHER, empty for the word "other" itself. False when it is no word for a step. */
bool step_parse(struct slice word, enum step *step, struct slice *verb);

static inline bool step_is_command(enum step step)
{
    return step >= STEP_EHLO && step <= STEP_OTHER;
}

#endif
