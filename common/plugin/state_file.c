#include "plugin/state_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "plugin/output.h"
#include "plugin/plugin.h"
#include "report/escape.h"

#define OWNER "postmaster-plugins "

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

static bool write_by(bool (*replace)(const char *, struct slice, char[static 256]),
                     const char *path, const char *kind, struct slice content,
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
        is_written = replace(path, text_slice(&text), message);
    }
    text_release(&text);
    return is_written;
}

bool state_file_write(const char *path, const char *kind, struct slice content,
                      char message[static 256])
{
    return write_by(output_replace, path, kind, content, message);
}

bool state_file_write_alone(const char *path, const char *kind, struct slice content,
                            char message[static 256])
{
    return write_by(output_replace_alone, path, kind, content, message);
}
