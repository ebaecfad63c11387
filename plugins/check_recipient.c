/*
 * check_recipient: do the servers of a mail address take mail for it?
 */
#include <string.h>

#include "plugin/state_file.h"
#include "recipient.h"

/* Of each address: MX, and A and AAAA of its exchangers; and our own name. */
#define QUESTIONS_MAX 20000
/* Silence says nothing when it was shorter than this part of -t, and a second. */
#define PATIENCE_SHARE 0.25
#define PATIENCE_SECONDS 1.0
/* Parts of -t: after a server that is silent there is time for the next one. */
#define CONNECT_SHARE 0.2
#define GREETING_SHARE 0.4
#define EHLO_SHARE 0.3
#define MAIL_SHARE 0.5

static int64_t budget_of(const struct plugin *plugin, enum smtp_verb verb, double share)
{
    int64_t most = (int64_t)(plugin->common.timeout * share * 1e6);

    return smtp_verb_budget(verb) < most ? smtp_verb_budget(verb) : most;
}

/* The file that all checks of this user share, unless one is named. */
static void find_memory(struct plugin *plugin, const struct recipient_config *config,
                        struct recipient_facts *facts)
{
    char message[256];

    if (config->state_file != NULL) {
        facts->memory_path = strcmp(config->state_file, "none") == 0 ? NULL : config->state_file;
        return;
    }
    facts->memory_path = state_file_default(&plugin->arena, "recipient", message);
    if (facts->memory_path == NULL)
        facts->memory_trouble = arena_copy(&plugin->arena, message);
}

static void speak(const struct recipient_config *config, struct plugin *plugin,
                  struct smtp_targets *targets, struct recipient_facts *facts)
{
    struct resolver resolver;
    struct smtp_collect collect;
    struct smtp_settings settings = {0};
    struct dns_answers *answers = dns_answers_new(&plugin->arena, QUESTIONS_MAX);

    settings.budgets_us[SMTP_VERB_CONNECT] = budget_of(plugin, SMTP_VERB_CONNECT, CONNECT_SHARE);
    settings.budgets_us[SMTP_VERB_GREETING] = budget_of(plugin, SMTP_VERB_GREETING, GREETING_SHARE);
    settings.budgets_us[SMTP_VERB_EHLO] = budget_of(plugin, SMTP_VERB_EHLO, EHLO_SHARE);
    settings.budgets_us[SMTP_VERB_HELO] = budget_of(plugin, SMTP_VERB_HELO, EHLO_SHARE);
    settings.budgets_us[SMTP_VERB_MAIL] = budget_of(plugin, SMTP_VERB_MAIL, MAIL_SHARE);
    settings.budgets_us[SMTP_VERB_RCPT] = budget_of(plugin, SMTP_VERB_RCPT, MAIL_SHARE);
    resolver_open(plugin, &resolver);
    smtp_targets_resolve(&config->smtp, answers);
    smtp_collect_init(&collect, plugin, targets, resolver.loop, resolver.dns, answers, &settings);
    recipient_collect(config, plugin, &resolver, targets, &collect, answers, facts);
    recipient_memory_write(config, facts);
    recipient_judge(config, &plugin->common, facts, &plugin->report);
    recipient_show(facts, plugin->common.verbosity, &plugin->report);
    smtp_collect_release(&collect);
    resolver_close(&resolver);
}

int main(int argc, char **argv)
{
    struct recipient_config config = recipient_config_default;
    struct plugin plugin;
    struct smtp_targets targets;
    char message[256];

    plugin_begin(&plugin, &recipient_definition, argc, argv, &config);
    struct recipient_facts facts = {
        .arena = &plugin.arena,
        .now = clock_wall(),
        .patience = plugin.common.timeout * PATIENCE_SHARE,
    };

    if (facts.patience > PATIENCE_SECONDS)
        facts.patience = PATIENCE_SECONDS;
    if (!recipient_list_read(&config, &facts, message))
        plugin_usage_error(&plugin, "%s", message);
    smtp_targets_init(&plugin, &config.smtp, &targets);
    find_memory(&plugin, &config, &facts);
    recipient_memory_read(&facts);
    speak(&config, &plugin, &targets, &facts);
    report_metric(&plugin.report, RECIPIENT_M_TIME, plugin_elapsed(&plugin));
    plugin_end(&plugin);
}
