#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_CAPACITY 8

_Noreturn void memory_exhausted(void)
{
    /* No stdio and no atexit handlers: both may allocate, and what stdio holds back must not follow
     * the line. */
    static const char line[] = "UNKNOWN - out of memory\n";
    ssize_t written = write(STDOUT_FILENO, line, sizeof(line) - 1);

    (void)written;
    _Exit(3);
}

/* Octets of an array: at most what a difference of pointers can say, and one for an empty array,
 * because the C library may answer NULL for nothing. */
static size_t array_size(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        return 1;
    if (count > PTRDIFF_MAX / size)
        memory_exhausted();
    return count * size;
}

void *memory_new(size_t count, size_t size)
{
    void *block = calloc(1, array_size(count, size));

    if (block == NULL)
        memory_exhausted();
    return block;
}

void *memory_resize(void *block, size_t count, size_t size)
{
    void *moved = realloc(block, array_size(count, size));

    if (moved == NULL)
        memory_exhausted();
    return moved;
}

void *memory_grow(void *array, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity)
        return array;

    size_t grown = *capacity < FIRST_CAPACITY ? FIRST_CAPACITY : *capacity;

    if (grown <= SIZE_MAX - grown / 2)
        grown += grown / 2;
    if (grown < need)
        grown = need;
    array = memory_resize(array, grown, size);
    *capacity = grown;
    return array;
}
