/*
 * What check_recipient remembers from one run to the next: who was greylisted and when to come
 * again, how often a server was connected to, so that many runs together stay below the limits of
 * the server, and what was answered. Pure.
 *
 * Lines of the state file, fields separated by one tab:
 *
 *     greylisted  ADDRESS  SINCE  DUE  COUNT
 *     connected   SERVER  TIME
 *     answer      ADDRESS  TIME  HOST  SERVER  VERB  CODE  TEXT
 *     control     DOMAIN  TIME  HOST  SERVER  VERB  CODE  TEXT  NOBODY
 *
 * SERVER is "192.0.2.25:25". NOBODY is the local part that was asked about, which nobody has.
 */
#ifndef PLUGINS_RECIPIENT_MEMORY_H
#define PLUGINS_RECIPIENT_MEMORY_H

#include "base/arena.h"
#include "base/text.h"
#include "net/smtp.h"

#define RECIPIENT_MEMORY_KIND "recipient 1"
/* Connections are counted over so many seconds: ten minutes, and one more, for the server has a
 * clock of its own and counts both ends. */
#define RECIPIENT_MEMORY_WINDOW 660
#define RECIPIENT_MEMORY_TEXT_MAX 200
#define RECIPIENT_MEMORY_COUNT_MAX 1000000
#define RECIPIENT_MEMORY_LINES_MAX 20000

/* Of a greylisted address. */
struct recipient_wait {
    const char *key; /* NULL: nothing */
    int64_t since;   /* wall clock of the first time */
    int64_t due;     /* not to be asked before */
    unsigned count;
};

/* An earlier reply. */
struct recipient_past {
    const char *key;    /* the address; of a control the domain. NULL: nothing */
    const char *nobody; /* of a control; NULL: of an address */
    int64_t at;         /* wall clock */
    const char *host, *server;
    struct smtp_entry entry; /* verb, code, status and text */
};

struct recipient_connection {
    const char *server;
    int64_t at;
};

struct recipient_memory {
    struct recipient_wait *waits;
    size_t wait_count;
    struct recipient_past *pasts;
    size_t past_count;
    struct recipient_connection *connections;
    size_t connection_count, connection_capacity;
};

/* Returns 0, or the number of the first line that is bad; then the memory is empty. What stands
 * behind RECIPIENT_MEMORY_LINES_MAX lines is forgotten: many checks that share a file may write
 * more in a day. */
size_t recipient_memory_parse(struct arena *arena, struct slice lines,
                              struct recipient_memory *memory);

/* Appends the lines of what still counts at `now`: a week of waits, a day of replies, the
 * connections of the window, which stand first. What is a minute or more in the future is dropped:
 * a clock was wrong.
 */
void recipient_memory_print(const struct recipient_memory *memory, int64_t now, struct text *out);

/* Connections to the server that count at `now`. */
size_t recipient_memory_connections(const struct recipient_memory *memory, const char *server,
                                    int64_t now);
void recipient_memory_connect(struct recipient_memory *memory, struct arena *arena,
                              const char *server, int64_t now);

#endif
