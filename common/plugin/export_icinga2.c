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

static void write_argument(const struct plugin_definition *definition,
                           const struct option_definition *option, struct arena *arena,
                           struct text *out)
{
    const char *variable = export_variable(definition, option, arena);

    text_printf(out, "\t\t\"--%s\" = {\n", option->name);
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

void export_icinga2(const struct plugin_definition *definition, struct arena *arena,
                    struct text *out)
{
    struct export_options options = export_options(definition, arena);
    const struct option_definition *host = NULL;

    for (size_t i = 0; i < options.count && host == NULL; i++) {
        if ((options.rows[i].traits & OPTION_HOST) != 0)
            host = &options.rows[i];
    }
    text_printf(out,
                "/* %s: %s.\n"
                " * Printed by the program itself: --export=icinga2. Variables that are arrays "
                "repeat their option. */\n\n"
                "object CheckCommand \"%s\" {\n",
                definition->tables.plugin, definition->title, export_command(definition, arena));
    if (host != NULL)
        text_append(out, "\timport \"ipv4-or-ipv6\"\n\n");
    text_printf(out, "\tcommand = [ PluginContribDir + \"/%s\" ]\n", definition->tables.plugin);
    text_printf(out, "\ttimeout = %.0fs\n\n\targuments = {\n", export_engine_timeout(definition));
    for (size_t i = 0; i < options.count; i++) {
        if (export_is_for_engines(&options.rows[i]))
            write_argument(definition, &options.rows[i], arena, out);
    }
    text_append(out, "\t}\n");
    if (host != NULL)
        text_printf(out, "\n\tvars.%s = \"$check_address$\"\n",
                    export_variable(definition, host, arena));
    text_append(out, "}\n");
}
