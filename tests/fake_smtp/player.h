/*
 * Plays the actions of a rule, one after the other, as the connection can take them.
 */
#ifndef TESTS_FAKE_SMTP_PLAYER_H
#define TESTS_FAKE_SMTP_PLAYER_H

#include "base/text.h"
#include "script.h"

struct connection;

struct player {
    bool is_playing;
    const struct action *actions;
    size_t count, next;
    int64_t due;      /* of what comes next; 0: at once */
    struct text text; /* what is being said */
    size_t said;      /* of it */
    uint64_t again;   /* how often the whole text is still to be said */
    unsigned code;    /* of the first line that was said, 0: none */
    bool is_default;  /* a handshake goes on */
    bool keeps_input;
    bool stays;
};

void player_init(struct player *player);
void player_release(struct player *player);

/* The pace that holds where no rule says otherwise. */
void player_reset_pace(struct connection *connection);

/* Begins a rule; NULL is what a sane server does. */
void player_start(struct connection *connection, const struct rule *rule, int64_t now);

/* Plays on. True when all is said and has gone out. */
bool player_run(struct connection *connection, int64_t now);

#endif
