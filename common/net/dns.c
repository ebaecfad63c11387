#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "mail/dns_wire.h"
#include "net/dns_question.h"

struct dns *dns_open(const struct dns_options *options, struct loop *loop, char error[static 128])
{
    struct dns_channels *channels = dns_channels_new(loop, options->servers, options->server_count,
                                                     dns_question_on_attempt, error);
    if (channels == NULL) {
        return NULL;
    }
    struct dns *dns = memory_new(1, sizeof *dns);
    dns->loop = loop;
    dns->channels = channels;
    dns->next_due = INT64_MAX;
    size_t server_count;
    dns_channels_servers(channels, &server_count);
    dns->question_us = dns_question_time(options->question_us, server_count);
    dns_channels_set_time(channels, dns->question_us);
    size_t room = dns_channels_room(channels);
    dns->in_flight = options->in_flight > 0 ? options->in_flight : DNS_IN_FLIGHT;
    dns->in_flight = dns->in_flight < room ? dns->in_flight : room;
    dns->all.next_all = dns->all.previous_all = &dns->all;
    return dns;
}

void dns_abandon(struct dns *dns)
{
    dns_channels_cancel(dns->channels);
    while (dns->all.next_all != &dns->all) {
        dns_question_recycle(dns->all.next_all);
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
    struct question *question = dns_question_new(dns);
    question->type = type;
    question->flags = flags & ~(unsigned)DNS_RECURSE;
    question->recurse = (flags & DNS_RECURSE) != 0;
    question->tag = tag;
    question->asked = clock_now();
    if (server != NULL) {
        question->own_server = *server;
    }
    dns->asked++;
    dns->under_way++;
    size_t length = strlen(name);
    bool fits = length < sizeof question->name;
    if (fits) {
        memcpy(question->name, name, length + 1);
    }
    if (!fits || is_onion(name, length)) {
        question->status = fits ? DNS_NXDOMAIN : DNS_BAD_NAME;
        dns_question_settle(question);
    } else {
        dns_question_start(question);
    }
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
        int64_t due = dns_question_look_after(dns);
        tick.at = due < tick.at ? due : tick.at;
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
            dns_question_recycle(last);
        }
        arena_reset(&dns->scratch);
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
