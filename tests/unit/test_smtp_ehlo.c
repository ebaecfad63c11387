#include <string.h>

#include "base/text.h"
#include "cases.h"
#include "mail/smtp_ehlo.h"

#define S CASES_SLICE

static const struct name_row {
    const char *label;
    struct slice text;
    enum smtp_name_kind kind;
    const char *name, *rest;
} name_rows[] = {
    {"RFC 5321 4.2: a name and text",                   S("mx.example.org ESMTP Postfix"), SMTP_NAME_FQDN,
     "mx.example.org",                                                                                                                 "ESMTP Postfix"},
    {"RFC 5321 4.3.1: the name alone",                  S("mx.example.org"),               SMTP_NAME_FQDN,         "mx.example.org",   ""             },
    {"RFC 5321 2.3.5: a final dot",                     S("mx.example.org. x"),            SMTP_NAME_FQDN,         "mx.example.org.",  "x"            },
    {"RFC 5321 4.2: only the first line names",         S("mx.example.org a\nb c"),        SMTP_NAME_FQDN,
     "mx.example.org",                                                                                                                 "a"            },
    {"RFC 5321 4.1.3: an IPv4 literal",                 S("[192.0.2.1] ESMTP"),            SMTP_NAME_LITERAL,      "[192.0.2.1]",
     "ESMTP"                                                                                                                                          },
    {"RFC 5321 4.1.3: an IPv6 literal",                 S("[IPv6:2001:db8::1]"),           SMTP_NAME_LITERAL,
     "[IPv6:2001:db8::1]",                                                                                                             ""             },
    {"RFC 5321 4.1.3: an IPv6 literal without its tag", S("[2001:db8::1]"),                SMTP_NAME_INVALID,
     "[2001:db8::1]",                                                                                                                  ""             },
    {"RFC 5321 4.1.3: an address without brackets",     S("192.0.2.1 ESMTP"),              SMTP_NAME_INVALID,
     "192.0.2.1",                                                                                                                      "ESMTP"        },
    {"localhost",                                       S("localhost ESMTP"),              SMTP_NAME_LOCALHOST,    "localhost",        "ESMTP"        },
    {"localhost.localdomain",                           S("localhost.localdomain"),        SMTP_NAME_LOCALHOST,
     "localhost.localdomain",                                                                                                          ""             },
    {"RFC 5321 2.3.5: a single label",                  S("mail ready"),                   SMTP_NAME_SINGLE_LABEL, "mail",             "ready"        },
    {"RFC 5321 4.3.1: no name before ESMTP",            S("ESMTP"),                        SMTP_NAME_SINGLE_LABEL, "ESMTP",            ""             },
    {"a name that a middlebox masked with asterisks",   S("*****************0*2"),         SMTP_NAME_INVALID,
     "*****************0*2",                                                                                                           ""             },
    {"a greeting of asterisks",                         S("*** ***"),                      SMTP_NAME_MASKED,       "***",              "***"          },
    {"a greeting of X",                                 S("XXXX"),                         SMTP_NAME_MASKED,       "XXXX",             ""             },
    {"RFC 5321 4.2: an empty greeting",                 S(""),                             SMTP_NAME_NONE,         "",                 ""             },
    {"RFC 5321 4.2: two blanks before the name",        S(" mx.example.org"),              SMTP_NAME_NONE,         "",
     "mx.example.org"                                                                                                                                 },
    {"RFC 5321 2.3.5: an underscore",                   S("mx_1.example.org"),             SMTP_NAME_INVALID,      "mx_1.example.org",
     ""                                                                                                                                               },
    {"a NUL in the name",                               S("mx\0.example.org"),             SMTP_NAME_INVALID,      NULL,               ""             },
};

static void test_name(void **state)
{
    const struct name_row *row = *state;
    struct smtp_name name;
    smtp_name_parse(row->text, &name);
    assert_int_equal(name.kind, row->kind);
    if (row->name != NULL) {
        assert_true(slice_equals_text(name.name, row->name));
    }
    assert_true(slice_equals_text(name.rest, row->rest));
}

static const struct ehlo_row {
    const char *label;
    struct slice text;
    const char *keywords; /* NAME(PARAMETERS)FAULTS each */
} ehlo_rows[] = {
    {"RFC 5321 4.1.1.1: no keyword",                         S("mx.example.org"),                  ""                  },
    {"RFC 5321 4.1.1.1: keywords in the server's case",      S("mx\nPIPELINING\nStartTls"),
     "PIPELINING()0 StartTls()0 "                                                                                      },
    {"RFC 5321 4.1.1.1: parameters",                         S("mx\nSIZE 1000\nAUTH PLAIN LOGIN"),
     "SIZE(1000)0 AUTH(PLAIN LOGIN)0 "                                                                                 },
    {"RFC 5321 4.1.1.1: two blanks between parameters",      S("mx\nAUTH  PLAIN  LOGIN"),
     "AUTH(PLAIN  LOGIN)0 "                                                                                            },
    {"RFC 5321 4.1.1.1: a keyword with a bad character",     S("mx\nX_Y 1\n-A"),                   "X_Y(1)1 -A()1 "    },
    {"RFC 5321 4.1.1.1: an empty line",                      S("mx\n\nSIZE"),                      "()1 SIZE()0 "      },
    {"RFC 5321 4.1.1.1: a control character in a parameter", S("mx\nX a\001"),                     "X(a\001)2 "        },
    {"RFC 5321 4.1.1.1: an 8-bit parameter",                 S("mx\nX \303\244"),                  "X(\303\244)2 "     },
    {"RFC 5321 2.2.1: a keyword twice",                      S("mx\nSIZE 1\nsize 2"),              "SIZE(1)0 size(2)4 "},
    {"RFC 4954 4: AUTH= beside AUTH",                        S("mx\nAUTH PLAIN\nAUTH=PLAIN"),
     "AUTH(PLAIN)0 AUTH(PLAIN)8 "                                                                                      },
};

static void test_ehlo(void **state)
{
    const struct ehlo_row *row = *state;
    struct smtp_ehlo ehlo;
    struct text printed;
    unsigned faults = 0;
    smtp_ehlo_parse(row->text, &ehlo);
    text_init(&printed, 1000);
    for (size_t i = 0; i < ehlo.count; i++) {
        const struct smtp_keyword *keyword = &ehlo.keywords[i];
        text_printf(&printed, "%.*s(%.*s)%u ", SLICE_PRINTF(keyword->name),
                    SLICE_PRINTF(keyword->parameters), keyword->faults);
        faults |= keyword->faults;
    }
    assert_string_equal(printed.start, row->keywords);
    assert_int_equal(ehlo.faults, faults);
    text_release(&printed);
}

static const struct size_row {
    const char *label;
    struct slice text;
    enum smtp_size size;
    uint64_t octets;
} size_rows[] = {
    {"RFC 1870 3: no SIZE",                    S("mx\nHELP"),                       SMTP_SIZE_ABSENT,      0         },
    {"RFC 1870 3: SIZE without a number",      S("mx\nSIZE"),                       SMTP_SIZE_UNSPECIFIED, 0         },
    {"RFC 1870 3: SIZE 0",                     S("mx\nSIZE 0"),                     SMTP_SIZE_UNLIMITED,   0         },
    {"RFC 1870 3: a limit",                    S("mx\nsize 10240000"),              SMTP_SIZE_LIMITED,     10240000  },
    {"RFC 1870 4: twenty digits past 64 bits", S("mx\nSIZE 99999999999999999999"),
     SMTP_SIZE_LIMITED,                                                                                    UINT64_MAX},
    {"RFC 1870 4: twenty-one digits",          S("mx\nSIZE 100000000000000000000"), SMTP_SIZE_INVALID,     0         },
    {"RFC 1870 4: a unit",                     S("mx\nSIZE 10M"),                   SMTP_SIZE_INVALID,     0         },
    {"RFC 1870 4: a sign",                     S("mx\nSIZE -1"),                    SMTP_SIZE_INVALID,     0         },
};

static void test_size(void **state)
{
    const struct size_row *row = *state;
    struct smtp_ehlo ehlo;
    uint64_t octets = 1;
    smtp_ehlo_parse(row->text, &ehlo);
    assert_int_equal(smtp_ehlo_size(&ehlo, &octets), row->size);
    assert_true(octets == row->octets);
}

static const struct damaged_row {
    const char *label;
    struct slice text;
    const char *damaged; /* NULL: none */
} damaged_rows[] = {
    {"RFC 3207 4: STARTTLS is whole",                       S("mx\nstarttls"),                  NULL       },
    {"RFC 3207 4: STARTTLS is not there",                   S("mx\nSIZE 1\nXCLIENT\nXFORWARD"), NULL       },
    {"a middlebox wrote XXXXXXXA",                          S("mx\nXXXXXXXA"),                  "XXXXXXXA" },
    {"a middlebox wrote XXXXXXXX",                          S("mx\nSIZE\nXXXXXXXX"),            "XXXXXXXX" },
    {"a middlebox wrote XSTARTTLS",                         S("mx\nXSTARTTLS"),                 "XSTARTTLS"},
    {"a middlebox wrote STARTTLX",                          S("mx\nSTARTTLX"),                  "STARTTLX" },
    {"RFC 3207 4: STARTTLS stands beside a masked keyword", S("mx\nXXXXXXXA\nSTARTTLS"),        NULL       },
};

static void test_damaged(void **state)
{
    const struct damaged_row *row = *state;
    struct smtp_ehlo ehlo;
    smtp_ehlo_parse(row->text, &ehlo);
    const struct smtp_keyword *damaged = smtp_ehlo_damaged_starttls(&ehlo);
    assert_int_equal(damaged != NULL, row->damaged != NULL);
    if (damaged != NULL) {
        assert_true(slice_equals_text(damaged->name, row->damaged));
    }
}

static void test_parameters(void **state)
{
    struct smtp_ehlo ehlo;
    (void)state;
    smtp_ehlo_parse(slice_of("mx\nAUTH PLAIN CRAM-MD5\nAUTH=login"), &ehlo);
    assert_true(smtp_ehlo_has_parameter(&ehlo, "AUTH", "plain"));
    assert_true(smtp_ehlo_has_parameter(&ehlo, "auth", "LOGIN"));
    assert_false(smtp_ehlo_has_parameter(&ehlo, "AUTH", "CRAM"));
    assert_false(smtp_ehlo_has_parameter(&ehlo, "SIZE", "PLAIN"));
}

static void test_many(void **state)
{
    struct smtp_ehlo ehlo;
    struct text text;
    (void)state;
    text_init(&text, 10000);
    text_append(&text, "mx");
    for (int i = 0; i < SMTP_EHLO_MAX + 3; i++) {
        text_printf(&text, "\nX%d", i);
    }
    smtp_ehlo_parse(text_slice(&text), &ehlo);
    assert_int_equal(ehlo.count, SMTP_EHLO_MAX);
    assert_int_equal(ehlo.omitted, 3);
    text_release(&text);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_name, name_rows);
    CASES_TABLE(&cases, test_ehlo, ehlo_rows);
    CASES_TABLE(&cases, test_size, size_rows);
    CASES_TABLE(&cases, test_damaged, damaged_rows);
    cases_add(&cases, "RFC 4954 4: mechanisms are found in any case", test_parameters, NULL);
    cases_add(&cases, "a list has at most SMTP_EHLO_MAX keywords", test_many, NULL);
    return cases_run(&cases, "smtp_ehlo");
}
