/*
 * Programs run side by side under one deadline: what each printed, how each ended.
 *
 *     struct processes_job jobs[] = {{.argv = argv_1}, {.argv = argv_2}};
 *     processes_run(jobs, 2, &settings, deadline);
 *     ... jobs[i].outcome, .status, .output ...
 *
 * A program gets an empty standard input; its standard error is dropped. What is left of it at the
 * deadline is killed with all that it started. The zero value of a job is true: not started.
 * mailcheck/processes.c is the only place of the project that starts a program.
 */
#ifndef MAILCHECK_PROCESSES_H
#define MAILCHECK_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/text.h"

enum processes_outcome {
    PROCESSES_NOT_STARTED = 0, /* the deadline came before its turn */
    PROCESSES_EXITED,          /* see `status` */
    PROCESSES_SIGNALLED,       /* by itself: see `status` */
    PROCESSES_KILLED,          /* at the deadline */
    PROCESSES_NOT_FOUND,       /* there is no such program */
    PROCESSES_FAILED,          /* it could not be started: see `status`, an errno */
};

struct processes_job {
    const char *const *argv; /* with the path, NULL-terminated */
    enum processes_outcome outcome;
    int status;         /* exit status, number of the signal, or errno */
    struct text output; /* of standard output, at most `most`; processes_release frees it */
    double seconds;     /* until it ended */

    /* Bookkeeping. */
    pid_t pid;
    int descriptor;
    int64_t started;
};

struct processes_settings {
    unsigned at_once; /* 0: PROCESSES_AT_ONCE */
    size_t most;      /* octets of one output that are kept; 0: PROCESSES_OUTPUT_MAX */
    /* Called after each end with the number of ended jobs; NULL: not. */
    void (*progress)(void *context, size_t ended);
    void *context;
};
#define PROCESSES_AT_ONCE 32
#define PROCESSES_OUTPUT_MAX ((size_t)4 << 20)

/* True when all ended before the deadline. */
bool processes_run(struct processes_job *jobs, size_t count,
                   const struct processes_settings *settings, struct deadline deadline);
void processes_release(struct processes_job *jobs, size_t count);

#endif
