#include <stdio.h>

#include "report_fixture.h"

static size_t first_line(const char *output)
{
    return strcspn(output, "\n");
}

static size_t count_lines(const char *output)
{
    size_t lines = 0;

    for (; *output != '\0'; output++)
        lines += *output == '\n';
    return lines;
}

/* Valid as UTF-8 and free of controls: escaping once more changes nothing but perfdata's own pipe.
 */
static void assert_printable(const char *output)
{
    struct text text;

    text_init(&text, SIZE_MAX);
    while (*output != '\0') {
        size_t length = strcspn(output, "|\n");

        text_clear(&text);
        escape_text(&text, slice_new(output, length), SIZE_MAX);
        assert_int_equal(text.length, length);
        output += length + (output[length] != '\0');
    }
    text_release(&text);
}

static const struct large {
    const char *label;
    const char *pattern;
} larges[] = {
    {"1 MB of letters",                   "letters "        },
    {"1 MB of escapes",                   "\x1b"            },
    {"1 MB of pipes",                     "| a=1 "          },
    {"1 MB of characters of four octets", "\xf0\x9f\x98\x80"},
    {"1 MB of invalid octets",            "\xff\xc0\xe2\x80"},
    {"1 MB of hostile lines",             FIXTURE_HOSTILE   },
};

/* As subject, text, evidence, fix, target, summary and detail. */
static void test_large(void **state)
{
    static const char perfdata[] = " | problems=123 time=U size=U share=U sent=U\n";
    const struct large *row = *state;
    char *value = fixture_repeat(row->pattern, 1 << 20);
    struct fixture fixture;
    struct finding *finding;

    fixture_open(&fixture, REPORT_TEXT);
    report_target(&fixture.report, "%s", value);
    report_metric(&fixture.report, PROBLEMS, 123);
    fixture_write(&fixture);
    assert_in_range(first_line(fixture.out.start), 900, REPORT_FIRST_LINE_MAX - 1);
    report_summary(&fixture.report, "%s", value);
    report_detail(&fixture.report, 1, "%s", value);
    finding = report_add(&fixture.report, BROKEN, value, "%s", value);
    report_seen(&fixture.report, finding, "%s", value);
    report_fix(&fixture.report, finding, "%s", value);
    report_add(&fixture.report, WEAK, "b", "late");
    fixture.style.verbosity = 3;
    fixture.style.most_octets = 100000;
    fixture_write(&fixture);
    size_t length = first_line(fixture.out.start);
    assert_in_range(length, 900, REPORT_FIRST_LINE_MAX - 1);
    assert_int_equal(strncmp(fixture.out.start + length + 1 - (sizeof(perfdata) - 1), perfdata,
                             sizeof(perfdata) - 1),
                     0);
    assert_non_null(strstr(fixture.out.start, "... (mail.broken), and 1 more (warning) | "));
    assert_int_equal(count_lines(fixture.out.start), 7);
    assert_in_range(fixture.out.length, 5000, 16384);
    assert_printable(fixture.out.start);
    assert_in_range(fixture.arena.used, 1, 100000);
    fixture_close(&fixture);
    free(value);
}

static const struct crowd {
    const char *label;
    size_t metrics;
} crowds[] = {
    {"perfdata that leaves little room for text stays whole", 30},
    {"perfdata that leaves no room for text stays whole",     60},
};

static void test_long_perfdata(void **state)
{
    const struct crowd *row = *state;
    struct metric_definition metrics[60];
    char labels[60][40], last[64];
    struct report_tables tables = fixture_tables;
    struct report_style style = {.format = REPORT_TEXT};
    char *value = fixture_repeat("x", 5000);
    struct arena arena;
    struct report report;
    struct text out;

    for (size_t i = 0; i < row->metrics; i++) {
        snprintf(labels[i], sizeof(labels[i]), "metric_number_%zu", i);
        metrics[i] = (struct metric_definition){labels[i], "", 0, "a metric"};
    }
    tables.metrics = metrics;
    tables.metric_count = row->metrics;
    arena_init(&arena);
    report_init(&report, &arena, &tables);
    for (size_t i = 0; i < row->metrics; i++)
        report_metric(&report, i, 1e12);
    report_add(&report, BROKEN, "a", "%s", value);
    text_init(&out, 100000);
    report_write(&report, &style, 0, &out);
    assert_int_equal(strncmp(out.start, "MAIL BOX CRITICAL - a: xxxx", 27), 0);
    assert_non_null(strstr(out.start, "... (mail.broken) | metric_number_0=1000000000000 "));
    snprintf(last, sizeof(last), " metric_number_%zu=1000000000000\n", row->metrics - 1);
    assert_non_null(strstr(out.start, last));
    assert_in_range(strstr(out.start, " | ") - out.start, 170, 190);
    text_release(&out);
    report_release(&report);
    arena_release(&arena);
    free(value);
}

static const struct cap {
    const char *label;
    size_t most;
    int verbosity;
} caps[] = {
    {"8 KB by default",          0,     1},
    {"8 KB said aloud",          8192,  1},
    {"64 KB",                    65536, 1},
    {"less than the first line", 10,    1},
    {"1 KB",                     1024,  3},
};

static void test_cap(void **state)
{
    const struct cap *row = *state;
    size_t most = row->most == 0 ? REPORT_TEXT_MAX : row->most;
    struct fixture fixture;
    size_t hidden = 0;

    fixture_open(&fixture, REPORT_TEXT);
    for (int i = 0; i < 2000; i++)
        report_add(&fixture.report, BROKEN, "host", "finding %d of many", i);
    fixture.style.most_octets = row->most;
    fixture.style.verbosity = row->verbosity;
    fixture_write(&fixture);
    if (most > 1024)
        assert_in_range(fixture.out.length, most - 200, most);
    else
        assert_in_range(fixture.out.length, 1, 1024);

    const char *hint = strstr(fixture.out.start, "\n... ");

    assert_non_null(hint);
    assert_int_equal(sscanf(hint, "\n... %zu more lines (-v --max-output)\n", &hidden), 1);
    /* The first line, one for each finding, the fix that all share; and the hint. */
    assert_int_equal(count_lines(fixture.out.start) - 1 + hidden, 1 + 2000 + 1);
    fixture_close(&fixture);
}

static void test_hidden_one(void **state)
{
    char *value = fixture_repeat("x", 500);
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    report_detail(&fixture.report, 1, "%s", value);
    fixture.style.verbosity = 1;
    fixture.style.most_octets = 300;
    assert_non_null(strstr(fixture_write(&fixture), "\n... 1 more line (-v --max-output)\n"));
    fixture_close(&fixture);
    free(value);
}

/* Mild ones first, so that each worse one has to find its place. */
static void test_many(void **state)
{
    static const size_t order[] = {NOTE, UNCLEAR, WEAK, BROKEN};
    struct fixture fixture;
    size_t counts[STATE_IGNORE] = {0};

    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    for (size_t i = 0; i < 4; i++)
        for (int j = 0; j < 4000; j++)
            report_add(&fixture.report, order[i], "a", "%d", j);
    assert_int_equal(fixture.report.finding_count, REPORT_FINDINGS_MAX);
    for (size_t i = 0; i < fixture.report.finding_count; i++)
        counts[fixture.report.findings[i].state]++;
    assert_int_equal(counts[STATE_CRITICAL], 4000);
    assert_int_equal(counts[STATE_WARNING], 4000);
    assert_int_equal(counts[STATE_UNKNOWN], 2000);
    assert_int_equal(counts[STATE_OK], 0);
    assert_int_equal(fixture.report.dropped[STATE_OK], 4000);
    assert_int_equal(fixture.report.dropped[STATE_UNKNOWN], 2000);
    for (enum state kept = STATE_OK; kept < STATE_IGNORE; kept++)
        assert_int_equal(fixture.report.kept[kept], counts[kept]);
    assert_non_null(strstr(fixture_write(&fixture),
                           "MAIL BOX CRITICAL - a: 0 (mail.broken), and 11999 more"
                           " (3999 critical, 4000 warning, 4000 unknown) | "));
    fixture.style.verbosity = 1;
    fixture.style.most_octets = 1000000;
    assert_non_null(strstr(fixture_write(&fixture), "\n6000 more findings were counted only\n"));
    fixture_close(&fixture);
}

/* A remote site that makes findings without end costs neither memory nor time. */
static void test_endless(void **state)
{
    struct fixture fixture;
    struct finding *finding = NULL;

    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    report_add(&fixture.report, WEAK, "first", "late");
    for (int i = 0; i < 1000000; i++) {
        finding = report_add(&fixture.report, i % 2 == 0 ? WEAK : BROKEN, "a", "%d", i);
        report_seen(&fixture.report, finding, "%d", i);
    }
    assert_ptr_equal(finding, &fixture.report.spare);
    assert_int_equal(fixture.report.kept[STATE_CRITICAL], REPORT_FINDINGS_MAX);
    assert_in_range(fixture.arena.used, 1, 10000000);
    assert_non_null(strstr(fixture_write(&fixture), "and 1000000 more (499999 critical, 500001 "));
    fixture_close(&fixture);
}

static void test_first_kept(void **state)
{
    struct fixture fixture;
    const struct finding *finding = NULL;

    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    for (int i = 0; i <= REPORT_FINDINGS_MAX; i++)
        finding = report_add(&fixture.report, WEAK, "a", "%d", i);
    assert_ptr_equal(finding, &fixture.report.spare);
    assert_int_equal(fixture.report.dropped[STATE_WARNING], 1);
    fixture_close(&fixture);
}

static void test_many_details(void **state)
{
    static const char *const labels[] = {NULL};
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    for (int i = 0; i < 100000; i++) {
        report_detail(&fixture.report, 1, "%d", i);
        report_sample(&fixture.report, "family", "help", i, labels);
    }
    assert_int_equal(fixture.report.detail_count, REPORT_DETAILS_MAX);
    assert_int_equal(fixture.report.sample_count, REPORT_SAMPLES_MAX);
    fixture_close(&fixture);
}

static void test_copied(void **state)
{
    char subject[] = "subject", value[] = "value";
    struct fixture fixture;
    struct finding *finding;

    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    finding = report_add(&fixture.report, WEAK, subject, "%s", value);
    report_seen(&fixture.report, finding, "%s", value);
    memset(subject, 'x', sizeof(subject));
    memset(value, 'x', sizeof(value));
    assert_string_equal(finding->subject, "subject");
    assert_string_equal(finding->text, "value");
    assert_string_equal(finding->seen, "value");
    assert_string_equal(finding->fix, "feed it");
    fixture_close(&fixture);
}

static const struct small {
    const char *label;
    size_t maximum;
    const char *output;
} smalls[] = {
    {"a buffer too small for the second line", 100,
     "MAIL BOX WARNING - a: late (mail.weak) | problems=U time=U size=U share=U sent=U\n"},
    {"a buffer too small for the first line",  20,  "MAIL BOX WARNING - \n"              },
    {"a buffer for nothing",                   0,   ""                                   },
};

static void test_small(void **state)
{
    const struct small *row = *state;
    struct fixture fixture;
    struct text out;

    fixture_open(&fixture, REPORT_TEXT);
    report_add(&fixture.report, WEAK, "a", "late");
    fixture.style.verbosity = 1;
    text_init(&out, row->maximum);
    report_write(&fixture.report, &fixture.style, 0, &out);
    assert_string_equal(out.start, row->output);
    text_release(&out);
    fixture_close(&fixture);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_large, larges);
    CASES_TABLE(&cases, test_cap, caps);
    CASES_TABLE(&cases, test_small, smalls);
    CASES_TABLE(&cases, test_long_perfdata, crowds);
    cases_add(&cases, "one hidden line is one line", test_hidden_one, NULL);
    cases_add(&cases, "of 16,000 findings the 10,000 worst are kept", test_many, NULL);
    cases_add(&cases, "findings without end", test_endless, NULL);
    cases_add(&cases, "a finding as bad as those kept is only counted", test_first_kept, NULL);
    cases_add(&cases, "details and samples without end", test_many_details, NULL);
    cases_add(&cases, "strings are copied", test_copied, NULL);
    return cases_run(&cases, "report limits");
}
