/*
 * A bounded memory of 64-bit keys: which deferrals were counted, which messages are
 * notifications, which files were read.
 *
 * When it is full the oldest key makes room. A key is a hash; that two of a memory are the same by
 * chance is less likely than one in a billion.
 */
#ifndef PLUGINS_BOUNCES_KEYS_H
#define PLUGINS_BOUNCES_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Initialise `most` (a power of 2); the rest is zero. Nothing is allocated before the first key. */
struct bounces_keys {
    size_t most;
    uint64_t *ring; /* in the order of arrival, from `first` on; 0 is a place that was given up */
    size_t first, count;
    uint32_t *table; /* open addressing: place in the ring + 1 */
};

void bounces_keys_release(struct bounces_keys *keys);

bool bounces_keys_has(const struct bounces_keys *keys, uint64_t key);
/* False when it was there already. */
bool bounces_keys_add(struct bounces_keys *keys, uint64_t key);
void bounces_keys_remove(struct bounces_keys *keys, uint64_t key);

/* The keys from the oldest on: start with *place 0. */
bool bounces_keys_next(const struct bounces_keys *keys, size_t *place, uint64_t *key);

/* A key of one or two texts (ASCII case of the second does not matter); never 0. */
uint64_t bounces_key(struct slice first, struct slice second);

#endif
