/* From what the plugins said, or did not say, to findings, states and figures: without a process.
 */
#include <string.h>

#include "mailcheck/mailcheck.h"
#include "tests/judge/findings.h"

struct fixture {
    struct arena arena;
    struct processes_job job;
    struct mailcheck_check check;
    struct mailcheck_subject subject;
    struct mailcheck_facts facts;
    struct report report;
};

/* A check of SPF whose plugin ended so and said that. */
static void fixture_open(struct fixture *f, enum processes_outcome outcome, int status,
                         const char *said)
{
    *f = (struct fixture){
        .job = {.outcome = outcome,     .status = status},
        .check = {.service = "spf",                      .plugin = "check_spf", .target = "example.org"},
        .subject = {.name = "example.org",.check_count = 1},
        .facts = {.subject_count = 1                     },
    };
    static const char *argv[] = {"/plugins/check_spf", "-t", "1", NULL};
    arena_init(&f->arena);
    text_init(&f->job.output, 10000);
    text_append(&f->job.output, said);
    f->check.argv = argv;
    f->check.job = &f->job;
    if (outcome == PROCESSES_EXITED)
        f->check.object = mailcheck_read(slice_of(said), "check_spf", &f->check.state);
    f->subject.checks = &f->check;
    f->subject.exchangers.status = EXCHANGERS_NULL;
    f->facts.arena = &f->arena;
    f->facts.subjects = &f->subject;
    report_init(&f->report, &f->arena, &mailcheck_definition.tables);
}

static void fixture_judge(struct fixture *f)
{
    mailcheck_items(&f->facts);
    mailcheck_judge(&f->facts, STATE_UNKNOWN, &f->report);
}

static void fixture_close(struct fixture *f)
{
    json_decref(f->check.object);
    text_release(&f->job.output);
    report_release(&f->report);
    arena_release(&f->arena);
}

#define OBJECT(state, rest)                                                                        \
    "{\"plugin\":\"check_spf\",\"state\":" state ",\"summary\":\"s\"" rest "}"
#define FINDING(state)                                                                             \
    "{\"id\":\"spf.bad\",\"state\":" state                                                         \
    ",\"subject\":\"example.org\",\"text\":\"bad\",\"why\":"                                       \
    "\"Because of that.\",\"seen\":\"v=spf1\",\"fix\":\"mend\",\"reference\":\"RFC 7208\"}"
#define FINDINGS(...) ",\"findings\":[" __VA_ARGS__ "]"

static const struct row {
    const char *label;
    enum processes_outcome outcome;
    int status;
    const char *said;
    const char *id; /* NULL: nothing is found */
    const char *text;
    enum state state; /* of the subject */
} rows[] = {
  /* clang-format off */
    {"fine is fine", PROCESSES_EXITED, 0, OBJECT("0", FINDINGS()), NULL, NULL, STATE_OK},
    {"a note of a plugin is no finding", PROCESSES_EXITED, 0, OBJECT("0", FINDINGS(FINDING("0"))), NULL, NULL,
     STATE_OK},
    {"critical stays critical", PROCESSES_EXITED, 2, OBJECT("2", FINDINGS(FINDING("2"))), "mailcheck.critical",
     "bad", STATE_CRITICAL},
    {"a warning stays one", PROCESSES_EXITED, 1, OBJECT("1", FINDINGS(FINDING("1"))), "mailcheck.warning",
     "bad", STATE_WARNING},
    {"not known stays so", PROCESSES_EXITED, 3, OBJECT("3", FINDINGS(FINDING("3"))), "mailcheck.unknown",
     "bad", STATE_UNKNOWN},
    {"the state of the object counts, not the exit status (--exit-ok)", PROCESSES_EXITED, 0,
     OBJECT("2", FINDINGS(FINDING("2"))), "mailcheck.critical", "bad", STATE_CRITICAL},
    {"a plugin that gave up is told with its own words", PROCESSES_EXITED, 3, OBJECT("3", FINDINGS()),
     "mailcheck.unknown", "check_spf: s", STATE_UNKNOWN},
    {"a state without findings is not lost", PROCESSES_EXITED, 2, OBJECT("2", FINDINGS(FINDING("0"))),
     "mailcheck.critical", "check_spf: s", STATE_CRITICAL},
    {"the object of another plugin is none", PROCESSES_EXITED, 0, "{\"plugin\":\"check_mx\",\"state\":0}",
     "mailcheck.no-result", "check_spf ended with status 0 and without a result", STATE_UNKNOWN},
    {"no state is no result", PROCESSES_EXITED, 0, "{\"plugin\":\"check_spf\"}", "mailcheck.no-result",
     "check_spf ended with status 0 and without a result", STATE_UNKNOWN},
    {"a state that there is not is no result", PROCESSES_EXITED, 0, "{\"plugin\":\"check_spf\",\"state\":4}",
     "mailcheck.no-result", "check_spf ended with status 0 and without a result", STATE_UNKNOWN},
    {"a negative state is no result", PROCESSES_EXITED, 0, "{\"plugin\":\"check_spf\",\"state\":-1}",
     "mailcheck.no-result", "check_spf ended with status 0 and without a result", STATE_UNKNOWN},
    {"text is no result", PROCESSES_EXITED, 127, "sh: not found", "mailcheck.no-result",
     "check_spf ended with status 127 and without a result", STATE_UNKNOWN},
    {"nothing is no result", PROCESSES_EXITED, 0, "", "mailcheck.no-result",
     "check_spf ended with status 0 and without a result", STATE_UNKNOWN},
    {"a crash", PROCESSES_SIGNALLED, 11, OBJECT("0", ""), "mailcheck.no-result",
     "check_spf was ended by signal 11", STATE_UNKNOWN},
    {"killed at the deadline: what it said till then does not count", PROCESSES_KILLED, 0, OBJECT("0", ""),
     "mailcheck.out-of-time", "check_spf was not finished in time", STATE_UNKNOWN},
    {"no turn before the deadline", PROCESSES_NOT_STARTED, 0, "", "mailcheck.out-of-time",
     "check_spf had no turn before the time was up", STATE_UNKNOWN},
    {"a flood", PROCESSES_FLOODED, 0, "", "mailcheck.no-result",
     "check_spf printed more than a result can be, and was ended", STATE_UNKNOWN},
    {"no such program", PROCESSES_NOT_FOUND, 2, "", "mailcheck.not-installed",
     "/plugins/check_spf is not there", STATE_UNKNOWN},
    {"a program that cannot be run", PROCESSES_FAILED, 13, "", "mailcheck.no-result",
     "/plugins/check_spf could not be started: Permission denied", STATE_UNKNOWN},
    {"left out: another one told why, and it counts for nothing", PROCESSES_LEFT_OUT, 0, "", NULL, NULL, STATE_OK},
  /* clang-format on */
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct fixture f;
    fixture_open(&f, row->outcome, row->status, row->said);
    fixture_judge(&f);
    if (row->id == NULL)
        assert_int_equal(report_state(&f.report), STATE_OK);
    else
        assert_string_equal(findings_found(&f.report, row->id)->text, row->text);
    assert_int_equal(f.report.finding_count, row->id != NULL);
    assert_int_equal(mailcheck_subject_state(&f.subject), row->state);
    bool counts = row->outcome != PROCESSES_LEFT_OUT;
    assert_int_equal(f.report.metrics[MAILCHECK_M_CHECKS].value, counts);
    assert_int_equal(f.report.metrics[MAILCHECK_M_OK].value, counts && row->state == STATE_OK);
    assert_int_equal(f.report.metrics[MAILCHECK_M_UNKNOWN].value, row->state == STATE_UNKNOWN);
    fixture_close(&f);
}

/* ---- subjects without checks, or without exchangers */

static const struct subject_row {
    const char *label;
    enum exchangers_status status;
    bool is_address;
    size_t checks;
    const char *id; /* NULL: nothing is found */
    const char *text;
} subject_rows[] = {
    {"no check of a domain that takes no mail (RFC 7505 3)",    EXCHANGERS_NULL,       false, 0,
     "mailcheck.nothing-run",                                                                                             "no check was run: the domain takes no mail (null MX)"},
    {"no check of a domain that does not exist",                EXCHANGERS_NO_DOMAIN,  false, 0,
     "mailcheck.nothing-run",                                                                                             "no check was run: the domain does not exist"         },
    {"no check of a domain without exchanger (RFC 5321 5.1)",   EXCHANGERS_NO_ADDRESS, false, 0,
     "mailcheck.nothing-run",                                                                                             "no check was run: the domain has no exchanger"       },
    {"all checks are left out",                                 EXCHANGERS_FOUND,      false, 0, "mailcheck.nothing-run",
     "no check was run: all are left out"                                                                                                                                       },
    {"no check of an address",                                  EXCHANGERS_PENDING,    true,  0, "mailcheck.nothing-run",
     "no check was run: all are left out"                                                                                                                                       },
    {"exchangers that are not known are not none",              EXCHANGERS_PENDING,    false, 1, "mailcheck.dns",
     "the exchangers are not known: time-out"                                                                                                                                   },
    {"with no check as well, and one finding says it",          EXCHANGERS_PENDING,    false, 0,
     "mailcheck.dns",                                                                                                     "the exchangers are not known: time-out"              },
    {"an address has none to be known",                         EXCHANGERS_PENDING,    true,  1, NULL,                    NULL                                                  },
    {"a domain that takes no mail, with what it was asked for", EXCHANGERS_NULL,       false, 1, NULL,
     NULL                                                                                                                                                                       },
};

static void test_subject(void **state)
{
    const struct subject_row *row = *state;
    struct fixture f;
    fixture_open(&f, PROCESSES_EXITED, 0, OBJECT("0", FINDINGS()));
    f.subject.exchangers.status = row->status;
    f.subject.is_address = row->is_address;
    f.subject.check_count = row->checks;
    fixture_judge(&f);
    assert_int_equal(f.report.finding_count, row->id != NULL);
    assert_int_equal(mailcheck_subject_state(&f.subject),
                     row->id != NULL ? STATE_UNKNOWN : STATE_OK);
    if (row->id != NULL)
        assert_string_equal(findings_found(&f.report, row->id)->text, row->text);
    fixture_close(&f);
}

/* ---- what is told of a finding */

static void test_item(void **state)
{
    static const struct ip_address address = {
        .family = IP_V4, .bytes = {192, 0, 2, 1}
    };
    struct exchanger exchanger = {
        .host = "mx1.example.org", .addresses = &address, .address_count = 1};
    struct fixture f;
    (void)state;
    fixture_open(&f, PROCESSES_EXITED, 2,
                 OBJECT("2", FINDINGS("{\"state\":1,\"subject\":\"192.0.2.1\"},"
                                      "{\"state\":3,\"subject\":\"\"}," FINDING("2"))));
    f.subject.exchangers =
        (struct exchangers){.status = EXCHANGERS_FOUND, .list = &exchanger, .count = 1};
    fixture_judge(&f);
    assert_int_equal(f.subject.item_count, 3);
    const struct mailcheck_item *worst = &f.subject.items[0];
    assert_string_equal(worst->id, "spf.bad");
    assert_string_equal(worst->why, "Because of that.");
    assert_string_equal(worst->fix, "mend");
    assert_string_equal(worst->seen, "v=spf1");
    /* The address of an exchanger has its name; an empty subject is the target; WARNING is worse
     * than UNKNOWN. */
    assert_string_equal(f.subject.items[1].about, "192.0.2.1 (mx1.example.org)");
    assert_string_equal(f.subject.items[2].about, "example.org");
    assert_string_equal(f.subject.items[2].why, "");
    const struct finding *finding = findings_found(&f.report, "mailcheck.critical");
    assert_string_equal(finding->fix, "mend");
    assert_string_equal(finding->seen, "v=spf1");
    fixture_close(&f);
}

static void test_timeout_result(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f, PROCESSES_KILLED, 0, "");
    mailcheck_items(&f.facts);
    mailcheck_judge(&f.facts, STATE_CRITICAL, &f.report);
    assert_int_equal(findings_found(&f.report, "mailcheck.out-of-time")->state, STATE_CRITICAL);
    fixture_close(&f);
}

static void test_tables(void **state)
{
    (void)state;
    findings_assert_whole(mailcheck_findings, MAILCHECK_FINDINGS, "mailcheck.");
}

/* ---- who greeted */

static const struct greeting_row {
    const char *label;
    const char *conversation;
    bool is_greeted;
} greeting_rows[] = {
  /* clang-format off */
    {"EHLO was taken", "{\"transcript\":[{\"verb\":\"greeting\",\"code\":220},{\"verb\":\"EHLO\",\"code\":250}]}", true},
    {"HELO was taken after EHLO was not (RFC 5321 3.2)",
     "{\"transcript\":[{\"verb\":\"EHLO\",\"code\":502},{\"verb\":\"HELO\",\"code\":250}]}", true},
    {"LHLO was taken (RFC 2033 4.1)", "{\"transcript\":[{\"verb\":\"LHLO\",\"code\":250}]}", true},
    {"a greeting alone is none", "{\"transcript\":[{\"verb\":\"greeting\",\"code\":220}]}", false},
    {"250 to something else", "{\"transcript\":[{\"verb\":\"NOOP\",\"code\":250}]}", false},
    {"refused", "{\"transcript\":[{\"verb\":\"EHLO\",\"code\":550}]}", false},
    {"nothing", "{}", false},
    {"another kind of member", "{\"transcript\":{\"verb\":\"EHLO\",\"code\":250}}", false},
  /* clang-format on */
};

static void test_greeting(void **state)
{
    const struct greeting_row *row = *state;
    json_t *conversation = json_loads(row->conversation, 0, NULL);
    assert_non_null(conversation);
    assert_int_equal(mailcheck_is_greeted(conversation), row->is_greeted);
    json_decref(conversation);
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_subject, subject_rows);
    CASES_TABLE(&cases, test_greeting, greeting_rows);
    cases_add(&cases, "what is told of a finding, the worst first", test_item, NULL);
    cases_add(&cases, "what the deadline left unasked has the state of --timeout-result",
              test_timeout_result, NULL);
    cases_add(&cases, "every finding is whole", test_tables, NULL);
    return cases_run(&cases, "mailcheck_judge");
}
