/*
 * Plugin begin and end: what every check has in common, and the only exit.
 *
 *     int main(int argc, char **argv)
 *     {
 *         struct dnsbl_config config = DNSBL_CONFIG_DEFAULT;
 *         struct plugin plugin;
 *         plugin_begin(&plugin, &dnsbl_definition, argc, argv, &config);
 *         ... collect facts within plugin.deadline, judge them into &plugin.report ...
 *         plugin_end(&plugin);
 *     }
 *
 * plugin_begin reads the ini sections of --extra-opts, then the command line. It answers --help,
 * --version, --explain (exit 3) and --export (exit 0) itself. A usage error is one UNKNOWN line (or
 * one UNKNOWN object, text exposition ... when --output-format asked for it) and exit 3. SIGPIPE is
 * ignored from then on, and the descriptors 0 to 2 are open, so that no socket can get the number
 * of standard output.
 */
#ifndef COMMON_PLUGIN_PLUGIN_H
#define COMMON_PLUGIN_PLUGIN_H

#include "base/arena.h"
#include "base/clock.h"
#include "plugin/option.h"
#include "report/report.h"

struct plugin_example {
    const char *command; /* "check_dnsbl -H 192.0.2.10" */
    const char *text;    /* what it does */
};

struct plugin_definition {
    struct report_tables tables;
    const char *title;       /* "check an address or domain against DNS blocklists" */
    const char *description; /* paragraphs separated by an empty line */
    const char *figure;      /* what -w and -c compare: "the number of listings"; NULL: no -w/-c */
    const struct option_definition *options; /* the plugin's own; the common ones are added */
    size_t option_count;
    const struct plugin_example *examples;
    size_t example_count;
    const char *notes; /* further man page text: limits, files, see also; paragraphs; may be NULL */
    double default_timeout; /* seconds; 0 means 10 */
    unsigned
        check_interval; /* seconds between two checks of an engine, whole minutes; 0 means 300 */
    bool network;       /* it asks the network: gives -4, -6 and --resolver */
    const char *foreign_ids; /* what to do with the id of another program's finding; NULL */
    bool figure_at_least; /* the figure is a count of bad things: a bare number N of -w and -c means
                             "N or more" */
};

/* The values of the common options. */
struct plugin_common {
    int verbosity;
    double timeout;
    struct range warning, critical;
    bool only_v4, only_v6;
    struct option_list resolvers; /* "ADDR", "ADDR:PORT", "[v6]:port", checked */
    struct report_style style;
    bool exit_ok;
    enum state timeout_result; /* --timeout-result, default UNKNOWN */
    const char *output_file;   /* --output-file: there instead of standard output; NULL */
};

struct plugin {
    const struct plugin_definition *definition;
    struct arena arena;
    struct report report;
    struct plugin_common common;
    struct deadline deadline; /* the wall: what is known by then is judged and printed */
    int64_t started;          /* clock_now() at the start */
};

/* Returns only when there is work to do. `configuration` is the plugin's own struct, filled with
 * defaults. */
void plugin_begin(struct plugin *plugin, const struct plugin_definition *definition, int argc,
                  char **argv, void *configuration);

/* Prints the report in the wanted format in one write and exits with its state, or 0 with
 * --exit-ok. A failed write to standard output or to --output-file is UNKNOWN, exit 3, in any case.
 */
_Noreturn void plugin_end(struct plugin *plugin);

/* The same with a text of the program's own in place of what a writer makes of the report. */
_Noreturn void plugin_end_with(struct plugin *plugin, struct slice text);

/* An argument that only the plugin can judge is wrong (a file that cannot be read, two options that
 * exclude each other): one UNKNOWN line on standard output, exit 3 even with --exit-ok. */
_Noreturn void plugin_usage_error(struct plugin *plugin, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Our own means failed before anything could be judged: one UNKNOWN line in the wanted format,
 * exit 3 (0 with --exit-ok), into --output-file when that is given. */
_Noreturn void plugin_give_up(struct plugin *plugin, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints a text that is no result (a catalogue, a list of rules) to standard output and exits 0. */
_Noreturn void plugin_print(struct plugin *plugin, struct slice text);

/* Seconds since plugin_begin, for the `time` metric. */
double plugin_elapsed(const struct plugin *plugin);

/* Reads a whole file of at most `most` octets into the arena, NUL-terminated; "-" is standard input
 * where `allow_stdin`. Only regular files are read, so a FIFO or a device cannot stall a check;
 * standard input may be anything and must end within PLUGIN_STDIN_SECONDS. False with a message
 * such as "cannot read /x: No such file or directory", already escaped. The content begins behind
 * a byte order mark. */
#define PLUGIN_STDIN_SECONDS 5
bool plugin_read_file(struct arena *arena, const char *path, bool allow_stdin, size_t most,
                      struct slice *content, char message[static 256]);

#endif
