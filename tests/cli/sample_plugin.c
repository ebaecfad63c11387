/*
 * A plugin with one option of each kind, for the tests of what all plugins have in common. It
 * prints what it was given, as details, and finds what --find names.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "mail/ip.h"
#include "plugin/plugin.h"

struct sample_config {
    struct ip_address host;
    const char *domain;
    const char *sender;
    const char *mode;
    long port;
    double pause;
    enum state worst;
    const char *file;
    const char *held;
    const char *key;
    bool strict;
    struct option_list finds, zones, servers, labels;
};

enum sample_finding {
    SAMPLE_BROKEN,
    SAMPLE_OLD_RECORD,
    SAMPLE_UNSURE,
    SAMPLE_NOTE,
};

static const struct finding_definition findings[] = {
    {"sample.broken",                                     STATE_CRITICAL, "the sample is broken",
     "A broken sample delivers no mail. Nobody is told.",                                                                                 "Mend it: v=sample1; p=\"abc\" 'x' ~all",
     "RFC 5321 4.2"                                                                                                                                                                                                },
    {"sample.old-record",                                 STATE_WARNING,  "the sample's record is of an old kind",
     "Receivers stopped reading it.",                                                                                                     "Publish the new one.",                   "RFC 7208 3.1 and RFC 5321 4.5"},
    {"sample.unsure",                                     STATE_UNKNOWN,  "the sample could not be seen",
     "A question without an answer.",                                                                                                     "Ask again.",                             "RFC 2308 7"                   },
    {"sample.note-that-has-an-unusually-long-identifier", STATE_OK,       "a note",                                "It is good to know.",
     ".nothing to do",                                                                                                                                                              "none"                         },
};

static const struct metric_definition metrics[] = {
    {"broken", "",  0, "Broken parts found"       },
    {"time",   "s", 3, "Seconds from start to end"},
};

static const char *const modes[] = {"quick", "whole", NULL};

#define VALUE(member) offsetof(struct sample_config, member)

static const struct option_definition options[] = {
    {
     .name = "hostname",
     .letter = 'H',
     .kind = OPTION_ADDRESS,
     .traits = OPTION_HOST,
     .argument = "ADDRESS",
     .help = "Address to look at.",
     .offset = VALUE(host),
     .group = "What is checked",
     },
    {
     .name = "domain",
     .letter = 'd',
     .kind = OPTION_DOMAIN,
     .traits = OPTION_REQUIRED,
     .argument = "DOMAIN",
     .help = "Domain to look at.",
     .offset = VALUE(domain),
     },
    {
     .name = "zone",
     .kind = OPTION_DOMAIN,
     .traits = OPTION_REPEAT,
     .argument = "ZONE",
     .help = "Zone to ask.",
     .offset = VALUE(zones),
     },
    {
     .name = "server",
     .kind = OPTION_ADDRESS,
     .traits = OPTION_REPEAT,
     .argument = "ADDRESS",
     .help = "Server to ask.",
     .offset = VALUE(servers),
     },
    {
     .name = "label",
     .kind = OPTION_WORD,
     .traits = OPTION_REPEAT,
     .argument = "WORD",
     .help = "A label.",
     .offset = VALUE(labels),
     .words = modes,
     },
    {
     .name = "port",
     .letter = 'p',
     .kind = OPTION_NUMBER,
     .argument = "PORT",
     .help = "Port.",
     .default_text = "25",
     .offset = VALUE(port),
     .minimum = 1,
     .maximum = 65535,
     .group = "How it is checked",
     },
    {
     .name = "sender",
     .letter = 'f',
     .kind = OPTION_TEXT,
     .traits = OPTION_EMPTY,
     .argument = "ADDRESS",
     .help = "Sender; empty is the null reverse-path.",
     .offset = VALUE(sender),
     },
    {
     .name = "mode",
     .kind = OPTION_WORD,
     .argument = "MODE",
     .help = "How much is looked at.",
     .default_text = "quick",
     .offset = VALUE(mode),
     .words = modes,
     },
    {
     .name = "pause",
     .kind = OPTION_SECONDS,
     .argument = "SECONDS",
     .help = "Wait between two looks.",
     .default_text = "0",
     .unit = "seconds",
     .offset = VALUE(pause),
     .minimum = 0,
     .maximum = 60,
     },
    {
     .name = "worst",
     .kind = OPTION_STATE,
     .argument = "STATE",
     .help = "Worst state.",
     .offset = VALUE(worst),
     },
    {
     .name = "file",
     .kind = OPTION_FILE,
     .argument = "FILE",
     .help = "File to read; - is standard input.",
     .offset = VALUE(file),
     },
    {
     .name = "hold",
     .kind = OPTION_FILE,
     .argument = "FILE",
     .help = "File to keep open for writing from start to end.",
     .offset = VALUE(held),
     },
    {
     .name = "key",
     .kind = OPTION_TEXT,
     .traits = OPTION_SECRET,
     .argument = "KEY",
     .help =
            "A secret; better in an ini section. Costs $5 & more, \"quoted\" or 'so' \\ `that`.",       .offset = VALUE(key),
     },
    {
     .name = "strict",
     .kind = OPTION_FLAG,
     .help = "Be strict.",
     .offset = VALUE(strict),
     },
    {
     .name = "find",
     .kind = OPTION_TEXT,
     .traits = OPTION_REPEAT,
     .argument = "ID",
     .help = "Find this.",
     .offset = VALUE(finds),
     },
};

static const struct plugin_example examples[] = {
    {"check_sample -d example.org --find sample.broken",    "Finds that the sample is broken."},
    {"check_sample -d example.org -H 192.0.2.10 -w 1 -c 3", "Warns from one broken part on."  },
};

static const struct plugin_definition definition = {
    .tables = {.plugin = "check_sample",
               .version = "1.2.3",
               .service = "SAMPLE",
               .findings = findings,
               .finding_count = sizeof(findings) / sizeof(findings[0]),
               .metrics = metrics,
               .metric_count = sizeof(metrics) / sizeof(metrics[0])},
    .title = "check nothing, for the tests of what all plugins share",
    .description =
        "Looks at nothing and finds what it is told to find.\n\n"
        "The second paragraph says what the first left out, in a line that is long enough "
        "to be wrapped by every reader of this text.",
    .figure = "the number of broken parts",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .examples = examples,
    .example_count = sizeof(examples) / sizeof(examples[0]),
    .notes = "'Quoted' first word.\n\n.dot first.",
    .default_timeout = 7,
    .network = true,
    .figure_at_least = true,
};

static void tell_list(struct plugin *plugin, const char *name, const struct option_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        report_detail(&plugin->report, 1, "%s=%s", name, list->values[i]);
}

static void tell_config(struct plugin *plugin, const struct sample_config *config)
{
    struct report *report = &plugin->report;
    char printed[IP_TEXT_SIZE];

    report_detail(report, 1, "hostname=%s",
                  config->host.family == IP_NONE ? "none" : ip_print(&config->host, printed));
    report_detail(report, 1, "domain=%s sender=%s mode=%s port=%ld pause=%g strict=%d",
                  config->domain, config->sender, config->mode, config->port, config->pause,
                  config->strict);
    report_detail(report, 1, "worst=%s timeout=%g timeout_result=%s v4=%d v6=%d",
                  state_name(config->worst), plugin->common.timeout,
                  state_name(plugin->common.timeout_result), plugin->common.only_v4,
                  plugin->common.only_v6);
    report_detail(report, 1, "left=%d", (int)(deadline_left(plugin->deadline) / 1000000 + 1));
    tell_list(plugin, "zone", &config->zones);
    tell_list(plugin, "server", &config->servers);
    tell_list(plugin, "label", &config->labels);
    tell_list(plugin, "resolver", &plugin->common.resolvers);
}

static void read_file(struct plugin *plugin, const char *path)
{
    char message[256];
    struct slice content;

    if (!plugin_read_file(&plugin->arena, path, true, 1000, &content, message))
        plugin_usage_error(plugin, "option --file: %s", message);
    report_detail(&plugin->report, 1, "file has %zu octets", content.length);
}

static void find(struct plugin *plugin, const char *what)
{
    size_t index = report_find_id(plugin->report.tables, slice_of(what));

    if (slice_equals_text(slice_of(what), "nothing-works"))
        plugin_give_up(plugin, "nothing works");
    if (index != SIZE_MAX)
        report_add(&plugin->report, index, "the sample", "it is as --find says");
}

int main(int argc, char **argv)
{
    struct sample_config config = {.sender = "nobody", .mode = "quick", .port = 25};
    struct plugin plugin;
    size_t broken = 0;

    plugin_begin(&plugin, &definition, argc, argv, &config);
    int held = config.held != NULL ? open(config.held, O_WRONLY | O_APPEND) : -1;

    report_target(&plugin.report, "%s", config.domain);
    report_summary(&plugin.report, "nothing found");
    tell_config(&plugin, &config);
    if (config.file != NULL)
        read_file(&plugin, config.file);
    for (size_t i = 0; i < config.finds.count; i++) {
        find(&plugin, config.finds.values[i]);
        broken += slice_equals_text(slice_of(config.finds.values[i]), "sample.broken");
    }
    report_metric(&plugin.report, 0, (double)broken);
    report_metric_bounds(&plugin.report, 0, &plugin.common.warning, &plugin.common.critical);
    report_metric(&plugin.report, 1, plugin_elapsed(&plugin));
    if (range_alerts(&plugin.common.critical, (double)broken))
        report_add_as(&plugin.report, SAMPLE_BROKEN, STATE_CRITICAL, "the sample",
                      "%zu broken parts", broken);
    if (config.held != NULL && held < 0)
        plugin_give_up(&plugin, "cannot open %s", config.held);
    plugin_end(&plugin);
}
