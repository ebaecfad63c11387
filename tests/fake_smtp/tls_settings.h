/*
 * Settings of a script, put into a TLS context.
 */
#ifndef TESTS_FAKE_SMTP_TLS_SETTINGS_H
#define TESTS_FAKE_SMTP_TLS_SETTINGS_H

#include <openssl/ssl.h>

#include "script.h"

#define TLS_REASON_SIZE 256

/* What a status request is answered with, RFC 6066 8. The zero value is nothing. */
struct tls_staple {
    unsigned char *octets;
    size_t length;
};

void tls_staple_release(struct tls_staple *staple);

/* A context that takes everything the library can do. NULL when there is no memory. */
SSL_CTX *tls_context_new(void);

/* Puts one setting into it. The staple must live as long as the context. False with a reason. */
bool tls_setting_apply(SSL_CTX *context, struct tls_staple *staple, const struct setting *setting,
                       const char *folder, char reason[static TLS_REASON_SIZE]);

/* FOLDER/good.pem and .key, which hold where the script says nothing. */
extern const struct setting tls_default_certificate;

#endif
