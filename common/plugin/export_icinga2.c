#include "plugin/export.h"

#include "plugin/export_option.h"
#include "plugin/option_value.h"

/* A string of the Icinga 2 language. */
static void write_string(struct text *out, const char *text)
{
    text_append_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            text_append_char(out, '\\');
        text_append_char(out, *text);
    }
    text_append_char(out, '"');
}

/* An option that may stand without a value: the variable is that value, or true. The empty array
 * leaves the option out. */
static void write_optional_value(const char *variable, struct text *out)
{
    text_printf(out,
                "\t\t\tvalue = {{\n"
                "\t\t\t\tvar value = macro(\"$%s$\")\n"
                "\t\t\t\tif (!value) {\n\t\t\t\t\treturn []\n\t\t\t\t}\n"
                "\t\t\t\tif (typeof(value) == Boolean) {\n\t\t\t\t\treturn \"\"\n\t\t\t\t}\n"
                "\t\t\t\treturn value\n"
                "\t\t\t}}\n",
                variable);
}

static void write_argument(const struct plugin_definition *definition,
                           const struct option_definition *option, struct arena *arena,
                           struct text *out)
{
    const char *variable = export_variable(definition, option, arena);

    text_printf(out, "\t\t\"--%s\" = {\n", option->name);
    if ((option->traits & OPTION_OPTIONAL_VALUE) != 0 && (option->traits & OPTION_REPEAT) == 0)
        write_optional_value(variable, out);
    else
        text_printf(out, "\t\t\t%s = \"$%s$\"\n", option_takes_value(option) ? "value" : "set_if",
                    variable);
    text_append(out, "\t\t\tdescription = ");
    write_string(out, export_option_text(option, arena));
    text_append_char(out, '\n');
    if ((option->traits & OPTION_REQUIRED) != 0)
        text_append(out, "\t\t\trequired = true\n");
    if ((option->traits & OPTION_REPEAT) != 0)
        text_append(out, "\t\t\trepeat_key = true\n");
    /* What is checked stands first in the process list. */
    if ((option->traits & OPTION_HOST) != 0)
        text_append(out, "\t\t\torder = -1\n");
    text_append(out, "\t\t}\n");
}

/* The monitored host's address, unless the service says otherwise what is checked. The empty array
 * leaves the option out. */
static void write_host_value(const struct plugin_definition *definition,
                             const struct export_options *options, struct arena *arena,
                             struct text *out)
{
    const char *before = "if (";

    text_printf(out,
                "\n\tvars.%s = ", export_variable(definition, export_host_option(options), arena));
    if (!export_has_subjects(options)) {
        text_append(out, "\"$check_address$\"\n");
        return;
    }
    text_append(out, "{{\n\t\t");
    for (size_t i = 0; i < options->count; i++) {
        if ((options->rows[i].traits & OPTION_SUBJECT) == 0)
            continue;
        text_printf(out, "%smacro(\"$%s$\")", before,
                    export_variable(definition, &options->rows[i], arena));
        before = " ||\n\t\t\t";
    }
    text_append(out, ") {\n\t\t\treturn []\n\t\t}\n\t\treturn macro(\"$check_address$\")\n\t}}\n");
}

static void write_seconds(struct text *out, unsigned seconds)
{
    static const struct {
        unsigned seconds;
        char letter;
    } units[] = {
        {86400, 'd'},
        {3600,  'h'},
        {60,    'm'},
        {1,     's'},
    };
    size_t unit = 0;

    while (seconds % units[unit].seconds != 0)
        unit++;
    text_printf(out, "%u%c", seconds / units[unit].seconds, units[unit].letter);
}

/* How a service of this command is checked. */
static void write_template(const struct plugin_definition *definition, struct arena *arena,
                           struct text *out)
{
    const char *name = export_command(definition, arena);
    struct export_schedule schedule = export_schedule(definition);

    text_printf(out, "\ntemplate Service \"%s\" {\n\tcheck_command = \"%s\"\n", name, name);
    text_append(out, "\tcheck_interval = ");
    write_seconds(out, schedule.interval);
    text_append(out, "\n\tretry_interval = ");
    write_seconds(out, schedule.retry);
    text_printf(out, "\n\tmax_check_attempts = %u\n\tvars.%s = true\n}\n", schedule.attempts,
                export_detail_variable(definition, arena));
}

void export_icinga2(const struct plugin_definition *definition, struct arena *arena,
                    struct text *out)
{
    struct export_options options = export_options(definition, arena);
    bool has_host = export_host_option(&options) != NULL;

    text_printf(out,
                "/* %s: %s.\n"
                " * Printed by the program itself: --export=icinga2. Variables that are arrays "
                "repeat their option. */\n\n"
                "object CheckCommand \"%s\" {\n",
                definition->tables.plugin, definition->title, export_command(definition, arena));
    if (has_host)
        text_append(out, "\timport \"ipv4-or-ipv6\"\n\n");
    if (export_is_plugin(definition))
        text_printf(out, "\tcommand = [ PluginContribDir + \"/%s\" ]\n", definition->tables.plugin);
    else
        text_printf(out, "\tcommand = [ \"" BINDIR "/%s\" ]\n", definition->tables.plugin);
    text_printf(out, "\ttimeout = %.0fs\n\n\targuments = {\n", export_engine_timeout(definition));
    for (size_t i = 0; i < options.count; i++) {
        if (export_is_for_engines(&options.rows[i]))
            write_argument(definition, &options.rows[i], arena, out);
    }
    text_append(out, "\t}\n");
    if (has_host)
        write_host_value(definition, &options, arena, out);
    text_append(out, "}\n");
    write_template(definition, arena, out);
}
