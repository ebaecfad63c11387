#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/memory.h"
#include "net/tls_internal.h"

#define AUTHORITIES_MAX 10000

/* One certificate of the file: of most nobody ever wants more than the name. */
struct authority {
    X509_NAME *subject;
    unsigned char *der;
    long length;
    bool has_trust; /* "TRUSTED CERTIFICATE": OpenSSL's own form */
    bool is_loaded;
};

struct tls_authority_file {
    const char *path;
    bool is_read;
    struct authority *list;
    size_t count;
};

/* Steps over an element, or into it. */
static bool skip(const unsigned char **at, const unsigned char *end, bool is_entered)
{
    const unsigned char *content = *at;
    long length = 0;
    int tag = 0;
    int class = 0;
    int flags = ASN1_get_object(&content, &length, &tag, &class, end - *at);
    if ((flags & 0x80) != 0 || (flags & 1) != 0 || length > end - content)
        return false;
    *at = is_entered ? content : content + length;
    return true;
}

/*
 * TBSCertificate ::= SEQUENCE { version [0] EXPLICIT Version DEFAULT v1, serialNumber, signature,
 *     issuer, validity, subject Name, ... }                                 RFC 5280 4.1
 */
static X509_NAME *read_subject(const unsigned char *der, long length)
{
    const unsigned char *at = der;
    const unsigned char *end = der + length;
    bool is_good = true;
    for (int i = 0; i < 2 && is_good; i++)
        is_good = skip(&at, end, true);
    if (is_good && at < end && *at == (V_ASN1_CONTEXT_SPECIFIC | V_ASN1_CONSTRUCTED))
        is_good = skip(&at, end, false);
    for (int i = 0; i < 4 && is_good; i++)
        is_good = skip(&at, end, false);
    return is_good ? d2i_X509_NAME(NULL, &at, end - at) : NULL;
}

/* Takes the octets. False for what should be a certificate and is none. */
static bool add(struct tls_authority_file *file, const char *kind, unsigned char *der, long length)
{
    bool has_trust = strcmp(kind, PEM_STRING_X509_TRUSTED) == 0;
    bool is_certificate =
        has_trust || strcmp(kind, PEM_STRING_X509) == 0 || strcmp(kind, PEM_STRING_X509_OLD) == 0;
    X509_NAME *subject =
        is_certificate && file->count < AUTHORITIES_MAX ? read_subject(der, length) : NULL;
    if (subject == NULL) {
        OPENSSL_free(der);
        return !is_certificate;
    }
    file->list = memory_resize(file->list, file->count + 1, sizeof *file->list);
    file->list[file->count++] = (struct authority){
        .subject = subject,
        .der = der,
        .length = length,
        .has_trust = has_trust,
    };
    return true;
}

/* False when the file cannot be opened, or is not all good to its end. */
static bool read_file(struct tls_authority_file *file)
{
    BIO *bio = BIO_new_file(file->path, "r");
    char *kind = NULL;
    char *header = NULL;
    unsigned char *der = NULL;
    long length = 0;
    bool is_good = bio != NULL;
    file->is_read = true;
    while (bio != NULL && PEM_read_bio(bio, &kind, &header, &der, &length) == 1) {
        is_good = add(file, kind, der, length) && is_good;
        OPENSSL_free(kind);
        OPENSSL_free(header);
    }
    bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    is_good = is_good && is_end && file->count > 0;
    BIO_free(bio);
    ERR_clear_error();
    return is_good;
}

static X509 *decode(const struct authority *authority)
{
    const unsigned char *at = authority->der;
    return authority->has_trust ? d2i_X509_AUX(NULL, &at, authority->length)
                                : d2i_X509(NULL, &at, authority->length);
}

static int data_index(void)
{
    static int index = -1;
    if (index < 0)
        index = X509_STORE_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    return index;
}

/* What the file has of that name goes into the store, where OpenSSL looks for it. */
static int on_issuer_wanted(X509 **issuer, X509_STORE_CTX *context, X509 *certificate)
{
    X509_STORE *store = X509_STORE_CTX_get0_store(context);
    struct tls_authority_file *file = X509_STORE_get_ex_data(store, data_index());
    const X509_NAME *name = X509_get_issuer_name(certificate);
    if (!file->is_read)
        read_file(file);
    for (size_t i = 0; i < file->count; i++) {
        struct authority *authority = &file->list[i];
        if (authority->is_loaded || X509_NAME_cmp(authority->subject, name) != 0)
            continue;
        X509 *found = decode(authority);
        authority->is_loaded = true;
        if (found != NULL)
            X509_STORE_add_cert(store, found);
        X509_free(found);
    }
    return X509_STORE_CTX_get1_issuer(issuer, context, certificate);
}

struct tls_authority_file *tls_authority_file_open(X509_STORE *store, const char *path,
                                                   bool is_read_now)
{
    struct tls_authority_file *file = memory_new(1, sizeof *file);
    file->path = path;
    if (is_read_now && !read_file(file)) {
        tls_authority_file_close(file);
        return NULL;
    }
    X509_STORE_set_ex_data(store, data_index(), file);
    X509_STORE_set_get_issuer(store, on_issuer_wanted);
    return file;
}

void tls_authority_file_close(struct tls_authority_file *file)
{
    if (file == NULL)
        return;
    for (size_t i = 0; i < file->count; i++) {
        X509_NAME_free(file->list[i].subject);
        OPENSSL_free(file->list[i].der);
    }
    free(file->list);
    free(file);
}
