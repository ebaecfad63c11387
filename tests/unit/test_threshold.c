#include <math.h>

#include "cases.h"
#include "report/threshold.h"

#define S CASES_SLICE
#define NOT_A_NUMBER ((double)NAN)

/* What is parsed, and how it is printed for perfdata. */
static const struct parse {
    const char *label;
    struct slice text;
    const char *printed; /* NULL: refused */
} parses[] = {
    {"parse an end alone",                         S("10"),                "10"         },
    {"parse a start alone",                        S("10:"),               "10:"        },
    {"parse an open start",                        S("~:10"),              "~:10"       },
    {"parse a start and an end",                   S("10:20"),             "10:20"      },
    {"parse an inside range",                      S("@10:20"),            "@10:20"     },
    {"parse an inside range from 0",               S("@0:4"),              "@4"         },
    {"parse an inside range with open start",      S("@~:4"),              "@~:4"       },
    {"parse a range without bounds",               S("~:"),                "~:"         },
    {"parse zero",                                 S("0"),                 "0"          },
    {"parse negative bounds",                      S("-20:-10"),           "-20:-10"    },
    {"parse fractions",                            S("0.5:1.25"),          "0.5:1.25"   },
    {"parse equal bounds",                         S("5:5"),               "5:5"        },
    {"print 0:4 as 4, which Icinga 2 understands", S("0:4"),               "4"          },
    {"print a start of zero with no end",          S("0:"),                "0:"         },
    {"print minus zero as zero",                   S("-0:4"),              "4"          },
    {"print without needless zeros",               S("01.500:0020.0"),     "1.5:20"     },
    {"print without a plus sign",                  S("+1:+2"),             "1:2"        },
    {"print a large number without exponent",      S("99999999999"),       "99999999999"},
    {"print a small number without exponent",      S("0.00001"),           "0.00001"    },
    {"refuse nothing",                             S(""),                  NULL         },
    {"refuse @ alone",                             S("@"),                 NULL         },
    {"refuse a colon alone",                       S(":"),                 NULL         },
    {"refuse an end after an empty start",         S(":18"),               NULL         },
    {"refuse ~ alone",                             S("~"),                 NULL         },
    {"refuse ~ as the end",                        S("1:~"),               NULL         },
    {"refuse a start above the end",               S("20:10"),             NULL         },
    {"refuse a negative end without a start",      S("-5"),                NULL         },
    {"refuse two colons",                          S("1:2:3"),             NULL         },
    {"refuse two @",                               S("@@1:2"),             NULL         },
    {"refuse @ after the start",                   S("1:@2"),              NULL         },
    {"refuse an exponent",                         S("1e3"),               NULL         },
    {"refuse a unit",                              S("10x"),               NULL         },
    {"refuse a percent sign",                      S("10%"),               NULL         },
    {"refuse a comma",                             S("1,5"),               NULL         },
    {"refuse blanks",                              S("1 : 2"),             NULL         },
    {"refuse a blank at the end",                  S("10 "),               NULL         },
    {"refuse NUL",                                 S("1\0:2"),             NULL         },
    {"refuse infinity",                            S("inf"),               NULL         },
    {"refuse NaN as a bound",                      S("nan:1"),             NULL         },
    {"refuse words",                               S("warning"),           NULL         },
    {"refuse a sign without digits",               S("+:5"),               NULL         },
    {"refuse more digits than a double has",       S("12345678901234567"), NULL         },
};

static void test_parse(void **state)
{
    const struct parse *row = *state;
    struct range range = {0};
    struct text text;

    assert_int_equal(range_parse(row->text, &range), row->printed != NULL);
    assert_int_equal(range.is_set, row->printed != NULL);
    text_init(&text, 1000);
    range_print(&range, &text);
    assert_string_equal(text.start, row->printed != NULL ? row->printed : "");
    text_release(&text);
}

static const struct alert {
    const char *label;
    const char *range; /* NULL: not set */
    double value;
    bool alerts;
} alerts[] = {
    {"no range never alerts",                   NULL,     1e9,          false},
    {"no range doesn't alert at NaN",           NULL,     NOT_A_NUMBER, false},
    {"10 alerts below 0",                       "10",     -1,           true },
    {"10 doesn't alert at 0",                   "10",     0,            false},
    {"10 doesn't alert at minus 0",             "10",     -0.0,         false},
    {"10 doesn't alert at 10",                  "10",     10,           false},
    {"10 alerts just above 10",                 "10",     10.000001,    true },
    {"10: alerts below 10",                     "10:",    9.99,         true },
    {"10: doesn't alert at 10",                 "10:",    10,           false},
    {"10: doesn't alert far above",             "10:",    1e300,        false},
    {"~:10 doesn't alert far below",            "~:10",   -1e300,       false},
    {"~:10 alerts above 10",                    "~:10",   11,           true },
    {"10:20 alerts below",                      "10:20",  9,            true },
    {"10:20 doesn't alert within",              "10:20",  15,           false},
    {"10:20 alerts above",                      "10:20",  21,           true },
    {"@10:20 alerts at its start",              "@10:20", 10,           true },
    {"@10:20 alerts at its end",                "@10:20", 20,           true },
    {"@10:20 doesn't alert outside",            "@10:20", 21,           false},
    {"@1: alerts from 1 on",                    "@1:",    1,            true },
    {"0 alerts at 1",                           "0",      1,            true },
    {"0 doesn't alert at 0",                    "0",      0,            false},
    {"-5:5 doesn't alert at 0",                 "-5:5",   0,            false},
    {"~: never alerts",                         "~:",     1e9,          false},
    {"infinity is above every end",             "10",     HUGE_VAL,     true },
    {"NaN lies outside of every range",         "~:",     NOT_A_NUMBER, true },
    {"NaN lies outside of an inside range too", "@10:20", NOT_A_NUMBER, false},
};

static void test_alert(void **state)
{
    const struct alert *row = *state;
    struct range range = {0};

    if (row->range != NULL)
        assert_true(range_parse(slice_of(row->range), &range));
    assert_int_equal(range_alerts(&range, row->value), row->alerts);
}

static const struct made {
    const char *label;
    struct range range;
    const char *printed;
} mades[] = {
    {"a third has fifteen digits",         {.is_set = true, .end = 1.0 / 3},              "0.333333333333333"},
    {"an infinite end is an open end",     {.is_set = true, .start = 1, .end = HUGE_VAL}, "1:"               },
    {"a start that is NaN is an open one",
     {.is_set = true, .start = NOT_A_NUMBER, .end = 2},
     "~:2"                                                                                                   },
    {"nothing is printed when not set",    {.is_set = false, .start = 1, .end = 2},       ""                 },
};

static void test_made(void **state)
{
    const struct made *row = *state;
    struct text text;

    text_init(&text, 1000);
    range_print(&row->range, &text);
    assert_string_equal(text.start, row->printed);
    text_release(&text);
}

static void test_untouched(void **state)
{
    struct range range = {.is_set = true, .end = 7};

    (void)state;
    assert_false(range_parse(slice_of("@1:x"), &range));
    assert_true(range.is_set && !range.inside && range.end > 6);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_parse, parses);
    CASES_TABLE(&cases, test_alert, alerts);
    CASES_TABLE(&cases, test_made, mades);
    cases_add(&cases, "a refused text leaves the range as it was", test_untouched, NULL);
    return cases_run(&cases, "threshold");
}
