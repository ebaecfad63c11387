/*
 * X.509 certificates: the facts that a check needs, read from DER. RFC 5280 (fields, extensions),
 * RFC 7633 (must-staple), RFC 6125 6 and RFC 9525 6 (names), RFC 6698 2.1 (what TLSA records
 * compare).
 *
 * Whether a chain is trusted is decided where it was received (net/tls.h); here is what the
 * certificates say, pure and without a clock: times are seconds since 1970 UTC for the caller to
 * compare. Octets are hostile: at most CERTIFICATE_DER_MAX each, text that goes to people is not
 * escaped yet.
 */
#ifndef COMMON_MAIL_CERTIFICATE_H
#define COMMON_MAIL_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/ip.h"

#define CERTIFICATE_DER_MAX 65536
#define CERTIFICATE_NAMES_MAX 22000 /* more than a certificate of that size can hold */
#define CERTIFICATE_CHAIN_MAX 16
#define CERTIFICATE_SHA256_SIZE 32

enum certificate_name_kind {
    CERTIFICATE_NAME_DNS, /* normal form (mail/domain.h), "*" as it stands */
    CERTIFICATE_NAME_IP,
    CERTIFICATE_NAME_EMAIL,
    CERTIFICATE_NAME_URI,
    CERTIFICATE_NAME_OTHER, /* text is empty */
    CERTIFICATE_NAME_BAD,   /* a dNSName that is no domain name: NUL, 8-bit ...; matches nothing */
};

struct certificate_name {
    enum certificate_name_kind kind;
    struct slice text; /* of an iPAddress too */
    struct ip_address ip;
};

enum certificate_key {
    CERTIFICATE_KEY_OTHER = 0,
    CERTIFICATE_KEY_RSA, /* RSA-PSS keys too */
    CERTIFICATE_KEY_EC,
    CERTIFICATE_KEY_ED25519,
    CERTIFICATE_KEY_ED448,
    CERTIFICATE_KEY_DSA,
};
/* "RSA", "EC" ... */
const char *certificate_key_name(enum certificate_key key);

enum certificate_hash {
    CERTIFICATE_HASH_UNKNOWN = 0,
    CERTIFICATE_HASH_BROKEN, /* MD2, MD4, MD5 */
    CERTIFICATE_HASH_SHA1,
    CERTIFICATE_HASH_STRONG, /* SHA-2, SHA-3, Ed25519, Ed448 */
};

struct certificate {
    bool is_broken; /* not DER of a certificate: only der and sha256 hold */
    struct slice der;
    struct slice spki; /* SubjectPublicKeyInfo: selector 1 of TLSA */
    uint8_t sha256[CERTIFICATE_SHA256_SIZE];
    uint8_t spki_sha256[CERTIFICATE_SHA256_SIZE];
    const char *subject, *issuer; /* RFC 4514 text, UTF-8, at most 1 KB */
    const char *common_name;      /* the last CN, "" for none; a NUL inside makes it "" */
    const char *serial;           /* hexadecimal */
    const struct certificate_name *names;
    size_t name_count;
    size_t names_omitted;
    bool has_names;                /* there is a subjectAltName */
    int64_t not_before, not_after; /* 0 when unreadable */
    enum certificate_key key;
    unsigned bits;         /* of the key; 0 when unknown */
    const char *curve;     /* "prime256v1", "" for none */
    const char *signature; /* "sha256WithRSAEncryption" */
    enum certificate_hash signature_hash;
    bool has_basic_constraints;
    bool is_ca;
    int path_length;     /* -1: no limit */
    bool has_usage;      /* there is an extendedKeyUsage */
    bool for_server;     /* serverAuth or any, or no extendedKeyUsage at all */
    bool must_staple;    /* RFC 7633 */
    bool has_responder;  /* it names an OCSP responder (RFC 5280 4.2.2.1) */
    bool is_self_issued; /* issuer and subject are the same name */
    bool is_self_signed; /* and the signature is its own key's */
    size_t issuer_place; /* in a chain: index + 1 of the certificate that signed it; 0: none */
};

/* Reads one certificate. What it points to lives in the arena. False when it is broken. */
bool certificate_parse(struct arena *arena, struct slice der, struct certificate *certificate);

/* Reads a SubjectPublicKeyInfo that comes without a certificate (RFC 7250): key, bits, curve, spki
 * and spki_sha256 are filled, all text is "". False, with is_broken, when it is none; the digest
 * holds all the same. */
bool certificate_parse_raw_key(struct arena *arena, struct slice der,
                               struct certificate *certificate);

enum certificate_chain_fault {
    CERTIFICATE_CHAIN_BROKEN = 1,      /* one of them is no certificate */
    CERTIFICATE_CHAIN_WRONG_ORDER = 2, /* the next one is not the issuer (RFC 5246 7.4.2) */
    CERTIFICATE_CHAIN_EXTRA = 4,       /* one that is not on the leaf's path */
    CERTIFICATE_CHAIN_DUPLICATE = 8,
    CERTIFICATE_CHAIN_ROOT = 16, /* a self-signed one behind the leaf: needless, not wrong */
    CERTIFICATE_CHAIN_TOO_LONG = 32,
};

/* What a server sent, leaf first. */
struct certificate_chain {
    struct certificate *list;
    size_t count;
    unsigned faults;
    /* The leaf and its issuers as far as they were sent, as indices. */
    size_t path[CERTIFICATE_CHAIN_MAX];
    size_t path_count;
    int64_t not_after; /* the earliest on the path */
};

/* Reads a chain and finds who signed whom. More than CERTIFICATE_CHAIN_MAX are left out. */
void certificate_chain_parse(struct arena *arena, const struct slice *ders, size_t count,
                             struct certificate_chain *chain);

enum certificate_match {
    CERTIFICATE_MISMATCH = 0,
    CERTIFICATE_MATCH,
    CERTIFICATE_MATCH_WILDCARD,
    CERTIFICATE_MATCH_COMMON_NAME,
};

/* `host` is a domain name in normal form (A-labels) or an address. Rules of RFC 9525 6.3 and RFC
 * 6125 6.4: dNSName and iPAddress alone; "*" only as the whole left-most label, for exactly one
 * label, with two labels behind it. The common name counts only when `common_name` is allowed and
 * there is no dNSName. */
enum certificate_match certificate_match(const struct certificate *certificate, const char *host,
                                         bool common_name);

#endif
