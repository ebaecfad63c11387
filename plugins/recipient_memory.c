#include "recipient_memory.h"

#include <string.h>

#include "plugin/state_file.h"

#define FIELDS_MAX 9
#define KEPT_WAIT (INT64_C(7) * 86400)
#define KEPT_PAST INT64_C(86400)
#define SKEW_MAX 60

/* ---- reading */

/* 0: too many fields, or one that is none. TEXT alone may be empty. */
static size_t split(struct slice line, struct slice fields[static FIELDS_MAX])
{
    struct slice field;
    size_t count = 0;

    while (slice_split(&line, '\t', &field)) {
        bool is_empty = field.length == 0 && count != FIELDS_MAX - 2;

        if (count == FIELDS_MAX || is_empty || slice_find(field, '\0') < field.length)
            return 0;
        fields[count++] = field;
    }
    return count;
}

static bool read_time(struct slice field, int64_t *time)
{
    uint64_t number;

    if (!slice_to_number(field, INT64_MAX / 2, &number))
        return false;
    *time = (int64_t)number;
    return true;
}

static bool read_wait(struct arena *arena, const struct slice fields[static FIELDS_MAX],
                      struct recipient_memory *memory)
{
    struct recipient_wait *wait = &memory->waits[memory->wait_count++];
    uint64_t count;

    *wait = (struct recipient_wait){.key = arena_copy_slice(arena, fields[1])};
    if (!read_time(fields[2], &wait->since) || !read_time(fields[3], &wait->due) ||
        !slice_to_number(fields[4], RECIPIENT_MEMORY_COUNT_MAX, &count))
        return false;
    wait->count = (unsigned)count;
    return true;
}

static bool read_connection(struct arena *arena, const struct slice fields[static FIELDS_MAX],
                            struct recipient_memory *memory)
{
    struct recipient_connection *connection = &memory->connections[memory->connection_count++];

    connection->server = arena_copy_slice(arena, fields[1]);
    return read_time(fields[2], &connection->at);
}

static bool read_verb(struct slice field, enum smtp_verb *verb)
{
    static const enum smtp_verb verbs[] = {SMTP_VERB_MAIL, SMTP_VERB_RCPT, SMTP_VERB_DATA};

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        *verb = verbs[i];
        if (slice_equals_text(field, smtp_verb_name(*verb)))
            return true;
    }
    return false;
}

static bool read_past(struct arena *arena, const struct slice fields[static FIELDS_MAX],
                      bool is_control, struct recipient_memory *memory)
{
    struct recipient_past *past = &memory->pasts[memory->past_count++];
    struct smtp_entry *entry = &past->entry;
    uint64_t code;

    *past = (struct recipient_past){
        .key = arena_copy_slice(arena, fields[1]),
        .nobody = is_control ? arena_copy_slice(arena, fields[8]) : NULL,
        .host = arena_copy_slice(arena, fields[3]),
        .server = arena_copy_slice(arena, fields[4]),
    };
    *entry = (struct smtp_entry){.sent = "", .step = SMTP_NO_STEP, .outcome = SMTP_ANSWERED};
    if (!read_time(fields[2], &past->at) || !read_verb(fields[5], &entry->verb) ||
        fields[6].length != 3 || !slice_to_number(fields[6], 599, &code) || code < 200)
        return false;
    entry->code = entry->first_code = (unsigned)code;
    entry->text = slice_of(arena_copy_slice(arena, fields[7]));
    smtp_status_parse(entry->text, &entry->status);
    return true;
}

static bool read_line(struct arena *arena, struct slice line, struct recipient_memory *memory)
{
    struct slice fields[FIELDS_MAX];
    size_t count = split(line, fields);

    if (count == 5 && slice_equals_text(fields[0], "greylisted"))
        return read_wait(arena, fields, memory);
    if (count == 3 && slice_equals_text(fields[0], "connected"))
        return read_connection(arena, fields, memory);
    if (count == FIELDS_MAX - 1 && slice_equals_text(fields[0], "answer"))
        return read_past(arena, fields, false, memory);
    return count == FIELDS_MAX && slice_equals_text(fields[0], "control") &&
           read_past(arena, fields, true, memory);
}

size_t recipient_memory_parse(struct arena *arena, struct slice lines,
                              struct recipient_memory *memory)
{
    struct slice line;
    size_t capacity = 1;

    for (size_t i = 0; i < lines.length; i++)
        capacity += lines.start[i] == '\n';
    *memory = (struct recipient_memory){
        .waits = arena_array(arena, capacity, sizeof *memory->waits),
        .pasts = arena_array(arena, capacity, sizeof *memory->pasts),
        .connections = arena_array(arena, capacity, sizeof *memory->connections),
        .connection_capacity = capacity,
    };
    for (size_t number = 1;
         number <= RECIPIENT_MEMORY_LINES_MAX && slice_split(&lines, '\n', &line); number++) {
        if (line.length > 0 && !read_line(arena, line, memory)) {
            memory->wait_count = memory->past_count = memory->connection_count = 0;
            return number;
        }
    }
    return 0;
}

/* ---- writing */

/* Another run wrote while this one was waiting: that is no wrong clock. */
static bool counts(int64_t at, int64_t now, int64_t kept)
{
    return at <= now + SKEW_MAX && now - at < kept;
}

static void print_past(const struct recipient_past *past, struct text *out)
{
    text_printf(out, "%s\t%s\t%lld\t", past->nobody != NULL ? "control" : "answer", past->key,
                (long long)past->at);
    state_file_print_text(out, slice_of(past->host), RECIPIENT_MEMORY_TEXT_MAX);
    text_printf(out, "\t%s\t%s\t%03u\t", past->server, smtp_verb_name(past->entry.verb),
                past->entry.code);
    state_file_print_text(out, past->entry.text, RECIPIENT_MEMORY_TEXT_MAX);
    if (past->nobody != NULL)
        text_printf(out, "\t%s", past->nobody);
    text_append_char(out, '\n');
}

void recipient_memory_print(const struct recipient_memory *memory, int64_t now, struct text *out)
{
    for (size_t i = 0; i < memory->connection_count; i++) {
        const struct recipient_connection *connection = &memory->connections[i];

        if (counts(connection->at, now, RECIPIENT_MEMORY_WINDOW))
            text_printf(out, "connected\t%s\t%lld\n", connection->server,
                        (long long)connection->at);
    }
    for (size_t i = 0; i < memory->wait_count; i++) {
        const struct recipient_wait *wait = &memory->waits[i];

        if (counts(wait->since, now, KEPT_WAIT))
            text_printf(out, "greylisted\t%s\t%lld\t%lld\t%u\n", wait->key, (long long)wait->since,
                        (long long)wait->due, wait->count);
    }
    for (size_t i = 0; i < memory->past_count; i++) {
        if (counts(memory->pasts[i].at, now, KEPT_PAST))
            print_past(&memory->pasts[i], out);
    }
}

/* ---- connections */

size_t recipient_memory_connections(const struct recipient_memory *memory, const char *server,
                                    int64_t now)
{
    size_t count = 0;

    for (size_t i = 0; i < memory->connection_count; i++) {
        const struct recipient_connection *connection = &memory->connections[i];

        count += counts(connection->at, now, RECIPIENT_MEMORY_WINDOW) &&
                 strcmp(connection->server, server) == 0;
    }
    return count;
}

void recipient_memory_connect(struct recipient_memory *memory, struct arena *arena,
                              const char *server, int64_t now)
{
    if (memory->connection_count == memory->connection_capacity) {
        size_t capacity = memory->connection_capacity * 2 + 16;
        struct recipient_connection *list = arena_array(arena, capacity, sizeof *list);

        if (memory->connection_count > 0)
            memcpy(list, memory->connections, memory->connection_count * sizeof *list);
        memory->connections = list;
        memory->connection_capacity = capacity;
    }
    memory->connections[memory->connection_count++] = (struct recipient_connection){server, now};
}
