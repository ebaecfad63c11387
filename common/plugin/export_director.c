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

/* Fills the command's arguments and links and the fields that these name, from the same rows. */
static void add_options(const struct plugin_definition *definition, struct arena *arena,
                        json_t *command, json_t *fields)
{
    struct export_options options = export_options(definition, arena);
    json_t *arguments = export_object();
    json_t *links = export_array();
    json_t *vars = export_object();
    json_int_t id = 0;

    for (size_t i = 0; i < options.count; i++) {
        const struct option_definition *option = &options.rows[i];
        const char *variable = export_variable(definition, option, arena);

        if (!export_is_for_engines(option))
            continue;
        id++;
        export_set(arguments, arena_format(arena, "--%s", option->name),
                   argument_object(option, variable, arena));
        export_append(links, field_link(option, id));
        export_set(fields, arena_format(arena, "%lld", (long long)id),
                   field_object(definition, option, variable, arena));
        if ((option->traits & OPTION_HOST) != 0)
            export_set_text(vars, variable, "$address$");
    }
    export_set(command, "arguments", arguments);
    export_set(command, "fields", links);
    export_set(command, "vars", vars);
}

static json_t *service_template(const char *name)
{
    json_t *object = export_object();

    export_set_text(object, "check_command", name);
    export_set(object, "fields", export_array());
    export_set(object, "imports", export_array());
    export_set_text(object, "object_name", name);
    export_set_text(object, "object_type", "template");
    export_set(object, "vars", export_object());
    return object;
}

/* {"KIND": {"NAME": object}} */
static void set_part(json_t *basket, const char *kind, const char *name, json_t *object)
{
    json_t *part = export_object();

    export_set(part, name, object);
    export_set(basket, kind, part);
}

void export_director(const struct plugin_definition *definition, struct arena *arena,
                     struct text *out)
{
    const char *name = export_command(definition, arena);
    json_t *basket = export_object();
    json_t *command = export_object();
    json_t *fields = export_object();

    export_set_text(command, "object_name", name);
    export_set_text(command, "object_type", "object");
    export_set_text(command, "methods_execute", "PluginCheck");
    export_set_text(command, "command",
                    arena_format(arena, "PluginContribDir + /%s", definition->tables.plugin));
    export_set_text(command, "timeout",
                    arena_format(arena, "%.0f", export_engine_timeout(definition)));
    export_set(command, "imports", export_array());
    export_set(command, "disabled", json_false());
    export_set(command, "zone", json_null());
    add_options(definition, arena, command, fields);

    set_part(basket, "Command", name, command);
    set_part(basket, "ServiceTemplate", name, service_template(name));
    export_set(basket, "Datafield", fields);
    export_dump(basket, out);
}
