#include "bounces_rotation.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bounces_lines.h"

int bounces_open_regular(const char *path, struct stat *status)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) {
        errno = errno == ENXIO ? 0 : errno; /* a socket */
        return -1;
    }
    if (fstat(descriptor, status) == 0 && S_ISREG(status->st_mode))
        return descriptor;
    close(descriptor);
    errno = 0;
    return -1;
}

/* ---- the first octets */

static uint64_t head_key(const char *head, size_t length)
{
    return bounces_key(slice_new(head, length), (struct slice){0});
}

bool bounces_head_matches(int descriptor, const struct bounces_place *place)
{
    char head[BOUNCES_HEAD_MAX];
    /* Of a file that was empty, only an empty one is known to be the same. */
    if (place->head_length == 0)
        return bounces_lines_head(descriptor, head, 1) == 0;
    return bounces_lines_head(descriptor, head, place->head_length) == place->head_length &&
           head_key(head, place->head_length) == place->head_key;
}

void bounces_head_take(int descriptor, struct bounces_place *place)
{
    char head[BOUNCES_HEAD_MAX];
    place->head_length = bounces_lines_head(descriptor, head, sizeof head);
    place->head_key = head_key(head, place->head_length);
}

/* ---- files beside it */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* name       = base ( "." / "-" ) ( 1*DIGIT *any / "old" )
 *            / stem "-" 1*DIGIT *any                where base = stem "." extension */
static bool is_rotated_name(struct slice name, struct slice base, uint64_t *number)
{
    size_t dot = base.length;
    while (dot > 0 && base.start[dot - 1] != '.')
        dot--;
    struct slice rest = slice_sub(name, base.length, name.length);
    struct slice own = slice_sub(name, 0, base.length);
    bool has_base = name.length > base.length && slice_equals(own, base) &&
                    (rest.start[0] == '.' || rest.start[0] == '-');
    if (!has_base && dot > 1 && name.length > dot && name.start[dot - 1] == '-' &&
        slice_equals(slice_sub(name, 0, dot - 1), slice_sub(base, 0, dot - 1)))
        rest = slice_sub(name, dot - 1, name.length);
    else if (!has_base)
        return false;
    rest = slice_sub(rest, 1, rest.length);
    *number = 0;
    if (slice_equals_text(rest, "old"))
        return true;
    size_t digits = 0;
    while (digits < rest.length && digits < 18 && is_digit(rest.start[digits]))
        *number = *number * 10 + (uint64_t)(rest.start[digits++] - '0');
    return digits > 0;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b ? 1 : 0;
}

/* The oldest first. Where the clock does not tell: mail.log.2 is older than mail.log.1, and a date
 * older than a later one. */
static int compare_siblings(const void *a, const void *b)
{
    const struct bounces_sibling *left = a;
    const struct bounces_sibling *right = b;
    const struct timespec *left_time = &left->status.st_mtim;
    const struct timespec *right_time = &right->status.st_mtim;
    if (left_time->tv_sec != right_time->tv_sec)
        return left_time->tv_sec < right_time->tv_sec ? -1 : 1;
    if (left_time->tv_nsec != right_time->tv_nsec)
        return left_time->tv_nsec < right_time->tv_nsec ? -1 : 1;
    bool is_date = left->number > 10000000 && right->number > 10000000;
    return is_date ? compare_numbers(left->number, right->number)
                   : compare_numbers(right->number, left->number);
}

void bounces_rotation_find(struct arena *arena, const char *path, struct bounces_siblings *siblings)
{
    const char *slash = strrchr(path, '/');
    struct slice base = slice_of(slash == NULL ? path : slash + 1);
    const char *folder =
        slash == NULL ? "." : arena_copy_slice(arena, slice_new(path, (size_t)(slash - path) + 1));
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    siblings->count = 0;
    siblings->files = arena_array(arena, BOUNCES_SIBLINGS_MAX, sizeof *siblings->files);
    while (directory != NULL && siblings->count < BOUNCES_SIBLINGS_MAX &&
           (entry = readdir(directory)) != NULL) {
        struct bounces_sibling *one = &siblings->files[siblings->count];
        if (!is_rotated_name(slice_of(entry->d_name), base, &one->number))
            continue;
        one->path = slash == NULL ? arena_copy(arena, entry->d_name)
                                  : arena_format(arena, "%s%s", folder, entry->d_name);
        if (stat(one->path, &one->status) == 0 && S_ISREG(one->status.st_mode))
            siblings->count++;
    }
    if (directory != NULL)
        closedir(directory);
    if (siblings->count > 0)
        qsort(siblings->files, siblings->count, sizeof *siblings->files, compare_siblings);
}

static bool is_the_file(const struct bounces_sibling *sibling, const struct bounces_place *place,
                        bool by_inode)
{
    struct stat status;
    bool is_same = (uint64_t)sibling->status.st_dev == place->device &&
                   (uint64_t)sibling->status.st_ino == place->inode;
    if (by_inode && !is_same)
        return false;
    if (by_inode && place->head_length == 0)
        return true;
    int descriptor = bounces_open_regular(sibling->path, &status);
    if (descriptor < 0)
        return false;
    bool matches = bounces_head_matches(descriptor, place);
    close(descriptor);
    return matches;
}

const struct bounces_sibling *bounces_rotation_match(const struct bounces_siblings *siblings,
                                                     const struct bounces_place *place)
{
    for (int by_inode = 1; by_inode >= 0; by_inode--)
        for (size_t i = siblings->count; i > 0; i--)
            if (is_the_file(&siblings->files[i - 1], place, by_inode == 1))
                return &siblings->files[i - 1];
    return NULL;
}
