/*
 * What a script answers to a query, in octets. No I/O and no clock.
 */
#ifndef TESTS_FAKE_DNS_ANSWER_H
#define TESTS_FAKE_DNS_ANSWER_H

#include "query.h"
#include "script.h"

#define ANSWER_OCTETS_MAX 65535

/* Most messages for one query: what [also] rules say, and the answer itself. */
#define ANSWERS_MAX 4

struct answer {
    size_t length;
    uint32_t delay; /* milliseconds */
    bool wrong_source;
    bool duplicate;
    enum behaviour_tcp tcp;
    uint8_t octets[ANSWER_OCTETS_MAX];
};

struct answer_list {
    struct answer answers[ANSWERS_MAX];
    size_t count; /* 0: silence */
};

/* Answers a query that came to a listener, in the order of sending. The counts in the script's
 * rules move on. */
void answer_query(struct script *script, const struct query *query, size_t listener, bool tcp,
                  struct answer_list *list);

#endif
