/*
 * check_bounces: how much of our mail comes back, from whom, and why?
 */
#include <string.h>

#include "bounces.h"
#include "report/escape.h"

#define LIMITS_MAX 100
#define LOGS_MAX 50
#define TEST_TEXT_MAX ((size_t)1024 * 1024)

/* ", did you mean NAME?" of the group or class that is near, or "" */
static const char *nearest_limit(struct arena *arena, const char *text)
{
    struct slice name = slice_of(text);
    size_t least = 3;
    const char *nearest = NULL;
    name = slice_sub(name, 0, slice_find(name, '='));
    for (int i = 0; i < BOUNCE_GROUPS + BOUNCE_CLASSES; i++) {
        const char *word = i < BOUNCE_GROUPS
                               ? bounce_group_name((enum bounce_group)i)
                               : bounce_class_name((enum bounce_class)(i - BOUNCE_GROUPS));
        size_t distance = slice_distance(name, slice_of(word));
        if (distance > 0 && distance < least) {
            nearest = word;
            least = distance;
        }
    }
    return nearest == NULL ? "" : arena_format(arena, "; did you mean %s?", nearest);
}

static struct bounces_limit *read_limits(struct plugin *plugin, const struct bounces_config *config)
{
    struct bounces_limit *limits =
        arena_array(&plugin->arena, config->limits.count + 1, sizeof *limits);
    if (config->limits.count > LIMITS_MAX)
        plugin_usage_error(plugin, "more than %d limits", LIMITS_MAX);
    for (size_t i = 0; i < config->limits.count; i++)
        if (!bounces_limit_parse(&plugin->arena, config->limits.values[i], &limits[i]))
            plugin_usage_error(
                plugin,
                "option --limit: expected NAME=WARN,CRIT with a group (recipient, full, "
                "rate, grey, blocked, size, transient, config, unknown), a class, "
                "provider:NAME, complaints or deferred, and counts or percentages, "
                "got \"%s\"%s",
                config->limits.values[i], nearest_limit(&plugin->arena, config->limits.values[i]));
    return limits;
}

static void check_usage(struct plugin *plugin, const struct bounces_config *config)
{
    int64_t seconds;
    if (config->window != NULL && !bounces_window_parse(config->window, &seconds))
        plugin_usage_error(plugin,
                           "option --window: expected a time up to 366d (90, 30m, 1h, 7d) or all, "
                           "got \"%s\"",
                           config->window);
    if (config->logs.count > LOGS_MAX)
        plugin_usage_error(plugin, "more than %d logs", LOGS_MAX);
    for (size_t i = 0; i < config->logs.count; i++)
        for (size_t other = 0; other < i; other++)
            if (strcmp(config->logs.values[i], config->logs.values[other]) == 0)
                plugin_usage_error(plugin, "--log %s is given twice", config->logs.values[i]);
    if (config->test_rules == NULL && config->logs.count == 0 && config->journal == NULL &&
        config->maildirs.count + config->mailboxes.count + config->messages.count == 0)
        plugin_usage_error(plugin, "nothing to read: give --log FILE, --journal, --maildir DIR, "
                                   "--mbox FILE or --message FILE");
    if (config->from_start && config->state_file == NULL)
        plugin_usage_error(plugin, "--from-start needs --state-file: without one a log is always "
                                   "read from its start");
}

/* One line for each line of the text: CLASS GROUP hard|soft RULE BLOCKLIST: LINE */
static void test_rules(struct plugin *plugin, const struct bounces_config *config,
                       struct bounces_facts *facts)
{
    struct slice lines;
    struct slice line;
    char message[256];
    struct text out;
    if (!plugin_read_file(&plugin->arena, config->test_rules, true, TEST_TEXT_MAX, &lines, message))
        plugin_usage_error(plugin, "--test-rules: %s", message);
    text_init(&out, TEST_TEXT_MAX * 4);
    while (slice_split(&lines, '\n', &line)) {
        struct bounce_reply reply = {.text = slice_trim(line, "\r")};
        struct bounce_verdict verdict;
        if (reply.text.length == 0)
            continue;
        bounce_reply_find_codes(&reply);
        bounce_rules_classify(&facts->rules, &reply, &verdict);
        text_printf(&out, "%s %s %s %s %s: ", bounce_class_name(verdict.class),
                    bounce_group_name(bounce_class_group(verdict.class)),
                    verdict.is_hard ? "hard" : "soft",
                    verdict.rule == NULL ? "-" : verdict.rule->id,
                    verdict.blocklist[0] == '\0' ? "-" : verdict.blocklist);
        escape_text(&out, reply.text, ESCAPE_VALUE_MAX);
        text_append(&out, "\n");
    }
    plugin_print(plugin, text_slice(&out));
}

int main(int argc, char **argv)
{
    struct bounces_config config = bounces_config_default;
    struct plugin plugin;
    struct bounces_totals totals;
    plugin_begin(&plugin, &bounces_definition, argc, argv, &config);
    struct bounces_facts facts = {.arena = &plugin.arena, .now = clock_wall()};
    check_usage(&plugin, &config);
    const struct bounces_limit *limits = read_limits(&plugin, &config);
    bounces_rules_load(&plugin, &config, &facts);
    if (config.test_rules != NULL)
        test_rules(&plugin, &config, &facts);
    if (!plugin.common.warning.is_set)
        plugin.common.warning = (struct range){.is_set = true, .end = 10};
    if (!plugin.common.critical.is_set)
        plugin.common.critical = (struct range){.is_set = true, .end = 20};
    facts.window = bounces_window(&config);
    bounces_collect(&plugin, &config, &facts);
    bounces_tally_sum(&facts.tally, &plugin.arena, &totals);
    struct bounces_judge judge = {
        .config = &config,
        .common = &plugin.common,
        .facts = &facts,
        .totals = &totals,
        .limits = limits,
        .limit_count = config.limits.count,
        .report = &plugin.report,
    };
    report_target(&plugin.report, "%s", facts.source_count == 0 ? "" : facts.sources[0].name);
    bounces_judge(&judge);
    bounces_show(&judge);
    report_metric(&plugin.report, BOUNCES_M_TIME, plugin_elapsed(&plugin));
    bounces_events_release(&facts);
    plugin_end(&plugin);
}
