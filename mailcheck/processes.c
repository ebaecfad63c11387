#include "processes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "net/loop.h"

#define CHUNK 65536
/* How long a program may stay after it closed its output. */
#define END_SECONDS 1.0

extern char **environ;

struct run {
    struct processes_job *jobs;
    size_t count;
    size_t next;    /* the first that was not started */
    size_t running; /* under way */
    size_t ended;
    const struct processes_settings *settings;
    struct loop *loop;
};

static void count_end(struct run *run)
{
    run->ended++;
    if (run->settings->progress != NULL)
        run->settings->progress(run->settings->context, run->ended);
}

/* The program closed its output: it is about to end. One that stays all the same is killed; true
 * then. */
static bool wait_or_kill(pid_t pid, int *status)
{
    static const struct timespec pause = {.tv_nsec = 500000};
    struct deadline patience = deadline_in(END_SECONDS);
    while (deadline_left(patience) > 0) {
        if (waitpid(pid, status, WNOHANG) != 0)
            return false;
        nanosleep(&pause, NULL);
    }
    kill(-pid, SIGKILL);
    waitpid(pid, status, 0);
    return true;
}

static void reap(struct processes_job *job, bool was_killed)
{
    int status = 0;
    if (was_killed) {
        kill(-job->pid, SIGKILL);
        waitpid(job->pid, &status, 0);
    } else {
        was_killed = wait_or_kill(job->pid, &status);
    }
    job->seconds = (double)(clock_now() - job->started) / 1e6;
    if (was_killed) {
        job->outcome = PROCESSES_KILLED;
    } else if (WIFSIGNALED(status)) {
        job->outcome = PROCESSES_SIGNALLED;
        job->status = WTERMSIG(status);
    } else {
        job->outcome = PROCESSES_EXITED;
        job->status = WEXITSTATUS(status);
    }
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

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    /* A group of its own, so that the deadline ends what it started, too. */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &signals);

    char *const *argv = (char *const *)(const void *)job->argv;
    int error = posix_spawn(&job->pid, job->argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        errno = error;
        return -1;
    }
    return ends[0];
}

/* The program closed its output, or it cannot be read. */
static void finish(struct run *run, struct processes_job *job, bool was_killed)
{
    loop_watch(run->loop, job->descriptor, 0, NULL, NULL);
    close(job->descriptor);
    job->descriptor = -1;
    reap(job, was_killed);
    run->running--;
    count_end(run);
}

static struct processes_job *job_of(struct run *run, int descriptor)
{
    for (size_t i = 0; i < run->next; i++) {
        if (run->jobs[i].descriptor == descriptor)
            return &run->jobs[i];
    }
    return NULL;
}

static void ready(void *context, int descriptor, unsigned events)
{
    struct run *run = context;
    struct processes_job *job = job_of(run, descriptor);
    char buffer[CHUNK];
    (void)events;
    if (job == NULL)
        return;
    ssize_t length = read(descriptor, buffer, sizeof buffer);
    if (length > 0) {
        text_append_slice(&job->output, slice_new(buffer, (size_t)length));
    } else if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
        finish(run, job, false);
    }
}

static void start_next(struct run *run)
{
    unsigned at_once = run->settings->at_once != 0 ? run->settings->at_once : PROCESSES_AT_ONCE;
    while (run->next < run->count && run->running < at_once) {
        struct processes_job *job = &run->jobs[run->next++];
        job->started = clock_now();
        job->descriptor = start(job);
        if (job->descriptor < 0) {
            job->status = errno;
            job->outcome = errno == ENOENT ? PROCESSES_NOT_FOUND : PROCESSES_FAILED;
            count_end(run);
            continue;
        }
        run->running++;
        loop_watch(run->loop, job->descriptor, LOOP_READ, ready, run);
    }
}

bool processes_run(struct processes_job *jobs, size_t count,
                   const struct processes_settings *settings, struct deadline deadline)
{
    struct run run = {.jobs = jobs, .count = count, .settings = settings, .loop = loop_new()};
    for (size_t i = 0; i < count; i++) {
        text_init(&jobs[i].output, settings->most != 0 ? settings->most : PROCESSES_OUTPUT_MAX);
        jobs[i].descriptor = -1;
    }
    do
        start_next(&run);
    while (run.running > 0 && loop_once(run.loop, deadline));

    bool all = run.ended == count;
    for (size_t i = 0; i < run.next; i++) {
        if (jobs[i].descriptor >= 0)
            finish(&run, &jobs[i], true);
    }
    loop_free(run.loop);
    return all;
}

void processes_release(struct processes_job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_release(&jobs[i].output);
}
