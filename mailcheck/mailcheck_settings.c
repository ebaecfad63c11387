/* What --config and --set say for each subject. */
#include <string.h>

#include "mail/given_name.h"
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

const char *mailcheck_subject_name(struct plugin *plugin, const char *word, bool *is_address,
                                   const char **expected)
{
    struct ip_address address;
    struct given_name given;
    *is_address = ip_parse(slice_of(word), &address);
    if (*is_address) {
        char text[IP_TEXT_SIZE];
        address = ip_unmap(address);
        return arena_copy(&plugin->arena, ip_print(&address, text));
    }
    bool is_name = given_name_read_host(slice_of(word), &given);
    *expected = is_name ? NULL : given_name_expected(&plugin->arena, "a domain name", &given);
    return is_name ? arena_copy(&plugin->arena, given.name) : NULL;
}

/* ---- --config */

struct config_file {
    const char *path;
    struct slice content;
    struct option_words headings;
    const char **names; /* of the headings: "*", or as subjects are named */
};

/* "[Example.ORG.]" is about example.org, as the subject "Example.ORG." is. */
static const char *section_name(struct plugin *plugin, const char *heading, const char *origin)
{
    bool is_address;
    const char *expected = NULL;
    const char *name = strcmp(heading, "*") == 0
                           ? heading
                           : mailcheck_subject_name(plugin, heading, &is_address, &expected);
    if (name == NULL || (strchr(name, '*') != NULL && name != heading))
        plugin_usage_error(plugin,
                           "--config: %s: expected a section [*], or one of a domain or an "
                           "address, got [%s]",
                           origin, heading);
    return name;
}

static void read_config(struct plugin *plugin, const char *path, struct config_file *file)
{
    char problem[256];
    char message[EXTRA_OPTS_MESSAGE_SIZE];
    file->path = path;
    if (!plugin_read_file(&plugin->arena, path, false, CONFIG_MAX, &file->content, problem))
        plugin_usage_error(plugin, "--config: %s", problem);
    if (!extra_opts_sections(&plugin->arena, file->content, path, &file->headings, message))
        plugin_usage_error(plugin, "--config: %s", message);
    file->names = arena_array(&plugin->arena, file->headings.count, sizeof *file->names);
    for (size_t i = 0; i < file->headings.count; i++)
        file->names[i] = section_name(plugin, file->headings.words[i], file->headings.origins[i]);
}

/* The lines of one section become settings. extra_opts gives them as words: "--spf.ip=192.0.2.1".
 */
static void add_section(struct plugin *plugin, const struct config_file *file, const char *heading,
                        struct option_list *settings)
{
    char message[EXTRA_OPTS_MESSAGE_SIZE];
    struct option_words words;
    if (!extra_opts_parse(&plugin->arena, file->content, file->path, heading, &words, message))
        plugin_usage_error(plugin, "--config: %s", message);
    for (size_t i = 0; i < words.count; i++) {
        const char *setting = words.words[i] + strspn(words.words[i], "-");
        struct slice word = slice_sub(slice_of(setting), 0, strcspn(setting, "="));
        bool is_choice = slice_equals_text(word, "only") || slice_equals_text(word, "skip");
        if (!is_setting(slice_of(setting), true))
            plugin_usage_error(plugin, "%s: expected %s, got \"%s\"", words.origins[i],
                               is_choice ? "only or skip = one service that --only knows"
                                         : "SERVICE.OPTION = VALUE",
                               setting);
        add(&plugin->arena, settings, setting);
    }
}

static void add_sections(struct plugin *plugin, const struct config_file *file, const char *name,
                         struct option_list *settings)
{
    for (size_t i = 0; i < file->headings.count; i++) {
        if (strcmp(file->names[i], name) == 0)
            add_section(plugin, file, file->headings.words[i], settings);
    }
}

void mailcheck_settings(struct plugin *plugin, const struct mailcheck_config *config,
                        struct mailcheck_facts *facts)
{
    struct config_file file = {0};
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
    if (config->config_file != NULL)
        read_config(plugin, config->config_file, &file);
    for (size_t i = 0; i < facts->subject_count; i++) {
        struct mailcheck_subject *subject = &facts->subjects[i];
        add_sections(plugin, &file, "*", &subject->settings);
        add_sections(plugin, &file, subject->name, &subject->settings);
        for (size_t j = 0; j < config->settings.count; j++)
            add(&plugin->arena, &subject->settings, config->settings.values[j]);
        if (subject->settings.count > MAILCHECK_SETTINGS_MAX)
            plugin_usage_error(plugin, "%s: more than %d settings", subject->name,
                               MAILCHECK_SETTINGS_MAX);
    }
}
