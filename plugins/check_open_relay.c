/*
 * check_open_relay: would this server take mail of strangers to strangers?
 */
#include "relay.h"
#include "resolver.h"

#define QUESTIONS_MAX 200

int main(int argc, char **argv)
{
    struct relay_config config = relay_config_default;
    struct plugin plugin;
    struct resolver resolver;
    struct smtp_targets targets;
    plugin_begin(&plugin, &relay_definition, argc, argv, &config);
    struct relay_facts facts = {.arena = &plugin.arena, .now = clock_wall()};
    report_target(&plugin.report, "%s", config.smtp.host);
    smtp_targets_init(&plugin, &config.smtp, &targets);
    relay_setup(&plugin, &config, &facts);
    resolver_open(&plugin, &resolver);
    struct dns_answers *answers = dns_answers_new(&plugin.arena, QUESTIONS_MAX);
    relay_collect(&config, &plugin, resolver.loop, resolver.dns, answers, &targets, &facts);
    relay_judge(&config, &plugin.common, &facts, &plugin.report);
    relay_show(&facts, &plugin.common, &plugin.report);
    report_metric(&plugin.report, RELAY_M_TIME, plugin_elapsed(&plugin));
    resolver_close(&resolver);
    plugin_end(&plugin);
}
