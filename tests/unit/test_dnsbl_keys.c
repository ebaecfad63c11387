#include "cases.h"

#include <string.h>

#include "dnsbl_keys.h"
#include "dnsbl_zone.h"

/* ---- key files */

static const struct file_row {
    const char *label;
    const char *text;
    const char *name;
    const char *value;   /* of that name; NULL: there is none */
    const char *message; /* NULL: the file is good */
} file_rows[] = {
    {"a key is found by its name",                              "spamhaus-dqs = abcd1234\n",       "spamhaus-dqs", "abcd1234", NULL                       },
    {"blanks around name and key are nothing",                  "  a\t=\t abcd \r\n",              "a",            "abcd",     NULL                       },
    {"comments and empty lines are nothing",                    "# a = b\n\n   # c = d\na = abcd", "a",            "abcd",     NULL                       },
    {"a key that isn't there is none",                          "a = abcd\n",                      "b",            NULL,       NULL                       },
    {"no name has no key",                                      "a = abcd\n",                      NULL,           NULL,       NULL                       },
    {"the last one holds",                                      "a = abcd\na = efgh\n",            "a",            "efgh",     NULL                       },
    {"registered is a word for lists that know the resolver",   "validity = registered\n",         "validity",
     "registered",                                                                                                             NULL                       },
    {"an empty file has no keys",                               "",                                "a",            NULL,       NULL                       },
    {"a key of 63 octets fits a label (RFC 1035 2.3.4)",
     "a = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",                      "a",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",                                                        NULL                       },

    {"a key of 64 octets does not",
     "a = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",                     NULL,           NULL,
     "keys:1: the key has to be"                                                                                                                          },
    {"a key of three characters would be hidden in every word", "a = abc\n",                       NULL,           NULL,
     "keys:1: the key has to be"                                                                                                                          },
    {"a dot is no part of a key",                               "\na = abcd.efgh\n",               NULL,           NULL,       "keys:2: the key has to be"},
    {"a blank is no part of a key",                             "a = abcd efgh\n",                 NULL,           NULL,       "keys:1: the key has to be"},
    {"a line needs an equals sign",                             "# x\n\nabcd\n",                   NULL,           NULL,       "keys:3: a line is written"},
    {"a key needs a name",                                      " = abcd\n",                       NULL,           NULL,       "keys:1: the name"         },
    {"a name has no capitals",                                  "A = abcd\n",                      NULL,           NULL,       "keys:1: the name"         },
    {"a key is not empty",                                      "a =\n",                           NULL,           NULL,       "keys:1: the key has to be"},
};

static void test_file(void **state)
{
    const struct file_row *row = *state;
    static struct dnsbl_keys keys;
    struct arena arena;
    char message[DNSBL_KEYS_MESSAGE_SIZE] = "";

    memset(&keys, 0, sizeof keys);
    arena_init(&arena);
    bool good = dnsbl_keys_read(&keys, &arena, slice_of(row->text), "keys", message);
    if (row->message == NULL) {
        const char *value = dnsbl_keys_find(&keys, row->name);

        assert_string_equal(message, "");
        assert_true(good);
        assert_string_equal(value == NULL ? "none" : value,
                            row->value == NULL ? "none" : row->value);
    } else {
        assert_false(good);
        assert_int_equal(strncmp(message, row->message, strlen(row->message)), 0);
        assert_null(strstr(message, "abc"));
        assert_null(strstr(message, "aaa"));
    }
    arena_release(&arena);
}

static void test_full(void **state)
{
    static struct dnsbl_keys keys;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < DNSBL_KEYS_MAX; i++)
        assert_true(dnsbl_keys_add(&keys, &arena, slice_of(arena_format(&arena, "k%zu", i)),
                                   SLICE_LITERAL("abcd")));
    assert_false(dnsbl_keys_add(&keys, &arena, SLICE_LITERAL("more"), SLICE_LITERAL("abcd")));
    assert_true(dnsbl_keys_add(&keys, &arena, SLICE_LITERAL("k7"), SLICE_LITERAL("efgh")));
    assert_string_equal(dnsbl_keys_find(&keys, "k7"), "efgh");
    assert_false(dnsbl_keys_add(&keys, &arena, SLICE_LITERAL("k7"), SLICE_LITERAL("a.b.c")));
    arena_release(&arena);
}

/* ---- hiding keys */

static const struct mask_row {
    const char *label;
    const char *text;
    const char *masked;
} mask_rows[] = {
    {"text without a key stays as it is",   "listed, see https://example.org/",
     "listed, see https://example.org/"                                                               },
    {"a key gives way",                     "2.0.0.127.sekret1.zen.dq.spamhaus.net",
     "2.0.0.127.<KEY>.zen.dq.spamhaus.net"                                                            },
    {"a key in other letters, too",         "SEKRET1 and SeKrEt1",                   "<KEY> and <KEY>"},
    {"two keys",                            "sekret1other2sekret1",                  "<KEY><KEY><KEY>"},
    {"the longer of two keys at one place", "sekret1-long",                          "<KEY>"          },
    {"a key at the very end",               "x=sekret1",                             "x=<KEY>"        },
    {"a part of a key is none",             "sekret",                                "sekret"         },
    {"the word registered is no secret",    "not registered",                        "not registered" },
    {"nothing stays nothing",               "",                                      ""               },
};

static void test_mask(void **state)
{
    const struct mask_row *row = *state;
    static struct dnsbl_keys keys;
    struct arena arena;
    char message[DNSBL_KEYS_MESSAGE_SIZE] = "";

    memset(&keys, 0, sizeof keys);
    arena_init(&arena);
    assert_true(dnsbl_keys_read(
        &keys, &arena, SLICE_LITERAL("d = sekret1-long\na = sekret1\nb = other2\nc = registered\n"),
        "keys", message));
    struct slice masked = dnsbl_keys_mask(&keys, &arena, slice_of(row->text));
    assert_true(slice_equals_text(masked, row->masked));
    arena_release(&arena);
}

/* ---- the name that is asked */

#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct question_row {
    const char *label;
    const char *zone, *key, *target;
    const char *name; /* NULL: cannot be asked */
} question_rows[] = {
    {"an address stands in front of the zone (RFC 5782 2.1)",   "zen.spamhaus.org",                 NULL,           "2.0.0.127",
     "2.0.0.127.zen.spamhaus.org"                                                                                                                                                                                },
    {"a domain, too, in lower case",                            "multi.uribl.com",                  NULL,           "Example.ORG",
     "example.org.multi.uribl.com"                                                                                                                                                                               },
    {"a key takes its place",                                   "<KEY>.zen.dq.spamhaus.net",        "abcd1234",     "2.0.0.127",
     "2.0.0.127.abcd1234.zen.dq.spamhaus.net"                                                                                                                                                                    },
    {"a hash stands in front of the part's name",               "_email.<KEY>.hbl.dq.spamhaus.net", "abcd1234",
     "0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33",                                                                                   "0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33._email.abcd1234.hbl.dq.spamhaus.net"},
    {"an address behind the key",                               "<KEY>.<TARGET>.dnsbl.httpbl.org",  "abcdefghijkl", "2.0.0.127",
     "abcdefghijkl.2.0.0.127.dnsbl.httpbl.org"                                                                                                                                                                   },
    {"a zone without a place for a key passes one over",        "bl.spamcop.net",                   "abcd1234",     "2.0.0.127",
     "2.0.0.127.bl.spamcop.net"                                                                                                                                                                                  },
    {"a key must be there where it is wanted",                  "<KEY>.zen.dq.spamhaus.net",        NULL,           "2.0.0.127",
     NULL                                                                                                                                                                                                        },
    {"a key with a dot is none",                                "<KEY>.zen.dq.spamhaus.net",        "abcd.efgh",    "2.0.0.127",   NULL                                                                          },
    {"a name over 253 octets cannot be asked (RFC 1035 2.3.4)", "example.org",                      NULL,
     LONG "." LONG "." LONG "." LONG,                                                                                              NULL                                                                          },
    {"a label over 63 octets cannot be asked",                  "example.org",                      NULL,           LONG "a",      NULL                                                                          },
};

static void test_question(void **state)
{
    const struct question_row *row = *state;
    char name[DOMAIN_TEXT_SIZE] = "";
    bool good = dnsbl_zone_question(row->zone, row->key, row->target, name);

    assert_int_equal(good, row->name != NULL);
    if (good)
        assert_string_equal(name, row->name);
}

int main(void)
{
    static struct cases cases;

    CASES_TABLE(&cases, test_file, file_rows);
    cases_add(&cases, "there is room for a hundred names", test_full, NULL);
    CASES_TABLE(&cases, test_mask, mask_rows);
    CASES_TABLE(&cases, test_question, question_rows);
    return cases_run(&cases, "dnsbl_keys");
}
