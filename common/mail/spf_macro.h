/*
 * SPF macros: syntax of domain-specs and explanations, and their expansion. RFC 7208 7 and 4.8.
 *
 * Pure. Values come from a sender and are hostile: every value is cut at SPF_VALUE_MAX octets,
 * every result at the maximum of the caller's text buffer.
 */
#ifndef COMMON_MAIL_SPF_MACRO_H
#define COMMON_MAIL_SPF_MACRO_H

#include <stdint.h>

#include "base/text.h"
#include "mail/ip.h"

#define SPF_VALUE_MAX 1024

/* What is wrong with a term or a macro-string; shared by the record parser. */
enum spf_error {
    SPF_FINE = 0,
    SPF_ERROR_CHARACTER,         /* control character or blank that is no space */
    SPF_ERROR_NOT_ASCII,         /* an octet above 0x7e */
    SPF_ERROR_UNKNOWN_MECHANISM, /* no mechanism of RFC 7208 5 */
    SPF_ERROR_MODIFIER_NAME,     /* "=" after something that is no name */
    SPF_ERROR_ARGUMENT_MISSING,  /* include, exists, ip4, ip6, redirect, exp without one; "a:" */
    SPF_ERROR_ARGUMENT_UNWANTED, /* "all:x", "-all." */
    SPF_ERROR_PREFIX,            /* not a number without leading zeros, or past 32 or 128 */
    SPF_ERROR_PREFIX_UNWANTED,   /* include, exists, ptr and the modifiers take none */
    SPF_ERROR_ADDRESS,           /* not an address of that family */
    SPF_ERROR_ADDRESS_AS_DOMAIN, /* "a:192.0.2.1": toplabel may not be all digits */
    SPF_ERROR_TOPLABEL,          /* the domain-spec ends in neither ".toplabel" nor a macro */
    SPF_ERROR_MACRO_CHARACTER,   /* "%" before anything but "{", "%", "_", "-" */
    SPF_ERROR_MACRO_LETTER,      /* "%{z}" */
    SPF_ERROR_MACRO_EXPLANATION, /* c, r or t outside an explanation */
    SPF_ERROR_MACRO_ZERO,        /* "%{d0}" */
    SPF_ERROR_MACRO_FORM,        /* anything else inside the braces, or no end */
    SPF_ERROR_TWICE,             /* redirect or exp for the second time */
    SPF_ERROR_TOO_MANY_TERMS,    /* more than SPF_TERMS_MAX: nobody evaluates that */
};

/* A sentence without full stop: "the prefix length must be 0 to 32 without leading zeros". */
const char *spf_error_text(enum spf_error error);
/* "RFC 7208 5.6". */
const char *spf_error_reference(enum spf_error error);
/* One of the SPF_ERROR_MACRO_ rows. */
bool spf_error_is_macro(enum spf_error error);

enum spf_macro_use {
    SPF_MACRO_DOMAIN,      /* domain-spec: must end in a toplabel or a macro */
    SPF_MACRO_STRING,      /* macro-string: the value of an unknown modifier */
    SPF_MACRO_EXPLANATION, /* explain-string: spaces, and the letters c, r, t */
};

/* SPF_FINE, or the first error with its offset in `string`. */
enum spf_error spf_macro_check(struct slice string, enum spf_macro_use use, size_t *offset);

/* The macro letters that stand in a string that was found fine: bit 0 is "a" and so on, case
 * ignored. */
uint32_t spf_macro_letters(struct slice string);
#define SPF_LETTER(letter) (1U << ((letter) - 'a'))

/* What the letters stand for. A NULL text is taken as "unknown". */
struct spf_macro_values {
    struct ip_address ip;      /* i, c, v; no address gives "unknown" */
    const char *sender;        /* s: whole mailbox */
    const char *local_part;    /* l */
    const char *sender_domain; /* o */
    const char *domain;        /* d */
    const char *helo;          /* h */
    const char *validated;     /* p */
    const char *receiver;      /* r */
    int64_t time;              /* t: seconds since 1970 */
};

/* Appends the expansion of a string that was found fine. */
void spf_macro_expand(struct slice string, const struct spf_macro_values *values, struct text *out);

/*
 * The domain name that an expanded domain-spec stands for, in presentation form (octets that a name
 * cannot hold in plain text as \DDD): without a final dot, cut from the left to 253 characters (RFC
 * 7208 7.3). False when it is no domain name: an empty label, one over 63 octets, or nothing left
 * (RFC 7208 4.8).
 */
#define SPF_NAME_SIZE 1024
bool spf_target_name(struct slice expanded, char name[static SPF_NAME_SIZE]);

#endif
