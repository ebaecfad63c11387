/* The state file of check_open_relay: what is read is written and read again the same, and is
 * bounded. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "relay_memory.h"

#define NOW 1700000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct relay_memory_subject SUBJECT = {"d.test", "f@x.example", "t@x.example", "-"};

static void make_plan(struct arena *arena, struct relay_table *table, struct relay_plan *plan)
{
    static const char PROBES[] = "A1 relay deciding - <{F}> <{T}>\n"
                                 "B3 routed default - <{F}> <{L}%{X}@{D}>\n"
                                 "C-C control-us default - <> <postmaster@{D}>\n";
    static const struct relay_limits limits = {
        .per_session = 2,
        .max_sessions = 8,
        .most_connections = 15,
        .interval = 1,
        .keep = 900,
    };
    static const struct relay_choice choice = {.last = RELAY_SET_DEFAULT};
    char message[256];
    table->count = 0;
    if (!relay_probe_read(table, arena, slice_of(PROBES), "f", message)) {
        abort();
    }
    relay_plan_init(plan, arena, &limits, table, &choice);
}

static void print(const struct relay_plan *plan, struct text *text)
{
    text_clear(text);
    relay_memory_print_subject(&SUBJECT, text);
    relay_memory_print(plan, "t:25", NOW, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct relay_table table = {0};
    struct relay_plan plan, again;
    struct text first, second;
    text_init(&first, 1000000);
    text_init(&second, 1000000);
    make_plan(&arena, &table, &plan);
    size_t line = relay_memory_read(slice_new((const char *)data, size), &arena, &SUBJECT, "t:25",
                                    NOW, &plan);
    if (line != 0 && plan.connection_count != 0) {
        abort();
    }
    print(&plan, &first);
    make_plan(&arena, &table, &again);
    if (relay_memory_read(text_slice(&first), &arena, &SUBJECT, "t:25", NOW, &again) != 0) {
        abort();
    }
    print(&again, &second);
    if (!slice_equals(text_slice(&first), text_slice(&second))) {
        abort();
    }
    text_release(&first);
    text_release(&second);
    arena_release(&arena);
    return 0;
}
