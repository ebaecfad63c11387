/*
 * Where the test server listens: TCP on loopback, and sockets in the file system.
 */
#ifndef TESTS_FAKE_SMTP_LISTENER_H
#define TESTS_FAKE_SMTP_LISTENER_H

#include <sys/un.h>

#include "base/slice.h"
#include "tests/fake_dns/address.h"

#define LISTENER_MAX 64
#define LISTENER_NAME_SIZE 128
#define LISTENER_MESSAGE_SIZE 512

/* Connections of our own that fill the queue of a listener which nobody can reach. */
#define LISTENER_FILLERS 4

enum listener_state {
    LISTENER_OPEN,
    LISTENER_REFUSED,     /* nothing listens: connections are refused */
    LISTENER_UNREACHABLE, /* connections are never made, nor refused */
};

struct listener {
    struct address address; /* with the port; family AF_UNIX: the path */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    char name[LISTENER_NAME_SIZE]; /* for the transcript: "127.0.0.1", "unix:/path" */
    enum listener_state state;
    int descriptor;
    int fillers[LISTENER_FILLERS];
};

/* "ADDR", "ADDR:PORT" in 127.0.0.0/8, "[::1]:PORT" or "unix:PATH". */
bool listener_parse(struct listener *listener, struct slice text);

/* The address after an "@": "127.0.0.2", "::1", "unix" for every path, "unix:PATH". */
bool listener_is(const struct listener *listener, struct slice text);

/* Opens all sockets; port 0 becomes one that is free at every address. False with a message; then
 * nothing is open. */
bool listener_open_all(struct listener *listeners, size_t count,
                       char message[static LISTENER_MESSAGE_SIZE]);
void listener_close_all(struct listener *listeners, size_t count);

/* The port of the first listener of TCP, 0 when there is none. */
uint16_t listener_port(const struct listener *listeners, size_t count);

/* A connection that does not block, or -1. *peer is its address, `port` 0 and family AF_UNIX for a
 * socket in the file system. */
int listener_accept(const struct listener *listener, struct address *peer);

#endif
