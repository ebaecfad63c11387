#include "net/dns_question.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "mail/dns_wire.h"

#define QUESTION_US INT64_C(5000000)
#define TRIES 3
#define SHARES 7 /* T, 2T, 4T */
#define SHORTEST_TRY_US INT64_C(100000)
/* RFC 9715 3: no fragments on common paths. */
#define UDP_SIZE 1232
#define RCODE_FORMERR 1
/* A connection that is waited for is looked for so often. */
#define WAIT_US INT64_C(50000)
#define NEVER INT64_MAX

int64_t dns_question_time(int64_t wanted_us, size_t server_count)
{
    int64_t least_us = SHORTEST_TRY_US * SHARES * (int64_t)server_count;
    int64_t us = wanted_us > 0 ? wanted_us : QUESTION_US;
    return us > least_us ? us : least_us;
}

struct question *dns_question_new(struct dns *dns)
{
    struct question *question = dns->unused;
    if (question != NULL) {
        dns->unused = question->next;
        memset(question, 0, sizeof *question);
    } else {
        question = memory_new(1, sizeof *question);
    }
    question->dns = dns;
    question->next_all = &dns->all;
    question->previous_all = dns->all.previous_all;
    question->previous_all->next_all = question;
    dns->all.previous_all = question;
    return question;
}

void dns_question_recycle(struct question *question)
{
    free(question->message);
    free(question->query);
    question->message = NULL;
    question->query = NULL;
    question->previous_all->next_all = question->next_all;
    question->next_all->previous_all = question->previous_all;
    question->next = question->dns->unused;
    question->dns->unused = question;
}

void dns_question_settle(struct question *question)
{
    struct dns *dns = question->dns;
    question->is_ready = true;
    question->ms = (uint32_t)((clock_now() - question->asked) / 1000);
    if (question->status == DNS_NO_RESOLVER && (question->was_silent || question->open > 0)) {
        question->status = DNS_PENDING; /* somebody may be there */
    }
    question->next = NULL;
    if (dns->first_ready == NULL) {
        dns->first_ready = question;
    } else {
        dns->last_ready->next = question;
    }
    dns->last_ready = question;
    dns->under_way--;
}

static void settle_if_last(struct question *question)
{
    if (question->open == 0 && question->tcp_for == NULL && !question->is_ready) {
        dns_question_settle(question);
    }
}

/* ---- to whom */

static bool has_own_server(const struct question *question)
{
    return question->own_server.address.family != IP_NONE;
}

static const struct endpoint *servers_of(const struct question *question, size_t *count)
{
    if (has_own_server(question)) {
        *count = 1;
        return &question->own_server;
    }
    return dns_channels_servers(question->dns->channels, count);
}

static size_t server_count(const struct question *question)
{
    size_t count;
    servers_of(question, &count);
    return count;
}

static size_t server_index(const struct question *question, const struct dns_channel *channel)
{
    size_t count;
    const struct endpoint *servers = servers_of(question, &count);
    const struct endpoint *server = dns_channel_server(channel);
    size_t i = 0;
    while (i + 1 < count &&
           (servers[i].port != server->port || !ip_equal(&servers[i].address, &server->address))) {
        i++;
    }
    return i;
}

/* Who does not even say no is not asked first any more. */
static void prefer(const struct question *question, size_t server)
{
    struct dns *dns = question->dns;
    if (!has_own_server(question) && !question->confirmed && question->first == dns->first) {
        dns->first = server;
    }
}

/* ---- when */

static void schedule(struct question *question, int64_t due)
{
    struct dns *dns = question->dns;
    question->due = due < question->end ? due : question->end;
    dns->next_due = question->due < dns->next_due ? question->due : dns->next_due;
}

/* So long is waited after a try. */
static int64_t try_us(const struct question *question)
{
    unsigned count = question->confirmed ? 1 : (unsigned)server_count(question);
    int64_t shortest = question->dns->question_us / SHARES / count;
    return shortest << (question->step / count);
}

static unsigned tries(const struct question *question)
{
    return question->confirmed ? TRIES : TRIES * (unsigned)server_count(question);
}

/* ---- how */

/* False when the name cannot be put on the wire. */
static bool make_query(struct question *question)
{
    bool no_recursion = has_own_server(question) && !question->recurse;
    unsigned flags = question->no_edns ? question->flags & ~(unsigned)DNS_DNSSEC : question->flags;
    free(question->query);
    question->query = dns_wire_query(question->name, question->type, flags, no_recursion, 0,
                                     question->no_edns ? 0 : UDP_SIZE, &question->query_length);
    return question->query != NULL;
}

static void send_to(struct question *question, size_t server)
{
    size_t count;
    const struct endpoint *servers = servers_of(question, &count);
    struct dns_channel *channel =
        dns_channels_pick(question->dns->channels, &servers[server], false);
    question->was_asked[server] = true;
    if (channel == NULL) {
        question->status = DNS_NO_RESOLVER;
        return;
    }
    question->open++;
    question->asked_by[server] = channel;
    dns_channel_send(channel, question->query, question->query_length, question);
}

static void send_or_resend_to(struct question *question, size_t server)
{
    if (question->asked_by[server] != NULL) {
        dns_channel_resend(question->asked_by[server], question);
    } else if (!question->was_asked[server]) {
        send_to(question, server);
    }
}

/* The server whose turn it is. One that has nothing more to say is passed over. An attempt may fail
 * at once, so it is not the last one before all were made. */
static void ask_next(struct question *question)
{
    size_t count = server_count(question);
    int64_t due = NEVER;
    question->open++;
    while (due == NEVER && question->step < tries(question)) {
        size_t server = (question->first + question->step) % count;
        send_or_resend_to(question, server);
        if (question->asked_by[server] != NULL) {
            due = clock_now() + try_us(question);
        } else {
            question->step++;
        }
    }
    question->open--;
    schedule(question, due);
    settle_if_last(question);
}

static void ask_all(struct question *question)
{
    size_t count = server_count(question);
    question->open++;
    for (size_t i = 0; i < count; i++) {
        send_or_resend_to(question, i);
    }
    question->open--;
    schedule(question, clock_now() + try_us(question));
    settle_if_last(question);
}

static void try_again(struct question *question)
{
    if (question->due >= question->end) {
        dns_question_settle(question);
        return;
    }
    question->step++;
    if (question->step >= tries(question)) {
        schedule(question, question->end);
    } else if (question->confirmed) {
        ask_all(question);
    } else {
        ask_next(question);
    }
}

void dns_question_start(struct question *question)
{
    question->first = has_own_server(question) ? 0 : question->dns->first;
    question->end = question->asked + question->dns->question_us;
    if (!make_query(question)) {
        question->status = DNS_BAD_NAME;
        dns_question_settle(question);
        return;
    }
    ask_next(question);
}

static void start_tcp(struct question *question)
{
    struct dns_channel *channel =
        dns_channels_pick(question->dns->channels, question->tcp_for, true);
    question->tcp_for = NULL;
    if (channel == NULL) {
        question->status = DNS_TRUNCATED;
        dns_question_settle(question);
        return;
    }
    question->open++;
    dns_channel_send(channel, question->query, question->query_length, question);
}

/* As long as a question by UDP, of which no more are sent. */
static void ask_by_tcp(struct question *question, size_t server)
{
    struct dns *dns = question->dns;
    size_t count;
    question->end = question->due = NEVER;
    question->tcp_for = &servers_of(question, &count)[server];
    if (dns_channels_has_tcp(dns->channels)) {
        start_tcp(question);
    } else {
        dns->next_due = 0;
    }
}

/* ---- what it comes to */

/* An error message that another resolver may know better: this one failed, or will not serve us. */
static bool is_worth_confirming(const struct question *question)
{
    return !question->confirmed && server_count(question) > 1;
}

static void confirm(struct question *question)
{
    question->confirmed = true;
    question->step = 0;
    question->end = clock_now() + question->dns->question_us;
    for (size_t i = 0; i < DNS_SERVERS_MAX; i++) {
        question->was_asked[i] = question->asked_by[i] != NULL;
    }
    ask_all(question);
}

/* The first real answer is the outcome; without one, the first error message is, when the last
 * attempt has ended. */
static void weigh(struct question *question, bool tcp, uint8_t *message, size_t length)
{
    enum dns_status status;
    unsigned rcode;
    bool has_records = dns_wire_status(message, length, &status, &rcode);
    bool is_answer =
        has_records || (dns_status_is_answer(status) &&
                        !(status == DNS_NODATA && dns_wire_is_referral(message, length)));
    if (is_answer || question->message == NULL) {
        free(question->message);
        question->message = message;
        question->length = length;
        question->tcp = tcp;
    } else {
        free(message);
    }
    if (is_answer) {
        dns_question_settle(question);
    } else if (is_worth_confirming(question)) {
        confirm(question);
    } else {
        settle_if_last(question);
    }
}

static bool is_format_error(const uint8_t *message, size_t length)
{
    enum dns_status status;
    unsigned rcode;
    return !dns_wire_status(message, length, &status, &rcode) && rcode == RCODE_FORMERR;
}

static void on_message(struct question *question, size_t server, bool tcp, uint8_t *message,
                       size_t length)
{
    prefer(question, server);
    if (is_format_error(message, length) && !question->no_edns) {
        free(message);
        question->no_edns = true;
        make_query(question);
        send_to(question, server);
        settle_if_last(question);
    } else if (!tcp && dns_wire_is_truncated(message, length)) {
        free(message);
        ask_by_tcp(question, server);
    } else {
        weigh(question, tcp, message, length);
    }
}

static void on_failure(struct question *question, enum dns_status failure)
{
    if (failure == DNS_PENDING) {
        question->was_silent = true;
    } else {
        question->status = failure;
    }
    if (failure == DNS_TRUNCATED && !question->confirmed) {
        dns_question_settle(question);
    } else if (!question->confirmed && question->open == 0 && question->tcp_for == NULL) {
        ask_next(question);
    } else {
        settle_if_last(question);
    }
}

void dns_question_on_attempt(void *context, struct dns_channel *channel, enum dns_status failure,
                             uint8_t *message, size_t length)
{
    struct question *question = context;
    bool tcp = dns_channel_is_tcp(channel);
    size_t server = server_index(question, channel);
    question->open--;
    if (tcp) {
        question->dns->next_due = 0; /* another one may have its connection now */
    } else {
        question->asked_by[server] = NULL;
    }
    if (question->is_ready) {
        free(message);
        if (question->is_taken && question->open == 0) {
            dns_question_recycle(question);
        }
    } else if (message != NULL) {
        on_message(question, server, tcp, message, length);
    } else {
        on_failure(question, failure);
    }
}

int64_t dns_question_look_after(struct dns *dns)
{
    int64_t now = clock_now();
    if (now < dns->next_due) {
        return dns->next_due;
    }
    dns->next_due = NEVER;
    for (struct question *question = dns->all.next_all; question != &dns->all;
         question = question->next_all) {
        if (question->is_ready) {
            continue;
        }
        if (question->tcp_for != NULL && dns_channels_has_tcp(dns->channels)) {
            start_tcp(question);
        } else if (question->due <= now) {
            try_again(question);
        }
        int64_t next = question->tcp_for != NULL ? now + WAIT_US : question->due;
        if (!question->is_ready && next < dns->next_due) {
            dns->next_due = next;
        }
    }
    return dns->next_due;
}
