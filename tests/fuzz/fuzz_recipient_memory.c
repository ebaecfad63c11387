/* The state file of check_recipient: what is read is written and read again the same, and is
 * bounded. */
#include <stdint.h>
#include <stdlib.h>

#include "recipient_memory.h"

#define NOW 1700000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const struct recipient_memory *memory, struct text *text)
{
    text_clear(text);
    recipient_memory_print(memory, NOW, text);
    if (text->truncated) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct recipient_memory memory, again;
    struct text first, second;
    struct slice lines = slice_new((const char *)data, size);
    text_init(&first, 16 * size + 100000);
    text_init(&second, 16 * size + 100000);
    size_t line = recipient_memory_parse(&arena, lines, &memory);
    if (line != 0 && memory.wait_count + memory.past_count + memory.connection_count != 0) {
        abort();
    }
    print(&memory, &first);
    if (recipient_memory_parse(&arena, text_slice(&first), &again) != 0) {
        abort();
    }
    print(&again, &second);
    if (!slice_equals(text_slice(&first), text_slice(&second))) {
        abort();
    }
    if (recipient_memory_connections(&memory, "192.0.2.25:25", NOW) > memory.connection_count) {
        abort();
    }
    text_release(&first);
    text_release(&second);
    arena_release(&arena);
    return 0;
}
