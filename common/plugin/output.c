#include "plugin/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

#define SUFFIX ".new"

static bool wait_writable(int descriptor, struct deadline deadline)
{
    struct pollfd ready = {.fd = descriptor, .events = POLLOUT};

    return poll(&ready, 1, deadline_left_for_poll(deadline)) > 0 || deadline_left(deadline) > 0;
}

bool output_write(int descriptor, struct slice text)
{
    struct deadline deadline = deadline_in(OUTPUT_WAIT_SECONDS);

    while (text.length > 0) {
        ssize_t written = write(descriptor, text.start, text.length);

        if (written >= 0)
            text = slice_sub(text, (size_t)written, text.length);
        else if (errno == EAGAIN && !wait_writable(descriptor, deadline))
            return false;
        else if (errno != EAGAIN && errno != EINTR)
            return false;
    }
    return true;
}

/* The mode that open(2) would have given; until it is whole only its owner can
 * read it. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

/* Nobody else's, no other name of another file, and not one that was replaced meanwhile. */
static bool is_usable(int descriptor)
{
    struct stat status;

    return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1 &&
           status.st_uid == geteuid();
}

static bool is_still_at(int descriptor, const char *path)
{
    struct stat opened;
    struct stat named;

    return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/* Opens the temporary file, which a run that was killed may have left, and locks it. -1 with
 * EAGAIN: another run is about to replace the file; with EEXIST: what stands there is to be taken
 * away. */
static int open_and_lock(const char *path)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int descriptor =
        open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    int reason = errno;

    /* A link, a FIFO, or what a run of another user left. */
    if (reason == ELOOP || reason == ENXIO || (reason == EACCES && access(path, F_OK) == 0))
        reason = EEXIST;
    if (descriptor >= 0) {
        if (!is_usable(descriptor))
            reason = EEXIST;
        else if (fcntl(descriptor, F_SETLK, &whole) != 0)
            reason = errno == EACCES ? EAGAIN : errno;
        else if (!is_still_at(descriptor, path))
            reason = EAGAIN;
        else if (ftruncate(descriptor, 0) == 0)
            return descriptor;
        else
            reason = errno;
        close(descriptor);
    }
    errno = reason;
    return -1;
}

#define PAUSE_MILLISECONDS 10

static int open_temporary(const char *path)
{
    struct deadline deadline = deadline_in(OUTPUT_WAIT_SECONDS);
    int descriptor = open_and_lock(path);

    while (descriptor < 0 && (errno == EAGAIN || errno == EEXIST) && deadline_left(deadline) > 0) {
        if (errno == EAGAIN)
            (void)poll(NULL, 0, PAUSE_MILLISECONDS);
        else if (unlink(path) != 0 && errno != ENOENT)
            return -1;
        descriptor = open_and_lock(path);
    }
    return descriptor;
}

/* Writes the file that was opened for it, gives it its name, and closes it, which ends the lock. */
static bool write_and_rename(int descriptor, const char *temporary, const char *path,
                             struct slice text)
{
    if (descriptor < 0)
        return false;

    bool good = output_write(descriptor, text) && fchmod(descriptor, usual_mode()) == 0 &&
                rename(temporary, path) == 0;
    int reason = errno;

    if (!good)
        unlink(temporary);
    if (close(descriptor) != 0 && good)
        return false;
    errno = reason;
    return good;
}

bool output_replace(const char *path, struct slice text, char message[static 256])
{
    struct stat status;

    /* A device, a FIFO or a folder is not to be replaced by a file. */
    if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        snprintf(message, 256, "cannot write %.180s: it is not a regular file", path);
        return false;
    }

    size_t size = strlen(path) + sizeof SUFFIX;
    char *temporary = memory_new(size, 1);

    snprintf(temporary, size, "%s%s", path, SUFFIX);

    bool good = write_and_rename(open_temporary(temporary), temporary, path, text);

    if (!good)
        snprintf(message, 256, "cannot write %.180s: %s", path, strerror(errno));
    free(temporary);
    return good;
}

void output_hold_descriptors(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
        /* open() takes the lowest free number, which is this one. */
        if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF)
            (void)!open("/dev/null", O_RDONLY);
    }
}
