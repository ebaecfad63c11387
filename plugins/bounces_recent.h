/*
 * The recipients that were deferred last, for an expiry: of it Postfix and Sendmail tell the queue
 * id alone, right behind the last attempt. A ring: the oldest makes room.
 */
#ifndef PLUGINS_BOUNCES_RECENT_H
#define PLUGINS_BOUNCES_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define BOUNCES_RECENT_MAX 1024
#define BOUNCES_RECENT_HOST_MAX 63
#define BOUNCES_RECENT_NAME_MAX 255

struct bounces_recent_entry {
    uint64_t message, recipient; /* keys of the queue id, and of it with the recipient; message 0:
                                    the recipient has an end now */
    char host[BOUNCES_RECENT_HOST_MAX + 1], name[BOUNCES_RECENT_NAME_MAX + 1]; /* "": not known */
};

/* Zeroed at the start. */
struct bounces_recent {
    struct bounces_recent_entry entries[BOUNCES_RECENT_MAX];
    size_t count; /* put into the ring so far */
};

/* Names that are too long, or hold control characters, are not kept. */
void bounces_recent_note(struct bounces_recent *recent, uint64_t message, uint64_t recipient,
                         struct slice host, struct slice name);
/* The recipient has an end now. `recent` may be NULL, here and below: nobody was deferred. */
void bounces_recent_end(struct bounces_recent *recent, uint64_t recipient);

/* The next recipient of the message that waits, from the last one back: start with *back 0. It has
 * an end by that. NULL: no more. */
const struct bounces_recent_entry *bounces_recent_take(struct bounces_recent *recent,
                                                       uint64_t message, size_t *back);
/* Those that wait, the oldest first: start with *place 0. NULL: no more. */
const struct bounces_recent_entry *bounces_recent_next(const struct bounces_recent *recent,
                                                       size_t *place);

#endif
