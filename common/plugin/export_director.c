#include "plugin/export.h"

#include "plugin/export_object.h"
#include "plugin/export_option.h"
#include "plugin/option_value.h"

#define TYPE_PREFIX "Icinga\\Module\\Director\\DataType\\DataType"

static const char *field_type(const struct option_definition *option)
{
    if ((option->traits & OPTION_REPEAT) != 0)
        return TYPE_PREFIX "Array";
    if (!option_takes_value(option))
        return TYPE_PREFIX "Boolean";
    return option->kind == OPTION_NUMBER ? TYPE_PREFIX "Number" : TYPE_PREFIX "String";
}

/* One argument of the command. */
static json_t *argument_object(const struct option_definition *option, const char *variable,
                               struct arena *arena)
{
    json_t *object = export_object();

    export_set_text(object, option_takes_value(option) ? "value" : "set_if",
                    arena_format(arena, "$%s$", variable));
    export_set_text(object, "description", export_option_text(option, arena));
    if ((option->traits & OPTION_REQUIRED) != 0)
        export_set(object, "required", json_true());
    if ((option->traits & OPTION_REPEAT) != 0)
        export_set(object, "repeat_key", json_true());
    if ((option->traits & OPTION_HOST) != 0)
        export_set(object, "order", json_integer(-1));
    return object;
}

/* The form field in which the variable is set. */
static json_t *field_object(const struct plugin_definition *definition,
                            const struct option_definition *option, const char *variable,
                            struct arena *arena)
{
    json_t *object = export_object();
    json_t *settings = export_object();

    if (option_takes_value(option) && (option->traits & OPTION_REPEAT) == 0 &&
        option->kind != OPTION_NUMBER)
        export_set_text(settings, "visibility", "visible");
    export_set_text(object, "varname", variable);
    export_set_text(object, "caption",
                    arena_format(arena, "%s: --%s", definition->tables.service, option->name));
    export_set_text(object, "description", export_option_text(option, arena));
    export_set_text(object, "datatype", field_type(option));
    export_set(object, "format", json_null());
    export_set(object, "settings", settings);
    return object;
}

static json_t *field_link(const struct option_definition *option, json_int_t id)
{
    json_t *object = export_object();

    export_set(object, "datafield_id", json_integer(id));
    export_set_text(object, "is_required", (option->traits & OPTION_REQUIRED) != 0 ? "y" : "n");
    export_set(object, "var_filter", json_null());
    return object;
}

/* What becomes of the tables: {"KIND": {"NAME": object}}. */
struct basket {
    json_t *commands, *templates, *fields;
    json_int_t last_field;
};

/* Fills the command's arguments and links and the fields that these name, from the same rows. */
static void add_options(const struct plugin_definition *definition,
                        const struct export_options *options, struct arena *arena, json_t *command,
                        struct basket *basket)
{
    json_t *arguments = export_object();
    json_t *links = export_array();

    for (size_t i = 0; i < options->count; i++) {
        const struct option_definition *option = &options->rows[i];
        const char *variable = export_variable(definition, option, arena);

        if (!export_is_for_engines(option))
            continue;
        basket->last_field++;
        export_set(arguments, arena_format(arena, "--%s", option->name),
                   argument_object(option, variable, arena));
        export_append(links, field_link(option, basket->last_field));
        export_set(basket->fields, arena_format(arena, "%lld", (long long)basket->last_field),
                   field_object(definition, option, variable, arena));
    }
    export_set(command, "arguments", arguments);
    export_set(command, "fields", links);
}

/* Variables that give the monitored host's address to the plugin, where it takes it. Director wants
 * an array where the field is one. */
static json_t *host_vars(const struct plugin_definition *definition,
                         const struct export_options *options, struct arena *arena)
{
    const struct option_definition *host = export_host_option(options);
    json_t *vars = export_object();

    if (host != NULL && (host->traits & OPTION_REPEAT) != 0) {
        json_t *values = export_array();

        export_append(values, json_string("$address$"));
        export_set(vars, export_variable(definition, host, arena), values);
    } else if (host != NULL) {
        export_set_text(vars, export_variable(definition, host, arena), "$address$");
    }
    return vars;
}

/* The variables are taken over. */
static void add_template(const struct plugin_definition *definition, const char *name, json_t *vars,
                         struct arena *arena, struct basket *basket)
{
    struct export_schedule schedule = export_schedule(definition);
    json_t *object = export_object();

    export_set_text(object, "check_command", export_command(definition, arena));
    export_set(object, "check_interval", json_integer(schedule.interval));
    export_set(object, "fields", export_array());
    export_set(object, "imports", export_array());
    export_set(object, "max_check_attempts", json_integer(schedule.attempts));
    export_set_text(object, "object_name", name);
    export_set_text(object, "object_type", "template");
    export_set(object, "retry_interval", json_integer(schedule.retry));
    export_set(vars, export_detail_variable(definition, arena), json_true());
    export_set(object, "vars", vars);
    export_set(basket->templates, name, object);
}

static const char *program(const struct plugin_definition *definition, struct arena *arena)
{
    return arena_format(arena, "%s%s",
                        export_is_plugin(definition) ? "PluginContribDir + /" : BINDIR "/",
                        definition->tables.plugin);
}

/* A command, and templates of services. Where the plugin can look at something else than the host,
 * the host's address stands in one template and not in the other. */
static void add_plugin(const struct plugin_definition *definition, struct arena *arena,
                       struct basket *basket)
{
    const char *name = export_command(definition, arena);
    struct export_options options = export_options(definition, arena);
    bool others = export_has_subjects(&options);
    json_t *command = export_object();

    export_set_text(command, "object_name", name);
    export_set_text(command, "object_type", "object");
    export_set_text(command, "methods_execute", "PluginCheck");
    export_set_text(command, "command", program(definition, arena));
    export_set_text(command, "timeout",
                    arena_format(arena, "%.0f", export_engine_timeout(definition)));
    export_set(command, "imports", export_array());
    export_set(command, "disabled", json_false());
    export_set(command, "zone", json_null());
    add_options(definition, &options, arena, command, basket);
    export_set(command, "vars", others ? export_object() : host_vars(definition, &options, arena));
    export_set(basket->commands, name, command);

    add_template(definition, name,
                 others ? host_vars(definition, &options, arena) : export_object(), arena, basket);
    if (others)
        add_template(definition, arena_format(arena, "%s_domain", name), export_object(), arena,
                     basket);
}

void export_director_suite(const struct plugin_definition *const *definitions, size_t count,
                           struct arena *arena, struct text *out)
{
    struct basket basket = {export_object(), export_object(), export_object(), 0};
    json_t *object = export_object();

    for (size_t i = 0; i < count; i++)
        add_plugin(definitions[i], arena, &basket);
    export_set(object, "Command", basket.commands);
    export_set(object, "ServiceTemplate", basket.templates);
    export_set(object, "Datafield", basket.fields);
    export_dump(object, out);
}

void export_director(const struct plugin_definition *definition, struct arena *arena,
                     struct text *out)
{
    export_director_suite(&definition, 1, arena, out);
}
