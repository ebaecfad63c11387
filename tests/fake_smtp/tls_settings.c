#include "tls_settings.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define PATH_SIZE 4096
#define STAPLE_MAX 65536
#define EARLY_DATA 16384

const struct setting tls_default_certificate = {
    .kind = SETTING_CERTIFICATE,
    .value = {"good", 4},
};

void tls_staple_release(struct tls_staple *staple)
{
    free(staple->octets);
    *staple = (struct tls_staple){0};
}

static bool fail(char *reason, const char *what)
{
    const char *why = ERR_reason_error_string(ERR_peek_last_error());

    snprintf(reason, TLS_REASON_SIZE, "%.160s: %.80s", what, why == NULL ? "cannot be used" : why);
    ERR_clear_error();
    return false;
}

SSL_CTX *tls_context_new(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (context == NULL)
        return NULL;
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, 0);
    SSL_CTX_set_max_proto_version(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_dh_auto(context, 1);
    SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
    return context;
}

static bool make_path(char path[static PATH_SIZE], const char *folder, struct slice name,
                      const char *suffix)
{
    bool alone = folder == NULL || slice_starts_with(name, "/") || slice_starts_with(name, ".");
    int length = snprintf(path, PATH_SIZE, "%s%s%.*s%s", alone ? "" : folder, alone ? "" : "/",
                          SLICE_PRINTF(name), suffix);

    return length > 0 && length < PATH_SIZE;
}

/* Words: each a chain and a key; "none" is no certificate. */
static bool apply_certificates(SSL_CTX *context, struct slice names, const char *folder,
                               char *reason)
{
    while (names.length > 0) {
        struct slice name = bracket_word(&names);
        char chain[PATH_SIZE], key[PATH_SIZE];

        if (slice_equals_text(name, "none"))
            continue;
        if (!make_path(chain, folder, name, ".pem") || !make_path(key, folder, name, ".key"))
            return fail(reason, "a path is too long");
        if (SSL_CTX_use_certificate_chain_file(context, chain) != 1)
            return fail(reason, chain);
        if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
            return fail(reason, key);
    }
    return true;
}

static int give_staple(SSL *ssl, void *argument)
{
    const struct tls_staple *staple = argument;
    unsigned char *copy = OPENSSL_malloc(staple->length);

    if (copy == NULL)
        return SSL_TLSEXT_ERR_NOACK;
    memcpy(copy, staple->octets, staple->length);
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)staple->length);
    return SSL_TLSEXT_ERR_OK;
}

static bool apply_staple(SSL_CTX *context, struct tls_staple *staple, struct slice name,
                         const char *folder, char *reason)
{
    char path[PATH_SIZE];
    FILE *file = make_path(path, folder, name, ".ocsp") ? fopen(path, "rb") : NULL;

    if (file == NULL)
        return fail(reason, path);
    tls_staple_release(staple);
    staple->octets = memory_new(STAPLE_MAX, 1);
    staple->length = fread(staple->octets, 1, STAPLE_MAX, file);
    fclose(file);
    if (staple->length == 0)
        return fail(reason, path);
    SSL_CTX_set_tlsext_status_cb(context, give_staple);
    SSL_CTX_set_tlsext_status_arg(context, staple);
    return true;
}

static int parse_version(struct slice text)
{
    static const struct {
        const char *name;
        int version;
    } versions[] = {
        {"1.0", TLS1_VERSION  },
        {"1.1", TLS1_1_VERSION},
        {"1.2", TLS1_2_VERSION},
        {"1.3", TLS1_3_VERSION},
    };

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        if (slice_equals_text(text, versions[i].name))
            return versions[i].version;
    }
    return 0;
}

/* "1.2", or "1.0-1.2" */
static bool apply_versions(SSL_CTX *context, struct slice range, char *reason)
{
    size_t dash = slice_find(range, '-');
    int from = parse_version(slice_sub(range, 0, dash));
    int to = dash == range.length ? from : parse_version(slice_sub(range, dash + 1, range.length));

    if (from == 0 || to == 0 || from > to)
        return fail(reason, "tls-versions wants 1.0, 1.1, 1.2 or 1.3, or two with \"-\"");
    return (SSL_CTX_set_min_proto_version(context, from) == 1 &&
            SSL_CTX_set_max_proto_version(context, to) == 1) ||
           fail(reason, "tls-versions");
}

static bool apply_list(SSL_CTX *context, const struct setting *setting, char *reason)
{
    char list[PATH_SIZE];
    bool good;

    if (snprintf(list, sizeof(list), "%.*s", SLICE_PRINTF(setting->value)) >= (int)sizeof(list))
        return fail(reason, "the list is too long");
    if (setting->kind == SETTING_CIPHERS)
        good = SSL_CTX_set_cipher_list(context, list) == 1;
    else if (setting->kind == SETTING_CIPHERSUITES)
        good = SSL_CTX_set_ciphersuites(context, list) == 1;
    else if (setting->kind == SETTING_GROUPS)
        good = SSL_CTX_set1_groups_list(context, list) == 1;
    else
        good = SSL_CTX_set1_sigalgs_list(context, list) == 1;
    return good || fail(reason, list);
}

/* Any certificate is as good as none. */
static int take_certificate(int verified, X509_STORE_CTX *store)
{
    (void)verified;
    (void)store;
    return 1;
}

bool tls_setting_apply(SSL_CTX *context, struct tls_staple *staple, const struct setting *setting,
                       const char *folder, char reason[static TLS_REASON_SIZE])
{
    switch (setting->kind) {
    case SETTING_CERTIFICATE:
        return apply_certificates(context, setting->value, folder, reason);
    case SETTING_OCSP:
        return apply_staple(context, staple, setting->value, folder, reason);
    case SETTING_VERSIONS:
        return apply_versions(context, setting->value, reason);
    case SETTING_CIPHERS:
    case SETTING_CIPHERSUITES:
    case SETTING_GROUPS:
    case SETTING_SIGNATURES:
        return apply_list(context, setting, reason);
    case SETTING_WEAK_DH:
        /* 2: the group of 1024 bits for every certificate. */
        SSL_CTX_set_dh_auto(context, 2);
        return true;
    case SETTING_CLIENT_CERTIFICATE:
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, take_certificate);
        return true;
    case SETTING_NO_EMS:
        SSL_CTX_set_options(context, SSL_OP_NO_EXTENDED_MASTER_SECRET);
        return true;
    case SETTING_EARLY_DATA:
        SSL_CTX_set_options(context, SSL_OP_NO_ANTI_REPLAY);
        return SSL_CTX_set_max_early_data(context, EARLY_DATA) == 1 || fail(reason, "early-data");
    default:
        return true;
    }
}
