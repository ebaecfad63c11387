/* Facts to findings, states and perfdata. */
#include <stdio.h>

#include "dnsbl_judge.h"
#include "report/state.h"
#include "tests/judge/dnsbl_fixture.h"

static const char catalogue[] = "[bl.test]\n"
                                "operator = Test list\n"
                                "targets = ip4 ip6\n"
                                "severity = critical\n"
                                "code = 127.0.0.2 critical: spam source\n"
                                "code = 127.0.0.3 warning: suspicious\n"
                                "code = 127.0.0.10 info range: end-user range\n"
                                "url = https://bl.example/?ip={target}\n"
                                "limit = 1,000 a day\n"
                                "ip6-prefix = 64\n"
                                "[b2.test]\n"
                                "severity = warning\n"
                                "[b3.test]\n"
                                "severity = warning\n"
                                "[b4.test]\n"
                                "severity = warning\n"
                                "[b5.test]\n"
                                "severity = warning\n"
                                "[allow.test]\n"
                                "class = allowlist\n"
                                "[dom.test]\n"
                                "targets = domain\n"
                                "[<KEY>.dq.test]\n"
                                "key-name = dq\n"
                                "[<KEY>.dr.test]\n"
                                "key-name = dq\n"
                                "[<KEY>.ds.test]\n"
                                "key-name = dq\n"
                                "[secret.test]\n"
                                "private = yes\n"
                                "[slow.test]\n"
                                "rate = 5/s\n"
                                "[retired]\n"
                                "gone.test = 2024-06-05 | Gone Inc | emptied | bl.test\n";

#define FIVE "list bl.test\nlist b2.test\nlist b3.test\nlist b4.test\nlist b5.test\n"
#define T "target 192.0.2.1\n"
#define REPLY(zone) "reply " zone " 192.0.2.1 "

#define ROW(label_, facts_, ...)                                                                   \
    {                                                                                              \
        .label = label_, .facts = facts_, __VA_ARGS__                                              \
    }

static const struct row {
    const char *label;
    const char *facts;
    /* "id STATE subject;" for each finding, in order */
    const char *findings;
    const char *metrics; /* "label=value " of those that matter */
    const char *text;    /* a part of the text, the evidence or the fix of some finding */
    const char *warning, *critical; /* NULL: 0, so one listing is too many */
    bool score, require_allowlist, authoritative;
    long min_answered;                     /* 0: 75 */
    enum state error_state, retired_state; /* OK: not given */
    enum state timeout_result;             /* OK: UNKNOWN */
} rows[] = {
    ROW("nobody is listed: no finding", FIVE T, .findings = "",
        .metrics = "listed=0 answered=5 unanswered=0 servers=5 targets=1 "),

    /* listings */
    ROW("a critical listing, with answer, TTL and the way out",
        FIVE T REPLY("bl.test") "127.0.0.2\nreason bl.test 192.0.2.1 seen at noon",
        .findings = "dnsbl.listed-critical CRITICAL 192.0.2.1;",
        .metrics = "listed=1 listed_critical=1 listed_warning=0 listed_info=0 answered=5 new=0 ",
        .text = "bl.test answered 127.0.0.2 (TTL 300 s): seen at noon"),
    ROW("the way out of a listing", FIVE T REPLY("bl.test") "127.0.0.2",
        .findings = "dnsbl.listed-critical CRITICAL 192.0.2.1;",
        .text = "ask for removal: https://bl.example/?ip=192.0.2.1"),
    ROW("where the target comes from",
        FIVE "target 192.0.2.1 MX of example.org\n" REPLY("bl.test") "127.0.0.2",
        .findings = "dnsbl.listed-critical CRITICAL 192.0.2.1 (MX of example.org);",
        .text = "listed by Test list: spam source"),
    ROW("a listing that some receivers score by is WARNING", FIVE T REPLY("b2.test") "127.0.0.2",
        .findings = "dnsbl.listed-warning WARNING 192.0.2.1;",
        .metrics = "listed=1 listed_critical=0 listed_warning=1 "),
    ROW("a listing of little weight is told and OK, and says that a range is meant",
        FIVE T REPLY("bl.test") "127.0.0.10", .findings = "dnsbl.listed-info OK 192.0.2.1;",
        .metrics = "listed=0 listed_info=1 ",
        .text = "end-user range, its whole range and not the address alone"),
    ROW("an unknown code is WARNING and counts as such", FIVE T REPLY("bl.test") "127.0.0.99",
        .findings = "dnsbl.unknown-code WARNING 192.0.2.1;",
        .metrics = "listed=1 listed_critical=0 listed_warning=1 ",
        .text = "listed by Test list: code not in the catalogue"),
    ROW("of an IPv6 listing a neighbour may be meant",
        FIVE "target 2001:db8::1\nreply bl.test 2001:db8::1 127.0.0.2",
        .findings = "dnsbl.listed-critical CRITICAL 2001:db8::1;",
        .metrics = "answered=1 servers=1 ", .text = "keeps IPv6 by /64: a neighbour may be meant"),
    ROW("a new listing says so when there is a memory",
        FIVE T REPLY("bl.test") "127.0.0.2\nnew bl.test 192.0.2.1\nmemory",
        .findings = "dnsbl.listed-critical CRITICAL 192.0.2.1;dnsbl.new OK 192.0.2.1;",
        .metrics = "new=1 ", .text = "spam source, new"),
    ROW("at the first run nothing is new",
        FIVE T REPLY("bl.test") "127.0.0.2\nnew bl.test 192.0.2.1",
        .findings = "dnsbl.listed-critical CRITICAL 192.0.2.1;", .metrics = "new=0 "),
    ROW("a listing that is gone at the second look is told",
        FIVE T REPLY("bl.test") "127.0.0.2\nunconfirmed bl.test 192.0.2.1",
        .findings = "dnsbl.unconfirmed OK 192.0.2.1;", .metrics = "listed=0 answered=5 "),
    ROW("several targets, several lists",
        FIVE T "target 192.0.2.2\n" REPLY("bl.test") "127.0.0.2\nreply b2.test 192.0.2.2 127.0.0.2",
        .findings = "dnsbl.listed-critical CRITICAL 192.0.2.1;dnsbl.listed-warning WARNING "
                    "192.0.2.2;",
        .metrics = "listed=2 listed_critical=1 listed_warning=1 answered=10 targets=2 "),
    ROW("two filters of one zone are one list",
        "list bl.test=127.0.0.2\nlist bl.test=127.0.0.3\n" T REPLY("bl.test") "127.0.0.3",
        .findings = "dnsbl.listed-warning WARNING 192.0.2.1;",
        .metrics = "listed=1 answered=1 servers=1 "),

    /* thresholds */
    ROW("listings below the thresholds are OK",
        FIVE T REPLY("bl.test") "127.0.0.2\n" REPLY("b2.test") "127.0.0.2",
        .findings = "dnsbl.listed-critical OK 192.0.2.1;dnsbl.listed-warning OK "
                    "192.0.2.1;dnsbl.below-threshold OK 192.0.2.1;",
        .metrics = "listed=2 ", .warning = "2", .critical = "2"),
    ROW("-w is reached: a critical listing is WARNING", FIVE T REPLY("bl.test") "127.0.0.2",
        .findings = "dnsbl.listed-critical WARNING 192.0.2.1;", .critical = "1"),
    ROW("-c is reached by listings of both kinds; each keeps its own weight",
        FIVE T REPLY("bl.test") "127.0.0.2\n" REPLY("b2.test") "127.0.0.2",
        .findings = "dnsbl.listed-critical CRITICAL 192.0.2.1;dnsbl.listed-warning WARNING "
                    "192.0.2.1;",
        .critical = "1"),

    /* scores */
    ROW("scores: the sum of weights is compared",
        "list bl.test*3\nlist b2.test*2\n" T REPLY("bl.test") "127.0.0.2\n" REPLY(
            "b2.test") "127.0.0.2",
        .findings = "dnsbl.listed-critical OK 192.0.2.1;dnsbl.listed-warning OK "
                    "192.0.2.1;dnsbl.score-critical CRITICAL 192.0.2.1;",
        .metrics = "score=5 ", .score = true, .warning = "2", .critical = "4"),
    ROW("scores: an allowlist takes away (postconf(5))",
        "list bl.test*3\nlist allow.test*-2\n" T REPLY("bl.test") "127.0.0.2\n" REPLY(
            "allow.test") "127.0.0.5",
        .findings = "dnsbl.listed-critical OK 192.0.2.1;dnsbl.allowlisted OK 192.0.2.1;",
        .metrics = "score=1 allowlisted=1 ", .score = true, .warning = "2", .critical = "4"),
    ROW("scores: the worst target counts",
        "list bl.test*3\n" T "target 192.0.2.2\nreply bl.test 192.0.2.2 127.0.0.2",
        .findings = "dnsbl.listed-critical OK 192.0.2.2;dnsbl.score-warning WARNING 192.0.2.2;",
        .metrics = "score=3 ", .score = true, .warning = "2", .critical = "4"),
    ROW("scores: a listing of little weight counts when its weight was given",
        "list bl.test*3\n" T REPLY("bl.test") "127.0.0.10",
        .findings = "dnsbl.listed-info OK 192.0.2.1;dnsbl.score-warning WARNING 192.0.2.1;",
        .score = true, .warning = "2", .critical = "4"),
    ROW("scores: else it does not", "list bl.test\n" T REPLY("bl.test") "127.0.0.10",
        .findings = "dnsbl.listed-info OK 192.0.2.1;", .metrics = "score=0 ", .score = true),
    ROW("scores: weights of the catalogue, where none was given",
        "list bl.test\nlist b2.test\n" T REPLY("bl.test") "127.0.0.2\n" REPLY(
            "b2.test") "127.0.0.2",
        .findings = "dnsbl.listed-critical OK 192.0.2.1;dnsbl.listed-warning OK "
                    "192.0.2.1;dnsbl.score-warning WARNING 192.0.2.1;",
        .metrics = "score=2 ", .score = true, .warning = "1", .critical = "2"),
    ROW("scores: two filters of a zone count each, as in postscreen",
        "list bl.test=127.0.0.2*3\nlist bl.test=127.0.0.3*2\n" T REPLY(
            "bl.test") "127.0.0.2 127.0.0.3",
        .findings = "dnsbl.listed-critical OK 192.0.2.1;dnsbl.listed-warning OK "
                    "192.0.2.1;dnsbl.score-critical CRITICAL 192.0.2.1;",
        .metrics = "score=5 listed=1 ", .score = true, .warning = "2", .critical = "4"),

    /* allowlists */
    ROW("an allowlist's answer is no listing",
        FIVE "list allow.test\n" T REPLY("allow.test") "127.0.0.2",
        .findings = "dnsbl.allowlisted OK 192.0.2.1;", .metrics = "listed=0 allowlisted=1 ",
        .require_allowlist = true),
    ROW("--require-allowlist", FIVE "list allow.test\n" T,
        .findings = "dnsbl.not-allowlisted WARNING 192.0.2.1;", .require_allowlist = true,
        .text = "not on the allowlist that answered"),
    ROW("--require-allowlist: an allowlist without answer says nothing",
        FIVE "list allow.test\n" T REPLY("allow.test") "SERVFAIL",
        .findings = "dnsbl.error OK allow.test;", .require_allowlist = true),

    /* lists that do not answer */
    ROW("one list of five without answer is OK and told", FIVE T REPLY("b2.test") "SERVFAIL",
        .findings = "dnsbl.error OK b2.test;", .metrics = "answered=4 unanswered=1 timeouts=0 ",
        .text = "b2.test could not be asked: SERVFAIL"),
    ROW("a time-out is OK and counted", FIVE T REPLY("b2.test") "TIMEOUT",
        .findings = "dnsbl.timeout OK b2.test;", .metrics = "unanswered=1 timeouts=1 "),
    ROW("a refusal names what was asked through",
        FIVE "resolver 192.0.2.53\n" T REPLY("b2.test") "127.255.255.254",
        .findings = "dnsbl.blocked OK b2.test;", .metrics = "blocked=1 unanswered=1 ",
        .text = "answer 127.255.255.254, asked through 192.0.2.53"),
    ROW("a refusal comes with the list's terms", FIVE T REPLY("bl.test") "REFUSED",
        .findings = "dnsbl.blocked OK bl.test;", .text = "terms: 1,000 a day"),
    ROW("a quota comes with the list's terms", FIVE T REPLY("bl.test") "127.255.255.255",
        .findings = "dnsbl.over-quota OK bl.test;", .metrics = "blocked=1 ",
        .text = "use --state-file; terms: 1,000 a day"),
    ROW("a list is told once, whatever the number of targets",
        FIVE T "target 192.0.2.2\ntarget 192.0.2.3\n" REPLY(
            "b2.test") "SERVFAIL\nreply b2.test 192.0.2.3 SERVFAIL",
        .findings = "dnsbl.error OK b2.test;", .metrics = "unanswered=2 answered=13 ",
        .text = "could not be asked for 2 of 3 targets: SERVFAIL"),
    ROW("two filters of one zone are told once",
        "list b2.test=127.0.0.2\nlist b2.test=127.0.0.3\nlist b3.test\nlist b4.test\n"
        "list b5.test\n" T REPLY("b2.test") "SERVFAIL",
        .findings = "dnsbl.error OK b2.test;", .metrics = "unanswered=1 answered=3 "),
    ROW("a blind list", FIVE T "test b2.test listed NXDOMAIN",
        .findings = "dnsbl.blind OK b2.test;", .metrics = "unanswered=1 "),
    ROW("a wildcard is WARNING and counts for nothing",
        FIVE T REPLY("bl.test") "127.0.0.2\ntest bl.test unlisted 127.0.0.2",
        .findings = "dnsbl.wildcard WARNING bl.test;",
        .metrics = "listed=0 answered=4 unanswered=0 "),
    ROW("one tampered answer is OK and told", FIVE T REPLY("b2.test") "91.195.240.117",
        .findings = "dnsbl.tampered OK b2.test;", .text = "answer 91.195.240.117"),
    ROW("a dead list is WARNING", FIVE T "test b2.test listed NXDOMAIN\napex b2.test soa NXDOMAIN",
        .findings = "dnsbl.dead WARNING b2.test;", .metrics = "answered=4 unanswered=0 "),
    ROW("a bad key is WARNING",
        FIVE "list <KEY>.dq.test\nkey dq abcd\n" T REPLY("<KEY>.dq.test") "127.255.255.251",
        .findings = "dnsbl.key-bad WARNING <KEY>.dq.test;"),
    ROW("--error-state holds for every cause",
        FIVE T REPLY("bl.test") "REFUSED\n" REPLY("b2.test") "TIMEOUT",
        .findings = "dnsbl.few-answers WARNING 192.0.2.1;dnsbl.blocked CRITICAL "
                    "bl.test;dnsbl.timeout CRITICAL b2.test;",
        .error_state = STATE_CRITICAL),

    /* lists that are not asked */
    ROW("a retired list is WARNING, with date and replacement", FIVE "list gone.test\n" T,
        .findings = "dnsbl.retired WARNING gone.test;", .metrics = "servers=5 ",
        .text = "use instead: bl.test"),
    ROW("--retired", FIVE "list gone.test\n" T, .findings = "dnsbl.retired CRITICAL gone.test;",
        .retired_state = STATE_CRITICAL, .text = "gone since 2024-06-05, emptied"),
    ROW("a list without its key is WARNING", FIVE "list <KEY>.dq.test\n" T,
        .findings = "dnsbl.key-missing WARNING <KEY>.dq.test;"),
    ROW("a list that is not in public DNS is WARNING", FIVE "list secret.test\n" T,
        .findings = "dnsbl.not-public WARNING secret.test;"),
    ROW("a list that is left alone is without answer, as at the run that it refused",
        FIVE T "skip b2.test blocked", .findings = "dnsbl.back-off OK b2.test;",
        .metrics = "answered=4 unanswered=1 blocked=1 ",
        .text = "at an earlier run it was blocked"),
    ROW("a list without name server is without answer", FIVE T "skip b2.test no-server",
        .findings = "dnsbl.no-name-server OK b2.test;", .metrics = "answered=4 unanswered=1 "),
    ROW("a required list that is left alone is WARNING",
        FIVE T "skip b2.test over-quota\nrequired b2.test",
        .findings = "dnsbl.required-unanswered WARNING b2.test;dnsbl.back-off OK b2.test;"),
    ROW("all lists left alone: nothing is known, again",
        "list b2.test\nlist b3.test\n" T "skip b2.test blocked\nskip b3.test blocked",
        .findings = "dnsbl.no-answers UNKNOWN 192.0.2.1;dnsbl.back-off OK b2.test;dnsbl.back-off "
                    "OK b3.test;",
        .metrics = "answered=0 unanswered=2 "),
    ROW("no list has a name server: nothing is known",
        "list b2.test\nlist b3.test\n" T "skip b2.test no-server\nskip b3.test no-server",
        .findings = "dnsbl.no-answers UNKNOWN 192.0.2.1;dnsbl.no-name-server OK "
                    "b2.test;dnsbl.no-name-server OK b3.test;",
        .authoritative = true),
    ROW("the deadline came first", FIVE T "unasked b2.test",
        .findings = "dnsbl.deadline UNKNOWN 192.0.2.1;", .metrics = "answered=4 unanswered=0 ",
        .text = "1 of 5 questions unasked"),
    ROW("what was under way at the deadline is not too few answers",
        "list b2.test\nlist b3.test\nlist b4.test\n" T REPLY("b2.test") "TIMEOUT\nunasked b4.test",
        .findings = "dnsbl.deadline UNKNOWN 192.0.2.1;dnsbl.timeout OK b2.test;"),
    ROW("--timeout-result", FIVE T "unasked b2.test",
        .findings = "dnsbl.deadline CRITICAL 192.0.2.1;", .timeout_result = STATE_CRITICAL),

    /* totals */
    ROW("no answer at all is UNKNOWN",
        "list b2.test\nlist b3.test\n" T REPLY("b2.test") "TIMEOUT\n" REPLY("b3.test") "SERVFAIL",
        .findings = "dnsbl.no-answers UNKNOWN 192.0.2.1;dnsbl.timeout OK b2.test;dnsbl.error OK "
                    "b3.test;",
        .text = "no answer from 2 lists"),
    ROW("no resolver is UNKNOWN and named",
        "resolver 192.0.2.53\nlist b2.test\nlist b3.test\n" T REPLY(
            "b2.test") "NO-RESOLVER\n" REPLY("b3.test") "NO-RESOLVER",
        .findings = "dnsbl.no-resolver UNKNOWN 192.0.2.53;dnsbl.error OK b2.test;dnsbl.error OK "
                    "b3.test;"),
    ROW("more than half without answer is UNKNOWN",
        FIVE "resolver 192.0.2.53\n" T REPLY("bl.test") "SERVFAIL\n" REPLY(
            "b2.test") "TIMEOUT\n" REPLY("b3.test") "REFUSED",
        .findings = "dnsbl.resolver-problem UNKNOWN 192.0.2.53;dnsbl.error OK "
                    "bl.test;dnsbl.timeout OK b2.test;dnsbl.blocked OK b3.test;",
        .text = "3 of 5 questions got no answer"),
    ROW("just half without answer is WARNING",
        "list b2.test\nlist b3.test\n" T REPLY("b2.test") "SERVFAIL",
        .findings = "dnsbl.few-answers WARNING 192.0.2.1;dnsbl.error OK b2.test;"),
    ROW("all lists without a key refuse: UNKNOWN, though one with a key answers",
        "resolver 192.0.2.53\nlist b2.test\nlist b3.test\nlist <KEY>.dq.test\n"
        "list <KEY>.dr.test\nlist <KEY>.ds.test\nkey dq abcd\n"
        "target 192.0.2.1\n" REPLY("b2.test") "REFUSED\n" REPLY("b3.test") "REFUSED",
        .findings = "dnsbl.resolver-problem UNKNOWN 192.0.2.53;dnsbl.blocked OK "
                    "b2.test;dnsbl.blocked OK b3.test;"),
    ROW("two tampered answers are a resolver that invents: UNKNOWN",
        FIVE
        "resolver 192.0.2.53\n" T REPLY("bl.test") "203.0.113.80\n" REPLY("b2.test") "203.0.113.80",
        .findings = "dnsbl.resolver-rewrites UNKNOWN 192.0.2.53;dnsbl.tampered OK "
                    "bl.test;dnsbl.tampered OK b2.test;"),
    ROW("a listing wins over everything that did not answer",
        "list bl.test\nlist b2.test\nlist b3.test\n" T REPLY("bl.test") "127.0.0.2\n" REPLY(
            "b2.test") "SERVFAIL\n" REPLY("b3.test") "TIMEOUT",
        .findings = "dnsbl.listed-critical CRITICAL 192.0.2.1;dnsbl.resolver-problem UNKNOWN "
                    ";dnsbl.error OK b2.test;dnsbl.timeout OK b3.test;"),
    ROW("--min-answered is just reached", FIVE T REPLY("b2.test") "SERVFAIL",
        .findings = "dnsbl.error OK b2.test;", .min_answered = 80),
    ROW("--min-answered is missed", FIVE T REPLY("b2.test") "SERVFAIL",
        .findings = "dnsbl.few-answers WARNING 192.0.2.1;dnsbl.error OK b2.test;",
        .min_answered = 81, .text = "4 of 5 questions answered (1 error), wanted are 81 %"),
    ROW("a required list without answer is WARNING",
        FIVE T REPLY("b2.test") "SERVFAIL\nrequired b2.test",
        .findings = "dnsbl.required-unanswered WARNING b2.test;dnsbl.error OK b2.test;",
        .text = "no answer from b2.test: SERVFAIL"),
    ROW("a public resolver is told", FIVE "resolver 8.8.8.8\nresolver 192.0.2.53\n" T,
        .findings = "dnsbl.public-resolver OK 8.8.8.8;", .text = "Google Public DNS"),

    /* targets */
    ROW("a name that does not exist is CRITICAL", FIVE "unresolved x.test address NXDOMAIN",
        .findings = "dnsbl.target-gone CRITICAL x.test;", .metrics = "targets=0 answered=0 ",
        .text = "does not exist (NXDOMAIN)"),
    ROW("a name without address is CRITICAL", FIVE "unresolved x.test address NODATA",
        .findings = "dnsbl.target-gone CRITICAL x.test;", .text = "has no address"),
    ROW("a name that cannot be asked for is UNKNOWN", FIVE T "unresolved x.test AAAA SERVFAIL",
        .findings = "dnsbl.target-unresolved UNKNOWN x.test;",
        .text = "asking for its AAAA: SERVFAIL"),
};

static double metric(const struct report *report, struct slice label)
{
    for (size_t i = 0; i < DNSBL_METRICS; i++) {
        if (slice_equals_text(label, dnsbl_metrics[i].label)) {
            assert_true(report->metrics[i].is_set);
            return report->metrics[i].value;
        }
    }
    fail_msg("no metric %.*s", SLICE_PRINTF(label));
    return -1;
}

static void assert_metrics(const struct report *report, const char *expected)
{
    struct slice rest = slice_of(expected);
    struct slice word;
    while (slice_split(&rest, ' ', &word)) {
        uint64_t number;
        size_t equals = slice_find(word, '=');
        if (word.length == 0)
            continue;
        assert_true(slice_to_number(slice_sub(word, equals + 1, word.length), 1000, &number));
        double value = metric(report, slice_sub(word, 0, equals));
        if ((uint64_t)value != number)
            fail_msg("%.*s is %g", SLICE_PRINTF(word), value);
    }
}

static void assert_text(const struct report *report, const char *part)
{
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct finding *finding = &report->findings[i];
        if (strstr(finding->text, part) != NULL || strstr(finding->fix, part) != NULL ||
            (finding->seen != NULL && strstr(finding->seen, part) != NULL))
            return;
    }
    for (size_t i = 0; i < report->finding_count; i++)
        print_message("# %s; %s; %s\n", report->findings[i].text,
                      report->findings[i].seen == NULL ? "" : report->findings[i].seen,
                      report->findings[i].fix);
    fail_msg("nowhere: %s", part);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    static struct dnsbl_fixture f;
    struct dnsbl_config config = dnsbl_config_default;
    struct plugin_common common = {.timeout_result = STATE_UNKNOWN};
    const char *target = "192.0.2.1";
    struct report report;
    struct text text;
    fixture_open(&f, catalogue, row->facts);
    report_init(&report, &f.arena, &dnsbl_definition.tables);
    assert_true(range_parse(slice_of(row->warning == NULL ? "0" : row->warning), &common.warning));
    assert_true(
        range_parse(slice_of(row->critical == NULL ? "0" : row->critical), &common.critical));
    config.hosts = (struct option_list){.values = &target, .count = 1};
    config.score = row->score;
    config.require_allowlist = row->require_allowlist;
    config.authoritative = row->authoritative;
    config.min_answered = row->min_answered != 0 ? row->min_answered : config.min_answered;
    config.error_state = row->error_state != STATE_OK ? row->error_state : STATE_IGNORE;
    config.retired_state = row->retired_state != STATE_OK ? row->retired_state : STATE_IGNORE;
    common.timeout_result = row->timeout_result != STATE_OK ? row->timeout_result : STATE_UNKNOWN;
    dnsbl_judge(&config, &common, &f.facts, &report);
    text_init(&text, 4000);
    for (size_t i = 0; i < report.finding_count; i++) {
        const struct finding *finding = &report.findings[i];
        text_printf(&text, "%s %s %s;", dnsbl_findings[finding->definition].id,
                    state_name(finding->state), finding->subject);
    }
    assert_string_equal(text.start, row->findings);
    if (row->metrics != NULL)
        assert_metrics(&report, row->metrics);
    if (row->text != NULL)
        assert_text(&report, row->text);
    /* The figures are there whatever was found; the duration is main's. */
    for (size_t i = 0; i < DNSBL_METRICS; i++)
        assert_int_equal(report.metrics[i].is_set, i != DNSBL_M_TIME);
    assert_non_null(report.summary);
    text_release(&text);
    report_release(&report);
    fixture_close(&f);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    return cases_run(&cases, "dnsbl_judge");
}
