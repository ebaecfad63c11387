#include "bounces_memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void bounces_memory_init(struct bounces_memory *memory, struct arena *arena)
{
    memset(memory, 0, sizeof *memory);
    memory->arena = arena;
    memory->deferrals.most = BOUNCES_DEFERRALS_MAX;
    memory->notices.most = BOUNCES_NOTICES_MAX;
    memory->seen_before.most = BOUNCES_SEEN_MAX;
    memory->seen.most = BOUNCES_SEEN_MAX;
}

void bounces_memory_release(struct bounces_memory *memory)
{
    bounces_keys_release(&memory->deferrals);
    bounces_keys_release(&memory->notices);
    bounces_keys_release(&memory->seen_before);
    bounces_keys_release(&memory->seen);
    free(memory->recent);
    memory->recent = NULL;
}

struct bounces_recent *bounces_memory_recent(struct bounces_memory *memory)
{
    if (memory->recent == NULL)
        memory->recent = memory_new(1, sizeof *memory->recent);
    return memory->recent;
}

/* ---- places */

struct bounces_place *bounces_place_find(struct bounces_memory *memory, const char *path,
                                         bool is_tail)
{
    for (size_t i = 0; i < memory->place_count; i++) {
        struct bounces_place *place = &memory->places[i];
        if (place->is_tail == is_tail && strcmp(place->path, path) == 0)
            return place;
    }
    return NULL;
}

void bounces_place_set(struct bounces_memory *memory, const struct bounces_place *place)
{
    struct bounces_place *old = bounces_place_find(memory, place->path, place->is_tail);
    if (old != NULL)
        *old = *place;
    else if (memory->place_count < BOUNCES_PLACES_MAX)
        memory->places[memory->place_count++] = *place;
}

void bounces_place_drop(struct bounces_memory *memory, const char *path, bool is_tail)
{
    struct bounces_place *place = bounces_place_find(memory, path, is_tail);
    if (place != NULL)
        *place = memory->places[--memory->place_count];
}

/* ---- reading */

#define FIELDS_MAX 12

struct reader {
    struct bounces_memory *memory;
    struct bounces_tally *tally;
    struct slice fields[FIELDS_MAX]; /* behind the word */
    size_t field_count;
    size_t *providers; /* numbers of the file -> of the tally */
    size_t provider_count, provider_capacity;
    size_t *causes;
    size_t cause_count, cause_capacity;
    struct bounces_bucket *bucket; /* NULL: of the bucket above, too old, nothing is kept */
    bool has_bucket;
};

static bool number_at(const struct reader *reader, size_t field, uint64_t most, uint64_t *number)
{
    return field < reader->field_count && slice_to_number(reader->fields[field], most, number);
}

static bool hash_at(const struct reader *reader, size_t field, uint64_t *hash)
{
    *hash = 0;
    if (field >= reader->field_count || reader->fields[field].length != 16)
        return false;
    for (size_t i = 0; i < 16; i++) {
        char c = reader->fields[field].start[i];
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && !(c >= 'a' && c <= 'f'))
            return false;
        *hash = *hash << 4 | (uint64_t)(is_digit ? c - '0' : c - 'a' + 10);
    }
    return *hash != 0;
}

static bool read_since(struct reader *reader)
{
    uint64_t since;
    if (reader->field_count != 1 || !number_at(reader, 0, INT64_MAX, &since))
        return false;
    reader->tally->since = (int64_t)since;
    return true;
}

static bool read_provider(struct reader *reader)
{
    if (reader->field_count != 1 || reader->fields[0].length == 0 ||
        reader->provider_count == BOUNCES_PROVIDERS_MAX)
        return false;
    reader->providers = memory_grow(reader->providers, &reader->provider_capacity,
                                    reader->provider_count + 1, sizeof *reader->providers);
    reader->providers[reader->provider_count++] =
        bounces_tally_provider(reader->tally, reader->fields[0]);
    return true;
}

/* 0 is "other" and stands in no line. */
static bool provider_at(const struct reader *reader, size_t field, size_t *provider)
{
    uint64_t number;
    if (!number_at(reader, field, reader->provider_count, &number))
        return false;
    *provider = number == 0 ? 0 : reader->providers[number - 1];
    return true;
}

static bool read_cause(struct reader *reader)
{
    struct arena *arena = reader->memory->arena;
    struct bounces_cause cause;
    if (reader->field_count != 5 || !bounce_class_parse(reader->fields[0], &cause.class) ||
        !provider_at(reader, 1, &cause.provider) || reader->cause_count == BOUNCES_CAUSES_MAX)
        return false;
    cause.blocklist = arena_copy_slice(arena, reader->fields[2]);
    cause.rule = arena_copy_slice(arena, reader->fields[3]);
    cause.reply = arena_copy_slice(arena, reader->fields[4]);
    reader->causes = memory_grow(reader->causes, &reader->cause_capacity, reader->cause_count + 1,
                                 sizeof *reader->causes);
    reader->causes[reader->cause_count++] = bounces_tally_cause(reader->tally, &cause);
    return true;
}

static bool read_bucket(struct reader *reader)
{
    uint64_t start;
    uint64_t counts[BOUNCES_KINDS];
    uint64_t old = reader->tally->old;
    uint64_t future = reader->tally->future;
    if (reader->field_count != 1 + BOUNCES_KINDS || !number_at(reader, 0, INT64_MAX, &start))
        return false;
    for (size_t kind = 0; kind < BOUNCES_KINDS; kind++)
        if (!number_at(reader, 1 + kind, UINT32_MAX, &counts[kind]))
            return false;
    reader->bucket = bounces_tally_bucket(reader->tally, (int64_t)start);
    reader->has_bucket = true;
    reader->tally->old = old;
    reader->tally->future = future;
    for (size_t kind = 0; reader->bucket != NULL && kind < BOUNCES_KINDS; kind++)
        reader->bucket->kinds[kind] += counts[kind];
    return true;
}

static bool read_delivered(struct reader *reader)
{
    size_t provider;
    uint64_t count;
    if (reader->field_count != 2 || !reader->has_bucket || !provider_at(reader, 0, &provider) ||
        !number_at(reader, 1, UINT32_MAX, &count))
        return false;
    if (reader->bucket != NULL)
        bounces_tally_delivered(reader->bucket, provider, (uint32_t)count);
    return true;
}

static bool read_refused(struct reader *reader)
{
    uint64_t cause;
    uint64_t bounced;
    uint64_t deferred;
    if (reader->field_count != 3 || !reader->has_bucket || reader->cause_count == 0 ||
        !number_at(reader, 0, reader->cause_count - 1, &cause) ||
        !number_at(reader, 1, UINT32_MAX, &bounced) || !number_at(reader, 2, UINT32_MAX, &deferred))
        return false;
    if (reader->bucket != NULL)
        bounces_tally_refused(reader->bucket, reader->causes[cause], (uint32_t)bounced,
                              (uint32_t)deferred);
    return true;
}

static bool read_place_as(struct reader *reader, bool is_tail)
{
    struct bounces_place place = {.is_tail = is_tail};
    uint64_t offset;
    uint64_t midline;
    uint64_t length;
    uint64_t known;
    if (reader->field_count != 9 || reader->fields[0].length == 0 ||
        !number_at(reader, 1, UINT64_MAX, &place.device) ||
        !number_at(reader, 2, UINT64_MAX, &place.inode) ||
        !number_at(reader, 3, INT64_MAX, &offset) || !number_at(reader, 4, 1, &midline) ||
        !number_at(reader, 5, BOUNCES_HEAD_MAX, &length) || !hash_at(reader, 6, &place.head_key) ||
        !number_at(reader, 7, UINT64_MAX, &place.lines) || !number_at(reader, 8, 1, &known))
        return false;
    place.path = arena_copy_slice(reader->memory->arena, reader->fields[0]);
    place.offset = (int64_t)offset;
    place.is_midline = midline == 1;
    place.head_length = (size_t)length;
    place.is_known = known == 1;
    bounces_place_set(reader->memory, &place);
    return true;
}

static bool read_place(struct reader *reader)
{
    return read_place_as(reader, false);
}

static bool read_tail(struct reader *reader)
{
    return read_place_as(reader, true);
}

static bool read_cursor(struct reader *reader)
{
    struct bounces_memory *memory = reader->memory;
    if (reader->field_count != 2 || reader->fields[1].length == 0 ||
        memory->cursor_count == BOUNCES_CURSORS_MAX)
        return false;
    memory->cursors[memory->cursor_count++] = (struct bounces_cursor){
        .unit = arena_copy_slice(memory->arena, reader->fields[0]),
        .cursor = arena_copy_slice(memory->arena, reader->fields[1]),
    };
    return true;
}

static bool read_key(struct reader *reader, struct bounces_keys *keys)
{
    uint64_t key;
    if (reader->field_count != 1 || !hash_at(reader, 0, &key))
        return false;
    bounces_keys_add(keys, key);
    return true;
}

static bool read_deferral(struct reader *reader)
{
    return read_key(reader, &reader->memory->deferrals);
}

static bool read_notice(struct reader *reader)
{
    return read_key(reader, &reader->memory->notices);
}

static bool read_seen(struct reader *reader)
{
    return read_key(reader, &reader->memory->seen_before);
}

static bool read_recent(struct reader *reader)
{
    uint64_t message;
    uint64_t recipient;
    if (reader->field_count != 4 || !hash_at(reader, 0, &message) ||
        !hash_at(reader, 1, &recipient) || reader->fields[2].length > BOUNCES_RECENT_HOST_MAX ||
        reader->fields[3].length > BOUNCES_RECENT_NAME_MAX)
        return false;
    bounces_recent_note(bounces_memory_recent(reader->memory), message, recipient,
                        reader->fields[2], reader->fields[3]);
    return true;
}

static const struct {
    const char *word;
    bool (*read)(struct reader *);
} LINES[] = {
    {"since",     read_since    },
    {"provider",  read_provider },
    {"cause",     read_cause    },
    {"bucket",    read_bucket   },
    {"delivered", read_delivered},
    {"refused",   read_refused  },
    {"place",     read_place    },
    {"tail",      read_tail     },
    {"cursor",    read_cursor   },
    {"notice",    read_notice   },
    {"deferral",  read_deferral },
    {"recent",    read_recent   },
    {"seen",      read_seen     },
};

static bool read_line(struct reader *reader, struct slice line)
{
    struct slice rest = line;
    struct slice word;
    if (slice_find(line, '\0') < line.length || !slice_split(&rest, '\t', &word))
        return false;
    for (reader->field_count = 0; rest.start != NULL; reader->field_count++) {
        if (reader->field_count == FIELDS_MAX)
            return false;
        slice_split(&rest, '\t', &reader->fields[reader->field_count]);
    }
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++)
        if (slice_equals_text(word, LINES[i].word))
            return LINES[i].read(reader);
    return false;
}

size_t bounces_memory_read(struct bounces_memory *memory, struct bounces_tally *tally,
                           struct slice lines)
{
    struct reader reader = {.memory = memory, .tally = tally};
    struct slice line;
    size_t bad = 0;
    for (size_t number = 1; bad == 0 && slice_split(&lines, '\n', &line); number++)
        if (line.length > 0 && !read_line(&reader, line))
            bad = number;
    free(reader.providers);
    free(reader.causes);
    return bad;
}

/* ---- writing */

/* Numbers of the file for what a bucket counts; SIZE_MAX: it is not written. */
struct numbering {
    size_t *providers, *causes;
};

static void mark_used(const struct bounces_tally *tally, struct numbering *numbers)
{
    for (size_t b = 0; b < tally->bucket_count; b++) {
        const struct bounces_bucket *bucket = &tally->buckets[b];
        for (size_t i = 0; i < bucket->delivered_capacity && i < tally->provider_count; i++)
            if (bucket->delivered[i] > 0)
                numbers->providers[i] = 1;
        for (size_t i = 0; i < bucket->refused_capacity && i < tally->cause_count; i++) {
            if (bucket->refused[i].bounced + bucket->refused[i].deferred > 0) {
                numbers->causes[i] = 1;
                numbers->providers[tally->causes[i].provider] = 1;
            }
        }
    }
}

static void print_names(const struct bounces_tally *tally, struct numbering *numbers,
                        struct text *out)
{
    size_t next = 0;
    numbers->providers[0] = 0;
    for (size_t i = 1; i < tally->provider_count; i++) {
        if (numbers->providers[i] == 0)
            continue;
        numbers->providers[i] = ++next;
        text_printf(out, "provider\t%s\n", tally->providers[i]);
    }
    next = 0;
    for (size_t i = 0; i < tally->cause_count; i++) {
        const struct bounces_cause *cause = &tally->causes[i];
        if (numbers->causes[i] == 0)
            continue;
        numbers->causes[i] = next++;
        text_printf(out, "cause\t%s\t%zu\t%s\t%s\t%s\n", bounce_class_name(cause->class),
                    numbers->providers[cause->provider], cause->blocklist, cause->rule,
                    cause->reply);
    }
}

static void print_bucket(const struct bounces_tally *tally, const struct bounces_bucket *bucket,
                         const struct numbering *numbers, struct text *out)
{
    text_printf(out, "bucket\t%lld", (long long)bucket->start);
    for (size_t kind = 0; kind < BOUNCES_KINDS; kind++) {
        uint64_t count = bucket->kinds[kind];
        text_printf(out, "\t%llu", (unsigned long long)(count < UINT32_MAX ? count : UINT32_MAX));
    }
    text_append(out, "\n");
    for (size_t i = 0; i < bucket->delivered_capacity && i < tally->provider_count; i++)
        if (bucket->delivered[i] > 0)
            text_printf(out, "delivered\t%zu\t%lu\n", numbers->providers[i],
                        (unsigned long)bucket->delivered[i]);
    for (size_t i = 0; i < bucket->refused_capacity && i < tally->cause_count; i++) {
        const struct bounces_refusals *refused = &bucket->refused[i];
        if (refused->bounced + refused->deferred > 0)
            text_printf(out, "refused\t%zu\t%lu\t%lu\n", numbers->causes[i],
                        (unsigned long)refused->bounced, (unsigned long)refused->deferred);
    }
}

static void print_keys(const struct bounces_keys *keys, const char *word, struct text *out)
{
    size_t place = 0;
    uint64_t key;
    while (bounces_keys_next(keys, &place, &key))
        text_printf(out, "%s\t%016llx\n", word, (unsigned long long)key);
}

static void print_recent(const struct bounces_recent *recent, struct text *out)
{
    const struct bounces_recent_entry *entry;
    size_t place = 0;
    while ((entry = bounces_recent_next(recent, &place)) != NULL)
        text_printf(out, "recent\t%016llx\t%016llx\t%s\t%s\n", (unsigned long long)entry->message,
                    (unsigned long long)entry->recipient, entry->host, entry->name);
}

static void print_places(const struct bounces_memory *memory, struct text *out)
{
    for (size_t i = 0; i < memory->place_count; i++) {
        const struct bounces_place *place = &memory->places[i];
        text_printf(out, "%s\t%s\t%llu\t%llu\t%lld\t%d\t%zu\t%016llx\t%llu\t%d\n",
                    place->is_tail ? "tail" : "place", place->path,
                    (unsigned long long)place->device, (unsigned long long)place->inode,
                    (long long)place->offset, place->is_midline ? 1 : 0, place->head_length,
                    (unsigned long long)place->head_key, (unsigned long long)place->lines,
                    place->is_known ? 1 : 0);
    }
    for (size_t i = 0; i < memory->cursor_count; i++)
        text_printf(out, "cursor\t%s\t%s\n", memory->cursors[i].unit, memory->cursors[i].cursor);
}

void bounces_memory_print(const struct bounces_memory *memory, const struct bounces_tally *tally,
                          struct text *out)
{
    struct numbering numbers = {
        .providers = memory_new(tally->provider_count + 1, sizeof(size_t)),
        .causes = memory_new(tally->cause_count + 1, sizeof(size_t)),
    };
    text_printf(out, "since\t%lld\n", (long long)tally->since);
    mark_used(tally, &numbers);
    print_names(tally, &numbers, out);
    for (size_t i = 0; i < tally->bucket_count; i++)
        print_bucket(tally, &tally->buckets[i], &numbers, out);
    print_places(memory, out);
    print_keys(&memory->deferrals, "deferral", out);
    print_recent(memory->recent, out);
    print_keys(&memory->notices, "notice", out);
    print_keys(&memory->seen, "seen", out);
    free(numbers.providers);
    free(numbers.causes);
}
