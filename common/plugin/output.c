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

#define ALONE_SUFFIX ".new"

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

/* The mode that open(2) would have given; mkstemp() makes a file that only its owner can read. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

/* Writes and closes a file that was made for it; removes it when that fails. */
static bool write_temporary(const char *path, int descriptor, struct slice text)
{
    if (descriptor < 0)
        return false;

    bool good = output_write(descriptor, text) && fchmod(descriptor, usual_mode()) == 0;
    int reason = errno;

    if (close(descriptor) != 0 && good) {
        reason = errno;
        good = false;
    }
    if (!good)
        unlink(path);
    errno = reason;
    return good;
}

/* What a run that was killed left behind goes; a link that somebody put there is not followed. */
static int make_alone(const char *path)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return -1;
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static bool replace(const char *path, const char *suffix, struct slice text,
                    char message[static 256])
{
    struct stat status;

    /* A device, a FIFO or a folder is not to be replaced by a file. */
    if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        snprintf(message, 256, "cannot write %.180s: it is not a regular file", path);
        return false;
    }

    bool is_alone = strcmp(suffix, ALONE_SUFFIX) == 0;
    size_t size = strlen(path) + strlen(suffix) + 1;
    char *temporary = memory_new(size, 1);

    snprintf(temporary, size, "%s%s", path, suffix);

    int descriptor = is_alone ? make_alone(temporary) : mkstemp(temporary);
    bool good = write_temporary(temporary, descriptor, text);

    if (good && rename(temporary, path) != 0) {
        int reason = errno;

        unlink(temporary);
        errno = reason;
        good = false;
    }
    if (!good)
        snprintf(message, 256, "cannot write %.180s: %s", path, strerror(errno));
    free(temporary);
    return good;
}

bool output_replace(const char *path, struct slice text, char message[static 256])
{
    return replace(path, ".XXXXXX", text, message);
}

bool output_replace_alone(const char *path, struct slice text, char message[static 256])
{
    return replace(path, ALONE_SUFFIX, text, message);
}

void output_hold_descriptors(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
        /* open() takes the lowest free number, which is this one. */
        if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF)
            (void)!open("/dev/null", O_RDONLY);
    }
}
