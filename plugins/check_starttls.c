/*
 * check_starttls: would a sender get its mail to this server under TLS, and know whom it gives it?
 */
#include "smtp_collect.h"
#include "starttls.h"

#define SECONDS_A_DAY INT64_C(86400)
/* Exchangers with their addresses, and the names of our own. */
#define QUESTIONS_MAX 2000

int main(int argc, char **argv)
{
    struct starttls_config config = starttls_config_default;
    struct plugin plugin;
    struct resolver resolver;
    plugin_begin(&plugin, &starttls_definition, argc, argv, &config);
    starttls_options_check(&plugin, &config);
    struct starttls_facts facts = {
        .arena = &plugin.arena,
        .now = clock_wall() + config.days_ahead * SECONDS_A_DAY,
    };
    smtp_targets_init(&plugin, &config.smtp, &facts.targets);
    resolver_open(&plugin, &resolver);
    struct dns_answers *answers = dns_answers_new(&plugin.arena, QUESTIONS_MAX);
    starttls_targets_find(&config, &plugin, resolver.dns, answers, &facts);
    starttls_collect(&config, &plugin, &resolver, answers, &facts);
    starttls_judge(&config, &plugin.common, &facts, &plugin.report);
    starttls_show(&config, &plugin.common, &facts, &plugin.report);
    report_metric(&plugin.report, STARTTLS_M_TIME, plugin_elapsed(&plugin));
    resolver_close(&resolver);
    plugin_end(&plugin);
}
