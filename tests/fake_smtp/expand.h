/*
 * The texts of scripts: `\r` `\n` `\t` `\0` `\e` `\xHH` `\\` `\$`, and `${client}` and its like.
 */
#ifndef TESTS_FAKE_SMTP_EXPAND_H
#define TESTS_FAKE_SMTP_EXPAND_H

#include "base/text.h"

enum expand_variable {
    EXPAND_NAME,       /* of the server */
    EXPAND_CLIENT,     /* address of the client */
    EXPAND_HELO,       /* what it said in EHLO, HELO or LHLO */
    EXPAND_SENDER,     /* path of MAIL */
    EXPAND_TO,         /* path of RCPT */
    EXPAND_ARGUMENT,   /* of the command */
    EXPAND_CONNECTION, /* its number */
    EXPAND_VARIABLES,
};

/* Appends the meaning of `raw` to `text`. False where there is an escape or a variable that doesn't
 * exist; then *error is its place. */
bool expand(struct text *text, struct slice raw, const struct slice values[EXPAND_VARIABLES],
            size_t *error);

#endif
