#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "cases.h"
#include "report/number.h"

#define S CASES_SLICE
#define NOT_A_NUMBER ((double)NAN)

static const struct parse {
    const char *label;
    struct slice text;
    bool good;
    double number;
} parses[] = {
    {"parse zero",                          S("0"),                    true,  0               },
    {"parse an integer",                    S("42"),                   true,  42              },
    {"parse leading zeros",                 S("007"),                  true,  7               },
    {"parse a plus sign",                   S("+5"),                   true,  5               },
    {"parse a minus sign",                  S("-5"),                   true,  -5              },
    {"parse a fraction",                    S("0.1"),                  true,  0.1             },
    {"parse a fraction without whole part", S(".5"),                   true,  0.5             },
    {"parse a negative fraction",           S("-12.75"),               true,  -12.75          },
    {"parse trailing zeros",                S("1.500"),                true,  1.5             },
    {"parse fifteen digits exactly",        S("123456789.012345"),     true,  123456789.012345},
    {"parse fifteen decimals",              S("0.000000000000001"),    true,  1e-15           },
    {"parse the largest integer",           S("999999999999999"),      true,  999999999999999 },
    {"refuse sixteen digits",               S("1234567890123456"),     false, 0               },
    {"refuse sixteen decimals",             S("0.0000000000000001"),   false, 0               },
    {"refuse digits without end",           S("99999999999999999999"), false, 0               },
    {"refuse nothing",                      S(""),                     false, 0               },
    {"refuse nothing without memory",       {NULL, 0},                 false, 0               },
    {"refuse a sign alone",                 S("-"),                    false, 0               },
    {"refuse two signs",                    S("--1"),                  false, 0               },
    {"refuse a point alone",                S("."),                    false, 0               },
    {"refuse a point at the end",           S("5."),                   false, 0               },
    {"refuse two points",                   S("1.2.3"),                false, 0               },
    {"refuse a comma",                      S("1,5"),                  false, 0               },
    {"refuse an exponent",                  S("1e3"),                  false, 0               },
    {"refuse hexadecimal",                  S("0x10"),                 false, 0               },
    {"refuse a unit",                       S("10s"),                  false, 0               },
    {"refuse a blank before",               S(" 1"),                   false, 0               },
    {"refuse a blank after",                S("1 "),                   false, 0               },
    {"refuse NUL after",                    S("1\0"),                  false, 0               },
    {"refuse infinity",                     S("inf"),                  false, 0               },
    {"refuse NaN",                          S("nan"),                  false, 0               },
    {"refuse digits of another script",     S("\xd9\xa1"),             false, 0               },
};

static void test_parse(void **state)
{
    const struct parse *row = *state;
    double number = 0;

    assert_int_equal(number_parse(row->text, &number), row->good);
    assert_true(number >= row->number && number <= row->number);
    assert_false(signbit(number) && row->number >= 0);
}

static const struct print {
    const char *label;
    double number;
    int decimals;
    const char *printed;
} prints[] = {
    {"print zero",                                 0,                NUMBER_EXACT, "0"                    },
    {"print minus zero as zero",                   -0.0,             NUMBER_EXACT, "0"                    },
    {"print what rounds to minus zero as zero",    -0.004,           2,            "0"                    },
    {"print an integer without point",             12,               3,            "12"                   },
    {"keep zeros before the point",                100,              3,            "100"                  },
    {"keep zeros before the point, no decimals",   1000,             0,            "1000"                 },
    {"drop trailing zeros",                        0.120,            6,            "0.12"                 },
    {"round to the decimals asked for",            0.0126,           3,            "0.013"                },
    {"round up into the next digit",               9.9996,           3,            "10"                   },
    {"print a negative fraction",                  -1.25,            2,            "-1.25"                },
    {"print a negative number below one",          -0.5,             1,            "-0.5"                 },
    {"print a negative number that rounds to one", -0.96,            1,            "-1"                   },
    {"print as many decimals as are needed",       0.1,              NUMBER_EXACT, "0.1"                  },
    {"print fifteen digits",                       123456789.012345, NUMBER_EXACT, "123456789.012345"     },
    {"print a tiny number without exponent",       1e-15,            NUMBER_EXACT, "0.000000000000001"    },
    {"print too tiny a number as zero",            1e-30,            NUMBER_EXACT, "0"                    },
    {"print a large number without exponent",      1e20,             NUMBER_EXACT, "100000000000000000000"},
    {"print NaN as unknown",                       NOT_A_NUMBER,     3,            "U"                    },
    {"print infinity as unknown",                  HUGE_VAL,         3,            "U"                    },
    {"print minus infinity as unknown",            -HUGE_VAL,        3,            "U"                    },
    {"take no more decimals than there are",       0.1,              100,          "0.1"                  },
};

static void test_print(void **state)
{
    const struct print *row = *state;
    struct text text;

    text_init(&text, 1000);
    number_print(row->number, row->decimals, &text);
    assert_string_equal(text.start, row->printed);
    text_release(&text);
}

static void test_largest(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, 1000);
    number_print(-DBL_MAX, NUMBER_DIGITS_MAX, &text);
    assert_int_equal(text.length, 1 + DBL_MAX_10_EXP + 1);
    assert_int_equal(strspn(text.start, "-0123456789"), text.length);
    text_release(&text);
}

static void test_locale(void **state)
{
    static const char *const comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "pl_PL.UTF-8",
                                        "es_ES.UTF-8", "de_DE",       "fr_FR"};
    const char *found = NULL;
    struct text text;
    double number = 0;

    (void)state;
    for (size_t i = 0; found == NULL && i < sizeof(comma) / sizeof(comma[0]); i++)
        found = setlocale(LC_ALL, comma[i]);
    /* musl takes every name, and its numbers are those of C. */
    if (found == NULL || strcmp(localeconv()->decimal_point, ",") != 0) {
        setlocale(LC_ALL, "C");
        print_message("# no locale with a decimal comma is installed\n");
        skip();
    }
    text_init(&text, 1000);
    number_print(-3.125, NUMBER_EXACT, &text);
    assert_true(number_parse(slice_of("0.25"), &number));
    setlocale(LC_ALL, "C");
    assert_string_equal(text.start, "-3.125");
    assert_true(number > 0.2 && number < 0.3);
    text_release(&text);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_parse, parses);
    CASES_TABLE(&cases, test_print, prints);
    cases_add(&cases, "the largest number has no exponent", test_largest, NULL);
    cases_add(&cases, "a locale with a decimal comma changes nothing", test_locale, NULL);
    return cases_run(&cases, "number");
}
