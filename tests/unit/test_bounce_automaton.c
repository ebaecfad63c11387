/*
 * The automaton against a search that looks at every place for every phrase.
 */
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "mail/bounce_automaton.h"

#define PHRASES 60
#define TEXT_LENGTH 300
#define ROUNDS 200

struct phrase {
    char text[8];
    bool is_open_before, is_open_behind;
    size_t number;
};

struct search {
    struct phrase phrases[PHRASES];
    size_t count;
    bool found[PHRASES][TEXT_LENGTH]; /* by number and start */
};

/* The same at every run. */
static unsigned next_number(unsigned *seed)
{
    *seed = *seed * 1103515245U + 12345U;
    return *seed >> 16;
}

/* Few letters make many phrases that begin, end and overlap alike; an alphabet of many makes nodes
 * with many children. */
static void write_random(unsigned *seed, const char *alphabet, char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        text[i] = alphabet[next_number(seed) % strlen(alphabet)];
    text[length] = '\0';
}

static bool is_word(char c)
{
    return c != ' ';
}

static bool stands_at(const struct phrase *phrase, const char *text, size_t start)
{
    size_t end = start + strlen(phrase->text);
    if (strncmp(text + start, phrase->text, strlen(phrase->text)) != 0)
        return false;
    bool goes_on_before = start > 0 && is_word(text[start - 1]) && is_word(text[start]);
    bool goes_on_behind = text[end] != '\0' && is_word(text[end - 1]) && is_word(text[end]);
    return (phrase->is_open_before || !goes_on_before) &&
           (phrase->is_open_behind || !goes_on_behind);
}

static void check_text(const struct bounce_automaton *automaton, struct search *search,
                       const char *text)
{
    struct bounce_automaton_scan scan = {0};
    size_t end = 0;
    memset(search->found, 0, sizeof search->found);
    while (bounce_automaton_next(automaton, slice_of(text), &scan)) {
        assert_true(scan.end >= end);
        assert_true(scan.phrase < PHRASES && scan.start < TEXT_LENGTH);
        assert_false(search->found[scan.phrase][scan.start]);
        search->found[scan.phrase][scan.start] = true;
        end = scan.end;
    }
    for (size_t i = 0; i < search->count; i++)
        for (size_t start = 0; text[start] != '\0'; start++)
            assert_int_equal(search->found[search->phrases[i].number][start],
                             stands_at(&search->phrases[i], text, start));
}

static const struct row {
    const char *label;
    const char *alphabet;
} rows[] = {
    {"two letters and a blank",       "ab "                        },
    {"one letter and a blank",        "a "                         },
    {"letters of the whole alphabet", "abcdefghijklmnopqrstuvwxyz "},
    {"a letter that is frequent",     "aaaaaaaaabcdefghij "        },
};

static void test_random(void **state)
{
    const struct row *row = *state;
    unsigned seed = 1;
    static struct search search;
    char text[TEXT_LENGTH];
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct arena arena;
        arena_init(&arena);
        struct bounce_automaton *automaton = bounce_automaton_new(&arena);
        search.count = 1 + round % PHRASES;
        for (size_t i = 0; i < search.count; i++) {
            struct phrase *phrase = &search.phrases[i];
            write_random(&seed, row->alphabet, phrase->text, 1 + next_number(&seed) % 6);
            phrase->is_open_before = next_number(&seed) % 2 == 0;
            phrase->is_open_behind = next_number(&seed) % 2 == 0;
            phrase->number = bounce_automaton_add(automaton, slice_of(phrase->text),
                                                  phrase->is_open_before, phrase->is_open_behind);
        }
        bounce_automaton_compile(automaton);
        write_random(&seed, row->alphabet, text, next_number(&seed) % TEXT_LENGTH);
        check_text(automaton, &search, text);
        arena_release(&arena);
    }
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_random, rows);
    return cases_run(&cases, "bounce_automaton");
}
