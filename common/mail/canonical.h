/*
 * Canonical forms of header fields and body, `simple` and `relaxed`: RFC 6376 3.4. State machines
 * that take their input in pieces cut anywhere, and pass on what comes out of them; nothing grows
 * with the message.
 *
 * Bare LF counts as CRLF in the body; fields come from mail/message.h, which has done the same.
 */
#ifndef COMMON_MAIL_CANONICAL_H
#define COMMON_MAIL_CANONICAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum canonical_form {
    CANONICAL_SIMPLE,
    CANONICAL_RELAXED,
};

/* Where the canonical octets go. */
struct canonical_sink {
    void (*write)(void *context, const char *octets, size_t length);
    void *context;
};

/* One header field, RFC 6376 3.4.1 and 3.4.2, from its name to the end of its value, without the
 * last CRLF. */
struct canonical_header {
    enum canonical_form form;
    struct canonical_sink sink;
    bool is_past_colon;
    bool has_value; /* something of the value was passed on */
    bool has_space;
    bool has_carriage_return;
};
void canonical_header_init(struct canonical_header *header, enum canonical_form form,
                           struct canonical_sink sink);
void canonical_header_feed(struct canonical_header *header, struct slice part);
/* Ends the field; the CRLF after it is the caller's: the last field of a signature has none (RFC
 * 6376 3.7). */
void canonical_header_end(struct canonical_header *header);

/* The body, RFC 6376 3.4.3 and 3.4.4. */
#define CANONICAL_BUFFER_SIZE 16384
struct canonical_body {
    enum canonical_form form;
    struct canonical_sink sink;
    uint64_t length;      /* canonical octets so far */
    uint64_t empty_lines; /* held back: at the end of the body they do not count */
    bool is_line_empty;
    bool has_space;
    bool has_carriage_return;
    size_t used;
    char buffer[CANONICAL_BUFFER_SIZE];
};
void canonical_body_init(struct canonical_body *body, enum canonical_form form,
                         struct canonical_sink sink);
void canonical_body_feed(struct canonical_body *body, const char *octets, size_t length);
void canonical_body_end(struct canonical_body *body);

#endif
