#include <stdio.h>
#include <string.h>

#include "base/slice.h"
#include "cases.h"

#define S CASES_SLICE

static const struct pair {
    const char *label;
    struct slice a;
    struct slice b;
    bool equal;
    bool equal_ignoring_case;
} pairs[] = {
    {"the same",                            S("abc"),      S("abc"),      true,  true },
    {"both empty",                          S(""),         S(""),         true,  true },
    {"empty, one without memory",           S(""),         {NULL, 0},     true,  true },
    {"a prefix",                            S("abc"),      S("abcd"),     false, false},
    {"other case",                          S("aBc"),      S("AbC"),      false, true },
    {"same up to NUL",                      S("a\0b"),     S("a\0c"),     false, false},
    {"other case after NUL",                S("a\0b"),     S("a\0B"),     false, true },
    {"NUL at the end is a character",       S("a\0"),      S("a"),        false, false},
    {"@ and ` differ by the case bit only", S("@"),        S("`"),        false, false},
    {"[ and { differ by the case bit only", S("["),        S("{"),        false, false},
    {"Latin-1 letters have no case",        S("\xc4"),     S("\xe4"),     false, false},
    {"high octets are equal to themselves", S("\xff\x80"), S("\xff\x80"), true,  true },
};

static void test_equal(void **state)
{
    const struct pair *row = *state;

    assert_int_equal(slice_equals(row->a, row->b), row->equal);
    assert_int_equal(slice_equals(row->b, row->a), row->equal);
    assert_int_equal(slice_equals_ignoring_case(row->a, row->b), row->equal_ignoring_case);
    assert_int_equal(slice_equals_ignoring_case(row->b, row->a), row->equal_ignoring_case);
}

static const struct text_pair {
    const char *label;
    struct slice slice;
    const char *text;
    bool equals, equals_ignoring_case, starts, starts_ignoring_case, ends_ignoring_case;
} text_pairs[] = {
    {"all of it",                                S("v=spf1"),         "v=spf1", true,  true,  true,  true,  true },
    {"all of it in other case",                  S("V=SPF1"),         "v=spf1", false, true,  false, true,  true },
    {"its beginning",                            S("v=spf1 -all"),    "v=spf1", false, false, true,  true,  false},
    {"its beginning in other case",              S("V=spf1 -all"),    "v=spf1", false, false, false, true,  false},
    {"its end",                                  S("mx.example.ORG"), ".org",   false, false, false, false, true },
    {"longer than the slice",                    S("v=s"),            "v=spf1", false, false, false, false, false},
    {"nothing, everywhere",                      S("abc"),            "",       false, false, true,  true,  true },
    {"nothing in nothing",                       S(""),               "",       true,  true,  true,  true,  true },
    {"nothing in a slice without memory",        {NULL, 0},           "",       true,  true,  true,  true,  true },
    {"something in nothing",                     {NULL, 0},           "a",      false, false, false, false, false},
    {"the text stops at NUL, the slice goes on", S("ab\0c"),          "ab",     false, false, true,  true,  false},
    {"after NUL",                                S("\0ab"),           "ab",     false, false, false, false, true },
};

static void test_text(void **state)
{
    const struct text_pair *row = *state;

    assert_int_equal(slice_equals_text(row->slice, row->text), row->equals);
    assert_int_equal(slice_equals_text_ignoring_case(row->slice, row->text),
                     row->equals_ignoring_case);
    assert_int_equal(slice_starts_with(row->slice, row->text), row->starts);
    assert_int_equal(slice_starts_with_ignoring_case(row->slice, row->text),
                     row->starts_ignoring_case);
    assert_int_equal(slice_ends_with_ignoring_case(row->slice, row->text), row->ends_ignoring_case);
}

static void test_byte_order_mark(void **state)
{
    (void)state;
    assert_true(slice_equals_text(slice_skip_bom(slice_of("\xef\xbb\xbfMark")), "Mark"));
    assert_true(slice_equals_text(slice_skip_bom(slice_of("\xef\xbb\xbf")), ""));
    assert_true(slice_equals_text(slice_skip_bom(slice_of("\xef\xbb")), "\xef\xbb"));
    assert_true(slice_equals_text(slice_skip_bom(slice_of("none")), "none"));
    assert_null(slice_skip_bom((struct slice){NULL, 0}).start);
}

static const struct find {
    const char *label;
    struct slice slice;
    const char *text;
    size_t offset;
} finds[] = {
    {"find at the start",              S("example"), "ex",       0},
    {"find in the middle",             S("example"), "amp",      2},
    {"find at the end",                S("example"), "le",       5},
    {"find the whole",                 S("example"), "example",  0},
    {"find what is not there",         S("example"), "net",      7},
    {"find what is longer",            S("example"), "examples", 7},
    {"find what begins at the end",    S("example"), "ex.",      7},
    {"find after false starts",        S("aaaaab"),  "aab",      3},
    {"find the first of two",          S("ab ab"),   "ab",       0},
    {"find after NUL",                 S("a\0\0bc"), "bc",       3},
    {"find nothing",                   S("abc"),     "",         0},
    {"find nothing in nothing",        S(""),        "",         0},
    {"find in nothing",                S(""),        "a",        0},
    {"find in a slice without memory", {NULL, 0},    "a",        0},
};

static void test_find_text(void **state)
{
    const struct find *row = *state;

    assert_int_equal(slice_find_text(row->slice, row->text), row->offset);
    if (strlen(row->text) == 1)
        assert_int_equal(slice_find(row->slice, row->text[0]), row->offset);
}

static void test_find(void **state)
{
    (void)state;
    struct slice slice = SLICE_LITERAL("a\0b\xff");

    assert_int_equal(slice_find(slice, 'a'), 0);
    assert_int_equal(slice_find(slice, '\0'), 1);
    assert_int_equal(slice_find(slice, 'b'), 2);
    assert_int_equal(slice_find(slice, '\xff'), 3);
    assert_int_equal(slice_find(slice, 'c'), 4);
    assert_int_equal(slice_find((struct slice){0}, '\0'), 0);
}

static const struct sub {
    const char *label;
    size_t from, length;
    const char *part;
} subs[] = {
    {"the whole of it",        0,        7,        "example"},
    {"the middle of it",       2,        3,        "amp"    },
    {"from inside to the end", 4,        SIZE_MAX, "ple"    },
    {"nothing at the end",     7,        1,        ""       },
    {"from after the end",     8,        1,        ""       },
    {"from as far as can be",  SIZE_MAX, SIZE_MAX, ""       },
    {"nothing from inside",    3,        0,        ""       },
};

static void test_sub(void **state)
{
    const struct sub *row = *state;
    const char *text = "example";
    struct slice part = slice_sub(slice_of(text), row->from, row->length);

    assert_true(slice_equals_text(part, row->part));
    assert_true(part.start >= text && part.start + part.length <= text + 7);
    assert_int_equal(slice_sub((struct slice){0}, row->from, row->length).length, 0);
}

static const struct trim {
    const char *label;
    struct slice slice;
    const char *set;
    struct slice trimmed;
} trims[] = {
    {"trim both ends",              S(" \t a b\t "), " \t", S("a b") },
    {"trim to nothing",             S("    "),       " ",   S("")    },
    {"trim nothing",                S(""),           " ",   S("")    },
    {"trim by an empty set",        S(" a "),        "",    S(" a ") },
    {"trim stops at NUL",           S(" \0 "),       " ",   S("\0")  },
    {"trim what is clean",          S("a"),          " ",   S("a")   },
    {"trim a slice without memory", {NULL, 0},       " ",   {NULL, 0}},
};

static void test_trim(void **state)
{
    const struct trim *row = *state;

    assert_true(slice_equals(slice_trim(row->slice, row->set), row->trimmed));
}

static const struct split {
    const char *label;
    struct slice slice;
    char separator;
    size_t count;
    struct slice parts[4];
} splits[] = {
    {"split into two",                      S("a,b"),    ',',  2, {S("a"), S("b")}       },
    {"split with an empty part inside",     S("a,,b"),   ',',  3, {S("a"), S(""), S("b")}},
    {"split nothing: one empty part",       S(""),       ',',  1, {S("")}                },
    {"split without separator",             S("abc"),    ',',  1, {S("abc")}             },
    {"split with a separator at the end",   S("a,"),     ',',  2, {S("a"), S("")}        },
    {"split with a separator at the start", S(",a"),     ',',  2, {S(""), S("a")}        },
    {"split the separator alone",           S(","),      ',',  2, {S(""), S("")}         },
    {"split at NUL",                        S("a\0b\0"), '\0', 3, {S("a"), S("b"), S("")}},
    {"split over NUL",                      S("a\0b;c"), ';',  2, {S("a\0b"), S("c")}    },
    {"split a slice without memory",        {NULL, 0},   ',',  0, {{NULL, 0}}            },
};

static void test_split(void **state)
{
    const struct split *row = *state;
    struct slice rest = row->slice;
    struct slice part;

    for (size_t i = 0; i < row->count; i++) {
        assert_true(slice_split(&rest, row->separator, &part));
        assert_true(slice_equals(part, row->parts[i]));
        assert_non_null(part.start);
    }
    assert_null(rest.start);
    assert_false(slice_split(&rest, row->separator, &part));
    assert_false(slice_split(&rest, row->separator, &part));
}

static const struct number {
    const char *label;
    struct slice slice;
    uint64_t maximum;
    bool good;
    uint64_t number;
} numbers[] = {
    {"number 0",                           S("0"),                          0,          true,  0         },
    {"number 1, at most 0",                S("1"),                          0,          false, 0         },
    {"number at the maximum",              S("65535"),                      65535,      true,  65535     },
    {"number past the maximum",            S("65536"),                      65535,      false, 0         },
    {"number past the maximum by a digit", S("655350"),                     65535,      false, 0         },
    {"number with leading zeros",          S("0000000000000000000000025"),  100,        true,  25        },
    {"number of 64 bits",                  S("18446744073709551615"),       UINT64_MAX, true,  UINT64_MAX},
    {"number of more than 64 bits",        S("18446744073709551616"),       UINT64_MAX, false, 0         },
    {"number of many digits",              S("99999999999999999999999999"), UINT64_MAX, false, 0         },
    {"number with a small maximum",        S("9"),                          8,          false, 0         },
    {"number: nothing",                    S(""),                           10,         false, 0         },
    {"number: no memory",                  {NULL, 0},                       10,         false, 0         },
    {"number with a sign",                 S("+1"),                         10,         false, 0         },
    {"number under zero",                  S("-1"),                         10,         false, 0         },
    {"number with a blank before",         S(" 1"),                         10,         false, 0         },
    {"number with a blank after",          S("1 "),                         10,         false, 0         },
    {"number with a letter after",         S("10x"),                        100,        false, 0         },
    {"number in hexadecimal",              S("0x1"),                        100,        false, 0         },
    {"number with NUL after",              S("1\0"),                        10,         false, 0         },
    {"number in Arabic digits",            S("\xd9\xa1"),                   10,         false, 0         },
};

static void test_number(void **state)
{
    const struct number *row = *state;
    uint64_t number = 77;

    assert_int_equal(slice_to_number(row->slice, row->maximum, &number), row->good);
    assert_int_equal(number, row->good ? row->number : 77);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl" /* 64 */

static const struct distance {
    const char *label;
    struct slice a, b;
    size_t distance;
} distances[] = {
    {"distance of the same",                      S("spf"),       S("spf"),       0       },
    {"distance in other case",                    S("SPF"),       S("spf"),       0       },
    {"distance: one added",                       S("spf"),       S("spof"),      1       },
    {"distance: one missing",                     S("timeout"),   S("timout"),    1       },
    {"distance: one replaced",                    S("warning"),   S("warming"),   1       },
    {"distance: neighbours swapped",              S("critical"),  S("critcial"),  1       },
    {"distance: neighbours swapped at the start", S("ab"),        S("ba"),        1       },
    {"distance: three edits",                     S("kitten"),    S("sitting"),   3       },
    {"distance: to nothing",                      S("abcd"),      S(""),          4       },
    {"distance: of nothing",                      S(""),          S(""),          0       },
    {"distance: no memory",                       {NULL, 0},      S("ab"),        2       },
    {"distance: nothing in common",               S("abc"),       S("xyz"),       3       },
    {"distance over NUL",                         S("a\0b"),      S("a\0c"),      1       },
    {"distance of 64 characters",                 S(LETTERS),     S(LETTERS),     0       },
    {"distance of 64 characters to 63",           S(LETTERS),
     S("bcdefghijklmnopqrstuvwxyzabcdefghijklm"
       "nopqrstuvwxyzabcdefghijkl"),
     1                                                                                    },
    {"distance of 65 characters",                 S(LETTERS "m"), S("a"),         SIZE_MAX},
    {"distance to 65 characters",                 S("a"),         S(LETTERS "m"), SIZE_MAX},
};

static void test_distance(void **state)
{
    const struct distance *row = *state;

    assert_int_equal(slice_distance(row->a, row->b), row->distance);
    assert_int_equal(slice_distance(row->b, row->a), row->distance);
}

static void test_literal(void **state)
{
    (void)state;
    struct slice slice = SLICE_LITERAL("a\0b");
    char printed[8];

    assert_int_equal(slice.length, 3);
    assert_int_equal(slice_of("a\0b").length, 1);
    snprintf(printed, sizeof(printed), "%.*s", SLICE_PRINTF(slice_new("abcdef", 3)));
    assert_string_equal(printed, "abc");
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_equal, pairs);
    CASES_TABLE(&cases, test_text, text_pairs);
    CASES_TABLE(&cases, test_find_text, finds);
    CASES_TABLE(&cases, test_sub, subs);
    CASES_TABLE(&cases, test_trim, trims);
    CASES_TABLE(&cases, test_split, splits);
    CASES_TABLE(&cases, test_number, numbers);
    CASES_TABLE(&cases, test_distance, distances);
    cases_add(&cases, "a byte order mark is skipped when it is whole", test_byte_order_mark, NULL);
    cases_add(&cases, "find any octet", test_find, NULL);
    cases_add(&cases, "literals and printing", test_literal, NULL);
    return cases_run(&cases, "slice");
}
