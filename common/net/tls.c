#include "net/tls.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "base/memory.h"
#include "base/random.h"
#include "mail/ip.h"
#include "net/tls_internal.h"

#define ALL_CIPHERS "ALL:!aNULL:!eNULL"
#define RECORD_ALERT 21
#define RECORD_HANDSHAKE 22

/* A server with certificates of both kinds shows the one that the client's lists leave. */
static const struct {
    const char *ciphers; /* TLS 1.2 and before */
    const char *algorithms;
} BY_KEY[] = {
    [TLS_KEY_ANY] = {NULL,     NULL                                                                 },
    [TLS_KEY_RSA] = {"aRSA",   "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:rsa_pss_pss_sha256:"
                             "RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA1"},
    [TLS_KEY_ECDSA] = {"aECDSA", "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:ECDSA+SHA1"    },
};

static void fail(struct tls *tls, enum tls_outcome outcome)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason = error != 0 ? ERR_reason_error_string(error) : NULL;
    if (tls->facts->outcome == TLS_PENDING) {
        tls->facts->outcome = outcome;
        tls->facts->reason = reason != NULL ? arena_copy(tls->arena, reason) : "";
    }
    tls->is_ended = true;
    ERR_clear_error();
}

/* The macros of OpenSSL take the const away. */
static bool set_text(SSL *ssl, int command, long kind, const char *text)
{
    return SSL_ctrl(ssl, command, kind, (void *)(uintptr_t)text) == 1;
}

static bool set_ciphers(SSL *ssl, const struct tls_request *request)
{
    const char *ciphers = request->ciphers != NULL               ? request->ciphers
                          : BY_KEY[request->key].ciphers != NULL ? BY_KEY[request->key].ciphers
                                                                 : ALL_CIPHERS;
    const char *algorithms = BY_KEY[request->key].algorithms;
    return SSL_set_cipher_list(ssl, ciphers) == 1 &&
           (algorithms == NULL || set_text(ssl, SSL_CTRL_SET_SIGALGS_LIST, 0, algorithms));
}

/* For SNI: no address (RFC 6066 3). */
static const char *host_name(const struct tls_request *request)
{
    struct ip_address address;
    const char *name = request->server_name;
    return name == NULL || name[0] == '\0' || ip_parse(slice_of(name), &address) ? NULL : name;
}

static void say_hello(struct tls *tls, const struct tls_request *request)
{
    uint8_t random[TLS_HELLO_RANDOM_SIZE];
    char hello[TLS_HELLO_SIZE];
    random_bytes(random, sizeof random);
    size_t length = tls_hello_print(request->hello, host_name(request), random, hello);
    if (BIO_write(tls->out, hello, (int)length) != (int)length) {
        memory_exhausted();
    }
    tls->hello_offer = request->hello;
    tls->hello.wants_key = request->hello == TLS_HELLO_RAW_KEY;
}

static bool set_request(struct tls *tls, const struct tls_request *request)
{
    const char *name = host_name(request);
    if (name != NULL &&
        !set_text(tls->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name)) {
        return false;
    }
    if (request->verify_at != 0) {
        X509_VERIFY_PARAM_set_time(SSL_get0_param(tls->ssl), (time_t)request->verify_at);
    }
    return SSL_set_min_proto_version(tls->ssl, request->minimum != TLS_ANY ? (int)request->minimum
                                                                           : TLS_1_0) == 1 &&
           SSL_set_max_proto_version(tls->ssl, (int)request->maximum) == 1 &&
           set_ciphers(tls->ssl, request);
}

struct tls *tls_new(struct tls_context *context, struct arena *arena,
                    const struct tls_request *request)
{
    struct tls *tls = memory_new(1, sizeof *tls);
    ERR_clear_error();
    tls->arena = arena;
    tls->facts = arena_alloc(arena, sizeof *tls->facts);
    tls->facts->cipher = tls->facts->group = tls->facts->reason = "";
    tls->ssl = SSL_new(context->ssl);
    tls->in = BIO_new(BIO_s_mem());
    tls->out = BIO_new(BIO_s_mem());
    if (tls->ssl == NULL || tls->in == NULL || tls->out == NULL) {
        memory_exhausted();
    }
    BIO_set_mem_eof_return(tls->in, -1);
    SSL_set_bio(tls->ssl, tls->in, tls->out);
    SSL_set_app_data(tls->ssl, tls);
    SSL_set_connect_state(tls->ssl);
    if (request->hello != TLS_HELLO_NONE) {
        say_hello(tls, request);
    } else if (!set_request(tls, request)) {
        fail(tls, TLS_UNUSABLE_REQUEST);
    }
    return tls;
}

void tls_free(struct tls *tls)
{
    if (tls != NULL) {
        SSL_free(tls->ssl);
        free(tls);
    }
}

/* Octets that no TLS server starts with: it speaks in the clear. */
static bool is_clear(struct tls *tls, struct slice octets)
{
    if (tls->has_input || octets.length == 0) {
        return false;
    }
    tls->has_input = true;
    return octets.start[0] != RECORD_ALERT && octets.start[0] != RECORD_HANDSHAKE;
}

void tls_feed(struct tls *tls, struct slice octets)
{
    if (tls->is_ended) {
        return;
    }
    if (is_clear(tls, octets)) {
        struct slice kept = slice_sub(octets, 0, TLS_CLEAR_MAX);
        tls->facts->clear = slice_new(arena_copy_slice(tls->arena, kept), kept.length);
        fail(tls, TLS_NOT_TLS);
        return;
    }
    tls_hello_feed(&tls->hello, octets);
    if (tls->hello.is_found) {
        tls->facts->hello_version = tls->hello.version;
    }
    int length = octets.length > INT_MAX ? INT_MAX : (int)octets.length;
    if (length > 0 && tls->hello_offer == TLS_HELLO_NONE &&
        BIO_write(tls->in, octets.start, length) != length) {
        memory_exhausted();
    }
}

void tls_feed_end(struct tls *tls)
{
    fail(tls, TLS_CUT);
}

/* What an operation came to that did not succeed. */
static void settle(struct tls *tls, int result)
{
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        break;
    case SSL_ERROR_ZERO_RETURN:
        tls->facts->closed_cleanly = true;
        fail(tls, TLS_CUT);
        break;
    default:
        fail(tls, tls->facts->alert_name != NULL ? TLS_ALERTED : TLS_FAILED);
        break;
    }
}

static void agree(struct tls *tls, const struct tls_hello_cipher *cipher)
{
    struct tls_facts *facts = tls->facts;
    const struct tls_hello *hello = &tls->hello;
    char farewell[TLS_HELLO_FAREWELL_SIZE];
    facts->version = hello->version;
    facts->cipher = cipher != NULL ? cipher->name : "";
    facts->cipher_grade = cipher != NULL ? cipher->grade : TLS_CIPHER_FINE;
    facts->is_anonymous = cipher != NULL && cipher->is_anonymous;
    facts->compression = hello->compression != 0;
    facts->secure_renegotiation = hello->secure_renegotiation;
    if (hello->has_raw_key) {
        struct certificate *key = arena_alloc(tls->arena, sizeof *key);
        certificate_parse_raw_key(tls->arena, tls_hello_raw_key(hello), key);
        facts->raw_key = key;
    }
    size_t length = tls_hello_farewell(hello->version, farewell);
    BIO_write(tls->out, farewell, (int)length);
    fail(tls, TLS_AGREED);
}

/* The server's first message, and its key where that is wanted, is all that is waited for. */
static void settle_hello(struct tls *tls)
{
    struct tls_facts *facts = tls->facts;
    const struct tls_hello *hello = &tls->hello;
    const struct tls_hello_cipher *cipher = tls_hello_cipher(hello->cipher);
    bool is_usual =
        tls->hello_offer == TLS_HELLO_COMPRESSED || tls->hello_offer == TLS_HELLO_RAW_KEY;
    if (hello->is_alert) {
        facts->alert = hello->alert;
        facts->alert_name = SSL_alert_desc_string_long(hello->alert);
        fail(tls, TLS_ALERTED);
    } else if (hello->is_bad) {
        fail(tls, TLS_FAILED);
        facts->reason =
            hello->is_found ? "no raw public key after agreeing to it" : "no ServerHello";
    } else if (hello->is_done && cipher == NULL && !is_usual) {
        fail(tls, TLS_FAILED);
        facts->reason = "a cipher that was not offered";
    } else if (hello->is_done) {
        agree(tls, cipher);
    }
}

void tls_advance(struct tls *tls)
{
    if (tls->is_ended || tls->facts->outcome != TLS_PENDING) {
        return;
    }
    if (tls->hello_offer != TLS_HELLO_NONE) {
        settle_hello(tls);
        return;
    }
    ERR_clear_error();
    int result = SSL_do_handshake(tls->ssl);
    if (result == 1) {
        tls->facts->outcome = TLS_ESTABLISHED;
        tls_facts_collect(tls);
    } else {
        settle(tls, result);
    }
}

size_t tls_drain(struct tls *tls, char *buffer, size_t size)
{
    int length = BIO_read(tls->out, buffer, size > INT_MAX ? INT_MAX : (int)size);
    return length > 0 ? (size_t)length : 0;
}

size_t tls_read(struct tls *tls, char *buffer, size_t size)
{
    if (tls->is_ended || tls->facts->outcome != TLS_ESTABLISHED || size == 0) {
        return 0;
    }
    ERR_clear_error();
    int length = SSL_read(tls->ssl, buffer, size > INT_MAX ? INT_MAX : (int)size);
    if (length <= 0) {
        settle(tls, length);
        return 0;
    }
    return (size_t)length;
}

bool tls_write(struct tls *tls, struct slice octets)
{
    if (tls->is_ended || tls->facts->outcome != TLS_ESTABLISHED || octets.length > INT_MAX) {
        return false;
    }
    ERR_clear_error();
    int length = SSL_write(tls->ssl, octets.start, (int)octets.length);
    if (length <= 0) {
        settle(tls, length);
    }
    return length > 0;
}

/* Tickets come behind the handshake. */
static void note_early_data(struct tls *tls)
{
    const SSL_SESSION *session = SSL_get0_session(tls->ssl);
    if (session != NULL && SSL_SESSION_get_max_early_data(session) > 0) {
        tls->facts->early_data = true;
    }
}

void tls_finish(struct tls *tls)
{
    note_early_data(tls);
    if (tls->facts->outcome == TLS_ESTABLISHED && (!tls->is_ended || tls->facts->closed_cleanly)) {
        ERR_clear_error();
        SSL_shutdown(tls->ssl);
        ERR_clear_error();
    }
}

const struct tls_facts *tls_facts(const struct tls *tls)
{
    return tls->facts;
}

const char *tls_version_name(unsigned version)
{
    switch (version) {
    case TLS_1_0:
        return "1.0";
    case TLS_1_1:
        return "1.1";
    case TLS_1_2:
        return "1.2";
    case TLS_1_3:
        return "1.3";
    default:
        return "";
    }
}
