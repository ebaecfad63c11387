/* A key record: read, judged, printed. What is printed must read as the same key. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/dkim_weak.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct dkim_key key, again;
    arena_init(&arena);
    dkim_key_parse(&arena, slice_new((const char *)data, size), &key);
    dkim_weak(&key);
    dkim_key_is_foreign(&key);
    const char *printed = dkim_key_print(&arena, &key);
    if (printed && key.rsa_key) {
        dkim_key_parse(&arena, slice_of(printed), &again);
        if (again.fault != DKIM_KEY_FINE || again.modulus_length != key.modulus_length ||
            memcmp(again.modulus, key.modulus, key.modulus_length) != 0)
            abort();
    }
    arena_release(&arena);
    return 0;
}
