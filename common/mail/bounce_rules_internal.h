/*
 * What the reader of rules (bounce_rules.c) leaves for those who ask (bounce_rules_classify.c).
 */
#ifndef COMMON_MAIL_BOUNCE_RULES_INTERNAL_H
#define COMMON_MAIL_BOUNCE_RULES_INTERNAL_H

#include "mail/bounce_automaton.h"
#include "mail/bounce_rules.h"

enum bounce_test {
    BOUNCE_TEST_WORDS,
    BOUNCE_TEST_CODE,
    BOUNCE_TEST_STATUS,
    BOUNCE_TEST_AT,
};

#define BOUNCE_ANY 1000 /* for any number in a code: 5xx, 5.7.x */

/* One of the values of a test. */
struct bounce_test_value {
    unsigned numbers[3]; /* digits of the reply code, or parts of the status */
    const char *provider;
};

struct bounce_term {
    enum bounce_test test;
    bool is_negated;
    struct bounce_test_value *values;
    size_t value_count;
    size_t number; /* of the term, counted over all rules */
};

/* A phrase in its place: in which sequence of which term of which rule. */
struct bounce_step {
    uint32_t rule, term;
    uint32_t next; /* the next step with this phrase, or UINT32_MAX */
    bool is_first, is_last;
};

#define BOUNCE_TERMS_MAX 16 /* of a rule */
#define BOUNCE_VALUES_MAX 64

/* Of one classification. What carries another generation is of an earlier one. */
struct bounce_scratch {
    struct bounce_step *steps; /* those of a sequence stand side by side */
    size_t step_count, step_capacity;
    size_t term_count;
    uint32_t *first_step; /* by phrase */
    uint32_t *wordless;   /* rules that need no word, in their order */
    size_t wordless_count;
    uint32_t generation;
    uint32_t *step_seen; /* generation, by step */
    size_t *step_end;
    uint32_t *term_seen; /* generation, by term */
    uint32_t *rule_seen; /* generation, by rule */
    uint32_t *rule_found;
    uint32_t *candidates;
    uint32_t *phrases; /* by step, until the rules are compiled */
};

#endif
