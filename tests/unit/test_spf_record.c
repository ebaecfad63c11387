#include <string.h>

#include "cases.h"
#include "mail/spf_record.h"

#define S CASES_SLICE

/* Records: the first error and where it stands. */
static const struct record_row {
    const char *label;
    struct slice text;
    enum spf_error error;
    size_t offset;
} record_rows[] = {
    {"4.5: nothing but the version",               S("v=spf1"),                                                   SPF_FINE,                    0 },
    {"4.5: spaces at the end",                     S("v=spf1 -all  "),                                            SPF_FINE,                    0 },
    {"4.6.1: several spaces between terms",        S("v=spf1  a   -all"),                                         SPF_FINE,                    0 },
    {"12: names ignore case",                      S("V=SPF1 A Mx PTR iP4:192.0.2.1 Include:a.example -ALL"),     SPF_FINE,
     0                                                                                                                                           },
    {"4.6.1: a tab is no separator",               S("v=spf1 a\t-all"),                                           SPF_ERROR_CHARACTER,         8 },
    {"4.6.1: NUL in a term",                       S("v=spf1 a:b.example\0 -all"),                                SPF_ERROR_CHARACTER,         18},
    {"3.1: a dash that is not ASCII",
     S("v=spf1 \xe2\x80\x93"
       "all"),
     SPF_ERROR_NOT_ASCII,                                                                                                                      7 },
    {"4.6: an error behind all counts",            S("v=spf1 -all moo"),                                          SPF_ERROR_UNKNOWN_MECHANISM, 12},
    {"4.6.1: a modifier needs a name",             S("v=spf1 =all"),                                              SPF_ERROR_MODIFIER_NAME,     7 },
    {"4.6.1: a name begins with a letter",         S("v=spf1 1up=x"),                                             SPF_ERROR_MODIFIER_NAME,     7 },
    {"4.6.1: a modifier has no qualifier",         S("v=spf1 -exp=a.example"),                                    SPF_ERROR_MODIFIER_NAME,     8 },
    {"4.6.1: redirect is no mechanism",            S("v=spf1 redirect:a.example"),                                SPF_ERROR_UNKNOWN_MECHANISM,
     7                                                                                                                                           },
    {"4.6.1: all characters of a modifier's name", S("v=spf1 moo.cow-far_out=man:dog/cat"),
     SPF_FINE,                                                                                                                                 0 },
    {"4.6.1: a lone qualifier",                    S("v=spf1 - all"),                                             SPF_ERROR_UNKNOWN_MECHANISM, 8 },
    {"5.1: all with a dot",                        S("v=spf1 -all."),                                             SPF_ERROR_UNKNOWN_MECHANISM, 8 },
    {"5.1: all with an argument",                  S("v=spf1 -all:foo"),                                          SPF_ERROR_ARGUMENT_UNWANTED, 11},
    {"5.1: all with a prefix",                     S("v=spf1 -all/8"),                                            SPF_ERROR_ARGUMENT_UNWANTED, 11},
    {"5.2: include without argument",              S("v=spf1 include"),                                           SPF_ERROR_ARGUMENT_MISSING,  14},
    {"5.2: include with an empty one",             S("v=spf1 include: -all"),                                     SPF_ERROR_ARGUMENT_MISSING,  15},
    {"5.2: include takes no prefix",               S("v=spf1 include:a.example/24"),                              SPF_ERROR_PREFIX_UNWANTED,
     24                                                                                                                                          },
    {"5.3: a with everything",                     S("v=spf1 a:b.example/24//64"),                                SPF_FINE,                    0 },
    {"5.3: the IPv6 length alone",                 S("v=spf1 a//33"),                                             SPF_FINE,                    0 },
    {"5.3: IPv4 length over 32",                   S("v=spf1 a/33"),                                              SPF_ERROR_PREFIX,            9 },
    {"5.3: IPv6 length over 128",                  S("v=spf1 a//129"),                                            SPF_ERROR_PREFIX,            10},
    {"5.3: two IPv4 lengths",                      S("v=spf1 a/24/64"),                                           SPF_ERROR_PREFIX,            12},
    {"5.3: a length without digits",               S("v=spf1 a/"),                                                SPF_ERROR_PREFIX,            9 },
    {"5.3: an IPv6 length without digits",         S("v=spf1 a//"),                                               SPF_ERROR_PREFIX,            10},
    {"5.3: an empty domain",                       S("v=spf1 a: -all"),                                           SPF_ERROR_ARGUMENT_MISSING,  9 },
    {"5.3: an address as domain",                  S("v=spf1 a:192.0.2.1"),                                       SPF_ERROR_ADDRESS_AS_DOMAIN, 17},
    {"5.3: a port behind the domain",              S("v=spf1 a:b.example:25"),                                    SPF_ERROR_TOPLABEL,          11},
    {"5.4: mx with a domain and a length",         S("v=spf1 mx:b.example/30"),                                   SPF_FINE,                    0 },
    {"5.5: ptr takes no prefix",                   S("v=spf1 ptr/0"),                                             SPF_ERROR_PREFIX_UNWANTED,   10},
    {"5.5: ptr with an empty domain",              S("v=spf1 ptr:"),                                              SPF_ERROR_ARGUMENT_MISSING,  11},
    {"5.6: ip4 without argument",                  S("v=spf1 ip4"),                                               SPF_ERROR_ARGUMENT_MISSING,  10},
    {"5.6: ip4 with a short address",              S("v=spf1 ip4:192.0.2"),                                       SPF_ERROR_ADDRESS,           11},
    {"5.6: ip4 with a port",                       S("v=spf1 ip4:192.0.2.1:25"),                                  SPF_ERROR_ADDRESS,           11},
    {"5.6: ip4 with an octet over 255",            S("v=spf1 ip4:192.0.2.256"),                                   SPF_ERROR_ADDRESS,           11},
    {"5.6: ip4 with a leading zero in an octet",   S("v=spf1 ip4:192.0.02.1"),                                    SPF_ERROR_ADDRESS,           11},
    {"5.6: ip4 with an IPv6 address",              S("v=spf1 ip4:2001:db8::1"),                                   SPF_ERROR_ADDRESS,           11},
    {"5.6: ip4 length 0",                          S("v=spf1 ip4:192.0.2.1/0"),                                   SPF_FINE,                    0 },
    {"5.6: ip4 length over 32",                    S("v=spf1 ip4:192.0.2.1/33"),                                  SPF_ERROR_PREFIX,            21},
    {"5.6: ip4 length with a leading zero",        S("v=spf1 ip4:192.0.2.1/032"),                                 SPF_ERROR_PREFIX,            21},
    {"5.6: ip4 with two slashes",                  S("v=spf1 ip4:192.0.2.1//32"),                                 SPF_ERROR_PREFIX,            21},
    {"5.6: ip6 of all forms",                      S("v=spf1 ip6:2001:db8::1 ip6:::1.1.1.1/0 ip6:2001:DB8::/33"),
     SPF_FINE,                                                                                                                                 0 },
    {"5.6: ip6 length over 128",                   S("v=spf1 ip6:2001:db8::/129"),                                SPF_ERROR_PREFIX,            22},
    {"5.6: ip6 with two colons too many",          S("v=spf1 ip6::CAFE::BABE"),                                   SPF_ERROR_ADDRESS,           11},
    {"5.7: exists without argument",               S("v=spf1 exists"),                                            SPF_ERROR_ARGUMENT_MISSING,  13},
    {"5.7: exists takes no prefix",                S("v=spf1 exists:a.example/24"),                               SPF_ERROR_PREFIX_UNWANTED,   23},
    {"6: redirect twice",                          S("v=spf1 redirect=a.example redirect=b.example"),             SPF_ERROR_TWICE,             26},
    {"6: exp twice",                               S("v=spf1 exp=a.example -all exp=a.example"),                  SPF_ERROR_TWICE,             26},
    {"6: an unknown modifier twice",               S("v=spf1 x=1 x=2 -all"),                                      SPF_FINE,                    0 },
    {"6: an unknown modifier must be good text",   S("v=spf1 x=%a"),                                              SPF_ERROR_MACRO_CHARACTER,   9 },
    {"6: an unknown modifier may be empty",        S("v=spf1 x= -all"),                                           SPF_FINE,                    0 },
    {"6.1: redirect empty",                        S("v=spf1 redirect="),                                         SPF_ERROR_ARGUMENT_MISSING,  16},
    {"6.2: exp empty",                             S("v=spf1 exp= -all"),                                         SPF_ERROR_ARGUMENT_MISSING,  11},
    {"6.2: exp that is no domain-spec",            S("v=spf1 exp=-all"),                                          SPF_ERROR_TOPLABEL,          11},
    {"7.1: a toplabel alone",                      S("v=spf1 a:museum"),                                          SPF_ERROR_TOPLABEL,          9 },
    {"7.1: a toplabel alone, with a dot",          S("v=spf1 a:museum."),                                         SPF_ERROR_TOPLABEL,          9 },
    {"7.1: a toplabel of digits",                  S("v=spf1 a:abc.123"),                                         SPF_ERROR_TOPLABEL,          13},
    {"7.1: a toplabel with a dash first",          S("v=spf1 a:example.-com"),                                    SPF_ERROR_TOPLABEL,          17},
    {"7.1: a toplabel with a dash last",           S("v=spf1 a:example.com-"),                                    SPF_ERROR_TOPLABEL,          17},
    {"7.1: an A-label as toplabel",                S("v=spf1 a:foo.example.xn--zckzah"),                          SPF_FINE,                    0 },
    {"7.1: a final dot",                           S("v=spf1 include:a.example. -all"),                           SPF_FINE,                    0 },
    {"7.1: literals before the toplabel",          S("v=spf1 a:foo:bar/baz.example.com"),                         SPF_FINE,                    0 },
    {"7.1: a macro as the end",                    S("v=spf1 a:%{d}/24"),                                         SPF_FINE,                    0 },
    {"7.1: %% as the end",                         S("v=spf1 a:foo%%"),                                           SPF_FINE,                    0 },
    {"7.1: no such letter",                        S("v=spf1 a:%{z}.example"),                                    SPF_ERROR_MACRO_LETTER,      9 },
    {"7.2: c, r, t belong to explanations",        S("v=spf1 -all exp=%{r}.example"),
     SPF_ERROR_MACRO_EXPLANATION,                                                                                                              16},
    {"7.2: c belongs to explanations",             S("v=spf1 exists:%{c}.example -all"),
     SPF_ERROR_MACRO_EXPLANATION,                                                                                                              14},
    {"7.2: t belongs to explanations",             S("v=spf1 exists:%{t}.example -all"),
     SPF_ERROR_MACRO_EXPLANATION,                                                                                                              14},
    {"7.3: % before anything else",                S("v=spf1 -exists:%(ir).sbl.example"),
     SPF_ERROR_MACRO_CHARACTER,                                                                                                                15},
    {"7.3: % at the end",                          S("v=spf1 exists:a.example.%"),                                SPF_ERROR_MACRO_CHARACTER,   24},
    {"7.3: no parts",                              S("v=spf1 exists:%{d0}"),                                      SPF_ERROR_MACRO_ZERO,        14},
    {"7.3: very many parts",                       S("v=spf1 exists:%{d99999999999999999999999}"),                SPF_FINE,                    0 },
    {"7.1: a macro without end",                   S("v=spf1 exists:%{d"),                                        SPF_ERROR_MACRO_FORM,        14},
    {"7.1: a strange delimiter",                   S("v=spf1 exists:%{d!}"),                                      SPF_ERROR_MACRO_FORM,        14},
    {"7.1: upper case letters",                    S("v=spf1 exists:%{L}.%{IR}.%{D2R}"),                          SPF_FINE,                    0 },
};

static void test_record(void **state)
{
    const struct record_row *row = *state;
    struct arena arena;
    struct spf_record record;
    arena_init(&arena);
    assert_true(spf_record_is(row->text));
    bool fine = spf_record_parse(row->text, &arena, &record);
    assert_string_equal(spf_error_text(record.error), spf_error_text(row->error));
    assert_int_equal(fine, row->error == SPF_FINE);
    if (!fine)
        assert_int_equal(record.terms[record.error_term].error_offset, row->offset);
    arena_release(&arena);
}

static const struct version_row {
    const char *label;
    struct slice text;
    bool is_record;
} version_rows[] = {
    {"4.5: the version alone",           S("v=spf1"),                  true },
    {"4.5: case is ignored (12)",        S("V=sPf1 -all"),             true },
    {"4.5: v=spf10 is another version",  S("v=spf10"),                 false},
    {"4.5: a semicolon is no end",       S("v=spf1; -all"),            false},
    {"4.5: a tab is no end",             S("v=spf1\t-all"),            false},
    {"4.5: a space before it",           S(" v=spf1 -all"),            false},
    {"4.5: a byte order mark before it", S("\xef\xbb\xbfv=spf1 -all"), false},
    {"4.5: a quote before it",           S("\"v=spf1 -all"),           false},
    {"4.5: nothing",                     S(""),                        false},
};

static void test_version(void **state)
{
    const struct version_row *row = *state;
    assert_int_equal(spf_record_is(row->text), row->is_record);
}

static const struct likely_row {
    const char *label;
    const char *word;
    const char *likely;
} likely_rows[] = {
    {"ip: of habit",                        "ip",      "ip4"     },
    {"ipv4: of habit",                      "ipv4",    "ip4"     },
    {"ipv6: of habit",                      "ipv6",    "ip6"     },
    {"a swap of letters",                   "inlcude", "include" },
    {"a letter too few",                    "includ",  "include" },
    {"a letter too few in redirect",        "redirct", "redirect"},
    {"a good word is itself",               "mx",      "mx"      },
    {"a word that is near to nothing",      "moo",     ""        },
    {"a letter that is near to everything", "b",       ""        },
};

static void test_likely(void **state)
{
    const struct likely_row *row = *state;
    assert_string_equal(spf_term_kind_name(spf_term_likely(slice_of(row->word))), row->likely);
}

static void test_parts(void **state)
{
    struct arena arena;
    struct spf_record record;
    (void)state;
    arena_init(&arena);
    assert_true(spf_record_parse(
        slice_of(
            "v=spf1 ~a:b.example/24//64 ip4:192.0.2.0/28 ?include:c.example redirect=d.example"),
        &arena, &record));
    assert_int_equal(record.count, 4);
    const struct spf_term *a = &record.terms[0];
    assert_int_equal(a->kind, SPF_TERM_A);
    assert_int_equal(a->qualifier, '~');
    assert_true(slice_equals_text(a->domain, "b.example"));
    assert_int_equal(a->prefix4, 24);
    assert_int_equal(a->prefix6, 64);
    assert_int_equal(a->offset, 7);
    assert_int_equal(record.terms[1].network.prefix, 28);
    assert_int_equal(record.terms[2].qualifier, '?');
    assert_int_equal(record.redirect, 3);
    assert_int_equal(record.all, SPF_NO_TERM);
    arena_release(&arena);
}

static void test_too_many_terms(void **state)
{
    struct arena arena;
    struct spf_record record;
    struct text text;
    (void)state;
    arena_init(&arena);
    text_init(&text, 65535);
    text_append(&text, "v=spf1");
    while (!text.truncated)
        text_append(&text, " a");
    assert_false(spf_record_parse(text_slice(&text), &arena, &record));
    assert_int_equal(record.error, SPF_ERROR_TOO_MANY_TERMS);
    assert_int_equal(record.count, SPF_TERMS_MAX);
    text_release(&text);
    arena_release(&arena);
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_version, version_rows);
    CASES_TABLE(&cases, test_record, record_rows);
    CASES_TABLE(&cases, test_likely, likely_rows);
    cases_add(&cases, "the parts of each term are kept", test_parts, NULL);
    cases_add(&cases, "64 KB of terms are bounded work", test_too_many_terms, NULL);
    return cases_run(&cases, "spf_record");
}
