#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "cases.h"

/* The sanitizer's allocator ends the program where malloc() answers NULL; it asks here whether it
 * should. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* A quarter of what can be counted: nothing overflows, and no machine has it. The compiler must not
 * see it. */
static volatile size_t too_large = SIZE_MAX / 4;
static volatile size_t largest = SIZE_MAX;

/* Still reachable when the program ends: no leak for those who look. */
static void *volatile kept;

static void new_too_large(void)
{
    free(memory_new(1, too_large));
}

static void new_product(void)
{
    free(memory_new(largest, 2));
}

static void new_product_that_wraps_to_a_small_one(void)
{
    free(memory_new(SIZE_MAX / 16 + 2, 16));
}

static void resize_too_large(void)
{
    kept = memory_new(1, 1);
    kept = memory_resize(kept, 1, too_large);
}

static void resize_product(void)
{
    kept = memory_new(1, 1);
    kept = memory_resize(kept, 2, largest);
}

static void grow_product(void)
{
    size_t capacity = 0;

    free(memory_grow(NULL, &capacity, SIZE_MAX / 2, 4));
}

static void arena_too_large(void)
{
    struct arena arena = {0};

    arena_alloc(&arena, too_large);
}

static void arena_largest(void)
{
    struct arena arena = {0};

    arena_alloc(&arena, largest);
}

static void arena_almost_largest(void)
{
    struct arena arena = {0};

    arena_alloc(&arena, largest - 40);
}

static void arena_product(void)
{
    struct arena arena = {0};

    arena_array(&arena, SIZE_MAX / 8 + 2, 8);
}

static void arena_slice_of_the_largest_length(void)
{
    struct arena arena = {0};

    arena_copy_slice(&arena, slice_new("", largest));
}

static void text_without_maximum(void)
{
    struct text text;

    text_init(&text, SIZE_MAX);
    text_append_repeat(&text, 'x', too_large);
    text_release(&text);
}

static void text_of_the_largest_length(void)
{
    struct text text;

    text_init(&text, SIZE_MAX);
    text_append_repeat(&text, 'x', largest);
    text_release(&text);
}

static void say_late(void)
{
    static const char late[] = "too late\n";

    if (write(STDOUT_FILENO, late, sizeof(late) - 1) < 0)
        abort();
}

static void exhausted_with_a_handler(void)
{
    atexit(say_late);
    memory_exhausted();
}

static const struct exhausting {
    const char *label;
    void (*run)(void);
} exhausting[] = {
    {"memory_new: more than there is",                            new_too_large                        },
    {"memory_new: a product over SIZE_MAX",                       new_product                          },
    {"memory_new: a product that wraps to 16",                    new_product_that_wraps_to_a_small_one},
    {"memory_resize: more than there is",                         resize_too_large                     },
    {"memory_resize: a product over SIZE_MAX",                    resize_product                       },
    {"memory_grow: a product over SIZE_MAX",                      grow_product                         },
    {"arena_alloc: more than there is",                           arena_too_large                      },
    {"arena_alloc: SIZE_MAX, which rounding would wrap",          arena_largest                        },
    {"arena_alloc: a size that the block's head would wrap",      arena_almost_largest                 },
    {"arena_array: a product that wraps to 8",                    arena_product                        },
    {"arena_copy_slice: no room to count the NUL",                arena_slice_of_the_largest_length    },
    {"text_append_repeat: more than there is, without a maximum", text_without_maximum                 },
    {"text_append_repeat: no room to count the NUL",              text_of_the_largest_length           },
    {"no handler of atexit() adds to the line",                   exhausted_with_a_handler             },
};

/* Runs it in a child and reads what the child writes to standard output. */
static int run_in_child(void (*run)(void), char *output, size_t size)
{
    int ends[2];
    int status = 0;
    size_t length = 0;
    ssize_t got;

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);

    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        int silence = open("/dev/null", O_WRONLY);

        dup2(ends[1], STDOUT_FILENO);
        dup2(silence, STDERR_FILENO);
        run();
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], output + length, size - 1 - length)) > 0)
        length += (size_t)got;
    output[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void test_exhausting(void **state)
{
    const struct exhausting *row = *state;
    char output[200];
    int status = run_in_child(row->run, output, sizeof(output));

    assert_string_equal(output, "UNKNOWN - out of memory\n");
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
}

static void test_new_is_zeroed(void **state)
{
    (void)state;
    static const unsigned char zeros[1000];
    unsigned char *block = memory_new(100, 10);

    assert_memory_equal(block, zeros, sizeof(zeros));
    free(block);
}

static void test_nothing_is_a_block(void **state)
{
    (void)state;
    void *blocks[] = {memory_new(0, 8), memory_new(8, 0), memory_new(0, 0),
                      memory_resize(NULL, 0, 8), memory_resize(memory_new(1, 1), 8, 0)};

    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        assert_non_null(blocks[i]);
        free(blocks[i]);
    }
}

static void test_resize_keeps_the_content(void **state)
{
    (void)state;
    char *block = memory_new(6, 1);

    memcpy(block, "hello", 6);
    block = memory_resize(block, 100000, 1);
    assert_string_equal(block, "hello");
    block = memory_resize(block, 6, 1);
    assert_string_equal(block, "hello");
    free(block);
}

static void test_grow_keeps_the_content(void **state)
{
    (void)state;
    size_t capacity = 0;
    unsigned *numbers = NULL;

    for (unsigned i = 0; i < 10000; i++) {
        numbers = memory_grow(numbers, &capacity, i + 1, sizeof(*numbers));
        assert_true(capacity > i);
        numbers[i] = i;
    }
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(numbers[i], i);
    free(numbers);
}

/* Half more at each step from 8 to 100,000 is some 24 moves; one element more would be 100,000. */
static void test_grow_moves_seldom(void **state)
{
    (void)state;
    size_t capacity = 0;
    size_t moves = 0;
    char *array = NULL;

    for (size_t need = 1; need <= 100000; need++) {
        size_t before = capacity;

        array = memory_grow(array, &capacity, need, 1);
        moves += capacity != before;
    }
    assert_in_range(moves, 2, 30);
    assert_in_range(capacity, 100000, 150000);
    free(array);
}

static void test_grow_with_room_is_no_change(void **state)
{
    (void)state;
    size_t capacity = 10;
    char *array = memory_new(capacity, 1);

    assert_ptr_equal(memory_grow(array, &capacity, 10, 1), array);
    assert_ptr_equal(memory_grow(array, &capacity, 0, 1), array);
    assert_int_equal(capacity, 10);
    free(array);
}

static void test_grow_takes_a_leap(void **state)
{
    (void)state;
    size_t capacity = 0;
    char *array = memory_grow(NULL, &capacity, 5000, 3);

    assert_in_range(capacity, 5000, 7500);
    memset(array, 'x', capacity * 3);
    free(array);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_exhausting, exhausting);
    cases_add(&cases, "memory_new: octets are zero", test_new_is_zeroed, NULL);
    cases_add(&cases, "nothing is a block too", test_nothing_is_a_block, NULL);
    cases_add(&cases, "memory_resize: keeps the content", test_resize_keeps_the_content, NULL);
    cases_add(&cases, "memory_grow: keeps the content", test_grow_keeps_the_content, NULL);
    cases_add(&cases, "memory_grow: grows by half, not by one", test_grow_moves_seldom, NULL);
    cases_add(&cases, "memory_grow: nothing moves while there is room",
              test_grow_with_room_is_no_change, NULL);
    cases_add(&cases, "memory_grow: far at once", test_grow_takes_a_leap, NULL);
    return cases_run(&cases, "memory");
}
