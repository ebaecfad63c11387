/*
 * The server: takes queries, lets the script answer, and sends the answers when their time has
 * come.
 */
#ifndef TESTS_FAKE_DNS_SERVER_H
#define TESTS_FAKE_DNS_SERVER_H

#include "endpoint.h"
#include "query_log.h"
#include "script.h"

/* Serves until `stop` is readable. The endpoints are open, in the order of the script's listeners.
 * False when the log could not be written. */
bool server_run(struct script *script, const struct endpoint *endpoints, size_t endpoint_count,
                struct query_log *log, int stop);

#endif
