#include "mail/dkim_weak.h"

#include <string.h>

/* The rest of a big-endian number divided by a small one. */
static unsigned rest_of(const uint8_t *number, size_t length, unsigned divisor)
{
    uint64_t rest = 0;
    size_t i = 0;
    for (; length - i >= 4; i += 4) {
        uint64_t word = (uint64_t)number[i] << 24 | (uint64_t)number[i + 1] << 16 |
                        (uint64_t)number[i + 2] << 8 | number[i + 3];
        rest = (rest << 32 | word) % divisor;
    }
    for (; i < length; i++)
        rest = (rest << 8 | number[i]) % divisor;
    return (unsigned)rest;
}

static bool is_prime(unsigned number)
{
    if (number < 3 || number % 2 == 0)
        return number == 2;
    for (unsigned i = 3; i * i <= number; i += 2)
        if (number % i == 0)
            return false;
    return true;
}

static bool has_small_factor(const struct dkim_key *key)
{
    for (unsigned divisor = 2; divisor < DKIM_WEAK_FACTOR_LIMIT; divisor += divisor == 2 ? 1 : 2)
        if (is_prime(divisor) && rest_of(key->modulus, key->modulus_length, divisor) == 0)
            return true;
    return false;
}

/*
 * CVE-2017-15361: the primes are k * M + (65537^a mod M), M the product of the first primes. So the
 * modulus, too, is a power of 65537 modulo each of them. A random modulus is one modulo all of them
 * with a probability below 2^-27.
 */
static bool is_roca(const struct dkim_key *key)
{
    for (unsigned prime = 3; prime <= 167; prime += 2) {
        if (!is_prime(prime))
            continue;
        unsigned rest = rest_of(key->modulus, key->modulus_length, prime);
        unsigned power = 1;
        bool is_power = rest == 1;
        for (unsigned i = 0; i < prime && !is_power; i++) {
            power = power * (65537 % prime) % prime;
            is_power = power == rest;
        }
        if (!is_power)
            return false;
    }
    return true;
}

/* SHA-256 of the modulus, or of the point. */
static bool is_example(const uint8_t *octets, size_t length)
{
    static const uint8_t examples[][DKIM_HASH_SIZE] = {
  /* RFC 6376 appendix C */
        {0x1B, 0xE2, 0xC2, 0xE8, 0x98, 0xB8, 0xCB, 0x93, 0x58, 0x38, 0x45,
         0x43, 0x9E, 0xB7, 0xB8, 0xDF, 0x9D, 0x47, 0x52, 0x7F, 0x9B, 0x77,
         0x75, 0x1C, 0xFC, 0xD9, 0x6D, 0x91, 0x85, 0x1F, 0x4E, 0xFD},
 /* RFC 8463 A.2, RSA */
        {0xFA, 0xA7, 0xF1, 0x55, 0x8C, 0x03, 0x45, 0xA1, 0x16, 0x6A, 0x02,
         0x2F, 0x3C, 0x50, 0xFE, 0xAB, 0xE8, 0x10, 0x59, 0x66, 0xD5, 0xD8,
         0x01, 0x0D, 0x3C, 0x8D, 0x29, 0xA4, 0x62, 0x98, 0x6A, 0x42},
 /* RFC 8463 A.2 and RFC 8032 7.1 test 1 */
        {0x21, 0xFE, 0x31, 0xDF, 0xA1, 0x54, 0xA2, 0x61, 0x62, 0x6B, 0xF8,
         0x54, 0x04, 0x6F, 0xD2, 0x27, 0x1B, 0x7B, 0xED, 0x4B, 0x6A, 0xBE,
         0x45, 0xAA, 0x58, 0x87, 0x7E, 0xF4, 0x7F, 0x97, 0x21, 0xB9},
 /* RFC 8032 7.1 test 2 */
        {0x39, 0xF7, 0x13, 0xD0, 0xA6, 0x44, 0x25, 0x3F, 0x04, 0x52, 0x94,
         0x21, 0xB9, 0xF5, 0x1B, 0x9B, 0x08, 0x97, 0x9D, 0x08, 0x29, 0x59,
         0x59, 0xC4, 0xF3, 0x99, 0x0E, 0xE6, 0x17, 0xF5, 0x13, 0x9F},
 /* RFC 8032 7.1 test 3 */
        {0xDA, 0xC0, 0x73, 0xE0, 0x12, 0x3B, 0xDE, 0xA5, 0x9D, 0xD9, 0xB3,
         0xBD, 0xA9, 0xCF, 0x60, 0x37, 0xF6, 0x3A, 0xCA, 0x82, 0x62, 0x7D,
         0x7A, 0xBC, 0xD5, 0xC4, 0xAC, 0x29, 0xDD, 0x74, 0x00, 0x3E},
 /* RFC 8032 7.1 test 1024 */
        {0x91, 0x38, 0x4C, 0x41, 0x1E, 0x5A, 0xF2, 0x96, 0x48, 0xF1, 0x7F,
         0x92, 0x2B, 0x40, 0x26, 0x55, 0xB1, 0x1E, 0xCA, 0xEC, 0x1B, 0x33,
         0xFC, 0x45, 0x79, 0x62, 0x41, 0x96, 0x3F, 0x95, 0xF2, 0x02},
 /* RFC 8032 7.1 test SHA(abc) */
        {0xD8, 0x56, 0x34, 0x27, 0x7D, 0xA8, 0x93, 0x50, 0xA8, 0x0A, 0x0C,
         0x0F, 0xF6, 0x2B, 0x76, 0x95, 0xDF, 0x24, 0x78, 0xA6, 0x1F, 0x9B,
         0x93, 0xBC, 0x62, 0xB5, 0x25, 0x40, 0xB0, 0x69, 0x98, 0x72},
    };
    uint8_t hash[DKIM_HASH_SIZE];
    dkim_hash_octets(DKIM_SHA256, octets, length, hash);
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        if (memcmp(hash, examples[i], sizeof hash) == 0)
            return true;
    return false;
}

static unsigned weak_exponent(const struct dkim_key *key)
{
    const uint8_t *exponent = key->exponent;
    size_t length = key->exponent_length;
    if (length == 1 && exponent[0] == 1)
        return DKIM_WEAK_EXPONENT_ONE;
    if (exponent[length - 1] % 2 == 0)
        return DKIM_WEAK_EXPONENT_EVEN;
    return length <= 2 ? DKIM_WEAK_EXPONENT_SMALL : 0;
}

unsigned dkim_weak(const struct dkim_key *key)
{
    unsigned found = 0;
    if (key->form == DKIM_KEY_RAW_32 && key->type == DKIM_KEY_ED25519) {
        found |= key->low_order ? DKIM_WEAK_LOW_ORDER : 0;
        found |= is_example(key->data, key->data_length) ? DKIM_WEAK_EXAMPLE : 0;
        return found;
    }
    if (!key->modulus || key->bits > DKIM_CRYPTO_RSA_MAX)
        return 0;
    found |= weak_exponent(key);
    if (has_small_factor(key))
        found |= DKIM_WEAK_SMALL_FACTOR;
    if (dkim_crypto_close_primes(key->modulus, key->modulus_length, DKIM_WEAK_FERMAT_ROUNDS))
        found |= DKIM_WEAK_CLOSE_PRIMES;
    if (is_roca(key))
        found |= DKIM_WEAK_ROCA;
    if (is_example(key->modulus, key->modulus_length))
        found |= DKIM_WEAK_EXAMPLE;
    return found;
}

unsigned dkim_weak_prime(const struct dkim_key *key)
{
    if (!key->modulus || key->bits > DKIM_WEAK_PRIME_BITS)
        return 0;
    return dkim_crypto_is_prime(key->modulus, key->modulus_length) ? DKIM_WEAK_PRIME : 0;
}

const char *dkim_weak_text(enum dkim_weakness weakness)
{
    switch (weakness) {
    case DKIM_WEAK_EXPONENT_ONE:
        return "the exponent is 1, a signature is the bare text";
    case DKIM_WEAK_EXPONENT_EVEN:
        return "the exponent is even, which no RSA key has";
    case DKIM_WEAK_EXPONENT_SMALL:
        return "the exponent is below 65537";
    case DKIM_WEAK_SMALL_FACTOR:
        return "the modulus has a small prime factor";
    case DKIM_WEAK_CLOSE_PRIMES:
        return "the two primes are so near each other that the key falls to Fermat's method";
    case DKIM_WEAK_ROCA:
        return "the key comes from a generator whose keys can be broken (ROCA, CVE-2017-15361)";
    case DKIM_WEAK_EXAMPLE:
        return "it is the example key of an RFC, whose private half everybody has";
    case DKIM_WEAK_LOW_ORDER:
        return "the Ed25519 point is of low order, anyone can sign for it";
    case DKIM_WEAK_PRIME:
        return "the modulus is a prime number, so the private half follows from it at once";
    }
    return "";
}
