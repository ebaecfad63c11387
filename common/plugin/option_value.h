/*
 * Values of options: text to the typed member that a row of the option table names.
 */
#ifndef COMMON_PLUGIN_OPTION_VALUE_H
#define COMMON_PLUGIN_OPTION_VALUE_H

#include "plugin/option.h"

/* The option wants a value; one with OPTION_OPTIONAL_VALUE does too. */
bool option_takes_value(const struct option_definition *definition);

/* Checks `value` (NULL for options without one) and stores it below `base`. Returns NULL, or what
 * was expected: "a whole number from 1 to 65535". Nothing is stored then. Memory from the arena. */
const char *option_store(const struct option_definition *definition, const char *value, void *base,
                         struct arena *arena);

/* "text, json or prometheus", from a NULL-terminated list. */
const char *option_words_joined(const char *const *words, struct arena *arena);

#endif
