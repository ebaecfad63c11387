#include "net/tls_hello.h"

#include <string.h>

#define RECORD_ALERT 21
#define RECORD_HANDSHAKE 22
#define CLIENT_HELLO 1
#define SERVER_HELLO 2
#define CERTIFICATE 11
#define VERSION_TLS_1_0 0x0301
#define VERSION_TLS_1_2 0x0303
#define MESSAGE_HEADER 4
#define RECORD_HEADER 5
#define SESSION_ID_MAX 32
#define NAME_MAX_OCTETS 255
#define EXTENSION_SERVER_NAME 0
#define EXTENSION_GROUPS 10
#define EXTENSION_POINT_FORMATS 11
#define EXTENSION_SIGNATURES 13
#define EXTENSION_SERVER_CERTIFICATE_TYPE 20
#define EXTENSION_RENEGOTIATION 0xFF01
/* RFC 7250 7 */
#define CERTIFICATE_X509 0
#define CERTIFICATE_RAW_KEY 2
#define KEY_HEADER 3 /* the length before the key */
#define COMPRESSION_NONE 0
#define COMPRESSION_DEFLATE 1
/* RFC 5246 7.2 */
#define ALERT_LENGTH 2
#define ALERT_WARNING 1
#define ALERT_CLOSE_NOTIFY 0
#define ALERT_USER_CANCELED 90

/* The IANA registry of TLS cipher suites, what of it is weak or anonymous: the worst first, since
 * many servers take the first that they know. */
static const struct tls_hello_cipher CIPHERS[] = {
    {0x0001, "NULL-MD5",                    TLS_CIPHER_BROKEN, false},
    {0x0002, "NULL-SHA",                    TLS_CIPHER_BROKEN, false},
    {0x003B, "NULL-SHA256",                 TLS_CIPHER_BROKEN, false},
    {0xC001, "ECDH-ECDSA-NULL-SHA",         TLS_CIPHER_BROKEN, false},
    {0xC006, "ECDHE-ECDSA-NULL-SHA",        TLS_CIPHER_BROKEN, false},
    {0xC00B, "ECDH-RSA-NULL-SHA",           TLS_CIPHER_BROKEN, false},
    {0xC010, "ECDHE-RSA-NULL-SHA",          TLS_CIPHER_BROKEN, false},
    {0x0003, "EXP-RC4-MD5",                 TLS_CIPHER_BROKEN, false},
    {0x0006, "EXP-RC2-CBC-MD5",             TLS_CIPHER_BROKEN, false},
    {0x0008, "EXP-DES-CBC-SHA",             TLS_CIPHER_BROKEN, false},
    {0x000B, "EXP-DH-DSS-DES-CBC-SHA",      TLS_CIPHER_BROKEN, false},
    {0x000E, "EXP-DH-RSA-DES-CBC-SHA",      TLS_CIPHER_BROKEN, false},
    {0x0011, "EXP-EDH-DSS-DES-CBC-SHA",     TLS_CIPHER_BROKEN, false},
    {0x0014, "EXP-EDH-RSA-DES-CBC-SHA",     TLS_CIPHER_BROKEN, false},
    {0x0060, "EXP1024-RC4-MD5",             TLS_CIPHER_BROKEN, false},
    {0x0061, "EXP1024-RC2-CBC-MD5",         TLS_CIPHER_BROKEN, false},
    {0x0062, "EXP1024-DES-CBC-SHA",         TLS_CIPHER_BROKEN, false},
    {0x0063, "EXP1024-DHE-DSS-DES-CBC-SHA", TLS_CIPHER_BROKEN, false},
    {0x0064, "EXP1024-RC4-SHA",             TLS_CIPHER_BROKEN, false},
    {0x0065, "EXP1024-DHE-DSS-RC4-SHA",     TLS_CIPHER_BROKEN, false},
    {0x0009, "DES-CBC-SHA",                 TLS_CIPHER_BROKEN, false},
    {0x000C, "DH-DSS-DES-CBC-SHA",          TLS_CIPHER_BROKEN, false},
    {0x000F, "DH-RSA-DES-CBC-SHA",          TLS_CIPHER_BROKEN, false},
    {0x0012, "EDH-DSS-DES-CBC-SHA",         TLS_CIPHER_BROKEN, false},
    {0x0015, "EDH-RSA-DES-CBC-SHA",         TLS_CIPHER_BROKEN, false},
    {0xC015, "AECDH-NULL-SHA",              TLS_CIPHER_BROKEN, true },
    {0x0017, "EXP-ADH-RC4-MD5",             TLS_CIPHER_BROKEN, true },
    {0x0019, "EXP-ADH-DES-CBC-SHA",         TLS_CIPHER_BROKEN, true },
    {0x001A, "ADH-DES-CBC-SHA",             TLS_CIPHER_BROKEN, true },
    {0x0004, "RC4-MD5",                     TLS_CIPHER_WEAK,   false},
    {0x0005, "RC4-SHA",                     TLS_CIPHER_WEAK,   false},
    {0x0066, "DHE-DSS-RC4-SHA",             TLS_CIPHER_WEAK,   false},
    {0xC002, "ECDH-ECDSA-RC4-SHA",          TLS_CIPHER_WEAK,   false},
    {0xC007, "ECDHE-ECDSA-RC4-SHA",         TLS_CIPHER_WEAK,   false},
    {0xC00C, "ECDH-RSA-RC4-SHA",            TLS_CIPHER_WEAK,   false},
    {0xC011, "ECDHE-RSA-RC4-SHA",           TLS_CIPHER_WEAK,   false},
    {0x000A, "DES-CBC3-SHA",                TLS_CIPHER_WEAK,   false},
    {0x000D, "DH-DSS-DES-CBC3-SHA",         TLS_CIPHER_WEAK,   false},
    {0x0010, "DH-RSA-DES-CBC3-SHA",         TLS_CIPHER_WEAK,   false},
    {0x0013, "EDH-DSS-DES-CBC3-SHA",        TLS_CIPHER_WEAK,   false},
    {0x0016, "EDH-RSA-DES-CBC3-SHA",        TLS_CIPHER_WEAK,   false},
    {0xC003, "ECDH-ECDSA-DES-CBC3-SHA",     TLS_CIPHER_WEAK,   false},
    {0xC008, "ECDHE-ECDSA-DES-CBC3-SHA",    TLS_CIPHER_WEAK,   false},
    {0xC00D, "ECDH-RSA-DES-CBC3-SHA",       TLS_CIPHER_WEAK,   false},
    {0xC012, "ECDHE-RSA-DES-CBC3-SHA",      TLS_CIPHER_WEAK,   false},
    {0x0018, "ADH-RC4-MD5",                 TLS_CIPHER_WEAK,   true },
    {0xC016, "AECDH-RC4-SHA",               TLS_CIPHER_WEAK,   true },
    {0x001B, "ADH-DES-CBC3-SHA",            TLS_CIPHER_WEAK,   true },
    {0xC017, "AECDH-DES-CBC3-SHA",          TLS_CIPHER_WEAK,   true },
    {0x0034, "ADH-AES128-SHA",              TLS_CIPHER_FINE,   true },
    {0x003A, "ADH-AES256-SHA",              TLS_CIPHER_FINE,   true },
    {0x006C, "ADH-AES128-SHA256",           TLS_CIPHER_FINE,   true },
    {0x006D, "ADH-AES256-SHA256",           TLS_CIPHER_FINE,   true },
    {0x00A6, "ADH-AES128-GCM-SHA256",       TLS_CIPHER_FINE,   true },
    {0x00A7, "ADH-AES256-GCM-SHA384",       TLS_CIPHER_FINE,   true },
    {0x0046, "ADH-CAMELLIA128-SHA",         TLS_CIPHER_FINE,   true },
    {0x0089, "ADH-CAMELLIA256-SHA",         TLS_CIPHER_FINE,   true },
    {0x009B, "ADH-SEED-SHA",                TLS_CIPHER_FINE,   true },
    {0xC018, "AECDH-AES128-SHA",            TLS_CIPHER_FINE,   true },
    {0xC019, "AECDH-AES256-SHA",            TLS_CIPHER_FINE,   true },
};
#define CIPHER_COUNT (sizeof CIPHERS / sizeof CIPHERS[0])

/* With which any server of TLS 1.0 to 1.2 can go on: AES with ECDHE, DHE and RSA. */
static const uint16_t USUAL[] = {0xC02B, 0xC02F, 0xC02C, 0xC030, 0xC009, 0xC013, 0xC00A, 0xC014,
                                 0x009E, 0x009F, 0x0033, 0x0039, 0x009C, 0x009D, 0x002F, 0x0035};

const struct tls_hello_cipher *tls_hello_cipher(uint16_t number)
{
    for (size_t i = 0; i < CIPHER_COUNT; i++) {
        if (CIPHERS[i].number == number)
            return &CIPHERS[i];
    }
    return NULL;
}

/* ---- writing */

struct writer {
    uint8_t *octets;
    size_t length; /* TLS_HELLO_SIZE holds the longest: 60 ciphers, a name of 255 octets */
};

static void put8(struct writer *writer, unsigned value)
{
    writer->octets[writer->length++] = (uint8_t)value;
}

static void put16(struct writer *writer, unsigned value)
{
    put8(writer, value >> 8);
    put8(writer, value & 0xFF);
}

/* A length of two octets, filled in by end16. */
static size_t begin16(struct writer *writer)
{
    put16(writer, 0);
    return writer->length;
}

static void end16(struct writer *writer, size_t begin)
{
    size_t length = writer->length - begin;
    writer->octets[begin - 2] = (uint8_t)(length >> 8);
    writer->octets[begin - 1] = (uint8_t)length;
}

static void put_list(struct writer *writer, unsigned type, const uint16_t *list, size_t count)
{
    put16(writer, type);
    size_t extension = begin16(writer);
    size_t inner = begin16(writer);
    for (size_t i = 0; i < count; i++)
        put16(writer, list[i]);
    end16(writer, inner);
    end16(writer, extension);
}

static void put_server_name(struct writer *writer, const char *name)
{
    size_t length = name == NULL ? 0 : strlen(name);
    if (length == 0 || length > NAME_MAX_OCTETS)
        return;
    put16(writer, EXTENSION_SERVER_NAME);
    size_t extension = begin16(writer);
    size_t list = begin16(writer);
    put8(writer, 0); /* host_name */
    put16(writer, (unsigned)length);
    memcpy(writer->octets + writer->length, name, length);
    writer->length += length;
    end16(writer, list);
    end16(writer, extension);
}

/*
 * struct { select (ClientOrServerExtension) {
 *     case client: CertificateType server_certificate_types<1..2^8-1>;
 *     case server: CertificateType server_certificate_type; } } ServerCertTypeExtension;
 *                                                                            RFC 7250 3
 */
static void put_certificate_types(struct writer *writer)
{
    put16(writer, EXTENSION_SERVER_CERTIFICATE_TYPE);
    size_t extension = begin16(writer);
    put8(writer, 2);
    put8(writer, CERTIFICATE_RAW_KEY);
    put8(writer, CERTIFICATE_X509);
    end16(writer, extension);
}

static void put_extensions(struct writer *writer, enum tls_hello_offer offer,
                           const char *server_name)
{
    /* X25519, P-256, P-384, P-521 */
    static const uint16_t groups[] = {29, 23, 24, 25};
    /* RSA and ECDSA with SHA-256, -384, -512 and SHA-1; DSA with SHA-1 */
    static const uint16_t signatures[] = {0x0401, 0x0403, 0x0501, 0x0503, 0x0601,
                                          0x0603, 0x0804, 0x0201, 0x0203, 0x0202};
    size_t begin = begin16(writer);
    put_server_name(writer, server_name);
    put_list(writer, EXTENSION_GROUPS, groups, sizeof groups / sizeof groups[0]);
    put16(writer, EXTENSION_POINT_FORMATS);
    put16(writer, 2);
    put8(writer, 1);
    put8(writer, 0); /* uncompressed */
    put_list(writer, EXTENSION_SIGNATURES, signatures, sizeof signatures / sizeof signatures[0]);
    put16(writer, EXTENSION_RENEGOTIATION);
    put16(writer, 1);
    put8(writer, 0);
    if (offer == TLS_HELLO_RAW_KEY)
        put_certificate_types(writer);
    end16(writer, begin);
}

static void put_ciphers(struct writer *writer, enum tls_hello_offer offer)
{
    size_t begin = begin16(writer);
    bool is_usual = offer == TLS_HELLO_COMPRESSED || offer == TLS_HELLO_RAW_KEY;
    for (size_t i = 0; i < CIPHER_COUNT && !is_usual; i++) {
        if (!CIPHERS[i].is_anonymous || offer == TLS_HELLO_ANONYMOUS)
            put16(writer, CIPHERS[i].number);
    }
    for (size_t i = 0; i < sizeof USUAL / sizeof USUAL[0] && is_usual; i++)
        put16(writer, USUAL[i]);
    end16(writer, begin);
}

size_t tls_hello_print(enum tls_hello_offer offer, const char *server_name,
                       const uint8_t random[static TLS_HELLO_RANDOM_SIZE],
                       char buffer[static TLS_HELLO_SIZE])
{
    struct writer writer = {.octets = (uint8_t *)buffer};
    put8(&writer, RECORD_HANDSHAKE);
    put16(&writer, VERSION_TLS_1_0);
    size_t record = begin16(&writer);
    put8(&writer, CLIENT_HELLO);
    put8(&writer, 0); /* the first of three octets of length */
    size_t message = begin16(&writer);
    put16(&writer, VERSION_TLS_1_2);
    memcpy(writer.octets + writer.length, random, TLS_HELLO_RANDOM_SIZE);
    writer.length += TLS_HELLO_RANDOM_SIZE;
    put8(&writer, 0); /* no session */
    put_ciphers(&writer, offer);
    if (offer == TLS_HELLO_COMPRESSED) {
        put8(&writer, 2);
        put8(&writer, COMPRESSION_DEFLATE);
    } else {
        put8(&writer, 1);
    }
    put8(&writer, COMPRESSION_NONE);
    put_extensions(&writer, offer, server_name);
    end16(&writer, message);
    end16(&writer, record);
    return writer.length;
}

size_t tls_hello_farewell(uint16_t version, char buffer[static TLS_HELLO_FAREWELL_SIZE])
{
    static const uint8_t alerts[] = {ALERT_USER_CANCELED, ALERT_CLOSE_NOTIFY};
    struct writer writer = {.octets = (uint8_t *)buffer};
    for (size_t i = 0; i < sizeof alerts; i++) {
        put8(&writer, RECORD_ALERT);
        put16(&writer, version);
        put16(&writer, ALERT_LENGTH);
        put8(&writer, ALERT_WARNING);
        put8(&writer, alerts[i]);
    }
    return writer.length;
}

/* ---- reading */

static unsigned read16(const uint8_t *octets)
{
    return (unsigned)octets[0] << 8 | octets[1];
}

/* False: a type that was not offered. */
static bool read_extension(struct tls_hello *hello, unsigned type, const uint8_t *data,
                           size_t length)
{
    if (type == EXTENSION_RENEGOTIATION)
        hello->secure_renegotiation = true;
    if (type != EXTENSION_SERVER_CERTIFICATE_TYPE || !hello->wants_key)
        return true;
    hello->has_raw_key = length == 1 && data[0] == CERTIFICATE_RAW_KEY;
    return length == 1 && (data[0] == CERTIFICATE_RAW_KEY || data[0] == CERTIFICATE_X509);
}

/*
 * struct { ExtensionType extension_type; opaque extension_data<0..2^16-1>; } Extension;
 *                                                                        RFC 5246 7.4.1.4
 */
static bool read_extensions(struct tls_hello *hello, const uint8_t *at, size_t left)
{
    if (left == 0)
        return true; /* SSL 3.0, and servers of its time */
    if (left < 2 || read16(at) != left - 2)
        return false;
    at += 2;
    left -= 2;
    while (left >= 4) {
        size_t length = read16(at + 2);
        if (length > left - 4 || !read_extension(hello, read16(at), at + 4, length))
            return false;
        at += 4 + length;
        left -= 4 + length;
    }
    return left == 0;
}

/*
 * struct { ProtocolVersion server_version; Random random; SessionID session_id<0..32>;
 *          CipherSuite cipher_suite; CompressionMethod compression_method;
 *          [ Extension extensions<0..2^16-1> ] } ServerHello;                RFC 5246 7.4.1.3
 */
static bool read_server_hello(struct tls_hello *hello, const uint8_t *at, size_t left)
{
    size_t fixed = 2 + TLS_HELLO_RANDOM_SIZE + 1;
    if (left < fixed || at[fixed - 1] > SESSION_ID_MAX || left < fixed + at[fixed - 1] + 3)
        return false;
    hello->version = (uint16_t)read16(at);
    size_t behind = fixed + at[fixed - 1];
    hello->cipher = (uint16_t)read16(at + behind);
    hello->compression = at[behind + 2];
    return read_extensions(hello, at + behind + 3, left - behind - 3);
}

static int fail(struct tls_hello *hello)
{
    hello->is_bad = true;
    return -1;
}

/* A message in place of one of the handshake. */
static int read_alert(struct tls_hello *hello)
{
    const uint8_t *octets = hello->message;
    if (hello->message_length < ALERT_LENGTH)
        return 0;
    hello->message_length = 0;
    /* A server that does not know the name may say so and go on (RFC 6066 3). */
    if (octets[0] == ALERT_WARNING && octets[1] != ALERT_CLOSE_NOTIFY)
        return 0;
    hello->is_alert = true;
    hello->alert = octets[1];
    return 1;
}

/*
 * struct { select (certificate_type) {
 *     case RawPublicKey: opaque ASN.1_subjectPublicKeyInfo<1..2^24-1>;
 *     case X.509: ASN.1Cert certificate_list<0..2^24-1>; } } Certificate;       RFC 7250 3
 */
static bool read_raw_key(const uint8_t *at, size_t left)
{
    return left > KEY_HEADER && at[0] == 0 && read16(at + 1) == left - KEY_HEADER;
}

/* The ServerHello is thrown away: the next message moves to its place. */
static void next_message(struct tls_hello *hello, size_t length)
{
    hello->message_length -= length;
    memmove(hello->message, hello->message + length, hello->message_length);
}

/* RFC 5246 7.4: a message of the handshake, when it is whole. */
static int read_handshake(struct tls_hello *hello)
{
    const uint8_t *octets = hello->message;
    if (hello->message_length > 0 && octets[0] != (hello->is_found ? CERTIFICATE : SERVER_HELLO))
        return fail(hello);
    if (hello->message_length < MESSAGE_HEADER)
        return 0;
    size_t length = (size_t)octets[1] << 16 | read16(octets + 2);
    if (length > TLS_HELLO_MESSAGE_MAX - MESSAGE_HEADER)
        return fail(hello);
    if (hello->message_length < MESSAGE_HEADER + length)
        return 0;
    if (hello->is_found)
        return read_raw_key(octets + MESSAGE_HEADER, length) ? 1 : fail(hello);
    if (!read_server_hello(hello, octets + MESSAGE_HEADER, length))
        return fail(hello);
    hello->is_found = true;
    if (!hello->has_raw_key)
        return 1;
    next_message(hello, MESSAGE_HEADER + length);
    return 0;
}

static int read_message(struct tls_hello *hello)
{
    if (hello->header[0] == RECORD_ALERT)
        return read_alert(hello);
    bool was_found = hello->is_found;
    int status = read_handshake(hello);
    /* The certificate may have come with the ServerHello. */
    return status == 0 && !was_found && hello->is_found ? read_handshake(hello) : status;
}

/* A header, or octets of the record behind it. */
static int take(struct tls_hello *hello, struct slice *octets)
{
    if (hello->record_left == 0) {
        hello->header[hello->header_length++] = (uint8_t)octets->start[0];
        *octets = slice_sub(*octets, 1, octets->length);
        if (hello->header_length < RECORD_HEADER)
            return 0;
        hello->header_length = 0;
        hello->record_left = read16(hello->header + 3);
        bool is_known = hello->header[0] == RECORD_HANDSHAKE ||
                        (hello->header[0] == RECORD_ALERT && hello->message_length == 0);
        return is_known && hello->header[1] == 3 && hello->record_left > 0 ? 0 : fail(hello);
    }
    size_t most = hello->header[0] == RECORD_ALERT ? ALERT_LENGTH : TLS_HELLO_MESSAGE_MAX;
    size_t room = most - hello->message_length;
    size_t length = octets->length < hello->record_left ? octets->length : hello->record_left;
    length = length < room ? length : room;
    memcpy(hello->message + hello->message_length, octets->start, length);
    hello->message_length += length;
    hello->record_left -= length;
    *octets = slice_sub(*octets, length, octets->length);
    return read_message(hello);
}

int tls_hello_feed(struct tls_hello *hello, struct slice octets)
{
    int status = hello->is_bad ? -1 : hello->is_done ? 1 : 0;
    while (status == 0 && octets.length > 0)
        status = take(hello, &octets);
    hello->is_done = status > 0;
    return status;
}

struct slice tls_hello_raw_key(const struct tls_hello *hello)
{
    const uint8_t *octets = hello->message;
    if (!hello->is_done || !hello->has_raw_key || hello->is_alert)
        return slice_new("", 0);
    size_t length = read16(octets + MESSAGE_HEADER + 1);
    return slice_new((const char *)octets + MESSAGE_HEADER + KEY_HEADER, length);
}
