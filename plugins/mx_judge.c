#include <math.h>
#include <string.h>

#include "base/plural.h"
#include "base/text.h"
#include "mail/spf_record.h"
#include "mx.h"
#include "record_judge.h"

/* ---- answers */

static void add_dns_error(const struct mx_judge *judge, const struct dns_answer *answer,
                          const struct dns_answer *unchecked, const char *subject)
{
    const struct record_judge failures = {
        .report = judge->report,
        .timeout_result = judge->common->timeout_result,
        .error = MX_F_DNS_ERROR,
        .bogus = MX_F_DNS_BOGUS,
    };

    if (answer != NULL && answer->status != DNS_BAD_NAME)
        record_judge_failure(&failures, subject, answer, unchecked);
}

static void judge_answers(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;

    add_dns_error(judge, facts->exchangers.mx, facts->unchecked, facts->domain);
    for (size_t i = 0; i < facts->host_count; i++) {
        const struct exchanger *exchanger = facts->hosts[i].exchanger;

        add_dns_error(judge, exchanger->aaaa, NULL, exchanger->host);
        add_dns_error(judge, exchanger->a, NULL, exchanger->host);
    }
}

/* ---- null MX, none at all */

/* RFC 7505 4.2: a domain that takes no mail should not send any. A record that is redirected or
 * wrong is for check_spf. */
static const struct dns_record *permissive_spf(const struct mx_judge *judge)
{
    const struct dns_answer *answer = judge->facts->spf;

    for (size_t i = 0; i < answer->record_count; i++) {
        struct spf_record record;

        if (!spf_record_is(answer->records[i].text) ||
            !spf_record_parse(answer->records[i].text, judge->facts->arena, &record))
            continue;
        for (size_t k = 0; k < record.count; k++) {
            if (spf_term_is_mechanism(&record.terms[k]) && record.terms[k].qualifier == '+')
                return &answer->records[i];
        }
    }
    return NULL;
}

static void judge_null_record(const struct mx_judge *judge)
{
    const struct exchangers *exchangers = &judge->facts->exchangers;
    const char *what = NULL;

    for (size_t i = 0; i < exchangers->count && what == NULL; i++) {
        const struct exchanger *exchanger = &exchangers->list[i];

        if (exchanger->is_null && exchanger->preference != 0)
            what = "its preference is not 0";
        else if (exchanger->is_null && exchangers->count > 1)
            what = "it does not stand alone";
        else if (strcmp(exchanger->host, "0") == 0)
            what = "the exchanger is \"0\": what was meant is \"0 .\", preference and exchanger";
    }
    if (what == NULL)
        return;
    struct finding *finding = report_add(judge->report, MX_F_NULL_WRONG, judge->facts->domain,
                                         "the null MX is written wrongly: %s", what);
    report_fix(judge->report, finding,
               "If the domain takes no mail, publish this MX record alone: %s. MX 0 .  Else remove "
               "the null MX",
               judge->facts->domain);
}

static void judge_null(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;
    const struct dns_record *spf = permissive_spf(judge);

    judge_null_record(judge);
    if (facts->exchangers.status == EXCHANGERS_NULL) {
        if (!judge->config->expect_null)
            report_add(judge->report, MX_F_NULL, facts->domain,
                       "the domain says that it takes no mail (null MX)");
        if (spf != NULL)
            report_seen(
                judge->report,
                report_add(judge->report, MX_F_NULL_SENDS, facts->domain,
                           "the domain takes no mail, and its SPF record lets servers send"),
                "%.*s", SLICE_PRINTF(spf->text));
    } else if (judge->config->expect_null && facts->exchangers.status != EXCHANGERS_PENDING &&
               facts->exchangers.status != EXCHANGERS_FAILED) {
        struct finding *finding =
            report_add(judge->report, MX_F_NOT_NULL, facts->domain,
                       facts->exchangers.status == EXCHANGERS_FOUND
                           ? "the domain has exchangers where a null MX is expected"
                           : "the domain has no null MX");
        report_fix(judge->report, finding, "Publish: %s. MX 0 .", facts->domain);
    }
}

static void judge_presence(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;

    switch (facts->exchangers.status) {
    case EXCHANGERS_NO_DOMAIN:
        report_add(judge->report, MX_F_NO_DOMAIN, facts->domain,
                   "the domain does not exist (NXDOMAIN)");
        break;
    case EXCHANGERS_NO_ADDRESS:
        report_add(judge->report, MX_F_NONE, facts->domain,
                   "the domain has no MX record and no %saddress",
                   judge->common->only_v4   ? "IPv4 "
                   : judge->common->only_v6 ? "IPv6 "
                                            : "");
        break;
    case EXCHANGERS_IMPLICIT: {
        if (!facts->exchangers.list[0].is_resolved)
            break;
        struct finding *finding =
            report_add(judge->report, MX_F_IMPLICIT, facts->domain,
                       "the domain has no MX record: mail goes to its own address");
        report_fix(judge->report, finding,
                   "Publish %s. MX 10 and the name of the mail server, or %s. MX 0 . if the domain "
                   "takes no mail",
                   facts->domain, facts->domain);
        break;
    }
    default:
        break;
    }
}

/* ---- --expect */

static const struct exchanger *find_exchanger(const struct exchangers *exchangers,
                                              const struct mx_expected *expected)
{
    const struct exchanger *same_host = NULL;

    for (size_t i = 0; i < exchangers->count; i++) {
        const struct exchanger *exchanger = &exchangers->list[i];

        if (strcmp(exchanger->host, expected->host) != 0)
            continue;
        if (!expected->has_preference || exchanger->preference == expected->preference)
            return exchanger;
        same_host = exchanger;
    }
    return same_host;
}

static bool is_expected(const struct mx_facts *facts, const struct exchanger *exchanger)
{
    for (size_t i = 0; i < facts->expected_count; i++) {
        if (strcmp(exchanger->host, facts->expected[i].host) == 0)
            return true;
    }
    return false;
}

static void judge_expected(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;
    const struct exchangers *exchangers = &facts->exchangers;
    const char *before = "";
    struct text text;

    if (facts->expected_count == 0 || exchangers->status == EXCHANGERS_PENDING ||
        exchangers->status == EXCHANGERS_FAILED)
        return;
    text_init(&text, 1000);
    for (size_t i = 0; i < facts->expected_count; i++) {
        const struct mx_expected *expected = &facts->expected[i];
        const struct exchanger *exchanger = find_exchanger(exchangers, expected);

        if (exchanger == NULL)
            text_printf(&text, "%s%s is missing", before, expected->host);
        else if (expected->has_preference && exchanger->preference != expected->preference)
            text_printf(&text, "%s%s has preference %u, not %u", before, expected->host,
                        exchanger->preference, expected->preference);
        before = text.length > 0 ? "; " : "";
    }
    for (size_t i = 0; i < exchangers->count; i++) {
        if (!is_expected(facts, &exchangers->list[i]))
            text_printf(&text, "%s%s is unexpected", before, exchangers->list[i].host);
        before = text.length > 0 ? "; " : "";
    }
    if (text.length > 0)
        report_add(judge->report, MX_F_EXPECT, facts->domain,
                   "the exchangers are not the expected ones: %s", text.start);
    text_release(&text);
}

/* ---- TTL, DNSSEC */

/* A resolver counts a TTL down: a low one says something only where it came from the zone. */
static bool is_from_zone(const struct mx_facts *facts, uint32_t *ttl)
{
    for (size_t i = 0; i < facts->servers.count; i++) {
        const struct name_server *server = &facts->servers.servers[i];

        if (server->status == DNS_OK) {
            *ttl = server->ttl;
            return true;
        }
    }
    return facts->exchangers.mx->authoritative;
}

static void judge_ttl(const struct mx_judge *judge)
{
    const struct range usual = {.is_set = true, .start = MX_TTL_LEAST, .end = MX_TTL_MOST};
    const struct range *range = judge->config->ttl.is_set ? &judge->config->ttl : &usual;
    const struct dns_answer *mx = judge->facts->exchangers.mx;
    uint32_t ttl = mx->ttl;
    bool is_exact = is_from_zone(judge->facts, &ttl);

    if (mx->status != DNS_OK || !range_alerts(range, ttl))
        return;
    if (!is_exact && (range->end_infinite || ttl < range->end))
        return;
    report_add_as(judge->report, MX_F_TTL, judge->config->ttl.is_set ? STATE_WARNING : STATE_OK,
                  judge->facts->domain, "the TTL of the MX records is %u s", (unsigned)ttl);
}

static void judge_dnssec(const struct mx_judge *judge)
{
    const struct dns_answer *secure = judge->facts->secure;

    if (!dns_status_is_answer(secure->status))
        return;
    struct finding *finding = report_add(
        judge->report, MX_F_DNSSEC, judge->facts->domain,
        secure->authentic
            ? "the resolver says that the MX records are signed and the signatures are good"
            : "the MX records are not signed, or the resolver does not validate");

    if (secure->authentic)
        report_fix(judge->report, finding, "Nothing");
}

/* ---- the whole */

static const char *status_word(enum exchangers_status status)
{
    switch (status) {
    case EXCHANGERS_NULL:
        return "takes no mail (null MX)";
    case EXCHANGERS_NO_DOMAIN:
        return "does not exist";
    case EXCHANGERS_NO_ADDRESS:
        return "has no exchanger";
    default:
        return "exchangers not known";
    }
}

/* "20 mx2.example.org works" */
static void describe(const struct mx_facts *facts, struct text *text)
{
    for (size_t i = 0; i < facts->host_count; i++) {
        const struct mx_host *host = &facts->hosts[i];

        text_printf(text, "%s%u %s", i == 0 ? "" : ", ", host->exchanger->preference,
                    host->exchanger->host);
        if (host->is_dead && facts->was_connected)
            text_append(text, " dead as meant");
    }
}

static void summarize(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;
    struct text text;
    size_t up = 0;

    report_target(judge->report, "%s", facts->domain);
    if (facts->host_count == 0) {
        report_summary(judge->report, "%s: %s", facts->domain,
                       status_word(facts->exchangers.status));
        return;
    }
    for (size_t i = 0; i < facts->host_count; i++)
        up += facts->hosts[i].answer == MX_WORKS && !facts->hosts[i].is_dead;
    text_init(&text, 500);
    describe(facts, &text);
    if (facts->was_connected)
        report_summary(judge->report, "%s: %zu of %zu exchanger%s work%s: %s", facts->domain, up,
                       facts->host_count, plural(facts->host_count, "", "s"),
                       plural(facts->host_count, "s", ""), text.start);
    else
        report_summary(judge->report, "%s: %zu exchanger%s: %s", facts->domain, facts->host_count,
                       plural(facts->host_count, "", "s"), text.start);
    text_release(&text);
}

void mx_judge(const struct mx_config *config, const struct plugin_common *common,
              const struct mx_facts *facts, struct report *report)
{
    static const struct name_servers_findings servers = {
        .differs = MX_F_NS_DIFFER,
        .missing = MX_F_NS_MISSING,
        .silent = MX_F_NS_SILENT,
        .unknown = MX_F_NS_UNKNOWN,
    };
    const struct mx_judge judge = {config, common, facts, report};

    summarize(&judge);
    judge_answers(&judge);
    judge_presence(&judge);
    judge_null(&judge);
    judge_expected(&judge);
    if (facts->was_connected) {
        mx_judge_servers(&judge);
        mx_judge_recipients(&judge);
        mx_judge_tls(&judge);
    }
    mx_judge_names(&judge);
    judge_ttl(&judge);
    judge_dnssec(&judge);
    if (config->authoritative)
        name_servers_judge(&facts->servers, &servers, report);
}
