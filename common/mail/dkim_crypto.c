#include "mail/dkim_crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "mail/base64.h"

static const EVP_MD *method(enum dkim_hash hash)
{
    return hash == DKIM_SHA1 ? EVP_sha1() : EVP_sha256();
}

size_t dkim_hash_size(enum dkim_hash hash)
{
    return hash == DKIM_SHA1 ? 20 : 32;
}

/* EVP_MD_CTX is a type of its own; this name keeps OpenSSL out of the header. */
static EVP_MD_CTX *context(struct dkim_digest *digest)
{
    return (EVP_MD_CTX *)(void *)digest;
}

struct dkim_digest *dkim_digest_new(enum dkim_hash hash)
{
    EVP_MD_CTX *made = EVP_MD_CTX_new();
    if (!made || EVP_DigestInit_ex(made, method(hash), NULL) != 1)
        memory_exhausted();
    return (struct dkim_digest *)(void *)made;
}

void dkim_digest_update(struct dkim_digest *digest, const void *octets, size_t length)
{
    if (EVP_DigestUpdate(context(digest), octets, length) != 1)
        memory_exhausted();
}

void dkim_digest_finish(struct dkim_digest *digest, uint8_t out[static DKIM_HASH_SIZE])
{
    unsigned length = 0;
    memset(out, 0, DKIM_HASH_SIZE);
    if (EVP_DigestFinal_ex(context(digest), out, &length) != 1)
        memory_exhausted();
}

void dkim_digest_free(struct dkim_digest *digest)
{
    EVP_MD_CTX_free(context(digest));
}

void dkim_hash_octets(enum dkim_hash hash, const void *octets, size_t length,
                      uint8_t out[static DKIM_HASH_SIZE])
{
    struct dkim_digest *digest = dkim_digest_new(hash);
    dkim_digest_update(digest, octets, length);
    dkim_digest_finish(digest, out);
    dkim_digest_free(digest);
}

/* The signature is opened with the key: what comes out is the digest that was signed, when the
 * padding and the DigestInfo are right to the octet. So "signed something else" and "not this key"
 * can be told apart. */
static enum dkim_crypto_result open_signature(EVP_PKEY_CTX *opening, enum dkim_hash hash,
                                              const uint8_t *digest, const uint8_t *signature,
                                              size_t signature_length)
{
    uint8_t signed_digest[DKIM_CRYPTO_RSA_MAX / 8];
    size_t length = sizeof signed_digest;
    if (EVP_PKEY_verify_recover_init(opening) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(opening, RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_CTX_set_signature_md(opening, method(hash)) != 1)
        return DKIM_CRYPTO_BAD_KEY;
    if (EVP_PKEY_verify_recover(opening, signed_digest, &length, signature, signature_length) != 1)
        return DKIM_CRYPTO_NO_MATCH;
    if (length != dkim_hash_size(hash) || memcmp(signed_digest, digest, length) != 0)
        return DKIM_CRYPTO_HASH_DIFFERS;
    return DKIM_CRYPTO_VALID;
}

enum dkim_crypto_result dkim_crypto_verify_rsa(const uint8_t *key, size_t key_length,
                                               enum dkim_hash hash, const uint8_t *digest,
                                               const uint8_t *signature, size_t signature_length)
{
    enum dkim_crypto_result result = DKIM_CRYPTO_BAD_KEY;
    const uint8_t *at = key;
    EVP_PKEY *made = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)key_length);
    EVP_PKEY_CTX *opening = NULL;
    if (made && EVP_PKEY_get_bits(made) <= DKIM_CRYPTO_RSA_MAX)
        opening = EVP_PKEY_CTX_new(made, NULL);
    if (opening)
        result = open_signature(opening, hash, digest, signature, signature_length);
    EVP_PKEY_CTX_free(opening);
    EVP_PKEY_free(made);
    return result;
}

enum dkim_crypto_result dkim_crypto_verify_ed25519(const uint8_t key[static DKIM_ED25519_SIZE],
                                                   const uint8_t digest[static DKIM_HASH_SIZE],
                                                   const uint8_t *signature,
                                                   size_t signature_length)
{
    enum dkim_crypto_result result = DKIM_CRYPTO_BAD_KEY;
    EVP_PKEY *made = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, DKIM_ED25519_SIZE);
    EVP_MD_CTX *verifying = EVP_MD_CTX_new();
    if (made && verifying && EVP_DigestVerifyInit(verifying, NULL, NULL, NULL, made) == 1) {
        int verified =
            EVP_DigestVerify(verifying, signature, signature_length, digest, DKIM_HASH_SIZE);
        result = verified == 1 ? DKIM_CRYPTO_VALID : DKIM_CRYPTO_NO_MATCH;
    }
    EVP_MD_CTX_free(verifying);
    EVP_PKEY_free(made);
    return result;
}

/* ---- arithmetic */

/* The numbers of one calculation; `calculation` owns all of them. */
struct fermat {
    BN_CTX *calculation;
    BIGNUM *n, *a, *square, *rest, *root, *next;
};

/* Newton's method from above: the integer square root of `value` into fermat->root. */
static bool square_root(struct fermat *fermat, const BIGNUM *value)
{
    if (BN_is_zero(value))
        return BN_zero(fermat->root), true;
    if (!BN_set_word(fermat->next, 1) ||
        !BN_lshift(fermat->next, fermat->next, BN_num_bits(value) / 2 + 1))
        return false;
    do {
        if (!BN_copy(fermat->root, fermat->next) ||
            !BN_div(fermat->next, NULL, value, fermat->root, fermat->calculation) ||
            !BN_add(fermat->next, fermat->next, fermat->root) ||
            !BN_rshift1(fermat->next, fermat->next))
            return false;
    } while (BN_cmp(fermat->next, fermat->root) < 0);
    return true;
}

/* A square leaves few remainders; the test on them spares nearly all the square roots. */
static bool may_be_square(const BIGNUM *value)
{
    static const unsigned moduli[] = {64, 63, 65, 11};
    for (size_t i = 0; i < sizeof moduli / sizeof *moduli; i++) {
        unsigned rest = (unsigned)BN_mod_word(value, moduli[i]);
        unsigned x = 0;
        while (x < moduli[i] && x * x % moduli[i] != rest)
            x++;
        if (x == moduli[i])
            return false;
    }
    return true;
}

static bool is_square(struct fermat *fermat, const BIGNUM *value)
{
    return may_be_square(value) && square_root(fermat, value) &&
           BN_sqr(fermat->square, fermat->root, fermat->calculation) &&
           BN_cmp(fermat->square, value) == 0;
}

/* n = (a + b)(a - b) with a from the square root of n upwards. */
static bool fermat_finds(struct fermat *fermat, unsigned rounds)
{
    if (!square_root(fermat, fermat->n) || !BN_copy(fermat->a, fermat->root))
        return false;
    for (unsigned i = 0; i < rounds; i++) {
        if (!BN_sqr(fermat->square, fermat->a, fermat->calculation) ||
            !BN_sub(fermat->rest, fermat->square, fermat->n))
            return false;
        if (!BN_is_negative(fermat->rest) && is_square(fermat, fermat->rest))
            return true;
        if (!BN_add_word(fermat->a, 1))
            return false;
    }
    return false;
}

bool dkim_crypto_close_primes(const uint8_t *modulus, size_t length, unsigned rounds)
{
    bool is_found = false;
    if (length > DKIM_CRYPTO_RSA_MAX / 8)
        return false;
    struct fermat fermat = {.calculation = BN_CTX_new()};
    if (!fermat.calculation)
        memory_exhausted();
    BN_CTX_start(fermat.calculation);
    fermat.n = BN_CTX_get(fermat.calculation);
    fermat.a = BN_CTX_get(fermat.calculation);
    fermat.square = BN_CTX_get(fermat.calculation);
    fermat.rest = BN_CTX_get(fermat.calculation);
    fermat.root = BN_CTX_get(fermat.calculation);
    fermat.next = BN_CTX_get(fermat.calculation);
    if (!fermat.next || !BN_bin2bn(modulus, (int)length, fermat.n))
        memory_exhausted();
    /* An even modulus or a tiny one is weak by other means. */
    if (BN_is_odd(fermat.n) && BN_num_bits(fermat.n) > 64)
        is_found = fermat_finds(&fermat, rounds);
    BN_CTX_end(fermat.calculation);
    BN_CTX_free(fermat.calculation);
    return is_found;
}

/* RFC 8032 5.1.3: x^2 = (y^2 - 1) / (d y^2 + 1) mod p has a root when its Legendre symbol is not
 * -1. */
static bool has_root(BN_CTX *calculation, const BIGNUM *y, const BIGNUM *p, const BIGNUM *d)
{
    BIGNUM *u = BN_CTX_get(calculation);
    BIGNUM *v = BN_CTX_get(calculation);
    BIGNUM *product = BN_CTX_get(calculation);
    if (!product || !BN_mod_sqr(u, y, p, calculation) || !BN_mod_mul(v, u, d, p, calculation) ||
        !BN_add_word(v, 1) || !BN_sub_word(u, 1) || !BN_mod_mul(product, u, v, p, calculation))
        return false;
    return BN_kronecker(product, p, calculation) >= 0;
}

bool dkim_crypto_on_curve(const uint8_t key[static DKIM_ED25519_SIZE])
{
    uint8_t octets[DKIM_ED25519_SIZE];
    bool is_on_curve = false;
    memcpy(octets, key, sizeof octets);
    octets[DKIM_ED25519_SIZE - 1] &= 0x7F; /* the sign of x */
    BN_CTX *calculation = BN_CTX_new();
    BIGNUM *p = NULL;
    BIGNUM *d = NULL;
    if (!calculation ||
        !BN_hex2bn(&p, "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED") ||
        !BN_hex2bn(&d, "52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3"))
        memory_exhausted();
    BN_CTX_start(calculation);
    BIGNUM *y = BN_CTX_get(calculation);
    if (y && BN_lebin2bn(octets, sizeof octets, y) && BN_cmp(y, p) < 0)
        is_on_curve = has_root(calculation, y, p, d);
    BN_CTX_end(calculation);
    BN_CTX_free(calculation);
    BN_free(p);
    BN_free(d);
    return is_on_curve;
}

/* A composite number passes a round with a chance below one in four; of random ones next to none
 * passes a single one. */
bool dkim_crypto_is_prime(const uint8_t *number, size_t length)
{
    BN_CTX *calculation = BN_CTX_new();
    BIGNUM *n = BN_bin2bn(number, (int)length, NULL);
    if (!calculation || !n)
        memory_exhausted();
    bool is_prime = BN_check_prime(n, calculation, NULL) == 1;
    BN_free(n);
    BN_CTX_free(calculation);
    return is_prime;
}

/* ---- private keys */

/* No pass phrase is ever asked for; *context says that one would have been needed. */
static int refuse_pass_phrase(char *buffer, int size, int is_writing, void *asked)
{
    (void)buffer;
    (void)size;
    (void)is_writing;
    *(bool *)asked = true;
    return -1;
}

static const uint8_t *copy_number(struct arena *arena, EVP_PKEY *key, const char *name,
                                  size_t *length)
{
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1)
        return NULL;
    *length = (size_t)BN_num_bytes(number);
    uint8_t *octets = arena_alloc(arena, *length + 1);
    BN_bn2bin(number, octets);
    BN_free(number);
    return octets;
}

static enum dkim_private_error copy_public(struct arena *arena, EVP_PKEY *from,
                                           struct dkim_private_key *key)
{
    size_t length = sizeof key->point;
    if (EVP_PKEY_get_base_id(from) == EVP_PKEY_ED25519) {
        key->is_ed25519 = true;
        return EVP_PKEY_get_raw_public_key(from, key->point, &length) == 1
                   ? DKIM_PRIVATE_FINE
                   : DKIM_PRIVATE_UNREADABLE;
    }
    if (EVP_PKEY_get_base_id(from) != EVP_PKEY_RSA)
        return DKIM_PRIVATE_OTHER;
    key->modulus = copy_number(arena, from, OSSL_PKEY_PARAM_RSA_N, &key->modulus_length);
    key->exponent = copy_number(arena, from, OSSL_PKEY_PARAM_RSA_E, &key->exponent_length);
    return key->modulus && key->exponent ? DKIM_PRIVATE_FINE : DKIM_PRIVATE_UNREADABLE;
}

static EVP_PKEY *read_base64(struct slice text)
{
    size_t room = BASE64_DECODED_SIZE(text.length);
    size_t length = 0;
    EVP_PKEY *key = NULL;
    uint8_t *octets = memory_new(room + 1, 1);
    const unsigned char *at = octets;
    bool is_read = base64_decode(text, BASE64_FWS, octets, room, &length, NULL) == BASE64_FINE;
    if (is_read && length == DKIM_ED25519_SIZE)
        key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, octets, length);
    else if (is_read && length > 0)
        key = d2i_AutoPrivateKey(NULL, &at, (long)length);
    OPENSSL_cleanse(octets, room);
    free(octets);
    return key;
}

enum dkim_private_error dkim_private_key_read(struct arena *arena, struct slice text,
                                              struct dkim_private_key *key)
{
    bool asked = false;
    *key = (struct dkim_private_key){.is_ed25519 = false};
    if (text.length > INT_MAX)
        return DKIM_PRIVATE_UNREADABLE;
    BIO *source = BIO_new_mem_buf(text.start, (int)text.length);
    if (!source)
        memory_exhausted();
    EVP_PKEY *read = PEM_read_bio_PrivateKey(source, NULL, refuse_pass_phrase, &asked);
    BIO_free(source);
    if (!read && !asked)
        read = read_base64(text);
    if (!read)
        return asked ? DKIM_PRIVATE_ENCRYPTED : DKIM_PRIVATE_UNREADABLE;
    enum dkim_private_error error = copy_public(arena, read, key);
    EVP_PKEY_free(read);
    return error;
}
