#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mailcheck.h"
#include "resolver.h"

#define QUESTIONS_MAX 20000
/* Kept for judging and printing when the deadline comes. */
#define MARGIN_US 200000

static void find_exchangers(struct plugin *plugin, struct mailcheck_facts *facts)
{
    struct resolver resolver;
    resolver_open(plugin, &resolver);
    struct dns_answers *answers = dns_answers_new(facts->arena, QUESTIONS_MAX);
    do {
        for (size_t i = 0; i < facts->subject_count; i++) {
            struct mailcheck_subject *subject = &facts->subjects[i];
            struct exchangers_request request = {.domain = subject->name,
                                                 .only_v4 = plugin->common.only_v4,
                                                 .only_v6 = plugin->common.only_v6};
            if (!subject->is_address)
                exchangers_find(&request, answers, facts->arena, &subject->exchangers);
        }
    } while (dns_fetch_missing(resolver.dns, answers, plugin->deadline));
    resolver_close(&resolver);
}

/* A line on the terminal that is written over and over. */
struct progress {
    const struct mailcheck_facts *facts;
    bool is_shown;
};

static void show_progress(void *context, size_t ended)
{
    const struct progress *progress = context;
    char line[160];
    const char *waiting = "";
    if (!progress->is_shown)
        return;
    for (size_t i = 0; i < progress->facts->job_count; i++) {
        const struct processes_job *job = &progress->facts->jobs[i];
        if (job->outcome == PROCESSES_NOT_STARTED)
            waiting = strrchr(job->argv[0], '/') + 1;
    }
    int length =
        snprintf(line, sizeof line, "\r\033[K%zu of %zu checks done%s%s", ended,
                 progress->facts->job_count, waiting[0] != '\0' ? ", waiting for " : "", waiting);
    if (ended == progress->facts->job_count)
        length = snprintf(line, sizeof line, "\r\033[K");
    if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0)
        return;
}

/* The object of a plugin: it has its name and a state. */
static json_t *read_object(const struct processes_job *job, const char *plugin, enum state *state)
{
    json_error_t error;
    json_t *object = json_loadb(job->output.start, job->output.length, 0, &error);
    const char *name = json_string_value(json_object_get(object, "plugin"));
    json_t *number = json_object_get(object, "state");
    if (name == NULL || strcmp(name, plugin) != 0 || !json_is_integer(number) ||
        json_integer_value(number) < STATE_OK || json_integer_value(number) > STATE_UNKNOWN) {
        json_decref(object);
        return NULL;
    }
    *state = (enum state)json_integer_value(number);
    return object;
}

static void run_checks(struct plugin *plugin, struct mailcheck_facts *facts)
{
    size_t next = 0;
    for (size_t i = 0; i < facts->subject_count; i++)
        facts->job_count += facts->subjects[i].check_count;
    facts->jobs = arena_array(facts->arena, facts->job_count + 1, sizeof *facts->jobs);
    for (size_t i = 0; i < facts->subject_count; i++) {
        for (size_t j = 0; j < facts->subjects[i].check_count; j++)
            facts->jobs[next++].argv = facts->subjects[i].checks[j].argv;
    }
    struct progress progress = {.facts = facts, .is_shown = isatty(STDERR_FILENO) == 1};
    struct processes_settings settings = {.progress = show_progress, .context = &progress};
    struct deadline deadline = {.at = plugin->deadline.at - MARGIN_US};
    if (!processes_run(facts->jobs, facts->job_count, &settings, deadline) && progress.is_shown)
        show_progress(&progress, facts->job_count);
    next = 0;
    for (size_t i = 0; i < facts->subject_count; i++) {
        for (size_t j = 0; j < facts->subjects[i].check_count; j++) {
            struct mailcheck_check *check = &facts->subjects[i].checks[j];
            check->job = &facts->jobs[next++];
            check->object = read_object(check->job, check->plugin, &check->state);
        }
    }
}

static bool has_findings(const struct mailcheck_check *check)
{
    return check->object != NULL && check->state != STATE_OK;
}

/* Why a finding matters stands in the tables of its plugin. */
static void read_tables(struct plugin *plugin, struct mailcheck_facts *facts)
{
    struct processes_settings settings = {0};
    struct processes_job *jobs = arena_array(facts->arena, facts->job_count + 1, sizeof *jobs);
    const char **names = arena_array(facts->arena, facts->job_count + 1, sizeof *names);
    size_t count = 0;
    facts->tables = json_object();
    for (size_t i = 0; i < facts->subject_count; i++) {
        for (size_t j = 0; j < facts->subjects[i].check_count; j++) {
            const struct mailcheck_check *check = &facts->subjects[i].checks[j];
            if (!has_findings(check) || json_object_get(facts->tables, check->plugin) != NULL)
                continue;
            json_object_set_new(facts->tables, check->plugin, json_null());
            const char **argv = arena_array(facts->arena, 3, sizeof *argv);
            argv[0] = check->argv[0];
            argv[1] = "--export=json";
            names[count] = check->plugin;
            jobs[count++].argv = argv;
        }
    }
    processes_run(jobs, count, &settings, plugin->deadline);
    for (size_t i = 0; i < count; i++) {
        json_error_t error;
        json_t *table = json_loadb(jobs[i].output.start, jobs[i].output.length, 0, &error);
        if (table != NULL)
            json_object_set_new(facts->tables, names[i], table);
    }
    processes_release(jobs, count);
}

void mailcheck_collect(struct plugin *plugin, const struct mailcheck_config *config,
                       struct mailcheck_facts *facts)
{
    find_exchangers(plugin, facts);
    for (size_t i = 0; i < facts->subject_count; i++)
        mailcheck_plan(plugin, config, facts, &facts->subjects[i]);
    run_checks(plugin, facts);
    read_tables(plugin, facts);
}

void mailcheck_release(struct mailcheck_facts *facts)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        for (size_t j = 0; j < facts->subjects[i].check_count; j++)
            json_decref(facts->subjects[i].checks[j].object);
    }
    json_decref(facts->tables);
    processes_release(facts->jobs, facts->job_count);
}
