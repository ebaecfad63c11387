/*
 * A TLS server in memory beside the client of net/tls.h, certificates by letter, and a folder with
 * the root that is trusted.
 *
 *     L leaf (EC)  A leaf (RSA)  D leaf of the root  S self-signed  X expired  Y not yet valid
 *     Z expired and self-signed  P for clients  B badly signed  G of F
 *     I intermediate  E expired one  N one that is no authority  R root  F foreign root
 */
#ifndef TESTS_UNIT_TLS_FIXTURE_H
#define TESTS_UNIT_TLS_FIXTURE_H

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "net/tls.h"

extern char tls_fixture_folder[64];   /* hashed */
extern char tls_fixture_ca_file[128]; /* in it */

void tls_fixture_make_folder(void);
void tls_fixture_remove_folder(void);

X509 *tls_fixture_certificate(char letter);

struct tls_fixture_server {
    const char *chain;
    const char *second; /* another leaf and its chain, of another key */
    int minimum, maximum;
    const char *ciphers;
    struct slice staple;
};

struct tls_fixture {
    struct arena arena;
    struct tls_context *context;
    struct tls *client;
    SSL_CTX *server_context;
    SSL *server;
    const struct tls_facts *facts;
};

/* Holds the handshake; octets from the server come in pieces of `piece`. */
void tls_fixture_open(struct tls_fixture *session, const struct tls_fixture_server *server,
                      const struct tls_request *request, size_t piece);
void tls_fixture_close(struct tls_fixture *session);

/* Moves octets both ways until nothing moves. */
void tls_fixture_pump(struct tls *client, SSL *server, size_t piece);

#endif
