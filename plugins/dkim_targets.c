#include <string.h>

#include "dkim.h"
#include "mail/given_name.h"

/* Selectors that mail systems and providers set by default. */
static const char *const USUAL[] = {
    "default", "dkim",    "mail", "selector1",  "selector2",   "google",
    "s1",      "s2",      "k1",   "k2",         "k3",          "key1",
    "key2",    "smtp",    "mx",   "email",      "mandrill",    "mailjet",
    "fm1",     "fm2",     "fm3",  "protonmail", "protonmail2", "protonmail3",
    "zoho",    "zmail",   "pm",   "sm",         "smtpapi",     "mta",
    "dkim1",   "dkim2",   "x",    "sig1",       "amazonses",   "everlytickey1",
    "cm",      "ed25519", "rsa",  "20230601",   "20221208",    "2024",
    "2025",    "2026",    "dk",   "mg",         "krs",
};

/* The selector and the domain of "sel._domainkey.example.org". */
static bool split_name(const char *name, struct slice *selector, const char **domain)
{
    static const char middle[] = "._domainkey.";
    struct slice text = slice_of(name);
    size_t at = slice_find_text(text, middle);
    if (at == 0 || at == text.length)
        return false;
    *selector = slice_sub(text, 0, at);
    *domain = name + at + strlen(middle);
    return (*domain)[0] != '\0';
}

struct dkim_target *dkim_targets_add(struct plugin *plugin, struct dkim_facts *facts,
                                     const char *selector, const char *domain)
{
    struct given_name given;
    const char *text = arena_format(&plugin->arena, "%s._domainkey.%s", selector, domain);
    if (!given_name_read(slice_of(text), &given))
        plugin_usage_error(plugin, "\"%s\" is not a name: expected a selector and a domain%s", text,
                           given_name_fault_text(given.fault));
    for (size_t i = 0; i < facts->target_count; i++) {
        if (strcmp(facts->targets[i].name, given.name) == 0)
            return &facts->targets[i];
    }
    if (facts->target_count == DKIM_TARGETS_MAX)
        plugin_usage_error(plugin, "more than %d selectors", DKIM_TARGETS_MAX);
    struct dkim_target *target = &facts->targets[facts->target_count++];
    struct slice part = SLICE_LITERAL("");
    const char *rest = "";
    target->name = arena_copy(&plugin->arena, given.name);
    split_name(target->name, &part, &rest);
    target->selector = arena_copy_slice(&plugin->arena, part);
    target->domain = rest;
    return target;
}

static void add_selectors(struct plugin *plugin, const struct dkim_config *config,
                          struct dkim_facts *facts, const struct option_list *list, bool is_retired)
{
    for (size_t i = 0; i < list->count; i++) {
        struct slice selector;
        const char *domain;
        if (split_name(list->values[i], &selector, &domain)) {
            dkim_targets_add(plugin, facts, arena_copy_slice(&plugin->arena, selector), domain)
                ->is_retired = is_retired;
            continue;
        }
        if (config->domains.count == 0)
            plugin_usage_error(plugin, "no domain for the selector \"%s\": give -d DOMAIN",
                               list->values[i]);
        for (size_t k = 0; k < config->domains.count; k++)
            dkim_targets_add(plugin, facts, list->values[i], config->domains.values[k])
                ->is_retired = is_retired;
    }
}

static void add_usual(struct plugin *plugin, const struct dkim_config *config,
                      struct dkim_facts *facts)
{
    if (!config->discover)
        return;
    if (config->domains.count == 0)
        plugin_usage_error(plugin, "--discover needs a domain: give -d DOMAIN");
    for (size_t k = 0; k < config->domains.count; k++) {
        for (size_t i = 0; i < sizeof USUAL / sizeof *USUAL; i++) {
            size_t before = facts->target_count;
            struct dkim_target *target =
                dkim_targets_add(plugin, facts, USUAL[i], config->domains.values[k]);
            target->is_discovered = facts->target_count > before;
            facts->discovered++;
        }
    }
}

void dkim_targets_find(struct plugin *plugin, const struct dkim_config *config,
                       struct dkim_facts *facts)
{
    facts->targets = arena_array(&plugin->arena, DKIM_TARGETS_MAX, sizeof *facts->targets);
    add_selectors(plugin, config, facts, &config->selectors, false);
    add_selectors(plugin, config, facts, &config->retired, true);
    dkim_tables_read(plugin, config, facts);
    if (config->key_file != NULL && facts->target_count != 1)
        plugin_usage_error(plugin, "--key is for one selector, %zu are given", facts->target_count);
    if (config->key_file != NULL)
        facts->targets[0].key_file = config->key_file;
    add_usual(plugin, config, facts);
    if (facts->target_count == 0 && facts->gap_count == 0 && config->key_table != NULL)
        plugin_usage_error(plugin, "--key-table: no row names a domain and a selector%s",
                           config->domains.count == 0 ? "; a row for % needs -d DOMAIN" : "");
    if (facts->target_count == 0 && facts->gap_count == 0 && config->message_file == NULL)
        plugin_usage_error(plugin, "nothing to check: give -d DOMAIN and -s SELECTOR, --discover, "
                                   "--key-table or --message");
}
