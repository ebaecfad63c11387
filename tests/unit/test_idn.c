#include "cases.h"
#include "mail/idn.h"

#define S CASES_SLICE

#define U "\xc3\xbc" /* U+00FC */
#define U_10 U U U U U U U U U U
#define A_10 "aaaaaaaaaa"
#define LABEL_32 U A_10 A_10 A_10 "a"
#define A_LABEL_39 "xn--" A_10 A_10 A_10 "a-nid"

static const struct idn {
    const char *label;
    struct slice name;
    enum domain_error error;
    const char *ascii;
} idns[] = {
    {"a U-label, RFC 5890 2.3.2.1",                       S("m" U "nchen.de"),                                                DOMAIN_FINE,          "xn--mnchen-3ya.de"                           },
    {"large letters are mapped, RFC 5895 2",              S("M\xc3\x9cNCHEN.DE"),                                             DOMAIN_FINE,
     "xn--mnchen-3ya.de"                                                                                                                                                                          },
    {"composed first, RFC 5891 5.3",                      S("mu\xcc\x88nchen.de"),                                            DOMAIN_FINE,          "xn--mnchen-3ya.de"                           },
    {"an underscored label before it",                    S("_dmarc.m" U "nchen.de"),                                         DOMAIN_FINE,
     "_dmarc.xn--mnchen-3ya.de"                                                                                                                                                                   },
    {"an A-label beside it",                              S("xn--mnchen-3ya." U),                                             DOMAIN_FINE,          "xn--mnchen-3ya.xn--tda"                      },
    {"sharp s stays, not transitional, RFC 5894 7.2",     S("fa\xc3\x9f.example"),                                            DOMAIN_FINE,
     "xn--fa-hia.example"                                                                                                                                                                         },
    {"final sigma stays, not transitional, RFC 5894 7.2",
     S("\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x82.com"),                                                                       DOMAIN_FINE,          "xn--nxasmm1c.com"                            },
    {"two scripts",                                       S("\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88"), DOMAIN_FINE,
     "xn--r8jz45g.xn--zckzah"                                                                                                                                                                     },
    {"an ideographic full stop",
     S("\xe4\xbe\x8b\xe3\x81\x88\xe3\x80\x82\xe3\x83\x86\xe3\x82\xb9\xe3"
       "\x83\x88"),
     DOMAIN_FINE,                                                                                                                                   "xn--r8jz45g.xn--zckzah"                      },
    {"right to left, RFC 5893 2",                         S("\xd7\x90\xd7\x91.com"),                                          DOMAIN_FINE,          "xn--4dbc.com"                                },
    {"a final dot",                                       S(U ".de."),                                                        DOMAIN_FINE,          "xn--tda.de"                                  },
    {"a soft hyphen goes",
     S("ab\xc2\xad"
       "cd.de"),
     DOMAIN_FINE,                                                                                                                                   "abcd.de"                                     },
    {"a label of 63 characters after IDNA",               S(U_10 U_10 U_10 U_10 U_10 U U U U U U U ".de"),
     DOMAIN_FINE,                                                                                                                                   "xn--tda" A_10 A_10 A_10 A_10 A_10 "aaaaaa.de"},
    {"a label of 64 characters after IDNA",               S(U_10 U_10 U_10 U_10 U_10 U U U U U U U U ".de"),
     DOMAIN_LABEL_TOO_LONG,                                                                                                                         NULL                                          },
    {"a label far too long",                              S(U_10 U_10 U_10 U_10 U_10 U_10 U_10 U_10 U_10 ".de"),
     DOMAIN_LABEL_TOO_LONG,                                                                                                                         NULL                                          },
    {"six labels of 39 characters after IDNA",
     S(LABEL_32 "." LABEL_32 "." LABEL_32 "." LABEL_32 "." LABEL_32 "." LABEL_32),                                            DOMAIN_FINE,
     A_LABEL_39 "." A_LABEL_39 "." A_LABEL_39 "." A_LABEL_39 "." A_LABEL_39 "." A_LABEL_39                                                                                                        },
    {"seven labels of 39 characters after IDNA",
     S(LABEL_32 "." LABEL_32 "." LABEL_32 "." LABEL_32 "." LABEL_32 "." LABEL_32 "." LABEL_32),
     DOMAIN_TOO_LONG,                                                                                                                               NULL                                          },
    {"an empty label",                                    S(U "..de"),                                                        DOMAIN_EMPTY_LABEL,   NULL                                          },
    {"a first dot",                                       S("." U),                                                           DOMAIN_EMPTY_LABEL,   NULL                                          },
    {"a label of a soft hyphen",                          S("\xc2\xad.de"),                                                   DOMAIN_EMPTY_LABEL,   NULL                                          },
    {"a soft hyphen alone",                               S("\xc2\xad"),                                                      DOMAIN_EMPTY,         NULL                                          },
    {"no UTF-8",                                          S("m\xfcnchen.de"),                                                 DOMAIN_BAD_CHARACTER, NULL                                          },
    {"UTF-8 that is cut",                                 S("m\xc3"),                                                         DOMAIN_BAD_CHARACTER, NULL                                          },
    {"UTF-8 in more octets than needed, RFC 3629 3",      S("\xc0\xae.de"),                                                   DOMAIN_BAD_CHARACTER, NULL                                          },
    {"a surrogate, RFC 3629 3",                           S("\xed\xa0\x80.de"),                                               DOMAIN_BAD_CHARACTER, NULL                                          },
    {"past U+10FFFF, RFC 3629 3",                         S("\xf4\x90\x80\x80.de"),                                           DOMAIN_BAD_CHARACTER, NULL                                          },
    {"NUL after a U-label",                               S(U "\0.de"),                                                       DOMAIN_BAD_CHARACTER, NULL                                          },
    {"a symbol, RFC 5892 2",                              S("\xe2\x98\x95.example"),                                          DOMAIN_BAD_IDN,       NULL                                          },
    {"a first combining mark, RFC 5891 5.4",              S("\xcc\x88u.de"),                                                  DOMAIN_BAD_IDN,       NULL                                          },
    {"both directions in one label, RFC 5893 2",
     S("\xd7\x90"
       "ab\xd7\x91.com"),
     DOMAIN_BAD_IDN,                                                                                                                                NULL                                          },
    {"a digit before right to left, RFC 5893 2",          S("1\xd7\x90\xd7\x91.com"),                                         DOMAIN_BAD_IDN,       NULL                                          },
    {"a joiner without its context, RFC 5892 A.2",
     S("a\xe2\x80\x8d"
       "b.de"),
     DOMAIN_BAD_IDN,                                                                                                                                NULL                                          },
    {"a first hyphen, RFC 5891 4.2.3.1",                  S("-" U ".de"),                                                     DOMAIN_BAD_IDN,       NULL                                          },
    {"a last hyphen, RFC 5891 4.2.3.1",                   S(U "-.de"),                                                        DOMAIN_BAD_IDN,       NULL                                          },
    {"a false A-label beside a U-label",                  S("xn--zzzzzzz99999." U),                                           DOMAIN_BAD_IDN,       NULL                                          },
    {"a sign that would become a slash",
     S("a\xe2\x84\x80"
       "c.example"),
     DOMAIN_BAD_IDN,                                                                                                                                NULL                                          },
    {"a wide slash",                                      S(U "\xef\xbc\x8fx.de"),                                            DOMAIN_BAD_IDN,       NULL                                          },
    {"a blank beside a U-label",                          S(U " x.de"),                                                       DOMAIN_BAD_IDN,       NULL                                          },
    {"a line end beside a U-label",                       S(U ".de\r\n"),                                                     DOMAIN_BAD_CHARACTER, NULL                                          },
    {"a line separator",                                  S(U "\xe2\x80\xa8.de"),                                             DOMAIN_BAD_IDN,       NULL                                          },
};

static void test_idn(void **state)
{
    const struct idn *row = *state;
    char buffer[DOMAIN_TEXT_SIZE] = "before";

    assert_int_equal(domain_to_ascii(row->name, buffer), row->error);
    assert_string_equal(buffer, row->ascii != NULL ? row->ascii : "");
}

/* More octets than any name in UTF-8 has: refused before the library sees them. */
static void test_far_too_long(void **state)
{
    (void)state;
    const size_t size = 1 << 20;
    char *octets = malloc(size);
    char buffer[DOMAIN_TEXT_SIZE];

    assert_non_null(octets);
    for (size_t i = 0; i < size; i++)
        octets[i] = (U "a.")[i % 4];
    assert_int_equal(domain_to_ascii(slice_new(octets, size), buffer), DOMAIN_TOO_LONG);
    for (size_t length = 900; length < 1200; length++)
        assert_int_not_equal(domain_to_ascii(slice_new(octets, length), buffer), DOMAIN_FINE);
    free(octets);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_idn, idns);
    cases_add(&cases, "a megabyte of labels", test_far_too_long, NULL);
    return cases_run(&cases, "idn");
}
