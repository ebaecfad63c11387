/*
 * The DKIM-Signature header field. RFC 6376 3.5, 6.1.1; RFC 8463 3. U-labels in d=, i= and s=
 * become A-labels (RFC 8616 4).
 *
 * Any inconsistency makes the field useless (RFC 6376 6.1.1), so there is one verdict, `fault`, the
 * first one; what could be read is there all the same.
 */
#ifndef COMMON_MAIL_DKIM_SIGNATURE_H
#define COMMON_MAIL_DKIM_SIGNATURE_H

#include "base/arena.h"
#include "mail/canonical.h"
#include "mail/dkim_crypto.h"
#include "mail/dkim_key.h"
#include "mail/domain.h"
#include "mail/message.h"
#include "mail/tag_list.h"

/* Most names in h=. */
#define DKIM_SIGNATURE_HEADERS_MAX 512

enum dkim_signature_fault {
    DKIM_SIGNATURE_FINE = 0,
    DKIM_SIGNATURE_TAG_LIST,         /* see tags.error */
    DKIM_SIGNATURE_MISSING,          /* a required tag: see `missing` */
    DKIM_SIGNATURE_VERSION,          /* v= is not 1 */
    DKIM_SIGNATURE_ALGORITHM,        /* a= that nobody knows, or no algorithm at all */
    DKIM_SIGNATURE_CANONICALIZATION, /* c= likewise */
    DKIM_SIGNATURE_DOMAIN,           /* d= is no domain name */
    DKIM_SIGNATURE_SELECTOR,         /* s= is no name */
    DKIM_SIGNATURE_HEADERS,          /* h= is no list of field names, or too long */
    DKIM_SIGNATURE_FROM,             /* h= lacks From */
    DKIM_SIGNATURE_DATA,             /* b= is not base64 */
    DKIM_SIGNATURE_BODY_HASH,        /* bh= is not base64, or not as long as the hash */
    DKIM_SIGNATURE_IDENTITY,         /* i= is not [local-part] "@" domain */
    DKIM_SIGNATURE_IDENTITY_DOMAIN,  /* i= is not within d= */
    DKIM_SIGNATURE_LENGTH,           /* l= is no number */
    DKIM_SIGNATURE_TIME,             /* t= or x= is no number */
    DKIM_SIGNATURE_TIME_ORDER,       /* x= is not after t= */
    DKIM_SIGNATURE_QUERY,            /* q= without dns/txt */
};

struct dkim_signature {
    const struct message_field *field; /* NULL when read from a text of its own */
    struct tag_list tags;
    enum dkim_signature_fault fault;
    const char *missing;

    struct slice algorithm; /* a= as written */
    enum dkim_key_type key_type;
    enum dkim_hash hash;
    bool has_canonicalization; /* c= stands there; without it simple/simple holds */
    enum canonical_form header_form, body_form;
    char domain[DOMAIN_TEXT_SIZE];   /* A-labels; "" when it cannot be read */
    char selector[DOMAIN_TEXT_SIZE]; /* likewise */
    bool has_identity;
    const char *identity; /* i= decoded, or "@" and the domain */
    char identity_domain[DOMAIN_TEXT_SIZE];
    const struct slice *headers; /* h=, in order */
    size_t header_count;
    const uint8_t *signature; /* b= */
    size_t signature_length;
    const uint8_t *body_hash; /* bh= */
    size_t body_hash_length;
    bool has_length;
    uint64_t length; /* l=; UINT64_MAX stands for all that is larger */
    bool has_time, has_expiry;
    int64_t time, expiry; /* t=, x=: seconds since 1970; INT64_MAX for more than 12 digits */
};

/* Reads the value of a field (all after the colon). Memory from `arena`; views into `value`. */
void dkim_signature_parse(struct arena *arena, struct slice value,
                          struct dkim_signature *signature);

/* How often h= names the field, ignoring case. */
size_t dkim_signature_signs(const struct dkim_signature *signature, const char *name);

/* The name of the key record: selector "._domainkey." domain. */
const char *dkim_signature_key_name(struct arena *arena, const struct dkim_signature *signature);

const char *dkim_signature_fault_text(enum dkim_signature_fault fault);

#endif
