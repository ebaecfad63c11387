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

static bool write_temporary(char *path, struct slice text)
{
    int descriptor = mkstemp(path);

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

bool output_replace(const char *path, struct slice text, char message[static 256])
{
    struct stat status;

    /* A device, a FIFO or a folder is not to be replaced by a file. */
    if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        snprintf(message, 256, "cannot write %.180s: it is not a regular file", path);
        return false;
    }

    size_t size = strlen(path) + sizeof(".XXXXXX");
    char *temporary = memory_new(size, 1);

    snprintf(temporary, size, "%s.XXXXXX", path);

    bool good = write_temporary(temporary, text);

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

void output_hold_descriptors(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
        /* open() takes the lowest free number, which is this one. */
        if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF)
            (void)!open("/dev/null", O_RDONLY);
    }
}
