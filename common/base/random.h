/*
 * Random octets from the kernel, for what must not be guessed: DNS ids, labels that nobody asked
 * for before, names of temporary files.
 */
#ifndef COMMON_BASE_RANDOM_H
#define COMMON_BASE_RANDOM_H

#include <stddef.h>

/* Fills `bytes`. Where the kernel has no generator (it always has one on the systems that we know),
 * clock and process id stand in: good enough for uniqueness. */
void random_bytes(void *bytes, size_t size);

/* `length` random letters a to z and digits 2 to 7, and NUL: a valid DNS label up to 63. */
void random_label(char *label, size_t length);

#endif
