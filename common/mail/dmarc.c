#include "mail/dmarc.h"

#include <string.h>

/* ---- the walk */

static void read_step(struct arena *arena, struct dns_answers *answers, const char *domain,
                      struct dmarc_step *step)
{
    *step = (struct dmarc_step){.domain = domain};
    step->name = arena_format(arena, "_dmarc.%s", domain);
    step->answer = dns_answers_get(answers, step->name, DNS_TXT);
    if (step->answer->status != DNS_OK)
        return;
    step->text_count = step->answer->record_count < DMARC_RECORDS_MAX ? step->answer->record_count
                                                                      : DMARC_RECORDS_MAX;
    struct dmarc_record *texts = arena_array(arena, step->text_count, sizeof *texts);
    step->texts = texts;
    for (size_t i = 0; i < step->text_count; i++) {
        dmarc_record_parse(arena, step->answer->records[i].text, &texts[i]);
        if (texts[i].version != DMARC_VERSION_RIGHT)
            continue;
        step->record_count++;
        step->record = texts[i].is_record ? &texts[i] : NULL;
    }
    if (step->record_count > 1)
        step->record = NULL;
}

/* RFC 9989 4.10: the domain itself, then from seven labels down to one. */
static void list_steps(struct arena *arena, struct dns_answers *answers, const char *domain,
                       struct dmarc_walk *walk)
{
    size_t labels = domain_label_count(domain);
    const char *at = domain;
    while (*at && walk->count < DMARC_WALK_MAX) {
        read_step(arena, answers, at, &walk->steps[walk->count++]);
        size_t next = labels - 1 < DMARC_WALK_MAX - 1 ? labels - 1 : DMARC_WALK_MAX - 1;
        if (walk->count == 1 && labels > DMARC_WALK_MAX)
            walk->skipped_labels = labels - DMARC_WALK_MAX;
        at = domain_parent(at, labels - next);
        labels = next;
    }
}

/* The domain one label below `ancestor`, on the way from `domain`. */
static const char *one_below(const char *domain, const char *ancestor)
{
    size_t above = domain_label_count(domain) - domain_label_count(ancestor);
    return domain_parent(domain, above - 1);
}

/* RFC 9989 4.10.2, once the steps are read. */
static void find_organization(struct dmarc_walk *walk)
{
    const char *domain = walk->count > 0 ? walk->steps[0].domain : "";
    walk->organizational_domain = domain;
    for (size_t i = 0; i < walk->used; i++) {
        const struct dmarc_record *record = walk->steps[i].record;
        if (!record)
            continue;
        if (i > 0 && record->psd.value == 'y') {
            walk->public_suffix_step = i;
            walk->organizational_domain = one_below(domain, walk->steps[i].domain);
            walk->organizational_step = SIZE_MAX;
            for (size_t j = 0; j < i; j++)
                if (strcmp(walk->steps[j].domain, walk->organizational_domain) == 0 &&
                    walk->steps[j].record)
                    walk->organizational_step = j;
            return;
        }
        walk->organizational_domain = walk->steps[i].domain;
        walk->organizational_step = i;
    }
}

void dmarc_walk(struct arena *arena, struct dns_answers *answers, const char *domain,
                struct dmarc_walk *walk)
{
    *walk = (struct dmarc_walk){
        .is_certain = true,
        .organizational_step = SIZE_MAX,
        .public_suffix_step = SIZE_MAX,
    };
    list_steps(arena, answers, domain, walk);
    for (size_t i = 0; i < walk->count; i++) {
        const struct dmarc_step *step = &walk->steps[i];
        walk->used = i + 1;
        if (!dns_status_is_answer(step->answer->status) && step->answer->status != DNS_BAD_NAME)
            walk->is_certain = false;
        if (step->record && step->record->psd.value != 'u')
            break;
    }
    find_organization(walk);
}

/* ---- the policy */

enum dmarc_policy dmarc_policy_lower(enum dmarc_policy policy)
{
    return policy > DMARC_NONE ? (enum dmarc_policy)(policy - 1) : policy;
}

enum dmarc_policy dmarc_record_subdomain_policy(const struct dmarc_record *record, bool exists)
{
    if (!exists && record->nonexistent_policy.is_valid)
        return record->nonexistent_policy.value;
    if (record->subdomain_policy.is_valid)
        return record->subdomain_policy.value;
    return record->policy.is_valid ? record->policy.value : DMARC_NONE;
}

static bool is_bad(const struct dmarc_policy_tag *policy)
{
    return policy->is_present && !policy->is_valid;
}

/* RFC 9989 4.10.1: without a valid p, or with an sp or np that is invalid, the record is p=none
 * when there is someone to report to, and nothing otherwise. RFC 7489 6.6.3 step 6 says the same of
 * p and sp. */
static bool is_faulty(const struct dmarc_record *record, bool is_old)
{
    return !record->policy.is_valid || is_bad(&record->subdomain_policy) ||
           (!is_old && is_bad(&record->nonexistent_policy));
}

static void apply_record(struct dmarc_verdict *verdict, bool is_old, enum dmarc_existence existence)
{
    const struct dmarc_record *record = verdict->record;
    bool has_np = !is_old && record->nonexistent_policy.is_present;
    if (is_faulty(record, is_old)) {
        verdict->source = DMARC_FROM_FAULT;
        verdict->policy = dmarc_record_has_reporting(record) ? DMARC_NONE : DMARC_ABSENT;
        verdict->effective = verdict->policy;
        return;
    }
    if (verdict->is_inherited && has_np && existence == DMARC_NONEXISTENT) {
        verdict->source = DMARC_FROM_NP;
        verdict->policy = record->nonexistent_policy.value;
    } else if (verdict->is_inherited && record->subdomain_policy.is_present) {
        verdict->source = DMARC_FROM_SP;
        verdict->policy = record->subdomain_policy.value;
    } else {
        verdict->source = DMARC_FROM_P;
        verdict->policy = record->policy.value;
    }
    if (verdict->is_inherited && has_np && existence == DMARC_EXISTENCE_UNKNOWN)
        verdict->is_certain = false;
    /* RFC 7489 6.6.4: with pct=0 every message gets the next lower policy. */
    bool is_testing = is_old ? record->percent == 0 : record->testing.value == 'y';
    verdict->effective = is_testing ? dmarc_policy_lower(verdict->policy) : verdict->policy;
}

static bool is_answered(const struct dmarc_step *step)
{
    return dns_status_is_answer(step->answer->status) || step->answer->status == DNS_BAD_NAME;
}

/* RFC 9989 4.10.1: the record of the domain, of its organizational domain, or of its public suffix
 * domain. */
static void judge_current(struct dmarc_discovery *discovery)
{
    const struct dmarc_walk *walk = &discovery->walk;
    struct dmarc_verdict *verdict = &discovery->current;
    size_t step = SIZE_MAX;
    *verdict = (struct dmarc_verdict){
        .organizational_domain = walk->organizational_domain,
        .is_certain = walk->is_certain,
    };
    if (walk->count == 0)
        return;
    if (walk->steps[0].record) {
        step = 0;
        verdict->is_certain = is_answered(&walk->steps[0]);
    } else if (walk->organizational_step != SIZE_MAX) {
        step = walk->organizational_step;
    } else if (walk->public_suffix_step != SIZE_MAX) {
        step = walk->public_suffix_step;
    }
    if (step == SIZE_MAX)
        return;
    verdict->record = walk->steps[step].record;
    verdict->record_domain = walk->steps[step].domain;
    verdict->is_inherited = step > 0;
    apply_record(verdict, false, discovery->existence);
}

/* RFC 7489 6.6.3: the domain, then the organizational domain, and no other. */
static void judge_old(struct arena *arena, struct dns_answers *answers, const char *organization,
                      struct dmarc_discovery *discovery)
{
    struct dmarc_verdict *verdict = &discovery->old;
    const struct dmarc_step *own = &discovery->walk.steps[0];
    *verdict = (struct dmarc_verdict){
        .organizational_domain = organization,
        .is_certain = is_answered(own),
    };
    struct dmarc_step *step = arena_alloc(arena, sizeof *step);
    *step = *own;
    if (own->record_count == 0 && strcmp(own->domain, organization) != 0) {
        read_step(arena, answers, organization, step);
        verdict->is_inherited = true;
        verdict->is_certain = verdict->is_certain && is_answered(step);
    }
    verdict->is_multiple = step->record_count > 1;
    if (!step->record)
        return;
    verdict->record = step->record;
    verdict->record_domain = step->domain;
    apply_record(verdict, true, DMARC_EXISTS);
}

void dmarc_discover(struct arena *arena, struct dns_answers *answers, const char *domain,
                    const char *organization, struct dmarc_discovery *discovery)
{
    *discovery = (struct dmarc_discovery){.has_old = organization != NULL};
    dmarc_walk(arena, answers, domain, &discovery->walk);
    discovery->existence_answer = dns_answers_get(answers, domain, DNS_A);
    if (discovery->existence_answer->status == DNS_NXDOMAIN)
        discovery->existence = DMARC_NONEXISTENT;
    else if (dns_status_is_answer(discovery->existence_answer->status))
        discovery->existence = DMARC_EXISTS;
    judge_current(discovery);
    if (organization && discovery->walk.count > 0)
        judge_old(arena, answers, organization, discovery);
    else
        discovery->has_old = false;
}
