#include "server_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

/* The signal handler's end of the pipe that stops the server. */
static int stop_writer = -1;

static void stop(int signal_number)
{
    int saved = errno;
    ssize_t written = write(stop_writer, "", 1);

    (void)signal_number;
    (void)written;
    errno = saved;
}

static bool read_all(FILE *file, size_t limit, char **content, size_t *size)
{
    size_t capacity = 0;
    size_t got = 1;

    while (got > 0 && *size <= limit) {
        *content = memory_grow(*content, &capacity, *size + BUFSIZ, 1);
        got = fread(*content + *size, 1, BUFSIZ, file);
        *size += got;
    }
    errno = *size > limit ? EFBIG : EIO;
    return ferror(file) == 0 && *size <= limit;
}

bool server_read_script(const char *path, size_t limit, char **content, size_t *size)
{
    if (strcmp(path, "-") == 0)
        return read_all(stdin, limit, content, size);

    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return false;
    bool good = read_all(file, limit, content, size);
    int saved = errno;

    fclose(file);
    errno = saved;
    return good;
}

bool server_write_port(const char *path, uint16_t port)
{
    char temporary[4096];
    int length = snprintf(temporary, sizeof(temporary), "%s.tmp", path);

    if (length < 0 || (size_t)length >= sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return false;
    }
    FILE *file = fopen(temporary, "w");

    if (file == NULL)
        return false;
    bool good = fprintf(file, "%u\n", port) > 0;

    good = fclose(file) == 0 && good;
    return good && rename(temporary, path) == 0;
}

bool server_catch_signals(int *reader)
{
    struct sigaction action = {.sa_handler = stop};
    int ends[2];

    if (pipe(ends) != 0)
        return false;
    *reader = ends[0];
    stop_writer = ends[1];
    for (int i = 0; i < 2; i++)
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    fcntl(stop_writer, F_SETFL, O_NONBLOCK);
    sigemptyset(&action.sa_mask);
    return sigaction(SIGTERM, &action, NULL) == 0 && sigaction(SIGINT, &action, NULL) == 0;
}
