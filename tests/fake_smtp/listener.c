#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 128

/* The kernel's choice for one address may be taken at another. */
#define PORT_TRIES 200

/* How long a connection of our own may take that fills a queue. */
#define FILL_MS 20

static const char unix_prefix[] = "unix:";

#define UNIX_PREFIX_LENGTH (sizeof(unix_prefix) - 1)

bool listener_parse(struct listener *listener, struct slice text)
{
    *listener = (struct listener){.descriptor = -1};
    memset(listener->fillers, -1, sizeof(listener->fillers));
    if (slice_starts_with(text, unix_prefix)) {
        struct slice path = slice_sub(text, UNIX_PREFIX_LENGTH, text.length);

        if (path.length == 0 || path.length >= sizeof(listener->path))
            return false;
        listener->address.family = AF_UNIX;
        memcpy(listener->path, path.start, path.length);
        snprintf(listener->name, sizeof(listener->name), "%s%s", unix_prefix, listener->path);
        return true;
    }
    if (!address_parse_with_port(&listener->address, text) ||
        !address_is_loopback(&listener->address))
        return false;
    address_print(&listener->address, listener->name);
    return true;
}

bool listener_is(const struct listener *listener, struct slice text)
{
    struct address address;

    if (listener->address.family == AF_UNIX)
        return slice_equals_text(text, "unix") || slice_equals_text(text, listener->name);
    return address_parse(&address, text) && address_equals(&address, &listener->address);
}

void listener_close_all(struct listener *listeners, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct listener *listener = &listeners[i];

        for (size_t k = 0; k < LISTENER_FILLERS; k++) {
            if (listener->fillers[k] >= 0)
                close(listener->fillers[k]);
            listener->fillers[k] = -1;
        }
        if (listener->descriptor < 0)
            continue;
        close(listener->descriptor);
        listener->descriptor = -1;
        if (listener->address.family == AF_UNIX)
            unlink(listener->path);
    }
}

static bool set_flags(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);

    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}

static int open_socket(int family)
{
    int descriptor = socket(family, SOCK_STREAM, 0);

    if (descriptor >= 0 && !set_flags(descriptor)) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

static uint16_t port_of(int descriptor)
{
    union address_socket name;
    socklen_t length = sizeof(name);

    if (getsockname(descriptor, &name.any, &length) != 0)
        return 0;
    return ntohs(name.any.sa_family == AF_INET ? name.v4.sin_port : name.v6.sin6_port);
}

static bool bind_path(const struct listener *listener)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    memcpy(name.sun_path, listener->path, sizeof(name.sun_path));
    return bind(listener->descriptor, (const struct sockaddr *)&name, sizeof(name)) == 0;
}

static bool bind_address(struct listener *listener, uint16_t port)
{
    union address_socket name;
    socklen_t length = address_to_socket(&listener->address, port, &name);
    int yes = 1;

    return setsockopt(listener->descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
           bind(listener->descriptor, &name.any, length) == 0;
}

/* A full queue of connections that nobody takes: the kernel drops what comes then. */
static void fill(struct listener *listener)
{
    union address_socket name;
    socklen_t length = address_to_socket(&listener->address, port_of(listener->descriptor), &name);

    for (size_t i = 0; i < LISTENER_FILLERS; i++) {
        struct pollfd made = {.fd = open_socket(listener->address.family), .events = POLLOUT};

        listener->fillers[i] = made.fd;
        if (made.fd < 0 || connect(made.fd, &name.any, length) == 0)
            continue;
        if (poll(&made, 1, FILL_MS) == 0)
            return;
    }
}

static bool start_listening(struct listener *listener)
{
    switch (listener->state) {
    case LISTENER_REFUSED:
        return true;
    case LISTENER_UNREACHABLE:
        if (listen(listener->descriptor, 0) != 0)
            return false;
        fill(listener);
        return true;
    case LISTENER_OPEN:
        break;
    }
    return listen(listener->descriptor, BACKLOG) == 0;
}

static bool open_listener(struct listener *listener, uint16_t *chosen)
{
    struct address *address = &listener->address;

    listener->descriptor = open_socket(address->family);
    if (listener->descriptor < 0)
        return false;

    bool bound = address->family == AF_UNIX
                     ? bind_path(listener)
                     : bind_address(listener, address->port != 0 ? address->port : *chosen);

    if (!bound) {
        int saved = errno;

        close(listener->descriptor);
        listener->descriptor = -1;
        errno = saved;
        return false;
    }
    if (address->family != AF_UNIX && address->port == 0 && *chosen == 0)
        *chosen = port_of(listener->descriptor);
    return start_listening(listener);
}

static bool try_to_open(struct listener *listeners, size_t count, bool *again, char *message)
{
    uint16_t chosen = 0;

    for (size_t i = 0; i < count; i++) {
        struct listener *listener = &listeners[i];

        if (open_listener(listener, &chosen))
            continue;
        *again = errno == EADDRINUSE && listener->address.family != AF_UNIX &&
                 listener->address.port == 0;
        snprintf(message, LISTENER_MESSAGE_SIZE, "cannot listen at %s port %d: %s", listener->name,
                 listener->address.port, strerror(errno));
        listener_close_all(listeners, count);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (listeners[i].address.family != AF_UNIX && listeners[i].address.port == 0)
            listeners[i].address.port = chosen;
    }
    return true;
}

bool listener_open_all(struct listener *listeners, size_t count,
                       char message[static LISTENER_MESSAGE_SIZE])
{
    bool again = true;

    for (int i = 0; i < PORT_TRIES && again; i++) {
        again = false;
        if (try_to_open(listeners, count, &again, message))
            return true;
    }
    return false;
}

uint16_t listener_port(const struct listener *listeners, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (listeners[i].address.family != AF_UNIX)
            return listeners[i].address.port;
    }
    return 0;
}

static void read_peer(const union address_socket *name, struct address *peer)
{
    *peer = (struct address){.family = AF_UNIX};
    if (name->any.sa_family == AF_INET) {
        peer->family = AF_INET;
        peer->length = 4;
        peer->port = ntohs(name->v4.sin_port);
        memcpy(peer->octets, &name->v4.sin_addr, 4);
    } else if (name->any.sa_family == AF_INET6) {
        peer->family = AF_INET6;
        peer->length = 16;
        peer->port = ntohs(name->v6.sin6_port);
        memcpy(peer->octets, &name->v6.sin6_addr, 16);
    }
}

int listener_accept(const struct listener *listener, struct address *peer)
{
    union address_socket name = {.any = {.sa_family = AF_UNIX}};
    socklen_t length = sizeof(name);
    int descriptor = accept(listener->descriptor, &name.any, &length);
    int yes = 1;

    if (descriptor < 0)
        return -1;
    if (!set_flags(descriptor)) {
        close(descriptor);
        return -1;
    }
    read_peer(&name, peer);
    if (peer->family != AF_UNIX)
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    return descriptor;
}
