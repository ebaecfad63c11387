#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dnsbl.h"
#include "dnsbl_zone.h"
#include "report/escape.h"

#define FILE_MAX (1024 * 1024)

struct chooser {
    struct plugin *plugin;
    const struct dnsbl_config *config;
    struct dnsbl_facts *facts;
    struct dnsbl_catalogue *catalogue;
    struct dnsbl_keys *keys;
    size_t capacity;
};

static void read_catalogue(struct chooser *chooser, const char *path)
{
    struct plugin *plugin = chooser->plugin;
    struct slice text;
    char message[256];
    struct dnsbl_catalogue_error error;
    if (!plugin_read_file(&plugin->arena, path, false, FILE_MAX, &text, message)) {
        plugin_usage_error(plugin, "catalogue: %s", message);
    }
    if (!dnsbl_catalogue_read(chooser->catalogue, &plugin->arena, text, path, &error)) {
        plugin_usage_error(plugin, "catalogue %s",
                           escape_value(&plugin->arena, slice_of(error.message)));
    }
}

static void read_keys(struct chooser *chooser, const char *path)
{
    struct plugin *plugin = chooser->plugin;
    struct slice text;
    char message[DNSBL_KEYS_MESSAGE_SIZE];
    if (!plugin_read_file(&plugin->arena, path, false, FILE_MAX, &text, message)) {
        plugin_usage_error(plugin, "key file: %s", message);
    }
    if (!dnsbl_keys_read(chooser->keys, &plugin->arena, text, path, message)) {
        plugin_usage_error(plugin, "key file %s", escape_value(&plugin->arena, slice_of(message)));
    }
}

static struct dnsbl_choice *add_choice(struct chooser *chooser)
{
    struct dnsbl_facts *facts = chooser->facts;
    if (facts->choice_count == chooser->capacity) {
        size_t capacity = chooser->capacity == 0 ? 64 : chooser->capacity * 2;
        struct dnsbl_choice *choices = arena_array(facts->arena, capacity, sizeof *choices);
        if (facts->choice_count > 0) {
            memcpy(choices, facts->choices, facts->choice_count * sizeof *choices);
        }
        facts->choices = choices;
        chooser->capacity = capacity;
    }
    return &facts->choices[facts->choice_count++];
}

/* A zone given with --only, --exclude or --required: in normal form, or a usage error. Keyed zones
 * may be named with the key, with <KEY>, or by what follows it. */
static const char *option_zone(struct chooser *chooser, const char *option, const char *value)
{
    char zone[DOMAIN_TEXT_SIZE];
    const char *reason = dnsbl_zone_normalize(slice_of(value), zone);
    if (reason != NULL) {
        plugin_usage_error(chooser->plugin, "--%s: %s", option, reason);
    }
    struct slice key;
    const struct dnsbl_list *list = dnsbl_catalogue_find_keyed(chooser->catalogue, zone, &key);
    return arena_copy(&chooser->plugin->arena, list != NULL ? list->zone : zone);
}

static bool same_zone(const struct dnsbl_list *list, const char *zone)
{
    return strcmp(list->zone, zone) == 0 ||
           (dnsbl_zone_has_key(list->zone) && strcmp(domain_parent(list->zone, 1), zone) == 0);
}

static bool is_named(struct chooser *chooser, const struct option_list *names, const char *option,
                     const struct dnsbl_list *list)
{
    for (size_t i = 0; i < names->count; i++) {
        if (same_zone(list, option_zone(chooser, option, names->values[i]))) {
            return true;
        }
    }
    return false;
}

/* What a list that nobody described is taken for: a blocklist of whatever kind is looked for. */
static const struct dnsbl_list *unknown_list(struct chooser *chooser, const char *zone)
{
    static const char *const LISTED4[] = {"127.0.0.2"};
    static const char *const LISTED6[] = {"::ffff:7f00:2"};
    static const char *const LISTED_DOMAIN[] = {"test"};
    struct dnsbl_list *list = arena_alloc(chooser->facts->arena, sizeof *list);
    *list = (struct dnsbl_list){
        .zone = zone,
        .operator= zone,
        .class = DNSBL_BLOCKLIST,
        .targets = DNSBL_IP4 | DNSBL_IP6 | DNSBL_DOMAIN,
        .severity = DNSBL_CRITICAL,
        .scope = DNSBL_SCOPE_UNSET,
        .weight = 1,
        .tests =
            {
                    [DNSBL_TEST_IP4] = {LISTED4, 1, "127.0.0.1"},
                    [DNSBL_TEST_IP6] = {LISTED6, 1, "::ffff:7f00:1"},
                    [DNSBL_TEST_DOMAIN] = {LISTED_DOMAIN, 1, "invalid"},
                    },
    };
    return list;
}

static void set_state(struct chooser *chooser, struct dnsbl_choice *choice)
{
    const struct dnsbl_list *list = choice->list;
    choice->retired = dnsbl_catalogue_find_retired(chooser->catalogue, list->zone);
    choice->key = dnsbl_keys_find(chooser->keys, list->key_name);
    if (list->resolver.address.family != IP_NONE) {
        choice->name_servers = &list->resolver;
        choice->name_server_count = 1;
        choice->server_flags = DNS_RECURSE;
    }
    if (choice->retired != NULL) {
        choice->skip = DNSBL_SKIP_RETIRED;
    } else if (list->is_private) {
        choice->skip = DNSBL_SKIP_PRIVATE;
    } else if (list->key_name != NULL && choice->key == NULL) {
        choice->skip = DNSBL_SKIP_NO_KEY;
    }
}

static void add_server(struct chooser *chooser, const char *value)
{
    struct plugin *plugin = chooser->plugin;
    struct dnsbl_server *server = arena_alloc(&plugin->arena, sizeof *server);
    char message[DNSBL_SERVER_MESSAGE_SIZE];
    if (!dnsbl_server_parse(&plugin->arena, slice_of(arena_copy(&plugin->arena, value)), server,
                            message)) {
        plugin_usage_error(plugin, "--server: %s", message);
    }
    if (server->has_filter && (server->filter.low[0] > 127 || server->filter.high[0] < 127)) {
        plugin_usage_error(plugin,
                           "--server: the filter can never match: answers are in 127.0.0.0/8");
    }
    struct slice key;
    const struct dnsbl_list *list =
        dnsbl_catalogue_find_keyed(chooser->catalogue, server->zone, &key);
    if (list != NULL && key.length > 0 && list->key_name != NULL) {
        dnsbl_keys_add(chooser->keys, &plugin->arena, slice_of(list->key_name), key);
    }
    struct dnsbl_choice *choice = add_choice(chooser);
    choice->list = list != NULL ? list : unknown_list(chooser, server->zone);
    choice->server = server;
    choice->weight = server->has_weight ? server->weight : choice->list->weight;
    set_state(chooser, choice);
}

static bool is_chosen(const struct dnsbl_facts *facts, const char *zone)
{
    for (size_t i = 0; i < facts->choice_count; i++) {
        if (strcmp(facts->choices[i].list->zone, zone) == 0) {
            return true;
        }
    }
    return false;
}

/* Lists of the profile, and those whose key is there. */
static void add_profile(struct chooser *chooser)
{
    const char *profile = chooser->config->profile;
    profile = profile == NULL ? "core" : profile;
    unsigned wanted = strcmp(profile, "full") == 0     ? DNSBL_FULL | DNSBL_DOMAINS
                      : strcmp(profile, "domain") == 0 ? DNSBL_DOMAINS
                                                       : DNSBL_CORE;
    const struct dnsbl_catalogue *catalogue = chooser->catalogue;
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct dnsbl_list *list = catalogue->lists[i];
        bool has_key =
            list->key_name != NULL && dnsbl_keys_find(chooser->keys, list->key_name) != NULL;
        bool is_keyed = (list->profiles & DNSBL_KEYED) != 0 && has_key;
        if (((list->profiles & wanted) == 0 && !is_keyed) || (list->key_name != NULL && !has_key) ||
            list->is_private || is_chosen(chooser->facts, list->zone)) {
            continue;
        }
        struct dnsbl_choice *choice = add_choice(chooser);
        choice->list = list;
        choice->weight = list->weight;
        set_state(chooser, choice);
    }
}

static void drop_choice(struct dnsbl_facts *facts, size_t index)
{
    for (size_t i = index; i + 1 < facts->choice_count; i++) {
        facts->choices[i] = facts->choices[i + 1];
    }
    facts->choice_count--;
}

/* A profile may hold the public and the keyed form of one list, and lists and their parts. */
static void drop_replaced(struct dnsbl_facts *facts)
{
    for (size_t i = 0; i < facts->choice_count; i++) {
        const char *replaced = facts->choices[i].list->replaces;
        for (size_t j = 0; replaced != NULL && j < facts->choice_count; j++) {
            if (strcmp(facts->choices[j].list->zone, replaced) == 0) {
                drop_choice(facts, j);
                i = 0;
                break;
            }
        }
    }
    for (size_t i = facts->choice_count; i-- > 0;) {
        const char *whole = facts->choices[i].list->part_of;
        if (whole != NULL && is_chosen(facts, whole)) {
            drop_choice(facts, i);
        }
    }
}

static void narrow(struct chooser *chooser)
{
    struct dnsbl_facts *facts = chooser->facts;
    const struct dnsbl_config *config = chooser->config;
    for (size_t i = facts->choice_count; i-- > 0;) {
        const struct dnsbl_list *list = facts->choices[i].list;
        bool is_out = is_named(chooser, &config->exclude, "exclude", list) ||
                      (config->only.count > 0 && !is_named(chooser, &config->only, "only", list));
        if (is_out) {
            drop_choice(facts, i);
        } else {
            facts->choices[i].is_required =
                list->is_required || is_named(chooser, &config->required, "required", list);
        }
    }
}

/* A name that nobody knows is a slip of the fingers: the list that is meant would go unnoticed. */
static void require_known(struct chooser *chooser, const struct option_list *names,
                          const char *option)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *zone = option_zone(chooser, option, names->values[i]);
        bool is_known = dnsbl_catalogue_find(chooser->catalogue, zone) != NULL ||
                        dnsbl_catalogue_find_retired(chooser->catalogue, zone) != NULL;
        for (size_t c = 0; c < chooser->facts->choice_count && !is_known; c++) {
            is_known = same_zone(chooser->facts->choices[c].list, zone);
        }
        for (size_t c = 0; c < chooser->catalogue->count && !is_known; c++) {
            is_known = same_zone(chooser->catalogue->lists[c], zone);
        }
        if (!is_known) {
            plugin_usage_error(chooser->plugin, "--%s: there is no list %s", option,
                               escape_value(&chooser->plugin->arena, slice_of(zone)));
        }
    }
}

static void require_known_keys(struct chooser *chooser)
{
    for (size_t k = 0; k < chooser->keys->count; k++) {
        const char *name = chooser->keys->keys[k].name;
        bool is_known = false;
        for (size_t i = 0; i < chooser->catalogue->count && !is_known; i++) {
            const char *wanted = chooser->catalogue->lists[i]->key_name;
            is_known = wanted != NULL && strcmp(wanted, name) == 0;
        }
        if (!is_known) {
            plugin_usage_error(chooser->plugin, "key file: no list wants a key named %s",
                               escape_value(&chooser->plugin->arena, slice_of(name)));
        }
    }
}

/* --only names a list of the catalogue that the profile may not have: it is meant all the same. */
static void add_only(struct chooser *chooser)
{
    const struct option_list *only = &chooser->config->only;
    for (size_t i = 0; i < only->count; i++) {
        const char *zone = option_zone(chooser, "only", only->values[i]);
        bool is_there = false;
        for (size_t j = 0; j < chooser->facts->choice_count; j++) {
            is_there = is_there || same_zone(chooser->facts->choices[j].list, zone);
        }
        const struct dnsbl_list *list = dnsbl_catalogue_find(chooser->catalogue, zone);
        if (!is_there &&
            (list != NULL || dnsbl_catalogue_find_retired(chooser->catalogue, zone) != NULL)) {
            struct dnsbl_choice *choice = add_choice(chooser);
            choice->list = list != NULL ? list : unknown_list(chooser, zone);
            choice->weight = choice->list->weight;
            set_state(chooser, choice);
        } else if (!is_there) {
            plugin_usage_error(
                chooser->plugin,
                "--only: the catalogue has no list %s; name unknown ones with --server",
                escape_value(&chooser->plugin->arena, slice_of(zone)));
        }
    }
}

/* -s may name a zone several times with other filters, as in main.cf: it is asked once. */
static void find_sources(struct dnsbl_facts *facts)
{
    for (size_t i = 0; i < facts->choice_count; i++) {
        struct dnsbl_choice *choice = &facts->choices[i];
        choice->source = i;
        for (size_t j = 0; j < i && choice->source == i; j++) {
            if (strcmp(facts->choices[j].list->zone, choice->list->zone) == 0) {
                choice->source = j;
            }
        }
    }
}

void dnsbl_choose(struct plugin *plugin, const struct dnsbl_config *config,
                  struct dnsbl_facts *facts)
{
    struct chooser chooser = {
        .plugin = plugin,
        .config = config,
        .facts = facts,
        .catalogue = arena_alloc(&plugin->arena, sizeof(struct dnsbl_catalogue)),
        .keys = arena_alloc(&plugin->arena, sizeof(struct dnsbl_keys)),
    };
    facts->catalogue = chooser.catalogue;
    facts->keys = chooser.keys;
    read_catalogue(&chooser, config->base_catalogue);
    for (size_t i = 0; i < config->catalogues.count; i++) {
        read_catalogue(&chooser, config->catalogues.values[i]);
    }
    if (config->key_file != NULL) {
        read_keys(&chooser, config->key_file);
        require_known_keys(&chooser);
    }
    for (size_t i = 0; i < config->servers.count; i++) {
        add_server(&chooser, config->servers.values[i]);
    }
    if (config->servers.count == 0 || config->profile != NULL) {
        add_profile(&chooser);
        add_only(&chooser);
    }
    if (config->servers.count == 0 && config->only.count == 0) {
        drop_replaced(facts);
    }
    require_known(&chooser, &config->exclude, "exclude");
    require_known(&chooser, &config->required, "required");
    narrow(&chooser);
    find_sources(facts);
    if (facts->choice_count == 0) {
        plugin_usage_error(plugin, "no list is left to ask: see --server, --profile, --only and "
                                   "--exclude");
    }
}
