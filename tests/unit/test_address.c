#include <string.h>

#include "cases.h"
#include "mail/address.h"

#define S CASES_SLICE
#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct good_row {
    const char *label;
    struct slice text;
    const char *host; /* "" for a literal */
    bool smtputf8;
} good_rows[] = {
    {"RFC 5321 4.1.2: a Dot-string",                S("a.b@example.org"),                 "example.org", false},
    {"RFC 5321 4.1.2: all of atext",                S("!#$%&'*+-/=?^_`{|}~@example.org"), "example.org", false},
    {"RFC 5321 2.4: the domain has no case",        S("A@EXAMPLE.org"),                   "example.org", false},
    {"RFC 5321 4.1.2: a domain of one label",       S("a@localhost"),                     "localhost",   false},
    {"RFC 5321 4.1.2: a Quoted-string",             S("\"a b\"@example.org"),             "example.org", false},
    {"RFC 5321 4.1.2: an @ in quotes",              S("\"a@b\"@example.org"),             "example.org", false},
    {"RFC 5321 4.1.2: a quoted-pair",               S("\"a\\\"b\\\\\"@example.org"),      "example.org", false},
    {"RFC 5321 4.1.2: nothing in quotes",           S("\"\"@example.org"),                "example.org", false},
    {"RFC 5321 4.1.3: an IPv4 literal",             S("a@[192.0.2.1]"),                   "",            false},
    {"RFC 5321 4.1.3: an IPv6 literal",             S("a@[IPv6:2001:db8::1]"),            "",            false},
    {"RFC 5321 4.5.3.1.1: 64 octets of local part", S(A64 "@example.org"),                "example.org", false},
    {"RFC 1035 2.3.4: a label of 63 octets",        S("a@" A63 ".org"),                   A63 ".org",    false},
    {"RFC 5890 2.3.2.1: a U-label",
     S("a@b\xC3\xBC"
       "cher.example"),
     "xn--bcher-kva.example",                                                                            false},
    {"RFC 6531 3.3: UTF-8 in the local part",       S("zo\xC3\xAB@example.org"),          "example.org", true },
    {"RFC 6531 3.3: UTF-8 in quotes",               S("\"zo\xC3\xAB \"@example.org"),     "example.org", true },
    {"RFC 3629 4: four octets",                     S("\xF0\x9F\x98\x80@example.org"),    "example.org", true },
};

static void test_good(void **state)
{
    const struct good_row *row = *state;
    struct address address;

    if (!address_parse(row->text, row->smtputf8, &address))
        fail_msg("%s at %zu", address_error_text(address.error), address.column);
    assert_string_equal(address.host, row->host);
    assert_int_equal(address.column, 0);
    assert_true((address.literal.family != IP_NONE) == (row->host[0] == '\0'));
    assert_int_equal(address.local.length + 1 + address.domain.length, row->text.length);
    assert_true(address.is_quoted == (row->text.start[0] == '"'));
    assert_true(address.is_utf8 == row->smtputf8);
}

static const struct bad_row {
    const char *label;
    struct slice text;
    enum address_error error;
    size_t column;
    bool smtputf8;
} bad_rows[] = {
    {"nothing",                                     S(""),                                          ADDRESS_EMPTY,          1,   false},
    {"RFC 5321 4.1.2: no @",                        S("alice"),                                     ADDRESS_NO_AT,          6,   false},
    {"RFC 5321 4.1.2: no local part",               S("@example.org"),                              ADDRESS_NO_LOCAL,       1,   false},
    {"RFC 5321 4.1.2: no domain",                   S("alice@"),                                    ADDRESS_NO_DOMAIN,      7,   false},
    {"RFC 5321 4.1.2: a dot at the start",          S(".a@example.org"),                            ADDRESS_DOT,            1,   false},
    {"RFC 5321 4.1.2: a dot at the end",            S("a.@example.org"),                            ADDRESS_DOT,            2,   false},
    {"RFC 5321 4.1.2: two dots",                    S("a..b@example.org"),                          ADDRESS_DOT,            3,   false},
    {"RFC 5322 4.4: a blank is obsolete",           S("a b@example.org"),                           ADDRESS_BLANK,          2,   false},
    {"RFC 5322 3.2.2: a comment",                   S("a(b)@example.org"),                          ADDRESS_COMMENT,        2,   false},
    {"RFC 5322 3.2.2: a comment in the domain",     S("a@(b)example.org"),                          ADDRESS_COMMENT,        3,   false},
    {"RFC 5321 4.1.2: brackets are the path's",     S("<a@example.org>"),                           ADDRESS_ANGLE,          1,   false},
    {"RFC 5322 3.2.3: specials",                    S("a;b@example.org"),                           ADDRESS_BAD_CHARACTER,  2,   false},
    {"a line end",                                  S("a\r\nDATA@example.org"),                     ADDRESS_BAD_CHARACTER,  2,   false},
    {"a NUL",                                       S("a\0b@example.org"),                          ADDRESS_BAD_CHARACTER,  2,   false},
    {"a line end in the domain",                    S("a@example.org\r\n"),                         ADDRESS_BAD_DOMAIN,     14,  false},
    {"a NUL in the domain",                         S("a@example\0.org"),                           ADDRESS_BAD_DOMAIN,     10,  false},
    {"a line end in quotes",                        S("\"a\r\n\"@example.org"),                     ADDRESS_BAD_QUOTED,     3,   false},
    {"a line end behind a backslash",               S("\"a\\\n\"@example.org"),                     ADDRESS_BAD_QUOTED,     4,   false},
    {"RFC 5321 4.1.2: quotes that do not end",      S("\"a@example.org"),                           ADDRESS_OPEN_QUOTE,     1,   false},
    {"a backslash at the end",                      S("\"a\\"),                                     ADDRESS_OPEN_QUOTE,     1,   false},
    {"RFC 5321 4.1.2: text behind quotes",          S("\"a\"b@example.org"),                        ADDRESS_AFTER_QUOTE,    4,   false},
    {"RFC 5322 4.4: obs-local-part",                S("\"a\".b@example.org"),                       ADDRESS_AFTER_QUOTE,    4,   false},
    {"RFC 5321 4.5.3.1.1: 65 octets",               S(A64 "a@example.org"),                         ADDRESS_LOCAL_TOO_LONG, 65,  false},
    {"RFC 1035 2.3.4: a label of 64 octets",        S("a@" A64 ".org"),                             ADDRESS_LABEL_TOO_LONG, 66,  false},
    {"RFC 5321 4.5.3.1.2: 256 octets of domain",    S("a@" A63 "." A63 "." A63 "." A63 ".aa"),
     ADDRESS_DOMAIN_TOO_LONG,                                                                                               258, false},
    {"RFC 1035 2.3.4: 254 octets of domain",
     S("a@" A63 "." A63 "." A63 ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
     ADDRESS_DOMAIN_TOO_LONG,                                                                                               3,   false},
    {"RFC 5321 4.5.3.1.3: 255 octets in all",       S(A64 "@" A63 "." A63 "." A63),                 ADDRESS_PATH_TOO_LONG,
     255,                                                                                                                        false},
    {"a second @",                                  S("a@b@example.org"),                           ADDRESS_SECOND_AT,      4,   false},
    {"RFC 5321 4.1.2: an empty label",              S("a@example..org"),                            ADDRESS_EMPTY_LABEL,    11,  false},
    {"RFC 5321 4.1.2: a dot first",                 S("a@.example.org"),                            ADDRESS_EMPTY_LABEL,    3,   false},
    {"RFC 5321 4.1.2: a dot last",                  S("a@example.org."),                            ADDRESS_FINAL_DOT,      14,  false},
    {"RFC 5321 4.1.2: a hyphen first",              S("a@-example.org"),                            ADDRESS_HYPHEN,         3,   false},
    {"RFC 5321 4.1.2: a hyphen last",               S("a@example-.org"),                            ADDRESS_HYPHEN,         10,  false},
    {"RFC 5321 2.3.5: an underscore",               S("a@ex_ample.org"),                            ADDRESS_BAD_DOMAIN,     5,   false},
    {"RFC 5321 4.1.3: an address without brackets", S("a@192.0.2.1"),                               ADDRESS_BARE_IP,        3,   false},
    {"RFC 1123 2.1: digits last",                   S("a@example.123"),                             ADDRESS_ALL_DIGITS,     11,  false},
    {"RFC 5891 4.2: what IDNA refuses",             S("a@\xE2\x84\x80.example"),                    ADDRESS_BAD_IDN,        3,   false},
    {"RFC 5321 4.1.3: an open literal",             S("a@[192.0.2.1"),                              ADDRESS_OPEN_LITERAL,   3,   false},
    {"RFC 5321 4.1.3: a bad literal",               S("a@[192.0.2.256]"),                           ADDRESS_BAD_LITERAL,    4,   false},
    {"RFC 5321 4.1.3: IPv6 without its tag",        S("a@[2001:db8::1]"),                           ADDRESS_BAD_LITERAL,    4,   false},
    {"RFC 5321 4.1.3: IPv4 with the tag",           S("a@[IPv6:192.0.2.1]"),                        ADDRESS_BAD_LITERAL,    4,   false},
    {"RFC 5321 4.1.3: text behind a literal",       S("a@[192.0.2.1]x"),                            ADDRESS_AFTER_LITERAL,  14,
     false                                                                                                                            },
    {"RFC 6531 3.3: UTF-8 that is not wanted",      S("zo\xC3\xAB@example.org"),                    ADDRESS_NEEDS_SMTPUTF8,
     3,                                                                                                                          false},
    {"columns are characters",                      S("\xC3\xAB\xC3\xAB ..@example.org"),           ADDRESS_BLANK,          3,   true },
    {"RFC 3629 3: a lone octet",                    S("a\xC3@example.org"),                         ADDRESS_BAD_UTF8,       2,   true },
    {"RFC 3629 3: overlong",                        S("a\xC0\xAF@example.org"),                     ADDRESS_BAD_UTF8,       2,   true },
    {"RFC 3629 3: a surrogate",                     S("a\xED\xA0\x80@example.org"),                 ADDRESS_BAD_UTF8,       2,   true },
    {"RFC 3629 3: above U+10FFFF",                  S("a\xF4\x90\x80\x80@example.org"),             ADDRESS_BAD_UTF8,       2,   true },
    {"RFC 3629 3: cut",                             S("a@b\xC3"),                                   ADDRESS_BAD_UTF8,       4,   false},
    {"C1 control characters",                       S("a\xC2\x85@example.org"),                     ADDRESS_BAD_CHARACTER,  2,   true },
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct address address;

    assert_false(address_parse(row->text, row->smtputf8, &address));
    assert_string_equal(address_error_text(address.error), address_error_text(row->error));
    assert_int_equal(address.column, row->column);
    assert_true(strncmp(address_error_section(address.error), "RFC ", 4) == 0);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_good, good_rows);
    CASES_TABLE(&cases, test_bad, bad_rows);
    return cases_run(&cases, "address");
}
