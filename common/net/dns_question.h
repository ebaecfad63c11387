/*
 * One question of the DNS engine: which server it is sent to and when, and what the messages that
 * come come to. For net/dns.c alone.
 *
 * The resolvers are asked one after the other, the first one first, three times around: T is waited
 * for the answer to a try, 2T in the second round, 4T in the third. An answer to any of the tries
 * is taken until the question's time is over. A server that cannot be reached is passed over at
 * once. FORMERR is asked for again without EDNS (RFC 6891 7), what is truncated by TCP (RFC 7766
 * 5). After the first error message all of them are asked side by side, and the error counts only
 * when none of them has an answer.
 */
#ifndef COMMON_NET_DNS_QUESTION_H
#define COMMON_NET_DNS_QUESTION_H

#include "mail/domain.h"
#include "net/dns.h"
#include "net/dns_channel.h"

struct question {
    struct question *next;                    /* in the list of ready ones, or of unused ones */
    struct question *previous_all, *next_all; /* every question under way, ready or taken */
    struct dns *dns;
    char name[DOMAIN_TEXT_SIZE];
    unsigned type;
    unsigned flags;
    struct endpoint own_server; /* family IP_NONE: the resolvers */
    bool recurse;
    bool no_edns; /* a server has none */
    uint64_t tag;
    int64_t asked;
    uint32_t ms;
    uint8_t *query;
    size_t query_length;
    size_t first;                                  /* which server is asked first */
    unsigned step;                                 /* tries so far */
    int64_t due;                                   /* when the next one is */
    int64_t end;                                   /* when there is none any more */
    struct dns_channel *asked_by[DNS_SERVERS_MAX]; /* the UDP attempt under way at each */
    bool was_asked[DNS_SERVERS_MAX];
    const struct endpoint *tcp_for; /* waits for a connection to this server */
    unsigned open;                  /* attempts under way */
    bool was_silent;                /* a server was, until c-ares gave up */
    bool confirmed;                 /* all resolvers are asked */
    bool is_ready;                  /* the outcome stands: it waits to be taken, or was taken */
    bool is_taken;
    bool tcp;               /* the message came by TCP */
    enum dns_status status; /* when there is no message */
    uint8_t *message;
    size_t length;
};

struct dns {
    struct loop *loop;
    struct dns_channels *channels;
    size_t in_flight;
    int64_t question_us;
    int64_t next_due;    /* the earliest of all questions */
    size_t first;        /* the resolver to ask first: one that answers */
    struct question all; /* head of the ring of questions */
    struct question *first_ready, *last_ready;
    struct question *unused;
    struct question *taken; /* whose answer the caller is reading */
    struct arena scratch;   /* that answer */
    struct dns_answer answer;
    size_t under_way; /* questions without outcome */
    size_t asked;
};

/* The time for a question to `server_count` resolvers when `wanted_us` are wished for (0: no wish).
 */
int64_t dns_question_time(int64_t wanted_us, size_t server_count);

struct question *dns_question_new(struct dns *dns);
void dns_question_recycle(struct question *question);

/* Sends it for the first time. May settle it. */
void dns_question_start(struct question *question);

/* Its outcome stands. */
void dns_question_settle(struct question *question);

/* What became of an attempt of the question `context`. */
dns_channel_done dns_question_on_attempt;

/* Looks after the questions that are due. Returns the moment at which to call again. */
int64_t dns_question_look_after(struct dns *dns);

#endif
