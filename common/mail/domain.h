/*
 * Domain names as text: syntax, normal form, relations. RFC 1035 2.3, RFC 1123 2.1, RFC 5890.
 *
 * The normal form is lower-case ASCII (A-labels) without the final dot; "" is the root. Underscores
 * are allowed where a name is only looked up (`_dmarc.example.org`); domain_is_host_name() is the
 * strict rule.
 */
#ifndef COMMON_MAIL_DOMAIN_H
#define COMMON_MAIL_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

#define DOMAIN_TEXT_SIZE 254 /* 253 characters (RFC 1035 2.3.4) and NUL */
#define DOMAIN_LABEL_MAX 63

enum domain_error {
    DOMAIN_FINE = 0,
    DOMAIN_EMPTY,
    DOMAIN_EMPTY_LABEL, /* "a..b", ".a" */
    DOMAIN_LABEL_TOO_LONG,
    DOMAIN_TOO_LONG,
    DOMAIN_BAD_CHARACTER, /* control, blank, or outside printable ASCII after IDNA */
    DOMAIN_BAD_IDN,       /* IDNA2008 refuses the U-label */
};

/* "a label is longer than 63 octets (RFC 1035 2.3.4)" ... */
const char *domain_error_text(enum domain_error error);

/* Writes the normal form, "" on an error. One final dot is dropped; "." alone is the root. ASCII
 * only; a non-ASCII name gives DOMAIN_BAD_CHARACTER: see domain_to_ascii in mail/idn.h for names
 * from people. */
enum domain_error domain_normalize(struct slice name, char buffer[static DOMAIN_TEXT_SIZE]);

/* Letters, digits, hyphens (not at a label's ends), at least one label, the last one not of digits
 * alone, so that no IPv4 address is a host name (RFC 1123 2.1). Either case; no final dot. */
bool domain_is_host_name(const char *name);

/* Labels in the name; "" has 0. */
size_t domain_label_count(const char *name);

/* The name without its first `labels` labels, a pointer into `name`; "" when it has no more. */
const char *domain_parent(const char *name, size_t labels);

/* `name` is `ancestor` or below it. Both in normal form. */
bool domain_is_within(const char *name, const char *ancestor);

/* Equal ignoring case and a final dot. */
bool domain_equal(const char *a, const char *b);

#endif
