#include "bounces_keys.h"

#include <stdlib.h>

#include "base/memory.h"

/* Half of the table stays empty, so a search is short. */
static size_t table_size(const struct bounces_keys *keys)
{
    return keys->most * 2;
}

static size_t home(const struct bounces_keys *keys, uint64_t key)
{
    return (size_t)(key ^ (key >> 32)) & (table_size(keys) - 1);
}

void bounces_keys_release(struct bounces_keys *keys)
{
    free(keys->ring);
    free(keys->table);
    *keys = (struct bounces_keys){.most = keys->most};
}

/* The slot that has the key, or the free one where it belongs. */
static size_t find_slot(const struct bounces_keys *keys, uint64_t key)
{
    size_t slot = home(keys, key);
    while (keys->table[slot] != 0 && keys->ring[keys->table[slot] - 1] != key)
        slot = (slot + 1) & (table_size(keys) - 1);
    return slot;
}

bool bounces_keys_has(const struct bounces_keys *keys, uint64_t key)
{
    return keys->table != NULL && keys->table[find_slot(keys, key)] != 0;
}

/* What stands behind a slot that becomes free moves up, if the search for it would stop there. */
static void free_slot(struct bounces_keys *keys, size_t slot)
{
    size_t mask = table_size(keys) - 1;
    size_t next = slot;
    for (;;) {
        next = (next + 1) & mask;
        if (keys->table[next] == 0)
            break;
        size_t start = home(keys, keys->ring[keys->table[next] - 1]);
        if (((next - start) & mask) >= ((next - slot) & mask)) {
            keys->table[slot] = keys->table[next];
            slot = next;
        }
    }
    keys->table[slot] = 0;
}

void bounces_keys_remove(struct bounces_keys *keys, uint64_t key)
{
    if (keys->table == NULL)
        return;
    size_t slot = find_slot(keys, key);
    if (keys->table[slot] == 0)
        return;
    size_t place = keys->table[slot] - 1;
    free_slot(keys, slot);
    keys->ring[place] = 0;
}

static void forget_oldest(struct bounces_keys *keys)
{
    uint64_t oldest = keys->ring[keys->first];
    if (oldest != 0)
        free_slot(keys, find_slot(keys, oldest));
    keys->first = (keys->first + 1) & (keys->most - 1);
    keys->count--;
}

bool bounces_keys_add(struct bounces_keys *keys, uint64_t key)
{
    if (keys->table == NULL) {
        keys->ring = memory_new(keys->most, sizeof *keys->ring);
        keys->table = memory_new(table_size(keys), sizeof *keys->table);
    }
    if (bounces_keys_has(keys, key))
        return false;
    if (keys->count == keys->most)
        forget_oldest(keys);
    size_t place = (keys->first + keys->count++) & (keys->most - 1);
    keys->ring[place] = key;
    size_t slot = home(keys, key);
    while (keys->table[slot] != 0)
        slot = (slot + 1) & (table_size(keys) - 1);
    keys->table[slot] = (uint32_t)(place + 1);
    return true;
}

bool bounces_keys_next(const struct bounces_keys *keys, size_t *place, uint64_t *key)
{
    while (*place < keys->count) {
        *key = keys->ring[(keys->first + (*place)++) & (keys->most - 1)];
        if (*key != 0)
            return true;
    }
    return false;
}

/* FNV-1a, and a last mixing so that all bits count for the table. */
uint64_t bounces_key(struct slice first, struct slice second)
{
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < first.length; i++)
        hash = (hash ^ (unsigned char)first.start[i]) * 1099511628211U;
    hash = (hash ^ 0xffU) * 1099511628211U;
    for (size_t i = 0; i < second.length; i++) {
        unsigned char c = (unsigned char)second.start[i];
        c = c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
        hash = (hash ^ c) * 1099511628211U;
    }
    hash ^= hash >> 29;
    hash *= 0xbf58476d1ce4e5b9U;
    hash ^= hash >> 32;
    return hash == 0 ? 1 : hash;
}
