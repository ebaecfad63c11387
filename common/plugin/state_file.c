#include "plugin/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "plugin/output.h"
#include "plugin/plugin.h"
#include "report/escape.h"

#define OWNER "postmaster-plugins "
#define LOCK_RETRY_MS 10

static void say(char message[static 256], const char *path, const char *what, const char *why)
{
    struct text shown;
    text_init(&shown, 160);
    escape_text(&shown, slice_of(path), 100);
    snprintf(message, 256, "state file %s is %s: %s", shown.start, what, why);
    text_release(&shown);
}

/* Without the folder: where it is, the name of the file tells. */
static void name_aside(const char *path, char name[static 64])
{
    const char *slash = strrchr(path, '/');
    struct text shown;
    text_init(&shown, 64);
    escape_text(&shown, slice_of(slash == NULL ? path : slash + 1), 48);
    snprintf(name, 64, "%s.corrupt", shown.start);
    text_release(&shown);
}

static bool set_aside(const char *path, const char *what, char message[static 256])
{
    size_t size = strlen(path) + sizeof ".corrupt";
    char *aside = memory_new(size, 1);
    snprintf(aside, size, "%s.corrupt", path);
    bool is_moved = rename(path, aside) == 0;
    const char *reason = is_moved ? "starting anew" : strerror(errno);
    char name[64];
    char detail[200];
    free(aside);
    name_aside(path, name);
    snprintf(detail, sizeof detail, "%s; %s %s, %s", what,
             is_moved ? "set aside as" : "cannot be set aside as", name, reason);
    say(message, path, "corrupt", detail);
    return is_moved;
}

/* A damaged "dnsbl 1" and a later "dnsbl 2" are ours, "spf 1" is another check's. */
static bool is_ours(struct slice line, const char *kind)
{
    if (!slice_starts_with(line, OWNER))
        return false;
    struct slice found = slice_sub(line, sizeof OWNER - 1, line.length);
    struct slice wanted = slice_of(kind);
    found.length = slice_find(found, ' ');
    wanted.length = slice_find(wanted, ' ');
    return slice_equals(found, wanted);
}

/* What some file systems leave of a file that was being replaced when the power failed. */
static bool is_nul_alone(struct slice content)
{
    for (size_t i = 0; i < content.length; i++)
        if (content.start[i] != '\0')
            return false;
    return true;
}

enum state_file_result state_file_read(struct arena *arena, const char *path, const char *kind,
                                       struct slice *content, char message[static 256])
{
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        return STATE_FILE_ABSENT;
    }
    if (!plugin_read_file(arena, path, false, STATE_FILE_MAX, content, message)) {
        return STATE_FILE_UNREADABLE;
    }
    if (content->length == 0) {
        return STATE_FILE_ABSENT;
    }
    if (is_nul_alone(*content))
        return set_aside(path, "it holds NUL alone", message) ? STATE_FILE_CORRUPT
                                                              : STATE_FILE_UNREADABLE;
    struct slice line;
    struct slice rest = *content;
    slice_split(&rest, '\n', &line);
    if (!is_ours(line, kind)) {
        say(message, path, "not of this check",
            "its first line is that of something else, and it is left as it is");
        return STATE_FILE_UNREADABLE;
    }
    if (!slice_equals_text(slice_sub(line, sizeof OWNER - 1, line.length), kind) ||
        rest.start == NULL) {
        return set_aside(path, "its first line cannot be read", message) ? STATE_FILE_CORRUPT
                                                                         : STATE_FILE_UNREADABLE;
    }
    *content = rest;
    return STATE_FILE_READ;
}

bool state_file_set_aside(const char *path, size_t line, char message[static 256])
{
    char what[64] = "it is empty";
    if (line > 0)
        snprintf(what, sizeof what, "line %zu cannot be read", line);
    return set_aside(path, what, message);
}

bool state_file_write(const char *path, const char *kind, struct slice content,
                      char message[static 256])
{
    struct text text;
    text_init(&text, STATE_FILE_MAX);
    text_printf(&text, OWNER "%s\n", kind);
    text_append_slice(&text, content);
    bool is_written = false;
    if (text.truncated) {
        say(message, path, "not written", "there is too much to remember");
    } else {
        is_written = output_replace(path, text_slice(&text), message);
    }
    text_release(&text);
    return is_written;
}

/* ---- where */

static bool is_private(const char *folder)
{
    struct stat status;

    return lstat(folder, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
           (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

const char *state_file_default(struct arena *arena, const char *name, char message[static 256])
{
    const char *top = getenv("MP_STATE_PATH");
    const char *folder = arena_format(arena, "%s/postmaster-plugins-%lu",
                                      top != NULL ? top : STATE_FILE_TOP, (unsigned long)geteuid());
    struct text shown;
    bool is_made = mkdir(folder, S_IRWXU) == 0 || errno == EEXIST;
    const char *reason = is_made ? "" : strerror(errno);
    bool is_good = is_made && is_private(folder);

    text_init(&shown, 160);
    escape_text(&shown, slice_of(folder), 100);
    if (!is_made)
        snprintf(message, 256, "%s cannot be made: %s", shown.start, reason);
    else if (!is_good)
        snprintf(message, 256, "%s is not a folder of ours that others cannot write to",
                 shown.start);
    text_release(&shown);
    return is_good ? arena_format(arena, "%s/%s", folder, name) : NULL;
}

/* ---- one after the other */

/* A file of its own, for the state file is replaced. */
static int open_beside(const char *path, const char *ending)
{
    size_t size = strlen(path) + strlen(ending) + 1;
    char *lock = memory_new(size, 1);

    snprintf(lock, size, "%s%s", path, ending);
    int descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    int error = errno;
    free(lock);
    errno = error;
    return descriptor;
}

int state_file_lock(const char *path, struct deadline deadline, char message[static 256])
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int descriptor = open_beside(path, ".lock");

    if (descriptor < 0) {
        say(message, path, "not to be locked", strerror(errno));
        return STATE_FILE_LOCK_FAILED;
    }
    while (fcntl(descriptor, F_SETLK, &lock) != 0) {
        bool is_held = errno == EACCES || errno == EAGAIN || errno == EINTR;

        if (!is_held || deadline_left(deadline) == 0) {
            say(message, path, "not to be locked",
                is_held ? "another run holds it" : strerror(errno));
            close(descriptor);
            return is_held ? STATE_FILE_LOCK_BUSY : STATE_FILE_LOCK_FAILED;
        }
        poll(NULL, 0, LOCK_RETRY_MS);
    }
    return descriptor;
}

void state_file_unlock(int descriptor)
{
    close(descriptor);
}

/* The octet of the file that is locked for a name: FNV-1a, as far as every off_t goes. Who shares
 * one by chance takes turns. */
static off_t octet_of(const char *name)
{
    uint32_t hash = UINT32_C(2166136261);

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * UINT32_C(16777619);
    return (off_t)(hash & UINT32_C(0x7fffffff));
}

static bool set_claim(int descriptor, const char *name, short type)
{
    struct flock lock = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = octet_of(name), .l_len = 1};

    return fcntl(descriptor, F_SETLK, &lock) == 0;
}

int state_file_open_claims(const char *path)
{
    return open_beside(path, ".claims");
}

bool state_file_claim(int descriptor, const char *name)
{
    return descriptor < 0 || set_claim(descriptor, name, F_WRLCK) ||
           (errno != EACCES && errno != EAGAIN);
}

void state_file_disclaim(int descriptor, const char *name)
{
    if (descriptor >= 0)
        set_claim(descriptor, name, F_UNLCK);
}

void state_file_close_claims(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}

/* ---- fields */

void state_file_print_text(struct text *text, struct slice value, size_t most)
{
    size_t end = text->length + most;

    for (size_t i = 0; i < value.length; i++) {
        char c = value.start[i];
        bool is_plain = c >= ' ' && c <= '~';

        if (text->length + (is_plain ? 1 : sizeof "\\xHH" - 1) > end)
            break;
        if (is_plain)
            text_append_char(text, c);
        else
            text_printf(text, "\\x%02x", (unsigned)(unsigned char)c);
    }
}
