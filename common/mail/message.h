/*
 * Internet messages, read as they come: the header is kept, the body passes by. RFC
 * 5322 2.2, 3.6, 4.5.
 *
 *     message_init(&message, MESSAGE_HEADER_MAX);
 *     while (octets come) {
 *         size_t taken = message_feed(&message, octets, length);
 *         ... the octets after `taken` are body ...
 *     }
 *     message_end(&message);
 *
 * Lines may end in CRLF or in LF alone, mixed too; the header is kept with CRLF. A first line that
 * starts with "From " (mbox) is passed over. Memory is bounded by the maximum of the header.
 */
#ifndef COMMON_MAIL_MESSAGE_H
#define COMMON_MAIL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "base/text.h"

#define MESSAGE_HEADER_MAX (1024 * 1024)
#define MESSAGE_FIELDS_MAX 4096

struct message_field {
    struct slice name;  /* as written, without white space before the colon (RFC 5322 4.5) */
    struct slice raw;   /* the whole field, folded lines joined by CRLF, without the last CRLF */
    struct slice value; /* all after the colon, folds and white space included */
};

struct message {
    struct text header; /* what `fields` look into */
    struct message_field *fields;
    size_t count;
    bool is_complete; /* the empty line came, or the input ended; only then there are fields */
    bool has_body;    /* the empty line came */
    bool is_cut; /* the header is longer than its maximum, or has too many fields: some are missing
                  */
    size_t bad_lines; /* lines that are neither a field nor its continuation; left out */
    /* how far reading is */
    size_t line_length;
    bool has_carriage_return;
};

void message_init(struct message *message, size_t header_maximum);
void message_release(struct message *message);

/* Takes octets up to the empty line that ends the header, that line included, and returns how many
 * these were. Fewer than `length`: the rest is body. Once the header is complete nothing is taken.
 */
size_t message_feed(struct message *message, const char *octets, size_t length);

/* The input has ended. Splits the header if the empty line never came. */
void message_end(struct message *message);

/* How many fields have that name, ignoring case. */
size_t message_count(const struct message *message, const char *name);

/* The first field of that name, ignoring case; NULL when there is none. */
const struct message_field *message_find(const struct message *message, const char *name);

#endif
