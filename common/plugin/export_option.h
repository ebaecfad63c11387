/*
 * What several forms of export say about an option or the program, said once.
 */
#ifndef COMMON_PLUGIN_EXPORT_OPTION_H
#define COMMON_PLUGIN_EXPORT_OPTION_H

#include "plugin/export.h"

#define EXPORT_PACKAGE "postmaster-plugins"

/* The options that are shown: all but those with OPTION_HIDDEN. */
struct export_options {
    const struct option_definition *rows;
    size_t count;
};
struct export_options export_options(const struct plugin_definition *definition,
                                     struct arena *arena);

/* Its place is in the definitions of engines. */
bool export_is_for_engines(const struct option_definition *option);

/* "Cut text output at this size (256 to 1048576 octets; default 8192)." */
const char *export_option_text(const struct option_definition *option, struct arena *arena);

/* Words that are good as the option's value, states included; NULL when it is free. */
const char *const *export_option_words(const struct option_definition *option);

/* The heading above an option, when it differs from the one before; else NULL. *group is kept by
 * the caller from row to row, NULL at first. */
const char *export_option_heading(const struct option_definition *option, const char **group);

/* "postmaster_dnsbl" */
const char *export_command(const struct plugin_definition *definition, struct arena *arena);
/* "postmaster_dnsbl_output_format" */
const char *export_variable(const struct plugin_definition *definition,
                            const struct option_definition *option, struct arena *arena);
/* "check_spf --domain DOMAIN [OPTION]..." */
const char *export_usage(const struct plugin_definition *definition,
                         const struct export_options *options, struct arena *arena);

/* Stands in the engine's folder of plugins; else in BINDIR. */
bool export_is_plugin(const struct plugin_definition *definition);

/* The option whose natural value is the monitored host's address, or NULL. */
const struct option_definition *export_host_option(const struct export_options *options);

/* The variable that makes the output tell every finding with its repair: what an engine's page of a
 * service has room for, below the first line. */
const char *export_detail_variable(const struct plugin_definition *definition, struct arena *arena);

/* Something else can be checked than the host: a row has OPTION_SUBJECT. */
bool export_has_subjects(const struct export_options *options);

/* Seconds between two checks; from one that found something to the next, until it is told; and how
 * many find it until then. */
struct export_schedule {
    unsigned interval, retry, attempts;
};
struct export_schedule export_schedule(const struct plugin_definition *definition);

/* Seconds after which an engine may kill the command: above the plugin's own time in any case. */
double export_engine_timeout(const struct plugin_definition *definition);

/* Paragraphs of a text are separated by an empty line: takes the next one; as slice_split. */
bool export_next_paragraph(struct slice *rest, struct slice *paragraph);

/* The text in lines of at most `width` columns, broken at blanks, each after the first behind
 * `indent` blanks; the first starts where `out` stands, at `column`. Runs of blanks and newlines
 * are one blank. Ends in a newline. */
#define EXPORT_COLUMNS 80
void export_wrap(struct text *out, struct slice text, size_t column, size_t indent, size_t width);

#endif
