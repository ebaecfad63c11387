/*
 * Why a mail came back: 24 classes in 8 groups, and whether to stop sending.
 *
 * A class is a cause, a group is what an administrator does about it: an alert on `blocked` goes to
 * the postmaster, one on `recipient` to the owner of the address list. "Unknown" is a class in a
 * group of its own, which is none of the eight.
 *
 * Some classes have more than one name: what is said about a full disk (`system-full`) is in
 * `system`; `content` and `tls` are in `protocol`. bounce_class_parse() knows them all; the rule
 * that decided tells them apart.
 */
#ifndef COMMON_MAIL_BOUNCE_CLASS_H
#define COMMON_MAIL_BOUNCE_CLASS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum bounce_group {
    BOUNCE_GROUP_UNKNOWN,
    BOUNCE_GROUP_RECIPIENT, /* the address or its mailbox */
    BOUNCE_GROUP_FULL,
    BOUNCE_GROUP_RATE,
    BOUNCE_GROUP_GREY,
    BOUNCE_GROUP_BLOCKED, /* our reputation, our authentication, what we sent */
    BOUNCE_GROUP_SIZE,
    BOUNCE_GROUP_TRANSIENT, /* network and machines */
    BOUNCE_GROUP_CONFIG,    /* one of the two sides is set up wrongly */
};
#define BOUNCE_GROUPS (BOUNCE_GROUP_CONFIG + 1)

enum bounce_class {
    BOUNCE_UNKNOWN,
    BOUNCE_BAD_MAILBOX,
    BOUNCE_BAD_DOMAIN,
    BOUNCE_MOVED,
    BOUNCE_DISABLED,
    BOUNCE_NO_MAIL_ACCEPTED, /* null MX, 521 and 556 */
    BOUNCE_SUPPRESSED,       /* on the list of the sending service */
    BOUNCE_FILTERED, /* refused by the recipient's own rules, or after DATA without a cause */
    BOUNCE_MAILBOX_FULL,
    BOUNCE_RATE_LIMITED,
    BOUNCE_GREYLISTED,
    BOUNCE_BLOCKED, /* on a blocklist, or of bad reputation */
    BOUNCE_PTR,     /* no reverse DNS, or a HELO that is not liked */
    BOUNCE_AUTH_FAIL,
    BOUNCE_SPAM_CONTENT,
    BOUNCE_VIRUS,
    BOUNCE_SENDER_REJECTED,
    BOUNCE_POLICY,
    BOUNCE_TOO_BIG,
    BOUNCE_EXPIRED,
    BOUNCE_NETWORK,
    BOUNCE_SYSTEM,
    BOUNCE_RELAY_DENIED,
    BOUNCE_PROTOCOL, /* syntax, content that is not accepted, TLS */
};
#define BOUNCE_CLASSES (BOUNCE_PROTOCOL + 1)

/* "recipient", "bad-mailbox": as they stand in options, labels and JSON. */
const char *bounce_group_name(enum bounce_group group);
const char *bounce_class_name(enum bounce_class class);
/* A few words for people: "the mailbox does not exist". */
const char *bounce_class_title(enum bounce_class class);

enum bounce_group bounce_class_group(enum bounce_class class);

bool bounce_group_parse(struct slice name, enum bounce_group *group);
bool bounce_class_parse(struct slice name, enum bounce_class *class);

/* Hard: stop sending to the address. `first_digit` is 4 or 5, of the reply or the enhanced code, or
 * 0 when there is none: a 4 is never hard, `disabled` needs a 5 to be hard, and so does
 * `unknown`. */
bool bounce_class_is_hard(enum bounce_class class, unsigned first_digit);

#endif
