/*
 * check_mx: do the exchangers of a domain take mail, all of them, at every address?
 */
#include "base/random.h"
#include "mx.h"
#include "resolver.h"

/* 64 exchangers with addresses, zones and registered domains, and the name servers. */
#define QUESTIONS_MAX 1000
/* Silence says nothing when it was shorter than this part of -t, and a second. */
#define PATIENCE_SHARE 0.25
#define PATIENCE_SECONDS 1.0
/* Of -t, what a greeting may take, and what is kept back at the end of all: for QUIT, and to judge
 * before the wall. At most so many seconds are kept. */
#define GREETING_SHARE 0.8
#define KEPT_SHARE 0.05
#define KEPT_SECONDS 0.5
#define MICROSECONDS 1e6

static const struct range two_or_more = {.is_set = true, .start = 2, .end_infinite = true};
static const struct range one_or_more = {.is_set = true, .start = 1, .end_infinite = true};

static void read_options(struct plugin *plugin, const struct mx_config *config,
                         struct mx_facts *facts)
{
    struct mx_expected *expected = NULL;
    char message[256];

    if (!mx_expected_read(&config->expected, &plugin->arena, &expected, &facts->expected_count,
                          message))
        plugin_usage_error(plugin, "%s", message);
    facts->expected = expected;
    if (config->expect_null && facts->expected_count > 0)
        plugin_usage_error(plugin, "--expect-null and --expect exclude each other");
    if (!mx_collect_plan(config, facts))
        plugin_usage_error(plugin, "--from: expected an address or <>, got \"%s\"", config->sender);
    facts->is_critical_given = plugin->common.critical.is_set;
    if (!plugin->common.warning.is_set)
        plugin->common.warning = two_or_more;
    if (!plugin->common.critical.is_set)
        plugin->common.critical = one_or_more;
    report_metric_bounds(&plugin->report, MX_M_UP, &plugin->common.warning,
                         &plugin->common.critical);
}

static void speak(struct plugin *plugin, const struct mx_config *config, struct resolver *resolver,
                  struct dns_answers *answers, struct smtp_targets *targets,
                  struct smtp_collect *collect, struct mx_facts *facts)
{
    double timeout = plugin->common.timeout;
    double kept = timeout * KEPT_SHARE < KEPT_SECONDS ? timeout * KEPT_SHARE : KEPT_SECONDS;
    struct deadline until = plugin->deadline;
    const struct smtp_settings settings = {
        .authorities = {.file = config->ca_file, .path = config->ca_path},
        .budgets_us = {[SMTP_VERB_GREETING] = (int64_t)(timeout * GREETING_SHARE * MICROSECONDS)                      },
    };

    until.at -= (int64_t)(kept * MICROSECONDS);
    smtp_collect_init(collect, plugin, targets, resolver->loop, resolver->dns, answers, &settings);
    mx_collect_servers(config, targets, collect, until, facts);
    facts->targets_omitted = targets->omitted;
}

int main(int argc, char **argv)
{
    struct mx_config config = mx_config_default;
    struct plugin plugin;
    struct resolver resolver;
    struct smtp_targets targets;
    struct smtp_collect collect = {0};

    plugin_begin(&plugin, &mx_definition, argc, argv, &config);
    struct mx_facts facts = {
        .arena = &plugin.arena,
        .domain = config.domain,
        .suffixes = public_suffix_builtin(),
        .patience = plugin.common.timeout * PATIENCE_SHARE,
    };

    if (facts.patience > PATIENCE_SECONDS)
        facts.patience = PATIENCE_SECONDS;
    random_label(facts.probe, MX_PROBE_LENGTH);
    read_options(&plugin, &config, &facts);
    smtp_targets_init(&plugin, &config.smtp, &targets);
    resolver_open(&plugin, &resolver);
    struct dns_answers *answers = dns_answers_new(&plugin.arena, QUESTIONS_MAX);

    smtp_targets_resolve(&config.smtp, answers);
    mx_collect_names(&config, &plugin.common, resolver.dns, answers, plugin.deadline, &facts);
    if (!config.no_connect)
        speak(&plugin, &config, &resolver, answers, &targets, &collect, &facts);
    mx_outcome(&facts, &plugin.report);
    mx_judge(&config, &plugin.common, &facts, &plugin.report);
    mx_show(&facts, plugin.common.verbosity, &plugin.report);
    report_metric(&plugin.report, MX_M_TIME, plugin_elapsed(&plugin));
    smtp_collect_release(&collect);
    resolver_close(&resolver);
    plugin_end(&plugin);
}
