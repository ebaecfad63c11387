#include "dialogue.h"

#include <stdio.h>
#include <string.h>

#include "handshake.h"
#include "proxy.h"

static const struct setting *setting_of(const struct connection *connection, enum setting_kind kind)
{
    return script_setting(connection->service->script, kind, &connection->session.facts);
}

void dialogue_begin(struct connection *connection)
{
    struct session *session = &connection->session;

    session->lmtp = setting_of(connection, SETTING_LMTP) != NULL;
    connection->greets = setting_of(connection, SETTING_IMPLICIT_TLS) != NULL;
    player_reset_pace(connection);
    connection->stage =
        setting_of(connection, SETTING_PROXY) != NULL ? CONNECTION_PROXY : CONNECTION_ACCEPTED;
}

static void drop_input(struct connection *connection, size_t length)
{
    connection->input_length -= length;
    memmove(connection->input, connection->input + length, connection->input_length);
}

/* What is there behind a command came before the reply to it. */
static void note_rest(struct connection *connection)
{
    if (connection->input_length > 0)
        connection_note_early(connection, connection->input_length);
}

static bool read_proxy_header(struct connection *connection, int64_t now)
{
    struct slice input = slice_new(connection->input, connection->input_length);
    struct proxy proxy;
    int result = proxy_parse(&proxy, setting_of(connection, SETTING_PROXY)->value, input);

    if (result == 0 && !connection->ended)
        return false;
    if (result <= 0) {
        connection_note(connection, "proxy", STEP_ACCEPT, SLICE_LITERAL("malformed"));
        connection_finish(connection, false, now);
        return true;
    }
    connection_note(connection, "proxy", STEP_ACCEPT, slice_of(proxy.text));
    if (proxy.source[0] != '\0')
        session_set(&connection->session, CONDITION_FROM, slice_of(proxy.source));
    drop_input(connection, proxy.length);
    if (!connection->greets)
        note_rest(connection);
    connection->stage = CONNECTION_ACCEPTED;
    return true;
}

static const struct rule *rule_for(const struct connection *connection, enum step step, int64_t now)
{
    return script_rule(connection->service->script, step, connection->command.verb,
                       &connection->session.facts, connection->number, now);
}

/* Begins a step that is no command. */
static void begin_event(struct connection *connection, enum step step, bool has_default,
                        int64_t now)
{
    connection->step = step;
    connection->command = (struct command){.step = step, .verb = SLICE_LITERAL("")};

    const struct rule *rule = rule_for(connection, step, now);

    if (rule != NULL || has_default)
        player_start(connection, rule, now);
}

static void begin_command(struct connection *connection, int64_t now)
{
    struct session *session = &connection->session;
    struct command *command = &connection->command;
    struct slice line = text_slice(&connection->line);

    session->can_tls = tls_store_can_serve(connection->service->tls, &session->facts);
    command_parse(command, slice_sub(line, 0, slice_find(line, '\n')));
    if (session->authenticating) {
        *command = (struct command){.step = STEP_AUTH, .verb = line, .argument = line};
    } else if (session->too_long) {
        *command = (struct command){.step = STEP_OTHER, .verb = SLICE_LITERAL("")};
    }
    connection->step = command->step;
    connection_note(connection, "C", command->step, line);
    if (connection->silent || connection->stage == CONNECTION_CLOSING)
        return;
    note_rest(connection);
    session_take(session, command);
    player_start(connection, rule_for(connection, command->step, now), now);
}

/* A line of the message after DATA. RFC 5321 4.1.1.4. */
static void take_message_line(struct connection *connection, int64_t now)
{
    struct session *session = &connection->session;
    char text[64];

    if (!slice_equals_text(text_slice(&connection->line), ".")) {
        connection->message_octets += connection->line.length + 2;
        return;
    }
    snprintf(text, sizeof(text), "%llu octets", (unsigned long long)connection->message_octets);
    session->in_message = false;
    connection->step = STEP_MESSAGE;
    connection_note(connection, "data", STEP_MESSAGE, slice_of(text));
    connection->message_octets = 0;
    note_rest(connection);
    begin_event(connection, STEP_MESSAGE, true, now);
}

/* The next line into connection->line, without its CRLF; a bare LF stays. False when none is whole.
 */
static bool take_line(struct connection *connection)
{
    struct slice input = slice_new(connection->input, connection->input_length);
    size_t end = slice_find(input, '\n');
    bool skipping = connection->skipping;

    if (end == input.length) {
        if (input.length < CONNECTION_INPUT_SIZE)
            return false;
        connection->skipping = true;
        if (!skipping)
            connection_note(connection, "long", connection->step, input);
        drop_input(connection, input.length);
        return false;
    }
    bool has_return = end > 0 && input.start[end - 1] == '\r';

    text_clear(&connection->line);
    text_append_slice(&connection->line, slice_sub(input, 0, has_return ? end - 1 : end + 1));
    drop_input(connection, end + 1);
    connection->session.too_long = skipping;
    connection->skipping = false;
    return true;
}

static void note_partial(struct connection *connection)
{
    if (connection->input_length == 0)
        return;
    connection_note(connection, "partial", connection->step,
                    slice_new(connection->input, connection->input_length));
    connection->input_length = 0;
}

/* Takes what the client said. When it has closed its direction, and all is answered, so does the
 * server. */
static bool take_input(struct connection *connection, int64_t now)
{
    if (take_line(connection)) {
        if (connection->session.in_message)
            take_message_line(connection, now);
        else
            begin_command(connection, now);
        return true;
    }
    if (!(connection->ended || connection->notified) || connection->stage == CONNECTION_CLOSING)
        return false;
    note_partial(connection);
    connection_finish(connection, true, now);
    return true;
}

static void begin_greeting(struct connection *connection, int64_t now)
{
    connection->step = STEP_CONNECT;
    connection->stage = CONNECTION_COMMANDS;
    begin_event(connection, STEP_CONNECT, true, now);
}

static void after_accept(struct connection *connection, int64_t now)
{
    connection->stage = CONNECTION_GREETING;
    if (connection->greets)
        handshake_begin(connection, HANDSHAKE_TAKES, now);
}

/* What the reply leads to. */
static void end_command(struct connection *connection, int64_t now)
{
    struct player *player = &connection->player;
    const struct command *command = &connection->command;

    session_answered(&connection->session, command, player->code);
    if (connection->silent || player->stays)
        return;
    if (command->step == STEP_STARTTLS && player->code == 220)
        handshake_begin(connection, player->keeps_input ? HANDSHAKE_KEEPS : HANDSHAKE_DROPS, now);
    else if (command->step == STEP_QUIT || player->code == 421)
        connection_finish(connection, true, now);
}

static void end_rule(struct connection *connection, int64_t now)
{
    if (connection->stage == CONNECTION_HANDSHAKE && connection->step == STEP_HANDSHAKE)
        handshake_rule_ended(connection);
    else if (connection->step == STEP_ACCEPT && !connection->silent)
        after_accept(connection, now);
    else if (connection->step != STEP_TLS)
        end_command(connection, now);
}

/* Lines are still noted, until the client closes. */
static bool stay_silent(struct connection *connection, int64_t now)
{
    if (connection->tls == NULL || connection->secured)
        return take_input(connection, now);
    if (connection->ended)
        connection_finish(connection, false, now);
    return connection->ended;
}

static bool begin_stage(struct connection *connection, int64_t now)
{
    if (connection->silent && connection->stage != CONNECTION_CLOSING)
        return stay_silent(connection, now);
    switch (connection->stage) {
    case CONNECTION_PROXY:
        return read_proxy_header(connection, now);
    case CONNECTION_ACCEPTED:
        begin_event(connection, STEP_ACCEPT, false, now);
        if (!connection->player.is_playing)
            after_accept(connection, now);
        return true;
    case CONNECTION_HANDSHAKE:
        return handshake_advance(connection, now);
    case CONNECTION_SECURED:
        connection->stage = connection->greets ? CONNECTION_GREETING : CONNECTION_COMMANDS;
        connection->greets = false;
        begin_event(connection, STEP_TLS, false, now);
        return true;
    case CONNECTION_GREETING:
        begin_greeting(connection, now);
        return true;
    case CONNECTION_COMMANDS:
    case CONNECTION_CLOSING:
        return take_input(connection, now);
    case CONNECTION_FREE:
        break;
    }
    return false;
}

bool dialogue_advance(struct connection *connection, int64_t now)
{
    if (!connection->player.is_playing)
        return begin_stage(connection, now);
    if (!player_run(connection, now) || connection->stage == CONNECTION_FREE)
        return false;
    if (connection->stage != CONNECTION_CLOSING)
        end_rule(connection, now);
    return true;
}
