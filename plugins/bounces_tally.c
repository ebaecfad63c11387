#include "bounces_tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bounces_keys.h"

/* Powers of 2, twice what the tables hold at most. */
#define PROVIDER_TABLE ((size_t)4096)
#define CAUSE_TABLE ((size_t)8192)

void bounces_tally_init(struct bounces_tally *tally, struct arena *arena, int64_t window,
                        int64_t now)
{
    memset(tally, 0, sizeof *tally);
    tally->arena = arena;
    tally->window = window;
    tally->now = now;
    tally->provider_table = memory_new(PROVIDER_TABLE, sizeof *tally->provider_table);
    tally->cause_table = memory_new(CAUSE_TABLE, sizeof *tally->cause_table);
    bounces_tally_provider(tally, slice_of("other"));
}

void bounces_tally_release(struct bounces_tally *tally)
{
    for (size_t i = 0; i < tally->bucket_count; i++) {
        free(tally->buckets[i].delivered);
        free(tally->buckets[i].refused);
    }
    free(tally->providers);
    free(tally->provider_keys);
    free(tally->provider_table);
    free(tally->causes);
    free(tally->cause_keys);
    free(tally->cause_table);
    memset(tally, 0, sizeof *tally);
}

/* ---- buckets */

/* Seconds by which clocks of two machines may differ without a word. */
#define AHEAD_MAX 300

static int64_t width(const struct bounces_tally *tally)
{
    int64_t seconds = (tally->window + BOUNCES_BUCKETS - 1) / BOUNCES_BUCKETS;
    return seconds < 1 ? 1 : seconds;
}

struct bounces_bucket *bounces_tally_bucket(struct bounces_tally *tally, int64_t when)
{
    int64_t start = 0;
    if (when > tally->now + AHEAD_MAX)
        tally->future++;
    if (when > tally->now)
        when = tally->now;
    if (tally->window > 0) {
        start = when - when % width(tally);
        if (when <= tally->now - tally->window) {
            tally->old++;
            return NULL;
        }
    }
    if (tally->last < tally->bucket_count && tally->buckets[tally->last].start == start)
        return &tally->buckets[tally->last];
    for (size_t i = 0; i < tally->bucket_count; i++) {
        if (tally->buckets[i].start == start) {
            tally->last = i;
            return &tally->buckets[i];
        }
    }
    /* Starts are whole widths within the window: there is a place for each of them. */
    if (tally->bucket_count == sizeof tally->buckets / sizeof tally->buckets[0])
        return NULL;
    tally->last = tally->bucket_count++;
    tally->buckets[tally->last] = (struct bounces_bucket){.start = start};
    return &tally->buckets[tally->last];
}

/* ---- names */

/* The slot of a key in a table of `size`, a power of 2, or the free one where it belongs. */
static size_t find_slot(const uint32_t *table, size_t size, const uint64_t *keys, uint64_t key)
{
    size_t slot = (size_t)key & (size - 1);
    while (table[slot] != 0 && keys[table[slot] - 1] != key)
        slot = (slot + 1) & (size - 1);
    return slot;
}

size_t bounces_tally_provider(struct bounces_tally *tally, struct slice name)
{
    if (name.length == 0)
        return 0;
    uint64_t key = bounces_key((struct slice){0}, name);
    size_t slot = find_slot(tally->provider_table, PROVIDER_TABLE, tally->provider_keys, key);
    if (tally->provider_table[slot] != 0)
        return tally->provider_table[slot] - 1;
    if (tally->provider_count == BOUNCES_PROVIDERS_MAX)
        return 0;
    size_t count = tally->provider_count + 1;
    tally->providers =
        memory_grow(tally->providers, &tally->provider_capacity, count, sizeof *tally->providers);
    tally->provider_keys = memory_grow(tally->provider_keys, &tally->provider_key_capacity, count,
                                       sizeof *tally->provider_keys);
    char *copy = arena_copy_slice(tally->arena, slice_sub(name, 0, 255));
    for (char *c = copy; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 32);
        else if ((unsigned char)*c < 0x20)
            *c = '?';
    }
    tally->providers[tally->provider_count] = copy;
    tally->provider_keys[tally->provider_count] = key;
    tally->provider_table[slot] = (uint32_t)count;
    return tally->provider_count++;
}

static const char *clean_copy(struct arena *arena, const char *text)
{
    char *copy = arena_copy_slice(arena, slice_sub(slice_of(text), 0, BOUNCES_REPLY_MAX));
    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\t' || *c == '\n' || *c == '\r')
            *c = ' ';
    return copy;
}

size_t bounces_tally_cause(struct bounces_tally *tally, const struct bounces_cause *cause)
{
    uint64_t numbers[2] = {(uint64_t)cause->class, cause->provider};
    uint64_t key =
        bounces_key(slice_new((const char *)numbers, sizeof numbers), slice_of(cause->blocklist));
    size_t slot = find_slot(tally->cause_table, CAUSE_TABLE, tally->cause_keys, key);
    if (tally->cause_table[slot] != 0)
        return tally->cause_table[slot] - 1;
    /* The last places are kept for one cause of each class. */
    bool is_plain = cause->provider == 0 && cause->blocklist[0] == '\0';
    if (!is_plain && tally->cause_count + BOUNCE_CLASSES >= BOUNCES_CAUSES_MAX) {
        struct bounces_cause plain = *cause;
        plain.provider = 0;
        plain.blocklist = "";
        return bounces_tally_cause(tally, &plain);
    }
    size_t count = tally->cause_count + 1;
    tally->causes =
        memory_grow(tally->causes, &tally->cause_capacity, count, sizeof *tally->causes);
    tally->cause_keys = memory_grow(tally->cause_keys, &tally->cause_key_capacity, count,
                                    sizeof *tally->cause_keys);
    tally->causes[tally->cause_count] = (struct bounces_cause){
        .class = cause->class,
        .provider = cause->provider,
        .blocklist = clean_copy(tally->arena, cause->blocklist),
        .rule = clean_copy(tally->arena, cause->rule),
        .reply = clean_copy(tally->arena, cause->reply),
    };
    tally->cause_keys[tally->cause_count] = key;
    tally->cause_table[slot] = (uint32_t)count;
    return tally->cause_count++;
}

/* ---- counting */

/* Room for `index`; what is added is zero. */
static void *reach(void *array, size_t *capacity, size_t index, size_t size)
{
    size_t before = *capacity;
    if (index < before)
        return array;
    array = memory_grow(array, capacity, index + 1, size);
    memset((char *)array + before * size, 0, (*capacity - before) * size);
    return array;
}

static void add(uint32_t *counter, uint32_t count)
{
    *counter = count > UINT32_MAX - *counter ? UINT32_MAX : *counter + count;
}

void bounces_tally_delivered(struct bounces_bucket *bucket, size_t provider, uint32_t count)
{
    bucket->delivered =
        reach(bucket->delivered, &bucket->delivered_capacity, provider, sizeof *bucket->delivered);
    add(&bucket->delivered[provider], count);
}

void bounces_tally_refused(struct bounces_bucket *bucket, size_t cause, uint32_t bounced,
                           uint32_t deferred)
{
    bucket->refused =
        reach(bucket->refused, &bucket->refused_capacity, cause, sizeof *bucket->refused);
    add(&bucket->refused[cause].bounced, bounced);
    add(&bucket->refused[cause].deferred, deferred);
}

/* ---- sums */

static void add_refusals(struct bounces_sum *sum, const struct bounces_refusals *refusals)
{
    sum->bounced += refusals->bounced;
    sum->deferred += refusals->deferred;
}

static void sum_bucket(const struct bounces_tally *tally, const struct bounces_bucket *bucket,
                       struct bounces_totals *totals)
{
    for (size_t kind = 0; kind < BOUNCES_KINDS; kind++)
        totals->kinds[kind] += bucket->kinds[kind];
    for (size_t i = 0; i < bucket->delivered_capacity && i < tally->provider_count; i++)
        totals->providers[i].delivered += bucket->delivered[i];
    for (size_t i = 0; i < bucket->refused_capacity && i < tally->cause_count; i++) {
        const struct bounces_cause *cause = &tally->causes[i];
        const struct bounces_refusals *refused = &bucket->refused[i];
        add_refusals(&totals->causes[i], refused);
        add_refusals(&totals->classes[cause->class], refused);
        add_refusals(&totals->groups[bounce_class_group(cause->class)], refused);
        add_refusals(&totals->providers[cause->provider], refused);
    }
}

static void sum_blocklists(struct bounces_totals *totals)
{
    for (size_t i = 0; i < totals->cause_count; i++) {
        const struct bounces_sum *cause = &totals->causes[i];
        size_t place = 0;
        if (cause->name[0] == '\0' || cause->bounced + cause->deferred == 0)
            continue;
        while (place < totals->blocklist_count &&
               strcmp(totals->blocklists[place].name, cause->name) != 0)
            place++;
        if (place == totals->blocklist_count)
            totals->blocklists[totals->blocklist_count++].name = cause->name;
        totals->blocklists[place].bounced += cause->bounced;
        totals->blocklists[place].deferred += cause->deferred;
    }
}

void bounces_tally_sum(const struct bounces_tally *tally, struct arena *arena,
                       struct bounces_totals *totals)
{
    memset(totals, 0, sizeof *totals);
    totals->provider_count = tally->provider_count;
    totals->cause_count = tally->cause_count;
    totals->providers = arena_array(arena, tally->provider_count + 1, sizeof *totals->providers);
    totals->causes = arena_array(arena, tally->cause_count + 1, sizeof *totals->causes);
    totals->blocklists = arena_array(arena, tally->cause_count + 1, sizeof *totals->blocklists);
    for (size_t i = 0; i < tally->provider_count; i++)
        totals->providers[i].name = tally->providers[i];
    for (size_t i = 0; i < tally->cause_count; i++)
        totals->causes[i].name = tally->causes[i].blocklist;
    for (int class = 0; class < BOUNCE_CLASSES; class ++)
        totals->classes[class].name = bounce_class_name((enum bounce_class) class);
    for (int group = 0; group < BOUNCE_GROUPS; group++)
        totals->groups[group].name = bounce_group_name((enum bounce_group)group);
    for (size_t i = 0; i < tally->bucket_count; i++)
        sum_bucket(tally, &tally->buckets[i], totals);
    sum_blocklists(totals);
}
