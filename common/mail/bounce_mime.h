/*
 * MIME by GMime: structure, transfer encodings, charsets.
 *
 * The room of <gmime/gmime.h>. bounce_mime_open() once in a program before the first message,
 * bounce_mime_close() at its end.
 */
#ifndef COMMON_MAIL_BOUNCE_MIME_H
#define COMMON_MAIL_BOUNCE_MIME_H

#include "base/arena.h"
#include "mail/bounce_source.h"

void bounce_mime_open(void);
void bounce_mime_close(void);

/* Puts the parts of a message into source->parts, decoded and in UTF-8. False: GMime sees no
 * message, and nothing was changed. Nesting deeper than BOUNCE_DEPTH_MAX is not followed. */
bool bounce_mime_read(struct arena *arena, struct slice message, struct bounce_source *source);

/* Text of a field with encoded words (RFC 2047) in UTF-8; the same when there is none. */
struct slice bounce_mime_decode_field(struct arena *arena, struct slice value);

#endif
