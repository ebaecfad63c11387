/*
 * Programs run side by side under one deadline: what each printed, how each ended.
 *
 *     processes = processes_open(loop, &settings);
 *     processes_add(processes, &job);            as many as wanted, at any time
 *     processes_start(processes);                those of them that can
 *     processes_wait(processes, deadline);       further descriptors of the loop are served, too
 *     ... job.outcome, .status, .output ...
 *     processes_close(processes);
 *     processes_release(&job, 1);
 *
 * A program gets an empty standard input; its standard error is dropped. What is left of it at the
 * deadline is killed with all that it started; so is one that prints more than it may, and all of
 * them when a signal (HUP, INT, TERM) ends us. The zero value of a job is true: not started.
 *
 * Jobs that have a room in common are never run at the same time: who comes first in the order of
 * processes_add goes first. A room is any number that the caller gives a meaning to.
 *
 * One struct processes at a time. mailcheck/processes.c is the only place of the project that
 * starts a program.
 */
#ifndef MAILCHECK_PROCESSES_H
#define MAILCHECK_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/loop.h"

enum processes_outcome {
    PROCESSES_NOT_STARTED = 0, /* the deadline came before its turn */
    PROCESSES_EXITED,          /* see `status` */
    PROCESSES_SIGNALLED,       /* by itself: see `status` */
    PROCESSES_KILLED,          /* at the deadline */
    PROCESSES_FLOODED,         /* killed: it printed more than it may */
    PROCESSES_NOT_FOUND,       /* there is no such program */
    PROCESSES_FAILED,          /* it could not be started: see `status`, an errno */
    PROCESSES_LEFT_OUT,        /* settings.before did not want it */
};

struct processes_job {
    const char *const *argv; /* with the path, NULL-terminated */
    const size_t *rooms;
    size_t room_count;
    void *owner; /* of the caller, for settings.before */
    enum processes_outcome outcome;
    int status;         /* exit status, number of the signal, or errno */
    struct text output; /* of standard output, at most `most`; processes_release frees it */
    bool is_running;

    /* Bookkeeping. */
    bool has_ended;
    pid_t pid;
    int descriptor;           /* -1: its output is closed */
    struct deadline patience; /* then: how long it may stay */
};

struct processes_settings {
    unsigned at_once; /* 0: PROCESSES_AT_ONCE, which is the most */
    size_t most;      /* octets of one output; 0: PROCESSES_OUTPUT_MAX */
    /* Called when a job is about to start; it may set argv. `turns` is the number of jobs that have
     * not ended and wait for one of its rooms, itself included: 1 without rooms. False leaves the
     * job out. NULL: all are started. */
    bool (*before)(void *context, struct processes_job *job, size_t turns);
    /* Called after each start and each end. NULL: not. */
    void (*progress)(void *context);
    void *context;
};
#define PROCESSES_AT_ONCE 32
#define PROCESSES_OUTPUT_MAX ((size_t)4 << 20)

struct processes;

/* The settings are copied. */
struct processes *processes_open(struct loop *loop, const struct processes_settings *settings);
/* What is still running is killed. */
void processes_close(struct processes *processes);
/* The job must stay where it is until processes_close. */
void processes_add(struct processes *processes, struct processes_job *job);
/* Starts what can start; the others follow while the loop runs. */
void processes_start(struct processes *processes);
/* True when all ended before the deadline; else what is left of them is killed. */
bool processes_wait(struct processes *processes, struct deadline deadline);

/* All of it, with a loop of its own. */
bool processes_run(struct processes_job *jobs, size_t count,
                   const struct processes_settings *settings, struct deadline deadline);
void processes_release(struct processes_job *jobs, size_t count);

#endif
