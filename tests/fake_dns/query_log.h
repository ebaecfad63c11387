/*
 * The log of queries: one line for each that was received,
 *
 *     udp|tcp address name type flags
 *
 * where the flags are "rd", "do" and "cd" with commas, or "-"; a query without a readable question
 * has "malformed" in the place of the name and "-" for the rest. Tests count these lines, so they
 * are written before the answers are sent.
 */
#ifndef TESTS_FAKE_DNS_QUERY_LOG_H
#define TESTS_FAKE_DNS_QUERY_LOG_H

#include "base/text.h"
#include "query.h"

struct query_log {
    int descriptor; /* -1: no log */
    bool failed;    /* a line was not written */
    struct text lines;
};

/* Begins an empty file; NULL is no log. False when it cannot be written, with errno set. */
bool query_log_open(struct query_log *log, const char *path);
void query_log_close(struct query_log *log);

void query_log_add(struct query_log *log, const struct query *query, const char *address, bool tcp);
void query_log_flush(struct query_log *log);

#endif
