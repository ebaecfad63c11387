#include "plugin/export_option.h"

#include <string.h>

#include "plugin/option_value.h"

#define ENGINE_TIMEOUT 60.0 /* of Nagios and Icinga 2 where nothing is configured */
#define ENGINE_MARGIN 10.0

struct export_options export_options(const struct plugin_definition *definition,
                                     struct arena *arena)
{
    size_t count;
    const struct option_definition *all = plugin_options(definition, arena, &count);
    struct option_definition *rows = arena_array(arena, count, sizeof(*rows));
    struct export_options shown = {.rows = rows};

    for (size_t i = 0; i < count; i++) {
        if ((all[i].traits & OPTION_HIDDEN) == 0)
            rows[shown.count++] = all[i];
    }
    return shown;
}

bool export_is_for_engines(const struct option_definition *option)
{
    return (option->traits & (OPTION_TERMINAL | OPTION_SECRET | OPTION_HIDDEN)) == 0;
}

const char *const *export_option_words(const struct option_definition *option)
{
    static const char *const states[] = {"ok", "warning", "critical", "unknown", NULL};

    return option->kind == OPTION_STATE ? states : option->words;
}

/* Appends a note to those in parentheses. */
static void add_note(struct text *notes, const char *before, const char *note)
{
    text_append(notes, notes->length > 0 ? "; " : "");
    text_append(notes, before);
    text_append(notes, note);
}

static void add_bounds(struct text *notes, const struct option_definition *option)
{
    if (option->kind == OPTION_NUMBER || option->kind == OPTION_SECONDS) {
        text_printf(notes, "%.15g to %.15g", option->minimum, option->maximum);
        text_printf(notes, "%s%s", option->unit != NULL ? " " : "",
                    option->unit != NULL ? option->unit : "");
    } else if (option->unit != NULL) {
        add_note(notes, "in ", option->unit);
    }
}

const char *export_option_text(const struct option_definition *option, struct arena *arena)
{
    const char *help = option->help != NULL ? option->help : "";
    struct slice sentences = slice_trim(slice_of(help), " .");
    struct text notes;
    const char *all;

    text_init(&notes, OPTION_TEXT_MAX);
    if (option->words != NULL)
        add_note(&notes, "", option_words_joined(option->words, arena));
    add_bounds(&notes, option);
    if (option->default_text != NULL)
        add_note(&notes, "default: ", option->default_text);
    if ((option->traits & OPTION_REQUIRED) != 0)
        add_note(&notes, "", "required");
    if ((option->traits & OPTION_REPEAT) != 0 && strstr(help, "more than once") == NULL)
        add_note(&notes, "", "may be repeated");
    all = arena_format(arena, "%.*s%s%s%s.", SLICE_PRINTF(sentences), notes.length > 0 ? " (" : "",
                       notes.start, notes.length > 0 ? ")" : "");
    text_release(&notes);
    return all;
}

const char *export_option_heading(const struct option_definition *option, const char **group)
{
    const char *heading = option->group;

    if (heading == NULL && *group == NULL)
        heading = "Options";
    if (heading == NULL || (*group != NULL && strcmp(heading, *group) == 0))
        return NULL;
    *group = heading;
    return heading;
}

const char *export_command(const struct plugin_definition *definition, struct arena *arena)
{
    return arena_format(arena, "postmaster_%s",
                        definition->tables.plugin + (export_is_plugin(definition) ? 6 : 0));
}

bool export_is_plugin(const struct plugin_definition *definition)
{
    return strncmp(definition->tables.plugin, "check_", 6) == 0;
}

const struct option_definition *export_host_option(const struct export_options *options)
{
    for (size_t i = 0; i < options->count; i++) {
        if ((options->rows[i].traits & OPTION_HOST) != 0)
            return &options->rows[i];
    }
    return NULL;
}

const char *export_detail_variable(const struct plugin_definition *definition, struct arena *arena)
{
    return arena_format(arena, "%s_verbose", export_command(definition, arena));
}

bool export_has_subjects(const struct export_options *options)
{
    for (size_t i = 0; i < options->count; i++) {
        if ((options->rows[i].traits & OPTION_SUBJECT) != 0)
            return true;
    }
    return false;
}

struct export_schedule export_schedule(const struct plugin_definition *definition)
{
    unsigned interval = definition->check_interval != 0 ? definition->check_interval : 300;

    /* What is asked once a day is told at once: it would take days to be sure. */
    if (interval >= 86400)
        return (struct export_schedule){interval, interval, 1};
    return (struct export_schedule){interval, interval > 300 ? 300 : 60, 3};
}

const char *export_variable(const struct plugin_definition *definition,
                            const struct option_definition *option, struct arena *arena)
{
    char *name = arena_format(arena, "%s_%s", export_command(definition, arena), option->name);

    for (char *at = name; *at != '\0'; at++) {
        if (*at == '-')
            *at = '_';
    }
    return name;
}

const char *export_usage(const struct plugin_definition *definition,
                         const struct export_options *options, struct arena *arena)
{
    const char *usage = definition->tables.plugin;
    const char *operands = "";

    for (size_t i = 0; i < options->count; i++) {
        if ((options->rows[i].traits & OPTION_OPERANDS) != 0)
            operands = arena_format(arena, " %s...", options->rows[i].argument);
        else if ((options->rows[i].traits & OPTION_REQUIRED) != 0)
            usage = arena_format(arena, "%s --%s %s", usage, options->rows[i].name,
                                 options->rows[i].argument);
    }
    return arena_format(arena, "%s [OPTION]...%s", usage, operands);
}

double export_engine_timeout(const struct plugin_definition *definition)
{
    double needed = definition->default_timeout + ENGINE_MARGIN;

    return needed > ENGINE_TIMEOUT ? needed : ENGINE_TIMEOUT;
}

bool export_next_paragraph(struct slice *rest, struct slice *paragraph)
{
    if (rest->start == NULL)
        return false;

    size_t end = slice_find_text(*rest, "\n\n");

    *paragraph = slice_sub(*rest, 0, end);
    *rest = end < rest->length ? slice_sub(*rest, end + 2, rest->length) : (struct slice){0};
    return true;
}

/* The next word of a text; false at its end. */
static bool next_word(struct slice *rest, struct slice *word)
{
    static const char blanks[] = " \t\n";

    *rest = slice_trim(*rest, blanks);

    size_t length = 0;

    while (length < rest->length && strchr(blanks, rest->start[length]) == NULL)
        length++;
    *word = slice_sub(*rest, 0, length);
    *rest = slice_sub(*rest, length, rest->length);
    return length > 0;
}

/* Columns of UTF-8 text in which each character has one. */
static size_t columns_of(struct slice word)
{
    size_t columns = 0;

    for (size_t i = 0; i < word.length; i++)
        columns += ((unsigned char)word.start[i] & 0xC0) != 0x80;
    return columns;
}

void export_wrap(struct text *out, struct slice text, size_t column, size_t indent, size_t width)
{
    bool is_first = true;
    struct slice word;

    while (next_word(&text, &word)) {
        size_t columns = columns_of(word);

        if (!is_first && column + 1 + columns > width) {
            text_append_char(out, '\n');
            text_append_repeat(out, ' ', indent);
            column = indent;
        } else if (!is_first) {
            text_append_char(out, ' ');
            column++;
        }
        text_append_slice(out, word);
        column += columns;
        is_first = false;
    }
    text_append_char(out, '\n');
}
