/*
 * check_dmarc: which DMARC policy holds for a domain, and is it what its publisher meant?
 */
#include <string.h>

#include "base/random.h"
#include "dmarc.h"
#include "mail/given_name.h"
#include "resolver.h"

#define SUFFIX_FILE_MAX ((size_t)4 * 1024 * 1024)
/* Questions that one domain may lead to. */
#define QUESTIONS_PER_DOMAIN 2000

/* NULL: libpsl was built without a list. */
static struct public_suffix *read_suffixes(struct plugin *plugin, const struct dmarc_config *config)
{
    struct slice text;
    char message[256];
    if (config->suffix_file == NULL)
        return NULL;
    if (!plugin_read_file(&plugin->arena, config->suffix_file, false, SUFFIX_FILE_MAX, &text,
                          message))
        plugin_usage_error(plugin, "--public-suffix-list: %s", message);
    struct public_suffix *list = public_suffix_read(text);
    if (list == NULL)
        plugin_usage_error(plugin, "--public-suffix-list: the file is no list of public suffixes");
    return list;
}

static void find_domains(struct plugin *plugin, const struct dmarc_config *config,
                         struct dmarc_facts *facts)
{
    if (config->domains.count == 0)
        plugin_usage_error(plugin, "no domain: give -d DOMAIN");
    if (config->domains.count > DMARC_DOMAINS_MAX)
        plugin_usage_error(plugin, "more than %d domains", DMARC_DOMAINS_MAX);
    for (size_t i = 0; i < config->selectors.count; i++) {
        struct given_name given;
        const char *selector = config->selectors.values[i];
        const char *name = arena_format(&plugin->arena, "%s._domainkey", selector);
        if (!given_name_read(slice_of(name), &given))
            plugin_usage_error(plugin, "--selector: \"%s\" is no selector", selector);
    }
    if (config->old_rule && facts->suffixes == NULL)
        plugin_usage_error(plugin, "--rfc7489 needs a list: give --public-suffix-list FILE");
    facts->domain_count = config->domains.count;
    facts->domains = arena_array(&plugin->arena, facts->domain_count, sizeof *facts->domains);
    for (size_t i = 0; i < facts->domain_count; i++) {
        struct dmarc_domain *domain = &facts->domains[i];
        domain->domain = config->domains.values[i];
        if (facts->suffixes == NULL)
            continue;
        domain->organization = public_suffix_organization(facts->suffixes, domain->domain);
        if (domain->organization == NULL)
            domain->organization = domain->domain;
    }
}

static void remember(const struct dmarc_config *config, struct dmarc_facts *facts)
{
    if (config->state_file == NULL)
        return;
    struct record_memory *memories =
        arena_array(facts->arena, facts->domain_count, sizeof *memories);
    for (size_t i = 0; i < facts->domain_count; i++) {
        memories[i].key = facts->domains[i].domain;
        memories[i].record = dmarc_own_text(&facts->domains[i], facts->arena);
    }
    facts->memory_trouble = record_memory_update(facts->arena, config->state_file, "dmarc 1",
                                                 facts->now, memories, facts->domain_count);
    for (size_t i = 0; i < facts->domain_count; i++)
        facts->domains[i].memory = memories[i];
}

int main(int argc, char **argv)
{
    struct dmarc_config config = dmarc_config_default;
    struct plugin plugin;
    struct resolver resolver;
    plugin_begin(&plugin, &dmarc_definition, argc, argv, &config);
    struct dmarc_facts facts = {.arena = &plugin.arena, .now = clock_wall()};
    struct public_suffix *suffixes = read_suffixes(&plugin, &config);
    facts.suffixes = suffixes == NULL ? public_suffix_builtin() : suffixes;
    random_label(facts.probe, DMARC_PROBE_LENGTH);
    find_domains(&plugin, &config, &facts);
    resolver_open(&plugin, &resolver);
    struct dns_answers *answers =
        dns_answers_new(&plugin.arena, facts.domain_count * QUESTIONS_PER_DOMAIN);
    dmarc_collect(&config, &plugin.common, resolver.dns, answers, plugin.deadline, &facts);
    remember(&config, &facts);
    dmarc_judge(&config, &plugin.common, &facts, &plugin.report);
    dmarc_show(&facts, &plugin.report);
    report_metric(&plugin.report, DMARC_M_TIME, plugin_elapsed(&plugin));
    for (size_t i = 0; i < facts.domain_count; i++)
        arena_release(&facts.domains[i].arena);
    public_suffix_free(suffixes);
    resolver_close(&resolver);
    plugin_end(&plugin);
}
