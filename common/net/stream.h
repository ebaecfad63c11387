/*
 * One connection, TCP or Unix, with or without TLS, in the loop: never blocks, buffers bounded.
 *
 *     stream = stream_open(loop, &target, changed, context);
 *     if (stream_failure(stream) ...)            it may have failed at once
 *     ... in changed(): stream_input, stream_consume, stream_send ...
 *     stream_close(stream);
 *
 * `changed` is called from the loop alone, never from within a function of this module, after
 * anything happened: connected, octets came, the peer closed, the connection failed. It may close
 * the stream. What came before the end stays readable.
 *
 * How a connection ended is a fact, not an error return: enum stream_failure.
 */
#ifndef COMMON_NET_STREAM_H
#define COMMON_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "mail/endpoint.h"
#include "net/loop.h"
#include "net/proxy_header.h"
#include "net/tls.h"

/* Octets received and not consumed; reading waits when it is full. */
#define STREAM_INPUT_MAX 65536
/* Octets not yet sent. */
#define STREAM_OUTPUT_MAX 65536

enum stream_failure {
    STREAM_FINE = 0,
    STREAM_CLOSED, /* by the peer, in order */
    STREAM_RESET,
    STREAM_REFUSED,
    STREAM_UNREACHABLE, /* no route, network or host unreachable */
    STREAM_TIMED_OUT,   /* the system gave up */
    STREAM_NO_FILE,     /* the Unix socket is not there */
    STREAM_TLS_FAILED,  /* see tls_facts */
    /* Ours: nothing is said about the peer. */
    STREAM_NO_SOURCE,     /* the source address is not this host's, or of the other family */
    STREAM_NO_PERMISSION, /* the system forbids it: packet filter, Unix permissions */
    STREAM_NO_RESOURCE,   /* descriptors, ports, buffers, an address family that is not there */
};
/* "connection refused" */
const char *stream_failure_text(enum stream_failure failure);
/* The failure is this host's. */
bool stream_failure_is_ours(enum stream_failure failure);

struct stream_target {
    struct endpoint endpoint; /* with a port */
    const char *path;         /* a Unix socket instead; NULL: none */
    struct ip_address source; /* IP_NONE: the system's choice */
    enum proxy_version proxy;
    /* For the PROXY header; IP_NONE: the connection's own. */
    struct endpoint proxy_source, proxy_destination;
};

struct stream;
typedef void stream_changed(void *context);

/* Never NULL. `target` is not kept. */
struct stream *stream_open(struct loop *loop, const struct stream_target *target,
                           stream_changed *changed, void *context);
/* In order: FIN behind what was sent. NULL is allowed. */
void stream_close(struct stream *stream);
/* Closes with a reset: the peer sees a broken connection. */
void stream_reset(struct stream *stream);

bool stream_is_connected(const struct stream *stream);
enum stream_failure stream_failure(const struct stream *stream);
/* Our end of the connection; family IP_NONE for Unix sockets and before it is connected. */
struct endpoint stream_local(const struct stream *stream);

/* What came and was not consumed. Valid until the next call. */
struct slice stream_input(const struct stream *stream);
void stream_consume(struct stream *stream, size_t octets);

/* Queues octets. False when they don't fit or there is no connection. */
bool stream_send(struct stream *stream, struct slice octets);

/* From here on, everything goes through TLS. The stream owns `tls`. What came before and was not
 * consumed stays in stream_input: it came in the clear. Consume it first. */
void stream_start_tls(struct stream *stream, struct tls *tls);
/* NULL before stream_start_tls. */
const struct tls_facts *stream_tls(const struct stream *stream);

/* Says that nothing more will be sent: close_notify under TLS, then FIN. Reading goes on. */
void stream_finish(struct stream *stream);

#endif
