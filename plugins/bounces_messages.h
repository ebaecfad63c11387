/*
 * Messages that came back: Maildirs, mboxes, single files. They are only read.
 *
 * A message is known again by a key: in a Maildir its unique name, which stays when it moves from
 * new to cur and gets flags; in an mbox its own first octets, so that a mailbox that was rewritten
 * is not counted again. The keys are kept in the state file; those of messages that are gone are
 * forgotten. An mbox that only grew is read from its last known message on. One message is in
 * memory at a time, and of it BOUNCE_MESSAGE_MAX octets at most.
 */
#ifndef PLUGINS_BOUNCES_MESSAGES_H
#define PLUGINS_BOUNCES_MESSAGES_H

#include "bounces.h"

struct bounce_formats;

#define BOUNCES_INPUT_MAX ((size_t)32 * 1024 * 1024) /* of standard input */

struct bounces_messages {
    const struct bounces_config *config;
    struct bounces_facts *facts;
    struct bounces_source *source;
    struct deadline deadline;
    const struct bounce_formats *formats;
    char *buffer; /* BOUNCE_MESSAGE_MAX octets */
    size_t length;
    size_t line; /* length of the line at the end of the buffer, with what was left off */
    bool is_cut; /* the message in the buffer is not whole */
};

/* Empties the buffer for the next message. */
void bounces_messages_begin(struct bounces_messages *messages);
/* Adds octets of a message; what is beyond the bounds, of a line too, is left off. */
void bounces_messages_add(struct bounces_messages *messages, struct slice octets);

/* Reads the message in the buffer and takes its events. `file` need not be kept. */
void bounces_messages_take(struct bounces_messages *messages, const char *file, int64_t when);

/* What was seen in an earlier run and not reached in this one stays known. */
void bounces_messages_keep_seen(struct bounces_facts *facts);

/* True: it is older than the window, so nothing of it counts. */
bool bounces_messages_is_old(const struct bounces_messages *messages, int64_t when);

/* Fills the buffer from the descriptor; what does not fit is noted in the source. False with errno:
 * reading failed. */
bool bounces_messages_load(struct bounces_messages *messages, int descriptor);

/* Notes in the source why it cannot be read; 0: it is something else than what was asked for. */
void bounces_messages_trouble(struct bounces_messages *messages, int error);

void bounces_maildir_collect(struct bounces_messages *messages);
void bounces_mbox_collect(struct bounces_messages *messages);

#endif
