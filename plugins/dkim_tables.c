#include <string.h>

#include "dkim.h"
#include "mail/given_name.h"
#include "mail/signing_table.h"

#define TABLE_MAX ((size_t)4 * 1024 * 1024)

static void add_key(struct plugin *plugin, struct dkim_facts *facts,
                    const struct key_table_row *row, const char *domain)
{
    struct dkim_target *target =
        dkim_targets_add(plugin, facts, arena_copy_slice(&plugin->arena, row->selector), domain);
    if (row->file.length > 0)
        target->key_file = arena_copy_slice(&plugin->arena, row->file);
}

/* A row for any domain names none to ask for: it is for those of -d. */
static void add_all(struct plugin *plugin, struct dkim_facts *facts,
                    const struct dkim_config *config, const struct key_table *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (!key_table_row_is_for_any(&keys->rows[i]))
            add_key(plugin, facts, &keys->rows[i],
                    arena_copy_slice(&plugin->arena, keys->rows[i].domain));
        else
            for (size_t k = 0; k < config->domains.count; k++)
                add_key(plugin, facts, &keys->rows[i], config->domains.values[k]);
    }
}

static void add_gap(struct dkim_facts *facts, const char *domain, const char *key_name)
{
    if (facts->gap_count < DKIM_TARGETS_MAX)
        facts->gaps[facts->gap_count++] = (struct dkim_gap){domain, key_name};
}

/* The keys of every row that is for the domain: which of them signs is the signer's choice. */
static void add_of_domain(struct plugin *plugin, struct dkim_facts *facts,
                          const struct key_table *keys, const struct signing_table *signing,
                          const char *domain)
{
    bool is_named = false;
    for (size_t i = 0; i < signing->count; i++) {
        const struct signing_table_row *row = &signing->rows[i];
        struct slice name = row->key_name;
        if (!signing_table_row_is_for(row, domain))
            continue;
        is_named = true;
        if (slice_equals_text(name, "%"))
            name = slice_of(domain);
        const struct key_table_row *key = key_table_find(keys, name);
        if (key == NULL)
            add_gap(facts, domain, arena_copy_slice(&plugin->arena, name));
        else
            add_key(plugin, facts, key,
                    key_table_row_is_for_any(key) ? domain
                                                  : arena_copy_slice(&plugin->arena, key->domain));
    }
    if (!is_named)
        add_gap(facts, domain, NULL);
}

static bool is_first(const struct signing_table *signing, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (slice_equals_ignoring_case(signing->rows[i].pattern, signing->rows[index].pattern))
            return false;
    }
    return true;
}

static void add_named(struct plugin *plugin, struct dkim_facts *facts, const struct key_table *keys,
                      const struct signing_table *signing)
{
    for (size_t i = 0; i < signing->count; i++) {
        struct given_name given;
        if (!signing_table_row_is_plain(&signing->rows[i]) || !is_first(signing, i))
            continue;
        if (!given_name_read(signing->rows[i].pattern, &given))
            plugin_usage_error(plugin, "--signing-table: expected %s, got \"%.*s\"",
                               given_name_expected(&plugin->arena, "a domain name", &given),
                               SLICE_PRINTF(signing->rows[i].pattern));
        add_of_domain(plugin, facts, keys, signing, arena_copy(&plugin->arena, given.name));
    }
}

static struct slice read_file(struct plugin *plugin, const char *option, const char *path)
{
    struct slice text;
    char message[256];
    if (!plugin_read_file(&plugin->arena, path, false, TABLE_MAX, &text, message))
        plugin_usage_error(plugin, "%s: %s", option, message);
    return text;
}

void dkim_tables_read(struct plugin *plugin, const struct dkim_config *config,
                      struct dkim_facts *facts)
{
    struct key_table keys;
    struct signing_table signing;
    if (config->signing_table != NULL && config->key_table == NULL)
        plugin_usage_error(plugin, "--signing-table needs --key-table");
    if (config->key_table == NULL)
        return;
    if (!key_table_parse(&plugin->arena, read_file(plugin, "--key-table", config->key_table),
                         &keys))
        plugin_usage_error(plugin,
                           "--key-table: line %zu: expected \"NAME DOMAIN:SELECTOR:FILE\" or "
                           "\"DOMAIN SELECTOR [FILE]\", at most %d of them",
                           keys.bad_line, KEY_TABLE_ROWS_MAX);
    if (config->signing_table == NULL) {
        add_all(plugin, facts, config, &keys);
        return;
    }
    if (!signing_table_parse(&plugin->arena,
                             read_file(plugin, "--signing-table", config->signing_table), &signing))
        plugin_usage_error(plugin,
                           "--signing-table: line %zu: expected \"PATTERN KEYNAME\", at most %d of "
                           "them",
                           signing.bad_line, KEY_TABLE_ROWS_MAX);
    facts->gaps = arena_array(&plugin->arena, DKIM_TARGETS_MAX, sizeof *facts->gaps);
    for (size_t i = 0; i < config->domains.count; i++)
        add_of_domain(plugin, facts, &keys, &signing, config->domains.values[i]);
    if (config->domains.count == 0)
        add_named(plugin, facts, &keys, &signing);
}
