/*
 * What a server says of itself: the greeting's name and the extensions of its EHLO reply. RFC 5321
 * 4.1.1.1, 4.2, 4.3.1; RFC 1870 (SIZE), RFC 4954 (AUTH).
 *
 * Input is the text of a reply (mail/smtp_reply.h): lines without codes, joined by LF. Everything
 * read is a view into it. Pure.
 */
#ifndef COMMON_MAIL_SMTP_EHLO_H
#define COMMON_MAIL_SMTP_EHLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define SMTP_EHLO_MAX 64

/* What the first word of a greeting or an EHLO reply is worth as a server's name. */
enum smtp_name_kind {
    SMTP_NAME_NONE = 0,     /* no word */
    SMTP_NAME_FQDN,         /* a fully-qualified domain name (RFC 5321 2.3.5) */
    SMTP_NAME_LITERAL,      /* [192.0.2.1], [IPv6:2001:db8::1] (RFC 5321 4.1.3) */
    SMTP_NAME_LOCALHOST,    /* localhost, localhost.localdomain, anything below them */
    SMTP_NAME_SINGLE_LABEL, /* "mail", "ESMTP" */
    SMTP_NAME_MASKED,       /* "***", "XXXX": a middlebox hides it */
    SMTP_NAME_INVALID,      /* no host name */
};

struct smtp_name {
    struct slice name; /* the word */
    enum smtp_name_kind kind;
    struct slice rest; /* of its line */
};

/* The name in the first line of `text`. */
void smtp_name_parse(struct slice text, struct smtp_name *name);

enum smtp_keyword_fault {
    SMTP_KEYWORD_BAD_NAME = 1,      /* not (ALPHA / DIGIT) *(ALPHA / DIGIT / "-") */
    SMTP_KEYWORD_BAD_PARAMETER = 2, /* an octet outside %d33-126 */
    SMTP_KEYWORD_DUPLICATE = 4,     /* the keyword stands there before */
    SMTP_KEYWORD_LEGACY_AUTH = 8,   /* "AUTH=LOGIN": before RFC 2554; read as AUTH LOGIN */
};

struct smtp_keyword {
    struct slice name; /* as written */
    struct slice parameters;
    unsigned faults;
};

struct smtp_ehlo {
    struct smtp_name name;
    struct smtp_keyword keywords[SMTP_EHLO_MAX];
    size_t count;
    size_t omitted;  /* over SMTP_EHLO_MAX */
    unsigned faults; /* of all keywords */
};

void smtp_ehlo_parse(struct slice text, struct smtp_ehlo *ehlo);

/* The first keyword of that name, ignoring case (RFC 5321 4.1.1.1); NULL when it is not offered. */
const struct smtp_keyword *smtp_ehlo_find(const struct smtp_ehlo *ehlo, const char *name);

/* The keyword has this word among its parameters, ignoring case; AUTH= lines count for AUTH. */
bool smtp_ehlo_has_parameter(const struct smtp_ehlo *ehlo, const char *name, const char *parameter);

enum smtp_size {
    SMTP_SIZE_ABSENT = 0,
    SMTP_SIZE_UNSPECIFIED, /* "SIZE" alone (RFC 1870 3) */
    SMTP_SIZE_UNLIMITED,   /* "SIZE 0": no fixed maximum (RFC 1870 3) */
    SMTP_SIZE_LIMITED,
    SMTP_SIZE_INVALID, /* not 1*20DIGIT */
};
/* *octets is 0 unless SMTP_SIZE_LIMITED; a limit past 64 bits is UINT64_MAX. */
enum smtp_size smtp_ehlo_size(const struct smtp_ehlo *ehlo, uint64_t *octets);

/* STARTTLS is not offered, but something that was STARTTLS before a middlebox came by: XXXXXXXA,
 * XXXXXXXX, XSTARTTLS, STARTTLX ... NULL when there is no such keyword. */
const struct smtp_keyword *smtp_ehlo_damaged_starttls(const struct smtp_ehlo *ehlo);

#endif
