/*
 * DNS transport: c-ares channels. For net/dns.c alone, which makes questions with an outcome of
 * what is here attempts: one question, to one server, by UDP or TCP.
 *
 * A channel is one server with one socket. By UDP it takes at most DNS_CHANNEL_QUESTIONS questions
 * at a time: more answers at once than that overrun a socket's default receive buffer. By TCP it
 * takes one question in its life. dns_channels_pick finds one with room or makes it.
 *
 * c-ares keeps the sockets, the ids and the time; what goes over the wire does not pass through it
 * (net/dns_channel_socket.c): it is shown stubs (net/dns_stub.h). So questions of any name are
 * asked as they are and answers come as they were sent, with every c-ares alike. What differs
 * between c-ares 1.18 and 1.34, and so has no say:
 *
 *     names      any octets; 1.34 those of host names, "_", "/" and "*" alone
 *     answers    cut at the EDNS size; 1.34 reads them whole before it asks whose they are, one
 *                that it cannot read costs all questions on its socket a try, and it encodes them
 *                anew (the parsing has come by 1.28)
 *     EDNS       FORMERR ends it for the channel; 1.34: for the question, and it adds a cookie
 *                (RFC 7873)
 *     time-outs  the options say them; 1.34 takes them from how fast a server was, too
 *     retries    an answer to an earlier try is taken; 1.34 has closed its socket. So c-ares tries
 *                once, and dns_channel_resend is there
 *     servers    in their order; 1.34: those with fewer failures first (come by 1.28). So a channel
 *                has one
 *     sockets    one for all questions to a server; 1.34.6 makes one for each question after a
 *                time-out. So a channel with a time-out gets no more questions
 *     cache      none; 1.34 has one unless told not to (come by 1.31)
 *     errors     of send() while an answer is read: 1.34.5 and before go on with a socket that they
 *                have closed. So a datagram that cannot be sent then is one that was lost
 *
 * Read in c-ares 1.18.1, 1.34.5 and sources between, of 1.20 and of 1.28 to 1.31, whose calls of
 * the socket functions are those that dns_channel_socket.c expects; run with 1.18 and 1.34.
 *
 * The only module, with dns_channel_socket.c, that includes <ares.h>.
 */
#ifndef COMMON_NET_DNS_CHANNEL_H
#define COMMON_NET_DNS_CHANNEL_H

#include "mail/dns_answer.h"
#include "mail/endpoint.h"
#include "net/loop.h"

#define DNS_SERVERS_MAX 8
#define DNS_CHANNEL_QUESTIONS 250

struct dns_channel;
struct dns_channels;

/* What became of an attempt: a message of any content, whose memory is the callee's to free(), or
 * NULL and how it failed: DNS_PENDING, time-out; DNS_NO_RESOLVER, nothing listens there or there is
 * no way; DNS_TRUNCATED, TCP failed. Not called when the channel is closed. May be called before
 * dns_channel_send returns. */
typedef void dns_channel_done(void *context, struct dns_channel *channel, enum dns_status failure,
                              uint8_t *message, size_t length);

/* Without servers the system's are read. NULL with a message in `error`. */
struct dns_channels *dns_channels_new(struct loop *loop, const struct endpoint *servers,
                                      size_t server_count, dns_channel_done *done,
                                      char error[static 128]);
/* The longest that an attempt may last; before the first one. */
void dns_channels_set_time(struct dns_channels *channels, int64_t attempt_us);
/* Closes all channels; attempts under way are forgotten. */
void dns_channels_free(struct dns_channels *channels);

/* The resolvers, with ports. */
const struct endpoint *dns_channels_servers(const struct dns_channels *channels, size_t *count);

/* Most questions that may be under way at a time so that their sockets, of all resolvers and also
 * when each of them is silent, stay below the limit of open files (RLIMIT_NOFILE). */
size_t dns_channels_room(const struct dns_channels *channels);

/* One more attempt by TCP does not have too many connections open. */
bool dns_channels_has_tcp(const struct dns_channels *channels);

/* A channel to that server. NULL when none can be made. */
struct dns_channel *dns_channels_pick(struct dns_channels *channels, const struct endpoint *server,
                                      bool tcp);
bool dns_channel_is_tcp(const struct dns_channel *channel);
const struct endpoint *dns_channel_server(const struct dns_channel *channel);

/* Sends a message with one question, whose id is given here; `context` goes to the done function,
 * exactly once, unless the channels are closed or cancelled. Only a response with that id and
 * question, from that server, is its answer. */
void dns_channel_send(struct dns_channel *channel, const uint8_t *query, size_t length,
                      void *context);

/* Sends that attempt's message once more, by UDP. Its answer may be one to either. */
void dns_channel_resend(struct dns_channel *channel, const void *context);

/* Lets c-ares handle its time-outs when they are due. Returns the moment at which to call again. */
int64_t dns_channels_tick(struct dns_channels *channels);

/* Forgets all attempts under way. */
void dns_channels_cancel(struct dns_channels *channels);

#endif
