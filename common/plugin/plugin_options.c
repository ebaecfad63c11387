#include "plugin/plugin_options.h"

#include <stddef.h>

#include "plugin/export.h"

#define DEFAULT_TIMEOUT 10.0
#define OUTPUT_OCTETS_MIN 256
#define OUTPUT_OCTETS_MAX 1048576

#define VALUE(member) offsetof(struct plugin_values, member)

/* For which plugins a row is there. */
enum audience {
    EVERY_PLUGIN,
    WITH_FIGURE,
    WITH_NETWORK,
};

struct common_option {
    struct option_definition option;
    enum audience audience;
};

static const char *const formats[] = {"text", "multi-line", "json", "prometheus", "checkmk", NULL};
static const char *const exports[] = {"man",    "bash",         "icinga2", "nagios", "director",
                                      "zabbix", "zabbix-agent", "json",    NULL};

static const struct common_option judging[] = {
    {{.name = "warning",
      .letter = 'w',
      .kind = OPTION_RANGE,
      .argument = "RANGE",
      .offset = VALUE(common.warning),
      .group = "Thresholds and severity"},
     WITH_FIGURE },
    {{.name = "critical",
      .letter = 'c',
      .kind = OPTION_RANGE,
      .argument = "RANGE",
      .offset = VALUE(common.critical)},
     WITH_FIGURE },
    {{.name = "severity",
      .kind = OPTION_SPECIAL,
      .traits = OPTION_REPEAT,
      .argument = "ID=STATE",
      .help = "Give the finding ID another state: ok, warning, critical, unknown, or ignore to "
              "drop it.",
      .group = "Thresholds and severity"},
     EVERY_PLUGIN},
    {{.name = "exit-ok",
      .kind = OPTION_FLAG,
      .help = "Exit with 0 whatever was found.",
      .offset = VALUE(common.exit_ok)},
     EVERY_PLUGIN},
    {{.name = "always-ok",
      .kind = OPTION_FLAG,
      .traits = OPTION_HIDDEN,
      .offset = VALUE(common.exit_ok)},
     EVERY_PLUGIN},
};

static const struct common_option running[] = {
    {{.name = "timeout",
      .letter = 't',
      .kind = OPTION_SECONDS,
      .argument = "SECONDS",
      .help = "End within this time, fractions allowed. What is known by then is judged and "
              "printed.",
      .unit = "seconds",
      .offset = VALUE(common.timeout),
      .minimum = 0.01,
      .maximum = 3600,
      .group = "Time and network"},
     EVERY_PLUGIN},
    {{.name = "timeout-result",
      .kind = OPTION_STATE,
      .argument = "STATE",
      .help = "State for what the end of the time left unasked: ok, warning, critical or unknown.",
      .default_text = "unknown",
      .offset = VALUE(common.timeout_result)},
     EVERY_PLUGIN},
    {{.name = "use-ipv4",
      .letter = '4',
      .kind = OPTION_FLAG,
      .help = "Use IPv4 only.",
      .offset = VALUE(common.only_v4)},
     WITH_NETWORK},
    {{.name = "use-ipv6",
      .letter = '6',
      .kind = OPTION_FLAG,
      .help = "Use IPv6 only.",
      .offset = VALUE(common.only_v6)},
     WITH_NETWORK},
    {{.name = "resolver",
      .kind = OPTION_ENDPOINT,
      .traits = OPTION_REPEAT,
      .argument = "ADDR[:PORT]",
      .help = "Ask this DNS server; an IPv6 address with a port is written [ADDR]:PORT.",
      .default_text = "the system's resolvers",
      .offset = VALUE(common.resolvers)},
     WITH_NETWORK},
};

static const struct common_option printing[] = {
    {{.name = "verbose",
      .letter = 'v',
      .kind = OPTION_COUNTER,
      .help = "Print every finding with its evidence and its repair; -vv and -vvv print more.",
      .offset = VALUE(common.verbosity),
      .group = "Output"},
     EVERY_PLUGIN},
    {{.name = "output-format",
      .kind = OPTION_WORD,
      .argument = "FORMAT",
      .help = "Form of the output.",
      .default_text = "text",
      .offset = VALUE(output_format),
      .words = formats},
     EVERY_PLUGIN},
    {{.name = "max-output",
      .kind = OPTION_NUMBER,
      .argument = "OCTETS",
      .help = "Cut text output at this size.",
      .default_text = "8192",
      .unit = "octets",
      .offset = VALUE(most_octets),
      .minimum = OUTPUT_OCTETS_MIN,
      .maximum = OUTPUT_OCTETS_MAX},
     EVERY_PLUGIN},
    {{.name = "output-file",
      .kind = OPTION_FILE,
      .traits = OPTION_TERMINAL,
      .argument = "FILE",
      .help = "Put the output into FILE in one step and print nothing, for the textfile collector "
              "of Prometheus.",
      .offset = VALUE(common.output_file)},
     EVERY_PLUGIN},
};

static const struct common_option telling[] = {
    {{.name = "extra-opts",
      .kind = OPTION_SPECIAL,
      .traits = OPTION_OPTIONAL_VALUE | OPTION_REPEAT | OPTION_COMMAND_LINE,
      .argument = "SECTION@FILE",
      .help = "Read options from an ini file first; the command line wins. SECTION is the name of "
              "the program when it is left out, FILE the monitoring-plugins.ini of the system.",
      .group = "Help and configuration"},
     EVERY_PLUGIN},
    {{.name = "help",
      .letter = 'h',
      .kind = OPTION_SPECIAL,
      .traits = OPTION_COMMAND_LINE | OPTION_TERMINAL,
      .help = "Print this help and exit with 3."},
     EVERY_PLUGIN},
    {{.name = "help",
      .letter = '?',
      .kind = OPTION_SPECIAL,
      .traits = OPTION_COMMAND_LINE | OPTION_TERMINAL | OPTION_HIDDEN},
     EVERY_PLUGIN},
    {{.name = "version",
      .letter = 'V',
      .kind = OPTION_SPECIAL,
      .traits = OPTION_COMMAND_LINE | OPTION_TERMINAL,
      .help = "Print the version and exit with 3."},
     EVERY_PLUGIN},
    {{.name = "explain",
      .kind = OPTION_SPECIAL,
      .traits = OPTION_OPTIONAL_VALUE | OPTION_COMMAND_LINE | OPTION_TERMINAL,
      .argument = "ID",
      .help = "Print what the finding ID means, why it matters and how to repair it, or this for "
              "all findings, and exit with 3."},
     EVERY_PLUGIN},
    {{.name = "export",
      .kind = OPTION_SPECIAL,
      .traits = OPTION_COMMAND_LINE | OPTION_TERMINAL,
      .argument = "FORMAT",
      .help = "Print the tables of this program in another form and exit with 0.",
      .words = exports},
     EVERY_PLUGIN},
};

struct common_part {
    const struct common_option *options;
    size_t count;
};

#define PART(array)                                                                                \
    {                                                                                              \
        array, sizeof(array) / sizeof((array)[0])                                                  \
    }
static const struct common_part parts[] = {PART(judging), PART(running), PART(printing),
                                           PART(telling)};
#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

static double default_timeout(const struct plugin_definition *definition)
{
    return definition->default_timeout > 0 ? definition->default_timeout : DEFAULT_TIMEOUT;
}

void plugin_values_init(struct plugin_values *values, const struct plugin_definition *definition)
{
    *values = (struct plugin_values){
        .common = {.timeout = default_timeout(definition), .timeout_result = STATE_UNKNOWN},
        .output_format = formats[0],
        .most_octets = REPORT_TEXT_MAX,
    };
}

static bool is_for(enum audience audience, const struct plugin_definition *definition)
{
    switch (audience) {
    case WITH_FIGURE:
        return definition->figure != NULL;
    case WITH_NETWORK:
        return definition->network;
    default:
        return true;
    }
}

/* What depends on the plugin: the figure of -w and -c, the default of -t. */
static void complete(struct option_definition *option, const struct plugin_definition *definition,
                     struct arena *arena)
{
    if (option->kind == OPTION_RANGE) {
        option->help =
            arena_format(arena, "%s when %s is outside RANGE.%s",
                         option->letter == 'w' ? "WARNING" : "CRITICAL", definition->figure,
                         definition->figure_at_least ? " A bare number N means N or more." : "");
        option->traits |= definition->figure_at_least ? OPTION_AT_LEAST : 0;
    } else if (option->letter == 't') {
        option->default_text = arena_format(arena, "%.15g", default_timeout(definition));
    }
    option->traits |= OPTION_COMMON;
}

const struct option_definition *plugin_options(const struct plugin_definition *definition,
                                               struct arena *arena, size_t *count)
{
    size_t most = definition->option_count;

    for (size_t i = 0; i < PART_COUNT; i++)
        most += parts[i].count;

    struct option_definition *options = arena_array(arena, most, sizeof(*options));
    size_t used = 0;

    while (used < definition->option_count) {
        options[used] = definition->options[used];
        used++;
    }
    for (size_t i = 0; i < PART_COUNT; i++) {
        for (size_t j = 0; j < parts[i].count; j++) {
            if (!is_for(parts[i].options[j].audience, definition))
                continue;
            options[used] = parts[i].options[j].option;
            complete(&options[used], definition, arena);
            used++;
        }
    }
    *count = used;
    return options;
}
