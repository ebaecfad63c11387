/*
 * Arena: memory that is released as a whole.
 *
 * One arena holds what belongs to one run: configuration, answers, facts, findings. Pointers stay
 * valid until arena_release(). Blocks come from memory_new(), so nothing here returns NULL.
 */
#ifndef COMMON_BASE_ARENA_H
#define COMMON_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/slice.h"

struct arena_block;

/* The zero value is an empty arena. */
struct arena {
    struct arena_block *blocks;
    size_t used; /* octets handed out since init, for tests of bounds */
};

void arena_init(struct arena *arena);

/* Frees every block; the arena is empty and usable again. */
void arena_release(struct arena *arena);

/* Empty as after arena_release(), with a block at hand for what comes next: for short lives one
 * after the other. */
void arena_reset(struct arena *arena);

/* `size` zeroed octets, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);

/* An array of `count` zeroed elements; the product is checked. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A NUL-terminated copy. */
char *arena_copy(struct arena *arena, const char *text);
char *arena_copy_slice(struct arena *arena, struct slice slice);

/* A copy of `size` octets. */
void *arena_copy_bytes(struct arena *arena, const void *bytes, size_t size);

/* printf into the arena. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_format_list(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
