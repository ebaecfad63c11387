/* The sockets of a channel: c-ares reads and writes stubs, the wire has the real messages. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/memory.h"
#include "mail/dns_wire.h"
#include "net/dns_channel_internal.h"

#define RECEIVE_BUFFER (1 << 20)

static ares_socket_t open_socket(int domain, int type, int protocol, void *context)
{
    struct dns_channel *channel = context;
    int size = RECEIVE_BUFFER;
    int descriptor = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (descriptor >= 0 && !channel->tcp) {
        /* Less than wished for will do. */
        (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    return descriptor;
}

static int close_socket(ares_socket_t descriptor, void *context)
{
    struct dns_channel *channel = context;
    for (struct dns_attempt *attempt = channel->attempts; attempt != NULL;
         attempt = attempt->next) {
        if (attempt->descriptor == descriptor) {
            attempt->descriptor = -1;
        }
    }
    return close(descriptor);
}

static int connect_socket(ares_socket_t descriptor, const struct sockaddr *address,
                          ares_socklen_t length, void *context)
{
    (void)context;
    return connect(descriptor, address, length);
}

static bool is_for_later(int error)
{
    return error == EAGAIN || error == ENOBUFS;
}

/* A datagram that the kernel has no room for is one that was lost: it is sent again. */
static bool send_once(const struct dns_attempt *attempt)
{
    return send(attempt->descriptor, attempt->query, attempt->query_length, MSG_NOSIGNAL) >= 0 ||
           is_for_later(errno);
}

/* The first may but fetch the error that an earlier datagram has met. The second meets it anew, and
 * who reads next learns of it for all questions on the socket. */
static bool send_datagram(const struct dns_attempt *attempt)
{
    return send_once(attempt) || (errno == ECONNREFUSED && send_once(attempt));
}

static bool send_stream(const struct dns_attempt *attempt)
{
    uint8_t framed[DNS_TCP_PREFIX + DNS_QUERY_MAX];
    framed[0] = (uint8_t)(attempt->query_length >> 8);
    framed[1] = (uint8_t)(attempt->query_length & 0xFF);
    memcpy(framed + DNS_TCP_PREFIX, attempt->query, attempt->query_length);
    size_t length = DNS_TCP_PREFIX + attempt->query_length;
    ssize_t sent = send(attempt->descriptor, framed, length, MSG_NOSIGNAL);
    if (sent >= 0 && (size_t)sent < length) {
        errno = EPIPE; /* it is the first on its connection, which has room for a thousand */
    }
    return sent == (ssize_t)length;
}

/* What c-ares writes is a stub; its id is that of the question. */
static ares_ssize_t send_vector(ares_socket_t descriptor, const struct iovec *vector, int count,
                                void *context)
{
    struct dns_channel *channel = context;
    struct dns_attempt *attempt = channel->tcp ? channel->attempts : channel->sending;
    size_t id_at = channel->tcp ? DNS_TCP_PREFIX : 0;
    if (attempt == NULL || count != 1 || vector->iov_len < id_at + sizeof(uint16_t)) {
        errno = EPIPE;
        return -1;
    }
    memcpy(attempt->query, (const uint8_t *)vector->iov_base + id_at, sizeof(uint16_t));
    attempt->descriptor = descriptor;
    /* What is lost while c-ares reads is sent again, and meets the same error then. */
    bool is_sent =
        channel->tcp ? send_stream(attempt) : send_datagram(attempt) || channel->is_reading;
    return is_sent ? (ares_ssize_t)vector->iov_len : -1;
}

static struct dns_attempt *find_asker(const struct dns_channel *channel, const uint8_t *message,
                                      size_t length)
{
    struct dns_attempt *attempt = channel->attempts;
    while (attempt != NULL &&
           (attempt->is_whole ||
            !dns_stub_is_answer(attempt->query, attempt->query_length, message, length))) {
        attempt = attempt->next;
    }
    return attempt;
}

static size_t show_stub(struct dns_attempt *attempt, uint8_t stub[static DNS_STUB_MAX])
{
    attempt->is_whole = true;
    attempt->channel->has_read = true;
    size_t length = dns_stub_make(attempt->query, attempt->query_length, stub);
    dns_stub_answer(stub);
    return length;
}

/* What is nobody's answer is as if it had not come. */
static ares_ssize_t receive_datagram(struct dns_channel *channel, int descriptor, uint8_t *buffer,
                                     size_t size, struct sockaddr *address,
                                     ares_socklen_t *address_size)
{
    ares_socklen_t room = address_size != NULL ? *address_size : 0;
    for (unsigned i = 0; i < DNS_CHANNEL_QUESTIONS; i++) {
        ares_socklen_t used = room;
        ssize_t got = recvfrom(descriptor, buffer, size, MSG_TRUNC, address,
                               address_size != NULL ? &used : NULL);
        if (got < 0) {
            return got;
        }
        size_t length = (size_t)got < size ? (size_t)got : size;
        struct dns_attempt *attempt = find_asker(channel, buffer, length);
        if (attempt != NULL && size >= DNS_STUB_MAX) {
            if ((size_t)got > size) {
                dns_wire_set_truncated(buffer, length);
            }
            attempt->message = memory_new(length, 1);
            attempt->length = length;
            memcpy(attempt->message, buffer, length);
            if (address_size != NULL) {
                *address_size = used;
            }
            return (ares_ssize_t)show_stub(attempt, buffer);
        }
    }
    errno = EAGAIN;
    return -1;
}

/* Reads until the message is whole. What recv() said when it is not yet. */
static ssize_t read_message(struct dns_channel *channel, int descriptor,
                            struct dns_attempt *attempt)
{
    for (;;) {
        bool is_prefix = channel->got < DNS_TCP_PREFIX;
        uint8_t *to = is_prefix ? channel->prefix + channel->got
                                : attempt->message + (channel->got - DNS_TCP_PREFIX);
        size_t whole = DNS_TCP_PREFIX + (is_prefix ? 0 : attempt->length);
        ssize_t got = recv(descriptor, to, whole - channel->got, 0);
        if (got <= 0) {
            return got;
        }
        channel->got += (size_t)got;
        if (channel->got < whole) {
            continue;
        }
        if (!is_prefix) {
            return got;
        }
        attempt->length = (size_t)channel->prefix[0] << 8 | channel->prefix[1];
        if (attempt->length == 0) {
            errno = EBADMSG;
            return -1;
        }
        attempt->message = memory_new(attempt->length, 1);
    }
}

static ares_ssize_t receive_stream(struct dns_channel *channel, int descriptor, uint8_t *buffer,
                                   size_t size)
{
    struct dns_attempt *attempt = channel->attempts;
    if (attempt == NULL) {
        return recv(descriptor, buffer, size, 0); /* most likely its end */
    }
    if (!attempt->is_whole) {
        ssize_t got = read_message(channel, descriptor, attempt);
        if (got <= 0) {
            return got;
        }
        if (!dns_stub_is_answer(attempt->query, attempt->query_length, attempt->message,
                                attempt->length)) {
            errno = EBADMSG;
            return -1;
        }
        size_t length = show_stub(attempt, channel->shown + DNS_TCP_PREFIX);
        channel->shown[0] = (uint8_t)(length >> 8);
        channel->shown[1] = (uint8_t)(length & 0xFF);
        channel->shown_length = DNS_TCP_PREFIX + length;
    }
    size_t left = channel->shown_length - channel->shown_at;
    size_t given = left < size ? left : size;
    memcpy(buffer, channel->shown + channel->shown_at, given);
    channel->shown_at += given;
    channel->has_read = given > 0;
    if (given == 0) {
        errno = EAGAIN;
        return -1;
    }
    return (ares_ssize_t)given;
}

static ares_ssize_t receive_from(ares_socket_t descriptor, void *buffer, size_t size, int flags,
                                 struct sockaddr *address, ares_socklen_t *address_size,
                                 void *context)
{
    struct dns_channel *channel = context;
    (void)flags;
    return channel->tcp
               ? receive_stream(channel, descriptor, buffer, size)
               : receive_datagram(channel, descriptor, buffer, size, address, address_size);
}

void dns_channel_resend(struct dns_channel *channel, const void *context)
{
    for (const struct dns_attempt *attempt = channel->attempts; attempt != NULL;
         attempt = attempt->next) {
        if (attempt->context == context && attempt->descriptor >= 0 && !channel->tcp) {
            (void)send_datagram(attempt);
        }
    }
}

void dns_channel_socket_set(struct dns_channel *channel)
{
    static const struct ares_socket_functions functions = {
        .asocket = open_socket,
        .aclose = close_socket,
        .aconnect = connect_socket,
        .arecvfrom = receive_from,
        .asendv = send_vector,
    };
    ares_set_socket_functions(channel->ares, &functions, channel);
}
