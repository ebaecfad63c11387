#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "cases.h"
#include "plugin/output.h"

#define LARGE_SIZE 1000000

/* In a child: reads all of it in small pieces; its status says whether it was what was written. */
static _Noreturn void read_slowly(int descriptor, size_t expected)
{
    char piece[997];
    size_t total = 0;
    ssize_t count;

    while ((count = read(descriptor, piece, sizeof(piece))) > 0) {
        for (ssize_t i = 0; i < count; i++) {
            if (piece[i] != (char)('a' + (total + (size_t)i) % 23))
                _exit(1);
        }
        total += (size_t)count;
    }
    _exit(total == expected ? 0 : 2);
}

static const struct row {
    const char *label;
    size_t size;
    bool nonblocking;
} rows[] = {
    {"nothing",                                                                      0,          false},
    {"a line",                                                                       80,         false},
    {"more than a pipe holds",                                                       LARGE_SIZE, false},
    {"more than a pipe holds, and the pipe does not block: short writes and EAGAIN", LARGE_SIZE,
     true                                                                                             },
};

static void test_write(void **state)
{
    const struct row *row = *state;
    struct text text;
    int ends[2];
    int status = -1;

    text_init(&text, LARGE_SIZE);
    for (size_t i = 0; i < row->size; i++)
        text_append_char(&text, (char)('a' + i % 23));
    assert_int_equal(pipe(ends), 0);

    pid_t child = fork();

    if (child == 0) {
        close(ends[1]);
        read_slowly(ends[0], row->size);
    }
    close(ends[0]);
    if (row->nonblocking)
        assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    assert_true(output_write(ends[1], text_slice(&text)));
    close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    text_release(&text);
}

static void test_write_fails(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    assert_false(output_write(ends[1], slice_of("x")));
    close(ends[1]);
    assert_false(output_write(ends[1], slice_of("x")));
}

static char folder[] = "/tmp/test_output.XXXXXX";

static void read_file(const char *path, char *content, size_t size)
{
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    content[fread(content, 1, size - 1, file)] = '\0';
    fclose(file);
}

static void test_replace(void **state)
{
    char path[64];
    char content[64];
    char message[256] = "";
    struct stat before, after;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/x.prom", folder);
    umask(022);
    assert_true(output_replace(path, slice_of("one\n"), message));
    read_file(path, content, sizeof(content));
    assert_string_equal(content, "one\n");
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(before.st_mode & 0777, 0644);

    /* A reader who has the old file open keeps the old text: the new one is another file. */
    FILE *reader = fopen(path, "r");

    assert_true(output_replace(path, slice_of("two\n"), message));
    assert_non_null(fgets(content, sizeof(content), reader));
    assert_string_equal(content, "one\n");
    fclose(reader);
    read_file(path, content, sizeof(content));
    assert_string_equal(content, "two\n");
    assert_int_equal(stat(path, &after), 0);
    assert_string_equal(message, "");
    assert_int_equal(unlink(path), 0);
}

/* ---- runs that are killed, and runs at the same time */

#define TEXT_SIZE 65536

/* The text of a writer is one letter, so a torn one is seen. It ends with the test. */
static void replace_for_ever(const char *path, char letter, pid_t test)
{
    static char text[TEXT_SIZE];
    char message[256];

    memset(text, letter, sizeof text);
    while (getppid() == test)
        if (!output_replace(path, slice_new(text, sizeof text), message) &&
            strstr(message, strerror(EAGAIN)) == NULL) /* the others were faster all the time */
            _exit(1);
    _exit(1);
}

static pid_t start_writer(const char *path, char letter)
{
    pid_t test = getpid();
    pid_t child = fork();

    if (child == 0)
        replace_for_ever(path, letter, test);
    assert_true(child > 0);
    return child;
}

static void kill_writer(pid_t child)
{
    int status;

    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* The letter of the file, which is whole. */
static char read_letter(const char *path)
{
    static char content[TEXT_SIZE + 2];
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    size_t size = fread(content, 1, sizeof content, file);
    fclose(file);
    assert_int_equal(size, TEXT_SIZE);
    for (size_t i = 1; i < size; i++)
        assert_int_equal(content[i], content[0]);
    return content[0];
}

#define KILLS 40

static void test_replace_killed(void **state)
{
    static char text[TEXT_SIZE];
    char path[64];
    char temporary[80];
    char message[256] = "";

    (void)state;
    snprintf(path, sizeof path, "%s/state", folder);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    memset(text, 'm', sizeof text);
    for (int i = 0; i < KILLS; i++) {
        assert_true(output_replace(path, slice_new(text, sizeof text), message));
        assert_int_equal(access(temporary, F_OK), -1);
        pid_t child = start_writer(path, 'c');
        while (read_letter(path) != 'c')
            continue;
        kill_writer(child);
        assert_int_equal(read_letter(path), 'c');
    }
    unlink(temporary);
    assert_int_equal(unlink(path), 0);
}

#define READS 200

static void test_replace_together(void **state)
{
    pid_t children[3];
    char path[64];
    char temporary[80];

    (void)state;
    snprintf(path, sizeof path, "%s/shared", folder);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    for (int i = 0; i < 3; i++)
        children[i] = start_writer(path, (char)('a' + i));
    while (access(path, F_OK) != 0)
        continue;
    for (int i = 0; i < READS; i++)
        assert_in_range(read_letter(path), 'a', 'c');
    for (int i = 0; i < 3; i++)
        kill_writer(children[i]);
    assert_in_range(read_letter(path), 'a', 'c');
    unlink(temporary);
    assert_int_equal(unlink(path), 0);
}

/* What somebody put in the way is neither followed nor waited for, and is taken away. */
static void test_replace_obstacles(void **state)
{
    char path[64];
    char temporary[80];
    char other[64];
    char content[64];
    char message[256] = "";
    struct stat status;

    (void)state;
    snprintf(path, sizeof path, "%s/x", folder);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    snprintf(other, sizeof other, "%s/other", folder);
    assert_true(output_replace(other, slice_of("theirs\n"), message));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(i == 0   ? symlink(other, temporary)
                         : i == 1 ? link(other, temporary)
                                  : mkfifo(temporary, 0600),
                         0);
        assert_true(output_replace(path, slice_of("ours\n"), message));
        assert_int_equal(lstat(path, &status), 0);
        assert_true(S_ISREG(status.st_mode));
        read_file(path, content, sizeof content);
        assert_string_equal(content, "ours\n");
        read_file(other, content, sizeof content);
        assert_string_equal(content, "theirs\n");
        assert_int_equal(access(temporary, F_OK), -1);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(other), 0);
}

/* Nothing else is in the folder, or rmdir() would refuse. */
static void test_replace_fails(void **state)
{
    char path[64];
    char message[256] = "";
    char expected[256];

    (void)state;
    snprintf(path, sizeof(path), "%s/none/x", folder);
    assert_false(output_replace(path, slice_of("x"), message));
    snprintf(expected, sizeof(expected), "cannot write %s: No such file or directory", path);
    assert_string_equal(message, expected);

    snprintf(path, sizeof(path), "%s/sub", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(output_replace(path, slice_of("x"), message));
    snprintf(expected, sizeof(expected), "cannot write %s: it is not a regular file", path);
    assert_string_equal(message, expected);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_write, rows);
    cases_add(&cases, "a reader who is gone and a closed descriptor are failures", test_write_fails,
              NULL);
    cases_add(&cases, "a file is replaced in one step", test_replace, NULL);
    cases_add(&cases, "a run that is killed leaves the old file or the new one, whole",
              test_replace_killed, NULL);
    cases_add(&cases, "runs at the same time replace a file one after the other",
              test_replace_together, NULL);
    cases_add(&cases, "a link, another name and a FIFO in the way of the temporary file",
              test_replace_obstacles, NULL);
    cases_add(&cases, "a file that cannot be replaced leaves nothing behind", test_replace_fails,
              NULL);
    return cases_run(&cases, "output");
}
