#include <errno.h>
#include <string.h>

#include "bounces.h"

#ifdef HAVE_LIBSYSTEMD

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#define ENTRIES_PER_LOOK 1024

/* ---- who may read */

/* A file of the journal that we may not read stands below `folder`. */
static bool has_forbidden(const char *folder, int depth, struct arena *arena)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    bool is_forbidden = directory == NULL && errno == EACCES;
    while (!is_forbidden && directory != NULL && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        const char *path = arena_format(arena, "%s/%s", folder, entry->d_name);
        if (depth > 0 && !slice_ends_with_ignoring_case(slice_of(path), ".journal"))
            is_forbidden = has_forbidden(path, depth - 1, arena);
        else
            is_forbidden = strcmp(entry->d_name, "system.journal") == 0 &&
                           access(path, R_OK) != 0 && errno == EACCES;
    }
    if (directory != NULL)
        closedir(directory);
    return is_forbidden;
}

static bool is_forbidden(const struct bounces_config *config, struct arena *arena)
{
    if (config->journal_directory != NULL)
        return has_forbidden(config->journal_directory, 1, arena);
    return has_forbidden("/var/log/journal", 1, arena) ||
           has_forbidden("/run/log/journal", 1, arena);
}

/* ---- entries */

/* "postfix" is postfix.service and every postfix@NAME.service; without a unit it is the facility
 * "mail" of syslog. */
static int choose_entries(sd_journal *journal, const char *unit, struct arena *arena)
{
    if (unit[0] == '\0')
        return sd_journal_add_match(journal, "SYSLOG_FACILITY=2", 0);
    const char *name = strchr(unit, '.') == NULL ? arena_format(arena, "%s.service", unit) : unit;
    int result = sd_journal_add_match(journal, arena_format(arena, "_SYSTEMD_UNIT=%s", name), 0);
    if (result >= 0 && strchr(unit, '.') == NULL)
        result = sd_journal_add_match(journal,
                                      arena_format(arena, "_SYSTEMD_UNIT=%s@-.service", unit), 0);
    return result;
}

static struct slice field(sd_journal *journal, const char *name)
{
    const void *data;
    size_t length;
    size_t skip = strlen(name) + 1;
    if (sd_journal_get_data(journal, name, &data, &length) < 0 || length < skip)
        return (struct slice){0};
    return slice_new((const char *)data + skip, length - skip);
}

static void read_entry(sd_journal *journal, struct bounces_reader *reader, struct text *line)
{
    uint64_t microseconds = 0;
    text_clear(line);
    text_append_slice(line, field(journal, "SYSLOG_IDENTIFIER"));
    text_append(line, ": ");
    text_append_slice(line, field(journal, "MESSAGE"));
    sd_journal_get_realtime_usec(journal, &microseconds);
    bounces_read_line(reader, text_slice(line), (int64_t)(microseconds / 1000000));
}

/* Before the first entry that was not read: sd_journal_next() then goes to it. False: the place is
 * gone, and all that is there comes after it. */
static int seek(sd_journal *journal, const struct bounces_config *config, const char *cursor,
                struct bounces_source *source)
{
    if (cursor == NULL) {
        source->is_first = true;
        if (config->state_file == NULL || config->from_start)
            return sd_journal_seek_head(journal);
        int result = sd_journal_seek_tail(journal);
        return result < 0 ? result : sd_journal_previous(journal);
    }
    int result = sd_journal_seek_cursor(journal, cursor);
    if (result >= 0)
        result = sd_journal_next(journal);
    if (result <= 0)
        return result;
    if (sd_journal_test_cursor(journal, cursor) > 0)
        return 0;
    source->is_lost = true; /* vacuumed: this entry is already a later one */
    return sd_journal_previous(journal);
}

/* Nothing of mail, as far as we may see: no journal, another unit, or no permission. */
static bool is_empty(sd_journal *journal)
{
    return sd_journal_seek_head(journal) < 0 || sd_journal_next(journal) == 0;
}

static struct bounces_cursor *find_cursor(struct bounces_memory *memory, const char *unit)
{
    for (size_t i = 0; i < memory->cursor_count; i++)
        if (strcmp(memory->cursors[i].unit, unit) == 0)
            return &memory->cursors[i];
    return NULL;
}

static void keep_cursor(sd_journal *journal, struct bounces_facts *facts, const char *unit)
{
    char *cursor = NULL;
    struct bounces_cursor *known = find_cursor(&facts->memory, unit);
    if (sd_journal_get_cursor(journal, &cursor) < 0)
        return;
    if (known == NULL && facts->memory.cursor_count < BOUNCES_CURSORS_MAX) {
        known = &facts->memory.cursors[facts->memory.cursor_count++];
        known->unit = unit;
    }
    if (known != NULL)
        known->cursor = arena_copy(facts->arena, cursor);
    free(cursor);
}

static void read_entries(sd_journal *journal, struct bounces_reader *reader,
                         struct deadline deadline)
{
    struct bounces_source *source = reader->source;
    struct text line;
    int result;
    text_init(&line, 64 * 1024);
    while ((result = sd_journal_next(journal)) > 0) {
        read_entry(journal, reader, &line);
        if (source->lines % ENTRIES_PER_LOOK == 0 && deadline_left(deadline) == 0) {
            source->left = 1;
            break;
        }
    }
    text_release(&line);
    if (result < 0) {
        source->status = BOUNCES_SOURCE_BROKEN;
        source->trouble = strerror(-result);
    }
}

void bounces_journal_collect(const struct bounces_config *config, struct bounces_facts *facts,
                             struct bounces_source *source, struct deadline deadline)
{
    const struct bounces_cursor *known = find_cursor(&facts->memory, config->journal);
    struct bounces_reader reader = {.facts = facts, .source = source};
    sd_journal *journal = NULL;
    int result = config->journal_directory != NULL
                     ? sd_journal_open_directory(&journal, config->journal_directory, 0)
                     : sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY);
    bool is_open = result >= 0;
    if (is_open)
        result = choose_entries(journal, config->journal, facts->arena);
    if (result >= 0 && known == NULL && is_empty(journal))
        result = is_forbidden(config, facts->arena) ? -EACCES : -ENOENT;
    if (result >= 0)
        result = seek(journal, config, known == NULL ? NULL : known->cursor, source);
    if (result < 0) {
        source->status = result == -EACCES || result == -EPERM ? BOUNCES_SOURCE_FORBIDDEN
                         : result == -ENOENT && is_open        ? BOUNCES_SOURCE_MISSING
                                                               : BOUNCES_SOURCE_BROKEN;
        source->trouble = strerror(-result);
    } else {
        read_entries(journal, &reader, deadline);
        keep_cursor(journal, facts, config->journal);
    }
    if (journal != NULL)
        sd_journal_close(journal);
}

#else

void bounces_journal_collect(const struct bounces_config *config, struct bounces_facts *facts,
                             struct bounces_source *source, struct deadline deadline)
{
    (void)config;
    (void)facts;
    (void)deadline;
    source->status = BOUNCES_SOURCE_NOT_BUILT;
    source->trouble = "built without libsystemd";
}

#endif
