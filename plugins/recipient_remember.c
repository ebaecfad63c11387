#include <string.h>

#include "plugin/state_file.h"
#include "recipient.h"
#include "relay_reply.h"

/* Longest that another run is waited for. */
#define LOCK_SECONDS 2.0

/* ---- what is known at the beginning */

static bool is_fresh(const struct recipient_config *config, const struct recipient_past *past,
                     int64_t now)
{
    return past->key != NULL && past->at <= now && now - past->at < config->keep;
}

static struct recipient *find_recipient(struct recipient_facts *facts, const char *key)
{
    for (size_t i = 0; i < facts->count; i++) {
        if (strcmp(facts->list[i].key, key) == 0)
            return &facts->list[i];
    }
    return NULL;
}

static struct recipient_domain *find_domain(struct recipient_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->domain_count; i++) {
        if (strcmp(facts->domains[i].name, name) == 0)
            return &facts->domains[i];
    }
    return NULL;
}

/* A clock that was wrong is no reason to wait for ever. */
static void apply_wait(struct recipient_facts *facts, const struct recipient_wait *wait)
{
    struct recipient *recipient = find_recipient(facts, wait->key);

    if (recipient == NULL || wait->since > facts->now)
        return;
    recipient->wait = *wait;
    recipient->is_waiting = wait->due > facts->now && wait->due - facts->now <= RELAY_WAIT_MAX;
}

void recipient_memory_apply(struct recipient_facts *facts, const struct recipient_memory *memory)
{
    for (size_t i = 0; i < memory->wait_count; i++)
        apply_wait(facts, &memory->waits[i]);
    for (size_t i = 0; i < memory->past_count; i++) {
        const struct recipient_past *past = &memory->pasts[i];
        struct recipient *recipient =
            past->nobody == NULL ? find_recipient(facts, past->key) : NULL;
        struct recipient_domain *domain =
            past->nobody != NULL ? find_domain(facts, past->key) : NULL;

        if (past->at > facts->now)
            continue;
        if (recipient != NULL)
            recipient->past = *past;
        if (domain != NULL)
            domain->control_past = *past;
    }
}

/* ---- in place of an answer */

static struct recipient_probe probe_of(const struct recipient_facts *facts,
                                       const struct recipient_past *past)
{
    struct smtp_target *target = arena_alloc(facts->arena, sizeof *target);

    *target = (struct smtp_target){.text = past->server, .host = past->host};
    return (struct recipient_probe){
        .host = past->host,
        .target = target,
        .reply = {recipient_reply_of_entry(&past->entry), &past->entry},
        .age = facts->now - past->at,
        .is_remembered = true,
    };
}

/* Nothing speaks against what it was answered before: it was not its turn. */
static bool was_left_out(const struct recipient *recipient)
{
    const struct recipient_domain *domain = recipient->domain;

    return domain != NULL && !recipient->is_asked && !recipient->is_waiting &&
           domain->dead_count == 0 && !domain->is_stopped && domain->route < domain->route_count;
}

bool recipient_memory_settles_control(const struct recipient_config *config,
                                      const struct recipient_facts *facts,
                                      struct recipient_domain *domain)
{
    const struct recipient_past *past = &domain->control_past;

    if (!is_fresh(config, past, facts->now))
        return false;
    struct recipient_probe probe = probe_of(facts, past);
    bool is_told = recipient_reply_is_positive(probe.reply.answer) ||
                   recipient_reply_is_negative(probe.reply.answer);

    if (!is_told && facts->now - past->at >= config->greylist_wait)
        return false;
    domain->control = probe;
    domain->was_controlled = true;
    return true;
}

void recipient_memory_fill(const struct recipient_config *config, struct recipient_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        struct recipient *recipient = &facts->list[i];
        struct recipient_domain *domain = recipient->domain;

        if (was_left_out(recipient) && is_fresh(config, &recipient->past, facts->now)) {
            recipient->probe = probe_of(facts, &recipient->past);
            recipient->is_asked = true;
        }
        if (recipient->is_asked && recipient_reply_is_positive(recipient->probe.reply.answer) &&
            domain->control_target == NULL)
            domain->control_target = recipient->probe.target;
    }
    for (size_t i = 0; i < facts->domain_count; i++) {
        struct recipient_domain *domain = &facts->domains[i];

        if (domain->control_target != NULL && !domain->was_controlled)
            recipient_memory_settles_control(config, facts, domain);
    }
}

/* ---- what is known at the end */

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
            .count = !is_known ? 1
                     : recipient->wait.count < RECIPIENT_MEMORY_COUNT_MAX
                         ? recipient->wait.count + 1
                         : recipient->wait.count,
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

/* What speaks of us, or of a moment, is not to be said again later. */
static bool is_worth_keeping(const struct recipient_reply *reply)
{
    return recipient_reply_is_positive(reply->answer) ||
           recipient_reply_is_negative(reply->answer) || reply->answer == RECIPIENT_FULL;
}

static struct recipient_past past_of(const struct recipient_facts *facts, const char *key,
                                     const char *nobody, const struct recipient_probe *probe)
{
    return (struct recipient_past){
        .key = key,
        .nobody = nobody,
        .at = facts->now,
        .host = probe->host,
        .server = probe->target->text,
        .entry = *probe->reply.entry,
    };
}

static struct recipient_past past_after(const struct recipient_facts *facts,
                                        const struct recipient *recipient)
{
    const struct recipient_probe *probe = &recipient->probe;

    if (!recipient->is_asked || probe->is_remembered)
        return recipient->past;
    return is_worth_keeping(&probe->reply) && probe->reply.entry != NULL
               ? past_of(facts, recipient->key, NULL, probe)
               : (struct recipient_past){.key = NULL};
}

/* A control that was put off is asked again under the same name. */
static struct recipient_past control_after(const struct recipient_facts *facts,
                                           const struct recipient_domain *domain)
{
    const struct recipient_probe *probe = &domain->control;
    const struct smtp_entry *entry = probe->reply.entry;

    if (!domain->was_controlled || probe->is_remembered)
        return domain->control_past;
    return entry != NULL && entry->outcome == SMTP_ANSWERED &&
                   (entry->verb == SMTP_VERB_RCPT || entry->verb == SMTP_VERB_MAIL)
               ? past_of(facts, domain->name, domain->nobody, probe)
               : (struct recipient_past){.key = NULL};
}

/* Takes what is ours out of what the file holds. */
static void forget_ours(struct recipient_facts *facts, struct recipient_memory *memory)
{
    size_t waits = 0, pasts = 0;

    for (size_t i = 0; i < memory->wait_count; i++) {
        if (find_recipient(facts, memory->waits[i].key) == NULL)
            memory->waits[waits++] = memory->waits[i];
    }
    for (size_t i = 0; i < memory->past_count; i++) {
        const struct recipient_past *past = &memory->pasts[i];
        bool is_ours = past->nobody != NULL ? find_domain(facts, past->key) != NULL
                                            : find_recipient(facts, past->key) != NULL;

        if (!is_ours)
            memory->pasts[pasts++] = *past;
    }
    memory->wait_count = waits;
    memory->past_count = pasts;
}

void recipient_memory_print_after(const struct recipient_config *config,
                                  struct recipient_facts *facts, struct recipient_memory *memory,
                                  struct text *out)
{
    struct recipient_memory ours = {
        .waits = arena_array(facts->arena, facts->count + 1, sizeof *ours.waits),
        .pasts =
            arena_array(facts->arena, facts->count + facts->domain_count + 1, sizeof *ours.pasts),
    };

    forget_ours(facts, memory);
    for (size_t i = 0; i < facts->count; i++) {
        struct recipient_wait wait = wait_after(config, facts, &facts->list[i]);
        struct recipient_past past = past_after(facts, &facts->list[i]);

        if (wait.key != NULL)
            ours.waits[ours.wait_count++] = wait;
        if (past.key != NULL)
            ours.pasts[ours.past_count++] = past;
    }
    for (size_t i = 0; i < facts->domain_count; i++) {
        struct recipient_past past = control_after(facts, &facts->domains[i]);

        if (past.key != NULL)
            ours.pasts[ours.past_count++] = past;
    }
    /* First what is newest: of a file that is too long the end is forgotten. */
    recipient_memory_print(&ours, facts->now, out);
    recipient_memory_print(memory, facts->now, out);
}

/* ---- the file */

static void say(struct recipient_facts *facts, const char *message)
{
    if (facts->memory_trouble == NULL)
        facts->memory_trouble = arena_copy(facts->arena, message);
}

static void read_memory(struct recipient_facts *facts, struct arena *arena,
                        struct recipient_memory *memory)
{
    struct slice lines;
    char message[256];
    enum state_file_result result =
        state_file_read(arena, facts->memory_path, RECIPIENT_MEMORY_KIND, &lines, message);

    *memory = (struct recipient_memory){.waits = NULL};
    facts->is_memory_writable = result != STATE_FILE_UNREADABLE;
    if (result == STATE_FILE_CORRUPT || result == STATE_FILE_UNREADABLE)
        say(facts, message);
    if (result != STATE_FILE_READ)
        return;
    size_t bad = recipient_memory_parse(arena, lines, memory);

    if (bad != 0) {
        facts->is_memory_writable = state_file_set_aside(facts->memory_path, bad + 1, message);
        say(facts, message);
    }
}

void recipient_memory_read(struct recipient_facts *facts)
{
    struct recipient_memory memory;

    if (facts->memory_path == NULL)
        return;
    read_memory(facts, facts->arena, &memory);
    recipient_memory_apply(facts, &memory);
}

static void write_memory(struct recipient_facts *facts, struct text *out)
{
    char message[256];

    if (!state_file_write(facts->memory_path, RECIPIENT_MEMORY_KIND, text_slice(out), message)) {
        facts->is_memory_writable = false;
        say(facts, message);
    }
}

/* The file may be changed. */
static bool take(struct recipient_facts *facts, int *lock)
{
    char message[256];

    *lock = -1;
    if (facts->memory_path == NULL || !facts->is_memory_writable)
        return false;
    *lock = state_file_lock(facts->memory_path, deadline_in(LOCK_SECONDS), message);
    if (*lock < 0) {
        facts->is_memory_writable = false;
        say(facts, message);
    }
    return *lock >= 0;
}

void recipient_memory_reserve(const struct recipient_config *config, struct recipient_facts *facts,
                              const char *const *servers, bool *granted, size_t count, int64_t now)
{
    struct arena arena = {0};
    struct recipient_memory shared = {.waits = NULL};
    struct text out;
    int lock;
    bool is_shared = take(facts, &lock);
    struct recipient_memory *memory = is_shared ? &shared : &facts->memory;

    if (is_shared)
        read_memory(facts, &arena, &shared);
    for (size_t i = 0; i < count; i++) {
        granted[i] = recipient_memory_connections(memory, servers[i], now) <
                     (size_t)config->most_connections;
        if (granted[i])
            recipient_memory_connect(memory, is_shared ? &arena : facts->arena, servers[i], now);
    }
    if (is_shared) {
        text_init(&out, STATE_FILE_MAX - 100);
        recipient_memory_print(&shared, now, &out);
        if (facts->is_memory_writable)
            write_memory(facts, &out);
        text_release(&out);
        state_file_unlock(lock);
    }
    arena_release(&arena);
}

void recipient_memory_write(const struct recipient_config *config, struct recipient_facts *facts)
{
    struct arena arena = {0};
    struct recipient_memory memory;
    struct text out;
    int lock;

    if (!take(facts, &lock))
        return;
    read_memory(facts, &arena, &memory);
    text_init(&out, STATE_FILE_MAX - 100);
    recipient_memory_print_after(config, facts, &memory, &out);
    if (facts->is_memory_writable)
        write_memory(facts, &out);
    text_release(&out);
    state_file_unlock(lock);
    arena_release(&arena);
}
