#include "dnsbl_word.h"

#include <stdio.h>

const struct dnsbl_word *dnsbl_word_find(const struct dnsbl_word *table, struct slice word)
{
    for (; table->word != NULL; table++)
        if (slice_equals_text(word, table->word))
            return table;
    return NULL;
}

const char *dnsbl_word_of(const struct dnsbl_word *table, unsigned value)
{
    for (; table->word != NULL; table++)
        if (table->value == value)
            return table->word;
    return "unset";
}

bool dnsbl_word_fail(char reason[static DNSBL_REASON_SIZE], const char *text)
{
    (void)snprintf(reason, DNSBL_REASON_SIZE, "%s", text);
    return false;
}

bool dnsbl_word_next(struct slice *rest, struct slice *word)
{
    size_t end = 0;

    *rest = slice_trim(*rest, " \t");
    while (end < rest->length && rest->start[end] != ' ' && rest->start[end] != '\t')
        end++;
    *word = slice_sub(*rest, 0, end);
    *rest = slice_sub(*rest, end, rest->length);
    return end > 0;
}

bool dnsbl_word_read(const struct dnsbl_word *table, struct slice word, unsigned *value,
                     char reason[static DNSBL_REASON_SIZE])
{
    const struct dnsbl_word *found = dnsbl_word_find(table, word);
    int length = 0;

    if (found != NULL) {
        *value = found->value;
        return true;
    }
    for (; table->word != NULL && length < DNSBL_REASON_SIZE; table++)
        length += snprintf(reason + length, (size_t)(DNSBL_REASON_SIZE - length), "%s%s",
                           length == 0 ? "" : ", ", table->word);
    if (length < DNSBL_REASON_SIZE)
        (void)snprintf(reason + length, (size_t)(DNSBL_REASON_SIZE - length),
                       ": one of these is wanted, not \"%.*s\"",
                       word.length > 40 ? 40 : (int)word.length, word.start);
    return false;
}
