/*
 * Time: the monotonic clock for measuring and waiting, the wall clock for dates, and the one
 * deadline.
 *
 * All monotonic times are microseconds since an arbitrary start and never go backwards.
 */
#ifndef COMMON_BASE_CLOCK_H
#define COMMON_BASE_CLOCK_H

#include <stdint.h>

/* Monotonic, microseconds. */
int64_t clock_now(void);

/* Wall clock, seconds since 1970-01-01 UTC. */
int64_t clock_wall(void);

/* One absolute moment (monotonic, microseconds), handed down through every layer. */
struct deadline {
    int64_t at;
};

/* `seconds` from now; fractions count. */
struct deadline deadline_in(double seconds);

/* The earlier of the deadline and `microseconds` from now: how a stage's budget is cut to end
 * inside it. */
struct deadline deadline_cut(struct deadline deadline, int64_t microseconds);

/* Microseconds left, never negative. */
int64_t deadline_left(struct deadline deadline);

/* Milliseconds left for poll(2): rounded up, so that a loop doesn't spin in the last millisecond;
 * at most INT_MAX. */
int deadline_left_for_poll(struct deadline deadline);

#endif
