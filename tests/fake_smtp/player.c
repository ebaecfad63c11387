#include "player.h"

#include <string.h>

#include "connection.h"

#define TEXT_MAX (1U << 20)

/* Octets that are said in one go. */
#define PIECE_SIZE 4096

static const struct action default_action = {.kind = ACTION_DEFAULT};

void player_init(struct player *player)
{
    *player = (struct player){0};
    text_init(&player->text, TEXT_MAX);
}

void player_release(struct player *player)
{
    text_release(&player->text);
}

void player_reset_pace(struct connection *connection)
{
    struct outlet *outlet = &connection->outlet;
    const struct setting *setting =
        script_setting(connection->service->script, SETTING_CHUNK, &connection->session.facts);

    outlet->chunk = setting == NULL ? 0 : setting->number;
    outlet->pause = setting == NULL ? 0 : setting->pause;
}

static void set_pace(struct connection *connection, const struct rule *rule)
{
    struct outlet *outlet = &connection->outlet;

    player_reset_pace(connection);
    if (rule != NULL && rule->pace.has_chunk) {
        outlet->chunk = rule->pace.chunk;
        outlet->pause = rule->pace.pause;
    }
}

/* Milliseconds before the first octet. What is no reply has none of the server's own. */
static uint64_t delay_of(const struct connection *connection, const struct rule *rule)
{
    bool replies = connection->step == STEP_CONNECT || connection->step == STEP_MESSAGE ||
                   step_is_command(connection->step);

    if (rule != NULL && rule->pace.has_delay)
        return rule->pace.delay;
    return replies ? connection->service->latency : 0;
}

void player_start(struct connection *connection, const struct rule *rule, int64_t now)
{
    struct player *player = &connection->player;
    bool has_actions = rule != NULL && rule->action_count > 0;
    uint64_t delay = delay_of(connection, rule);

    player->is_playing = true;
    player->actions = has_actions ? rule->actions : &default_action;
    player->count = has_actions ? rule->action_count : 1;
    player->next = 0;
    player->due = delay > 0 ? now + (int64_t)delay * 1000 : 0;
    player->again = 0;
    player->code = 0;
    player->is_default = player->keeps_input = player->stays = false;
    text_clear(&player->text);
    connection->final_at = 0;
    connection->line_head = 0;
    set_pace(connection, rule);
}

static void note_lines(struct connection *connection, struct slice text)
{
    while (text.length > 0) {
        size_t end = slice_find_text(text, "\r\n");

        connection_note(connection, "S", connection->step, slice_sub(text, 0, end));
        text = slice_sub(text, end + 2, text.length);
    }
}

/* The same every time, and no line end among it. */
static void make_garbage(struct text *text, uint64_t count)
{
    uint32_t state = 1;

    for (uint64_t i = 0; i < count; i++) {
        state = state * 1664525 + 1013904223;
        text_append_char(text, (char)(0x80 | state >> 24));
    }
}

static void say_text(struct connection *connection, const struct action *action)
{
    struct player *player = &connection->player;
    struct slice values[EXPAND_VARIABLES];
    size_t error;

    session_values(&connection->session, slice_of(connection->number_text), values);
    text_clear(&player->text);
    player->said = 0;
    player->again = 1;
    switch (action->kind) {
    case ACTION_DEFAULT:
        session_reply(&connection->session, &connection->command, &player->text);
        player->is_default = true;
        break;
    case ACTION_GARBAGE:
        make_garbage(&player->text, action->number);
        break;
    default:
        expand(&player->text, action->text, values, &error);
        if (action->kind == ACTION_REPLY)
            text_append(&player->text, "\r\n");
        if (action->kind == ACTION_REPEAT)
            player->again = action->number;
        if (action->kind == ACTION_ENDLESS)
            player->again = UINT64_MAX;
        break;
    }
    if (player->text.length == 0)
        player->again = 0;
    note_lines(connection, text_slice(&player->text));
    if (player->again > 1)
        connection_note(connection, "again", connection->step,
                        action->kind == ACTION_ENDLESS ? SLICE_LITERAL("endless") : action->text);
}

/* Short texts are put together, so that a million of them is no million of writes. */
static size_t next_piece(struct player *player, char piece[static PIECE_SIZE], size_t room)
{
    size_t length = 0;

    while (player->again > 0 && length < room) {
        struct slice part = slice_sub(text_slice(&player->text), player->said, room - length);

        memcpy(piece + length, part.start, part.length);
        length += part.length;
        player->said += part.length;
        if (player->said == player->text.length) {
            player->said = 0;
            player->again -= player->again < UINT64_MAX;
        }
    }
    return length;
}

/* True when all of the text was said. */
static bool speak(struct connection *connection)
{
    struct player *player = &connection->player;
    char piece[PIECE_SIZE];

    while (player->again > 0 && !connection->shut) {
        size_t room = connection_room(connection);

        if (room == 0)
            return false;
        size_t length = next_piece(player, piece, room < PIECE_SIZE ? room : PIECE_SIZE);

        connection_say(connection, slice_new(piece, length));
    }
    return true;
}

/* TLSPlaintext with an alert, RFC 8446 5.1 and 6. */
static void say_alert(struct connection *connection, uint64_t number)
{
    const uint8_t record[] = {21, 3, 3, 0, 2, 2, (uint8_t)number};

    outlet_put(&connection->outlet, record, sizeof(record));
    connection_note(connection, "alert", connection->step, SLICE_LITERAL(""));
}

/* What is said before goes out first. */
static bool waits_for_outlet(enum action_kind kind)
{
    return kind == ACTION_WAIT || kind == ACTION_CHUNK || kind == ACTION_CLOSE ||
           kind == ACTION_CUT || kind == ACTION_RESET || kind == ACTION_HALF_CLOSE ||
           kind == ACTION_SILENT;
}

static void perform(struct connection *connection, const struct action *action, int64_t now)
{
    struct player *player = &connection->player;

    switch (action->kind) {
    case ACTION_ALERT:
        say_alert(connection, action->number);
        break;
    case ACTION_WAIT:
        player->due = now + (int64_t)action->number * 1000;
        break;
    case ACTION_CHUNK:
        connection->outlet.chunk = action->number;
        connection->outlet.pause = action->pause;
        break;
    case ACTION_CLOSE:
    case ACTION_CUT:
        connection_finish(connection, action->kind == ACTION_CLOSE, now);
        break;
    case ACTION_RESET:
        connection_reset(connection);
        break;
    case ACTION_HALF_CLOSE:
        connection_half_close(connection);
        break;
    case ACTION_SILENT:
        connection->silent = true;
        player->next = player->count;
        break;
    case ACTION_STAY:
        player->stays = true;
        break;
    case ACTION_KEEP_INPUT:
        player->keeps_input = true;
        break;
    default:
        say_text(connection, action);
        break;
    }
}

bool player_run(struct connection *connection, int64_t now)
{
    struct player *player = &connection->player;
    const struct outlet *outlet = &connection->outlet;

    while (player->is_playing) {
        if (player->due > now || !speak(connection))
            return false;
        if (player->next == player->count) {
            if (outlet->length > 0)
                return false;
            player->is_playing = false;
            break;
        }
        const struct action *action = &player->actions[player->next];

        if (waits_for_outlet(action->kind) && outlet->length > 0)
            return false;
        player->next++;
        perform(connection, action, now);
    }
    return true;
}
