#include "plugin/export.h"

#include <stdint.h>
#include <string.h>

#include "plugin/export_option.h"

#define HELP_COLUMN 26 /* where the text of an option starts */
#define INDENT 2
#define ID_COLUMNS_MAX 34 /* a longer id has a line of its own */

void export_version(const struct report_tables *tables, struct text *out)
{
    text_printf(out, "%s %s (%s)\n", tables->plugin, tables->version, EXPORT_PACKAGE);
}

static void write_paragraphs(struct text *out, const char *text)
{
    struct slice rest = slice_of(text);
    struct slice paragraph;

    while (export_next_paragraph(&rest, &paragraph)) {
        text_append_char(out, '\n');
        export_wrap(out, paragraph, 0, 0, EXPORT_COLUMNS);
    }
}

/* "  -t, --timeout SECONDS" */
static size_t write_invocation(struct text *out, const struct option_definition *option)
{
    size_t start = out->length;

    if (option->letter != '\0')
        text_printf(out, "  -%c, ", option->letter);
    else
        text_append(out, "      ");
    text_printf(out, "--%s", option->name);
    if (option->argument != NULL && (option->traits & OPTION_OPTIONAL_VALUE) != 0)
        text_printf(out, "[=%s]", option->argument);
    else if (option->argument != NULL)
        text_printf(out, " %s", option->argument);
    return out->length - start;
}

static void write_option(struct text *out, const struct option_definition *option,
                         struct arena *arena)
{
    size_t column = write_invocation(out, option);

    if (column + INDENT > HELP_COLUMN) {
        text_append_char(out, '\n');
        column = 0;
    }
    text_append_repeat(out, ' ', HELP_COLUMN - column);
    export_wrap(out, slice_of(export_option_text(option, arena)), HELP_COLUMN, HELP_COLUMN,
                EXPORT_COLUMNS);
}

static void write_options(struct text *out, const struct export_options *options,
                          struct arena *arena)
{
    const char *group = NULL;

    for (size_t i = 0; i < options->count; i++) {
        const char *heading = export_option_heading(&options->rows[i], &group);

        if (heading != NULL)
            text_printf(out, "\n%s:\n", heading);
        write_option(out, &options->rows[i], arena);
    }
}

static void write_examples(struct text *out, const struct plugin_definition *definition)
{
    if (definition->example_count > 0)
        text_append(out, "\nExamples:\n");
    for (size_t i = 0; i < definition->example_count; i++) {
        text_printf(out, "  %s\n", definition->examples[i].command);
        text_append_repeat(out, ' ', 3 * INDENT);
        export_wrap(out, slice_of(definition->examples[i].text), 3 * INDENT, 3 * INDENT,
                    EXPORT_COLUMNS);
    }
}

static void write_findings(struct text *out, const struct report_tables *tables)
{
    size_t widest = 0;

    for (size_t i = 0; i < tables->finding_count; i++) {
        size_t length = strlen(tables->findings[i].id);

        if (length > widest && length <= ID_COLUMNS_MAX)
            widest = length;
    }
    if (tables->finding_count > 0)
        text_append(out, "\nFindings and their states (--explain=ID tells more, --severity changes "
                         "one):\n");
    for (size_t i = 0; i < tables->finding_count; i++) {
        const struct finding_definition *finding = &tables->findings[i];
        size_t column = INDENT + widest + 2;

        text_printf(out, "  %s", finding->id);
        if (strlen(finding->id) > widest)
            text_append_char(out, '\n');
        text_append_repeat(
            out, ' ', strlen(finding->id) > widest ? column : widest - strlen(finding->id) + 2);
        text_printf(out, "%-8s  ", state_name(finding->state));
        export_wrap(out, slice_of(finding->title), column + 10, column + 10, EXPORT_COLUMNS);
    }
}

void export_help(const struct plugin_definition *definition, struct arena *arena, struct text *out)
{
    struct export_options options = export_options(definition, arena);

    export_version(&definition->tables, out);
    export_wrap(out, slice_of(definition->title), 0, 0, EXPORT_COLUMNS);
    text_append(out, "\nUsage: ");
    export_wrap(out, slice_of(export_usage(definition, &options, arena)), 7, 7, EXPORT_COLUMNS);
    if (definition->description != NULL)
        write_paragraphs(out, definition->description);
    write_options(out, &options, arena);
    write_examples(out, definition);
    write_findings(out, &definition->tables);
    text_append(out, "\nExit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.\n"
                     "Licence: GPL-3.0-or-later, without any warranty.\n");
}

static void write_explained(struct text *out, const char *label, const char *text)
{
    if (text == NULL)
        return;
    text_printf(out, "  %-11s", label);
    export_wrap(out, slice_of(text), 13, 13, EXPORT_COLUMNS);
}

static void explain(struct text *out, const struct finding_definition *finding)
{
    text_printf(out, "%s (%s unless --severity says otherwise)\n", finding->id,
                state_name(finding->state));
    write_explained(out, "What", finding->title);
    write_explained(out, "Why", finding->why);
    write_explained(out, "Repair", finding->fix);
    write_explained(out, "Reference", finding->reference);
}

void export_explain(const struct report_tables *tables, size_t index, struct text *out)
{
    for (size_t i = 0; i < tables->finding_count; i++) {
        if (index != SIZE_MAX && index != i)
            continue;
        if (index == SIZE_MAX && i > 0)
            text_append_char(out, '\n');
        explain(out, &tables->findings[i]);
    }
    if (tables->finding_count == 0)
        text_printf(out, "%s has no findings\n", tables->plugin);
}
