/*
 * How often each question was asked: a hash table with a mandatory maximum.
 */
#ifndef TESTS_FAKE_DNS_COUNTER_H
#define TESTS_FAKE_DNS_COUNTER_H

#include <stddef.h>
#include <stdint.h>

/* Most questions that are told apart. */
#define COUNTER_QUESTIONS_MAX (1U << 20)

struct counter_place {
    uint64_t key; /* 0: free */
    uint32_t count;
};

/* The zero value has counted nothing. */
struct counter {
    struct counter_place *places;
    size_t capacity; /* a power of two */
    size_t used;
};

void counter_release(struct counter *counter);

/* Counts the key and returns its count, from 1. A key that finds the table full is not counted:
 * UINT32_MAX. */
uint32_t counter_next(struct counter *counter, uint64_t key);

#endif
