/*
 * The cryptography of DKIM: digests, signatures, the arithmetic of weak keys, private key files.
 * RFC 6376 3.3, RFC 8301, RFC 8463.
 *
 * The only module of DKIM that includes <openssl/...>. Pure: no files, no clock, no randomness. The
 * octets are hostile: keys are bounded by DKIM_CRYPTO_RSA_MAX.
 */
#ifndef COMMON_MAIL_DKIM_CRYPTO_H
#define COMMON_MAIL_DKIM_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

enum dkim_hash {
    DKIM_SHA256,
    DKIM_SHA1, /* RFC 8301 3.1: neither signed nor verified with; only to see what it would give */
};
#define DKIM_HASH_SIZE 32 /* the longest */
#define DKIM_ED25519_SIZE 32

/* Largest RSA modulus that is used at all, in bits: four times what RFC 8301 3.2 asks of verifiers.
 */
#define DKIM_CRYPTO_RSA_MAX 16384

/* 32 or 20 octets. */
size_t dkim_hash_size(enum dkim_hash hash);

/* The hash of some octets at once; `out` gets dkim_hash_size() octets, the rest of it zero. */
void dkim_hash_octets(enum dkim_hash hash, const void *octets, size_t length,
                      uint8_t out[static DKIM_HASH_SIZE]);

/* A hash that is fed piece by piece. */
struct dkim_digest;
struct dkim_digest *dkim_digest_new(enum dkim_hash hash);
void dkim_digest_update(struct dkim_digest *digest, const void *octets, size_t length);
/* The hash of all so far; nothing may be fed afterwards. */
void dkim_digest_finish(struct dkim_digest *digest, uint8_t out[static DKIM_HASH_SIZE]);
void dkim_digest_free(struct dkim_digest *digest);

enum dkim_crypto_result {
    DKIM_CRYPTO_VALID,
    DKIM_CRYPTO_HASH_DIFFERS, /* made with this key, over something else (RSA only) */
    DKIM_CRYPTO_NO_MATCH,     /* not made with this key, or damaged; Ed25519: either of both */
    DKIM_CRYPTO_BAD_KEY,      /* OpenSSL cannot use the key */
};

/* RSASSA-PKCS1-v1_5 (RFC 8017 8.2.2) over a digest. `key` is the DER of an RSAPublicKey. */
enum dkim_crypto_result dkim_crypto_verify_rsa(const uint8_t *key, size_t key_length,
                                               enum dkim_hash hash, const uint8_t *digest,
                                               const uint8_t *signature, size_t signature_length);

/* PureEdDSA over the 32 octets of the SHA-256 digest (RFC 8463 3). */
enum dkim_crypto_result dkim_crypto_verify_ed25519(const uint8_t key[static DKIM_ED25519_SIZE],
                                                   const uint8_t digest[static DKIM_HASH_SIZE],
                                                   const uint8_t *signature,
                                                   size_t signature_length);

/* The modulus falls to Fermat's factorisation within `rounds` steps: its primes are too near each
 * other. `modulus` is big-endian. */
bool dkim_crypto_close_primes(const uint8_t *modulus, size_t length, unsigned rounds);

/* `number` is big-endian. */
bool dkim_crypto_is_prime(const uint8_t *number, size_t length);

/* The octets are the y coordinate of a point of the curve, in its canonical form (RFC 8032 5.1.3).
 */
bool dkim_crypto_on_curve(const uint8_t key[static DKIM_ED25519_SIZE]);

/* The public half of a private key. */
struct dkim_private_key {
    bool is_ed25519;
    const uint8_t *modulus; /* RSA, big-endian without leading zero */
    size_t modulus_length;
    const uint8_t *exponent; /* likewise */
    size_t exponent_length;
    uint8_t point[DKIM_ED25519_SIZE]; /* Ed25519 */
};

enum dkim_private_error {
    DKIM_PRIVATE_FINE = 0,
    DKIM_PRIVATE_ENCRYPTED,  /* there is a pass phrase on it */
    DKIM_PRIVATE_UNREADABLE, /* neither PEM nor base64 of a key */
    DKIM_PRIVATE_OTHER,      /* a key of another kind */
};

/* Reads a private key: PEM (PKCS #1, PKCS #8), the base64 of such a key's DER, or of the 32 octets
 * of an Ed25519 seed. */
enum dkim_private_error dkim_private_key_read(struct arena *arena, struct slice text,
                                              struct dkim_private_key *key);

#endif
