#include <math.h>
#include <string.h>

#include "base/plural.h"
#include "mail/public_suffix.h"
#include "spf.h"

/* A longer record is not proposed: no answer has room for it. */
enum { PUBLISHED_MAX = 2000 };

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

/* A text without a domain is no place to publish at. */
static const char *subject_of(const struct spf_judge *judge, const char *holder)
{
    return judge->facts->is_offline && strcmp(holder, SPF_RECORD_DOMAIN) == 0 ? "record" : holder;
}

static struct finding *add_issue(struct spf_judge *judge, const struct spf_issue *issue)
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

/* One record is named for one domain, whatever finding it is that it repairs. */
static void add_fix(struct spf_judge *judge, const struct spf_domain *domain,
                    const struct spf_issue *issue, struct finding *finding)
{
    const char *repair = issue->repair;
    if (repair != NULL && issue->repair_node == domain->tree.root)
        repair = judge->published;
    if (repair != NULL)
        report_fix(judge->report, finding, "Publish at %s: %s",
                   judge->facts->is_offline ? "the domain" : issue->holder, repair);
}

/* --expect names another record than the one that is there. */
static bool is_other(const struct spf_judge *judge, const struct spf_domain *domain)
{
    const char *expected = judge->config->expected_text;
    const char *record = spf_record_text(domain, judge->facts->arena);
    return expected != NULL && spf_record_is_known(domain) &&
           (record == NULL || strcmp(record, expected) != 0);
}

/* The address must pass, and the record's own mechanisms say otherwise. */
static bool is_to_add(const struct spf_judge *judge, const struct spf_check *check)
{
    enum spf_result result = check->verdict.result;
    return check->identity == SPF_MAIL_FROM &&
           strcmp(judge->config->expected_result, "pass") == 0 &&
           (result == SPF_FAIL || result == SPF_SOFTFAIL || result == SPF_NEUTRAL);
}

static bool was_added(const struct spf_domain *domain, size_t index)
{
    struct ip_address ip = ip_unmap(domain->checks[index].request.ip);
    for (size_t i = 0; i < index; i++) {
        struct ip_address other = ip_unmap(domain->checks[i].request.ip);
        if (domain->checks[i].identity == SPF_MAIL_FROM && ip_equal(&ip, &other))
            return true;
    }
    return false;
}

/* The addresses that must pass stand in front of what did not let them. */
static const char *with_addresses(const struct spf_judge *judge, const struct spf_domain *domain,
                                  const char *record)
{
    struct text text;
    const char *result = NULL;
    text_init(&text, PUBLISHED_MAX);
    text_append(&text, "v=spf1");
    for (size_t i = 0; i < domain->check_count; i++) {
        char buffer[IP_TEXT_SIZE];
        struct ip_address ip = ip_unmap(domain->checks[i].request.ip);
        if (is_to_add(judge, &domain->checks[i]) && !was_added(domain, i))
            text_printf(&text, " %s:%s", ip.family == IP_V4 ? "ip4" : "ip6", ip_print(&ip, buffer));
    }
    if (text.length == strlen("v=spf1")) {
        result = record;
    } else {
        text_append(&text, record + strlen("v=spf1"));
        if (!text.truncated)
            result = arena_copy(judge->facts->arena, text.start);
    }
    text_release(&text);
    return result;
}

const char *spf_judge_repair(const struct spf_judge *judge, const struct spf_domain *domain)
{
    const struct spf_node *root = domain->tree.root;
    const struct spf_record *record = &root->record;
    const char *repair = NULL;
    if (root->state != SPF_NODE_RECORD || is_other(judge, domain))
        return NULL;
    for (size_t i = 0; i < domain->issues.count && repair == NULL; i++) {
        if (domain->issues.issues[i].repair_node == root)
            repair = domain->issues.issues[i].repair;
    }
    if (judge->config->parked)
        return repair;
    bool is_plus = record->all != SPF_NO_TERM && record->terms[record->all].qualifier == '+';
    if (repair == NULL && (record->error != SPF_FINE || is_plus))
        return NULL;
    return with_addresses(judge, domain,
                          repair != NULL ? repair
                                         : arena_copy_slice(judge->facts->arena, record->text));
}

static void judge_issues(struct spf_judge *judge, struct spf_domain *domain)
{
    const struct spf_config *config = judge->config;
    struct spf_lint_options options = {
        .lookup_warning = (unsigned)config->lookup_warning,
        .addresses_warning = (uint64_t)config->max_addresses,
        .parked = config->parked,
        .is_unnamed = judge->facts->is_offline,
        .suffixes = public_suffix_builtin(),
    };
    if (config->required_all != NULL)
        options.required_all = strcmp(config->required_all, "fail") == 0 ? '-' : '~';
    spf_lint(&domain->tree, &options, &domain->arena, &domain->issues);
    judge->published = spf_judge_repair(judge, domain);
    for (size_t i = 0; i < domain->issues.count; i++) {
        const struct spf_issue *issue = &domain->issues.issues[i];
        struct finding *finding = add_issue(judge, issue);
        if (issue->seen != NULL)
            report_seen(judge->report, finding, "%s", issue->seen);
        else if (issue->term != NULL)
            report_seen(judge->report, finding, "%s", issue->term);
        add_fix(judge, domain, issue, finding);
    }
    if (domain->issues.left_out > 0)
        report_detail(judge->report, 1, "%s: %zu more findings are not shown", domain->domain,
                      domain->issues.left_out);
}

/* ---- the record as a whole */

static void judge_thresholds(struct spf_judge *judge, const struct spf_domain *domain)
{
    unsigned lookups = domain->tree.lookups;
    if (range_alerts(&judge->common->critical, lookups))
        report_add(judge->report, SPF_F_LOOKUPS_CRITICAL, domain->domain, "%u DNS lookup%s",
                   lookups, plural(lookups, "", "s"));
    else if (range_alerts(&judge->common->warning, lookups))
        report_add(judge->report, SPF_F_LOOKUPS_WARNING, domain->domain, "%u DNS lookup%s", lookups,
                   plural(lookups, "", "s"));
}

static void judge_text(struct spf_judge *judge, const struct spf_domain *domain)
{
    const char *expected = judge->config->expected_text;
    const char *record = spf_record_text(domain, judge->facts->arena);
    if (is_other(judge, domain)) {
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

static void judge_metrics(struct spf_judge *judge)
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
        warning = (struct range){.is_set = true, .end = (double)judge->config->lookup_warning - 1};
    if (!critical.is_set)
        critical = (struct range){.is_set = true, .end = SPF_LOOKUP_LIMIT};
    report_metric_bounds(report, SPF_M_LOOKUPS, &warning, &critical);
}

static void summarize(struct spf_judge *judge)
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
        report_summary(judge->report, "%s: %u DNS lookup%s, %s", subject_of(judge, first->domain),
                       first->tree.lookups, plural(first->tree.lookups, "", "s"), record);
}

void spf_judge(const struct spf_config *config, const struct plugin_common *common,
               struct spf_facts *facts, struct report *report)
{
    struct spf_judge judge = {.config = config, .common = common, .facts = facts, .report = report};
    summarize(&judge);
    for (size_t i = 0; i < facts->domain_count; i++) {
        struct spf_domain *domain = &facts->domains[i];
        judge_issues(&judge, domain);
        spf_judge_checks(&judge, domain);
        spf_judge_servers(&judge, domain);
        judge_thresholds(&judge, domain);
        judge_text(&judge, domain);
    }
    if (facts->memory_trouble != NULL)
        report_add(report, SPF_F_STATE_FILE, "state file", "%s", facts->memory_trouble);
    judge_metrics(&judge);
}
