/*
 * The first message of each side of a TLS handshake, without a TLS library: what a library no
 * longer speaks can still be asked for, and the ServerHello says what would have been spoken. RFC
 * 5246 7.4.1 (hello messages), 6.2.1 (records), 7.2 (alerts); RFC 6101 (SSL 3.0); RFC 3749
 * (compression); RFC 5746 (secure renegotiation); RFC 6066 3 (server name); RFC 8422 5.1 (curves);
 * RFC 7250 3, 4.2 (raw public keys).
 *
 * One side writes a ClientHello of at most TLS 1.2:
 *
 *     length = tls_hello_print(TLS_HELLO_WEAK, "mail.example.org", random, buffer);
 *
 * The other reads what comes, in pieces, up to the ServerHello or an alert; it also reads along
 * where a library holds the handshake:
 *
 *     struct tls_hello hello = {0};
 *     while (tls_hello_feed(&hello, octets) == 0) octets = more;
 *
 * A raw public key, in place of a certificate, stands in clear behind the ServerHello of TLS 1.2;
 * with TLS 1.3 it is encrypted (RFC 8446 4.4.2), and so is what the server says of it (4.3.1): a
 * server that speaks nothing below TLS 1.3 cannot be asked in this way.
 *
 * Pure. Memory is the struct.
 */
#ifndef COMMON_NET_TLS_HELLO_H
#define COMMON_NET_TLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* What a ClientHello offers. */
enum tls_hello_offer {
    TLS_HELLO_NONE = 0,
    TLS_HELLO_WEAK,       /* ciphers that nobody should take, the worst first */
    TLS_HELLO_ANONYMOUS,  /* and those without a certificate */
    TLS_HELLO_COMPRESSED, /* usual ciphers, compressed */
    TLS_HELLO_RAW_KEY,    /* usual ciphers, a raw public key rather than a certificate */
};

#define TLS_HELLO_SIZE 768
#define TLS_HELLO_RANDOM_SIZE 32

/* Writes the record and returns its length. No compression is offered but by
 * TLS_HELLO_COMPRESSED. `server_name`: a host name for SNI, NULL for none; one of over 255 octets
 * is left out. */
size_t tls_hello_print(enum tls_hello_offer offer, const char *server_name,
                       const uint8_t random[static TLS_HELLO_RANDOM_SIZE],
                       char buffer[static TLS_HELLO_SIZE]);

enum tls_cipher_grade {
    TLS_CIPHER_FINE = 0,
    TLS_CIPHER_WEAK,   /* RC4, 3DES, less than 128 bits */
    TLS_CIPHER_BROKEN, /* NULL, export grade, DES */
};

struct tls_hello_cipher {
    uint16_t number;  /* of the IANA registry */
    const char *name; /* OpenSSL's, by which servers are configured */
    enum tls_cipher_grade grade;
    bool is_anonymous;
};
/* NULL for one that is neither weak nor anonymous. */
const struct tls_hello_cipher *tls_hello_cipher(uint16_t number);

/* Octets of a message with its header that are read: a ServerHello, an RSA key of 16384 bits. */
#define TLS_HELLO_MESSAGE_MAX 4096

/* The zero value is the start. */
struct tls_hello {
    /* Set by the caller, where TLS_HELLO_RAW_KEY was offered: where the server agrees to a raw key,
     * it is read, too. */
    bool wants_key;
    /* The ServerHello, whole when `is_found`. */
    bool is_found;
    uint16_t version; /* 0x0300 for SSL 3.0; 0x0303 for TLS 1.3, too */
    uint16_t cipher;
    uint8_t compression; /* 0: none */
    bool secure_renegotiation;
    bool has_raw_key; /* the server agreed to it; see tls_hello_raw_key */
    /* Or the alert that came in its place; 0 with `is_alert` is close_notify. */
    bool is_alert;
    uint8_t alert;
    /* The reader's own. */
    bool is_bad, is_done;
    uint8_t header[5]; /* of the record */
    size_t header_length, record_left;
    uint8_t message[TLS_HELLO_MESSAGE_MAX];
    size_t message_length;
};

/* Takes octets of the server: 1 when the ServerHello (and the key that is wanted) or an alert is
 * there, 0 when it is not yet, -1 when what comes is neither. After 1 and -1 nothing more is read.
 */
int tls_hello_feed(struct tls_hello *hello, struct slice octets);

/* The server's SubjectPublicKeyInfo in DER, unread, once tls_hello_feed gave 1; empty for none. It
 * lies in the struct. */
struct slice tls_hello_raw_key(const struct tls_hello *hello);

/* user_canceled and close_notify, the way to leave a handshake without blame (RFC 5246 7.2.1). */
#define TLS_HELLO_FAREWELL_SIZE 14
size_t tls_hello_farewell(uint16_t version, char buffer[static TLS_HELLO_FAREWELL_SIZE]);

#endif
