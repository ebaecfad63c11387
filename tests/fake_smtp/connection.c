#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dialogue.h"

/* How long the client's end is waited for when the server has closed. */
#define LINGER_MICROSECONDS 1000000

/* Plain octets in one record of TLS, and what the record may add. */
#define RECORD_PLAIN_MAX 4096
#define RECORD_ADDED_MAX 1024

/* Octets of TLS that wait to be understood. */
#define UNREAD_MAX 65536

/* Rounds of one connection before the others have their turn. */
#define TURN_ROUNDS 16

void connection_note(struct connection *connection, const char *kind, enum step step,
                     struct slice text)
{
    connection->place.tls = connection->secured;
    transcript_add(connection->service->transcript, &connection->place, kind, step_name(step),
                   text);
}

void connection_note_early(struct connection *connection, size_t length)
{
    char text[32];

    snprintf(text, sizeof(text), "%zu octets", length);
    connection_note(connection, "early", connection->step, slice_of(text));
    connection->session.facts.early = true;
}

void connection_open(struct connection *connection, struct service *service, int descriptor,
                     const struct address *peer, size_t listener, uint64_t number,
                     uint64_t listener_number, uint64_t open)
{
    char address[INET6_ADDRSTRLEN] = "unix";
    char text[INET6_ADDRSTRLEN + 16];

    memset(connection, 0, sizeof(*connection));
    connection->service = service;
    connection->descriptor = descriptor;
    connection->peer = *peer;
    connection->listener = listener;
    connection->number = number;
    connection->place = (struct transcript_place){
        .connection = number,
        .listener = service->script->listeners[listener].name,
    };
    snprintf(connection->number_text, sizeof(connection->number_text), "%llu",
             (unsigned long long)listener_number);
    session_init(&connection->session, service->script, listener);
    player_init(&connection->player);
    text_init(&connection->line, CONNECTION_INPUT_SIZE);
    text_init(&connection->flight, CONNECTION_FLIGHT_MAX);
    if (peer->family != AF_UNIX)
        address_print(peer, address);
    session_set(&connection->session, CONDITION_FROM, slice_of(address));
    connection->session.facts.connection = listener_number;
    connection->session.facts.open = open;
    snprintf(text, sizeof(text), "%s %u", address, peer->port);
    connection_note(connection, "open", STEP_ACCEPT, slice_of(text));
    dialogue_begin(connection);
}

void connection_close(struct connection *connection)
{
    char text[64];

    if (connection->session.in_message && connection->message_octets > 0) {
        snprintf(text, sizeof(text), "%llu octets", (unsigned long long)connection->message_octets);
        connection_note(connection, "data", STEP_MESSAGE, slice_of(text));
    }
    connection_note(connection, "close", connection->step, SLICE_LITERAL(""));
    close(connection->descriptor);
    tls_session_free(connection->tls);
    session_release(&connection->session);
    player_release(&connection->player);
    text_release(&connection->line);
    text_release(&connection->flight);
    connection->player.is_playing = false;
    connection->stage = CONNECTION_FREE;
}

size_t connection_room(const struct connection *connection)
{
    size_t room = outlet_room(&connection->outlet);

    if (!connection->secured)
        return room;
    return room < RECORD_PLAIN_MAX + RECORD_ADDED_MAX ? 0 : RECORD_PLAIN_MAX;
}

/* Looks for the end of a reply, and for its code. Everything that is no continuation ends it. */
static bool ends_reply(struct connection *connection, struct slice octets)
{
    bool final = false;

    for (size_t i = 0; i < octets.length; i++) {
        char *head = connection->head;

        if (octets.start[i] != '\n') {
            if (connection->line_head < sizeof(connection->head))
                head[connection->line_head++] = octets.start[i];
            if (connection->line_head == 3 && connection->player.code == 0 && head[0] >= '0' &&
                head[0] <= '9' && head[1] >= '0' && head[1] <= '9' && head[2] >= '0' &&
                head[2] <= '9')
                connection->player.code =
                    (unsigned)((head[0] - '0') * 100 + (head[1] - '0') * 10 + (head[2] - '0'));
            continue;
        }
        final = final || connection->line_head < 4 || head[3] != '-';
        connection->line_head = 0;
    }
    return final;
}

static void move_from_tls(struct connection *connection)
{
    uint8_t octets[RECORD_PLAIN_MAX];
    size_t length;

    while ((length = tls_session_take(connection->tls, octets, sizeof(octets))) > 0)
        outlet_put(&connection->outlet, octets, length);
}

void connection_say(struct connection *connection, struct slice octets)
{
    bool final = ends_reply(connection, octets);

    if (connection->shut)
        return;
    if (connection->secured) {
        if (!tls_session_write(connection->tls, octets.start, octets.length))
            connection->shut = true;
        move_from_tls(connection);
    } else {
        outlet_put(&connection->outlet, octets.start, octets.length);
    }
    if (final && connection->final_at == 0)
        connection->final_at = connection->outlet.taken;
}

bool connection_has_replied(const struct connection *connection)
{
    return connection->final_at > 0 && connection->outlet.sent >= connection->final_at;
}

static void shut(struct connection *connection)
{
    if (connection->shut)
        return;
    shutdown(connection->descriptor, SHUT_WR);
    connection->shut = true;
    connection_note(connection, "shut", connection->step, SLICE_LITERAL(""));
}

void connection_finish(struct connection *connection, bool notify, int64_t now)
{
    connection->player.is_playing = false;
    connection->stage = CONNECTION_CLOSING;
    connection->linger = now + LINGER_MICROSECONDS;
    if (notify && connection->secured && !connection->shut) {
        tls_session_shutdown(connection->tls);
        move_from_tls(connection);
    }
    connection->wants_turn = true;
}

void connection_half_close(struct connection *connection)
{
    connection->silent = true;
    shut(connection);
}

void connection_reset(struct connection *connection)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    setsockopt(connection->descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    connection_note(connection, "reset", connection->step, SLICE_LITERAL(""));
    connection_close(connection);
}

/* Octets from the client, as they count for the dialogue. */
static void note_arrival(struct connection *connection, size_t length)
{
    connection->input_length += length;
    if (!connection->player.is_playing || connection->stage == CONNECTION_CLOSING ||
        connection->step == STEP_TLS || connection->greets || connection_has_replied(connection))
        return;
    connection_note_early(connection, length);
}

static void end_input(struct connection *connection)
{
    connection->ended = true;
    connection_note(connection, "fin", connection->step, SLICE_LITERAL(""));
}

static void lose(struct connection *connection)
{
    connection_note(connection, "lost", connection->step, SLICE_LITERAL(""));
    connection_close(connection);
}

/* Plain octets out of TLS, as many as there is room for. */
static void read_secured(struct connection *connection)
{
    while (!connection->notified && connection->input_length < CONNECTION_INPUT_SIZE) {
        int got = tls_session_read(connection->tls, connection->input + connection->input_length,
                                   CONNECTION_INPUT_SIZE - connection->input_length);

        if (got == TLS_READ_NOTIFY || got == TLS_READ_BROKEN) {
            connection->notified = true;
            connection_note(connection, got == TLS_READ_NOTIFY ? "notify" : "tls-broken",
                            connection->step, SLICE_LITERAL(""));
        }
        if (got <= 0)
            return;
        note_arrival(connection, (size_t)got);
    }
}

static void read_socket(struct connection *connection)
{
    char octets[CONNECTION_INPUT_SIZE];
    size_t room =
        connection->tls != NULL ? sizeof(octets) : CONNECTION_INPUT_SIZE - connection->input_length;
    ssize_t got = recv(connection->descriptor, octets, room, 0);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < 0) {
        lose(connection);
    } else if (got == 0) {
        end_input(connection);
    } else if (connection->tls != NULL) {
        tls_session_feed(connection->tls, octets, (size_t)got);
    } else {
        memcpy(connection->input + connection->input_length, octets, (size_t)got);
        note_arrival(connection, (size_t)got);
    }
}

/* Behind the answer to STARTTLS what comes is of the handshake: it is left to the kernel. */
static bool wants_input(const struct connection *connection)
{
    if (connection->ended)
        return false;
    if (connection->tls != NULL)
        return tls_session_unread(connection->tls) < UNREAD_MAX;
    return connection->input_length < CONNECTION_INPUT_SIZE &&
           !(connection->player.is_playing && connection->step == STEP_STARTTLS);
}

/* All is said: the server's direction is closed, and the client's end is waited for. */
static void advance_closing(struct connection *connection, int64_t now)
{
    if (connection->outlet.length > 0)
        return;
    shut(connection);
    if (connection->ended || now >= connection->linger)
        connection_close(connection);
}

/* True when there may be more to do. */
static bool advance(struct connection *connection, int64_t now)
{
    uint64_t sent = connection->outlet.sent;
    bool moved;

    if (connection->secured)
        read_secured(connection);
    moved = dialogue_advance(connection, now);
    if (connection->stage == CONNECTION_FREE)
        return false;
    if (outlet_write(&connection->outlet, connection->descriptor, now) == OUTLET_BROKEN) {
        lose(connection);
        return false;
    }
    if (connection->stage == CONNECTION_CLOSING && !moved)
        advance_closing(connection, now);
    return connection->stage != CONNECTION_FREE && (moved || connection->outlet.sent > sent);
}

void connection_serve(struct connection *connection, int events, int64_t now)
{
    connection->wants_turn = false;
    if ((events & POLLIN) != 0 && wants_input(connection))
        read_socket(connection);
    else if ((events & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        lose(connection);

    for (int round = 0; connection->stage != CONNECTION_FREE; round++) {
        if (!advance(connection, now))
            return;
        if (round == TURN_ROUNDS) {
            connection->wants_turn = true;
            return;
        }
    }
}

short connection_events(const struct connection *connection, int64_t now)
{
    int events = 0;

    if (wants_input(connection))
        events |= POLLIN;
    if (outlet_wants_socket(&connection->outlet, now))
        events |= POLLOUT;
    return (short)events;
}

static int64_t earlier(int64_t due, int64_t other, int64_t now)
{
    return other > now && other < due ? other : due;
}

int64_t connection_due(const struct connection *connection, int64_t now)
{
    int64_t due = INT64_MAX;

    if (connection->wants_turn)
        return now;
    if (connection->player.is_playing)
        due = earlier(due, connection->player.due, now);
    if (connection->outlet.length > 0)
        due = earlier(due, connection->outlet.due, now);
    if (connection->stage == CONNECTION_CLOSING)
        due = earlier(due, connection->linger, now);
    return due;
}
