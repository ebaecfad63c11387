/*
 * The options that every plugin has, as a table like a plugin's own, and where their values go.
 */
#ifndef COMMON_PLUGIN_PLUGIN_OPTIONS_H
#define COMMON_PLUGIN_PLUGIN_OPTIONS_H

#include "plugin/plugin.h"

/* Base of the offsets of OPTION_COMMON rows. */
struct plugin_values {
    struct plugin_common common;
    const char *output_format; /* a word of report_format_parse */
    long most_octets;
};

void plugin_values_init(struct plugin_values *values, const struct plugin_definition *definition);

#endif
