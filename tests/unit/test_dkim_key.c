#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "dkim_maker.h"
#include "mail/dkim_weak.h"

static struct arena arena;

static const struct fault_row {
    const char *label;
    const char *text;
    enum dkim_key_fault fault;
    enum dkim_key_form form;
    unsigned bits;
} faults[] = {
    {"RFC 6376 3.6.1: the usual record",                          "v=DKIM1; k=rsa; p=%R",                         DKIM_KEY_FINE,         DKIM_KEY_SPKI_RSA,
     2048                                                                                                                                                           },
    {"RFC 6376 3.6.1: p= is enough",                              "p=%R",                                         DKIM_KEY_FINE,         DKIM_KEY_SPKI_RSA,     2048},
    {"RFC 6376 3.6.1: 1024 bits",                                 "v=DKIM1; p=%S",                                DKIM_KEY_FINE,         DKIM_KEY_SPKI_RSA,     1024},
    {"RFC 8301 3.2: 512 bits are read, whoever judges frowns",    "v=DKIM1; p=%T",                                DKIM_KEY_FINE,
     DKIM_KEY_SPKI_RSA,                                                                                                                                         512 },
    {"RFC 6376 erratum 3017: plain RSAPublicKey",                 "v=DKIM1; p=%P",                                DKIM_KEY_FINE,         DKIM_KEY_PKCS1,
     2048                                                                                                                                                           },
    {"RFC 8463 4: an Ed25519 key",                                "v=DKIM1; k=ed25519; p=%E",                     DKIM_KEY_FINE,         DKIM_KEY_RAW_32,       256 },
    {"RFC 6376 2.10: white space inside p=",
     "v=DKIM1; k=ed25519; p= 11qYAYKxCrfV S/7TyWQHOg7h\tcvPapiMlrwIaaPcHURo =",                                   DKIM_KEY_FINE,
     DKIM_KEY_RAW_32,                                                                                                                                           256 },
    {"RFC 6376 3.2: white space around tags",                     " v = DKIM1 ;\tk = rsa ; p = %R ; ",            DKIM_KEY_FINE,
     DKIM_KEY_SPKI_RSA,                                                                                                                                         2048},
    {"RFC 6376 3.6.1: unknown tags are ignored",                  "v=DKIM1; x=1; p=%R; comment=\"q\"",            DKIM_KEY_FINE,
     DKIM_KEY_SPKI_RSA,                                                                                                                                         2048},
    {"RFC 6376 3.6.1: notes",                                     "v=DKIM1; n=A 1024 bit key; p=%R;",             DKIM_KEY_FINE,         DKIM_KEY_SPKI_RSA,
     2048                                                                                                                                                           },
    {"RFC 6376 3.6.1: tags in any order but v",                   "k=rsa; p=%R; t=s",                             DKIM_KEY_FINE,
     DKIM_KEY_SPKI_RSA,                                                                                                                                         2048},
    {"RFC 6376 3.6.1: v= not first",                              "k=rsa; v=DKIM1; p=%R",                         DKIM_KEY_VERSION_LATE,
     DKIM_KEY_SPKI_RSA,                                                                                                                                         2048},
    {"RFC 6376 3.6.1: v=DKIM1.0 is another version",              "v=DKIM1.0; p=%R",                              DKIM_KEY_VERSION,
     DKIM_KEY_SPKI_RSA,                                                                                                                                         2048},
    {"RFC 6376 3.6.1: v= compares to the letter",                 "v=dkim1; p=%R",                                DKIM_KEY_VERSION,
     DKIM_KEY_SPKI_RSA,                                                                                                                                         2048},
    {"RFC 6376 3.6.1: a colon after the version",                 "v=DKIM1: g=*; k=rsa; p=%R",                    DKIM_KEY_VERSION,
     DKIM_KEY_SPKI_RSA,                                                                                                                                         2048},
    {"RFC 6376 3.2: a duplicate tag",                             "v=DKIM1; p=%R; p=%R",                          DKIM_KEY_TAG_LIST,     DKIM_KEY_SPKI_RSA,
     2048                                                                                                                                                           },
    {"RFC 6376 3.2: literal quotes",                              "\"v=DKIM1; p=%R\"",                            DKIM_KEY_TAG_LIST,     DKIM_KEY_UNKNOWN_FORM,
     0                                                                                                                                                              },
    {"RFC 6376 3.2: escaped semicolons",                          "v=DKIM1\\; k=rsa\\; p=%R",                     DKIM_KEY_VERSION,
     DKIM_KEY_SPKI_RSA,                                                                                                                                         2048},
    {"RFC 6376 3.2: two records pasted into one",                 "v=DKIM1; p=%Rv=DKIM1; k=rsa; p=%R",
     DKIM_KEY_TAG_LIST,                                                                                                                  DKIM_KEY_UNKNOWN_FORM, 0   },
    {"RFC 6376 3.2: upper-case tags are other tags",              "v=DKIM1; P=%R",                                DKIM_KEY_NO_DATA,
     DKIM_KEY_UNKNOWN_FORM,                                                                                                                                     0   },
    {"RFC 6376 3.6.1: no p=",                                     "v=DKIM1; k=rsa",                               DKIM_KEY_NO_DATA,      DKIM_KEY_UNKNOWN_FORM, 0   },
    {"RFC 6376 3.6.1: a revoked key",                             "v=DKIM1; p=",                                  DKIM_KEY_REVOKED,      DKIM_KEY_UNKNOWN_FORM, 0   },
    {"RFC 6376 3.6.1: a revoked key with flags",                  "k=rsa; t=y; p=  ",                             DKIM_KEY_REVOKED,
     DKIM_KEY_UNKNOWN_FORM,                                                                                                                                     0   },
    {"RFC 6376 3.6.1: an unknown key type",                       "v=DKIM1; k=ed25519-sha256; p=%R",              DKIM_KEY_TYPE,
     DKIM_KEY_SPKI_RSA,                                                                                                                                         2048},
    {"RFC 6376 3.6.1: not base64",                                "v=DKIM1; p=MIGf*",                             DKIM_KEY_BASE64,       DKIM_KEY_UNKNOWN_FORM, 0   },
    {"RFC 6376 3.6.1: a character is missing",                    "v=DKIM1; k=ed25519; p=0",                      DKIM_KEY_BASE64,
     DKIM_KEY_UNKNOWN_FORM,                                                                                                                                     0   },
    {"RFC 6376 3.6.1: octets outside of ASCII in p=",             "v=DKIM1; p=AAAA\xc4\x84",                      DKIM_KEY_BASE64,
     DKIM_KEY_UNKNOWN_FORM,                                                                                                                                     0   },
    {"RFC 6376 3.6.1: octets that are no key",                    "v=DKIM1; p=Zm9vYmFy",                          DKIM_KEY_DER,
     DKIM_KEY_UNKNOWN_FORM,                                                                                                                                     0   },
    {"RFC 6376 3.6.1: octets after the key",                      "v=DKIM1; p=MAYCAQMCAQEA",                      DKIM_KEY_DER,
     DKIM_KEY_UNKNOWN_FORM,                                                                                                                                     0   },
    {"RFC 5280 4.1: octets after the key inside of its wrapping",
     "v=DKIM1; p=MBkwCwYJKoZIhvcNAQEBAwoAMAYCAQMCAQEA",                                                           DKIM_KEY_DER,          DKIM_KEY_UNKNOWN_FORM, 0   },
    {"RFC 6376 3.6.1: a negative modulus",                        "v=DKIM1; p=MAYCAYMCAQE=",                      DKIM_KEY_DER,
     DKIM_KEY_UNKNOWN_FORM,                                                                                                                                     0   },
    {"the private key is published, PKCS #1",                     "v=DKIM1; p=%1",                                DKIM_KEY_PRIVATE,
     DKIM_KEY_PRIVATE_PKCS1,                                                                                                                                    0   },
    {"the private key is published, PKCS #8",                     "v=DKIM1; p=%8",                                DKIM_KEY_PRIVATE,
     DKIM_KEY_PRIVATE_PKCS8,                                                                                                                                    0   },
    {"the armour of a private key inside p=",                     "v=DKIM1; p=-----BEGIN RSA PRIVATE KEY-----%1",
     DKIM_KEY_PRIVATE,                                                                                                                   DKIM_KEY_PEM_TEXT,     0   },
    {"base64 of a private PEM file",
     "v=DKIM1; p=LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCg==",                                                       DKIM_KEY_PRIVATE,      DKIM_KEY_PEM_TEXT,     0   },
    {"the armour of a public key inside p=",                      "v=DKIM1; p=-----BEGIN PUBLIC KEY-----%R",
     DKIM_KEY_BASE64,                                                                                                                    DKIM_KEY_PEM_TEXT,     0   },
    {"RFC 8463 4: k=rsa with 32 octets",                          "v=DKIM1; k=rsa; p=%E",                         DKIM_KEY_MISMATCH,     DKIM_KEY_RAW_32,
     0                                                                                                                                                              },
    {"RFC 8463 4: k=ed25519 with an RSA key",                     "v=DKIM1; k=ed25519; p=%R",                     DKIM_KEY_MISMATCH,
     DKIM_KEY_SPKI_RSA,                                                                                                                                         2048},
    {"RFC 6376 3.6.1: an elliptic curve key",                     "v=DKIM1; p=%C",                                DKIM_KEY_MISMATCH,     DKIM_KEY_SPKI_EC,
     0                                                                                                                                                              },
    {"RFC 8463 4: SubjectPublicKeyInfo is too long",              "v=DKIM1; k=ed25519; p=%5",                     DKIM_KEY_LENGTH,
     DKIM_KEY_SPKI_ED25519,                                                                                                                                     0   },
    {"RFC 8463 4: too few octets",                                "v=DKIM1; k=ed25519; p=Zm9v",                   DKIM_KEY_LENGTH,
     DKIM_KEY_UNKNOWN_FORM,                                                                                                                                     0   },
    {"RFC 8032 5.1: a point of low order: 0",
     "k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",                                                 DKIM_KEY_POINT,        DKIM_KEY_RAW_32,
     256                                                                                                                                                            },
    {"RFC 8032 5.1: a point of low order: 1",
     "k=ed25519; p=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",                                                 DKIM_KEY_POINT,        DKIM_KEY_RAW_32,
     256                                                                                                                                                            },
    {"RFC 8032 5.1: a point of order 8",
     "k=ed25519; p=JuiVj8KyJ7BFw/SJ8u+Y8NXfrAXTxjM5sTgCiG1T/AU=",                                                 DKIM_KEY_POINT,        DKIM_KEY_RAW_32,
     256                                                                                                                                                            },
    {"RFC 8032 5.1: another point of order 8",
     "k=ed25519; p=xxdqcD1N2E+6PAt2DRBnDyogU/osOczGTsf9d5KsA/o=",                                                 DKIM_KEY_POINT,        DKIM_KEY_RAW_32,
     256                                                                                                                                                            },
    {"RFC 8032 5.1: no point of the curve",
     "k=ed25519; p=AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",                                                 DKIM_KEY_POINT,        DKIM_KEY_RAW_32,
     256                                                                                                                                                            },
    {"RFC 8032 5.1.3: y is not below p",
     "k=ed25519; p=/////////////////////////////////////////38=",                                                 DKIM_KEY_POINT,        DKIM_KEY_RAW_32,
     256                                                                                                                                                            },
    {"another protocol's text at the selector",                   "v=spf1 -all",                                  DKIM_KEY_VERSION,
     DKIM_KEY_UNKNOWN_FORM,                                                                                                                                     0   },
    {"nothing",                                                   "",                                             DKIM_KEY_TAG_LIST,     DKIM_KEY_UNKNOWN_FORM, 0   },
};

static void test_fault(void **state)
{
    const struct fault_row *row = *state;
    struct dkim_key key;
    const char *text = maker_fill(&arena, row->text);

    dkim_key_parse(&arena, slice_of(text), &key);
    assert_string_equal(dkim_key_fault_text(key.fault), dkim_key_fault_text(row->fault));
    assert_string_equal(dkim_key_form_text(key.form), dkim_key_form_text(row->form));
    assert_int_equal(key.bits, row->bits);
}

/* What the tags say, one word for each fact that is true. */
static const struct fact_row {
    const char *label;
    const char *tags;
    const char *facts;
} facts[] = {
    {"RFC 6376 3.6.1: the defaults",                 "",                    "sha256 sha1 email tlsrpt "                  },
    {"RFC 6376 3.6.1: h=sha256",                     "h=sha256; ",          "sha256 email tlsrpt "                       },
    {"RFC 6376 3.6.1: h=sha1 only",                  "h=sha1; ",            "sha1 email tlsrpt "                         },
    {"RFC 6376 3.6.1: h= with white space",          "h= sha1 : SHA256 ; ", "sha256 sha1 email tlsrpt "                  },
    {"RFC 6376 3.6.1: unknown hashes are ignored",   "h=sha512:sha256; ",   "sha256 email tlsrpt "                       },
    {"an algorithm where a hash should stand",       "h=rsa-sha256; ",      "algorithm email tlsrpt "                    },
    {"RFC 6376 3.6.1: an empty h= allows nothing",   "h=; ",                "email tlsrpt "                              },
    {"RFC 6376 3.6.1: s=*",                          "s=*; ",               "sha256 sha1 email tlsrpt "                  },
    {"RFC 6376 3.6.1: s=email",                      "s=email; ",           "sha256 sha1 email "                         },
    {"RFC 8460 3: s=tlsrpt",                         "s=tlsrpt; ",          "sha256 sha1 tlsrpt "                        },
    {"RFC 6376 3.6.1: unknown services are ignored", "s=other:email; ",     "sha256 sha1 email "                         },
    {"RFC 6376 3.6.1: no service that is known",     "s=other; ",           "sha256 sha1 "                               },
    {"RFC 6376 3.6.1: testing",                      "t=y; ",               "sha256 sha1 email tlsrpt testing "          },
    {"RFC 6376 3.6.1: strict",                       "t=s; ",               "sha256 sha1 email tlsrpt strict "           },
    {"RFC 6376 3.6.1: several flags",                "t= s : x : y ; ",
     "sha256 sha1 email tlsrpt testing strict "                                                                          },
    {"RFC 6376 App C.2: g=*",                        "g=*; ",               "sha256 sha1 email tlsrpt granularity "      },
    {"RFC 6376 App C.2: an empty g=",                "g=; ",                "sha256 sha1 email tlsrpt granularity empty "},
    {"RFC 6376 3.6.1: an unknown tag is counted",    "x=1; T=y; ",
     "sha256 sha1 email tlsrpt unknown unknown "                                                                         },
};

static void test_fact(void **state)
{
    const struct fact_row *row = *state;
    struct dkim_key key;
    char seen[200] = "";
    const char *text = maker_fill(&arena, arena_format(&arena, "v=DKIM1; %sp=%%R", row->tags));

    dkim_key_parse(&arena, slice_of(text), &key);
    assert_int_equal(key.fault, DKIM_KEY_FINE);
    snprintf(seen, sizeof seen, "%s%s%s%s%s%s%s%s%s", key.allows_sha256 ? "sha256 " : "",
             key.allows_sha1 ? "sha1 " : "", key.hash_names_algorithm ? "algorithm " : "",
             key.for_email ? "email " : "", key.for_tlsrpt ? "tlsrpt " : "",
             key.testing ? "testing " : "", key.strict ? "strict " : "",
             key.has_granularity ? "granularity " : "", key.granularity_empty ? "empty " : "");
    for (size_t i = 0; i < key.unknown_tags; i++)
        strncat(seen, "unknown ", 9);
    assert_string_equal(seen, row->facts);
}

static void test_hints(void **state)
{
    struct dkim_key key;
    (void)state;

    dkim_key_parse(&arena, slice_of("\"v=DKIM1; p=\""), &key);
    assert_true(key.has_quotes);
    dkim_key_parse(&arena, slice_of("v=DKIM1\\; p="), &key);
    assert_true(key.has_backslashes);
    dkim_key_parse(&arena, slice_of("v=DKIM1; p=av=DKIM1; p=b"), &key);
    assert_true(key.has_two_records);
    dkim_key_parse(&arena, slice_of("v=DKIM1; p="), &key);
    assert_false(key.has_quotes || key.has_backslashes || key.has_two_records);
    assert_false(dkim_key_is_foreign(&key));
    dkim_key_parse(&arena, slice_of("v=spf1 include:example.org -all"), &key);
    assert_true(dkim_key_is_foreign(&key));
    dkim_key_parse(&arena, slice_of("v=DMARC1; p=none"), &key);
    assert_int_equal(key.fault, DKIM_KEY_VERSION);
}

static void test_base64_offset(void **state)
{
    struct dkim_key key;
    (void)state;

    dkim_key_parse(&arena, slice_of("v=DKIM1; p= MIGf*A"), &key);
    assert_int_equal(key.base64_error, BASE64_BAD_CHARACTER);
    assert_int_equal(key.base64_offset, 16);
}

static void test_print(void **state)
{
    struct dkim_key key;
    const char *usual = maker_fill(&arena, "v=DKIM1; k=rsa; p=%R");
    (void)state;

    dkim_key_parse(&arena, slice_of(maker_fill(&arena, "p=%P")), &key);
    assert_string_equal(dkim_key_print(&arena, &key), usual);
    dkim_key_parse(&arena, slice_of(maker_fill(&arena, "k=rsa; v=DKIM1; p=%R")), &key);
    assert_string_equal(dkim_key_print(&arena, &key), usual);
    dkim_key_parse(&arena, slice_of(maker_fill(&arena, "v=DKIM1; t=y:s; k=ed25519; p=%5")), &key);
    assert_string_equal(dkim_key_print(&arena, &key),
                        maker_fill(&arena, "v=DKIM1; k=ed25519; t=s; p=%E"));
    dkim_key_parse(&arena, slice_of("v=DKIM1; p="), &key);
    assert_null(dkim_key_print(&arena, &key));
}

static const struct pair_row {
    const char *label;
    const char *record;
    enum maker_key key;
    bool is_pkcs1;
    bool matches;
} pairs[] = {
    {"the signer's key in PKCS #1 matches",     "p=%R",            MAKER_RSA_2048, true,  true },
    {"the signer's key in PKCS #8 matches",     "p=%R",            MAKER_RSA_2048, false, true },
    {"another RSA key doesn't match",           "p=%R",            MAKER_RSA_1024, false, false},
    {"plain RSAPublicKey matches too",          "p=%P",            MAKER_RSA_2048, false, true },
    {"an Ed25519 key matches",                  "k=ed25519; p=%E", MAKER_ED25519,  false, true },
    {"an Ed25519 key doesn't match an RSA one", "p=%R",            MAKER_ED25519,  false, false},
    {"an RSA key doesn't match an Ed25519 one", "k=ed25519; p=%E", MAKER_RSA_2048, false, false},
    {"a revoked key matches nothing",           "p=",              MAKER_RSA_2048, false, false},
};

static void test_pair(void **state)
{
    const struct pair_row *row = *state;
    struct dkim_private_key private_key;
    struct dkim_key key;

    dkim_key_parse(&arena, slice_of(maker_fill(&arena, row->record)), &key);
    assert_int_equal(dkim_private_key_read(&arena,
                                           slice_of(maker_pem(&arena, row->key, row->is_pkcs1)),
                                           &private_key),
                     DKIM_PRIVATE_FINE);
    assert_int_equal(dkim_key_matches(&key, &private_key), row->matches);
}

static void test_private_key(void **state)
{
    struct dkim_private_key private_key;
    struct dkim_key key;
    (void)state;

    dkim_key_parse(&arena, slice_of(maker_fill(&arena, "k=ed25519; p=%E")), &key);
    assert_int_equal(dkim_private_key_read(&arena, slice_of(maker_seed(&arena)), &private_key),
                     DKIM_PRIVATE_FINE);
    assert_true(dkim_key_matches(&key, &private_key));
    assert_int_equal(
        dkim_private_key_read(&arena, slice_of(maker_pem(&arena, MAKER_EC, false)), &private_key),
        DKIM_PRIVATE_OTHER);
    assert_int_equal(dkim_private_key_read(&arena, slice_of("no key"), &private_key),
                     DKIM_PRIVATE_UNREADABLE);
    assert_int_equal(dkim_private_key_read(&arena, slice_of(""), &private_key),
                     DKIM_PRIVATE_UNREADABLE);
}

static char *exponent(unsigned value)
{
    return maker_exponent(&arena, value);
}

static unsigned weaknesses(const char *record)
{
    struct dkim_key key;
    dkim_key_parse(&arena, slice_of(record), &key);
    return dkim_weak(&key);
}

static void test_weak(void **state)
{
    (void)state;
    assert_int_equal(weaknesses(maker_fill(&arena, "p=%R")), 0);
    assert_int_equal(weaknesses(maker_fill(&arena, "p=%S")), 0);
    assert_int_equal(weaknesses(maker_fill(&arena, "k=ed25519; p=%E")), 0);
    assert_int_equal(weaknesses(exponent(1)), DKIM_WEAK_EXPONENT_ONE);
    assert_int_equal(weaknesses(exponent(65536)), DKIM_WEAK_EXPONENT_EVEN);
    assert_int_equal(weaknesses(exponent(2)), DKIM_WEAK_EXPONENT_EVEN);
    assert_int_equal(weaknesses(exponent(3)), DKIM_WEAK_EXPONENT_SMALL);
    assert_int_equal(weaknesses(exponent(65537)), 0);
    struct dkim_key key;
    dkim_key_parse(&arena, slice_of(maker_prime(&arena)), &key);
    assert_int_equal(dkim_weak_prime(&key), DKIM_WEAK_PRIME);
    dkim_key_parse(&arena, slice_of(maker_fill(&arena, "p=%R")), &key);
    assert_int_equal(dkim_weak_prime(&key), 0);
    dkim_key_parse(&arena, slice_of(maker_fill(&arena, "k=ed25519; p=%E")), &key);
    assert_int_equal(dkim_weak_prime(&key), 0);
    assert_int_equal(weaknesses(maker_close_primes(&arena)), DKIM_WEAK_CLOSE_PRIMES);
    assert_int_equal(weaknesses(maker_small_factor(&arena)), DKIM_WEAK_SMALL_FACTOR);
    assert_int_equal(weaknesses(maker_roca(&arena)), DKIM_WEAK_ROCA);
    assert_int_equal(weaknesses("k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
                     DKIM_WEAK_EXAMPLE);
    assert_int_equal(weaknesses("k=ed25519; p=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                     DKIM_WEAK_LOW_ORDER);
    assert_int_equal(weaknesses("p="), 0);
    for (unsigned bit = 1; bit <= DKIM_WEAK_LOW_ORDER; bit <<= 1)
        assert_true(strlen(dkim_weak_text((enum dkim_weakness)bit)) > 0);
}

/* RFC 6376 appendix C prints this key with its private half. */
static void test_example(void **state)
{
    (void)state;
    assert_int_equal(
        weaknesses("v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkM"
                   "oGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT9"
                   "47qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"),
        DKIM_WEAK_EXAMPLE);
}

/* The foreign sets; what each file is follows from its name and content. */
static const struct file_row {
    const char *label;
    const char *path;
    enum dkim_key_fault fault;
    unsigned bits;
    unsigned weaknesses;
} files[] = {
    {"badkeys: a letter outside of ASCII",    "dkim-badkeys/dkim/dkim-broken-char.txt",
     DKIM_KEY_TAG_LIST,                                                                                              0,    0                },
    {"badkeys: an elliptic curve key",        "dkim-badkeys/dkim/dkim-broken-ecdsa.txt",          DKIM_KEY_MISMATCH,
     0,                                                                                                                    0                },
    {"badkeys: one character",                "dkim-badkeys/dkim/dkim-broken-length.txt",         DKIM_KEY_BASE64,   0,    0                },
    {"badkeys: an unsupported curve",         "dkim-badkeys/dkim/dkim-broken-unsupported.txt",
     DKIM_KEY_MISMATCH,                                                                                              0,    0                },
    {"badkeys: quotes in an unknown tag",     "dkim-badkeys/dkim/dkim-comment-quotes.txt",
     DKIM_KEY_FINE,                                                                                                  1024, 0                },
    {"badkeys: an escaped quote in a note",   "dkim-badkeys/dkim/dkim-escaped-quote.txt",
     DKIM_KEY_FINE,                                                                                                  1024, 0                },
    {"badkeys: the key of RFC 8463",          "dkim-badkeys/dkim/dkim-insecure-rfc8463.txt",      DKIM_KEY_FINE,
     256,                                                                                                                  DKIM_WEAK_EXAMPLE},
    {"badkeys: a good key in two strings",    "dkim-badkeys/dkim/dkim-valid-gmail.txt",           DKIM_KEY_FINE,
     2048,                                                                                                                 0                },
    {"dkimpy: 1024 bits, plain RSAPublicKey",
     "dkim-dkimpy/data/1024_testkey_wo_markers.pub.rsa.txt",                                      DKIM_KEY_FINE,     1024, 0                },
    {"dkimpy: 1024 bits",                     "dkim-dkimpy/data/1024_testkey_wo_markers.pub.txt", DKIM_KEY_FINE,     1024,
     0                                                                                                                                      },
    {"dkimpy: 2048 bits of a PKCS #8 file",   "dkim-dkimpy/data/2048_testkey_PKCS8.key.pub.txt",
     DKIM_KEY_FINE,                                                                                                  2048, 0                },
    {"dkimpy: 2048 bits, plain RSAPublicKey",
     "dkim-dkimpy/data/2048_testkey_wo_markers.pub.rsa.txt",                                      DKIM_KEY_FINE,     2048, 0                },
    {"dkimpy: 2048 bits",                     "dkim-dkimpy/data/2048_testkey_wo_markers.pub.txt", DKIM_KEY_FINE,     2048,
     0                                                                                                                                      },
    {"dkimpy: an unknown key type",           "dkim-dkimpy/data/badk.txt",                        DKIM_KEY_TYPE,     1024,
     DKIM_WEAK_EXAMPLE                                                                                                                      },
    {"dkimpy: a bad version",                 "dkim-dkimpy/data/badversion.txt",                  DKIM_KEY_VERSION,  1024,
     DKIM_WEAK_EXAMPLE                                                                                                                      },
    {"dkimpy: Ed25519 without v=",            "dkim-dkimpy/data/ed25519test.dns",                 DKIM_KEY_FINE,     256,  0                },
    {"dkimpy: Exim's Ed25519 key",            "dkim-dkimpy/data/eximtest.dns",                    DKIM_KEY_FINE,     256,  0                },
    {"dkimpy: a good key",                    "dkim-dkimpy/data/test.txt",                        DKIM_KEY_FINE,     1024, DKIM_WEAK_EXAMPLE},
    {"dkimpy: without k=",                    "dkim-dkimpy/data/test2.txt",                       DKIM_KEY_FINE,     1024, DKIM_WEAK_EXAMPLE},
    {"dkimpy: the exponent is cut",           "dkim-dkimpy/data/test_bad.txt",                    DKIM_KEY_DER,      0,    0                },
    {"dkimpy: for TLS reports",               "dkim-dkimpy/data/test_tlsrpt.txt",                 DKIM_KEY_FINE,     1024,
     DKIM_WEAK_EXAMPLE                                                                                                                      },
    {"authheaders: a good key",               "dmarc-authheaders/test.txt",                       DKIM_KEY_FINE,     1024,
     DKIM_WEAK_EXAMPLE                                                                                                                      },
};

static void test_file(void **state)
{
    const struct file_row *row = *state;
    struct dkim_key key;
    size_t length;
    char *content = maker_corpus(&arena, row->path, &length);

    if (!content) {
        print_message("# %s is not there\n", row->path);
        skip();
    }
    dkim_key_parse(&arena, maker_record(content, length), &key);
    assert_string_equal(dkim_key_fault_text(key.fault), dkim_key_fault_text(row->fault));
    assert_int_equal(key.bits, row->bits);
    assert_int_equal(dkim_weak(&key), row->weaknesses);
}

static const struct key_file_row {
    const char *label;
    const char *private_path, *record_path;
} key_files[] = {
    {"dkimpy: 1024 bits, PKCS #1", "dkim-dkimpy/data/1024_testkey.key",
     "dkim-dkimpy/data/1024_testkey_wo_markers.pub.txt"                                                   },
    {"dkimpy: 2048 bits, PKCS #1", "dkim-dkimpy/data/2048_testkey.key",
     "dkim-dkimpy/data/2048_testkey_wo_markers.pub.rsa.txt"                                               },
    {"dkimpy: 2048 bits, PKCS #8", "dkim-dkimpy/data/2048_testkey_PKCS8.key",
     "dkim-dkimpy/data/2048_testkey_PKCS8.key.pub.txt"                                                    },
    {"dkimpy: test.private",       "dkim-dkimpy/data/test.private",           "dkim-dkimpy/data/test.txt" },
    {"dkimpy: an Ed25519 seed",    "dkim-dkimpy/data/ed25519test.key",
     "dkim-dkimpy/data/ed25519test.dns"                                                                   },
    {"mailauth: an Ed25519 seed",  "dkim-mailauth/ec/private-ec.key",
     "dkim-badkeys/dkim/dkim-insecure-rfc8463.txt"                                                        },
    {"authheaders: test.private",  "dmarc-authheaders/test.private",          "dmarc-authheaders/test.txt"},
};

static void test_key_file(void **state)
{
    const struct key_file_row *row = *state;
    struct dkim_private_key private_key;
    struct dkim_key key;
    size_t length, record_length;
    char *content = maker_corpus(&arena, row->private_path, &length);
    char *record = maker_corpus(&arena, row->record_path, &record_length);

    if (!content || !record) {
        print_message("# %s is not there\n", row->private_path);
        skip();
        return;
    }
    assert_int_equal(dkim_private_key_read(&arena, slice_new(content, length), &private_key),
                     DKIM_PRIVATE_FINE);
    dkim_key_parse(&arena, maker_record(record, record_length), &key);
    assert_true(dkim_key_matches(&key, &private_key));
}

int main(void)
{
    struct cases cases = {0};
    int status;

    arena_init(&arena);
    maker_open();
    CASES_TABLE(&cases, test_fault, faults);
    CASES_TABLE(&cases, test_fact, facts);
    cases_add(&cases, "signs of a wrong paste are seen", test_hints, NULL);
    cases_add(&cases, "where p= stops being base64", test_base64_offset, NULL);
    cases_add(&cases, "the record as it should be", test_print, NULL);
    CASES_TABLE(&cases, test_pair, pairs);
    cases_add(&cases, "private key files of every kind", test_private_key, NULL);
    cases_add(&cases, "each weakness is found, and only that", test_weak, NULL);
    cases_add(&cases, "RFC 6376 C: the example key is known", test_example, NULL);
    CASES_TABLE(&cases, test_file, files);
    CASES_TABLE(&cases, test_key_file, key_files);
    status = cases_run(&cases, "dkim_key");
    maker_close();
    arena_release(&arena);
    return status;
}
