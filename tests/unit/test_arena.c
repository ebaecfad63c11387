#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cases.h"

static const struct size {
    const char *label;
    size_t size;
} sizes[] = {
    {"nothing",                        0                       },
    {"one octet",                      1                       },
    {"one less than the alignment",    alignof(max_align_t) - 1},
    {"the alignment",                  alignof(max_align_t)    },
    {"one more than the alignment",    alignof(max_align_t) + 1},
    {"a quarter of a block",           2048                    },
    {"more than a quarter of a block", 2049                    },
    {"a block",                        8192                    },
    {"more than a block",              8193                    },
    {"a megabyte",                     1 << 20                 },
};

static bool is_zeroed(const unsigned char *octets, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

/* Thirty of a size: zeroed, aligned, and none lies over another. */
static void test_sizes(void **state)
{
    const struct size *row = *state;
    struct arena arena;
    unsigned char *blocks[30];
    const size_t count = sizeof(blocks) / sizeof(blocks[0]);

    arena_init(&arena);
    for (size_t i = 0; i < count; i++) {
        blocks[i] = arena_alloc(&arena, row->size);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % alignof(max_align_t), 0);
        assert_true(is_zeroed(blocks[i], row->size));
        memset(blocks[i], (int)i + 1, row->size);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t octet = 0; octet < row->size; octet++)
            if (blocks[i][octet] != i + 1)
                fail_msg("block %zu was written over", i);
    assert_int_equal(arena.used, row->size * count);
    arena_release(&arena);
}

static void test_small_pieces_share_a_block(void **state)
{
    (void)state;
    struct arena arena = {0};
    char *first = arena_alloc(&arena, 1);
    char *second = arena_alloc(&arena, 1);

    assert_ptr_equal(second, first + alignof(max_align_t));
    arena_release(&arena);
}

/* A large piece between two small ones doesn't cost the room after the first. */
static void test_large_piece_has_a_block_of_its_own(void **state)
{
    (void)state;
    struct arena arena = {0};
    char *before = arena_alloc(&arena, 16);

    for (int i = 0; i < 10; i++)
        memset(arena_alloc(&arena, 100000), 'x', 100000);
    assert_ptr_equal(arena_alloc(&arena, 16), before + 16);
    arena_release(&arena);
}

static void test_large_piece_comes_first(void **state)
{
    (void)state;
    struct arena arena = {0};

    memset(arena_alloc(&arena, 100000), 'x', 100000);

    char *small = arena_alloc(&arena, 16);

    memset(small, 'y', 16);
    assert_ptr_equal(arena_alloc(&arena, 16), small + 16);
    arena_release(&arena);
}

static void test_usable_after_release(void **state)
{
    (void)state;
    struct arena arena = {0};

    arena_release(&arena);
    arena_copy(&arena, "first run");
    arena_release(&arena);
    assert_int_equal(arena.used, 0);
    assert_null(arena.blocks);
    assert_string_equal(arena_copy(&arena, "second run"), "second run");
    arena_release(&arena);
}

/* Of each size, small ones behind it: what was written there is gone. */
static void test_reset(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    arena_reset(&arena);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (unsigned piece = 0; piece < 300; piece++)
            memset(arena_alloc(&arena, 40), 0xAA, 40);
        memset(arena_alloc(&arena, sizes[i].size), 0xAA, sizes[i].size);
        arena_reset(&arena);
        assert_int_equal(arena.used, 0);
        for (unsigned piece = 0; piece < 300; piece++)
            assert_true(is_zeroed(arena_alloc(&arena, 40), 40));
        arena_reset(&arena);
    }
    arena_release(&arena);
}

static void test_reset_keeps_a_block(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    const void *before = arena_alloc(&arena, 1);
    arena_reset(&arena);
    assert_ptr_equal(arena_alloc(&arena, 1), before);
    arena_release(&arena);

    (void)arena_alloc(&arena, 1 << 20); /* none of the usual size */
    arena_reset(&arena);
    assert_null(arena.blocks);
    arena_release(&arena);
}

static void test_array(void **state)
{
    (void)state;
    struct arena arena = {0};
    uint64_t *numbers = arena_array(&arena, 1000, sizeof(*numbers));

    assert_true(is_zeroed((const unsigned char *)numbers, 8000));
    numbers[999] = UINT64_MAX;
    assert_int_equal(arena.used, 8000);
    assert_non_null(arena_array(&arena, 0, 8));
    assert_non_null(arena_array(&arena, 8, 0));
    arena_release(&arena);
}

static void test_copies(void **state)
{
    (void)state;
    struct arena arena = {0};
    char source[] = "a\0b";
    char *copy = arena_copy_slice(&arena, slice_new(source, 3));
    char *bytes = arena_copy_bytes(&arena, source, 3);
    char *text = arena_copy(&arena, source);

    source[0] = 'x';
    assert_memory_equal(copy, "a\0b", 4);
    assert_memory_equal(bytes, "a\0b", 3);
    assert_string_equal(text, "a");
    assert_string_equal(arena_copy(&arena, ""), "");
    assert_string_equal(arena_copy_slice(&arena, (struct slice){0}), "");
    assert_non_null(arena_copy_bytes(&arena, NULL, 0));
    arena_release(&arena);
}

/* The piece after a text that fills its room to the last octet doesn't touch the text's NUL. */
static void test_copy_of_a_full_piece(void **state)
{
    (void)state;
    struct arena arena = {0};
    char *copy = arena_copy_slice(&arena, SLICE_LITERAL("0123456789abcdef"));

    memset(arena_alloc(&arena, 16), 'x', 16);
    assert_string_equal(copy, "0123456789abcdef");
    copy = arena_format(&arena, "%s", "0123456789abcdef");
    memset(arena_alloc(&arena, 16), 'x', 16);
    assert_string_equal(copy, "0123456789abcdef");
    arena_release(&arena);
}

static void test_format(void **state)
{
    (void)state;
    struct arena arena = {0};

    assert_string_equal(arena_format(&arena, "%s has %d of %d", "example.org", 11, 10),
                        "example.org has 11 of 10");
    assert_string_equal(arena_format(&arena, "%s", ""), "");

    char *long_one = arena_format(&arena, "%050000d", 7);

    assert_int_equal(strlen(long_one), 50000);
    assert_int_equal(long_one[49999], '7');
    arena_release(&arena);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_sizes, sizes);
    cases_add(&cases, "small pieces share a block", test_small_pieces_share_a_block, NULL);
    cases_add(&cases, "a large piece has a block of its own",
              test_large_piece_has_a_block_of_its_own, NULL);
    cases_add(&cases, "the first piece is a large one", test_large_piece_comes_first, NULL);
    cases_add(&cases, "usable after release", test_usable_after_release, NULL);
    cases_add(&cases, "zeroed after reset", test_reset, NULL);
    cases_add(&cases, "reset keeps a block, unless there is but a large one",
              test_reset_keeps_a_block, NULL);
    cases_add(&cases, "an array is zeroed", test_array, NULL);
    cases_add(&cases, "copies are independent and end with NUL", test_copies, NULL);
    cases_add(&cases, "the NUL has room of its own", test_copy_of_a_full_piece, NULL);
    cases_add(&cases, "formatted text of any length", test_format, NULL);
    return cases_run(&cases, "arena");
}
