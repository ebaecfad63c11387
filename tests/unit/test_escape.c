#include <string.h>

#include "cases.h"
#include "report/escape.h"

#define S CASES_SLICE
#define ANY ((size_t)1 << 30)

/* One value in the three forms. NULL: as it is. */
static const struct value {
    const char *label;
    struct slice value;
    const char *text, *utf8, *prometheus;
} values[] = {
    {"nothing",                          S(""),                         NULL,                        NULL,               NULL                                 },
    {"nothing without memory",           {NULL, 0},                     "",                          "",                 ""                                   },
    {"plain ASCII",                      S("v=spf1 mx -all;$`~&'"),     NULL,                        NULL,               NULL                                 },
    {"a pipe begins no perfdata",        S("a | load=1"),               "a ! load=1",                NULL,               NULL                                 },
    {"tags are no HTML",                 S("<script>x</script>"),       "(script)x(/script)",        NULL,               NULL                                 },
    {"an HTML entity stays",             S("&lt;b&gt;"),                NULL,                        NULL,               NULL                                 },
    {"a quote",                          S("say \"hi\""),               NULL,                        NULL,               "say \\\"hi\\\""                     },
    {"a backslash",                      S("a\\b"),                     NULL,                        NULL,               "a\\\\b"                             },
    {"a newline",                        S("a\nb"),                     "a\\x0Ab",                   NULL,               "a\\nb"                              },
    {"CR and LF",                        S("250 ok\r\n"),               "250 ok\\x0D\\x0A",          "250 ok\\x0D\n",    "250 ok\\\\x0D\\n"                   },
    {"a tab",                            S("a\tb"),                     "a\\x09b",                   NULL,               "a\\\\x09b"                          },
    {"NUL",                              S("a\0b"),                     "a\\x00b",                   "a\\x00b",          "a\\\\x00b"                          },
    {"an ESC sequence",                  S("\x1b[31mred"),              "\\x1B[31mred",              "\\x1B[31mred",     "\\\\x1B[31mred"                     },
    {"DEL",                              S("\x7f"),                     "\\x7F",                     "\\x7F",            "\\\\x7F"                            },
    {"CSI of C1",
     S("\xc2\x9b"
       "0m"),
     "\\xC2\\x9B0m",                                                                                 "\\xC2\\x9B0m",     "\\\\xC2\\\\x9B0m"                   },
    {"no-break space, first after C1",   S("\xc2\xa0"),                 NULL,                        NULL,               NULL                                 },
    {"two octets",                       S("gr\xc3\xbc\xc3\x9f"),       NULL,                        NULL,               NULL                                 },
    {"three octets",                     S("\xe6\x97\xa5\xe6\x9c\xac"), NULL,                        NULL,               NULL                                 },
    {"four octets",                      S("\xf0\x9f\x98\x80"),         NULL,                        NULL,               NULL                                 },
    {"U+10FFFF, the last",               S("\xf4\x8f\xbf\xbf"),         NULL,                        NULL,               NULL                                 },
    {"U+D7FF, before the surrogates",    S("\xed\x9f\xbf"),             NULL,                        NULL,               NULL                                 },
    {"a surrogate (RFC 3629 3)",         S("\xed\xa0\x80"),             "\\xED\\xA0\\x80",           "\\xED\\xA0\\x80",
     "\\\\xED\\\\xA0\\\\x80"                                                                                                                                  },
    {"above U+10FFFF (RFC 3629 3)",      S("\xf4\x90\x80\x80"),         "\\xF4\\x90\\x80\\x80",
     "\\xF4\\x90\\x80\\x80",                                                                                             "\\\\xF4\\\\x90\\\\x80\\\\x80"       },
    {"an overlong slash (RFC 3629 3)",   S("\xc0\xaf"),                 "\\xC0\\xAF",                "\\xC0\\xAF",       "\\\\xC0\\\\xAF"                     },
    {"an overlong NUL (RFC 3629 3)",     S("\xc0\x80"),                 "\\xC0\\x80",                "\\xC0\\x80",       "\\\\xC0\\\\x80"                     },
    {"an overlong pipe of three octets", S("\xe0\x81\xbc"),             "\\xE0\\x81\\xBC",           "\\xE0\\x81\\xBC",
     "\\\\xE0\\\\x81\\\\xBC"                                                                                                                                  },
    {"an overlong form of four octets",  S("\xf0\x80\x80\xbc"),         "\\xF0\\x80\\x80\\xBC",
     "\\xF0\\x80\\x80\\xBC",                                                                                             "\\\\xF0\\\\x80\\\\x80\\\\xBC"       },
    {"five octets (RFC 3629 4)",         S("\xf8\x88\x80\x80\x80"),     "\\xF8\\x88\\x80\\x80\\x80",
     "\\xF8\\x88\\x80\\x80\\x80",                                                                                        "\\\\xF8\\\\x88\\\\x80\\\\x80\\\\x80"},
    {"0xFF and 0xFE",                    S("\xff\xfe"),                 "\\xFF\\xFE",                "\\xFF\\xFE",       "\\\\xFF\\\\xFE"                     },
    {"a continuation alone",             S("a\x80z"),                   "a\\x80z",                   "a\\x80z",          "a\\\\x80z"                          },
    {"a character cut at the end",       S("\xe6\x97"),                 "\\xE6\\x97",                "\\xE6\\x97",       "\\\\xE6\\\\x97"                     },
    {"a character cut by another",       S("\xe6\x97|"),                "\\xE6\\x97!",               "\\xE6\\x97|",      "\\\\xE6\\\\x97|"                    },
    {"Latin-1",                          S("caf\xe9 au lait"),          "caf\\xE9 au lait",          "caf\\xE9 au lait", "caf\\\\xE9 au lait"                 },
    {"right-to-left override U+202E",
     S("\xe2\x80\xae"
       "gpj"),
     "\\xE2\\x80\\xAEgpj",                                                                           NULL,               "\\\\xE2\\\\x80\\\\xAEgpj"           },
    {"embedding U+202A",                 S("\xe2\x80\xaa"),             "\\xE2\\x80\\xAA",           NULL,               "\\\\xE2\\\\x80\\\\xAA"              },
    {"isolate U+2066",                   S("\xe2\x81\xa6"),             "\\xE2\\x81\\xA6",           NULL,               "\\\\xE2\\\\x81\\\\xA6"              },
    {"pop isolate U+2069",               S("\xe2\x81\xa9"),             "\\xE2\\x81\\xA9",           NULL,               "\\\\xE2\\\\x81\\\\xA9"              },
    {"U+206A is none of them",           S("\xe2\x81\xaa"),             NULL,                        NULL,               NULL                                 },
    {"left-to-right mark U+200E",        S("\xe2\x80\x8e"),             "\\xE2\\x80\\x8E",           NULL,
     "\\\\xE2\\\\x80\\\\x8E"                                                                                                                                  },
    {"right-to-left mark U+200F",        S("\xe2\x80\x8f"),             "\\xE2\\x80\\x8F",           NULL,
     "\\\\xE2\\\\x80\\\\x8F"                                                                                                                                  },
    {"Arabic letter mark U+061C",        S("\xd8\x9c"),                 "\\xD8\\x9C",                NULL,               "\\\\xD8\\\\x9C"                     },
    {"line separator U+2028",            S("\xe2\x80\xa8"),             "\\xE2\\x80\\xA8",           NULL,               "\\\\xE2\\\\x80\\\\xA8"              },
    {"an em dash U+2014 stays",          S("\xe2\x80\x94"),             NULL,                        NULL,               NULL                                 },
};

static void test_value(void **state)
{
    const struct value *row = *state;
    const char *same = row->value.start;
    struct arena arena;
    struct text text;

    arena_init(&arena);
    text_init(&text, 1000);
    escape_text(&text, row->value, ANY);
    assert_string_equal(text.start, row->text != NULL ? row->text : same);
    assert_string_equal(escape_value(&arena, row->value), text.start);
    assert_string_equal(escape_utf8(&arena, row->value, ANY), row->utf8 != NULL ? row->utf8 : same);
    text_clear(&text);
    escape_prometheus(&text, row->value);
    assert_string_equal(text.start, row->prometheus != NULL ? row->prometheus : same);
    text_release(&text);
    arena_release(&arena);
}

static const struct cut {
    const char *label;
    struct slice value;
    size_t most;
    const char *text;
} cuts[] = {
    {"a value that just fits is whole",       S("abc"),          3,  "abc"            },
    {"one octet too many",                    S("abcd"),         3,  "abc..."         },
    {"no room at all",                        S("abc"),          0,  "..."            },
    {"nothing fits into nothing",             S(""),             0,  ""               },
    {"cut before a character, not in it",     S("ab\xc3\xbc"),   3,  "ab..."          },
    {"a character that just fits",            S("a\xc3\xbc"),    3,  "a\xc3\xbc"      },
    {"cut before an escape, not in it",       S("ab\x01"),       5,  "ab..."          },
    {"an escape that just fits",              S("a\x01"),        5,  "a\\x01"         },
    {"cut before all escapes of a character", S("\xe2\x80\xae"), 11, "..."            },
    {"all escapes of a character",            S("\xe2\x80\xae"), 12, "\\xE2\\x80\\xAE"},
};

static void test_cut(void **state)
{
    const struct cut *row = *state;
    struct text text;

    text_init(&text, 1000);
    text_append(&text, "> ");
    escape_text(&text, row->value, row->most);
    assert_string_equal(text.start + 2, row->text);
    text_release(&text);
}

/* The form of every single octet and every pair of octets is printable ASCII or valid UTF-8. */
static void test_all_pairs(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, 1000);
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        char octets[2] = {(char)(pair >> 8), (char)(pair & 0xFF)};

        text_clear(&text);
        escape_text(&text, slice_new(octets, 2), ANY);
        assert_null(strpbrk(text.start, "|<>\n\r\t\x1b\x7f"));
        assert_int_equal(strlen(text.start), text.length);
        if (text.length == 2 && (octets[0] & 0x80) != 0)
            assert_in_range((unsigned char)octets[0], 0xC2, 0xDF);
    }
    text_release(&text);
}

static void test_large(void **state)
{
    size_t size = 1 << 20;
    char *octets = malloc(size);
    struct arena arena;
    struct text text;

    (void)state;
    assert_non_null(octets);
    memset(octets, 0x1B, size);
    arena_init(&arena);
    text_init(&text, SIZE_MAX);
    assert_int_equal(strlen(escape_value(&arena, slice_new(octets, size))), ESCAPE_VALUE_MAX + 3);
    escape_prometheus(&text, slice_new(octets, size));
    assert_in_range(text.length, ESCAPE_LABEL_MAX - 5, ESCAPE_LABEL_MAX + 3);
    assert_int_equal(strlen(escape_utf8(&arena, slice_new(octets, size), SIZE_MAX)), 4 * size);
    text_release(&text);
    arena_release(&arena);
    free(octets);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_value, values);
    CASES_TABLE(&cases, test_cut, cuts);
    cases_add(&cases, "every pair of octets is printable afterwards", test_all_pairs, NULL);
    cases_add(&cases, "a value of 1 MiB is cut", test_large, NULL);
    return cases_run(&cases, "escape");
}
