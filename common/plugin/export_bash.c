#include "plugin/export.h"

#include "plugin/export_option.h"
#include "plugin/option_value.h"

/* How the value of an option is completed. */
enum completion {
    COMPLETE_NO_VALUE,
    COMPLETE_NOTHING, /* any value: an address, a number */
    COMPLETE_MAYBE,   /* the same, and the next word may be an option */
    COMPLETE_WORDS,
    COMPLETE_FILE,
    COMPLETE_ID,
    COMPLETE_ID_AND_STATE,
};

static enum completion completion_of(const struct option_definition *option)
{
    struct slice name = slice_of(option->name);

    if (!option_takes_value(option))
        return COMPLETE_NO_VALUE;
    if (export_option_words(option) != NULL)
        return COMPLETE_WORDS;
    if (slice_equals_text(name, "severity"))
        return COMPLETE_ID_AND_STATE;
    if (slice_equals_text(name, "explain"))
        return COMPLETE_ID;
    if ((option->traits & OPTION_OPTIONAL_VALUE) != 0)
        return COMPLETE_MAYBE;
    return option->kind == OPTION_FILE ? COMPLETE_FILE : COMPLETE_NOTHING;
}

/* "-t | --timeout" */
static void write_pattern(struct text *out, const struct option_definition *option)
{
    if (option->letter != '\0')
        text_printf(out, "-%c | ", option->letter);
    text_printf(out, "--%s", option->name);
}

static void write_ids(struct text *out, const struct report_tables *tables)
{
    for (size_t i = 0; i < tables->finding_count; i++)
        text_printf(out, "%s%s", i > 0 ? " " : "", tables->findings[i].id);
}

static void write_words(struct text *out, const char *const *words)
{
    text_append(out, "        mapfile -t COMPREPLY < <(compgen -W '");
    for (size_t i = 0; words[i] != NULL; i++)
        text_printf(out, "%s%s", i > 0 ? " " : "", words[i]);
    text_append(out, "' -- \"$word\")\n");
}

/* The branch of one option whose value can be completed. */
static void write_branch(struct text *out, const struct option_definition *option,
                         enum completion completion)
{
    text_append(out, "    ");
    write_pattern(out, option);
    text_append(out, ")\n");
    if (completion == COMPLETE_WORDS)
        write_words(out, export_option_words(option));
    else if (completion == COMPLETE_FILE)
        text_append(out, "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
                         "        compopt -o filenames\n");
    else if (completion == COMPLETE_ID_AND_STATE)
        text_append(out, "        mapfile -t COMPREPLY < <(compgen -W \"$ids\" -S = -- \"$word\")\n"
                         "        compopt -o nospace\n");
    else if (completion == COMPLETE_ID)
        text_append(out, "        mapfile -t COMPREPLY < <(compgen -W \"$ids\" -- \"$word\")\n");
    text_append(out, completion == COMPLETE_ID || completion == COMPLETE_MAYBE
                         ? "        [[ $word == -* ]] || return\n        ;;\n"
                         : "        return\n        ;;\n");
}

static void write_branches(struct text *out, const struct export_options *options)
{
    const char *before = "    ";

    for (size_t i = 0; i < options->count; i++) {
        enum completion completion = completion_of(&options->rows[i]);

        if (completion != COMPLETE_NO_VALUE && completion != COMPLETE_NOTHING)
            write_branch(out, &options->rows[i], completion);
    }
    for (size_t i = 0; i < options->count; i++) {
        if (completion_of(&options->rows[i]) != COMPLETE_NOTHING)
            continue;
        text_append(out, before);
        write_pattern(out, &options->rows[i]);
        before = " | \\\n        ";
    }
    /* There is always one: --timeout. */
    text_append(out, ")\n        return\n        ;;\n");
}

static void write_options(struct text *out, const struct export_options *options)
{
    text_append(out, "    mapfile -t COMPREPLY < <(compgen -W '");
    for (size_t i = 0; i < options->count; i++)
        text_printf(out, "%s--%s", i > 0 ? " " : "", options->rows[i].name);
    text_append(out, "' -- \"$word\")\n");
}

void export_bash(const struct plugin_definition *definition, struct arena *arena, struct text *out)
{
    struct export_options options = export_options(definition, arena);
    const char *command = export_command(definition, arena);

    text_printf(out,
                "# bash completion of %s, printed by the program itself: --export=bash\n"
                "# shellcheck shell=bash\n\n"
                "_%s()\n{\n"
                "    local word=${COMP_WORDS[COMP_CWORD]} ids option=\n"
                "    ids='",
                definition->tables.plugin, command);
    write_ids(out, &definition->tables);
    text_append(out, "'\n"
                     "    COMPREPLY=()\n"
                     "    ((COMP_CWORD < 1)) || option=${COMP_WORDS[COMP_CWORD - 1]}\n"
                     "    # bash cuts --name=value into three words, and ID=STATE too\n"
                     "    if [[ $word == '=' ]]; then\n"
                     "        word=\n"
                     "    elif [[ $option == '=' ]]; then\n"
                     "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
                     "    fi\n"
                     "    if [[ \" $ids \" == *\" $option \"* && "
                     "${COMP_LINE:0:COMP_POINT} == *\"$option=\"* ]]; then\n"
                     "        mapfile -t COMPREPLY < <(compgen -W "
                     "'ok warning critical unknown ignore' -- \"$word\")\n"
                     "        return\n"
                     "    fi\n"
                     "    case $option in\n");
    write_branches(out, &options);
    text_append(out, "    esac\n");
    write_options(out, &options);
    text_printf(out, "}\ncomplete -F _%s %s\n", command, definition->tables.plugin);
}
