#include <stdio.h>

#include "cases.h"
#include "mail/generic_name.h"

/* clang-format off */
static const struct row {
    const char *label;
    const char *name, *address;
    enum generic_name kind;
    const char *word;
} rows[] = {
    {"RFC 1912 2.1: a name of its own",             "mail.example.org",                   "192.0.2.25",    GENERIC_NAME_NOT,     ""},
    {"a number alone is no address",                "mx25.example.org",                   "192.0.2.25",    GENERIC_NAME_NOT,     ""},
    {"two octets are too few",                      "mail-2-25.example.org",              "192.0.2.25",    GENERIC_NAME_NOT,     ""},
    {"octets of another address",                   "198-51-100-7.example.org",           "192.0.2.25",    GENERIC_NAME_NOT,     ""},
    {"the whole address with hyphens",              "192-0-2-25.isp.example.org",         "192.0.2.25",    GENERIC_NAME_ADDRESS, ""},
    {"backwards with dots",                         "static.25.2.0.192.isp.example.org",  "192.0.2.25",    GENERIC_NAME_ADDRESS, ""},
    {"letters between",                             "h192s0s2s25.example.org",            "192.0.2.25",    GENERIC_NAME_ADDRESS, ""},
    {"three octets of it",                          "host-0-2-25.example.org",            "192.0.2.25",    GENERIC_NAME_ADDRESS, ""},
    {"with leading zeros",                          "192-000-002-025.example.org",        "192.0.2.25",    GENERIC_NAME_ADDRESS, ""},
    {"twelve digits",                               "ip192000002025.example.org",         "192.0.2.25",    GENERIC_NAME_ADDRESS, ""},
    {"hexadecimal",                                 "cc0000219.example.org",              "192.0.2.25",    GENERIC_NAME_ADDRESS, ""},
    {"a number without end is no octet",            "192-0-299999999999999999-25.example.org", "192.0.2.25", GENERIC_NAME_NOT,  ""},
    {"a word for lines that change hands",          "a1.dyn.example.org",                 "192.0.2.25",    GENERIC_NAME_WORD,    "dyn"},
    {"with a digit behind it",                      "pool7.isp.example.org",              "192.0.2.25",    GENERIC_NAME_WORD,    "pool"},
    {"a longer word is another",                    "poolside.example.org",               "192.0.2.25",    GENERIC_NAME_NOT,     ""},
    {"the registered domain does not count",        "mail.pool.example",                  "192.0.2.25",    GENERIC_NAME_NOT,     ""},
    {"nor one below a country's",                   "mail.dsl.co.uk",                     "192.0.2.25",    GENERIC_NAME_NOT,     ""},
    {"a word below one of a country",               "x.dsl.example.co.uk",                "192.0.2.25",    GENERIC_NAME_WORD,    "dsl"},
    {"IPv6: a name of its own",                     "mail.example.org",                   "2001:db8::25",  GENERIC_NAME_NOT,     ""},
    {"IPv6: as it is printed",                      "2001-db8--25.isp.example.org",       "2001:db8::25",  GENERIC_NAME_ADDRESS, ""},
    {"IPv6: the nibbles of the interface",          "0.0.1.a.b.2.c.3.d.4.e.5.f.6.0.7.isp.example.org", "2001:db8::1a:b2c3:d4e5:f607", GENERIC_NAME_ADDRESS, ""},
    {"an empty name",                               "",                                   "192.0.2.25",    GENERIC_NAME_NOT,     ""},
};
/* clang-format on */

static void test_row(void **state)
{
    const struct row *row = *state;
    struct ip_address address;
    struct slice word;
    char text[64];

    assert_true(ip_parse(slice_of(row->address), &address));
    assert_int_equal(generic_name_of(row->name, &address, &word), row->kind);
    snprintf(text, sizeof text, "%.*s", SLICE_PRINTF(word));
    assert_string_equal(text, row->word);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    return cases_run(&cases, "generic_name");
}
