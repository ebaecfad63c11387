/*
 * check_rdns: have the addresses of a mail server a name, does it lead back, and does the server
 * call itself so?
 */
#include <string.h>

#include "rdns.h"
#include "resolver.h"

/* 256 addresses with 32 names, their neighbours, HELO, banner and zones. */
#define QUESTIONS_MAX 20000
/* Of the time that is left, for the servers; then their names are looked up. */
#define SERVERS_SHARE 0.8

static void check_options(struct plugin *plugin, const struct rdns_config *config)
{
    bool has_host = config->smtp.host != NULL;

    if (has_host == (config->domain != NULL))
        plugin_usage_error(plugin, has_host
                                       ? "--host and --mx exclude each other"
                                       : "no address: give -H ADDRESS, -H HOST or --mx DOMAIN");
    if (has_host && strncmp(config->smtp.host, "unix:", 5) == 0)
        plugin_usage_error(plugin, "--host: a Unix socket has no reverse DNS");
}

static struct deadline servers_deadline(struct deadline deadline)
{
    return deadline_cut(deadline, (int64_t)((double)deadline_left(deadline) * SERVERS_SHARE));
}

int main(int argc, char **argv)
{
    struct rdns_config config = rdns_config_default;
    struct plugin plugin;
    struct resolver resolver;
    struct smtp_targets targets;
    struct smtp_collect collect = {0};

    plugin_begin(&plugin, &rdns_definition, argc, argv, &config);
    check_options(&plugin, &config);
    smtp_targets_init(&plugin, &config.smtp, &targets);
    struct rdns_facts facts = {
        .arena = &plugin.arena,
        .subject = config.domain != NULL ? config.domain : config.smtp.host,
    };

    resolver_open(&plugin, &resolver);
    struct dns_answers *answers = dns_answers_new(&plugin.arena, QUESTIONS_MAX);

    rdns_collect_names(&config, &plugin.common, resolver.dns, answers, plugin.deadline, &targets,
                       &facts);
    if (!config.no_connect) {
        smtp_collect_init(&collect, &plugin, &targets, resolver.loop, resolver.dns, answers, NULL);
        rdns_collect_servers(&collect, servers_deadline(plugin.deadline), &facts);
    }
    rdns_collect_said(&config, resolver.dns, answers, plugin.deadline, &facts);
    rdns_judge(&config, &plugin.common, &facts, &plugin.report);
    rdns_show(&facts, plugin.common.verbosity, &plugin.report);
    report_metric(&plugin.report, RDNS_M_TIME, plugin_elapsed(&plugin));
    smtp_collect_release(&collect);
    resolver_close(&resolver);
    plugin_end(&plugin);
}
