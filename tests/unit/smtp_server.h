/*
 * A server for tests that plays one script for each connection, in a thread of its own, on a free
 * port of 127.0.0.1 or a Unix socket. A script has one action a line:
 *
 *     S TEXT      sends TEXT and CRLF         s TEXT   sends TEXT as it is
 *     B TEXT      as S, octet by octet        F N      sends N octets "x"
 *     C TEXT      reads a line, which must start with TEXT
 *     T           holds a TLS handshake       A        ends it with an alert
 *     N           sends close_notify
 *     W MS        waits                       H        reads until the client ends
 *     R           resets the connection       (the end of the script closes it)
 *
 * In TEXT ~ is LF, ^ is CR and ` is NUL. A connection after the last script is closed at once.
 */
#ifndef TESTS_UNIT_SMTP_SERVER_H
#define TESTS_UNIT_SMTP_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#define SMTP_SERVER_SCRIPTS 8

struct smtp_server {
    const char *scripts[SMTP_SERVER_SCRIPTS];
    SSL_CTX *tls;     /* NULL: no T in the scripts */
    const char *path; /* a Unix socket instead of a port; NULL */
    /* What was seen. */
    unsigned port;
    char problem[256];     /* the first line that was not as scripted; "" */
    bool spoke_early;      /* octets came behind a command before its reply was sent */
    bool said_goodbye;     /* the client ended in order: close_notify under TLS, then FIN */
    atomic_int open, most; /* connections at a time */
    int listener;
    pthread_t thread;
};

/* `scripts` of the structure are set by the caller. */
void smtp_server_start(struct smtp_server *server);
/* Waits for every script to end. */
void smtp_server_stop(struct smtp_server *server);

#endif
