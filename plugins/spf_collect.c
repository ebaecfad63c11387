#include <string.h>

#include "mail/domain.h"
#include "spf.h"

void spf_publish(struct dns_answers *answers, const char *domain, const char *record)
{
    struct dns_question question;
    struct dns_record text = {
        .name = domain, .type = DNS_TXT, .text = slice_new(record, strlen(record))};
    struct dns_answer answer = {
        .name = domain, .type = DNS_TXT, .status = DNS_OK, .records = &text, .record_count = 1};
    dns_answers_get(answers, domain, DNS_TXT);
    while (dns_answers_take_missing(answers, &question))
        dns_answers_settle(answers, question.index, &answer);
}

/* ---- what is evaluated */

static void add_check(struct spf_domain *domain, enum spf_identity identity,
                      const struct spf_request *request)
{
    if (domain->check_count == domain->check_capacity) {
        size_t capacity = domain->check_capacity == 0 ? 4 : domain->check_capacity * 2;
        struct spf_check *checks = arena_array(&domain->arena, capacity, sizeof *checks);
        if (domain->check_count > 0)
            memcpy(checks, domain->checks, domain->check_count * sizeof *checks);
        domain->checks = checks;
        domain->check_capacity = capacity;
    }
    domain->checks[domain->check_count++] =
        (struct spf_check){.identity = identity, .request = *request};
}

/* RFC 7208 2.3: the HELO identity is evaluated besides; it is one for all domains. */
static void add_address(const struct spf_config *config, const struct spf_facts *facts,
                        struct spf_domain *domain, struct ip_address address)
{
    struct spf_request request = {.ip = address, .helo = config->helo, .time = facts->now};
    const char *sender = config->sender;
    if (domain->check_count >= (size_t)SPF_ADDRESSES_MAX * 2)
        return;
    if (sender != NULL && strchr(sender, '@') != NULL)
        request.sender = sender;
    else
        request.sender = arena_format(&domain->arena, "%s@%s",
                                      sender == NULL ? "postmaster" : sender, domain->domain);
    add_check(domain, SPF_MAIL_FROM, &request);
    if (config->helo == NULL || domain != facts->domains)
        return;
    request.sender = "";
    add_check(domain, SPF_HELO, &request);
}

static bool has_address(const struct spf_domain *domain, const struct ip_address *address)
{
    for (size_t i = 0; i < domain->check_count; i++) {
        if (ip_equal(&domain->checks[i].request.ip, address))
            return true;
    }
    return false;
}

static bool ask_exchanger(const struct spf_config *config, struct dns_answers *answers,
                          const struct spf_facts *facts, struct spf_domain *domain,
                          const char *exchanger, unsigned type)
{
    const struct dns_answer *addresses = dns_answers_get(answers, exchanger, type);
    domain->exchangers[domain->exchanger_count++] = addresses;
    for (size_t k = 0; k < addresses->record_count; k++) {
        if (!has_address(domain, &addresses->records[k].address))
            add_address(config, facts, domain, addresses->records[k].address);
    }
    return dns_answer_is_settled(addresses);
}

static bool add_exchangers(const struct spf_config *config, const struct plugin_common *common,
                           struct dns_answers *answers, const struct spf_facts *facts,
                           struct spf_domain *domain)
{
    domain->mx = dns_answers_get(answers, domain->domain, DNS_MX);
    bool complete = dns_answer_is_settled(domain->mx);
    domain->exchangers =
        arena_array(&domain->arena, 2 * domain->mx->record_count + 1, sizeof(void *));
    domain->exchanger_count = 0;
    for (size_t i = 0; i < domain->mx->record_count; i++) {
        const char *exchanger = domain->mx->records[i].target;
        if (exchanger[0] == '\0' || strcmp(exchanger, ".") == 0)
            continue; /* null MX, RFC 7505 3 */
        if (!common->only_v6)
            complete = ask_exchanger(config, answers, facts, domain, exchanger, DNS_A) && complete;
        if (!common->only_v4)
            complete =
                ask_exchanger(config, answers, facts, domain, exchanger, DNS_AAAA) && complete;
    }
    return complete;
}

static bool evaluate(const struct spf_config *config, const struct plugin_common *common,
                     struct dns_answers *answers, const struct spf_facts *facts,
                     struct spf_domain *domain)
{
    bool complete = true;
    domain->checks = NULL;
    domain->check_count = domain->check_capacity = 0;
    for (size_t i = 0; i < facts->address_count; i++)
        add_address(config, facts, domain, facts->addresses[i]);
    if (config->with_mx)
        complete = add_exchangers(config, common, answers, facts, domain);
    for (size_t i = 0; i < domain->check_count; i++) {
        struct spf_check *check = &domain->checks[i];
        spf_evaluate(&check->request, answers, &domain->arena, &check->verdict);
        complete = complete && check->verdict.complete;
    }
    return complete;
}

/* ---- rounds */

/* All that can be known of one domain by the answers so far. */
static void look_at(const struct spf_config *config, const struct plugin_common *common,
                    struct dns_answers *answers, struct spf_facts *facts, struct spf_domain *domain)
{
    struct spf_tree_request request = {
        .domain = domain->domain,
        .offline = facts->is_offline,
    };
    arena_release(&domain->arena);
    spf_tree_build(&request, answers, &domain->arena, &domain->tree);
    bool complete = domain->tree.complete;
    if (facts->is_offline) {
        domain->is_settled = true;
        return;
    }
    complete = evaluate(config, common, answers, facts, domain) && complete;
    /* RFC 7208 2.3: what is no domain of several labels, as an address literal, is not looked up.
     */
    if (config->helo != NULL && domain == facts->domains && spf_domain_is_valid(config->helo)) {
        domain->helo_text = dns_answers_get(answers, config->helo, DNS_TXT);
        complete = complete && dns_answer_is_settled(domain->helo_text);
    }
    if (config->authoritative) {
        domain->servers.is_wanted = spf_record_is;
        complete = name_servers_find(facts->arena, answers, common, domain->domain,
                                     (unsigned)config->authoritative_port, &domain->servers) &&
                   complete;
    }
    domain->is_settled = complete;
}

static void ask_servers(struct dns *dns, struct deadline deadline, struct spf_facts *facts)
{
    struct name_servers **names =
        arena_array(facts->arena, facts->domain_count, sizeof(struct name_servers *));
    for (size_t i = 0; i < facts->domain_count; i++)
        names[i] = &facts->domains[i].servers;
    name_servers_ask(facts->arena, dns, deadline, names, facts->domain_count);
}

void spf_collect(const struct spf_config *config, const struct plugin_common *common,
                 struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                 struct spf_facts *facts)
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
        ask_servers(dns, deadline, facts);
    for (size_t i = 0; i < facts->domain_count; i++)
        facts->was_cut = facts->was_cut || !facts->domains[i].is_settled;
    facts->asked = dns == NULL ? 0 : dns_asked(dns);
}
