/* The lines of the input are the words of a command line; the table has a row of each kind. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/ip.h"
#include "plugin/option.h"
#include "report/state.h"
#include "report/threshold.h"

#define WORDS_MAX 64

struct config {
    bool flag;
    int counter;
    const char *text, *empty, *word, *domain, *file, *endpoint;
    long number;
    double seconds;
    struct range range, count;
    struct ip_address address;
    enum state state;
    struct option_list texts, domains, addresses;
};

static const char *const colours[] = {"red", "green", "blue", NULL};

#define ROW(option, option_letter, option_kind, member, option_traits)                             \
    {                                                                                              \
        .name = (option), .letter = (option_letter), .kind = (option_kind),                        \
        .traits = (option_traits), .argument = "X", .offset = offsetof(struct config, member),     \
        .minimum = 1, .maximum = 1e9, .words = colours                                             \
    }

static const struct option_definition table[] = {
    ROW("flag", 'f', OPTION_FLAG, flag, 0),
    ROW("verbose", 'v', OPTION_COUNTER, counter, 0),
    ROW("text", 's', OPTION_TEXT, text, 0),
    ROW("text-list", 0, OPTION_TEXT, texts, OPTION_REPEAT | OPTION_SECRET),
    ROW("empty", 0, OPTION_TEXT, empty, OPTION_EMPTY),
    ROW("word", 0, OPTION_WORD, word, OPTION_REQUIRED),
    ROW("number", 'n', OPTION_NUMBER, number, 0),
    ROW("timeout", 't', OPTION_SECONDS, seconds, 0),
    ROW("warning", 'w', OPTION_RANGE, range, 0),
    ROW("critical", 'c', OPTION_RANGE, count, OPTION_AT_LEAST),
    ROW("domain", 'd', OPTION_DOMAIN, domain, 0),
    ROW("domains", 'D', OPTION_DOMAIN, domains, OPTION_REPEAT),
    ROW("address", 'H', OPTION_ADDRESS, address, 0),
    ROW("addresses", 0, OPTION_ADDRESS, addresses, OPTION_REPEAT),
    ROW("resolver", 0, OPTION_ENDPOINT, endpoint, 0),
    ROW("file", 0, OPTION_FILE, file, 0),
    ROW("worst", 0, OPTION_STATE, state, 0),
    ROW("explain", 'e', OPTION_SPECIAL, flag, OPTION_OPTIONAL_VALUE),
    {.name = "always", .kind = OPTION_SPECIAL, .traits = OPTION_HIDDEN | OPTION_COMMAND_LINE},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cuts the input into lines; a NUL ends a word early, as argv would. */
static size_t split(struct arena *arena, struct slice rest, const char **words)
{
    struct slice line;
    size_t count = 0;

    while (count < WORDS_MAX && slice_split(&rest, '\n', &line))
        words[count++] = arena_copy_slice(arena, line);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *words[WORDS_MAX];
    struct config config = {0};
    struct arena arena;

    arena_init(&arena);

    struct option_words list = {.count = split(&arena, slice_new((const char *)data, size), words),
                                .words = words};
    struct option_run run = {.table = table,
                             .count = sizeof(table) / sizeof(table[0]),
                             .arena = &arena,
                             .configuration = &config,
                             .common = &config};

    option_peek(&run, &list, "word");

    bool good = option_parse(&run, &list) && option_require(&run);

    if (good == run.error.is_set || (!good && run.error.message[0] == '\0'))
        abort();
    for (const char *at = run.error.message; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || strchr("|<>", *at) != NULL)
            abort();
    }
    if (config.number > 1000000000 || config.counter < 0)
        abort();
    arena_release(&arena);
    return 0;
}
