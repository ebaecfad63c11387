/* From facts to findings, without a network: the store of answers is filled from text. */
#include <stdio.h>
#include <string.h>

#include "spf.h"
#include "tests/judge/findings.h"

struct fixture {
    struct arena arena;
    struct plugin_common common;
    struct spf_domain domain;
    struct spf_facts facts;
    struct dns_answers *answers;
    struct report report;
};

static void fixture_open(struct fixture *f, const char *zone, bool complete)
{
    *f = (struct fixture){.common.timeout_result = STATE_UNKNOWN};
    arena_init(&f->arena);
    f->domain.domain = "example.com";
    f->facts = (struct spf_facts){
        .arena = &f->arena, .domains = &f->domain, .domain_count = 1, .now = 1700000000};
    f->facts.addresses = arena_array(&f->arena, SPF_ADDRESSES_MAX, sizeof *f->facts.addresses);
    f->answers = dns_answers_new(&f->arena, 2000);
    assert_int_equal(dns_answers_read(f->answers, zone, complete), 0);
    report_init(&f->report, &f->arena, &spf_definition.tables);
}

static void fixture_judge(struct fixture *f, const struct spf_config *config)
{
    spf_collect(config, &f->common, NULL, f->answers, (struct deadline){0}, &f->facts);
    spf_judge(config, &f->common, &f->facts, &f->report);
    spf_show(config, &f->facts, &f->report);
}

static void fixture_close(struct fixture *f)
{
    report_release(&f->report);
    arena_release(&f->domain.arena);
    arena_release(&f->arena);
}

static const struct row {
    const char *label;
    const char *zone;
    const char *id;
    enum state state;
    const char *ip;
    const char *expected_result; /* NULL: pass */
    const char *fix;             /* NULL: not looked at */
    bool allow_none;
} rows[] = {
    {"2.6.4: fail",                                         "example.com TXT \"v=spf1 -all\"\n",              "spf.result-fail",       STATE_CRITICAL,
     "192.0.2.1",                                                                                                                                                   NULL,   "Publish at example.com: v=spf1 ip4:192.0.2.1 -all",   false},
    {"2.6.5: softfail",                                     "example.com TXT \"v=spf1 ~all\"\n",              "spf.result-softfail",   STATE_WARNING,
     "2001:db8::1",                                                                                                                                                 NULL,   "Publish at example.com: v=spf1 ip6:2001:db8::1 ~all", false},
    {"2.6.2: neutral",                                      "example.com TXT \"v=spf1 ?all\"\n",              "spf.result-neutral",    STATE_WARNING,
     "192.0.2.1",                                                                                                                                                   NULL,   NULL,                                                  false},
    {"2.6.1: none",                                         "example.com A 192.0.2.1\n",                      "spf.result-none",       STATE_CRITICAL, "192.0.2.1",
     NULL,                                                                                                                                                                  NULL,                                                  false},
    {"2.6.7: permerror",                                    "example.com TXT \"v=spf1 moo\"\n",               "spf.result-permerror",  STATE_CRITICAL,
     "192.0.2.1",                                                                                                                                                   NULL,   NULL,                                                  false},
    {"2.6.6: temperror is not known, whatever is expected", "example.com TXT SERVFAIL\n",
     "spf.result-temperror",                                                                                                           STATE_UNKNOWN,  "192.0.2.1", "fail", NULL,                                                  false},
    {"another result than expected",                        "example.com TXT \"v=spf1 +all\"\n",              "spf.result-unexpected",
     STATE_CRITICAL,                                                                                                                                   "192.0.2.1", "fail", NULL,                                                  false},
    {"none is an error",                                    "example.com A 192.0.2.1\n",                      "spf.none",              STATE_CRITICAL, NULL,        NULL,   NULL,
     false                                                                                                                                                                                                                              },
    {"none is allowed on request",                          "example.com A 192.0.2.1\n",                      "spf.none-allowed",      STATE_OK,       NULL,
     NULL,                                                                                                                                                                  NULL,                                                  true },
    {"the repaired record is the fix",                      "example.com TXT \"v=spf1 ip:192.0.2.1 -all\"\n", "spf.typo",
     STATE_CRITICAL,                                                                                                                                   NULL,        NULL,   "Publish at example.com: v=spf1 ip4:192.0.2.1 -all",   false},
    {"4.4: a failed question",                              "example.com TXT REFUSED\n",                      "spf.dns-error",         STATE_UNKNOWN,  NULL,
     NULL,                                                                                                                                                                  NULL,                                                  false},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct spf_config config = spf_config_default;
    struct fixture f;
    fixture_open(&f, row->zone, true);
    config.allow_none = row->allow_none;
    if (row->expected_result != NULL)
        config.expected_result = row->expected_result;
    if (row->ip != NULL) {
        assert_true(ip_parse(slice_of(row->ip), &f.facts.addresses[0]));
        f.facts.address_count = 1;
    }
    fixture_judge(&f, &config);
    const struct finding *finding = findings_found(&f.report, row->id);
    assert_int_equal(finding->state, row->state);
    if (row->fix != NULL)
        assert_string_equal(finding->fix, row->fix);
    fixture_close(&f);
}

static void test_timeout_result(void **state)
{
    struct spf_config config = spf_config_default;
    struct fixture f;
    (void)state;
    fixture_open(&f, "example.com TXT \"v=spf1 include:i.example -all\"\n", false);
    f.common.timeout_result = STATE_CRITICAL;
    fixture_judge(&f, &config);
    assert_true(f.facts.was_cut);
    assert_int_equal(findings_found(&f.report, "spf.dns-error")->state, STATE_CRITICAL);
    fixture_close(&f);
}

static void test_thresholds(void **state)
{
    struct spf_config config = spf_config_default;
    struct fixture f;
    (void)state;
    fixture_open(&f, "example.com TXT \"v=spf1 a a -all\"\nexample.com A 8.8.8.8\n", true);
    assert_true(range_parse(SLICE_LITERAL("1"), &f.common.warning));
    fixture_judge(&f, &config);
    assert_int_equal(findings_found(&f.report, "spf.lookups-warning")->state, STATE_WARNING);
    assert_null(findings_find(&f.report, "spf.lookups-critical"));
    assert_int_equal((int)f.report.metrics[SPF_M_LOOKUPS].value, 2);
    assert_int_equal((int)f.report.metrics[SPF_M_ADDRESSES].value, 1);
    fixture_close(&f);
}

static void test_expect(void **state)
{
    struct spf_config config = spf_config_default;
    struct fixture f;
    (void)state;
    fixture_open(&f, "example.com TXT \"v=spf1 -all\"\n", true);
    config.expected_text = "v=spf1 mx -all";
    f.domain.changed_at = f.facts.now - 60;
    f.domain.previous = "";
    fixture_judge(&f, &config);
    assert_string_equal(findings_found(&f.report, "spf.expect")->fix,
                        "Publish at example.com: v=spf1 mx -all");
    assert_string_equal(findings_found(&f.report, "spf.changed")->seen,
                        "before: no SPF record; now: v=spf1 -all");
    fixture_close(&f);
}

static void test_helo(void **state)
{
    struct spf_config config = spf_config_default;
    struct fixture f;
    (void)state;
    fixture_open(&f, "example.com TXT \"v=spf1 +all\"\nmail.example TXT \"v=spf1 -all\"\n", true);
    config.helo = "mail.example";
    assert_true(ip_parse(slice_of("192.0.2.1"), &f.facts.addresses[0]));
    f.facts.address_count = 1;
    fixture_judge(&f, &config);
    assert_int_equal(findings_found(&f.report, "spf.helo-fail")->state, STATE_CRITICAL);
    assert_null(findings_find(&f.report, "spf.result-fail"));
    fixture_close(&f);
    fixture_open(&f, "example.com TXT \"v=spf1 -all\"\n", true);
    fixture_judge(&f, &config);
    assert_int_equal(findings_found(&f.report, "spf.helo-spf")->state, STATE_WARNING);
    fixture_close(&f);
}

/* Three servers: two that agree, one that has something else. */
static void judge_servers(struct fixture *f, const char *third, bool answers)
{
    struct spf_config config = spf_config_default;
    fixture_open(f,
                 "example.com TXT \"v=spf1 -all\"\nexample.com SOA ns1.example\n"
                 "example.com NS ns1.example\nexample.com NS ns2.example\n"
                 "example.com NS ns3.example\nns1.example A 192.0.2.1\n"
                 "ns2.example A 192.0.2.2\nns3.example A 192.0.2.3\n",
                 true);
    config.authoritative = true;
    spf_collect(&config, &f->common, NULL, f->answers, (struct deadline){0}, &f->facts);
    assert_int_equal(f->domain.servers.count, 3);
    for (size_t i = 0; i < 3; i++)
        f->domain.servers.servers[i].set = i < 2 ? "v=spf1 -all" : answers ? third : NULL;
    f->domain.servers.common = "v=spf1 -all";
    spf_judge(&config, &f->common, &f->facts, &f->report);
}

static void test_servers(void **state)
{
    struct fixture f;
    (void)state;
    judge_servers(&f, "v=spf1 -all", true);
    assert_null(findings_find(&f.report, "spf.ns-differ"));
    fixture_close(&f);
    judge_servers(&f, "v=spf1 mx -all", true);
    assert_int_equal(findings_found(&f.report, "spf.ns-differ")->state, STATE_WARNING);
    fixture_close(&f);
    judge_servers(&f, "", true);
    assert_int_equal(findings_found(&f.report, "spf.ns-missing")->state, STATE_CRITICAL);
    assert_null(findings_find(&f.report, "spf.ns-differ"));
    fixture_close(&f);
    judge_servers(&f, "", false);
    assert_int_equal(findings_found(&f.report, "spf.ns-silent")->state, STATE_UNKNOWN);
    fixture_close(&f);
}

static void test_tables(void **state)
{
    (void)state;
    findings_assert_whole(spf_findings, SPF_FINDINGS, "spf.");
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "what the deadline left unasked has the state of --timeout-result",
              test_timeout_result, NULL);
    cases_add(&cases, "thresholds on the number of lookups, and the figures", test_thresholds,
              NULL);
    cases_add(&cases, "--expect and changes show both records", test_expect, NULL);
    cases_add(&cases, "2.3: the HELO identity", test_helo, NULL);
    cases_add(&cases, "authoritative servers that differ, lack the record, or are silent",
              test_servers, NULL);
    cases_add(&cases, "every finding has id, title, reason, repair and reference", test_tables,
              NULL);
    return cases_run(&cases, "spf_judge");
}
