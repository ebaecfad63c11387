/*
 * Response messages: header, sections, OPT, and the ways to spoil them. RFC 1035 4.1, RFC 6891 6.
 */
#ifndef TESTS_FAKE_DNS_ANSWER_BUILD_H
#define TESTS_FAKE_DNS_ANSWER_BUILD_H

#include "answer.h"

struct build {
    const struct query *query;
    uint8_t *octets; /* ANSWER_OCTETS_MAX */
    size_t length;
    uint16_t rcode;
    uint16_t answers, authorities;
    bool is_message; /* given whole by the script: no header is written */
    bool overflow;
};

/* A response with the question of the query, its case kept. */
void build_open(struct build *build, const struct query *query, uint8_t *octets);

/* Takes all records out again. */
void build_clear(struct build *build);

/* Adds the records of a rule to the answer section; their owner stands at `owner` in the message.
 * Returns the offset of the first RDATA, or 0. */
size_t build_records(struct build *build, const struct zone_rule *rule, size_t owner);

/* Adds the SOA of a rule to the authority section, its TTL cut to its MINIMUM (RFC 2308 5). The
 * owner 0 is the root. */
void build_soa(struct build *build, const struct zone_rule *rule, size_t owner);
void build_root_soa(struct build *build);

/* The octets of a rule, behind the id of the query. */
void build_message(struct build *build, const struct zone_rule *rule);

/* Completes the message: header, OPT, truncation, and what the behaviour spoils. `seed` moves the
 * octets of [garbage]. Returns its length. */
size_t build_close(struct build *build, const struct behaviour *behaviour, bool tcp, uint64_t seed);

/* A header alone, for a query that has no good question. Returns its length. */
size_t build_error(const struct query *query, uint16_t rcode, uint8_t *octets);

#endif
