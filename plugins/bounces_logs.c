#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bounces.h"
#include "bounces_lines.h"
#include "bounces_rotation.h"

/* The clock is looked at after so many lines. */
#define LINES_PER_LOOK 2048

/* One log on its way. */
struct log {
    const struct bounces_config *config;
    struct bounces_facts *facts;
    struct bounces_source *source;
    struct bounces_reader reader;
    struct deadline deadline;
    struct bounces_siblings siblings;
    struct bounces_place place; /* where reading goes on */
    bool keeps_state;
    bool has_file; /* there is one under the log's own name */
};

/* Reads on from the place in the descriptor, which is closed. True: to the end. */
static bool read_on(struct log *log, int descriptor, bool is_finished)
{
    struct bounces_lines lines;
    struct slice line;
    bool is_in_time = true;
    int64_t start = log->place.offset;
    uint64_t before = log->source->lines;
    if (bounces_lines_open(&lines, descriptor, log->place.offset, log->place.is_midline)) {
        lines.is_finished = is_finished;
        while (is_in_time && bounces_lines_next(&lines, &line)) {
            bounces_read_line(&log->reader, line, 0);
            if (log->source->lines % LINES_PER_LOOK == 0)
                is_in_time = deadline_left(log->deadline) > 0;
        }
    }
    if (lines.error != NULL) {
        log->source->status = BOUNCES_SOURCE_BROKEN;
        log->source->trouble = lines.error;
    }
    log->place.offset = lines.offset;
    log->place.is_midline = lines.is_midline;
    log->place.lines += log->source->lines - before;
    log->source->octets += (uint64_t)(lines.offset - start);
    log->source->long_lines += lines.long_lines;
    bounces_lines_close(&lines);
    return is_in_time;
}

static void settle(struct log *log, const struct stat *status, int descriptor)
{
    log->place.device = (uint64_t)status->st_dev;
    log->place.inode = (uint64_t)status->st_ino;
    bounces_head_take(descriptor, &log->place);
}

static void begin_at(struct log *log, int64_t offset)
{
    log->place.offset = offset;
    log->place.is_midline = false;
}

static void remember(struct log *log)
{
    log->place.is_known = log->source->is_known;
    if (log->keeps_state)
        bounces_place_set(&log->facts->memory, &log->place);
}

/* ---- rotated files */

/* The program that writes may hold the old file open for a while after it was renamed: what it
 * still writes there is read by the next run. */
static void leave_tail(struct log *log)
{
    struct bounces_place tail = log->place;
    tail.is_tail = true;
    if (log->keeps_state)
        bounces_place_set(&log->facts->memory, &tail);
}

static void finish_tail(struct log *log)
{
    struct bounces_place *tail = bounces_place_find(&log->facts->memory, log->source->name, true);
    struct stat status;
    if (tail == NULL)
        return;
    struct bounces_place place = log->place;
    const struct bounces_sibling *file = bounces_rotation_match(&log->siblings, tail);
    int descriptor = file == NULL ? -1 : bounces_open_regular(file->path, &status);
    log->place = *tail;
    if (descriptor >= 0)
        read_on(log, descriptor, true);
    log->place = place;
    bounces_place_drop(&log->facts->memory, log->source->name, true);
}

/* The same text twice: the packed copy of a file that is still there. */
static bool is_copy_of_place(const struct log *log, const struct bounces_sibling *file)
{
    struct stat status;
    int descriptor = bounces_open_regular(file->path, &status);
    bool is_copy = descriptor >= 0 && bounces_head_matches(descriptor, &log->place);
    if (descriptor >= 0)
        close(descriptor);
    return is_copy;
}

/* Reads `file` from the place on. False: not to its end in time. */
static bool finish_file(struct log *log, const struct bounces_sibling *file, bool is_last)
{
    struct stat status;
    int descriptor = bounces_open_regular(file->path, &status);
    if (descriptor < 0)
        return true;
    bool is_renamed = (uint64_t)status.st_ino == log->place.inode;
    bool has_tail = is_last && is_renamed && log->has_file;
    if (!read_on(log, descriptor, !has_tail)) {
        log->source->left =
            status.st_size > log->place.offset ? status.st_size - log->place.offset : 1;
        return false;
    }
    if (has_tail)
        leave_tail(log);
    log->source->finished++;
    return true;
}

/* From the file that the place was left in over those that were rotated later. False: not all in
 * time; then the place says how far. */
static bool finish_rotated(struct log *log, const struct bounces_sibling *first)
{
    const struct bounces_sibling *end = log->siblings.files + log->siblings.count;
    for (const struct bounces_sibling *file = first; file < end; file++) {
        struct stat status;
        if (file != first) {
            if (is_copy_of_place(log, file))
                continue;
            int descriptor = bounces_open_regular(file->path, &status);
            if (descriptor < 0)
                continue;
            begin_at(log, 0);
            settle(log, &status, descriptor);
            close(descriptor);
        }
        if (!finish_file(log, file, file + 1 == end))
            return false;
    }
    return true;
}

/* The file under the log's name is not the one that we left. False: the time is up. */
static bool follow(struct log *log, bool is_same_inode)
{
    const struct bounces_sibling *file = bounces_rotation_match(&log->siblings, &log->place);
    if (file == NULL) {
        log->source->is_truncated = is_same_inode;
        log->source->is_lost = !is_same_inode;
        return true;
    }
    log->source->is_copied = is_same_inode;
    return finish_rotated(log, file);
}

/* ---- the log itself */

static bool is_left_here(const struct log *log, int descriptor, const struct stat *status)
{
    return (uint64_t)status->st_dev == log->place.device &&
           (uint64_t)status->st_ino == log->place.inode && status->st_size >= log->place.offset &&
           (log->place.head_length == 0 || bounces_head_matches(descriptor, &log->place));
}

/* A line that was begun before us is not ours: its start is not known. */
static void begin_at_end(struct log *log, int descriptor, const struct stat *status)
{
    char last = '\n';
    begin_at(log, status->st_size);
    if (status->st_size > 0 && pread(descriptor, &last, 1, status->st_size - 1) == 1)
        log->place.is_midline = last != '\n';
}

static void fail_to_open(struct log *log, int reason)
{
    struct bounces_source *source = log->source;
    source->status = reason == 0        ? BOUNCES_SOURCE_NO_FILE
                     : reason == ENOENT ? BOUNCES_SOURCE_MISSING
                     : reason == EACCES ? BOUNCES_SOURCE_FORBIDDEN
                                        : BOUNCES_SOURCE_BROKEN;
    source->trouble = reason == 0 ? "it is not a regular file" : strerror(reason);
}

/* True: the file under the log's name is to be read from the place on. */
static bool find_place(struct log *log, int descriptor, const struct stat *status, bool has_place)
{
    if (!has_place) {
        log->source->is_first = true;
        begin_at(log, 0);
        if (log->keeps_state && !log->config->from_start)
            begin_at_end(log, descriptor, status);
        return true;
    }
    if (is_left_here(log, descriptor, status))
        return true;
    bool is_same = (uint64_t)status->st_dev == log->place.device &&
                   (uint64_t)status->st_ino == log->place.inode;
    if (!follow(log, is_same)) {
        remember(log);
        return false;
    }
    begin_at(log, 0);
    return true;
}

static void read_log(struct log *log)
{
    struct stat status;
    const struct bounces_place *known =
        bounces_place_find(&log->facts->memory, log->source->name, false);
    int descriptor = bounces_open_regular(log->source->name, &status);
    int reason = errno;
    bounces_rotation_find(log->facts->arena, log->source->name, &log->siblings);
    log->place = known != NULL ? *known : (struct bounces_place){.path = log->source->name};
    log->source->is_known = log->place.is_known;
    log->has_file = descriptor >= 0;
    finish_tail(log);
    if (descriptor < 0) {
        /* Between a rotation and the first line after it there may be no file. */
        const struct bounces_sibling *file =
            known != NULL && reason == ENOENT ? bounces_rotation_match(&log->siblings, &log->place)
                                              : NULL;
        if (file == NULL)
            fail_to_open(log, reason);
        else
            finish_rotated(log, file);
        if (known != NULL)
            remember(log);
        return;
    }
    if (!find_place(log, descriptor, &status, known != NULL)) {
        close(descriptor);
        return;
    }
    settle(log, &status, descriptor);
    if (!read_on(log, descriptor, !log->keeps_state))
        log->source->left =
            status.st_size > log->place.offset ? status.st_size - log->place.offset : 1;
    remember(log);
    log->source->lines = log->place.lines;
}

void bounces_logs_collect(const struct bounces_config *config, struct bounces_facts *facts,
                          struct deadline deadline)
{
    enum maillog_format format = MAILLOG_ANY;
    while (config->format != NULL && format < MAILLOG_FORMATS - 1 &&
           strcmp(maillog_format_name(format), config->format) != 0)
        format++;
    for (size_t i = 0; i < config->logs.count; i++) {
        struct bounces_source *source = &facts->sources[facts->source_count++];
        struct log log = {
            .config = config,
            .facts = facts,
            .source = source,
            .deadline = deadline,
            .keeps_state = config->state_file != NULL,
        };
        source->name = config->logs.values[i];
        log.reader = (struct bounces_reader){.facts = facts, .format = format, .source = source};
        read_log(&log);
    }
}
