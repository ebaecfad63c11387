#include <string.h>

#include "base/plural.h"
#include "dmarc.h"
#include "record_judge.h"

/* ---- the walk */

/* A question that failed matters when its answer could have changed the verdict, and for the domain
 * itself always. */
static void judge_dns(const struct dmarc_judge *judge)
{
    const struct dmarc_domain *domain = judge->domain;
    const struct dmarc_walk *walk = &domain->discovery.walk;
    const struct record_judge failures = {
        .report = judge->report,
        .timeout_result = judge->common->timeout_result,
        .error = DMARC_F_DNS_ERROR,
        .bogus = DMARC_F_DNS_BOGUS,
    };
    for (size_t i = 0; i < walk->used; i++) {
        const struct dns_answer *answer = walk->steps[i].answer;
        if (answer->status != DNS_BAD_NAME)
            record_judge_failure(&failures, domain->domain, answer, domain->unchecked[i]);
    }
    const struct dns_answer *existence = domain->discovery.existence_answer;
    const struct dmarc_discovery *discovery = &domain->discovery;
    if (discovery->has_old && !discovery->old.is_certain && walk->is_certain)
        report_add(judge->report, DMARC_F_DNS_ERROR, domain->domain,
                   "no usable answer to the question _dmarc.%s TXT: what holds by RFC 7489 is not "
                   "known",
                   discovery->old.organizational_domain);
    if (!discovery->current.is_certain && walk->is_certain)
        report_add(judge->report, DMARC_F_DNS_ERROR, domain->domain,
                   "%s for the question %s A: whether the name exists decides between np and sp",
                   dns_answer_word(existence), existence->name);
}

static void judge_cname(const struct dmarc_judge *judge)
{
    const struct dmarc_domain *domain = judge->domain;
    const struct dmarc_walk *walk = &domain->discovery.walk;
    for (size_t i = 0; i < walk->used; i++) {
        const struct dns_answer *answer = walk->steps[i].answer;
        const struct dns_answer *cname = domain->cnames[i];
        if (cname != NULL && cname->status == DNS_OK && cname->record_count > 0)
            report_add(judge->report, DMARC_F_TXT_CNAME, answer->name,
                       "the name has a CNAME (to %s) and TXT records: which one is seen is chance",
                       cname->records[0].target);
        if (answer->chain_length > 0 &&
            (answer->status == DNS_NXDOMAIN || answer->status == DNS_NODATA))
            report_add(judge->report, DMARC_F_CNAME_DANGLING, answer->name,
                       "the CNAME leads to %s, where there is no TXT record (%s)",
                       answer->chain[answer->chain_length - 1], dns_answer_word(answer));
    }
}

const char *dmarc_judge_home(const struct dmarc_judge *judge, const char *domain)
{
    const struct dmarc_walk *walk = &judge->domain->discovery.walk;
    for (size_t i = 0; i < walk->count; i++) {
        const struct dns_answer *answer = walk->steps[i].answer;
        if (strcmp(walk->steps[i].domain, domain) == 0 && answer->chain_length > 0)
            return answer->chain[answer->chain_length - 1];
    }
    return arena_format(judge->arena, "_dmarc.%s", domain);
}

void dmarc_judge_fix(const struct dmarc_judge *judge, struct finding *finding, const char *domain,
                     struct slice text)
{
    report_fix(judge->report, finding, "Publish at %s: %s", dmarc_judge_home(judge, domain),
               dmarc_record_repair(judge->arena, text));
}

static void judge_duplicates(const struct dmarc_judge *judge, const struct dmarc_step *step,
                             const struct dmarc_record *text)
{
    if (text->version != DMARC_VERSION_RIGHT || text->is_record)
        return;
    struct finding *finding =
        report_add(judge->report, DMARC_F_SYNTAX, step->name,
                   "a tag stands twice: the whole list is invalid, and the record is none");
    report_seen(judge->report, finding, "%.*s", SLICE_PRINTF(text->text));
    dmarc_judge_fix(judge, finding, step->domain, text->text);
}

/* Texts that are no records: near-misses, and those of other protocols. */
static void judge_texts(const struct dmarc_judge *judge, const struct dmarc_step *step, bool is_own)
{
    bool holds = judge->domain->verdict->record != NULL;
    for (size_t i = 0; i < step->text_count; i++) {
        const struct dmarc_record *text = &step->texts[i];
        struct finding *finding;
        bool is_written_wrongly =
            text->version == DMARC_VERSION_COLON || text->version == DMARC_VERSION_QUOTED;
        judge_duplicates(judge, step, text);
        if (text->version == DMARC_VERSION_RIGHT)
            continue;
        if (text->version == DMARC_VERSION_FOREIGN) {
            if (!is_own)
                continue;
            finding = report_add(judge->report, holds ? DMARC_F_FOREIGN_BESIDE : DMARC_F_FOREIGN,
                                 step->name, "a TXT record that is not about DMARC stands there");
        } else {
            finding = report_add(
                judge->report, is_written_wrongly ? DMARC_F_SYNTAX : DMARC_F_VERSION, step->name,
                "the text is no DMARC record: %s", dmarc_version_text(text->version));
            dmarc_judge_fix(judge, finding, step->domain, text->text);
        }
        report_seen(judge->report, finding, "%.*s", SLICE_PRINTF(text->text));
    }
}

static void judge_multiple(const struct dmarc_judge *judge, const struct dmarc_step *step)
{
    if (step->record_count < 2)
        return;
    struct finding *finding =
        report_add(judge->report, DMARC_F_MULTIPLE, step->name,
                   judge->config->old_rule
                       ? "%zu DMARC records: by RFC 7489 the discovery ends, and no policy holds"
                       : "%zu DMARC records: all are discarded and the walk goes on",
                   step->record_count);
    for (size_t i = 0; i < step->text_count; i++) {
        if (step->texts[i].version == DMARC_VERSION_RIGHT) {
            report_seen(judge->report, finding, "%.*s", SLICE_PRINTF(step->texts[i].text));
            break;
        }
    }
}

static void judge_steps(const struct dmarc_judge *judge)
{
    const struct dmarc_walk *walk = &judge->domain->discovery.walk;
    for (size_t i = 0; i < walk->used; i++) {
        judge_texts(judge, &walk->steps[i], i == 0);
        judge_multiple(judge, &walk->steps[i]);
    }
    if (walk->skipped_labels > 0)
        report_add(
            judge->report, DMARC_F_DEEP, judge->domain->domain,
            "the name has more than eight labels: records at %zu name%s between are not seen",
            walk->skipped_labels, plural(walk->skipped_labels, "", "s"));
}

/* ---- records at the wrong place */

/* What stands there is what a wildcard answers for any name. */
static bool is_of_wildcard(const struct dmarc_judge *judge, enum dmarc_place place,
                           struct slice text)
{
    const struct dns_answer *probe = judge->domain->probe_text;
    for (size_t i = 0; place != DMARC_PLACE_APEX && i < probe->record_count; i++) {
        if (slice_equals(probe->records[i].text, text))
            return true;
    }
    return false;
}

/* A record at a place where nobody looks. */
static bool find_misplaced(const struct dmarc_judge *judge, enum dmarc_place place,
                           struct slice *text)
{
    const struct dns_answer *answer = judge->domain->places[place];
    for (size_t i = 0; i < answer->record_count && i < DMARC_RECORDS_MAX; i++) {
        struct dmarc_record *record = arena_alloc(judge->arena, sizeof *record);
        dmarc_record_parse(judge->arena, answer->records[i].text, record);
        *text = record->text;
        if (record->version != DMARC_VERSION_FOREIGN && !is_of_wildcard(judge, place, *text))
            return true;
    }
    return false;
}

static void judge_places(const struct dmarc_judge *judge)
{
    static const char *const texts[] = {
        [DMARC_PLACE_APEX] = "a DMARC record stands at the domain itself, \"_dmarc.\" is missing",
        [DMARC_PLACE_TWICE] = "a DMARC record stands below \"_dmarc\" twice",
        [DMARC_PLACE_DOUBLED] = "a DMARC record stands at the doubled name of the zone",
    };
    bool holds = judge->domain->verdict->record != NULL;
    for (size_t place = 0; place < DMARC_PLACES; place++) {
        struct slice text;
        if (!find_misplaced(judge, (enum dmarc_place)place, &text))
            continue;
        struct finding *finding = report_add(
            judge->report, holds ? DMARC_F_LOCATION_BESIDE : DMARC_F_LOCATION,
            judge->domain->places[place]->name, "%s: no receiver looks there", texts[place]);
        report_seen(judge->report, finding, "%.*s", SLICE_PRINTF(text));
        if (!holds)
            dmarc_judge_fix(judge, finding, judge->domain->domain, text);
    }
}

/* ---- the verdict */

/* The text that the owner meant as the record: a near-miss, or one at the wrong place. */
static bool find_meant(const struct dmarc_judge *judge, struct slice *text)
{
    const struct dmarc_step *own = &judge->domain->discovery.walk.steps[0];
    for (size_t i = 0; judge->domain->discovery.walk.count > 0 && i < own->text_count; i++) {
        *text = own->texts[i].text;
        if (own->record_count < 2 && own->texts[i].version != DMARC_VERSION_FOREIGN)
            return true;
    }
    for (size_t place = 0; place < DMARC_PLACES; place++) {
        if (find_misplaced(judge, (enum dmarc_place)place, text))
            return true;
    }
    return false;
}

static void judge_none(const struct dmarc_judge *judge)
{
    const struct dmarc_domain *domain = judge->domain;
    const struct dmarc_verdict *verdict = domain->verdict;
    if (verdict->record != NULL || !verdict->is_certain)
        return;
    struct finding *finding =
        report_add(judge->report, DMARC_F_NONE, domain->domain, "no DMARC record applies");
    const struct dmarc_walk *walk = &domain->discovery.walk;
    struct slice meant;
    if (walk->count > 0 && walk->steps[0].record_count > 1)
        report_fix(judge->report, finding, "Keep one of the records at %s and remove the others",
                   walk->steps[0].name);
    else if (find_meant(judge, &meant))
        dmarc_judge_fix(judge, finding, domain->domain, meant);
    else
        report_fix(judge->report, finding, "Publish at _dmarc.%s: v=DMARC1; %s", domain->domain,
                   judge->config->parked
                       ? "p=reject; sp=reject; np=reject"
                       : arena_format(judge->arena, "p=none; rua=mailto:dmarc-reports@%s",
                                      domain->domain));
}

static void judge_inherited(const struct dmarc_judge *judge)
{
    static const char *const sources[] = {
        [DMARC_FROM_NOTHING] = "nothing",
        [DMARC_FROM_P] = "p=",
        [DMARC_FROM_SP] = "sp=",
        [DMARC_FROM_NP] = "np=",
        [DMARC_FROM_FAULT] = "a fault, taken as p=none,",
    };
    const struct dmarc_domain *domain = judge->domain;
    const struct dmarc_verdict *verdict = domain->verdict;
    const struct dmarc_walk *walk = &domain->discovery.walk;
    if (!verdict->is_inherited || verdict->record == NULL || !verdict->is_certain)
        return;
    if (verdict->policy != DMARC_ABSENT)
        report_add(judge->report, DMARC_F_INHERITED, domain->domain,
                   "the policy comes from %s at _dmarc.%s; the name %s", sources[verdict->source],
                   verdict->record_domain,
                   domain->discovery.existence == DMARC_NONEXISTENT ? "does not exist (NXDOMAIN)"
                   : domain->discovery.existence == DMARC_EXISTS    ? "exists"
                                                                    : "gave no answer");
    for (size_t i = 0; i < walk->used && !judge->config->old_rule; i++) {
        const struct dmarc_step *step = &walk->steps[i];
        bool is_between = domain_is_within(step->domain, verdict->organizational_domain) &&
                          strcmp(step->domain, verdict->organizational_domain) != 0;
        if (is_between && step->record != NULL && step->record != verdict->record)
            report_add(judge->report, DMARC_F_MID_RECORD, domain->domain,
                       "the record at %s is not used for it", step->name);
    }
}

static enum dmarc_policy least_policy(const struct dmarc_judge *judge)
{
    enum dmarc_policy least = DMARC_QUARANTINE;
    dmarc_policy_parse(slice_of(judge->config->min_policy), &least);
    return least;
}

/* What makes it weak is to be changed. */
static void fix_policy(const struct dmarc_judge *judge, struct finding *finding)
{
    const struct dmarc_verdict *verdict = judge->domain->verdict;
    const char *home = dmarc_judge_home(judge, verdict->record_domain);
    if (verdict->source == DMARC_FROM_FAULT)
        dmarc_judge_fix(judge, finding, verdict->record_domain, verdict->record->text);
    else if (verdict->policy >= least_policy(judge))
        report_fix(judge->report, finding, "Remove %s from the record at %s",
                   judge->config->old_rule ? "pct=0" : "t=y", home);
    else if (verdict->source == DMARC_FROM_SP || verdict->source == DMARC_FROM_NP)
        report_fix(judge->report, finding,
                   "In the record at %s let %s be %s, or leave it out so that p= holds", home,
                   verdict->source == DMARC_FROM_SP ? "sp" : "np", judge->config->min_policy);
}

static void judge_policy(const struct dmarc_judge *judge)
{
    const struct dmarc_verdict *verdict = judge->domain->verdict;
    const struct dmarc_record *record = verdict->record;
    if (record == NULL)
        return;
    if (verdict->effective != DMARC_ABSENT && verdict->is_certain &&
        verdict->effective < least_policy(judge)) {
        struct finding *finding =
            report_add(judge->report, DMARC_F_P_NONE, judge->domain->domain,
                       "the effective policy is %s, wanted is %s or stricter",
                       dmarc_policy_name(verdict->effective), judge->config->min_policy);
        report_seen(judge->report, finding, "%.*s", SLICE_PRINTF(record->text));
        fix_policy(judge, finding);
    }
    if (verdict->effective != verdict->policy && verdict->is_certain && !judge->config->old_rule) {
        struct finding *finding =
            report_add(judge->report, DMARC_F_T_Y, judge->domain->domain,
                       "t=y: receivers apply %s where the record says %s",
                       dmarc_policy_name(verdict->effective), dmarc_policy_name(verdict->policy));
        report_seen(judge->report, finding, "%.*s", SLICE_PRINTF(record->text));
    }
}

static int rank(enum dmarc_policy policy)
{
    return (int)policy - 1;
}

/* The figure of -w and -c. What is not known, or not there, is told by other findings. */
static void judge_limits(const struct dmarc_judge *judge)
{
    const struct dmarc_verdict *verdict = judge->domain->verdict;
    const struct plugin_common *common = judge->common;
    if (verdict->record == NULL || verdict->effective == DMARC_ABSENT || !verdict->is_certain)
        return;
    bool is_critical = range_alerts(&common->critical, rank(verdict->effective));
    const struct range *range = is_critical ? &common->critical : &common->warning;
    if (!is_critical && !range_alerts(range, rank(verdict->effective)))
        return;
    struct finding *finding = report_add_as(
        judge->report, DMARC_F_POLICY_LIMIT, is_critical ? STATE_CRITICAL : STATE_WARNING,
        judge->domain->domain, "the effective policy is %s (%d), wanted is %s (%s)",
        dmarc_policy_name(verdict->effective), rank(verdict->effective),
        range_text(judge->arena, range), is_critical ? "-c" : "-w");
    report_seen(judge->report, finding, "%.*s", SLICE_PRINTF(verdict->record->text));
}

static void judge_organizations(const struct dmarc_judge *judge)
{
    const struct dmarc_discovery *discovery = &judge->domain->discovery;
    if (!discovery->has_old || !discovery->walk.is_certain || !discovery->old.is_certain ||
        discovery->current.record == NULL ||
        strcmp(discovery->current.organizational_domain, discovery->old.organizational_domain) == 0)
        return;
    report_add(judge->report, DMARC_F_PSL_DIFFER, judge->domain->domain,
               "the organizational domain is %s by the tree walk and %s by the public suffix list; "
               "the policy %s and %s",
               discovery->current.organizational_domain, discovery->old.organizational_domain,
               dmarc_policy_name(discovery->current.effective),
               dmarc_policy_name(discovery->old.effective));
}

/* ---- names around it */

static void judge_wildcards(const struct dmarc_judge *judge)
{
    const struct dmarc_domain *domain = judge->domain;
    const struct dmarc_record *record = domain->verdict->record;
    if (domain->probe_text->status == DNS_OK)
        report_add(judge->report, DMARC_F_WILDCARD_SUB, domain->domain,
                   "a wildcard answers TXT at _dmarc of every name below");
    if (domain->probe_address->status == DNS_OK && record != NULL &&
        record->nonexistent_policy.is_present)
        report_add(judge->report, DMARC_F_WILDCARD_SUB, domain->domain,
                   "a wildcard answers for every name below: no name is missing, np never applies");
}

/* Or nobody knows. */
static bool may_have_spf(const struct dns_answer *answer)
{
    if (answer == NULL)
        return false;
    if (!dns_status_is_answer(answer->status))
        return true;
    for (size_t i = 0; i < answer->record_count; i++) {
        struct slice text = answer->records[i].text;
        if (slice_equals_text_ignoring_case(text, "v=spf1") ||
            slice_starts_with_ignoring_case(text, "v=spf1 "))
            return true;
    }
    return false;
}

/* Or nobody knows. A revoked key ("p=") is none. */
static bool may_have_key(const struct dns_answer *answer)
{
    if (!dns_status_is_answer(answer->status))
        return true;
    for (size_t i = 0; i < answer->record_count; i++) {
        struct tag_list tags;
        tag_list_parse(&tags, answer->records[i].text, TAG_LIST_DKIM);
        const struct tag *data = tag_list_find(&tags, "p");
        if (data != NULL && data->value.length > 0)
            return true;
    }
    return false;
}

/* RFC 9989 5.1: a policy on mail that nothing can authenticate. */
static void judge_authentication(const struct dmarc_judge *judge)
{
    const struct dmarc_domain *domain = judge->domain;
    size_t count = judge->config->selectors.count;
    const struct dns_answer *above = domain->organization_keys;
    bool has_key = count == 0 && (domain->keys->status != DNS_NXDOMAIN ||
                                  (above != NULL && above->status != DNS_NXDOMAIN));
    for (size_t i = 0; i < count; i++)
        has_key = has_key || may_have_key(domain->selectors[i]);
    if (domain->verdict->effective < DMARC_QUARANTINE || has_key || judge->config->parked ||
        may_have_spf(domain->spf) || may_have_spf(domain->organization_spf))
        return;
    report_add(judge->report, DMARC_F_STRICT_CLASH, domain->domain,
               "the policy is %s, and there is neither an SPF record nor a DKIM key%s: no mail "
               "can pass",
               dmarc_policy_name(domain->verdict->effective),
               count > 0 ? " of the given selectors" : " (_domainkey does not exist)");
}

/* ---- what the user knows */

static void judge_expectations(const struct dmarc_judge *judge)
{
    const struct dmarc_domain *domain = judge->domain;
    record_judge_expected(judge->report, DMARC_F_EXPECT, domain->domain,
                          dmarc_judge_home(judge, domain->domain),
                          dmarc_own_text(domain, judge->arena), judge->config->expected_text);
    record_judge_change(judge->report, DMARC_F_CHANGED, domain->domain, &domain->memory,
                        judge->facts->now, judge->config->changed_for);
}

/* ---- the whole */

/* The figures of the domain with the weakest policy. */
static void judge_metrics(const struct plugin_common *common, const struct dmarc_facts *facts,
                          struct report *report)
{
    const struct dmarc_domain *worst = &facts->domains[0];
    size_t queries = 0;
    for (size_t i = 0; i < facts->domain_count; i++) {
        const struct dmarc_domain *domain = &facts->domains[i];
        if (domain->verdict->effective < worst->verdict->effective)
            worst = domain;
        if (domain->discovery.walk.used > queries)
            queries = domain->discovery.walk.used;
    }
    const struct dmarc_verdict *verdict = worst->verdict;
    if (verdict->policy != DMARC_ABSENT && verdict->is_certain) {
        report_metric(report, DMARC_M_POLICY, rank(verdict->policy));
        report_metric(report, DMARC_M_EFFECTIVE, rank(verdict->effective));
    }
    if (verdict->record != NULL && verdict->is_certain) {
        const struct dmarc_uris *uris = &verdict->record->aggregate;
        report_metric(report, DMARC_M_PCT, verdict->record->percent);
        report_metric(report, DMARC_M_RUA_COUNT, (double)(uris->count + uris->omitted));
    } else if (verdict->is_certain) {
        report_metric(report, DMARC_M_RUA_COUNT, 0);
    }
    report_metric(report, DMARC_M_WALK_QUERIES, (double)queries);
    report_metric_limits(report, DMARC_M_POLICY, 0, 2);
    report_metric_limits(report, DMARC_M_EFFECTIVE, 0, 2);
    report_metric_bounds(report, DMARC_M_EFFECTIVE, &common->warning, &common->critical);
    report_metric_limits(report, DMARC_M_PCT, 0, 100);
}

static void summarize(const struct dmarc_facts *facts, struct report *report)
{
    const struct dmarc_domain *first = &facts->domains[0];
    const struct dmarc_verdict *verdict = first->verdict;
    if (facts->domain_count > 1) {
        report_target(report, "%zu domains", facts->domain_count);
        report_summary(report, "%zu domains: all have the policy that is wanted",
                       facts->domain_count);
        return;
    }
    report_target(report, "%s", first->domain);
    if (!verdict->is_certain)
        report_summary(report, "%s: the policy is not known", first->domain);
    else if (verdict->record != NULL)
        report_summary(report, "%s: effective policy %s, record of %s: %.*s", first->domain,
                       dmarc_policy_name(verdict->effective), verdict->record_domain,
                       SLICE_PRINTF(verdict->record->text));
    else
        report_summary(report, "%s: no DMARC record", first->domain);
}

void dmarc_judge(const struct dmarc_config *config, const struct plugin_common *common,
                 const struct dmarc_facts *facts, struct report *report)
{
    static const struct name_servers_findings servers = {
        .differs = DMARC_F_NS_DIFFER,
        .missing = DMARC_F_NS_MISSING,
        .silent = DMARC_F_NS_SILENT,
        .unknown = DMARC_F_NS_UNKNOWN,
    };
    summarize(facts, report);
    for (size_t i = 0; i < facts->domain_count; i++) {
        const struct dmarc_judge judge = {config,       common, facts, &facts->domains[i],
                                          facts->arena, report};
        judge_dns(&judge);
        judge_cname(&judge);
        judge_steps(&judge);
        judge_places(&judge);
        judge_none(&judge);
        judge_policy(&judge);
        judge_limits(&judge);
        dmarc_judge_record(&judge);
        dmarc_judge_reports(&judge);
        judge_inherited(&judge);
        judge_organizations(&judge);
        judge_authentication(&judge);
        judge_wildcards(&judge);
        judge_expectations(&judge);
        if (config->authoritative)
            name_servers_judge(&facts->domains[i].servers, &servers, report);
    }
    if (facts->memory_trouble != NULL)
        report_add(report, DMARC_F_STATE_FILE, "state file", "%s", facts->memory_trouble);
    judge_metrics(common, facts, report);
}
