#ifdef __linux__
#define _GNU_SOURCE /* recvmmsg, sendmmsg; NOLINT(bugprone-reserved-identifier) */
#endif
#include "endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define BUFFER_SIZE (8 << 20)
#define BACKLOG 128

/* The kernel's choice for UDP may be taken for TCP, or at another address. */
#define PORT_TRIES 200

/* How long a full send buffer is waited for. */
#define SEND_WAIT_MS 100

static void close_socket(int *socket_descriptor)
{
    if (*socket_descriptor >= 0)
        close(*socket_descriptor);
    *socket_descriptor = -1;
}

void endpoint_close_all(struct endpoint *endpoints, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        close_socket(&endpoints[i].udp);
        close_socket(&endpoints[i].tcp);
        close_socket(&endpoints[i].stray);
    }
}

static bool set_flags(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);

    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}

static int open_socket(const struct address *address, int type, uint16_t port)
{
    union address_socket name;
    socklen_t length = address_to_socket(address, port, &name);
    int descriptor = socket(address->family, type, 0);
    int yes = 1;

    if (descriptor < 0)
        return -1;
    if (!set_flags(descriptor) ||
        (type == SOCK_STREAM &&
         setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0) ||
        bind(descriptor, &name.any, length) != 0) {
        int saved = errno;

        close(descriptor);
        errno = saved;
        return -1;
    }
    return descriptor;
}

/* As much as the system gives: a small buffer loses queries that come in a burst. */
static void widen(int descriptor)
{
    int size = BUFFER_SIZE;

    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
#ifdef SO_RCVBUFFORCE
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
#endif
}

static uint16_t port_of(int descriptor)
{
    union address_socket name;
    socklen_t length = sizeof(name);

    if (getsockname(descriptor, &name.any, &length) != 0)
        return 0;
    return ntohs(name.any.sa_family == AF_INET ? name.v4.sin_port : name.v6.sin6_port);
}

static bool open_endpoint(struct endpoint *endpoint, uint16_t *chosen)
{
    const struct address *address = &endpoint->address;
    uint16_t port = address->port != 0 ? address->port : *chosen;

    endpoint->udp = open_socket(address, SOCK_DGRAM, port);
    if (endpoint->udp < 0)
        return false;
    if (port == 0)
        port = *chosen = port_of(endpoint->udp);
    endpoint->tcp = open_socket(address, SOCK_STREAM, port);
    endpoint->stray = open_socket(address, SOCK_DGRAM, 0);
    if (endpoint->tcp < 0 || endpoint->stray < 0)
        return false;
    widen(endpoint->udp);
    return endpoint->refuses_tcp || listen(endpoint->tcp, BACKLOG) == 0;
}

static bool try_to_open(struct endpoint *endpoints, size_t count, bool *again, char *message)
{
    uint16_t chosen = 0;

    for (size_t i = 0; i < count; i++)
        endpoints[i].udp = endpoints[i].tcp = endpoints[i].stray = -1;
    for (size_t i = 0; i < count; i++) {
        char text[INET6_ADDRSTRLEN];

        if (open_endpoint(&endpoints[i], &chosen))
            continue;
        *again = errno == EADDRINUSE && endpoints[i].address.port == 0;
        address_print(&endpoints[i].address, text);
        snprintf(message, ENDPOINT_MESSAGE_SIZE, "cannot listen at %s port %d: %s", text,
                 endpoints[i].address.port, strerror(errno));
        endpoint_close_all(endpoints, count);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (endpoints[i].address.port == 0)
            endpoints[i].address.port = chosen;
    }
    return true;
}

bool endpoint_open_all(struct endpoint *endpoints, size_t count,
                       char message[static ENDPOINT_MESSAGE_SIZE])
{
    bool again = true;

    for (int i = 0; i < PORT_TRIES && again; i++) {
        again = false;
        if (try_to_open(endpoints, count, &again, message))
            return true;
    }
    return false;
}

#ifdef __linux__

size_t endpoint_receive(int socket, struct endpoint_packet packets[static ENDPOINT_BATCH])
{
    struct mmsghdr headers[ENDPOINT_BATCH];
    struct iovec vectors[ENDPOINT_BATCH];

    memset(headers, 0, sizeof(headers));
    for (size_t i = 0; i < ENDPOINT_BATCH; i++) {
        vectors[i] = (struct iovec){packets[i].octets, sizeof(packets[i].octets)};
        headers[i].msg_hdr.msg_iov = &vectors[i];
        headers[i].msg_hdr.msg_iovlen = 1;
        headers[i].msg_hdr.msg_name = &packets[i].peer;
        headers[i].msg_hdr.msg_namelen = sizeof(packets[i].peer);
    }

    int received = recvmmsg(socket, headers, ENDPOINT_BATCH, 0, NULL);

    for (int i = 0; i < received; i++) {
        packets[i].length = headers[i].msg_len;
        packets[i].peer_length = headers[i].msg_hdr.msg_namelen;
    }
    return received > 0 ? (size_t)received : 0;
}

static int send_batch(int socket, struct reply *const replies[], size_t count)
{
    struct mmsghdr headers[ENDPOINT_BATCH];
    struct iovec vectors[ENDPOINT_BATCH];

    memset(headers, 0, count * sizeof(headers[0]));
    for (size_t i = 0; i < count; i++) {
        vectors[i] = (struct iovec){replies[i]->octets, replies[i]->length};
        headers[i].msg_hdr.msg_iov = &vectors[i];
        headers[i].msg_hdr.msg_iovlen = 1;
        headers[i].msg_hdr.msg_name = &replies[i]->peer;
        headers[i].msg_hdr.msg_namelen = replies[i]->peer_length;
    }
    return sendmmsg(socket, headers, (unsigned)count, 0);
}

#else

size_t endpoint_receive(int socket, struct endpoint_packet packets[static ENDPOINT_BATCH])
{
    size_t count = 0;

    for (; count < ENDPOINT_BATCH; count++) {
        struct endpoint_packet *packet = &packets[count];

        packet->peer_length = sizeof(packet->peer);
        ssize_t length = recvfrom(socket, packet->octets, sizeof(packet->octets), 0,
                                  &packet->peer.any, &packet->peer_length);

        if (length < 0)
            break;
        packet->length = (size_t)length;
    }
    return count;
}

static int send_batch(int socket, struct reply *const replies[], size_t count)
{
    const struct reply *reply = replies[0];

    (void)count;
    return sendto(socket, reply->octets, reply->length, 0, &reply->peer.any, reply->peer_length) < 0
               ? -1
               : 1;
}

#endif

void endpoint_send(int socket, struct reply *const replies[], size_t count)
{
    bool waited = false;

    for (size_t sent = 0; sent < count;) {
        int done = send_batch(socket, replies + sent, count - sent);

        if (done > 0) {
            sent += (size_t)done;
            waited = false;
        } else if (done < 0 && errno == EAGAIN && !waited) {
            struct pollfd writable = {.fd = socket, .events = POLLOUT};

            poll(&writable, 1, SEND_WAIT_MS);
            waited = true;
        } else {
            sent++;
            waited = false;
        }
    }
}

int endpoint_accept(int socket)
{
    int descriptor = accept(socket, NULL, NULL);

    if (descriptor >= 0 && !set_flags(descriptor)) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}
