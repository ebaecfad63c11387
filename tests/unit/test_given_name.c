#include "cases.h"
#include "mail/given_name.h"

#define LABEL_63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
#define WHAT "a domain name"

/* clang-format off */
static const struct row {
    const char *label;
    const char *text;
    const char *name;     /* NULL: refused */
    const char *expected;
} rows[] = {
    {"a name, in lower case",                   "Example.ORG",                "example.org",                  NULL},
    {"a final dot goes, RFC 1034 3.1",          "example.org.",               "example.org",                  NULL},
    {"a single label is good for a lab",        "localhost",                  "localhost",                    NULL},
    {"underscores, RFC 8552 1.1",               "sel._domainkey.example.org", "sel._domainkey.example.org",   NULL},
    {"an underscore in a label",                "a_b.example.org",            "a_b.example.org",              NULL},
    {"an underscore at the end",                "_.a_.example.org",           "_.a_.example.org",             NULL},
    {"an A-label, RFC 5890 2.3.2.1",            "xn--mnchen-3ya.de",          "xn--mnchen-3ya.de",            NULL},
    {"a U-label, RFC 5890 2.3.2.1",             "m\xc3\xbcnchen.de",          "xn--mnchen-3ya.de",            NULL},
    {"hyphens inside, two at places 3 and 4",   "r3---sn-x.example.org",      "r3---sn-x.example.org",        NULL},
    {"digits before the last label",            "1.2.0.192.in-addr.arpa",     "1.2.0.192.in-addr.arpa",       NULL},
    {"a digit first, RFC 1123 2.1",             "3com.example",               "3com.example",                 NULL},
    {"a label of 63, RFC 1035 2.3.4",           LABEL_63 ".org",              LABEL_63 ".org",                NULL},
    {"nothing",                                 "",                           NULL, WHAT " (the name is empty)"},
    {"the root",                                ".",                          NULL, WHAT ", not the root of all names"},
    {"the root in ideographic form",            "\xe3\x80\x82",               NULL, WHAT ", not the root of all names"},
    {"a URL",                                   "http://example.org/",        NULL, WHAT ", no URL (\"example.org\" is meant?)"},
    {"a URL with all parts, RFC 3986 3",        "https://u:p@Example.org:8443/a?b#c", NULL, WHAT ", no URL (\"example.org\" is meant?)"},
    {"a URL of an address",                     "http://192.0.2.1/",          NULL, WHAT ", no URL"},
    {"a URL without a host",                    "file:///etc/passwd",         NULL, WHAT ", no URL"},
    {"a path behind a name",                    "example.org/",               NULL, WHAT ", no URL (\"example.org\" is meant?)"},
    {"an IPv4 address",                         "192.0.2.1",                  NULL, WHAT ", no IP address"},
    {"an IPv6 address",                         "2001:db8::1",                NULL, WHAT ", no IP address"},
    {"an IPv4 network",                         "127.0.0.1/32",               NULL, WHAT ", no network"},
    {"a network with a wrong prefix",           "127.0.0.1/33",               NULL, WHAT ", no network"},
    {"an address with a zone, RFC 4007 11",     "fe80::1%eth0",               NULL, WHAT ", no address with a zone"},
    {"a mail address",                          "a@example.org",              NULL, WHAT ", no mail address (\"example.org\" is meant?)"},
    {"a mail address without a domain",         "a@",                         NULL, WHAT ", no mail address"},
    {"angle brackets",                          "<example.org>",              NULL, WHAT ", without brackets (\"example.org\" is meant?)"},
    {"angle brackets around an address",        "<a@example.org>",            NULL, WHAT ", without brackets (\"example.org\" is meant?)"},
    {"an address literal, RFC 5321 4.1.3",      "[127.0.0.1]",                NULL, WHAT ", without brackets"},
    {"two names",                               "example.org,example.net",    NULL, WHAT ", one alone and without blanks"},
    {"two words",                               "example.org example.net",    NULL, WHAT ", one alone and without blanks"},
    {"a blank before it",                       " example.org",               NULL, WHAT ", one alone and without blanks (\"example.org\" is meant?)"},
    {"a port",                                  "example.org:25",             NULL, WHAT ", without a port (\"example.org\" is meant?)"},
    {"a word behind a colon",                   "example.org:smtp",           NULL, WHAT " (letters, digits, hyphens, underscores and dots are all that it may hold) (\"example.org\" is meant?)"},
    {"a number above 255",                      "256.1.1.1",                  NULL, WHAT " (no name ends in a label of digits alone, and an IPv4 address has four numbers from 0 to 255)"},
    {"an address of two numbers",               "127.1",                      NULL, WHAT " (no name ends in a label of digits alone, and an IPv4 address has four numbers from 0 to 255)"},
    {"a wildcard is asked for as it is",        "*.example.org",              "*.example.org",                NULL},
    {"an asterisk inside",                      "a.*.example.org",            NULL, WHAT " (letters, digits, hyphens, underscores and dots are all that it may hold)"},
    {"a control character",                     "a\x01.example.org",          NULL, WHAT " (letters, digits, hyphens, underscores and dots are all that it may hold)"},
    {"no UTF-8",                                "m\xfcnchen.de",              NULL, WHAT " (a character is a control, or it is no text in UTF-8)"},
    {"a hyphen first, RFC 1123 2.1",            "-a.example.org",             NULL, WHAT " (a hyphen is at an end of a label, RFC 1123 2.1)"},
    {"a hyphen last, RFC 1123 2.1",             "example-.org",               NULL, WHAT " (a hyphen is at an end of a label, RFC 1123 2.1)"},
    {"an empty label",                          "a..b",                       NULL, WHAT " (a label is empty, RFC 1035 2.3.1)"},
    {"a label of 64",                           LABEL_63 "a.org",             NULL, WHAT " (a label is longer than 63 octets, RFC 1035 2.3.4)"},
    {"a name of 259",                           LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ".org", NULL, WHAT " (it is longer than 253 characters, RFC 1035 2.3.4)"},
    {"a symbol, RFC 5892 2",                    "\xe2\x98\x95.example",       NULL, WHAT " (a label is no valid internationalised label, RFC 5891 5.4)"},
};

static const struct row hosts[] = {
    {"a host: brackets around an IPv4 address", "[127.0.0.11]",               NULL, WHAT ", without brackets (\"127.0.0.11\" is meant?)"},
    {"a host: an IPv6 address with a port",     "[2001:DB8::1]:25",           NULL, WHAT ", without brackets (\"2001:db8::1\" is meant?)"},
    {"a host: an IPv4 address with a port",     "192.0.2.1:25",               NULL, WHAT ", without a port (\"192.0.2.1\" is meant?)"},
    {"a host: a network",                       "127.0.0.1/32",               NULL, WHAT ", no network (\"127.0.0.1\" is meant?)"},
    {"a host: a URL of an address",             "smtp://192.0.2.1:25/",       NULL, WHAT ", no URL (\"192.0.2.1\" is meant?)"},
    {"a host: a zone says which link",          "fe80::1%eth0",               NULL, WHAT ", no address with a zone"},
    {"a host: a name",                          "mail.example.org",           "mail.example.org",             NULL},
};
/* clang-format on */

static void check(const struct row *row, bool (*read)(struct slice, struct given_name *))
{
    struct arena arena = {0};
    struct given_name given = {.name = "before", .meant = "before"};

    assert_int_equal(read(slice_of(row->text), &given), row->name != NULL);
    assert_string_equal(given.name, row->name != NULL ? row->name : "");
    if (row->name == NULL)
        assert_string_equal(given_name_expected(&arena, WHAT, &given), row->expected);
    else
        assert_int_equal(given.fault, GIVEN_NAME_FINE);
    arena_release(&arena);
}

static void test_name(void **state)
{
    check(*state, given_name_read);
}

static void test_host(void **state)
{
    check(*state, given_name_read_host);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_name, rows);
    CASES_TABLE(&cases, test_host, hosts);
    return cases_run(&cases, "given_name");
}
