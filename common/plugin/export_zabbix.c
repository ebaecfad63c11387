#include "plugin/export_zabbix.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "plugin/export_yaml.h"

/* Zabbix 6.0 ends a check after 4 s as Debian configures its server, and after 3 s as its agent
 * does. */
#define TIMEOUT "2.5"
#define INTERVAL "10m"
#define NO_DATA "1h"
#define GROUP "Templates/Postmaster"
#define VALUE_MAP "State of a plugin"

static const char *folder_of(const struct plugin_definition *definition)
{
    if (export_is_plugin(definition))
        return PLUGINDIR;
    return BINDIR;
}

/* "POSTMASTER.RECIPIENT.ADDRESSES_FILE"; the domain is one of all templates of a host. */
static const char *subject_macro(const struct zabbix_template *template,
                                 const struct option_definition *option)
{
    char *macro;

    if (strcmp(option->name, "domain") == 0)
        return "{$POSTMASTER.DOMAIN}";
    macro = arena_format(template->arena, "{$%s.%s}", template->macro, option->name);
    for (char *at = macro; *at != '\0'; at++)
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    return macro;
}

static bool is_subject(const struct option_definition *option)
{
    return (option->traits & (OPTION_HOST | OPTION_REQUIRED | OPTION_TEMPLATE)) != 0;
}

static const char *subject_value(const struct zabbix_template *template,
                                 const struct option_definition *option)
{
    return (option->traits & OPTION_HOST) != 0 ? "{HOST.CONN}" : subject_macro(template, option);
}

/* check_dnsbl["--output-format=json","--hostname={HOST.CONN}",...]; each is one word of the
 * command. */
static const char *external_key(const struct zabbix_template *template)
{
    struct arena *arena = template->arena;
    const char *key =
        arena_format(arena, "%s[\"--output-format=json\"", template->definition->tables.plugin);

    for (size_t i = 0; i < template->options.count; i++) {
        const struct option_definition *option = &template->options.rows[i];

        if (is_subject(option))
            key = arena_format(arena, "%s,\"--%s=%s\"", key, option->name,
                               subject_value(template, option));
    }
    return arena_format(arena,
                        "%s,\"--timeout={$POSTMASTER.TIMEOUT}\",\"--extra-opts={$%s.SECTION}\"]",
                        key, template->macro);
}

/* postmaster.dnsbl[{HOST.CONN},...]: the order of write_user_parameter. */
static const char *agent_key(const struct zabbix_template *template)
{
    struct arena *arena = template->arena;
    const char *key = arena_format(arena, "%s[", template->prefix);

    for (size_t i = 0; i < template->options.count; i++) {
        const struct option_definition *option = &template->options.rows[i];

        if (is_subject(option))
            key = arena_format(arena, "%s%s,", key, subject_value(template, option));
    }
    return arena_format(arena, "%s{$POSTMASTER.TIMEOUT},{$%s.SECTION}]", key, template->macro);
}

/* An agent refuses arguments with characters that a shell knows, so quotes are enough. */
void export_zabbix_agent(const struct plugin_definition *definition, struct arena *arena,
                         struct text *out)
{
    struct export_options options = export_options(definition, arena);
    const char *command = export_command(definition, arena);
    int argument = 1;

    text_printf(out, "UserParameter=postmaster.%s[*],%s/%s --output-format=json",
                command + strlen("postmaster_"), folder_of(definition), definition->tables.plugin);
    for (size_t i = 0; i < options.count; i++) {
        if (is_subject(&options.rows[i]))
            text_printf(out, " --%s=\"$%d\"", options.rows[i].name, argument++);
    }
    text_printf(out, " --timeout=\"$%d\" --extra-opts=\"$%d\"\n", argument, argument + 1);
}

/* ---- macros */

static void add_macro(json_t *macros, const char *macro, const char *value, const char *description)
{
    json_t *object = export_object();

    export_set_text(object, "macro", macro);
    if (value[0] != '\0')
        export_set_text(object, "value", value);
    export_set_text(object, "description", description);
    export_append(macros, object);
}

static json_t *macros_of(const struct zabbix_template *template)
{
    struct arena *arena = template->arena;
    json_t *macros = export_array();

    for (size_t i = 0; i < template->options.count; i++) {
        const struct option_definition *option = &template->options.rows[i];

        if (is_subject(option) && (option->traits & OPTION_HOST) == 0)
            add_macro(macros, subject_macro(template, option), "",
                      export_option_text(option, arena));
    }
    add_macro(macros, arena_format(arena, "{$%s.INTERVAL}", template->macro), INTERVAL,
              "How often the plugin runs.");
    add_macro(macros, arena_format(arena, "{$%s.SECTION}", template->macro), "",
              arena_format(arena,
                           "The section of monitoring-plugins.ini with further options; when it is "
                           "empty, the section [%s], if there is one.",
                           template->definition->tables.plugin));
    add_macro(macros, "{$POSTMASTER.NODATA}", NO_DATA,
              "A check without a result for so long is a problem.");
    add_macro(
        macros, "{$POSTMASTER.TIMEOUT}", TIMEOUT,
        "Seconds after which the plugin says what it knows. Must be less than Timeout= of the "
        "Zabbix server, proxy or agent (3 or 4 if nobody changed it): raise both for slow "
        "mail servers.");
    return macros;
}

/* ---- items and triggers */

static json_t *check_item(const struct zabbix_template *template)
{
    json_t *item = export_object();

    export_set_text(item, "uuid", zabbix_uuid(template, "item", "check"));
    export_set_text(item, "name", arena_format(template->arena, "%s: check", template->service));
    export_set_text(item, "type", template->by_agent ? "ZABBIX_PASSIVE" : "EXTERNAL");
    export_set_text(item, "key", template->check);
    export_set_text(item, "delay",
                    arena_format(template->arena, "{$%s.INTERVAL}", template->macro));
    export_set_text(item, "history", "0");
    zabbix_set_text_type(item);
    export_set_text(item, "description",
                    arena_format(template->arena, "The JSON of %s: %s.",
                                 template->definition->tables.plugin, template->definition->title));
    export_set(item, "tags", zabbix_tags("raw"));
    return item;
}

/* A problem is called by the first line of the plugin: the second item of the expression. */
static json_t *state_trigger(const struct zabbix_template *template, enum state state,
                             const char *condition, const char *priority)
{
    struct arena *arena = template->arena;
    const char *word = state_name(state);
    json_t *trigger = export_object();
    json_t *tags = export_array();

    export_set_text(trigger, "uuid", zabbix_uuid(template, "trigger", word));
    export_set_text(trigger, "expression",
                    arena_format(arena, "%s and length(last(/%s/%s.summary))>0", condition,
                                 template->name, template->prefix));
    export_set_text(trigger, "name", arena_format(arena, "%s %s", template->service, word));
    export_set_text(trigger, "event_name",
                    arena_format(arena, "%s %s - {ITEM.LASTVALUE2}", template->service, word));
    export_set_text(trigger, "priority", priority);
    export_set_text(trigger, "description",
                    arena_format(arena,
                                 "The item \"%s: repair\" says how to mend it, %s --explain ID why "
                                 "it matters.",
                                 template->service, template->definition->tables.plugin));
    zabbix_add_tag(tags, "scope", state == STATE_UNKNOWN ? "notice" : "availability");
    export_set(trigger, "tags", tags);
    return trigger;
}

static json_t *silence_trigger(const struct zabbix_template *template)
{
    struct arena *arena = template->arena;
    json_t *trigger = export_object();
    json_t *tags = export_array();

    export_set_text(trigger, "uuid", zabbix_uuid(template, "trigger", "no data"));
    export_set_text(trigger, "expression",
                    arena_format(arena, "nodata(/%s/%s.state,{$POSTMASTER.NODATA})=1",
                                 template->name, template->prefix));
    export_set_text(trigger, "name", arena_format(arena, "%s: no result", template->service));
    export_set_text(trigger, "priority", "AVERAGE");
    export_set_text(trigger, "description",
                    arena_format(arena,
                                 "Zabbix had no result of %s for {$POSTMASTER.NODATA}: look at the "
                                 "error of the item \"%s: check\".",
                                 template->definition->tables.plugin, template->service));
    zabbix_add_tag(tags, "scope", "notice");
    export_set(trigger, "tags", tags);
    return trigger;
}

static json_t *state_item(const struct zabbix_template *template)
{
    struct arena *arena = template->arena;
    json_t *item = zabbix_item(template, "item", arena_format(arena, "%s.state", template->prefix),
                               "state", "The worst state of all that was found.");
    const char *key = arena_format(arena, "/%s/%s.state", template->name, template->prefix);
    json_t *map = export_object();
    json_t *triggers = export_array();

    export_set_text(map, "name", VALUE_MAP);
    export_set(item, "valuemap", map);
    export_set(item, "preprocessing", zabbix_preprocessing("$.state"));
    export_set(item, "tags", zabbix_tags("state"));
    export_append(triggers,
                  state_trigger(template, STATE_CRITICAL,
                                arena_format(arena, "last(%s)=%d", key, STATE_CRITICAL), "HIGH"));
    export_append(triggers,
                  state_trigger(template, STATE_WARNING,
                                arena_format(arena, "last(%s)=%d", key, STATE_WARNING), "WARNING"));
    /* One answer that was lost is no reason to wake anybody. */
    export_append(triggers, state_trigger(template, STATE_UNKNOWN,
                                          arena_format(arena, "count(%s,#2,\"eq\",\"%d\")=2", key,
                                                       STATE_UNKNOWN),
                                          "WARNING"));
    export_append(triggers, silence_trigger(template));
    export_set(item, "triggers", triggers);
    return item;
}

static json_t *text_item(const struct zabbix_template *template, const char *name, json_t *steps,
                         const char *description)
{
    json_t *item = zabbix_item(template, "item",
                               arena_format(template->arena, "%s.%s", template->prefix, name), name,
                               description);

    zabbix_set_text_type(item);
    zabbix_add_text_steps(steps);
    export_set(item, "preprocessing", steps);
    export_set(item, "tags", zabbix_tags("state"));
    return item;
}

static json_t *metric_item(const struct zabbix_template *template,
                           const struct metric_definition *metric)
{
    struct arena *arena = template->arena;
    char *name = arena_copy(arena, metric->label);
    json_t *steps = zabbix_preprocessing(arena_format(arena, "$.perfdata.%s.value", metric->label));
    json_t *item;

    for (char *at = name; *at != '\0'; at++)
        *at = *at == '_' ? ' ' : *at;
    item = zabbix_item(template, "item",
                       arena_format(arena, "%s.perfdata[%s]", template->prefix, metric->label),
                       name, metric->help);
    zabbix_set_number_type(item, metric->uom);
    zabbix_add_number_steps(steps);
    export_set(item, "preprocessing", steps);
    export_set(item, "tags", zabbix_tags("figure"));
    return item;
}

static json_t *items_of(const struct zabbix_template *template)
{
    const struct report_tables *tables = &template->definition->tables;
    json_t *items = export_array();
    json_t *repair = export_array();

    zabbix_add_replacing_step(repair, "JSONPATH", "$.findings[0].fix", "");
    export_append(items, check_item(template));
    export_append(items, state_item(template));
    export_append(items, text_item(template, "summary", zabbix_preprocessing("$.summary"),
                                   "What was found, the worst first."));
    export_append(
        items,
        text_item(template, "repair", repair,
                  "How to mend what was found first; when the state is OK, a note at most."));
    for (size_t i = 0; i < tables->metric_count; i++)
        export_append(items, metric_item(template, &tables->metrics[i]));
    return items;
}

/* ---- templates */

static json_t *value_maps(const struct zabbix_template *template)
{
    json_t *map = export_object();
    json_t *mappings = export_array();
    json_t *maps = export_array();

    for (int state = STATE_OK; state <= STATE_UNKNOWN; state++) {
        json_t *mapping = export_object();

        export_set_text(mapping, "value", arena_format(template->arena, "%d", state));
        export_set_text(mapping, "newvalue", state_name((enum state)state));
        export_append(mappings, mapping);
    }
    export_set_text(map, "uuid", zabbix_uuid(template, "valuemap", VALUE_MAP));
    export_set_text(map, "name", VALUE_MAP);
    export_set(map, "mappings", mappings);
    export_append(maps, map);
    return maps;
}

static const char *description_of(const struct zabbix_template *template)
{
    const char *plugin = template->definition->tables.plugin;

    if (template->by_agent)
        return arena_format(template->arena,
                            "%s: %s. Run by the Zabbix agent, which must include the "
                            "UserParameters of postmaster-plugins.",
                            plugin, template->definition->title);
    return arena_format(template->arena,
                        "%s: %s. Run by the Zabbix server or proxy: link %s/%s into its folder of "
                        "ExternalScripts.",
                        plugin, template->definition->title, folder_of(template->definition),
                        plugin);
}

static json_t *group_of(const char *uuid)
{
    json_t *group = export_object();
    json_t *groups = export_array();

    if (uuid != NULL)
        export_set_text(group, "uuid", uuid);
    export_set_text(group, "name", GROUP);
    export_append(groups, group);
    return groups;
}

static json_t *template_object(const struct zabbix_template *template)
{
    json_t *object = export_object();
    json_t *tags = export_array();

    export_set_text(object, "uuid", zabbix_uuid(template, "template", ""));
    export_set_text(object, "template", template->name);
    export_set_text(object, "name", template->name);
    export_set_text(object, "description", description_of(template));
    export_set(object, "groups", group_of(NULL));
    export_set(object, "items", items_of(template));
    if (template->definition->tables.element_count > 0)
        export_set(object, "discovery_rules", zabbix_discovery_rules(template));
    zabbix_add_tag(tags, "class", "application");
    zabbix_add_tag(tags, "target", "mail");
    export_set(object, "tags", tags);
    export_set(object, "macros", macros_of(template));
    export_set(object, "dashboards", zabbix_dashboards(template));
    export_set(object, "valuemaps", value_maps(template));
    return object;
}

static json_t *make_template(const struct plugin_definition *definition, bool by_agent,
                             struct arena *arena)
{
    const char *command = export_command(definition, arena) + strlen("postmaster_");
    char *macro = arena_format(arena, "POSTMASTER.%s", command);
    struct zabbix_template template = {
        .definition = definition,
        .arena = arena,
        .options = export_options(definition, arena),
        .by_agent = by_agent,
        .name = arena_format(arena, "Postmaster %s by %s", definition->tables.service,
                             by_agent ? "Zabbix agent" : "external check"),
        .service = definition->tables.service,
        .prefix = arena_format(arena, "postmaster.%s", command),
        .macro = macro,
    };

    for (char *at = macro; *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
    template.check = by_agent ? agent_key(&template) : external_key(&template);
    return template_object(&template);
}

void export_zabbix_suite(const struct plugin_definition *const *definitions, size_t count,
                         struct arena *arena, struct text *out)
{
    const struct zabbix_template nobody = {.name = "", .arena = arena};
    json_t *whole = export_object();
    json_t *export = export_object();
    json_t *templates = export_array();

    export_set_text(export, "version", "6.0");
    export_set(export, "groups", group_of(zabbix_uuid(&nobody, "group", GROUP)));
    for (size_t i = 0; i < count; i++) {
        if (definitions[i]->network)
            export_append(templates, make_template(definitions[i], false, arena));
        export_append(templates, make_template(definitions[i], true, arena));
    }
    export_set(export, "templates", templates);
    export_set(whole, "zabbix_export", export);
    export_yaml_dump(whole, out);
}

void export_zabbix(const struct plugin_definition *definition, struct arena *arena,
                   struct text *out)
{
    export_zabbix_suite(&definition, 1, arena, out);
}
