/*
 * What the parts of net/tls share: tls.c (the filter), tls_context.c (authorities),
 * tls_authority_file.c (a file of them), tls_facts.c (what a finished handshake says), tls_staple.c
 * (OCSP).
 */
#ifndef COMMON_NET_TLS_INTERNAL_H
#define COMMON_NET_TLS_INTERNAL_H

#include <openssl/ssl.h>

#include "net/tls.h"

struct tls_context {
    SSL_CTX *ssl;
    struct tls_authority_file *file; /* NULL: none */
};

/* Authorities of a PEM file for that store. OpenSSL would take all of them apart at once, which
 * costs 20 ms for the usual 150; here their names are read, at once or when the first issuer is
 * looked for, and of a certificate more only when a chain leads to it. NULL: `is_read_now`, and it
 * cannot be read, or holds something that is no certificate. The path must outlive it, and it the
 * store. */
struct tls_authority_file *tls_authority_file_open(X509_STORE *store, const char *path,
                                                   bool is_read_now);
void tls_authority_file_close(struct tls_authority_file *file);

struct tls {
    SSL *ssl;
    BIO *in, *out; /* owned by ssl */
    struct arena *arena;
    struct tls_facts *facts;
    struct tls_hello hello;           /* the server's first message, read along */
    enum tls_hello_offer hello_offer; /* not NONE: there is no handshake */
    bool has_input;                   /* something came from the server */
    bool is_ended;                    /* the session or the wire has */
};

/* Called by OpenSSL for each certificate and each fault: notes it and goes on. */
int tls_facts_on_verify(int is_fine, X509_STORE_CTX *store);
void tls_facts_on_info(const SSL *ssl, int where, int value);

/* Fills what a finished handshake shows. */
void tls_facts_collect(struct tls *tls);

enum tls_staple tls_staple_status(SSL *ssl);

#endif
