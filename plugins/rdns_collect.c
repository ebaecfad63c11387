#include <string.h>

#include "rdns.h"

/* MX, and A and AAAA of each exchanger and host of --resolve. */
#define EXCHANGER_QUESTIONS_MAX 1000

/* ---- addresses */

static bool find_exchangers(const struct rdns_config *config, const struct plugin_common *common,
                            struct dns_answers *answers, struct rdns_facts *facts)
{
    const struct exchangers_request request = {config->domain, common->only_v4, common->only_v6};

    return exchangers_find(&request, answers, facts->arena, &facts->exchangers);
}

static void add_exchangers(const struct rdns_facts *facts, struct smtp_targets *targets)
{
    for (size_t i = 0; i < facts->exchangers.count; i++) {
        const struct exchanger *exchanger = &facts->exchangers.list[i];

        for (size_t k = 0; k < exchanger->address_count; k++)
            smtp_targets_add(targets, exchanger->host, &exchanger->addresses[k]);
    }
}

/* An address counts once, whoever has it. */
static void list_addresses(const struct smtp_targets *targets, struct rdns_facts *facts)
{
    facts->addresses = arena_array(facts->arena, targets->count + 1, sizeof *facts->addresses);
    for (size_t i = 0; i < targets->count; i++) {
        const struct smtp_target *target = &targets->list[i];
        bool is_there = false;

        for (size_t k = 0; k < facts->count; k++)
            is_there = is_there ||
                       ip_equal(&facts->addresses[k].address, &target->stream.endpoint.address);
        if (!is_there)
            facts->addresses[facts->count++] = (struct rdns_address){
                .address = target->stream.endpoint.address,
                .host = target->host,
                .target = target,
                .servers.type = DNS_PTR,
            };
    }
}

/* What is given with --resolve says where to look, and confirms no name. */
static struct dns_answers *store_of(const struct rdns_config *config, struct dns_answers *answers,
                                    struct rdns_facts *facts)
{
    if (config->domain == NULL || config->smtp.resolve.count == 0)
        return answers;
    struct dns_answers *own = dns_answers_new(facts->arena, EXCHANGER_QUESTIONS_MAX);

    smtp_targets_resolve(&config->smtp, own);
    return own;
}

static void find_addresses(const struct rdns_config *config, const struct plugin_common *common,
                           struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                           struct smtp_targets *targets, struct rdns_facts *facts)
{
    struct dns_answers *found = store_of(config, answers, facts);
    bool is_complete;

    do {
        is_complete = config->domain != NULL
                          ? find_exchangers(config, common, found, facts)
                          : smtp_targets_find(targets, common->only_v4, common->only_v6, found);
    } while (!is_complete && dns != NULL && dns_fetch_missing(dns, found, deadline));
    if (config->domain != NULL)
        add_exchangers(facts, targets);
    list_addresses(targets, facts);
}

/* ---- names */

static const struct dns_answer *ask_forward(struct dns_answers *answers, const char *name,
                                            const struct ip_address *address)
{
    return dns_answers_get(answers, name, address->family == IP_V4 ? DNS_A : DNS_AAAA);
}

static enum rdns_confirmed confirm(const struct dns_answer *forward,
                                   const struct ip_address *address)
{
    if (!dns_status_is_answer(forward->status) && forward->status != DNS_BAD_NAME)
        return RDNS_NOT_KNOWN;
    for (size_t i = 0; i < forward->record_count; i++) {
        if (ip_equal(&forward->records[i].address, address))
            return RDNS_CONFIRMED;
    }
    return RDNS_DENIED;
}

static void list_names(struct arena *arena, struct dns_answers *answers,
                       struct rdns_address *address)
{
    const struct dns_answer *ptr = address->ptr;

    address->name_count = 0;
    address->names_omitted = 0;
    if (address->names == NULL)
        address->names = arena_array(arena, RDNS_NAMES_MAX, sizeof *address->names);
    for (size_t i = 0; i < ptr->record_count; i++) {
        struct rdns_name *name = &address->names[address->name_count];

        if (address->name_count == RDNS_NAMES_MAX) {
            address->names_omitted++;
            continue;
        }
        name->name = ptr->records[i].target[0] != '\0' ? ptr->records[i].target : ".";
        name->forward = ask_forward(answers, name->name, &address->address);
        name->confirmed = confirm(name->forward, &address->address);
        address->name_count++;
    }
}

/* Two addresses in the same network, whatever its size: another last bit, another last octet. */
static void ask_neighbours(struct dns_answers *answers, struct rdns_address *address)
{
    static const uint8_t differences[RDNS_NEIGHBOURS] = {0x01, 0x56};
    size_t last = address->address.family == IP_V4 ? 3 : 15;
    char name[80];

    for (size_t i = 0; i < RDNS_NEIGHBOURS; i++) {
        struct ip_address *neighbour = &address->neighbour_addresses[i];

        *neighbour = address->address;
        neighbour->bytes[last] = (uint8_t)(neighbour->bytes[last] ^ differences[i]);
        address->neighbours[i] = dns_answers_get(answers, ip_ptr_name(neighbour, name), DNS_PTR);
    }
}

static void look_at(const struct rdns_config *config, const struct plugin_common *common,
                    struct dns_answers *answers, struct rdns_facts *facts,
                    struct rdns_address *address)
{
    char name[80];

    ip_ptr_name(&address->address, name);
    address->ptr = dns_answers_get(answers, name, DNS_PTR);
    if (address->ptr->status == DNS_SERVFAIL)
        address->unchecked = dns_answers_get_with(answers, name, DNS_PTR, DNS_CHECKING_DISABLED);
    list_names(facts->arena, answers, address);
    ask_neighbours(answers, address);
    if (!config->authoritative || !dns_answer_is_settled(address->ptr))
        return;
    /* Where the network is handed on by an alias, the servers of its target decide. */
    const char *at = address->ptr->chain_length > 0
                         ? address->ptr->chain[address->ptr->chain_length - 1]
                         : address->ptr->name;

    name_servers_find(facts->arena, answers, common, at, (unsigned)config->authoritative_port,
                      &address->servers);
}

void rdns_collect_names(const struct rdns_config *config, const struct plugin_common *common,
                        struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                        struct smtp_targets *targets, struct rdns_facts *facts)
{
    facts->targets = targets;
    find_addresses(config, common, dns, answers, deadline, targets, facts);
    do {
        for (size_t i = 0; i < facts->count; i++)
            look_at(config, common, answers, facts, &facts->addresses[i]);
    } while (dns != NULL && dns_fetch_missing(dns, answers, deadline));
    if (!config->authoritative || dns == NULL)
        return;
    struct name_servers **names = arena_array(facts->arena, facts->count + 1, sizeof *names);

    for (size_t i = 0; i < facts->count; i++)
        names[i] = &facts->addresses[i].servers;
    name_servers_ask(facts->arena, dns, deadline, names, facts->count);
}

/* ---- SMTP */

static const struct smtp_step STEPS[] = {
    {.verb = SMTP_VERB_EHLO, .flags = SMTP_STEP_REQUIRED},
};

void rdns_collect_servers(struct smtp_collect *collect, struct deadline deadline,
                          struct rdns_facts *facts)
{
    facts->was_connected = true;
    for (size_t i = 0; i < facts->count; i++) {
        struct rdns_address *address = &facts->addresses[i];

        if (!exchangers_can_reach(&address->address))
            continue;
        address->has_route = smtp_collect_source(address->target).family != IP_NONE;
        address->session = smtp_collect_add(collect, address->target, STEPS,
                                            sizeof STEPS / sizeof STEPS[0], NULL, deadline);
    }
    smtp_collect_run(collect, deadline);
}

/* ---- what is said */

static void hear(struct arena *arena, const struct smtp_name *name, struct rdns_said *said)
{
    char normal[DOMAIN_TEXT_SIZE];

    said->kind = name->kind;
    said->text = arena_copy_slice(arena, name->name);
    if (name->kind == SMTP_NAME_FQDN && domain_normalize(name->name, normal) == DOMAIN_FINE)
        said->text = arena_copy(arena, normal);
}

static void hear_session(struct arena *arena, struct rdns_address *address)
{
    const struct smtp_session *session = address->session;
    const struct smtp_entry *greeting = smtp_session_find(session, SMTP_VERB_GREETING);
    struct smtp_name name;

    if (greeting != NULL && greeting->outcome == SMTP_ANSWERED && greeting->code / 100 == 2) {
        smtp_name_parse(greeting->text, &name);
        hear(arena, &name, &address->banner);
    }
    if (session->ehlo != NULL && address->helo.text == NULL)
        hear(arena, &session->ehlo->name, &address->helo);
}

/* "[192.0.2.25]", "[IPv6:2001:db8::25]" (RFC 5321 4.1.3) */
static enum rdns_confirmed confirm_literal(const char *text, const struct ip_address *address)
{
    struct slice inner = slice_sub(slice_of(text), 1, strlen(text) - 2);
    struct ip_address literal;

    if (slice_starts_with_ignoring_case(inner, "IPv6:"))
        inner = slice_sub(inner, 5, inner.length);
    return ip_parse(inner, &literal) && ip_equal(&literal, address) ? RDNS_CONFIRMED : RDNS_DENIED;
}

static void resolve(struct dns_answers *answers, const struct ip_address *address,
                    struct rdns_said *said)
{
    if (said->text == NULL)
        return;
    if (said->kind == SMTP_NAME_LITERAL)
        said->confirmed = confirm_literal(said->text, address);
    if (said->kind != SMTP_NAME_FQDN)
        return;
    said->forward = ask_forward(answers, said->text, address);
    said->confirmed = confirm(said->forward, address);
}

void rdns_collect_said(const struct rdns_config *config, struct dns *dns,
                       struct dns_answers *answers, struct deadline deadline,
                       struct rdns_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        struct rdns_address *address = &facts->addresses[i];
        struct smtp_name name;

        if (config->helo != NULL) {
            smtp_name_parse(slice_of(config->helo), &name);
            hear(facts->arena, &name, &address->helo);
        }
        if (address->session != NULL)
            hear_session(facts->arena, address);
    }
    do {
        for (size_t i = 0; i < facts->count; i++) {
            struct rdns_address *address = &facts->addresses[i];

            resolve(answers, &address->address, &address->helo);
            resolve(answers, &address->address, &address->banner);
        }
    } while (dns != NULL && dns_fetch_missing(dns, answers, deadline));
}
