#include "cases.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/loop.h"

#define PAIRS 50

/* Pairs of connected sockets: what is written to [1] can be read from [0]. */
static int pairs[PAIRS][2];
static struct loop *loop;
static unsigned seen[PAIRS]; /* events of each, or-ed */
static size_t calls;

static void enter(size_t count)
{
    memset(seen, 0, sizeof seen);
    calls = 0;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]), 0);
    loop = loop_new();
}

static void leave(size_t count)
{
    loop_free(loop);
    loop_free(NULL);
    for (size_t i = 0; i < count; i++) {
        close(pairs[i][0]);
        close(pairs[i][1]);
    }
}

static size_t index_of(int descriptor)
{
    size_t i = 0;
    while (pairs[i][0] != descriptor)
        i++;
    return i;
}

static void note(void *context, int descriptor, unsigned events)
{
    assert_ptr_equal(context, &pairs);
    seen[index_of(descriptor)] |= events;
    calls++;
}

static void write_to(size_t pair)
{
    assert_int_equal(write(pairs[pair][1], "x", 1), 1);
}

static void test_events(void **state)
{
    (void)state;
    enter(4);
    loop_watch(loop, pairs[0][0], LOOP_READ, note, &pairs);
    loop_watch(loop, pairs[1][0], LOOP_WRITE, note, &pairs);
    loop_watch(loop, pairs[2][0], LOOP_READ | LOOP_WRITE, note, &pairs);
    loop_watch(loop, pairs[3][0], LOOP_READ, note, &pairs);
    write_to(0);
    assert_true(loop_once(loop, deadline_in(5)));
    assert_int_equal(seen[0], LOOP_READ);
    assert_int_equal(seen[1], LOOP_WRITE);
    assert_int_equal(seen[2], LOOP_WRITE);
    assert_int_equal(seen[3], 0);
    assert_int_equal(calls, 3);
    write_to(2);
    assert_true(loop_once(loop, deadline_in(5)));
    assert_int_equal(seen[2], LOOP_READ | LOOP_WRITE);
    leave(4);
}

static void test_change(void **state)
{
    (void)state;
    enter(2);
    loop_watch(loop, pairs[0][0], LOOP_READ | LOOP_WRITE, note, &pairs);
    loop_watch(loop, pairs[1][0], LOOP_READ, note, &pairs);
    loop_watch(loop, pairs[0][0], LOOP_READ, note, &pairs);
    write_to(1);
    assert_true(loop_once(loop, deadline_in(5)));
    assert_int_equal(seen[0], 0);
    assert_int_equal(seen[1], LOOP_READ);
    loop_watch(loop, pairs[1][0], 0, note, &pairs);
    loop_watch(loop, pairs[1][0], 0, note, &pairs); /* stopped already */
    assert_false(loop_once(loop, deadline_in(0.02)));
    assert_int_equal(calls, 1);
    leave(2);
}

/* Who takes the place of one that goes is still itself. */
static void test_places(void **state)
{
    (void)state;
    enter(3);
    for (size_t i = 0; i < 3; i++) {
        loop_watch(loop, pairs[i][0], LOOP_READ, note, &pairs);
        write_to(i);
    }
    loop_watch(loop, pairs[0][0], 0, NULL, NULL);
    loop_watch(loop, pairs[2][0], LOOP_WRITE, note, &pairs);
    assert_true(loop_once(loop, deadline_in(5)));
    assert_int_equal(seen[0], 0);
    assert_int_equal(seen[1], LOOP_READ);
    assert_int_equal(seen[2], LOOP_WRITE);
    loop_watch(loop, pairs[2][0], 0, NULL, NULL);
    assert_true(loop_once(loop, deadline_in(5)));
    assert_int_equal(calls, 3);
    leave(3);
}

/* Hang-up is every event that was wanted, so that whoever reads or writes finds out. */
static void test_hang_up(void **state)
{
    (void)state;
    enter(2);
    loop_watch(loop, pairs[0][0], LOOP_READ, note, &pairs);
    loop_watch(loop, pairs[1][0], LOOP_READ | LOOP_WRITE, note, &pairs);
    shutdown(pairs[0][1], SHUT_RDWR);
    shutdown(pairs[1][1], SHUT_RDWR);
    assert_true(loop_once(loop, deadline_in(5)));
    assert_int_equal(seen[0], LOOP_READ);
    assert_int_equal(seen[1], LOOP_READ | LOOP_WRITE);
    /* Closed behind the loop's back. */
    seen[0] = 0;
    close(pairs[0][0]);
    assert_true(loop_once(loop, deadline_in(5)));
    assert_int_equal(seen[0], LOOP_READ);
    pairs[0][0] = dup(pairs[0][1]);
    leave(2);
}

static void test_deadline(void **state)
{
    (void)state;
    enter(1);
    int64_t before = clock_now();
    assert_false(loop_once(loop, deadline_in(0.05))); /* nothing is watched */
    loop_watch(loop, pairs[0][0], LOOP_READ, note, &pairs);
    assert_false(loop_once(loop, deadline_in(0.05)));
    assert_true(clock_now() - before >= 100000);
    assert_false(loop_once(loop, (struct deadline){before}));
    /* What is there at the deadline is delivered. */
    write_to(0);
    assert_false(loop_once(loop, (struct deadline){before}));
    assert_int_equal(calls, 1);
    leave(1);
}

/* ---- watchers that come and go while events are delivered */

/* Removes every watcher, its own included. */
static void remove_all(void *context, int descriptor, unsigned events)
{
    note(context, descriptor, events);
    for (size_t i = 0; i < PAIRS; i++)
        loop_watch(loop, pairs[i][0], 0, NULL, NULL);
}

static void test_remove_all(void **state)
{
    (void)state;
    enter(PAIRS);
    for (size_t i = 0; i < PAIRS; i++) {
        loop_watch(loop, pairs[i][0], LOOP_READ, remove_all, &pairs);
        write_to(i);
    }
    assert_true(loop_once(loop, deadline_in(5)));
    assert_int_equal(calls, 1);
    assert_false(loop_once(loop, deadline_in(0.01)));
    assert_int_equal(calls, 1);
    leave(PAIRS);
}

/* Removes itself and its neighbours: each of the others has its turn at most once. */
static void remove_some(void *context, int descriptor, unsigned events)
{
    size_t index = index_of(descriptor);
    assert_int_equal(seen[index], 0);
    note(context, descriptor, events);
    loop_watch(loop, pairs[index][0], 0, NULL, NULL);
    if (index % 3 == 0)
        loop_watch(loop, pairs[(index + 7) % PAIRS][0], 0, NULL, NULL);
}

static void test_remove_some(void **state)
{
    (void)state;
    enter(PAIRS);
    for (size_t i = 0; i < PAIRS; i++) {
        loop_watch(loop, pairs[i][0], LOOP_READ, remove_some, &pairs);
        write_to(i);
    }
    while (loop_once(loop, deadline_in(0.05)))
        assert_true(calls <= PAIRS);
    /* Whoever was not called was removed by another one. */
    for (size_t i = 0; i < PAIRS; i++) {
        size_t other = (i + PAIRS - 7) % PAIRS;
        assert_true(seen[i] != 0 || (other % 3 == 0 && seen[other] != 0));
    }
    leave(PAIRS);
}

/* Adds the next one. */
static void add_next(void *context, int descriptor, unsigned events)
{
    size_t next = index_of(descriptor) + 1;
    note(context, descriptor, events);
    loop_watch(loop, descriptor, 0, NULL, NULL);
    if (next < PAIRS)
        loop_watch(loop, pairs[next][0], LOOP_READ, add_next, context);
}

static void test_add(void **state)
{
    (void)state;
    enter(PAIRS);
    for (size_t i = 0; i < PAIRS; i++)
        write_to(i);
    loop_watch(loop, pairs[0][0], LOOP_READ, add_next, &pairs);
    for (size_t i = 0; i < PAIRS; i++) {
        assert_int_equal(calls, i);
        assert_true(loop_once(loop, deadline_in(5)));
    }
    assert_int_equal(calls, PAIRS);
    leave(PAIRS);
}

/* Closes and opens again: the number is another socket's now, which has nothing to read. */
static void reopen(void *context, int descriptor, unsigned events)
{
    size_t index = index_of(descriptor);
    note(context, descriptor, events);
    for (size_t i = 0; i < 4; i++) {
        if (i == index)
            continue;
        loop_watch(loop, pairs[i][0], 0, NULL, NULL);
        close(pairs[i][0]);
        close(pairs[i][1]);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]), 0);
        loop_watch(loop, pairs[i][0], LOOP_READ, reopen, context);
    }
}

static void test_reopen(void **state)
{
    (void)state;
    enter(4);
    for (size_t i = 0; i < 4; i++) {
        loop_watch(loop, pairs[i][0], LOOP_READ, reopen, &pairs);
        write_to(i);
    }
    assert_true(loop_once(loop, deadline_in(5)));
    assert_int_equal(calls, 1);
    leave(4);
}

int main(void)
{
    struct cases cases = {0};
    cases_add(&cases, "what is ready is told, and only what was wanted", test_events, NULL);
    cases_add(&cases, "what is wanted can change, and end", test_change, NULL);
    cases_add(&cases, "who takes the place of one that goes is still itself", test_places, NULL);
    cases_add(&cases, "hang-up is every event that was wanted", test_hang_up, NULL);
    cases_add(&cases, "the deadline ends the wait", test_deadline, NULL);
    cases_add(&cases, "a watcher may remove all of them", test_remove_all, NULL);
    cases_add(&cases, "a watcher may remove others; each has one turn", test_remove_some, NULL);
    cases_add(&cases, "a watcher may add another one", test_add, NULL);
    cases_add(&cases, "a number that was closed and opened anew is not told of the old one's event",
              test_reopen, NULL);
    return cases_run(&cases, "loop");
}
