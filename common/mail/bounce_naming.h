/*
 * How a line of a bounce that is written for people names a recipient: alone, before a reason, or
 * behind a label or a code.
 */
#ifndef COMMON_MAIL_BOUNCE_NAMING_H
#define COMMON_MAIL_BOUNCE_NAMING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum bounce_way {
    BOUNCE_WAY_NONE,
    BOUNCE_WAY_ALONE, /* the address and nothing else */
    BOUNCE_WAY_COLON, /* <joe@example.org>: reason */
    BOUNCE_WAY_LEAD,  /* joe@example.org ... reason */
    BOUNCE_WAY_LABEL, /* Recipient: joe@example.org */
    BOUNCE_WAY_CODE,  /* 550 <joe@example.org>... reason */
};

struct bounce_naming {
    struct slice text;
    enum bounce_way way;
    size_t indent;
    struct slice address;
    struct slice words; /* behind the address */
    bool is_guess;      /* the sender's address may stand so, too */
};

/* Looks at the first address of a line. Where there is none .address.start is NULL. */
void bounce_naming_read(struct slice text, struct bounce_naming *line);

/* The blanks at the start of a line. */
size_t bounce_naming_indent(struct slice line);

#endif
