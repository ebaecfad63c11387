/*
 * The option, finding and metric tables in other forms: help, --explain, and --export. What an
 * administrator reads and what an engine is configured with comes from the tables that the program
 * itself runs by.
 *
 * Names for engines. The command of check_dnsbl is "postmaster_dnsbl" everywhere: Icinga 2 object,
 * Director command, Nagios command_name. The word of the suite stands first because an engine
 * refuses to start when a name is defined twice, and many sites have a "dnsbl" of their own.
 * Variables are the command's name, "_" and the long option with "_" for "-":
 * postmaster_dnsbl_output_format. These names are part of metric paths and of people's
 * configurations: they never change.
 *
 * Options with OPTION_TERMINAL or OPTION_SECRET stand in no engine's definition; a secret comes
 * from a file or an ini section.
 */
#ifndef COMMON_PLUGIN_EXPORT_H
#define COMMON_PLUGIN_EXPORT_H

#include "base/text.h"
#include "plugin/plugin.h"

enum export_format {
    EXPORT_MAN,          /* man page, section 1, roff man(7) macros, groff- and mandoc-lint clean */
    EXPORT_BASH,         /* bash completion function and its `complete` line; bash 4.0 or later */
    EXPORT_ICINGA2,      /* CheckCommand; no `separator` key, which Icinga 2.13 refuses */
    EXPORT_NAGIOS,       /* command definitions */
    EXPORT_DIRECTOR,     /* Icinga Director basket */
    EXPORT_ZABBIX,       /* templates of Zabbix 6.0, YAML */
    EXPORT_ZABBIX_AGENT, /* UserParameter of the Zabbix agent */
    EXPORT_JSON,         /* all tables as data */
};
bool export_format_parse(struct slice text, enum export_format *format);

/* All options of a plugin: its own, then the common ones. Memory from the arena. */
const struct option_definition *plugin_options(const struct plugin_definition *definition,
                                               struct arena *arena, size_t *count);

void export_write(const struct plugin_definition *definition, enum export_format format,
                  struct arena *arena, struct text *out);
/* --help: at most 80 columns, as long as no single word is longer. */
void export_help(const struct plugin_definition *definition, struct arena *arena, struct text *out);
/* --version: one line. */
void export_version(const struct report_tables *tables, struct text *out);
/* --explain: one finding, or all when `index` is SIZE_MAX. */
void export_explain(const struct report_tables *tables, size_t index, struct text *out);

/* Of the whole suite, in one file. */
void export_zabbix_suite(const struct plugin_definition *const *definitions, size_t count,
                         struct arena *arena, struct text *out);
void export_director_suite(const struct plugin_definition *const *definitions, size_t count,
                           struct arena *arena, struct text *out);

/* A Grafana dashboard: a row per plugin, a panel per metric, from what Icinga 2 writes into
 * InfluxDB or Graphite by its default templates. */
enum export_source {
    EXPORT_INFLUXDB, /* InfluxQL; measurement: the command, tag metric: the label */
    EXPORT_GRAPHITE, /* icinga2.HOST.services.SERVICE.COMMAND.perfdata.LABEL.value */
};
void export_grafana_suite(const struct plugin_definition *const *definitions, size_t count,
                          enum export_source source, struct arena *arena, struct text *out);

/* One file per format; export_write chooses. */
void export_man(const struct plugin_definition *definition, struct arena *arena, struct text *out);
void export_bash(const struct plugin_definition *definition, struct arena *arena, struct text *out);
void export_icinga2(const struct plugin_definition *definition, struct arena *arena,
                    struct text *out);
void export_nagios(const struct plugin_definition *definition, struct arena *arena,
                   struct text *out);
void export_director(const struct plugin_definition *definition, struct arena *arena,
                     struct text *out);
void export_zabbix(const struct plugin_definition *definition, struct arena *arena,
                   struct text *out);
void export_zabbix_agent(const struct plugin_definition *definition, struct arena *arena,
                         struct text *out);
void export_json(const struct plugin_definition *definition, struct arena *arena, struct text *out);

#endif
