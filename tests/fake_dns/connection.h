/*
 * TCP connections to the test server. RFC 1035 4.2.2, RFC 7766.
 *
 * A fixed number of places; when all are taken, the connection that has been idle longest makes
 * room.
 */
#ifndef TESTS_FAKE_DNS_CONNECTION_H
#define TESTS_FAKE_DNS_CONNECTION_H

#include "endpoint.h"
#include "queue.h"

#define CONNECTION_MAX 256

/* Most answers that wait for a client that doesn't read. */
#define CONNECTION_REPLIES_MAX 256

struct connection {
    int descriptor; /* -1: the place is free */
    uint64_t generation;
    uint64_t last_used;
    size_t listener;
    uint8_t input[2 + ENDPOINT_QUERY_MAX];
    size_t input_length;
    struct reply *output, *output_last;
    size_t output_count;
    size_t written; /* octets of the first reply */
    size_t waiting; /* replies in the queue */
    bool no_more_input;
    bool no_more_output; /* close when all is written */
};

struct connection_list {
    struct queue *queue;
    uint64_t clock;
    struct connection places[CONNECTION_MAX];
};

void connection_list_init(struct connection_list *list, struct queue *queue);
void connection_list_release(struct connection_list *list);

/* Takes over an accepted socket. */
void connection_open(struct connection_list *list, int descriptor, size_t listener);

/* Replies that wait for it are lost. */
void connection_close(struct connection_list *list, struct connection *connection);

/* Reads what has come. */
void connection_read(struct connection_list *list, struct connection *connection);

/* The next whole message, valid until the next call; NULL when there is none. Sizes over
 * ENDPOINT_QUERY_MAX end the connection. */
const uint8_t *connection_next(struct connection_list *list, struct connection *connection,
                               size_t *length);
/* Drops the message that connection_next gave. */
void connection_drop(struct connection *connection, size_t length);

/* Gives the connection a reply, whose time has come, as its `tcp` says. Takes the reply over. */
void connection_send(struct connection_list *list, struct reply *reply);

/* Writes what it can, and closes what has come to its end. */
void connection_write(struct connection_list *list, struct connection *connection);

/* What to poll for. */
short connection_events(const struct connection *connection);

#endif
