/*
 * Answers that wait for their time: a heap ordered by time and then by order of arrival, and the
 * memory of the answers, which is used again and again and has a mandatory maximum.
 */
#ifndef TESTS_FAKE_DNS_QUEUE_H
#define TESTS_FAKE_DNS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "base/arena.h"

/* Most answers that wait, and most octets of memory for them. */
#define QUEUE_REPLIES_MAX (1U << 18)
#define QUEUE_OCTETS_MAX (128U << 20)

struct reply {
    struct reply *next; /* for whoever holds it */
    int64_t due;        /* clock_now() */
    uint64_t order;
    size_t size_class;
    int socket;                /* UDP: the socket that sends it */
    union address_socket peer; /* UDP */
    socklen_t peer_length;
    void *connection; /* TCP, else NULL */
    uint64_t generation;
    unsigned tcp; /* enum behaviour_tcp */
    size_t length;
    uint8_t octets[]; /* over TCP with the two octets of the length in front */
};

#define QUEUE_CLASSES 6

struct queue {
    struct arena arena;
    size_t octets; /* taken from the arena */
    struct reply *unused[QUEUE_CLASSES];
    struct reply **heap;
    size_t count, capacity;
    uint64_t order;
};

void queue_init(struct queue *queue);
void queue_release(struct queue *queue);

/* Room for `length` octets, not zeroed. NULL when the maximum is reached: the answer is lost. */
struct reply *queue_new(struct queue *queue, size_t length);
/* Gives the room back. */
void queue_free(struct queue *queue, struct reply *reply);

/* Puts a reply with its `due` set in line. */
void queue_push(struct queue *queue, struct reply *reply);
/* The first one, or NULL. */
struct reply *queue_first(const struct queue *queue);
/* Takes the first one out; there must be one. */
struct reply *queue_pop(struct queue *queue);

#endif
