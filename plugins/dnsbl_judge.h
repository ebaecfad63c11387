/*
 * The two halves of check_dnsbl's judge: dnsbl_judge.c about the targets, dnsbl_health.c about the
 * lists and the resolver, and the counts that both read. Pure.
 */
#ifndef PLUGINS_DNSBL_JUDGE_H
#define PLUGINS_DNSBL_JUDGE_H

#include "dnsbl.h"

/* The outcomes of one list over all targets. */
struct dnsbl_list_tally {
    size_t outcomes[DNSBL_OUTCOMES];
    struct dnsbl_verdict first[DNSBL_OUTCOMES]; /* the first cell of each outcome */
    size_t answered, unanswered;
};

struct dnsbl_tally {
    struct dnsbl_list_tally *lists; /* of each choice */
    size_t cells;
    size_t critical, warning, info, allowlisted, new;
    size_t answered, unanswered, timeouts;
    size_t unasked;          /* the deadline came first */
    size_t blocked, servers; /* lists */
    long score;              /* highest of a target */
    size_t score_subject;
};

void dnsbl_tally_init(struct dnsbl_tally *tally, const struct dnsbl_facts *facts);

/* "127.0.0.2, 127.0.0.4". */
const char *dnsbl_codes_text(const struct dnsbl_reply *reply, struct arena *arena);

/* Findings about the lists themselves: refusals, dead ones, time-outs, and what they say of the
 * resolver. */
void dnsbl_judge_lists(const struct dnsbl_config *config, const struct plugin_common *common,
                       const struct dnsbl_facts *facts, const struct dnsbl_tally *tally,
                       const char *resolvers, struct report *report);

#endif
