/* From answers to findings, without a network: what each probe was answered is text. */
#include <stdio.h>
#include <string.h>

#include "relay.h"
#include "tests/unit/cases.h"

static const char PROBES[] = "A1 relay deciding - <{F}> <{T}>\n"
                             "A2 relay deciding - <> <{T}>\n"
                             "A3 relay deciding - <alice@{D}> <{T}>\n"
                             "A5 relay deciding - <probe@{H}> <{T}>\n"
                             "A17 relay default - - XCLIENT\n"
                             "A18 relay default - <{F}> <@{H}:{T}>\n"
                             "B3 routed default - <{F}> <{L}%{X}@{D}>\n"
                             "C-A control-sink default - <> <x@{R}.invalid>\n"
                             "C-B control-local default - <> <nx-{R}@{D}>\n"
                             "C-C control-us default - <> <postmaster@{D}>\n";

static const struct relay_names NAMES = {
    "probe@x.example", "t@x.example", "t", "x.example", "mail.test", "d.test", "192.0.2.1", "r",
};

#define CLOSED "*=550 5.7.1 no relaying|C-C=250 Ok"
#define SOURCE "198.51.100.7"
#define PEER "203.0.113.25"

static const struct row {
    const char *label;
    const char *answers; /* ID=REPLY|..., the first that fits; "*" is all probes, "-" no answer */
    const char *source, *peer, *seen; /* "" is none */
    const char *id;                   /* of the worst finding; "" for none worse than OK */
    enum state state;
    const char *text; /* a part of its text, or of that of the note */
} rows[] = {
  /* clang-format off */
    {"3: all refused", CLOSED, SOURCE, PEER, "", "", STATE_OK, ""},
    {"3: a probe of group A accepted", "A3=250 Ok|C-A=550 no|" CLOSED, SOURCE, PEER, "", "relay.open", STATE_CRITICAL, "from <alice@d.test> to <t@x.example> (A3)"},
    {"4.2: 251 is an acceptance", "A2=251 forward|" CLOSED, SOURCE, PEER, "", "relay.open", STATE_CRITICAL, "(A2)"},
    {"3: accepted, and what cannot exist as well", "*=250 Ok|C-A=250 Ok|C-B=250 Ok|C-C=250 Ok", SOURCE, PEER, "", "relay.accepts-all", STATE_CRITICAL, "or a sink"},
    {"4.1 A17: XCLIENT accepted", "A17=220 mail.test|" CLOSED, SOURCE, PEER, "", "relay.xclient", STATE_CRITICAL, "XCLIENT"},
    {"3: group B accepted, and its control", "B3=250 Ok|C-B=250 Ok|" CLOSED, SOURCE, PEER, "", "relay.ambiguous", STATE_WARNING, "everything for d.test"},
    {"group B accepted, its control refused", "B3=250 Ok|C-B=550 5.1.1 no|" CLOSED, SOURCE, PEER, "", "relay.routes-on", STATE_CRITICAL, "routes on"},
    {"group B accepted, its control not answered", "B3=250 Ok|" CLOSED "|C-B=-", SOURCE, PEER, "", "relay.ambiguous", STATE_WARNING, "did not say"},
    {"3: accepted from loopback", "A1=250 Ok|" CLOSED, "127.0.0.1", "127.0.0.1", "", "relay.trusted", STATE_UNKNOWN, "its own host"},
    {"3: accepted by an address of this machine", "A1=250 Ok|" CLOSED, "192.0.2.99", "192.0.2.99", "", "relay.trusted", STATE_UNKNOWN, "this machine"},
    {"3: accepted by an address of this machine, from another one of it", "A1=250 Ok|" CLOSED, SOURCE, "192.0.2.99", "", "relay.trusted", STATE_UNKNOWN, "this machine"},
    {"3: RFC 1918", "A1=250 Ok|" CLOSED, "10.0.0.1", "10.0.0.2", "", "relay.trusted", STATE_UNKNOWN, "private"},
    {"3: RFC 4193", "A1=250 Ok|" CLOSED, "fd00::1", "fd00::2", "", "relay.trusted", STATE_UNKNOWN, "private"},
    {"3: link-local", "A1=250 Ok|" CLOSED, "fe80::1", "fe80::2", "", "relay.trusted", STATE_UNKNOWN, "link-local"},
    {"a Unix socket", "A1=250 Ok|" CLOSED, "", "", "", "relay.trusted", STATE_UNKNOWN, "its own host"},
    {"3: seen as the server's own address", "A1=250 Ok|" CLOSED, "10.0.0.1", PEER, PEER, "relay.trusted", STATE_UNKNOWN, "sees us"},
    {"3: seen inside, and we are inside", "A1=250 Ok|" CLOSED, "10.0.0.1", PEER, "10.0.0.1", "relay.trusted", STATE_UNKNOWN, "10.0.0.1"},
    {"0.9: seen as the container network, and we are not", "A1=250 Ok|" CLOSED, SOURCE, PEER, "172.17.0.1", "relay.open", STATE_CRITICAL, "it sees us as 172.17.0.1"},
    {"behind a NAT of ours we are outside", "A1=250 Ok|" CLOSED, "10.0.0.1", PEER, "198.51.100.1", "relay.open", STATE_CRITICAL, "(A1)"},
    {"XCLIENT from inside", "A17=220 x|" CLOSED, "127.0.0.1", "127.0.0.1", "", "relay.trusted", STATE_UNKNOWN, "(A17)"},
    {"3: closed, seen from inside", CLOSED, "127.0.0.1", "127.0.0.1", "", "", STATE_OK, ""},
    {"3: blocked", "*=554 5.7.1 Client host blocked using bl.example|C-C=554 5.7.1 Client host blocked using bl.example", SOURCE, PEER, "", "relay.blocked", STATE_UNKNOWN, "postmaster@d.test: 554"},
    {"4.2: words about us, and postmaster is spared", "*=554 5.7.1 Client host blocked using bl.example|C-C=250 Ok", SOURCE, PEER, "", "relay.blocked", STATE_UNKNOWN, "for what we are"},
    {"3: control-C not answered, and the probes not plainly refused", "*=550 no", SOURCE, PEER, "", "relay.incomplete", STATE_UNKNOWN, "no answer for postmaster@d.test"},
    {"3: control-C not answered, and the probes plainly refused", "*=550 5.7.1 no relaying", SOURCE, PEER, "", "", STATE_OK, ""},
    {"3: greylisted all", "*=450 4.2.0 Greylisted|C-C=450 4.2.0 Greylisted", SOURCE, PEER, "", "relay.deferred", STATE_UNKNOWN, "even for postmaster"},
    {"greylisted its own only, and refused to relay plainly", "C-C=450 4.2.0 Greylisted|" CLOSED, SOURCE, PEER, "", "", STATE_OK, "refuses to relay"},
    {"RFC 5321 4.5.1: no postmaster, and refused to relay plainly", "C-C=550 5.1.1 User unknown|" CLOSED, SOURCE, PEER, "", "", STATE_OK, "does not know postmaster@d.test"},
    {"no postmaster, and did not say why it refused", "C-C=550 5.1.1 User unknown|*=550 no", SOURCE, PEER, "", "relay.blocked", STATE_UNKNOWN, ""},
    {"the server is not for that domain", "C-C=554 5.7.1 Relay access denied|" CLOSED, SOURCE, PEER, "", "relay.blocked", STATE_UNKNOWN, "postmaster@d.test"},
    {"greylisted its own, and did not say why it refused", "C-C=450 4.2.0 Greylisted|*=550 no", SOURCE, PEER, "", "relay.deferred", STATE_UNKNOWN, ""},
    {"4.2: one deciding probe deferred", "A2=450 4.3.2 later|" CLOSED, SOURCE, PEER, "", "relay.deferred", STATE_UNKNOWN, "A2 (450 4.3.2 later)"},
    {"3: one deciding probe void", "A2=421 4.7.0 too many errors|" CLOSED, SOURCE, PEER, "", "relay.incomplete", STATE_UNKNOWN, "A2"},
    {"3: one deciding probe not asked", "A3=-|" CLOSED, SOURCE, PEER, "", "relay.incomplete", STATE_UNKNOWN, "A3"},
    {"3: one of the rest not asked", "A18=-|" CLOSED, SOURCE, PEER, "", "", STATE_OK, "not answered: A18"},
    {"an open relay needs no complete list", "A1=250 Ok|A3=-|" CLOSED, SOURCE, PEER, "", "relay.open", STATE_CRITICAL, "(A1)"},
    {"3: authentication required", "*=530 5.7.0 Authentication required|C-C=530 5.7.0 Authentication required", SOURCE, PEER, "", "", STATE_OK, "submission requires"},
    {"3: authentication required with 550", "*=550 5.7.1 Authentication required|C-C=550 5.7.1 Authentication required", SOURCE, PEER, "", "", STATE_OK, "submission requires"},
    {"RFC 3207 4: STARTTLS required", "*=530 5.7.0 Must issue a STARTTLS command first|C-C=530 5.7.0 Must issue a STARTTLS command first", SOURCE, PEER, "", "relay.tls-needed", STATE_UNKNOWN, "STARTTLS"},
    {"the recipient's domain does not exist", "A3=550 5.1.2 Domain not found|" CLOSED, SOURCE, PEER, "", "relay.domain-refused", STATE_UNKNOWN, "A3"},
    {"the sender's domain does not exist, others are refused", "A1=553 5.1.8 Domain of sender does not exist|" CLOSED, SOURCE, PEER, "", "", STATE_OK, "because of its sender"},
    {"all senders are refused for their domains", "A2=550 5.7.1 no relaying|C-C=250 Ok|*=553 5.1.8 Domain of sender does not exist", SOURCE, PEER, "", "relay.domain-refused", STATE_UNKNOWN, "A1"},
    {"group B: a name that is unknown is no fault of the domain", "B3=550 Unrouteable address|" CLOSED, SOURCE, PEER, "", "", STATE_OK, ""},
    {"the server sees us elsewhere", CLOSED, SOURCE, PEER, "198.51.100.8", "", STATE_OK, "it sees us come from 198.51.100.8"},
  /* clang-format on */
};

struct fixture {
    struct arena arena;
    struct plugin_common common;
    struct relay_config config;
    struct smtp_target target;
    struct smtp_targets targets;
    struct relay_address address;
    struct relay_facts facts;
    struct report report;
};

/* The reply to that probe; "-" for none. */
static const char *reply_of(struct arena *arena, const struct relay_ask *ask, const char *answers)
{
    struct slice rest = slice_of(answers);
    struct slice word;
    bool is_control = relay_group_is_control(ask->probe->group);
    while (slice_split(&rest, '|', &word)) {
        size_t equals = slice_find(word, '=');
        struct slice id = slice_sub(word, 0, equals);
        if (slice_equals_text(id, ask->id) || (!is_control && slice_equals_text(id, "*"))) {
            return arena_copy_slice(arena, slice_sub(word, equals + 1, word.length));
        }
    }
    return "-";
}

static void answer(struct fixture *f, const char *answers)
{
    struct relay_plan *plan = &f->address.plan;
    for (size_t i = 0; i < plan->count; i++) {
        const char *reply = reply_of(&f->arena, &plan->asks[i], answers);
        struct relay_answer one = {.verb = SMTP_VERB_RCPT, .at = 1};
        if (reply[0] == '-') {
            continue;
        }
        one.code = (unsigned)strtoul(reply, NULL, 10);
        one.text = reply + 4;
        smtp_status_parse(slice_of(one.text), &one.status);
        one.meaning = relay_reply_read(one.code, &one.status, slice_of(one.text), SOURCE);
        relay_plan_record(plan, i, &one, false);
    }
}

static void fixture_open(struct fixture *f)
{
    char message[256];
    memset(f, 0, sizeof *f);
    f->config = relay_config_default;
    f->target = (struct smtp_target){.text = "mx:25"};
    f->targets = (struct smtp_targets){.list = &f->target, .count = 1};
    f->facts = (struct relay_facts){
        .arena = &f->arena,
        .targets = &f->targets,
        .subject = {"d.test", "probe@x.example", "t@x.example", "-"},
        .addresses = &f->address,
        .count = 1,
        .now = 100,
    };
    const struct relay_limits limits = {.per_session = 2, .max_sessions = 8};
    const struct relay_choice choice = {.last = RELAY_SET_DEFAULT};
    f->address.target = &f->target;
    f->address.subject = "mx:25";
    assert_true(relay_probe_read(&f->facts.table, &f->arena, slice_of(PROBES), "f", message));
    relay_plan_init(&f->address.plan, &f->arena, &limits, &f->facts.table, &choice);
    relay_plan_fill(&f->address.plan, &f->arena, &NAMES);
    report_init(&f->report, &f->arena, &relay_definition.tables);
}

static void fixture_close(struct fixture *f)
{
    report_release(&f->report);
    arena_release(&f->arena);
}

static void view(struct fixture *f, const struct row *row)
{
    struct ip_address own[1];
    ip_parse(SLICE_LITERAL("192.0.2.99"), own);
    ip_parse(slice_of(row->source), &f->address.source);
    ip_parse(slice_of(row->peer), &f->address.peer);
    ip_parse(slice_of(row->seen), &f->address.seen);
    relay_trust_judge(&f->address, own, 1);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct fixture f;
    const struct finding *worst = NULL;
    bool has_text = row->text[0] == '\0';
    fixture_open(&f);
    view(&f, row);
    answer(&f, row->answers);
    relay_judge(&f.config, &f.common, &f.facts, &f.report);
    relay_show(&f.facts, &f.common, &f.report);
    for (size_t i = 0; i < f.report.finding_count; i++) {
        const struct finding *finding = &f.report.findings[i];
        worst = finding->state != STATE_OK && worst == NULL ? finding : worst;
        has_text = has_text || strstr(finding->text, row->text) != NULL;
    }
    assert_string_equal(worst == NULL ? "" : relay_findings[worst->definition].id, row->id);
    assert_int_equal(report_state(&f.report), row->state);
    assert_true(has_text);
    fixture_close(&f);
}

static const struct seen {
    const char *label;
    const char *ehlo;
    const char *address; /* "" is none */
} seens[] = {
  /* clang-format off */
    {"Exim", "mx.test Hello monitor.test [192.0.2.7]\nSIZE 1", "192.0.2.7"},
    {"Sendmail", "mx.test Hello monitor.test [192.0.2.7], pleased to meet you", "192.0.2.7"},
    {"OpenSMTPD, IPv6", "mx.test Hello m [IPv6:2001:db8::7], pleased to meet you", "2001:db8::7"},
    {"Postfix says nothing", "mx.test\nPIPELINING", ""},
    {"an address of a later line is none of ours", "mx.test\nX 192.0.2.7", ""},
    {"a mapped address", "mx.test Hello m [::ffff:192.0.2.7]", "192.0.2.7"},
    {"nothing at all", "", ""},
    {"RFC 5321 4.1.1.1: the server's own name may be a literal", "[203.0.113.25] Hello monitor.test [198.51.100.7]", SOURCE},
    {"the same alone", "[203.0.113.25]", ""},
    {"ours is the one among several", "mx.test [203.0.113.25] Hello m [198.51.100.7] [10.0.0.2]", SOURCE},
    {"without brackets it is no address of a client", "mx.test ESMTP 203.0.113.25 at your service", ""},
    {"a version", "mx.test Version 8.17.1.9 ready", ""},
    {"a bracket that does not close", "mx.test Hello [192.0.2.7", ""},
    {"brackets in brackets", "mx.test Hello [[192.0.2.7]]", "192.0.2.7"},
  /* clang-format on */
};

static void test_seen(void **state)
{
    const struct seen *row = *state;
    char text[IP_TEXT_SIZE] = "";
    struct ip_address source;
    assert_true(ip_parse(slice_of(SOURCE), &source));
    struct ip_address address = relay_seen_address(slice_of(row->ehlo), &source);
    if (address.family != IP_NONE) {
        ip_print(&address, text);
    }
    assert_string_equal(text, row->address);
}

static void test_late(void **state)
{
    (void)state;
    struct fixture f;
    struct relay_answer data = {.meaning = RELAY_REFUSED_LATE, .code = 554, .text = "5.7.1 no"};
    fixture_open(&f);
    view(&f, &rows[0]);
    answer(&f, "A1=250 Ok|" CLOSED);
    relay_plan_record(&f.address.plan, 0, &data, true);
    relay_judge(&f.config, &f.common, &f.facts, &f.report);
    assert_int_equal(report_state(&f.report), STATE_OK);
    assert_int_equal(f.report.findings[0].definition, RELAY_F_REFUSED_LATE);
    fixture_close(&f);
}

static void test_unnamed(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    view(&f, &rows[0]);
    answer(&f, "A5=250 Ok|" CLOSED);
    for (size_t i = 0; i < f.address.plan.count; i++) {
        f.address.plan.asks[i].answer.is_remembered = true;
        f.address.plan.asks[i].sender = NULL;
        f.address.plan.asks[i].recipient = NULL;
    }
    relay_judge(&f.config, &f.common, &f.facts, &f.report);
    relay_show(&f.facts, &f.common, &f.report);
    assert_int_equal(report_state(&f.report), STATE_CRITICAL);
    assert_non_null(strstr(f.report.findings[0].text, "99 s ago"));
    fixture_close(&f);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_seen, seens);
    cases_add(&cases, "4.4: accepted at RCPT and refused at DATA is OK", test_late, NULL);
    cases_add(&cases, "answers that are remembered, of a server whose name is not known now",
              test_unnamed, NULL);
    return cases_run(&cases, "relay_judge");
}
