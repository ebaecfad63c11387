#include <math.h>
#include <string.h>

#include "mail/public_suffix.h"
#include "spf.h"

const char *spf_record_text(const struct spf_domain *domain, struct arena *arena)
{
    const struct spf_node *root = domain->tree.root;
    if (root->state != SPF_NODE_RECORD && root->state != SPF_NODE_MULTIPLE)
        return NULL;
    return spf_lint_visible(root->record.text, arena);
}

bool spf_record_is_known(const struct spf_domain *domain)
{
    enum spf_node_state state = domain->tree.root->state;
    return state == SPF_NODE_RECORD || state == SPF_NODE_MULTIPLE || state == SPF_NODE_NONE;
}

/* What all functions of the judge need. */
struct judge {
    const struct spf_config *config;
    const struct plugin_common *common;
    struct spf_facts *facts;
    struct report *report;
};

/* A text without a domain is no place to publish at. */
static const char *subject_of(const struct judge *judge, const char *holder)
{
    return judge->facts->is_offline && strcmp(holder, SPF_RECORD_DOMAIN) == 0 ? "record" : holder;
}

static struct finding *add_issue(struct judge *judge, const struct spf_issue *issue)
{
    const char *subject = subject_of(judge, issue->holder);
    size_t definition = (size_t)issue->kind;
    if (issue->kind == SPF_ISSUE_NONE && judge->config->allow_none)
        definition = SPF_F_NONE_ALLOWED;
    if (issue->is_unasked)
        return report_add_as(judge->report, definition, judge->common->timeout_result, subject,
                             "%s", issue->text);
    return report_add(judge->report, definition, subject, "%s", issue->text);
}

static void judge_issues(struct judge *judge, struct spf_domain *domain)
{
    const struct spf_config *config = judge->config;
    struct spf_lint_options options = {
        .lookup_warning = (unsigned)config->lookup_warning,
        .addresses_warning = (uint64_t)config->max_addresses,
        .parked = config->parked,
        .suffixes = public_suffix_builtin(),
    };
    if (config->required_all != NULL)
        options.required_all = strcmp(config->required_all, "fail") == 0 ? '-' : '~';
    spf_lint(&domain->tree, &options, &domain->arena, &domain->issues);
    for (size_t i = 0; i < domain->issues.count; i++) {
        const struct spf_issue *issue = &domain->issues.issues[i];
        struct finding *finding = add_issue(judge, issue);
        if (issue->seen != NULL)
            report_seen(judge->report, finding, "%s", issue->seen);
        else if (issue->term != NULL)
            report_seen(judge->report, finding, "%s", issue->term);
        if (issue->repair != NULL)
            report_fix(judge->report, finding, "Publish at %s: %s",
                       judge->facts->is_offline ? "the domain" : issue->holder, issue->repair);
    }
    if (domain->issues.left_out > 0)
        report_detail(judge->report, 1, "%s: %zu more findings are not shown", domain->domain,
                      domain->issues.left_out);
}

/* ---- addresses */

static size_t result_finding(enum spf_result result)
{
    switch (result) {
    case SPF_FAIL:
        return SPF_F_RESULT_FAIL;
    case SPF_SOFTFAIL:
        return SPF_F_RESULT_SOFTFAIL;
    case SPF_NEUTRAL:
        return SPF_F_RESULT_NEUTRAL;
    case SPF_NONE:
        return SPF_F_RESULT_NONE;
    case SPF_TEMPERROR:
        return SPF_F_RESULT_TEMPERROR;
    case SPF_PERMERROR:
        return SPF_F_RESULT_PERMERROR;
    default:
        return SPF_F_RESULT_UNEXPECTED;
    }
}

/* The record with the address in front of the mechanism that did not let it pass. */
static void fix_address(struct judge *judge, struct finding *finding,
                        const struct spf_domain *domain, const struct spf_check *check)
{
    const struct spf_node *root = domain->tree.root;
    enum spf_result result = check->verdict.result;
    bool is_policy = result == SPF_FAIL || result == SPF_SOFTFAIL || result == SPF_NEUTRAL;
    if (!is_policy || root->state != SPF_NODE_RECORD || root->record.error != SPF_FINE)
        return;
    char buffer[IP_TEXT_SIZE];
    struct ip_address ip = ip_unmap(check->request.ip);
    struct slice text = root->record.text;
    report_fix(judge->report, finding, "Publish at %s: v=spf1 %s:%s%.*s", domain->domain,
               ip.family == IP_V4 ? "ip4" : "ip6", ip_print(&ip, buffer),
               (int)(text.length - strlen("v=spf1")), text.start + strlen("v=spf1"));
}

static void judge_mail_from(struct judge *judge, const struct spf_domain *domain,
                            const struct spf_check *check)
{
    const struct spf_verdict *verdict = &check->verdict;
    const char *expected = judge->config->expected_result;
    const char *result = spf_result_name(verdict->result);
    char buffer[IP_TEXT_SIZE];
    const char *address = ip_print(&check->request.ip, buffer);
    if (strcmp(result, expected) == 0)
        return;
    /* Not knowing is not another result. */
    size_t definition = strcmp(expected, "pass") == 0 || verdict->result == SPF_TEMPERROR
                            ? result_finding(verdict->result)
                            : (size_t)SPF_F_RESULT_UNEXPECTED;
    const char *reason = verdict->problem != NULL     ? verdict->problem
                         : verdict->mechanism != NULL ? verdict->mechanism
                                                      : "no record";
    struct finding *finding = report_add(judge->report, definition, domain->domain,
                                         "mail from %s gets %s, expected is %s: %s of %s", address,
                                         result, expected, reason, verdict->holder);
    if (verdict->explanation != NULL)
        report_seen(judge->report, finding, "%s explains: %s", verdict->domain,
                    verdict->explanation);
    if (definition != SPF_F_RESULT_UNEXPECTED)
        fix_address(judge, finding, domain, check);
}

static void judge_helo(struct judge *judge, const struct spf_check *check)
{
    const struct spf_verdict *verdict = &check->verdict;
    if (verdict->result == SPF_FAIL || verdict->result == SPF_PERMERROR) {
        char buffer[IP_TEXT_SIZE];
        report_add(judge->report, SPF_F_HELO_FAIL, check->request.helo, "%s gets %s: %s of %s",
                   ip_print(&check->request.ip, buffer), spf_result_name(verdict->result),
                   verdict->problem != NULL ? verdict->problem : verdict->mechanism,
                   verdict->holder);
    } else if (verdict->result == SPF_TEMPERROR) {
        report_add(judge->report, SPF_ISSUE_DNS_ERROR, check->request.helo, "%s",
                   verdict->problem == NULL ? "temperror" : verdict->problem);
    }
}

static void judge_checks(struct judge *judge, const struct spf_domain *domain)
{
    for (size_t i = 0; i < domain->check_count; i++) {
        const struct spf_check *check = &domain->checks[i];
        if (check->identity == SPF_HELO) {
            judge_helo(judge, check);
            continue;
        }
        judge_mail_from(judge, domain, check);
        if (check->verdict.ptr_names > SPF_NAMES_LIMIT) {
            char buffer[IP_TEXT_SIZE];
            report_add(judge->report, SPF_F_PTR_NAMES, domain->domain,
                       "%s has %zu reverse names, receivers look at %d",
                       ip_print(&check->request.ip, buffer), check->verdict.ptr_names,
                       SPF_NAMES_LIMIT);
        }
    }
    if (judge->config->with_mx && domain->check_count == 0)
        report_add(judge->report, SPF_F_MX_UNKNOWN, domain->domain,
                   "no address of an exchanger is known (MX: %s)",
                   domain->mx == NULL ? "not asked" : dns_status_name(domain->mx->status));
    if (domain->helo_text != NULL) {
        struct slice text;
        enum spf_selection found = spf_select(domain->helo_text, &text);
        if (found == SPF_SELECT_NONE)
            report_add(judge->report, SPF_F_HELO_SPF, judge->config->helo,
                       "the HELO name has no SPF record (%s)",
                       dns_status_name(domain->helo_text->status));
        else if (domain->check_count == 0 &&
                 (found == SPF_SELECT_ERROR || found == SPF_SELECT_PENDING))
            report_add(judge->report, SPF_ISSUE_DNS_ERROR, judge->config->helo,
                       "%s for the question %s TXT", dns_status_name(domain->helo_text->status),
                       judge->config->helo);
    }
}

static void judge_servers(struct judge *judge, const struct spf_domain *domain)
{
    static const struct name_servers_findings findings = {
        .differs = SPF_F_NS_DIFFER,
        .missing = SPF_F_NS_MISSING,
        .silent = SPF_F_NS_SILENT,
        .unknown = SPF_F_NS_UNKNOWN,
    };
    if (judge->config->authoritative && !judge->facts->is_offline)
        name_servers_judge(&domain->servers, &findings, judge->report);
}

/* ---- the record as a whole */

static void judge_thresholds(struct judge *judge, const struct spf_domain *domain)
{
    unsigned lookups = domain->tree.lookups;
    if (range_alerts(&judge->common->critical, lookups))
        report_add(judge->report, SPF_F_LOOKUPS_CRITICAL, domain->domain, "%u DNS lookups",
                   lookups);
    else if (range_alerts(&judge->common->warning, lookups))
        report_add(judge->report, SPF_F_LOOKUPS_WARNING, domain->domain, "%u DNS lookups", lookups);
}

static void judge_text(struct judge *judge, const struct spf_domain *domain)
{
    const char *expected = judge->config->expected_text;
    const char *record = spf_record_text(domain, judge->facts->arena);
    if (expected != NULL && spf_record_is_known(domain) &&
        (record == NULL || strcmp(record, expected) != 0)) {
        struct finding *finding = report_add(judge->report, SPF_F_EXPECT, domain->domain,
                                             "the record is not the expected one");
        report_seen(judge->report, finding, "%s", record == NULL ? "no SPF record" : record);
        report_fix(judge->report, finding, "Publish at %s: %s", domain->domain, expected);
    }
    if (domain->changed_at != 0) {
        struct finding *finding = report_add(judge->report, SPF_F_CHANGED, domain->domain,
                                             "the record changed %lld s ago",
                                             (long long)(judge->facts->now - domain->changed_at));
        report_seen(judge->report, finding, "before: %s; now: %s",
                    domain->previous[0] == '\0' ? "no SPF record" : domain->previous,
                    record == NULL ? "no SPF record" : record);
    }
}

/* ---- metrics */

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static void judge_metrics(struct judge *judge)
{
    double values[SPF_METRICS] = {0};
    struct report *report = judge->report;
    struct range warning = judge->common->warning;
    struct range critical = judge->common->critical;
    for (size_t i = 0; i < judge->facts->domain_count; i++) {
        const struct spf_tree *tree = &judge->facts->domains[i].tree;
        values[SPF_M_LOOKUPS] = larger(values[SPF_M_LOOKUPS], tree->lookups);
        values[SPF_M_VOID_LOOKUPS] = larger(values[SPF_M_VOID_LOOKUPS], tree->void_lookups);
        values[SPF_M_RECORD_BYTES] =
            larger(values[SPF_M_RECORD_BYTES], (double)tree->root->record.text.length);
        values[SPF_M_INCLUDES] = larger(values[SPF_M_INCLUDES], (double)tree->includes);
        values[SPF_M_ADDRESSES] = larger(values[SPF_M_ADDRESSES], (double)tree->addresses);
    }
    for (size_t i = 0; i < SPF_M_TIME; i++) {
        report_metric(report, i, values[i]);
        report_metric_limits(report, i, 0, (double)INFINITY);
    }
    if (!warning.is_set)
        warning = (struct range){.is_set = true, .end = (double)judge->config->lookup_warning};
    if (!critical.is_set)
        critical = (struct range){.is_set = true, .end = SPF_LOOKUP_LIMIT};
    report_metric_bounds(report, SPF_M_LOOKUPS, &warning, &critical);
}

static void summarize(struct judge *judge)
{
    const struct spf_facts *facts = judge->facts;
    const struct spf_domain *first = &facts->domains[0];
    if (facts->domain_count > 1) {
        report_target(judge->report, "%zu domains", facts->domain_count);
        report_summary(judge->report, "%zu domains, no trouble with their SPF records",
                       facts->domain_count);
        return;
    }
    report_target(judge->report, "%s", subject_of(judge, first->domain));
    const char *record = spf_record_text(first, judge->facts->arena);
    if (record == NULL)
        report_summary(judge->report, "%s: no SPF record", subject_of(judge, first->domain));
    else
        report_summary(judge->report, "%s: %u DNS lookups, %s", subject_of(judge, first->domain),
                       first->tree.lookups, record);
}

void spf_judge(const struct spf_config *config, const struct plugin_common *common,
               struct spf_facts *facts, struct report *report)
{
    struct judge judge = {config, common, facts, report};
    summarize(&judge);
    for (size_t i = 0; i < facts->domain_count; i++) {
        struct spf_domain *domain = &facts->domains[i];
        judge_issues(&judge, domain);
        judge_checks(&judge, domain);
        judge_servers(&judge, domain);
        judge_thresholds(&judge, domain);
        judge_text(&judge, domain);
    }
    if (facts->memory_trouble != NULL)
        report_add(report, SPF_F_STATE_FILE, "state file", "%s", facts->memory_trouble);
    judge_metrics(&judge);
}
