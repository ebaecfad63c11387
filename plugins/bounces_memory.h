/*
 * What check_bounces remembers between two runs: the buckets of the tally, how far each log was
 * read, which deferrals were counted.
 *
 * One text, replaced in one step (plugin/state_file.h), holds the counts and the places together: a
 * run that is killed leaves the old file, and the next run reads the same lines again into the same
 * counts. So no line is lost and none is counted twice.
 *
 * Lines, fields separated by one tab:
 *
 *     since     SECONDS
 *     provider  NAME                            numbered from 1; 0 is "other"
 *     cause     CLASS PROVIDER BLOCKLIST RULE REPLY          numbered from 0
 *     bucket    START COUNT...                  one count for each kind
 *     delivered PROVIDER COUNT                  of the bucket above
 *     refused   CAUSE BOUNCED DEFERRED          of the bucket above
 *     place     PATH DEVICE INODE OFFSET MIDLINE LENGTH HASH LINES KNOWN
 *     tail      the same, of the file that PATH was before it was rotated
 *     cursor    UNIT CURSOR
 *     deferral  HASH      notice HASH      seen HASH
 *     recent    MESSAGE RECIPIENT HOST NAME     hashes of the queue id and of it with the recipient
 */
#ifndef PLUGINS_BOUNCES_MEMORY_H
#define PLUGINS_BOUNCES_MEMORY_H

#include "base/text.h"
#include "bounces_keys.h"
#include "bounces_recent.h"
#include "bounces_tally.h"

#define BOUNCES_KIND_OF_STATE "bounces 1"
#define BOUNCES_PLACES_MAX 128
#define BOUNCES_CURSORS_MAX 16
#define BOUNCES_DEFERRALS_MAX 131072
#define BOUNCES_NOTICES_MAX 16384
#define BOUNCES_SEEN_MAX 262144
#define BOUNCES_HEAD_MAX 256 /* octets of a file that tell it from another */

/* How far a file was read. */
struct bounces_place {
    const char *path;
    bool is_tail;
    uint64_t device, inode;
    int64_t offset;     /* of what was not read yet; in a compressed file of its text */
    bool is_midline;    /* the rest of a line that was cut, or begun before us, is passed over */
    size_t head_length; /* the first octets of the file */
    uint64_t head_key;
    uint64_t lines; /* read so far */
    bool is_known;  /* a line of a mail server was among them */
};

struct bounces_cursor {
    const char *unit, *cursor;
};

/* Initialise with bounces_memory_init. */
struct bounces_memory {
    struct arena *arena;
    struct bounces_place places[BOUNCES_PLACES_MAX];
    size_t place_count;
    struct bounces_cursor cursors[BOUNCES_CURSORS_MAX];
    size_t cursor_count;
    struct bounces_keys deferrals; /* queue id and recipient; queue id and "#1", "#2" ... for
                                      those of a message that still wait */
    struct bounces_recent *recent; /* NULL: nobody was deferred */
    struct bounces_keys notices;   /* queue ids of messages with the null sender */
    struct bounces_keys seen_before, seen; /* messages: of the state file, and of this run */
};

void bounces_memory_init(struct bounces_memory *memory, struct arena *arena);
void bounces_memory_release(struct bounces_memory *memory);

/* Reads the lines into memory and tally. Returns the number of the first line that cannot be
 * understood, or 0; then start with both anew. */
size_t bounces_memory_read(struct bounces_memory *memory, struct bounces_tally *tally,
                           struct slice lines);
void bounces_memory_print(const struct bounces_memory *memory, const struct bounces_tally *tally,
                          struct text *out);

/* For writing to: there is one after that. */
struct bounces_recent *bounces_memory_recent(struct bounces_memory *memory);

/* NULL: none. */
struct bounces_place *bounces_place_find(struct bounces_memory *memory, const char *path,
                                         bool is_tail);
/* Puts it in the place of the one with the same path and is_tail; when there is no room nothing
 * is remembered. */
void bounces_place_set(struct bounces_memory *memory, const struct bounces_place *place);
void bounces_place_drop(struct bounces_memory *memory, const char *path, bool is_tail);

#endif
