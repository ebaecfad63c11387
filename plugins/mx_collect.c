#include <stdlib.h>
#include <string.h>

#include "mail/idn.h"
#include "mx.h"

/* ---- DNS */

static bool is_resolved_by_hand(const struct mx_config *config, const char *host)
{
    for (size_t i = 0; i < config->smtp.resolve.count; i++) {
        struct slice text = slice_of(config->smtp.resolve.values[i]);
        char name[DOMAIN_TEXT_SIZE];

        if (domain_to_ascii(slice_sub(text, 0, slice_find(text, ':')), name) == DOMAIN_FINE &&
            strcmp(name, host) == 0)
            return true;
    }
    return false;
}

static bool is_in(const struct option_list *list, const char *host)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->values[i], host) == 0)
            return true;
    }
    return false;
}

/* Where the SOA of the name is: its zone (RFC 2308 3). */
static const char *zone_of(const struct dns_answer *soa)
{
    if (soa->status == DNS_OK)
        return soa->records[0].name;
    return soa->status == DNS_NODATA || soa->status == DNS_NXDOMAIN ? soa->zone : NULL;
}

static bool is_missing(const struct dns_answer *answer)
{
    return answer == NULL || answer->status == DNS_NXDOMAIN;
}

/* What is asked of an exchanger's name beside its addresses. */
static void look_closer(const struct mx_config *config, struct dns_answers *answers,
                        struct mx_facts *facts, struct mx_host *host)
{
    const struct exchanger *exchanger = host->exchanger;

    host->is_given = is_resolved_by_hand(config, exchanger->host);
    host->is_dead = is_in(&config->dead, exchanger->host);
    if (exchanger->is_literal)
        return;
    host->soa = dns_answers_get(answers, exchanger->host, DNS_SOA);
    host->zone = zone_of(host->soa);
    if (host->zone != NULL && host->zone[0] != '\0')
        host->ns = dns_answers_get(answers, host->zone, DNS_NS);
    if (facts->suffixes != NULL && !host->is_given && is_missing(exchanger->a) &&
        is_missing(exchanger->aaaa) && (exchanger->a != NULL || exchanger->aaaa != NULL)) {
        const char *own = public_suffix_organization(facts->suffixes, exchanger->host);

        if (own != NULL)
            host->organization = dns_answers_get(answers, own, DNS_SOA);
    }
}

/* A resolver turns equal records around: the same exchangers are the same list. */
static int compare_hosts(const void *a, const void *b)
{
    const struct exchanger *first = ((const struct mx_host *)a)->exchanger;
    const struct exchanger *second = ((const struct mx_host *)b)->exchanger;

    if (first->preference != second->preference)
        return first->preference < second->preference ? -1 : 1;
    return strcmp(first->host, second->host);
}

static void list_hosts(const struct mx_config *config, struct dns_answers *answers,
                       struct mx_facts *facts)
{
    const struct exchangers *exchangers = &facts->exchangers;

    facts->hosts = arena_array(facts->arena, exchangers->count + 1, sizeof *facts->hosts);
    facts->host_count = 0;
    for (size_t i = 0; i < exchangers->count; i++) {
        const struct exchanger *exchanger = &exchangers->list[i];
        struct mx_host *host = &facts->hosts[facts->host_count];

        if (exchanger->is_null || exchanger->is_duplicate)
            continue;
        facts->host_count++;
        host->exchanger = exchanger;
        look_closer(config, answers, facts, host);
        host->count = exchanger->address_count;
        host->addresses = arena_array(facts->arena, host->count + 1, sizeof *host->addresses);
        for (size_t k = 0; k < host->count; k++)
            host->addresses[k].address = exchanger->addresses[k];
    }
    qsort(facts->hosts, facts->host_count, sizeof *facts->hosts, compare_hosts);
}

static void look_at_domain(struct dns_answers *answers, struct mx_facts *facts)
{
    facts->secure = dns_answers_get_with(answers, facts->domain, DNS_MX, DNS_DNSSEC);
    facts->spf = dns_answers_get(answers, facts->domain, DNS_TXT);
    if (facts->exchangers.mx->status == DNS_SERVFAIL)
        facts->unchecked =
            dns_answers_get_with(answers, facts->domain, DNS_MX, DNS_CHECKING_DISABLED);
}

void mx_collect_names(const struct mx_config *config, const struct plugin_common *common,
                      struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                      struct mx_facts *facts)
{
    const struct exchangers_request request = {facts->domain, common->only_v4, common->only_v6};

    facts->servers.type = DNS_MX;
    do {
        exchangers_find(&request, answers, facts->arena, &facts->exchangers);
        look_at_domain(answers, facts);
        list_hosts(config, answers, facts);
        if (config->authoritative)
            name_servers_find(facts->arena, answers, common, facts->domain,
                              (unsigned)config->authoritative_port, &facts->servers);
    } while (dns != NULL && dns_fetch_missing(dns, answers, deadline));
    if (config->authoritative && dns != NULL) {
        struct name_servers *names = &facts->servers;

        name_servers_ask(facts->arena, dns, deadline, &names, 1);
    }
}

/* ---- SMTP */

static void add_step(struct mx_plan *plan, enum smtp_verb verb, const char *argument,
                     unsigned flags)
{
    plan->steps[plan->count++] =
        (struct smtp_step){.verb = verb, .argument = argument, .flags = flags};
}

/* MAIL, RCPT, RSET: no message follows. Returns the step of RCPT. */
static size_t add_recipient(struct mx_plan *plan, const char *sender, const char *recipient)
{
    add_step(plan, SMTP_VERB_MAIL, sender, 0);
    add_step(plan, SMTP_VERB_RCPT, recipient, SMTP_STEP_IF_MAIL);
    add_step(plan, SMTP_VERB_RSET, NULL, SMTP_STEP_IF_MAIL);
    return plan->count - 2;
}

/* "<>", "a@example.org" or "<a@example.org>"; NULL when it is none of them. */
static const char *read_sender(struct arena *arena, const char *text)
{
    struct slice sender = slice_of(text);

    if (slice_starts_with(sender, "<") && sender.start[sender.length - 1] == '>')
        sender = slice_sub(sender, 1, sender.length - 2);
    if (sender.length > 254 || slice_find(sender, '<') < sender.length ||
        slice_find(sender, '>') < sender.length || slice_find(sender, ' ') < sender.length ||
        (sender.length > 0 && slice_find(sender, '@') == sender.length))
        return NULL;
    return arena_format(arena, "<%.*s>", SLICE_PRINTF(sender));
}

bool mx_collect_plan(const struct mx_config *config, struct mx_facts *facts)
{
    struct mx_plan *plan = &facts->plan;
    const char *sender = read_sender(facts->arena, config->sender);

    *plan = (struct mx_plan){
        .starttls = SMTP_NO_STEP, .postmaster = SMTP_NO_STEP, .unknown = SMTP_NO_STEP};
    if (sender == NULL)
        return false;
    add_step(plan, SMTP_VERB_EHLO, NULL, SMTP_STEP_REQUIRED);
    if (config->tls) {
        plan->starttls = plan->count;
        add_step(plan, SMTP_VERB_STARTTLS, NULL, SMTP_STEP_IF_OFFERED);
        plan->steps[plan->starttls].keyword = "STARTTLS";
        add_step(plan, SMTP_VERB_EHLO, NULL, SMTP_STEP_IF_TLS);
    }
    if (config->rcpt)
        plan->postmaster = add_recipient(
            plan, sender, arena_format(facts->arena, "<postmaster@%s>", facts->domain));
    if (config->unknown)
        plan->unknown = add_recipient(
            plan, sender, arena_format(facts->arena, "<%s@%s>", facts->probe, facts->domain));
    return true;
}

/* Exchangers with one address in common share its conversation: the server sees one visitor. With
 * --tls each asks for its own name. */
static const struct smtp_session *shared_session(const struct mx_config *config,
                                                 const struct mx_facts *facts,
                                                 const struct ip_address *address)
{
    for (size_t i = 0; i < facts->host_count && !config->tls; i++) {
        const struct mx_host *host = &facts->hosts[i];

        for (size_t k = 0; k < host->count; k++) {
            if (host->addresses[k].session != NULL &&
                ip_equal(&host->addresses[k].address, address))
                return host->addresses[k].session;
        }
    }
    return NULL;
}

static void speak_to(const struct mx_config *config, struct smtp_targets *targets,
                     struct smtp_collect *collect, struct deadline deadline, struct mx_facts *facts,
                     const struct mx_host *host, struct mx_address *address)
{
    address->target = smtp_targets_add(targets, host->exchanger->host, &address->address);
    address->is_left_out = address->target == NULL && config->smtp.first_address;
    if (address->target == NULL || address->target->is_nobodys)
        return;
    address->has_route = smtp_collect_source(address->target).family != IP_NONE;
    address->session = shared_session(config, facts, &address->address);
    if (address->session == NULL)
        address->session = smtp_collect_add(collect, address->target, facts->plan.steps,
                                            facts->plan.count, NULL, deadline);
}

void mx_collect_servers(const struct mx_config *config, struct smtp_targets *targets,
                        struct smtp_collect *collect, struct deadline deadline,
                        struct mx_facts *facts)
{
    facts->was_connected = true;
    for (size_t i = 0; i < facts->host_count; i++) {
        struct mx_host *host = &facts->hosts[i];

        for (size_t k = 0; k < host->count; k++)
            speak_to(config, targets, collect, deadline, facts, host, &host->addresses[k]);
    }
    smtp_collect_run(collect, deadline);
}
