#include "tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "tls_settings.h"

/* Sets of settings that are told apart. */
#define CONTEXTS_MAX 256

struct tls_context {
    struct tls_context *next;
    const struct setting *settings[SETTING_TLS_COUNT];
    struct tls_staple staple;
    SSL_CTX *ssl;
};

struct tls_store {
    const struct script *script;
    const char *folder;
    bool has_default; /* certificate */
    struct tls_context *contexts;
    size_t count;
};

struct tls_session {
    struct tls_store *store;
    struct session *session;
    SSL *ssl;
    BIO *from_client; /* both are the SSL's */
    BIO *to_client;
};

static void context_free(struct tls_context *context)
{
    SSL_CTX_free(context->ssl);
    tls_staple_release(&context->staple);
    free(context);
}

static void free_contexts(struct tls_store *store)
{
    while (store->contexts != NULL) {
        struct tls_context *next = store->contexts->next;

        context_free(store->contexts);
        store->contexts = next;
    }
    store->count = 0;
}

struct tls_store *tls_store_new(const struct script *script, const char *folder)
{
    struct tls_store *store = memory_new(1, sizeof(*store));
    char path[4096];

    store->script = script;
    store->folder = folder;
    if (folder != NULL &&
        snprintf(path, sizeof(path), "%s/%s.pem", folder, tls_default_certificate.value.start) > 0)
        store->has_default = access(path, R_OK) == 0;
    return store;
}

void tls_store_free(struct tls_store *store)
{
    free_contexts(store);
    free(store);
}

bool tls_store_check(struct tls_store *store, char message[static SCRIPT_MESSAGE_SIZE])
{
    for (size_t i = 0; i < store->script->setting_count; i++) {
        const struct setting *setting = &store->script->settings[i];
        char reason[TLS_REASON_SIZE] = "no memory";
        struct tls_staple staple = {0};
        SSL_CTX *context = tls_context_new();
        bool good =
            context != NULL && tls_setting_apply(context, &staple, setting, store->folder, reason);

        SSL_CTX_free(context);
        tls_staple_release(&staple);
        if (!good) {
            snprintf(message, SCRIPT_MESSAGE_SIZE, "%s:%zu: %s", store->script->file, setting->line,
                     reason);
            return false;
        }
    }
    return true;
}

bool tls_store_can_serve(const struct tls_store *store, const struct facts *facts)
{
    return store->has_default || script_setting(store->script, SETTING_CERTIFICATE, facts) != NULL;
}

static void choose(const struct tls_store *store, const struct facts *facts,
                   const struct setting *settings[SETTING_TLS_COUNT])
{
    for (size_t i = 0; i < SETTING_TLS_COUNT; i++)
        settings[i] =
            script_setting(store->script, (enum setting_kind)(SETTING_TLS_FIRST + i), facts);
    if (settings[0] == NULL && store->has_default)
        settings[0] = &tls_default_certificate;
}

static int choose_by_name(SSL *ssl, int *alert, void *argument);

static struct tls_context *context_new(const struct tls_store *store,
                                       const struct setting *const settings[SETTING_TLS_COUNT],
                                       char *message)
{
    struct tls_context *context = memory_new(1, sizeof(*context));
    bool good = true;

    memcpy(context->settings, settings, sizeof(context->settings));
    context->ssl = tls_context_new();
    if (context->ssl == NULL)
        memory_exhausted();
    for (size_t i = 0; good && i < SETTING_TLS_COUNT; i++)
        good = settings[i] == NULL || tls_setting_apply(context->ssl, &context->staple, settings[i],
                                                        store->folder, message);
    SSL_CTX_set_tlsext_servername_callback(context->ssl, choose_by_name);
    if (good)
        return context;
    context_free(context);
    return NULL;
}

static struct tls_context *context_for(struct tls_store *store, const struct facts *facts,
                                       char *message)
{
    const struct setting *settings[SETTING_TLS_COUNT];

    choose(store, facts, settings);
    for (struct tls_context *known = store->contexts; known != NULL; known = known->next) {
        if (memcmp(known->settings, settings, sizeof(settings)) == 0)
            return known;
    }

    if (store->count == CONTEXTS_MAX) {
        snprintf(message, TLS_MESSAGE_SIZE, "too many sets of TLS settings");
        return NULL;
    }
    struct tls_context *context = context_new(store, settings, message);

    if (context == NULL)
        return NULL;
    context->next = store->contexts;
    store->contexts = context;
    store->count++;
    return context;
}

/* The certificate and its staple may depend on the name; what was negotiated by then does not. */
static int choose_by_name(SSL *ssl, int *alert, void *argument)
{
    struct tls_session *tls = SSL_get_app_data(ssl);
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    char message[TLS_MESSAGE_SIZE];

    (void)argument;
    if (name == NULL)
        return SSL_TLSEXT_ERR_NOACK;
    session_set(tls->session, CONDITION_SNI, slice_of(name));

    const struct tls_context *context = context_for(tls->store, &tls->session->facts, message);

    if (context == NULL) {
        *alert = SSL_AD_INTERNAL_ERROR;
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    SSL_set_SSL_CTX(ssl, context->ssl);
    return SSL_TLSEXT_ERR_OK;
}

struct tls_session *tls_session_new(struct tls_store *store, struct session *session,
                                    char message[static TLS_MESSAGE_SIZE])
{
    const struct tls_context *context = context_for(store, &session->facts, message);

    if (context == NULL)
        return NULL;

    struct tls_session *tls = memory_new(1, sizeof(*tls));

    tls->store = store;
    tls->session = session;
    tls->ssl = SSL_new(context->ssl);
    tls->from_client = BIO_new(BIO_s_mem());
    tls->to_client = BIO_new(BIO_s_mem());
    if (tls->ssl == NULL || tls->from_client == NULL || tls->to_client == NULL)
        memory_exhausted();
    BIO_set_mem_eof_return(tls->from_client, -1);
    SSL_set_bio(tls->ssl, tls->from_client, tls->to_client);
    SSL_set_app_data(tls->ssl, tls);
    SSL_set_accept_state(tls->ssl);
    return tls;
}

void tls_session_free(struct tls_session *tls)
{
    if (tls == NULL)
        return;
    SSL_free(tls->ssl);
    free(tls);
}

void tls_session_feed(struct tls_session *tls, const void *octets, size_t length)
{
    BIO_write(tls->from_client, octets, (int)length);
}

size_t tls_session_unread(const struct tls_session *tls)
{
    return BIO_ctrl_pending(tls->from_client);
}

size_t tls_session_take(struct tls_session *tls, void *octets, size_t size)
{
    int taken = BIO_read(tls->to_client, octets, (int)size);

    return taken > 0 ? (size_t)taken : 0;
}

int tls_session_handshake(struct tls_session *tls, char message[static TLS_MESSAGE_SIZE])
{
    ERR_clear_error();

    int result = SSL_do_handshake(tls->ssl);

    if (result == 1)
        return 1;
    if (SSL_get_error(tls->ssl, result) == SSL_ERROR_WANT_READ)
        return 0;

    const char *reason = ERR_reason_error_string(ERR_peek_error());

    snprintf(message, TLS_MESSAGE_SIZE, "%s", reason == NULL ? "no reason known" : reason);
    ERR_clear_error();
    return -1;
}

void tls_session_describe(const struct tls_session *tls, char text[static TLS_MESSAGE_SIZE])
{
    const char *name = SSL_get_servername(tls->ssl, TLSEXT_NAMETYPE_host_name);

    snprintf(text, TLS_MESSAGE_SIZE, "%s %s sni=%.100s", SSL_get_version(tls->ssl),
             SSL_get_cipher_name(tls->ssl), name == NULL ? "-" : name);
}

int tls_session_read(struct tls_session *tls, void *octets, size_t size)
{
    ERR_clear_error();

    int got = SSL_read(tls->ssl, octets, (int)size);

    if (got > 0)
        return got;
    switch (SSL_get_error(tls->ssl, got)) {
    case SSL_ERROR_WANT_READ:
        return TLS_READ_MORE;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_READ_NOTIFY;
    default:
        return TLS_READ_BROKEN;
    }
}

bool tls_session_write(struct tls_session *tls, const void *octets, size_t length)
{
    ERR_clear_error();
    return SSL_write(tls->ssl, octets, (int)length) > 0;
}

void tls_session_shutdown(struct tls_session *tls)
{
    ERR_clear_error();
    SSL_shutdown(tls->ssl);
}
