/*
 * Base64, RFC 4648 4, and base64string of RFC 6376 2.10, where folding white space may stand
 * anywhere.
 *
 * Bits that pad the last octet may be anything (RFC 4648 3.5 leaves that open; keys in the wild
 * have them).
 */
#ifndef COMMON_MAIL_BASE64_H
#define COMMON_MAIL_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum base64_space {
    BASE64_STRICT, /* no white space at all */
    BASE64_FWS,    /* SP, HTAB, CR and LF are passed over */
};

enum base64_error {
    BASE64_FINE = 0,
    BASE64_EMPTY,
    BASE64_BAD_CHARACTER, /* outside the alphabet; data after the padding */
    BASE64_BAD_LENGTH,    /* one character over: no octets have such a form */
    BASE64_BAD_PADDING,   /* "=" missing, or one too many */
    BASE64_NO_ROOM,       /* more octets than `room` */
};

/* Most octets that a text of `length` characters can decode to. */
#define BASE64_DECODED_SIZE(length) ((length) / 4 * 3 + 3)
/* Characters of the encoded form, without NUL. */
#define BASE64_ENCODED_SIZE(length) (((length) + 2) / 3 * 4)

/* Decodes the whole text into `octets`. On an error *offset (when not NULL) is where it stands in
 * the text and *length holds what was decoded before it. */
enum base64_error base64_decode(struct slice text, enum base64_space space, uint8_t *octets,
                                size_t room, size_t *length, size_t *offset);

/* Writes BASE64_ENCODED_SIZE(length) characters and a NUL. */
void base64_encode(const uint8_t *octets, size_t length, char *text);

const char *base64_error_text(enum base64_error error);

#endif
