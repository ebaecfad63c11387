/*
 * YAML 1.2 for the exports, as Zabbix writes it: block style, strings without quotes where they can
 * be read as nothing else, else in single quotes. It says what the JSON says, so the trees are made
 * with export_object.h.
 */
#ifndef COMMON_PLUGIN_EXPORT_YAML_H
#define COMMON_PLUGIN_EXPORT_YAML_H

#include <jansson.h>

#include "base/text.h"

/* Prints the object and releases it. Its values are strings, objects and arrays; arrays have
 * objects or strings. */
void export_yaml_dump(json_t *object, struct text *out);

#endif
