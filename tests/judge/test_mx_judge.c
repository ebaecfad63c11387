/* From facts to findings, without a network: the store of answers is filled from text, and what
 * the servers said is made from a word each. */
#include <string.h>

#include "mx.h"
#include "tests/judge/findings.h"

struct fixture {
    struct arena arena;
    struct plugin_common common;
    struct mx_config config;
    struct mx_facts facts;
    struct dns_answers *answers;
    struct report report;
};

static void fixture_open(struct fixture *f, const char *zone)
{
    *f = (struct fixture){
        .common = {.timeout_result = STATE_UNKNOWN,
                   .warning = {.is_set = true, .start = 2, .end_infinite = true},
                   .critical = {.is_set = true, .start = 1, .end_infinite = true}},
        .config = mx_config_default,
    };
    arena_init(&f->arena);
    f->facts = (struct mx_facts){.arena = &f->arena,
                                 .domain = "example.com",
                                 .suffixes = public_suffix_builtin(),
                                 .probe = "nobody",
                                 .patience = 1};
    f->answers = dns_answers_new(&f->arena, 1000);
    assert_int_equal(dns_answers_read(f->answers, zone, true), 0);
    report_init(&f->report, &f->arena, &mx_definition.tables);
}

static void fixture_close(struct fixture *f)
{
    report_release(&f->report);
    arena_release(&f->arena);
}

/* ---- what a server said */

static struct smtp_entry *say(struct smtp_session *session, enum smtp_verb verb, unsigned code,
                              const char *text)
{
    struct smtp_entry *entry = &session->entries[session->entry_count++];

    *entry = (struct smtp_entry){.verb = verb,
                                 .step = verb == SMTP_VERB_EHLO ? 0 : SMTP_NO_STEP,
                                 .sent = "",
                                 .outcome = SMTP_ANSWERED,
                                 .code = code,
                                 .first_code = code,
                                 .text = slice_of(text),
                                 .us = 5000};
    smtp_status_parse(entry->text, &entry->status);
    return entry;
}

/* "w" works, "r" refuses with 421 for our rate, "4" with 421 for all, "b" blocks us, "d" connection
 * refused, "s" silent for long, "q" silent for a moment, "t" a tarpit, "o" our own trouble, "u"
 * unreachable without a route, "5" a greeting of 554, "2" one of 250. */
static const struct smtp_session *session_of(struct fixture *f, char kind)
{
    struct smtp_session *session = arena_alloc(&f->arena, sizeof *session);
    struct smtp_request *request = arena_alloc(&f->arena, sizeof *request);
    struct smtp_entry *entry;

    request->steps = f->facts.plan.steps;
    request->step_count = f->facts.plan.count;
    session->request = request;
    session->entries = arena_array(&f->arena, 10, sizeof *session->entries);
    entry = say(session, SMTP_VERB_CONNECT, 0, "");
    if (kind == 'd' || kind == 'o' || kind == 'u') {
        entry->outcome = SMTP_ENDED;
        entry->failure = kind == 'd'   ? STREAM_REFUSED
                         : kind == 'o' ? STREAM_NO_SOURCE
                                       : STREAM_UNREACHABLE;
        return session;
    }
    entry = say(session, SMTP_VERB_GREETING, 220, "mx.example.com ESMTP");
    switch (kind) {
    case 's':
    case 'q':
    case 't':
        entry->outcome = SMTP_SILENT;
        entry->code = 0;
        entry->us = kind == 'q' ? 200000 : 5000000;
        entry->text = slice_of(kind == 't' ? "mx" : "");
        return session;
    case 'r':
    case '4':
        entry->code = 421;
        entry->text =
            slice_of(kind == 'r' ? "4.7.0 too many connections" : "4.3.2 System shutting down");
        smtp_status_parse(entry->text, &entry->status);
        return session;
    case 'b':
        entry->code = 554;
        entry->text = slice_of("5.7.1 go away");
        smtp_status_parse(entry->text, &entry->status);
        return session;
    case '5':
        entry->code = 554;
        return session;
    case '2':
        entry->code = 250;
        break;
    default:
        break;
    }
    say(session, SMTP_VERB_EHLO, 250, "mx.example.com");
    session->ehlo = arena_alloc(&f->arena, sizeof *session->ehlo);
    return session;
}

/* One letter an address, in order. */
static void fixture_connect(struct fixture *f, const char *kinds)
{
    static const struct smtp_target target = {.text = "192.0.2.1:25"};
    size_t next = 0;

    f->facts.was_connected = true;
    for (size_t i = 0; i < f->facts.host_count; i++) {
        for (size_t k = 0; k < f->facts.hosts[i].count; k++) {
            struct mx_address *address = &f->facts.hosts[i].addresses[k];

            assert_int_not_equal(kinds[next], '\0');
            address->target = &target;
            address->has_route = kinds[next] != 'u';
            if (exchangers_can_reach(&address->address) && kinds[next] != '-')
                address->session = session_of(f, kinds[next]);
            next++;
        }
    }
}

static void fixture_judge(struct fixture *f, const char *kinds)
{
    assert_true(mx_collect_plan(&f->config, &f->facts));
    mx_collect_names(&f->config, &f->common, NULL, f->answers, (struct deadline){0}, &f->facts);
    if (kinds[0] != '\0')
        fixture_connect(f, kinds);
    mx_outcome(&f->facts, &f->report);
    mx_judge(&f->config, &f->common, &f->facts, &f->report);
    mx_show(&f->facts, 1, &f->report);
}

/* ---- one finding a row */

#define MX(preference, host) "example.com MX " preference " " host "\n"
#define A(host, address) host " A " address "\n"
#define ONE MX("10", "m1.example.com") A("m1.example.com", "44.1.1.1")
#define EQUAL ONE MX("10", "m2.example.com") A("m2.example.com", "44.2.1.1")
#define BACKUP ONE MX("20", "m2.example.com") A("m2.example.com", "44.2.1.1")

static const struct row {
    const char *label;
    const char *zone;
    const char *kinds; /* what the servers say; "": they are not spoken to */
    const char *id;    /* NULL: the state alone */
    enum state state;  /* of the finding, or of all */
} rows[] = {
  /* clang-format off */
    {"RFC 5321 5.1: two that work are OK",                              BACKUP, "ww", NULL, STATE_OK},
    {"RFC 5321 5.1: all down",                                          BACKUP, "dd", "mx.all-down", STATE_CRITICAL},
    {"RFC 5321 5.1: the only one is down",                              ONE,    "d",  "mx.all-down", STATE_CRITICAL},
    {"RFC 5321 5.1: the best preference is down",                       BACKUP, "dw", "mx.primary-down", STATE_CRITICAL},
    {"RFC 5321 5.1: one of the best preference is down",                EQUAL,  "dw", "mx.down", STATE_WARNING},
    {"RFC 5321 5.1: one of the best is down, the other is not known: no CRITICAL", EQUAL, "do", "mx.down", STATE_WARNING},
    {"RFC 5321 5.1: a backup is down",                                  BACKUP, "wd", "mx.backup-down", STATE_WARNING},
    {"RFC 5321 5.1: long silence is down",                              BACKUP, "ws", "mx.backup-down", STATE_WARNING},
    {"RFC 5321 5.1: short silence at the end of the time is not",       BACKUP, "wq", "mx.unasked", STATE_UNKNOWN},
    {"RFC 5321 3.1: 554 is down",                                       BACKUP, "w5", "mx.backup-down", STATE_WARNING},
    {"RFC 5321 3.1: a greeting of 250 is none",                         BACKUP, "w2", "mx.backup-down", STATE_WARNING},
    {"RFC 5321 3.8: 421 is no down",                                    BACKUP, "rw", "mx.refuses-us", STATE_WARNING},
    {"RFC 5321 3.8: a tarpit is no down",                               BACKUP, "wt", "mx.refuses-us", STATE_WARNING},
    {"RFC 5321 3.8: all answer 421: too few work, and that is WARNING", BACKUP, "rr", "mx.working", STATE_WARNING},
    {"RFC 5321 3.1: a refusal about us is not known",                   BACKUP, "wb", "mx.blocks-us", STATE_UNKNOWN},
    {"our own trouble is UNKNOWN",                                      BACKUP, "wo", "mx.own-trouble", STATE_UNKNOWN},
    {"no route from here is our own trouble",                           BACKUP, "wu", "mx.own-trouble", STATE_UNKNOWN},
    {"RFC 5321 3.8: 421 of a system that shuts down is down",           BACKUP, "4w", "mx.primary-down", STATE_CRITICAL},
    {"RFC 5321 3.8: all shut down",                                     BACKUP, "44", "mx.all-down", STATE_CRITICAL},
    {"when nothing is known, the count says nothing",                   BACKUP, "oo", "mx.own-trouble", STATE_UNKNOWN},
    {"what was not asked is UNKNOWN",                                   BACKUP, "w-", "mx.unasked", STATE_UNKNOWN},
    {"-w: one of two works, the other is down",                         BACKUP, "wd", "mx.working", STATE_WARNING},
    {"-c: none works",                                                  BACKUP, "dd", "mx.working", STATE_CRITICAL},
    {"-w: the other is not known",                                      BACKUP, "wo", "mx.working", STATE_UNKNOWN},
    {"RFC 5321 5.2: one address of two is down",  ONE "m1.example.com A 44.1.1.2\n", "wd", "mx.address-down", STATE_WARNING},
    {"RFC 5321 5.1: one without an address, one that works", ONE MX("5", "m0.example.com"), "w", "mx.no-address", STATE_WARNING},
    {"RFC 5321 5.1: one without an address, one down", ONE MX("5", "m0.example.com"), "d", "mx.all-down", STATE_CRITICAL},
    {"RFC 5321 5.1: no MX",                       "example.com A 44.1.1.1\n", "w", "mx.implicit", STATE_WARNING},
    {"RFC 5321 5.1: nothing",                     "example.com TXT \"x\"\n", "", "mx.none", STATE_CRITICAL},
    {"RFC 5321 5.1: no domain",                   "example.net TXT \"x\"\n", "", "mx.no-domain", STATE_CRITICAL},
    {"RFC 5321 5.1: REFUSED",                     "example.com MX REFUSED\n", "", "mx.dns-error", STATE_UNKNOWN},
    {"RFC 5321 5.1: no answer",                   "example.com MX TIMEOUT\n", "", "mx.dns-error", STATE_UNKNOWN},
    {"RFC 7505 3: null MX",                       MX("0", "."), "", "mx.null", STATE_CRITICAL},
    {"RFC 7505 3: of another preference",         MX("1", "."), "", "mx.null-wrong", STATE_CRITICAL},
    {"RFC 7505 3: beside another",                ONE MX("0", "."), "", "mx.null-wrong", STATE_CRITICAL},
    {"RFC 7505 3: two of them",                   MX("0", ".") MX("1", "."), "", "mx.null-wrong", STATE_CRITICAL},
    {"RFC 7505 4.2: and SPF lets servers send",   MX("0", ".") "example.com TXT \"v=spf1 mx -all\"\n", "", "mx.null-sends", STATE_WARNING},
    {"RFC 2181 10.3: an alias",                   MX("10", "w.example.com") "w.example.com CNAME m1.example.com\n" A("m1.example.com", "44.1.1.1"), "", "mx.cname", STATE_WARNING},
    {"RFC 5321 5.1: an address for a name, alone", MX("10", "44.1.1.1"), "", "mx.ip-literal", STATE_CRITICAL},
    {"RFC 5321 5.1: an address for a name, beside a good one", ONE MX("20", "44.1.1.1"), "", "mx.ip-literal", STATE_WARNING},
    {"RFC 5321 2.3.5: localhost",                 MX("10", "localhost") A("localhost", "127.0.0.1"), "", "mx.bad-name", STATE_CRITICAL},
    {"RFC 6890: a private address",               MX("10", "m.example.com") A("m.example.com", "10.0.0.1"), "", "mx.bad-address", STATE_CRITICAL},
    {"RFC 6890: 0.0.0.0 is not spoken to",        MX("10", "m.example.com") A("m.example.com", "0.0.0.0"), "-", "mx.all-down", STATE_CRITICAL},
    {"RFC 5321 5.1: twice",                       ONE MX("20", "m1.example.com"), "", "mx.duplicate", STATE_WARNING},
    {"RFC 5321 5.1: in a domain that is not registered", ONE MX("20", "mx.gone-domain.org"), "", "mx.dead-domain", STATE_CRITICAL},
  /* clang-format on */
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct fixture f;

    fixture_open(&f, row->zone);
    fixture_judge(&f, row->kinds);
    if (row->id == NULL) {
        assert_int_equal(report_state(&f.report), row->state);
    } else {
        const struct finding *finding = findings_find(&f.report, row->id);

        if (finding == NULL)
            print_error("no %s\n", row->id);
        assert_non_null(finding);
        if (finding != NULL)
            assert_int_equal(finding->state, row->state);
    }
    fixture_close(&f);
}

/* What is not known or refuses us is not counted as down. */
static void test_not_down(void **state)
{
    static const char *const kinds[] = {"ro", "bo", "uq", "rr", "--"};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct fixture f;

        fixture_open(&f, BACKUP);
        fixture_judge(&f, kinds[i]);
        assert_null(findings_find(&f.report, "mx.all-down"));
        assert_null(findings_find(&f.report, "mx.primary-down"));
        assert_int_not_equal(report_state(&f.report), STATE_CRITICAL);
        assert_int_not_equal(report_state(&f.report), STATE_OK);
        fixture_close(&f);
    }
}

/* --expect */
static const struct expect_row {
    const char *label;
    const char *value;
    bool is_good;
    const char *found; /* what the finding says behind its colon; "": there is none */
} expectations[] = {
  /* clang-format off */
    {"--expect: the set, in any order",      "20 m2.example.com,10 M1.Example.COM.", true, ""},
    {"--expect: without preferences",        "m1.example.com , m2.example.com", true, ""},
    {"--expect: one is missing",             "m1.example.com,m2.example.com,m3.example.com", true, "m3.example.com is missing"},
    {"--expect: one is unexpected",          "m1.example.com", true, "m2.example.com is unexpected"},
    {"--expect: another preference",         "11 m1.example.com,m2.example.com", true, "m1.example.com has preference 10, not 11"},
    {"--expect: a preference past 16 bits",  "65536 m1.example.com", false, ""},
    {"--expect: an empty one",               "m1.example.com,,m2.example.com", false, ""},
    {"--expect: no name",                    "10 a..b", false, ""},
  /* clang-format on */
};

static void test_expect(void **state)
{
    const struct expect_row *row = *state;
    struct fixture f;
    struct mx_expected *list = NULL;
    const char *value = row->value;
    const struct option_list values = {&value, 1};
    char message[256];

    fixture_open(&f, BACKUP);
    assert_int_equal(mx_expected_read(&values, &f.arena, &list, &f.facts.expected_count, message),
                     row->is_good);
    if (row->is_good) {
        f.facts.expected = list;
        fixture_judge(&f, "");
        const struct finding *finding = findings_find(&f.report, "mx.expect");

        assert_int_equal(finding == NULL, row->found[0] == '\0');
        if (finding != NULL)
            assert_non_null(strstr(finding->text, row->found));
    }
    fixture_close(&f);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_expect, expectations);
    cases_add(&cases, "what is not known, or refuses us, is not down", test_not_down, NULL);
    return cases_run(&cases, "mx_judge");
}
