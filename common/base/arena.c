#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BLOCK_SIZE 8192
#define LARGE_SIZE (BLOCK_SIZE / 4)

struct arena_block {
    struct arena_block *next;
    size_t capacity;
    size_t used;
    alignas(max_align_t) unsigned char octets[];
};

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void arena_release(struct arena *arena)
{
    struct arena_block *block = arena->blocks;

    while (block != NULL) {
        struct arena_block *next = block->next;

        free(block);
        block = next;
    }
    arena_init(arena);
}

void arena_reset(struct arena *arena)
{
    struct arena_block *kept = arena->blocks;

    if (kept == NULL || kept->capacity != BLOCK_SIZE) {
        arena_release(arena);
        return;
    }
    arena->blocks = kept->next;
    arena_release(arena);
    memset(kept->octets, 0, kept->used);
    kept->used = 0;
    kept->next = NULL;
    arena->blocks = kept;
}

static struct arena_block *block_new(size_t capacity)
{
    if (capacity > SIZE_MAX - sizeof(struct arena_block))
        memory_exhausted();

    struct arena_block *block = memory_new(1, sizeof(*block) + capacity);

    block->capacity = capacity;
    return block;
}

/* A block for `size` octets. What is large gets a block of its own behind the first one, whose free
 * room stays in use. */
static struct arena_block *block_for(struct arena *arena, size_t size)
{
    struct arena_block *first = arena->blocks;

    if (first != NULL && size <= first->capacity - first->used)
        return first;

    struct arena_block *block = block_new(size > LARGE_SIZE ? size : BLOCK_SIZE);

    if (first != NULL && size > LARGE_SIZE) {
        block->next = first->next;
        first->next = block;
    } else {
        block->next = first;
        arena->blocks = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t alignment = alignof(max_align_t);

    if (size > SIZE_MAX - alignment)
        memory_exhausted();

    size_t rounded = size == 0 ? alignment : (size + alignment - 1) / alignment * alignment;
    struct arena_block *block = block_for(arena, rounded);
    void *start = block->octets + block->used;

    block->used += rounded;
    arena->used += size;
    return start;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        memory_exhausted();
    return arena_alloc(arena, count * size);
}

char *arena_copy(struct arena *arena, const char *text)
{
    return arena_copy_slice(arena, slice_of(text));
}

char *arena_copy_slice(struct arena *arena, struct slice slice)
{
    if (slice.length == SIZE_MAX)
        memory_exhausted();

    char *copy = arena_alloc(arena, slice.length + 1);

    if (slice.length > 0)
        memcpy(copy, slice.start, slice.length);
    return copy;
}

void *arena_copy_bytes(struct arena *arena, const void *bytes, size_t size)
{
    void *copy = arena_alloc(arena, size);

    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *copy = arena_format_list(arena, format, arguments);
    va_end(arguments);
    return copy;
}

char *arena_format_list(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;

    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    /* Longer than INT_MAX: as little to be had as any other memory that there is not. */
    if (length < 0)
        memory_exhausted();

    char *copy = arena_alloc(arena, (size_t)length + 1);

    vsnprintf(copy, (size_t)length + 1, format, arguments);
    return copy;
}
