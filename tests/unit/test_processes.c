/* Programs side by side: what they say, how they end, and that the deadline ends them. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mailcheck/processes.h"
#include "tests/unit/cases.h"

#define SHELL "/bin/sh"
/* For what must end by itself. */
#define LONG_SECONDS 60

static struct processes_job run_one(const char *script, double seconds, size_t most)
{
    const char *argv[] = {SHELL, "-c", script, NULL};
    struct processes_job job = {.argv = argv};
    struct processes_settings settings = {.most = most};
    processes_run(&job, 1, &settings, deadline_in(seconds));
    return job;
}

static const struct row {
    const char *label;
    const char *script;
    enum processes_outcome outcome;
    int status;
    const char *output;
} rows[] = {
    {"what a program says and its exit status",                            "echo one; echo two; exit 2",     PROCESSES_EXITED,    2,
     "one\ntwo\n"                                                                                                                            },
    {"standard error is no output",                                        "echo shout >&2",                 PROCESSES_EXITED,    0, ""      },
    {"standard input is empty",                                            "cat; echo end",                  PROCESSES_EXITED,    0, "end\n" },
    {"a program that a signal ends is told apart",                         "echo half; kill -KILL $$",       PROCESSES_SIGNALLED,
     SIGKILL,                                                                                                                        "half\n"},
    {"one that closes its output and goes on for a little has its status",
     "echo x; exec >&-; sleep 0.05; exit 3",                                                                 PROCESSES_EXITED,    3, "x\n"   },
    {"output in pieces is kept whole",                                     "printf a; sleep 0.02; printf b", PROCESSES_EXITED,    0, "ab"    },
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct processes_job job = run_one(row->script, LONG_SECONDS, 0);
    assert_int_equal(job.outcome, row->outcome);
    assert_int_equal(job.status, row->status);
    assert_string_equal(job.output.start, row->output);
    processes_release(&job, 1);
}

static void test_not_found(void **state)
{
    const char *argv[] = {"/nonexistent/check_none", NULL};
    struct processes_job job = {.argv = argv};
    struct processes_settings settings = {0};
    (void)state;
    assert_true(processes_run(&job, 1, &settings, deadline_in(LONG_SECONDS)));
    assert_int_equal(job.outcome, PROCESSES_NOT_FOUND);
    processes_release(&job, 1);
}

static void test_not_executable(void **state)
{
    const char *argv[] = {"/etc/passwd", NULL};
    struct processes_job job = {.argv = argv};
    struct processes_settings settings = {0};
    (void)state;
    assert_true(processes_run(&job, 1, &settings, deadline_in(LONG_SECONDS)));
    assert_int_equal(job.outcome, PROCESSES_FAILED);
    assert_true(job.status != 0);
    processes_release(&job, 1);
}

/* The sleep holds the pipe open: only killing the group ends it. */
static void test_deadline(void **state)
{
    struct processes_job job = run_one("echo known; sleep 1000", 0.2, 0);
    (void)state;
    assert_int_equal(job.outcome, PROCESSES_KILLED);
    assert_string_equal(job.output.start, "known\n");
    processes_release(&job, 1);
}

static void test_flood(void **state)
{
    struct processes_job job = run_one("exec yes", LONG_SECONDS, 1000);
    (void)state;
    assert_int_equal(job.outcome, PROCESSES_FLOODED);
    assert_int_equal(job.output.length, 1000);
    processes_release(&job, 1);
}

struct seen {
    const struct processes_job *jobs;
    size_t count;
    size_t most;      /* that ran at once */
    size_t most_room; /* of one room that ran at once */
    size_t turns[8];
    size_t calls;
};

static void note(void *context)
{
    struct seen *seen = context;
    size_t running = 0;
    for (size_t i = 0; i < seen->count; i++) {
        size_t same = 0;
        running += seen->jobs[i].is_running;
        for (size_t k = 0; k < seen->count && seen->jobs[i].room_count > 0; k++)
            same += seen->jobs[k].is_running && seen->jobs[k].room_count > 0 &&
                    seen->jobs[k].rooms[0] == seen->jobs[i].rooms[0];
        if (same > seen->most_room)
            seen->most_room = same;
    }
    if (running > seen->most)
        seen->most = running;
}

static bool count_turns(void *context, struct processes_job *job, size_t turns)
{
    struct seen *seen = context;
    (void)job;
    if (seen->calls < sizeof seen->turns / sizeof seen->turns[0])
        seen->turns[seen->calls] = turns;
    seen->calls++;
    return true;
}

/* Three in one room are run one after another, in order; one in another room beside them. */
static void test_rooms(void **state)
{
    enum { COUNT = 4 };
    static const size_t rooms[] = {7, 0};
    static const char *const argv[COUNT][4] = {
        {SHELL, "-c", "sleep 0.05; echo a", NULL},
        {SHELL, "-c", "echo b",             NULL},
        {SHELL, "-c", "echo c",             NULL},
        {SHELL, "-c", "sleep 0.01; echo d", NULL},
    };
    struct processes_job jobs[COUNT] = {{0}};
    struct seen seen = {.jobs = jobs, .count = COUNT};
    struct processes_settings settings = {
        .before = count_turns, .progress = note, .context = &seen};
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        jobs[i].argv = argv[i];
        jobs[i].rooms = &rooms[i == COUNT - 1];
        jobs[i].room_count = 1;
    }
    assert_true(processes_run(jobs, COUNT, &settings, deadline_in(LONG_SECONDS)));
    assert_int_equal(seen.most_room, 1);
    assert_int_equal(seen.most, 2);
    assert_int_equal(seen.calls, COUNT);
    /* In this order: a of three, d alone, b of two, c. */
    assert_int_equal(seen.turns[0], 3);
    assert_int_equal(seen.turns[1], 1);
    assert_int_equal(seen.turns[2], 2);
    assert_int_equal(seen.turns[3], 1);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(jobs[i].outcome, PROCESSES_EXITED);
    processes_release(jobs, COUNT);
}

static bool leave_out(void *context, struct processes_job *job, size_t turns)
{
    (void)turns;
    return job->owner != context;
}

static void test_left_out(void **state)
{
    static const size_t room = 1;
    const char *argv[] = {SHELL, "-c", "exit 4", NULL};
    struct processes_job jobs[2] = {
        {.argv = argv, .rooms = &room, .room_count = 1, .owner = (void *)(uintptr_t)&room},
        {.argv = argv,            .rooms = &room,               .room_count = 1    },
    };
    struct processes_settings settings = {.before = leave_out, .context = (void *)(uintptr_t)&room};
    (void)state;
    assert_true(processes_run(jobs, 2, &settings, deadline_in(LONG_SECONDS)));
    assert_int_equal(jobs[0].outcome, PROCESSES_LEFT_OUT);
    assert_int_equal(jobs[1].status, 4);
    processes_release(jobs, 2);
}

/* A signal that ends us ends the programs, too: theirs is the only other writer of the pipe. */
static void test_signal(void **state)
{
    int ends[2];
    char octet;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char script[64];
        snprintf(script, sizeof script, "echo up >&%d; sleep 1000", ends[1]);
        struct processes_job job = {
            .argv = (const char *const[]){SHELL, "-c", script, NULL}
        };
        struct processes_settings settings = {0};
        close(ends[0]);
        processes_run(&job, 1, &settings, deadline_in(LONG_SECONDS));
        _exit(0);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &octet, 1), 1);
    kill(child, SIGTERM);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    struct pollfd end = {.fd = ends[0], .events = POLLIN};
    do
        assert_int_equal(poll(&end, 1, LONG_SECONDS * 1000), 1);
    while (read(ends[0], &octet, 1) > 0);
    close(ends[0]);
}

/* Forty at once and forty one after the other say the same. */
static void many(unsigned at_once)
{
    enum { COUNT = 40 };
    const char *argv[COUNT][4];
    char scripts[COUNT][32];
    struct processes_job jobs[COUNT] = {{0}};
    struct seen seen = {.jobs = jobs, .count = COUNT};
    struct processes_settings settings = {.at_once = at_once, .progress = note, .context = &seen};
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(scripts[i], sizeof scripts[i], "exit %zu", i);
        argv[i][0] = SHELL;
        argv[i][1] = "-c";
        argv[i][2] = scripts[i];
        argv[i][3] = NULL;
        jobs[i].argv = argv[i];
    }
    assert_true(processes_run(jobs, COUNT, &settings, deadline_in(LONG_SECONDS)));
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(jobs[i].outcome, PROCESSES_EXITED);
        assert_int_equal(jobs[i].status, i);
    }
    assert_true(seen.most <= (at_once != 0 ? at_once : PROCESSES_AT_ONCE));
    processes_release(jobs, COUNT);
}

static void test_many(void **state)
{
    (void)state;
    many(0);
}

static void test_one_by_one(void **state)
{
    (void)state;
    many(1);
}

/* With one at a time the second never has its turn. */
static void test_not_started(void **state)
{
    const char *argv[] = {SHELL, "-c", "sleep 1000", NULL};
    struct processes_job jobs[2] = {{.argv = argv}, {.argv = argv}};
    struct processes_settings settings = {.at_once = 1};
    (void)state;
    assert_false(processes_run(jobs, 2, &settings, deadline_in(0.1)));
    assert_int_equal(jobs[0].outcome, PROCESSES_KILLED);
    assert_int_equal(jobs[1].outcome, PROCESSES_NOT_STARTED);
    processes_release(jobs, 2);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "a program that is not there", test_not_found, NULL);
    cases_add(&cases, "a file that is no program", test_not_executable, NULL);
    cases_add(&cases, "the deadline ends a program with all that it started", test_deadline, NULL);
    cases_add(&cases, "one that prints without end is ended", test_flood, NULL);
    cases_add(&cases, "those of one room are run one after another", test_rooms, NULL);
    cases_add(&cases, "one that is not wanted any more is left out", test_left_out, NULL);
    cases_add(&cases, "a signal ends the programs with us", test_signal, NULL);
    cases_add(&cases, "forty at once", test_many, NULL);
    cases_add(&cases, "forty one by one", test_one_by_one, NULL);
    cases_add(&cases, "what had no turn before the deadline was not started", test_not_started,
              NULL);
    return cases_run(&cases, "processes");
}
