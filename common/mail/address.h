/*
 * One mail address as a person gives it and as RCPT carries it: the Mailbox of RFC 5321 4.1.2, the
 * limits of 4.5.3.1, and UTF-8 in the local part where RFC 6531 3.3 is meant. Strict: no comments,
 * no blanks around the parts, nothing of the obsolete forms of RFC 5322 4.4. Header fields are
 * mail/mailbox.h's. Pure.
 */
#ifndef COMMON_MAIL_ADDRESS_H
#define COMMON_MAIL_ADDRESS_H

#include "mail/domain.h"
#include "mail/ip.h"

enum address_error {
    ADDRESS_FINE = 0,
    ADDRESS_EMPTY,
    ADDRESS_NO_AT,
    ADDRESS_NO_LOCAL,
    ADDRESS_DOT, /* at the start or the end of the local part, or two in a row */
    ADDRESS_BLANK,
    ADDRESS_ANGLE,
    ADDRESS_COMMENT,
    ADDRESS_BAD_CHARACTER,  /* of the local part */
    ADDRESS_NEEDS_SMTPUTF8, /* UTF-8 in the local part */
    ADDRESS_BAD_UTF8,       /* RFC 3629 3 */
    ADDRESS_OPEN_QUOTE,
    ADDRESS_AFTER_QUOTE,
    ADDRESS_BAD_QUOTED, /* a control character, or a backslash before what needs none */
    ADDRESS_LOCAL_TOO_LONG,
    ADDRESS_NO_DOMAIN,
    ADDRESS_BAD_DOMAIN, /* a character that no host name has */
    ADDRESS_SECOND_AT,
    ADDRESS_EMPTY_LABEL,
    ADDRESS_FINAL_DOT,
    ADDRESS_HYPHEN, /* at an end of a label */
    ADDRESS_LABEL_TOO_LONG,
    ADDRESS_DOMAIN_TOO_LONG,
    ADDRESS_BARE_IP,
    ADDRESS_ALL_DIGITS, /* the last label */
    ADDRESS_BAD_IDN,
    ADDRESS_OPEN_LITERAL,
    ADDRESS_BAD_LITERAL,
    ADDRESS_AFTER_LITERAL,
    ADDRESS_PATH_TOO_LONG,
};

#define ADDRESS_LOCAL_MAX 64   /* octets, RFC 5321 4.5.3.1.1 */
#define ADDRESS_DOMAIN_MAX 255 /* 4.5.3.1.2 */
#define ADDRESS_PATH_MAX 256   /* 4.5.3.1.3, the angle brackets counted */

struct address {
    enum address_error error;
    size_t column;       /* of the fault, in characters, the first is 1; 0: none */
    struct slice local;  /* a view into the text, with its quotes */
    struct slice domain; /* the same, with the brackets of a literal */
    bool is_quoted;
    bool is_utf8;                /* the local part has UTF-8: SMTPUTF8 must be offered */
    char host[DOMAIN_TEXT_SIZE]; /* normal form, A-labels; "" for a literal */
    struct ip_address literal;   /* family IP_NONE for a domain */
};

/* Reads the whole text. With an error only `error` and `column` are set. U-labels in the domain are
 * good in any case, for they have A-labels; UTF-8 in the local part is good with `smtputf8`. */
bool address_parse(struct slice text, bool smtputf8, struct address *address);

/* "there is no \"@\"" ... */
const char *address_error_text(enum address_error error);
/* "RFC 5321 4.1.2" ... */
const char *address_error_section(enum address_error error);

#endif
