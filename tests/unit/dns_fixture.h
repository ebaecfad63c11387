/*
 * fake_dns for a unit test: one server at a time, started from the test, on loopback.
 *
 *     if (!dns_fixture_start("example.test A 192.0.2.1\n", 1)) skip();
 *     ... &dns_fixture_servers[0] is 127.0.0.1, [1] is 127.0.0.2 ...
 *     assert_int_equal(dns_fixture_count("udp 127.0.0.1 example.test A"), 1);
 *     dns_fixture_stop();
 *
 * With an engine that asks it: start(script, servers, options), ask(name, type), stop().
 */
#ifndef TESTS_UNIT_DNS_FIXTURE_H
#define TESTS_UNIT_DNS_FIXTURE_H

#include "cases.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "mail/endpoint.h"
#include "net/dns.h"

#define DNS_FIXTURE_SERVERS 3
#define DNS_FIXTURE_START_SECONDS 10.0

static struct endpoint dns_fixture_servers[DNS_FIXTURE_SERVERS];
static pid_t dns_fixture_process;
static char dns_fixture_folder[] = "/tmp/dns_fixture.XXXXXX";

static inline const char *dns_fixture_path(const char *name)
{
    static char path[sizeof dns_fixture_folder + 20];
    snprintf(path, sizeof path, "%s/%s", dns_fixture_folder, name);
    return path;
}

static inline FILE *dns_fixture_open(const char *name, const char *mode)
{
    return fopen(dns_fixture_path(name), mode);
}

/* In the child. */
static inline void dns_fixture_run(char *program, size_t count)
{
    static char options[][12] = {"--script", "--port-file", "--log", "--listen"};
    static const char *const files[] = {"script", "port", "log"};
    static char paths[3][100];
    static char listens[DNS_FIXTURE_SERVERS][40];
    char *words[8 + 2 * DNS_FIXTURE_SERVERS] = {program};
    size_t used = 1;
    for (size_t i = 0; i < 3; i++) {
        snprintf(paths[i], sizeof paths[i], "%s", dns_fixture_path(files[i]));
        words[used++] = options[i];
        words[used++] = paths[i];
    }
    for (size_t i = 0; i < count; i++) {
        snprintf(listens[i], sizeof listens[i], "127.0.0.%zu:0", i + 1);
        words[used++] = options[3];
        words[used++] = listens[i];
    }
    execv(program, words);
    _exit(127);
}

static inline unsigned dns_fixture_wait_port(void)
{
    struct deadline deadline = deadline_in(DNS_FIXTURE_START_SECONDS);
    unsigned port = 0;
    while (port == 0 && deadline_left(deadline) > 0) {
        FILE *file = dns_fixture_open("port", "r");
        if (file != NULL) {
            if (fscanf(file, "%u", &port) != 1)
                port = 0;
            fclose(file);
        }
        poll(NULL, 0, 2);
    }
    return port;
}

/* What a failed test has left. */
static inline void dns_fixture_kill(void)
{
    if (dns_fixture_process > 0) {
        kill(dns_fixture_process, SIGKILL);
        waitpid(dns_fixture_process, NULL, 0);
        dns_fixture_process = 0;
    }
}

/* Starts the server with `count` addresses from 127.0.0.1 on. False, with a note, where it is not
 * built. */
static inline bool dns_fixture_start(const char *script, size_t count)
{
    char program[1000];
    const char *build = getenv("BUILDDIR");
    snprintf(program, sizeof program, "%s/tests/fake_dns/fake_dns", build == NULL ? "." : build);
    if (access(program, X_OK) != 0) {
        print_message("# %s is not built\n", program);
        return false;
    }
    if (dns_fixture_process == 0)
        atexit(dns_fixture_kill);
    dns_fixture_kill();
    memcpy(dns_fixture_folder + sizeof dns_fixture_folder - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(dns_fixture_folder));
    FILE *file = dns_fixture_open("script", "w");
    assert_non_null(file);
    assert_true(fputs(script, file) >= 0);
    fclose(file);
    dns_fixture_process = fork();
    assert_true(dns_fixture_process >= 0);
    if (dns_fixture_process == 0)
        dns_fixture_run(program, count);
    unsigned port = dns_fixture_wait_port();
    assert_int_not_equal(port, 0);
    for (size_t i = 0; i < count; i++) {
        dns_fixture_servers[i] = (struct endpoint){
            .address = {.family = IP_V4, .bytes = {127, 0, 0, (uint8_t)(i + 1)}},
              .port = port
        };
    }
    return true;
}

/* Lines of the log that begin with `start`. */
static inline size_t dns_fixture_count(const char *start)
{
    char line[400];
    size_t count = 0;
    FILE *file = dns_fixture_open("log", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        count += strncmp(line, start, strlen(start)) == 0;
    fclose(file);
    return count;
}

static inline void dns_fixture_end(void)
{
    int status = -1;
    pid_t process = dns_fixture_process;
    dns_fixture_process = 0;
    kill(process, SIGTERM);
    assert_int_equal(waitpid(process, &status, 0), process);
    assert_int_equal(status, 0);
}

static inline void dns_fixture_remove(void)
{
    static const char *const files[] = {"script", "port", "log"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(dns_fixture_path(files[i]));
    assert_int_equal(rmdir(dns_fixture_folder), 0);
}

/* The server must run to its end. */
static inline void dns_fixture_stop(void)
{
    dns_fixture_remove();
    dns_fixture_end();
}

/* A loaded machine may be as late as it likes: it is never early. */
static inline void dns_fixture_assert_lasted(int64_t since, int64_t least)
{
    int64_t lasted = (clock_now() - since) / 1000;
    if (lasted < least)
        fail_msg("%ld ms, not %ld", (long)lasted, (long)least);
}

/* ---- the engine, asking that server */

static struct loop *loop;
static struct dns *dns;

/* So long a machine under load may take for an answer without a question being sent again. */
#define DNS_FIXTURE_QUESTION_US INT64_C(60000000)
/* For what waits in vain: no try is shorter than 100 ms. */
#define DNS_FIXTURE_SHORT_US INT64_C(1400000)

/* Starts server and engine, or skips. */
static inline void start(const char *script, size_t servers, struct dns_options options)
{
    char error[128] = "";
    if (!dns_fixture_start(script, servers))
        skip();
    options.servers = options.servers == NULL ? dns_fixture_servers : options.servers;
    options.server_count = options.server_count == 0 ? servers : options.server_count;
    options.question_us = options.question_us == 0 ? DNS_FIXTURE_QUESTION_US : options.question_us;
    loop = loop_new();
    dns = dns_open(&options, loop, error);
    assert_non_null(dns);
    assert_string_equal(error, "");
}

static inline void stop(void)
{
    dns_close(dns);
    loop_free(loop);
    dns_fixture_stop();
}

/* The one answer to one question, with the time of a fresh deadline. */
static inline const struct dns_answer *ask_with(const char *name, unsigned type, unsigned flags,
                                                const struct endpoint *server)
{
    struct dns_taken taken;
    dns_ask(dns, name, type, flags, server, 77);
    assert_int_equal(dns_under_way(dns) <= 1, true);
    assert_true(dns_wait(dns, deadline_in(10)));
    assert_true(dns_take(dns, &taken));
    assert_int_equal(taken.tag, 77);
    assert_string_equal(taken.answer->name, name);
    assert_int_equal(dns_under_way(dns), 0);
    return taken.answer;
}

static inline const struct dns_answer *ask(const char *name, unsigned type)
{
    return ask_with(name, type, DNS_PLAIN, NULL);
}

#endif
