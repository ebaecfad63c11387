/* From facts to findings, without a network: the store of answers is filled from text. */
#include <string.h>

#include "rdns.h"
#include "tests/judge/findings.h"

struct fixture {
    struct arena arena;
    struct plugin_common common;
    struct rdns_config config;
    struct smtp_targets targets;
    struct rdns_facts facts;
    struct dns_answers *answers;
    struct report report;
};

#define PTR "25.2.0.192.in-addr.arpa PTR "
#define GOOD PTR "mail.example.com\nmail.example.com A 192.0.2.25\n"

/* A server that greets and answers EHLO with these texts. */
static const struct smtp_session *session_of(struct fixture *f, const char *greeting,
                                             const char *ehlo)
{
    static const struct smtp_request request;
    struct smtp_session *session = arena_alloc(&f->arena, sizeof *session);
    struct smtp_ehlo *parsed = arena_alloc(&f->arena, sizeof *parsed);

    smtp_ehlo_parse(slice_of(ehlo), parsed);
    session->request = &request;
    session->ehlo = parsed;
    session->entries = arena_array(&f->arena, 1, sizeof *session->entries);
    session->entry_count = 1;
    session->entries[0] = (struct smtp_entry){.verb = SMTP_VERB_GREETING,
                                              .step = SMTP_NO_STEP,
                                              .sent = "",
                                              .outcome = SMTP_ANSWERED,
                                              .code = 220,
                                              .text = slice_of(greeting)};
    return session;
}

static void fixture_open(struct fixture *f, const char *host, const char *zone)
{
    *f = (struct fixture){
        .common.timeout_result = STATE_UNKNOWN,
        .config = rdns_config_default,
    };
    f->config.smtp.host = host;
    arena_init(&f->arena);
    f->facts = (struct rdns_facts){.arena = &f->arena, .subject = host};
    f->answers = dns_answers_new(&f->arena, 1000);
    assert_int_equal(dns_answers_read(f->answers, zone, true), 0);
    assert_null(smtp_targets_read(&f->arena, &f->config.smtp, &f->targets));
    report_init(&f->report, &f->arena, &rdns_definition.tables);
}

static void fixture_judge(struct fixture *f, const char *banner, const char *ehlo)
{
    rdns_collect_names(&f->config, &f->common, NULL, f->answers, (struct deadline){0}, &f->targets,
                       &f->facts);
    if (banner != NULL) {
        f->facts.was_connected = true;
        f->facts.addresses[0].session = session_of(f, banner, ehlo);
    }
    rdns_collect_said(&f->config, NULL, f->answers, (struct deadline){0}, &f->facts);
    rdns_judge(&f->config, &f->common, &f->facts, &f->report);
    rdns_show(&f->facts, 1, &f->report);
}

static void fixture_close(struct fixture *f)
{
    report_release(&f->report);
    arena_release(&f->arena);
}

static const struct row {
    const char *label;
    const char *zone;
    const char *helo, *banner, *ehlo; /* NULL: not given; not spoken to */
    const char *id;                   /* NULL: nothing but notes */
    enum state state;
    bool strict;
} rows[] = {
  /* clang-format off */
    {"RFC 8601 2.7.3: a name that leads back",            GOOD, NULL, NULL, NULL, NULL, STATE_OK, false},
    {"RFC 1912 2.1: no name",                             "", NULL, NULL, NULL, "rdns.no-ptr", STATE_CRITICAL, false},
    {"RFC 8601 2.7.3: it leads elsewhere",                PTR "a.example.com\na.example.com A 192.0.2.26\n", NULL, NULL, NULL, "rdns.not-confirmed", STATE_CRITICAL, false},
    {"RFC 8601 2.7.3: it leads nowhere",                  PTR "a.example.com\n", NULL, NULL, NULL, "rdns.not-confirmed", STATE_CRITICAL, false},
    {"RFC 8601 2.7.3: AAAA does not confirm IPv4",        PTR "a.example.com\na.example.com AAAA 2001:db8::25\n", NULL, NULL, NULL, "rdns.not-confirmed", STATE_CRITICAL, false},
    {"RFC 8601 2.7.3: one of two is enough",              GOOD PTR "a.example.com\n", NULL, NULL, NULL, "rdns.partly-confirmed", STATE_WARNING, false},
    {"RFC 8601 2.7.3: no answer is no denial",            PTR "a.example.com\na.example.com A TIMEOUT\n", NULL, NULL, NULL, "rdns.dns-error", STATE_UNKNOWN, false},
    {"RFC 1035 4.1.1: REFUSED",                           PTR "REFUSED\n", NULL, NULL, NULL, "rdns.dns-error", STATE_UNKNOWN, false},
    {"RFC 2317 4: handed on",                             "25.2.0.192.in-addr.arpa CNAME 25.x.example.com\n25.x.example.com PTR mail.example.com\nmail.example.com A 192.0.2.25\n", NULL, NULL, NULL, "rdns.cname", STATE_OK, false},
    {"RFC 2317 4: handed on, to nothing",                 "25.2.0.192.in-addr.arpa CNAME 25.x.example.com\n", NULL, NULL, NULL, "rdns.cname-dangling", STATE_CRITICAL, false},
    {"RFC 1912 2.1: an underscore",                       PTR "a_b.example.com\na_b.example.com A 192.0.2.25\n", NULL, NULL, NULL, "rdns.bad-name", STATE_WARNING, false},
    {"RFC 1912 2.1: a generic name",                      PTR "pool7.isp.example.com\npool7.isp.example.com A 192.0.2.25\n", NULL, NULL, NULL, "rdns.generic", STATE_WARNING, false},
    {"the name of the whole network",                     GOOD "24.2.0.192.in-addr.arpa PTR mail.example.com\n79.2.0.192.in-addr.arpa PTR mail.example.com\n", NULL, NULL, NULL, "rdns.default-name", STATE_WARNING, false},
    {"RFC 5321 4.1.1.1: HELO is a single label",          GOOD, "mail", NULL, NULL, "rdns.helo-syntax", STATE_CRITICAL, false},
    {"RFC 5321 4.1.1.1: the reply to EHLO is a single label", GOOD, NULL, "mail.example.com", "mail", "rdns.helo-syntax", STATE_WARNING, false},
    {"RFC 5321 4.1.4: HELO leads nowhere",                GOOD, "b.example.com", NULL, NULL, "rdns.helo-resolve", STATE_WARNING, false},
    {"RFC 5321 4.1.4: HELO, no answer",                   GOOD "b.example.com A TIMEOUT\n", "b.example.com", NULL, NULL, "rdns.dns-error", STATE_UNKNOWN, false},
    {"RFC 5321 4.1.3: HELO is the literal of the address", GOOD, "[192.0.2.25]", NULL, NULL, "rdns.helo-ptr", STATE_OK, false},
    {"RFC 5321 4.1.3: HELO is another literal",           GOOD, "[192.0.2.26]", NULL, NULL, "rdns.helo-resolve", STATE_WARNING, false},
    {"RFC 5321 4.1.4: HELO has another name",             GOOD "b.example.com A 192.0.2.25\n", "b.example.com", NULL, NULL, "rdns.helo-ptr", STATE_OK, false},
    {"RFC 5321 4.1.4: HELO has another name, --strict",   GOOD "b.example.com A 192.0.2.25\n", "b.example.com", NULL, NULL, "rdns.helo-ptr", STATE_WARNING, true},
    {"RFC 5321 4.3.1: the banner has another name",       GOOD "b.example.com A 192.0.2.25\n", NULL, "b.example.com x", "mail.example.com", "rdns.banner", STATE_OK, false},
    {"RFC 5321 4.3.1: the banner has another name, --strict", GOOD "b.example.com A 192.0.2.25\n", NULL, "b.example.com x", "mail.example.com", "rdns.banner", STATE_WARNING, true},
    {"RFC 5321 4.3.1: the banner is masked",              GOOD, NULL, "*****", "mail.example.com", "rdns.banner-name", STATE_OK, false},
    {"RFC 5321 4.3.1: all agree, --strict",               GOOD, NULL, "Mail.Example.COM ESMTP", "mail.example.com", NULL, STATE_OK, true},
  /* clang-format on */
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct fixture f;

    fixture_open(&f, "192.0.2.25", row->zone);
    f.config.helo = row->helo;
    f.config.strict = row->strict;
    fixture_judge(&f, row->banner, row->ehlo);
    if (row->id == NULL) {
        assert_int_equal(report_state(&f.report), STATE_OK);
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

/* RFC 8601 2.7.3: what is not known is neither. */
static void test_not_known(void **state)
{
    static const char *const zones[] = {PTR "TIMEOUT\n",
                                        PTR "a.example.com\na.example.com A REFUSED\n"};

    (void)state;
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        struct fixture f;

        fixture_open(&f, "192.0.2.25", zones[i]);
        fixture_judge(&f, NULL, NULL);
        assert_int_equal(report_state(&f.report), STATE_UNKNOWN);
        assert_null(findings_find(&f.report, "rdns.no-ptr"));
        assert_null(findings_find(&f.report, "rdns.not-confirmed"));
        fixture_close(&f);
    }
}

/* A host with addresses of both families. */
static void test_host(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f, "mail.example.com", GOOD "mail.example.com A 192.0.2.26\n");
    fixture_judge(&f, NULL, NULL);
    assert_int_equal(f.facts.count, 2);
    const struct finding *finding = findings_find(&f.report, "rdns.no-ptr");

    assert_non_null(finding);
    if (finding != NULL)
        assert_string_equal(finding->subject, "mail.example.com (192.0.2.26)");
    fixture_close(&f);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "RFC 8601 2.7.3: what is not known is neither confirmed nor denied",
              test_not_known, NULL);
    cases_add(&cases, "the addresses of a host are judged one by one", test_host, NULL);
    return cases_run(&cases, "rdns_judge");
}
