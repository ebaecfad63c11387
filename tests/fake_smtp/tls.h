/*
 * The server's side of TLS, in memory: octets from the client are fed in, octets for it are taken
 * out, so that the connection can send them as the script wants.
 *
 * Contexts are made from the script's settings and kept. Security level 0: whatever the library can
 * do is done when a script says so. The only file that knows OpenSSL.
 */
#ifndef TESTS_FAKE_SMTP_TLS_H
#define TESTS_FAKE_SMTP_TLS_H

#include "session.h"

#define TLS_MESSAGE_SIZE 256

struct tls_store;
struct tls_session;

/* `folder` is where certificates are, NULL: the current one; both outlive the store. */
struct tls_store *tls_store_new(const struct script *script, const char *folder);
void tls_store_free(struct tls_store *store);

/* Every setting of the script is good: its files are there and the library takes its words. False
 * with `file:line: reason`. */
bool tls_store_check(struct tls_store *store, char message[static SCRIPT_MESSAGE_SIZE]);

/* There is something to show in a handshake. */
bool tls_store_can_serve(const struct tls_store *store, const struct facts *facts);

/* A session that the settings for the facts hold for; it sets CONDITION_SNI. NULL with a message.
 */
struct tls_session *tls_session_new(struct tls_store *store, struct session *session,
                                    char message[static TLS_MESSAGE_SIZE]);
void tls_session_free(struct tls_session *tls);

/* Octets of the network from the client, and those that are fed and not used yet. */
void tls_session_feed(struct tls_session *tls, const void *octets, size_t length);
size_t tls_session_unread(const struct tls_session *tls);

/* Octets of the network for the client. Returns how many, at most `size`. */
size_t tls_session_take(struct tls_session *tls, void *octets, size_t size);

/* Moves the handshake on: 1 done, 0 wants octets from the client, -1 failed, with the reason. */
int tls_session_handshake(struct tls_session *tls, char message[static TLS_MESSAGE_SIZE]);

/* "TLSv1.3 TLS_AES_256_GCM_SHA384 sni=mail.test", "sni=-" for none. */
void tls_session_describe(const struct tls_session *tls, char text[static TLS_MESSAGE_SIZE]);

enum {
    TLS_READ_MORE = 0,
    TLS_READ_NOTIFY = -1, /* close_notify came */
    TLS_READ_BROKEN = -2,
};

/* Plain octets from the client: how many, or one of the above. */
int tls_session_read(struct tls_session *tls, void *octets, size_t size);
/* False when TLS is broken. */
bool tls_session_write(struct tls_session *tls, const void *octets, size_t length);

/* Says close_notify. */
void tls_session_shutdown(struct tls_session *tls);

#endif
