#include "record_memory.h"

#include <string.h>

#include "base/text.h"
#include "plugin/state_file.h"

/*
 * Lines of the state file, fields separated by one tab; octets of a record that are no printable
 * ASCII, and the backslash, as \xHH:
 *
 *     KEY  SINCE  CHANGES  RECORD  PREVIOUS
 */
#define ENTRIES_MAX 20000

struct entry {
    struct slice key;
    uint64_t since, changes;
    struct slice record, previous;
};

struct entries {
    struct entry *list;
    size_t count, capacity;
};

static struct slice encode(struct arena *arena, const char *record)
{
    struct text text;
    text_init(&text, strlen(record) * 4 + 1);
    for (const char *at = record; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~' || *at == '\\')
            text_printf(&text, "\\x%02x", (unsigned)(unsigned char)*at);
        else
            text_append_char(&text, *at);
    }
    struct slice result = slice_of(arena_copy(arena, text.start));
    text_release(&text);
    return result;
}

static bool read_entry(struct slice line, struct entry *entry)
{
    struct slice fields[5];
    struct slice rest = line;
    struct slice field;
    size_t count = 0;
    while (slice_split(&rest, '\t', &field)) {
        if (count == 5)
            return false;
        fields[count++] = field;
    }
    if (count != 5 || fields[0].length == 0 ||
        !slice_to_number(fields[1], INT64_MAX, &entry->since) ||
        !slice_to_number(fields[2], INT64_MAX, &entry->changes))
        return false;
    entry->key = fields[0];
    entry->record = fields[3];
    entry->previous = fields[4];
    return true;
}

static struct entry *add_entry(struct arena *arena, struct entries *entries)
{
    if (entries->count == entries->capacity) {
        size_t capacity = entries->capacity == 0 ? 16 : entries->capacity * 2;
        struct entry *list = arena_array(arena, capacity, sizeof *list);
        if (entries->count > 0)
            memcpy(list, entries->list, entries->count * sizeof *list);
        entries->list = list;
        entries->capacity = capacity;
    }
    return &entries->list[entries->count++];
}

static const char *read_entries(struct arena *arena, const char *path, const char *kind,
                                struct entries *entries, bool *can_write)
{
    struct slice rest, line;
    struct entry entry;
    char message[256];
    enum state_file_result result = state_file_read(arena, path, kind, &rest, message);
    *can_write = result != STATE_FILE_UNREADABLE;
    if (result == STATE_FILE_ABSENT)
        return NULL;
    if (result != STATE_FILE_READ)
        return arena_copy(arena, message);
    for (size_t number = 2; slice_split(&rest, '\n', &line); number++) {
        if (line.length == 0)
            continue;
        if (entries->count == ENTRIES_MAX || !read_entry(line, &entry)) {
            *can_write = state_file_set_aside(path, number, message);
            entries->count = 0;
            return arena_copy(arena, message);
        }
        *add_entry(arena, entries) = entry;
    }
    return NULL;
}

static struct entry *find_entry(const struct entries *entries, const char *key)
{
    for (size_t i = 0; i < entries->count; i++) {
        if (slice_equals_text(entries->list[i].key, key))
            return &entries->list[i];
    }
    return NULL;
}

static void enter(struct arena *arena, struct entries *entries, int64_t now,
                  struct record_memory *record)
{
    struct entry *entry = find_entry(entries, record->key);
    if (entry == NULL && record->record == NULL)
        return;
    if (entry == NULL) {
        entry = add_entry(arena, entries);
        *entry = (struct entry){
            .key = slice_of(record->key),
            .since = (uint64_t)now,
            .record = encode(arena, record->record),
            .previous = slice_of(""),
        };
    } else if (record->record != NULL) {
        struct slice seen = encode(arena, record->record);
        if (!slice_equals(seen, entry->record)) {
            entry->previous = entry->record;
            entry->record = seen;
            entry->since = (uint64_t)now;
            entry->changes++;
        }
    }
    record->is_remembered = true;
    record->since = (int64_t)entry->since;
    record->has_changed = entry->changes > 0;
    record->previous = record->has_changed ? arena_copy_slice(arena, entry->previous) : NULL;
}

static const char *write_entries(struct arena *arena, const char *path, const char *kind,
                                 const struct entries *entries)
{
    struct text text;
    char message[256];
    const char *trouble = NULL;
    text_init(&text, STATE_FILE_MAX - 100);
    /* More could not be read again: the oldest give way. */
    size_t first = entries->count > ENTRIES_MAX ? entries->count - ENTRIES_MAX : 0;
    for (size_t i = first; i < entries->count; i++) {
        const struct entry *entry = &entries->list[i];
        text_append_slice(&text, entry->key);
        text_printf(&text, "\t%llu\t%llu\t", (unsigned long long)entry->since,
                    (unsigned long long)entry->changes);
        text_append_slice(&text, entry->record);
        text_append_char(&text, '\t');
        text_append_slice(&text, entry->previous);
        text_append_char(&text, '\n');
    }
    if (text.truncated)
        trouble = "the state file would be too large";
    else if (!state_file_write(path, kind, text_slice(&text), message))
        trouble = arena_copy(arena, message);
    text_release(&text);
    return trouble;
}

const char *record_memory_update(struct arena *arena, const char *path, const char *kind,
                                 int64_t now, struct record_memory *records, size_t count)
{
    struct entries entries = {0};
    bool can_write;
    const char *trouble = read_entries(arena, path, kind, &entries, &can_write);
    for (size_t i = 0; i < count; i++)
        enter(arena, &entries, now, &records[i]);
    /* What is corrupt is set aside by now; what could not be read must not be overwritten. */
    const char *written = can_write ? write_entries(arena, path, kind, &entries) : NULL;
    return trouble != NULL ? trouble : written;
}
