/* The state file of check_bounces: what can be read is written, read again and written the same. */
#include <stdint.h>
#include <stdlib.h>

#include "bounces_memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool pass(struct arena *arena, struct slice lines, struct text *out)
{
    struct bounces_tally tally;
    struct bounces_memory memory;
    bounces_tally_init(&tally, arena, 3600, 1795000000);
    bounces_memory_init(&memory, arena);
    bool is_read = bounces_memory_read(&memory, &tally, lines) == 0;
    if (is_read)
        bounces_memory_print(&memory, &tally, out);
    bounces_memory_release(&memory);
    bounces_tally_release(&tally);
    return is_read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct text first;
    struct text second;
    arena_init(&arena);
    text_init(&first, 1024 * 1024);
    text_init(&second, 1024 * 1024);
    if (pass(&arena, slice_new((const char *)data, size), &first) && !first.truncated &&
        (!pass(&arena, text_slice(&first), &second) ||
         !slice_equals(text_slice(&first), text_slice(&second))))
        abort();
    text_release(&first);
    text_release(&second);
    arena_release(&arena);
    return 0;
}
