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
    int64_t when; /* of the message in the buffer */
    bool has_message;
    bool after_blank;   /* the line before was blank, or there was none */
    bool is_line_start; /* of the next octets */
    int64_t changed;    /* time of the file */
    size_t count;       /* messages so far */
};

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

static void end_message(struct mbox *mbox)
{
    struct bounces_messages *messages = mbox->messages;
    struct slice head =
        slice_new(messages->buffer, messages->length < KEY_MAX ? messages->length : KEY_MAX);

    if (!mbox->has_message)
        return;
    mbox->count++;
    if (!bounces_seen(messages->facts, bounces_key(head, slice_of(""))) &&
        !bounces_messages_is_old(messages, mbox->when))
        bounces_messages_take(messages, messages->source->name, mbox->when);
    messages->length = 0;
}

/* Appends a line or a piece of one; what is beyond the bound is passed over. */
static void add_octets(struct mbox *mbox, struct slice octets)
{
    struct bounces_messages *messages = mbox->messages;
    size_t room = BOUNCE_MESSAGE_MAX - messages->length;
    size_t length = octets.length < room ? octets.length : room;

    if (length > 0)
        memcpy(messages->buffer + messages->length, octets.start, length);
    messages->length += length;
}

static void take_piece(struct mbox *mbox, struct slice piece, bool has_end)
{
    int64_t when = mbox->changed;

    if (mbox->is_line_start && mbox->after_blank &&
        read_separator(slice_sub(piece, 0, LINE_MAX_LENGTH), &when)) {
        end_message(mbox);
        mbox->has_message = true;
        mbox->when = when;
    }
    if (mbox->has_message)
        add_octets(mbox, piece);
    mbox->after_blank = mbox->is_line_start && slice_trim(piece, "\r\n").length == 0;
    mbox->is_line_start = has_end;
}

/* Lines of the chunk; what is behind the last line end is kept unless it fills the chunk. Gives
 * the octets taken. */
static size_t take_lines(struct mbox *mbox, struct slice chunk, bool is_last)
{
    size_t taken = 0;

    while (taken < chunk.length) {
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

static void read_mbox(struct mbox *mbox, int descriptor)
{
    char chunk[CHUNK_SIZE];
    size_t length = 0;

    for (;;) {
        ssize_t count = read(descriptor, chunk + length, sizeof chunk - length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            bounces_messages_trouble(mbox->messages, errno);
            return;
        }
        length += (size_t)count;
        if (deadline_left(mbox->messages->deadline) <= 0) {
            mbox->messages->source->left++;
            return;
        }
        size_t taken = take_lines(mbox, slice_new(chunk, length), count == 0);
        memmove(chunk, chunk + taken, length - taken);
        length -= taken;
        if (count == 0)
            break;
    }
    end_message(mbox);
}

void bounces_mbox_collect(struct bounces_messages *messages)
{
    struct stat status;
    struct mbox mbox = {.messages = messages, .after_blank = true, .is_line_start = true};
    int descriptor = bounces_open_regular(messages->source->name, &status);

    if (descriptor < 0) {
        bounces_messages_trouble(messages, errno);
        return;
    }
    mbox.changed = status.st_mtime;
    messages->length = 0;
    read_mbox(&mbox, descriptor);
    close(descriptor);
    if (mbox.count == 0 && status.st_size > 0 && messages->source->status == BOUNCES_SOURCE_READ) {
        messages->source->status = BOUNCES_SOURCE_NO_FILE;
        messages->source->trouble = "it has no \"From \" line, so it is no mbox";
    }
}
