/*
 * Mailboxes in a header field: who the authors of a message are. RFC 5322 3.4, 4.4 (lists, groups,
 * comments, quoted strings, obsolete routes).
 */
#ifndef COMMON_MAIL_MAILBOX_H
#define COMMON_MAIL_MAILBOX_H

#include "mail/domain.h"

#define MAILBOX_MAX 64

struct mailbox {
    struct slice address;          /* local-part "@" domain as written, view into the field */
    char domain[DOMAIN_TEXT_SIZE]; /* normal form; "" for an address literal or what is no name */
};

struct mailboxes {
    struct mailbox list[MAILBOX_MAX];
    size_t count;
    size_t omitted;   /* over MAILBOX_MAX */
    size_t bad_count; /* entries without an address */
};

/* Reads the value of From, Sender, Reply-To, To ..., folded lines and all. */
void mailboxes_parse(struct slice value, struct mailboxes *mailboxes);

#endif
