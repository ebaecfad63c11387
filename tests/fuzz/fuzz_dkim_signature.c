/* The value of a DKIM-Signature field. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/dkim_signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct dkim_signature signature;
    arena_init(&arena);
    dkim_signature_parse(&arena, slice_new((const char *)data, size), &signature);
    if (signature.fault == DKIM_SIGNATURE_FINE &&
        (dkim_signature_signs(&signature, "FROM") == 0 || signature.domain[0] == '\0' ||
         signature.selector[0] == '\0' || !signature.identity))
        abort();
    arena_release(&arena);
    return 0;
}
