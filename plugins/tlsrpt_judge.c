#include "base/plural.h"
#include "record_judge.h"
#include "tlsrpt.h"

/* What all functions here need. */
struct judge {
    const struct tlsrpt_config *config;
    const struct plugin_common *common;
    const struct tlsrpt_facts *facts;
    const struct tlsrpt_domain *domain;
    struct report *report;
};

static void fix_record(const struct judge *judge, struct finding *finding,
                       const struct tlsrpt_record *record)
{
    report_fix(judge->report, finding, "Publish at %s: %s", judge->domain->discovery.name,
               tlsrpt_record_repair(judge->facts->arena, record, judge->domain->domain));
}

static void add(const struct judge *judge, enum tlsrpt_finding definition,
                const struct tlsrpt_record *record, const char *text)
{
    struct finding *finding =
        report_add(judge->report, definition, judge->domain->discovery.name, "%s", text);
    report_seen(judge->report, finding, "%.*s", SLICE_PRINTF(record->text));
    fix_record(judge, finding, record);
}

/* ---- the answer */

static void judge_failure(const struct judge *judge)
{
    const struct dns_answer *answer = judge->domain->discovery.answer;
    const struct record_judge failures = {
        .report = judge->report,
        .timeout_result = judge->common->timeout_result,
        .error = TLSRPT_F_DNS_ERROR,
        .bogus = TLSRPT_F_DNS_BOGUS,
    };
    record_judge_failure(&failures, answer->name, answer, judge->domain->unchecked);
}

static bool has_sts(const struct tlsrpt_domain *domain)
{
    for (size_t i = 0; i < domain->sts->record_count; i++) {
        if (slice_starts_with(domain->sts->records[i].text, "v=STSv1"))
            return true;
    }
    return false;
}

static bool has_dane(const struct tlsrpt_domain *domain)
{
    for (size_t i = 0; i < domain->tlsa_count; i++) {
        if (domain->tlsa[i]->status == DNS_OK)
            return true;
    }
    return false;
}

/* A question without an answer that may hide a policy, or NULL. */
static const struct dns_answer *find_unknown(const struct tlsrpt_domain *domain)
{
    if (!dns_status_is_answer(domain->sts->status))
        return domain->sts;
    if (!dns_status_is_answer(domain->mx->status))
        return domain->mx;
    for (size_t i = 0; i < domain->tlsa_count; i++) {
        enum dns_status status = domain->tlsa[i]->status;
        if (!dns_status_is_answer(status) && status != DNS_BAD_NAME)
            return domain->tlsa[i];
    }
    return NULL;
}

static void judge_absence(const struct judge *judge)
{
    const struct tlsrpt_domain *domain = judge->domain;
    bool with_sts = has_sts(domain);
    bool with_dane = has_dane(domain);
    const char *name = domain->discovery.name;
    const struct dns_answer *unknown = NULL;
    char buffer[12];
    struct finding *finding;
    if (judge->config->is_required)
        finding =
            report_add(judge->report, TLSRPT_F_REQUIRED, name, "there is no TLS reporting record");
    else if (with_sts || with_dane)
        finding = report_add(judge->report, TLSRPT_F_ABSENT_STS, name,
                             "there is no TLS reporting record, and %s is on: its failures stay "
                             "unseen",
                             with_sts ? "MTA-STS" : "DANE");
    else if ((unknown = find_unknown(domain)) != NULL)
        finding = report_add(judge->report, TLSRPT_F_DNS_ERROR, name,
                             "there is no TLS reporting record, and whether MTA-STS or DANE is on "
                             "is not known: %s for the question %s %s",
                             dns_answer_word(unknown), unknown->name,
                             dns_type_name(unknown->type, buffer));
    else
        finding =
            report_add(judge->report, TLSRPT_F_ABSENT, name, "there is no TLS reporting record");
    if (unknown != NULL)
        return;
    report_fix(judge->report, finding, "Publish at %s: v=TLSRPTv1; rua=mailto:tls-reports@%s", name,
               domain->domain);
}

/* ---- the record */

static void judge_texts(const struct judge *judge)
{
    const struct tlsrpt_discovery *discovery = &judge->domain->discovery;
    for (size_t i = 0; i < discovery->text_count; i++) {
        if (discovery->texts[i].is_near_miss)
            add(judge, TLSRPT_F_RECORD, &discovery->texts[i],
                "the text does not begin with v=TLSRPTv1; and is no record");
    }
    if (discovery->record_count > 1)
        add(judge, TLSRPT_F_RECORD, &discovery->texts[0],
            arena_format(judge->facts->arena, "%zu records: none of them counts",
                         discovery->record_count));
}

static void judge_record(const struct judge *judge)
{
    const struct tlsrpt_record *record = judge->domain->discovery.record;
    if (record->tags.error != TAG_LIST_FINE)
        add(judge, TLSRPT_F_RECORD, record,
            arena_format(judge->facts->arena, "%s at octet %zu",
                         tag_list_error_text(record->tags.error), record->tags.error_offset));
    if (!record->has_reports)
        add(judge, TLSRPT_F_RECORD, record, "there is no rua=");
    if (record->unknown_tags > 0)
        report_seen(judge->report,
                    report_add(judge->report, TLSRPT_F_UNKNOWN_TAG, judge->domain->discovery.name,
                               "the record has extensions that nobody knows"),
                    "%.*s", SLICE_PRINTF(record->text));
}

static bool is_dead(const struct tlsrpt_domain *domain, size_t index)
{
    const struct dmarc_uri *uri = &domain->discovery.record->reports.list[index];
    return uri->fault != DMARC_URI_FINE || domain->hosts[index] == DMARC_HOST_NONEXISTENT ||
           domain->hosts[index] == DMARC_HOST_NULL_MX ||
           domain->hosts[index] == DMARC_HOST_NO_ADDRESS;
}

static struct tlsrpt_https_result https_result(const struct tlsrpt_facts *facts,
                                               const struct tlsrpt_domain *domain, size_t index)
{
    const struct tlsrpt_https *https = domain->https != NULL ? domain->https[index] : NULL;
    return tlsrpt_https_result(facts->arena, https, facts->now);
}

static void judge_https(const struct judge *judge, size_t index, bool is_all)
{
    const struct dmarc_uri *uri = &judge->domain->discovery.record->reports.list[index];
    struct tlsrpt_https_result result = https_result(judge->facts, judge->domain, index);
    const char *name = judge->domain->discovery.name;
    struct finding *finding = NULL;
    switch (result.verdict) {
    case TLSRPT_HTTPS_NOT_WANTED:
    case TLSRPT_HTTPS_FINE:
        return;
    case TLSRPT_HTTPS_BAD:
    case TLSRPT_HTTPS_BAD_BESIDE_FINE:
    case TLSRPT_HTTPS_BAD_BESIDE_UNKNOWN:
        finding = report_add_as(judge->report, TLSRPT_F_HTTPS_TLS,
                                is_all ? STATE_CRITICAL : STATE_WARNING, name, "rua=%.*s: %s",
                                SLICE_PRINTF(uri->text), result.reason);
        break;
    case TLSRPT_HTTPS_UNKNOWN:
    case TLSRPT_HTTPS_LATE:
        finding = report_add_as(judge->report, TLSRPT_F_HTTPS_UNKNOWN,
                                result.verdict == TLSRPT_HTTPS_LATE ? judge->common->timeout_result
                                                                    : STATE_UNKNOWN,
                                name, "rua=%.*s: %s", SLICE_PRINTF(uri->text), result.reason);
        break;
    }
    if (result.repair[0] != '\0')
        report_fix(judge->report, finding, "%s", result.repair);
}

static void judge_addresses(const struct judge *judge)
{
    const struct tlsrpt_domain *domain = judge->domain;
    const struct dmarc_uris *uris = &domain->discovery.record->reports;
    size_t dead = 0;
    for (size_t i = 0; i < uris->count; i++)
        dead +=
            is_dead(domain, i) || https_result(judge->facts, domain, i).verdict == TLSRPT_HTTPS_BAD;
    if (uris->omitted > 0)
        report_add(judge->report, TLSRPT_F_URI_UNKNOWN, domain->discovery.name,
                   "rua= has %zu addresses, only the first %d were looked at",
                   uris->count + uris->omitted, DMARC_URI_MAX);
    for (size_t i = 0; i < uris->count; i++) {
        const struct dmarc_uri *uri = &uris->list[i];
        bool is_all = dead == uris->count + uris->omitted;
        enum tlsrpt_finding definition = is_all ? TLSRPT_F_URI_ALL : TLSRPT_F_URI;
        if (uri->fault != DMARC_URI_FINE)
            add(judge, definition, domain->discovery.record,
                arena_format(judge->facts->arena, "rua=%.*s: %s", SLICE_PRINTF(uri->text),
                             dmarc_uri_fault_text(uri->fault)));
        else if (is_dead(domain, i))
            /* The record is well written: another address is needed, or another host. */
            report_add(judge->report, definition, domain->discovery.name,
                       "rua=%.*s: no report arrives at %s, %s", SLICE_PRINTF(uri->text),
                       uri->domain, dmarc_host_text(domain->hosts[i]));
        else if (domain->hosts[i] == DMARC_HOST_UNKNOWN)
            report_add(judge->report, TLSRPT_F_URI_UNKNOWN, domain->discovery.name,
                       "rua=%.*s: whether reports arrive at %s is not known",
                       SLICE_PRINTF(uri->text), uri->domain);
        else
            judge_https(judge, i, is_all);
    }
}

/* ---- -w and -c */

/* What reports can reach, and what they may: the rest was not looked at, or gave no answer. */
struct reach {
    bool is_known; /* whether there is a record */
    size_t usable, unknown;
};

/* A record with a fault is none (RFC 8460 3). */
static struct reach find_reach(const struct tlsrpt_facts *facts, const struct tlsrpt_domain *domain)
{
    const struct tlsrpt_record *record = domain->discovery.record;
    struct reach reach = {.is_known = dns_status_is_answer(domain->discovery.answer->status)};
    if (record == NULL || record->tags.error != TAG_LIST_FINE)
        return reach;
    reach.unknown = record->reports.omitted;
    for (size_t i = 0; i < record->reports.count; i++) {
        enum tlsrpt_https_verdict verdict = https_result(facts, domain, i).verdict;
        if (is_dead(domain, i) || verdict == TLSRPT_HTTPS_BAD)
            continue;
        bool is_unknown = domain->hosts[i] == DMARC_HOST_UNKNOWN ||
                          verdict >= TLSRPT_HTTPS_UNKNOWN ||
                          verdict == TLSRPT_HTTPS_BAD_BESIDE_UNKNOWN;
        reach.unknown += is_unknown;
        reach.usable += !is_unknown;
    }
    return reach;
}

static enum state state_of(const struct judge *judge, size_t usable)
{
    if (range_alerts(&judge->common->critical, (double)usable))
        return STATE_CRITICAL;
    return range_alerts(&judge->common->warning, (double)usable) ? STATE_WARNING : STATE_OK;
}

/* Told only where what is not known changes nothing. */
static void judge_limits(const struct judge *judge)
{
    struct reach reach = find_reach(judge->facts, judge->domain);
    enum state state = state_of(judge, reach.usable);
    for (size_t i = 1; i <= reach.unknown; i++) {
        if (state_of(judge, reach.usable + i) != state)
            return;
    }
    if (!reach.is_known || state == STATE_OK)
        return;
    bool is_critical = state == STATE_CRITICAL;
    report_add_as(judge->report, TLSRPT_F_RUA_LIMIT, state, judge->domain->discovery.name,
                  "%zu usable report address%s, wanted is %s (%s)", reach.usable,
                  plural(reach.usable, "", "es"),
                  range_text(judge->facts->arena,
                             is_critical ? &judge->common->critical : &judge->common->warning),
                  is_critical ? "-c" : "-w");
}

/* ---- what the user knows */

static void judge_expectations(const struct judge *judge)
{
    const struct tlsrpt_domain *domain = judge->domain;
    const char *name = domain->discovery.name;
    record_judge_expected(judge->report, TLSRPT_F_EXPECT, name, name,
                          tlsrpt_own_text(domain, judge->facts->arena),
                          judge->config->expected_text);
    record_judge_change(judge->report, TLSRPT_F_CHANGED, name, &domain->memory, judge->facts->now,
                        judge->config->changed_for);
}

/* ---- the whole */

static void judge_domain(const struct judge *judge)
{
    static const struct name_servers_findings servers = {
        .differs = TLSRPT_F_NS_DIFFER,
        .missing = TLSRPT_F_NS_MISSING,
        .silent = TLSRPT_F_NS_SILENT,
        .unknown = TLSRPT_F_NS_UNKNOWN,
    };
    const struct tlsrpt_domain *domain = judge->domain;
    const struct dns_answer *answer = domain->discovery.answer;
    bool is_missing = answer->status == DNS_NXDOMAIN || answer->status == DNS_NODATA;
    if (domain->cname != NULL && domain->cname->status == DNS_OK)
        report_add(judge->report, TLSRPT_F_TXT_CNAME, answer->name,
                   "the name has a CNAME (to %s) and TXT records: which one is seen is chance",
                   domain->cname->records[0].target);
    if (is_missing && answer->chain_length > 0)
        report_add(judge->report, TLSRPT_F_CNAME_DANGLING, answer->name,
                   "the CNAME leads to %s, where there is no TXT record (%s)",
                   answer->chain[answer->chain_length - 1], dns_answer_word(answer));
    else if (!dns_status_is_answer(answer->status))
        judge_failure(judge);
    judge_texts(judge);
    if (domain->discovery.record != NULL) {
        judge_record(judge);
        judge_addresses(judge);
    } else if (dns_status_is_answer(answer->status) && answer->chain_length == 0 &&
               domain->discovery.record_count == 0 &&
               tlsrpt_own_text(domain, judge->facts->arena)[0] == '\0') {
        judge_absence(judge);
    }
    judge_limits(judge);
    judge_expectations(judge);
    if (judge->config->authoritative)
        name_servers_judge(&domain->servers, &servers, judge->report);
}

static void summarize(const struct tlsrpt_facts *facts, struct report *report)
{
    const struct tlsrpt_domain *first = &facts->domains[0];
    if (facts->domain_count > 1) {
        report_target(report, "%zu domains", facts->domain_count);
        report_summary(report, "%zu domains", facts->domain_count);
        return;
    }
    report_target(report, "%s", first->domain);
    if (first->discovery.record != NULL)
        report_summary(report, "%s: %.*s", first->domain,
                       SLICE_PRINTF(first->discovery.record->text));
    else
        report_summary(report, "%s: no TLS reporting", first->domain);
}

/* The figures of all domains; of what can be reached, the least. */
static void judge_metrics(const struct plugin_common *common, const struct tlsrpt_facts *facts,
                          struct report *report)
{
    size_t records = 0;
    size_t addresses = 0;
    size_t usable = SIZE_MAX;
    bool all_known = true;
    bool all_reached = true;
    for (size_t i = 0; i < facts->domain_count; i++) {
        const struct tlsrpt_discovery *discovery = &facts->domains[i].discovery;
        struct reach reach = find_reach(facts, &facts->domains[i]);
        records += discovery->record_count;
        if (discovery->record != NULL)
            addresses += discovery->record->reports.count + discovery->record->reports.omitted;
        usable = reach.usable < usable ? reach.usable : usable;
        all_known = all_known && reach.is_known;
        all_reached = all_reached && reach.unknown == 0;
    }
    report_metric_bounds(report, TLSRPT_M_RUA_USABLE, &common->warning, &common->critical);
    if (!all_known)
        return;
    report_metric(report, TLSRPT_M_RECORDS, (double)records);
    report_metric(report, TLSRPT_M_RUA_COUNT, (double)addresses);
    if (all_reached)
        report_metric(report, TLSRPT_M_RUA_USABLE, (double)usable);
}

void tlsrpt_judge(const struct tlsrpt_config *config, const struct plugin_common *common,
                  const struct tlsrpt_facts *facts, struct report *report)
{
    summarize(facts, report);
    for (size_t i = 0; i < facts->domain_count; i++)
        judge_domain(&(struct judge){config, common, facts, &facts->domains[i], report});
    if (facts->memory_trouble != NULL)
        report_add(report, TLSRPT_F_STATE_FILE, "state file", "%s", facts->memory_trouble);
    judge_metrics(common, facts, report);
}
