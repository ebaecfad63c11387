#include <stdio.h>

#include "report_fixture.h"

/* One line of ASCII, small enough, that jansson reads; released with json_decref(). */
static json_t *parse(const struct text *out)
{
    json_error_t error;
    json_t *json = json_loads(out->start, JSON_REJECT_DUPLICATES, &error);

    if (json == NULL)
        print_message("%s at %d of %zu\n", error.text, error.position, out->length);
    assert_non_null(json);
    assert_in_range(out->length, 2, REPORT_JSON_MAX);
    assert_int_equal(out->start[out->length - 1], '\n');
    for (size_t i = 0; i + 1 < out->length; i++)
        assert_in_range(out->start[i], ' ', '~');
    return json;
}

static json_t *write_json(struct fixture *fixture)
{
    fixture_write(fixture);
    return parse(&fixture->out);
}

/* Common keys and the plugin's own, in this order. */
static void assert_keys(const json_t *json)
{
    static const char *const keys[] = {"plugin",     "version", "target", "state",
                                       "state_text", "summary", "time",   "perfdata",
                                       "findings",   "omitted", "record", "hosts"};
    size_t at = 0;

    for (void *i = json_object_iter((json_t *)(uintptr_t)json); i != NULL;
         i = json_object_iter_next((json_t *)(uintptr_t)json, i), at++)
        if (at < sizeof(keys) / sizeof(keys[0]))
            assert_string_equal(json_object_iter_key(i), keys[at]);
    assert_in_range(at, sizeof(keys) / sizeof(keys[0]), 100);
    assert_int_equal(json_object_size(json_object_get(json, "perfdata")), 5);
}

static void test_whole(void **state)
{
    struct range warning = {.is_set = true, .end = 1}, critical = {.is_set = true, .inside = true};
    struct fixture fixture;
    struct finding *finding;

    (void)state;
    fixture_open(&fixture, REPORT_JSON);
    report_target(&fixture.report, "b\xc3\xbc.example");
    report_metric(&fixture.report, PROBLEMS, 2);
    report_metric_bounds(&fixture.report, PROBLEMS, &warning, &critical);
    report_metric_limits(&fixture.report, PROBLEMS, 0, 9.5);
    report_metric(&fixture.report, TIME, 0.0123);
    report_metric(&fixture.report, SHARE, NOT_A_NUMBER);
    finding = report_add(&fixture.report, WEAK, "a", "late");
    report_seen(&fixture.report, finding, "250 <\"ok\">");
    report_add(&fixture.report, BROKEN, NULL, "lost");
    report_fact(&fixture.report, "hosts", json_pack("[{s:i}]", "ms", 3));
    report_fact(&fixture.report, "extra", json_true());
    fixture_write(&fixture);
    assert_string_equal(
        fixture.out.start,
        "{\"plugin\":\"check_mail\",\"version\":\"1.2.3\",\"target\":\"b\\u00FC.example\","
        "\"state\":2,\"state_text\":\"CRITICAL\","
        "\"summary\":\"lost (mail.broken), and 1 more (warning)\",\"time\":0.012,"
        "\"perfdata\":{"
        "\"problems\":{\"value\":2,\"uom\":\"\",\"warn\":\"1\",\"crit\":\"@0\",\"min\":0,"
        "\"max\":9.5},"
        "\"time\":{\"value\":0.012,\"uom\":\"s\",\"warn\":null,\"crit\":null,\"min\":null,"
        "\"max\":null},"
        "\"size\":{\"value\":null,\"uom\":\"B\",\"warn\":null,\"crit\":null,\"min\":null,"
        "\"max\":null},"
        "\"share\":{\"value\":null,\"uom\":\"%\",\"warn\":null,\"crit\":null,\"min\":null,"
        "\"max\":null},"
        "\"sent\":{\"value\":null,\"uom\":\"c\",\"warn\":null,\"crit\":null,\"min\":null,"
        "\"max\":null}},"
        "\"findings\":[{\"id\":\"mail.broken\",\"state\":2,\"subject\":\"\",\"text\":\"lost\","
        "\"why\":\"nothing arrives\",\"seen\":null,\"fix\":\"mend it\",\"reference\":\"RFC 5321 "
        "4.1\"},"
        "{\"id\":\"mail.weak\",\"state\":1,\"subject\":\"a\",\"text\":\"late\","
        "\"why\":\"some is late\",\"seen\":\"250 <\\\"ok\\\">\",\"fix\":\"feed "
        "it\",\"reference\":\"RFC 5321 4.2\"}],"
        "\"omitted\":0,\"record\":null,\"hosts\":[{\"ms\":3}],\"extra\":true}\n");
    json_decref(parse(&fixture.out));
    fixture_close(&fixture);
}

static const struct number {
    const char *label;
    double value;
    const char *printed; /* of metric "time", three decimals */
} numbers[] = {
    {"an integer has no fraction",           12,                "12"                },
    {"zero",                                 0,                 "0"                 },
    {"minus zero is zero",                   -0.0,              "0"                 },
    {"a fraction",                           0.1,               "0.1"               },
    {"a fraction is rounded as in perfdata", 2.71828,           "2.718"             },
    {"what rounds to an integer is one",     2.9999,            "3"                 },
    {"a negative number",                    -1.5,              "-1.5"              },
    {"a large integer",                      123456789012345.0, "123456789012345"   },
    {"a number of 18 digits",                1e17,              "100000000000000000"},
    {"NaN is null",                          NOT_A_NUMBER,      "null"              },
    {"infinity is null",                     -HUGE_VAL,         "null"              },
};

static void test_number(void **state)
{
    const struct number *row = *state;
    char expected[128];
    struct fixture fixture;

    fixture_open(&fixture, REPORT_JSON);
    report_metric(&fixture.report, TIME, row->value);
    json_decref(write_json(&fixture));
    snprintf(expected, sizeof(expected), "\"time\":{\"value\":%s,", row->printed);
    if (strstr(fixture.out.start, expected) == NULL)
        assert_string_equal(fixture.out.start, expected);
    fixture_close(&fixture);
}

static void test_huge_number(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_JSON);
    report_metric(&fixture.report, SIZE, 1.5e300);
    json_t *json = write_json(&fixture);
    const json_t *size = json_object_get(json_object_get(json, "perfdata"), "size");
    double ratio = json_number_value(json_object_get(size, "value")) / 1.5e300;
    assert_true(ratio > 0.999999 && ratio < 1.000001);
    json_decref(json);
    fixture_close(&fixture);
}

static void test_same_words(void **state)
{
    struct fixture fixture;
    char *line;

    (void)state;
    fixture_open(&fixture, REPORT_JSON);
    report_add(&fixture.report, WEAK, "a|b", FIXTURE_HOSTILE);
    report_add(&fixture.report, WEAK, "b", "late");
    json_t *json = write_json(&fixture);
    fixture.style.format = REPORT_TEXT;
    fixture_write(&fixture);
    line = fixture.out.start + strlen("MAIL BOX WARNING - ");
    *strstr(line, " | problems=") = '\0';
    assert_string_equal(json_string_value(json_object_get(json, "summary")), line);
    json_decref(json);
    fixture_close(&fixture);
}

static const struct large {
    const char *label;
    const char *pattern;
    int findings;
} larges[] = {
    {"1 MB of letters",                      "letters ",         1 },
    {"1 MB of NUL-like escapes",             "\x01",             1 },
    {"1 MB of quotes",                       "\"\\",             1 },
    {"1 MB of newlines",                     "\n\t",             1 },
    {"1 MB of characters of two octets",     "\xc3\xbc",         1 },
    {"1 MB of characters of four octets",    "\xf0\x9f\x98\x80", 1 },
    {"1 MB of invalid octets",               "\xff\xc0\xe2\x80", 1 },
    {"1 MB of hostile lines",                FIXTURE_HOSTILE,    1 },
    {"30 findings of 1 MB of hostile lines", FIXTURE_HOSTILE,    30},
};

static void test_large(void **state)
{
    const struct large *row = *state;
    char *value = fixture_repeat(row->pattern, 1 << 20);
    struct fixture fixture;

    fixture_open(&fixture, REPORT_JSON);
    report_target(&fixture.report, "%s", value);
    for (int i = 0; i < row->findings; i++) {
        struct finding *finding = report_add(&fixture.report, BROKEN, value, "%s", value);
        report_seen(&fixture.report, finding, "%s", value);
        report_fix(&fixture.report, finding, "%s", value);
    }
    report_fact(&fixture.report, "record", report_json_string(&fixture.report, value));
    json_t *json = write_json(&fixture);
    assert_keys(json);
    json_t *findings = json_object_get(json, "findings");
    size_t kept = json_array_size(findings);
    assert_in_range(kept, 1, (size_t)row->findings);
    assert_int_equal(json_integer_value(json_object_get(json, "omitted")),
                     (size_t)row->findings - kept + 1);
    assert_in_range(json_string_length(json_object_get(json_array_get(findings, 0), "seen")), 1000,
                    2051);
    assert_in_range(json_string_length(json_object_get(json, "record")), 1000, 65539);
    json_decref(json);
    fixture_close(&fixture);
    free(value);
}

/* Facts with `outer` hosts of `inner` addresses each, and findings: what is left of them. */
static const struct shorten {
    const char *label;
    size_t outer, inner, findings;
    size_t least_outer, most_outer, least_inner, most_inner, least_findings, most_findings;
} shortens[] = {
    {"nothing to shorten",               3,      3,      3,     3,    3,    3,   3,    3,   3  },
    {"many facts, some findings",        100000, 0,      10,    500,  3000, 0,   0,    10,  10 },
    {"one fact with very many parts",    2,      100000, 10,    2,    2,    500, 5000, 10,  10 },
    {"many findings, some facts",        10,     2,      12000, 10,   10,   2,   2,    200, 600},
    {"many of both keeps some of both",  100000, 2,      10000, 16,   16,   2,   2,    200, 600},
    {"just over the limit loses little", 1340,   0,      0,     1310, 1339, 0,   0,    0,   0  },
};

static json_t *make_hosts(const struct shorten *row)
{
    json_t *hosts = json_array();

    for (size_t i = 0; i < row->outer; i++) {
        json_t *inner = json_array();
        for (size_t j = 0; j < row->inner; j++)
            json_array_append_new(inner, json_string("192.0.2.1"));
        json_array_append_new(hosts, json_pack("{s:s, s:i, s:o}", "zone", "bl.example.org", "ms",
                                               12, "addresses", inner));
    }
    return hosts;
}

static void test_shorten(void **state)
{
    const struct shorten *row = *state;
    struct fixture fixture;

    fixture_open(&fixture, REPORT_JSON);
    for (size_t i = 0; i < row->findings; i++)
        report_add(&fixture.report, WEAK, "a", "finding %zu", i);
    report_fact(&fixture.report, "hosts", make_hosts(row));
    json_t *json = write_json(&fixture);
    assert_keys(json);

    const json_t *hosts = json_object_get(json, "hosts");
    const json_t *inner = json_object_get(json_array_get(hosts, 0), "addresses");
    const json_t *findings = json_object_get(json, "findings");
    size_t outer_left = json_array_size(hosts), inner_left = json_array_size(inner);
    size_t findings_left = json_array_size(findings);

    assert_in_range(outer_left, row->least_outer, row->most_outer);
    assert_in_range(inner_left, row->least_inner, row->most_inner);
    assert_in_range(findings_left, row->least_findings, row->most_findings);
    assert_int_equal(json_integer_value(json_object_get(json, "omitted")),
                     row->outer - outer_left + outer_left * (row->inner - inner_left) +
                         row->findings - findings_left);
    /* The end is what is lost. */
    if (findings_left > 0)
        assert_string_equal(json_string_value(json_object_get(json_array_get(findings, 0), "text")),
                            "finding 0");
    /* What could be kept was kept. */
    if (row->outer + row->findings > 1000)
        assert_in_range(fixture.out.length, REPORT_JSON_MAX - 400, REPORT_JSON_MAX);
    json_decref(json);
    fixture_close(&fixture);
}

/* What is left fills the object to the last octet, and never goes beyond. */
static void test_every_size(void **state)
{
    for (size_t length = 0; length < 40; length++) {
        struct shorten row = {.outer = 2, .inner = 12000};
        struct fixture fixture;

        (void)state;
        fixture_open(&fixture, REPORT_JSON);
        char *pad = fixture_repeat("x", length);
        report_fact(&fixture.report, "record", report_json_string(&fixture.report, pad));
        report_fact(&fixture.report, "hosts", make_hosts(&row));
        json_decref(write_json(&fixture));
        assert_in_range(fixture.out.length, REPORT_JSON_MAX - 100, REPORT_JSON_MAX);
        fixture_close(&fixture);
        free(pad);
    }
}

/* A hundred findings and a record of that length. */
static json_t *write_reasons(struct fixture *fixture, size_t length)
{
    char *record = fixture_repeat("x", length);

    fixture_open(fixture, REPORT_JSON);
    for (int i = 0; i < 100; i++)
        report_add(&fixture->report, WEAK, "a", "finding %d", i);
    report_fact(&fixture->report, "record", report_json_string(&fixture->report, record));
    free(record);
    return write_json(fixture);
}

static const char *last_reason(const json_t *json)
{
    const json_t *findings = json_object_get(json, "findings");

    assert_int_equal(json_array_size(findings), 100);
    return json_string_value(json_object_get(json_array_get(findings, 99), "why"));
}

/* What --explain tells as well gives way before a fact does. */
static void test_reasons(void **state)
{
    struct fixture fixture;
    json_t *json = write_reasons(&fixture, 0);
    size_t length = REPORT_JSON_MAX - fixture.out.length + 100;

    (void)state;
    assert_string_equal(last_reason(json), "some is late");
    json_decref(json);
    fixture_close(&fixture);

    json = write_reasons(&fixture, length);
    assert_null(last_reason(json));
    assert_int_equal(json_integer_value(json_object_get(json, "omitted")), 0);
    assert_int_equal(json_string_length(json_object_get(json, "record")), length);
    json_decref(json);
    fixture_close(&fixture);
}

static void test_large_facts(void **state)
{
    char *value = fixture_repeat("\xc3\xbc", 1 << 20);
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_JSON);
    for (int i = 0; i < 20; i++)
        report_add(&fixture.report, WEAK, "a", "late");
    report_fact(&fixture.report, "record", json_string(value));
    report_fact(&fixture.report, "hosts", json_pack("[s, s, s]", value, value, value));
    json_t *json = write_json(&fixture);
    assert_keys(json);
    assert_int_equal(json_array_size(json_object_get(json, "findings")), 20);
    assert_int_equal(json_array_size(json_object_get(json, "hosts")), 3);
    assert_in_range(json_string_length(json_object_get(json, "record")), 5000, REPORT_JSON_MAX);
    assert_int_equal(json_integer_value(json_object_get(json, "omitted")), 4);
    json_decref(json);
    fixture_close(&fixture);
    free(value);
}

static void test_hostile_values(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_JSON);
    struct finding *finding = report_add(&fixture.report, WEAK, "a", "late");
    report_seen(&fixture.report, finding, "%s", FIXTURE_HOSTILE);
    report_fact(&fixture.report, "record", report_json_string(&fixture.report, FIXTURE_HOSTILE));
    report_fact(&fixture.report, "nothing", report_json_string(&fixture.report, NULL));
    json_t *json = write_json(&fixture);
    static const char safe[] = "550 | load=1;;;\n<b>x</b>\\x1B[2J\\xC0\\xAF\\xFF\xe2\x80\xae \"q\" "
                               "\\n0 \"Forged\" - fine\\x0D\n";
    assert_string_equal(json_string_value(json_object_get(json, "record")), safe);
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(json, "findings"), 0), "seen")),
                        safe);
    assert_true(json_is_null(json_object_get(json, "nothing")));
    json_decref(json);
    fixture_close(&fixture);
}

static void test_common_keys(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, REPORT_JSON);
    report_fact(&fixture.report, "state", json_string("forged"));
    report_fact(&fixture.report, "omitted", json_integer(7));
    report_fact(&fixture.report, "unmade", NULL);
    json_t *json = write_json(&fixture);
    assert_int_equal(json_integer_value(json_object_get(json, "state")), 0);
    assert_int_equal(json_integer_value(json_object_get(json, "omitted")), 0);
    assert_true(json_is_null(json_object_get(json, "unmade")));
    json_decref(json);
    fixture_close(&fixture);
}

static void test_unknown(void **state)
{
    struct report_style style = {.format = REPORT_JSON};
    struct text out;

    (void)state;
    text_init(&out, 1 << 20);
    report_write_unknown(&fixture_tables, &style, "option -t: \"x\"", &out);
    json_t *json = parse(&out);
    assert_keys(json);
    assert_int_equal(json_integer_value(json_object_get(json, "state")), 3);
    assert_string_equal(json_string_value(json_object_get(json, "state_text")), "UNKNOWN");
    assert_string_equal(json_string_value(json_object_get(json, "summary")), "option -t: \"x\"");
    assert_string_equal(json_string_value(json_object_get(json, "target")), "");
    assert_true(json_is_array(json_object_get(json, "hosts")));
    json_decref(json);
    text_release(&out);
}

static void test_bad_facts(void **state)
{
    static const char *const bad[] = {"{", "[]", "", NULL};
    struct report_tables tables = fixture_tables;
    struct report_style style = {.format = REPORT_JSON};
    struct text out;

    (void)state;
    text_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        tables.facts = bad[i];
        text_clear(&out);
        report_write_unknown(&tables, &style, "x", &out);
        json_decref(parse(&out));
    }
    text_release(&out);
}

static void test_small_buffer(void **state)
{
    struct fixture fixture;
    struct text out;

    (void)state;
    fixture_open(&fixture, REPORT_JSON);
    for (int i = 0; i < 1000; i++)
        report_add(&fixture.report, WEAK, "a", "late");
    text_init(&out, 4096);
    report_write(&fixture.report, &fixture.style, 1, &out);
    assert_false(out.truncated);
    json_decref(parse(&out));
    text_release(&out);
    fixture_close(&fixture);
}

int main(void)
{
    struct cases cases = {0};

    cases_add(&cases, "the whole object", test_whole, NULL);
    CASES_TABLE(&cases, test_number, numbers);
    cases_add(&cases, "a number with 300 digits", test_huge_number, NULL);
    cases_add(&cases, "the summary has the words of the first line", test_same_words, NULL);
    CASES_TABLE(&cases, test_large, larges);
    CASES_TABLE(&cases, test_shorten, shortens);
    cases_add(&cases, "objects of every size keep to the limit", test_every_size, NULL);
    cases_add(&cases, "why a finding matters gives way before facts do", test_reasons, NULL);
    cases_add(&cases, "facts that are too long strings are cut", test_large_facts, NULL);
    cases_add(&cases, "hostile values are valid UTF-8", test_hostile_values, NULL);
    cases_add(&cases, "a fact doesn't replace a common key", test_common_keys, NULL);
    cases_add(&cases, "a usage error has all keys", test_unknown, NULL);
    cases_add(&cases, "tables whose facts are no object", test_bad_facts, NULL);
    cases_add(&cases, "a smaller buffer makes a smaller object", test_small_buffer, NULL);
    return cases_run(&cases, "report json");
}
