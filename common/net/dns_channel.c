#include "net/dns_channel.h"

#include <sys/select.h> /* fd_set, which <ares.h> needs */

#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/random.h"
#include "mail/dns_wire.h"
#include "net/dns_stub.h"

#define PORT 53
#define QUESTION_US INT64_C(5000000)
#define TRIES 3
/* Over UDP c-ares waits T, 2T, 4T at each server: three tries last 7T. Over TCP it sends once on a
 * connection, and so waits T. */
#define UDP_SHARES 7
#define TCP_SHARES 1
#define SHORTEST_TRY_MS 100
#define RECEIVE_BUFFER (1 << 20)
/* Of a UDP message without EDNS, RFC 1035 4.2.1. */
#define PLAIN_SIZE 512
/* Time-outs are looked for at least this often while something is under way. */
#define TICK_US INT64_C(50000)

/* c-ares 1.34 looks into answers before it asks whose they are: one that it cannot read closes the
 * socket and costs every question on it a try. It takes its time-outs from how fast a server was
 * before, however long a question may last, and encodes answers anew. So it gets of each answer no
 * more than it needs to find the question, and the answer goes past it as it came. */
#if ARES_VERSION >= 0x012200
#define HIDES_ANSWERS 1
#else
#define HIDES_ANSWERS 0
#endif
#define MESSAGE_MAX 65535
#define LEAST_TRY_MS 250
#define RCODE_MASK 0x0F
/* What the header has of BADCOOKIE, RFC 7873 8. */
#define RCODE_COOKIE 7
/* Over TCP nothing is hidden; so many answers and c-ares goes by its own time-outs. */
#define ANSWERS_TO_MEASURE 3

/* What the rest of the program may have open besides. */
#define OTHER_DESCRIPTORS 32
/* Of each resolver for DNS_CHANNEL_QUESTIONS questions: one for the question itself, one for its
 * confirmation, one for TCP. */
#define SOCKETS_PER_SERVER 3

struct dns_channel {
    struct dns_channels *owner;
    struct dns_channel *next;
    ares_channel ares;
    struct endpoint server; /* family IP_NONE: all resolvers */
    bool tcp;
    bool no_recursion;
    size_t under_way;
    size_t answered;
};

struct dns_channels {
    struct loop *loop;
    dns_channel_done *done;
    struct dns_channel *first;
    struct endpoint servers[DNS_SERVERS_MAX];
    size_t server_count;
    int64_t question_us;
    int64_t next_tick;
    uint8_t *hidden; /* the answer that c-ares is being told of, and where it ends */
    size_t hidden_length;
    bool is_hiding; /* a datagram was read */
};

/* One question that c-ares holds. */
struct attempt {
    struct dns_channel *channel;
    void *context;
};

static void on_ready(void *context, int descriptor, unsigned events)
{
    struct dns_channel *channel = context;
    struct dns_channels *channels = channel->owner;
    unsigned datagrams = 0;
    do {
        channels->is_hiding = false;
        channels->hidden_length = 0;
        ares_process_fd(channel->ares, events & LOOP_READ ? descriptor : ARES_SOCKET_BAD,
                        events & LOOP_WRITE ? descriptor : ARES_SOCKET_BAD);
    } while (channels->is_hiding && ++datagrams < DNS_CHANNEL_QUESTIONS);
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

static bool set_servers(ares_channel ares, const struct endpoint *servers, size_t count)
{
    struct ares_addr_port_node nodes[DNS_SERVERS_MAX];
    for (size_t i = 0; i < count; i++) {
        nodes[i] = server_node(&servers[i]);
        nodes[i].next = i + 1 < count ? &nodes[i + 1] : NULL;
    }
    return ares_set_servers_ports(ares, nodes) == ARES_SUCCESS;
}

/* So that all tries at all servers of the channel last as long as a question may. */
static int try_milliseconds(const struct dns_channel *channel)
{
    const struct dns_channels *channels = channel->owner;
    bool is_shared = channel->server.address.family == IP_NONE && channels->server_count > 0;
    int64_t servers = is_shared ? (int64_t)channels->server_count : 1;
    int64_t shares = channel->tcp ? TCP_SHARES : UDP_SHARES;
    int64_t milliseconds = channels->question_us / 1000 / shares / servers;
    return milliseconds < SHORTEST_TRY_MS ? SHORTEST_TRY_MS : (int)milliseconds;
}

#if HIDES_ANSWERS

/* Keeps the answer and leaves a stub. Returns its length, 0 when there is no question in it. */
static size_t hide_answer(uint8_t *message, size_t length, struct dns_channels *channels)
{
    if (length > MESSAGE_MAX) {
        return 0;
    }
    memcpy(channels->hidden, message, length);
    channels->hidden_length = length;
    /* BADCOOKIE: c-ares sends cookies (RFC 7873), not over TCP. */
    if (length > 3 && (message[3] & RCODE_MASK) == RCODE_COOKIE) {
        dns_wire_set_truncated(channels->hidden, length);
    }
    return dns_stub_make(message, length);
}

static ares_socket_t open_socket(int domain, int type, int protocol, void *context)
{
    (void)context;
    return socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

static int close_socket(ares_socket_t descriptor, void *context)
{
    (void)context;
    return close(descriptor);
}

static int set_socket(ares_socket_t descriptor, ares_socket_opt_t option, const void *value,
                      ares_socklen_t size, void *context)
{
    (void)context;
    if (option != ARES_SOCKET_OPT_RECVBUF_SIZE) {
        errno = ENOSYS; /* what c-ares can do without */
        return -1;
    }
    return setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, value, size);
}

static int connect_socket(ares_socket_t descriptor, const struct sockaddr *address,
                          ares_socklen_t length, unsigned flags, void *context)
{
    (void)flags;
    (void)context;
    return connect(descriptor, address, length);
}

static ares_ssize_t send_to(ares_socket_t descriptor, const void *buffer, size_t length, int flags,
                            const struct sockaddr *address, ares_socklen_t address_length,
                            void *context)
{
    (void)context;
    return sendto(descriptor, buffer, length, flags | MSG_NOSIGNAL, address, address_length);
}

static ares_ssize_t receive_from(ares_socket_t descriptor, void *buffer, size_t length, int flags,
                                 struct sockaddr *address, ares_socklen_t *address_length,
                                 void *context)
{
    struct dns_channel *channel = context;
    struct dns_channels *channels = channel->owner;
    ares_ssize_t got = recvfrom(descriptor, buffer, length, flags, address, address_length);
    if (got < 0 || channel->tcp) {
        return got;
    }
    channels->is_hiding = true;
    size_t question = hide_answer(buffer, (size_t)got, channels);
    if (question == 0) {
        errno = EAGAIN; /* of no question: as if nothing had come */
        return -1;
    }
    return (ares_ssize_t)question;
}

static void set_socket_functions(struct dns_channel *channel)
{
    /* Without ARES_SOCKFUNC_FLAG_NONBLOCKING it reads one datagram at a time. */
    static const struct ares_socket_functions_ex functions = {
        .version = 1,
        .asocket = open_socket,
        .aclose = close_socket,
        .asetsockopt = set_socket,
        .aconnect = connect_socket,
        .arecvfrom = receive_from,
        .asendto = send_to,
    };
    if (ares_set_socket_functions_ex(channel->ares, &functions, channel) != ARES_SUCCESS) {
        memory_exhausted();
    }
}

#else

static void set_socket_functions(struct dns_channel *channel)
{
    (void)channel;
}

#endif

/* c-ares with everything said, so that it has no reason to read the system's files, except for the
 * servers when there are none yet. Truncation is handled by net/dns.c, which so knows when TCP was
 * what failed. */
static int channel_init(struct dns_channel *channel, bool with_system_servers)
{
    static char lookups[] = "b";
    struct ares_options options = {
        .flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_STAYOPEN | ARES_FLAG_IGNTC | ARES_FLAG_EDNS |
                 (channel->tcp ? ARES_FLAG_USEVC : 0) |
                 (channel->no_recursion ? ARES_FLAG_NORECURSE : 0),
        .timeout = try_milliseconds(channel),
        .tries = HIDES_ANSWERS && channel->tcp ? 1 : TRIES,
        .ndots = 1,
        .ednspsz = DNS_UDP_SIZE,
        .socket_receive_buffer_size = RECEIVE_BUFFER,
        .sock_state_cb = on_socket,
        .sock_state_cb_data = channel,
        .lookups = lookups,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
               ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_RCVBUF | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS |
               ARES_OPT_DOMAINS | ARES_OPT_SORTLIST | (with_system_servers ? 0 : ARES_OPT_SERVERS);
#if HIDES_ANSWERS
    /* It waits LEAST_TRY_MS, unless less is the most: then each try lasts that long. */
    if (options.timeout < LEAST_TRY_MS) {
        options.timeout =
            options.timeout * (channel->tcp ? TCP_SHARES : UDP_SHARES) / options.tries;
        options.maxtimeout = options.timeout;
        mask |= ARES_OPT_MAXTIMEOUTMS;
    }
#endif
#ifdef ARES_OPT_QUERY_CACHE
    mask |= ARES_OPT_QUERY_CACHE; /* of 0 seconds */
#endif
    int status = ares_init_options(&channel->ares, &options, mask);
    if (status == ARES_ENOMEM) {
        memory_exhausted();
    }
    if (status == ARES_SUCCESS) {
        set_socket_functions(channel);
    }
    return status;
}

static struct dns_channel *channel_new(struct dns_channels *channels, const struct endpoint *server,
                                       bool tcp, bool no_recursion)
{
    struct dns_channel *channel = memory_new(1, sizeof *channel);
    channel->owner = channels;
    channel->tcp = tcp;
    channel->no_recursion = no_recursion;
    channel->server = *server;
    if (channel_init(channel, false) != ARES_SUCCESS) {
        free(channel);
        return NULL;
    }
    bool is_set = server->address.family != IP_NONE
                      ? set_servers(channel->ares, server, 1)
                      : set_servers(channel->ares, channels->servers, channels->server_count);
    if (!is_set) {
        memory_exhausted();
    }
    channel->next = channels->first;
    channels->first = channel;
    return channel;
}

static bool is_worn(const struct dns_channel *channel)
{
    return HIDES_ANSWERS && channel->tcp && channel->answered >= ANSWERS_TO_MEASURE;
}

struct dns_channel *dns_channels_pick(struct dns_channels *channels, const struct endpoint *server,
                                      bool tcp, bool no_recursion)
{
    struct endpoint wanted = {.port = 0};
    if (server != NULL) {
        wanted = with_port(server);
    }
    for (struct dns_channel *channel = channels->first; channel != NULL; channel = channel->next) {
        if (channel->tcp == tcp && channel->no_recursion == no_recursion &&
            channel->under_way < DNS_CHANNEL_QUESTIONS && !is_worn(channel) &&
            same_server(&channel->server, &wanted)) {
            return channel;
        }
    }
    return channel_new(channels, &wanted, tcp, no_recursion);
}

bool dns_channel_is_tcp(const struct dns_channel *channel)
{
    return channel->tcp;
}

const struct endpoint *dns_channel_server(const struct dns_channel *channel)
{
    return channel->server.address.family == IP_NONE ? NULL : &channel->server;
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
        channels->servers[channels->server_count++] = with_port(&server);
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

struct dns_channels *dns_channels_new(struct loop *loop, const struct endpoint *servers,
                                      size_t server_count, int64_t question_us,
                                      dns_channel_done *done, char error[static 128])
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
    channels->question_us = question_us > 0 ? question_us : QUESTION_US;
    channels->hidden = memory_new(MESSAGE_MAX, 1);
    for (size_t i = 0; i < server_count; i++) {
        channels->servers[channels->server_count++] = with_port(&servers[i]);
    }
    if (channels->server_count == 0 && !find_system_servers(channels, error)) {
        dns_channels_free(channels);
        return NULL;
    }
    return channels;
}

void dns_channels_free(struct dns_channels *channels)
{
    if (channels == NULL) {
        return;
    }
    while (channels->first != NULL) {
        struct dns_channel *channel = channels->first;
        channels->first = channel->next;
        ares_destroy(channel->ares);
        free(channel);
    }
    free(channels->hidden);
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
    struct rlimit limit;
    rlim_t most = SIZE_MAX / DNS_CHANNEL_QUESTIONS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < most)
        most = limit.rlim_cur;
    size_t sockets = most > OTHER_DESCRIPTORS ? (size_t)most - OTHER_DESCRIPTORS : 0;
    size_t groups = sockets / (SOCKETS_PER_SERVER * channels->server_count);
    return (groups > 0 ? groups : 1) * DNS_CHANNEL_QUESTIONS;
}

static enum dns_status failure_of(int status)
{
    switch (status) {
    case ARES_EBADNAME:
        return DNS_BAD_NAME;
    case ARES_ECONNREFUSED:
        return DNS_NO_RESOLVER;
    case ARES_EBADRESP:
        return DNS_MALFORMED;
    default:
        return DNS_PENDING;
    }
}

/* c-ares cuts what is longer than the EDNS size, and after one FORMERR from a server without EDNS
 * what is longer than 512 octets, also for questions that said otherwise: that is truncation, too.
 */
static void mark_cut(const struct dns_channel *channel, uint8_t *message, size_t length)
{
    if (!channel->tcp && (length == PLAIN_SIZE || length == DNS_UDP_SIZE) &&
        !dns_wire_is_whole(message, length)) {
        dns_wire_set_truncated(message, length);
    }
}

static void on_answer(void *context, int status, int timeouts, unsigned char *message, int length)
{
    (void)timeouts;
    struct attempt attempt = *(struct attempt *)context;
    free(context);
    attempt.channel->under_way--;
    if (message != NULL) {
        attempt.channel->answered++;
    }
    if (message != NULL && attempt.channel->owner->hidden_length > 0) {
        message = attempt.channel->owner->hidden;
        length = (int)attempt.channel->owner->hidden_length;
    }
    if (message != NULL) {
        mark_cut(attempt.channel, message, (size_t)length);
    }
    if (status != ARES_EDESTRUCTION && status != ARES_ECANCELLED) {
        attempt.channel->owner->done(attempt.context, attempt.channel, failure_of(status), message,
                                     message == NULL ? 0 : (size_t)length);
    }
}

/* c-ares 1.34 takes no other octets than those of host names, "_", "/" and "*". A name that only it
 * does not take gets no answer: nothing is known of it. */
static bool is_odd(const char *name)
{
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             "-._/*")] != '\0';
}

/* c-ares can neither set DO and CD nor read \DDD: such questions are built by ldns. */
static void send_message(struct attempt *attempt, const char *name, unsigned type, unsigned flags)
{
    uint16_t id;
    random_bytes(&id, sizeof id);
    size_t length = 0;
    uint8_t *query = dns_wire_query(name, type, flags, attempt->channel->no_recursion, id,
                                    DNS_UDP_SIZE, &length);
    if (query == NULL) {
        on_answer(attempt, ARES_EBADNAME, 0, NULL, 0);
        return;
    }
    if (HIDES_ANSWERS && is_odd(name)) {
        on_answer(attempt, ARES_EBADQUERY, 0, NULL, 0);
    } else {
        ares_send(attempt->channel->ares, query, (int)length, on_answer, attempt);
    }
    free(query);
}

void dns_channel_send(struct dns_channel *channel, const char *name, unsigned type, unsigned flags,
                      void *context)
{
    struct attempt *attempt = memory_new(1, sizeof *attempt);
    *attempt = (struct attempt){channel, context};
    channel->under_way++;
    if (flags != DNS_PLAIN || is_odd(name)) {
        send_message(attempt, name, type, flags);
    } else {
        ares_query(channel->ares, name[0] == '\0' ? "." : name, ns_c_in, (int)type, on_answer,
                   attempt);
    }
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
    while (*link != NULL) {
        struct dns_channel *channel = *link;
        if (is_worn(channel) && channel->under_way == 0) {
            *link = channel->next;
            ares_destroy(channel->ares);
            free(channel);
        } else {
            link = &channel->next;
        }
    }
}

int64_t dns_channels_tick(struct dns_channels *channels)
{
    int64_t now = clock_now();
    if (now >= channels->next_tick) {
        channels->hidden_length = 0;
        close_worn(channels);
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
