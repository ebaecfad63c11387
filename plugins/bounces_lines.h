/*
 * The lines of a file, plain or compressed by gzip, without ever holding more than one buffer.
 *
 * A line longer than BOUNCES_LINE_MAX is given cut; its rest is passed over. A last line without
 * an end is given when the file is finished (rotated, or read once and for all), else it is left
 * for the next run.
 */
#ifndef PLUGINS_BOUNCES_LINES_H
#define PLUGINS_BOUNCES_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define BOUNCES_LINE_MAX ((size_t)64 * 1024)

/* The zero value is closed. */
struct bounces_lines {
    int descriptor;
    void *gzip; /* NULL: the file is plain */
    char *buffer;
    size_t start, end; /* what is in the buffer and was not given yet */
    int64_t offset;    /* of `start` in the text */
    bool is_midline;   /* the rest of a line is passed over */
    bool is_finished;
    bool is_at_end;
    uint64_t long_lines;
    const char *error; /* reading failed: why; what was read before holds */
};

/* Takes the descriptor, also when it fails. False with lines->error. `offset` is where the text is
 * read from; `is_midline` as it was left there. */
bool bounces_lines_open(struct bounces_lines *lines, int descriptor, int64_t offset,
                        bool is_midline);
void bounces_lines_close(struct bounces_lines *lines);

/* The next line without its end; it stands until the next call. False: no more, or lines->error. */
bool bounces_lines_next(struct bounces_lines *lines, struct slice *line);

/* The first octets of the text, at most `most`. */
size_t bounces_lines_head(int descriptor, char *head, size_t most);

#endif
