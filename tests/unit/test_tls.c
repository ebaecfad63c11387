#include <string.h>
#include <unistd.h>

#include <openssl/ocsp.h>
#include <openssl/ssl.h>

#include "base/clock.h"
#include "base/text.h"
#include "cases.h"
#include "certificate_maker.h"
#include "net/tls.h"
#include "tls_fixture.h"

#define DAY 86400L

/* ---- trust */

static const struct trust_row {
    const char *label;
    const char *chain;
    const char *errors; /* DEPTH:TRUST each */
    int64_t days_ahead;
} trust_rows[] = {
    {"RFC 5280 6: a whole chain",                          "LI",  "",                         0 },
    {"RFC 5280 6: with the root",                          "LIR", "",                         0 },
    {"RFC 5280 6: straight from the root",                 "D",   "",                         0 },
    {"RFC 5246 7.4.2: wrong order is found out",           "LRI", "",                         0 },
    {"a missing intermediate",                             "L",   "0:no-issuer 0:no-issuer ", 0 },
    {"a self-signed certificate",                          "S",   "0:self-signed ",           0 },
    {"a root that nobody trusts",                          "GF",  "1:unknown-root ",          0 },
    {"RFC 5280 4.1.2.5: expired",                          "XI",  "0:expired ",               0 },
    {"RFC 5280 4.1.2.5: not yet valid",                    "YI",  "0:not-yet ",               0 },
    {"RFC 5280 4.1.2.5: an expired intermediate",          "LE",  "1:expired ",               0 },
    {"expired and self-signed: both are said",             "Z",   "0:self-signed 0:expired ", 0 },
    {"RFC 5280 4.2.1.12: for clients only",                "PI",  "0:purpose ",               0 },
    {"RFC 5280 6.1.4 (k): an issuer that is no authority", "LN",  "1:bad-ca 1:purpose ",      0 },
    {"RFC 5280 6.1.3: a signature by another key",         "BI",  "0:bad-signature ",         0 },
    {"as of 40 days ahead the leaf has expired",           "LI",  "0:expired ",               40},
};

static const char *trust_word(enum tls_trust trust)
{
    static const char *const WORDS[] = {
        [TLS_TRUST_OTHER] = "other",
        [TLS_TRUST_SELF_SIGNED] = "self-signed",
        [TLS_TRUST_UNKNOWN_ROOT] = "unknown-root",
        [TLS_TRUST_NO_ISSUER] = "no-issuer",
        [TLS_TRUST_EXPIRED] = "expired",
        [TLS_TRUST_NOT_YET_VALID] = "not-yet",
        [TLS_TRUST_BAD_SIGNATURE] = "bad-signature",
        [TLS_TRUST_BAD_CA] = "bad-ca",
        [TLS_TRUST_PURPOSE] = "purpose",
        [TLS_TRUST_REVOKED] = "revoked",
    };
    return WORDS[trust];
}

static void test_trust(void **state)
{
    const struct trust_row *row = *state;
    struct tls_fixture session;
    struct text errors;
    struct tls_request request = {.server_name = "mx.example.org"};
    if (row->days_ahead > 0) {
        request.verify_at = clock_wall() + row->days_ahead * DAY;
    }
    tls_fixture_open(&session, &(struct tls_fixture_server){.chain = row->chain}, &request, 1000);
    text_init(&errors, 500);
    for (size_t i = 0; i < session.facts->error_count; i++) {
        const struct tls_error *error = &session.facts->errors[i];
        text_printf(&errors, "%u:%s ", error->depth, trust_word(error->trust));
        assert_true(strlen(error->text) > 5 && strlen(error->subject) > 3);
    }
    assert_int_equal(session.facts->outcome, TLS_ESTABLISHED);
    assert_string_equal(errors.start, row->errors);
    assert_int_equal(session.facts->chain.count, strlen(row->chain));
    text_release(&errors);
    tls_fixture_close(&session);
}

/* ---- what was negotiated */

static const struct facts_row {
    const char *label;
    struct tls_fixture_server server;
    struct tls_request request;
    enum tls_outcome outcome;
    const char *version, *cipher, *group;
    enum certificate_key key;
    enum tls_cipher_grade grade;
    bool forward_secrecy;
} facts_rows[] = {
    {"RFC 8446: TLS 1.3",
     {.chain = "LI"},
     {.key = TLS_KEY_ANY},
     TLS_ESTABLISHED,      "1.3",
     "TLS_AES_256_GCM_SHA384",        "X25519",
     CERTIFICATE_KEY_EC,    TLS_CIPHER_FINE,
     true },
    {"RFC 5246: TLS 1.2 is all that the server has",
     {.chain = "LI", .maximum = TLS_1_2},
     {.key = TLS_KEY_ANY},
     TLS_ESTABLISHED,      "1.2",
     "ECDHE-ECDSA-AES256-GCM-SHA384", "X25519",
     CERTIFICATE_KEY_EC,    TLS_CIPHER_FINE,
     true },
    {"RFC 8996: TLS 1.0 is seen, not refused",
     {.chain = "LI", .maximum = TLS_1_0},
     {.key = TLS_KEY_ANY},
     TLS_ESTABLISHED,      "1.0",
     "ECDHE-ECDSA-AES256-SHA",        "X25519",
     CERTIFICATE_KEY_EC,    TLS_CIPHER_FINE,
     true },
    {"TLS 1.2 at most when that is asked",
     {.chain = "LI"},
     {.maximum = TLS_1_2},
     TLS_ESTABLISHED,      "1.2",
     "ECDHE-ECDSA-AES256-GCM-SHA384", "X25519",
     CERTIFICATE_KEY_EC,    TLS_CIPHER_FINE,
     true },
    {"RFC 8446 4.2.1: TLS 1.3 asked of a server without",
     {.chain = "LI", .maximum = TLS_1_2},
     {.minimum = TLS_1_3},
     TLS_ALERTED,          "",
     "",                              "",
     CERTIFICATE_KEY_OTHER, TLS_CIPHER_FINE,
     false},
    {"RFC 7525 4.1: RSA key exchange has no forward secrecy",
     {.chain = "AI", .maximum = TLS_1_2, .ciphers = "AES128-SHA"},
     {.key = TLS_KEY_ANY},
     TLS_ESTABLISHED,      "1.2",
     "AES128-SHA",                    "",
     CERTIFICATE_KEY_RSA,   TLS_CIPHER_FINE,
     false},
    {"a cipher that the server has not",
     {.chain = "LI", .maximum = TLS_1_2},
     {.ciphers = "AES128-SHA"},
     TLS_ALERTED,          "",
     "",                              "",
     CERTIFICATE_KEY_OTHER, TLS_CIPHER_FINE,
     false},
    {"ciphers that OpenSSL does not know",
     {.chain = "LI"},
     {.ciphers = "NONSENSE"},
     TLS_UNUSABLE_REQUEST, "",
     "",                              "",
     CERTIFICATE_KEY_OTHER, TLS_CIPHER_FINE,
     false},
    {"both kinds of certificate: RSA under TLS 1.3",
     {.chain = "LI", .second = "AI"},
     {.key = TLS_KEY_RSA},
     TLS_ESTABLISHED,      "1.3",
     "TLS_AES_256_GCM_SHA384",        "X25519",
     CERTIFICATE_KEY_RSA,   TLS_CIPHER_FINE,
     true },
    {"both kinds of certificate: ECDSA under TLS 1.3",
     {.chain = "LI", .second = "AI"},
     {.key = TLS_KEY_ECDSA},
     TLS_ESTABLISHED,      "1.3",
     "TLS_AES_256_GCM_SHA384",        "X25519",
     CERTIFICATE_KEY_EC,    TLS_CIPHER_FINE,
     true },
    {"both kinds of certificate: RSA under TLS 1.2",
     {.chain = "LI", .second = "AI", .maximum = TLS_1_2},
     {.key = TLS_KEY_RSA},
     TLS_ESTABLISHED,      "1.2",
     "ECDHE-RSA-AES256-GCM-SHA384",   "X25519",
     CERTIFICATE_KEY_RSA,   TLS_CIPHER_FINE,
     true },
    {"both kinds of certificate: ECDSA under TLS 1.0",
     {.chain = "LI", .second = "AI", .maximum = TLS_1_0},
     {.key = TLS_KEY_ECDSA},
     TLS_ESTABLISHED,      "1.0",
     "ECDHE-ECDSA-AES256-SHA",        "X25519",
     CERTIFICATE_KEY_EC,    TLS_CIPHER_FINE,
     true },
    {"RSA asked of a server with ECDSA alone",
     {.chain = "LI"},
     {.key = TLS_KEY_RSA},
     TLS_ALERTED,          "",
     "",                              "",
     CERTIFICATE_KEY_OTHER, TLS_CIPHER_FINE,
     false},
    {"a cipher without encryption",
     {.chain = "LI", .maximum = TLS_1_2, .ciphers = "ECDHE-ECDSA-NULL-SHA"},
     {.ciphers = "eNULL"},
     TLS_ESTABLISHED,      "1.2",
     "ECDHE-ECDSA-NULL-SHA",          "X25519",
     CERTIFICATE_KEY_EC,    TLS_CIPHER_BROKEN,
     true },
};

static void test_facts(void **state)
{
    const struct facts_row *row = *state;
    static const size_t PIECES[] = {1, 4096};
    for (size_t i = 0; i < sizeof PIECES / sizeof PIECES[0]; i++) {
        struct tls_fixture session;
        tls_fixture_open(&session, &row->server, &row->request, PIECES[i]);
        const struct tls_facts *facts = session.facts;
        assert_int_equal(facts->outcome, row->outcome);
        assert_string_equal(tls_version_name(facts->version), row->version);
        assert_string_equal(facts->cipher, row->cipher);
        /* OpenSSL 3.5 prefers a hybrid group where there is TLS 1.3. */
        bool is_hybrid = OPENSSL_VERSION_NUMBER >= 0x30500000L && facts->version == TLS_1_3;
        assert_string_equal(facts->group, is_hybrid ? "X25519MLKEM768" : row->group);
        assert_int_equal(facts->cipher_grade, row->grade);
        assert_int_equal(facts->forward_secrecy, row->forward_secrecy);
        assert_int_equal(facts->alert_name != NULL, row->outcome == TLS_ALERTED);
        if (row->outcome == TLS_ESTABLISHED) {
            assert_int_equal(facts->chain.list[0].key, row->key);
            assert_int_equal(facts->error_count, 0);
            assert_true(facts->secure_renegotiation && !facts->compression);
        }
        tls_fixture_close(&session);
    }
}

/* ---- octets */

static void test_session(void **state)
{
    struct tls_fixture session;
    char octets[64];
    (void)state;
    tls_fixture_open(&session, &(struct tls_fixture_server){.chain = "LI"},
                     &(struct tls_request){.server_name = "mx.example.org"}, 4096);
    assert_string_equal(SSL_get_servername(session.server, TLSEXT_NAMETYPE_host_name),
                        "mx.example.org");
    assert_true(tls_write(session.client, slice_of("EHLO a\r\n")));
    size_t length = tls_drain(session.client, octets, sizeof octets);
    BIO_write(SSL_get_rbio(session.server), octets, (int)length);
    assert_int_equal(SSL_read(session.server, octets, sizeof octets), 8);
    SSL_write(session.server, "250 ok\r\n", 8);
    SSL_shutdown(session.server);
    tls_fixture_pump(session.client, session.server, 1);
    assert_int_equal(tls_read(session.client, octets, sizeof octets), 8);
    assert_memory_equal(octets, "250 ok\r\n", 8);
    assert_false(session.facts->closed_cleanly);
    assert_int_equal(tls_read(session.client, octets, sizeof octets), 0);
    assert_true(session.facts->closed_cleanly);
    assert_false(tls_write(session.client, slice_of("QUIT\r\n")));
    tls_finish(session.client);
    assert_true(tls_drain(session.client, octets, sizeof octets) > 0);
    tls_fixture_close(&session);
}

static void test_no_sni(void **state)
{
    static const char *const NAMES[] = {NULL, "", "192.0.2.1", "2001:db8::1"};
    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        struct tls_fixture session;
        tls_fixture_open(&session, &(struct tls_fixture_server){.chain = "LI"},
                         &(struct tls_request){.server_name = NAMES[i]}, 4096);
        assert_int_equal(session.facts->outcome, TLS_ESTABLISHED);
        assert_null(SSL_get_servername(session.server, TLSEXT_NAMETYPE_host_name));
        tls_fixture_close(&session);
    }
}

static void test_clear(void **state)
{
    struct arena arena = {0};
    char error[128];
    (void)state;
    struct tls_context *context =
        tls_context_new(&(struct tls_authorities){.file = tls_fixture_ca_file}, error);
    struct tls *tls = tls_new(context, &arena, &(struct tls_request){.key = TLS_KEY_ANY});
    tls_advance(tls);
    tls_feed(tls, SLICE_LITERAL("454 oops\r\n"));
    tls_advance(tls);
    assert_int_equal(tls_facts(tls)->outcome, TLS_NOT_TLS);
    assert_true(slice_equals_text(tls_facts(tls)->clear, "454 oops\r\n"));
    tls_free(tls);
    tls = tls_new(context, &arena, &(struct tls_request){.key = TLS_KEY_ANY});
    tls_advance(tls);
    tls_feed_end(tls);
    assert_int_equal(tls_facts(tls)->outcome, TLS_CUT);
    tls_free(tls);
    tls = tls_new(context, &arena, &(struct tls_request){.key = TLS_KEY_ANY});
    tls_advance(tls);
    tls_feed(tls, SLICE_LITERAL("\x16\x03\x03garbage and more of it"));
    tls_advance(tls);
    assert_int_equal(tls_facts(tls)->outcome, TLS_FAILED);
    assert_true(strlen(tls_facts(tls)->reason) > 3);
    tls_free(tls);
    tls_context_free(context);
    arena_release(&arena);
}

static void test_authorities(void **state)
{
    char error[128] = "";
    struct tls_context *context;
    (void)state;
    context = tls_context_new(&(struct tls_authorities){.path = tls_fixture_folder}, error);
    assert_non_null(context);
    tls_context_free(context);
    assert_null(tls_context_new(&(struct tls_authorities){.path = "/nonexistent"}, error));
    assert_non_null(strstr(error, "/nonexistent"));
    assert_null(tls_context_new(&(struct tls_authorities){.file = "/nonexistent.pem"}, error));
    assert_non_null(strstr(error, "/nonexistent.pem"));
    context = tls_context_new(&(struct tls_authorities){.file = NULL}, error);
    assert_non_null(context);
    tls_context_free(context);
}

/* What is no file of authorities. */
static const struct file_row {
    const char *label;
    const char *text;
    bool has_root; /* behind the text */
    bool is_good;
} file_rows[] = {
    {"RFC 7468 5.2: text before a certificate",         "The root of all tests\n",                                        true,  true },
    {"RFC 7468 2: something else before a certificate",
     "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n",                                                          true,  true },
    {"an empty file",                                   "",                                                               false, false},
    {"text",                                            "no certificate\n",                                               false, false},
    {"a certificate that is none",                      "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
     true,                                                                                                                       false},
    {"a certificate that is cut off",                   "-----BEGIN CERTIFICATE-----\nMII",                               false, false},
    {"a certificate whose length goes beyond its end",
     "-----BEGIN CERTIFICATE-----\nMIL//zCC//8=\n-----END CERTIFICATE-----\n",                                            true,  false},
};

static void test_file(void **state)
{
    const struct file_row *row = *state;
    char path[sizeof tls_fixture_folder + sizeof "/row.pem"];
    char error[128] = "";
    snprintf(path, sizeof path, "%s/row.pem", tls_fixture_folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(row->text, file);
    if (row->has_root) {
        X509 *root = tls_fixture_certificate('R');
        PEM_write_X509(file, root);
        X509_free(root);
    }
    fclose(file);
    struct tls_context *context = tls_context_new(&(struct tls_authorities){.file = path}, error);
    assert_int_equal(context != NULL, row->is_good);
    assert_int_equal(error[0] == '\0', row->is_good);
    tls_context_free(context);
    unlink(path);
}

/* ---- staples */

static struct slice make_staple(int status, long from, long to, enum certificate_maker_key signer,
                                char about)
{
    X509 *leaf = tls_fixture_certificate(about);
    X509 *issuer = tls_fixture_certificate('I');
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, leaf, issuer);
    ASN1_TIME *start = X509_gmtime_adj(NULL, from);
    ASN1_TIME *end = X509_gmtime_adj(NULL, to);
    assert_non_null(OCSP_basic_add1_status(basic, id, status, 0, start, start, end));
    assert_int_equal(OCSP_basic_sign(basic, issuer, certificate_maker_key(signer), EVP_sha256(),
                                     NULL, OCSP_NOCERTS),
                     signer == CERTIFICATE_MAKER_EC_2);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    unsigned char *der = NULL;
    int length = i2d_OCSP_RESPONSE(response, &der);
    OCSP_RESPONSE_free(response);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    ASN1_TIME_free(start);
    ASN1_TIME_free(end);
    X509_free(leaf);
    X509_free(issuer);
    return slice_new((const char *)der, (size_t)length);
}

static const struct staple_row {
    const char *label;
    int status;
    long from, to;
    char about;
    enum tls_staple staple;
} staple_rows[] = {
    {"RFC 6066 8: a good staple",                    V_OCSP_CERTSTATUS_GOOD,    -60,      DAY,  'L', TLS_STAPLE_GOOD   },
    {"RFC 6066 8: a revoked certificate",            V_OCSP_CERTSTATUS_REVOKED, -60,      DAY,  'L',
     TLS_STAPLE_REVOKED                                                                                                },
    {"RFC 6960 2.2: the responder does not know it", V_OCSP_CERTSTATUS_UNKNOWN, -60,      DAY,  'L',
     TLS_STAPLE_UNKNOWN                                                                                                },
    {"RFC 6960 4.2.2.1: an old staple",              V_OCSP_CERTSTATUS_GOOD,    -3 * DAY, -DAY, 'L',
     TLS_STAPLE_STALE                                                                                                  },
    {"RFC 6066 8: no staple",                        V_OCSP_CERTSTATUS_GOOD,    0,        0,    0,   TLS_STAPLE_NONE   },
    {"RFC 6066 8: no DER",                           V_OCSP_CERTSTATUS_GOOD,    0,        0,    '?', TLS_STAPLE_INVALID},
};

static void test_staple(void **state)
{
    const struct staple_row *row = *state;
    struct tls_fixture session;
    struct tls_fixture_server server = {.chain = "LI"};
    if (row->about == '?') {
        server.staple = SLICE_LITERAL("no DER");
    } else if (row->about != 0) {
        server.staple =
            make_staple(row->status, row->from, row->to, CERTIFICATE_MAKER_EC_2, row->about);
    }
    tls_fixture_open(&session, &server, &(struct tls_request){.key = TLS_KEY_ANY}, 4096);
    assert_int_equal(session.facts->outcome, TLS_ESTABLISHED);
    assert_int_equal(session.facts->staple, row->staple);
    tls_fixture_close(&session);
    if (row->about != '?') {
        OPENSSL_free((void *)(uintptr_t)server.staple.start);
    }
}

int main(void)
{
    static struct cases cases;

    tls_fixture_make_folder();
    CASES_TABLE(&cases, test_trust, trust_rows);
    CASES_TABLE(&cases, test_facts, facts_rows);
    CASES_TABLE(&cases, test_staple, staple_rows);
    cases_add(&cases, "RFC 8446 6.1: octets both ways and close_notify", test_session, NULL);
    cases_add(&cases, "RFC 6066 3: no server name, and never an address", test_no_sni, NULL);
    cases_add(&cases, "what is no TLS, what breaks off and what is garbage", test_clear, NULL);
    CASES_TABLE(&cases, test_file, file_rows);
    cases_add(&cases, "authorities from a file, a hashed folder, the system", test_authorities,
              NULL);
    int outcome = cases_run(&cases, "tls");
    certificate_maker_close();
    tls_fixture_remove_folder();
    return outcome;
}
