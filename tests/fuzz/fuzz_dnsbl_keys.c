/* Any file as a key file; then the same octets as text that may hold a key. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dnsbl_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dnsbl_keys keys;
    struct slice text = slice_new((const char *)data, size);
    char message[DNSBL_KEYS_MESSAGE_SIZE] = "";
    struct arena arena;

    memset(&keys, 0, sizeof keys);
    arena_init(&arena);
    bool good = dnsbl_keys_read(&keys, &arena, text, "keys", message);
    if (good == (message[0] != '\0'))
        abort();
    struct slice masked = dnsbl_keys_mask(&keys, &arena, text);
    for (size_t i = 0; i < keys.count; i++)
        if (keys.keys[i].is_secret && slice_find_text(masked, keys.keys[i].value) < masked.length)
            abort();
    arena_release(&arena);
    return 0;
}
