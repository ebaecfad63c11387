/*
 * DKIM key records: `v=DKIM1; k=rsa; p=...` as facts. RFC 6376 3.6.1, RFC 8301, RFC 8463, RFC 8460
 * 3 (s=tlsrpt).
 *
 * The reading decides one thing, whether a verifier can use the key (`fault`, the first reason
 * against it, in the order in which RFC 6376 6.1.2 asks), and gives all the rest as facts for
 * whoever judges. Whether the key is long enough is not asked here: see `bits`.
 */
#ifndef COMMON_MAIL_DKIM_KEY_H
#define COMMON_MAIL_DKIM_KEY_H

#include "base/arena.h"
#include "mail/base64.h"
#include "mail/dkim_crypto.h"
#include "mail/tag_list.h"

/* RFC 8301 3.2: less MUST NOT verify; more than this SHOULD be signed with; verifiers need not take
 * more. */
#define DKIM_KEY_BITS_LEAST 1024
#define DKIM_KEY_BITS_GOOD 2048
#define DKIM_KEY_BITS_MOST 4096

enum dkim_key_type {
    DKIM_KEY_RSA,
    DKIM_KEY_ED25519,
    DKIM_KEY_OTHER, /* k= names a type that nobody knows: the record is ignored */
};

/* Why no verifier can use it. */
enum dkim_key_fault {
    DKIM_KEY_FINE = 0,
    DKIM_KEY_TAG_LIST,     /* see tags.error; duplicate tags too (RFC 6376 3.2) */
    DKIM_KEY_VERSION,      /* v= is not exactly DKIM1 */
    DKIM_KEY_VERSION_LATE, /* v= is not the first tag */
    DKIM_KEY_NO_DATA,      /* no p= */
    DKIM_KEY_REVOKED,      /* p= is empty */
    DKIM_KEY_TYPE,         /* unknown k= */
    DKIM_KEY_BASE64,       /* see base64_error */
    DKIM_KEY_PRIVATE,      /* the private key is published */
    DKIM_KEY_MISMATCH,     /* the data is a key of another type than k= says */
    DKIM_KEY_DER,          /* RSA: neither SubjectPublicKeyInfo nor RSAPublicKey */
    DKIM_KEY_LENGTH,       /* Ed25519: not 32 octets */
    DKIM_KEY_POINT,        /* Ed25519: not a point of the curve, or one of low order */
};

/* What the octets of p= are, whatever k= says. */
enum dkim_key_form {
    DKIM_KEY_UNKNOWN_FORM,
    DKIM_KEY_SPKI_RSA, /* SubjectPublicKeyInfo of an RSA key: the usual form */
    DKIM_KEY_PKCS1, /* plain RSAPublicKey (RFC 6376 erratum 3017): legal, some verifiers fail on it
                     */
    DKIM_KEY_SPKI_ED25519, /* RFC 8463 4 wants the 32 octets alone */
    DKIM_KEY_SPKI_EC,
    DKIM_KEY_SPKI_OTHER,
    DKIM_KEY_RAW_32, /* 32 octets */
    DKIM_KEY_PRIVATE_PKCS1,
    DKIM_KEY_PRIVATE_PKCS8,
    DKIM_KEY_PRIVATE_EC,
    DKIM_KEY_PEM_TEXT, /* base64 of a whole PEM file, or its armour inside p= */
};

struct dkim_key {
    struct slice text;
    struct tag_list tags;
    enum dkim_key_fault fault;

    /* v= */
    bool has_version, version_first, version_right;
    /* k= (RFC 6376 3.6.1: default rsa) */
    bool has_type;
    enum dkim_key_type type;
    /* h=: absent allows all */
    bool has_hashes, allows_sha256, allows_sha1;
    bool hash_names_algorithm; /* h=rsa-sha256: the name of an algorithm stands where a hash should
                                */
    /* s=: absent is "*" */
    bool has_services, for_email, for_tlsrpt;
    /* t= */
    bool testing, strict;
    /* g= of RFC 4871; an empty one matched no address there */
    bool has_granularity, granularity_empty;
    size_t unknown_tags; /* neither RFC 6376 nor g= */

    /* Signs of a record that was pasted wrongly; hints for the repair. */
    bool has_quotes;      /* literal quotes at the start or end */
    bool has_backslashes; /* `\;` */
    bool has_two_records; /* v=DKIM1 stands twice */

    /* p= */
    bool has_data;
    enum base64_error base64_error;
    size_t base64_offset; /* in the text of the record */
    const uint8_t *data;  /* decoded */
    size_t data_length;
    enum dkim_key_form form;
    /* RSA */
    const uint8_t *rsa_key; /* DER of RSAPublicKey, inside data */
    size_t rsa_key_length;
    const uint8_t *modulus; /* without leading zeros */
    size_t modulus_length;
    const uint8_t *exponent;
    size_t exponent_length;
    unsigned bits; /* of the modulus; 256 for Ed25519; 0 while there is no key */
    /* Ed25519: multiplied by 8 it is nothing; anyone can sign for it. */
    bool low_order;
};

/* Reads the text of one TXT record. Memory from `arena`; views into `text` stay valid as long as
 * it. */
void dkim_key_parse(struct arena *arena, struct slice text, struct dkim_key *key);

/* It cannot be meant as a key: neither v=DKIM1 nor p= nor k= stands in it, or the version of
 * another record does (a wildcard's SPF text ...). */
bool dkim_key_is_foreign(const struct dkim_key *key);

const char *dkim_key_fault_text(enum dkim_key_fault fault);
const char *dkim_key_form_text(enum dkim_key_form form);
const char *dkim_key_type_name(enum dkim_key_type type); /* "rsa", "ed25519", "unknown" */

/* The published key is the one whose private half `private_key` is. */
bool dkim_key_matches(const struct dkim_key *key, const struct dkim_private_key *private_key);

/* Prints a record that publishes the same key as it should be: v=, k= where it is not rsa, the
 * flag t=s, p=. The text lives in the arena; NULL when there is no usable key in it. */
const char *dkim_key_print(struct arena *arena, const struct dkim_key *key);

#endif
