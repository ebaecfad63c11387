#include "cases.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "dnsbl_catalogue.h"

/* ---- files that cannot be read */

static const struct error_row {
    const char *label;
    const char *text;
    const char *message; /* the whole of it */
} error_rows[] = {
    {"a key in front of the first section is refused",       "# x\nclass = data\n",
     "file:2: a [zone] has to come first"                                                                                                                                                               },
    {"a line without an equals sign is refused",             "[a.example]\nclass\n",
     "file:2: a line is [zone], name = value, or a comment that begins with #"                                                                                                                          },
    {"an open section is refused",                           "[a.example\n",
     "file:1: \"]\" is missing at the end of a section's line"                                                                                                                                          },
    {"an empty section is refused",                          "\n[]\n",                                               "file:2: not a zone: the name is empty"                                            },
    {"a section that is no zone is refused",                 "[a b]\n",
     "file:1: not a zone: a character is a blank, a control or not ASCII (RFC 1035 2.3.1)"                                                                                                              },
    {"a label over 63 octets is refused (RFC 1035 2.3.4)",
     "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example]\n",                                 "file:1: not a zone: a label is longer than 63 octets (RFC 1035 2.3.4)"            },
    {"a zone twice in one file is refused",                  "[a.example]\n[b.example]\n[A.example]\n",
     "file:3: the zone was described in line 1 already"                                                                                                                                                 },
    {"a zone that is live and retired is refused",           "[a.example]\n[retired]\na.example = 2001\n",
     "file:3: the zone was described in line 1 already"                                                                                                                                                 },
    {"a zone that is retired and live is refused",           "[retired]\na.example =\n[a.example]\n",
     "file:3: the zone was described in line 2 already"                                                                                                                                                 },
    {"a key that nobody knows gets a hint",                  "[a.example]\nseverty = info\n",
     "file:2: no key is called \"severty\"; did you mean severity?"                                                                                                                                     },
    {"a key given twice is refused",                         "[a.example]\nclass = data\nclass = data\n",
     "file:3: class is given twice for this zone"                                                                                                                                                       },
    {"an empty value is refused",                            "[a.example]\noperator =\n",
     "file:2: operator: a value is missing"                                                                                                                                                             },
    {"a class that is none is refused",                      "[a.example]\nclass = blacklist\n",
     "file:2: class: blocklist, policy, allowlist, data: one of these is wanted, not "
     "\"blacklist\""                                                                                                                                                                                    },
    {"words are written in small letters",                   "[a.example]\nseverity = Critical\n",
     "file:2: severity: ok, info, warning, critical: one of these is wanted, not \"Critical\""                                                                                                          },
    {"a target that is none is refused",                     "[a.example]\ntargets = ip4 ipv6\n",
     "file:2: targets: ip4, ip6, domain, name-server, email, url, file, asn: one of these is "
     "wanted, "
     "not \"ipv6\""                                                                                                                                                                                     },
    {"none stands alone among profiles",                     "[a.example]\nprofile = none core\n",
     "file:2: profile: core, full, domain, keyed: one of these is wanted, not \"none\""                                                                                                                 },
    {"yes or no",                                            "[a.example]\nrequired = true\n",
     "file:2: required: yes, no: one of these is wanted, not \"true\""                                                                                                                                  },
    {"a rate has a unit",                                    "[a.example]\nrate = 5\n",
     "file:2: rate: questions per second are written 5/s"                                                                                                                                               },
    {"a rate of nought is refused",                          "[a.example]\nrate = 0/s\n",
     "file:2: rate: a whole number from 1 to 1000000 is wanted"                                                                                                                                         },
    {"a negative number is refused",                         "[a.example]\nper-day = -1\n",
     "file:2: per-day: a whole number from 1 to 4294967295 is wanted"                                                                                                                                   },
    {"a prefix over 128 is refused",                         "[a.example]\nip6-prefix = 129\n",
     "file:2: ip6-prefix: a whole number from 1 to 128 is wanted"                                                                                                                                       },
    {"a weight past the bound is refused",                   "[a.example]\nweight = -1000001\n",
     "file:2: weight: a whole number from -1000000 to 1000000 is wanted"                                                                                                                                },
    {"a URL of another scheme is refused",                   "[a.example]\nurl = javascript:x\n",
     "file:2: url: a URL begins with http:// or https://"                                                                                                                                               },
    {"a URL with a blank is refused",                        "[a.example]\nurl = https://a.example/ x\n",
     "file:2: url: a URL has no blank in it"                                                                                                                                                            },
    {"a code needs a meaning",                               "[a.example]\ncode = 127.0.0.2 critical\n",
     "file:2: code: a colon and what the answer means are missing"                                                                                                                                      },
    {"a code needs an answer",                               "[a.example]\ncode = : listed\n",
     "file:2: code: an answer is missing in front of the colon"                                                                                                                                         },
    {"a code that is no pattern is refused",                 "[a.example]\ncode = 127.0.0.[2: listed\n",
     "file:2: code: the answer is not d.d.d.d: \";\" or \"]\" is missing (at character 11)"                                                                                                             },
    {"a word that is neither severity nor scope is refused",
     "[a.example]\ncode = 127.0.0.2 bad: x\n",                                                                       "file:2: code: a severity and a scope may stand in front of the colon, not \"bad\""},
    {"two severities are refused",                           "[a.example]\ncode = 127.0.0.2 info warning: x\n",
     "file:2: code: a severity and a scope may stand in front of the colon, not \"warning\""                                                                                                            },
    {"a bit is one bit",                                     "[a.example]\nbit = 127.0.0.6: x\n",
     "file:2: bit: the last octet of a bit is 1, 2, 4, 8, 16, 32, 64 or 128"                                                                                                                            },
    {"a bit is not nought",                                  "[a.example]\nbit = 127.0.0.0: x\n",
     "file:2: bit: the last octet of a bit is 1, 2, 4, 8, 16, 32, 64 or 128"                                                                                                                            },
    {"a bit is no set",                                      "[a.example]\nbit = 127.0.0.[1;2]: x\n",
     "file:2: bit: the last octet of a bit is 1, 2, 4, 8, 16, 32, 64 or 128"                                                                                                                            },
    {"an error needs a kind",                                "[a.example]\nerror = 127.0.0.1: x\n",
     "file:2: error: blocked, over-quota, key-bad, wrong-kind, failed: one of these is wanted, not "
     "\"\""                                                                                                                                                                                             },
    {"an error has no severity",                             "[a.example]\nerror = 127.0.0.1 blocked critical: x\n",
     "file:2: error: only if-wildcard may follow the kind of an error"                                                                                                                                  },
    {"a code is no rcode",                                   "[a.example]\ncode = REFUSED: x\n",
     "file:2: code: the answer is not d.d.d.d: a number from 0 to 255 is missing (at character 1)"                                                                                                      },
    {"a test point is of its kind",                          "[a.example]\ntest-listed = ip4 TEST\n",
     "file:2: test-listed: a test point is an address or a name of the kind in front of it"                                                                                                             },
    {"an IPv4 point is no IPv6 point",                       "[a.example]\ntest-unlisted = ip6 127.0.0.1\n",
     "file:2: test-unlisted: a test point is an address or a name of the kind in front of it"                                                                                                           },
    {"a test has a kind",                                    "[a.example]\ntest-listed = 127.0.0.2\n",
     "file:2: test-listed: ip4, ip6, domain: one of these is wanted, not \"127.0.0.2\""                                                                                                                 },
    {"a test has a point",                                   "[a.example]\ntest-listed = ip4\n",
     "file:2: test-listed: a test point is missing"                                                                                                                                                     },
    {"one point is enough that isn't listed",
     "[a.example]\ntest-unlisted = ip4 127.0.0.1 127.0.0.3\n",                                                       "file:2: test-unlisted: there are too many test points"                            },
    {"a zone that another is part of is a zone",             "[a.example]\npart-of = b..example\n",
     "file:2: part-of: not a zone: a label is empty (RFC 1035 2.3.1)"                                                                                                                                   },
    {"a place for a key wants the key's name",               "# x\n[<KEY>.a.example]\nclass = data\n",
     "file:2: a zone with <KEY> wants a key-name"                                                                                                                                                       },
    {"a retired zone is a zone",                             "[retired]\na b = 2001\n",
     "file:2: not a zone: a character is a blank, a control or not ASCII (RFC 1035 2.3.1)"                                                                                                              },
    {"a retired zone has four columns",                      "[retired]\na.example = 1|2|3|4|5\n",
     "file:2: a retired zone has four columns at most"                                                                                                                                                  },
    {"a control character is refused with its line",         "[a.example]\n\noperator = a\033[31m\n",
     "file:3: there is a control character in the line"                                                                                                                                                 },
};

static bool read_text(struct dnsbl_catalogue *catalogue, struct arena *arena, const char *text,
                      const char *file, struct dnsbl_catalogue_error *error)
{
    memset(error, 0, sizeof *error);
    return dnsbl_catalogue_read(catalogue, arena, slice_of(text), file, error);
}

static void test_error(void **state)
{
    const struct error_row *row = *state;
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;

    arena_init(&arena);
    assert_false(read_text(&catalogue, &arena, row->text, "file", &error));
    assert_string_equal(error.message, row->message);
    assert_string_equal(error.file, "file");
    assert_true(error.line > 0);
    arena_release(&arena);
}

/* ---- bounds */

static void test_nul(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_false(
        dnsbl_catalogue_read(&catalogue, &arena, SLICE_LITERAL("[a.example]\n\0"), "file", &error));
    assert_string_equal(error.message, "file:2: there is a control character in the line");
    arena_release(&arena);
}

static void test_large(void **state)
{
    static char text[DNSBL_CATALOGUE_TEXT_MAX + 1];
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    memset(text, '\n', sizeof text);
    assert_true(
        dnsbl_catalogue_read(&catalogue, &arena, slice_new(text, sizeof text - 1), "file", &error));
    assert_false(
        dnsbl_catalogue_read(&catalogue, &arena, slice_new(text, sizeof text), "file", &error));
    assert_string_equal(error.message, "file: the file is larger than 1 MiB");
    assert_int_equal(error.line, 0);
    arena_release(&arena);
}

static void test_many_codes(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;
    struct text text;

    (void)state;
    arena_init(&arena);
    text_init(&text, 100000);
    text_append(&text, "[a.example]\n");
    for (unsigned i = 0; i < DNSBL_CATALOGUE_RULES_MAX; i++)
        text_printf(&text, "code = 127.0.0.%u: number %u\n", i, i);
    assert_true(read_text(&catalogue, &arena, text.start, "file", &error));
    assert_int_equal(dnsbl_catalogue_find(&catalogue, "a.example")->code_count, 256);
    text_append(&text, "code = 127.0.1.0: one more\n");
    assert_false(read_text(&catalogue, &arena, text.start, "file", &error));
    assert_string_equal(error.message,
                        "file:258: code: the list has more codes than can be held (256)");
    text_release(&text);
    arena_release(&arena);
}

static void test_many_zones(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;
    struct text text;

    (void)state;
    arena_init(&arena);
    text_init(&text, DNSBL_CATALOGUE_TEXT_MAX);
    for (unsigned i = 0; i < DNSBL_CATALOGUE_ZONES_MAX / 2; i++)
        text_printf(&text, "[z%u.example]\n", i);
    text_append(&text, "[retired]\n");
    for (unsigned i = DNSBL_CATALOGUE_ZONES_MAX / 2; i < DNSBL_CATALOGUE_ZONES_MAX; i++)
        text_printf(&text, "z%u.example=\n", i);
    assert_true(read_text(&catalogue, &arena, text.start, "file", &error));
    assert_int_equal(catalogue.count, DNSBL_CATALOGUE_ZONES_MAX / 2);
    assert_string_equal(catalogue.lists[4999]->zone, "z4999.example");
    assert_non_null(dnsbl_catalogue_find(&catalogue, "z4321.example"));
    assert_null(dnsbl_catalogue_find(&catalogue, "z5000.example"));
    assert_string_equal(dnsbl_catalogue_find_retired(&catalogue, "z9999.example")->zone,
                        "z9999.example");
    assert_false(read_text(&catalogue, &arena, "[one.more.example]\n", "file", &error));
    assert_string_equal(error.message, "file:1: there are more zones than can be held (10000)");
    text_release(&text);
    arena_release(&arena);
}

static void test_empty(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_null(dnsbl_catalogue_find(&catalogue, "a.example"));
    assert_null(dnsbl_catalogue_find_retired(&catalogue, "a.example"));
    assert_true(read_text(&catalogue, &arena, "", "file", &error));
    assert_int_equal(catalogue.count, 0);
    arena_release(&arena);
}

/* ---- one file after another */

static const char shipped[] = "[a.example]\noperator = A\nseverity = critical\n"
                              "code = 127.0.0.2: two\ncode = 127.0.0.3: three\n"
                              "error = 127.0.0.1 blocked: refused\nurl = https://a.example/\n"
                              "[b.example]\n[c.example]\n"
                              "[retired]\nold.example = 2001 | Old\nother.example = 2002 | Other\n";

static void test_change(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct dnsbl_meaning meaning;
    struct ip_address address;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_true(read_text(&catalogue, &arena, shipped, "one", &error));
    assert_true(read_text(&catalogue, &arena,
                          "[a.example]\nseverity = info\ncode = 127.0.0.3 warning: mine\n", "two",
                          &error));
    const struct dnsbl_list *list = dnsbl_catalogue_find(&catalogue, "a.example");
    assert_int_equal(catalogue.count, 3);
    assert_ptr_equal(catalogue.lists[0], list);
    assert_string_equal(list->operator, "A");
    assert_string_equal(list->url, "https://a.example/");
    assert_int_equal(list->severity, DNSBL_INFO);
    assert_string_equal(list->file, "two");
    assert_int_equal(list->line, 1);
    assert_int_equal(list->code_count, 3);
    assert_int_equal(list->error_count, 1);
    assert_true(ip_parse(SLICE_LITERAL("127.0.0.3"), &address));
    dnsbl_list_meaning(list, &address, &arena, &meaning);
    assert_string_equal(meaning.text, "mine");
    assert_int_equal(meaning.severity, DNSBL_WARNING);
    assert_true(ip_parse(SLICE_LITERAL("127.0.0.2"), &address));
    dnsbl_list_meaning(list, &address, &arena, &meaning);
    assert_string_equal(meaning.text, "two");
    assert_int_equal(meaning.severity, DNSBL_INFO);
    arena_release(&arena);
}

static void test_drop_codes(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_true(read_text(&catalogue, &arena, shipped, "one", &error));
    assert_true(read_text(&catalogue, &arena,
                          "[a.example]\ncode = 127.0.0.9: nine\ncode = none\nerror = none\n", "two",
                          &error));
    const struct dnsbl_list *list = dnsbl_catalogue_find(&catalogue, "a.example");
    assert_int_equal(list->code_count, 1);
    assert_string_equal(list->codes[0].meaning, "nine");
    assert_int_equal(list->error_count, 0);
    arena_release(&arena);
}

static void test_remove(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_true(read_text(&catalogue, &arena, shipped, "one", &error));
    assert_true(read_text(&catalogue, &arena,
                          "[b.example]\nremove = yes\n[c.example]\nremove = no\n", "two", &error));
    assert_null(dnsbl_catalogue_find(&catalogue, "b.example"));
    assert_int_equal(catalogue.count, 2);
    assert_string_equal(catalogue.lists[1]->zone, "c.example");
    assert_true(
        read_text(&catalogue, &arena, "[b.example]\nseverity = critical\n", "three", &error));
    assert_int_equal(dnsbl_catalogue_find(&catalogue, "b.example")->severity, DNSBL_CRITICAL);
    assert_int_equal(catalogue.count, 3);
    arena_release(&arena);
}

static void test_retire(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_true(read_text(&catalogue, &arena, shipped, "one", &error));
    assert_true(read_text(&catalogue, &arena,
                          "[retired]\nb.example = 2026-01-01 | B | gone | a.example\n"
                          "other.example = | | answers all\n[old.example]\noperator = Again\n",
                          "two", &error));
    assert_null(dnsbl_catalogue_find(&catalogue, "b.example"));
    const struct dnsbl_retired *retired = dnsbl_catalogue_find_retired(&catalogue, "b.example");
    assert_string_equal(retired->since, "2026-01-01");
    assert_string_equal(retired->operator, "B");
    assert_string_equal(retired->answers, "gone");
    assert_string_equal(retired->replacement, "a.example");
    assert_string_equal(retired->file, "two");
    assert_int_equal(retired->line, 2);
    retired = dnsbl_catalogue_find_retired(&catalogue, "other.example");
    assert_null(retired->since);
    assert_null(retired->operator);
    assert_string_equal(retired->answers, "answers all");
    assert_null(retired->replacement);
    assert_null(dnsbl_catalogue_find_retired(&catalogue, "old.example"));
    assert_string_equal(dnsbl_catalogue_find(&catalogue, "old.example")->operator, "Again");
    assert_int_equal(catalogue.count, 3);
    assert_int_equal(catalogue.retired_count, 2);
    arena_release(&arena);
}

static void test_remove_below(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_true(read_text(&catalogue, &arena, "[a.old.example]\n[retired]\nold.example =\n", "one",
                          &error));
    assert_null(dnsbl_catalogue_find_retired(&catalogue, "a.old.example"));
    assert_true(read_text(&catalogue, &arena, "[a.old.example]\nremove = yes\n", "two", &error));
    assert_string_equal(dnsbl_catalogue_find_retired(&catalogue, "a.old.example")->zone,
                        "old.example");
    arena_release(&arena);
}

static void test_code_before_bits(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct dnsbl_meaning meaning;
    struct ip_address address;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_true(read_text(&catalogue, &arena,
                          "[a.example]\nbit = 127.0.0.2: two\nbit = 127.0.0.4: four\n"
                          "code = 127.0.0.6: six\ncode = 127.0.0.[5..6]: a later one\n",
                          "one", &error));
    const struct dnsbl_list *list = dnsbl_catalogue_find(&catalogue, "a.example");
    assert_true(ip_parse(SLICE_LITERAL("127.0.0.6"), &address));
    dnsbl_list_meaning(list, &address, &arena, &meaning);
    assert_string_equal(meaning.text, "six");
    assert_true(ip_parse(SLICE_LITERAL("127.0.0.7"), &address));
    dnsbl_list_meaning(list, &address, &arena, &meaning);
    assert_string_equal(meaning.text, "two; four");
    arena_release(&arena);
}

/* ---- finding */

static const struct find_row {
    const char *label;
    const char *zone;
    const char *list; /* zone of the list found; NULL: none */
    const char *key;
    const char *retired; /* the same */
} find_rows[] = {
    {"a zone is found by its name",                "bl.example",                     "bl.example",           "",         NULL         },
    {"a zone below a list is not that list",       "x.bl.example",                   NULL,                   "",         NULL         },
    {"a zone written with its key is found",       "abcd1234.zen.dq.example",        "<KEY>.zen.dq.example",
     "abcd1234",                                                                                                         NULL         },
    {"a key in the second label is found",         "_email.abcd1234.hbl.dq.example",
     "_email.<KEY>.hbl.dq.example",                                                                          "abcd1234", NULL         },
    {"the placeholder itself is no key",           "<KEY>.zen.dq.example",           "<KEY>.zen.dq.example", "",         NULL         },
    {"a zone without the key is another one",      "zen.dq.example",                 NULL,                   "",         NULL         },
    {"a retired zone is no list",                  "old.example",                    NULL,                   "",         "old.example"},
    {"a zone below a retired one is retired, too", "a.b.old.example",                NULL,                   "",         "old.example"},
    {"but not a live one",                         "live.old.example",               "live.old.example",     "",         NULL         },
    {"a zone above a retired one is not",          "example",                        NULL,                   "",         NULL         },
    {"the end of a label is no parent",            "bold.example",                   NULL,                   "",         NULL         },
};

static void test_find(void **state)
{
    static const char text[] =
        "[bl.example]\n[<KEY>.zen.dq.example]\nkey-name = a\n"
        "[_email.<KEY>.hbl.dq.example]\nkey-name = a\n[live.old.example]\n[retired]\nold.example =";
    const struct find_row *row = *state;
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;
    struct slice key;

    arena_init(&arena);
    assert_true(read_text(&catalogue, &arena, text, "file", &error));
    const struct dnsbl_list *list = dnsbl_catalogue_find_keyed(&catalogue, row->zone, &key);
    const struct dnsbl_retired *retired = dnsbl_catalogue_find_retired(&catalogue, row->zone);
    assert_string_equal(list == NULL ? "none" : list->zone, row->list == NULL ? "none" : row->list);
    assert_true(slice_equals_text(key, row->key));
    assert_string_equal(retired == NULL ? "none" : retired->zone,
                        row->retired == NULL ? "none" : row->retired);
    arena_release(&arena);
}

int main(void)
{
    static struct cases cases;

    CASES_TABLE(&cases, test_error, error_rows);
    cases_add(&cases, "a NUL is refused with its line", test_nul, NULL);
    cases_add(&cases, "a file over 1 MiB is refused", test_large, NULL);
    cases_add(&cases, "a list has up to 256 codes", test_many_codes, NULL);
    cases_add(&cases, "a catalogue has up to 10000 zones", test_many_zones, NULL);
    cases_add(&cases, "an empty file is a catalogue", test_empty, NULL);
    cases_add(&cases, "a later file changes what it names and leaves the rest", test_change, NULL);
    cases_add(&cases, "none drops the codes and errors of earlier files", test_drop_codes, NULL);
    cases_add(&cases, "a later file removes a list, a third one brings it back", test_remove, NULL);
    cases_add(&cases, "a later file retires a list and revives a retired one", test_retire, NULL);
    cases_add(&cases, "a zone removed from below a retired one is retired with it",
              test_remove_below, NULL);
    cases_add(&cases, "the first code that matches counts, and bits only when none does",
              test_code_before_bits, NULL);
    CASES_TABLE(&cases, test_find, find_rows);
    return cases_run(&cases, "dnsbl_catalogue");
}
