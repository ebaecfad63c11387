/*
 * Names as people give them to a program: what a domain name of an option, of an operand or of a
 * file is, and what is told to whom wrote something else.
 *
 * Labels of letters, digits, hyphens between them (RFC 1123 2.1) and underscores, for names that
 * are only looked up (`sel._domainkey.example.org`); U-labels become A-labels (mail/idn.h); one
 * final dot is dropped; the first label may be a wildcard (RFC 4592 2.1.1). One label is enough
 * (`localhost`). No URL, address, network, port, mail address or list: DNS would say of these that
 * they do not exist, and that is true of none of them. Pure.
 */
#ifndef COMMON_MAIL_GIVEN_NAME_H
#define COMMON_MAIL_GIVEN_NAME_H

#include "base/arena.h"
#include "mail/domain.h"

enum given_name_fault {
    GIVEN_NAME_FINE = 0,
    GIVEN_NAME_EMPTY,
    GIVEN_NAME_ROOT,
    GIVEN_NAME_URL,      /* "http://example.org/" */
    GIVEN_NAME_ADDRESS,  /* "192.0.2.1" */
    GIVEN_NAME_NETWORK,  /* "192.0.2.0/24" */
    GIVEN_NAME_ZONE,     /* "fe80::1%eth0", RFC 4007 11 */
    GIVEN_NAME_MAIL,     /* "postmaster@example.org" */
    GIVEN_NAME_BRACKETS, /* "<example.org>", "[192.0.2.1]" */
    GIVEN_NAME_LIST,     /* "example.org,example.net" */
    GIVEN_NAME_PATH,     /* "example.org/" */
    GIVEN_NAME_PORT,     /* "example.org:25" */
    GIVEN_NAME_NUMBERS, /* "256.1.1.1", "127.1": the last label is of digits alone (RFC 1123 2.1) */
    GIVEN_NAME_BAD_CHARACTER,
    GIVEN_NAME_NOT_UTF8,
    GIVEN_NAME_UNDERSCORE, /* for callers that want a host name; the functions here let it pass */
    GIVEN_NAME_WILDCARD,   /* likewise */
    GIVEN_NAME_HYPHEN,     /* at an end of a label */
    GIVEN_NAME_EMPTY_LABEL,
    GIVEN_NAME_LABEL_TOO_LONG,
    GIVEN_NAME_TOO_LONG,
    GIVEN_NAME_BAD_IDN,
};

struct given_name {
    enum given_name_fault fault;
    char name[DOMAIN_TEXT_SIZE];  /* normal form; "" with a fault */
    char meant[DOMAIN_TEXT_SIZE]; /* with a fault: the name or address that the text holds, or "" */
};

/* Reads the whole text. */
bool given_name_read(struct slice text, struct given_name *given);

/* The same where an address is good, too, and was tried before: what is meant may be one. */
bool given_name_read_host(struct slice text, struct given_name *given);

/* What follows "a domain name" in "expected a domain name": ", no URL", " (a label is empty ...)".
 */
const char *given_name_fault_text(enum given_name_fault fault);

/* `what`, the text of the fault and what is meant: "a domain name, no URL (\"example.org\" is
 * meant?)". */
const char *given_name_expected(struct arena *arena, const char *what,
                                const struct given_name *given);

#endif
