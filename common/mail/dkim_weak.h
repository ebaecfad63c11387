/*
 * Weak keys: public keys whose private half anybody can find. The tests are cheap (some
 * milliseconds) and find what they find; a key that passes them is not proven good.
 *
 * Not covered: the keys of the Debian OpenSSL of 2006 to 2008 (CVE-2008-0166); to know them takes
 * their list, and no package has it any more.
 */
#ifndef COMMON_MAIL_DKIM_WEAK_H
#define COMMON_MAIL_DKIM_WEAK_H

#include "mail/dkim_key.h"

enum dkim_weakness {
    DKIM_WEAK_EXPONENT_ONE = 1 << 0,  /* e = 1: the signature is the text itself */
    DKIM_WEAK_EXPONENT_EVEN = 1 << 1, /* no RSA key has an even exponent */
    DKIM_WEAK_EXPONENT_SMALL =
        1 << 2, /* e = 3 ... below 65537: forgeries against careless verifiers */
    DKIM_WEAK_SMALL_FACTOR =
        1 << 3, /* the modulus has a prime factor below DKIM_WEAK_FACTOR_LIMIT */
    DKIM_WEAK_CLOSE_PRIMES =
        1 << 4, /* Fermat's factorisation, DKIM_WEAK_FERMAT_ROUNDS steps (CVE-2022-26320) */
    DKIM_WEAK_ROCA = 1 << 5,      /* fingerprint of Infineon's key generation (CVE-2017-15361) */
    DKIM_WEAK_EXAMPLE = 1 << 6,   /* the key of an RFC: its private half is printed there */
    DKIM_WEAK_LOW_ORDER = 1 << 7, /* Ed25519 point of low order */
    DKIM_WEAK_PRIME = 1 << 8,     /* the modulus is a prime: see dkim_weak_prime */
};
#define DKIM_WEAK_LAST DKIM_WEAK_PRIME

#define DKIM_WEAK_FACTOR_LIMIT 16384
#define DKIM_WEAK_FERMAT_ROUNDS 100

/* The sum of what applies; 0 when none does or there is no key. */
unsigned dkim_weak(const struct dkim_key *key);

/* DKIM_WEAK_PRIME, or 0: apart, for it costs milliseconds. Moduli above DKIM_WEAK_PRIME_BITS are
 * not looked into. */
unsigned dkim_weak_prime(const struct dkim_key *key);
#define DKIM_WEAK_PRIME_BITS 4096

/* A sentence for one of the bits: "the exponent is 1". */
const char *dkim_weak_text(enum dkim_weakness weakness);

#endif
