/*
 * measure: whole runs of a command, timed by the kernel's own account.
 *
 *     measure RUNS LABEL -- COMMAND [ARGUMENT]... [--vs LABEL COMMAND [ARGUMENT]...]...
 *
 * Runs each command once uncounted and then RUNS times, in turn (A B C A B C ...), so that a
 * machine whose speed drifts is as unfair to all. Output of the commands is thrown away. Prints a
 * line for each: medians of wall milliseconds, CPU milliseconds and the largest resident size in
 * MB, the last exit status, and for each command after the first the ratio of its median wall time
 * to that of the first.
 */
#define _DEFAULT_SOURCE /* wait4 */

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 8
#define RUNS_MAX 100

extern char **environ;

struct command {
    const char *label;
    char **words;
    double wall[RUNS_MAX], cpu[RUNS_MAX], peak[RUNS_MAX];
    int status;
};

static double seconds_of(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void run(struct command *command, int index)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child;
    double start = now();
    if (posix_spawnp(&child, command->words[0], &actions, NULL, command->words, environ) != 0) {
        fprintf(stderr, "measure: cannot run %s\n", command->words[0]);
        exit(2);
    }
    posix_spawn_file_actions_destroy(&actions);
    struct rusage usage;
    int status;
    wait4(child, &status, 0, &usage);
    command->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (index >= 0) {
        command->wall[index] = (now() - start) * 1e3;
        command->cpu[index] = (seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime)) * 1e3;
        command->peak[index] = (double)usage.ru_maxrss / 1024;
    }
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static int usage(void)
{
    fputs("usage: measure RUNS LABEL -- COMMAND... [--vs LABEL COMMAND...]...\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static struct command commands[COMMANDS_MAX];
    int count = 1;
    long runs = argc > 4 ? strtol(argv[1], NULL, 10) : 0;
    if (runs < 1 || runs > RUNS_MAX || strcmp(argv[3], "--") != 0) {
        return usage();
    }
    commands[0].label = argv[2];
    commands[0].words = &argv[4];
    for (int i = 4; i + 2 < argc; i++) {
        if (strcmp(argv[i], "--vs") == 0 && count < COMMANDS_MAX) {
            argv[i] = NULL;
            commands[count].label = argv[i + 1];
            commands[count++].words = &argv[i + 2];
        }
    }
    for (int r = -1; r < runs; r++) {
        for (int c = 0; c < count; c++) {
            run(&commands[c], r);
        }
    }
    double first = 0;
    for (int c = 0; c < count; c++) {
        double wall = median(commands[c].wall, (int)runs);
        first = c == 0 ? wall : first;
        printf("%-34s %9.1f ms %9.1f ms CPU %7.1f MB  exit %d", commands[c].label, wall,
               median(commands[c].cpu, (int)runs), median(commands[c].peak, (int)runs),
               commands[c].status);
        printf(c == 0 ? "\n" : "  %.2f x\n", wall / first);
    }
    return 0;
}
