#include "plugin/export.h"

#include <ctype.h>
#include <string.h>

#include "plugin/export_option.h"

#define SOURCE_COLUMNS 68 /* of the words on one line; escapes make it longer */
#define REFERENCES_MAX 32

/* One character of text as roff: groff would print some as typographic signs that cannot be copied.
 */
static void write_character(struct text *out, char character)
{
    switch (character) {
    case '\\':
        text_append(out, "\\e");
        break;
    case '-':
        text_append(out, "\\-");
        break;
    case '\'':
        text_append(out, "\\(aq");
        break;
    case '`':
        text_append(out, "\\(ga");
        break;
    case '~':
        text_append(out, "\\(ti");
        break;
    case '^':
        text_append(out, "\\(ha");
        break;
    case '"':
        text_append(out, "\\(dq");
        break;
    default:
        text_append_char(out, character);
    }
}

static void write_roff(struct text *out, struct slice text)
{
    for (size_t i = 0; i < text.length; i++)
        write_character(out, text.start[i]);
}

/* Text that fills lines; a line must not begin as a request does. */
static void write_filled(struct text *out, struct slice text)
{
    struct text lines;
    struct slice rest;
    struct slice line;

    text_init(&lines, text.length * 2 + 2);
    export_wrap(&lines, text, 0, 0, SOURCE_COLUMNS);
    rest = slice_trim(text_slice(&lines), "\n");
    while (slice_split(&rest, '\n', &line)) {
        if (slice_starts_with(line, "."))
            text_append(out, "\\&");
        write_roff(out, line);
        text_append_char(out, '\n');
    }
    text_release(&lines);
}

static void write_paragraphs(struct text *out, const char *text)
{
    struct slice rest = slice_of(text);
    struct slice paragraph;
    bool is_first = true;

    while (export_next_paragraph(&rest, &paragraph)) {
        if (!is_first)
            text_append(out, ".PP\n");
        write_filled(out, paragraph);
        is_first = false;
    }
}

/* .TP and its tag in bold */
static void write_tag(struct text *out, const char *tag)
{
    text_append(out, ".TP\n\\fB");
    write_roff(out, slice_of(tag));
    text_append(out, "\\fR\n");
}

static void write_option(struct text *out, const struct option_definition *option,
                         struct arena *arena)
{
    bool optional = (option->traits & OPTION_OPTIONAL_VALUE) != 0;

    text_append(out, ".TP\n");
    if (option->letter != '\0')
        text_printf(out, "\\fB\\-%c\\fR, ", option->letter);
    text_append(out, "\\fB\\-\\-");
    write_roff(out, slice_of(option->name));
    text_append(out, "\\fR");
    if (option->argument != NULL) {
        text_append(out, optional ? "[=\\fI" : " \\fI");
        write_roff(out, slice_of(option->argument));
        text_append(out, optional ? "\\fR]" : "\\fR");
    }
    text_append_char(out, '\n');
    write_filled(out, slice_of(export_option_text(option, arena)));
}

static void write_options(struct text *out, const struct export_options *options,
                          struct arena *arena)
{
    const char *group = NULL;

    text_append(out, ".SH OPTIONS\n");
    for (size_t i = 0; i < options->count; i++) {
        const char *heading = export_option_heading(&options->rows[i], &group);

        if (heading != NULL) {
            text_append(out, ".SS ");
            write_roff(out, slice_of(heading));
            text_append_char(out, '\n');
        }
        write_option(out, &options->rows[i], arena);
    }
}

static void write_exit_status(struct text *out)
{
    static const char *const rows[][2] = {
        {"0", "OK, and whatever was found with --exit-ok."},
        {"1", "WARNING."                                  },
        {"2", "CRITICAL."                                 },
        {"3",
         "UNKNOWN: the check could not be made, the command line is wrong, or --help, --version "
         "or --explain was asked for."                    },
    };

    text_append(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_tag(out, rows[i][0]);
        write_filled(out, slice_of(rows[i][1]));
    }
}

static void write_line_break(struct text *out, const char *label, const char *text)
{
    if (text == NULL)
        return;
    text_append(out, ".br\n\\fI");
    text_append(out, label);
    text_append(out, ":\\fR\n");
    write_filled(out, slice_of(text));
}

static void write_findings(struct text *out, const struct report_tables *tables)
{
    if (tables->finding_count == 0)
        return;
    text_append(out, ".SH FINDINGS\n");
    write_filled(out, slice_of("Each finding has an id, which stands in the output, and a state, "
                               "which --severity changes. The worst state of all findings is the "
                               "state of the check."));
    for (size_t i = 0; i < tables->finding_count; i++) {
        const struct finding_definition *finding = &tables->findings[i];

        text_append(out, ".TP\n\\fB");
        write_roff(out, slice_of(finding->id));
        text_printf(out, "\\fR (%s)\n", state_name(finding->state));
        write_filled(out, slice_of(finding->title));
        write_line_break(out, "Why", finding->why);
        write_line_break(out, "Repair", finding->fix);
        write_line_break(out, "Reference", finding->reference);
    }
}

static void write_metrics(struct text *out, const struct report_tables *tables, struct arena *arena)
{
    if (tables->metric_count == 0)
        return;
    text_append(out, ".SH PERFORMANCE DATA\n");
    write_filled(out,
                 slice_of("The same labels are printed at every run; a figure that is not known "
                          "is printed as U."));
    for (size_t i = 0; i < tables->metric_count; i++) {
        const struct metric_definition *metric = &tables->metrics[i];
        bool has_unit = metric->uom[0] != '\0';

        write_tag(out, metric->label);
        write_filled(out,
                     slice_of(arena_format(arena, "%s%s%s%s", metric->help, has_unit ? " (" : "",
                                           metric->uom, has_unit ? ")" : "")));
    }
}

static void write_examples(struct text *out, const struct plugin_definition *definition)
{
    if (definition->example_count > 0)
        text_append(out, ".SH EXAMPLES\n");
    for (size_t i = 0; i < definition->example_count; i++) {
        write_tag(out, definition->examples[i].command);
        write_filled(out, slice_of(definition->examples[i].text));
    }
}

/* Takes the next "RFC 7208" of a text. */
static bool next_reference(struct slice *rest, struct slice *reference)
{
    size_t start = slice_find_text(*rest, "RFC ");
    size_t length = sizeof("RFC ") - 1;

    if (start == rest->length)
        return false;
    while (start + length < rest->length && isdigit((unsigned char)rest->start[start + length]))
        length++;
    *reference = slice_sub(*rest, start, length);
    *rest = slice_sub(*rest, start + length, rest->length);
    return true;
}

/* The documents that the findings name, each once. */
static size_t collect_references(const struct report_tables *tables,
                                 struct slice references[static REFERENCES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < tables->finding_count; i++) {
        struct slice rest = slice_of(tables->findings[i].reference);
        struct slice reference;

        while (count < REFERENCES_MAX && next_reference(&rest, &reference)) {
            bool is_new = true;

            for (size_t j = 0; j < count; j++)
                is_new = is_new && !slice_equals(references[j], reference);
            if (is_new)
                references[count++] = reference;
        }
    }
    return count;
}

static void write_see_also(struct text *out, const struct report_tables *tables)
{
    struct slice references[REFERENCES_MAX];
    size_t count = collect_references(tables, references);

    text_append(out, ".SH SEE ALSO\n");
    for (size_t i = 0; i < count; i++) {
        write_roff(out, references[i]);
        text_append(out, i + 1 < count ? ",\n" : "\n.PP\n");
    }
    text_append(out, ".UR https://www.monitoring\\-plugins.org/doc/extra\\-opts.html\n"
                     "ini files of the monitoring\\-plugins\n.UE\n");
}

static void write_heading(struct text *out, const struct plugin_definition *definition,
                          const struct export_options *options, struct arena *arena)
{
    const struct report_tables *tables = &definition->tables;
    struct slice usage = slice_of(export_usage(definition, options, arena));
    size_t name_length = strlen(tables->plugin);

    text_append(out, ".\\\" Printed by the program itself: --export=man\n.TH ");
    for (const char *at = tables->plugin; *at != '\0'; at++)
        write_character(out, (char)toupper((unsigned char)*at));
    text_append(out, " 1 \"\" \"" EXPORT_PACKAGE " ");
    write_roff(out, slice_of(tables->version));
    text_append(out, "\" \"" EXPORT_PACKAGE "\"\n.SH NAME\n");
    write_roff(out, slice_of(tables->plugin));
    text_append(out, " \\- ");
    write_roff(out, slice_of(definition->title));
    text_append(out, "\n.SH SYNOPSIS\n\\fB");
    write_roff(out, slice_of(tables->plugin));
    text_append(out, "\\fR");
    write_roff(out, slice_sub(usage, name_length, usage.length));
    text_append_char(out, '\n');
}

void export_man(const struct plugin_definition *definition, struct arena *arena, struct text *out)
{
    struct export_options options = export_options(definition, arena);

    write_heading(out, definition, &options, arena);
    text_append(out, ".SH DESCRIPTION\n");
    write_paragraphs(out,
                     definition->description != NULL ? definition->description : definition->title);
    write_options(out, &options, arena);
    write_exit_status(out);
    write_findings(out, &definition->tables);
    write_metrics(out, &definition->tables, arena);
    write_examples(out, definition);
    if (definition->notes != NULL) {
        text_append(out, ".SH NOTES\n");
        write_paragraphs(out, definition->notes);
    }
    write_see_also(out, &definition->tables);
}
