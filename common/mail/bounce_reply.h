/*
 * The words of a refusal: what an SMTP server answered, or what a report or a log says instead.
 *
 * One form for the diagnostics of messages and for log lines, so that one classifier serves both.
 */
#ifndef COMMON_MAIL_BOUNCE_REPLY_H
#define COMMON_MAIL_BOUNCE_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* An enhanced status code (RFC 3463), 5.1.1. All 0: none. */
struct bounce_status {
    unsigned class; /* 2, 4, 5 */
    unsigned subject, detail;
};

struct bounce_reply {
    struct slice text;           /* with or without the codes, folded or not */
    unsigned code;               /* 200 to 599; 0: none */
    struct bounce_status status; /* of the reply or of the report */
    struct slice host;           /* who said it: relay or Remote-MTA, a name; may be empty */
};

/* "5.1.1" and nothing behind it but a blank, a bracket or punctuation. False: not one. */
bool bounce_status_parse(struct slice text, struct bounce_status *status);
/* The length of the code at the start of `text`, 0 when there is none. */
size_t bounce_status_scan(struct slice text, struct bounce_status *status);

#define BOUNCE_STATUS_SIZE 12
/* "5.1.1", or "" when there is none. */
const char *bounce_status_print(struct bounce_status status, char buffer[BOUNCE_STATUS_SIZE]);

/* Fills in the code and the status from the text where they are 0: the first number that stands
 * like a reply code ("said: 550 5.1.1", "550-5.1.1", "#550", "(421)"), and the enhanced code that
 * stands behind it, or else the first one that stands alone. */
void bounce_reply_find_codes(struct bounce_reply *reply);

/* The first digit that tells lasting from passing: 4, 5, or 0. The reply code is asked first. */
unsigned bounce_reply_first_digit(const struct bounce_reply *reply);

#define BOUNCE_FOLD_MAX 4096
/* The text as rules see it, in `buffer`: lower case (ASCII), white space and line ends one blank,
 * the codes at the starts of continued lines ("550-5.7.1 ") gone, an address as "@". At most
 * BOUNCE_FOLD_MAX octets are written; the rest is left off. Begins and ends with a blank. */
struct slice bounce_reply_fold(struct slice text, char buffer[BOUNCE_FOLD_MAX]);

#endif
