/*
 * How often each rule was meant, and since when: a hash table with a mandatory maximum.
 */
#ifndef TESTS_FAKE_SMTP_TALLY_H
#define TESTS_FAKE_SMTP_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Most keys that are told apart. */
#define TALLY_KEYS_MAX (1U << 18)

struct tally_entry {
    uint64_t key; /* 0: free */
    uint64_t count;
    int64_t since; /* monotonic, microseconds */
};

/* The zero value has counted nothing. */
struct tally {
    struct tally_entry *entries;
    size_t capacity; /* a power of two */
    size_t used;
    struct tally_entry overflow;
};

void tally_release(struct tally *tally);

/* A key for a number, or for a number and a text whose case doesn't matter. */
uint64_t tally_key(uint64_t number, struct slice text);

/* Counts the key. Keys that find the table full are counted together. */
const struct tally_entry *tally_next(struct tally *tally, uint64_t key, int64_t now);

#endif
