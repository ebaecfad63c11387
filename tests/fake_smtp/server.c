#include "server.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

/* Rounds that new connections may wait for those that stand. */
#define DEFERRED_MAX 8

struct server {
    unsigned deferred; /* rounds in which nobody was let in */
    struct service *service;
    struct connection *connections[SERVER_CONNECTIONS_MAX]; /* NULL: none */
    size_t connection_count;
    uint64_t number;                         /* of the last connection */
    uint64_t listener_numbers[LISTENER_MAX]; /* of the last one of each listener */
    struct pollfd polled[1 + LISTENER_MAX + SERVER_CONNECTIONS_MAX];
};

/* Connections to the listener from the address that neither side has closed. */
static uint64_t count_open(const struct server *server, size_t listener, const struct address *peer)
{
    uint64_t count = 0;

    for (size_t i = 0; i < SERVER_CONNECTIONS_MAX; i++) {
        const struct connection *connection = server->connections[i];

        if (connection != NULL && connection->stage != CONNECTION_CLOSING && !connection->ended &&
            connection->listener == listener && address_equals(&connection->peer, peer))
            count++;
    }
    return count;
}

static void remove_closed(struct server *server)
{
    for (size_t i = 0; i < SERVER_CONNECTIONS_MAX; i++) {
        if (server->connections[i] != NULL && server->connections[i]->stage == CONNECTION_FREE) {
            free(server->connections[i]);
            server->connections[i] = NULL;
            server->connection_count--;
        }
    }
}

static void add_connection(struct server *server, size_t listener, int descriptor,
                           const struct address *peer)
{
    struct connection *connection = memory_new(1, sizeof(*connection));
    uint64_t open = count_open(server, listener, peer) + 1;
    size_t place = 0;

    while (server->connections[place] != NULL)
        place++;
    server->connections[place] = connection;
    server->connection_count++;
    connection_open(connection, server->service, descriptor, peer, listener, ++server->number,
                    ++server->listener_numbers[listener], open);
    connection_serve(connection, 0, clock_now());
}

/* One at a time: then the end of a connection, which came before it, is always seen first. */
static void accept_connection(struct server *server, size_t listener)
{
    if (server->connection_count < SERVER_CONNECTIONS_MAX) {
        struct address peer;
        int descriptor = listener_accept(&server->service->script->listeners[listener], &peer);

        if (descriptor < 0)
            return;
        add_connection(server, listener, descriptor, &peer);
        remove_closed(server);
    }
}

/* The stop, then the listeners, then every place of a connection. Returns the time-out. */
static int prepare_poll(struct server *server, int stop)
{
    const struct script *script = server->service->script;
    struct pollfd *polled = server->polled;
    int64_t now = clock_now();
    int64_t due = INT64_MAX;

    *polled++ = (struct pollfd){.fd = stop, .events = POLLIN};
    for (size_t i = 0; i < script->listener_count; i++) {
        bool takes = script->listeners[i].state == LISTENER_OPEN &&
                     server->connection_count < SERVER_CONNECTIONS_MAX;

        *polled++ = (struct pollfd){
            .fd = takes ? script->listeners[i].descriptor : -1,
            .events = POLLIN,
        };
    }
    for (size_t i = 0; i < SERVER_CONNECTIONS_MAX; i++) {
        const struct connection *connection = server->connections[i];

        *polled = (struct pollfd){.fd = -1};
        if (connection != NULL) {
            int64_t its_due = connection_due(connection, now);

            polled->fd = connection->descriptor;
            polled->events = connection_events(connection, now);
            due = its_due < due ? its_due : due;
        }
        polled++;
    }
    return due == INT64_MAX ? -1 : deadline_left_for_poll((struct deadline){due});
}

/* Connections first: a client that closed one may have opened the next. What is heard of one may be
 * followed by its end, so new ones wait until nothing is heard, for so many rounds at most. */
static void serve(struct server *server)
{
    const struct script *script = server->service->script;
    const struct pollfd *polled = &server->polled[1 + script->listener_count];
    bool is_heard = false;

    for (size_t i = 0; i < SERVER_CONNECTIONS_MAX; i++) {
        if (server->connections[i] == NULL)
            continue;
        is_heard = is_heard || (polled[i].revents & POLLIN) != 0;
        connection_serve(server->connections[i], polled[i].revents, clock_now());
    }
    remove_closed(server);
    if (is_heard && server->deferred < DEFERRED_MAX) {
        server->deferred++;
        return;
    }
    server->deferred = 0;
    for (size_t i = 0; i < script->listener_count; i++) {
        if (server->polled[1 + i].revents != 0)
            accept_connection(server, i);
    }
}

bool server_run(struct service *service, int stop)
{
    struct server *server = memory_new(1, sizeof(*server));

    server->service = service;
    while (!service->transcript->failed) {
        int timeout = prepare_poll(server, stop);
        nfds_t count = 1 + service->script->listener_count + SERVER_CONNECTIONS_MAX;

        if (poll(server->polled, count, timeout) < 0)
            continue;
        if (server->polled[0].revents != 0)
            break;
        serve(server);
    }
    for (size_t i = 0; i < SERVER_CONNECTIONS_MAX; i++) {
        if (server->connections[i] != NULL)
            connection_close(server->connections[i]);
    }
    remove_closed(server);
    free(server);
    return !service->transcript->failed;
}
