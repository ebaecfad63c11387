/*
 * SPF records: one text to its terms. RFC 7208 4.5, 4.6, 5, 6 and 12.
 *
 * Every term is kept, the bad ones with their error and its place, so that a lint can name all of
 * them; the record's own error is the first one (sticky), and a receiver sees nothing else:
 * permerror (RFC 7208 4.6).
 */
#ifndef COMMON_MAIL_SPF_RECORD_H
#define COMMON_MAIL_SPF_RECORD_H

#include "base/arena.h"
#include "mail/ip.h"
#include "mail/spf_macro.h"

enum spf_term_kind {
    SPF_TERM_INVALID = 0,
    SPF_TERM_ALL,
    SPF_TERM_INCLUDE,
    SPF_TERM_A,
    SPF_TERM_MX,
    SPF_TERM_PTR,
    SPF_TERM_IP4,
    SPF_TERM_IP6,
    SPF_TERM_EXISTS,
    SPF_TERM_REDIRECT,
    SPF_TERM_EXP,
    SPF_TERM_UNKNOWN_MODIFIER,
};

/* More terms than this are not read: 64 KB of "a" would be 32,767. */
#define SPF_TERMS_MAX 8192

struct spf_term {
    enum spf_term_kind kind; /* also set for a bad term whose name was known */
    enum spf_error error;
    size_t error_offset; /* in the record */
    size_t offset;       /* of the term in the record */
    struct slice text;   /* the whole term as written */
    char qualifier;      /* '+', '-', '~', '?'; '+' when none is written and for modifiers */
    struct slice name;   /* of mechanism or modifier as written */
    struct slice
        domain;       /* domain-spec, or the value of a modifier; start NULL when there is none */
    bool has_prefix4; /* a, mx: a length was written */
    bool has_prefix6;
    unsigned prefix4, prefix6; /* a, mx; 32 and 128 when none is written */
    struct ip_network network; /* ip4, ip6 */
};

#define SPF_NO_TERM ((size_t)-1)

struct spf_record {
    struct slice text;
    struct spf_term *terms;
    size_t count;
    enum spf_error error; /* the first */
    size_t error_term;    /* index of its term, or SPF_NO_TERM */
    size_t all;           /* index of the first of each, or SPF_NO_TERM */
    size_t redirect;
    size_t exp;
};

/* The text begins with a version section of exactly "v=spf1" (case ignored, RFC 7208 12). */
bool spf_record_is(struct slice text);

/* Parses a text for which spf_record_is holds. The terms point into `text`. False when there is an
 * error. */
bool spf_record_parse(struct slice text, struct arena *arena, struct spf_record *record);

bool spf_term_is_mechanism(const struct spf_term *term);
/* The term counts towards the limit of ten (RFC 7208 4.6.4): include, a, mx, ptr, exists, redirect.
 */
bool spf_term_costs_lookup(const struct spf_term *term);

/* The name of a mechanism or known modifier: "ip4". */
const char *spf_term_kind_name(enum spf_term_kind kind);
/* The kind of which `name` is the name, or SPF_TERM_INVALID. */
enum spf_term_kind spf_term_kind_of(struct slice name);
/* The mechanism or modifier that a mistyped name most likely means, or SPF_TERM_INVALID. */
enum spf_term_kind spf_term_likely(struct slice name);

#endif
