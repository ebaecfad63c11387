#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "base/memory.h"
#include "base/random.h"
#include "net/dns_channel_internal.h"

#define PORT 53
/* Time-outs are looked for at least this often while something is under way. */
#define TICK_US INT64_C(50000)

/* What the rest of the program may have open besides. */
#define OTHER_DESCRIPTORS 32
/* Of each resolver for DNS_CHANNEL_QUESTIONS questions: one for the questions, one for their
 * confirmation; and the same of channels that get no more questions. */
#define SOCKETS_PER_SERVER 4
/* By TCP at a time, and the part of all descriptors that these may be. */
#define TCP_MAX 64
#define TCP_PART 4

#define IDS_SIZE 256

struct dns_channels {
    struct loop *loop;
    dns_channel_done *done;
    struct dns_channel *first;
    struct endpoint servers[DNS_SERVERS_MAX];
    size_t server_count;
    int64_t attempt_us;
    int64_t next_tick;
    uint8_t ids[IDS_SIZE]; /* drawn ahead: a call of the kernel for each would cost as much as to
                              send */
    size_t ids_left;
    size_t tcp_max, tcp_count; /* channels by TCP */
    bool has_worn;
};

static void on_ready(void *context, int descriptor, unsigned events)
{
    struct dns_channel *channel = context;
    unsigned reads = 0;
    do {
        channel->has_read = false;
        channel->is_reading = true;
        ares_process_fd(channel->ares, events & LOOP_READ ? descriptor : ARES_SOCKET_BAD,
                        events & LOOP_WRITE ? descriptor : ARES_SOCKET_BAD);
        channel->is_reading = false;
    } while (channel->has_read && ++reads < DNS_CHANNEL_QUESTIONS);
}

static void on_socket(void *context, ares_socket_t descriptor, int readable, int writable)
{
    struct dns_channel *channel = context;
    unsigned events = (readable ? (unsigned)LOOP_READ : 0) | (writable ? (unsigned)LOOP_WRITE : 0);
    loop_watch(channel->owner->loop, descriptor, events, on_ready, channel);
}

static bool same_server(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && ip_equal(&a->address, &b->address);
}

static struct endpoint with_port(const struct endpoint *server)
{
    struct endpoint whole = *server;
    whole.port = whole.port == 0 ? PORT : whole.port;
    return whole;
}

/* Each once: a question knows its attempts by the server. */
static void add_server(struct dns_channels *channels, const struct endpoint *server)
{
    struct endpoint whole = with_port(server);
    for (size_t i = 0; i < channels->server_count; i++) {
        if (same_server(&channels->servers[i], &whole)) {
            return;
        }
    }
    channels->servers[channels->server_count++] = whole;
}

static struct ares_addr_port_node server_node(const struct endpoint *server)
{
    int port = (int)server->port;
    struct ares_addr_port_node node = {.udp_port = port, .tcp_port = port};
    node.family = server->address.family == IP_V4 ? AF_INET : AF_INET6;
    if (server->address.family == IP_V4) {
        memcpy(&node.addr.addr4, server->address.bytes, 4);
    } else {
        memcpy(&node.addr.addr6, server->address.bytes, 16);
    }
    return node;
}

static bool set_server(ares_channel ares, const struct endpoint *server)
{
    struct ares_addr_port_node node = server_node(server);
    return ares_set_servers_ports(ares, &node) == ARES_SUCCESS;
}

/* c-ares with everything said, so that it has no reason to read the system's files, except for the
 * servers when there are none yet. */
static int channel_init(struct dns_channel *channel, bool with_system_servers)
{
    static char lookups[] = "b";
    struct ares_options options = {
        .flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_STAYOPEN | ARES_FLAG_IGNTC |
                 (channel->tcp ? ARES_FLAG_USEVC : 0),
        .timeout = (int)(channel->owner->attempt_us / 1000),
        .tries = 1,
        .ndots = 1,
        .sock_state_cb = on_socket,
        .sock_state_cb_data = channel,
        .lookups = lookups,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
               ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS | ARES_OPT_SORTLIST |
               (with_system_servers ? 0 : ARES_OPT_SERVERS);
#ifdef ARES_OPT_MAXTIMEOUTMS
    /* Without it no try is longer than 5 s, nor shorter than 250 ms, with c-ares 1.34. */
    options.maxtimeout = options.timeout;
    mask |= ARES_OPT_MAXTIMEOUTMS;
#endif
#ifdef ARES_OPT_QUERY_CACHE
    mask |= ARES_OPT_QUERY_CACHE; /* of 0 seconds */
#endif
    int status = ares_init_options(&channel->ares, &options, mask);
    if (status == ARES_ENOMEM) {
        memory_exhausted();
    }
    if (status == ARES_SUCCESS) {
        dns_channel_socket_set(channel);
    }
    return status;
}

static struct dns_channel *channel_new(struct dns_channels *channels, const struct endpoint *server,
                                       bool tcp)
{
    struct dns_channel *channel = memory_new(1, sizeof *channel);
    channel->owner = channels;
    channel->last = &channel->attempts;
    channel->tcp = tcp;
    channel->server = *server;
    if (channel_init(channel, false) != ARES_SUCCESS) {
        free(channel);
        return NULL;
    }
    if (!set_server(channel->ares, server)) {
        memory_exhausted();
    }
    channels->tcp_count += tcp ? 1 : 0;
    channel->next = channels->first;
    channels->first = channel;
    return channel;
}

static bool is_worn(const struct dns_channel *channel)
{
    return channel->has_timed_out || (channel->tcp && channel->is_used);
}

struct dns_channel *dns_channels_pick(struct dns_channels *channels, const struct endpoint *server,
                                      bool tcp)
{
    struct endpoint wanted = with_port(server);
    for (struct dns_channel *channel = channels->first; channel != NULL; channel = channel->next) {
        if (channel->tcp == tcp && channel->under_way < DNS_CHANNEL_QUESTIONS &&
            !is_worn(channel) && same_server(&channel->server, &wanted)) {
            return channel;
        }
    }
    return channel_new(channels, &wanted, tcp);
}

bool dns_channel_is_tcp(const struct dns_channel *channel)
{
    return channel->tcp;
}

const struct endpoint *dns_channel_server(const struct dns_channel *channel)
{
    return &channel->server;
}

static void read_system_servers(struct dns_channels *channels, ares_channel ares)
{
    struct ares_addr_port_node *nodes = NULL;
    if (ares_get_servers_ports(ares, &nodes) != ARES_SUCCESS) {
        return;
    }
    for (const struct ares_addr_port_node *node = nodes;
         node != NULL && channels->server_count < DNS_SERVERS_MAX; node = node->next) {
        struct endpoint server = {.port = (unsigned)node->udp_port};
        if (node->family == AF_INET) {
            server.address.family = IP_V4;
            memcpy(server.address.bytes, &node->addr.addr4, 4);
        } else {
            server.address.family = IP_V6;
            memcpy(server.address.bytes, &node->addr.addr6, 16);
        }
        add_server(channels, &server);
    }
    ares_free_data(nodes);
}

static bool find_system_servers(struct dns_channels *channels, char error[static 128])
{
    struct dns_channel probe = {.owner = channels};
    int status = channel_init(&probe, true);
    if (status != ARES_SUCCESS) {
        snprintf(error, 128, "cannot read the system's resolvers: %s", ares_strerror(status));
        return false;
    }
    read_system_servers(channels, probe.ares);
    ares_destroy(probe.ares);
    if (channels->server_count == 0) {
        snprintf(error, 128, "no resolver is configured");
    }
    return channels->server_count > 0;
}

/* Of the limit of open files. */
static size_t sockets_allowed(void)
{
    struct rlimit limit;
    rlim_t most = SIZE_MAX / DNS_CHANNEL_QUESTIONS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < most) {
        most = limit.rlim_cur;
    }
    return most > OTHER_DESCRIPTORS ? (size_t)most - OTHER_DESCRIPTORS : 0;
}

struct dns_channels *dns_channels_new(struct loop *loop, const struct endpoint *servers,
                                      size_t server_count, dns_channel_done *done,
                                      char error[static 128])
{
    if (server_count > DNS_SERVERS_MAX) {
        snprintf(error, 128, "%zu resolvers given, at most %d", server_count, DNS_SERVERS_MAX);
        return NULL;
    }
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
        snprintf(error, 128, "c-ares cannot be set up");
        return NULL;
    }
    struct dns_channels *channels = memory_new(1, sizeof *channels);
    channels->loop = loop;
    channels->done = done;
    size_t tcp_share = sockets_allowed() / TCP_PART;
    channels->tcp_max = tcp_share == 0 ? 1 : tcp_share < TCP_MAX ? tcp_share : TCP_MAX;
    for (size_t i = 0; i < server_count; i++) {
        add_server(channels, &servers[i]);
    }
    if (channels->server_count == 0 && !find_system_servers(channels, error)) {
        dns_channels_free(channels);
        return NULL;
    }
    return channels;
}

void dns_channels_set_time(struct dns_channels *channels, int64_t attempt_us)
{
    channels->attempt_us = attempt_us;
}

static void channel_free(struct dns_channel *channel)
{
    channel->owner->tcp_count -= channel->tcp ? 1 : 0;
    ares_destroy(channel->ares);
    free(channel);
}

void dns_channels_free(struct dns_channels *channels)
{
    if (channels == NULL) {
        return;
    }
    while (channels->first != NULL) {
        struct dns_channel *channel = channels->first;
        channels->first = channel->next;
        channel_free(channel);
    }
    free(channels);
    ares_library_cleanup();
}

const struct endpoint *dns_channels_servers(const struct dns_channels *channels, size_t *count)
{
    *count = channels->server_count;
    return channels->servers;
}

size_t dns_channels_room(const struct dns_channels *channels)
{
    size_t sockets = sockets_allowed();
    sockets -= channels->tcp_max < sockets ? channels->tcp_max : sockets;
    size_t groups = sockets / (SOCKETS_PER_SERVER * channels->server_count);
    return (groups > 0 ? groups : 1) * DNS_CHANNEL_QUESTIONS;
}

bool dns_channels_has_tcp(const struct dns_channels *channels)
{
    return channels->tcp_count < channels->tcp_max;
}

static enum dns_status failure_of(const struct dns_channel *channel, int status)
{
    if (channel->tcp) {
        return DNS_TRUNCATED;
    }
    return status == ARES_ECONNREFUSED ? DNS_NO_RESOLVER : DNS_PENDING;
}

static void unlink_attempt(const struct dns_attempt *attempt)
{
    struct dns_channel *channel = attempt->channel;
    struct dns_attempt **link = &channel->attempts;
    while (*link != attempt) {
        link = &(*link)->next;
    }
    *link = attempt->next;
    if (attempt->next == NULL) {
        channel->last = link;
    }
    if (channel->sending == attempt) {
        channel->sending = NULL;
    }
    channel->under_way--;
}

/* The message that c-ares has is a stub. */
static void on_answer(void *context, int status, int timeouts, unsigned char *stub, int stub_length)
{
    (void)timeouts;
    (void)stub;
    (void)stub_length;
    struct dns_attempt *attempt = context;
    struct dns_channel *channel = attempt->channel;
    channel->has_timed_out |= status == ARES_ETIMEOUT;
    channel->owner->has_worn |= is_worn(channel);
    unlink_attempt(attempt);
    if (!attempt->is_whole) {
        free(attempt->message);
        attempt->message = NULL;
    }
    if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) {
        free(attempt->message);
    } else {
        channel->owner->done(attempt->context, channel, failure_of(channel, status),
                             attempt->message, attempt->message == NULL ? 0 : attempt->length);
    }
    free(attempt);
}

static bool has_id(const struct dns_channel *channel, const uint8_t id[static sizeof(uint16_t)])
{
    const struct dns_attempt *attempt = channel->attempts;
    while (attempt != NULL && memcmp(attempt->query, id, sizeof(uint16_t)) != 0) {
        attempt = attempt->next;
    }
    return attempt != NULL;
}

static void draw_id(struct dns_channels *channels, uint8_t id[static sizeof(uint16_t)])
{
    if (channels->ids_left == 0) {
        random_bytes(channels->ids, IDS_SIZE);
        channels->ids_left = IDS_SIZE;
    }
    channels->ids_left -= sizeof(uint16_t);
    memcpy(id, channels->ids + channels->ids_left, sizeof(uint16_t));
}

void dns_channel_send(struct dns_channel *channel, const uint8_t *query, size_t length,
                      void *context)
{
    uint8_t stub[DNS_STUB_MAX];
    struct dns_attempt *attempt = memory_new(1, sizeof *attempt);
    *attempt = (struct dns_attempt){.channel = channel, .context = context, .descriptor = -1};
    attempt->query_length = length < DNS_QUERY_MAX ? length : DNS_QUERY_MAX;
    memcpy(attempt->query, query, attempt->query_length);
    uint8_t id[sizeof(uint16_t)];
    do {
        draw_id(channel->owner, id);
    } while (has_id(channel, id));
    memcpy(attempt->query, id, sizeof id);
    *channel->last = attempt;
    channel->last = &attempt->next;
    channel->under_way++;
    channel->is_used = true;
    size_t stub_length = dns_stub_make(attempt->query, attempt->query_length, stub);
    /* What ends in here may have the done function send the next one. */
    struct dns_attempt *outer = channel->sending;
    channel->sending = attempt;
    ares_send(channel->ares, stub, (int)stub_length, on_answer, attempt);
    channel->sending = outer;
}

static int64_t next_tick(const struct dns_channels *channels, int64_t now)
{
    int64_t nearest = TICK_US;
    for (struct dns_channel *channel = channels->first; channel != NULL; channel = channel->next) {
        struct timeval longest = {.tv_sec = 0, .tv_usec = TICK_US};
        struct timeval space;
        /* c-ares answers with one of the two. */
        const struct timeval *left =
            channel->under_way > 0 ? ares_timeout(channel->ares, &longest, &space) : NULL;
        if (left != NULL) {
            int64_t us = (int64_t)left->tv_sec * 1000000 + left->tv_usec;
            nearest = us < nearest ? us : nearest;
        }
    }
    return now + nearest;
}

/* Not from within c-ares, which may be reading from them. */
static void close_worn(struct dns_channels *channels)
{
    struct dns_channel **link = &channels->first;
    channels->has_worn = false;
    while (*link != NULL) {
        struct dns_channel *channel = *link;
        if (is_worn(channel) && channel->under_way == 0) {
            *link = channel->next;
            channel_free(channel);
        } else {
            channels->has_worn |= is_worn(channel);
            link = &channel->next;
        }
    }
}

int64_t dns_channels_tick(struct dns_channels *channels)
{
    int64_t now = clock_now();
    if (channels->has_worn) {
        close_worn(channels);
    }
    if (now >= channels->next_tick) {
        for (struct dns_channel *channel = channels->first; channel != NULL;
             channel = channel->next) {
            if (channel->under_way > 0) {
                ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
            }
        }
        channels->next_tick = next_tick(channels, now);
    }
    return channels->next_tick;
}

void dns_channels_cancel(struct dns_channels *channels)
{
    for (struct dns_channel *channel = channels->first; channel != NULL; channel = channel->next) {
        ares_cancel(channel->ares);
    }
}
