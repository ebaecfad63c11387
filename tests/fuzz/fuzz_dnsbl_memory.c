/* Any lines of a state file. What was read and written is read again as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dnsbl.h"

#define NOW 1700000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* False when some line is none. */
static bool read_and_print(struct slice lines, struct text *out)
{
    static const struct dnsbl_list lists[] = {
        {.zone = "bl.test", .targets = DNSBL_IP4},
        {.zone = "b2.test", .targets = DNSBL_IP4}
    };
    struct dnsbl_choice choices[] = {
        {.list = &lists[0]},
        { .list = &lists[1],      .source = 1}
    };
    struct arena arena;
    arena_init(&arena);
    struct dnsbl_facts facts = {.arena = &arena, .choices = choices, .choice_count = 2};
    bool is_read = dnsbl_memory_read(&facts, lines, NOW) == 0;
    for (size_t i = 0; i < 2; i++) {
        bool is_left = choices[i].skip == DNSBL_SKIP_BACK_OFF;
        require(is_left || choices[i].skip == DNSBL_ASKED);
        if (is_left)
            require(is_read && choices[i].back_off_until > NOW &&
                    choices[i].back_off_until <= NOW + 3600);
    }
    dnsbl_memory_print(&facts, NOW, out);
    dnsbl_forget(&facts);
    arena_release(&arena);
    return is_read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text first;
    struct text second;
    text_init(&first, 1 << 20);
    text_init(&second, 1 << 20);
    struct slice lines = slice_new(size == 0 ? "" : (const char *)data, size);
    bool is_read = read_and_print(lines, &first);
    require(is_read || first.length == 0);
    require(read_and_print(text_slice(&first), &second));
    require(slice_equals(text_slice(&first), text_slice(&second)));
    text_release(&first);
    text_release(&second);
    return 0;
}
