/*
 * Finds many phrases in one pass over a text (Aho-Corasick, as a table of transitions).
 *
 * A phrase is found as whole words unless it is open at an end: letters and digits (ASCII) make
 * words, all other octets part them. The same text with other open ends is another phrase.
 */
#ifndef COMMON_MAIL_BOUNCE_AUTOMATON_H
#define COMMON_MAIL_BOUNCE_AUTOMATON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

#define BOUNCE_AUTOMATON_STATES_MAX 65535
#define BOUNCE_AUTOMATON_PHRASE_MAX 120

struct bounce_automaton;

struct bounce_automaton *bounce_automaton_new(struct arena *arena);

/* The number of the phrase, counted from 0; the one that it has already when it was added before.
 * SIZE_MAX: there is no room for it. Not after bounce_automaton_compile(). The text is folded as
 * texts are: lower case, single blanks. Not empty, at most BOUNCE_AUTOMATON_PHRASE_MAX octets. */
size_t bounce_automaton_add(struct bounce_automaton *automaton, struct slice phrase,
                            bool is_open_before, bool is_open_behind);

void bounce_automaton_compile(struct bounce_automaton *automaton);

size_t bounce_automaton_phrases(const struct bounce_automaton *automaton);

/* A place in a text; start with {0}. */
struct bounce_automaton_scan {
    size_t offset; /* octets read */
    uint32_t state;
    uint32_t chain, pending; /* what ends here and was not told yet */
    size_t phrase, start, end;
};

/* The next phrase in the order of their ends: phrase, start and end are set. False: no more. */
bool bounce_automaton_next(const struct bounce_automaton *automaton, struct slice text,
                           struct bounce_automaton_scan *scan);

#endif
