/* From facts to findings, without a network: sessions are made by hand, the store of answers is
 * filled from text. What needs a conversation is in tests/cli/check_smtp_banner*.bats. */
#include <math.h>
#include <string.h>

#include "banner.h"
#include "tests/judge/findings.h"

#define ENTRIES 10
#define NOBODY "nobody12"

struct fixture {
    struct arena arena;
    struct plugin_common common;
    struct banner_config config;
    struct banner_plan plan;
    struct smtp_targets targets;
    struct smtp_request request;
    struct smtp_entry entries[ENTRIES];
    struct smtp_session session;
    struct smtp_ehlo ehlo;
    struct banner_address address;
    struct banner_facts facts;
    struct dns_answers *answers;
    struct report report;
};

static void fixture_open(struct fixture *f)
{
    *f = (struct fixture){
        .common.timeout_result = STATE_UNKNOWN,
        .config = banner_config_default,
        .request = {.name = "monitor.test"},
    };
    arena_init(&f->arena);
    f->config.smtp.host = "mail.test";
    f->answers = dns_answers_new(&f->arena, 1000);
    report_init(&f->report, &f->arena, &banner_definition.tables);
}

static void fixture_close(struct fixture *f)
{
    report_release(&f->report);
    arena_release(&f->arena);
}

/* mail.test at 44.128.2.25, port 25; the plan of the configuration. */
static void fixture_plan(struct fixture *f)
{
    char message[256];
    const struct ip_address address = {
        IP_V4, {44, 128, 2, 25}
    };
    assert_null(smtp_targets_read(&f->arena, &f->config.smtp, &f->targets));
    if (!banner_plan_make(&f->arena, &f->config, &f->common, f->targets.pattern.endpoint.port,
                          NOBODY, &f->plan, message)) {
        fail_msg("%s", message);
    }
    f->address.target = smtp_targets_add(&f->targets, "mail.test", &address);
    f->address.subject = "mail.test 44.128.2.25:25";
    f->address.session = f->address.parts[0].session = &f->session;
    f->address.part_count = 1;
    f->request.target = f->address.target->stream;
    f->request.steps = f->plan.steps;
    f->request.step_count = f->plan.step_count;
    f->session.request = &f->request;
    f->session.entries = f->entries;
    f->session.is_complete = true;
    f->facts = (struct banner_facts){
        .arena = &f->arena,
        .targets = &f->targets,
        .addresses = &f->address,
        .count = 1,
        .seconds = 0.5,
    };
}

static struct smtp_entry *add_entry(struct fixture *f, enum smtp_verb verb, size_t step,
                                    unsigned code, const char *text)
{
    struct smtp_entry *entry = &f->entries[f->session.entry_count++];
    *entry = (struct smtp_entry){
        .verb = verb,
        .step = step,
        .sent = "",
        .outcome = SMTP_ANSWERED,
        .code = code,
        .first_code = code,
        .text = slice_of(text),
        .line_count = 1,
        .us = 1000,
    };
    smtp_status_parse(entry->text, &entry->status);
    return entry;
}

/* Connected, greeted, and offered: EHLO's text. */
static void fixture_greet(struct fixture *f, const char *greeting, const char *ehlo)
{
    add_entry(f, SMTP_VERB_CONNECT, SMTP_NO_STEP, 0, "");
    add_entry(f, SMTP_VERB_GREETING, SMTP_NO_STEP, 220, greeting);
    add_entry(f, SMTP_VERB_EHLO, 0, 250, ehlo);
    smtp_ehlo_parse(slice_of(ehlo), &f->ehlo);
    f->session.ehlo = &f->ehlo;
}

static void fixture_judge(struct fixture *f)
{
    banner_names_find(&f->arena, f->answers, &f->address.target->stream.endpoint.address,
                      &f->session, &f->address.names);
    banner_judge(&f->config, &f->plan, &f->common, &f->facts, &f->report);
    banner_show(&f->facts, &f->common, &f->report);
}

static void assert_found(const struct fixture *f, const char *id, enum state state)
{
    const struct finding *finding = findings_find(&f->report, id);
    if (finding == NULL) {
        fail_msg("no %s", id);
        return;
    }
    assert_int_equal(finding->state, state);
}

/* ---- names: what DNS says and what follows */

#define GOOD                                                                                       \
    "mail.test A 44.128.2.25\n"                                                                    \
    "25.2.128.44.in-addr.arpa PTR mail.test\n"
#define OFFER "mail.test\nSTARTTLS\nSIZE 1000"

static const struct name_row {
    const char *label;
    const char *zone;
    const char *greeting;
    const char *match; /* --banner-match; NULL: the default */
    const char *id;    /* NULL: no finding at all */
    enum state state;
    double ptr_ok;
} name_rows[] = {
  /* clang-format off */
    {"all names agree", GOOD, "mail.test ESMTP", NULL, NULL, STATE_OK, 1},
    {"RFC 5321 2.3.5: no address of the name in the greeting",
     "25.2.128.44.in-addr.arpa PTR mx.test\nmx.test A 44.128.2.25\n", "mail.test", "any",
     "smtp.banner-unresolved", STATE_WARNING, 1},
    {"RFC 5321 2.3.5: another address", GOOD "mx.test A 44.128.2.7\n", "mx.test", "any",
     "smtp.banner-elsewhere", STATE_WARNING, 1},
    {"RFC 5321 2.3.5: an address of the other family alone", GOOD "mx.test AAAA 2001:db8::1\n",
     "mx.test", "any", "smtp.banner-elsewhere", STATE_WARNING, 1},
    {"RFC 1912 2.1: no PTR", "mail.test A 44.128.2.25\n", "mail.test", NULL, "smtp.ptr-missing",
     STATE_WARNING, 0},
    {"RFC 1912 2.1: the PTR name leads elsewhere",
     "mail.test A 44.128.2.25\n25.2.128.44.in-addr.arpa PTR a.test\na.test A 44.128.2.1\n",
     "mail.test", "any", "smtp.ptr-unconfirmed", STATE_WARNING, 0},
    {"RFC 1912 2.1: one of two PTR names leads back",
     GOOD "25.2.128.44.in-addr.arpa PTR gone.test\n", "mail.test", NULL, NULL, STATE_OK, 1},
    {"a PTR name made by rule",
     "25.2.128.44.in-addr.arpa PTR p25.dyn.isp.test\np25.dyn.isp.test A 44.128.2.25\n",
     "p25.dyn.isp.test", NULL, "smtp.ptr-generic", STATE_WARNING, 1},
    {"PTR name and greeting differ", GOOD "mx.test A 44.128.2.25\n", "mx.test", NULL,
     "smtp.ptr-mismatch", STATE_WARNING, 1},
    {"SERVFAIL is no missing PTR",
     "mail.test A 44.128.2.25\n25.2.128.44.in-addr.arpa PTR SERVFAIL\n", "mail.test", NULL,
     "smtp.names-unknown", STATE_UNKNOWN, (double)NAN},
    {"no answer to the forward look-up is no unconfirmed PTR",
     "mail.test A 44.128.2.25\n25.2.128.44.in-addr.arpa PTR a.test\na.test A TIMEOUT\n",
     "mail.test", "any", "smtp.names-unknown", STATE_UNKNOWN, (double)NAN},
    {"the answer of one family does not speak for both",
     GOOD "mx.test A NODATA\nmx.test AAAA REFUSED\n", "mx.test", "any", "smtp.names-unknown",
     STATE_UNKNOWN, 1},
    {"localhost", GOOD, "localhost ESMTP", NULL, "smtp.banner-name", STATE_WARNING, 1},
    {"no name", GOOD, "", NULL, "smtp.banner-name", STATE_WARNING, 1},
    {"an address literal", GOOD, "[44.128.2.25] ESMTP", NULL, "smtp.banner-name", STATE_WARNING, 1},
    {"asterisks", GOOD, "*****", NULL, "smtp.masked", STATE_WARNING, 1},
    {"--banner-match name=", GOOD, "mail.test", "name=mx.test", "smtp.banner-unexpected",
     STATE_WARNING, 1},
  /* clang-format on */
};

static void test_names(void **state)
{
    const struct name_row *row = *state;
    struct fixture f;
    fixture_open(&f);
    if (row->match != NULL) {
        f.config.banner_match = row->match;
    }
    fixture_plan(&f);
    assert_int_equal(dns_answers_read(f.answers, row->zone, true), 0);
    fixture_greet(&f, row->greeting, OFFER);
    fixture_judge(&f);
    for (size_t i = 0; i < f.report.finding_count; i++) {
        const char *id = banner_findings[f.report.findings[i].definition].id;
        if (f.report.findings[i].state != STATE_OK &&
            (row->id == NULL || strcmp(id, row->id) != 0)) {
            fail_msg("%s: %s", id, f.report.findings[i].text);
        }
    }
    if (row->id != NULL) {
        assert_found(&f, row->id, row->state);
    }
    const struct metric *metric = &f.report.metrics[BANNER_M_PTR_OK];
    assert_int_equal(metric->is_set, !isnan(row->ptr_ok));
    if (metric->is_set) {
        assert_float_equal(metric->value, row->ptr_ok, 0.001);
    }
    fixture_close(&f);
}

/* ---- the deadline */

static const struct time_row {
    const char *label;
    enum state wish; /* --timeout-result */
} time_rows[] = {
    {"what the deadline left unasked is UNKNOWN", STATE_UNKNOWN },
    {"--timeout-result critical",                 STATE_CRITICAL},
};

static void test_deadline(void **state)
{
    const struct time_row *row = *state;
    struct fixture f;
    fixture_open(&f);
    f.common.timeout_result = row->wish;
    fixture_plan(&f);
    smtp_targets_find(&f.targets, false, false, f.answers);
    f.facts.count = 0;
    banner_judge(&f.config, &f.plan, &f.common, &f.facts, &f.report);
    assert_int_equal(report_state(&f.report), STATE_OK);
    fixture_close(&f);

    fixture_open(&f);
    f.common.timeout_result = row->wish;
    fixture_plan(&f);
    f.targets.a = dns_answers_get(f.answers, "mail.test", DNS_A);
    f.facts.count = 0;
    banner_judge(&f.config, &f.plan, &f.common, &f.facts, &f.report);
    assert_found(&f, "smtp.dns-error", row->wish);
    fixture_close(&f);

    fixture_open(&f);
    f.common.timeout_result = row->wish;
    fixture_plan(&f);
    fixture_judge(&f);
    assert_found(&f, "smtp.not-asked", row->wish);
    fixture_close(&f);

    fixture_open(&f);
    f.common.timeout_result = row->wish;
    fixture_plan(&f);
    fixture_greet(&f, "mail.test", OFFER);
    fixture_judge(&f);
    assert_found(&f, "smtp.names-unknown", row->wish);
    fixture_close(&f);
}

/* ---- replies to what is asked beyond EHLO */

enum ask {
    NOTHING,
    NULL_SENDER,
    SENDER,
    POSTMASTER,
    SIZE,
    VRFY,
    EXPN,
    HELP,
};

static const struct ask_row {
    const char *label;
    enum ask ask;
    unsigned first_code;
    const char *first_text;
    unsigned second_code; /* of the step that is judged, where a first one stands before it */
    const char *second_text;
    const char *id; /* NULL: nothing worse than OK, and no such note */
    enum state state;
} ask_rows[] = {
  /* clang-format off */
    {"RFC 5321 4.5.5: the empty sender is accepted", NULL_SENDER, 250, "2.1.0 ok", 0, NULL, NULL, STATE_OK},
    {"RFC 5321 4.5.5: the empty sender is refused", NULL_SENDER, 554, "5.7.1 no", 0, NULL,
     "smtp.mail-null", STATE_CRITICAL},
    {"RFC 5321 4.2.1: the empty sender is deferred", NULL_SENDER, 450, "4.7.1 later", 0, NULL,
     "smtp.mail-deferred", STATE_WARNING},
    {"RFC 3463 3.4: 452 4.3.1", NULL_SENDER, 452, "4.3.1 disk", 0, NULL, "smtp.disk-full", STATE_CRITICAL},
    {"RFC 5321 4.2.3: 452 alone", NULL_SENDER, 452, "no room", 0, NULL, "smtp.disk-full", STATE_CRITICAL},
    {"RFC 3463 3.6: 452 4.5.3 is about something else", NULL_SENDER, 452, "4.5.3 many", 0, NULL,
     "smtp.mail-deferred", STATE_WARNING},
    {"RFC 4954 6: 530 says nothing of the sender", NULL_SENDER, 530, "5.7.0 TLS first", 0, NULL,
     "smtp.mail-unjudged", STATE_UNKNOWN},
    {"a rate limit at MAIL", NULL_SENDER, 450, "4.7.1 too many", 0, NULL, "smtp.busy", STATE_WARNING},
    {"the sender of --mail is refused", SENDER, 550, "5.1.8 no", 0, NULL, "smtp.mail-refused", STATE_CRITICAL},
    {"RFC 5321 4.5.1: postmaster without a domain", POSTMASTER, 250, "ok", 550, "5.1.1 no",
     "smtp.postmaster-bare", STATE_WARNING},
    {"RFC 6647: postmaster is greylisted", POSTMASTER, 250, "ok", 450, "4.7.1 greylisted",
     "smtp.postmaster-deferred", STATE_WARNING},
    {"RFC 5321 3.5: 251 and 252 to RCPT are acceptances", POSTMASTER, 250, "ok", 252, "ok", NULL, STATE_OK},
    {"RFC 1870 6.1: a message over the limit is accepted", SIZE, 250, "ok", 250, "ok",
     "smtp.size-ignored", STATE_WARNING},
    {"RFC 1870 6.1: a message over the limit is refused", SIZE, 250, "ok", 552, "5.3.4 big", NULL, STATE_OK},
    {"RFC 1870 6.1: 452 to a huge size is a refusal, not a full disk", SIZE, 250, "ok", 452,
     "4.4.5 Insufficient disk space", NULL, STATE_OK},
    {"RFC 5321 3.5.3: VRFY tells 250 and 550", VRFY, 250, "2.1.5 x", 550, "5.1.1 x", "smtp.vrfy", STATE_OK},
    {"RFC 5321 3.5.3: VRFY tells 252 and 550", VRFY, 252, "x", 550, "5.1.1 x", "smtp.vrfy", STATE_OK},
    {"RFC 5321 3.5.3: VRFY tells the same of all", VRFY, 550, "5.1.1 x", 550, "5.1.1 x", NULL, STATE_OK},
    {"RFC 5321 7.3: VRFY is turned off", VRFY, 502, "5.5.1 x", 502, "5.5.1 x", NULL, STATE_OK},
    {"RFC 5321 3.5.1: EXPN lists", EXPN, 250, "2.1.5 root", 0, NULL, "smtp.expn", STATE_OK},
    {"RFC 5321 7.3: EXPN is refused by policy", EXPN, 550, "5.7.2 no", 0, NULL, NULL, STATE_OK},
    {"RFC 5321 7.5: HELP tells the version", HELP, 214, "2.0.0 This is sendmail version 8.17.1.9", 0, NULL,
     "smtp.version", STATE_OK},
  /* clang-format on */
};

static void configure(struct fixture *f, enum ask ask)
{
    static const char *domain = "example.test";
    static const char *probes[] = {"size", "vrfy", "expn", "help"};
    f->config.mail_null = ask == NULL_SENDER;
    f->config.mail = ask == SENDER ? "a@example.test" : NULL;
    f->config.postmasters = (struct option_list){&domain, ask == POSTMASTER};
    if (ask >= SIZE) {
        f->config.probes = (struct option_list){&probes[ask - SIZE], 1};
    }
}

static void test_asks(void **state)
{
    static const struct {
        enum smtp_verb first_verb, second_verb;
        enum banner_ask first, second;
    } shapes[] = {
        [NULL_SENDER] = {SMTP_VERB_MAIL, SMTP_VERB_MAIL, BANNER_ASK_MAIL_NULL, BANNER_ASKS           },
        [SENDER] = {SMTP_VERB_MAIL, SMTP_VERB_MAIL, BANNER_ASK_MAIL,      BANNER_ASKS           },
        [POSTMASTER] = {SMTP_VERB_MAIL, SMTP_VERB_RCPT, BANNER_ASK_MAIL_NULL,
                         BANNER_ASK_POSTMASTER                                                       },
        [SIZE] = {SMTP_VERB_MAIL, SMTP_VERB_MAIL, BANNER_ASK_MAIL_NULL, BANNER_ASK_SIZE       },
        [VRFY] = {SMTP_VERB_VRFY, SMTP_VERB_VRFY, BANNER_ASK_VRFY,      BANNER_ASK_VRFY_NOBODY},
        [EXPN] = {SMTP_VERB_EXPN, SMTP_VERB_EXPN, BANNER_ASK_EXPN,      BANNER_ASKS           },
        [HELP] = {SMTP_VERB_HELP, SMTP_VERB_HELP, BANNER_ASK_HELP,      BANNER_ASKS           },
    };
    const struct ask_row *row = *state;
    struct fixture f;
    fixture_open(&f);
    configure(&f, row->ask);
    fixture_plan(&f);
    assert_int_equal(dns_answers_read(f.answers, GOOD, true), 0);
    fixture_greet(&f, "mail.test", OFFER);
    add_entry(&f, shapes[row->ask].first_verb, f.plan.asks[shapes[row->ask].first], row->first_code,
              row->first_text);
    if (row->second_text != NULL) {
        add_entry(&f, shapes[row->ask].second_verb, f.plan.asks[shapes[row->ask].second],
                  row->second_code, row->second_text);
    }
    fixture_judge(&f);
    if (row->id != NULL) {
        assert_found(&f, row->id, row->state);
    }
    assert_int_equal(report_state(&f.report), row->state);
    assert_int_equal(f.report.finding_count, row->id != NULL);
    fixture_close(&f);
}

/* ---- the plan: what is said on the wire */

static const struct plan_row {
    const char *label;
    const char *policy, *probe, *mail;
    bool mail_null;
    const char *steps; /* each with a blank behind it */
} plan_rows[] = {
  /* clang-format off */
    {"EHLO alone", "default", NULL, NULL, false, "EHLO "},
    {"--mail-null", "default", NULL, NULL, true, "EHLO MAIL=<> RSET "},
    {"--mail", "default", NULL, "a@b.test", false, "EHLO MAIL=<a@b.test> RSET "},
    {"--probe size: a plain MAIL stands before it", "default", "size", NULL, false,
     "EHLO MAIL=<> RSET MAIL=<> SIZE=107374182400 RSET "},
    {"--policy strict", "strict", NULL, NULL, false,
     "EHLO VRFY=postmaster VRFY=" NOBODY " EXPN=postmaster HELP "},
    {"--probe early-talk is for a connection of its own", "default", "early-talk", NULL, false, "EHLO "},
  /* clang-format on */
};

static void test_plan(void **state)
{
    const struct plan_row *row = *state;
    struct fixture f;
    struct text text;
    const char *probe = row->probe;
    fixture_open(&f);
    text_init(&text, 1000);
    f.config.policy = row->policy;
    f.config.mail = row->mail;
    f.config.mail_null = row->mail_null;
    f.config.probes = (struct option_list){&probe, probe != NULL};
    fixture_plan(&f);
    for (size_t i = 0; i < f.plan.step_count; i++) {
        const struct smtp_step *step = &f.plan.steps[i];
        text_printf(&text, "%s%s%s ", smtp_verb_name(step->verb), step->argument == NULL ? "" : "=",
                    step->argument == NULL ? "" : step->argument);
    }
    assert_string_equal(text.start, row->steps);
    text_release(&text);
    fixture_close(&f);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_names, name_rows);
    CASES_TABLE(&cases, test_deadline, time_rows);
    CASES_TABLE(&cases, test_asks, ask_rows);
    CASES_TABLE(&cases, test_plan, plan_rows);
    return cases_run(&cases, "banner_judge");
}
