#include "net/dns.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "mail/dns_wire.h"
#include "mail/domain.h"
#include "net/dns_channel.h"

struct question {
    struct question *next;                    /* in the list of ready ones, or of unused ones */
    struct question *previous_all, *next_all; /* every question under way, ready or taken */
    struct dns *dns;
    char name[DOMAIN_TEXT_SIZE];
    unsigned type;
    unsigned flags;
    struct endpoint server; /* family IP_NONE: the resolvers */
    bool recurse;
    uint64_t tag;
    int64_t asked;
    uint32_t ms;
    unsigned open; /* attempts under way */
    bool is_ready; /* the outcome stands: it waits to be taken, or was taken */
    bool is_taken;
    bool confirmed;         /* the other resolvers were asked */
    bool tcp;               /* the message came by TCP */
    enum dns_status status; /* when there is no message */
    uint8_t *message;
    size_t length;
};

struct dns {
    struct loop *loop;
    struct dns_channels *channels;
    size_t in_flight;
    struct question all; /* head of the ring of questions */
    struct question *first_ready, *last_ready;
    struct question *unused;
    struct question *taken; /* whose answer the caller is reading */
    struct arena scratch;   /* that answer */
    struct dns_answer answer;
    size_t under_way; /* questions without outcome */
    size_t asked;
};

static void on_attempt(void *context, struct dns_channel *channel, enum dns_status failure,
                       const uint8_t *message, size_t length);

struct dns *dns_open(const struct dns_options *options, struct loop *loop, char error[static 128])
{
    struct dns_channels *channels = dns_channels_new(loop, options->servers, options->server_count,
                                                     options->question_us, on_attempt, error);
    if (channels == NULL) {
        return NULL;
    }
    struct dns *dns = memory_new(1, sizeof *dns);
    dns->loop = loop;
    dns->channels = channels;
    size_t room = dns_channels_room(channels);
    dns->in_flight = options->in_flight > 0 ? options->in_flight : DNS_IN_FLIGHT;
    dns->in_flight = dns->in_flight < room ? dns->in_flight : room;
    dns->all.next_all = dns->all.previous_all = &dns->all;
    return dns;
}

static struct question *question_new(struct dns *dns)
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

static void question_recycle(struct question *question)
{
    free(question->message);
    question->message = NULL;
    question->previous_all->next_all = question->next_all;
    question->next_all->previous_all = question->previous_all;
    question->next = question->dns->unused;
    question->dns->unused = question;
}

void dns_abandon(struct dns *dns)
{
    dns_channels_cancel(dns->channels);
    while (dns->all.next_all != &dns->all) {
        question_recycle(dns->all.next_all);
    }
    dns->first_ready = dns->last_ready = dns->taken = NULL;
    dns->under_way = 0;
}

void dns_close(struct dns *dns)
{
    if (dns == NULL) {
        return;
    }
    dns_abandon(dns);
    dns_channels_free(dns->channels);
    while (dns->unused != NULL) {
        struct question *question = dns->unused;
        dns->unused = question->next;
        free(question);
    }
    arena_release(&dns->scratch);
    free(dns);
}

const struct endpoint *dns_servers(const struct dns *dns, size_t *count)
{
    return dns_channels_servers(dns->channels, count);
}

size_t dns_asked(const struct dns *dns)
{
    return dns->asked;
}

size_t dns_under_way(const struct dns *dns)
{
    return dns->under_way;
}

bool dns_has_room(const struct dns *dns)
{
    return dns->under_way < dns->in_flight;
}

static void settle(struct dns *dns, struct question *question)
{
    question->is_ready = true;
    question->ms = (uint32_t)((clock_now() - question->asked) / 1000);
    question->next = NULL;
    if (dns->first_ready == NULL) {
        dns->first_ready = question;
    } else {
        dns->last_ready->next = question;
    }
    dns->last_ready = question;
    dns->under_way--;
}

static void start_attempt(struct dns *dns, struct question *question, const struct endpoint *server,
                          bool tcp)
{
    bool authoritative = question->server.address.family != IP_NONE && !question->recurse;
    struct dns_channel *channel = dns_channels_pick(dns->channels, server, tcp, authoritative);
    question->open++;
    if (channel == NULL) {
        question->open--;
        question->status = DNS_NO_RESOLVER;
        settle(dns, question);
        return;
    }
    dns_channel_send(channel, question->name, question->type, question->flags, question);
}

/* An error message that another resolver may know better: this one failed, or will not serve us. */
static bool is_worth_confirming(const struct dns *dns, const struct question *question)
{
    size_t server_count;
    dns_channels_servers(dns->channels, &server_count);
    return !question->confirmed && server_count > 1 && question->server.address.family == IP_NONE;
}

static void confirm(struct dns *dns, struct question *question)
{
    size_t server_count;
    const struct endpoint *servers = dns_channels_servers(dns->channels, &server_count);
    question->confirmed = true;
    question->open++; /* an attempt may fail at once: it is not the last one before all were made */
    for (size_t i = 0; i < server_count && !question->is_ready; i++) {
        start_attempt(dns, question, &servers[i], false);
    }
    question->open--;
    if (question->open == 0 && !question->is_ready) {
        settle(dns, question);
    }
}

static void keep_message(struct question *question, const uint8_t *message, size_t length, bool tcp)
{
    free(question->message);
    question->message = memory_new(length, 1);
    memcpy(question->message, message, length);
    question->length = length;
    question->tcp = tcp;
}

/* What one attempt came to. The first real answer is the outcome; without one, the first error
 * message is, when the last attempt has ended. */
static void weigh(struct dns *dns, struct question *question, bool tcp, enum dns_status status,
                  const uint8_t *message, size_t length)
{
    bool is_answer = false;
    if (message != NULL) {
        unsigned rcode;
        bool has_records = dns_wire_status(message, length, &status, &rcode);
        is_answer = has_records || dns_status_is_answer(status);
    }
    if (is_answer || (message != NULL && question->message == NULL)) {
        keep_message(question, message, length, tcp);
    } else if (message == NULL && tcp) {
        question->status = DNS_TRUNCATED;
    } else if (message == NULL && status != DNS_PENDING) {
        question->status = status;
    }
    if (is_answer) {
        settle(dns, question);
    } else if (message != NULL && is_worth_confirming(dns, question)) {
        confirm(dns, question);
    } else if (question->open == 0) {
        settle(dns, question);
    }
}

static void on_attempt(void *context, struct dns_channel *channel, enum dns_status failure,
                       const uint8_t *message, size_t length)
{
    struct question *question = context;
    struct dns *dns = question->dns;
    bool tcp = dns_channel_is_tcp(channel);
    question->open--;
    if (question->is_ready) {
        if (question->is_taken && question->open == 0) {
            question_recycle(question);
        }
    } else if (message != NULL && !tcp && dns_wire_is_truncated(message, length)) {
        start_attempt(dns, question, dns_channel_server(channel), true);
    } else {
        weigh(dns, question, tcp, failure, message, length);
    }
}

/* Never asked for, RFC 7686 2. */
static bool is_onion(const char *name, size_t length)
{
    static const char zone[] = ".onion";
    size_t zone_length = sizeof zone - 1;
    length -= length > 0 && name[length - 1] == '.' ? 1 : 0;
    return length >= zone_length &&
           strncasecmp(name + length - zone_length, zone, zone_length) == 0;
}

void dns_ask(struct dns *dns, const char *name, unsigned type, unsigned flags,
             const struct endpoint *server, uint64_t tag)
{
    struct question *question = question_new(dns);
    question->type = type;
    question->flags = flags & ~(unsigned)DNS_RECURSE;
    question->recurse = (flags & DNS_RECURSE) != 0;
    question->tag = tag;
    question->asked = clock_now();
    if (server != NULL) {
        question->server = *server;
    }
    dns->asked++;
    dns->under_way++;
    size_t length = strlen(name);
    if (length >= sizeof question->name) {
        question->status = DNS_BAD_NAME;
        settle(dns, question);
        return;
    }
    memcpy(question->name, name, length + 1);
    if (is_onion(name, length)) {
        question->status = DNS_NXDOMAIN;
        settle(dns, question);
        return;
    }
    start_attempt(dns, question, server, false);
}

bool dns_wait_until(struct dns *dns, struct deadline deadline, struct deadline wake)
{
    struct deadline until = wake.at < deadline.at ? wake : deadline;
    while (dns->first_ready == NULL) {
        /* Past the deadline the network is not read any more: where answers never cease to come,
         * it would never be over. */
        if (deadline_left(deadline) == 0 || (dns->under_way == 0 && until.at == deadline.at)) {
            return false;
        }
        struct deadline tick = {dns_channels_tick(dns->channels)};
        if (dns->first_ready != NULL) {
            break;
        }
        loop_once(dns->loop, tick.at < until.at && dns->under_way > 0 ? tick : until);
        if (dns->first_ready == NULL && deadline_left(until) == 0) {
            return until.at < deadline.at;
        }
    }
    return true;
}

bool dns_wait(struct dns *dns, struct deadline deadline)
{
    return dns_wait_until(dns, deadline, deadline);
}

static void release_taken(struct dns *dns)
{
    struct question *last = dns->taken;
    dns->taken = NULL;
    if (last != NULL) {
        last->is_taken = true;
        if (last->open == 0) {
            question_recycle(last);
        }
        arena_release(&dns->scratch);
    }
}

bool dns_take(struct dns *dns, struct dns_taken *taken)
{
    release_taken(dns);
    struct question *question = dns->first_ready;
    if (question == NULL) {
        return false;
    }
    dns->first_ready = question->next;
    dns->taken = question;
    dns->answer = (struct dns_answer){
        .name = question->name,
        .type = question->type,
        .status = question->status,
        .ms = question->ms,
        .tcp = question->tcp,
    };
    if (question->message != NULL) {
        dns_wire_decode(&dns->scratch, question->name, question->type, question->message,
                        question->length, &dns->answer);
    }
    *taken = (struct dns_taken){question->tag, &dns->answer};
    return true;
}

static void ask_missing(struct dns *dns, struct dns_answers *answers)
{
    struct dns_question question;
    while (dns_has_room(dns) && dns_answers_take_missing(answers, &question)) {
        dns_ask(dns, question.name, question.type, question.flags, NULL, question.index);
    }
}

static bool has_questions(const struct dns *dns)
{
    return dns->under_way > 0 || dns->first_ready != NULL;
}

bool dns_fetch_missing_until(struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                             struct deadline wake)
{
    bool has_time = deadline_left(deadline) > 0;
    bool is_wanted = has_questions(dns) || dns_answers_missing_count(answers) > 0;
    if (has_time) {
        ask_missing(dns, answers);
    }
    while (has_questions(dns) && dns_wait_until(dns, deadline, wake)) {
        struct dns_taken taken;
        if (dns->first_ready == NULL) {
            return true;
        }
        while (dns_take(dns, &taken)) {
            dns_answers_settle(answers, taken.tag, taken.answer);
        }
        ask_missing(dns, answers);
    }
    dns_abandon(dns);
    return has_time && is_wanted;
}

bool dns_fetch_missing(struct dns *dns, struct dns_answers *answers, struct deadline deadline)
{
    return dns_fetch_missing_until(dns, answers, deadline, deadline);
}
