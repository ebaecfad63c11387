#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "net/tls_internal.h"

/* Seconds that our clock and the responder's may differ. */
#define CLOCK_SKEW 300

static enum tls_staple state_of(int status)
{
    switch (status) {
    case V_OCSP_CERTSTATUS_GOOD:
        return TLS_STAPLE_GOOD;
    case V_OCSP_CERTSTATUS_REVOKED:
        return TLS_STAPLE_REVOKED;
    default:
        return TLS_STAPLE_UNKNOWN;
    }
}

/* The issuer of the leaf: sent by the server, or a trusted authority. */
static X509 *find_issuer(SSL *ssl, X509 *leaf)
{
    STACK_OF(X509) * lists[] = {SSL_get0_verified_chain(ssl), SSL_get_peer_cert_chain(ssl)};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (int k = 0; lists[i] != NULL && k < sk_X509_num(lists[i]); k++) {
            X509 *candidate = sk_X509_value(lists[i], k);
            if (X509_check_issued(candidate, leaf) == X509_V_OK) {
                return candidate;
            }
        }
    }
    return NULL;
}

static enum tls_staple examine(SSL *ssl, OCSP_BASICRESP *basic)
{
    STACK_OF(X509) *sent = SSL_get_peer_cert_chain(ssl);
    X509 *leaf = sent != NULL ? sk_X509_value(sent, 0) : NULL;
    X509 *issuer = leaf != NULL ? find_issuer(ssl, leaf) : NULL;
    if (issuer == NULL) {
        return TLS_STAPLE_INVALID;
    }
    X509_STORE *store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
    /* Whether the chain itself is trusted is another fact: here the issuer's word is enough. */
    STACK_OF(X509) *trusted = sk_X509_new_null();
    sk_X509_push(trusted, issuer);
    bool is_signed = OCSP_basic_verify(basic, trusted, store, OCSP_TRUSTOTHER) == 1;
    sk_X509_free(trusted);
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, leaf, issuer);
    int status = V_OCSP_CERTSTATUS_UNKNOWN;
    ASN1_GENERALIZEDTIME *from = NULL;
    ASN1_GENERALIZEDTIME *to = NULL;
    bool is_found =
        id != NULL && OCSP_resp_find_status(basic, id, &status, NULL, NULL, &from, &to) == 1;
    OCSP_CERTID_free(id);
    if (!is_signed || !is_found) {
        return TLS_STAPLE_INVALID;
    }
    if (OCSP_check_validity(from, to, CLOCK_SKEW, -1) != 1) {
        return TLS_STAPLE_STALE;
    }
    return state_of(status);
}

enum tls_staple tls_staple_status(SSL *ssl)
{
    const unsigned char *octets = NULL;
    long length = SSL_get_tlsext_status_ocsp_resp(ssl, &octets);
    if (octets == NULL || length <= 0) {
        return TLS_STAPLE_NONE;
    }
    enum tls_staple staple = TLS_STAPLE_INVALID;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &octets, length);
    if (response != NULL && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
        if (basic != NULL) {
            staple = examine(ssl, basic);
        }
        OCSP_BASICRESP_free(basic);
    }
    OCSP_RESPONSE_free(response);
    ERR_clear_error();
    return staple;
}
