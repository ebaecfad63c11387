/* Programs side by side: what they say, how they end, and that the deadline ends them. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

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

static void test_bounded(void **state)
{
    struct processes_job job = run_one("yes | head -c 300000", LONG_SECONDS, 1000);
    (void)state;
    assert_int_equal(job.outcome, PROCESSES_EXITED);
    assert_int_equal(job.output.length, 1000);
    assert_true(job.output.truncated);
    processes_release(&job, 1);
}

struct seen {
    size_t calls;
    size_t last;
};

static void note(void *context, size_t ended)
{
    struct seen *seen = context;
    seen->calls++;
    assert_int_equal(ended, seen->calls);
    seen->last = ended;
}

/* Forty at once and forty one after the other say the same, and each end is told. */
static void many(unsigned at_once)
{
    enum { COUNT = 40 };
    const char *argv[COUNT][4];
    char scripts[COUNT][32];
    struct processes_job jobs[COUNT] = {{0}};
    struct seen seen = {0};
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
    assert_int_equal(seen.last, COUNT);
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
    cases_add(&cases, "output is bounded", test_bounded, NULL);
    cases_add(&cases, "forty at once", test_many, NULL);
    cases_add(&cases, "forty one by one", test_one_by_one, NULL);
    cases_add(&cases, "what had no turn before the deadline was not started", test_not_started,
              NULL);
    return cases_run(&cases, "processes");
}
