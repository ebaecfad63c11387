#include "dnsbl_catalogue.h"

#include <stdio.h>
#include <string.h>

#include "dnsbl_section.h"
#include "dnsbl_zone.h"

/* A zone that some file has named. One that was removed keeps its place with neither. */
struct dnsbl_entry {
    const char *zone;
    struct dnsbl_list *list;
    struct dnsbl_retired *retired;
    unsigned read; /* the file that named it last, counted from 1 */
    size_t line;   /* and where */
};

struct reader {
    struct dnsbl_catalogue *catalogue;
    struct arena *arena;
    const char *file;
    size_t line;
    bool is_retired; /* in the section [retired] */
    char reason[DNSBL_REASON_SIZE];
    struct dnsbl_section section;
};

/* ---- the table of zones */

/* FNV-1a */
static uint32_t hash_of(const char *zone)
{
    uint32_t hash = 2166136261U;

    for (; *zone != '\0'; zone++)
        hash = (hash ^ (uint8_t)*zone) * 16777619U;
    return hash;
}

/* The place of a zone: its entry, or the free one that it would take. `capacity` is a power of two.
 */
static struct dnsbl_entry *place_of(struct dnsbl_entry *entries, size_t capacity, const char *zone)
{
    size_t i = hash_of(zone) & (capacity - 1);

    while (entries[i].zone != NULL && strcmp(entries[i].zone, zone) != 0)
        i = (i + 1) & (capacity - 1);
    return &entries[i];
}

static struct dnsbl_entry *find_entry(const struct dnsbl_catalogue *catalogue, const char *zone)
{
    if (catalogue->entry_capacity == 0)
        return NULL;
    struct dnsbl_entry *entry = place_of(catalogue->entries, catalogue->entry_capacity, zone);
    return entry->zone != NULL ? entry : NULL;
}

#define FIRST_CAPACITY 1024

static void grow_entries(struct dnsbl_catalogue *catalogue, struct arena *arena)
{
    size_t capacity =
        catalogue->entry_capacity == 0 ? FIRST_CAPACITY : catalogue->entry_capacity * 2;
    struct dnsbl_entry *entries = arena_array(arena, capacity, sizeof *entries);

    for (size_t i = 0; i < catalogue->entry_capacity; i++)
        if (catalogue->entries[i].zone != NULL)
            *place_of(entries, capacity, catalogue->entries[i].zone) = catalogue->entries[i];
    catalogue->entries = entries;
    catalogue->entry_capacity = capacity;
}

static struct dnsbl_entry *add_entry(struct dnsbl_catalogue *catalogue, struct arena *arena,
                                     const char *zone)
{
    if (catalogue->entry_count * 2 >= catalogue->entry_capacity)
        grow_entries(catalogue, arena);
    struct dnsbl_entry *entry = place_of(catalogue->entries, catalogue->entry_capacity, zone);
    if (entry->zone == NULL) {
        entry->zone = arena_copy(arena, zone);
        catalogue->entry_count++;
    }
    return entry;
}

/* ---- the lists in their order */

static void *grow_pointers(struct arena *arena, void *pointers, size_t count, size_t *capacity)
{
    if (count < *capacity)
        return pointers;
    *capacity = *capacity == 0 ? 512 : *capacity * 2;
    void **grown = arena_array(arena, *capacity, sizeof *grown);
    if (count > 0)
        memcpy(grown, pointers, count * sizeof *grown);
    return grown;
}

static void add_list(struct dnsbl_catalogue *catalogue, struct arena *arena,
                     struct dnsbl_list *list)
{
    catalogue->lists =
        grow_pointers(arena, catalogue->lists, catalogue->count, &catalogue->list_capacity);
    catalogue->lists[catalogue->count++] = list;
}

static void add_retired(struct dnsbl_catalogue *catalogue, struct arena *arena,
                        struct dnsbl_retired *retired)
{
    catalogue->retired = grow_pointers(arena, catalogue->retired, catalogue->retired_count,
                                       &catalogue->retired_capacity);
    catalogue->retired[catalogue->retired_count++] = retired;
}

static void forget_list(struct dnsbl_catalogue *catalogue, struct dnsbl_entry *entry)
{
    size_t i = 0;

    while (i < catalogue->count && catalogue->lists[i] != entry->list)
        i++;
    if (i < catalogue->count) {
        catalogue->count--;
        memmove(&catalogue->lists[i], &catalogue->lists[i + 1],
                (catalogue->count - i) * sizeof catalogue->lists[0]);
    }
    entry->list = NULL;
}

static void forget_retired(struct dnsbl_catalogue *catalogue, struct dnsbl_entry *entry)
{
    size_t i = 0;

    while (i < catalogue->retired_count && catalogue->retired[i] != entry->retired)
        i++;
    if (i < catalogue->retired_count) {
        catalogue->retired_count--;
        memmove(&catalogue->retired[i], &catalogue->retired[i + 1],
                (catalogue->retired_count - i) * sizeof catalogue->retired[0]);
    }
    entry->retired = NULL;
}

/* ---- reading */

static bool fail(struct reader *reader, const char *reason)
{
    return dnsbl_word_fail(reader->reason, reason);
}

/* The entry of a zone that this file may still describe. */
static struct dnsbl_entry *claim_zone(struct reader *reader, struct slice name)
{
    char zone[DOMAIN_TEXT_SIZE];
    const char *wrong = dnsbl_zone_normalize(name, zone);

    if (wrong != NULL) {
        (void)snprintf(reader->reason, sizeof reader->reason, "not a zone: %s", wrong);
        return NULL;
    }
    if (reader->catalogue->entry_count >= DNSBL_CATALOGUE_ZONES_MAX) {
        (void)fail(reader, "there are more zones than can be held (10000)");
        return NULL;
    }
    struct dnsbl_entry *entry = add_entry(reader->catalogue, reader->arena, zone);
    if (entry->read == reader->catalogue->reads) {
        (void)snprintf(reader->reason, sizeof reader->reason,
                       "the zone was described in line %zu already", entry->line);
        return NULL;
    }
    entry->read = reader->catalogue->reads;
    entry->line = reader->line;
    return entry;
}

static bool open_section(struct reader *reader, struct slice name)
{
    reader->is_retired = slice_equals_text(name, "retired");
    if (reader->is_retired)
        return true;
    struct dnsbl_entry *entry = claim_zone(reader, name);
    if (entry == NULL)
        return false;
    if (entry->retired != NULL)
        forget_retired(reader->catalogue, entry);
    bool is_new = entry->list == NULL;
    if (is_new) {
        entry->list = arena_alloc(reader->arena, sizeof *entry->list);
        entry->list->zone = entry->zone;
        add_list(reader->catalogue, reader->arena, entry->list);
    }
    entry->list->file = reader->file;
    entry->list->line = reader->line;
    dnsbl_section_open(&reader->section, entry->list, is_new);
    return true;
}

static bool close_section(struct reader *reader)
{
    struct dnsbl_list *list = reader->section.list;

    if (list == NULL)
        return true;
    if (!dnsbl_section_close(&reader->section, reader->reason)) {
        reader->line = list->line;
        return false;
    }
    struct dnsbl_entry *entry = find_entry(reader->catalogue, list->zone);
    if (reader->section.is_removed && entry != NULL)
        forget_list(reader->catalogue, entry);
    return true;
}

/*
 * retired = zone "=" [ since ] [ "|" [ operator ] [ "|" [ answers ] [ "|" [ replacement ] ] ] ]
 */
static bool read_retired(struct reader *reader, struct slice name, struct slice value)
{
    struct slice column;
    struct dnsbl_entry *entry = claim_zone(reader, name);

    if (entry == NULL)
        return false;
    if (entry->list != NULL)
        forget_list(reader->catalogue, entry);
    if (entry->retired == NULL) {
        entry->retired = arena_alloc(reader->arena, sizeof *entry->retired);
        add_retired(reader->catalogue, reader->arena, entry->retired);
    }
    struct dnsbl_retired *retired = entry->retired;
    const char **columns[] = {&retired->since, &retired->operator, & retired->answers,
                              &retired->replacement};
    *retired =
        (struct dnsbl_retired){.zone = entry->zone, .file = reader->file, .line = reader->line};
    for (size_t i = 0; slice_split(&value, '|', &column); i++) {
        if (i == sizeof columns / sizeof columns[0])
            return fail(reader, "a retired zone has four columns at most");
        *columns[i] = dnsbl_section_string(&reader->section, slice_trim(column, " \t"));
    }
    return true;
}

/*
 * line = [ comment / "[" zone "]" / name "=" value ]
 */
static bool read_line(struct reader *reader, struct slice line)
{
    line = slice_trim(line, " \t\r");
    if (line.length == 0 || line.start[0] == '#')
        return true;
    if (line.start[0] == '[') {
        if (line.start[line.length - 1] != ']')
            return fail(reader, "\"]\" is missing at the end of a section's line");
        return close_section(reader) &&
               open_section(reader, slice_trim(slice_sub(line, 1, line.length - 2), " \t"));
    }
    size_t equals = slice_find(line, '=');
    if (equals == line.length)
        return fail(reader, "a line is [zone], name = value, or a comment that begins with #");
    struct slice name = slice_trim(slice_sub(line, 0, equals), " \t");
    struct slice value = slice_trim(slice_sub(line, equals + 1, line.length), " \t");
    if (reader->is_retired)
        return read_retired(reader, name, value);
    if (reader->section.list == NULL)
        return fail(reader, "a [zone] has to come first");
    return dnsbl_section_set(&reader->section, name, value, reader->reason);
}

static bool read_lines(struct reader *reader, char *text, size_t length)
{
    const char *end = text + length;

    for (const char *start = text; start < end; reader->line++) {
        const char *newline = memchr(start, '\n', (size_t)(end - start));
        const char *stop = newline != NULL ? newline : end;

        if (!read_line(reader, slice_new(start, (size_t)(stop - start))))
            return false;
        start = stop + 1;
    }
    return close_section(reader);
}

static bool is_control(char character)
{
    unsigned char c = (unsigned char)character;

    return (c < ' ' && c != '\n' && c != '\t' && c != '\r') || c == 0x7f;
}

/* Line of the first control character other than tab and line ends, or 0. The first loop has no way
 * out, so that it runs at the speed of memory. */
static size_t control_line(struct slice text)
{
    unsigned found = 0;
    size_t line = 1;

    for (size_t i = 0; i < text.length; i++)
        found |= is_control(text.start[i]);
    if (found == 0)
        return 0;
    for (size_t i = 0; !is_control(text.start[i]); i++)
        line += text.start[i] == '\n';
    return line;
}

bool dnsbl_catalogue_read(struct dnsbl_catalogue *catalogue, struct arena *arena, struct slice text,
                          const char *file, struct dnsbl_catalogue_error *error)
{
    struct reader reader;
    bool is_good = false;

    reader.catalogue = catalogue;
    reader.arena = arena;
    reader.file = file;
    reader.is_retired = false;
    reader.section.arena = arena;
    reader.section.list = NULL;
    reader.line = 0;
    if (text.length > DNSBL_CATALOGUE_TEXT_MAX) {
        (void)fail(&reader, "the file is larger than 1 MiB");
    } else if ((reader.line = control_line(text)) != 0) {
        (void)fail(&reader, "there is a control character in the line");
    } else {
        catalogue->reads++;
        reader.line = 1;
        reader.section.text = arena_copy_slice(arena, text);
        is_good = read_lines(&reader, reader.section.text, text.length);
    }
    if (!is_good) {
        error->file = file;
        error->line = reader.line;
        if (reader.line > 0)
            (void)snprintf(error->message, sizeof error->message, "%.200s:%zu: %s", file,
                           reader.line, reader.reason);
        else
            (void)snprintf(error->message, sizeof error->message, "%.200s: %s", file,
                           reader.reason);
    }
    return is_good;
}

/* ---- finding */

const struct dnsbl_list *dnsbl_catalogue_find(const struct dnsbl_catalogue *catalogue,
                                              const char *zone)
{
    const struct dnsbl_entry *entry = find_entry(catalogue, zone);

    return entry != NULL ? entry->list : NULL;
}

const struct dnsbl_list *dnsbl_catalogue_find_keyed(const struct dnsbl_catalogue *catalogue,
                                                    const char *zone, struct slice *key)
{
    const struct dnsbl_list *list = dnsbl_catalogue_find(catalogue, zone);
    char hidden[DOMAIN_TEXT_SIZE + sizeof DNSBL_ZONE_KEY];

    *key = slice_of("");
    /* A key is the first label, or the second behind the name of a part ("_email"). */
    for (unsigned i = 0; list == NULL && i < 2; i++) {
        struct slice label = slice_of("");

        if (dnsbl_zone_hide_key(zone, i, hidden, &label))
            list = dnsbl_catalogue_find(catalogue, hidden);
        if (list != NULL)
            *key = label;
    }
    return list;
}

const struct dnsbl_retired *dnsbl_catalogue_find_retired(const struct dnsbl_catalogue *catalogue,
                                                         const char *zone)
{
    for (; *zone != '\0'; zone = domain_parent(zone, 1)) {
        const struct dnsbl_entry *entry = find_entry(catalogue, zone);

        if (entry != NULL && (entry->list != NULL || entry->retired != NULL))
            return entry->retired;
    }
    return NULL;
}
