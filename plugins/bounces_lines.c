#include "bounces_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"

#define BUFFER_SIZE ((size_t)256 * 1024)

/* RFC 1952 2.3.1 */
static bool is_gzip(int descriptor)
{
    unsigned char magic[2];
    return pread(descriptor, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

static gzFile open_gzip(int descriptor)
{
    int copy = dup(descriptor);
    gzFile gzip = copy < 0 || lseek(copy, 0, SEEK_SET) != 0 ? NULL : gzdopen(copy, "rb");
    if (gzip == NULL && copy >= 0)
        close(copy);
    if (gzip != NULL)
        gzbuffer(gzip, 128 * 1024);
    return gzip;
}

bool bounces_lines_open(struct bounces_lines *lines, int descriptor, int64_t offset,
                        bool is_midline)
{
    *lines = (struct bounces_lines){
        .descriptor = descriptor, .offset = offset, .is_midline = is_midline};
    lines->buffer = memory_new(BUFFER_SIZE, 1);
    if (!is_gzip(descriptor)) {
        if (lseek(descriptor, (off_t)offset, SEEK_SET) < 0)
            lines->error = strerror(errno);
        return lines->error == NULL;
    }
    lines->gzip = open_gzip(descriptor);
    if (lines->gzip == NULL || gzseek(lines->gzip, (z_off_t)offset, SEEK_SET) < 0)
        lines->error = "it cannot be unpacked";
    return lines->error == NULL;
}

void bounces_lines_close(struct bounces_lines *lines)
{
    if (lines->gzip != NULL)
        gzclose_r(lines->gzip);
    if (lines->buffer != NULL)
        close(lines->descriptor);
    free(lines->buffer);
    lines->gzip = NULL;
    lines->buffer = NULL;
}

static ssize_t read_text(struct bounces_lines *lines, char *into, size_t most)
{
    ssize_t count;
    if (lines->gzip != NULL) {
        count = gzread(lines->gzip, into, (unsigned)most);
        int trouble = Z_OK;
        gzerror(lines->gzip, &trouble);
        /* At the end of a file that is cut short zlib tells Z_BUF_ERROR beside what it has. */
        if (count < 0 || (count == 0 && trouble != Z_OK && trouble != Z_STREAM_END))
            lines->error = "it cannot be unpacked to its end";
        return count;
    }
    do
        count = read(lines->descriptor, into, most);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        lines->error = strerror(errno);
    return count;
}

/* More text behind what is there. False: no more. */
static bool fill(struct bounces_lines *lines)
{
    if (lines->is_at_end || lines->error != NULL)
        return false;
    if (lines->start > 0) {
        memmove(lines->buffer, lines->buffer + lines->start, lines->end - lines->start);
        lines->end -= lines->start;
        lines->start = 0;
    }
    ssize_t count = read_text(lines, lines->buffer + lines->end, BUFFER_SIZE - lines->end);
    if (count <= 0) {
        lines->is_at_end = lines->error == NULL;
        return false;
    }
    lines->end += (size_t)count;
    return true;
}

static void take(struct bounces_lines *lines, size_t count)
{
    lines->start += count;
    lines->offset += (int64_t)count;
}

/* The rest of a line whose start was given, or not ours. */
static void pass_over(struct bounces_lines *lines)
{
    while (lines->is_midline) {
        size_t length = lines->end - lines->start;
        const char *end = length == 0 ? NULL : memchr(lines->buffer + lines->start, '\n', length);
        if (end != NULL) {
            take(lines, (size_t)(end - (lines->buffer + lines->start)) + 1);
            lines->is_midline = false;
        } else {
            take(lines, length);
            if (!fill(lines))
                return;
        }
    }
}

bool bounces_lines_next(struct bounces_lines *lines, struct slice *line)
{
    size_t looked = 0;
    pass_over(lines);
    for (;;) {
        size_t length = lines->end - lines->start;
        const char *start = lines->buffer + lines->start;
        const char *end = looked == length ? NULL : memchr(start + looked, '\n', length - looked);
        if (end != NULL && (size_t)(end - start) <= BOUNCES_LINE_MAX) {
            *line = slice_new(start, (size_t)(end - start));
            take(lines, line->length + 1);
            return true;
        }
        if (length > BOUNCES_LINE_MAX) {
            *line = slice_new(start, BOUNCES_LINE_MAX);
            take(lines, BOUNCES_LINE_MAX);
            lines->is_midline = true;
            lines->long_lines++;
            return true;
        }
        looked = length;
        if (!fill(lines))
            break;
    }
    if (!lines->is_finished || lines->end == lines->start || lines->is_midline)
        return false;
    *line = slice_new(lines->buffer + lines->start, lines->end - lines->start);
    take(lines, line->length);
    return true;
}

size_t bounces_lines_head(int descriptor, char *head, size_t most)
{
    size_t have = 0;
    if (is_gzip(descriptor)) {
        gzFile gzip = open_gzip(descriptor);
        int count = gzip == NULL ? 0 : gzread(gzip, head, (unsigned)most);
        if (gzip != NULL)
            gzclose_r(gzip);
        return count < 0 ? 0 : (size_t)count;
    }
    while (have < most) {
        ssize_t count = pread(descriptor, head + have, most - have, (off_t)have);
        if (count <= 0)
            break;
        have += (size_t)count;
    }
    return have;
}
