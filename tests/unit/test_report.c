#include "report_fixture.h"

struct add {
    size_t definition;
    const char *subject, *text;
};

static const struct line {
    const char *label;
    const char *summary, *target;
    struct add adds[6]; /* up to one without text */
    const char *line;
} lines[] = {
    {"nothing found",                                            NULL,  NULL,          {{0}}, "MAIL BOX OK - nothing found"},
    {"nothing found at a target",                                NULL,  "example.org", {{0}}, "MAIL BOX OK - example.org"  },
    {"nothing found, with a summary",
     "all is well",                                                     "example.org",
     {{0}},
     "MAIL BOX OK - all is well"                                                                                           },
    {"a note stays behind the summary",
     "all is well",                                                     NULL,
     {{NOTE, "a", "noted"}},
     "MAIL BOX OK - all is well"                                                                                           },
    {"a note is shown when there is no summary",
     NULL,                                                              "example.org",
     {{NOTE, "a", "noted"}},
     "MAIL BOX OK - a: noted (mail.note)"                                                                                  },
    {"two notes are not counted",
     NULL,                                                              NULL,
     {{NOTE, "a", "noted"}, {NOTE, "b", "noted"}},
     "MAIL BOX OK - a: noted (mail.note)"                                                                                  },
    {"a finding takes the place of the summary",
     "all is well",                                                     NULL,
     {{WEAK, "a", "late"}},
     "MAIL BOX WARNING - a: late (mail.weak)"                                                                              },
    {"a finding without subject",
     NULL,                                                              NULL,
     {{WEAK, NULL, "late"}},
     "MAIL BOX WARNING - late (mail.weak)"                                                                                 },
    {"a finding with an empty subject",
     NULL,                                                              NULL,
     {{WEAK, "", "late"}},
     "MAIL BOX WARNING - late (mail.weak)"                                                                                 },
    {"the worst comes first",
     NULL,                                                              NULL,
     {{WEAK, "a", "late"}, {BROKEN, "b", "lost"}},
     "MAIL BOX CRITICAL - b: lost (mail.broken), and 1 more (warning)"                                                     },
    {"UNKNOWN comes after WARNING",
     NULL,                                                              NULL,
     {{UNCLEAR, "a", "odd"}, {WEAK, "b", "late"}},
     "MAIL BOX WARNING - b: late (mail.weak), and 1 more (unknown)"                                                        },
    {"UNKNOWN comes before a note",
     "well",                                                            NULL,
     {{NOTE, "a", "noted"}, {UNCLEAR, "b", "odd"}},
     "MAIL BOX UNKNOWN - b: odd (mail.unclear)"                                                                            },
    {"among equals the first comes first",
     NULL,                                                              NULL,
     {{BROKEN, "a", "lost"}, {BROKEN, "b", "lost"}, {BROKEN, "c", "lost"}},
     "MAIL BOX CRITICAL - a: lost (mail.broken), and 2 more (critical)"                                                    },
    {"those that share the worst state are counted apart",
     NULL,                                                              NULL,
     {{UNCLEAR, "a", "odd"},
      {WEAK, "b", "late"},
      {BROKEN, "c", "lost"},
      {NOTE, "d", "noted"},
      {BROKEN, "e", "lost"},
      {WEAK, "f", "late"}},
     "MAIL BOX CRITICAL - c: lost (mail.broken), and 4 more (1 critical, 2 warning, 1 unknown)"                            },
    {"a pipe, a tag and a newline are no pipe, tag and newline",
     NULL,                                                              NULL,
     {{BROKEN, "a|b=1", "said <b>\n| x=1"}},
     "MAIL BOX CRITICAL - a!b=1: said (b)\\x0A! x=1 (mail.broken)"                                                         },
    {"a summary is escaped too",                                 "a|b", NULL,          {{0}}, "MAIL BOX OK - a!b"          },
    {"a target is escaped too",                                  NULL,  "a\x1b",       {{0}}, "MAIL BOX OK - a\\x1B"       },
    {"a percent sign in a value is no format",
     NULL,                                                              NULL,
     {{WEAK, "%s%n", "%d%%"}},
     "MAIL BOX WARNING - %s%n: %d%% (mail.weak)"                                                                           },
};

static void test_line(void **state)
{
    const struct line *row = *state;
    struct fixture fixture;
    char expected[512];

    fixture_open(&fixture, REPORT_TEXT);
    if (row->summary != NULL)
        report_summary(&fixture.report, "%s", row->summary);
    if (row->target != NULL)
        report_target(&fixture.report, "%s", row->target);
    for (size_t i = 0; i < 6 && row->adds[i].text != NULL; i++)
        report_add(&fixture.report, row->adds[i].definition, row->adds[i].subject, "%s",
                   row->adds[i].text);
    snprintf(expected, sizeof(expected), "%s | problems=U time=U size=U share=U sent=U\n",
             row->line);
    assert_string_equal(fixture_write(&fixture), expected);
    fixture_close(&fixture);
}

static const struct perfdata {
    const char *label;
    double value;
    const char *warning, *critical;
    double minimum, maximum;
    size_t metric;
    const char *printed;
} perfdata[] = {
    {"a count",                              3,            NULL,   NULL,  NOT_A_NUMBER, NOT_A_NUMBER, PROBLEMS, "problems=3 "            },
    {"thresholds and limits",                1,            "0",    "0:2", 0,            9,            PROBLEMS, "problems=1;0;2;0;9 "    },
    {"a warning only",                       1,            "5",    NULL,  NOT_A_NUMBER, NOT_A_NUMBER, PROBLEMS, "problems=1;5 "          },
    {"a critical only",                      1,            NULL,   "5",   NOT_A_NUMBER, NOT_A_NUMBER, PROBLEMS, "problems=1;;5 "         },
    {"a minimum only",                       1,            NULL,   NULL,  0,            NOT_A_NUMBER, PROBLEMS, "problems=1;;;0 "        },
    {"a maximum only",                       1,            NULL,   NULL,  NOT_A_NUMBER, 1.5,          PROBLEMS, "problems=1;;;;1.5 "     },
    {"ranges that are no plain number",      1,            "@1:2", "~:3", NOT_A_NUMBER, NOT_A_NUMBER, PROBLEMS,
     "problems=1;@1:2;~:3 "                                                                                                              },
    {"seconds",                              0.01249,      "1.50", NULL,  0,            10,           TIME,     " time=0.012s;1.5;;0;10 "},
    {"no exponent for little",               0.0000001,    NULL,   NULL,  NOT_A_NUMBER, NOT_A_NUMBER, TIME,
     " time=0s "                                                                                                                         },
    {"no exponent for much",                 1e18,         NULL,   NULL,  NOT_A_NUMBER, NOT_A_NUMBER, SIZE,
     " size=1000000000000000000B "                                                                                                       },
    {"minus zero",                           -0.0,         NULL,   NULL,  -0.0,         NOT_A_NUMBER, TIME,     " time=0s;;;0 "          },
    {"percent",                              12.5,         NULL,   NULL,  0,            100,          SHARE,    " share=12.5%;;;0;100 "  },
    {"a counter",                            7,            NULL,   NULL,  NOT_A_NUMBER, NOT_A_NUMBER, SENT,     " sent=7c\n"             },
    {"NaN is unknown",                       NOT_A_NUMBER, NULL,   NULL,  NOT_A_NUMBER, NOT_A_NUMBER, TIME,     " time=U "               },
    {"infinity is unknown, thresholds stay", HUGE_VAL,     "1",    "2",   0,            HUGE_VAL,     TIME,
     " time=U;1;2;0 "                                                                                                                    },
};

static void test_perfdata(void **state)
{
    const struct perfdata *row = *state;
    struct range warning = {0}, critical = {0};
    struct fixture fixture;

    fixture_open(&fixture, REPORT_TEXT);
    if (row->warning != NULL)
        assert_true(range_parse(slice_of(row->warning), &warning));
    if (row->critical != NULL)
        assert_true(range_parse(slice_of(row->critical), &critical));
    report_metric(&fixture.report, row->metric, row->value);
    report_metric_bounds(&fixture.report, row->metric, &warning, &critical);
    report_metric_limits(&fixture.report, row->metric, row->minimum, row->maximum);
    if (strstr(fixture_write(&fixture), row->printed) == NULL)
        assert_string_equal(fixture.out.start, row->printed);
    fixture_close(&fixture);
}

static void test_perfdata_again(void **state)
{
    struct range range = {.is_set = true, .end = 1};
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    report_metric(&fixture.report, PROBLEMS, 1);
    report_metric_bounds(&fixture.report, PROBLEMS, &range, &range);
    report_metric(&fixture.report, PROBLEMS, NOT_A_NUMBER);
    report_metric_bounds(&fixture.report, PROBLEMS, NULL, NULL);
    assert_non_null(strstr(fixture_write(&fixture), " | problems=U time=U "));
    fixture_close(&fixture);
}

static void test_verbose(void **state)
{
    struct fixture fixture;
    struct finding *finding;

    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    finding = report_add(&fixture.report, WEAK, "a", "late");
    report_seen(&fixture.report, finding, "%s", "250 | <ok>\n");
    report_add(&fixture.report, WEAK, "b", "late");
    finding = report_add(&fixture.report, BROKEN, "c", "lost");
    report_fix(&fixture.report, finding, "publish: %s", "c. MX 10 mx");
    report_add(&fixture.report, NOTE, NULL, "noted");
    report_detail(&fixture.report, 1, "asked %d hosts", 3);
    report_detail(&fixture.report, 3, "sent\nEHLO");
    fixture.style.verbosity = 1;
    assert_string_equal(fixture_write(&fixture),
                        "MAIL BOX CRITICAL - c: lost (mail.broken), and 2 more (warning)"
                        " | problems=U time=U size=U share=U sent=U\n"
                        "CRITICAL mail.broken c: lost (RFC 5321 4.1)\n"
                        "    fix: publish: c. MX 10 mx\n"
                        "WARNING mail.weak a: late (RFC 5321 4.2)\n"
                        "    seen: 250 ! (ok)\\x0A\n"
                        "    fix: feed it\n"
                        "WARNING mail.weak b: late (RFC 5321 4.2)\n"
                        "OK mail.note noted (RFC 5321 4.4)\n"
                        "asked 3 hosts\n");
    fixture.style.verbosity = 3;
    assert_non_null(strstr(fixture_write(&fixture), "asked 3 hosts\nsent\\x0AEHLO\n"));
    fixture_close(&fixture);
}

static void test_multi_line(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_MULTI_LINE);
    report_add(&fixture.report, NOTE, "a", "noted");
    report_add(&fixture.report, BROKEN, "b", "lost");
    report_detail(&fixture.report, 1, "hidden");
    assert_string_equal(fixture_write(&fixture), "MAIL BOX CRITICAL - b: lost (mail.broken)"
                                                 " | problems=U time=U size=U share=U sent=U\n"
                                                 "\\_ [CRITICAL] b: lost (mail.broken)\n"
                                                 "\\_ [OK] a: noted (mail.note)\n");
    fixture_close(&fixture);
}

/* The id comes from another program: it may be hostile. */
static void test_origin(void **state)
{
    struct fixture fixture;
    struct finding *finding;

    (void)state;
    fixture_open(&fixture, REPORT_MULTI_LINE);
    finding = report_add(&fixture.report, BROKEN, "b", "lost");
    report_origin(&fixture.report, finding, "other.id|<\x1b>", "because", "RFC 7208 4.6");
    finding = report_add(&fixture.report, WEAK, "a", "late");
    report_origin(&fixture.report, finding, "other.weak", "", "");
    assert_string_equal(fixture_write(&fixture),
                        "MAIL BOX CRITICAL - b: lost (other.id!(\\x1B)), and 1 more (warning)"
                        " | problems=U time=U size=U share=U sent=U\n"
                        "\\_ [CRITICAL] b: lost (other.id!(\\x1B))\n"
                        "\\_ [WARNING] a: late (other.weak)\n");
    fixture.style.format = REPORT_TEXT;
    fixture.style.verbosity = 1;
    assert_non_null(strstr(fixture_write(&fixture),
                           "CRITICAL other.id!(\\x1B) b: lost (RFC 7208 4.6)\n"
                           "    fix: mend it\n"
                           "WARNING other.weak a: late (RFC 5321 4.2)\n"));
    fixture.style.format = REPORT_JSON;
    assert_non_null(
        strstr(fixture_write(&fixture),
               "{\"id\":\"mail.broken\",\"state\":2,\"subject\":\"b\","
               "\"text\":\"lost (other.id|<\\\\x1B>)\",\"why\":\"because\",\"seen\":null,"
               "\"fix\":\"mend it\",\"reference\":\"RFC 7208 4.6\"}"));
    fixture_close(&fixture);
}

static const struct wish {
    const char *label;
    const char *id;
    enum state wish;
    bool good;
    enum state state; /* of a report with one finding "mail.broken" */
} wishes[] = {
    {"a finding made a warning", "mail.broken", STATE_WARNING, true,  STATE_WARNING },
    {"a finding made fine",      "mail.broken", STATE_OK,      true,  STATE_OK      },
    {"a finding ignored",        "mail.broken", STATE_IGNORE,  true,  STATE_OK      },
    {"another finding ignored",  "mail.weak",   STATE_IGNORE,  true,  STATE_CRITICAL},
    {"an id that doesn't exist", "mail.brok",   STATE_OK,      false, STATE_CRITICAL},
    {"an id in other case",      "MAIL.BROKEN", STATE_OK,      false, STATE_CRITICAL},
    {"no id",                    "",            STATE_OK,      false, STATE_CRITICAL},
};

static void test_wish(void **state)
{
    const struct wish *row = *state;
    struct fixture fixture;
    struct finding *finding;

    fixture_open(&fixture, REPORT_TEXT);
    assert_int_equal(report_set_severity(&fixture.report, slice_of(row->id), row->wish), row->good);
    finding = report_add(&fixture.report, BROKEN, "a", "lost");
    report_seen(&fixture.report, finding, "x");
    report_fix(&fixture.report, finding, "x");
    assert_int_equal(report_state(&fixture.report), row->state);
    report_release(&fixture.report);

    report_init(&fixture.report, &fixture.arena, &fixture_tables);
    report_set_severity(&fixture.report, slice_of(row->id), row->wish);
    report_add_as(&fixture.report, BROKEN, STATE_UNKNOWN, "a", "lost");
    assert_int_equal(report_state(&fixture.report),
                     row->state == STATE_CRITICAL ? STATE_UNKNOWN : row->state);
    if (row->wish == STATE_IGNORE && row->state == STATE_OK)
        assert_non_null(strstr(fixture_write(&fixture), "MAIL BOX OK - nothing found |"));
    fixture_close(&fixture);
}

static const struct nearest {
    const char *label;
    const char *typed, *nearest;
} nearests[] = {
    {"nearest: a letter too few",              "mail.brken",                     "mail.broken" },
    {"nearest: two letters swapped",           "mail.waek",                      "mail.weak"   },
    {"nearest: without the prefix",            "unclaer",                        "mail.unclear"},
    {"nearest: other case",                    "MAIL.NOTES",                     "mail.note"   },
    {"nearest: nothing typed",                 "",                               "mail.weak"   },
    {"nearest: something too long to compare",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "mail.broken" },
};

static void test_nearest(void **state)
{
    const struct nearest *row = *state;

    assert_string_equal(report_nearest_id(&fixture_tables, slice_of(row->typed)), row->nearest);
}

static void test_no_findings(void **state)
{
    const struct report_tables tables = {.plugin = "p", .version = "1", .service = "P"};
    struct report_style style = {0};
    struct text out;

    (void)state;
    assert_null(report_nearest_id(&tables, slice_of("x")));
    assert_true(report_find_id(&tables, slice_of("x")) == SIZE_MAX);
    text_init(&out, 1000);
    report_write_unknown(&tables, &style, "bad \"-x\"|\n", &out);
    assert_string_equal(out.start, "P UNKNOWN - bad \"-x\"!\\x0A\n");
    text_release(&out);
}

static void test_unknown(void **state)
{
    struct report_style style = {.format = REPORT_TEXT, .verbosity = 3};
    struct text out;

    (void)state;
    text_init(&out, 1000);
    report_write_unknown(&fixture_tables, &style, "option -t: \"x\" is no number", &out);
    assert_string_equal(out.start, "MAIL BOX UNKNOWN - option -t: \"x\" is no number"
                                   " | problems=U time=U size=U share=U sent=U\n");
    text_release(&out);
}

static void test_failed(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    report_metric(&fixture.report, PROBLEMS, 2);
    report_add(&fixture.report, BROKEN, "a", "lost");
    report_write_failed(&fixture.report, &fixture.style, 1, "no resolver", &fixture.out);
    assert_string_equal(fixture.out.start, "MAIL BOX UNKNOWN - no resolver"
                                           " | problems=2 time=U size=U share=U sent=U\n");
    fixture_close(&fixture);
}

static const struct format {
    const char *label;
    const char *word;
    bool good;
    enum report_format format;
} formats[] = {
    {"format text",                   "text",       true,  REPORT_TEXT      },
    {"format multi-line",             "multi-line", true,  REPORT_MULTI_LINE},
    {"format json",                   "json",       true,  REPORT_JSON      },
    {"format prometheus",             "prometheus", true,  REPORT_PROMETHEUS},
    {"format checkmk",                "checkmk",    true,  REPORT_CHECKMK   },
    {"no format: nothing",            "",           false, REPORT_TEXT      },
    {"no format: other case",         "JSON",       false, REPORT_TEXT      },
    {"no format: a word with a tail", "jsonl",      false, REPORT_TEXT      },
};

static void test_format(void **state)
{
    const struct format *row = *state;
    enum report_format format = REPORT_TEXT;

    assert_int_equal(report_format_parse(slice_of(row->word), &format), row->good);
    assert_int_equal(format, row->format);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_line, lines);
    CASES_TABLE(&cases, test_perfdata, perfdata);
    CASES_TABLE(&cases, test_wish, wishes);
    CASES_TABLE(&cases, test_nearest, nearests);
    CASES_TABLE(&cases, test_format, formats);
    cases_add(&cases, "a metric and its thresholds can be unset", test_perfdata_again, NULL);
    cases_add(&cases, "-v shows evidence, fix, notes and details", test_verbose, NULL);
    cases_add(&cases, "multi-line shows all findings", test_multi_line, NULL);
    cases_add(&cases, "what another program found is shown under its id", test_origin, NULL);
    cases_add(&cases, "a plugin without findings and metrics", test_no_findings, NULL);
    cases_add(&cases, "a usage error has all metrics", test_unknown, NULL);
    cases_add(&cases, "giving up keeps the metrics that are known", test_failed, NULL);
    return cases_run(&cases, "report");
}
