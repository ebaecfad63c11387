/*
 * For the tests of options: a table with a row of each kind, and everything that one parse needs.
 */
#ifndef TESTS_UNIT_OPTION_FIXTURE_H
#define TESTS_UNIT_OPTION_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "mail/ip.h"
#include "plugin/option.h"
#include "report/state.h"
#include "report/threshold.h"

#define OPTION_WORDS_MAX 8

struct config {
    bool flag;
    int counter;
    const char *text, *empty, *word, *domain, *file, *secret, *endpoint;
    long number;
    double seconds;
    struct range range, count;
    struct ip_address address;
    enum state state;
    struct option_list texts, words, domains, addresses, files;
};

struct common {
    bool exit_ok;
};

static const char *const colours[] = {"red", "green", "blue", NULL};

#define OPTION_VALUE(member) offsetof(struct config, member)

static const struct option_definition table[] = {
    {
     .name = "flag",
     .letter = 'f',
     .kind = OPTION_FLAG,
     .offset = OPTION_VALUE(flag),
     },
    {
     .name = "verbose",
     .letter = 'v',
     .kind = OPTION_COUNTER,
     .offset = OPTION_VALUE(counter),
     },
    {
     .name = "text",
     .letter = 's',
     .kind = OPTION_TEXT,
     .argument = "TEXT",
     .offset = OPTION_VALUE(text),
     },
    {
     .name = "text-list",
     .kind = OPTION_TEXT,
     .traits = OPTION_REPEAT,
     .argument = "TEXT",
     .offset = OPTION_VALUE(texts),
     },
    {
     .name = "sender",
     .kind = OPTION_TEXT,
     .traits = OPTION_EMPTY,
     .argument = "ADDRESS",
     .offset = OPTION_VALUE(empty),
     },
    {
     .name = "colour",
     .kind = OPTION_WORD,
     .argument = "COLOUR",
     .offset = OPTION_VALUE(word),
     .words = colours,
     },
    {
     .name = "colours",
     .kind = OPTION_WORD,
     .traits = OPTION_REPEAT,
     .argument = "X",
     .offset = OPTION_VALUE(words),
     .words = colours,
     },
    {
     .name = "port",
     .letter = 'p',
     .kind = OPTION_NUMBER,
     .argument = "PORT",
     .offset = OPTION_VALUE(number),
     .minimum = 1,
     .maximum = 65535,
     },
    {
     .name = "timeout",
     .letter = 't',
     .kind = OPTION_SECONDS,
     .argument = "SECONDS",
     .offset = OPTION_VALUE(seconds),
     .minimum = 0.5,
     .maximum = 3600,
     },
    {
     .name = "warning",
     .letter = 'w',
     .kind = OPTION_RANGE,
     .argument = "RANGE",
     .offset = OPTION_VALUE(range),
     },
    {
     .name = "critical",
     .letter = 'c',
     .kind = OPTION_RANGE,
     .traits = OPTION_AT_LEAST,
     .argument = "RANGE",
     .offset = OPTION_VALUE(count),
     },
    {
     .name = "domain",
     .letter = 'd',
     .kind = OPTION_DOMAIN,
     .argument = "DOMAIN",
     .offset = OPTION_VALUE(domain),
     },
    {
     .name = "domains",
     .kind = OPTION_DOMAIN,
     .traits = OPTION_REPEAT,
     .argument = "X",
     .offset = OPTION_VALUE(domains),
     .words = colours,
     },
    {
     .name = "address",
     .letter = 'H',
     .kind = OPTION_ADDRESS,
     .argument = "ADDRESS",
     .offset = OPTION_VALUE(address),
     },
    {
     .name = "addresses",
     .kind = OPTION_ADDRESS,
     .traits = OPTION_REPEAT,
     .argument = "X",
     .offset = OPTION_VALUE(addresses),
     .words = colours,
     },
    {
     .name = "resolver",
     .kind = OPTION_ENDPOINT,
     .argument = "ADDR[:PORT]",
     .offset = OPTION_VALUE(endpoint),
     },
    {
     .name = "input",
     .kind = OPTION_FILE,
     .argument = "FILE",
     .offset = OPTION_VALUE(file),
     },
    {
     .name = "inputs",
     .kind = OPTION_FILE,
     .traits = OPTION_REPEAT,
     .argument = "X",
     .offset = OPTION_VALUE(files),
     .words = colours,
     },
    {
     .name = "worst",
     .kind = OPTION_STATE,
     .argument = "STATE",
     .offset = OPTION_VALUE(state),
     },
    {
     .name = "password",
     .letter = 'P',
     .kind = OPTION_TEXT,
     .traits = OPTION_SECRET,
     .argument = "WORD",
     .offset = OPTION_VALUE(secret),
     },
    {
     .name = "explain",
     .kind = OPTION_SPECIAL,
     .traits = OPTION_OPTIONAL_VALUE,
     .argument = "ID",
     },
    {
     .name = "export",
     .kind = OPTION_SPECIAL,
     .argument = "COLOUR",
     .words = colours,
     },
    {
     .name = "help",
     .letter = 'h',
     .kind = OPTION_SPECIAL,
     .traits = OPTION_COMMAND_LINE,
     },
    {
     .name = "help",
     .letter = '?',
     .kind = OPTION_SPECIAL,
     .traits = OPTION_COMMAND_LINE | OPTION_HIDDEN,
     },
    {
     .name = "exit-ok",
     .kind = OPTION_FLAG,
     .traits = OPTION_COMMON,
     .offset = offsetof(struct common,                                                 exit_ok),
     },
    {
     .name = "always-ok",
     .kind = OPTION_FLAG,
     .traits = OPTION_COMMON | OPTION_HIDDEN,
     .offset = offsetof(struct common,exit_ok),
     },
};

/* Everything that one parse needs. */
struct fixture {
    struct arena arena;
    struct config config;
    struct common common;
    struct option_run run;
};

static inline void setup(struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    arena_init(&fixture->arena);
    fixture->run = (struct option_run){.table = table,
                                       .count = sizeof(table) / sizeof(table[0]),
                                       .arena = &fixture->arena,
                                       .configuration = &fixture->config,
                                       .common = &fixture->common};
}

static inline bool parse(struct fixture *fixture, const char *const *words)
{
    struct option_words list = {.words = words};

    while (list.count < OPTION_WORDS_MAX && words[list.count] != NULL)
        list.count++;
    return option_parse(&fixture->run, &list);
}

static inline void print_list(char *out, size_t size, const struct option_list *list)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < list->count && used < size; i++)
        used +=
            (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? "," : "", list->values[i]);
}

/* The longest label, RFC 1035 2.3.4. */
#define LABEL_63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"

#endif
