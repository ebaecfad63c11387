#include "tls_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "cases.h"
#include "certificate_maker.h"

#define DAY 86400L
#define CA "critical,CA:TRUE"

char tls_fixture_folder[64] = "/tmp/test_tls.XXXXXX";
char tls_fixture_ca_file[128];
static char ca_hash[128];

static const struct certificate_recipe RECIPES[] = {
    ['L'] = {.subject = "leaf",
             .issuer = "Sub",
             .signer = CERTIFICATE_MAKER_EC_2,
             .to = 30 * DAY,
             .names = "DNS:mx.example.org"},
    ['A'] = {.subject = "rsa",
             .issuer = "Sub",
             .signer = CERTIFICATE_MAKER_EC_2,
             .to = 30 * DAY,
             .key = CERTIFICATE_MAKER_RSA},
    ['D'] = {.subject = "direct",
             .issuer = "Root",
             .signer = CERTIFICATE_MAKER_EC_3,
             .to = 30 * DAY                                                             },
    ['S'] = {.subject = "self",                   .to = 30 * DAY                                                       },
    ['X'] = {.subject = "expired",
             .issuer = "Sub",
             .signer = CERTIFICATE_MAKER_EC_2,
             .from = -2 * DAY,
             .to = -DAY},
    ['Y'] = {.subject = "young",
             .issuer = "Sub",
             .signer = CERTIFICATE_MAKER_EC_2,
             .from = DAY,
             .to = 2 * DAY},
    ['Z'] = {.subject = "both",                    .from = -2 * DAY,                                                         .to = -DAY                                   },
    ['P'] = {.subject = "client",
             .issuer = "Sub",
             .signer = CERTIFICATE_MAKER_EC_2,
             .to = DAY,
             .usage = "clientAuth"},
    ['B'] = {.subject = "badly signed",            .issuer = "Sub",                                                 .signer = CERTIFICATE_MAKER_EC,                                    .to = DAY       },
    ['I'] = {.subject = "Sub",
             .issuer = "Root",
             .key = CERTIFICATE_MAKER_EC_2,
             .signer = CERTIFICATE_MAKER_EC_3,
             .constraints = CA,
             .to = 60 * DAY},
    ['E'] = {.subject = "Sub",
             .issuer = "Root",
             .key = CERTIFICATE_MAKER_EC_2,
             .signer = CERTIFICATE_MAKER_EC_3,
             .constraints = CA,
             .from = -2 * DAY,
             .to = -DAY},
    ['N'] = {.subject = "Sub",
             .issuer = "Root",
             .key = CERTIFICATE_MAKER_EC_2,
             .signer = CERTIFICATE_MAKER_EC_3,
             .constraints = "critical,CA:FALSE",
             .to = 60 * DAY},
    ['R'] = {.subject = "Root",                       .key = CERTIFICATE_MAKER_EC_3,                                                            .constraints = CA,                   .to = 90 * DAY                                                             },
    ['F'] = {.subject = "Foreign",
             .key = CERTIFICATE_MAKER_EC_2,
             .constraints = CA,
             .to = 90 * DAY                                                            },
    ['G'] = {.subject = "of foreign",
             .issuer = "Foreign",
             .signer = CERTIFICATE_MAKER_EC_2,
             .to = DAY                                                             },
};

X509 *tls_fixture_certificate(char letter)
{
    return certificate_maker_make(&RECIPES[(unsigned char)letter]);
}

static int on_status(SSL *ssl, void *context)
{
    const struct tls_fixture_server *server = context;
    if (server->staple.start == NULL) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    unsigned char *copy = OPENSSL_malloc(server->staple.length);
    memcpy(copy, server->staple.start, server->staple.length);
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)server->staple.length);
    return SSL_TLSEXT_ERR_OK;
}

static void use_chain(SSL_CTX *context, const char *chain)
{
    X509 *leaf = tls_fixture_certificate(chain[0]);
    assert_int_equal(SSL_CTX_use_certificate(context, leaf), 1);
    X509_free(leaf);
    assert_int_equal(SSL_CTX_use_PrivateKey(
                         context, certificate_maker_key(RECIPES[(unsigned char)chain[0]].key)),
                     1);
    for (size_t i = 1; chain[i] != '\0'; i++) {
        assert_int_equal(SSL_CTX_add0_chain_cert(context, tls_fixture_certificate(chain[i])), 1);
    }
}

static SSL_CTX *server_context(const struct tls_fixture_server *server)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_min_proto_version(context, server->minimum);
    SSL_CTX_set_max_proto_version(context, server->maximum);
    SSL_CTX_set_tlsext_status_cb(context, on_status);
    SSL_CTX_set_tlsext_status_arg(context, (void *)(uintptr_t)server);
    if (server->ciphers != NULL) {
        assert_int_equal(SSL_CTX_set_cipher_list(context, server->ciphers), 1);
    }
    use_chain(context, server->chain);
    if (server->second != NULL) {
        use_chain(context, server->second);
    }
    return context;
}

void tls_fixture_pump(struct tls *client, SSL *server, size_t piece)
{
    char octets[4096];
    for (bool moves = true; moves;) {
        size_t length;
        moves = false;
        while ((length = tls_drain(client, octets, sizeof octets)) > 0) {
            BIO_write(SSL_get_rbio(server), octets, (int)length);
            moves = true;
        }
        if (SSL_do_handshake(server) == 1) {
            char unread[64];
            SSL_read(server, unread, sizeof unread);
        }
        int got;
        while ((got = BIO_read(SSL_get_wbio(server), octets, (int)piece)) > 0) {
            tls_feed(client, slice_new(octets, (size_t)got));
            tls_advance(client);
            moves = true;
        }
    }
    ERR_clear_error();
}

void tls_fixture_open(struct tls_fixture *session, const struct tls_fixture_server *server,
                      const struct tls_request *request, size_t piece)
{
    char error[128];
    struct tls_authorities authorities = {.file = tls_fixture_ca_file};
    *session = (struct tls_fixture){.context = tls_context_new(&authorities, error)};
    assert_non_null(session->context);
    session->server_context = server_context(server);
    session->server = SSL_new(session->server_context);
    SSL_set_bio(session->server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(session->server);
    session->client = tls_new(session->context, &session->arena, request);
    session->facts = tls_facts(session->client);
    tls_advance(session->client);
    tls_fixture_pump(session->client, session->server, piece);
}

void tls_fixture_close(struct tls_fixture *session)
{
    tls_free(session->client);
    tls_context_free(session->context);
    SSL_free(session->server);
    SSL_CTX_free(session->server_context);
    arena_release(&session->arena);
}

static void write_pem(const char *path, X509 *x509)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    PEM_write_X509(file, x509);
    fclose(file);
}

void tls_fixture_make_folder(void)
{
    X509 *root = tls_fixture_certificate('R');
    if (mkdtemp(tls_fixture_folder) == NULL) {
        printf("Bail out! no folder %s\n", tls_fixture_folder);
        exit(EXIT_FAILURE);
    }
    snprintf(tls_fixture_ca_file, sizeof tls_fixture_ca_file, "%s/ca.pem", tls_fixture_folder);
    snprintf(ca_hash, sizeof ca_hash, "%s/%08lx.0", tls_fixture_folder,
             X509_subject_name_hash(root));
    write_pem(tls_fixture_ca_file, root);
    write_pem(ca_hash, root);
    X509_free(root);
}

void tls_fixture_remove_folder(void)
{
    unlink(ca_hash);
    unlink(tls_fixture_ca_file);
    rmdir(tls_fixture_folder);
}
