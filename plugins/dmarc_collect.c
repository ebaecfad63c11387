#include <string.h>

#include "base/text.h"
#include "dmarc.h"

/* Noted in the store: whether all of it was answered is asked at the end. */
static bool is_settled(const struct dns_answer *answer)
{
    return answer == NULL || dns_answer_is_settled(answer);
}

static const struct dns_answer *ask(struct dmarc_domain *domain, struct dns_answers *answers,
                                    unsigned type, const char *prefix, const char *label)
{
    const char *name = arena_format(&domain->arena, "%s%s%s", prefix, label, domain->domain);
    return dns_answers_get(answers, name, type);
}

/* Names beside the walk that are asked with it. */
static void look_around(const struct dmarc_config *config, const struct dmarc_facts *facts,
                        struct dns_answers *answers, struct dmarc_domain *domain)
{
    const char *probe = arena_format(&domain->arena, "%s.", facts->probe);
    domain->spf = ask(domain, answers, DNS_TXT, "", "");
    domain->places[DMARC_PLACE_APEX] = domain->spf;
    domain->places[DMARC_PLACE_TWICE] = ask(domain, answers, DNS_TXT, "_dmarc.", "_dmarc.");
    domain->places[DMARC_PLACE_DOUBLED] = ask(domain, answers, DNS_TXT, "_dmarc.",
                                              arena_format(&domain->arena, "%s.", domain->domain));
    domain->probe_text = ask(domain, answers, DNS_TXT, "_dmarc.", probe);
    domain->probe_address = ask(domain, answers, DNS_A, "", probe);
    domain->keys = ask(domain, answers, DNS_TXT, "_domainkey.", "");
    domain->selectors =
        arena_array(&domain->arena, config->selectors.count + 1, sizeof(struct dns_answer *));
    for (size_t i = 0; i < config->selectors.count; i++)
        domain->selectors[i] =
            ask(domain, answers, DNS_TXT, config->selectors.values[i], "._domainkey.");
}

/* RFC 9989 4.4: with relaxed alignment the organizational domain can authenticate for it. */
static void look_above(struct dns_answers *answers, struct dmarc_domain *domain)
{
    const struct dmarc_verdict *verdict = domain->verdict;
    const char *above = verdict->organizational_domain;
    domain->organization_spf = NULL;
    domain->organization_keys = NULL;
    if (verdict->record == NULL || strcmp(above, domain->domain) == 0)
        return;
    if (verdict->record->spf_alignment.value != 's')
        domain->organization_spf = dns_answers_get(answers, above, DNS_TXT);
    if (verdict->record->dkim_alignment.value != 's')
        domain->organization_keys =
            dns_answers_get(answers, arena_format(&domain->arena, "_domainkey.%s", above), DNS_TXT);
}

/* What a step's answer leads to: a CNAME beside its TXT, and whether SERVFAIL is DNSSEC. */
static void look_closer(struct dns_answers *answers, struct dmarc_domain *domain)
{
    const struct dmarc_walk *walk = &domain->discovery.walk;
    for (size_t i = 0; i < walk->used; i++) {
        const struct dns_answer *answer = walk->steps[i].answer;
        bool is_plain_text = answer->status == DNS_OK && answer->chain_length == 0;
        bool is_failed = answer->status == DNS_SERVFAIL;
        domain->cnames[i] = is_plain_text && (i == 0 || walk->steps[i].record != NULL)
                                ? dns_answers_get(answers, answer->name, DNS_CNAME)
                                : NULL;
        domain->unchecked[i] =
            is_failed ? dns_answers_get_with(answers, answer->name, DNS_TXT, DNS_CHECKING_DISABLED)
                      : NULL;
    }
}

static void check_reports(const struct dmarc_config *config, const struct dmarc_facts *facts,
                          struct dns_answers *answers, struct dmarc_domain *domain)
{
    const struct dmarc_verdict *verdict = domain->verdict;
    domain->report_count = 0;
    if (verdict->record == NULL)
        return;
    const struct dmarc_uris *lists[] = {&verdict->record->aggregate, &verdict->record->failure};
    domain->reports =
        arena_array(&domain->arena, lists[0]->count + lists[1]->count + 1, sizeof *domain->reports);
    for (size_t kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < lists[kind]->count; i++) {
            const struct dmarc_uri *uri = &lists[kind]->list[i];
            const char *by_suffix = NULL;
            if (config->old_rule && facts->suffixes != NULL && uri->domain[0] != '\0') {
                by_suffix = public_suffix_organization(facts->suffixes, uri->domain);
                by_suffix = by_suffix == NULL ? uri->domain : by_suffix;
            }
            dmarc_report_check(&domain->arena, answers, verdict->record_domain,
                               verdict->organizational_domain, by_suffix, uri, kind == 1,
                               &domain->reports[domain->report_count++]);
        }
    }
}

static void look_at(const struct dmarc_config *config, const struct plugin_common *common,
                    struct dns_answers *answers, struct dmarc_facts *facts,
                    struct dmarc_domain *domain)
{
    size_t before = dns_answers_missing_count(answers);
    arena_release(&domain->arena);
    dmarc_discover(&domain->arena, answers, domain->domain, domain->organization,
                   &domain->discovery);
    domain->verdict = config->old_rule && domain->discovery.has_old ? &domain->discovery.old
                                                                    : &domain->discovery.current;
    look_around(config, facts, answers, domain);
    look_above(answers, domain);
    look_closer(answers, domain);
    check_reports(config, facts, answers, domain);
    bool complete = dns_answers_missing_count(answers) == before;
    if (config->authoritative) {
        const char *at = domain->verdict->record_domain != NULL ? domain->verdict->record_domain
                                                                : domain->domain;
        complete = name_servers_find(&domain->arena, answers, common,
                                     arena_format(&domain->arena, "_dmarc.%s", at),
                                     (unsigned)config->authoritative_port, &domain->servers) &&
                   complete;
    }
    for (size_t i = 0; i < domain->discovery.walk.count; i++)
        complete = complete && is_settled(domain->discovery.walk.steps[i].answer);
    domain->is_settled = complete;
}

static void ask_servers(struct dmarc_facts *facts, struct dns *dns, struct deadline deadline)
{
    struct name_servers **names = arena_array(facts->arena, facts->domain_count, sizeof *names);
    for (size_t i = 0; i < facts->domain_count; i++)
        names[i] = &facts->domains[i].servers;
    name_servers_ask(facts->arena, dns, deadline, names, facts->domain_count);
}

void dmarc_collect(const struct dmarc_config *config, const struct plugin_common *common,
                   struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                   struct dmarc_facts *facts)
{
    bool more;
    do {
        for (size_t i = 0; i < facts->domain_count; i++) {
            if (!facts->domains[i].is_settled)
                look_at(config, common, answers, facts, &facts->domains[i]);
        }
        more = dns != NULL && dns_fetch_missing(dns, answers, deadline);
    } while (more);
    if (config->authoritative && dns != NULL)
        ask_servers(facts, dns, deadline);
}

const char *dmarc_own_text(const struct dmarc_domain *domain, struct arena *arena)
{
    const struct dmarc_step *own = &domain->discovery.walk.steps[0];
    if (domain->discovery.walk.count == 0 || !dns_status_is_answer(own->answer->status))
        return NULL;
    struct text text;
    text_init(&text, 16384);
    for (size_t i = 0; i < own->text_count; i++) {
        if (own->texts[i].version == DMARC_VERSION_FOREIGN)
            continue;
        text_append(&text, text.length > 0 ? "\n" : "");
        text_append_slice(&text, own->texts[i].text);
    }
    const char *result = arena_copy(arena, text.start);
    text_release(&text);
    return result;
}
