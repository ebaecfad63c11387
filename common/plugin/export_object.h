/*
 * JSON for the exports: jansson whose failures to get memory end the program, as everywhere else.
 */
#ifndef COMMON_PLUGIN_EXPORT_OBJECT_H
#define COMMON_PLUGIN_EXPORT_OBJECT_H

#include <jansson.h>

#include "base/text.h"

json_t *export_object(void);
json_t *export_array(void);

/* The value is taken over. */
void export_set(json_t *object, const char *key, json_t *value);
/* Valid UTF-8; NULL is null. */
void export_set_text(json_t *object, const char *key, const char *text);
void export_append(json_t *array, json_t *value);

/* Prints the object, indented, in ASCII, with its keys in the order in which they were set, and
 * releases it. */
void export_dump(json_t *object, struct text *out);

#endif
