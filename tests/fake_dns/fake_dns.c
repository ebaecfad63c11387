/*
 * fake_dns: a DNS server that answers from a script, for tests.
 *
 *     fake_dns --script FILE [--listen ADDR[:PORT]]... [--port-file FILE] [--log FILE] [--latency
 * MS]
 *
 *     --script FILE       what is answered; "-" is standard input
 *     --listen ADDR:PORT  up to 64 times, default 127.0.0.1:0; only 127.0.0.0/8 and ::1; port 0:
 * the kernel chooses one, the same for all addresses, for UDP and TCP
 *     --port-file FILE    the port, written when all sockets listen; the file appears whole
 *     --log FILE          one line for each query: udp|tcp address name type flags
 *     --latency MS        before each answer, where the script says no other delay
 *
 * Runs in the foreground until SIGTERM or SIGINT and prints nothing. Exit status: 0 stopped by a
 * signal, 1 the script is bad or a resource is missing, 2 bad usage.
 *
 * A script has one rule on a line; README.md in this folder has them all:
 *
 *     example.test MX 10 mail.example.test          ; a record; several lines make an RRset
 *     example.test TYPE65280 \# 4 01020304
 *     broken.test ANY SERVFAIL                      ; an RCODE for every type, or for one
 *     bare.test A NODATA
 *     [delay=50 ad] slow.test A 192.0.2.1           ; options in brackets
 *     [!cd] bogus.test ANY SERVFAIL                 ; conditions in brackets
 *     @127.0.0.2 differs.test A 192.0.2.2           ; only when asked at that address
 *     [delay=20 aa] default                         ; options of all answers
 *     dnsbl bl.test
 *     listed bl.test 192.0.2.99 127.0.0.2,127.0.0.4 "open relay"
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
    uint32_t latency;
    struct address addresses[SCRIPT_LISTENERS_MAX];
    size_t address_count;
};

static int fail(const char *what, const char *reason)
{
    fprintf(stderr, "fake_dns: %s: %s\n", what, reason);
    return STATUS_FAILED;
}

static bool add_listener(struct options *options, const char *text)
{
    struct address address;

    if (options->address_count == SCRIPT_LISTENERS_MAX) {
        fprintf(stderr, "fake_dns: more than %d --listen\n", SCRIPT_LISTENERS_MAX);
        return false;
    }
    if (!address_parse_with_port(&address, slice_of(text)) || !address_is_loopback(&address)) {
        fprintf(stderr, "fake_dns: --listen %s: not ADDR:PORT in 127.0.0.0/8 or [::1]:PORT\n",
                text);
        return false;
    }
    options->addresses[options->address_count++] = address;
    return true;
}

static bool parse_latency(struct options *options, const char *text)
{
    uint64_t latency = 0;

    if (!slice_to_number(slice_of(text), LATENCY_MAX, &latency)) {
        fprintf(stderr, "fake_dns: --latency %s: not a number of milliseconds\n", text);
        return false;
    }
    options->latency = (uint32_t)latency;
    return true;
}

static bool parse_options(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"script",    required_argument, NULL, 's'},
        {"listen",    required_argument, NULL, 'l'},
        {"port-file", required_argument, NULL, 'p'},
        {"log",       required_argument, NULL, 'g'},
        {"latency",   required_argument, NULL, 't'},
        {NULL,        0,                 NULL, 0  },
    };
    bool good = true;
    int letter;

    while (good && (letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (letter == 's')
            options->script = optarg;
        else if (letter == 'p')
            options->port_file = optarg;
        else if (letter == 'g')
            options->log = optarg;
        else if (letter == 'l')
            good = add_listener(options, optarg);
        else if (letter == 't')
            good = parse_latency(options, optarg);
        else
            good = false;
    }
    if (good && (options->script == NULL || optind < argc)) {
        fprintf(stderr, "usage: fake_dns --script FILE [--listen ADDR:PORT]... "
                        "[--port-file FILE] [--log FILE] [--latency MS]\n");
        good = false;
    }
    return good && (options->address_count > 0 || add_listener(options, "127.0.0.1:0"));
}

static void apply_latency(struct script *script, uint32_t latency)
{
    const struct behaviour behaviour = {
        .known = BEHAVIOUR_DELAY,
        .set = BEHAVIOUR_DELAY,
        .delay = latency,
    };

    for (size_t i = 0; i < script->listener_count; i++)
        behaviour_complete(&script->defaults[i], &behaviour);
}

static int serve(struct options *options, struct script *script)
{
    static struct endpoint endpoints[SCRIPT_LISTENERS_MAX];
    char message[ENDPOINT_MESSAGE_SIZE];
    struct query_log log;
    int stop_reader = -1;

    for (size_t i = 0; i < options->address_count; i++) {
        endpoints[i].address = options->addresses[i];
        endpoints[i].refuses_tcp = script->defaults[i].tcp == BEHAVIOUR_TCP_REFUSED;
    }
    if (!server_catch_signals(&stop_reader))
        return fail("signals", strerror(errno));
    if (!endpoint_open_all(endpoints, options->address_count, message))
        return fail("--listen", message);

    int status = STATUS_STOPPED;

    if (!query_log_open(&log, options->log))
        status = fail(options->log, strerror(errno));
    else if (options->port_file != NULL &&
             !server_write_port(options->port_file, endpoints[0].address.port))
        status = fail(options->port_file, strerror(errno));
    else if (!server_run(script, endpoints, options->address_count, &log, stop_reader))
        status = fail(options->log, "a line could not be written");
    query_log_close(&log);
    endpoint_close_all(endpoints, options->address_count);
    return status;
}

int main(int argc, char **argv)
{
    static struct options options;
    struct script script;
    char message[SCRIPT_MESSAGE_SIZE] = "";
    char *content = NULL;
    size_t size = 0;
    int status = STATUS_FAILED;

    if (!parse_options(&options, argc, argv))
        return STATUS_USAGE;
    if (!server_read_script(options.script, SCRIPT_OCTETS_MAX, &content, &size)) {
        free(content);
        return fail(options.script, strerror(errno));
    }
    script_init(&script, options.addresses, options.address_count);
    if (script_parse(&script, options.script, slice_new(content, size), message)) {
        apply_latency(&script, options.latency);
        status = serve(&options, &script);
    } else {
        fprintf(stderr, "%s\n", message);
    }
    script_release(&script);
    free(content);
    return status;
}
