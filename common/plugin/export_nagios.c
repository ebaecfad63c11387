#include "plugin/export.h"

#include "plugin/export_option.h"

/* Something may take the host's place (--mx). */
static bool has_optional_host(const struct export_options *options)
{
    for (size_t i = 0; i < options->count; i++)
        if ((options->rows[i].traits & (OPTION_HOST | OPTION_REQUIRED)) == OPTION_HOST)
            return true;
    return false;
}

/* What is no plugin stands outside of their folder. */
static const char *program(const struct plugin_definition *definition, struct arena *arena)
{
    return arena_format(arena, "%s/%s", export_is_plugin(definition) ? "$USER1$" : BINDIR,
                        definition->tables.plugin);
}

/* A definition whose arguments are quoted one by one; the last $ARGn$ takes further options. */
static void write_command(const struct plugin_definition *definition,
                          const struct export_options *options, const char *suffix,
                          const char *flags, struct arena *arena, struct text *out)
{
    int argument = 1;

    text_printf(out, "define command {\n    command_name    %s%s\n",
                export_command(definition, arena), suffix);
    text_printf(out, "    command_line    %s%s", program(definition, arena), flags);
    for (size_t i = 0; i < options->count; i++) {
        const struct option_definition *option = &options->rows[i];

        if ((option->traits & OPTION_HOST) != 0)
            text_printf(out, " --%s '$HOSTADDRESS$'", option->name);
        else if ((option->traits & OPTION_REQUIRED) != 0)
            text_printf(out, " --%s '$ARG%d$'", option->name, argument++);
    }
    text_printf(out, " $ARG%d$\n}\n\n", argument);
}

static void write_remark(const struct plugin_definition *definition,
                         const struct export_options *options, struct text *out)
{
    int argument = 1;

    text_printf(out,
                "# %s: %s.\n"
                "# Printed by the program itself: --export=nagios\n#\n",
                definition->tables.plugin, definition->title);
    for (size_t i = 0; i < options->count; i++) {
        const struct option_definition *option = &options->rows[i];

        if ((option->traits & (OPTION_REQUIRED | OPTION_HOST)) == OPTION_REQUIRED)
            text_printf(out, "# $ARG%d$: %s\n", argument++, option->argument);
    }
    text_printf(out, "# $ARG%d$: further options, or nothing\n", argument);
    if (has_optional_host(options))
        text_append(out, "# The command with _args names no host; its $ARG1$ are all options.\n");
    text_append(out, "# The command with _section takes all options from an ini section instead: "
                     "its $ARG1$ is SECTION@FILE.\n\n");
}

void export_nagios(const struct plugin_definition *definition, struct arena *arena,
                   struct text *out)
{
    struct export_options options = export_options(definition, arena);

    write_remark(definition, &options, out);
    write_command(definition, &options, "", "", arena, out);
    if (definition->network) {
        write_command(definition, &options, "_4", " -4", arena, out);
        write_command(definition, &options, "_6", " -6", arena, out);
    }
    if (has_optional_host(&options))
        text_printf(out,
                    "define command {\n    command_name    %s_args\n"
                    "    command_line    %s $ARG1$\n}\n\n",
                    export_command(definition, arena), program(definition, arena));
    text_printf(out,
                "define command {\n    command_name    %s_section\n"
                "    command_line    %s --extra-opts='$ARG1$'\n}\n",
                export_command(definition, arena), program(definition, arena));
}
