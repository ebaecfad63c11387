/*
 * What a log file was rotated to: the files beside it that carry its name and a number or a date.
 *
 *     mail.log.1  mail.log.2.gz  mail.log-20261122  mail-20261122.log  mail.log.0  mail.log.old
 *
 * A file is the one that a place was left in when it has the same inode and the same first octets
 * (renamed), or the same first octets (copied, or packed).
 */
#ifndef PLUGINS_BOUNCES_ROTATION_H
#define PLUGINS_BOUNCES_ROTATION_H

#include <sys/stat.h>

#include "bounces_memory.h"

#define BOUNCES_SIBLINGS_MAX 512

struct bounces_sibling {
    const char *path;
    struct stat status;
    uint64_t number; /* in its name: 1, 20261122 */
};

struct bounces_siblings {
    struct bounces_sibling *files; /* the oldest first; in the arena */
    size_t count;
};

void bounces_rotation_find(struct arena *arena, const char *path,
                           struct bounces_siblings *siblings);

/* The file that the place was left in, or NULL. */
const struct bounces_sibling *bounces_rotation_match(const struct bounces_siblings *siblings,
                                                     const struct bounces_place *place);

/* The first octets of the text in the descriptor are those of the place. */
bool bounces_head_matches(int descriptor, const struct bounces_place *place);
/* Notes them in the place. */
void bounces_head_take(int descriptor, struct bounces_place *place);

/* A descriptor of a regular file, opened without waiting; -1 with errno, 0 of which means that it
 * is something else. */
int bounces_open_regular(const char *path, struct stat *status);

#endif
