#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "mail/confirmed_name.h"
#include "mailcheck.h"
#include "resolver.h"

#define QUESTIONS_MAX 20000
/* Kept for judging and printing when the deadline comes. */
#define MARGIN_US 200000
/* Of the time that is left when a plugin starts: it needs some to end. */
#define TIMEOUT_SHARE 0.95
#define TIMEOUT_LEAST 0.1
/* Of the whole time, for finding the exchangers; what is not known then is not waited for. */
#define EXCHANGERS_SHARE 0.4
/* A resolver that has them at hand names the exchangers sooner: then the checks that take longest,
 * those that speak to them, are started before all others. */
#define EXCHANGERS_SOON_US 5000
#define PROGRESS_WIDTH 120

/* What is under way. */
struct run {
    struct plugin *plugin;
    const struct mailcheck_config *config;
    struct mailcheck_facts *facts;
    struct deadline deadline;
    struct processes *processes;
    struct processes_job **jobs;
    size_t job_count, job_capacity;
    bool is_shown; /* a line on the terminal that is written over and over */
};

/* ---- what a plugin said */

json_t *mailcheck_read(struct slice text, const char *plugin, enum state *state)
{
    json_error_t error;
    json_t *object = json_loadb(text.start, text.length, 0, &error);
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

static bool is_hello(const char *verb)
{
    return strcmp(verb, "EHLO") == 0 || strcmp(verb, "HELO") == 0 || strcmp(verb, "LHLO") == 0;
}

/* The first thing that went wrong tells, unless EHLO or HELO was taken. */
static enum mailcheck_greets greets(const json_t *conversation)
{
    enum mailcheck_greets answer = MAILCHECK_GREETS_UNKNOWN;
    size_t i;
    const json_t *entry;
    json_array_foreach(json_object_get(conversation, "transcript"), i, entry)
    {
        const char *verb = json_string_value(json_object_get(entry, "verb"));
        const char *outcome = json_string_value(json_object_get(entry, "outcome"));
        json_int_t code = json_integer_value(json_object_get(entry, "code"));
        if (verb == NULL || (outcome != NULL && strcmp(outcome, "not-sent") == 0))
            continue;
        if (code == 250 && is_hello(verb))
            return MAILCHECK_GREETS;
        if (answer == MAILCHECK_GREETS_UNKNOWN && code / 100 >= 4)
            answer = MAILCHECK_REFUSES;
        else if (answer == MAILCHECK_GREETS_UNKNOWN && outcome != NULL &&
                 strcmp(outcome, "answered") != 0)
            answer = MAILCHECK_IS_DOWN;
    }
    return answer;
}

bool mailcheck_is_greeted(const json_t *conversation)
{
    return greets(conversation) == MAILCHECK_GREETS;
}

enum mailcheck_greets mailcheck_greets(const json_t *object)
{
    static const char *const own_troubles[] = {"smtp.local-failure", "smtp.not-asked"};
    const json_t *conversations = json_object_get(object, "conversations");
    enum mailcheck_greets whole = MAILCHECK_GREETS_UNKNOWN;
    size_t i;
    const json_t *element;
    for (i = 0; i < json_array_size(conversations); i++) {
        enum mailcheck_greets one = greets(json_array_get(conversations, i));
        if (one == MAILCHECK_GREETS || one == MAILCHECK_GREETS_UNKNOWN)
            return one;
        whole = whole == MAILCHECK_REFUSES ? whole : one;
    }
    json_array_foreach(json_object_get(object, "findings"), i, element)
    {
        const char *id = json_string_value(json_object_get(element, "id"));
        for (size_t k = 0; id != NULL && k < sizeof own_troubles / sizeof own_troubles[0]; k++) {
            if (strcmp(id, own_troubles[k]) == 0)
                return MAILCHECK_GREETS_UNKNOWN;
        }
    }
    return whole;
}

/* A server that does not greet has nothing to say to those that follow. What is not known is no
 * reason to leave a check out. */
static bool is_silent(const struct processes_job *greeter)
{
    enum state state = STATE_OK;
    json_t *object = mailcheck_read(text_slice(&greeter->output), "check_smtp_banner", &state);
    enum mailcheck_greets answer = mailcheck_greets(object);
    json_decref(object);
    return state != STATE_OK && (answer == MAILCHECK_REFUSES || answer == MAILCHECK_IS_DOWN);
}

/* ---- the plugins */

static bool before_start(void *context, struct processes_job *job, size_t turns)
{
    struct run *run = context;
    const struct mailcheck_check *check = job->owner;
    double seconds = (double)deadline_left(run->deadline) / 1e6 / (double)turns * TIMEOUT_SHARE;
    if (check->greeter != NULL && check->greeter->job->outcome == PROCESSES_EXITED &&
        is_silent(check->greeter->job))
        return false;
    check->argv[MAILCHECK_TIMEOUT_AT] = arena_format(
        run->facts->arena, "--timeout=%.2f", seconds > TIMEOUT_LEAST ? seconds : TIMEOUT_LEAST);
    return true;
}

/* A terminal that knows no control sequence would show them. */
static bool can_wipe_a_line(void)
{
    const char *terminal = getenv("TERM");
    return terminal != NULL && terminal[0] != '\0' && strcmp(terminal, "dumb") != 0;
}

/* A line that is full would move the next one down. */
static size_t progress_width(void)
{
    struct winsize size = {0};
    bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return is_known && size.ws_col <= PROGRESS_WIDTH ? size.ws_col - 1u : PROGRESS_WIDTH;
}

static void show_progress(void *context)
{
    const struct run *run = context;
    struct text line;
    size_t ended = 0;
    const char *separator = ", waiting for ";
    if (!run->is_shown)
        return;
    text_init(&line, progress_width());
    for (size_t i = 0; i < run->job_count; i++)
        ended += run->jobs[i]->outcome != PROCESSES_NOT_STARTED;
    text_printf(&line, "%zu of %zu checks done", ended, run->job_count);
    for (size_t i = 0; i < run->job_count; i++) {
        const struct mailcheck_check *check = run->jobs[i]->owner;
        if (!run->jobs[i]->is_running)
            continue;
        text_printf(&line, "%s%s (%s)", separator, check->service, check->target);
        separator = ", ";
    }
    dprintf(STDERR_FILENO, "\r\033[K%s", line.start);
    text_release(&line);
}

/* ---- the plugins, one by one */

static bool is_same_call(const char *const *a, const char *const *b)
{
    size_t i = 0;
    while (a[i] != NULL && b[i] != NULL && (i == MAILCHECK_TIMEOUT_AT || strcmp(a[i], b[i]) == 0))
        i++;
    return a[i] == NULL && b[i] == NULL;
}

/* A server of several domains is asked once. */
static struct processes_job *job_of(struct run *run, struct mailcheck_check *check)
{
    for (size_t i = 0; i < run->job_count; i++) {
        if (is_same_call(run->jobs[i]->argv, (const char *const *)check->argv))
            return run->jobs[i];
    }
    struct processes_job *job = arena_alloc(run->facts->arena, sizeof *job);
    *job = (struct processes_job){
        .argv = (const char *const *)check->argv,
        .rooms = check->rooms,
        .room_count = check->room_count,
        .owner = check,
    };
    run->jobs = memory_grow(run->jobs, &run->job_capacity, run->job_count + 1,
                            sizeof(struct processes_job *));
    run->jobs[run->job_count++] = job;
    check->job = job;
    processes_add(run->processes, job);
    return job;
}

/* Whoever speaks to servers, but for a greeting alone, takes longest. */
static bool is_long(const struct mailcheck_check *check)
{
    return check->room_count > 0 && strcmp(check->service, "smtp_banner") != 0;
}

static void add_jobs(struct run *run, bool wants_long)
{
    for (size_t i = 0; i < run->facts->subject_count; i++) {
        struct mailcheck_subject *subject = &run->facts->subjects[i];
        for (size_t j = 0; j < subject->check_count; j++) {
            struct mailcheck_check *check = &subject->checks[j];
            if (check->job == NULL && is_long(check) == wants_long)
                check->job = job_of(run, check);
        }
    }
}

static void start_checks(struct run *run, enum mailcheck_stage stage)
{
    for (size_t i = 0; i < run->facts->subject_count; i++)
        mailcheck_plan(run->plugin, run->config, &run->facts->subjects[i], stage);
    add_jobs(run, true);
    add_jobs(run, false);
    processes_start(run->processes);
}

static void find_subject(struct run *run, struct dns_answers *answers,
                         struct mailcheck_subject *subject)
{
    struct ip_address address;
    struct exchangers_request request = {.domain = subject->name,
                                         .only_v4 = run->plugin->common.only_v4,
                                         .only_v6 = run->plugin->common.only_v6};
    if (!subject->is_address)
        exchangers_find(&request, answers, run->facts->arena, &subject->exchangers);
    else if (ip_parse(slice_of(subject->name), &address))
        subject->host = confirmed_name(answers, &address);
}

/* Starts the checks, too: those that need not know the exchangers when these are not known soon. */
static void find_exchangers(struct run *run, struct resolver *resolver)
{
    struct mailcheck_facts *facts = run->facts;
    struct dns_answers *answers = dns_answers_new(facts->arena, QUESTIONS_MAX);
    struct deadline deadline = deadline_cut(
        run->deadline, (int64_t)((double)deadline_left(run->deadline) * EXCHANGERS_SHARE));
    struct deadline soon = deadline_cut(deadline, EXCHANGERS_SOON_US);
    bool is_soon = true;
    do {
        if (is_soon && deadline_left(soon) == 0) {
            is_soon = false;
            start_checks(run, MAILCHECK_EARLY);
        }
        for (size_t i = 0; i < facts->subject_count; i++) {
            find_subject(run, answers, &facts->subjects[i]);
        }
    } while (dns_fetch_missing_until(resolver->dns, answers, deadline, is_soon ? soon : deadline));
    start_checks(run, MAILCHECK_LATE);
    if (is_soon)
        start_checks(run, MAILCHECK_EARLY);
}

static void keep_resolvers(struct mailcheck_facts *facts, const struct dns *dns)
{
    const struct endpoint *servers = dns_servers(dns, &facts->resolver_count);
    facts->resolvers =
        arena_copy_bytes(facts->arena, servers, facts->resolver_count * sizeof *servers);
}

static void run_checks(struct run *run)
{
    struct resolver resolver;
    struct processes_settings settings = {
        .before = before_start, .progress = show_progress, .context = run};
    resolver_open(run->plugin, &resolver);
    run->processes = processes_open(resolver.loop, &settings);
    find_exchangers(run, &resolver);
    processes_wait(run->processes, run->deadline);
    processes_close(run->processes);
    keep_resolvers(run->facts, resolver.dns);
    resolver_close(&resolver);
    free(run->jobs);
    if (run->is_shown)
        dprintf(STDERR_FILENO, "\r\033[K");
}

static void read_object(struct mailcheck_check *check)
{
    if (check->job->outcome == PROCESSES_EXITED)
        check->object =
            mailcheck_read(text_slice(&check->job->output), check->plugin, &check->state);
}

/* What it heard of a server that did not greet is told by the greeter already. */
static void leave_out(struct mailcheck_check *check)
{
    if (check->greeter == NULL || !is_silent(check->greeter->job))
        return;
    check->job->outcome = PROCESSES_LEFT_OUT;
}

static void read_objects(struct mailcheck_facts *facts)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        struct mailcheck_subject *subject = &facts->subjects[i];
        for (size_t j = 0; j < subject->check_count; j++)
            leave_out(&subject->checks[j]);
        mailcheck_plan_sort(subject);
        for (size_t j = 0; j < subject->check_count; j++)
            read_object(&subject->checks[j]);
    }
}

void mailcheck_collect(struct plugin *plugin, const struct mailcheck_config *config,
                       struct mailcheck_facts *facts)
{
    struct run run = {
        .plugin = plugin,
        .config = config,
        .facts = facts,
        .deadline = {.at = plugin->deadline.at - MARGIN_US},
        .is_shown = isatty(STDERR_FILENO) == 1 && can_wipe_a_line(),
    };
    run_checks(&run);
    read_objects(facts);
}

void mailcheck_release(struct mailcheck_facts *facts)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        for (size_t j = 0; j < facts->subjects[i].check_count; j++) {
            const struct mailcheck_check *check = &facts->subjects[i].checks[j];
            json_decref(check->object);
            /* One that is shared was released before. */
            if (check->job->output.start != NULL)
                processes_release(check->job, 1);
        }
    }
}
