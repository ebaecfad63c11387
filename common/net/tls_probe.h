/*
 * TLS handshakes with several servers side by side: a connection, a handshake, close_notify, and
 * nothing of what would be spoken over it. RFC 8446, RFC 5246; SNI of RFC 6066 3.
 *
 *     struct tls_probe probe = {.target = target, .host = "www.example.org"};
 *     tls_probe_run(&settings, &probe, 1, deadline);
 *
 * A server that shows nothing within the budget is silent; when the deadline comes before the
 * budget is up nothing is known about it. What the certificate is worth is for the judge: see
 * tls_facts and certificate_match.
 */
#ifndef COMMON_NET_TLS_PROBE_H
#define COMMON_NET_TLS_PROBE_H

#include "net/stream.h"

/* Connections under way at a time. */
#define TLS_PROBE_AT_ONCE 64

enum tls_probe_outcome {
    TLS_PROBE_NOT_ASKED = 0, /* the deadline came first */
    TLS_PROBE_ESTABLISHED,
    TLS_PROBE_NOT_CONNECTED, /* see `failure` and `has_no_route` */
    TLS_PROBE_NO_HANDSHAKE, /* see tls->outcome; TLS_PENDING: the connection ended, see `failure` */
    TLS_PROBE_SILENT,       /* no connection (`tls` is NULL) or no handshake within the budget */
    TLS_PROBE_CUT_SHORT,    /* the deadline came before the budget was up */
};

struct tls_probe {
    /* The question. */
    struct stream_target target;
    const char *host; /* for SNI, normal form */
    /* The answer. */
    enum tls_probe_outcome outcome;
    enum stream_failure failure;
    bool has_no_route;           /* unreachable because this host has no route to it */
    const struct tls_facts *tls; /* NULL: no handshake began */
};

struct tls_probe_settings {
    struct loop *loop;
    struct tls_context *context;
    struct arena *arena; /* of the answers */
    int64_t budget_us;   /* of one connection and its handshake */
};

/* Fills the answers of all probes. Returns at the deadline at the latest. */
void tls_probe_run(const struct tls_probe_settings *settings, struct tls_probe *probes,
                   size_t count, struct deadline deadline);

/* The failure is this host's: nothing is said about the server. */
bool tls_probe_is_ours(const struct tls_probe *probe);

#endif
