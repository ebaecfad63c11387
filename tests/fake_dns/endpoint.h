/*
 * The sockets of the test server: for each listening address one for UDP, one for TCP, and one that
 * answers come from when they should come from elsewhere. UDP goes in batches.
 */
#ifndef TESTS_FAKE_DNS_ENDPOINT_H
#define TESTS_FAKE_DNS_ENDPOINT_H

#include "address.h"
#include "queue.h"

#define ENDPOINT_BATCH 64
#define ENDPOINT_QUERY_MAX 4096
#define ENDPOINT_MESSAGE_SIZE 256

struct endpoint {
    struct address address; /* port 0 until it is open, when the kernel is to choose */
    bool refuses_tcp;       /* the port is taken and nothing listens */
    int udp, tcp, stray;
};

struct endpoint_packet {
    uint8_t octets[ENDPOINT_QUERY_MAX];
    size_t length; /* cut at the size of `octets` */
    union address_socket peer;
    socklen_t peer_length;
};

/* Opens all sockets, non-blocking. All endpoints with port 0 get the same port, for UDP and TCP,
 * which is then in their addresses. False with a reason; nothing is open then. */
bool endpoint_open_all(struct endpoint *endpoints, size_t count,
                       char message[static ENDPOINT_MESSAGE_SIZE]);
void endpoint_close_all(struct endpoint *endpoints, size_t count);

/* Takes what waits, at most ENDPOINT_BATCH packets. Returns how many. */
size_t endpoint_receive(int socket, struct endpoint_packet packets[static ENDPOINT_BATCH]);

/* Sends at most ENDPOINT_BATCH replies; one that cannot be sent is lost. */
void endpoint_send(int socket, struct reply *const replies[], size_t count);

/* The next connection, non-blocking, or -1. */
int endpoint_accept(int socket);

#endif
