#include "mail/bounce_automaton.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define NONE UINT32_MAX

struct phrase {
    uint32_t length;
    bool is_open_before, is_open_behind;
    uint32_t next; /* another phrase of the same text, or NONE */
};

struct node {
    uint32_t child, sibling; /* NONE: no more */
    uint32_t phrase;         /* the first that ends here, or NONE */
    uint32_t suffix; /* the nearest node down the failure links in which a phrase ends; 0: none */
    uint32_t failure;
    uint16_t children; /* how many */
    uint16_t row;      /* of the table, from 1; 0: none, the children are looked through */
    uint8_t octet;
};

/* A row for each node would be megabytes, most of them the row of the failure link and one child.
 */
#define CHILDREN_WITHOUT_ROW 4

struct bounce_automaton {
    struct arena *arena;
    struct node *nodes;
    size_t node_count, node_capacity;
    struct phrase *phrases;
    size_t phrase_count, phrase_capacity;
    uint8_t symbol_of[256]; /* octets that no phrase has share symbol 0 */
    size_t symbols;
    uint16_t *table; /* [row][symbol]: the next node, failure links followed */
};

/* Arrays grow in the arena: what is left behind goes with it. */
static void *grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity == 0 ? 1024 : *capacity * 2;
    void *grown = arena_array(arena, *capacity, size);
    if (count > 0)
        memcpy(grown, array, count * size);
    return grown;
}

static uint32_t add_node(struct bounce_automaton *automaton, uint8_t octet)
{
    automaton->nodes = grow(automaton->arena, automaton->nodes, automaton->node_count,
                            &automaton->node_capacity, sizeof *automaton->nodes);
    automaton->nodes[automaton->node_count] =
        (struct node){.child = NONE, .sibling = NONE, .phrase = NONE, .octet = octet};
    return (uint32_t)automaton->node_count++;
}

struct bounce_automaton *bounce_automaton_new(struct arena *arena)
{
    struct bounce_automaton *automaton = arena_alloc(arena, sizeof *automaton);

    automaton->arena = arena;
    automaton->symbols = 1;
    (void)add_node(automaton, 0);
    return automaton;
}

static uint32_t child_of(const struct bounce_automaton *automaton, uint32_t node, uint8_t octet)
{
    uint32_t child = automaton->nodes[node].child;

    while (child != NONE && automaton->nodes[child].octet != octet)
        child = automaton->nodes[child].sibling;
    return child;
}

static uint32_t add_path(struct bounce_automaton *automaton, struct slice text)
{
    uint32_t node = 0;

    for (size_t i = 0; i < text.length; i++) {
        uint8_t octet = (uint8_t)text.start[i];
        uint32_t child = child_of(automaton, node, octet);

        if (child == NONE) {
            if (automaton->symbol_of[octet] == 0)
                automaton->symbol_of[octet] = (uint8_t)automaton->symbols++;
            child = add_node(automaton, octet);
            automaton->nodes[child].sibling = automaton->nodes[node].child;
            automaton->nodes[node].child = child;
            automaton->nodes[node].children++;
        }
        node = child;
    }
    return node;
}

size_t bounce_automaton_add(struct bounce_automaton *automaton, struct slice phrase,
                            bool is_open_before, bool is_open_behind)
{
    if (automaton->node_count + phrase.length > BOUNCE_AUTOMATON_STATES_MAX)
        return SIZE_MAX;
    uint32_t node = add_path(automaton, phrase);
    for (uint32_t i = automaton->nodes[node].phrase; i != NONE; i = automaton->phrases[i].next)
        if (automaton->phrases[i].is_open_before == is_open_before &&
            automaton->phrases[i].is_open_behind == is_open_behind)
            return i;
    automaton->phrases = grow(automaton->arena, automaton->phrases, automaton->phrase_count,
                              &automaton->phrase_capacity, sizeof *automaton->phrases);
    automaton->phrases[automaton->phrase_count] = (struct phrase){
        .length = (uint32_t)phrase.length,
        .is_open_before = is_open_before,
        .is_open_behind = is_open_behind,
        .next = automaton->nodes[node].phrase,
    };
    automaton->nodes[node].phrase = (uint32_t)automaton->phrase_count;
    return automaton->phrase_count++;
}

/* The node behind this octet. The root has a row, so that failure links come to an end. */
static uint32_t step(const struct bounce_automaton *automaton, uint32_t node, uint8_t octet)
{
    for (;; node = automaton->nodes[node].failure) {
        uint16_t row = automaton->nodes[node].row;

        if (row > 0)
            return automaton->table[(row - 1U) * automaton->symbols + automaton->symbol_of[octet]];
        uint32_t child = child_of(automaton, node, octet);
        if (child != NONE)
            return child;
    }
}

/* The row of a node whose failure link is complete. */
static void fill_row(struct bounce_automaton *automaton, uint32_t node)
{
    const struct node *nodes = automaton->nodes;
    uint16_t *row = &automaton->table[(nodes[node].row - 1U) * automaton->symbols];

    for (unsigned octet = 0; octet < 256 && node != 0; octet++)
        if (automaton->symbol_of[octet] != 0)
            row[automaton->symbol_of[octet]] =
                (uint16_t)step(automaton, nodes[node].failure, (uint8_t)octet);
    for (uint32_t child = nodes[node].child; child != NONE; child = nodes[child].sibling)
        row[automaton->symbol_of[nodes[child].octet]] = (uint16_t)child;
}

/* All nodes nearer to the root are complete. */
static void complete(struct bounce_automaton *automaton, uint32_t node)
{
    struct node *nodes = automaton->nodes;
    uint32_t failure = nodes[node].failure;

    if (node != 0)
        nodes[node].suffix = nodes[failure].phrase != NONE ? failure : nodes[failure].suffix;
    for (uint32_t child = nodes[node].child; child != NONE; child = nodes[child].sibling)
        nodes[child].failure = node == 0 ? 0 : step(automaton, failure, nodes[child].octet);
    if (nodes[node].row > 0)
        fill_row(automaton, node);
}

static size_t number_rows(struct bounce_automaton *automaton)
{
    size_t rows = 0;

    for (size_t i = 0; i < automaton->node_count; i++)
        if (i == 0 || automaton->nodes[i].children > CHILDREN_WITHOUT_ROW)
            automaton->nodes[i].row = (uint16_t)++rows;
    return rows;
}

void bounce_automaton_compile(struct bounce_automaton *automaton)
{
    uint32_t *queue = memory_new(automaton->node_count, sizeof *queue);
    size_t head = 0;
    size_t tail = 1;
    size_t rows = number_rows(automaton);

    automaton->table =
        arena_array(automaton->arena, rows * automaton->symbols, sizeof *automaton->table);
    while (head < tail) {
        uint32_t node = queue[head++];

        complete(automaton, node);
        for (uint32_t child = automaton->nodes[node].child; child != NONE;
             child = automaton->nodes[child].sibling)
            queue[tail++] = child;
    }
    free(queue);
}

size_t bounce_automaton_phrases(const struct bounce_automaton *automaton)
{
    return automaton->phrase_count;
}

static bool is_word(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') ||
           (character >= 'A' && character <= 'Z');
}

/* Whether a word goes on across the place before `offset`. */
static bool is_inside_word(struct slice text, size_t offset)
{
    return offset > 0 && offset < text.length && is_word(text.start[offset - 1]) &&
           is_word(text.start[offset]);
}

/* Tells the next phrase that ends here and stands in its place. */
static bool tell(const struct bounce_automaton *automaton, struct slice text,
                 struct bounce_automaton_scan *scan)
{
    while (scan->chain != 0) {
        for (uint32_t i = scan->pending; i != NONE; i = automaton->phrases[i].next) {
            const struct phrase *phrase = &automaton->phrases[i];
            size_t start = scan->offset - phrase->length;

            if ((!phrase->is_open_before && is_inside_word(text, start)) ||
                (!phrase->is_open_behind && is_inside_word(text, scan->offset)))
                continue;
            scan->pending = phrase->next;
            scan->phrase = i;
            scan->start = start;
            scan->end = scan->offset;
            return true;
        }
        scan->chain = automaton->nodes[scan->chain].suffix;
        scan->pending = automaton->nodes[scan->chain].phrase;
    }
    return false;
}

bool bounce_automaton_next(const struct bounce_automaton *automaton, struct slice text,
                           struct bounce_automaton_scan *scan)
{
    while (!tell(automaton, text, scan)) {
        if (scan->offset == text.length)
            return false;
        scan->state = step(automaton, scan->state, (uint8_t)text.start[scan->offset++]);
        const struct node *node = &automaton->nodes[scan->state];
        scan->chain = node->phrase != NONE ? scan->state : node->suffix;
        scan->pending = automaton->nodes[scan->chain].phrase;
    }
    return true;
}
