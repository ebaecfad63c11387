#include "counter.h"

#include <stdlib.h>

#include "base/memory.h"

#define FIRST_CAPACITY 1024

void counter_release(struct counter *counter)
{
    free(counter->places);
    *counter = (struct counter){0};
}

static struct counter_place *find(struct counter_place *places, size_t capacity, uint64_t key)
{
    size_t at = key & (capacity - 1);

    while (places[at].key != 0 && places[at].key != key)
        at = (at + 1) & (capacity - 1);
    return &places[at];
}

static void grow(struct counter *counter)
{
    size_t capacity = counter->capacity == 0 ? FIRST_CAPACITY : counter->capacity * 2;
    struct counter_place *places = memory_new(capacity, sizeof(*places));

    for (size_t i = 0; i < counter->capacity; i++) {
        if (counter->places[i].key != 0)
            *find(places, capacity, counter->places[i].key) = counter->places[i];
    }
    free(counter->places);
    counter->places = places;
    counter->capacity = capacity;
}

uint32_t counter_next(struct counter *counter, uint64_t key)
{
    if (key == 0)
        key = 1;
    if (counter->used >= counter->capacity / 2 && counter->used < COUNTER_QUESTIONS_MAX)
        grow(counter);

    struct counter_place *place = find(counter->places, counter->capacity, key);

    if (place->key == 0) {
        if (counter->used >= COUNTER_QUESTIONS_MAX)
            return UINT32_MAX;
        place->key = key;
        counter->used++;
    }
    if (place->count < UINT32_MAX)
        place->count++;
    return place->count;
}
