/* From facts to findings, without a network: the store of answers is filled from text. */
#include <stdio.h>
#include <string.h>

#include "dmarc.h"
#include "tests/judge/findings.h"

/* What every domain of the tables has besides: SPF, and a host that takes reports. */
#define AROUND                                                                                     \
    "example.com TXT \"v=spf1 mx -all\"\n"                                                         \
    "example.com MX 10 mx.example.com\n"                                                           \
    "mx.example.com A 192.0.2.1\n"
#define OWN(record) "_dmarc.example.com TXT \"" record "\"\n"
#define RUA "; rua=mailto:d@example.com"

struct fixture {
    struct arena arena;
    struct plugin_common common;
    struct dmarc_config config;
    struct dmarc_domain domain;
    struct dmarc_facts facts;
    struct dns_answers *answers;
    struct report report;
};

static void fixture_open(struct fixture *f, const char *domain, const char *zone, bool complete)
{
    *f = (struct fixture){
        .common.timeout_result = STATE_UNKNOWN,
        .config = dmarc_config_default,
        .domain = {.domain = domain, .organization = "example.com"},
    };
    arena_init(&f->arena);
    f->facts = (struct dmarc_facts){
        .arena = &f->arena,
        .domains = &f->domain,
        .domain_count = 1,
        .suffixes = public_suffix_builtin(),
        .probe = "nobody",
        .now = 1700000000,
    };
    f->answers = dns_answers_new(&f->arena, 2000);
    assert_int_equal(
        dns_answers_read(f->answers, arena_format(&f->arena, AROUND "%s", zone), complete), 0);
    report_init(&f->report, &f->arena, &dmarc_definition.tables);
}

static void fixture_judge(struct fixture *f)
{
    dmarc_collect(&f->config, &f->common, NULL, f->answers, (struct deadline){0}, &f->facts);
    dmarc_judge(&f->config, &f->common, &f->facts, &f->report);
    dmarc_show(&f->facts, &f->report);
}

static void fixture_close(struct fixture *f)
{
    report_release(&f->report);
    arena_release(&f->domain.arena);
    arena_release(&f->arena);
}

/* ---- one finding a row */

enum setting {
    SETTING_NONE,
    SETTING_REJECT, /* --min-policy reject */
    SETTING_OLD,    /* --rfc7489 */
    SETTING_PARKED,
    SETTING_SELECTOR, /* --selector sel */
    SETTING_EXPECT,   /* --expect "v=DMARC1; p=reject" */
};

static void apply(struct fixture *f, enum setting setting)
{
    static const char *selector = "sel";
    f->config.old_rule = setting == SETTING_OLD;
    f->config.parked = setting == SETTING_PARKED;
    if (setting == SETTING_REJECT)
        f->config.min_policy = "reject";
    if (setting == SETTING_SELECTOR)
        f->config.selectors = (struct option_list){.values = &selector, .count = 1};
    if (setting == SETTING_EXPECT)
        f->config.expected_text = "v=DMARC1; p=reject";
}

#define FIX "Publish at _dmarc.example.com: "

static const struct row {
    const char *label;
    const char *domain;
    const char *zone;
    const char *id;
    enum state state;
    const char *fix; /* NULL: not looked at */
    enum setting setting;
} rows[] = {
  /* clang-format off */
    {"4.10.2: the question for the domain itself failed", "example.com",
     "_dmarc.example.com TXT REFUSED\n", "dmarc.dns-error", STATE_UNKNOWN, NULL, SETTING_NONE},
    {"4.10.2: so does one for a name above that could decide", "a.example.com",
     "_dmarc.example.com TXT REFUSED\n", "dmarc.dns-error", STATE_UNKNOWN, NULL, SETTING_NONE},
    {"RFC 4035 5.5: SERVFAIL that goes away without validation", "example.com",
     "_dmarc.example.com TXT SERVFAIL\n", "dmarc.dns-bogus", STATE_CRITICAL, NULL, SETTING_NONE},
    {"a CNAME that leads nowhere", "example.com", "_dmarc.example.com CNAME gone.example.net\n",
     "dmarc.cname-dangling", STATE_CRITICAL, NULL, SETTING_NONE},
    {"4.10.1: no record applies", "example.com", "", "dmarc.none", STATE_CRITICAL,
     FIX "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.com", SETTING_NONE},
    {"4.10.1: the record of the organizational domain holds", "a.example.com",
     OWN("v=DMARC1; p=reject" RUA), "dmarc.inherited", STATE_OK, NULL, SETTING_NONE},
    {"4.10: several records", "example.com", OWN("v=DMARC1; p=reject") OWN("v=DMARC1; p=none"),
     "dmarc.multiple", STATE_CRITICAL, NULL, SETTING_NONE},
    {"4.7: v= in other letters", "example.com", OWN("v=dmarc1; p=reject" RUA), "dmarc.v",
     STATE_CRITICAL, FIX "v=DMARC1; p=reject" RUA, SETTING_NONE},
    {"4.7: v= is not the first tag", "example.com", OWN("p=reject; v=DMARC1" RUA), "dmarc.v",
     STATE_CRITICAL, FIX "v=DMARC1; p=reject" RUA, SETTING_NONE},
    {"4.6: a record at the domain itself", "example.com",
     "example.com TXT \"v=DMARC1; p=reject\"\n", "dmarc.location", STATE_CRITICAL,
     FIX "v=DMARC1; p=reject", SETTING_NONE},
    {"4.6: a record below _dmarc twice", "example.com",
     "_dmarc._dmarc.example.com TXT \"v=DMARC1; p=reject\"\n", "dmarc.location", STATE_CRITICAL,
     FIX "v=DMARC1; p=reject", SETTING_NONE},
    {"4.6: a record at the doubled name", "example.com",
     "_dmarc.example.com.example.com TXT \"v=DMARC1; p=reject\"\n", "dmarc.location",
     STATE_CRITICAL, FIX "v=DMARC1; p=reject", SETTING_NONE},
    {"4.6: the same beside a good record", "example.com",
     OWN("v=DMARC1; p=reject" RUA) "example.com TXT \"v=DMARC1; p=none\"\n",
     "dmarc.location-beside", STATE_WARNING, NULL, SETTING_NONE},
    {"4.10: the text of another protocol", "example.com", OWN("v=spf1 -all"), "dmarc.foreign",
     STATE_CRITICAL, NULL, SETTING_NONE},
    {"4.10: the same beside a good record", "example.com",
     OWN("v=DMARC1; p=reject" RUA) OWN("v=spf1 -all"), "dmarc.foreign-beside", STATE_WARNING, NULL,
     SETTING_NONE},
    {"4.8: a missing semicolon", "example.com", OWN("v=DMARC1 p=reject" RUA), "dmarc.syntax",
     STATE_CRITICAL, FIX "v=DMARC1; p=reject" RUA, SETTING_NONE},
    {"4.8: a word that is no tag", "example.com", OWN("v=DMARC1; p=reject; oops" RUA),
     "dmarc.syntax", STATE_CRITICAL, NULL, SETTING_NONE},
    {"RFC 6376 3.2: a tag twice makes it no record", "example.com",
     OWN("v=DMARC1; p=reject; p=reject" RUA), "dmarc.syntax", STATE_CRITICAL, NULL, SETTING_NONE},
    {"4.7: no p=", "example.com", OWN("v=DMARC1" RUA), "dmarc.p-missing", STATE_CRITICAL, NULL,
     SETTING_NONE},
    {"4.10.1: p= is no policy", "example.com", OWN("v=DMARC1; p=quarantin" RUA), "dmarc.p-bad",
     STATE_CRITICAL, FIX "v=DMARC1; p=quarantine" RUA, SETTING_NONE},
    {"4.10.1: sp= is no policy", "example.com", OWN("v=DMARC1; p=reject; sp=rejct" RUA),
     "dmarc.sp-bad", STATE_CRITICAL, FIX "v=DMARC1; p=reject; sp=reject" RUA, SETTING_NONE},
    {"4.10.1: np= is no policy", "example.com", OWN("v=DMARC1; p=reject; np=rejct" RUA),
     "dmarc.np-bad", STATE_CRITICAL, FIX "v=DMARC1; p=reject; np=reject" RUA, SETTING_NONE},
    {"4.10.1: such a record has no more than p=none", "example.com",
     OWN("v=DMARC1; p=reject; sp=rejct" RUA), "dmarc.p-none", STATE_WARNING, NULL, SETTING_NONE},
    {"4.7: p=none is weaker than wanted", "example.com", OWN("v=DMARC1; p=none" RUA),
     "dmarc.p-none", STATE_WARNING, NULL, SETTING_NONE},
    {"4.7: p=quarantine is weaker than --min-policy reject", "example.com",
     OWN("v=DMARC1; p=quarantine" RUA), "dmarc.p-none", STATE_WARNING, NULL, SETTING_REJECT},
    {"4.7: t=y takes one level off", "example.com", OWN("v=DMARC1; p=reject; t=y" RUA), "dmarc.t-y",
     STATE_WARNING, NULL, SETTING_NONE},
    {"A.6: pct below 100", "example.com", OWN("v=DMARC1; p=reject; pct=50" RUA), "dmarc.pct",
     STATE_WARNING, FIX "v=DMARC1; p=reject" RUA, SETTING_NONE},
    {"A.6: pct=0 becomes t=y", "example.com", OWN("v=DMARC1; p=reject; pct=0" RUA), "dmarc.pct",
     STATE_WARNING, FIX "v=DMARC1; p=reject; t=y" RUA, SETTING_NONE},
    {"A.6: pct=100 is only old", "example.com", OWN("v=DMARC1; p=reject; pct=100" RUA),
     "dmarc.pct-removed", STATE_OK, FIX "v=DMARC1; p=reject" RUA, SETTING_NONE},
    {"C.4: rf and ri are removed", "example.com", OWN("v=DMARC1; p=reject; rf=afrf; ri=86400" RUA),
     "dmarc.rf-ri", STATE_OK, FIX "v=DMARC1; p=reject" RUA, SETTING_NONE},
    {"4.7: an unknown tag is ignored", "example.com", OWN("v=DMARC1; p=reject; x=1" RUA),
     "dmarc.unknown-tag", STATE_OK, NULL, SETTING_NONE},
    {"4.7: sp weaker than p", "example.com", OWN("v=DMARC1; p=reject; sp=none" RUA),
     "dmarc.sp-weak", STATE_WARNING, NULL, SETTING_NONE},
    {"4.7: np weaker than p", "example.com", OWN("v=DMARC1; p=reject; np=none" RUA),
     "dmarc.np-weak", STATE_WARNING, NULL, SETTING_NONE},
    {"4.7: sp below the organizational domain", "a.example.com",
     OWN("v=DMARC1; p=reject" RUA) "_dmarc.a.example.com TXT \"v=DMARC1; p=reject; sp=none" RUA
     "\"\n", "dmarc.sp-ignored", STATE_WARNING, NULL, SETTING_NONE},
    {"4.10.2: psd=y on what is no public suffix", "example.com",
     OWN("v=DMARC1; p=reject; psd=y" RUA), "dmarc.psd", STATE_WARNING, NULL, SETTING_NONE},
    {"4.10.2: psd=n is a note", "example.com", OWN("v=DMARC1; p=reject; psd=n" RUA),
     "dmarc.psd-set", STATE_OK, NULL, SETTING_NONE},
    {"4.10.2: the tree walk and the list of suffixes differ", "a.example.com",
     "_dmarc.a.example.com TXT \"v=DMARC1; p=reject; psd=n" RUA "\"\n", "dmarc.psl-differ",
     STATE_WARNING, NULL, SETTING_NONE},
    {"4.10.1: a record between is not used", "b.a.example.com",
     OWN("v=DMARC1; p=reject" RUA) "_dmarc.a.example.com TXT \"v=DMARC1; p=reject" RUA "\"\n",
     "dmarc.mid-record", STATE_OK, NULL, SETTING_NONE},
    {"4.10: more than eight labels", "a.b.c.d.e.f.g.example.com", OWN("v=DMARC1; p=reject" RUA),
     "dmarc.deep", STATE_OK, NULL, SETTING_NONE},
    {"4.7: adkim is neither r nor s", "example.com", OWN("v=DMARC1; p=reject; adkim=x" RUA),
     "dmarc.adkim-aspf", STATE_WARNING, FIX "v=DMARC1; p=reject" RUA, SETTING_NONE},
    {"4.7: t is neither y nor n", "example.com", OWN("v=DMARC1; p=reject; t=x" RUA), "dmarc.t-bad",
     STATE_WARNING, FIX "v=DMARC1; p=reject" RUA, SETTING_NONE},
    {"4.7: fo has 0 and 1", "example.com",
     OWN("v=DMARC1; p=reject; fo=0:1" RUA "; ruf=mailto:d@example.com"), "dmarc.fo", STATE_WARNING,
     NULL, SETTING_NONE},
    {"4.7: fo without ruf", "example.com", OWN("v=DMARC1; p=reject; fo=1" RUA), "dmarc.fo-unused",
     STATE_OK, NULL, SETTING_NONE},
    {"4.7: no rua", "example.com", OWN("v=DMARC1; p=reject"), "dmarc.rua-none", STATE_WARNING,
     FIX "v=DMARC1; p=reject; rua=mailto:dmarc-reports@example.com", SETTING_NONE},
    {"4.8: an address without mailto:", "example.com", OWN("v=DMARC1; p=reject; rua=d@example.com"),
     "dmarc.rua-uri", STATE_WARNING, FIX "v=DMARC1; p=reject" RUA, SETTING_NONE},
    {"4.6: a third address", "example.com",
     OWN("v=DMARC1; p=reject" RUA ",mailto:e@example.com,mailto:f@example.com"), "dmarc.rua-uri",
     STATE_WARNING, NULL, SETTING_NONE},
    {"RFC 7489 6.3: an old size", "example.com", OWN("v=DMARC1; p=reject" RUA "!10m"),
     "dmarc.rua-size", STATE_OK, FIX "v=DMARC1; p=reject" RUA, SETTING_NONE},
    {"RFC 7489 6.3: a size that is none", "example.com", OWN("v=DMARC1; p=reject" RUA "!10q"),
     "dmarc.rua-size-bad", STATE_WARNING, FIX "v=DMARC1; p=reject" RUA, SETTING_NONE},
    {"one dead report domain of two", "example.com",
     OWN("v=DMARC1; p=reject" RUA ",mailto:d@gone.example.com"), "dmarc.rua-host", STATE_WARNING,
     NULL, SETTING_NONE},
    {"RFC 7505 3: all report domains are dead", "example.com",
     OWN("v=DMARC1; p=reject; rua=mailto:d@null.example.com") "null.example.com MX 0 .\n",
     "dmarc.rua-host-all", STATE_CRITICAL, NULL, SETTING_NONE},
    {"whether the report domain takes mail is not known", "example.com",
     OWN("v=DMARC1; p=reject; rua=mailto:d@slow.example.com") "slow.example.com MX REFUSED\n",
     "dmarc.rua-host-unknown", STATE_UNKNOWN, NULL, SETTING_NONE},
    {"RFC 9990 4: another organization that has not agreed", "example.com",
     OWN("v=DMARC1; p=reject; rua=mailto:d@example.net") "example.net MX 1 mx.example.com\n",
     "dmarc.rua-ext", STATE_WARNING,
     "Let example.net publish at example.com._report._dmarc.example.net: v=DMARC1", SETTING_NONE},
    {"RFC 9990 4: the same for failure reports", "example.com",
     OWN("v=DMARC1; p=reject" RUA "; ruf=mailto:d@example.net") "example.net MX 1 mx.example.com\n",
     "dmarc.ruf-ext", STATE_WARNING,
     "Let example.net publish at example.com._report._dmarc.example.net: v=DMARC1", SETTING_NONE},
    {"RFC 9990 4: whether it agreed is not known", "example.com",
     OWN("v=DMARC1; p=reject; rua=mailto:d@example.net") "example.net MX 1 mx.example.com\n"
     "example.com._report._dmarc.example.net "
     "TXT REFUSED\n", "dmarc.ext-unknown", STATE_UNKNOWN, NULL, SETTING_NONE},
    {"RFC 9990 4: it sends the reports to a third host", "example.com",
     OWN("v=DMARC1; p=reject; rua=mailto:d@example.net") "example.net MX 1 mx.example.com\n"
     "example.com._report._dmarc.example.net "
     "TXT \"v=DMARC1; "
     "rua=mailto:d@example.org\"\n", "dmarc.ext-override", STATE_WARNING, NULL, SETTING_NONE},
    {"5.1: a policy, and neither SPF nor a key", "mute.example",
     "_dmarc.mute.example TXT \"v=DMARC1; p=reject" RUA "\"\nmute.example A 192.0.2.1\n",
     "dmarc.strict-clash", STATE_WARNING, NULL, SETTING_NONE},
    {"4.4.2: strict alignment makes SPF of the organizational domain useless", "a.example.com",
     OWN("v=DMARC1; p=reject; aspf=s" RUA), "dmarc.strict-clash", STATE_WARNING, NULL,
     SETTING_NONE},
    {"5.1: the given selector has no key", "mute.example",
     "_dmarc.mute.example TXT \"v=DMARC1; p=reject" RUA "\"\nmute.example A 192.0.2.1\n"
     "other._domainkey.mute.example TXT \"v=DKIM1; p=\"\n", "dmarc.strict-clash", STATE_WARNING, NULL, SETTING_SELECTOR},
    {"4.10: a wildcard answers below", "example.com",
     OWN("v=DMARC1; p=reject" RUA) "_dmarc.nobody.example.com TXT \"v=spf1 -all\"\n",
     "dmarc.wildcard-sub", STATE_OK, NULL, SETTING_NONE},
    {"4.7: a parked domain without reject", "example.com", OWN("v=DMARC1; p=reject; sp=none" RUA),
     "dmarc.parked", STATE_WARNING, NULL, SETTING_PARKED},
    {"another record than expected", "example.com", OWN("v=DMARC1; p=reject" RUA), "dmarc.expect",
     STATE_WARNING, FIX "v=DMARC1; p=reject", SETTING_EXPECT},
  /* clang-format on */
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct fixture f;
    fixture_open(&f, row->domain, row->zone, true);
    apply(&f, row->setting);
    fixture_judge(&f);
    const struct finding *finding = findings_found(&f.report, row->id);
    assert_int_equal(finding->state, row->state);
    if (row->fix != NULL)
        assert_string_equal(finding->fix, row->fix);
    fixture_close(&f);
}

/* ---- what is as it should be */

static const struct clean_row {
    const char *label;
    const char *domain;
    const char *zone;
    enum dmarc_policy effective;
    enum setting setting;
} clean_rows[] = {
  /* clang-format off */
    {"a good record", "example.com", OWN("v=DMARC1; p=reject" RUA), DMARC_REJECT, SETTING_NONE},
    {"4.8: white space around = and ;", "example.com",
     OWN("v = DMARC1 ;  p = reject ; rua = mailto:d@example.com ; "), DMARC_REJECT, SETTING_NONE},
    {"4.8: the policy in upper case", "example.com", OWN("v=DMARC1; p=REJECT" RUA), DMARC_REJECT,
     SETTING_NONE},
    {"4.7: sp holds for a name that exists", "a.example.com",
     OWN("v=DMARC1; p=quarantine; sp=reject; np=quarantine" RUA) "a.example.com A 192.0.2.1\n",
     DMARC_REJECT, SETTING_NONE},
    {"4.7: np holds for one that does not", "a.example.com",
     OWN("v=DMARC1; p=quarantine; sp=quarantine; np=reject" RUA), DMARC_REJECT, SETTING_NONE},
    {"4.4: mail of a name below may pass by SPF of the organizational domain", "a.example.com",
     OWN("v=DMARC1; p=reject" RUA), DMARC_REJECT, SETTING_NONE},
    {"RFC 9990 4: an agreement", "example.com",
     OWN("v=DMARC1; p=reject; rua=mailto:d@example.net") "example.net MX 1 mx.example.com\n"
     "example.com._report._dmarc.example.net "
     "TXT \"v=DMARC1\"\n", DMARC_REJECT, SETTING_NONE},
    {"a parked domain with reject", "example.com",
     OWN("v=DMARC1; p=reject; sp=reject; np=reject" RUA), DMARC_REJECT, SETTING_PARKED},
    {"5.1: a key is enough without SPF", "mute.example",
     "_dmarc.mute.example TXT \"v=DMARC1; p=reject; rua=mailto:d@mute.example\"\n"
     "mute.example MX 1 mx.example.com\nsel._domainkey.mute.example TXT \"v=DKIM1; p=x\"\n", DMARC_REJECT, SETTING_SELECTOR},
  /* clang-format on */
};

/* Nothing worse than OK is told. */
static void test_clean(void **state)
{
    const struct clean_row *row = *state;
    struct fixture f;
    fixture_open(&f, row->domain, row->zone, true);
    apply(&f, row->setting);
    if (strcmp(row->domain, "mute.example") == 0)
        f.domain.organization = row->domain;
    fixture_judge(&f);
    for (size_t i = 0; i < f.report.finding_count; i++) {
        if (f.report.findings[i].state != STATE_OK)
            print_error("%s\n", f.report.findings[i].text);
        assert_int_equal(f.report.findings[i].state, STATE_OK);
    }
    assert_int_equal(f.domain.verdict->effective, row->effective);
    fixture_close(&f);
}

/* ---- the rest */

static void test_timeout_result(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f, "example.com", "", false);
    f.common.timeout_result = STATE_CRITICAL;
    fixture_judge(&f);
    assert_int_equal(findings_found(&f.report, "dmarc.dns-error")->state, STATE_CRITICAL);
    assert_null(findings_find(&f.report, "dmarc.none"));
    fixture_close(&f);
}

static void test_figures(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f, "example.com", OWN("v=DMARC1; p=reject; t=y; pct=50" RUA), true);
    fixture_judge(&f);
    assert_int_equal((int)f.report.metrics[DMARC_M_POLICY].value, 2);
    assert_int_equal((int)f.report.metrics[DMARC_M_EFFECTIVE].value, 1);
    assert_int_equal((int)f.report.metrics[DMARC_M_PCT].value, 50);
    assert_int_equal((int)f.report.metrics[DMARC_M_RUA_COUNT].value, 1);
    assert_int_equal((int)f.report.metrics[DMARC_M_WALK_QUERIES].value, 2);
    fixture_close(&f);
}

static const struct limit_row {
    const char *label;
    const char *zone;
    const char *warning, *critical; /* -w, -c; critical may be NULL: not given */
    enum state state;               /* OK: no dmarc.policy-limit */
} limit_rows[] = {
  /* clang-format off */
    {"-w: quarantine is below 2", OWN("v=DMARC1; p=quarantine" RUA), "2:", NULL, STATE_WARNING},
    {"-w: what t=y leaves of reject is below 2", OWN("v=DMARC1; p=reject; t=y" RUA), "2:", NULL,
     STATE_WARNING},
    {"-c: none is below 1", OWN("v=DMARC1; p=none" RUA), "2:", "1:", STATE_CRITICAL},
    {"-w and -c: reject is 2", OWN("v=DMARC1; p=reject" RUA), "2:", "2:", STATE_OK},
    {"no record has no figure", "", "2:", "2:", STATE_OK},
    {"no answer has no figure", "_dmarc.example.com TXT REFUSED\n", "2:", "2:", STATE_OK},
  /* clang-format on */
};

static void test_limit(void **state)
{
    const struct limit_row *row = *state;
    struct fixture f;
    fixture_open(&f, "example.com", row->zone, true);
    assert_true(range_parse(slice_of(row->warning), &f.common.warning));
    if (row->critical != NULL)
        assert_true(range_parse(slice_of(row->critical), &f.common.critical));
    fixture_judge(&f);
    if (row->state == STATE_OK)
        assert_null(findings_find(&f.report, "dmarc.policy-limit"));
    else
        assert_int_equal(findings_found(&f.report, "dmarc.policy-limit")->state, row->state);
    fixture_close(&f);
}

static void test_old_rule(void **state)
{
    const char *zone =
        OWN("v=DMARC1; p=none" RUA) "_dmarc.a.example.com TXT \"v=DMARC1; p=reject; psd=n" RUA
                                    "\"\n";
    struct fixture f;
    (void)state;
    fixture_open(&f, "b.a.example.com", zone, true);
    fixture_judge(&f);
    assert_int_equal(f.domain.verdict->effective, DMARC_REJECT);
    fixture_close(&f);
    fixture_open(&f, "b.a.example.com", zone, true);
    apply(&f, SETTING_OLD);
    fixture_judge(&f);
    assert_int_equal(f.domain.verdict->effective, DMARC_NONE);
    assert_int_equal(findings_found(&f.report, "dmarc.p-none")->state, STATE_WARNING);
    fixture_close(&f);
}

static void test_memory(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f, "example.com", OWN("v=DMARC1; p=reject" RUA), true);
    f.domain.memory =
        (struct record_memory){.has_changed = true, .previous = "", .since = f.facts.now - 60};
    f.facts.memory_trouble = "cannot be written";
    fixture_judge(&f);
    assert_string_equal(findings_found(&f.report, "dmarc.changed")->seen, "before: no record");
    assert_int_equal(findings_found(&f.report, "dmarc.changed")->state, STATE_WARNING);
    assert_int_equal(findings_found(&f.report, "dmarc.state-file")->state, STATE_UNKNOWN);
    fixture_close(&f);
    fixture_open(&f, "example.com", OWN("v=DMARC1; p=reject" RUA), true);
    f.domain.memory =
        (struct record_memory){.has_changed = true, .previous = "", .since = f.facts.now - 86401};
    fixture_judge(&f);
    assert_null(findings_find(&f.report, "dmarc.changed"));
    fixture_close(&f);
}

/* Three servers: two that agree, one that has something else. */
static void judge_servers(struct fixture *f, const char *third)
{
    fixture_open(f, "example.com",
                 OWN("v=DMARC1; p=reject" RUA) "_dmarc.example.com SOA ns1.example\n"
                                               "_dmarc.example.com NS ns1.example\n"
                                               "_dmarc.example.com NS ns2.example\n"
                                               "_dmarc.example.com NS ns3.example\n"
                                               "ns1.example A 192.0.2.1\nns2.example A 192.0.2.2\n"
                                               "ns3.example A 192.0.2.3\n",
                 true);
    f->config.authoritative = true;
    dmarc_collect(&f->config, &f->common, NULL, f->answers, (struct deadline){0}, &f->facts);
    assert_int_equal(f->domain.servers.count, 3);
    for (size_t i = 0; i < 3; i++)
        f->domain.servers.servers[i].set = i < 2 ? "v=DMARC1; p=reject" : third;
    f->domain.servers.common = "v=DMARC1; p=reject";
    dmarc_judge(&f->config, &f->common, &f->facts, &f->report);
}

static void test_servers(void **state)
{
    struct fixture f;
    (void)state;
    judge_servers(&f, "v=DMARC1; p=reject");
    assert_null(findings_find(&f.report, "dmarc.ns-differ"));
    fixture_close(&f);
    judge_servers(&f, "v=DMARC1; p=none");
    assert_int_equal(findings_found(&f.report, "dmarc.ns-differ")->state, STATE_WARNING);
    fixture_close(&f);
    judge_servers(&f, "");
    assert_int_equal(findings_found(&f.report, "dmarc.ns-missing")->state, STATE_CRITICAL);
    fixture_close(&f);
    judge_servers(&f, NULL);
    assert_int_equal(findings_found(&f.report, "dmarc.ns-silent")->state, STATE_UNKNOWN);
    fixture_close(&f);
}

static void test_tables(void **state)
{
    (void)state;
    findings_assert_whole(dmarc_findings, DMARC_FINDINGS, "dmarc.");
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_clean, clean_rows);
    CASES_TABLE(&cases, test_limit, limit_rows);
    cases_add(&cases, "what the deadline left unasked has the state of --timeout-result",
              test_timeout_result, NULL);
    cases_add(&cases, "the figures", test_figures, NULL);
    cases_add(&cases, "RFC 7489 6.6.3: --rfc7489 lets the old rule decide", test_old_rule, NULL);
    cases_add(&cases, "changes show the record before, for as long as --changed-for", test_memory,
              NULL);
    cases_add(&cases, "authoritative servers that differ, lack the record, or are silent",
              test_servers, NULL);
    cases_add(&cases, "every finding has id, title, reason, repair and reference", test_tables,
              NULL);
    return cases_run(&cases, "dmarc_judge");
}
