#include "dmarc.h"

static json_t *text_or_null(struct report *report, struct arena *arena, const struct slice *text)
{
    return report_json_string(report, text == NULL ? NULL : arena_copy_slice(arena, *text));
}

static enum dmarc_policy subdomain_policy(const struct dmarc_verdict *verdict)
{
    if (verdict->record == NULL)
        return DMARC_ABSENT;
    return dmarc_record_subdomain_policy(verdict->record, true);
}

/* null where it is not known: "absent" says that there is none. */
static json_t *policy_json(const struct dmarc_verdict *verdict, enum dmarc_policy policy)
{
    return verdict->is_certain ? json_string(dmarc_policy_name(policy)) : json_null();
}

static const char *policy_text(const struct dmarc_verdict *verdict, enum dmarc_policy policy)
{
    return verdict->is_certain ? dmarc_policy_name(policy) : "not known";
}

/* record_domain, organizational_domain, policy, subdomain_policy, effective_policy. */
static void put_verdict(struct report *report, json_t *object, const struct dmarc_verdict *verdict)
{
    json_object_set_new(object, "record_domain",
                        report_json_string(report, verdict->record_domain));
    json_object_set_new(object, "organizational_domain",
                        report_json_string(report, verdict->organizational_domain));
    json_object_set_new(object, "policy", policy_json(verdict, verdict->policy));
    json_object_set_new(object, "subdomain_policy",
                        policy_json(verdict, subdomain_policy(verdict)));
    json_object_set_new(object, "effective_policy", policy_json(verdict, verdict->effective));
}

static json_t *walk_json(struct report *report, const struct dmarc_walk *walk)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < walk->used; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "name", report_json_string(report, walk->steps[i].name));
        json_object_set_new(object, "status", json_string(dns_answer_word(walk->steps[i].answer)));
        json_object_set_new(object, "found", json_boolean(walk->steps[i].record != NULL));
        json_array_append_new(steps, object);
    }
    return steps;
}

/* null where the answer is not known. */
static json_t *authorized(const struct dmarc_report *one)
{
    switch (one->authorization) {
    case DMARC_AUTHORIZATION_NOT_NEEDED:
    case DMARC_AUTHORIZATION_GIVEN:
        return json_true();
    case DMARC_AUTHORIZATION_UNKNOWN:
        return json_null();
    case DMARC_AUTHORIZATION_MISSING:
    case DMARC_AUTHORIZATION_TOO_LONG:
        break;
    }
    return json_false();
}

static json_t *reports_json(struct report *report, struct arena *arena,
                            const struct dmarc_domain *domain)
{
    json_t *array = json_array();
    for (size_t i = 0; i < domain->report_count; i++) {
        const struct dmarc_report *one = &domain->reports[i];
        json_t *object = json_object();
        json_object_set_new(object, "uri", text_or_null(report, arena, &one->uri->text));
        json_object_set_new(object, "kind", json_string(one->is_failure ? "ruf" : "rua"));
        json_object_set_new(object, "authorized", authorized(one));
        json_array_append_new(array, object);
    }
    return array;
}

static void put_domain(struct report *report, struct arena *arena, json_t *object,
                       const struct dmarc_domain *domain)
{
    const struct dmarc_verdict *verdict = domain->verdict;
    json_t *old = json_null();
    json_object_set_new(
        object, "record",
        text_or_null(report, arena, verdict->record == NULL ? NULL : &verdict->record->text));
    put_verdict(report, object, verdict);
    json_object_set_new(object, "walk", walk_json(report, &domain->discovery.walk));
    if (domain->discovery.has_old) {
        old = json_object();
        put_verdict(report, old, &domain->discovery.old);
    }
    json_object_set_new(object, "rfc7489", old);
    json_object_set_new(object, "reports", reports_json(report, arena, domain));
}

static void show_json(const struct dmarc_facts *facts, struct report *report)
{
    json_t *domains = json_array();
    json_t *first = json_object();
    const char *key;
    json_t *value;
    for (size_t i = 0; i < facts->domain_count; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "domain", report_json_string(report, facts->domains[i].domain));
        put_domain(report, facts->arena, object, &facts->domains[i]);
        json_array_append_new(domains, object);
    }
    put_domain(report, facts->arena, first, &facts->domains[0]);
    json_object_foreach(first, key, value)
    {
        report_fact(report, key, json_incref(value));
    }
    json_decref(first);
    report_fact(report, "domains", domains);
}

static const char *step_text(struct arena *arena, const struct dmarc_step *step)
{
    if (step->record != NULL)
        return arena_copy_slice(arena, step->record->text);
    if (step->record_count > 1)
        return "several records, all discarded";
    return step->text_count > 0 ? "no record among the texts" : dns_answer_word(step->answer);
}

static void show_details(const struct dmarc_facts *facts, const struct dmarc_domain *domain,
                         struct report *report)
{
    const struct dmarc_walk *walk = &domain->discovery.walk;
    const struct dmarc_verdict *old = &domain->discovery.old;
    for (size_t i = 0; i < walk->used; i++)
        report_detail(report, 1, "%s: %s", walk->steps[i].name,
                      step_text(facts->arena, &walk->steps[i]));
    const struct dmarc_verdict *current = &domain->discovery.current;
    report_detail(report, 1, "%s: organizational domain %s, policy %s, effective %s",
                  domain->domain, current->organizational_domain,
                  policy_text(current, current->policy), policy_text(current, current->effective));
    if (domain->discovery.has_old)
        report_detail(report, 1,
                      "%s by RFC 7489: organizational domain %s, policy %s, effective %s",
                      domain->domain, old->organizational_domain, policy_text(old, old->policy),
                      policy_text(old, old->effective));
}

void dmarc_show(const struct dmarc_facts *facts, struct report *report)
{
    show_json(facts, report);
    for (size_t i = 0; i < facts->domain_count; i++) {
        const struct dmarc_domain *domain = &facts->domains[i];
        const char *const labels[] = {"domain", domain->domain, NULL};
        show_details(facts, domain, report);
        if (!domain->verdict->is_certain)
            continue;
        report_sample(report, "postmaster_dmarc_domain_effective_policy",
                      "Effective policy of a domain: -1 absent, 0 none, 1 quarantine, 2 reject",
                      (double)domain->verdict->effective - 1, labels);
    }
}
