#include "base/text.h"
#include "tlsrpt.h"

/* RFC 8460 3: reports go by mail or are posted; a host for that needs an address. */
static enum dmarc_host check_host(struct dns_answers *answers, const struct dmarc_uri *uri)
{
    if (uri->domain[0] == '\0')
        return DMARC_HOST_UNKNOWN;
    if (slice_equals_text_ignoring_case(uri->scheme, "mailto"))
        return dmarc_host_check(answers, uri->domain);
    const struct dns_answer *a = dns_answers_get(answers, uri->domain, DNS_A);
    const struct dns_answer *aaaa = dns_answers_get(answers, uri->domain, DNS_AAAA);
    if (a->status == DNS_OK || aaaa->status == DNS_OK)
        return DMARC_HOST_FINE;
    if (a->status == DNS_NXDOMAIN || aaaa->status == DNS_NXDOMAIN)
        return DMARC_HOST_NONEXISTENT;
    return dns_status_is_answer(a->status) && dns_status_is_answer(aaaa->status)
               ? DMARC_HOST_NO_ADDRESS
               : DMARC_HOST_UNKNOWN;
}

static void check_hosts(struct dns_answers *answers, struct tlsrpt_domain *domain)
{
    const struct tlsrpt_record *record = domain->discovery.record;
    if (record == NULL)
        return;
    domain->hosts = arena_array(&domain->arena, record->reports.count + 1, sizeof *domain->hosts);
    for (size_t i = 0; i < record->reports.count; i++)
        domain->hosts[i] = check_host(answers, &record->reports.list[i]);
}

/* Whether there is anything to report about: MTA-STS, or DANE at an exchanger. */
static void look_around(struct dns_answers *answers, struct tlsrpt_domain *domain)
{
    struct arena *arena = &domain->arena;
    domain->sts =
        dns_answers_get(answers, arena_format(arena, "_mta-sts.%s", domain->domain), DNS_TXT);
    domain->mx = dns_answers_get(answers, domain->domain, DNS_MX);
    domain->tlsa_count = 0;
    for (size_t i = 0; i < domain->mx->record_count && i < TLSRPT_EXCHANGERS_MAX; i++) {
        const char *name = arena_format(arena, "_25._tcp.%s", domain->mx->records[i].target);
        domain->tlsa[domain->tlsa_count++] = dns_answers_get(answers, name, DNS_TLSA);
    }
}

static void look_at(const struct tlsrpt_config *config, const struct plugin_common *common,
                    struct dns_answers *answers, struct tlsrpt_domain *domain)
{
    size_t before = dns_answers_missing_count(answers);
    bool complete = true;
    arena_release(&domain->arena);
    tlsrpt_discover(&domain->arena, answers, domain->domain, &domain->discovery);
    const struct dns_answer *answer = domain->discovery.answer;
    if (answer->status == DNS_OK && answer->chain_length == 0)
        domain->cname = dns_answers_get(answers, answer->name, DNS_CNAME);
    if (answer->status == DNS_SERVFAIL)
        domain->unchecked =
            dns_answers_get_with(answers, answer->name, DNS_TXT, DNS_CHECKING_DISABLED);
    check_hosts(answers, domain);
    look_around(answers, domain);
    if (config->authoritative)
        complete = name_servers_find(&domain->arena, answers, common, domain->discovery.name,
                                     (unsigned)config->authoritative_port, &domain->servers);
    domain->is_settled = complete && dns_answer_is_settled(answer) &&
                         dns_answer_is_settled(domain->mx) &&
                         dns_answers_missing_count(answers) == before;
}

static void ask_servers(struct tlsrpt_facts *facts, struct dns *dns, struct deadline deadline)
{
    struct name_servers **names = arena_array(facts->arena, facts->domain_count, sizeof *names);
    for (size_t i = 0; i < facts->domain_count; i++)
        names[i] = &facts->domains[i].servers;
    name_servers_ask(facts->arena, dns, deadline, names, facts->domain_count);
}

void tlsrpt_collect(const struct tlsrpt_config *config, const struct plugin_common *common,
                    struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                    struct tlsrpt_facts *facts)
{
    bool more;
    do {
        for (size_t i = 0; i < facts->domain_count; i++) {
            if (!facts->domains[i].is_settled)
                look_at(config, common, answers, &facts->domains[i]);
        }
        more = dns != NULL && dns_fetch_missing(dns, answers, deadline);
    } while (more);
    if (config->authoritative && dns != NULL)
        ask_servers(facts, dns, deadline);
}

const char *tlsrpt_own_text(const struct tlsrpt_domain *domain, struct arena *arena)
{
    struct text text;
    if (!dns_status_is_answer(domain->discovery.answer->status))
        return NULL;
    text_init(&text, 16384);
    for (size_t i = 0; i < domain->discovery.text_count; i++) {
        const struct tlsrpt_record *record = &domain->discovery.texts[i];
        if (!record->version_right && !record->is_near_miss)
            continue;
        text_append(&text, text.length > 0 ? "\n" : "");
        text_append_slice(&text, record->text);
    }
    const char *result = arena_copy(arena, text.start);
    text_release(&text);
    return result;
}
