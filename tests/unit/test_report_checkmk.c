#include "report_fixture.h"

static const struct line {
    const char *label;
    const char *target;
    double problems, time;
    const char *warning, *critical; /* of problems */
    const char *text;
    const char *line;
} lines[] = {
    {"no finding, no metric",                     NULL,          NOT_A_NUMBER, NOT_A_NUMBER, NULL,   NULL,  NULL,
     "0 \"MAIL BOX\" - nothing found\n"                                                                                                                                               },
    {"a finding",                                 "192.0.2.1",   NOT_A_NUMBER, NOT_A_NUMBER, NULL,   NULL,  "lost",
     "2 \"MAIL BOX 192.0.2.1\" - a: lost (mail.broken)\n"                                                                                                                             },
    {"metrics have no unit and are joined",       "x",           1,            0.1234,       "0",    "0",   "lost",
     "2 \"MAIL BOX x\" problems=1;0;0|time=0.123 a: lost (mail.broken)\n"                                                                                                             },
    {"an unset metric is left out",               "x",           NOT_A_NUMBER, 5,            NULL,   NULL,  NULL,
     "0 \"MAIL BOX x\" time=5 x\n"                                                                                                                                                    },
    {"a lower and an upper level",                NULL,          1,            NOT_A_NUMBER, "1:5",  "0:9", NULL,
     "0 \"MAIL BOX\" problems=1;1:5;9 nothing found\n"                                                                                                                                },
    {"a lower level alone",                       NULL,          1,            NOT_A_NUMBER, "5:",   NULL,  NULL,
     "0 \"MAIL BOX\" problems=1;5: nothing found\n"                                                                                                                                   },
    {"an upper level alone",                      NULL,          1,            NOT_A_NUMBER, "~:5",  NULL,  NULL,
     "0 \"MAIL BOX\" problems=1;5 nothing found\n"                                                                                                                                    },
    {"an inside range can't be said",             NULL,          1,            NOT_A_NUMBER, "@1:5", "@2",  NULL,
     "0 \"MAIL BOX\" problems=1 nothing found\n"                                                                                                                                      },
    {"only a critical level",                     NULL,          1,            NOT_A_NUMBER, NULL,   "2",   NULL,
     "0 \"MAIL BOX\" problems=1;;2 nothing found\n"                                                                                                                                   },
    {"a quote doesn't end the name",              "a\" b=1 \"c", NOT_A_NUMBER, NOT_A_NUMBER, NULL,   NULL,  "lost",
     "2 \"MAIL BOX a' b=1 'c\" - a: lost (mail.broken)\n"                                                                                                                             },
    {"a newline in the name begins no line",      "a\n0 b",      NOT_A_NUMBER, NOT_A_NUMBER, NULL,   NULL,
     "lost",                                                                                                        "2 \"MAIL BOX a\\x0A0 b\" - a: lost (mail.broken)\n"              },
    {"a newline in the text begins no line",      "x",           NOT_A_NUMBER, NOT_A_NUMBER, NULL,   NULL,
     "lost\n0 \"Forged\" - ok",                                                                                     "2 \"MAIL BOX x\" - a: lost\\x0A0 \"Forged\" - ok (mail.broken)\n"},
    {"backslash and n in the text begin no line", "x",           NOT_A_NUMBER, NOT_A_NUMBER, NULL,   NULL,
     "a\\nb\\\\n\\x",                                                                                               "2 \"MAIL BOX x\" - a: a\\x5Cnb\\\\x5Cn\\x (mail.broken)\n"       },
};

static void test_line(void **state)
{
    const struct line *row = *state;
    struct range warning = {0}, critical = {0};
    struct fixture fixture;

    fixture_open(&fixture, REPORT_CHECKMK);
    if (row->target != NULL)
        report_target(&fixture.report, "%s", row->target);
    if (row->warning != NULL)
        assert_true(range_parse(slice_of(row->warning), &warning));
    if (row->critical != NULL)
        assert_true(range_parse(slice_of(row->critical), &critical));
    report_metric(&fixture.report, PROBLEMS, row->problems);
    report_metric(&fixture.report, TIME, row->time);
    report_metric_bounds(&fixture.report, PROBLEMS, &warning, &critical);
    if (row->text != NULL)
        report_add(&fixture.report, BROKEN, "a", "%s", row->text);
    assert_string_equal(fixture_write(&fixture), row->line);
    fixture_close(&fixture);
}

static void test_limits(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_CHECKMK);
    report_metric(&fixture.report, PROBLEMS, 1);
    report_metric_limits(&fixture.report, PROBLEMS, 0, 9);
    report_metric(&fixture.report, TIME, 1);
    report_metric_limits(&fixture.report, TIME, 0, HUGE_VAL);
    assert_string_equal(fixture_write(&fixture),
                        "0 \"MAIL BOX\" problems=1;;;0;9|time=1;;;0 nothing found\n");
    fixture_close(&fixture);
}

static void test_verbose(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_CHECKMK);
    report_add(&fixture.report, WEAK, "a", "late");
    fixture.style.verbosity = 1;
    assert_string_equal(fixture_write(&fixture),
                        "1 \"MAIL BOX\" - a: late (mail.weak)\\nWARNING mail.weak a: late"
                        " (RFC 5321 4.2)\\n    fix: feed it\n");
    fixture_close(&fixture);
}

static void test_large(void **state)
{
    char *value = fixture_repeat(FIXTURE_HOSTILE, 1 << 20);
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_CHECKMK);
    report_target(&fixture.report, "%s", value);
    for (int i = 0; i < 10000; i++)
        report_add(&fixture.report, BROKEN, value, "%s", i == 0 ? value : "lost");
    fixture.style.verbosity = 3;
    fixture_write(&fixture);
    assert_in_range(fixture.out.length, 4000, 3 * REPORT_TEXT_MAX);
    assert_ptr_equal(strchr(fixture.out.start, '\n'), fixture.out.start + fixture.out.length - 1);
    assert_null(strpbrk(fixture.out.start, "|<>\x1b"));
    assert_null(strstr(fixture.out.start, "\\n0"));
    assert_non_null(strstr(fixture.out.start, " more lines (-v --max-output)\n"));
    fixture_close(&fixture);
    free(value);
}

static void test_unknown(void **state)
{
    struct report_style style = {.format = REPORT_CHECKMK};
    struct text out;

    (void)state;
    text_init(&out, 1000);
    report_write_unknown(&fixture_tables, &style, "option -t", &out);
    assert_string_equal(out.start, "3 \"MAIL BOX\" - option -t\n");
    text_release(&out);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_line, lines);
    cases_add(&cases, "minimum and maximum", test_limits, NULL);
    cases_add(&cases, "-v adds lines after a literal \\n", test_verbose, NULL);
    cases_add(&cases, "10,000 findings and 1 MB of text are one line", test_large, NULL);
    cases_add(&cases, "a usage error", test_unknown, NULL);
    return cases_run(&cases, "report checkmk");
}
