#include "handshake.h"

#include <stdio.h>
#include <string.h>

/* type, version, length; RFC 8446 5.1 */
#define RECORD_HEADER 5

static void note_input(struct connection *connection, enum handshake_input input)
{
    char text[32];

    if (connection->input_length == 0 || input == HANDSHAKE_TAKES)
        return;
    snprintf(text, sizeof(text), "%zu octets", connection->input_length);
    connection_note(connection, input == HANDSHAKE_KEEPS ? "kept" : "dropped", connection->step,
                    slice_of(text));
}

void handshake_begin(struct connection *connection, enum handshake_input input, int64_t now)
{
    char text[TLS_MESSAGE_SIZE];

    note_input(connection, input);
    connection->step = STEP_HANDSHAKE;
    connection->command = (struct command){.step = STEP_HANDSHAKE, .verb = SLICE_LITERAL("")};
    connection->stage = CONNECTION_HANDSHAKE;
    connection->handshake = 0;
    connection->record = 1;
    text_clear(&connection->flight);
    connection->tls = tls_session_new(connection->service->tls, &connection->session, text);
    if (connection->tls == NULL) {
        connection_note(connection, "tls-failed", STEP_HANDSHAKE, slice_of(text));
        connection_finish(connection, false, now);
    } else if (input == HANDSHAKE_TAKES) {
        tls_session_feed(connection->tls, connection->input, connection->input_length);
    }
    if (input != HANDSHAKE_KEEPS)
        connection->input_length = 0;
}

/* The length of the first record of the flight, 0 when it isn't whole. */
static size_t first_record(const struct text *flight)
{
    const uint8_t *octets = (const uint8_t *)flight->start;
    size_t length = flight->length < RECORD_HEADER
                        ? SIZE_MAX
                        : RECORD_HEADER + ((size_t)octets[3] << 8 | octets[4]);

    return length <= flight->length ? length : 0;
}

static void drop_record(struct connection *connection, size_t length)
{
    struct text *flight = &connection->flight;

    memmove(flight->start, flight->start + length, flight->length - length);
    text_cut(flight, flight->length - length);
    connection->record++;
}

static void pass_record(struct connection *connection)
{
    size_t length = first_record(&connection->flight);

    outlet_put(&connection->outlet, connection->flight.start, length);
    drop_record(connection, length);
}

/* True when it went out, or its rule began. */
static bool send_record(struct connection *connection, size_t length, int64_t now)
{
    struct facts *facts = &connection->session.facts;

    if (outlet_room(&connection->outlet) < length)
        return false;
    facts->record = connection->record;
    const struct rule *rule = script_rule(connection->service->script, STEP_HANDSHAKE,
                                          SLICE_LITERAL(""), facts, connection->number, now);

    facts->record = 0;
    if (rule == NULL)
        pass_record(connection);
    else
        player_start(connection, rule, now);
    return true;
}

void handshake_rule_ended(struct connection *connection)
{
    if (connection->player.is_default)
        pass_record(connection);
    else
        connection->silent = true;
}

static void finish(struct connection *connection)
{
    char text[TLS_MESSAGE_SIZE];

    connection->secured = true;
    connection->session.facts.tls = true;
    session_forget(&connection->session);
    tls_session_describe(connection->tls, text);
    connection_note(connection, "tls", STEP_HANDSHAKE, slice_of(text));
    connection->stage = CONNECTION_SECURED;
}

static void continue_handshake(struct connection *connection)
{
    char message[TLS_MESSAGE_SIZE] = "";
    uint8_t octets[4096];
    size_t length;

    connection->handshake = tls_session_handshake(connection->tls, message);
    if (connection->handshake == 0 && connection->ended) {
        connection->handshake = -1;
        snprintf(message, sizeof(message), "the client has closed");
    }
    if (connection->handshake < 0)
        connection_note(connection, "tls-failed", STEP_HANDSHAKE, slice_of(message));
    while ((length = tls_session_take(connection->tls, octets, sizeof(octets))) > 0)
        text_append_slice(&connection->flight, slice_new((const char *)octets, length));
}

bool handshake_advance(struct connection *connection, int64_t now)
{
    size_t record = first_record(&connection->flight);

    if (record > 0)
        return send_record(connection, record, now);
    if (connection->handshake == 0) {
        continue_handshake(connection);
        return connection->handshake != 0 || connection->flight.length > 0;
    }
    if (connection->outlet.length > 0)
        return false;
    if (connection->handshake > 0)
        finish(connection);
    else
        connection_finish(connection, false, now);
    return true;
}
