#include <string.h>
#include <unistd.h>

#include "bounces.h"
#include "plugin/state_file.h"

/* Of the time of a run: for waiting for another run, and for reading. The rest is for writing. */
#define LOCK_SHARE 0.3
#define READ_SHARE 0.8

static struct deadline share(const struct plugin *plugin, double part)
{
    return deadline_cut(plugin->deadline, (int64_t)(plugin->common.timeout * part * 1e6));
}

/* ---- rules */

static void read_rules(struct plugin *plugin, struct bounce_rules *rules, const char *path)
{
    struct slice text;
    char message[256];
    struct bounce_rules_error error;
    if (!plugin_read_file(&plugin->arena, path, false, BOUNCE_RULES_TEXT_MAX, &text, message))
        plugin_usage_error(plugin, "the rules: %s", message);
    if (!bounce_rules_read(rules, text, path, &error))
        plugin_usage_error(plugin, "the rules: %s", error.message);
}

void bounces_rules_load(struct plugin *plugin, const struct bounces_config *config,
                        struct bounces_facts *facts)
{
    bounce_rules_init(&facts->rules, &plugin->arena);
    for (size_t i = 0; i < config->rules.count; i++)
        read_rules(plugin, &facts->rules, config->rules.values[i]);
    read_rules(plugin, &facts->rules, config->base_rules);
    bounce_rules_compile(&facts->rules);
}

/* ---- state */

static void say(struct bounces_facts *facts, enum bounces_state_trouble trouble,
                const char *message)
{
    facts->state_trouble = trouble;
    facts->state_message = arena_copy(facts->arena, message);
}

/* Held to the end of the run: one that is killed gives it back. */
static void take_lock(struct plugin *plugin, const char *state_file, struct bounces_facts *facts)
{
    const char *path = arena_format(&plugin->arena, "%s.lock", state_file);
    char message[256];
    facts->is_first_lock = access(path, F_OK) != 0;
    int lock = state_file_lock(state_file, share(plugin, LOCK_SHARE), message);
    if (lock == STATE_FILE_LOCK_BUSY) {
        say(facts, BOUNCES_STATE_LOCKED,
            arena_format(&plugin->arena, "another run holds %s", path));
    } else if (lock < 0) {
        say(facts, BOUNCES_STATE_UNUSABLE, message);
    }
}

static void begin_anew(struct bounces_facts *facts)
{
    bounces_tally_release(&facts->tally);
    bounces_memory_release(&facts->memory);
    bounces_events_init(facts);
}

/* Nothing is remembered: no file, or an empty one. Made for us it is empty at the first run alone;
 * later, when the lock of earlier runs stands beside it, its content was lost. */
static void begin_without_state(const char *path, struct bounces_facts *facts)
{
    char message[256] = "";
    if (access(path, F_OK) != 0 || facts->is_first_lock) {
        facts->state_trouble = BOUNCES_STATE_FIRST;
        facts->state_message =
            access(path, F_OK) == 0 ? "the state file was empty" : "there was no state file";
        return;
    }
    bool is_aside = state_file_set_aside(path, 0, message);
    say(facts, is_aside ? BOUNCES_STATE_CORRUPT : BOUNCES_STATE_UNUSABLE, message);
}

static void read_state(const char *path, struct bounces_facts *facts)
{
    struct slice lines;
    char message[256] = "";
    switch (state_file_read(facts->arena, path, BOUNCES_KIND_OF_STATE, &lines, message)) {
    case STATE_FILE_ABSENT:
        begin_without_state(path, facts);
        return;
    case STATE_FILE_UNREADABLE:
        say(facts, BOUNCES_STATE_UNUSABLE, message);
        return;
    case STATE_FILE_CORRUPT:
        say(facts, BOUNCES_STATE_CORRUPT, message);
        return;
    case STATE_FILE_READ:
        break;
    }
    size_t bad = bounces_memory_read(&facts->memory, &facts->tally, lines);
    if (bad == 0)
        return;
    begin_anew(facts);
    bool is_aside = state_file_set_aside(path, bad + 1, message);
    say(facts, is_aside ? BOUNCES_STATE_CORRUPT : BOUNCES_STATE_UNUSABLE, message);
}

static void write_state(const char *path, struct bounces_facts *facts)
{
    struct text out;
    char message[256];
    text_init(&out, STATE_FILE_MAX);
    if (facts->tally.since == 0)
        facts->tally.since = facts->now;
    bounces_memory_print(&facts->memory, &facts->tally, &out);
    if (!state_file_write(path, BOUNCES_KIND_OF_STATE, text_slice(&out), message))
        say(facts, BOUNCES_STATE_UNUSABLE, message);
    text_release(&out);
}

/* ---- sources */

int64_t bounces_window(const struct bounces_config *config)
{
    int64_t seconds = 0;
    if (config->window != NULL)
        bounces_window_parse(config->window, &seconds);
    else if (config->state_file != NULL)
        seconds = 3600;
    return seconds;
}

static void collect_journal(const struct bounces_config *config, struct bounces_facts *facts,
                            struct deadline deadline)
{
    struct bounces_source *source = &facts->sources[facts->source_count++];
    source->name = config->journal[0] == '\0'
                       ? "journal"
                       : arena_format(facts->arena, "journal of %s", config->journal);
    source->is_journal = true;
    bounces_journal_collect(config, facts, source, deadline);
}

void bounces_collect(struct plugin *plugin, const struct bounces_config *config,
                     struct bounces_facts *facts)
{
    struct deadline deadline = share(plugin, READ_SHARE);
    bounces_events_init(facts);
    facts->keeps_recipients = config->recipients;
    facts->has_logs = config->logs.count > 0 || config->journal != NULL;
    facts->sources = arena_array(facts->arena,
                                 config->logs.count + config->maildirs.count +
                                     config->mailboxes.count + config->messages.count + 1,
                                 sizeof *facts->sources);
    if (config->state_file != NULL)
        take_lock(plugin, config->state_file, facts);
    if (config->state_file != NULL && facts->state_trouble == BOUNCES_STATE_GOOD)
        read_state(config->state_file, facts);
    if (facts->state_trouble == BOUNCES_STATE_LOCKED ||
        facts->state_trouble == BOUNCES_STATE_UNUSABLE)
        return;
    bounces_logs_collect(config, facts, deadline);
    if (config->journal != NULL)
        collect_journal(config, facts, deadline);
    bounces_messages_collect(config, facts, deadline);
    if (config->state_file != NULL)
        write_state(config->state_file, facts);
}
