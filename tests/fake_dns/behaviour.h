/*
 * What stands between brackets on a line of a script: how an answer is given, and when.
 *
 * README.md in this folder is the manual of the words.
 */
#ifndef TESTS_FAKE_DNS_BEHAVIOUR_H
#define TESTS_FAKE_DNS_BEHAVIOUR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "query.h"

enum behaviour_flag {
    BEHAVIOUR_DELAY = 1 << 0,
    BEHAVIOUR_LOSE = 1 << 1,
    BEHAVIOUR_SILENT = 1 << 2,
    BEHAVIOUR_TRUNCATE = 1 << 3,
    BEHAVIOUR_GARBAGE = 1 << 4,
    BEHAVIOUR_HEADER_ONLY = 1 << 5,
    BEHAVIOUR_CUT = 1 << 6,
    BEHAVIOUR_WRONG_ID = 1 << 7,
    BEHAVIOUR_WRONG_QUESTION = 1 << 8,
    BEHAVIOUR_WRONG_SOURCE = 1 << 9,
    BEHAVIOUR_AD = 1 << 10,
    BEHAVIOUR_AA = 1 << 11,
    BEHAVIOUR_NO_RA = 1 << 12,
    BEHAVIOUR_DUPLICATE = 1 << 13,
    BEHAVIOUR_NO_OPT = 1 << 14,
    BEHAVIOUR_NO_SOA = 1 << 15,
    BEHAVIOUR_TCP = 1 << 16,
};

/* What happens to a question over TCP. */
enum behaviour_tcp {
    BEHAVIOUR_TCP_ANSWER,
    BEHAVIOUR_TCP_REFUSED, /* of a whole address only: nothing listens */
    BEHAVIOUR_TCP_CLOSED,
    BEHAVIOUR_TCP_RESET,
    BEHAVIOUR_TCP_SILENT,
    BEHAVIOUR_TCP_CUT,
};

/* The zero value says nothing. */
struct behaviour {
    unsigned known; /* flags that are decided, one way or the other */
    unsigned set;
    uint32_t delay; /* milliseconds */
    uint32_t lose;  /* queries */
    uint32_t cut;   /* octets */
    enum behaviour_tcp tcp;
};

/* Bits of conditions on the query. */
enum condition_flag {
    CONDITION_CD = 1 << 0,
    CONDITION_RD = 1 << 1,
    CONDITION_DO = 1 << 2,
    CONDITION_EDNS = 1 << 3,
    CONDITION_TCP = 1 << 4,
};

/* The zero value is always true. */
struct condition {
    unsigned known; /* flags that matter */
    unsigned set;   /* and how they must be */
    uint32_t first; /* true for so many queries, 0: without end */
    uint32_t after; /* true when so many have been */
    bool each;      /* every question is counted for itself */
};

/* All words of one pair of brackets. */
struct bracket {
    struct behaviour behaviour;
    struct condition condition;
    bool also;
};

/* Reads the words. False with the reason in `message`. */
bool bracket_parse(struct bracket *bracket, struct slice words, char message[static 128]);

/* Fills what `behaviour` leaves open from `weaker`. */
void behaviour_complete(struct behaviour *behaviour, const struct behaviour *weaker);

static inline bool behaviour_has(const struct behaviour *behaviour, enum behaviour_flag flag)
{
    return (behaviour->set & (unsigned)flag) != 0;
}

bool condition_is_set(const struct condition *condition);
bool condition_equals(const struct condition *a, const struct condition *b);

/* The flags of the condition fit the query; the counts are not looked at. */
bool condition_fits(const struct condition *condition, const struct query *query, bool tcp);

/* The `count`-th query, from 1, is one of those meant. */
bool condition_counts(const struct condition *condition, uint32_t count);

#endif
