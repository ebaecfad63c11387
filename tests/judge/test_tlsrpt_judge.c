/* From facts to findings, without a network: the store of answers is filled from text. */
#include <string.h>

#include "tests/judge/findings.h"
#include "tlsrpt.h"

/* What every domain of the tables has besides: a host that takes reports. */
#define AROUND                                                                                     \
    "example.com MX 10 mx.example.com\n"                                                           \
    "mx.example.com A 192.0.2.1\n"
#define NAME "_smtp._tls.example.com"
#define OWN(record) NAME " TXT \"" record "\"\n"

struct fixture {
    struct arena arena;
    struct plugin_common common;
    struct tlsrpt_config config;
    struct tlsrpt_domain domain;
    struct tlsrpt_facts facts;
    struct report report;
};

static void fixture_open(struct fixture *f)
{
    *f = (struct fixture){
        .common.timeout_result = STATE_UNKNOWN,
        .config = tlsrpt_config_default,
    };
    f->domain.domain = "example.com";
    arena_init(&f->arena);
    f->facts = (struct tlsrpt_facts){
        .arena = &f->arena,
        .domains = &f->domain,
        .domain_count = 1,
        .now = 1700000000,
    };
    report_init(&f->report, &f->arena, &tlsrpt_definition.tables);
}

static void fixture_collect(struct fixture *f, const char *zone, bool complete)
{
    struct dns_answers *answers = dns_answers_new(&f->arena, 500);
    assert_int_equal(
        dns_answers_read(answers, arena_format(&f->arena, AROUND "%s", zone), complete), 0);
    tlsrpt_collect(&f->config, &f->common, NULL, answers, (struct deadline){0}, &f->facts);
    tlsrpt_find_https(&f->config, &f->common, answers, &f->facts);
}

static void fixture_judge(struct fixture *f, const char *zone, bool complete)
{
    fixture_collect(f, zone, complete);
    tlsrpt_judge(&f->config, &f->common, &f->facts, &f->report);
    tlsrpt_show(&f->facts, &f->report);
}

static void fixture_close(struct fixture *f)
{
    report_release(&f->report);
    arena_release(&f->domain.arena);
    arena_release(&f->arena);
}

/* ---- one finding a row */

static const struct row {
    const char *label;
    const char *zone;
    const char *id; /* NULL: nothing worse than OK */
    enum state state;
    bool is_required; /* --require */
} rows[] = {
  /* clang-format off */
    {"3: a good record", OWN("v=TLSRPTv1; rua=mailto:a@example.com"), NULL, STATE_OK, false},
    {"3: white space behind the semicolon, and one at the end",
     OWN("v=TLSRPTv1;rua=mailto:a@example.com;"), NULL, STATE_OK, false},
    {"3: no record", "", "tlsrpt.absent", STATE_OK, false},
    {"no record, and --require", "", "tlsrpt.required", STATE_CRITICAL, true},
    {"1: no record, and MTA-STS is on", "_mta-sts.example.com TXT \"v=STSv1; id=1\"\n",
     "tlsrpt.absent-policy", STATE_WARNING, false},
    {"no record, and whether MTA-STS is on is not known", "_mta-sts.example.com TXT REFUSED\n",
     "tlsrpt.dns-error", STATE_UNKNOWN, false},
    {"3: the question failed", NAME " TXT REFUSED\n", "tlsrpt.dns-error", STATE_UNKNOWN, false},
    {"RFC 4035 5.5: SERVFAIL that goes away without validation", NAME " TXT SERVFAIL\n",
     "tlsrpt.dns-bogus", STATE_CRITICAL, false},
    {"a CNAME that leads nowhere", NAME " CNAME gone.example.net\n", "tlsrpt.cname-dangling",
     STATE_CRITICAL, false},
    {"3: several records", OWN("v=TLSRPTv1; rua=mailto:a@example.com")
     OWN("v=TLSRPTv1; rua=mailto:b@example.com"), "tlsrpt.record", STATE_CRITICAL, false},
    {"3: no rua=", OWN("v=TLSRPTv1;"), "tlsrpt.record", STATE_CRITICAL, false},
    {"3: a tag twice", OWN("v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:b@example.com"),
     "tlsrpt.record", STATE_CRITICAL, false},
    {"3: one address of another scheme",
     OWN("v=TLSRPTv1; rua=http://example.com/,mailto:a@example.com"), "tlsrpt.uri", STATE_WARNING,
     false},
    {"3: the only host does not exist", OWN("v=TLSRPTv1; rua=mailto:a@gone.example")
     "gone.example - NXDOMAIN\n", "tlsrpt.uri-all", STATE_CRITICAL, false},
    {"3: a host that gave no answer", OWN("v=TLSRPTv1; rua=mailto:a@late.example")
     "late.example MX REFUSED\n", "tlsrpt.uri-unknown", STATE_UNKNOWN, false},
    {"3: an extension", OWN("v=TLSRPTv1; rua=mailto:a@example.com; x=1"), "tlsrpt.unknown-tag",
     STATE_OK, false},
  /* clang-format on */
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct fixture f;
    fixture_open(&f);
    f.config.is_required = row->is_required;
    fixture_judge(&f, row->zone, true);
    if (row->id == NULL) {
        assert_int_equal(report_state(&f.report), STATE_OK);
    } else {
        const struct finding *finding = findings_find(&f.report, row->id);
        if (finding == NULL)
            fail_msg("no %s", row->id);
        else
            assert_int_equal(finding->state, row->state);
    }
    fixture_close(&f);
}

/* ---- -w and -c: the usable addresses */

static const struct limit_row {
    const char *label;
    const char *zone;
    const char *warning, *critical; /* -w, -c */
    int usable;                     /* -1: U */
    enum state state;               /* OK: no tlsrpt.rua-limit */
} limit_rows[] = {
  /* clang-format off */
    {"two are two", OWN("v=TLSRPTv1; rua=mailto:a@example.com,mailto:b@example.com"), "2:", "1:", 2,
     STATE_OK},
    {"a faulty one is not usable", OWN("v=TLSRPTv1; rua=http://example.com/,mailto:b@example.com"),
     "2:", "1:", 1, STATE_WARNING},
    {"none is usable", OWN("v=TLSRPTv1; rua=http://example.com/"), "2:", "1:", 0, STATE_CRITICAL},
    {"3: the addresses of a faulty record count for nothing",
     OWN("v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:a@example.com"), "2:", "1:", 0,
     STATE_CRITICAL},
    {"no record", "", "2:", "1:", 0, STATE_CRITICAL},
    {"a host without an answer may be usable", OWN("v=TLSRPTv1; rua=mailto:a@late.example")
     "late.example MX REFUSED\n", "1:", "1:", -1, STATE_OK},
    {"even if it were, it would be too few", OWN("v=TLSRPTv1; rua=mailto:a@late.example")
     "late.example MX REFUSED\n", "2:", "~:", -1, STATE_WARNING},
    {"no answer about the record", NAME " TXT REFUSED\n", "1:", "1:", -1, STATE_OK},
  /* clang-format on */
};

static void test_limit(void **state)
{
    const struct limit_row *row = *state;
    struct fixture f;
    fixture_open(&f);
    assert_true(range_parse(slice_of(row->warning), &f.common.warning));
    assert_true(range_parse(slice_of(row->critical), &f.common.critical));
    fixture_judge(&f, row->zone, true);
    const struct metric *metric = &f.report.metrics[TLSRPT_M_RUA_USABLE];
    const struct finding *finding = findings_find(&f.report, "tlsrpt.rua-limit");
    assert_int_equal(metric->is_set ? (int)metric->value : -1, row->usable);
    assert_int_equal(finding == NULL ? STATE_OK : finding->state, row->state);
    fixture_close(&f);
}

/* ---- --https: what a handshake with each address gave */

#define POSTED(rest) OWN("v=TLSRPTv1; rua=https://www.example" rest)
#define ONE "www.example A 198.18.0.1\n"
#define TWO ONE "www.example A 198.18.0.2\n"

static const struct tls_facts plain_text = {.outcome = TLS_NOT_TLS};
static const struct tls_facts no_certificate = {.outcome = TLS_ESTABLISHED};
static struct certificate_name www = {.kind = CERTIFICATE_NAME_DNS};
static struct certificate leaf = {.names = &www, .name_count = 1, .has_names = true};
static struct tls_facts trusted = {
    .outcome = TLS_ESTABLISHED, .chain = {.list = &leaf, .count = 1}
};

/* Of a letter of `answers`, in the order of the addresses. */
static void answer_probe(struct tls_probe *probe, char letter)
{
    static const struct {
        char letter;
        enum tls_probe_outcome outcome;
        enum stream_failure failure;
        bool has_no_route;
        const struct tls_facts *tls;
    } answers[] = {
        {'g', TLS_PROBE_ESTABLISHED,   STREAM_FINE,          false, &trusted       },
        {'n', TLS_PROBE_ESTABLISHED,   STREAM_FINE,          false, &no_certificate},
        {'p', TLS_PROBE_NO_HANDSHAKE,  STREAM_FINE,          false, &plain_text    },
        {'r', TLS_PROBE_NOT_CONNECTED, STREAM_REFUSED,       false, NULL           },
        {'s', TLS_PROBE_SILENT,        STREAM_FINE,          false, NULL           },
        {'u', TLS_PROBE_NOT_CONNECTED, STREAM_UNREACHABLE,   true,  NULL           },
        {'o', TLS_PROBE_NOT_CONNECTED, STREAM_NO_PERMISSION, false, NULL           },
        {'l', TLS_PROBE_CUT_SHORT,     STREAM_FINE,          false, NULL           },
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (answers[i].letter == letter) {
            probe->outcome = answers[i].outcome;
            probe->failure = answers[i].failure;
            probe->has_no_route = answers[i].has_no_route;
            probe->tls = answers[i].tls;
        }
    }
}

static const struct https_row {
    const char *label;
    const char *zone;
    const char *answers; /* of the addresses, a letter each */
    const char *id;      /* NULL: nothing worse than OK */
    enum state state;
    int usable; /* -1: U */
} https_rows[] = {
  /* clang-format off */
    {"a trusted certificate in the name of the host", POSTED("/") ONE, "g", NULL, STATE_OK, 1},
    {"the certificate has another name", POSTED(".net/") "www.example.net A 198.18.0.1\n", "g",
     "tlsrpt.https-tls", STATE_CRITICAL, 0},
    {"no certificate is shown", POSTED("/") ONE, "n", "tlsrpt.https-tls", STATE_CRITICAL, 0},
    {"no TLS", POSTED("/") ONE, "p", "tlsrpt.https-tls", STATE_CRITICAL, 0},
    {"refused", POSTED("/") ONE, "r", "tlsrpt.https-tls", STATE_CRITICAL, 0},
    {"silent past the budget", POSTED("/") ONE, "s", "tlsrpt.https-tls", STATE_CRITICAL, 0},
    {"refused, and a mailto: works", POSTED("/,mailto:a@example.com") ONE, "r", "tlsrpt.https-tls",
     STATE_WARNING, 1},
    {"refused, and the other address is bad", POSTED("/,mailto:a@gone.example") ONE
     "gone.example - NXDOMAIN\n", "r", "tlsrpt.uri-all", STATE_CRITICAL, 0},
    {"one address refuses and one works", POSTED("/") TWO, "rg", NULL, STATE_OK, 1},
    {"one address speaks no TLS and one works", POSTED("/") TWO, "gp", "tlsrpt.https-tls",
     STATE_WARNING, 1},
    {"no route to one address, and one works", POSTED("/") TWO, "ug", NULL, STATE_OK, 1},
    {"no route to one address, and one refuses: not known to be lost", POSTED("/") TWO, "ur",
     "tlsrpt.https-tls", STATE_WARNING, -1},
    {"one address refuses, and whether there are others is not known", POSTED("/") ONE
     "www.example AAAA REFUSED\n", "r", "tlsrpt.https-tls", STATE_WARNING, -1},
    {"more addresses than are asked, and all of them refuse", POSTED("/") TWO
     "www.example A 198.18.0.3\nwww.example A 198.18.0.4\nwww.example A 198.18.0.5\n"
     "www.example A 198.18.0.6\nwww.example A 198.18.0.7\nwww.example A 198.18.0.8\n"
     "www.example A 198.18.0.9\n", "rrrrrrrr", "tlsrpt.https-tls", STATE_WARNING, -1},
    {"no route at all is our own trouble", POSTED("/") ONE, "u", "tlsrpt.https-unknown",
     STATE_UNKNOWN, -1},
    {"a packet filter of ours", POSTED("/") ONE, "o", "tlsrpt.https-unknown", STATE_UNKNOWN, -1},
    {"the deadline came first: --timeout-result", POSTED("/") ONE, "l", "tlsrpt.https-unknown",
     STATE_WARNING, -1},
    {"RFC 5737 3: an address of documentation alone", POSTED("/") "www.example A 192.0.2.1\n", "",
     "tlsrpt.https-tls", STATE_CRITICAL, 0},
    {"RFC 5737 3: an address of documentation beside one that works", POSTED("/") ONE
     "www.example A 192.0.2.1\n", "g", "tlsrpt.https-tls", STATE_WARNING, 1},
    {"RFC 3986 3.2.3: an empty port is the default", POSTED(":/") ONE, "g", NULL, STATE_OK, 1},
    {"a port with letters", POSTED(":x/") ONE, "g", "tlsrpt.https-tls", STATE_CRITICAL, 0},
    {"no host of https:", OWN("v=TLSRPTv1; rua=mailto:a@example.com"), "", NULL, STATE_OK, 1},
  /* clang-format on */
};

static void test_https(void **state)
{
    const struct https_row *row = *state;
    struct fixture f;
    fixture_open(&f);
    f.config.https = true;
    f.common.timeout_result = STATE_WARNING;
    www.text = slice_of("www.example");
    fixture_collect(&f, row->zone, true);
    for (size_t i = 0; i < f.facts.https_count; i++) {
        assert_int_equal(f.facts.https[i].count, strlen(row->answers));
        for (size_t k = 0; k < f.facts.https[i].count; k++)
            answer_probe(&f.facts.https[i].probes[k], row->answers[k]);
    }
    tlsrpt_judge(&f.config, &f.common, &f.facts, &f.report);
    const struct finding *finding = row->id == NULL ? NULL : findings_find(&f.report, row->id);
    const struct metric *metric = &f.report.metrics[TLSRPT_M_RUA_USABLE];
    assert_int_equal(finding == NULL ? report_state(&f.report) : finding->state, row->state);
    assert_int_equal(finding != NULL, row->id != NULL);
    assert_int_equal(metric->is_set ? (int)metric->value : -1, row->usable);
    fixture_close(&f);
}

static void test_timeout_result(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    f.common.timeout_result = STATE_CRITICAL;
    fixture_judge(&f, "", false);
    const struct finding *finding = findings_find(&f.report, "tlsrpt.dns-error");
    assert_true(finding != NULL && finding->state == STATE_CRITICAL);
    assert_null(findings_find(&f.report, "tlsrpt.absent"));
    fixture_close(&f);
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_limit, limit_rows);
    CASES_TABLE(&cases, test_https, https_rows);
    cases_add(&cases, "what the deadline left unasked has the state of --timeout-result",
              test_timeout_result, NULL);
    return cases_run(&cases, "tlsrpt_judge");
}
