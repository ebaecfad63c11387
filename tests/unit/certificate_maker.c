#include "certificate_maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static EVP_PKEY *keys[CERTIFICATE_MAKER_KEYS];

static void must(int outcome, const char *what)
{
    if (outcome <= 0) {
        printf("Bail out! libcrypto cannot make %s\n", what);
        exit(EXIT_FAILURE);
    }
}

static int kind_of(enum certificate_maker_key key)
{
    switch (key) {
    case CERTIFICATE_MAKER_RSA:
    case CERTIFICATE_MAKER_RSA_1024:
        return EVP_PKEY_RSA;
    case CERTIFICATE_MAKER_ED25519:
        return EVP_PKEY_ED25519;
    default:
        return EVP_PKEY_EC;
    }
}

EVP_PKEY *certificate_maker_key(enum certificate_maker_key key)
{
    if (keys[key] != NULL) {
        return keys[key];
    }
    int kind = kind_of(key);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(kind, NULL);
    must(context != NULL && EVP_PKEY_keygen_init(context) > 0, "a key context");
    if (kind == EVP_PKEY_RSA) {
        int bits = key == CERTIFICATE_MAKER_RSA ? 2048 : 1024;
        must(EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits), "an RSA key");
    } else if (kind == EVP_PKEY_EC) {
        must(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1), "an EC key");
    }
    must(EVP_PKEY_keygen(context, &keys[key]), "a key");
    EVP_PKEY_CTX_free(context);
    return keys[key];
}

void certificate_maker_close(void)
{
    for (int i = 0; i < CERTIFICATE_MAKER_KEYS; i++) {
        EVP_PKEY_free(keys[i]);
        keys[i] = NULL;
    }
}

static void add_extension(X509 *x509, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, NULL, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension != NULL && X509_add_ext(x509, extension, -1), value);
    X509_EXTENSION_free(extension);
}

static void add_octet_name(X509 *x509, struct slice octets)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    must(names != NULL && name != NULL && text != NULL, "a name");
    must(ASN1_STRING_set(text, octets.start, (int)octets.length), "a name");
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    must(sk_GENERAL_NAME_push(names, name), "a name");
    must(X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 0, 0), "a subjectAltName");
    GENERAL_NAMES_free(names);
}

static void set_name(X509_NAME *name, const char *text)
{
    if (text[0] != '\0') {
        must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1,
                                        -1, 0),
             "a common name");
    }
}

static void add_extensions(X509 *x509, const struct certificate_recipe *recipe)
{
    if (recipe->names != NULL) {
        add_extension(x509, NID_subject_alt_name, recipe->names);
    }
    if (recipe->octet_name.start != NULL) {
        add_octet_name(x509, recipe->octet_name);
    }
    if (recipe->constraints != NULL) {
        add_extension(x509, NID_basic_constraints, recipe->constraints);
    }
    if (recipe->usage != NULL) {
        add_extension(x509, NID_ext_key_usage, recipe->usage);
    }
    if (recipe->must_staple) {
        add_extension(x509, NID_tlsfeature, "status_request");
    }
}

X509 *certificate_maker_make(const struct certificate_recipe *recipe)
{
    X509 *x509 = X509_new();
    must(x509 != NULL && X509_set_version(x509, 2), "a certificate");
    must(ASN1_INTEGER_set(X509_get_serialNumber(x509), 4660), "a serial number");
    set_name(X509_get_subject_name(x509), recipe->subject);
    set_name(X509_get_issuer_name(x509), recipe->issuer != NULL ? recipe->issuer : recipe->subject);
    must(X509_gmtime_adj(X509_getm_notBefore(x509), recipe->from) != NULL, "a date");
    must(X509_gmtime_adj(X509_getm_notAfter(x509), recipe->to) != NULL, "a date");
    must(X509_set_pubkey(x509, certificate_maker_key(recipe->key)), "a public key");
    add_extensions(x509, recipe);
    enum certificate_maker_key signer = recipe->issuer != NULL ? recipe->signer : recipe->key;
    const EVP_MD *hash = signer == CERTIFICATE_MAKER_ED25519 ? NULL
                         : recipe->sha1                      ? EVP_sha1()
                                                             : EVP_sha256();
    must(X509_sign(x509, certificate_maker_key(signer), hash) > 0 ||
             signer == CERTIFICATE_MAKER_ED25519,
         "a signature");
    return x509;
}

struct slice certificate_maker_der(X509 *x509)
{
    unsigned char *der = NULL;
    int length = i2d_X509(x509, &der);
    must(length, "DER");
    char *copy = malloc((size_t)length);
    must(copy != NULL, "room");
    memcpy(copy, der, (size_t)length);
    OPENSSL_free(der);
    X509_free(x509);
    return slice_new(copy, (size_t)length);
}
