/* A key table and a signing table made of the same text, and which rows are for a domain. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/signing_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_new((const char *)data, size);
    struct arena arena;
    struct key_table keys;
    struct signing_table signing;
    arena_init(&arena);
    if (key_table_parse(&arena, text, &keys) != (keys.bad_line == 0))
        abort();
    for (size_t i = 0; i < keys.count; i++) {
        if (keys.rows[i].domain.length == 0 || keys.rows[i].selector.length == 0)
            abort();
        if (key_table_find(&keys, keys.rows[i].name) == NULL)
            abort();
    }
    if (signing_table_parse(&arena, text, &signing) != (signing.bad_line == 0))
        abort();
    for (size_t i = 0; i < signing.count; i++) {
        if (signing.rows[i].pattern.length == 0 || signing.rows[i].key_name.length == 0)
            abort();
        signing_table_row_is_for(&signing.rows[i], "news.example.org");
        signing_table_row_is_plain(&signing.rows[i]);
    }
    arena_release(&arena);
    return 0;
}
