#include "tally.h"

#include <stdlib.h>

#include "base/memory.h"

#define FIRST_CAPACITY 256

/* FNV-1a */
#define HASH_START UINT64_C(0xCBF29CE484222325)
#define HASH_PRIME UINT64_C(0x100000001B3)

void tally_release(struct tally *tally)
{
    free(tally->entries);
    *tally = (struct tally){0};
}

uint64_t tally_key(uint64_t number, struct slice text)
{
    uint64_t hash = HASH_START;

    for (size_t i = 0; i < sizeof(number); i++)
        hash = (hash ^ (number >> (8 * i) & 0xFF)) * HASH_PRIME;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char octet = (unsigned char)text.start[i];

        if (octet >= 'A' && octet <= 'Z')
            octet = (unsigned char)(octet + ('a' - 'A'));
        hash = (hash ^ octet) * HASH_PRIME;
    }
    return hash;
}

static struct tally_entry *find(struct tally_entry *entries, size_t capacity, uint64_t key)
{
    size_t at = key & (capacity - 1);

    while (entries[at].key != 0 && entries[at].key != key)
        at = (at + 1) & (capacity - 1);
    return &entries[at];
}

static void grow(struct tally *tally)
{
    size_t capacity = tally->capacity == 0 ? FIRST_CAPACITY : tally->capacity * 2;
    struct tally_entry *entries = memory_new(capacity, sizeof(*entries));

    for (size_t i = 0; i < tally->capacity; i++) {
        if (tally->entries[i].key != 0)
            *find(entries, capacity, tally->entries[i].key) = tally->entries[i];
    }
    free(tally->entries);
    tally->entries = entries;
    tally->capacity = capacity;
}

const struct tally_entry *tally_next(struct tally *tally, uint64_t key, int64_t now)
{
    if (key == 0)
        key = 1;
    if (tally->used >= tally->capacity / 2 && tally->used < TALLY_KEYS_MAX)
        grow(tally);

    struct tally_entry *entry = find(tally->entries, tally->capacity, key);

    if (entry->key == 0 && tally->used >= TALLY_KEYS_MAX)
        entry = &tally->overflow;
    if (entry->count == 0) {
        tally->used += entry != &tally->overflow;
        entry->key = key;
        entry->since = now;
    }
    entry->count++;
    return entry;
}
