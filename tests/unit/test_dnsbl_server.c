#include "cases.h"

#include <stdio.h>
#include <string.h>

#include "dnsbl_pattern.h"
#include "dnsbl_server.h"

/* ---- filters: what they match */

static const struct match_row {
    const char *label;
    const char *pattern;
    const char *matching; /* addresses with blanks between */
    const char *other;
} match_rows[] = {
    {"a plain address matches itself alone",            "127.0.0.2",                           "127.0.0.2",
     "127.0.0.3 127.0.1.2 127.1.0.2 126.0.0.2"                                                                                                                                         },
    {"a range has both its ends",                       "127.0.0.[2..11]",                     "127.0.0.2 127.0.0.7 127.0.0.11",
     "127.0.0.1 127.0.0.12"                                                                                                                                                            },
    {"a set holds just what is named",                  "127.0.0.[10;11]",                     "127.0.0.10 127.0.0.11",
     "127.0.0.9 127.0.0.12"                                                                                                                                                            },
    {"ranges and numbers mix in a set",                 "127.0.0.[2..4;9;30..31]",
     "127.0.0.2 127.0.0.4 127.0.0.9 127.0.0.30 127.0.0.31",                                                                      "127.0.0.5 127.0.0.8 127.0.0.10 127.0.0.29 127.0.0.32"},
    {"a set may be out of order and overlap",           "127.0.0.[9;2..4;3..5]",
     "127.0.0.2 127.0.0.5 127.0.0.9",                                                                                            "127.0.0.6 127.0.0.1"                                 },
    {"each octet may be a set",                         "127.0.[2..20].[1;3]",                 "127.0.2.1 127.0.20.3",
     "127.0.1.1 127.0.2.2"                                                                                                                                                             },
    {"the first octet may be a set",                    "[126..127].0.0.2",                    "126.0.0.2 127.0.0.2",            "125.0.0.2"                                           },
    {"a set of all octets matches all",                 "127.[0..255].[0..255].[0..255]",
     "127.0.0.0 127.255.255.255",                                                                                                "128.0.0.0"                                           },
    {"a set of one number is that number",              "127.0.0.[2]",                         "127.0.0.2",                      "127.0.0.3"                                           },
    {"a range of one number is that number",            "127.0.0.[2..2]",                      "127.0.0.2",                      "127.0.0.1 127.0.0.3"                                 },
    {"brackets around the whole pattern are taken off", "[127.0.0.2]",                         "127.0.0.2",                      "127.0.0.3"                                           },
    {"brackets around a pattern with a set, too",       "[127.0.0.[2..4]]",                    "127.0.0.3",                      "127.0.0.5"                                           },
    {"two sets at the ends are no outer brackets",      "[127].0.0.[2]",                       "127.0.0.2",                      "127.0.0.3"                                           },
    {"leading zeros are decimal, as in Postfix",        "127.000.00.010",                      "127.0.0.10",                     "127.0.0.8"                                           },
    {"an IPv6 address matches no pattern",              "[0..255].[0..255].[0..255].[0..255]", "0.0.0.0",
     "::1 ::ffff:127.0.0.2"                                                                                                                                                            },
};

static void each_address(const struct dnsbl_pattern *pattern, const char *list, bool expected)
{
    struct slice rest = slice_of(list);
    struct slice word;

    while (slice_split(&rest, ' ', &word)) {
        struct ip_address address;

        assert_true(ip_parse(word, &address));
        if (dnsbl_pattern_matches(pattern, &address) != expected)
            fail_msg("%.*s %s", SLICE_PRINTF(word), expected ? "should match" : "should not match");
    }
}

static void test_match(void **state)
{
    const struct match_row *row = *state;
    struct arena arena;
    struct dnsbl_pattern pattern;
    struct dnsbl_pattern_error error;

    arena_init(&arena);
    assert_true(dnsbl_pattern_parse(&arena, slice_of(row->pattern), &pattern, &error));
    assert_true(slice_equals_text(pattern.text, row->pattern));
    each_address(&pattern, row->matching, true);
    each_address(&pattern, row->other, false);
    arena_release(&arena);
}

/* ---- filters that are none */

static const struct bad_row {
    const char *label;
    const char *pattern;
    size_t offset;
    const char *reason; /* a part of it */
} bad_rows[] = {
    {"an empty pattern is refused",              "",                             0,  "missing"         },
    {"three octets are refused",                 "127.0.0",                      7,  "four octets"     },
    {"five octets are refused",                  "127.0.0.2.1",                  9,  "follows"         },
    {"an octet over 255 is refused",             "127.0.0.256",                  10, "larger than 255" },
    {"a number that would overflow is refused",  "127.0.0.99999999999999999999", 10, "larger"          },
    {"a sign is refused",                        "127.0.0.-2",                   8,  "missing"         },
    {"a blank is refused",                       "127.0.0. 2",                   8,  "missing"         },
    {"an empty set is refused",                  "127.0.0.[]",                   9,  "missing"         },
    {"an open set is refused",                   "127.0.0.[2",                   10, "\"]\""           },
    {"a comma is no separator of a set",         "127.0.0.[2,3]",                10, "\";\""           },
    {"a range with one dot is refused",          "127.0.0.[2.4]",                11, "first..last"     },
    {"a range with three dots is refused",       "127.0.0.[2...4]",              12, "missing"         },
    {"a range that runs down is refused",        "127.0.0.[9..2]",               13, "before it begins"},
    {"a range without an end is refused",        "127.0.0.[2..]",                12, "missing"         },
    {"a set over two octets is refused",         "127.0.[0.2]",                  9,  "first..last"     },
    {"a number with a set behind it is refused", "127.0.0.3[6..9]",              9,  "follows"         },
    {"a closing bracket alone is refused",       "127.0.0.2]",                   9,  "follows"         },
    {"empty brackets are refused",               "[]",                           1,  "missing"         },
    {"a wild card is refused",                   "127.0.0.*",                    8,  "missing"         },
    {"a CIDR is refused",                        "127.0.0.0/24",                 9,  "follows"         },
    {"an IPv6 address is refused",               "::1",                          0,  "missing"         },
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct arena arena;
    struct dnsbl_pattern pattern;
    struct dnsbl_pattern_error error = {0, NULL};

    arena_init(&arena);
    assert_false(dnsbl_pattern_parse(&arena, slice_of(row->pattern), &pattern, &error));
    assert_int_equal(error.offset, row->offset);
    assert_non_null(strstr(error.reason, row->reason));
    arena_release(&arena);
}

static void test_bits(void **state)
{
    struct arena arena;
    struct dnsbl_pattern pattern;
    struct dnsbl_pattern_error error;
    struct ip_address address;

    (void)state;
    arena_init(&arena);
    assert_true(dnsbl_pattern_parse(&arena, SLICE_LITERAL("127.0.0.8"), &pattern, &error));
    assert_true(ip_parse(SLICE_LITERAL("127.0.0.24"), &address));
    assert_true(dnsbl_pattern_matches_bit(&pattern, &address));
    assert_true(ip_parse(SLICE_LITERAL("127.0.0.16"), &address));
    assert_false(dnsbl_pattern_matches_bit(&pattern, &address));
    assert_true(ip_parse(SLICE_LITERAL("127.0.1.8"), &address));
    assert_false(dnsbl_pattern_matches_bit(&pattern, &address));
    arena_release(&arena);
}

/* ---- zone, filter and weight together */

static const struct server_row {
    const char *label;
    const char *text;
    const char *zone; /* NULL: refused */
    const char *filter;
    long weight;
    bool has_weight;
    const char *message; /* a part of it */
} server_rows[] = {
    {"a zone alone weighs one",                            "zen.spamhaus.org",                        "zen.spamhaus.org", NULL,                    1,       false, NULL             },
    {"zone, filter and weight",                            "zen.spamhaus.org=127.0.0.[2..11]*3",      "zen.spamhaus.org",
     "127.0.0.[2..11]",                                                                                                                            3,       true,  NULL             },
    {"zone and weight",                                    "bl.spamcop.net*2",                        "bl.spamcop.net",   NULL,                    2,       true,  NULL             },
    {"zone and filter",                                    "bl.spamcop.net=127.0.0.2",                "bl.spamcop.net",   "127.0.0.2",             1,       false, NULL             },
    {"a negative weight is an allowlist's",                "list.dnswl.org=127.0.[0..255].[1..3]*-2",
     "list.dnswl.org",                                                                                                    "127.0.[0..255].[1..3]", -2,      true,  NULL             },
    {"a weight may have a plus",                           "a.example*+5",                            "a.example",        NULL,                    5,       true,  NULL             },
    {"a weight of nought is one",                          "a.example*0",                             "a.example",        NULL,                    0,       true,  NULL             },
    {"the largest weight",                                 "a.example*1000000",                       "a.example",        NULL,                    1000000, true,  NULL             },
    {"a zone is put in normal form",                       "ZEN.Spamhaus.ORG.",                       "zen.spamhaus.org", NULL,                    1,       false, NULL             },
    {"underscores are good in a zone",                     "_a.b_c.example",                          "_a.b_c.example",   NULL,                    1,       false, NULL             },
    {"a placeholder for the key stays in capitals",        "<key>.zen.dq.spamhaus.net",
     "<KEY>.zen.dq.spamhaus.net",                                                                                         NULL,                    1,       false, NULL             },
    {"a zone of one label",                                "localhost",                               "localhost",        NULL,                    1,       false, NULL             },
    {"brackets around the filter",                         "a.example=[127.0.0.2]*2",                 "a.example",        "[127.0.0.2]",           2,       true,
     NULL                                                                                                                                                                           },

    {"an empty word is no list",                           "",                                        NULL,               NULL,                    0,       false, "zone"           },
    {"the root is no list",                                ".",                                       NULL,               NULL,                    0,       false, "empty"          },
    {"a filter needs a zone",                              "=127.0.0.2",                              NULL,               NULL,                    0,       false, "not a zone"     },
    {"a weight needs a zone",                              "*3",                                      NULL,               NULL,                    0,       false, "not a zone"     },
    {"an empty filter is refused",                         "a.example=",                              NULL,               NULL,                    0,       false, "filter"         },
    {"an empty filter in front of a weight is refused",    "a.example=*3",                            NULL,               NULL,                    0,       false,
     "filter"                                                                                                                                                                       },
    {"a filter says where it is wrong",                    "a.example=127.0.0.[2,3]",                 NULL,               NULL,                    0,       false,
     "at character 11"                                                                                                                                                              },
    {"an empty weight is refused",                         "a.example*",                              NULL,               NULL,                    0,       false, "weight"         },
    {"a weight of two signs is refused",                   "a.example*--2",                           NULL,               NULL,                    0,       false, "weight"         },
    {"a fraction is no weight",                            "a.example*1.5",                           NULL,               NULL,                    0,       false, "weight"         },
    {"a blank is no part of a weight",                     "a.example* 3",                            NULL,               NULL,                    0,       false, "weight"         },
    {"a weight past the bound is refused",                 "a.example*1000001",                       NULL,               NULL,                    0,       false, "weight"         },
    {"a weight past any number is refused",                "a.example*99999999999999999999",          NULL,               NULL,                    0,       false,
     "weight"                                                                                                                                                                       },
    {"two weights are refused",                            "a.example*2*3",                           NULL,               NULL,                    0,       false, "weight"         },
    {"the weight stands behind the filter",                "a.example*2=127.0.0.2",                   NULL,               NULL,                    0,       false,
     "weight"                                                                                                                                                                       },
    {"an empty label is refused (RFC 1035 2.3.1)",         "a..example",                              NULL,               NULL,                    0,       false,
     "label is empty"                                                                                                                                                               },
    {"a label over 63 octets is refused (RFC 1035 2.3.4)",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",                      NULL,               NULL,                    0,
     false,                                                                                                                                                        "longer than 63" },
    {"a slash is no part of a zone",                       "a/b.example",                             NULL,               NULL,                    0,       false, "letters, digits"},
    {"a blank is no part of a zone",                       "a b.example",                             NULL,               NULL,                    0,       false, "blank"          },
    {"another placeholder is refused",                     "<NAME>.example",                          NULL,               NULL,                    0,       false, "letters, digits"},
    {"two places for a key are refused",                   "<KEY>.<KEY>.example",                     NULL,               NULL,                    0,       false, "twice"          },
    {"a zone of nothing but a placeholder is refused",     "<KEY>",                                   NULL,               NULL,                    0,       false, "empty"          },
};

static void test_server(void **state)
{
    const struct server_row *row = *state;
    struct arena arena;
    struct dnsbl_server server;
    char message[DNSBL_SERVER_MESSAGE_SIZE] = "";

    arena_init(&arena);
    bool good = dnsbl_server_parse(&arena, slice_of(row->text), &server, message);
    assert_int_equal(good, row->zone != NULL);
    if (good) {
        assert_string_equal(server.zone, row->zone);
        assert_int_equal(server.weight, row->weight);
        assert_int_equal(server.has_weight, row->has_weight);
        assert_int_equal(server.has_filter, row->filter != NULL);
        assert_true(row->filter == NULL || slice_equals_text(server.filter.text, row->filter));
    } else {
        assert_non_null(strstr(message, row->message));
    }
    arena_release(&arena);
}

static void test_message_hides_zone(void **state)
{
    static const char *const words[] = {"secretkey.zen..net", "secretkey.zen.net=1",
                                        "secretkey.zen.net*x", "secret/key.zen.net"};
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct dnsbl_server server;
        char message[DNSBL_SERVER_MESSAGE_SIZE] = "";

        assert_false(dnsbl_server_parse(&arena, slice_of(words[i]), &server, message));
        assert_null(strstr(message, "secret"));
    }
    arena_release(&arena);
}

int main(void)
{
    static struct cases cases;

    CASES_TABLE(&cases, test_match, match_rows);
    CASES_TABLE(&cases, test_bad, bad_rows);
    cases_add(&cases, "a bit matches every last octet that has it", test_bits, NULL);
    CASES_TABLE(&cases, test_server, server_rows);
    cases_add(&cases, "no message repeats a zone, which may hold a key", test_message_hides_zone,
              NULL);
    return cases_run(&cases, "dnsbl_server");
}
