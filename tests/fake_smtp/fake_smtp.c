/*
 * fake_smtp: an SMTP server that plays a script, for tests.
 *
 *     fake_smtp --script FILE [--listen ADDR[:PORT]|unix:PATH]... [--port-file FILE] [--log FILE]
 *               [--latency MS] [--certificates FOLDER]
 *
 *     --script FILE          the dialogues; "-" is standard input; an empty one is a sane server
 *     --listen ADDR:PORT     up to 64 times, default 127.0.0.1:0; only 127.0.0.0/8, [::1] and
 *                            unix:PATH; port 0: the kernel chooses one, the same for all addresses
 *     --port-file FILE       the port, written when all sockets listen; the file appears whole
 *     --log FILE             the transcript of every connection
 *     --latency MS           before each reply, where the script says no other delay
 *     --certificates FOLDER  where NAME.pem and NAME.key of the script are
 *
 * Runs in the foreground until SIGTERM or SIGINT and prints nothing. Exit status: 0 stopped by a
 * signal, 1 the script is bad or a resource is missing, 2 bad usage.
 *
 * README.md in this folder has the language of the scripts:
 *
 *     220-mail.test ESMTP
 *         wait 6000
 *     220 mail.test ESMTP ready
 *     on EHLO 421 4.3.2 Closing down
 *     [first=1 each] on RCPT 450 4.7.1 Greylisted
 *     rcpt *@foreign.test 554 5.7.1 Relay access denied
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../server_process.h"
#include "server.h"

#define LATENCY_MAX 3600000

enum {
    STATUS_STOPPED = 0,
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
};

struct options {
    const char *script;
    const char *port_file;
    const char *log;
    const char *certificates;
    uint64_t latency;
    struct listener listeners[LISTENER_MAX];
    size_t listener_count;
};

static int fail(const char *what, const char *reason)
{
    fprintf(stderr, "fake_smtp: %s: %s\n", what, reason);
    return STATUS_FAILED;
}

static bool add_listener(struct options *options, const char *text)
{
    if (options->listener_count == LISTENER_MAX) {
        fprintf(stderr, "fake_smtp: more than %d --listen\n", LISTENER_MAX);
        return false;
    }
    if (!listener_parse(&options->listeners[options->listener_count], slice_of(text))) {
        fprintf(stderr,
                "fake_smtp: --listen %s: not ADDR:PORT in 127.0.0.0/8, [::1]:PORT or unix:PATH\n",
                text);
        return false;
    }
    options->listener_count++;
    return true;
}

static bool parse_latency(struct options *options, const char *text)
{
    if (slice_to_number(slice_of(text), LATENCY_MAX, &options->latency))
        return true;
    fprintf(stderr, "fake_smtp: --latency %s: not a number of milliseconds\n", text);
    return false;
}

static bool take_option(struct options *options, int letter, const char *value)
{
    switch (letter) {
    case 's':
        options->script = value;
        return true;
    case 'p':
        options->port_file = value;
        return true;
    case 'g':
        options->log = value;
        return true;
    case 'c':
        options->certificates = value;
        return true;
    case 'l':
        return add_listener(options, value);
    case 't':
        return parse_latency(options, value);
    default:
        return false;
    }
}

static bool parse_options(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"script",       required_argument, NULL, 's'},
        {"listen",       required_argument, NULL, 'l'},
        {"port-file",    required_argument, NULL, 'p'},
        {"log",          required_argument, NULL, 'g'},
        {"latency",      required_argument, NULL, 't'},
        {"certificates", required_argument, NULL, 'c'},
        {NULL,           0,                 NULL, 0  },
    };
    bool good = true;
    int letter;

    while (good && (letter = getopt_long(argc, argv, "", names, NULL)) != -1)
        good = take_option(options, letter, optarg);
    if (good && (options->script == NULL || optind < argc)) {
        fprintf(stderr, "usage: fake_smtp --script FILE [--listen ADDR:PORT|unix:PATH]... "
                        "[--port-file FILE] [--log FILE] [--latency MS] "
                        "[--certificates FOLDER]\n");
        good = false;
    }
    return good && (options->listener_count > 0 || add_listener(options, "127.0.0.1:0"));
}

static int serve(struct options *options, struct service *service)
{
    char message[LISTENER_MESSAGE_SIZE];
    struct transcript *transcript = service->transcript;
    int stop_reader = -1;
    int status = STATUS_STOPPED;

    if (!server_catch_signals(&stop_reader))
        return fail("signals", strerror(errno));
    if (!listener_open_all(options->listeners, options->listener_count, message))
        return fail("--listen", message);

    uint16_t port = listener_port(options->listeners, options->listener_count);

    if (!transcript_open(transcript, options->log))
        status = fail(options->log, strerror(errno));
    else if (options->port_file != NULL && !server_write_port(options->port_file, port))
        status = fail(options->port_file, strerror(errno));
    else if (!server_run(service, stop_reader))
        status = fail(options->log, "a line could not be written");
    transcript_close(transcript);
    listener_close_all(options->listeners, options->listener_count);
    return status;
}

static int play(struct options *options, struct slice text)
{
    struct script script;
    char message[SCRIPT_MESSAGE_SIZE] = "";
    struct transcript transcript;
    struct service service = {
        .script = &script,
        .transcript = &transcript,
        .latency = options->latency,
    };
    int status = STATUS_FAILED;

    script_init(&script, options->listeners, options->listener_count);
    service.tls = tls_store_new(&script, options->certificates);
    if (script_parse(&script, options->script, text, message) &&
        tls_store_check(service.tls, message))
        status = serve(options, &service);
    else
        fprintf(stderr, "%s\n", message);
    tls_store_free(service.tls);
    script_release(&script);
    return status;
}

int main(int argc, char **argv)
{
    static struct options options;
    char *content = NULL;
    size_t size = 0;
    int status;

    if (!parse_options(&options, argc, argv))
        return STATUS_USAGE;
    if (server_read_script(options.script, SCRIPT_OCTETS_MAX, &content, &size))
        status = play(&options, slice_new(content, size));
    else
        status = fail(options.script, strerror(errno));
    free(content);
    return status;
}
