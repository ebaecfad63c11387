/*
 * The server: takes connections and lets each have its dialogue.
 */
#ifndef TESTS_FAKE_SMTP_SERVER_H
#define TESTS_FAKE_SMTP_SERVER_H

#include "connection.h"

/* Most connections at one time; others wait in the kernel's queue. */
#define SERVER_CONNECTIONS_MAX 256

/* Serves until `stop` is readable. The listeners are open. False when the transcript could not be
 * written. */
bool server_run(struct service *service, int stop);

#endif
