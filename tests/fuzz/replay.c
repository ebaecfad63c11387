/*
 * Replays inputs through a fuzz target without libFuzzer: `fuzz_x FILE-OR-FOLDER...`. Each argument
 * is one row of TAP; a folder that is missing or has no regular file, and an input that cannot be
 * read, are failures. Words that start with a dash are libFuzzer's options and are passed over, so
 * both builds of a target take the same command line.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    INPUT_MAX = 1 << 20,
    PATH_SIZE = 4096,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool fail(const char *path, const char *reason)
{
    printf("# %s: %s\n", path, reason);
    return false;
}

/* The block is just as long as the input, so that a sanitizer sees a read past its end. */
static bool replay_file(const char *path, size_t *count)
{
    static uint8_t buffer[INPUT_MAX];
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return fail(path, strerror(errno));
    size_t size = fread(buffer, 1, sizeof(buffer), file);
    bool whole = feof(file) != 0;
    fclose(file);
    if (!whole)
        return fail(path, "longer than a megabyte, or unreadable");

    uint8_t *input = malloc(size > 0 ? size : 1);
    if (input == NULL)
        return fail(path, strerror(errno));
    memcpy(input, buffer, size);
    LLVMFuzzerTestOneInput(input, size);
    free(input);
    (*count)++;
    return true;
}

static bool is_regular(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool replay_folder(const char *path, size_t *count)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    bool good = true;

    if (folder == NULL)
        return fail(path, strerror(errno));
    while ((entry = readdir(folder)) != NULL) {
        char name[PATH_SIZE];

        if (snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) >= (int)sizeof(name))
            good = fail(path, "a path in it is too long");
        else if (is_regular(name))
            good = replay_file(name, count) && good;
    }
    closedir(folder);
    if (*count == 0)
        return fail(path, "there is no input");
    return good;
}

static bool replay(const char *path, size_t *count)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return fail(path, strerror(errno));
    return S_ISDIR(status.st_mode) ? replay_folder(path, count) : replay_file(path, count);
}

int main(int argc, char **argv)
{
    int rows = 0;
    int row = 0;
    bool good = true;

    for (int i = 1; i < argc; i++)
        rows += argv[i][0] != '-';
    if (rows == 0) {
        printf("Bail out! usage: %s FILE-OR-FOLDER...\n", argv[0]);
        return EXIT_FAILURE;
    }
    printf("1..%d\n", rows);
    for (int i = 1; i < argc; i++) {
        const char *slash = strrchr(argv[i], '/');
        size_t count = 0;

        if (argv[i][0] == '-')
            continue;
        bool passed = replay(argv[i], &count);
        printf("%s %d - %s corpus: %zu inputs\n", passed ? "ok" : "not ok", ++row,
               slash != NULL && slash[1] != '\0' ? slash + 1 : argv[i], count);
        good = good && passed;
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
