/*
 * The rules that tell the class of a bounce from the words of the refusal.
 *
 * Words win over codes: rules stand in the order in which they are asked, the first that holds
 * decides; what only codes tell stands last. The user's file is read first, share/bounce-rules.conf
 * after it. All phrases of all rules are found in one pass over the text (Aho-Corasick); there is
 * no regular expression.
 *
 *     # a comment
 *     [blocked]
 *     spamhaus: spamhaus | sbl & listed => Spamhaus
 *     [bad-mailbox]
 *     unknown-user: no such user | user ... unknown
 *         | unknown recipient
 *     by-code: {status 5.1.1 5.1.0} & !{at outlook.com}
 *
 *     rule      = name ":" condition [ "=>" blocklist ]; a line that begins with a blank goes on
 *     condition = term *( "&" term )
 *     term      = [ "!" ] ( words / test )
 *     words     = phrase-in-order *( "|" phrase-in-order )
 *     order     = phrase *( "..." phrase )       each within 100 octets behind the one before
 *     phrase    = whole words, any case; "*" before or behind it: a part of a word will do
 *     test      = "{code" 1*( 550 / 5xx ) "}" / "{status" 1*( 5.7.1 / 4.7.x ) "}" /
 *                 "{at" 1*provider "}"            as bounce_provider_of_host() names them
 *
 * The condition `never` holds never: with it a user's file turns a shipped rule off, for a rule of
 * a later file whose id is known already is passed over. The id of a rule is CLASS.NAME, with the
 * class as the section writes it. Within one file an id stands once.
 */
#ifndef COMMON_MAIL_BOUNCE_RULES_H
#define COMMON_MAIL_BOUNCE_RULES_H

#include "base/arena.h"
#include "mail/bounce_class.h"
#include "mail/bounce_reply.h"

/* Bounds of one file and of all. */
#define BOUNCE_RULES_TEXT_MAX (512 * 1024)
#define BOUNCE_RULES_MAX 4000
#define BOUNCE_RULES_PHRASES_MAX 16000

struct bounce_rule {
    const char *id; /* "blocked.spamhaus" */
    enum bounce_class class;
    const char *blocklist; /* the name that it gives, or NULL */
    const char *file;
    size_t line;
    struct bounce_term *terms;
    size_t term_count;
    size_t words_needed; /* terms of words that have to be found */
    bool is_never;
};

struct bounce_automaton;
struct bounce_scratch;

/* The zero value holds no rule, and classifies all as unknown. */
struct bounce_rules {
    struct arena *arena;
    struct bounce_rule *rules;
    size_t count, capacity;
    unsigned files;
    size_t file_start; /* the first rule of the file that is read */
    struct bounce_automaton *automaton;
    struct bounce_scratch *scratch; /* of one classification; so one thread at a time */
};

struct bounce_rules_error {
    size_t line;       /* 0: the whole file */
    char message[512]; /* "file:line: what is wrong", not escaped */
};

void bounce_rules_init(struct bounce_rules *rules, struct arena *arena);

/* Reads a file behind those read before. `text` is copied, `file` is kept. False on the first
 * error; the rules are then not fit for use. */
bool bounce_rules_read(struct bounce_rules *rules, struct slice text, const char *file,
                       struct bounce_rules_error *error);

/* Once, after the last file and before the first question. */
void bounce_rules_compile(struct bounce_rules *rules);

#define BOUNCE_BLOCKLIST_SIZE 64

struct bounce_verdict {
    enum bounce_class class;
    bool is_hard;
    const struct bounce_rule *rule;        /* which fired, or NULL: none */
    char blocklist[BOUNCE_BLOCKLIST_SIZE]; /* "Spamhaus", "bl.example.org"; "": none is named */
};

/* Tells the class of a refusal. Codes that the reply does not have are looked for in its text. */
void bounce_rules_classify(struct bounce_rules *rules, const struct bounce_reply *reply,
                           struct bounce_verdict *verdict);

#endif
