#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "behaviour.h"

void connection_close(struct connection_list *list, struct connection *connection)
{
    struct reply *reply = connection->output;

    while (reply != NULL) {
        struct reply *next = reply->next;

        queue_free(list->queue, reply);
        reply = next;
    }
    close(connection->descriptor);
    connection->descriptor = -1;
    connection->generation++;
}

void connection_list_init(struct connection_list *list, struct queue *queue)
{
    memset(list, 0, sizeof(*list));
    list->queue = queue;
    for (size_t i = 0; i < CONNECTION_MAX; i++)
        list->places[i].descriptor = -1;
}

void connection_list_release(struct connection_list *list)
{
    for (size_t i = 0; i < CONNECTION_MAX; i++) {
        if (list->places[i].descriptor >= 0)
            connection_close(list, &list->places[i]);
    }
}

static struct connection *free_place(struct connection_list *list)
{
    struct connection *oldest = &list->places[0];

    for (size_t i = 0; i < CONNECTION_MAX; i++) {
        struct connection *place = &list->places[i];

        if (place->descriptor < 0)
            return place;
        if (place->last_used < oldest->last_used)
            oldest = place;
    }
    connection_close(list, oldest);
    return oldest;
}

void connection_open(struct connection_list *list, int descriptor, size_t listener)
{
    struct connection *connection = free_place(list);
    uint64_t generation = connection->generation;

    memset(connection, 0, sizeof(*connection));
    connection->descriptor = descriptor;
    connection->generation = generation;
    connection->listener = listener;
    connection->last_used = ++list->clock;
}

void connection_read(struct connection_list *list, struct connection *connection)
{
    size_t room = sizeof(connection->input) - connection->input_length;
    ssize_t got =
        recv(connection->descriptor, connection->input + connection->input_length, room, 0);

    connection->last_used = ++list->clock;
    if (got > 0)
        connection->input_length += (size_t)got;
    else if (got == 0)
        connection->no_more_input = true;
    else if (errno != EAGAIN && errno != EINTR)
        connection_close(list, connection);
}

const uint8_t *connection_next(struct connection_list *list, struct connection *connection,
                               size_t *length)
{
    const uint8_t *input = connection->input;

    if (connection->descriptor < 0 || connection->input_length < 2)
        return NULL;
    *length = (size_t)input[0] << 8 | input[1];
    if (*length > ENDPOINT_QUERY_MAX) {
        connection_close(list, connection);
        return NULL;
    }
    return connection->input_length >= *length + 2 ? input + 2 : NULL;
}

void connection_drop(struct connection *connection, size_t length)
{
    connection->input_length -= length + 2;
    memmove(connection->input, connection->input + length + 2, connection->input_length);
}

static bool has_ended(const struct connection *connection)
{
    return connection->output == NULL &&
           (connection->no_more_output || (connection->no_more_input && connection->waiting == 0));
}

void connection_write(struct connection_list *list, struct connection *connection)
{
    while (connection->descriptor >= 0 && connection->output != NULL) {
        struct reply *reply = connection->output;
        ssize_t sent = send(connection->descriptor, reply->octets + connection->written,
                            reply->length - connection->written, MSG_NOSIGNAL);

        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (sent < 0) {
            connection_close(list, connection);
            return;
        }
        connection->written += (size_t)sent;
        if (connection->written < reply->length)
            continue;
        connection->output = reply->next;
        connection->output_count--;
        connection->written = 0;
        queue_free(list->queue, reply);
    }
    if (connection->descriptor >= 0 && has_ended(connection))
        connection_close(list, connection);
}

static void reset(struct connection_list *list, struct connection *connection)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    setsockopt(connection->descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    connection_close(list, connection);
}

static void append(struct connection *connection, struct reply *reply)
{
    reply->next = NULL;
    if (connection->output == NULL)
        connection->output = reply;
    else
        connection->output_last->next = reply;
    connection->output_last = reply;
    connection->output_count++;
}

void connection_send(struct connection_list *list, struct reply *reply)
{
    struct connection *connection = reply->connection;

    if (connection->descriptor < 0 || connection->generation != reply->generation) {
        queue_free(list->queue, reply);
        return;
    }
    connection->waiting--;
    if (reply->tcp == BEHAVIOUR_TCP_RESET || connection->no_more_output ||
        connection->output_count >= CONNECTION_REPLIES_MAX) {
        queue_free(list->queue, reply);
        reset(list, connection);
        return;
    }
    if (reply->tcp == BEHAVIOUR_TCP_CUT)
        reply->length = 2 + (reply->length - 2) / 2;
    if (reply->tcp == BEHAVIOUR_TCP_CLOSED || reply->tcp == BEHAVIOUR_TCP_CUT)
        connection->no_more_output = true;
    if (reply->tcp == BEHAVIOUR_TCP_CLOSED)
        queue_free(list->queue, reply);
    else
        append(connection, reply);
    connection_write(list, connection);
}

short connection_events(const struct connection *connection)
{
    int events = 0;

    if (!connection->no_more_input && !connection->no_more_output)
        events |= POLLIN;
    if (connection->output != NULL)
        events |= POLLOUT;
    return (short)events;
}
