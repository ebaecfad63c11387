/*
 * Allocation that does not fail.
 *
 * A plugin lives for some milliseconds; when the machine has no memory left there is one right
 * thing to do: say so in the plugin's words and stop. Each function ends the program with `UNKNOWN
 * - out of memory` on standard output and status 3 when memory cannot be had, so no caller has an
 * error path for it. Everything that the network can make large is bounded by its own module; these
 * functions bound nothing.
 */
#ifndef COMMON_BASE_MEMORY_H
#define COMMON_BASE_MEMORY_H

#include <stddef.h>

/* `count` x `size` octets, zeroed. Overflow of the product counts as out of memory. Released with
 * free(). */
void *memory_new(size_t count, size_t size);

/* As realloc() for an array of `count` elements of `size` octets; what is added is not zeroed. */
void *memory_resize(void *block, size_t count, size_t size);

/* Makes room in a growing array: returns `array`, moved when need be, with room for at least `need`
 * elements and sets *capacity. Grows by half. */
void *memory_grow(void *array, size_t *capacity, size_t need, size_t size);

/* Prints the UNKNOWN line and ends the program; for libraries that report a failed allocation
 * themselves. */
_Noreturn void memory_exhausted(void);

#endif
