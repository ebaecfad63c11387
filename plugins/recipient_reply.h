/*
 * What a server's reply says of a recipient. RFC 5321 3.4, 3.5, 4.2; RFC 3463; RFC 7504; RFC 7505;
 * RFC 6647 (greylisting). The enhanced code is asked first, then the code, then the words: 5.7.x is
 * about us in most cases and says nothing of the address. Pure.
 */
#ifndef PLUGINS_RECIPIENT_REPLY_H
#define PLUGINS_RECIPIENT_REPLY_H

#include "net/smtp.h"

enum recipient_answer {
    RECIPIENT_UNASKED = 0, /* no conversation, or not in time */
    RECIPIENT_ACCEPTED,
    RECIPIENT_FORWARDED,    /* 251 */
    RECIPIENT_UNVERIFIED,   /* 252 */
    RECIPIENT_NO_SUCH_USER, /* it does not exist */
    RECIPIENT_MOVED,        /* 551 */
    RECIPIENT_DISABLED,
    RECIPIENT_NO_MAIL,      /* the domain takes no mail at all: 521, 556, 5.1.10 */
    RECIPIENT_REJECTED,     /* for good; the reason is not told */
    RECIPIENT_FULL,         /* for good */
    RECIPIENT_FULL_NOW,     /* for now */
    RECIPIENT_NO_UTF8,      /* the server has no SMTPUTF8 (RFC 6531 3.2) */
    RECIPIENT_REFUSED_LATE, /* accepted, and refused for good at DATA */
    RECIPIENT_DISK_FULL,
    RECIPIENT_TOO_MANY, /* recipients, says the server */
    RECIPIENT_GREYLISTED,
    RECIPIENT_BEING_VERIFIED, /* Postfix asks the next server first */
    RECIPIENT_DEFERRED,       /* for now, the reason is not told */
    RECIPIENT_REFUSED_US,     /* what we are: address, name, frequency, no AUTH */
    RECIPIENT_SENDER_REFUSED,
    RECIPIENT_CLOSING,     /* 421 */
    RECIPIENT_UNTOLD,      /* no reply to the question, or one that is none */
    RECIPIENT_UNREACHABLE, /* no word from the server, which is its fault */
    RECIPIENT_OURS,        /* our own means failed */
    RECIPIENT_ANSWERS,
};

/* The reply to RCPT: 2xx to 5xx. */
enum recipient_answer recipient_reply_classify(unsigned code, const struct smtp_status *given,
                                               struct slice text);

/* The conversation with one address of one exchanger. */
struct recipient_reply {
    enum recipient_answer answer;
    const struct smtp_entry *entry; /* what decided; NULL: nothing was said */
};

/* What a reply to MAIL, RCPT or DATA amounts to, that is an entry of its own. */
enum recipient_answer recipient_reply_of_entry(const struct smtp_entry *entry);

/* `mail` is the step of MAIL, RCPT is the next one, DATA may come behind it. `has_route`: from here
 * to the server there is one. Silence that was shorter than `patience` seconds says nothing. */
struct recipient_reply recipient_reply_of(const struct smtp_session *session, size_t mail,
                                          bool has_route, double patience);

/* The address is not to be mailed to: refused for good, and for what it is. */
bool recipient_reply_is_negative(enum recipient_answer answer);
/* 2xx. */
bool recipient_reply_is_positive(enum recipient_answer answer);

#endif
