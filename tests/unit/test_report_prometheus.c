#include <stdio.h>

#include "report_fixture.h"

#define LISTED "postmaster_mail_box_listed"

static const char *const zone_a[] = {"zone", "a.example", NULL};
static const char *const zone_b[] = {"zone", "b.example", NULL};
static const char *const target_and_zone[] = {"target", "192.0.2.9", "zone", "a.example", NULL};
static const char *const hostile[] = {"reason", FIXTURE_HOSTILE, NULL};
static const char *const nothing[] = {NULL};

static void test_whole(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_PROMETHEUS);
    report_target(&fixture.report, "2001:db8::1");
    report_metric(&fixture.report, PROBLEMS, 1);
    report_metric(&fixture.report, TIME, 0.01234);
    report_metric(&fixture.report, SHARE, 12.5);
    report_metric(&fixture.report, SENT, 7);
    report_add(&fixture.report, WEAK, "a", "late");
    report_sample(&fixture.report, LISTED, "Whether it is listed", 1, zone_b);
    report_sample(&fixture.report, "postmaster_mail_box_hops", "Hops", 0.5, zone_a);
    report_sample(&fixture.report, LISTED, "Whether it is listed", 0, zone_a);
    assert_string_equal(
        fixture_write(&fixture),
        "# HELP postmaster_mail_box_state State of the check: 0 OK, 1 WARNING, 2 CRITICAL, 3 "
        "UNKNOWN\n"
        "# TYPE postmaster_mail_box_state gauge\n"
        "postmaster_mail_box_state{target=\"2001:db8::1\"} 1\n"
        "# HELP postmaster_mail_box_problems Problems found\n"
        "# TYPE postmaster_mail_box_problems gauge\n"
        "postmaster_mail_box_problems{target=\"2001:db8::1\"} 1\n"
        "# HELP postmaster_mail_box_time_seconds Time taken\n"
        "# TYPE postmaster_mail_box_time_seconds gauge\n"
        "postmaster_mail_box_time_seconds{target=\"2001:db8::1\"} 0.012\n"
        "# HELP postmaster_mail_box_size_bytes Size of the message\n"
        "# TYPE postmaster_mail_box_size_bytes gauge\n"
        "# HELP postmaster_mail_box_share_percent Share of what is late\n"
        "# TYPE postmaster_mail_box_share_percent gauge\n"
        "postmaster_mail_box_share_percent{target=\"2001:db8::1\"} 12.5\n"
        "# HELP postmaster_mail_box_sent_total Messages sent\n"
        "# TYPE postmaster_mail_box_sent_total counter\n"
        "postmaster_mail_box_sent_total{target=\"2001:db8::1\"} 7\n"
        "# HELP postmaster_mail_box_hops Hops\n"
        "# TYPE postmaster_mail_box_hops gauge\n"
        "postmaster_mail_box_hops{target=\"2001:db8::1\",zone=\"a.example\"} 0.5\n"
        "# HELP postmaster_mail_box_listed Whether it is listed\n"
        "# TYPE postmaster_mail_box_listed gauge\n"
        "postmaster_mail_box_listed{target=\"2001:db8::1\",zone=\"a.example\"} 0\n"
        "postmaster_mail_box_listed{target=\"2001:db8::1\",zone=\"b.example\"} 1\n");
    fixture_close(&fixture);
}

/* One or two samples, and how often a line stands in the output. */
static const struct sample {
    const char *label;
    const char *family;
    const char *const *labels[2];
    double value;
    const char *line;
    int count;
} samples[] = {
    {"the target is added to a sample",
     LISTED,                                                                {zone_a},
     1,                                                                                                               "\n" LISTED "{target=\"t\",zone=\"a.example\"} 1\n",
     1                                                                                                                                                                              },
    {"a sample's own target stays",
     LISTED,                                                                {target_and_zone},
     1,                                                                                                               "\n" LISTED "{target=\"192.0.2.9\",zone=\"a.example\"} 1\n",
     1                                                                                                                                                                              },
    {"a sample without labels",                                     LISTED, {nothing},                  1,            "\n" LISTED "{target=\"t\"} 1\n",                            1},
    {"the same series twice is printed once",                       LISTED, {zone_a, zone_a},           1,            "\n" LISTED "{",                                             1},
    {"two series of a family",                                      LISTED, {zone_a, zone_b},           1,            "\n" LISTED "{",                                             2},
    {"two series have one HELP",                                    LISTED, {zone_a, zone_b},           1,            "# HELP " LISTED " ",                                        1},
    {"two series have one TYPE",                                    LISTED, {zone_a, zone_b},           1,            "# TYPE " LISTED " ",                                        1},
    {"a sample in the family of a metric has its HELP",
     "postmaster_mail_box_problems",                                        {zone_a},
     1,                                                                                                               "# HELP postmaster_mail_box_problems ",
     1                                                                                                                                                                              },
    {"a sample in the family of a metric follows it",
     "postmaster_mail_box_problems",                                        {zone_a},
     1,                                                                                                               "\npostmaster_mail_box_problems{target=\"t\"} 5\n"
     "postmaster_mail_box_problems{target=\"t\",zone=\"a.example\"} 1\n",                                                                                                   1},
    {"a sample that is the metric itself is left out",
     "postmaster_mail_box_problems",                                        {nothing},
     1,                                                                                                               "\npostmaster_mail_box_problems{",
     1                                                                                                                                                                              },
    {"a sample that is the metric itself is left out among others",
     "postmaster_mail_box_problems",                                        {target_and_zone, nothing},
     1,                                                                                                               "\npostmaster_mail_box_problems{target=\"t\"} ",
     1                                                                                                                                                                              },
    {"a sample of the state's family",
     "postmaster_mail_box_state",                                           {zone_a},
     1,                                                                                                               "\npostmaster_mail_box_state{target=\"t\"} 0\n"
     "postmaster_mail_box_state{target=\"t\",zone=\"a.example\"} 1\n",                                                                                                      1},
    {"a sample that is NaN",                                        LISTED, {zone_a},                   NOT_A_NUMBER, "zone=\"a.example\"} NaN\n",                                 1},
    {"a sample that is infinite",                                   LISTED, {zone_a},                   HUGE_VAL,     "zone=\"a.example\"} +Inf\n",                                1},
    {"a sample that is minus infinity",
     LISTED,                                                                {zone_a},
     -HUGE_VAL,
     "zone=\"a.example\"} -Inf\n",                                                                                                                                                 1},
    {"a hostile label",
     LISTED,                                                                {hostile},
     1,                                                                                                               ",reason=\"550 | load=1;;;\\n<b>x</b>\\\\x1B[2J\\\\xC0\\\\xAF\\\\xFF\\\\xE2\\\\x80\\\\xAE "
     "\\\"q\\\" \\\\n0 \\\"Forged\\\" - fine\\\\x0D\\n\"} 1\n",                                                                                                             1},
};

static void test_sample(void **state)
{
    const struct sample *row = *state;
    struct fixture fixture;
    int count = 0;

    fixture_open(&fixture, REPORT_PROMETHEUS);
    report_target(&fixture.report, "t");
    report_metric(&fixture.report, PROBLEMS, 5);
    for (size_t i = 0; i < 2 && row->labels[i] != NULL; i++)
        report_sample(&fixture.report, row->family, "Help", row->value, row->labels[i]);
    for (const char *at = fixture_write(&fixture); (at = strstr(at, row->line)) != NULL; at++)
        count++;
    if (count != row->count)
        print_message("%s", fixture.out.start);
    assert_int_equal(count, row->count);
    fixture_close(&fixture);
}

/* Walks a label set as the text exposition 0.0.4 writes it; returns what follows, or NULL. */
static const char *skip_labels(const char *at)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz_";

    if (*at++ != '{')
        return NULL;
    while (*at != '}') {
        at += strspn(at, name);
        if (at[0] != '=' || at[1] != '"')
            return NULL;
        for (at += 2; *at != '"'; at++) {
            if (*at == '\\' && strchr("\\\"n", at[1]) != NULL)
                at++;
            else if (*at == '\\' || *at == '\n' || *at == '\0')
                return NULL;
        }
        at++;
        if (*at == ',')
            at++;
    }
    return at + 1;
}

/* Every line is a comment or a sample of the family that the last comment named. */
static void assert_exposition(const char *output)
{
    char family[256] = "";

    for (const char *at = output; *at != '\0'; at = strchr(at, '\n') + 1) {
        if (strncmp(at, "# TYPE ", 7) == 0) {
            size_t length = strcspn(at + 7, " \n");
            assert_in_range(length, 1, sizeof(family) - 1);
            snprintf(family, sizeof(family), "%.*s", (int)length, at + 7);
        } else if (strncmp(at, "# HELP ", 7) != 0) {
            char *end;
            assert_int_equal(strncmp(at, family, strlen(family)), 0);
            const char *value = skip_labels(at + strlen(family));
            assert_non_null(value);
            strtod(value, &end);
            assert_ptr_not_equal(end, value);
            assert_int_equal(*end, '\n');
        }
    }
}

static void fill_large(struct fixture *fixture, char *value)
{
    report_target(&fixture->report, "%s", value);
    report_metric(&fixture->report, TIME, 1e6);
    for (int i = 0; i < 5000; i++) {
        char host[32];
        const char *const labels[] = {"host", host, "text", value, NULL};
        const char *const same[] = {"text", value, NULL};
        snprintf(host, sizeof(host), "%d", i);
        report_sample(&fixture->report, i % 2 == 0 ? LISTED : "postmaster_mail_box_hops", "Help", i,
                      i % 3 == 0 ? same : labels);
    }
}

static void test_large(void **state)
{
    char *value = fixture_repeat(FIXTURE_HOSTILE, 10000);
    struct fixture fixture;
    struct text out;

    (void)state;
    fixture_open(&fixture, REPORT_PROMETHEUS);
    fill_large(&fixture, value);
    text_init(&out, SIZE_MAX);
    report_write(&fixture.report, &fixture.style, 0, &out);
    assert_exposition(out.start);
    assert_in_range(out.length, 1000000, 10000000);
    /* What doesn't fit is cut at a whole line. */
    fixture.out.maximum = 100000;
    report_write(&fixture.report, &fixture.style, 0, &fixture.out);
    assert_exposition(fixture.out.start);
    assert_in_range(fixture.out.length, 90000, 100000);
    text_release(&out);
    fixture_close(&fixture);
    free(value);
}

static void test_unknown(void **state)
{
    struct report_style style = {.format = REPORT_PROMETHEUS};
    struct text out;

    (void)state;
    text_init(&out, 10000);
    report_write_unknown(&fixture_tables, &style, "option -t", &out);
    static const char reason[] = "# MAIL BOX UNKNOWN - option -t\n";

    assert_int_equal(strncmp(out.start, reason, strlen(reason)), 0);
    assert_exposition(out.start + strlen(reason));
    assert_non_null(strstr(out.start, "\npostmaster_mail_box_state{target=\"\"} 3\n"));
    assert_non_null(strstr(out.start, "# TYPE postmaster_mail_box_sent_total counter\n"));
    text_release(&out);
}

static void test_count(void **state)
{
    static const struct metric_definition metrics[] = {
        {"mx_count",   "",  0, "Exchangers"  },
        {"countdown",  "",  0, "What is left"},
        {"time_count", "s", 0, "Seconds told"},
    };
    struct report_tables tables = fixture_tables;
    struct report_style style = {.format = REPORT_PROMETHEUS};
    struct text out;

    (void)state;
    tables.metrics = metrics;
    tables.metric_count = 3;
    text_init(&out, 10000);
    report_write_unknown(&tables, &style, "x", &out);
    assert_non_null(strstr(out.start, "# TYPE postmaster_mail_box_mx_number gauge\n"));
    assert_non_null(strstr(out.start, "# TYPE postmaster_mail_box_countdown gauge\n"));
    assert_non_null(strstr(out.start, "# TYPE postmaster_mail_box_time_number_seconds gauge\n"));
    text_release(&out);
}

static void test_promtool(void **state)
{
    char *value = fixture_repeat(FIXTURE_HOSTILE, 300);
    struct fixture fixture;

    (void)state;
    if (system("command -v promtool >/dev/null 2>&1") != 0) {
        print_message("# promtool is not installed\n");
        free(value);
        skip();
    }
    fixture_open(&fixture, REPORT_PROMETHEUS);
    fixture.out.maximum = SIZE_MAX;
    fill_large(&fixture, value);
    FILE *promtool = popen("promtool check metrics >&2", "w");
    assert_non_null(promtool);
    fputs(fixture_write(&fixture), promtool);
    assert_int_equal(pclose(promtool), 0);
    fixture_close(&fixture);
    free(value);
}

int main(void)
{
    struct cases cases = {0};

    cases_add(&cases, "the whole exposition", test_whole, NULL);
    CASES_TABLE(&cases, test_sample, samples);
    cases_add(&cases, "5,000 hostile samples are in order", test_large, NULL);
    cases_add(&cases, "a usage error has all families", test_unknown, NULL);
    cases_add(&cases, "no family ends as the count of a histogram does", test_count, NULL);
    cases_add(&cases, "promtool finds nothing to say", test_promtool, NULL);
    return cases_run(&cases, "report prometheus");
}
