/*
 * TLS as a filter between two buffers: octets of the wire go in and out, no descriptor and no
 * waiting. RFC 8446, RFC 5246; for SMTP RFC 3207, RFC 8314.
 *
 * The handshake is held with whatever the server offers, trusted or not, and everything about it is
 * a fact: a check wants to know all that is wrong, not the first thing. Certificates are taken
 * apart by mail/certificate.h; whether the name fits is for the judge (certificate_match).
 *
 * The context, which knows the trusted authorities, is dear: make it when the first handshake
 * starts. A hashed folder of authorities costs nothing; a file of all of them costs its reading (2
 * ms), when the first chain is verified.
 *
 * common/net/tls*.c are the only modules of this floor that include <openssl/...>.
 */
#ifndef COMMON_NET_TLS_H
#define COMMON_NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/certificate.h"
#include "net/tls_hello.h"

#define TLS_ERRORS_MAX 16
#define TLS_CLEAR_MAX 512

struct tls_context;
struct tls;

struct tls_authorities {
    const char *file; /* PEM; NULL: none */
    /* A hashed folder; NULL: none. Neither of both: what SSL_CERT_FILE and SSL_CERT_DIR name, else
     * the system's hashed folder, else its file. */
    const char *path;
};

/* NULL with a message in `error` when an authority file or folder cannot be read. */
struct tls_context *tls_context_new(const struct tls_authorities *authorities,
                                    char error[static 128]);
void tls_context_free(struct tls_context *context);

enum tls_version {
    TLS_ANY = 0,
    TLS_SSL_3_0 = 0x0300, /* seen in a ServerHello, never spoken */
    TLS_1_0 = 0x0301,
    TLS_1_1 = 0x0302,
    TLS_1_2 = 0x0303,
    TLS_1_3 = 0x0304,
};
/* "1.2"; "" for none and for SSL 3.0. */
const char *tls_version_name(unsigned version);

/* Which kind of certificate is asked for: servers may have one of each. */
enum tls_key {
    TLS_KEY_ANY = 0,
    TLS_KEY_RSA,
    TLS_KEY_ECDSA, /* and EdDSA */
};

struct tls_request {
    const char *server_name; /* SNI (RFC 6066 3); NULL: none. An address is never sent. */
    enum tls_version minimum, maximum;
    const char *ciphers; /* OpenSSL's list for TLS 1.2 and before; NULL: all with authentication */
    enum tls_key key;
    int64_t verify_at; /* seconds since 1970 for which the chain is verified; 0: now */
    /* In place of a handshake only its first message, which offers what OpenSSL may not know: the
     * server's agreement is TLS_AGREED, and we take our leave. Of the rest only server_name counts.
     */
    enum tls_hello_offer hello;
};

enum tls_outcome {
    TLS_PENDING = 0, /* not finished in time */
    TLS_ESTABLISHED,
    TLS_NOT_TLS,          /* the server's first octets are no TLS: see `clear` */
    TLS_ALERTED,          /* the server refused: see `alert` */
    TLS_FAILED,           /* we could not go on: see `reason` */
    TLS_CUT,              /* the connection ended in the handshake */
    TLS_UNUSABLE_REQUEST, /* this OpenSSL cannot do what the request wants: see `reason` */
    TLS_AGREED, /* to tls_request.hello: version, cipher and its grade, is_anonymous, compression,
                   secure_renegotiation and raw_key are known, the rest is not */
};

/* Why a certificate is not trusted. */
enum tls_trust {
    TLS_TRUST_OTHER = 0,
    TLS_TRUST_SELF_SIGNED,  /* the leaf is its own issuer */
    TLS_TRUST_UNKNOWN_ROOT, /* the chain ends in a root that is not among the authorities */
    TLS_TRUST_NO_ISSUER,    /* the issuer is neither sent nor among the authorities */
    TLS_TRUST_EXPIRED,
    TLS_TRUST_NOT_YET_VALID,
    TLS_TRUST_BAD_SIGNATURE,
    TLS_TRUST_BAD_CA,  /* an issuer that must not issue (RFC 5280 6.1.4 (k), (l), (n)) */
    TLS_TRUST_PURPOSE, /* not for servers */
    TLS_TRUST_REVOKED,
};

struct tls_error {
    enum tls_trust trust;
    int number;          /* OpenSSL's X509_V_ERR_... */
    const char *text;    /* OpenSSL's words */
    unsigned depth;      /* 0: the leaf */
    const char *subject; /* of the certificate at fault, "" when unknown */
};

enum tls_staple {
    TLS_STAPLE_NONE = 0,
    TLS_STAPLE_GOOD,
    TLS_STAPLE_REVOKED,
    TLS_STAPLE_UNKNOWN, /* the responder does not know the certificate */
    TLS_STAPLE_STALE,   /* not yet or no longer valid */
    TLS_STAPLE_INVALID, /* unreadable, an error status, about another certificate, badly signed */
};

struct tls_facts {
    enum tls_outcome outcome;
    unsigned alert;         /* RFC 8446 6; 0 with alert_name NULL: none was received */
    const char *alert_name; /* "handshake failure" */
    const char *reason;     /* OpenSSL's, "" for none */
    struct slice clear;     /* TLS_NOT_TLS: what the server sent, at most TLS_CLEAR_MAX */

    unsigned hello_version; /* of the ServerHello, which may be one that we cannot speak; 0: none */
    unsigned version;       /* enum tls_version */
    const char *cipher;
    unsigned cipher_bits;
    enum tls_cipher_grade cipher_grade;
    bool is_anonymous;   /* no certificate was shown */
    const char *group;   /* of the key exchange: "X25519", "prime256v1", "DH"; "" for RSA's */
    unsigned group_bits; /* 0 when unknown */
    bool forward_secrecy;
    bool compression;
    bool secure_renegotiation;   /* RFC 5746; true for TLS 1.3 */
    bool extended_master_secret; /* RFC 7627; true for TLS 1.3 */
    bool early_data;             /* a ticket allows 0-RTT data (RFC 8446 4.6.1): known at the end */

    /* With TLS_HELLO_RAW_KEY: what the server shows in place of a certificate (RFC 7250), see
     * certificate_parse_raw_key; NULL: it shows certificates. */
    const struct certificate *raw_key;
    struct certificate_chain chain;
    struct tls_error errors[TLS_ERRORS_MAX]; /* none: trusted */
    size_t error_count;
    enum tls_staple staple;

    bool closed_cleanly; /* the server's close_notify came (RFC 8446 6.1) */
};

/* Starts a client's handshake. The facts live in the arena. Never NULL. */
struct tls *tls_new(struct tls_context *context, struct arena *arena,
                    const struct tls_request *request);
void tls_free(struct tls *tls);

/* Octets from the wire. Then call tls_advance. */
void tls_feed(struct tls *tls, struct slice octets);
/* The wire has ended. */
void tls_feed_end(struct tls *tls);
/* Goes on with the handshake. */
void tls_advance(struct tls *tls);
/* Octets for the wire; 0: none now. */
size_t tls_drain(struct tls *tls, char *buffer, size_t size);

/* Octets of the session; 0: none now. */
size_t tls_read(struct tls *tls, char *buffer, size_t size);
/* False when there is no session. */
bool tls_write(struct tls *tls, struct slice octets);
/* Says close_notify. */
void tls_finish(struct tls *tls);

const struct tls_facts *tls_facts(const struct tls *tls);

#endif
