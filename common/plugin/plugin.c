#include "plugin/plugin.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/export.h"
#include "plugin/extra_opts.h"
#include "plugin/option_value.h"
#include "plugin/output.h"
#include "plugin/plugin_options.h"
#include "report/escape.h"

/* Far above what a writer of a report makes; only a mistake could reach it. */
#define OUTPUT_MAX ((size_t)16 << 20)

static _Noreturn void leave(struct plugin *plugin, struct text *out, bool written, int status)
{
    text_release(out);
    report_release(&plugin->report);
    arena_release(&plugin->arena);
    exit(written ? status : STATE_UNKNOWN);
}

/* Prints to standard output and ends the program. */
static _Noreturn void finish(struct plugin *plugin, struct text *out, int status)
{
    leave(plugin, out, output_write(STDOUT_FILENO, text_slice(out)), status);
}

/* One UNKNOWN message in the wanted format. */
static void write_unknown(const struct plugin *plugin, const char *message, struct text *out)
{
    report_write_unknown(&plugin->definition->tables, &plugin->common.style, message, out);
}

static _Noreturn void refuse(struct plugin *plugin, const char *message)
{
    struct text out;

    text_init(&out, OUTPUT_MAX);
    write_unknown(plugin, message, &out);
    finish(plugin, &out, STATE_UNKNOWN);
}

/* Prints a result to where the user wants it and ends the program. */
static _Noreturn void deliver(struct plugin *plugin, struct text *out, enum state state)
{
    int status = plugin->common.exit_ok ? STATE_OK : (int)state;
    char message[256];

    if (plugin->common.output_file == NULL)
        finish(plugin, out, status);
    if (!output_replace(plugin->common.output_file, text_slice(out), message)) {
        text_release(out);
        refuse(plugin, message);
    }
    leave(plugin, out, true, status);
}

_Noreturn void plugin_end(struct plugin *plugin)
{
    struct text out;

    text_init(&out, OUTPUT_MAX);
    report_write(&plugin->report, &plugin->common.style, plugin_elapsed(plugin), &out);
    deliver(plugin, &out, report_state(&plugin->report));
}

_Noreturn void plugin_end_with(struct plugin *plugin, struct slice text)
{
    struct text out;

    text_init(&out, text.length);
    text_append_slice(&out, text);
    deliver(plugin, &out, report_state(&plugin->report));
}

_Noreturn void plugin_usage_error(struct plugin *plugin, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);

    const char *message = arena_format_list(&plugin->arena, format, arguments);

    va_end(arguments);
    refuse(plugin, message);
}

_Noreturn void plugin_give_up(struct plugin *plugin, const char *format, ...)
{
    struct text out;
    va_list arguments;

    va_start(arguments, format);

    const char *message = arena_format_list(&plugin->arena, format, arguments);

    va_end(arguments);
    text_init(&out, OUTPUT_MAX);
    report_write_failed(&plugin->report, &plugin->common.style, plugin_elapsed(plugin), message,
                        &out);
    deliver(plugin, &out, STATE_UNKNOWN);
}

_Noreturn void plugin_print(struct plugin *plugin, struct slice text)
{
    struct text out;

    text_init(&out, text.length);
    text_append_slice(&out, text);
    finish(plugin, &out, EXIT_SUCCESS);
}

double plugin_elapsed(const struct plugin *plugin)
{
    return (double)(clock_now() - plugin->started) / 1e6;
}

static bool is_option(const struct option_use *use, const char *name)
{
    return strcmp(use->definition->name, name) == 0;
}

static void parse_or_refuse(struct plugin *plugin, struct option_run *run,
                            const struct option_words *words)
{
    if (!option_parse(run, words))
        refuse(plugin, run->error.message);
}

/* "spf.none" for a program whose own ids begin with "mailcheck." */
static bool is_foreign_id(const struct report_tables *tables, struct slice id)
{
    size_t dot = slice_find(id, '.');
    const char *own = tables->findings[0].id;

    return dot < id.length && strncmp(own, id.start, dot + 1) != 0;
}

/* "ID" of --severity and --explain; a wrong one is a usage error with the nearest good one. */
static size_t find_id(struct plugin *plugin, const struct option_use *use, struct slice id)
{
    const struct report_tables *tables = &plugin->definition->tables;
    size_t index = report_find_id(tables, id);
    const char *nearest = report_nearest_id(tables, id);
    const char *shown = escape_value(&plugin->arena, id);

    if (index != SIZE_MAX)
        return index;
    if (plugin->definition->foreign_ids != NULL && is_foreign_id(tables, id))
        plugin_usage_error(
            plugin, "%s%soption --%s: expected the id of a finding of %s, got \"%s\"; %s",
            use->origin != NULL ? use->origin : "", use->origin != NULL ? ": " : "",
            use->definition->name, tables->plugin, shown, plugin->definition->foreign_ids);
    plugin_usage_error(plugin, "%s%soption --%s: expected the id of a finding, got \"%s\"%s%s%s",
                       use->origin != NULL ? use->origin : "", use->origin != NULL ? ": " : "",
                       use->definition->name, shown, nearest != NULL ? "; did you mean " : "",
                       nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

static void take_severity(struct plugin *plugin, struct option_run *run,
                          const struct option_use *use)
{
    struct slice text = slice_of(use->value);
    size_t equals = slice_find(text, '=');
    struct slice id = slice_sub(text, 0, equals);
    enum state state;
    bool good = equals < text.length && id.length > 0;

    if (good)
        find_id(plugin, use, id);
    if (good && state_parse(slice_sub(text, equals + 1, text.length), true, &state)) {
        report_set_severity(&plugin->report, id, state);
        return;
    }
    option_refuse(run, use,
                  "ID=STATE with one of the states ok, warning, critical, unknown or ignore");
    refuse(plugin, run->error.message);
}

static _Noreturn void answer_export(struct plugin *plugin, struct option_run *run,
                                    const struct option_use *use)
{
    enum export_format format;
    struct text out;

    if (!export_format_parse(slice_of(use->value), &format)) {
        option_refuse(run, use, option_words_joined(use->definition->words, &plugin->arena));
        refuse(plugin, run->error.message);
    }
    text_init(&out, OUTPUT_MAX);
    export_write(plugin->definition, format, &plugin->arena, &out);
    finish(plugin, &out, EXIT_SUCCESS);
}

/* --help, --version, --explain and --export, the first of them; returns when there is none. */
static void answer(struct plugin *plugin, struct option_run *run)
{
    const struct plugin_definition *definition = plugin->definition;
    struct text out;

    for (size_t i = 0; i < run->specials.count; i++) {
        const struct option_use *use = &run->specials.uses[i];

        if (is_option(use, "export"))
            answer_export(plugin, run, use);
        if (!is_option(use, "help") && !is_option(use, "version") && !is_option(use, "explain"))
            continue;

        bool one = is_option(use, "explain") && use->value != NULL;
        size_t index = one ? find_id(plugin, use, slice_of(use->value)) : SIZE_MAX;

        text_init(&out, OUTPUT_MAX);
        if (is_option(use, "help"))
            export_help(definition, &plugin->arena, &out);
        else if (is_option(use, "explain"))
            export_explain(&definition->tables, index, &out);
        else
            export_version(&definition->tables, &out);
        finish(plugin, &out, STATE_UNKNOWN);
    }
}

/* Parses the ini sections that the command line named: `specials` are those of the command line. */
static void take_extra_opts(struct plugin *plugin, struct option_run *run,
                            const struct option_specials *specials)
{
    for (size_t i = 0; i < specials->count; i++) {
        char message[EXTRA_OPTS_MESSAGE_SIZE];
        struct option_words words;

        if (!is_option(&specials->uses[i], "extra-opts"))
            continue;
        if (!extra_opts_read(&plugin->arena, specials->uses[i].value,
                             plugin->definition->tables.plugin, &words, message))
            refuse(plugin, message);
        parse_or_refuse(plugin, run, &words);
    }
}

/* The values become those of the plugin; `format` is that of the command line, or NULL. */
static void settle(struct plugin *plugin, struct option_run *run,
                   const struct plugin_values *values, const char *format)
{
    struct plugin_common *common = &plugin->common;

    *common = values->common;
    report_format_parse(slice_of(values->output_format), &common->style.format);
    if (format != NULL)
        report_format_parse(slice_of(format), &common->style.format);
    common->style.verbosity = common->verbosity < 3 ? common->verbosity : 3;
    common->style.most_octets = (size_t)values->most_octets;
    if (common->only_v4 && common->only_v6)
        plugin_usage_error(plugin,
                           "options --use-ipv4 and --use-ipv6: expected one of them, got both");
    if (!option_require(run))
        refuse(plugin, run->error.message);
    for (size_t i = 0; i < run->specials.count; i++) {
        if (is_option(&run->specials.uses[i], "severity"))
            take_severity(plugin, run, &run->specials.uses[i]);
    }
    plugin->deadline = deadline_in(common->timeout - plugin_elapsed(plugin));
}

/* Some programs have a --json that stands for it. */
static const char *peek_format(const struct option_run *run, const struct option_words *words)
{
    return option_peek(run, words, "json") != NULL ? "json"
                                                   : option_peek(run, words, "output-format");
}

static void init(struct plugin *plugin, const struct plugin_definition *definition)
{
    *plugin = (struct plugin){.definition = definition, .started = clock_now()};
    output_hold_descriptors();
    signal(SIGPIPE, SIG_IGN);
    arena_init(&plugin->arena);
    report_init(&plugin->report, &plugin->arena, &definition->tables);
}

void plugin_begin(struct plugin *plugin, const struct plugin_definition *definition, int argc,
                  char **argv, void *configuration)
{
    struct plugin_values values;
    struct option_run run = {.arena = &plugin->arena};
    struct option_words words = {.count = argc > 0 ? (size_t)argc - 1 : 0,
                                 .words = (const char *const *)argv + (argc > 0 ? 1 : 0)};

    init(plugin, definition);
    plugin_values_init(&values, definition);
    plugin->common = values.common;
    plugin->common.style.most_octets = REPORT_TEXT_MAX;
    run.table = plugin_options(definition, &plugin->arena, &run.count);

    /* Until the options are known to be good, errors go out in the format that can be seen. */
    const char *format = peek_format(&run, &words);

    if (format != NULL)
        report_format_parse(slice_of(format), &plugin->common.style.format);

    /* Once without values, for what is answered at once and for the names of the ini sections ...
     */
    parse_or_refuse(plugin, &run, &words);
    answer(plugin, &run);

    struct option_specials specials = run.specials;

    /* ... and then the sections and the command line, in the order in which they count. */
    run.specials = (struct option_specials){0};
    run.configuration = configuration;
    run.common = &values;
    take_extra_opts(plugin, &run, &specials);
    if (format == NULL)
        report_format_parse(slice_of(values.output_format), &plugin->common.style.format);
    parse_or_refuse(plugin, &run, &words);
    settle(plugin, &run, &values, format);
}
