#include "plugin/state_file.h"
#include "recipient.h"
#include "relay_reply.h"

/*
 * Lines of the state file, fields separated by one tab:
 *
 *     greylisted  ADDRESS  SINCE  DUE  COUNT
 */
#define KIND "recipient 1"
#define FIELDS 5
#define LINES_MAX 20000
/* What other checks wrote is kept so long. */
#define KEPT_SECONDS (INT64_C(7) * 86400)
#define COUNT_MAX 1000000

static bool read_fields(struct slice line, struct slice fields[static FIELDS])
{
    struct slice field;
    size_t count = 0;

    while (slice_split(&line, '\t', &field)) {
        if (count == FIELDS || field.length == 0 || slice_find(field, '\0') < field.length)
            return false;
        fields[count++] = field;
    }
    return count == FIELDS && slice_equals_text(fields[0], "greylisted");
}

static bool read_wait(struct arena *arena, struct slice line, struct recipient_wait *wait)
{
    struct slice fields[FIELDS];
    uint64_t since, due, count;

    if (!read_fields(line, fields) || !slice_to_number(fields[2], INT64_MAX / 2, &since) ||
        !slice_to_number(fields[3], INT64_MAX / 2, &due) ||
        !slice_to_number(fields[4], COUNT_MAX, &count))
        return false;
    *wait = (struct recipient_wait){
        .key = arena_copy_slice(arena, fields[1]),
        .since = (int64_t)since,
        .due = (int64_t)due,
        .count = (unsigned)count,
    };
    return true;
}

static struct recipient *find(struct recipient_facts *facts, const char *key)
{
    for (size_t i = 0; i < facts->count; i++) {
        if (slice_equals_text(slice_of(facts->list[i].key), key))
            return &facts->list[i];
    }
    return NULL;
}

size_t recipient_memory_parse(struct recipient_facts *facts, struct slice lines)
{
    struct slice line;
    size_t capacity = 1;

    for (size_t i = 0; i < lines.length; i++)
        capacity += lines.start[i] == '\n';
    facts->waits = arena_array(facts->arena, capacity, sizeof *facts->waits);
    for (size_t number = 1; slice_split(&lines, '\n', &line); number++) {
        if (line.length == 0)
            continue;
        if (facts->wait_count == LINES_MAX ||
            !read_wait(facts->arena, line, &facts->waits[facts->wait_count])) {
            facts->wait_count = 0;
            return number;
        }
        facts->wait_count++;
    }
    for (size_t i = 0; i < facts->wait_count; i++) {
        const struct recipient_wait *wait = &facts->waits[i];
        struct recipient *recipient = find(facts, wait->key);

        /* A clock that was wrong is no reason to wait for ever. */
        if (recipient == NULL || wait->since > facts->now)
            continue;
        recipient->wait = *wait;
        recipient->is_waiting = wait->due > facts->now && wait->due - facts->now <= RELAY_WAIT_MAX;
    }
    return 0;
}

void recipient_memory_read(const struct recipient_config *config, struct recipient_facts *facts)
{
    struct slice lines;
    char message[256];
    size_t bad;

    if (config->state_file == NULL)
        return;
    enum state_file_result result =
        state_file_read(facts->arena, config->state_file, KIND, &lines, message);

    facts->is_memory_writable = result != STATE_FILE_UNREADABLE;
    if (result == STATE_FILE_CORRUPT || result == STATE_FILE_UNREADABLE)
        facts->memory_trouble = arena_copy(facts->arena, message);
    if (result != STATE_FILE_READ)
        return;
    bad = recipient_memory_parse(facts, lines);
    if (bad != 0) {
        facts->is_memory_writable = state_file_set_aside(config->state_file, bad + 1, message);
        facts->memory_trouble = arena_copy(facts->arena, message);
    }
}

int64_t recipient_memory_due(const struct recipient_config *config,
                             const struct recipient_wait *wait, struct slice reply, int64_t now)
{
    int64_t seconds = relay_reply_wait(reply);
    int64_t most = config->greylist_wait > RECIPIENT_GREYLIST_MOST ? config->greylist_wait
                                                                   : RECIPIENT_GREYLIST_MOST;

    if (seconds == 0) {
        seconds = config->greylist_wait;
        for (unsigned i = 0; wait->key != NULL && i < wait->count && seconds < most; i++)
            seconds *= 2;
        if (seconds > most)
            seconds = most;
    }
    return now + seconds;
}

static void print_wait(const struct recipient_wait *wait, struct text *out)
{
    text_printf(out, "greylisted\t%s\t%lld\t%lld\t%u\n", wait->key, (long long)wait->since,
                (long long)wait->due, wait->count);
}

/* What is known of the address after this run. */
static struct recipient_wait wait_after(const struct recipient_config *config,
                                        const struct recipient_facts *facts,
                                        const struct recipient *recipient)
{
    const struct recipient_reply *reply = &recipient->probe.reply;
    bool is_known = recipient->wait.key != NULL;

    if (recipient->is_asked && reply->answer == RECIPIENT_GREYLISTED)
        return (struct recipient_wait){
            .key = recipient->key,
            .since = is_known ? recipient->wait.since : facts->now,
            .due = recipient_memory_due(config, &recipient->wait, reply->entry->text, facts->now),
            .count = is_known && recipient->wait.count < COUNT_MAX ? recipient->wait.count + 1 : 1,
        };
    switch (recipient_verdict_of(recipient)) {
    case RECIPIENT_V_UNKNOWN:
    case RECIPIENT_V_GREYLISTED:
    case RECIPIENT_V_REFUSED_US:
        return recipient->wait;
    default:
        return (struct recipient_wait){.key = NULL};
    }
}

void recipient_memory_print(const struct recipient_config *config,
                            const struct recipient_facts *facts, struct text *out)
{
    for (size_t i = 0; i < facts->wait_count; i++) {
        const struct recipient_wait *wait = &facts->waits[i];
        bool is_ours = false;

        for (size_t k = 0; k < facts->count && !is_ours; k++)
            is_ours = slice_equals_text(slice_of(facts->list[k].key), wait->key);
        if (!is_ours && facts->now - wait->since < KEPT_SECONDS && wait->since <= facts->now)
            print_wait(wait, out);
    }
    for (size_t i = 0; i < facts->count; i++) {
        struct recipient_wait wait = wait_after(config, facts, &facts->list[i]);

        if (wait.key != NULL)
            print_wait(&wait, out);
    }
}

void recipient_memory_write(const struct recipient_config *config, struct recipient_facts *facts)
{
    struct text out;
    char message[256];

    if (config->state_file == NULL || !facts->is_memory_writable)
        return;
    text_init(&out, STATE_FILE_MAX - 100);
    recipient_memory_print(config, facts, &out);
    if (!state_file_write(config->state_file, KIND, text_slice(&out), message) &&
        facts->memory_trouble == NULL)
        facts->memory_trouble = arena_copy(facts->arena, message);
    text_release(&out);
}
