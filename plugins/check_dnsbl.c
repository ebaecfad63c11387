/*
 * check_dnsbl: are our addresses and domains on DNS blocklists, and do the lists tell the truth?
 */
#include <stdlib.h>

#include "dnsbl.h"
#include "resolver.h"

#define CATALOGUE_TEXT_MAX (4 * 1024 * 1024)
/* All lists are asked in one round: one question may take most of -t. */
#define QUESTION_SHARE 0.8

static void set_threshold_defaults(struct plugin_common *common)
{
    struct range one_or_more;
    if (range_parse(SLICE_LITERAL("0"), &one_or_more)) {
        common->warning = common->warning.is_set ? common->warning : one_or_more;
        common->critical = common->critical.is_set ? common->critical : one_or_more;
    }
}

static void list_catalogue(struct plugin *plugin, const struct dnsbl_facts *facts)
{
    struct text text;
    text_init(&text, CATALOGUE_TEXT_MAX);
    dnsbl_print_catalogue(facts, plugin->common.verbosity > 0, &text);
    plugin_print(plugin, text_slice(&text));
}

static void release(struct dnsbl_facts *facts)
{
    free(facts->subjects);
    free(facts->unresolved);
    free(facts->statuses);
    free(facts->rcodes);
    free(facts->times);
    free(facts->hits);
    dnsbl_forget(facts);
}

int main(int argc, char **argv)
{
    struct dnsbl_config config = dnsbl_config_default;
    struct plugin plugin;
    plugin_begin(&plugin, &dnsbl_definition, argc, argv, &config);
    set_threshold_defaults(&plugin.common);
    struct dnsbl_facts facts = {.arena = &plugin.arena};
    dnsbl_choose(&plugin, &config, &facts);
    if (config.list_catalogue) {
        list_catalogue(&plugin, &facts);
    }
    if (config.confirm >= plugin.common.timeout) {
        plugin_usage_error(&plugin, "--confirm %g: expected less than the %g seconds of --timeout",
                           config.confirm, plugin.common.timeout);
    }
    struct resolver resolver;
    resolver_open_with(&plugin, &resolver, (unsigned)config.in_flight, QUESTION_SHARE);
    struct dns *dns = resolver.dns;
    facts.resolvers = dns_servers(dns, &facts.resolver_count);
    dnsbl_find_targets(&plugin, &config, dns, &facts);
    dnsbl_remember(&plugin, &config, &facts);
    if (facts.subject_count > 0) {
        dnsbl_collect(&config, dns, plugin.deadline, &facts);
        if (config.confirm > 0) {
            dnsbl_confirm(&config, dns, plugin.deadline, &facts);
        }
    }
    dnsbl_memorize(&config, &facts);
    dnsbl_judge(&config, &plugin.common, &facts, &plugin.report);
    dnsbl_show(&config, &facts, &plugin.common, &plugin.report);
    report_metric(&plugin.report, DNSBL_M_TIME, plugin_elapsed(&plugin));
    release(&facts);
    resolver_close(&resolver);
    plugin_end(&plugin);
}
