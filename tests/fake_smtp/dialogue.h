/*
 * The dialogue of a connection: what comes after what, from the TCP connection to the end.
 */
#ifndef TESTS_FAKE_SMTP_DIALOGUE_H
#define TESTS_FAKE_SMTP_DIALOGUE_H

#include "connection.h"

/* The connection was just accepted. */
void dialogue_begin(struct connection *connection);

/* Does the next thing that can be done. True when there may be more. */
bool dialogue_advance(struct connection *connection, int64_t now);

#endif
