#include "server.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "connection.h"

/* Batches of one socket, and of due answers, before the others have their turn. */
#define TURN_BATCHES 16

struct server {
    struct script *script;
    const struct endpoint *endpoints;
    size_t endpoint_count;
    struct query_log *log;
    char texts[SCRIPT_LISTENERS_MAX][INET6_ADDRSTRLEN];
    struct queue queue;
    struct connection_list connections;
    struct answer_list answers;
    struct endpoint_packet packets[ENDPOINT_BATCH];
    struct pollfd polled[1 + 2 * SCRIPT_LISTENERS_MAX + CONNECTION_MAX];
    struct connection *polled_connections[CONNECTION_MAX];
    size_t polled_connection_count;
};

/* Where a query came from, and its answers go. */
struct origin {
    size_t listener;
    const struct endpoint_packet *packet; /* UDP */
    struct connection *connection;        /* TCP */
};

static void put_in_line(struct server *server, const struct origin *origin,
                        const struct answer *answer, int64_t now)
{
    const struct endpoint *endpoint = &server->endpoints[origin->listener];
    size_t prefix = origin->connection != NULL ? 2 : 0;
    struct reply *reply = queue_new(&server->queue, prefix + answer->length);

    if (reply == NULL)
        return;
    reply->due = now + (int64_t)answer->delay * 1000;
    memcpy(reply->octets + prefix, answer->octets, answer->length);
    if (origin->connection != NULL) {
        reply->octets[0] = (uint8_t)(answer->length >> 8);
        reply->octets[1] = (uint8_t)answer->length;
        reply->connection = origin->connection;
        reply->generation = origin->connection->generation;
        reply->tcp = answer->tcp;
        origin->connection->waiting++;
    } else {
        reply->socket = answer->wrong_source ? endpoint->stray : endpoint->udp;
        reply->peer = origin->packet->peer;
        reply->peer_length = origin->packet->peer_length;
    }
    queue_push(&server->queue, reply);
}

static void serve_query(struct server *server, const struct origin *origin, const uint8_t *message,
                        size_t size, int64_t now)
{
    struct query query;
    bool tcp = origin->connection != NULL;

    query_read(&query, message, size);
    query_log_add(server->log, &query, server->texts[origin->listener], tcp);
    answer_query(server->script, &query, origin->listener, tcp, &server->answers);
    for (size_t i = 0; i < server->answers.count; i++) {
        const struct answer *answer = &server->answers.answers[i];

        if (tcp && answer->tcp == BEHAVIOUR_TCP_SILENT)
            continue;
        put_in_line(server, origin, answer, now);
        if (answer->duplicate)
            put_in_line(server, origin, answer, now);
    }
}

static void receive(struct server *server, size_t listener)
{
    size_t count = ENDPOINT_BATCH;

    for (int turn = 0; turn < TURN_BATCHES && count == ENDPOINT_BATCH; turn++) {
        int64_t now = clock_now();

        count = endpoint_receive(server->endpoints[listener].udp, server->packets);
        for (size_t i = 0; i < count; i++) {
            const struct endpoint_packet *packet = &server->packets[i];
            const struct origin origin = {.listener = listener, .packet = packet};

            serve_query(server, &origin, packet->octets, packet->length, now);
        }
    }
}

static void accept_connections(struct server *server, size_t listener)
{
    for (int i = 0; i < ENDPOINT_BATCH; i++) {
        int descriptor = endpoint_accept(server->endpoints[listener].tcp);

        if (descriptor < 0)
            return;
        connection_open(&server->connections, descriptor, listener);
    }
}

static void read_connection(struct server *server, struct connection *connection)
{
    const struct origin origin = {.listener = connection->listener, .connection = connection};
    int64_t now = clock_now();
    const uint8_t *message;
    size_t length;

    connection_read(&server->connections, connection);
    while ((message = connection_next(&server->connections, connection, &length)) != NULL) {
        serve_query(server, &origin, message, length, now);
        connection_drop(connection, length);
    }
    connection_write(&server->connections, connection);
}

static void send_batch(struct server *server, struct reply *const batch[], size_t count)
{
    if (count > 0)
        endpoint_send(batch[0]->socket, batch, count);
    for (size_t i = 0; i < count; i++)
        queue_free(&server->queue, batch[i]);
}

static void send_due(struct server *server)
{
    struct reply *batch[ENDPOINT_BATCH];
    size_t count = 0;
    int64_t now = clock_now();
    const struct reply *first = queue_first(&server->queue);

    for (int i = 0; i < TURN_BATCHES * ENDPOINT_BATCH && first != NULL && first->due <= now; i++) {
        struct reply *reply = queue_pop(&server->queue);

        first = queue_first(&server->queue);
        if (reply->connection != NULL) {
            connection_send(&server->connections, reply);
            continue;
        }
        if (count == ENDPOINT_BATCH || (count > 0 && batch[0]->socket != reply->socket)) {
            send_batch(server, batch, count);
            count = 0;
        }
        batch[count++] = reply;
    }
    send_batch(server, batch, count);
}

static int wait_milliseconds(const struct server *server)
{
    const struct reply *first = queue_first(&server->queue);

    return first == NULL ? -1 : deadline_left_for_poll((struct deadline){first->due});
}

/* The stop, then UDP and TCP of each endpoint, then the connections. Returns how many. */
static nfds_t prepare_poll(struct server *server, int stop)
{
    nfds_t count = 0;

    server->polled[count++] = (struct pollfd){.fd = stop, .events = POLLIN};
    for (size_t i = 0; i < server->endpoint_count; i++) {
        const struct endpoint *endpoint = &server->endpoints[i];

        server->polled[count++] = (struct pollfd){.fd = endpoint->udp, .events = POLLIN};
        server->polled[count++] = (struct pollfd){
            .fd = endpoint->refuses_tcp ? -1 : endpoint->tcp,
            .events = POLLIN,
        };
    }
    server->polled_connection_count = 0;
    for (size_t i = 0; i < CONNECTION_MAX; i++) {
        struct connection *connection = &server->connections.places[i];

        if (connection->descriptor < 0)
            continue;
        server->polled_connections[server->polled_connection_count++] = connection;
        server->polled[count++] = (struct pollfd){
            .fd = connection->descriptor,
            .events = connection_events(connection),
        };
    }
    return count;
}

/* Connections first: a new one may take the place of one whose events are still to be seen. */
static void serve_events(struct server *server)
{
    const struct pollfd *polled = &server->polled[1 + 2 * server->endpoint_count];

    for (size_t i = 0; i < server->polled_connection_count; i++) {
        struct connection *connection = server->polled_connections[i];

        if ((polled[i].events & POLLIN) != 0 && (polled[i].revents & ~POLLOUT) != 0)
            read_connection(server, connection);
        else if ((polled[i].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
            connection_close(&server->connections, connection);
        else if (polled[i].revents != 0)
            connection_write(&server->connections, connection);
    }
    for (size_t i = 0; i < server->endpoint_count; i++) {
        if (server->polled[1 + 2 * i].revents != 0)
            receive(server, i);
        if (server->polled[2 + 2 * i].revents != 0)
            accept_connections(server, i);
    }
}

bool server_run(struct script *script, const struct endpoint *endpoints, size_t endpoint_count,
                struct query_log *log, int stop)
{
    struct server *server = memory_new(1, sizeof(*server));

    server->script = script;
    server->endpoints = endpoints;
    server->endpoint_count = endpoint_count;
    server->log = log;
    queue_init(&server->queue);
    connection_list_init(&server->connections, &server->queue);
    for (size_t i = 0; i < endpoint_count; i++)
        address_print(&endpoints[i].address, server->texts[i]);
    while (!log->failed) {
        nfds_t count = prepare_poll(server, stop);

        if (poll(server->polled, count, wait_milliseconds(server)) > 0) {
            if (server->polled[0].revents != 0)
                break;
            serve_events(server);
        }
        query_log_flush(log);
        send_due(server);
    }
    connection_list_release(&server->connections);
    queue_release(&server->queue);
    free(server);
    return !log->failed;
}
