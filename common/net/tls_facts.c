#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/memory.h"
#include "net/tls_internal.h"

#define SUBJECT_MAX 512
#define BITS_FINE 128
#define BITS_EXPORT 64

static enum tls_trust trust_of(int error)
{
    switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return TLS_TRUST_SELF_SIGNED;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
        return TLS_TRUST_UNKNOWN_ROOT;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return TLS_TRUST_NO_ISSUER;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return TLS_TRUST_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return TLS_TRUST_NOT_YET_VALID;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return TLS_TRUST_BAD_SIGNATURE;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
        return TLS_TRUST_BAD_CA;
    case X509_V_ERR_INVALID_PURPOSE:
        return TLS_TRUST_PURPOSE;
    case X509_V_ERR_CERT_REVOKED:
        return TLS_TRUST_REVOKED;
    default:
        return TLS_TRUST_OTHER;
    }
}

static const char *subject_of(struct arena *arena, X509 *x509)
{
    char text[SUBJECT_MAX] = "";
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL) {
        memory_exhausted();
    }
    if (x509 != NULL) {
        X509_NAME_print_ex(bio, X509_get_subject_name(x509), 0,
                           XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    }
    int length = BIO_read(bio, text, (int)sizeof text);
    BIO_free(bio);
    return arena_copy_slice(arena, slice_new(text, length > 0 ? (size_t)length : 0));
}

int tls_facts_on_verify(int is_fine, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *tls = SSL_get_app_data(ssl);
    struct tls_facts *facts = tls->facts;
    int number = X509_STORE_CTX_get_error(store);
    int depth = X509_STORE_CTX_get_error_depth(store);
    if (is_fine) {
        return 1;
    }
    for (size_t i = 0; i < facts->error_count; i++) {
        if (facts->errors[i].number == number && facts->errors[i].depth == (unsigned)depth) {
            return 1;
        }
    }
    if (facts->error_count < TLS_ERRORS_MAX) {
        facts->errors[facts->error_count++] = (struct tls_error){
            .trust = trust_of(number),
            .number = number,
            .text = X509_verify_cert_error_string(number),
            .depth = (unsigned)depth,
            .subject = subject_of(tls->arena, X509_STORE_CTX_get_current_cert(store)),
        };
    }
    return 1;
}

void tls_facts_on_info(const SSL *ssl, int where, int value)
{
    struct tls *tls = SSL_get_app_data(ssl);
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && (value & 0xFF) != 0) {
        tls->facts->alert = (unsigned)value & 0xFF;
        tls->facts->alert_name = SSL_alert_desc_string_long(value);
    }
}

static void collect_cipher(struct tls_facts *facts, const SSL_CIPHER *cipher)
{
    if (cipher == NULL) {
        return;
    }
    int secret_bits = SSL_CIPHER_get_bits(cipher, NULL);
    int symmetric = SSL_CIPHER_get_cipher_nid(cipher);
    facts->cipher = SSL_CIPHER_get_name(cipher);
    facts->cipher_bits = secret_bits > 0 ? (unsigned)secret_bits : 0;
    facts->is_anonymous = SSL_CIPHER_get_auth_nid(cipher) == NID_auth_null;
    facts->forward_secrecy =
        SSL_CIPHER_get_kx_nid(cipher) != NID_kx_rsa && SSL_CIPHER_get_kx_nid(cipher) != NID_kx_psk;
    if (facts->cipher_bits <= BITS_EXPORT) {
        facts->cipher_grade = TLS_CIPHER_BROKEN;
    } else if (facts->cipher_bits < BITS_FINE || symmetric == NID_rc4 ||
               symmetric == NID_des_ede3_cbc) {
        facts->cipher_grade = TLS_CIPHER_WEAK;
    }
}

/* Of a key without a named group. */
static const char *kind_name(EVP_PKEY *key)
{
    return EVP_PKEY_base_id(key) == EVP_PKEY_DH ? "DH" : OBJ_nid2sn(EVP_PKEY_base_id(key));
}

#if OPENSSL_VERSION_NUMBER >= 0x30000000L
static const char *group_name(struct arena *arena, EVP_PKEY *key)
{
    char name[64];
    size_t length = 0;
    if (EVP_PKEY_get_group_name(key, name, sizeof name, &length) == 1) {
        return arena_copy(arena, name);
    }
    return kind_name(key);
}
#else
static const char *group_name(struct arena *arena, EVP_PKEY *key)
{
    (void)arena;
    const EC_KEY *ec = EVP_PKEY_base_id(key) == EVP_PKEY_EC ? EVP_PKEY_get0_EC_KEY(key) : NULL;
    return ec != NULL ? OBJ_nid2sn(EC_GROUP_get_curve_name(EC_KEY_get0_group(ec))) : kind_name(key);
}
#endif

#if OPENSSL_VERSION_NUMBER >= 0x30200000L
/* A hybrid group has no key of one kind, and its name is known to the session alone. The session
 * names the others unlike their keys: those names are kept that every version of OpenSSL can say.
 */
static const char *session_group_name(struct arena *arena, const char *name)
{
    static const struct {
        const char *of_session, *of_key;
    } names[] = {
        {"x25519",    "X25519"    },
        {"x448",      "X448"      },
        {"secp256r1", "prime256v1"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].of_session) == 0) {
            return names[i].of_key;
        }
    }
    return arena_copy(arena, name);
}
#endif

static void collect_group(struct tls *tls)
{
    EVP_PKEY *key = NULL;
    if (SSL_get_peer_tmp_key(tls->ssl, &key) == 1 && key != NULL) {
        int bits = EVP_PKEY_bits(key);
        tls->facts->group = group_name(tls->arena, key);
        tls->facts->group_bits = bits > 0 ? (unsigned)bits : 0;
    }
    EVP_PKEY_free(key);
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
    const char *name = SSL_get0_group_name(tls->ssl);
    if (name != NULL) {
        tls->facts->group = session_group_name(tls->arena, name);
    }
#endif
}

static void collect_chain(struct tls *tls)
{
    STACK_OF(X509) *sent = SSL_get_peer_cert_chain(tls->ssl);
    int count = sent != NULL ? sk_X509_num(sent) : 0;
    unsigned char *buffers[CERTIFICATE_CHAIN_MAX + 1] = {NULL};
    struct slice ders[CERTIFICATE_CHAIN_MAX + 1];
    size_t kept = 0;
    for (int i = 0; i < count && kept <= CERTIFICATE_CHAIN_MAX; i++) {
        int length = i2d_X509(sk_X509_value(sent, i), &buffers[kept]);
        ders[kept] = slice_new((const char *)buffers[kept], length > 0 ? (size_t)length : 0);
        kept++;
    }
    certificate_chain_parse(tls->arena, ders, kept, &tls->facts->chain);
    for (size_t i = 0; i < kept; i++) {
        OPENSSL_free(buffers[i]);
    }
}

void tls_facts_collect(struct tls *tls)
{
    struct tls_facts *facts = tls->facts;
    facts->version = (unsigned)SSL_version(tls->ssl);
    collect_cipher(facts, SSL_get_current_cipher(tls->ssl));
    collect_group(tls);
    collect_chain(tls);
    facts->compression = SSL_get_current_compression(tls->ssl) != NULL;
    facts->secure_renegotiation =
        facts->version == TLS_1_3 || SSL_get_secure_renegotiation_support(tls->ssl) == 1;
    facts->extended_master_secret =
        facts->version == TLS_1_3 || SSL_get_extms_support(tls->ssl) == 1;
    facts->staple = tls_staple_status(tls->ssl);
}
