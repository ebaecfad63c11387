/*
 * A message taken apart for the reader of bounces: header, human text, reports, what was returned.
 *
 * Most bounces are plain: one level of parts, no transfer encoding, ASCII or UTF-8. Those are split
 * here, at the lines that look like a boundary, whether or not the header names it. What has
 * encodings or other charsets goes through GMime (bounce_mime.h).
 */
#ifndef COMMON_MAIL_BOUNCE_SOURCE_H
#define COMMON_MAIL_BOUNCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/bounce_fields.h"

/* Bounds. What goes beyond is left off. */
#define BOUNCE_PARTS_MAX 64
#define BOUNCE_PART_TEXT_MAX (256 * 1024)
#define BOUNCE_DEPTH_MAX 20

enum bounce_part_kind {
    BOUNCE_PART_OTHER,
    BOUNCE_PART_TEXT,
    BOUNCE_PART_HTML,
    BOUNCE_PART_REPORT,   /* message/delivery-status, message/global-delivery-status */
    BOUNCE_PART_FEEDBACK, /* message/feedback-report */
    BOUNCE_PART_RECEIPT,  /* message/disposition-notification */
    BOUNCE_PART_RETURNED, /* message/rfc822, message/global, text/rfc822-headers */
};

struct bounce_part {
    enum bounce_part_kind kind;
    bool is_inside;    /* of a returned or forwarded message */
    bool is_encoded;   /* by base64 or quoted-printable, or in a charset to convert */
    bool is_untyped;   /* application/octet-stream: it may be a report, too */
    bool is_program;   /* an attachment that runs, by its name */
    struct slice text; /* UTF-8 unless its charset is not known, LF; may be empty */
};

struct bounce_source {
    struct bounce_fields header; /* Subject and From without encoded words (RFC 2047) */
    struct slice body;           /* as it came, LF */
    struct bounce_part parts[BOUNCE_PARTS_MAX];
    size_t part_count;
    struct slice text;     /* the human text of all parts before and beside what was returned */
    struct slice html;     /* the same of HTML parts, as text */
    struct slice returned; /* header of the returned message, and its body if there */
    struct bounce_fields original; /* its fields */
};

/* By the type of a part; by the name in the value of its Content-Type or Content-Disposition. Both
 * may be empty. */
enum bounce_part_kind bounce_part_kind_of(struct slice type);
bool bounce_part_is_program(struct slice value);

/* Takes a message apart. What source points at is the message or in the arena. */
void bounce_source_read(struct arena *arena, struct slice message, struct bounce_source *source);

#endif
