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
    cases_add(&cases, "a file that cannot be replaced leaves nothing behind", test_replace_fails,
              NULL);
    return cases_run(&cases, "output");
}
