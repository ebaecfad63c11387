/*
 * Keys and signatures for the tests of DKIM, made afresh by libcrypto at each run.
 *
 * Texts of tests name keys and hashes by a letter after "%", and maker_fill puts them in:
 *
 *     %R %S %T   RSA of 2048, 1024 and 512 bits as SubjectPublicKeyInfo, in base64
 *     %P         the first as plain RSAPublicKey
 *     %E %5      Ed25519, the 32 octets and as SubjectPublicKeyInfo
 *     %C         an elliptic curve key (P-256) as SubjectPublicKeyInfo
 *     %1 %8      the private half of %R in PKCS #1 and PKCS #8
 *     %%         a percent sign
 */
#ifndef TESTS_UNIT_DKIM_MAKER_H
#define TESTS_UNIT_DKIM_MAKER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/dkim_crypto.h"

enum maker_key {
    MAKER_RSA_2048,
    MAKER_RSA_1024,
    MAKER_RSA_512,
    MAKER_ED25519,
    MAKER_EC,
    MAKER_KEYS,
};

void maker_open(void);
void maker_close(void);

char *maker_fill(struct arena *arena, const char *text);

/* The private key as PEM, PKCS #1 or PKCS #8. */
char *maker_pem(struct arena *arena, enum maker_key key, bool is_pkcs1);
/* The base64 of the seed of the Ed25519 key. */
char *maker_seed(struct arena *arena);

/* A signature in base64 over a canonical header; and the hash of a canonical body in base64. */
char *maker_sign(struct arena *arena, enum maker_key key, enum dkim_hash hash, const char *text);
char *maker_hash(struct arena *arena, enum dkim_hash hash, const char *text, size_t length);

/* `text` with each `what` replaced. */
char *maker_replace(struct arena *arena, const char *text, const char *what, const char *with);

/* A line for dns_answers_read: a TXT record of that text, cut into strings of 255 octets. */
char *maker_txt(struct arena *arena, const char *name, struct slice text);

/* Records `v=DKIM1; p=...` whose RSA modulus is weak in one way. */
char *maker_close_primes(struct arena *arena);
char *maker_small_factor(struct arena *arena);
char *maker_roca(struct arena *arena);
char *maker_prime(struct arena *arena);
char *maker_exponent(struct arena *arena, unsigned exponent);

/* The content of a file of the foreign sets, $SHARED_DIR/data/corpora/PATH; NULL when it is not
 * there. */
char *maker_corpus(struct arena *arena, const char *path, size_t *length);

/* The text of a key record in such a file: as it stands there, as the strings of a zone file, or
 * made from the PEM of a public key. Works inside `content`. */
struct slice maker_record(char *content, size_t length);

#endif
