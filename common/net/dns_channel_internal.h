/*
 * A channel from within, and what it holds. For dns_channel.c and dns_channel_socket.c alone.
 */
#ifndef COMMON_NET_DNS_CHANNEL_INTERNAL_H
#define COMMON_NET_DNS_CHANNEL_INTERNAL_H

#include <sys/select.h> /* fd_set, which <ares.h> needs */

#include <ares.h>

#include "net/dns_channel.h"
#include "net/dns_stub.h"

/* A question, with an OPT record without options (RFC 6891 6.1.2). */
#define DNS_QUERY_MAX (DNS_STUB_MAX + 11)
/* RFC 1035 4.2.2 */
#define DNS_TCP_PREFIX 2

/* One question that c-ares holds. */
struct dns_attempt {
    struct dns_attempt *next;
    struct dns_channel *channel;
    void *context;
    int descriptor; /* that it was sent on, -1 when that is closed */
    bool is_whole;  /* the message has come */
    uint8_t *message;
    size_t length;
    size_t query_length;
    uint8_t query[DNS_QUERY_MAX]; /* begins with the id that c-ares goes by */
};

struct dns_channel {
    struct dns_channels *owner;
    struct dns_channel *next;
    ares_channel ares;
    struct endpoint server;
    bool tcp;
    bool is_used;       /* took a question */
    bool has_timed_out; /* a question */
    bool has_read;      /* gave c-ares something to read */
    bool is_reading;    /* c-ares is, and up to 1.34.5 must not lose its socket meanwhile */
    size_t under_way;
    struct dns_attempt *attempts; /* the oldest first, which is answered first most often */
    struct dns_attempt **last;    /* where the next one goes */
    struct dns_attempt *sending;  /* which is being handed to c-ares */
    /* TCP: what was read of the message, prefix included; the stub to show for it. */
    uint8_t prefix[DNS_TCP_PREFIX];
    size_t got;
    uint8_t shown[DNS_TCP_PREFIX + DNS_STUB_MAX];
    size_t shown_length, shown_at;
};

/* c-ares gets its stubs through functions of ours. Before the first question. */
void dns_channel_socket_set(struct dns_channel *channel);

#endif
