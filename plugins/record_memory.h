/*
 * --state-file for records in DNS: what was published under a key, since when it is seen, and what
 * stood there before.
 */
#ifndef PLUGINS_RECORD_MEMORY_H
#define PLUGINS_RECORD_MEMORY_H

#include "base/arena.h"

struct record_memory {
    const char *key;    /* a name without tabs and line ends */
    const char *record; /* as seen in this run; NULL: not known, nothing is remembered */
    /* What the file says, after this run's record was entered. */
    bool is_remembered;
    int64_t since;        /* wall clock at which this record was seen first */
    bool has_changed;     /* `since` is the time of a change, not of the first run */
    const char *previous; /* the record before that, or NULL */
};

/* Reads the file, enters the records, writes it. `kind` is "dmarc 1". Returns NULL, or what is
 * wrong with the file, escaped for output; the records are then as on a first run. */
const char *record_memory_update(struct arena *arena, const char *path, const char *kind,
                                 int64_t now, struct record_memory *records, size_t count);

#endif
