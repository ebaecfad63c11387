#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "cases.h"
#include "plugin/state_file.h"

#define KIND "dnsbl 1"
#define HEAD "postmaster-plugins " KIND "\n"

/* Each test works in a folder of its own. */
static char folder[] = "/tmp/test_state_file.XXXXXX";
static char path[64];
static char aside[80];

static void enter(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/state", folder);
    snprintf(aside, sizeof aside, "%s.corrupt", path);
}

/* The folder must hold just so many files. */
static void leave(size_t expected)
{
    DIR *open_folder = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;
    assert_non_null(open_folder);
    while ((entry = readdir(open_folder)) != NULL) {
        char name[sizeof folder + 300];
        if (entry->d_name[0] != '.') {
            snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
            assert_int_equal(remove(name), 0);
            count++;
        }
    }
    closedir(open_folder);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(count, expected);
}

static void put(const char *name, struct slice content)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.start, 1, content.length, file), content.length);
    assert_int_equal(fclose(file), 0);
}

static void assert_content(const char *name, struct slice expected)
{
    char buffer[512];
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    size_t length = fread(buffer, 1, sizeof buffer, file);
    fclose(file);
    assert_true(slice_equals(slice_new(buffer, length), expected));
}

static bool exists(const char *name)
{
    struct stat status;
    return lstat(name, &status) == 0;
}

/* ---- what a file holds */

static const struct row {
    const char *label;
    struct slice file;
    enum state_file_result result;
    struct slice content;
} rows[] = {
    {"lines behind the first one",                 CASES_SLICE(HEAD "a\nb\n"),                        STATE_FILE_READ,
     CASES_SLICE("a\nb\n")                                                                                                                          },
    {"a first line alone",                         CASES_SLICE(HEAD),                                 STATE_FILE_READ,       CASES_SLICE("")        },
    {"octets of all kinds",                        CASES_SLICE(HEAD "\0\xff\r"),                      STATE_FILE_READ,       CASES_SLICE("\0\xff\r")},
    {"an empty file, made for us, is a first run", CASES_SLICE(""),                                   STATE_FILE_ABSENT,
     CASES_SLICE("")                                                                                                                                },
    {"a first line without its end is a cut file", CASES_SLICE("postmaster-plugins " KIND),
     STATE_FILE_CORRUPT,                                                                                                     CASES_SLICE("")        },
    {"a later form of the state",                  CASES_SLICE("postmaster-plugins dnsbl 12\nx\n"),
     STATE_FILE_CORRUPT,                                                                                                     CASES_SLICE("")        },
    {"a line with CR",                             CASES_SLICE("postmaster-plugins " KIND "\r\nx\n"), STATE_FILE_CORRUPT,
     CASES_SLICE("")                                                                                                                                },
    {"a form without number",                      CASES_SLICE("postmaster-plugins dnsbl\nx\n"),      STATE_FILE_CORRUPT,
     CASES_SLICE("")                                                                                                                                },
    {"the state of another check",                 CASES_SLICE("postmaster-plugins spf 1\nx\n"),
     STATE_FILE_UNREADABLE,                                                                                                  CASES_SLICE("")        },
    {"a name that begins as ours does",            CASES_SLICE("postmaster-plugins dnsblx 1\nx\n"),
     STATE_FILE_UNREADABLE,                                                                                                  CASES_SLICE("")        },
    {"a file of somebody else",                    CASES_SLICE("root:x:0:0:root:/root:/bin/sh\n"),
     STATE_FILE_UNREADABLE,                                                                                                  CASES_SLICE("")        },
    {"our name behind something else",             CASES_SLICE("# postmaster-plugins " KIND "\nx\n"),
     STATE_FILE_UNREADABLE,                                                                                                  CASES_SLICE("")        },
    {"NUL alone, as a crash leaves it",            CASES_SLICE("\0\0\0\0"),                           STATE_FILE_CORRUPT,
     CASES_SLICE("")                                                                                                                                },
    {"empty lines",                                CASES_SLICE("\n\n"),                               STATE_FILE_UNREADABLE, CASES_SLICE("")        },
    {"octets without line end",                    CASES_SLICE("\0\xff"),                             STATE_FILE_UNREADABLE, CASES_SLICE("")        },
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena arena;
    struct slice content = {NULL, 0};
    char message[256] = "";
    arena_init(&arena);
    enter();
    put(path, row->file);
    assert_int_equal(state_file_read(&arena, path, KIND, &content, message), row->result);
    if (row->result == STATE_FILE_READ)
        assert_true(slice_equals(content, row->content));
    if (row->result == STATE_FILE_CORRUPT) {
        assert_false(exists(path));
        assert_content(aside, row->file);
        assert_non_null(strstr(message, "is corrupt: it"));
        assert_non_null(strstr(message, "set aside as state.corrupt"));
    } else {
        if (row->result == STATE_FILE_UNREADABLE)
            assert_non_null(strstr(message, "is not of this check: its first line"));
        else
            assert_string_equal(message, "");
        assert_false(exists(aside));
        assert_content(path, row->file);
    }
    arena_release(&arena);
    leave(1);
}

static void test_absent(void **state)
{
    struct arena arena;
    struct slice content;
    char message[256] = "";
    (void)state;
    arena_init(&arena);
    enter();
    assert_int_equal(state_file_read(&arena, path, KIND, &content, message), STATE_FILE_ABSENT);
    assert_string_equal(message, "");
    arena_release(&arena);
    leave(0);
}

/* ---- what is no file of ours to read */

static void assert_unreadable(const char *part)
{
    struct arena arena;
    struct slice content;
    char message[256] = "";
    arena_init(&arena);
    assert_int_equal(state_file_read(&arena, path, KIND, &content, message), STATE_FILE_UNREADABLE);
    if (strstr(message, part) == NULL)
        fail_msg("no \"%s\" in \"%s\"", part, message);
    arena_release(&arena);
    assert_true(exists(path));
}

static void test_folder(void **state)
{
    (void)state;
    enter();
    assert_int_equal(mkdir(path, 0700), 0);
    assert_unreadable("not a regular file");
    leave(1);
}

static void test_fifo(void **state)
{
    (void)state;
    enter();
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_unreadable("not a regular file");
    leave(1);
}

static void test_too_large(void **state)
{
    (void)state;
    enter();
    put(path, SLICE_LITERAL(HEAD));
    assert_int_equal(truncate(path, STATE_FILE_MAX + 1), 0);
    assert_unreadable("too large");
    leave(1);
}

static void test_not_in_a_folder(void **state)
{
    (void)state;
    enter();
    put(path, SLICE_LITERAL("x"));
    size_t length = strlen(path);
    memcpy(path + length, "/y", 3);
    struct arena arena;
    struct slice content;
    char message[256] = "";
    arena_init(&arena);
    assert_int_equal(state_file_read(&arena, path, KIND, &content, message), STATE_FILE_UNREADABLE);
    arena_release(&arena);
    leave(1);
}

static void test_cannot_set_aside(void **state)
{
    (void)state;
    enter();
    put(path, SLICE_LITERAL("postmaster-plugins dnsbl\n"));
    assert_int_equal(mkdir(aside, 0700), 0);
    assert_unreadable("cannot be set aside as state.corrupt");
    assert_content(path, SLICE_LITERAL("postmaster-plugins dnsbl\n"));
    char message[256];
    assert_false(state_file_set_aside(path, 7, message));
    assert_non_null(strstr(message, "line 7"));
    assert_content(path, SLICE_LITERAL("postmaster-plugins dnsbl\n"));
    leave(2);
}

/* ---- setting aside and writing */

static void test_set_aside(void **state)
{
    char message[256];
    char expected[256];
    (void)state;
    enter();
    put(path, SLICE_LITERAL(HEAD "new"));
    put(aside, SLICE_LITERAL("an older one"));
    assert_true(state_file_set_aside(path, 42, message));
    snprintf(
        expected, sizeof expected,
        "state file %s is corrupt: line 42 cannot be read; set aside as state.corrupt, starting "
        "anew",
        path);
    assert_string_equal(message, expected);
    assert_false(exists(path));
    assert_content(aside, SLICE_LITERAL(HEAD "new"));
    leave(1);
}

/* A path goes into a message escaped, and cut when it is long. */
static void test_message(void **state)
{
    char name[1000];
    char message[256];
    (void)state;
    memset(name, 'x', sizeof name);
    memcpy(name, "a\nb\033", 4);
    name[sizeof name - 1] = '\0';
    assert_false(state_file_set_aside(name, SIZE_MAX, message));
    assert_null(strpbrk(message, "\n\033"));
    assert_true(strlen(message) < sizeof message);
    assert_non_null(strstr(message, "is corrupt: line 18446744073709551615"));
}

static void test_write(void **state)
{
    struct arena arena;
    struct slice content;
    char message[256] = "";
    (void)state;
    arena_init(&arena);
    enter();
    assert_true(state_file_write(path, KIND, SLICE_LITERAL("a\n"), message));
    assert_content(path, SLICE_LITERAL(HEAD "a\n"));
    assert_true(state_file_write(path, KIND, SLICE_LITERAL("b\nc\n"), message));
    assert_content(path, SLICE_LITERAL(HEAD "b\nc\n"));
    assert_int_equal(state_file_read(&arena, path, KIND, &content, message), STATE_FILE_READ);
    assert_true(slice_equals_text(content, "b\nc\n"));
    assert_string_equal(message, "");
    arena_release(&arena);
    leave(1);
}

/* What a killed run left, or a link to a file of somebody else, is taken away and not followed. */
static void test_write_left(void **state)
{
    char message[256] = "";
    char fresh[sizeof path + 8];
    char other[sizeof path + 8];
    (void)state;
    enter();
    snprintf(fresh, sizeof fresh, "%s.new", path);
    snprintf(other, sizeof other, "%s.other", path);
    put(fresh, SLICE_LITERAL("half of a line"));
    assert_true(state_file_write(path, KIND, SLICE_LITERAL("a\n"), message));
    assert_content(path, SLICE_LITERAL(HEAD "a\n"));
    put(other, SLICE_LITERAL("not ours"));
    assert_int_equal(symlink(other, fresh), 0);
    assert_true(state_file_write(path, KIND, SLICE_LITERAL("b\n"), message));
    assert_content(path, SLICE_LITERAL(HEAD "b\n"));
    assert_content(other, SLICE_LITERAL("not ours"));
    assert_int_equal(unlink(other), 0);
    assert_string_equal(message, "");
    leave(1);
}

static void test_write_fails(void **state)
{
    char message[256] = "";
    (void)state;
    enter();
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(state_file_write(path, KIND, SLICE_LITERAL("a\n"), message));
    assert_non_null(strstr(message, "cannot write"));
    leave(1);
}

/* What is too much is not written at all, and the old file stays. */
static void test_write_too_much(void **state)
{
    char message[256] = "";
    struct text text;
    (void)state;
    enter();
    put(path, SLICE_LITERAL(HEAD "old"));
    text_init(&text, STATE_FILE_MAX);
    text_append_repeat(&text, 'x', STATE_FILE_MAX);
    assert_false(state_file_write(path, KIND, text_slice(&text), message));
    assert_non_null(strstr(message, "too much"));
    assert_content(path, SLICE_LITERAL(HEAD "old"));
    text_release(&text);
    leave(1);
}

/* A bit for each of the names that another run could claim. */
static int claimed_elsewhere(const char *first, const char *second)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int claims = state_file_open_claims(path);
        _exit(claims < 0 ? 4
                         : state_file_claim(claims, first) + state_file_claim(claims, second) * 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void test_claims(void **state)
{
    (void)state;
    enter();
    int claims = state_file_open_claims(path);
    assert_true(claims >= 0);
    assert_true(state_file_claim(claims, "192.0.2.1:25"));
    assert_int_equal(claimed_elsewhere("192.0.2.1:25", "192.0.2.2:25"), 2);
    /* What the other one had ended with it. */
    assert_true(state_file_claim(claims, "192.0.2.2:25"));
    state_file_disclaim(claims, "192.0.2.1:25");
    assert_int_equal(claimed_elsewhere("192.0.2.1:25", "192.0.2.2:25"), 1);
    state_file_close_claims(claims);
    assert_int_equal(claimed_elsewhere("192.0.2.1:25", "192.0.2.2:25"), 3);
    leave(1);
}

static void test_no_claims(void **state)
{
    (void)state;
    enter();
    int claims = state_file_open_claims("/nonexistent/state");
    assert_true(claims < 0);
    assert_true(state_file_claim(claims, "192.0.2.1:25"));
    state_file_disclaim(claims, "192.0.2.1:25");
    state_file_close_claims(claims);
    leave(0);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "no file is a first run", test_absent, NULL);
    cases_add(&cases, "a folder is not read", test_folder, NULL);
    cases_add(&cases, "a FIFO is not waited for", test_fifo, NULL);
    cases_add(&cases, "a file over the bound is not read", test_too_large, NULL);
    cases_add(&cases, "a path through a file is not read", test_not_in_a_folder, NULL);
    cases_add(&cases, "what cannot be set aside stays and is not to be written",
              test_cannot_set_aside, NULL);
    cases_add(&cases, "what the check cannot read is set aside, its line named", test_set_aside,
              NULL);
    cases_add(&cases, "messages are short and escaped", test_message, NULL);
    cases_add(&cases, "what was written is read again", test_write, NULL);
    cases_add(&cases, "what a killed run left is taken over", test_write_left, NULL);
    cases_add(&cases, "a failed write says why", test_write_fails, NULL);
    cases_add(&cases, "what is too much is not written", test_write_too_much, NULL);
    cases_add(&cases, "a claim holds against other runs until it is given back or its run ends",
              test_claims, NULL);
    cases_add(&cases, "where claims cannot be kept, all are granted", test_no_claims, NULL);
    return cases_run(&cases, "state_file");
}
