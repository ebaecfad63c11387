/* A DMARC record: read and repaired. What comes out of the repair must be a record, and stay as it
 * is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/dmarc_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct dmarc_record record;
    struct slice text = slice_new((const char *)data, size);
    if (size > 2000)
        return 0;
    arena_init(&arena);
    dmarc_record_parse(&arena, text, &record);
    dmarc_record_has_reporting(&record);
    for (size_t i = 0; i < record.tags.count; i++)
        dmarc_record_likely_tag(record.tags.tags[i].name);
    const char *repaired = dmarc_record_repair(&arena, text);
    dmarc_record_parse(&arena, slice_of(repaired), &record);
    if (!record.is_record || !record.policy.is_valid ||
        strcmp(dmarc_record_repair(&arena, slice_of(repaired)), repaired) != 0)
        abort();
    arena_release(&arena);
    return 0;
}
