/* A list of reporting URIs; the first octet says whether https is welcome. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/dmarc_uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct dmarc_uris uris;
    if (size == 0)
        return 0;
    arena_init(&arena);
    dmarc_uris_parse(&arena, slice_new((const char *)data + 1, size - 1), data[0] & 1, &uris);
    for (size_t i = 0; i < uris.count; i++)
        if (uris.list[i].fault == DMARC_URI_FINE && uris.list[i].domain[0] == '\0')
            abort();
    arena_release(&arena);
    return 0;
}
