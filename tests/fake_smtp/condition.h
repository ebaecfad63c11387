/*
 * What stands between brackets on a line of a script: when a rule holds, and how its octets go out.
 *
 * README.md in this folder is the manual of the words.
 */
#ifndef TESTS_FAKE_SMTP_CONDITION_H
#define TESTS_FAKE_SMTP_CONDITION_H

#include "base/slice.h"

#define CONDITION_MESSAGE_SIZE 128

/* What patterns can be for. */
enum condition_text {
    CONDITION_FROM,     /* address of the client */
    CONDITION_SNI,      /* server name of the TLS handshake */
    CONDITION_HELO,     /* argument of the last EHLO, HELO or LHLO */
    CONDITION_SENDER,   /* path of MAIL, "<>" when it is empty */
    CONDITION_TO,       /* path of RCPT */
    CONDITION_ARGUMENT, /* all that follows the verb */
    CONDITION_TEXTS,
};

/* What is known of a connection at the moment when a rule is looked for. */
struct facts {
    struct slice texts[CONDITION_TEXTS];
    size_t listener;
    uint64_t connection; /* of its listener, from 1 */
    uint64_t open;       /* connections from the same address to the same listener, with this one */
    uint64_t errors;     /* replies 4xx and 5xx of the connection */
    uint64_t recipients; /* accepted in this transaction */
    uint64_t record;     /* of TLS, from 1; while the server's side of a handshake goes out */
    bool tls;
    bool early; /* the client has spoken before its turn */
};

enum condition_layer {
    CONDITION_ANY_LAYER,
    CONDITION_TLS,
    CONDITION_CLEAR,
};

/* Who is counted together. */
enum condition_scope {
    CONDITION_ALL,
    CONDITION_EACH,    /* every argument for itself */
    CONDITION_SESSION, /* every connection for itself */
};

/* The zero value always holds. */
struct condition {
    struct slice patterns[CONDITION_TEXTS]; /* start NULL: none */
    enum condition_layer layer;
    bool early;
    uint64_t connection_from, connection_to; /* 0: no limit */
    uint64_t open, errors, recipients;       /* at least so many */
    uint64_t record;
    uint64_t first;  /* holds for so many times; 0: without end */
    uint64_t after;  /* holds when so many times have been */
    uint64_t within; /* holds for so many milliseconds from the first time; 0: without end */
    enum condition_scope scope;
};

/* How the octets of a rule go out. */
struct pace {
    bool has_delay, has_chunk; /* it was said, be it 0 */
    uint64_t delay;            /* milliseconds before the first */
    uint64_t chunk;            /* octets a piece; 0: as many as go */
    uint64_t pause;            /* milliseconds between pieces */
};

struct bracket {
    struct condition condition;
    struct pace pace;
};

/* Reads words into `bracket`, over what is in it. The slices point into `words`. False with the
 * reason in `message`. */
bool bracket_parse(struct bracket *bracket, struct slice words,
                   char message[static CONDITION_MESSAGE_SIZE]);

/* A word that ends at a blank without a backslash before it; *rest is what follows. */
struct slice bracket_word(struct slice *rest);

/* The counts (first, after, within) and the record are not looked at. */
bool condition_fits(const struct condition *condition, const struct facts *facts);

/* The condition counts how often its rule was meant. */
bool condition_counts(const struct condition *condition);

/* The time number `count` that the rule is meant, `milliseconds` after the first. */
bool condition_count_fits(const struct condition *condition, uint64_t count, uint64_t milliseconds);

#endif
