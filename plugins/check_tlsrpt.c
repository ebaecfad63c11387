/*
 * check_tlsrpt: do senders know where to report that they cannot reach a domain by TLS?
 */
#include "resolver.h"
#include "tlsrpt.h"

/* Questions that one domain may lead to. */
#define QUESTIONS_PER_DOMAIN 500

static void find_domains(struct plugin *plugin, const struct tlsrpt_config *config,
                         struct tlsrpt_facts *facts)
{
    if (config->domains.count == 0)
        plugin_usage_error(plugin, "no domain: give -d DOMAIN");
    if (config->domains.count > TLSRPT_DOMAINS_MAX)
        plugin_usage_error(plugin, "more than %d domains", TLSRPT_DOMAINS_MAX);
    facts->domain_count = config->domains.count;
    facts->domains = arena_array(&plugin->arena, facts->domain_count, sizeof *facts->domains);
    for (size_t i = 0; i < facts->domain_count; i++)
        facts->domains[i].domain = config->domains.values[i];
}

static void remember(const struct tlsrpt_config *config, struct tlsrpt_facts *facts)
{
    if (config->state_file == NULL)
        return;
    struct record_memory *memories =
        arena_array(facts->arena, facts->domain_count, sizeof *memories);
    for (size_t i = 0; i < facts->domain_count; i++) {
        memories[i].key = facts->domains[i].domain;
        memories[i].record = tlsrpt_own_text(&facts->domains[i], facts->arena);
    }
    facts->memory_trouble = record_memory_update(facts->arena, config->state_file, "tlsrpt 1",
                                                 facts->now, memories, facts->domain_count);
    for (size_t i = 0; i < facts->domain_count; i++)
        facts->domains[i].memory = memories[i];
}

int main(int argc, char **argv)
{
    struct tlsrpt_config config = tlsrpt_config_default;
    struct plugin plugin;
    struct resolver resolver;
    plugin_begin(&plugin, &tlsrpt_definition, argc, argv, &config);
    struct tlsrpt_facts facts = {.arena = &plugin.arena, .now = clock_wall()};
    find_domains(&plugin, &config, &facts);
    resolver_open(&plugin, &resolver);
    struct dns_answers *answers =
        dns_answers_new(&plugin.arena, facts.domain_count * QUESTIONS_PER_DOMAIN);
    tlsrpt_collect(&config, &plugin.common, resolver.dns, answers, plugin.deadline, &facts);
    tlsrpt_find_https(&config, &plugin.common, answers, &facts);
    tlsrpt_shake_hands(&config, &plugin.common, resolver.loop, plugin.deadline, &facts);
    remember(&config, &facts);
    tlsrpt_judge(&config, &plugin.common, &facts, &plugin.report);
    tlsrpt_show(&facts, &plugin.report);
    report_metric(&plugin.report, TLSRPT_M_TIME, plugin_elapsed(&plugin));
    for (size_t i = 0; i < facts.domain_count; i++)
        arena_release(&facts.domains[i].arena);
    resolver_close(&resolver);
    plugin_end(&plugin);
}
