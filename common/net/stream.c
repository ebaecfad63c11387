#include "net/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "net/socket_address.h"

#define PIECE 16384

struct buffer {
    char *octets;
    size_t start, end, capacity;
};

struct stream {
    struct loop *loop;
    stream_changed *changed;
    void *context;
    int descriptor; /* -1: none */
    bool is_connected;
    bool is_finishing, is_finished; /* FIN is to be sent; was sent */
    bool has_ended;                 /* nothing more will come */
    enum stream_failure failure;
    struct stream_target target;
    struct endpoint local;
    struct tls *tls;
    struct buffer input, output;
};

/* ---- buffers */

static size_t buffer_length(const struct buffer *buffer)
{
    return buffer->end - buffer->start;
}

/* Room for `octets` behind the end. */
static char *buffer_room(struct buffer *buffer, size_t octets)
{
    if (buffer->start > 0) {
        memmove(buffer->octets, buffer->octets + buffer->start, buffer_length(buffer));
        buffer->end -= buffer->start;
        buffer->start = 0;
    }
    buffer->octets = memory_grow(buffer->octets, &buffer->capacity, buffer->end + octets, 1);
    return buffer->octets + buffer->end;
}

static void buffer_append(struct buffer *buffer, struct slice octets)
{
    if (octets.length > 0) {
        memcpy(buffer_room(buffer, octets.length), octets.start, octets.length);
        buffer->end += octets.length;
    }
}

static void buffer_drop(struct buffer *buffer, size_t octets)
{
    size_t length = buffer_length(buffer);
    buffer->start += octets < length ? octets : length;
}

static struct slice buffer_slice(const struct buffer *buffer)
{
    if (buffer->octets == NULL) {
        return SLICE_LITERAL("");
    }
    return slice_new(buffer->octets + buffer->start, buffer_length(buffer));
}

/* ---- failures */

static enum stream_failure failure_of(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return STREAM_REFUSED;
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
        return STREAM_RESET;
    case ETIMEDOUT:
        return STREAM_TIMED_OUT;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
        return STREAM_UNREACHABLE;
    case ENOENT:
    case ENOTDIR:
    case ENOTSOCK:
    case EPROTOTYPE:
        return STREAM_NO_FILE;
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EINVAL:
        return STREAM_NO_SOURCE;
    case EACCES:
    case EPERM:
        return STREAM_NO_PERMISSION;
    default:
        return STREAM_NO_RESOURCE;
    }
}

static void watch(struct stream *stream);

static void end(struct stream *stream, enum stream_failure failure)
{
    if (stream->failure == STREAM_FINE) {
        stream->failure = failure;
    }
    stream->has_ended = true;
    if (stream->tls != NULL) {
        tls_feed_end(stream->tls);
    }
}

/* ---- connecting */

static bool open_socket(struct stream *stream, int family)
{
    static const int ON = 1;
    stream->descriptor = socket(family, SOCK_STREAM, 0);
    if (stream->descriptor < 0) {
        end(stream, failure_of(errno));
        return false;
    }
    int flags = fcntl(stream->descriptor, F_GETFL);
    if (flags < 0 || fcntl(stream->descriptor, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(stream->descriptor, F_SETFD, FD_CLOEXEC) != 0) {
        end(stream, STREAM_NO_RESOURCE);
        return false;
    }
    if (family != AF_UNIX) {
        setsockopt(stream->descriptor, IPPROTO_TCP, TCP_NODELAY, &ON, sizeof ON);
    }
    return true;
}

static bool bind_source(struct stream *stream, const struct stream_target *target)
{
    union socket_address address;
    struct endpoint source = {.address = target->source};
    if (target->source.family == IP_NONE) {
        return true;
    }
    if (target->path != NULL || target->source.family != target->endpoint.address.family) {
        end(stream, STREAM_NO_SOURCE);
        return false;
    }
    socklen_t length = socket_address_set(&address, &source);
    if (bind(stream->descriptor, &address.any, length) != 0) {
        end(stream, failure_of(errno));
        return false;
    }
    return true;
}

static void queue_proxy_header(struct stream *stream, const union socket_address *peer)
{
    char header[PROXY_HEADER_SIZE];
    const struct stream_target *target = &stream->target;
    struct endpoint source = target->proxy_source;
    struct endpoint destination = target->proxy_destination;
    if (source.address.family == IP_NONE) {
        source = stream->local;
    }
    if (destination.address.family == IP_NONE) {
        destination = socket_address_get(&peer->any);
    }
    size_t length = proxy_header_print(target->proxy, &source, &destination, header);
    buffer_append(&stream->output, slice_new(header, length));
}

static void flush(struct stream *stream);

static void connected(struct stream *stream)
{
    union socket_address address = {.any = {.sa_family = AF_UNSPEC}};
    socklen_t length = sizeof address;
    stream->is_connected = true;
    if (getsockname(stream->descriptor, &address.any, &length) == 0) {
        stream->local = socket_address_get(&address.any);
    }
    address.any.sa_family = AF_UNSPEC;
    length = sizeof address;
    if (getpeername(stream->descriptor, &address.any, &length) != 0) {
        address.any.sa_family = AF_UNSPEC;
    }
    queue_proxy_header(stream, &address);
    flush(stream);
}

static void start(struct stream *stream, const struct stream_target *target)
{
    union socket_address address;
    socklen_t length = target->path != NULL ? socket_address_set_path(&address, target->path)
                                            : socket_address_set(&address, &target->endpoint);
    if (length == 0) {
        end(stream, STREAM_NO_FILE);
        return;
    }
    if (!open_socket(stream, address.any.sa_family) || !bind_source(stream, target)) {
        return;
    }
    int outcome = connect(stream->descriptor, &address.any, length);
    if (outcome == 0) {
        connected(stream);
    } else if (errno == EAGAIN) { /* the queue of a Unix socket is full */
        end(stream, STREAM_REFUSED);
    } else if (errno != EINPROGRESS && errno != EINTR) {
        end(stream, failure_of(errno));
    }
}

/* ---- octets */

static void flush(struct stream *stream)
{
    struct buffer *output = &stream->output;
    while (buffer_length(output) > 0 && !stream->is_finished) {
        struct slice left = buffer_slice(output);
        ssize_t sent = send(stream->descriptor, left.start, left.length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0) {
            if (errno != EAGAIN) {
                /* What the peer said before it went stays to be read. */
                output->start = output->end;
                stream->is_finished = true;
            }
            return;
        }
        buffer_drop(output, (size_t)sent);
    }
    if (stream->is_finishing && !stream->is_finished && buffer_length(output) == 0) {
        shutdown(stream->descriptor, SHUT_WR);
        stream->is_finished = true;
    }
}

/* What TLS wants to send goes to the output. */
static void drain_tls(struct stream *stream)
{
    char piece[PIECE];
    size_t length;
    while ((length = tls_drain(stream->tls, piece, sizeof piece)) > 0) {
        buffer_append(&stream->output, slice_new(piece, length));
    }
    flush(stream);
}

static void pull_tls(struct stream *stream)
{
    tls_advance(stream->tls);
    while (buffer_length(&stream->input) < STREAM_INPUT_MAX) {
        size_t room = STREAM_INPUT_MAX - buffer_length(&stream->input);
        room = room < PIECE ? room : PIECE;
        size_t length = tls_read(stream->tls, buffer_room(&stream->input, room), room);
        if (length == 0) {
            break;
        }
        stream->input.end += length;
    }
    drain_tls(stream);
    const struct tls_facts *facts = tls_facts(stream->tls);
    if (facts->closed_cleanly) {
        end(stream, STREAM_CLOSED);
    } else if (facts->outcome != TLS_PENDING && facts->outcome != TLS_ESTABLISHED) {
        end(stream, facts->outcome == TLS_CUT ? STREAM_CLOSED : STREAM_TLS_FAILED);
    }
}

static void receive(struct stream *stream)
{
    char piece[PIECE];
    size_t room = STREAM_INPUT_MAX - buffer_length(&stream->input);
    if (room == 0) {
        return;
    }
    ssize_t length = recv(stream->descriptor, piece, room < sizeof piece ? room : sizeof piece, 0);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (length > 0 && stream->tls != NULL) {
        tls_feed(stream->tls, slice_new(piece, (size_t)length));
        pull_tls(stream);
    } else if (length > 0) {
        buffer_append(&stream->input, slice_new(piece, (size_t)length));
    } else {
        end(stream, length == 0 ? STREAM_CLOSED : failure_of(errno));
    }
}

static bool finish_connecting(struct stream *stream)
{
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(stream->descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
        error = errno;
    }
    if (error != 0) {
        /* A connection that is refused never was; one that is reset had been accepted, even when
         * both are heard of at once. */
        stream->is_connected = error == ECONNRESET;
        end(stream, failure_of(error));
        return false;
    }
    connected(stream);
    return true;
}

static void on_ready(void *context, int descriptor, unsigned events)
{
    struct stream *stream = context;
    (void)descriptor;
    if (stream->is_connected || finish_connecting(stream)) {
        if ((events & LOOP_READ) != 0 && !stream->has_ended) {
            receive(stream);
        }
        if (stream->descriptor >= 0) {
            flush(stream);
        }
    }
    watch(stream);
    stream->changed(stream->context);
}

static void watch(struct stream *stream)
{
    unsigned events = 0;
    if (stream->descriptor < 0) {
        return;
    }
    if (!stream->is_connected) {
        events = stream->has_ended ? 0 : LOOP_WRITE;
    } else {
        bool has_room = buffer_length(&stream->input) < STREAM_INPUT_MAX;
        bool has_output = buffer_length(&stream->output) > 0 && !stream->is_finished;
        events = (!stream->has_ended && has_room ? (unsigned)LOOP_READ : 0) |
                 (has_output ? (unsigned)LOOP_WRITE : 0);
    }
    loop_watch(stream->loop, stream->descriptor, events, on_ready, stream);
}

/* ---- what others call */

struct stream *stream_open(struct loop *loop, const struct stream_target *target,
                           stream_changed *changed, void *context)
{
    struct stream *stream = memory_new(1, sizeof *stream);
    stream->loop = loop;
    stream->changed = changed;
    stream->context = context;
    stream->descriptor = -1;
    stream->target = *target;
    stream->target.path = NULL;
    start(stream, target);
    watch(stream);
    return stream;
}

void stream_close(struct stream *stream)
{
    if (stream == NULL) {
        return;
    }
    if (stream->descriptor >= 0) {
        loop_watch(stream->loop, stream->descriptor, 0, NULL, NULL);
        close(stream->descriptor);
    }
    tls_free(stream->tls);
    free(stream->input.octets);
    free(stream->output.octets);
    free(stream);
}

void stream_reset(struct stream *stream)
{
    static const struct linger AT_ONCE = {.l_onoff = 1, .l_linger = 0};
    if (stream != NULL && stream->descriptor >= 0) {
        setsockopt(stream->descriptor, SOL_SOCKET, SO_LINGER, &AT_ONCE, sizeof AT_ONCE);
    }
    stream_close(stream);
}

bool stream_is_connected(const struct stream *stream)
{
    return stream->is_connected;
}

enum stream_failure stream_failure(const struct stream *stream)
{
    return stream->failure;
}

struct endpoint stream_local(const struct stream *stream)
{
    return stream->local;
}

struct slice stream_input(const struct stream *stream)
{
    return buffer_slice(&stream->input);
}

void stream_consume(struct stream *stream, size_t octets)
{
    buffer_drop(&stream->input, octets);
    if (stream->tls != NULL && !stream->has_ended) {
        pull_tls(stream); /* what had no room before */
    }
    watch(stream);
}

bool stream_send(struct stream *stream, struct slice octets)
{
    if (!stream->is_connected || stream->is_finishing ||
        buffer_length(&stream->output) + octets.length > STREAM_OUTPUT_MAX) {
        return false;
    }
    if (stream->tls != NULL) {
        if (!tls_write(stream->tls, octets)) {
            return false;
        }
        drain_tls(stream);
    } else {
        buffer_append(&stream->output, octets);
        flush(stream);
    }
    watch(stream);
    return true;
}

void stream_start_tls(struct stream *stream, struct tls *tls)
{
    stream->tls = tls;
    pull_tls(stream);
    watch(stream);
}

const struct tls_facts *stream_tls(const struct stream *stream)
{
    return stream->tls != NULL ? tls_facts(stream->tls) : NULL;
}

void stream_finish(struct stream *stream)
{
    if (!stream->is_connected || stream->is_finishing) {
        return;
    }
    if (stream->tls != NULL) {
        tls_finish(stream->tls);
        drain_tls(stream);
    }
    stream->is_finishing = true;
    flush(stream);
    watch(stream);
}

const char *stream_failure_text(enum stream_failure failure)
{
    static const char *const TEXTS[] = {
        [STREAM_FINE] = "no failure",
        [STREAM_CLOSED] = "connection closed by the server",
        [STREAM_RESET] = "connection reset by the server",
        [STREAM_REFUSED] = "connection refused",
        [STREAM_UNREACHABLE] = "host or network unreachable",
        [STREAM_TIMED_OUT] = "connection timed out",
        [STREAM_NO_FILE] = "no such socket",
        [STREAM_TLS_FAILED] = "TLS failed",
        [STREAM_NO_SOURCE] = "the source address cannot be used",
        [STREAM_NO_PERMISSION] = "this host does not permit the connection",
        [STREAM_NO_RESOURCE] = "this host cannot open the connection",
    };
    return TEXTS[failure];
}

bool stream_failure_is_ours(enum stream_failure failure)
{
    return failure >= STREAM_NO_SOURCE;
}
