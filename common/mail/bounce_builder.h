/*
 * What the readers of one message share: the message taken apart, and the recipients found so far.
 */
#ifndef COMMON_MAIL_BOUNCE_BUILDER_H
#define COMMON_MAIL_BOUNCE_BUILDER_H

#include "mail/bounce_message.h"
#include "mail/bounce_source.h"

struct bounce_builder {
    struct arena *arena;
    const struct bounce_source *source;
    struct bounce_message *bounce;
    struct slice people;           /* the text for people, without what was returned */
    struct bounce_fields original; /* header of the returned message, wherever it stood */
    size_t capacity;
};

/* Adds a recipient, or gives the one of the same address. NULL: there are too many, or the address
 * is none to report. */
struct bounce_recipient *bounce_builder_add(struct bounce_builder *builder, struct slice address);

/* Adds words to what is known of a recipient. */
void bounce_builder_add_words(struct bounce_builder *builder, struct bounce_recipient *recipient,
                              struct slice words);

/* Forgets the recipients found so far. */
void bounce_builder_clear(struct bounce_builder *builder);

#endif
