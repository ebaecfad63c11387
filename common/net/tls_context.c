#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "base/memory.h"
#include "net/tls_internal.h"

#define HASH_DIGITS 8

/* c_rehash and `openssl rehash` name files "01234567.0". */
static bool is_hash_name(const char *name)
{
    return strspn(name, "0123456789abcdef") == HASH_DIGITS && name[HASH_DIGITS] == '.' &&
           name[HASH_DIGITS + 1] >= '0' && name[HASH_DIGITS + 1] <= '9';
}

static bool is_hashed(const char *path)
{
    DIR *folder = opendir(path);
    bool is_found = false;
    const struct dirent *entry;
    while (folder != NULL && !is_found && (entry = readdir(folder)) != NULL) {
        is_found = is_hash_name(entry->d_name);
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return is_found;
}

static const char *from_environment(const char *variable, const char *otherwise)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != '\0' ? value : otherwise;
}

/* OpenSSL's own choice, without reading a file of all authorities where a hashed folder does. */
static void load_system(struct tls_context *context)
{
    const char *file = from_environment(X509_get_default_cert_file_env(), NULL);
    const char *path =
        from_environment(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
    bool has_path = is_hashed(path) && SSL_CTX_load_verify_locations(context->ssl, NULL, path) == 1;
    if (file == NULL && !has_path) {
        file = X509_get_default_cert_file();
    }
    /* No authorities at all: then nothing is trusted, which is a fact. */
    if (file != NULL) {
        context->file = tls_authority_file_open(SSL_CTX_get_cert_store(context->ssl), file, false);
    }
    ERR_clear_error();
}

static bool load(struct tls_context *context, const struct tls_authorities *authorities,
                 char error[static 128])
{
    if (authorities->file == NULL && authorities->path == NULL) {
        load_system(context);
        return true;
    }
    if (authorities->file != NULL) {
        context->file =
            tls_authority_file_open(SSL_CTX_get_cert_store(context->ssl), authorities->file, true);
    }
    if (authorities->file != NULL && context->file == NULL) {
        snprintf(error, 128, "no certificate can be read from the file %.80s", authorities->file);
        return false;
    }
    if (authorities->path != NULL &&
        (!is_hashed(authorities->path) ||
         SSL_CTX_load_verify_locations(context->ssl, NULL, authorities->path) != 1)) {
        snprintf(error, 128, "%.80s is no folder of hashed certificates", authorities->path);
        return false;
    }
    return true;
}

struct tls_context *tls_context_new(const struct tls_authorities *authorities,
                                    char error[static 128])
{
    struct tls_context *context = memory_new(1, sizeof *context);
    context->ssl = SSL_CTX_new(TLS_client_method());
    if (context->ssl == NULL) {
        memory_exhausted();
    }
    /* Weak things must be seen to be named: what is too weak is for the judge. */
    SSL_CTX_set_security_level(context->ssl, 0);
    SSL_CTX_set_options(context->ssl, SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context->ssl, SSL_VERIFY_PEER, tls_facts_on_verify);
    SSL_CTX_set_info_callback(context->ssl, tls_facts_on_info);
    SSL_CTX_set_tlsext_status_type(context->ssl, TLSEXT_STATUSTYPE_ocsp);
    if (!load(context, authorities, error)) {
        tls_context_free(context);
        ERR_clear_error();
        return NULL;
    }
    return context;
}

void tls_context_free(struct tls_context *context)
{
    if (context != NULL) {
        SSL_CTX_free(context->ssl);
        tls_authority_file_close(context->file);
        free(context);
    }
}
