/*
 * Answers of machines that are no bounces: vacation notes (RFC 3834), challenges, and spam or
 * viruses that pretend to be a bounce.
 */
#ifndef COMMON_MAIL_BOUNCE_ANSWER_H
#define COMMON_MAIL_BOUNCE_ANSWER_H

#include "mail/bounce_builder.h"

/* True: it is a challenge, and the kind is told. To be asked before bounces are looked for. */
bool bounce_answer_is_challenge(struct bounce_builder *builder);

/* The subject says that a delivery is late, not that it failed. */
bool bounce_answer_is_warning(const struct bounce_source *source);

/* True: it has the words of a bounce and a program attached, and neither a report nor a returned
 * message. */
bool bounce_answer_is_bogus(struct bounce_builder *builder);

/* True: it is an automatic answer. Only for what is no bounce: bounces are marked as such, too. */
bool bounce_answer_is_automatic(struct bounce_builder *builder);

#endif
