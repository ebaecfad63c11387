#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "plugin/plugin.h"
#include "report/escape.h"

#define CHUNK_SIZE 16384

static bool cannot_read(struct arena *arena, const char *path, const char *reason,
                        char message[static 256])
{
    const char *shown =
        strcmp(path, "-") == 0 ? "standard input" : escape_value(arena, slice_of(path));

    snprintf(message, 256, "cannot read %s: %s", shown, reason);
    return false;
}

/* A descriptor, or -1 with the reason. Without O_NONBLOCK the open of a FIFO would wait. */
static int open_regular(const char *path, const char **reason)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (descriptor < 0) {
        *reason = strerror(errno);
        return -1;
    }
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
        return descriptor;
    *reason = "it is not a regular file";
    close(descriptor);
    return -1;
}

/* Appends to the end of the input. NULL, or what went wrong. */
static const char *read_to_end(int descriptor, struct text *out)
{
    struct deadline deadline = deadline_in(PLUGIN_STDIN_SECONDS);
    char chunk[CHUNK_SIZE];

    for (;;) {
        struct pollfd ready = {.fd = descriptor, .events = POLLIN};
        int events = poll(&ready, 1, deadline_left_for_poll(deadline));

        if (events == 0)
            return "it does not end in time";
        if (events < 0 && errno != EINTR)
            return strerror(errno);
        if (events < 0)
            continue;

        ssize_t count = read(descriptor, chunk, sizeof(chunk));

        if (count < 0 && errno != EINTR && errno != EAGAIN)
            return strerror(errno);
        if (count == 0)
            return NULL;
        if (count > 0)
            text_append_slice(out, slice_new(chunk, (size_t)count));
        if (out->truncated)
            return "it is too large";
    }
}

bool plugin_read_file(struct arena *arena, const char *path, bool allow_stdin, size_t most,
                      struct slice *content, char message[static 256])
{
    bool is_stdin = allow_stdin && strcmp(path, "-") == 0;
    const char *reason = NULL;
    int descriptor = is_stdin ? STDIN_FILENO : open_regular(path, &reason);
    struct text text;

    if (descriptor < 0)
        return cannot_read(arena, path, reason, message);
    text_init(&text, most);
    reason = read_to_end(descriptor, &text);
    if (!is_stdin)
        close(descriptor);
    if (reason == NULL) {
        const char *start = arena_copy_slice(arena, text_slice(&text));

        *content = slice_skip_bom(slice_new(start, text.length));
    }
    text_release(&text);
    return reason == NULL || cannot_read(arena, path, reason, message);
}
