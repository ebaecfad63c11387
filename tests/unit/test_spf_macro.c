#include <string.h>

#include "cases.h"
#include "mail/spf_macro.h"

/* RFC 7208 7.4: the sender, addresses and name of its examples. */
static const struct expand_row {
    const char *label;
    const char *string;
    const char *ip;
    const char *expanded;
} expand_rows[] = {
    {"7.4: s",                                         "%{s}",                              "192.0.2.3",      "strong-bad@email.example.com"  },
    {"7.4: o",                                         "%{o}",                              "192.0.2.3",      "email.example.com"             },
    {"7.4: d",                                         "%{d}",                              "192.0.2.3",      "email.example.com"             },
    {"7.4: d4, more parts than there are",             "%{d4}",                             "192.0.2.3",      "email.example.com"             },
    {"7.4: d3",                                        "%{d3}",                             "192.0.2.3",      "email.example.com"             },
    {"7.4: d2",                                        "%{d2}",                             "192.0.2.3",      "example.com"                   },
    {"7.4: d1",                                        "%{d1}",                             "192.0.2.3",      "com"                           },
    {"7.4: dr",                                        "%{dr}",                             "192.0.2.3",      "com.example.email"             },
    {"7.4: d2r",                                       "%{d2r}",                            "192.0.2.3",      "example.email"                 },
    {"7.4: l",                                         "%{l}",                              "192.0.2.3",      "strong-bad"                    },
    {"7.4: l-",                                        "%{l-}",                             "192.0.2.3",      "strong.bad"                    },
    {"7.4: lr",                                        "%{lr}",                             "192.0.2.3",      "strong-bad"                    },
    {"7.4: lr-",                                       "%{lr-}",                            "192.0.2.3",      "bad.strong"                    },
    {"7.4: l1r-",                                      "%{l1r-}",                           "192.0.2.3",      "strong"                        },
    {"7.4: ir.v._spf.d2",                              "%{ir}.%{v}._spf.%{d2}",             "192.0.2.3",
     "3.2.0.192.in-addr._spf.example.com"                                                                                                     },
    {"7.4: lr-.lp._spf.d2",                            "%{lr-}.lp._spf.%{d2}",              "192.0.2.3",      "bad.strong.lp._spf.example.com"},
    {"7.4: lr-.lp.ir.v._spf.d2",                       "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",   "192.0.2.3",
     "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"                                                                                       },
    {"7.4: ir.v.l1r-.lp._spf.d2",                      "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",  "192.0.2.3",
     "3.2.0.192.in-addr.strong.lp._spf.example.com"                                                                                           },
    {"7.4: d2 before another domain",                  "%{d2}.trusted-domains.example.net", "192.0.2.3",
     "example.com.trusted-domains.example.net"                                                                                                },
    {"7.4: IPv6 reversed",                             "%{ir}.%{v}._spf.%{d2}",             "2001:db8::cb01",
     "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com"                                                   },
    {"7.3: IPv6 in order",                             "%{i}",                              "2001:db8::cb01",
     "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1"                                                                        },
    {"7.3: c is for people",                           "%{c}",                              "2001:db8::cb01", "2001:db8::cb01"                },
    {"7.2: h",                                         "%{h}",                              "192.0.2.3",      "mx.example.org"                },
    {"7.2: p",                                         "%{p}",                              "192.0.2.3",      "mx.example.org"                },
    {"7.3: r without a name",                          "%{r}",                              "192.0.2.3",      "unknown"                       },
    {"7.3: t in seconds",                              "%{t}",                              "192.0.2.3",      "1700000000"                    },
    {"7.1: %%, %_ and %-",                             "a%%b%_c%-d",                        "192.0.2.3",      "a%b c%20d"                     },
    {"7.3: upper case escapes what is not unreserved", "%{S}",                              "192.0.2.3",
     "strong-bad%40email.example.com"                                                                                                         },
    {"7.3: several delimiters",                        "%{s1r-.}",                          "192.0.2.3",      "strong"                        },
    {"7.3: parts may be empty",                        "%{h.-}",                            "192.0.2.3",      "mx.example.org"                },
    {"7.1: r in upper case",                           "%{DR}",                             "192.0.2.3",      "com.example.email"             },
};

static void test_expand(void **state)
{
    const struct expand_row *row = *state;
    struct spf_macro_values values = {.sender = "strong-bad@email.example.com",
                                      .local_part = "strong-bad",
                                      .sender_domain = "email.example.com",
                                      .domain = "email.example.com",
                                      .helo = "mx.example.org",
                                      .validated = "mx.example.org",
                                      .time = 1700000000};
    struct text text;
    text_init(&text, 1000);
    assert_true(ip_parse(slice_of(row->ip), &values.ip));
    spf_macro_expand(slice_of(row->string), &values, &text);
    assert_string_equal(text.start, row->expanded);
    text_release(&text);
}

static const struct target_row {
    const char *label;
    const char *expanded;
    const char *name; /* NULL: no domain name */
} target_rows[] = {
    {"4.8: lower-cased, without the final dot",         "A.Example.",            "a.example"                                                              },
    {"4.8: an empty label",                             "a..example",            NULL                                                                     },
    {"4.8: nothing",                                    "",                      NULL                                                                     },
    {"4.8: a dot",                                      ".",                     NULL                                                                     },
    {"4.8: blanks and backslashes are kept as escapes", "a b\\.example",         "a\\032b\\092.example"                                                   },
    {"4.8: a label of 64 octets",
     "a123456789012345678901234567890123456789012345678901234567890123.example", NULL                                                                     },
    {"4.8: a label of 63 octets",
     "a12345678901234567890123456789012345678901234567890123456789012.example",  "a12345678901234567890123456789012345678901234567890123456789012.example"},
};

static void test_target(void **state)
{
    const struct target_row *row = *state;
    char name[SPF_NAME_SIZE];
    assert_int_equal(spf_target_name(slice_of(row->expanded), name), row->name != NULL);
    if (row->name != NULL)
        assert_string_equal(name, row->name);
}

static void test_long_name(void **state)
{
    char name[SPF_NAME_SIZE];
    struct text text;
    (void)state;
    text_init(&text, 1000);
    for (int i = 0; i < 60; i++)
        text_append(&text, "abcd.");
    text_append(&text, "example");
    assert_true(spf_target_name(text_slice(&text), name));
    assert_true(strlen(name) <= 253);
    assert_true(strlen(name) > 253 - 5);
    assert_true(strncmp(name, "abcd.", 5) == 0);
    text_release(&text);
}

static void test_long_value(void **state)
{
    char sender[4001];
    struct spf_macro_values values = {.sender = sender};
    struct text text;
    (void)state;
    memset(sender, '.', sizeof sender - 1);
    sender[sizeof sender - 1] = '\0';
    text_init(&text, 10000);
    spf_macro_expand(SLICE_LITERAL("%{sr.}"), &values, &text);
    assert_int_equal(text.length, SPF_VALUE_MAX);
    text_release(&text);
}

static void test_letters(void **state)
{
    (void)state;
    assert_int_equal(spf_macro_letters(SLICE_LITERAL("a%%{p}.%{Dr}%_%{l1}")),
                     SPF_LETTER('d') | SPF_LETTER('l'));
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_expand, expand_rows);
    CASES_TABLE(&cases, test_target, target_rows);
    cases_add(&cases, "7.3: a name over 253 characters loses labels from the left", test_long_name,
              NULL);
    cases_add(&cases, "7.3: hostile values are cut", test_long_value, NULL);
    cases_add(&cases, "letters of a string, %% skipped", test_letters, NULL);
    return cases_run(&cases, "spf_macro");
}
