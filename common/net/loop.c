#include "net/loop.h"

#include <poll.h>
#include <stdlib.h>

#include "base/memory.h"

struct watcher {
    loop_ready *ready;
    void *context;
};

/* polled[i] belongs to watchers[i]; places[descriptor] is i + 1, or 0. */
struct loop {
    struct pollfd *polled;
    struct watcher *watchers;
    size_t count;
    size_t polled_capacity, watcher_capacity;
    size_t *places;
    size_t place_count;
};

struct loop *loop_new(void)
{
    return memory_new(1, sizeof(struct loop));
}

void loop_free(struct loop *loop)
{
    if (loop != NULL) {
        free(loop->polled);
        free(loop->watchers);
        free(loop->places);
        free(loop);
    }
}

static size_t *place_of(struct loop *loop, int descriptor)
{
    size_t at = (size_t)descriptor;
    if (at >= loop->place_count) {
        size_t old = loop->place_count;
        loop->places = memory_grow(loop->places, &loop->place_count, at + 1, sizeof(size_t));
        for (size_t i = old; i < loop->place_count; i++) {
            loop->places[i] = 0;
        }
    }
    return &loop->places[at];
}

static void unwatch(struct loop *loop, size_t *place)
{
    size_t at = *place - 1;
    size_t last = --loop->count;
    loop->polled[at] = loop->polled[last];
    loop->watchers[at] = loop->watchers[last];
    loop->places[loop->polled[at].fd] = at + 1;
    *place = 0;
}

void loop_watch(struct loop *loop, int descriptor, unsigned events, loop_ready *ready,
                void *context)
{
    size_t *place = place_of(loop, descriptor);
    if (events == 0) {
        if (*place != 0) {
            unwatch(loop, place);
        }
        return;
    }
    if (*place == 0) {
        loop->polled = memory_grow(loop->polled, &loop->polled_capacity, loop->count + 1,
                                   sizeof *loop->polled);
        loop->watchers = memory_grow(loop->watchers, &loop->watcher_capacity, loop->count + 1,
                                     sizeof *loop->watchers);
        *place = ++loop->count;
    }
    short wanted = (short)((events & LOOP_READ ? POLLIN : 0) | (events & LOOP_WRITE ? POLLOUT : 0));
    loop->polled[*place - 1] = (struct pollfd){.fd = descriptor, .events = wanted};
    loop->watchers[*place - 1] = (struct watcher){ready, context};
}

static unsigned happened(const struct pollfd *polled)
{
    short events = polled->revents;
    if ((events & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
        events = polled->events;
    }
    return (events & POLLIN ? (unsigned)LOOP_READ : 0) |
           (events & POLLOUT ? (unsigned)LOOP_WRITE : 0);
}

bool loop_once(struct loop *loop, struct deadline deadline)
{
    int ready = poll(loop->polled, (nfds_t)loop->count, deadline_left_for_poll(deadline));
    /* Backwards: a watcher that goes away is replaced by the last one, which had its turn. */
    for (size_t i = loop->count; ready > 0 && i-- > 0;) {
        if (i >= loop->count || loop->polled[i].revents == 0) {
            continue;
        }
        unsigned events = happened(&loop->polled[i]);
        struct watcher watcher = loop->watchers[i];
        int descriptor = loop->polled[i].fd;
        loop->polled[i].revents = 0;
        ready--;
        if (events != 0) {
            watcher.ready(watcher.context, descriptor, events);
        }
    }
    return deadline_left(deadline) > 0;
}
