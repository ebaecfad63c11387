#include <string.h>

#include "cases.h"
#include "mail/domain.h"
#include "mail/idn.h"

#define S CASES_SLICE

#define LABEL_50 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwx"
#define LABEL_63 LABEL_50 "abcdefghijklm"
#define LABELS_24 "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
#define LABELS_120 LABELS_24 LABELS_24 LABELS_24 LABELS_24 LABELS_24
#define NAME_253 LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_50 "abcdefghijk"

static const struct normal {
    const char *label;
    struct slice name;
    enum domain_error error;
    const char *normal;
} normals[] = {
    {"a name",                               S("example.org"),                      DOMAIN_FINE,           "example.org"         },
    {"letters become small, RFC 4343 3",     S("EXAMPLE.Org"),                      DOMAIN_FINE,           "example.org"         },
    {"one final dot goes",                   S("example.org."),                     DOMAIN_FINE,           "example.org"         },
    {"the root, RFC 7505 3",                 S("."),                                DOMAIN_FINE,           ""                    },
    {"one label",                            S("localhost"),                        DOMAIN_FINE,           "localhost"           },
    {"underscores, RFC 8552 1",              S("_dmarc.Example.org"),               DOMAIN_FINE,           "_dmarc.example.org"  },
    {"digits",                               S("4.3.2.1.in-addr.arpa"),             DOMAIN_FINE,           "4.3.2.1.in-addr.arpa"},
    {"an asterisk, RFC 4592 2.1.1",          S("*.example.org"),                    DOMAIN_FINE,           "*.example.org"       },
    {"every other printable character",      S("!\"#$%&'()+,/:;<=>?@[\\]^`{|}~"),   DOMAIN_FINE,
     "!\"#$%&'()+,/:;<=>?@[\\]^`{|}~"                                                                                            },
    {"only ASCII letters have case",         S("[@]`{"),                            DOMAIN_FINE,           "[@]`{"               },
    {"a label of 63 octets, RFC 1035 2.3.4", S(LABEL_63 ".org"),                    DOMAIN_FINE,           LABEL_63 ".org"       },
    {"a label of 64 octets, RFC 1035 2.3.4", S(LABEL_63 "x.org"),                   DOMAIN_LABEL_TOO_LONG, NULL                  },
    {"the last label of 64 octets",          S("org." LABEL_63 "x"),                DOMAIN_LABEL_TOO_LONG, NULL                  },
    {"253 characters, RFC 1035 2.3.4",       S(NAME_253),                           DOMAIN_FINE,           NAME_253              },
    {"253 characters and a final dot",       S(NAME_253 "."),                       DOMAIN_FINE,           NAME_253              },
    {"254 characters",                       S("a" NAME_253),                       DOMAIN_TOO_LONG,       NULL                  },
    {"127 labels of one character",          S(LABELS_120 "a.a.a.a.a.a.A"),         DOMAIN_FINE,
     LABELS_120 "a.a.a.a.a.a.a"                                                                                                  },
    {"128 labels of one character",          S(LABELS_120 "a.a.a.a.a.a.a.a"),       DOMAIN_TOO_LONG,       NULL                  },
    {"far too long",                         S(NAME_253 "." NAME_253 "." NAME_253), DOMAIN_TOO_LONG,       NULL                  },
    {"nothing",                              S(""),                                 DOMAIN_EMPTY,          NULL                  },
    {"no memory",                            {NULL, 0},                             DOMAIN_EMPTY,          NULL                  },
    {"two dots",                             S(".."),                               DOMAIN_EMPTY_LABEL,    NULL                  },
    {"a first dot",                          S(".example.org"),                     DOMAIN_EMPTY_LABEL,    NULL                  },
    {"an empty label inside",                S("example..org"),                     DOMAIN_EMPTY_LABEL,    NULL                  },
    {"two final dots",                       S("example.org.."),                    DOMAIN_EMPTY_LABEL,    NULL                  },
    {"a blank inside",                       S("exam ple.org"),                     DOMAIN_BAD_CHARACTER,  NULL                  },
    {"a blank after",                        S("example.org "),                     DOMAIN_BAD_CHARACTER,  NULL                  },
    {"a tab",                                S("exam\tple.org"),                    DOMAIN_BAD_CHARACTER,  NULL                  },
    {"a line end",                           S("example.org\r\n"),                  DOMAIN_BAD_CHARACTER,  NULL                  },
    {"NUL inside",                           S("example\0.org"),                    DOMAIN_BAD_CHARACTER,  NULL                  },
    {"NUL at the end",                       S("example.org\0"),                    DOMAIN_BAD_CHARACTER,  NULL                  },
    {"DEL",                                  S("example\177.org"),                  DOMAIN_BAD_CHARACTER,  NULL                  },
    {"the first character past ASCII",       S("example\200.org"),                  DOMAIN_BAD_CHARACTER,  NULL                  },
    {"the last octet",                       S("\377.org"),                         DOMAIN_BAD_CHARACTER,  NULL                  },
};

static void test_normalize(void **state)
{
    const struct normal *row = *state;
    char buffer[DOMAIN_TEXT_SIZE] = "before";

    assert_int_equal(domain_normalize(row->name, buffer), row->error);
    assert_string_equal(buffer, row->normal != NULL ? row->normal : "");
}

/* What has no U-label takes the same way through both functions. */
static void test_to_ascii(void **state)
{
    const struct normal *row = *state;
    char buffer[DOMAIN_TEXT_SIZE] = "before";

    assert_int_equal(domain_to_ascii(row->name, buffer), row->error);
    assert_string_equal(buffer, row->normal != NULL ? row->normal : "");
}

static const struct host_name {
    const char *label;
    const char *name;
    bool good;
} host_names[] = {
    {"host name: letters",                            "mx.example.org",             true },
    {"host name: one label",                          "localhost",                  true },
    {"host name: large letters",                      "MX.EXAMPLE.ORG",             true },
    {"host name: a first digit, RFC 1123 2.1",        "3com.example",               true },
    {"host name: digits alone before the last label", "1.2.3.example",              true },
    {"host name: an A-label, RFC 5890 2.3.2.1",       "xn--mnchen-3ya.xn--p1ai",    true },
    {"host name: hyphens inside",                     "a-b--c.example",             true },
    {"host name: one character a label",              "a.b",                        true },
    {"host name: a last label with a digit",          "mx.e1",                      true },
    {"host name: a label of 63 octets",               LABEL_63 ".org",              true },
    {"host name: 253 characters",                     NAME_253,                     true },
    {"host name: a label of 64 octets",               LABEL_63 "x.org",             false},
    {"host name: 254 characters",                     "a" NAME_253,                 false},
    {"host name: 128 labels",                         LABELS_120 "a.a.a.a.a.a.a.a", false},
    {"host name: none",                               "",                           false},
    {"host name: the root",                           ".",                          false},
    {"host name: a final dot",                        "mx.example.org.",            false},
    {"host name: a first dot",                        ".example.org",               false},
    {"host name: an empty label",                     "mx..example.org",            false},
    {"host name: a first hyphen",                     "-mx.example.org",            false},
    {"host name: a hyphen before the dot",            "mx-.example.org",            false},
    {"host name: a hyphen alone",                     "mx.-.org",                   false},
    {"host name: a last hyphen",                      "mx.example.org-",            false},
    {"host name: an underscore",                      "_dmarc.example.org",         false},
    {"host name: a blank",                            "mx example.org",             false},
    {"host name: a slash",                            "mx/example.org",             false},
    {"host name: an asterisk",                        "*.example.org",              false},
    {"host name: a U-label",                          "m\xc3\xbcnchen.de",          false},
    {"host name: neighbours of the letters",          "a@.org",                     false},
    {"host name: neighbours of the small letters",    "a{.org",                     false},
    {"host name: an IPv4 address, RFC 1123 2.1",      "192.0.2.1",                  false},
    {"host name: digits alone",                       "12345",                      false},
    {"host name: a last label of digits alone",       "mx.example.123",             false},
    {"host name: an IPv6 address",                    "2001:db8::1",                false},
    {"host name: an address literal",                 "[192.0.2.1]",                false},
};

static void test_host_name(void **state)
{
    const struct host_name *row = *state;

    assert_int_equal(domain_is_host_name(row->name), row->good);
}

static const struct parent {
    const char *label;
    const char *name;
    size_t count;
    const char *first, *second;
} parents[] = {
    {"parents of a name",             "mx.example.org",           3,   "example.org",            "org"        },
    {"parents of a top-level domain", "org",                      1,   "",                       ""           },
    {"parents of two labels",         "example.org",              2,   "org",                    ""           },
    {"parents of the root",           "",                         0,   "",                       ""           },
    {"parents of underscores",        "_dmarc._x.example.org",    4,   "_x.example.org",         "example.org"},
    {"parents of 127 labels",         LABELS_120 "a.a.a.a.a.a.a", 127, LABELS_120 "a.a.a.a.a.a",
     LABELS_120 "a.a.a.a.a"                                                                                   },
};

static void test_parent(void **state)
{
    const struct parent *row = *state;

    assert_int_equal(domain_label_count(row->name), row->count);
    assert_ptr_equal(domain_parent(row->name, 0), row->name);
    assert_string_equal(domain_parent(row->name, 1), row->first);
    assert_string_equal(domain_parent(row->name, 2), row->second);
    assert_string_equal(domain_parent(row->name, row->count), "");
    assert_string_equal(domain_parent(row->name, SIZE_MAX), "");
    assert_ptr_equal(domain_parent(row->name, SIZE_MAX), row->name + strlen(row->name));
}

static const struct within {
    const char *label;
    const char *name;
    const char *ancestor;
    bool within;
} withins[] = {
    {"within itself",                 "example.org",     "example.org",    true },
    {"below",                         "mx.example.org",  "example.org",    true },
    {"two below",                     "a.b.example.org", "example.org",    true },
    {"within the root",               "example.org",     "",               true },
    {"the root within itself",        "",                "",               true },
    {"the root within a name",        "",                "org",            false},
    {"above",                         "example.org",     "mx.example.org", false},
    {"the same end inside a label",   "badexample.org",  "example.org",    false},
    {"the same beginning",            "example.org.net", "example.org",    false},
    {"beside",                        "mx.example.net",  "example.org",    false},
    {"longer by its first character", "xorg",            "org",            false},
};

static void test_within(void **state)
{
    const struct within *row = *state;

    assert_int_equal(domain_is_within(row->name, row->ancestor), row->within);
}

static const struct equal {
    const char *label;
    const char *a, *b;
    bool equal;
} equals[] = {
    {"equal: the same",                      "example.org",   "example.org",  true },
    {"equal: other case, RFC 4343 3",        "Example.ORG",   "eXAMPLE.org",  true },
    {"equal: a final dot",                   "example.org.",  "example.org",  true },
    {"equal: other case and two final dots", "EXAMPLE.org.",  "example.org.", true },
    {"equal: the root",                      ".",             "",             true },
    {"equal: one dot more",                  "example.org..", "example.org",  false},
    {"equal: a longer one",                  "example.org",   "example.or",   false},
    {"equal: another",                       "example.org",   "example.net",  false},
    {"equal: nothing and something",         "",              "org",          false},
};

static void test_equal(void **state)
{
    const struct equal *row = *state;

    assert_int_equal(domain_equal(row->a, row->b), row->equal);
    assert_int_equal(domain_equal(row->b, row->a), row->equal);
}

static void test_error_texts(void **state)
{
    (void)state;
    for (int error = DOMAIN_FINE; error <= DOMAIN_BAD_IDN; error++) {
        const char *text = domain_error_text((enum domain_error)error);

        assert_true(strlen(text) > 10);
        for (int other = DOMAIN_FINE; other < error; other++)
            assert_string_not_equal(text, domain_error_text((enum domain_error)other));
    }
    assert_non_null(strstr(domain_error_text(DOMAIN_LABEL_TOO_LONG), "RFC 1035 2.3.4"));
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_normalize, normals);
    CASES_TABLE(&cases, test_to_ascii, normals);
    CASES_TABLE(&cases, test_host_name, host_names);
    CASES_TABLE(&cases, test_parent, parents);
    CASES_TABLE(&cases, test_within, withins);
    CASES_TABLE(&cases, test_equal, equals);
    cases_add(&cases, "each error has a text of its own", test_error_texts, NULL);
    return cases_run(&cases, "domain");
}
