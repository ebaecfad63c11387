/*
 * Certificates for tests, made afresh by libcrypto at each run: leaf, intermediate, root, each with
 * whatever fault its row wants.
 */
#ifndef TESTS_UNIT_CERTIFICATE_MAKER_H
#define TESTS_UNIT_CERTIFICATE_MAKER_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/slice.h"

enum certificate_maker_key {
    CERTIFICATE_MAKER_EC, /* P-256 */
    CERTIFICATE_MAKER_EC_2,
    CERTIFICATE_MAKER_EC_3,
    CERTIFICATE_MAKER_RSA, /* 2048 */
    CERTIFICATE_MAKER_RSA_1024,
    CERTIFICATE_MAKER_ED25519,
    CERTIFICATE_MAKER_KEYS,
};

struct certificate_recipe {
    const char *subject, *issuer; /* common names; NULL issuer: self-signed */
    enum certificate_maker_key key, signer;
    const char *names;       /* "DNS:mx.example.org, IP:192.0.2.1"; NULL: none */
    struct slice octet_name; /* one dNSName of any octets */
    long from, to;           /* seconds from now */
    const char *constraints; /* "critical,CA:TRUE" */
    const char *usage;       /* "serverAuth" */
    bool must_staple;
    bool sha1;
};

/* Keys are made when first wanted and kept until close. */
EVP_PKEY *certificate_maker_key(enum certificate_maker_key key);
void certificate_maker_close(void);

X509 *certificate_maker_make(const struct certificate_recipe *recipe);

/* The DER of a certificate, to be freed with free(); the certificate is freed. */
struct slice certificate_maker_der(X509 *x509);

#endif
