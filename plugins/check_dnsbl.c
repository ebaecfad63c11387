/*
 * check_dnsbl: are our addresses and domains on DNS blocklists, and do the lists tell the truth?
 */
#include <stdlib.h>

#include "dnsbl.h"

#define CATALOGUE_TEXT_MAX (4 * 1024 * 1024)
/* One question may last so long, retransmissions included, and never longer than this share of -t:
 * what is silent is then known to be so before the deadline. */
#define QUESTION_SECONDS 5.0
#define QUESTION_SHARE 0.8

static void set_threshold_defaults(struct plugin_common *common)
{
    struct range one_or_more;
    if (range_parse(SLICE_LITERAL("0"), &one_or_more)) {
        common->warning = common->warning.is_set ? common->warning : one_or_more;
        common->critical = common->critical.is_set ? common->critical : one_or_more;
    }
}

static struct dns *open_dns(struct plugin *plugin, const struct dnsbl_config *config,
                            struct loop *loop)
{
    const struct option_list *names = &plugin->common.resolvers;
    struct endpoint *servers = arena_array(&plugin->arena, names->count + 1, sizeof *servers);
    for (size_t i = 0; i < names->count; i++) {
        endpoint_parse(slice_of(names->values[i]), &servers[i]);
    }
    double seconds = plugin->common.timeout * QUESTION_SHARE;
    struct dns_options options = {
        .servers = servers,
        .server_count = names->count,
        .in_flight = (unsigned)config->in_flight,
        .question_us = (int64_t)((seconds < QUESTION_SECONDS ? seconds : QUESTION_SECONDS) * 1e6),
    };
    char error[128];
    struct dns *dns = dns_open(&options, loop, error);
    if (dns == NULL) {
        plugin_give_up(plugin, "%s", error);
    }
    return dns;
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
    struct loop *loop = loop_new();
    struct dns *dns = open_dns(&plugin, &config, loop);
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
    dns_close(dns);
    loop_free(loop);
    plugin_end(&plugin);
}
