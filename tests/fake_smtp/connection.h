/*
 * One connection to the test server: its socket, its octets in both directions, TLS, and how it
 * ends.
 */
#ifndef TESTS_FAKE_SMTP_CONNECTION_H
#define TESTS_FAKE_SMTP_CONNECTION_H

#include "outlet.h"
#include "player.h"
#include "session.h"
#include "tls.h"
#include "transcript.h"

#define CONNECTION_INPUT_SIZE 16384

/* What the server's side of a handshake may hold back, octets. */
#define CONNECTION_FLIGHT_MAX (1U << 20)

/* What all connections share. */
struct service {
    struct script *script;
    struct transcript *transcript;
    struct tls_store *tls;
    uint64_t latency; /* milliseconds before a reply, where no rule says otherwise */
};

/* What comes next, when nothing is being played. */
enum connection_stage {
    CONNECTION_FREE,
    CONNECTION_PROXY, /* the header of the PROXY protocol */
    CONNECTION_ACCEPTED,
    CONNECTION_HANDSHAKE,
    CONNECTION_SECURED,
    CONNECTION_GREETING,
    CONNECTION_COMMANDS,
    CONNECTION_CLOSING, /* the server has closed: the client's end is waited for, a little */
};

struct connection {
    enum connection_stage stage;
    struct service *service;
    int descriptor;
    struct address peer;
    size_t listener;
    uint64_t number;
    char number_text[24];
    struct transcript_place place;
    struct session session;
    struct command command; /* being answered; its slices point into `line` */
    enum step step;         /* for the transcript: the last one that began */
    struct text line;
    struct player player;
    struct outlet outlet;

    char input[CONNECTION_INPUT_SIZE]; /* plain octets from the client */
    size_t input_length;
    bool skipping;           /* the rest of a line that was too long */
    uint64_t message_octets; /* after DATA */
    bool ended;              /* the client's direction is closed */
    bool notified;           /* close_notify came */
    bool silent;
    bool shut;       /* our direction is closed */
    int64_t linger;  /* when the client's end is no longer waited for */
    bool wants_turn; /* there is more to do at once */

    struct tls_session *tls; /* NULL: none */
    bool secured;            /* the handshake is done */
    bool greets;             /* behind the handshake comes the greeting: implicit TLS */
    struct text flight;      /* records of the handshake that wait for their turn */
    uint64_t record;         /* number of the first of them, from 1 */
    int handshake;           /* tls_session_handshake's last word */

    unsigned line_head; /* of the line that is being said: characters seen, up to 4 */
    char head[4];
    uint64_t final_at; /* outlet.taken behind the first final line of a reply, 0: none yet */
};

/* Takes over an accepted socket. `open` counts the connections from there, with this one. */
void connection_open(struct connection *connection, struct service *service, int descriptor,
                     const struct address *peer, size_t listener, uint64_t number,
                     uint64_t listener_number, uint64_t open);

/* Ends it at once. */
void connection_close(struct connection *connection);

/* Does what can be done now; `events` are those of poll. */
void connection_serve(struct connection *connection, int events, int64_t now);

/* What to poll for, and when to come back at the latest: INT64_MAX for never. */
short connection_events(const struct connection *connection, int64_t now);
int64_t connection_due(const struct connection *connection, int64_t now);

/* Writes a line of the transcript. */
void connection_note(struct connection *connection, const char *kind, enum step step,
                     struct slice text);

/* Notes that the client has said octets before its turn. */
void connection_note_early(struct connection *connection, size_t length);

/* Says octets to the client, through TLS when the handshake is done. At most connection_room. */
size_t connection_room(const struct connection *connection);
void connection_say(struct connection *connection, struct slice octets);

/* What was said up to now contains a whole reply, and it has gone out. */
bool connection_has_replied(const struct connection *connection);

/* The server's ways out. The outlet is empty. */
void connection_finish(struct connection *connection, bool notify, int64_t now);
void connection_half_close(struct connection *connection);
void connection_reset(struct connection *connection);

#endif
