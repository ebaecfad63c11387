/*
 * Poll loop: file descriptors, until a deadline.
 *
 * For the modules of this floor; plugins see only what those make of it. A watcher's function may
 * add and remove watchers, its own included.
 */
#ifndef COMMON_NET_LOOP_H
#define COMMON_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct loop;

enum loop_events {
    LOOP_READ = 1,
    LOOP_WRITE = 2,
};

typedef void loop_ready(void *context, int descriptor, unsigned events);

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Watches `descriptor` for `events`; 0 stops watching. Error and hang-up are reported as every
 * event wanted. */
void loop_watch(struct loop *loop, int descriptor, unsigned events, loop_ready *ready,
                void *context);

/* Waits for events until `deadline` and delivers them once. False when the deadline came first. */
bool loop_once(struct loop *loop, struct deadline deadline);

#endif
