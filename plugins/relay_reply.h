/*
 * What a server's reply to a probe means: is it an answer to the question, may this sender send to
 * that recipient? RFC 5321 4.2, RFC 3463 3, and the words that servers use, of which the codes are
 * not enough: Postfix refuses to relay with 454, and says 450 to everybody whom it does not know.
 *
 * Names and addresses in the text are not read: a server echoes ours. Pure.
 */
#ifndef PLUGINS_RELAY_REPLY_H
#define PLUGINS_RELAY_REPLY_H

#include "mail/smtp_reply.h"

enum relay_meaning {
    RELAY_UNASKED = 0,
    RELAY_ACCEPTED,       /* 2xx, 251 and 252 too */
    RELAY_REFUSED,        /* 5xx that does not say why, or not plainly */
    RELAY_REFUSED_RELAY,  /* in so many words: no relaying */
    RELAY_REFUSED_US,     /* a blocklist, our name, our address: nothing about the probe */
    RELAY_REFUSED_DOMAIN, /* the recipient's domain does not exist or takes no mail */
    RELAY_REFUSED_SENDER, /* the sender's domain does not exist or takes no mail */
    RELAY_REFUSED_LATE,   /* accepted, and refused at DATA */
    RELAY_NEEDS_AUTH,     /* authentication required */
    RELAY_NEEDS_TLS,      /* 530: STARTTLS first */
    RELAY_DEFERRED,       /* 4xx: greylisting and the like; not answered */
    RELAY_VOID,           /* it answers the counter of errors or the order of commands, or ends the
                             session: to be asked again */
    RELAY_SILENT,         /* no reply in time, or the connection broke */
    RELAY_MEANINGS,
};

/* "accepted", "refused-relay": for the state file. */
const char *relay_meaning_name(enum relay_meaning meaning);
bool relay_meaning_parse(struct slice name, enum relay_meaning *meaning);
/* accepted, refused, deferred, void, skipped: the words of the output. */
const char *relay_meaning_verdict(enum relay_meaning meaning);
bool relay_meaning_is_refusal(enum relay_meaning meaning);
/* A refusal of the recipient, for what it is: not of us, nor for want of AUTH or TLS, nor of the
 * sender. */
bool relay_meaning_is_about_recipient(enum relay_meaning meaning);
/* Accepted or refused: there is nothing more to ask. */
bool relay_meaning_is_conclusive(enum relay_meaning meaning);

/* Of a whole reply to MAIL, RCPT, DATA or XCLIENT. `source` is our address as text, NULL: not
 * known. */
enum relay_meaning relay_reply_read(unsigned code, const struct smtp_status *status,
                                    struct slice text, const char *source);

/* Seconds that a deferral asks us to wait: "in 300 seconds", "5 minutes", "00:05:00"; 0: it does
 * not say. At most RELAY_WAIT_MAX. */
#define RELAY_WAIT_MAX 86400
unsigned relay_reply_wait(struct slice text);

#endif
