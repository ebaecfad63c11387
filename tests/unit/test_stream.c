#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cases.h"
#include "net/stream.h"
#include "smtp_server.h"

#define ENOUGH_SECONDS 5

struct client {
    struct loop *loop;
    struct stream *stream;
    size_t changes;
};

static void on_change(void *context)
{
    struct client *client = context;
    client->changes++;
}

static struct stream_target target_of(const struct smtp_server *server)
{
    struct stream_target target = {.path = server->path};
    if (server->path == NULL) {
        assert_true(endpoint_parse(slice_of("127.0.0.1"), &target.endpoint));
        target.endpoint.port = server->port;
    }
    return target;
}

static void client_open(struct client *client, const struct stream_target *target)
{
    *client = (struct client){.loop = loop_new()};
    client->stream = stream_open(client->loop, target, on_change, client);
}

static void client_close(struct client *client)
{
    stream_close(client->stream);
    loop_free(client->loop);
}

/* Runs the loop until so many octets are there, or the connection has ended. */
static void wait_for(struct client *client, size_t octets)
{
    struct deadline deadline = deadline_in(ENOUGH_SECONDS);
    while (stream_failure(client->stream) == STREAM_FINE &&
           (!stream_is_connected(client->stream) || stream_input(client->stream).length < octets) &&
           loop_once(client->loop, deadline)) {
    }
}

static const struct row {
    const char *label;
    const char *script;
    const char *input; /* what came */
    enum stream_failure failure;
} rows[] = {
    {"what came before the end stays readable", "Shello\n", "hello\r\n", STREAM_CLOSED},
    {"nothing but the end",                     "",         "",          STREAM_CLOSED},
    {"a reset",                                 "R\n",      "",          STREAM_RESET },
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct smtp_server server = {.scripts = {row->script}};
    struct client client;
    smtp_server_start(&server);
    struct stream_target target = target_of(&server);
    client_open(&client, &target);
    wait_for(&client, SIZE_MAX);
    assert_true(slice_equals_text(stream_input(client.stream), row->input));
    assert_int_equal(stream_failure(client.stream), row->failure);
    assert_false(stream_failure_is_ours(row->failure));
    assert_true(client.changes > 0);
    client_close(&client);
    smtp_server_stop(&server);
}

static void test_half_close(void **state)
{
    struct smtp_server server = {.scripts = {"Chello\nH\nSbye\n"}};
    struct client client;
    (void)state;
    smtp_server_start(&server);
    struct stream_target target = target_of(&server);
    client_open(&client, &target);
    wait_for(&client, 0);
    assert_true(stream_send(client.stream, slice_of("hello\r\n")));
    stream_finish(client.stream);
    assert_false(stream_send(client.stream, slice_of("more\r\n")));
    wait_for(&client, SIZE_MAX);
    assert_true(slice_equals_text(stream_input(client.stream), "bye\r\n"));
    client_close(&client);
    smtp_server_stop(&server);
    assert_true(server.said_goodbye);
    assert_string_equal(server.problem, "");
}

static void test_reset(void **state)
{
    struct smtp_server server = {.scripts = {"Shello\nH\n"}};
    struct client client;
    (void)state;
    smtp_server_start(&server);
    struct stream_target target = target_of(&server);
    client_open(&client, &target);
    wait_for(&client, 7);
    stream_reset(client.stream);
    client.stream = NULL;
    client_close(&client);
    smtp_server_stop(&server);
    assert_false(server.said_goodbye);
}

static void test_flood(void **state)
{
    struct smtp_server server = {.scripts = {"F1048576\n"}};
    struct client client;
    size_t sum = 0;
    (void)state;
    smtp_server_start(&server);
    struct stream_target target = target_of(&server);
    client_open(&client, &target);
    wait_for(&client, STREAM_INPUT_MAX);
    assert_false(loop_once(client.loop, deadline_in(0.05))); /* nothing is read, nothing spins */
    assert_int_equal(stream_input(client.stream).length, STREAM_INPUT_MAX);
    while (stream_input(client.stream).length > 0) {
        sum += stream_input(client.stream).length;
        stream_consume(client.stream, STREAM_INPUT_MAX);
        wait_for(&client, 1);
    }
    assert_int_equal(sum, 1048576);
    client_close(&client);
    smtp_server_stop(&server);
}

static void test_unix(void **state)
{
    char path[64];
    struct smtp_server server = {.scripts = {"CPROXY UNKNOWN\nShello\n"}, .path = path};
    struct client client;
    (void)state;
    snprintf(path, sizeof path, "/tmp/test_stream.%ld", (long)getpid());
    smtp_server_start(&server);
    struct stream_target target = target_of(&server);
    target.proxy = PROXY_V1;
    client_open(&client, &target);
    wait_for(&client, SIZE_MAX);
    assert_true(slice_equals_text(stream_input(client.stream), "hello\r\n"));
    assert_int_equal(stream_local(client.stream).address.family, IP_NONE);
    client_close(&client);
    smtp_server_stop(&server);
    unlink(path);
    assert_string_equal(server.problem, "");
}

static void test_own_addresses(void **state)
{
    struct smtp_server server = {.scripts = {"CPROXY TCP4 127.0.0.66 127.0.0.1 \nShello\n"}};
    struct client client;
    (void)state;
    smtp_server_start(&server);
    struct stream_target target = target_of(&server);
    target.proxy = PROXY_V1;
    assert_true(ip_parse(slice_of("127.0.0.66"), &target.source));
    client_open(&client, &target);
    wait_for(&client, SIZE_MAX);
    assert_true(stream_local(client.stream).port > 0);
    client_close(&client);
    smtp_server_stop(&server);
    assert_string_equal(server.problem, "");
}

static void test_other_family(void **state)
{
    struct stream_target target = {.endpoint = {.port = 25}};
    struct client client;
    (void)state;
    ip_parse(slice_of("127.0.0.1"), &target.endpoint.address);
    ip_parse(slice_of("::1"), &target.source);
    client_open(&client, &target);
    assert_int_equal(stream_failure(client.stream), STREAM_NO_SOURCE);
    assert_false(stream_send(client.stream, slice_of("x")));
    client_close(&client);
}

static void test_texts(void **state)
{
    (void)state;
    for (int i = STREAM_FINE; i <= STREAM_NO_RESOURCE; i++) {
        assert_true(strlen(stream_failure_text((enum stream_failure)i)) > 5);
    }
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "after a half-close the answer still comes", test_half_close, NULL);
    cases_add(&cases, "a reset is no end in order", test_reset, NULL);
    cases_add(&cases, "a flood fills the input and waits, and nothing is lost", test_flood, NULL);
    cases_add(&cases, "a Unix socket, with a PROXY header that names nobody", test_unix, NULL);
    cases_add(&cases, "a PROXY header with the connection's own addresses", test_own_addresses,
              NULL);
    cases_add(&cases, "a source address of the other family is ours to mend", test_other_family,
              NULL);
    cases_add(&cases, "every failure has its words", test_texts, NULL);
    return cases_run(&cases, "stream");
}
