/*
 * DNS: many questions at once, through c-ares, decoded by mail/dns_wire.
 *
 * Two ways to use it. A plugin with a known set of names fills a store of answers
 * (mail/dns_answer.h) and calls dns_fetch_missing. A plugin with more questions than it wants to
 * keep (65,536 addresses on ten lists) asks and takes one by one:
 *
 *     while (!done) {
 *         while (dns_has_room(dns) && next question) dns_ask(dns, name, type, 0, NULL, tag);
 *         if (!dns_wait(dns, deadline)) break;
 *         while (dns_take(dns, &taken)) ...
 *     }
 *
 * What is promised: EDNS (RFC 6891, 1232 octets), without it where a server has none,
 * retransmission, TCP on truncation (RFC 7766), a budget for each question inside the one deadline,
 * several resolvers: a silent one is passed over by retransmission and then not asked first any
 * more, one that cannot be reached at once, and an answer SERVFAIL, REFUSED, NOTIMP or a referral
 * of one is confirmed by asking the others before it counts. An answer may come as late as the
 * question's budget allows. Names may have any octets. Only an answer from the server asked, with
 * the id and the question sent, is taken.
 *
 * What is done when is net/dns_question.h, transport is net/dns_channel.h.
 */
#ifndef COMMON_NET_DNS_H
#define COMMON_NET_DNS_H

#include "base/arena.h"
#include "base/clock.h"
#include "mail/dns_answer.h"
#include "mail/endpoint.h"
#include "net/loop.h"

struct dns;

struct dns_options {
    const struct endpoint *servers; /* port 0 means 53; none: the system's (resolv.conf) */
    size_t server_count;
    unsigned in_flight; /* most questions under way; 0 means DNS_IN_FLIGHT; fewer where the limit of
                           open files (RLIMIT_NOFILE) has no room for their sockets */
    int64_t question_us; /* microseconds for a question and its retransmissions: one such time for
                            the first way around, one for the confirmation of an error, one by TCP;
                            0 means 5 s; never less than 0.7 s for each resolver */
};
#define DNS_IN_FLIGHT 2000

/* Memory: the engine's own; answers go where the caller says. NULL with a message in `error` when
 * no resolver is configured or c-ares cannot be set up. */
struct dns *dns_open(const struct dns_options *options, struct loop *loop, char error[static 128]);
void dns_close(struct dns *dns);

/* The servers in use, the system's when none was given. */
const struct endpoint *dns_servers(const struct dns *dns, size_t *count);

/* Questions sent so far, retransmissions and confirmations not counted. */
size_t dns_asked(const struct dns *dns);

bool dns_has_room(const struct dns *dns);

/* Asks. `server` NULL means the resolvers; else that one server, without recursion (RD clear): an
 * authoritative one. `tag` comes back with the answer. */
void dns_ask(struct dns *dns, const char *name, unsigned type, unsigned flags,
             const struct endpoint *server, uint64_t tag);

/* Runs the loop until at least one answer can be taken. False when the deadline came first or
 * nothing is under way; what is under way then stays unanswered. */
bool dns_wait(struct dns *dns, struct deadline deadline);

/* As dns_wait, also returning (true) at `wake`, an earlier moment at which the caller wants to ask
 * more. */
bool dns_wait_until(struct dns *dns, struct deadline deadline, struct deadline wake);

/* One answer. Its memory is the engine's and holds until the next dns_take, dns_wait or dns_close.
 */
struct dns_taken {
    uint64_t tag;
    const struct dns_answer *answer;
};
bool dns_take(struct dns *dns, struct dns_taken *taken);

/* Questions without an outcome. */
size_t dns_under_way(const struct dns *dns);

/* What is under way or can be taken is not wanted any more. */
void dns_abandon(struct dns *dns);

/* Asks everything that the store misses, side by side, and settles the answers. Returns true when
 * it settled something (evaluate again), false when nothing was missing or the deadline has come.
 * At the deadline what is under way stays DNS_PENDING. */
bool dns_fetch_missing(struct dns *dns, struct dns_answers *answers, struct deadline deadline);

/* As dns_fetch_missing, also returning (true) at `wake`, an earlier moment at which the caller has
 * something else to do; what is under way then is waited for by the next call. */
bool dns_fetch_missing_until(struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                             struct deadline wake);

#endif
