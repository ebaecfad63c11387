/*
 * The words of the catalogue: tables of a word and its value, and reading them.
 */
#ifndef PLUGINS_DNSBL_WORD_H
#define PLUGINS_DNSBL_WORD_H

#include <stdbool.h>

#include "base/slice.h"

/* A table ends with a NULL word. */
struct dnsbl_word {
    const char *word;
    unsigned value;
};

/* What is wrong with a value, one clause, for "file:line: ...". */
#define DNSBL_REASON_SIZE 256

/* The row of a word, or NULL. Case counts. */
const struct dnsbl_word *dnsbl_word_find(const struct dnsbl_word *table, struct slice word);

/* The word of a value; "unset" when the table has none. */
const char *dnsbl_word_of(const struct dnsbl_word *table, unsigned value);

/* Takes the next word up to a blank from *rest; false at the end. */
bool dnsbl_word_next(struct slice *rest, struct slice *word);

/* The value of the word. False with the words that would do. */
bool dnsbl_word_read(const struct dnsbl_word *table, struct slice word, unsigned *value,
                     char reason[static DNSBL_REASON_SIZE]);

/* Always false: prints the reason. */
bool dnsbl_word_fail(char reason[static DNSBL_REASON_SIZE], const char *text);

#endif
