#include <string.h>

#include "cases.h"
#include "mail/mailbox.h"

#define S CASES_SLICE

static const struct row {
    const char *label;
    struct slice value;
    const char *domains; /* each followed by "|" */
    size_t bad_count;
} rows[] = {
    {"RFC 5322 3.4: an address alone",               S(" test@example.com"),                          "example.com|",             0},
    {"RFC 5322 3.4: a name and an address",          S(" Test User <test@Example.COM>"),              "example.com|",             0},
    {"RFC 5322 3.4: a comma in a quoted name",       S(" \"Test, User\" <test@example.com>"),
     "example.com|",                                                                                                              0},
    {"RFC 5322 3.4: an address in a quoted name",    S(" \"a@evil.example\" <b@example.com>"),
     "example.com|",                                                                                                              0},
    {"RFC 5322 3.2.4: a quote in a quoted name",     S(" \"a\\\" <x@y.z>\" <b@example.com>"),
     "example.com|",                                                                                                              0},
    {"RFC 5322 3.4: two mailboxes",                  S(" a@example.org,B <b@example.com>"),
     "example.org|example.com|",                                                                                                  0},
    {"RFC 5322 3.4: a folded line",                  S(" A\r\n <a@example.org>"),                     "example.org|",             0},
    {"RFC 5322 3.2.2: a comment with an address",    S(" (x@evil.example) a@example.org"),
     "example.org|",                                                                                                              0},
    {"RFC 5322 3.2.2: nested comments",              S(" (a (b, c) \\) d) <a@example.org>"),          "example.org|",             0},
    {"RFC 5322 3.2.2: a comment behind the address", S(" a@example.org (A)"),                         "example.org|",             0},
    {"RFC 5322 3.4: a group",                        S(" All: a@example.org, b@example.com;"),        "example.org|example.com|",
     0                                                                                                                             },
    {"RFC 6854: an empty group",                     S(" undisclosed:;"),                             "",                         0},
    {"RFC 5322 4.4: an obsolete route",              S(" <@a.example,@b.example:c@example.org>"),     "example.org|",
     0                                                                                                                             },
    {"RFC 5322 3.4.1: an @ in a quoted local-part",  S(" <\"a@b\"@example.org>"),                     "example.org|",             0},
    {"RFC 5322 3.4.1: an address literal",           S(" <a@[192.0.2.1]>"),                           "|",                        0},
    {"RFC 2047: an encoded name without a space",    S(" =?UTF-8?B?QmVk?=<BdBth&Byond@example.com>"),
     "example.com|",                                                                                                              0},
    {"RFC 5322 3.6.2: a name without an address",    S(" \"Test User\""),                             "",                         1},
    {"RFC 5322 3.6.2: an empty address",             S(" <>"),                                        "",                         1},
    {"RFC 5322 3.6.2: nothing",                      S(" "),                                          "",                         0},
    {"an open quote",                                S(" \"a@example.org"),                           "",                         1},
    {"an open comment",                              S(" a@example.org (x"),                          "example.org|",             0},
    {"an open bracket",                              S(" <a@example.org"),                            "example.org|",             0},
    {"a backslash at the end",                       S(" \"a\\"),                                     "",                         1},
    {"a closing parenthesis alone",                  S(" a) <b@example.org>"),                        "example.org|",             0},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct mailboxes mailboxes;
    char domains[300] = "";

    mailboxes_parse(row->value, &mailboxes);
    for (size_t i = 0; i < mailboxes.count; i++) {
        strncat(domains, mailboxes.list[i].domain, 254);
        strncat(domains, "|", 2);
    }
    assert_string_equal(domains, row->domains);
    assert_int_equal(mailboxes.bad_count, row->bad_count);
}

static void test_many(void **state)
{
    struct mailboxes mailboxes;
    char text[MAILBOX_MAX * 8 + 32] = "";
    (void)state;

    for (int i = 0; i < MAILBOX_MAX + 2; i++)
        strncat(text, "a@b.cd,", 8);
    mailboxes_parse(slice_of(text), &mailboxes);
    assert_int_equal(mailboxes.count, MAILBOX_MAX);
    assert_int_equal(mailboxes.omitted, 2);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "a list has at most MAILBOX_MAX mailboxes", test_many, NULL);
    return cases_run(&cases, "mailbox");
}
