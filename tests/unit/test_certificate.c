#include <string.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "cases.h"
#include "certificate_maker.h"
#include "mail/certificate.h"

#define S CASES_SLICE
#define DAY 86400L

/* ---- names */

static const struct match_row {
    const char *label;
    const char *names;
    const char *host;
    bool allow_common_name;
    enum certificate_match match;
    const char *common_name; /* NULL: "other.example" */
} match_rows[] = {
    {"RFC 9525 6.3: the same name",                         "DNS:mx.example.org",                    "mx.example.org",           false,
     CERTIFICATE_MATCH,                                                                                                                                       NULL            },
    {"RFC 9525 6.3: case does not count",                   "DNS:MX.Example.ORG",                    "mx.example.org",           false,
     CERTIFICATE_MATCH,                                                                                                                                       NULL            },
    {"RFC 9525 6.3: the second of two names",               "DNS:a.example.org, DNS:mx.example.org",
     "mx.example.org",                                                                                                           false, CERTIFICATE_MATCH,    NULL            },
    {"RFC 9525 6.3: another name",                          "DNS:a.example.org",                     "mx.example.org",           false,
     CERTIFICATE_MISMATCH,                                                                                                                                    NULL            },
    {"RFC 9525 6.3: the domain does not match its host",    "DNS:example.org",                       "mx.example.org",           false,
     CERTIFICATE_MISMATCH,                                                                                                                                    NULL            },
    {"RFC 9525 6.3: a wildcard takes one label",            "DNS:*.example.org",                     "mx.example.org",           false,
     CERTIFICATE_MATCH_WILDCARD,                                                                                                                              NULL            },
    {"RFC 9525 6.3: the plain name beside a wildcard",      "DNS:*.example.org, DNS:mx.example.org",
     "mx.example.org",                                                                                                           false, CERTIFICATE_MATCH,    NULL            },
    {"RFC 9525 6.3: a wildcard does not take two labels",   "DNS:*.example.org",                     "a.mx.example.org",
     false,                                                                                                                             CERTIFICATE_MISMATCH, NULL            },
    {"RFC 9525 6.3: a wildcard does not take none",         "DNS:*.example.org",                     "example.org",              false,
     CERTIFICATE_MISMATCH,                                                                                                                                    NULL            },
    {"RFC 9525 6.3: a wildcard for part of a label",        "DNS:m*.example.org",                    "mx.example.org",           false,
     CERTIFICATE_MISMATCH,                                                                                                                                    NULL            },
    {"RFC 9525 6.3: a wildcard in the second label",        "DNS:mx.*.org",                          "mx.example.org",           false,
     CERTIFICATE_MISMATCH,                                                                                                                                    NULL            },
    {"RFC 6125 7.2: a wildcard over a top-level domain",    "DNS:*.org",                             "example.org",              false,
     CERTIFICATE_MISMATCH,                                                                                                                                    NULL            },
    {"a wildcard alone",                                    "DNS:*",                                 "org",                      false, CERTIFICATE_MISMATCH, NULL            },
    {"RFC 5890 2.3.2.1: A-labels",                          "DNS:mx.xn--bcher-kva.example",          "mx.xn--bcher-kva.example",
     false,                                                                                                                             CERTIFICATE_MATCH,    NULL            },
    {"RFC 9525 6.5: an IPv4 address",                       "IP:192.0.2.1",                          "192.0.2.1",                false, CERTIFICATE_MATCH,    NULL            },
    {"RFC 9525 6.5: an IPv6 address in another form",       "IP:2001:DB8:0::1",                      "2001:db8::1",              false,
     CERTIFICATE_MATCH,                                                                                                                                       NULL            },
    {"RFC 9525 6.5: another address",                       "IP:192.0.2.1",                          "192.0.2.2",                false, CERTIFICATE_MISMATCH,
     NULL                                                                                                                                                                     },
    {"RFC 9525 6.5: an address as dNSName does not count",  "DNS:192.0.2.1",                         "192.0.2.1",                false,
     CERTIFICATE_MISMATCH,                                                                                                                                    NULL            },
    {"RFC 9525 6.3: an e-mail address is no host",          "email:x@mx.example.org",                "mx.example.org",
     false,                                                                                                                             CERTIFICATE_MISMATCH, NULL            },
    {"RFC 9525 2: the common name does not count",          NULL,                                    "mx.example.org",           false,
     CERTIFICATE_MISMATCH,                                                                                                                                    "mx.example.org"},
    {"RFC 6125 6.4.4: the common name counts when allowed", NULL,                                    "mx.example.org",           true,
     CERTIFICATE_MATCH_COMMON_NAME,                                                                                                                           "mx.example.org"},
    {"RFC 6125 6.4.4: a dNSName puts the common name out",  "DNS:a.example.org",                     "mx.example.org",
     true,                                                                                                                              CERTIFICATE_MISMATCH, "mx.example.org"},
    {"RFC 6125 6.4.4: a common name that is no domain",     NULL,                                    "mx.example.org",           true,
     CERTIFICATE_MISMATCH,                                                                                                                                    "mx example org"},
};

static void test_match(void **state)
{
    const struct match_row *row = *state;
    struct arena arena = {0};
    struct certificate certificate;
    struct slice der = certificate_maker_der(certificate_maker_make(&(struct certificate_recipe){
        .subject = row->common_name != NULL ? row->common_name : "other.example",
        .names = row->names,
        .to = DAY,
    }));
    assert_true(certificate_parse(&arena, der, &certificate));
    assert_int_equal(certificate_match(&certificate, row->host, row->allow_common_name),
                     row->match);
    free((void *)(uintptr_t)der.start);
    arena_release(&arena);
}

static const struct octet_row {
    const char *label;
    struct slice name;
    enum certificate_name_kind kind;
    const char *host;
    bool match;
} octet_rows[] = {
    {"a NUL in a dNSName does not end it", S("mx.example.org\0.evil.example"), CERTIFICATE_NAME_BAD,
     "mx.example.org",                                                                                                 false},
    {"RFC 5280 4.2.1.6: an 8-bit dNSName", S("b\303\274cher.example"),         CERTIFICATE_NAME_BAD,
     "xn--bcher-kva.example",                                                                                          false},
    {"RFC 5280 4.2.1.6: an empty dNSName", S(""),                              CERTIFICATE_NAME_BAD, "",               false},
    {"a trailing dot in a dNSName",        S("mx.example.org."),               CERTIFICATE_NAME_DNS, "mx.example.org",
     true                                                                                                                   },
    {"a line end in a dNSName",            S("mx.example.org\n"),              CERTIFICATE_NAME_BAD, "mx.example.org",
     false                                                                                                                  },
};

static void test_octets(void **state)
{
    const struct octet_row *row = *state;
    struct arena arena = {0};
    struct certificate certificate;
    struct slice der = certificate_maker_der(certificate_maker_make(&(struct certificate_recipe){
        .subject = "mx.example.org",
        .octet_name = row->name,
        .to = DAY,
    }));
    assert_true(certificate_parse(&arena, der, &certificate));
    assert_int_equal(certificate.name_count, 1);
    assert_int_equal(certificate.names[0].kind, row->kind);
    assert_int_equal(certificate_match(&certificate, row->host, true) != CERTIFICATE_MISMATCH,
                     row->match);
    free((void *)(uintptr_t)der.start);
    arena_release(&arena);
}

/* ---- facts */

static void test_facts(void **state)
{
    struct arena arena = {0};
    struct certificate facts;
    (void)state;
    int64_t now = clock_wall();
    struct slice der = certificate_maker_der(certificate_maker_make(&(struct certificate_recipe){
        .subject = "mx, \"example\"",
        .issuer = "Test CA",
        .key = CERTIFICATE_MAKER_RSA,
        .signer = CERTIFICATE_MAKER_EC,
        .names = "DNS:MX.example.org, IP:192.0.2.1, URI:https://example.org/",
        .from = -DAY,
        .to = 90 * DAY,
        .constraints = "critical,CA:FALSE",
        .usage = "serverAuth",
        .must_staple = true,
    }));
    assert_true(certificate_parse(&arena, der, &facts));
    assert_string_equal(facts.subject, "CN=mx\\, \\\"example\\\"");
    assert_string_equal(facts.issuer, "CN=Test CA");
    assert_string_equal(facts.common_name, "mx, \"example\"");
    assert_string_equal(facts.serial, "1234");
    assert_int_equal(facts.name_count, 3);
    assert_true(slice_equals_text(facts.names[0].text, "mx.example.org"));
    assert_true(slice_equals_text(facts.names[1].text, "192.0.2.1"));
    assert_int_equal(facts.names[2].kind, CERTIFICATE_NAME_URI);
    assert_in_range(facts.not_before, now - DAY - 5, now - DAY + 5);
    assert_in_range(facts.not_after, now + 90 * DAY - 5, now + 90 * DAY + 5);
    assert_int_equal(facts.key, CERTIFICATE_KEY_RSA);
    assert_int_equal(facts.bits, 2048);
    assert_string_equal(facts.curve, "");
    assert_string_equal(facts.signature, "ecdsa-with-SHA256");
    assert_int_equal(facts.signature_hash, CERTIFICATE_HASH_STRONG);
    assert_true(facts.has_basic_constraints && !facts.is_ca && facts.path_length == -1);
    assert_true(facts.has_usage && facts.for_server && facts.must_staple);
    assert_false(facts.is_self_issued || facts.is_self_signed);
    uint8_t digest[CERTIFICATE_SHA256_SIZE];
    EVP_Digest(der.start, der.length, digest, NULL, EVP_sha256(), NULL);
    assert_memory_equal(facts.sha256, digest, sizeof digest);
    EVP_Digest(facts.spki.start, facts.spki.length, digest, NULL, EVP_sha256(), NULL);
    assert_memory_equal(facts.spki_sha256, digest, sizeof digest);
    assert_true(slice_equals(facts.der, der));
    free((void *)(uintptr_t)der.start);
    arena_release(&arena);
}

static const struct kind_row {
    const char *label;
    struct certificate_recipe recipe;
    enum certificate_key key;
    unsigned bits;
    enum certificate_hash hash;
    bool is_ca, for_server, is_self_signed;
} kind_rows[] = {
    {"RFC 5480 2.1.1: an EC key",
     {.subject = "a", .to = DAY},
     CERTIFICATE_KEY_EC,      256,
     CERTIFICATE_HASH_STRONG, false,
     true,  true },
    {"an RSA key of 1024 bits",
     {.subject = "a", .key = CERTIFICATE_MAKER_RSA_1024, .to = DAY},
     CERTIFICATE_KEY_RSA,     1024,
     CERTIFICATE_HASH_STRONG, false,
     true,  true },
    {"RFC 8410 3: an Ed25519 key",
     {.subject = "a", .key = CERTIFICATE_MAKER_ED25519, .to = DAY},
     CERTIFICATE_KEY_ED25519, 256,
     CERTIFICATE_HASH_STRONG, false,
     true,  true },
    {"a SHA-1 signature",
     {.subject = "a", .sha1 = true, .to = DAY},
     CERTIFICATE_KEY_EC,      256,
     CERTIFICATE_HASH_SHA1,   false,
     true,  true },
    {"RFC 5280 4.2.1.9: a CA",
     {.subject = "a", .constraints = "CA:TRUE,pathlen:0", .to = DAY},
     CERTIFICATE_KEY_EC,      256,
     CERTIFICATE_HASH_STRONG, true,
     true,  true },
    {"RFC 5280 4.2.1.12: for clients only",
     {.subject = "a", .usage = "clientAuth", .to = DAY},
     CERTIFICATE_KEY_EC,      256,
     CERTIFICATE_HASH_STRONG, false,
     false, true },
    {"RFC 5280 4.2.1.12: for any purpose",
     {.subject = "a", .usage = "2.5.29.37.0", .to = DAY},
     CERTIFICATE_KEY_EC,      256,
     CERTIFICATE_HASH_STRONG, false,
     true,  true },
    {"RFC 5280 3.2: its own name as issuer, another key's signature",
     {.subject = "a", .issuer = "a", .signer = CERTIFICATE_MAKER_EC_2, .to = DAY},
     CERTIFICATE_KEY_EC,      256,
     CERTIFICATE_HASH_STRONG, false,
     true,  false},
};

static void test_kind(void **state)
{
    const struct kind_row *row = *state;
    struct arena arena = {0};
    struct certificate facts;
    struct slice der = certificate_maker_der(certificate_maker_make(&row->recipe));
    assert_true(certificate_parse(&arena, der, &facts));
    assert_int_equal(facts.key, row->key);
    assert_int_equal(facts.bits, row->bits);
    assert_int_equal(facts.signature_hash, row->hash);
    assert_int_equal(facts.is_ca, row->is_ca);
    assert_int_equal(facts.for_server, row->for_server);
    assert_int_equal(facts.is_self_signed, row->is_self_signed);
    assert_string_equal(facts.curve, row->key == CERTIFICATE_KEY_EC ? "prime256v1" : "");
    assert_true(strlen(certificate_key_name(facts.key)) > 1);
    free((void *)(uintptr_t)der.start);
    arena_release(&arena);
}

static void test_broken(void **state)
{
    struct arena arena = {0};
    struct certificate facts;
    (void)state;
    struct slice der = certificate_maker_der(
        certificate_maker_make(&(struct certificate_recipe){.subject = "a", .to = DAY}));
    assert_false(certificate_parse(&arena, SLICE_LITERAL("no DER"), &facts));
    assert_string_equal(facts.subject, "");
    assert_false(certificate_parse(&arena, slice_sub(der, 0, der.length - 1), &facts));
    assert_true(facts.is_broken);
    assert_false(certificate_parse(&arena, SLICE_LITERAL(""), &facts));
    assert_int_equal(certificate_match(&facts, "a", true), CERTIFICATE_MISMATCH);
    free((void *)(uintptr_t)der.start);
    arena_release(&arena);
}

/* The key alone says of itself what its certificate says of it. */
static void test_raw_key(void **state)
{
    static const enum certificate_maker_key keys[] = {CERTIFICATE_MAKER_EC, CERTIFICATE_MAKER_RSA,
                                                      CERTIFICATE_MAKER_ED25519};
    struct arena arena = {0};
    struct certificate whole;
    struct certificate key;
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct slice der = certificate_maker_der(certificate_maker_make(
            &(struct certificate_recipe){.subject = "a", .key = keys[i], .to = DAY}));
        assert_true(certificate_parse(&arena, der, &whole));
        assert_true(certificate_parse_raw_key(&arena, whole.spki, &key));
        assert_int_equal(key.key, whole.key);
        assert_int_equal(key.bits, whole.bits);
        assert_string_equal(key.curve, whole.curve);
        assert_memory_equal(key.spki_sha256, whole.spki_sha256, CERTIFICATE_SHA256_SIZE);
        assert_true(slice_equals(key.spki, whole.spki));
        assert_string_equal(key.subject, "");
        assert_false(certificate_parse_raw_key(
            &arena, slice_sub(whole.spki, 0, whole.spki.length - 1), &key));
        assert_true(key.is_broken);
        assert_int_equal(key.bits, 0);
        assert_memory_not_equal(key.spki_sha256, whole.spki_sha256, CERTIFICATE_SHA256_SIZE);
        assert_false(certificate_parse_raw_key(&arena, der, &key));
        free((void *)(uintptr_t)der.start);
    }
    assert_false(certificate_parse_raw_key(&arena, SLICE_LITERAL(""), &key));
    assert_int_equal(key.spki.length, 0);
    arena_release(&arena);
}

/* ---- chains */

/* L leaf, I intermediate, R root, X a stranger, E expired intermediate, B no certificate. */
static const struct chain_row {
    const char *label;
    const char *sent;
    const char *path;
    unsigned faults;
    long not_after; /* days */
} chain_rows[] = {
    {"RFC 5246 7.4.2: leaf and intermediate",                "LI",                "LI",  0,                                                     30 },
    {"RFC 5246 7.4.2: with the root, which may be left out", "LIR",               "LIR", CERTIFICATE_CHAIN_ROOT,
     30                                                                                                                                            },
    {"RFC 5246 7.4.2: wrong order",                          "LRI",               "LIR",
     CERTIFICATE_CHAIN_WRONG_ORDER | CERTIFICATE_CHAIN_ROOT,                                                                                    30 },
    {"RFC 5246 7.4.2: the leaf is not the first",            "IL",                "I",   CERTIFICATE_CHAIN_EXTRA,                               60 },
    {"a missing intermediate",                               "L",                 "L",   0,                                                     30 },
    {"a missing intermediate and the root",                  "LR",                "L",
     CERTIFICATE_CHAIN_EXTRA | CERTIFICATE_CHAIN_ROOT,                                                                                          30 },
    {"a stranger in the chain",                              "LIX",               "LI",  CERTIFICATE_CHAIN_EXTRA | CERTIFICATE_CHAIN_ROOT,      30 },
    {"a certificate twice",                                  "LII",               "LI",  CERTIFICATE_CHAIN_EXTRA | CERTIFICATE_CHAIN_DUPLICATE, 30 },
    {"an expired intermediate decides when the chain ends",  "LE",                "LE",  0,                                                     -1 },
    {"what is no certificate",                               "LBI",               "LI",
     CERTIFICATE_CHAIN_WRONG_ORDER | CERTIFICATE_CHAIN_EXTRA | CERTIFICATE_CHAIN_BROKEN,                                                        30 },
    {"a self-signed leaf",                                   "X",                 "X",   0,                                                     100},
    {"nothing",                                              "",                  "",    0,                                                     0  },
    {"more than CERTIFICATE_CHAIN_MAX",                      "LIIIIIIIIIIIIIIII", "LI",
     CERTIFICATE_CHAIN_EXTRA | CERTIFICATE_CHAIN_DUPLICATE | CERTIFICATE_CHAIN_TOO_LONG,                                                        30 },
};

static struct slice make(char letter)
{
    static const char CA[] = "critical,CA:TRUE";
    struct certificate_recipe recipe = {
        .subject = "mx", .issuer = "Sub", .signer = CERTIFICATE_MAKER_EC_2, .to = 30 * DAY};
    if (letter == 'I' || letter == 'E') {
        recipe = (struct certificate_recipe){.subject = "Sub",
                                             .issuer = "Root",
                                             .key = CERTIFICATE_MAKER_EC_2,
                                             .signer = CERTIFICATE_MAKER_EC_3,
                                             .constraints = CA,
                                             .to = letter == 'E' ? -DAY : 60 * DAY,
                                             .from = -2 * DAY};
    } else if (letter == 'R') {
        recipe = (struct certificate_recipe){
            .subject = "Root", .key = CERTIFICATE_MAKER_EC_3, .constraints = CA, .to = 90 * DAY};
    } else if (letter == 'X') {
        recipe = (struct certificate_recipe){
            .subject = "X", .key = CERTIFICATE_MAKER_EC_3, .to = 100 * DAY};
    }
    return certificate_maker_der(certificate_maker_make(&recipe));
}

static void test_chain(void **state)
{
    const struct chain_row *row = *state;
    struct arena arena = {0};
    struct slice ders[20];
    struct certificate_chain chain;
    size_t count = strlen(row->sent);
    for (size_t i = 0; i < count; i++) {
        const char *seen = strchr(row->sent, row->sent[i]);
        size_t first = (size_t)(seen - row->sent);
        ders[i] = row->sent[i] == 'B' ? slice_of("no DER") : first < i ? ders[first] : make(*seen);
    }
    certificate_chain_parse(&arena, ders, count, &chain);
    assert_int_equal(chain.faults, row->faults);
    assert_int_equal(chain.path_count, strlen(row->path));
    for (size_t i = 0; i < chain.path_count; i++) {
        assert_int_equal(row->sent[chain.path[i]], row->path[i]);
    }
    if (count > 0) {
        int64_t end = clock_wall() + row->not_after * DAY;
        assert_in_range(chain.not_after, end - 5, end + 5);
    }
    for (size_t i = 0; i < count; i++) {
        const char *seen = strchr(row->sent, row->sent[i]);
        if (row->sent[i] != 'B' && (size_t)(seen - row->sent) == i) {
            free((void *)(uintptr_t)ders[i].start);
        }
    }
    arena_release(&arena);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_match, match_rows);
    CASES_TABLE(&cases, test_octets, octet_rows);
    CASES_TABLE(&cases, test_kind, kind_rows);
    CASES_TABLE(&cases, test_chain, chain_rows);
    cases_add(&cases, "RFC 5280 4.1, RFC 7633: every fact of a certificate", test_facts, NULL);
    cases_add(&cases, "RFC 7250 3: a key without a certificate", test_raw_key, NULL);
    cases_add(&cases, "what is no certificate, or not a whole one, is broken", test_broken, NULL);
    int outcome = cases_run(&cases, "certificate");
    certificate_maker_close();
    return outcome;
}
