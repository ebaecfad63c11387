/* Scripts of fake_smtp: any text is read or refused with its line, and what was read is played to
 * a client without ever turning in circles. */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fake_smtp/connection.h"

#define ROUNDS 48
#define ROUND_MICROSECONDS 400000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
    if (!fact)
        abort();
}

static const char *const said[] = {
    "EHLO client.test\r\n",
    "NOOP\n",
    "MAIL FROM:<a@example.test> SIZE=1\r\n",
    "RCPT TO:<alice@a.test>\r\n",
    "AUTH PLAIN\r\nAAAA\r\n",
    "RCPT TO:postmaster\r\n",
    "DATA\r\n",
    "text\r\n.\r\n",
    "XCLIENT ADDR=127.0.0.1\r\n",
    "STARTTLS\r\n",
    "QUIT\r\n",
};

#define SAID_COUNT (sizeof(said) / sizeof(said[0]))

static void drain(int descriptor)
{
    char octets[65536];

    while (recv(descriptor, octets, sizeof(octets), MSG_DONTWAIT) > 0)
        continue;
}

static void play(struct service *service)
{
    static struct connection connection;
    const struct address peer = {.family = AF_UNIX};
    int64_t now = 1;
    int ends[2];

    require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    connection_open(&connection, service, ends[0], &peer, 0, 1, 1, 1);
    for (size_t round = 0; round < ROUNDS && connection.stage != CONNECTION_FREE; round++) {
        if (round % 4 == 3)
            send(ends[1], said[round / 4 % SAID_COUNT], strlen(said[round / 4 % SAID_COUNT]),
                 MSG_NOSIGNAL | MSG_DONTWAIT);
        connection_serve(&connection, POLLIN, now);
        if (connection.stage != CONNECTION_FREE)
            require(connection_due(&connection, now) >= now);
        drain(ends[1]);
        now += ROUND_MICROSECONDS;
    }
    if (connection.stage != CONNECTION_FREE)
        connection_close(&connection);
    close(ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = size == 0 ? SLICE_LITERAL("") : slice_new((const char *)data, size);
    struct listener listeners[2];
    struct transcript transcript;
    struct script script;
    char message[SCRIPT_MESSAGE_SIZE] = "";
    struct service service = {.script = &script, .transcript = &transcript};

    require(listener_parse(&listeners[0], SLICE_LITERAL("127.0.0.1")));
    require(listener_parse(&listeners[1], SLICE_LITERAL("127.0.0.2")));
    script_init(&script, listeners, 2);
    require(transcript_open(&transcript, NULL));
    service.tls = tls_store_new(&script, NULL);
    if (script_parse(&script, "input", text, message)) {
        require(message[0] == '\0');
        play(&service);
    } else {
        require(strncmp(message, "input:", 6) == 0);
    }
    tls_store_free(service.tls);
    transcript_close(&transcript);
    script_release(&script);
    return 0;
}
