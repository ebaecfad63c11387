/*
 * check_spf: is the SPF record of a domain, with all that it includes, what its publisher meant?
 */
#include <string.h>

#include "mail/given_name.h"
#include "report/escape.h"
#include "resolver.h"
#include "spf.h"

#define DOMAINS_FILE_MAX ((size_t)1024 * 1024)
/* Questions that one domain may lead to, and all together. */
#define QUESTIONS_PER_DOMAIN 1500
#define QUESTIONS_MAX 400000

static void add_domain(struct plugin *plugin, struct spf_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->domain_count && facts->domain_count <= 1000; i++) {
        if (strcmp(facts->domains[i].domain, name) == 0)
            return;
    }
    if (facts->domain_count == SPF_DOMAINS_MAX)
        plugin_usage_error(plugin, "more than %d domains", SPF_DOMAINS_MAX);
    facts->domains[facts->domain_count++].domain = arena_copy(&plugin->arena, name);
}

static void read_domains_file(struct plugin *plugin, const struct spf_config *config,
                              struct spf_facts *facts)
{
    struct slice rest;
    struct slice line;
    char message[256];
    struct given_name given;
    if (config->domains_file == NULL)
        return;
    if (!plugin_read_file(&plugin->arena, config->domains_file, true, DOMAINS_FILE_MAX, &rest,
                          message))
        plugin_usage_error(plugin, "--domains-file: %s", message);
    for (size_t number = 1; slice_split(&rest, '\n', &line); number++) {
        line = slice_trim(slice_sub(line, 0, slice_find(line, '#')), " \t\r");
        if (line.length == 0)
            continue;
        if (!given_name_read(line, &given))
            plugin_usage_error(plugin, "--domains-file: line %zu: expected %s, got \"%s\"", number,
                               given_name_expected(&plugin->arena, "a domain name", &given),
                               escape_value(&plugin->arena, line));
        add_domain(plugin, facts, given.name);
    }
}

/* The domain of a sender, as A-labels; NULL when it has none. */
static const char *sender_domain(struct plugin *plugin, struct spf_config *config)
{
    struct given_name given;
    const char *at = config->sender == NULL ? NULL : strrchr(config->sender, '@');
    if (at == NULL)
        return NULL;
    if (!given_name_read(slice_of(at + 1), &given))
        plugin_usage_error(plugin, "--sender: expected %s, got \"%s\"",
                           given_name_expected(&plugin->arena,
                                               "a mail address or a local-part; behind the @ a "
                                               "domain name",
                                               &given),
                           escape_value(&plugin->arena, slice_of(config->sender)));
    config->sender = arena_format(&plugin->arena, "%.*s@%s", (int)(at - config->sender),
                                  config->sender, given.name);
    return arena_copy(&plugin->arena, given.name);
}

static void find_domains(struct plugin *plugin, struct spf_config *config, struct spf_facts *facts)
{
    facts->domains = arena_array(&plugin->arena, SPF_DOMAINS_MAX, sizeof *facts->domains);
    if (config->records.count > 1)
        plugin_usage_error(plugin, "--record is given more than once");
    if (config->records.count == 1)
        config->record = config->records.values[0];
    for (size_t i = 0; i < config->domains.count; i++)
        add_domain(plugin, facts, config->domains.values[i]);
    read_domains_file(plugin, config, facts);
    const char *domain = sender_domain(plugin, config);
    if (facts->domain_count == 0 && domain != NULL)
        add_domain(plugin, facts, domain);
    if (domain != NULL &&
        (facts->domain_count != 1 || strcmp(facts->domains[0].domain, domain) != 0))
        plugin_usage_error(
            plugin, "--sender is of %s: give that domain with -d, or a local-part only", domain);
    if (config->record != NULL && facts->domain_count == 0) {
        facts->is_offline = true;
        add_domain(plugin, facts, SPF_RECORD_DOMAIN);
    }
    if (facts->domain_count == 0)
        plugin_usage_error(plugin, "no domain: give -d DOMAIN, --domains-file or --record");
    if (config->record != NULL && facts->domain_count > 1)
        plugin_usage_error(plugin, "--record is for one domain, %zu are given",
                           facts->domain_count);
}

static void find_addresses(struct plugin *plugin, const struct spf_config *config,
                           struct spf_facts *facts)
{
    facts->addresses = arena_array(&plugin->arena, SPF_ADDRESSES_MAX, sizeof *facts->addresses);
    for (size_t i = 0; i < config->addresses.count; i++) {
        struct slice rest = slice_of(config->addresses.values[i]);
        struct slice part;
        while (slice_split(&rest, ',', &part)) {
            if (facts->address_count == SPF_ADDRESSES_MAX)
                plugin_usage_error(plugin, "--ip: more than %d addresses", SPF_ADDRESSES_MAX);
            struct ip_address *address = &facts->addresses[facts->address_count++];
            if (!ip_parse(slice_trim(part, " "), address))
                plugin_usage_error(plugin, "--ip: \"%s\" is not an IPv4 or IPv6 address",
                                   config->addresses.values[i]);
            *address = ip_unmap(*address);
        }
    }
    if (facts->is_offline && (facts->address_count > 0 || config->with_mx))
        plugin_usage_error(plugin, "--ip and --mx need a domain: give -d DOMAIN beside --record");
}

/* Options that would do nothing are a mistake. */
static void check_options(struct plugin *plugin, const struct spf_config *config,
                          const struct spf_facts *facts)
{
    bool evaluates = facts->address_count > 0 || config->with_mx;
    if (config->sender != NULL && !evaluates)
        plugin_usage_error(plugin, "--sender is of use with --ip or --mx only");
    if (config->expected_result != spf_config_default.expected_result && !evaluates)
        plugin_usage_error(plugin, "--expect-result is of use with --ip or --mx only");
    if (config->record != NULL && config->state_file != NULL)
        plugin_usage_error(plugin, "--state-file remembers what is published, and --record is not");
    if (config->record != NULL && config->authoritative)
        plugin_usage_error(plugin,
                           "--authoritative compares what is published, and --record is not");
    if (config->changed_for != spf_config_default.changed_for && config->state_file == NULL)
        plugin_usage_error(plugin, "--changed-for is of use with --state-file only");
}

static struct dns_answers *new_answers(struct plugin *plugin, const struct spf_config *config,
                                       const struct spf_facts *facts)
{
    size_t limit = facts->domain_count * QUESTIONS_PER_DOMAIN;
    struct dns_answers *answers =
        dns_answers_new(&plugin->arena, limit < QUESTIONS_MAX ? limit : QUESTIONS_MAX);
    if (config->record != NULL)
        spf_publish(answers, facts->domains[0].domain, config->record);
    return answers;
}

int main(int argc, char **argv)
{
    struct spf_config config = spf_config_default;
    struct plugin plugin;
    struct spf_facts facts = {.now = clock_wall()};
    struct resolver resolver = {0};
    plugin_begin(&plugin, &spf_definition, argc, argv, &config);
    facts.arena = &plugin.arena;
    find_domains(&plugin, &config, &facts);
    find_addresses(&plugin, &config, &facts);
    check_options(&plugin, &config, &facts);
    struct dns_answers *answers = new_answers(&plugin, &config, &facts);
    if (!facts.is_offline)
        resolver_open(&plugin, &resolver);
    spf_collect(&config, &plugin.common, resolver.dns, answers, plugin.deadline, &facts);
    spf_remember(&config, &facts);
    spf_judge(&config, &plugin.common, &facts, &plugin.report);
    spf_show(&config, &facts, &plugin.report);
    report_metric(&plugin.report, SPF_M_TIME, plugin_elapsed(&plugin));
    for (size_t i = 0; i < facts.domain_count; i++)
        arena_release(&facts.domains[i].arena);
    if (!facts.is_offline)
        resolver_close(&resolver);
    plugin_end(&plugin);
}
