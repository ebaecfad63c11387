/*
 * What the checks of records in DNS say alike. The findings are rows of the plugin's own table; the
 * words are one.
 */
#ifndef PLUGINS_RECORD_JUDGE_H
#define PLUGINS_RECORD_JUDGE_H

#include "mail/dns_answer.h"
#include "record_memory.h"
#include "report/report.h"

struct record_judge {
    struct report *report;
    enum state timeout_result; /* of what the deadline left unasked */
    size_t error, bogus;       /* findings: no usable answer; DNSSEC signatures that are broken */
};

/* A question that got no answer: ours or the resolver's trouble, never the domain's. `unchecked` is
 * the answer to the same question with checking disabled (RFC 4035 3.2.2), or NULL. An answer adds
 * nothing. */
void record_judge_failure(const struct record_judge *judge, const char *subject,
                          const struct dns_answer *answer, const struct dns_answer *unchecked);

/* --expect: `text` is what stands at `name`, "" for nothing, NULL for not known. `expected` may be
 * NULL. */
void record_judge_expected(struct report *report, size_t finding, const char *subject,
                           const char *name, const char *text, const char *expected);

/* --state-file: the record changed within the last `changed_for` seconds. */
void record_judge_change(struct report *report, size_t finding, const char *subject,
                         const struct record_memory *memory, int64_t now, long changed_for);

#endif
