#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bounces_messages.h"

#define PATH_SIZE 4096

/* Opens a file of the folder without waiting and without following a link. */
static int open_message(int folder, const char *name, struct stat *status)
{
    int descriptor = openat(folder, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

    if (descriptor >= 0 && (fstat(descriptor, status) != 0 || !S_ISREG(status->st_mode))) {
        close(descriptor);
        descriptor = -1;
        errno = 0;
    }
    return descriptor;
}

/* The unique name: without the flags behind the colon. */
static struct slice unique_name(const char *name)
{
    struct slice whole = slice_of(name);

    return slice_sub(whole, 0, slice_find(whole, ':'));
}

/* False: it could not be read, which another run may do. */
static bool read_message(struct bounces_messages *messages, int folder, const char *part,
                         const char *name)
{
    struct stat status;
    char path[PATH_SIZE];
    int descriptor = open_message(folder, name, &status);
    bool is_read = true;

    /* ENOENT: moved or deleted by its owner meanwhile. */
    if (descriptor < 0)
        return errno == ENOENT || errno == 0;
    (void)snprintf(path, sizeof path, "%s/%s/%s", messages->source->name, part, name);
    if (!bounces_messages_is_old(messages, status.st_mtime)) {
        is_read = bounces_messages_load(messages, descriptor);
        if (is_read)
            bounces_messages_take(messages, path, status.st_mtime);
    }
    close(descriptor);
    return is_read;
}

/* False: the time is up. */
static bool read_folder(struct bounces_messages *messages, DIR *folder, const char *part)
{
    const struct dirent *entry;
    struct slice place = slice_of(messages->source->name);

    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (deadline_left(messages->deadline) <= 0) {
            messages->source->left++;
            return false;
        }
        uint64_t key = bounces_key(unique_name(entry->d_name), place);

        if (bounces_is_seen(messages->facts, key) ||
            read_message(messages, dirfd(folder), part, entry->d_name))
            (void)bounces_seen(messages->facts, key);
        else
            messages->source->unread++;
    }
    return true;
}

static DIR *open_part(struct bounces_messages *messages, const char *part)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof path, "%s/%s", messages->source->name, part);
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    DIR *folder = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (folder == NULL && descriptor >= 0)
        close(descriptor);
    return folder;
}

void bounces_maildir_collect(struct bounces_messages *messages)
{
    static const char *const parts[] = {"new", "cur"};

    for (size_t i = 0; i < 2; i++) {
        DIR *folder = open_part(messages, parts[i]);

        if (folder == NULL) {
            int reason = errno;

            bounces_messages_trouble(messages, reason);
            if (reason == ENOENT)
                messages->source->trouble = "it has no folders new and cur, so it is no Maildir";
            return;
        }
        bool is_whole = read_folder(messages, folder, parts[i]);
        (void)closedir(folder);
        if (!is_whole)
            return;
    }
}
