/*
 * DNS transport: c-ares channels. For net/dns.c alone, which makes questions with an outcome of
 * what is here single attempts.
 *
 * A channel is one set of servers with one socket for each, UDP or TCP, with or without recursion,
 * and takes at most DNS_CHANNEL_QUESTIONS questions at a time: more answers at once than that
 * overrun a socket's default receive buffer. dns_channels_pick finds one with room or makes it.
 * c-ares retransmits, passes over silent servers, and takes only an answer from a server asked,
 * with the id and the question sent. c-ares 1.34 and later asks for names of the octets of host
 * names, "_", "/" and "*" alone: others get no answer (DNS_PENDING) there.
 *
 * The only module that includes <ares.h>.
 */
#ifndef COMMON_NET_DNS_CHANNEL_H
#define COMMON_NET_DNS_CHANNEL_H

#include "mail/dns_answer.h"
#include "mail/endpoint.h"
#include "net/loop.h"

#define DNS_SERVERS_MAX 8
#define DNS_CHANNEL_QUESTIONS 250
/* RFC 9715 3: no fragments on common paths. */
#define DNS_UDP_SIZE 1232

struct dns_channel;
struct dns_channels;

/* What became of an attempt: a message of any content, or NULL and how it failed (DNS_PENDING:
 * time-out). Not called when the channel is closed. May be called before dns_channel_send returns.
 */
typedef void dns_channel_done(void *context, struct dns_channel *channel, enum dns_status failure,
                              const uint8_t *message, size_t length);

/* `question_us` is the longest that c-ares may try on one question; with a minimum of 100 ms for
 * each try at each server. Without servers the system's are read. NULL with a message in `error`.
 */
struct dns_channels *dns_channels_new(struct loop *loop, const struct endpoint *servers,
                                      size_t server_count, int64_t question_us,
                                      dns_channel_done *done, char error[static 128]);
/* Closes all channels; questions under way are forgotten. */
void dns_channels_free(struct dns_channels *channels);

/* The resolvers, with ports. */
const struct endpoint *dns_channels_servers(const struct dns_channels *channels, size_t *count);

/* Most questions that may be under way at a time so that their sockets, of all resolvers and also
 * when each of them is silent, stay below the limit of open files (RLIMIT_NOFILE). */
size_t dns_channels_room(const struct dns_channels *channels);

/* A channel to all resolvers (`server` NULL) or to that one server. NULL when none can be made. */
struct dns_channel *dns_channels_pick(struct dns_channels *channels, const struct endpoint *server,
                                      bool tcp, bool no_recursion);
bool dns_channel_is_tcp(const struct dns_channel *channel);
/* The one server of the channel, NULL when it goes to all resolvers. */
const struct endpoint *dns_channel_server(const struct dns_channel *channel);

/* Sends; `context` goes to the done function, exactly once, unless the channels are closed or
 * cancelled. */
void dns_channel_send(struct dns_channel *channel, const char *name, unsigned type, unsigned flags,
                      void *context);

/* Lets c-ares handle its time-outs when they are due. Returns the moment at which to call again. */
int64_t dns_channels_tick(struct dns_channels *channels);

/* Forgets all questions under way. */
void dns_channels_cancel(struct dns_channels *channels);

#endif
