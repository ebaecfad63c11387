/*
 * Digests of short texts as lower-case hexadecimal, by libcrypto: what hash blocklists are asked
 * by.
 */
#ifndef COMMON_MAIL_DIGEST_H
#define COMMON_MAIL_DIGEST_H

#include <stdbool.h>

#include "base/slice.h"

enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256 };

#define DIGEST_HEX_SIZE 65 /* SHA-256 and NUL */

/* False when the library has the algorithm switched off (MD5 in FIPS mode). */
bool digest_hex(enum digest_kind kind, struct slice text, char hex[static DIGEST_HEX_SIZE]);

#endif
