/* A TLS reporting record: read and repaired. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/tlsrpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct tlsrpt_record record;
    if (size > 2000)
        return 0;
    arena_init(&arena);
    tlsrpt_record_parse(&arena, slice_new((const char *)data, size), &record);
    const char *repaired = tlsrpt_record_repair(&arena, &record, "example.org");
    tlsrpt_record_parse(&arena, slice_of(repaired), &record);
    if (!tlsrpt_record_is_usable(&record))
        abort();
    arena_release(&arena);
    return 0;
}
