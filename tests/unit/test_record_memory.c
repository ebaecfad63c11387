#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cases.h"
#include "plugin/state_file.h"
#include "record_memory.h"

#define KIND "test 1"
#define MOST 20000

static char path[] = "/tmp/test_record_memory.XXXXXX";

/* A file of its own, empty: a first run. */
static void enter(void)
{
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
}

static struct record_memory run(struct arena *arena, int64_t now, const char *key,
                                const char *record)
{
    struct record_memory memory = {.key = key, .record = record};
    assert_null(record_memory_update(arena, path, KIND, now, &memory, 1));
    return memory;
}

static void test_change(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena);
    enter();
    struct record_memory memory = run(&arena, 100, "a.test", "one");
    assert_true(memory.is_remembered);
    assert_false(memory.has_changed);
    assert_int_equal(memory.since, 100);
    memory = run(&arena, 200, "a.test", "one");
    assert_int_equal(memory.since, 100);
    memory = run(&arena, 300, "a.test", NULL);
    assert_false(memory.has_changed);
    memory = run(&arena, 400, "a.test", "two\tand \\ \xff");
    assert_true(memory.has_changed);
    assert_int_equal(memory.since, 400);
    assert_string_equal(memory.previous, "one");
    memory = run(&arena, 500, "a.test", "two\tand \\ \xff");
    assert_int_equal(memory.since, 400);
    memory = run(&arena, 600, "b.test", NULL);
    assert_false(memory.is_remembered);
    unlink(path);
    arena_release(&arena);
}

/* What was written can be read again, however many names were ever checked. */
static void test_full(void **state)
{
    struct arena arena;
    struct text text;
    char message[256];
    (void)state;
    arena_init(&arena);
    enter();
    text_init(&text, STATE_FILE_MAX);
    for (int i = 0; i < MOST; i++)
        text_printf(&text, "%d.test\t1\t0\tv\t\n", i);
    assert_true(state_file_write(path, KIND, text_slice(&text), message));
    text_release(&text);
    struct record_memory memory = run(&arena, 100, "new.test", "v");
    assert_int_equal(memory.since, 100);
    memory = run(&arena, 200, "new.test", "v");
    assert_int_equal(memory.since, 100);
    memory = run(&arena, 200, "1.test", "v");
    assert_int_equal(memory.since, 1);
    memory = run(&arena, 200, "0.test", "v");
    assert_int_equal(memory.since, 200);
    unlink(path);
    arena_release(&arena);
}

int main(void)
{
    struct cases cases = {0};
    cases_add(&cases, "a change is known by its time and by what was there before", test_change,
              NULL);
    cases_add(&cases, "a file that is full forgets the oldest name", test_full, NULL);
    return cases_run(&cases, "record_memory");
}
