/*
 * The TLS handshake of a connection, record by record: before each record of the server's side the
 * script may have a rule.
 */
#ifndef TESTS_FAKE_SMTP_HANDSHAKE_H
#define TESTS_FAKE_SMTP_HANDSHAKE_H

#include "connection.h"

/* What becomes of octets that came before the handshake began. */
enum handshake_input {
    HANDSHAKE_DROPS, /* RFC 3207 4.2 */
    HANDSHAKE_KEEPS, /* they are commands behind it, CVE-2011-0411 */
    HANDSHAKE_TAKES, /* they are its first */
};

void handshake_begin(struct connection *connection, enum handshake_input input, int64_t now);

/* Moves it on. True when there may be more to do; the stage tells how it went. */
bool handshake_advance(struct connection *connection, int64_t now);

/* A rule for a record was played to its end. */
void handshake_rule_ended(struct connection *connection);

#endif
