#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bounces_messages.h"
#include "bounces_rotation.h"
#include "mail/bounce_fields.h"
#include "mail/bounce_message.h"

#define CHUNK_SIZE 65536
#define LINE_MAX_LENGTH 1000 /* as much of a line is looked at */
#define KEY_MAX 4096         /* octets of a message that tell it from another */

struct mbox {
    struct bounces_messages *messages;
    int descriptor;
    int64_t when;     /* of the message in the buffer */
    int64_t position; /* in the file, of the next octets */
    int64_t begin;    /* of the message in the buffer */
    int64_t last;     /* of the message that was taken last */
    bool is_resumed;  /* the message in the buffer is the last one of the run before */
    bool is_other;    /* it is not: the file was rewritten */
    bool has_message;
    bool after_blank;   /* the line before was blank, or there was none */
    bool is_line_start; /* of the next octets */
    int64_t changed;    /* time of the file */
    size_t count;       /* messages so far */
};

/* So long a file that ends within a message may still be written to. */
#define WRITING_SECONDS 60

/* ---- the "From " line (RFC 4155): From joe@example.org Thu Apr 29 23:34:45 2004 */

static bool month_of(struct slice word, int *month)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (*month = 0; *month < 12 && word.length == 3; ++*month)
        if (memcmp(word.start, months + (ptrdiff_t)*month * 3, 3) == 0)
            return true;
    return false;
}

static bool read_number(struct slice text, uint64_t most, int *number)
{
    uint64_t value = 0;

    if (!slice_to_number(text, most, &value))
        return false;
    *number = (int)value;
    return true;
}

/* time = 2DIGIT ":" 2DIGIT [ ":" 2DIGIT ] */
static bool read_time(struct slice word, struct tm *when)
{
    struct slice part;
    int *const parts[] = {&when->tm_hour, &when->tm_min, &when->tm_sec};
    size_t i = 0;

    while (slice_split(&word, ':', &part))
        if (i == 3 || !read_number(part, 60, parts[i++]))
            return false;
    return i >= 2;
}

/* False: the line is no separator. */
static bool read_separator(struct slice line, int64_t *when)
{
    struct tm time = {.tm_isdst = -1};
    struct slice word;
    struct slice rest = slice_trim(line, " \r\n");
    bool has_month = false;
    bool has_time = false;
    bool has_year = false;

    if (!slice_starts_with(line, "From "))
        return false;
    while (slice_split(&rest, ' ', &word)) {
        int number = 0;

        if (word.length == 3 && !has_month)
            has_month = month_of(word, &time.tm_mon);
        else if (has_month && !has_time && slice_find(word, ':') < word.length)
            has_time = read_time(word, &time);
        else if (has_month && word.length <= 2 && read_number(word, 31, &number))
            time.tm_mday = number;
        else if (has_time && word.length == 4 && read_number(word, 9999, &number)) {
            time.tm_year = number - 1900;
            has_year = true;
        }
    }
    if (has_year)
        *when = (int64_t)mktime(&time);
    return has_year && *when >= 0;
}

/* ---- messages */

/* What follows a message grows with the next one, so line ends do not count. */
static uint64_t key_of(const struct bounces_messages *messages)
{
    size_t length = messages->length < KEY_MAX ? messages->length : KEY_MAX;

    return bounces_key(slice_trim(slice_new(messages->buffer, length), "\r\n"), slice_of(""));
}

static void end_message(struct mbox *mbox)
{
    struct bounces_messages *messages = mbox->messages;
    const struct bounces_keys *before = &messages->facts->memory.seen_before;

    if (!mbox->has_message)
        return;
    uint64_t key = key_of(messages);
    if (mbox->is_resumed && !bounces_keys_has(before, key)) {
        mbox->is_other = true;
        return;
    }
    mbox->is_resumed = false;
    if (!bounces_seen(messages->facts, key) && !bounces_messages_is_old(messages, mbox->when))
        bounces_messages_take(messages, messages->source->name, mbox->when);
    mbox->last = mbox->begin;
    bounces_messages_begin(messages);
}

/* The last message of the file. Without the blank line behind it (RFC 4155) it may be half of one
 * that is just being delivered: the next run takes it then. */
static void end_last_message(struct mbox *mbox)
{
    const struct bounces_messages *messages = mbox->messages;
    bool is_fresh = messages->facts->now - mbox->changed < WRITING_SECONDS;

    if (mbox->after_blank || messages->config->state_file == NULL || !is_fresh)
        end_message(mbox);
}

static void take_piece(struct mbox *mbox, struct slice piece, bool has_end)
{
    int64_t when = mbox->changed;
    struct slice line = mbox->position == 0 ? slice_skip_bom(piece) : piece;

    if (mbox->is_line_start && mbox->after_blank &&
        read_separator(slice_sub(line, 0, LINE_MAX_LENGTH), &when)) {
        end_message(mbox);
        mbox->has_message = true;
        mbox->when = when;
        mbox->begin = mbox->position;
        mbox->count++;
    } else if (mbox->is_resumed && !mbox->has_message) {
        mbox->is_other = true;
    }
    if (mbox->has_message)
        bounces_messages_add(mbox->messages, piece);
    mbox->after_blank = mbox->is_line_start && slice_trim(piece, "\r\n").length == 0;
    mbox->is_line_start = has_end;
    mbox->position += (int64_t)piece.length;
}

/* Lines of the chunk; what is behind the last line end is kept unless it fills the chunk. Gives
 * the octets taken. */
static size_t take_lines(struct mbox *mbox, struct slice chunk, bool is_last)
{
    size_t taken = 0;

    while (taken < chunk.length && !mbox->is_other) {
        struct slice rest = slice_sub(chunk, taken, chunk.length);
        size_t newline = slice_find(rest, '\n');

        if (newline == rest.length && !is_last && taken > 0)
            break;
        bool has_end = newline < rest.length;
        take_piece(mbox, slice_sub(rest, 0, newline + has_end), has_end);
        taken += newline + has_end;
    }
    return taken;
}

/* From the offset on, where a message has to begin. */
static void read_mbox(struct mbox *mbox, int64_t offset)
{
    char chunk[CHUNK_SIZE];
    size_t length = 0;
    bool is_at_end = false;

    mbox->position = mbox->begin = mbox->last = offset;
    mbox->after_blank = mbox->is_line_start = true;
    mbox->has_message = mbox->is_other = false;
    mbox->is_resumed = offset > 0;
    mbox->count = 0;
    bounces_messages_begin(mbox->messages);
    while (!is_at_end && !mbox->is_other) {
        ssize_t count = pread(mbox->descriptor, chunk + length, sizeof chunk - length,
                              (off_t)(mbox->position + (int64_t)length));

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            bounces_messages_trouble(mbox->messages, errno);
            return;
        }
        length += (size_t)count;
        is_at_end = count == 0;
        if (deadline_left(mbox->messages->deadline) <= 0) {
            mbox->messages->source->left++;
            return;
        }
        size_t taken = take_lines(mbox, slice_new(chunk, length), is_at_end);
        memmove(chunk, chunk + taken, length - taken);
        length -= taken;
    }
    if (!mbox->is_other)
        end_last_message(mbox);
}

/* ---- where the run before ended */

/* 0: the file is another one, or was never read, so all of it is to be read. */
static int64_t find_offset(const struct mbox *mbox, const struct stat *status)
{
    struct bounces_memory *memory = &mbox->messages->facts->memory;
    const struct bounces_place *place =
        bounces_place_find(memory, mbox->messages->source->name, false);
    bool is_same = place != NULL && place->device == (uint64_t)status->st_dev &&
                   place->inode == (uint64_t)status->st_ino && place->offset < status->st_size &&
                   place->head_length > 0 && bounces_head_matches(mbox->descriptor, place);

    return is_same ? place->offset : 0;
}

static void remember(const struct mbox *mbox, const struct stat *status)
{
    struct bounces_place place = {
        .path = mbox->messages->source->name,
        .device = (uint64_t)status->st_dev,
        .inode = (uint64_t)status->st_ino,
        .offset = mbox->last,
        .is_known = true,
    };

    bounces_head_take(mbox->descriptor, &place);
    bounces_place_set(&mbox->messages->facts->memory, &place);
}

static void read_new(struct mbox *mbox, const struct stat *status)
{
    int64_t offset = find_offset(mbox, status);

    read_mbox(mbox, offset);
    if (mbox->is_other)
        read_mbox(mbox, 0);
    else if (offset > 0)
        /* What stands before it was not asked for, and is known all the same. */
        bounces_messages_keep_seen(mbox->messages->facts);
    remember(mbox, status);
}

void bounces_mbox_collect(struct bounces_messages *messages)
{
    struct stat status;
    struct mbox mbox = {.messages = messages};

    mbox.descriptor = bounces_open_regular(messages->source->name, &status);
    if (mbox.descriptor < 0) {
        bounces_messages_trouble(messages, errno);
        return;
    }
    mbox.changed = status.st_mtime;
    read_new(&mbox, &status);
    close(mbox.descriptor);
    if (mbox.count == 0 && status.st_size > 0 && messages->source->left == 0 &&
        messages->source->status == BOUNCES_SOURCE_READ) {
        messages->source->status = BOUNCES_SOURCE_NO_FILE;
        messages->source->trouble = "it has no \"From \" line, so it is no mbox";
    }
}
