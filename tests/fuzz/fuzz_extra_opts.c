/* The first line of the input is the section, the rest the file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/extra_opts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_new((const char *)data, size);
    size_t end = slice_find(input, '\n');
    char message[EXTRA_OPTS_MESSAGE_SIZE];
    struct option_words words;
    struct arena arena;

    arena_init(&arena);

    const char *section = arena_copy_slice(&arena, slice_sub(input, 0, end));

    if (extra_opts_parse(&arena, slice_sub(input, end < size ? end + 1 : size, size), "x.ini",
                         section, &words, message)) {
        if (words.count > EXTRA_OPTS_WORDS_MAX)
            abort();
        for (size_t i = 0; i < words.count; i++) {
            if (words.origins[i] == NULL || memchr(words.words[i], '\n', strlen(words.words[i])))
                abort();
        }
    } else if (message[0] == '\0') {
        abort();
    }
    arena_release(&arena);
    return 0;
}
