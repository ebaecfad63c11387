#include "dkim_maker.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail/base64.h"

static EVP_PKEY *keys[MAKER_KEYS];

static void need(bool holds)
{
    if (!holds) {
        fputs("libcrypto failed\n", stderr);
        abort();
    }
}

void maker_open(void)
{
    keys[MAKER_RSA_2048] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    keys[MAKER_RSA_1024] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    keys[MAKER_RSA_512] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)512);
    keys[MAKER_ED25519] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    keys[MAKER_EC] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    for (size_t i = 0; i < MAKER_KEYS; i++)
        need(keys[i] != NULL);
}

void maker_close(void)
{
    for (size_t i = 0; i < MAKER_KEYS; i++)
        EVP_PKEY_free(keys[i]);
}

static char *encode(struct arena *arena, const uint8_t *octets, size_t length)
{
    char *text = arena_alloc(arena, BASE64_ENCODED_SIZE(length) + 1);
    base64_encode(octets, length, text);
    return text;
}

static char *spki(struct arena *arena, EVP_PKEY *key)
{
    uint8_t *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    need(length > 0);
    char *text = encode(arena, der, (size_t)length);
    OPENSSL_free(der);
    return text;
}

static char *plain(struct arena *arena, EVP_PKEY *key, bool is_private)
{
    uint8_t *der = NULL;
    int length = is_private ? i2d_PrivateKey(key, &der) : i2d_PublicKey(key, &der);
    need(length > 0);
    char *text = encode(arena, der, (size_t)length);
    OPENSSL_free(der);
    return text;
}

static char *pkcs8(struct arena *arena, EVP_PKEY *key)
{
    uint8_t *der = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int length = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    need(length > 0);
    char *text = encode(arena, der, (size_t)length);
    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(info);
    return text;
}

static char *raw(struct arena *arena, bool is_private)
{
    uint8_t octets[DKIM_ED25519_SIZE];
    size_t length = sizeof octets;
    if (is_private)
        need(EVP_PKEY_get_raw_private_key(keys[MAKER_ED25519], octets, &length) == 1);
    else
        need(EVP_PKEY_get_raw_public_key(keys[MAKER_ED25519], octets, &length) == 1);
    return encode(arena, octets, length);
}

char *maker_seed(struct arena *arena)
{
    return raw(arena, true);
}

static const char *fill_one(struct arena *arena, char letter)
{
    switch (letter) {
    case 'R':
        return spki(arena, keys[MAKER_RSA_2048]);
    case 'S':
        return spki(arena, keys[MAKER_RSA_1024]);
    case 'T':
        return spki(arena, keys[MAKER_RSA_512]);
    case 'P':
        return plain(arena, keys[MAKER_RSA_2048], false);
    case 'E':
        return raw(arena, false);
    case '5':
        return spki(arena, keys[MAKER_ED25519]);
    case 'C':
        return spki(arena, keys[MAKER_EC]);
    case '1':
        return plain(arena, keys[MAKER_RSA_2048], true);
    case '8':
        return pkcs8(arena, keys[MAKER_RSA_2048]);
    default:
        return "%";
    }
}

char *maker_fill(struct arena *arena, const char *text)
{
    char *out = arena_copy(arena, "");
    for (;;) {
        size_t length = strcspn(text, "%");
        out = arena_format(arena, "%s%.*s", out, (int)length, text);
        text += length;
        if (!*text)
            return out;
        out = arena_format(arena, "%s%s", out, fill_one(arena, text[1]));
        text += 2;
    }
}

char *maker_pem(struct arena *arena, enum maker_key key, bool is_pkcs1)
{
    char *data;
    BIO *out = BIO_new(BIO_s_mem());
    if (is_pkcs1)
        need(PEM_write_bio_PrivateKey_traditional(out, keys[key], NULL, NULL, 0, NULL, NULL) == 1);
    else
        need(PEM_write_bio_PKCS8PrivateKey(out, keys[key], NULL, NULL, 0, NULL, NULL) == 1);
    long length = BIO_get_mem_data(out, &data);
    char *text = arena_copy_slice(arena, slice_new(data, (size_t)length));
    BIO_free(out);
    return text;
}

static const EVP_MD *method(enum dkim_hash hash)
{
    return hash == DKIM_SHA1 ? EVP_sha1() : EVP_sha256();
}

char *maker_hash(struct arena *arena, enum dkim_hash hash, const char *text, size_t length)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size;
    need(EVP_Digest(text, length, digest, &size, method(hash), NULL) == 1);
    return encode(arena, digest, size);
}

char *maker_sign(struct arena *arena, enum maker_key key, enum dkim_hash hash, const char *text)
{
    uint8_t digest[EVP_MAX_MD_SIZE], signature[512];
    unsigned size;
    size_t length = sizeof signature;
    EVP_MD_CTX *signing = EVP_MD_CTX_new();
    need(EVP_Digest(text, strlen(text), digest, &size, method(hash), NULL) == 1);
    if (key == MAKER_ED25519) {
        need(EVP_DigestSignInit(signing, NULL, NULL, NULL, keys[key]) == 1 &&
             EVP_DigestSign(signing, signature, &length, digest, size) == 1);
    } else {
        need(EVP_DigestSignInit(signing, NULL, method(hash), NULL, keys[key]) == 1 &&
             EVP_DigestSign(signing, signature, &length, (const uint8_t *)text, strlen(text)) == 1);
    }
    EVP_MD_CTX_free(signing);
    return encode(arena, signature, length);
}

char *maker_replace(struct arena *arena, const char *text, const char *what, const char *with)
{
    char *out = arena_copy(arena, "");
    const char *found;
    while ((found = strstr(text, what))) {
        out = arena_format(arena, "%s%.*s%s", out, (int)(found - text), text, with);
        text = found + strlen(what);
    }
    return arena_format(arena, "%s%s", out, text);
}

char *maker_txt(struct arena *arena, const char *name, struct slice text)
{
    char *line = arena_format(arena, "%s TXT \"", name);
    for (size_t i = 0; i < text.length; i++) {
        unsigned char octet = (unsigned char)text.start[i];
        if (i > 0 && i % 200 == 0)
            line = arena_format(arena, "%s\" \"", line);
        if (octet == '"' || octet == '\\')
            line = arena_format(arena, "%s\\%c", line, octet);
        else if (octet < 32 || octet > 126)
            line = arena_format(arena, "%s\\x%02x", line, octet);
        else
            line = arena_format(arena, "%s%c", line, octet);
    }
    return arena_format(arena, "%s\"\n", line);
}

/* ---- weak keys */

static char *record(struct arena *arena, const BIGNUM *n, unsigned exponent)
{
    BIGNUM *e = BN_new();
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    need(BN_set_word(e, exponent) && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
         OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e));
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
    need(EVP_PKEY_fromdata_init(making) == 1 &&
         EVP_PKEY_fromdata(making, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1);
    char *text = arena_format(arena, "v=DKIM1; p=%s", spki(arena, key));
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(making);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(build);
    BN_free(e);
    return text;
}

char *maker_close_primes(struct arena *arena)
{
    BN_CTX *context = BN_CTX_new();
    BIGNUM *p = BN_new(), *q = BN_new(), *n = BN_new();
    need(BN_generate_prime_ex(p, 512, 0, NULL, NULL, NULL) && BN_copy(q, p));
    do
        need(BN_add_word(q, 2));
    while (BN_check_prime(q, context, NULL) != 1);
    need(BN_mul(n, p, q, context));
    char *text = record(arena, n, 65537);
    BN_free(p);
    BN_free(q);
    BN_free(n);
    BN_CTX_free(context);
    return text;
}

char *maker_small_factor(struct arena *arena)
{
    BIGNUM *p = BN_new();
    need(BN_generate_prime_ex(p, 1020, 0, NULL, NULL, NULL) && BN_mul_word(p, 16381));
    char *text = record(arena, p, 65537);
    BN_free(p);
    return text;
}

/* CVE-2017-15361: a prime of the form k * M + (65537^a mod M), M the product of the first 39
 * primes. */
static void roca_prime(BIGNUM *prime, unsigned power, BN_CTX *context)
{
    BIGNUM *m = BN_new(), *k = BN_new(), *base = BN_new(), *rest = BN_new(), *exponent = BN_new();
    need(BN_set_word(m, 1) && BN_set_word(base, 65537) && BN_set_word(exponent, power));
    for (unsigned i = 2; i <= 167; i++) {
        bool is_prime = true;
        for (unsigned j = 2; j * j <= i; j++)
            is_prime = is_prime && i % j != 0;
        if (is_prime)
            need(BN_mul_word(m, i));
    }
    need(BN_mod_exp(rest, base, exponent, m, context));
    do
        need(BN_rand(k, 512 - BN_num_bits(m), BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ANY) &&
             BN_mul(prime, k, m, context) && BN_add(prime, prime, rest));
    while (BN_check_prime(prime, context, NULL) != 1);
    BN_free(m);
    BN_free(k);
    BN_free(base);
    BN_free(rest);
    BN_free(exponent);
}

char *maker_roca(struct arena *arena)
{
    BN_CTX *context = BN_CTX_new();
    BIGNUM *p = BN_new(), *q = BN_new();
    roca_prime(p, 12345, context);
    roca_prime(q, 67890, context);
    need(BN_mul(p, p, q, context));
    char *text = record(arena, p, 65537);
    BN_free(p);
    BN_free(q);
    BN_CTX_free(context);
    return text;
}

char *maker_prime(struct arena *arena)
{
    BIGNUM *n = BN_new();
    need(BN_generate_prime_ex(n, 1024, 0, NULL, NULL, NULL));
    char *text = record(arena, n, 65537);
    BN_free(n);
    return text;
}

char *maker_exponent(struct arena *arena, unsigned exponent)
{
    BIGNUM *n = NULL;
    need(EVP_PKEY_get_bn_param(keys[MAKER_RSA_2048], OSSL_PKEY_PARAM_RSA_N, &n) == 1);
    char *text = record(arena, n, exponent);
    BN_free(n);
    return text;
}

char *maker_corpus(struct arena *arena, const char *path, size_t *length)
{
    const char *shared = getenv("SHARED_DIR");
    FILE *file =
        fopen(arena_format(arena, "%s/data/corpora/%s", shared ? shared : "../shared", path), "rb");
    if (!file)
        return NULL;
    size_t room = 1 << 20;
    char *content = arena_alloc(arena, room);
    *length = fread(content, 1, room - 1, file);
    fclose(file);
    return content;
}

/* "-----BEGIN PUBLIC KEY-----" goes, "v=DKIM1; p=" comes; line ends go. */
static struct slice pem_record(char *content, size_t length)
{
    struct slice text = slice_new(content, length);
    size_t from = slice_find(text, '\n');
    size_t to = slice_find_text(text, "-----END");
    size_t out = strlen("v=DKIM1; p=");
    memcpy(content, "v=DKIM1; p=", out);
    for (size_t i = from; i < to; i++)
        if (content[i] != '\n' && content[i] != '\r')
            content[out++] = content[i];
    return slice_new(content, out);
}

struct slice maker_record(char *content, size_t length)
{
    struct slice text = slice_trim(slice_new(content, length), " \r\n");
    size_t out = 0;
    bool is_inside = false;
    if (slice_starts_with(text, "-----BEGIN"))
        return pem_record(content, length);
    if (slice_find(text, '"') != 0 && slice_find_text(text, " TXT (") == text.length)
        return text;
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] == '\\')
            content[out++] = text.start[++i];
        else if (text.start[i] == '"')
            is_inside = !is_inside;
        else if (is_inside)
            content[out++] = text.start[i];
    }
    return slice_new(content, out);
}
