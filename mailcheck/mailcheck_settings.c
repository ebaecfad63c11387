/* What --config and --set say for each subject. */
#include <string.h>

#include "mailcheck.h"
#include "plugin/extra_opts.h"

#define CONFIG_MAX ((size_t)EXTRA_OPTS_FILE_MAX)

static bool is_service(struct slice name)
{
    for (size_t i = 0; mailcheck_services[i] != NULL; i++) {
        if (slice_equals_text(name, mailcheck_services[i]))
            return true;
    }
    return false;
}

/* "SERVICE.OPTION", "SERVICE.OPTION=VALUE"; in a file also "only=SERVICE" and "skip=SERVICE". */
static bool is_setting(struct slice setting, bool from_file)
{
    size_t dot = slice_find(setting, '.');
    size_t equals = slice_find(setting, '=');
    struct slice word = slice_sub(setting, 0, equals);
    if (from_file && (slice_equals_text(word, "only") || slice_equals_text(word, "skip")))
        return is_service(slice_sub(setting, equals + 1, setting.length));
    return dot < equals && dot + 1 < setting.length && setting.start[dot + 1] != '=' &&
           is_service(slice_sub(setting, 0, dot));
}

static void add(struct arena *arena, struct option_list *list, const char *value)
{
    const char **values = arena_array(arena, list->count + 1, sizeof *values);
    if (list->count > 0)
        memcpy(values, list->values, list->count * sizeof *values);
    values[list->count++] = value;
    list->values = values;
}

/* The lines of one section become settings. extra_opts gives them as words: "--spf.ip=192.0.2.1".
 */
static void add_section(struct plugin *plugin, const char *file, struct slice content,
                        const char *section, struct option_list *settings)
{
    char message[EXTRA_OPTS_MESSAGE_SIZE];
    struct option_words words;
    char *heading = arena_format(&plugin->arena, "[%s]", section);
    if (slice_find_text(content, heading) == content.length)
        return;
    if (!extra_opts_parse(&plugin->arena, content, file, section, &words, message))
        plugin_usage_error(plugin, "--config: %s", message);
    for (size_t i = 0; i < words.count; i++) {
        const char *setting = words.words[i] + strspn(words.words[i], "-");
        if (!is_setting(slice_of(setting), true))
            plugin_usage_error(plugin, "%s: expected SERVICE.OPTION = VALUE, got \"%s\"",
                               words.origins[i], setting);
        add(&plugin->arena, settings, setting);
    }
}

void mailcheck_settings(struct plugin *plugin, const struct mailcheck_config *config,
                        struct mailcheck_facts *facts)
{
    struct slice content = {0};
    char message[256];
    if (config->selectors.count > MAILCHECK_SELECTORS_MAX)
        plugin_usage_error(plugin, "option --selector: more than %d", MAILCHECK_SELECTORS_MAX);
    if (plugin->common.resolvers.count > MAILCHECK_RESOLVERS_MAX)
        plugin_usage_error(plugin, "option --resolver: more than %d", MAILCHECK_RESOLVERS_MAX);
    for (size_t i = 0; i < config->settings.count; i++) {
        if (!is_setting(slice_of(config->settings.values[i]), false))
            plugin_usage_error(plugin,
                               "option --set: expected SERVICE.OPTION or SERVICE.OPTION=VALUE "
                               "with a service that --only knows, got \"%s\"",
                               config->settings.values[i]);
    }
    if (config->config_file != NULL && !plugin_read_file(&plugin->arena, config->config_file, false,
                                                         CONFIG_MAX, &content, message))
        plugin_usage_error(plugin, "--config: %s", message);
    for (size_t i = 0; i < facts->subject_count; i++) {
        struct mailcheck_subject *subject = &facts->subjects[i];
        if (config->config_file != NULL) {
            add_section(plugin, config->config_file, content, "*", &subject->settings);
            add_section(plugin, config->config_file, content, subject->name, &subject->settings);
        }
        for (size_t j = 0; j < config->settings.count; j++)
            add(&plugin->arena, &subject->settings, config->settings.values[j]);
        if (subject->settings.count > MAILCHECK_SETTINGS_MAX)
            plugin_usage_error(plugin, "%s: more than %d settings", subject->name,
                               MAILCHECK_SETTINGS_MAX);
    }
}
