#include <string.h>

#include "mail/domain.h"
#include "mail/idn.h"
#include "plugin/state_file.h"
#include "relay.h"

/* One that RFC 5321 4.1.2 calls a Dot-string, without the characters that route: a probe puts them
 * there itself. */
static bool is_plain_local_part(struct slice local)
{
    static const char OTHERS[] = "#$&'*+-/=?^_`{|}~.";
    for (size_t i = 0; i < local.length; i++) {
        char c = local.start[i];
        bool is_alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_alphanumeric && slice_find(slice_of(OTHERS), c) == sizeof OTHERS - 1) {
            return false;
        }
    }
    return local.length > 0 && local.length <= 64;
}

static void read_address(struct plugin *plugin, const char *option, const char *value,
                         const char **local, const char **domain)
{
    struct slice text = slice_of(value);
    size_t at = slice_find(text, '@');
    struct slice before = slice_sub(text, 0, at);
    char name[DOMAIN_TEXT_SIZE];
    if (!is_plain_local_part(before) || at == text.length ||
        domain_to_ascii(slice_sub(text, at + 1, text.length), name) != DOMAIN_FINE ||
        !domain_is_host_name(name)) {
        plugin_usage_error(plugin, "%s: expected an address such as probe@example.net, got \"%s\"",
                           option, value);
    }
    *local = arena_copy_slice(&plugin->arena, before);
    *domain = arena_copy(&plugin->arena, name);
}

static void read_probes(struct plugin *plugin, const char *option, const char *path,
                        struct relay_table *table)
{
    struct slice text;
    char message[256];
    if (!plugin_read_file(&plugin->arena, path, false, RELAY_PROBE_TEXT_MAX, &text, message) ||
        !relay_probe_read(table, &plugin->arena, text, path, message)) {
        plugin_usage_error(plugin, "%s: %s", option, message);
    }
}

/* The list with NULL behind it; ends the program when an id is nobody's. */
static const char *const *read_ids(struct plugin *plugin, const char *option,
                                   const struct option_list *list, const struct relay_table *table)
{
    static const char ALICE[] = "-alice";
    const char **ids = arena_array(&plugin->arena, list->count + 1, sizeof *ids);
    for (size_t i = 0; i < list->count; i++) {
        struct slice id = slice_of(list->values[i]);
        struct slice base = slice_ends_with_ignoring_case(id, ALICE)
                                ? slice_sub(id, 0, id.length - (sizeof ALICE - 1))
                                : id;
        if (relay_probe_find(table, arena_copy_slice(&plugin->arena, base)) == SIZE_MAX) {
            plugin_usage_error(plugin, "%s: there is no probe \"%s\"", option, list->values[i]);
        }
        ids[i] = list->values[i];
    }
    return ids;
}

/* Who we are to the server, as far as the options say. */
static const char *view_of(struct plugin *plugin, const struct relay_config *config)
{
    const struct smtp_options *smtp = &config->smtp;
    struct text view, shown;
    text_init(&view, 1000);
    text_init(&shown, RELAY_MEMORY_TEXT_MAX);
    text_printf(&view, "ehlo=%s proxy=%s%s%s", smtp->ehlo != NULL ? smtp->ehlo : "",
                smtp->proxy != NULL ? smtp->proxy : "", smtp->implicit_tls ? " tls" : "",
                smtp->lmtp ? " lmtp" : "");
    for (size_t i = 0; i < smtp->sources.count; i++) {
        text_printf(&view, " source=%s", smtp->sources.values[i]);
    }
    state_file_print_text(&shown, text_slice(&view), RELAY_MEMORY_TEXT_MAX);
    const char *copy = arena_copy(&plugin->arena, shown.start);
    text_release(&view);
    text_release(&shown);
    return copy;
}

static void read_subject(struct plugin *plugin, const struct relay_config *config,
                         struct relay_facts *facts)
{
    const char *local, *foreign;
    read_address(plugin, "--to", config->to, &local, &foreign);
    if (domain_is_within(foreign, config->domain)) {
        plugin_usage_error(plugin,
                           "--to: %s is, or is below, the server's own --domain %s; a foreign one "
                           "is wanted",
                           foreign, config->domain);
    }
    if (!domain_is_host_name(config->domain)) {
        plugin_usage_error(plugin,
                           "--domain: expected a name of letters, digits and hyphens, got \"%s\"",
                           config->domain);
    }
    facts->subject.domain = config->domain;
    facts->subject.view = view_of(plugin, config);
    facts->subject.to = arena_format(&plugin->arena, "%s@%s", local, foreign);
    if (config->from == NULL) {
        facts->subject.from = arena_format(&plugin->arena, "probe@%s", foreign);
    } else {
        read_address(plugin, "--from", config->from, &local, &foreign);
        facts->subject.from = arena_format(&plugin->arena, "%s@%s", local, foreign);
    }
}

static void find_memory(struct plugin *plugin, const struct relay_config *config,
                        struct relay_facts *facts)
{
    char message[256];
    if (config->state_file != NULL) {
        facts->memory_path = strcmp(config->state_file, "none") == 0 ? NULL : config->state_file;
        return;
    }
    facts->memory_path = relay_memory_path(&plugin->arena, config->smtp.host,
                                           (unsigned)config->smtp.port, config->domain, message);
    if (facts->memory_path == NULL) {
        facts->memory_trouble = arena_copy(&plugin->arena, message);
    }
}

void relay_setup(struct plugin *plugin, const struct relay_config *config,
                 struct relay_facts *facts)
{
    read_probes(plugin, "--base-probes", config->base_probes, &facts->table);
    for (size_t i = 0; i < config->probe_files.count; i++) {
        read_probes(plugin, "--probe-file", config->probe_files.values[i], &facts->table);
    }
    facts->choice = (struct relay_choice){
        .last = config->extended ? RELAY_SET_EXTENDED : RELAY_SET_DEFAULT,
        .ids = read_ids(plugin, "--probe", &config->probes, &facts->table),
        .skipped = read_ids(plugin, "--skip", &config->skipped, &facts->table),
        .starttls = config->starttls,
    };
    struct relay_plan plan;
    relay_plan_init(&plan, &plugin->arena, &facts->limits, &facts->table, &facts->choice);
    if (!relay_plan_has_probe(&plan)) {
        plugin_usage_error(plugin, "--probe, --skip: no probe is left but controls");
    }
    if (config->starttls && config->smtp.implicit_tls) {
        plugin_usage_error(plugin, "--starttls and --implicit-tls exclude each other");
    }
    facts->limits = (struct relay_limits){
        .per_session = (unsigned)config->per_session,
        .max_sessions = (unsigned)config->max_sessions,
        .most_connections = (unsigned)config->most_connections,
        .interval = (int64_t)config->interval,
        .keep = config->keep,
        .data_abort = config->data_abort,
    };
    read_subject(plugin, config, facts);
    find_memory(plugin, config, facts);
}
