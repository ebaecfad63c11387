/*
 * check_smtp_banner: does the server greet as a mail server should, and is it who it says it is?
 */
#include "banner.h"
#include "base/random.h"
#include "resolver.h"

/* Questions that one run may lead to: names of the host, and of each of its addresses. */
#define QUESTIONS_MAX 20000

int main(int argc, char **argv)
{
    struct banner_config config = banner_config_default;
    struct plugin plugin;
    struct resolver resolver;
    struct smtp_targets targets;
    struct banner_plan plan;
    char nobody[BANNER_NOBODY_LENGTH + 1];
    char message[256];
    plugin_begin(&plugin, &banner_definition, argc, argv, &config);
    random_label(nobody, BANNER_NOBODY_LENGTH);
    smtp_targets_init(&plugin, &config.smtp, &targets);
    if (!banner_plan_make(&plugin.arena, &config, &plugin.common, targets.pattern.endpoint.port,
                          nobody, &plan, message))
        plugin_usage_error(&plugin, "%s", message);
    struct banner_facts facts = {.arena = &plugin.arena};
    resolver_open(&plugin, &resolver);
    struct dns_answers *answers = dns_answers_new(&plugin.arena, QUESTIONS_MAX);
    banner_collect(&config, &plan, &plugin, resolver.loop, resolver.dns, answers, &targets, &facts);
    banner_judge(&config, &plan, &plugin.common, &facts, &plugin.report);
    banner_show(&facts, &plugin.common, &plugin.report);
    resolver_close(&resolver);
    plugin_end(&plugin);
}
