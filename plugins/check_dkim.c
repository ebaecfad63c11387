/*
 * check_dkim: can verifiers use the DKIM keys of a domain, and do the signatures of a message
 * verify?
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "base/text.h"
#include "dkim.h"
#include "resolver.h"

/* Questions that one selector, and one message, may lead to. */
#define QUESTIONS_PER_TARGET 100
#define QUESTIONS_PER_MESSAGE 2000

static const char *key_identity(const struct dkim_target *target, struct arena *arena)
{
    const struct dns_answer *answer = target->answer;
    struct text text;
    if (!dns_status_is_answer(answer->status))
        return NULL;
    text_init(&text, 16384);
    for (size_t i = 0; i < target->key_count; i++) {
        const struct tag *data = tag_list_find(&target->keys[i].tags, "p");
        text_append(&text, i > 0 ? " " : "");
        if (data != NULL)
            text_append_slice(&text, data->value);
    }
    const char *result = arena_copy(arena, text.start);
    text_release(&text);
    return result;
}

static void remember(const struct dkim_config *config, struct dkim_facts *facts)
{
    struct record_memory *memories =
        arena_array(facts->arena, facts->target_count + 1, sizeof *memories);
    size_t count = 0;
    if (config->state_file == NULL)
        return;
    for (size_t i = 0; i < facts->target_count; i++) {
        if (facts->targets[i].is_discovered && facts->targets[i].key_count == 0)
            continue;
        memories[count].key = facts->targets[i].name;
        memories[count++].record = key_identity(&facts->targets[i], facts->arena);
    }
    facts->memory_trouble = record_memory_update(facts->arena, config->state_file, "dkim 1",
                                                 facts->now, memories, count);
    count = 0;
    for (size_t i = 0; i < facts->target_count; i++) {
        if (!facts->targets[i].is_discovered || facts->targets[i].key_count > 0)
            facts->targets[i].memory = memories[count++];
    }
}

/* ---- the message */

static int open_message(struct plugin *plugin, const char *path)
{
    struct stat status;
    if (strcmp(path, "-") == 0)
        return STDIN_FILENO;
    /* A FIFO must not stall the check. */
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0)
        plugin_usage_error(plugin, "--message: cannot read %s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        plugin_usage_error(plugin, "--message: %s is no regular file", path);
    return file;
}

/* False when the deadline came first. */
static bool wait_for_input(int file, struct deadline deadline)
{
    struct pollfd waiting = {.fd = file, .events = POLLIN};
    int ready;
    do
        ready = poll(&waiting, 1, deadline_left_for_poll(deadline));
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

static void read_message(struct plugin *plugin, const struct dkim_config *config,
                         struct dkim_facts *facts)
{
    static char buffer[65536];
    struct dkim_options options = {
        .now = facts->now,
        .legacy = config->legacy,
        .for_tlsrpt = config->tlsrpt,
    };
    ssize_t length;
    bool is_start = true;
    if (config->message_file == NULL)
        return;
    int file = open_message(plugin, config->message_file);
    facts->verifier = dkim_verifier_new(&plugin->arena, &options);
    do {
        if (!wait_for_input(file, plugin->deadline))
            plugin_give_up(plugin, "--message: the message did not end in time");
        length = read(file, buffer, sizeof buffer);
        if (length < 0 && errno != EINTR && errno != EAGAIN)
            plugin_usage_error(plugin, "--message: cannot read %s: %s", config->message_file,
                               strerror(errno));
        if (length > 0) {
            struct slice octets = slice_new(buffer, (size_t)length);
            octets = is_start ? slice_skip_bom(octets) : octets;
            dkim_verifier_feed(facts->verifier, octets.start, octets.length);
            is_start = false;
        }
    } while (length != 0);
    if (file != STDIN_FILENO)
        close(file);
    dkim_verifier_end(facts->verifier);
}

/* ---- options */

static void check_options(struct plugin *plugin, const struct dkim_config *config)
{
    struct slice rest = slice_of(config->expected == NULL ? "" : config->expected);
    struct slice part;
    if (config->max_age > 0 && config->state_file == NULL)
        plugin_usage_error(plugin, "--max-age needs --state-file");
    if (config->message_file == NULL && (config->align || config->expected != NULL))
        plugin_usage_error(plugin, "--align and --expect need --message");
    char given[] = "    ";
    while (config->expected != NULL && slice_split(&rest, ',', &part)) {
        part = slice_trim(part, " ");
        if (part.length < 3 || part.start[1] != '=' || strchr("dsac", part.start[0]) == NULL)
            plugin_usage_error(plugin, "--expect: \"%.*s\": expected d=, s=, a= or c= and a value",
                               SLICE_PRINTF(part));
        if (strchr(given, part.start[0]) != NULL)
            plugin_usage_error(plugin, "--expect: %c= stands there twice", part.start[0]);
        *strchr(given, ' ') = part.start[0];
    }
}

int main(int argc, char **argv)
{
    struct dkim_config config = dkim_config_default;
    struct plugin plugin;
    struct resolver resolver;
    plugin_begin(&plugin, &dkim_definition, argc, argv, &config);
    struct dkim_facts facts = {.arena = &plugin.arena, .now = clock_wall()};
    check_options(&plugin, &config);
    random_label(facts.probe, DKIM_PROBE_LENGTH);
    dkim_targets_find(&plugin, &config, &facts);
    dkim_pairs_read(&facts);
    read_message(&plugin, &config, &facts);
    resolver_open(&plugin, &resolver);
    struct dns_answers *answers = dns_answers_new(
        &plugin.arena, facts.target_count * QUESTIONS_PER_TARGET + QUESTIONS_PER_MESSAGE);
    dkim_collect(&config, &plugin.common, resolver.dns, answers, plugin.deadline, &facts);
    remember(&config, &facts);
    dkim_judge(&config, &plugin.common, &facts, &plugin.report);
    dkim_show(&facts, &plugin.report);
    report_metric(&plugin.report, DKIM_M_TIME, plugin_elapsed(&plugin));
    dkim_verifier_free(facts.verifier);
    resolver_close(&resolver);
    plugin_end(&plugin);
}
