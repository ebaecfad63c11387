/*
 * Tag=value lists: `tag=value; tag=value`, as views into the text that was read, with the offset of
 * each part.
 *
 * One reader for four kinds of list, which differ in small print only:
 *
 *     TAG_LIST_DKIM   RFC 6376 3.2: key records and DKIM-Signature. White space is FWS (folded
 * lines allowed). Octets above 0x7F are let through in values (RFC 6376 3.2 note, RFC 8616) and
 * counted. TAG_LIST_DMARC  RFC 9989 4.8, RFC 7489 6.4: WSP around `=` and `;`, printable ASCII in
 * values, none before the first tag. TAG_LIST_STS    RFC 8460 3 and RFC 8461 3.1: no white space
 * around `=`, names of digits, `-` and `.` too, none before the first tag.
 *
 * Reading never stops at a fault: each tag has its own error, and the list has the first one. DKIM
 * drops the whole list on any error (RFC 6376 6.1.1); DMARC drops the faulty tags and keeps the
 * rest (RFC 9989 4.8).
 */
#ifndef COMMON_MAIL_TAG_LIST_H
#define COMMON_MAIL_TAG_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* Most tags of one list; further ones are TAG_LIST_TOO_MANY and not kept. */
#define TAG_LIST_MAX 64

enum tag_list_dialect {
    TAG_LIST_DKIM,
    TAG_LIST_DMARC,
    TAG_LIST_STS,
};

enum tag_list_error {
    TAG_LIST_FINE = 0,
    TAG_LIST_NO_TAG,    /* nothing between two semicolons, or nothing at all */
    TAG_LIST_BAD_NAME,  /* an octet that a tag name cannot hold */
    TAG_LIST_NO_EQUALS, /* a word without "=" */
    TAG_LIST_BAD_SPACE, /* white space where none may stand; a line end that is no folding */
    TAG_LIST_BAD_VALUE, /* an octet that a value cannot hold */
    TAG_LIST_DUPLICATE, /* a tag that stands there before (RFC 6376 3.2: the entire list is invalid)
                         */
    TAG_LIST_TOO_MANY,  /* more than TAG_LIST_MAX */
};

struct tag {
    struct slice name;
    struct slice value; /* without the white space around it; inner white space is kept */
    struct slice raw;   /* all between "=" and ";", white space included */
    size_t offset;      /* of the name, in octets from the start of the text */
    size_t value_offset;
    enum tag_list_error error;
    size_t error_offset;
};

struct tag_list {
    struct slice text;
    struct tag tags[TAG_LIST_MAX];
    size_t count;
    enum tag_list_error error; /* the first */
    size_t error_offset;
    size_t eight_bit_count; /* octets above 0x7F in values of the DKIM dialect */
};

/* Views stay valid as long as the text. True when there is no error at all. */
bool tag_list_parse(struct tag_list *list, struct slice text, enum tag_list_dialect dialect);

/* The first tag of that name (case-sensitive, RFC 6376 3.2), faulty or not; NULL when there is
 * none. */
const struct tag *tag_list_find(const struct tag_list *list, const char *name);

/* "a tag stands twice" ... */
const char *tag_list_error_text(enum tag_list_error error);

#endif
