#include "processes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"

#define CHUNK 65536
/* How long a program may stay after it closed its output. */
#define END_SECONDS 1.0
/* How often it is looked for until then. */
#define REAP_US 1000

extern char **environ;

struct processes {
    struct processes_job **jobs; /* in the order of processes_add */
    size_t count, capacity;
    size_t running, ended;
    size_t closing; /* of the running: their output is closed */
    bool *is_taken; /* of each room, while processes_start looks for what can start */
    size_t room_capacity;
    struct processes_settings settings;
    struct loop *loop;
};

/* ---- a signal ends the programs with us */

static const int fatal_signals[] = {SIGHUP, SIGINT, SIGTERM};
#define FATAL_SIGNALS (sizeof fatal_signals / sizeof fatal_signals[0])

/* Groups of the running programs; 0: free. Read by the handler. */
static volatile pid_t running_groups[PROCESSES_AT_ONCE];

static void end_with_signal(int number)
{
    for (size_t i = 0; i < PROCESSES_AT_ONCE; i++) {
        if (running_groups[i] != 0)
            kill(-running_groups[i], SIGKILL);
    }
    /* Its action was reset when it came. */
    raise(number);
}

/* Who started us with a signal ignored (nohup) keeps it ignored. */
static void heed_signals(bool is_on)
{
    struct sigaction action = {.sa_handler = is_on ? end_with_signal : SIG_DFL,
                               .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < FATAL_SIGNALS; i++) {
        struct sigaction before;
        if (sigaction(fatal_signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(fatal_signals[i], &action, NULL);
    }
}

static void replace_group(pid_t old, pid_t new)
{
    for (size_t i = 0; i < PROCESSES_AT_ONCE; i++) {
        if (running_groups[i] == old) {
            running_groups[i] = new;
            return;
        }
    }
}

/* ---- one program */

static void note_end(struct processes_job *job, int status)
{
    job->outcome = WIFSIGNALED(status) ? PROCESSES_SIGNALLED : PROCESSES_EXITED;
    job->status = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

/* With all that it started; why, the outcome says. */
static void kill_job(struct processes_job *job, enum processes_outcome outcome)
{
    int status;
    kill(-job->pid, SIGKILL);
    waitpid(job->pid, &status, 0);
    job->outcome = outcome;
}

/* It closed its output, so it is about to end; true when it did, or stayed too long. */
static bool reap(struct processes_job *job)
{
    int status = 0;
    if (waitpid(job->pid, &status, WNOHANG) != 0) {
        note_end(job, status);
        return true;
    }
    if (deadline_left(job->patience) > 0)
        return false;
    kill_job(job, PROCESSES_KILLED);
    return true;
}

/* Its output goes to that descriptor. Returns an errno. A signal that ends us waits until the
 * handler can know of the program. */
static int spawn(struct processes_job *job, int output)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigset_t fatal;
    sigset_t before;
    sigemptyset(&fatal);
    for (size_t i = 0; i < FATAL_SIGNALS; i++)
        sigaddset(&fatal, fatal_signals[i]);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigprocmask(SIG_BLOCK, &fatal, &before);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    /* A group of its own, so that the deadline ends what it started, too. */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &before);

    char *const *argv = (char *const *)(const void *)job->argv;
    int error = posix_spawn(&job->pid, job->argv[0], &actions, &attributes, argv, environ);
    if (error == 0)
        replace_group(0, job->pid);
    sigprocmask(SIG_SETMASK, &before, NULL);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* The read end of a pipe that becomes the program's standard output, or -1 with errno. */
static int start(struct processes_job *job)
{
    int ends[2];
    /* Not every system tells by posix_spawn that there is no such program. */
    if (access(job->argv[0], X_OK) != 0 || pipe(ends) != 0)
        return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    int error = spawn(job, ends[1]);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        errno = error;
        return -1;
    }
    return ends[0];
}

/* ---- all of them */

static void tell(const struct processes *processes)
{
    if (processes->settings.progress != NULL)
        processes->settings.progress(processes->settings.context);
}

static void close_output(struct processes *processes, struct processes_job *job)
{
    if (job->descriptor < 0)
        return;
    loop_watch(processes->loop, job->descriptor, 0, NULL, NULL);
    close(job->descriptor);
    job->descriptor = -1;
}

static void finish(struct processes *processes, struct processes_job *job)
{
    close_output(processes, job);
    replace_group(job->pid, 0);
    job->is_running = false;
    job->has_ended = true;
    processes->running--;
    processes->ended++;
}

/* Of those that closed their output. True when one ended. */
static bool reap_all(struct processes *processes)
{
    bool has_ended = false;
    for (size_t i = 0; processes->closing > 0 && i < processes->count; i++) {
        struct processes_job *job = processes->jobs[i];
        if (!job->is_running || job->descriptor >= 0 || !reap(job))
            continue;
        processes->closing--;
        finish(processes, job);
        has_ended = true;
    }
    return has_ended;
}

static struct processes_job *job_of(const struct processes *processes, int descriptor)
{
    for (size_t i = 0; i < processes->count; i++) {
        if (processes->jobs[i]->is_running && processes->jobs[i]->descriptor == descriptor)
            return processes->jobs[i];
    }
    return NULL;
}

static void ready(void *context, int descriptor, unsigned events)
{
    struct processes *processes = context;
    struct processes_job *job = job_of(processes, descriptor);
    char buffer[CHUNK];
    (void)events;
    if (job == NULL)
        return;
    ssize_t length = read(descriptor, buffer, sizeof buffer);
    if (length > 0) {
        text_append_slice(&job->output, slice_new(buffer, (size_t)length));
        if (!job->output.truncated)
            return;
        kill_job(job, PROCESSES_FLOODED);
        finish(processes, job);
    } else if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    } else {
        close_output(processes, job);
        job->patience = deadline_in(END_SECONDS);
        processes->closing++;
        reap_all(processes);
    }
    processes_start(processes);
}

static bool shares_room(const struct processes_job *a, const struct processes_job *b)
{
    for (size_t i = 0; i < a->room_count; i++) {
        for (size_t k = 0; k < b->room_count; k++) {
            if (a->rooms[i] == b->rooms[k])
                return true;
        }
    }
    return false;
}

static size_t turns_of(const struct processes *processes, const struct processes_job *job)
{
    size_t turns = 1;
    for (size_t i = 0; job->room_count > 0 && i < processes->count; i++) {
        const struct processes_job *other = processes->jobs[i];
        turns += other != job && !other->has_ended && shares_room(job, other);
    }
    return turns;
}

static void start_job(struct processes *processes, struct processes_job *job)
{
    const struct processes_settings *settings = &processes->settings;
    job->has_ended = true;
    if (settings->before != NULL &&
        !settings->before(settings->context, job, turns_of(processes, job))) {
        job->outcome = PROCESSES_LEFT_OUT;
        processes->ended++;
        return;
    }
    job->descriptor = start(job);
    if (job->descriptor < 0) {
        job->status = errno;
        job->outcome = errno == ENOENT ? PROCESSES_NOT_FOUND : PROCESSES_FAILED;
        processes->ended++;
        return;
    }
    job->has_ended = false;
    job->is_running = true;
    processes->running++;
    loop_watch(processes->loop, job->descriptor, LOOP_READ, ready, processes);
}

static bool has_taken_room(const struct processes *processes, const struct processes_job *job)
{
    for (size_t i = 0; i < job->room_count; i++) {
        if (processes->is_taken[job->rooms[i]])
            return true;
    }
    return false;
}

static void take_rooms(struct processes *processes, const struct processes_job *job)
{
    for (size_t i = 0; i < job->room_count; i++)
        processes->is_taken[job->rooms[i]] = true;
}

/* Starts what can start, in order; who waits has the rooms before those behind it. True when a job
 * ended at once, so that another one may start. */
static bool start_some(struct processes *processes)
{
    bool has_ended = false;
    if (processes->room_capacity > 0)
        memset(processes->is_taken, 0, processes->room_capacity * sizeof *processes->is_taken);
    for (size_t i = 0; i < processes->count; i++) {
        if (processes->jobs[i]->is_running)
            take_rooms(processes, processes->jobs[i]);
    }
    for (size_t i = 0; i < processes->count; i++) {
        struct processes_job *job = processes->jobs[i];
        if (processes->running == processes->settings.at_once)
            return false;
        if (job->has_ended || job->is_running)
            continue;
        if (!has_taken_room(processes, job))
            start_job(processes, job);
        has_ended = has_ended || job->has_ended;
        take_rooms(processes, job);
    }
    return has_ended;
}

void processes_start(struct processes *processes)
{
    while (start_some(processes))
        continue;
    tell(processes);
}

struct processes *processes_open(struct loop *loop, const struct processes_settings *settings)
{
    struct processes *processes = memory_new(1, sizeof *processes);
    processes->loop = loop;
    processes->settings = *settings;
    if (settings->at_once == 0 || settings->at_once > PROCESSES_AT_ONCE)
        processes->settings.at_once = PROCESSES_AT_ONCE;
    heed_signals(true);
    return processes;
}

void processes_add(struct processes *processes, struct processes_job *job)
{
    size_t most = processes->settings.most;
    processes->jobs = memory_grow(processes->jobs, &processes->capacity, processes->count + 1,
                                  sizeof(struct processes_job *));
    processes->jobs[processes->count++] = job;
    for (size_t i = 0; i < job->room_count; i++)
        processes->is_taken = memory_grow(processes->is_taken, &processes->room_capacity,
                                          job->rooms[i] + 1, sizeof *processes->is_taken);
    text_init(&job->output, most != 0 ? most : PROCESSES_OUTPUT_MAX);
    job->descriptor = -1;
}

bool processes_wait(struct processes *processes, struct deadline deadline)
{
    while (processes->running > 0 && deadline_left(deadline) > 0) {
        loop_once(processes->loop,
                  processes->closing > 0 ? deadline_cut(deadline, REAP_US) : deadline);
        if (reap_all(processes))
            processes_start(processes);
    }
    bool all = processes->ended == processes->count;
    for (size_t i = 0; i < processes->count; i++) {
        if (!processes->jobs[i]->is_running)
            continue;
        kill_job(processes->jobs[i], PROCESSES_KILLED);
        finish(processes, processes->jobs[i]);
    }
    processes->closing = 0;
    return all;
}

void processes_close(struct processes *processes)
{
    processes_wait(processes, deadline_in(0));
    heed_signals(false);
    free(processes->is_taken);
    free(processes->jobs);
    free(processes);
}

bool processes_run(struct processes_job *jobs, size_t count,
                   const struct processes_settings *settings, struct deadline deadline)
{
    struct loop *loop = loop_new();
    struct processes *processes = processes_open(loop, settings);
    for (size_t i = 0; i < count; i++)
        processes_add(processes, &jobs[i]);
    processes_start(processes);
    bool all = processes_wait(processes, deadline);
    processes_close(processes);
    loop_free(loop);
    return all;
}

void processes_release(struct processes_job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_release(&jobs[i].output);
}
