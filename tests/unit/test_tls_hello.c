#include <string.h>

#include "cases.h"
#include "net/tls_hello.h"

/* A literal with its length: octets may be NUL. */
#define OCTETS(text) text, sizeof(text) - 1
#define RANDOM "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
#define NO_SESSION "\0"
#define INFO "\0\x05\xFF\x01\0\x01\0" /* renegotiation_info */

/* clang-format off */
static const struct row {
    const char *label;
    const char *octets;
    size_t length;
    int outcome;
    unsigned version, cipher, compression;
    bool secure_renegotiation;
    int alert; /* -1: none */
} rows[] = {
    {"RFC 5246 7.4.1.3: a ServerHello",
     OCTETS("\x16\3\3\0\x31\2\0\0\x2D\3\3" RANDOM NO_SESSION "\xC0\x2F\0" INFO), 1, 0x0303, 0xC02F, 0, true, -1},
    {"RFC 6101 5.6.1.3: SSL 3.0, without extensions",
     OCTETS("\x16\3\0\0\x2A\2\0\0\x26\3\0" RANDOM NO_SESSION "\0\5\0"), 1, 0x0300, 0x0005, 0, false, -1},
    {"RFC 3749 2: DEFLATE",
     OCTETS("\x16\3\3\0\x31\2\0\0\x2D\3\3" RANDOM NO_SESSION "\0\x2F\1" INFO), 1, 0x0303, 0x002F, 1, true, -1},
    {"a session is resumed that nobody knows",
     OCTETS("\x16\3\3\0\x4A\2\0\0\x46\3\3" RANDOM "\x20" RANDOM "\0\x2F\0"), 1, 0x0303, 0x002F, 0, false, -1},
    {"an extension before renegotiation_info",
     OCTETS("\x16\3\3\0\x35\2\0\0\x31\3\3" RANDOM NO_SESSION "\0\x2F\0" "\0\x09\0\0\0\0\xFF\1\0\1\0"), 1, 0x0303, 0x002F, 0, true, -1},
    {"RFC 5246 6.2.1: a message in two records",
     OCTETS("\x16\3\3\0\3\2\0\0\x16\3\3\0\x27\x26\3\3" RANDOM NO_SESSION "\0\5\0"), 1, 0x0303, 0x0005, 0, false, -1},
    {"a certificate behind it in the same record is not read",
     OCTETS("\x16\3\3\0\x2E\2\0\0\x26\3\3" RANDOM NO_SESSION "\0\5\0" "\x0B\0\0\0"), 1, 0x0303, 0x0005, 0, false, -1},
    {"RFC 5246 7.2: an alert in its place",
     OCTETS("\x15\3\3\0\2\2\x28"), 1, 0, 0, 0, false, 40},
    {"RFC 6066 3: a warning about the name, and on it goes",
     OCTETS("\x15\3\3\0\2\1\x70\x16\3\3\0\x2A\2\0\0\x26\3\3" RANDOM NO_SESSION "\0\5\0"), 1, 0x0303, 0x0005, 0, false, -1},
    {"close_notify is the end",
     OCTETS("\x15\3\3\0\2\1\0"), 1, 0, 0, 0, false, 0},
    {"half of it is not enough",
     OCTETS("\x16\3\3\0\x31\2\0\0\x2D\3\3" RANDOM), 0, 0, 0, 0, false, -1},
    {"text is none",
     OCTETS("220 mail.test ESMTP\r\n"), -1, 0, 0, 0, false, -1},
    {"another message first",
     OCTETS("\x16\3\3\0\4\x0B\0\0\0"), -1, 0, 0, 0, false, -1},
    {"an empty record",
     OCTETS("\x16\3\3\0\0"), -1, 0, 0, 0, false, -1},
    {"longer than any ServerHello",
     OCTETS("\x16\3\3\0\4\2\1\0\0"), -1, 0, 0, 0, false, -1},
    {"a session id that goes beyond its end",
     OCTETS("\x16\3\3\0\x2A\2\0\0\x26\3\3" RANDOM "\x20\0\5\0"), -1, 0, 0, 0, false, -1},
    {"an extension that goes beyond its end",
     OCTETS("\x16\3\3\0\x31\2\0\0\x2D\3\3" RANDOM NO_SESSION "\0\5\0" "\0\x05\xFF\x01\0\x02\0"), -1, 0x0303, 0x0005, 0, false, -1},
    {"extensions shorter than they say",
     OCTETS("\x16\3\3\0\x31\2\0\0\x2D\3\3" RANDOM NO_SESSION "\0\5\0" "\0\x06\xFF\x01\0\x01\0"), -1, 0x0303, 0x0005, 0, false, -1},
};
/* clang-format on */

/* ---- RFC 7250 */

#define X509 "\0\x05\0\x14\0\1\0" /* server_certificate_type */
#define RAW_KEY "\0\x05\0\x14\0\1\2"
#define HELLO(extensions) "\2\0\0\x2D\3\3" RANDOM NO_SESSION "\xC0\x2F\0" extensions
#define AGREED "\x16\3\3\0\x31" HELLO(RAW_KEY)

/* clang-format off */
static const struct raw_key_row {
    const char *label;
    const char *octets;
    size_t length;
    int outcome;
    const char *key;
    bool is_found, is_alert;
} raw_key_rows[] = {
    {"RFC 7250 3: a key where a certificate would be",
     OCTETS(AGREED "\x16\3\3\0\x0A\x0B\0\0\6\0\0\3KEY"), 1, "KEY", true, false},
    {"in the record of the ServerHello, with what follows",
     OCTETS("\x16\3\3\0\x3F" HELLO(RAW_KEY) "\x0B\0\0\6\0\0\3KEY\x0E\0\0\0"), 1, "KEY", true, false},
    {"RFC 5246 6.2.1: cut into three records",
     OCTETS("\x16\3\3\0\x33" HELLO(RAW_KEY) "\x0B\0\x16\3\3\0\6\0\6\0\0\3K\x16\3\3\0\2EY"), 1, "KEY", true, false},
    {"a warning between",
     OCTETS(AGREED "\x15\3\3\0\2\1\x70\x16\3\3\0\x0A\x0B\0\0\6\0\0\3KEY"), 1, "KEY", true, false},
    {"RFC 7250 4.2: a certificate is what the server has",
     OCTETS("\x16\3\3\0\x31" HELLO(X509)), 1, "", true, false},
    {"a server that does not know the extension",
     OCTETS("\x16\3\3\0\x31" HELLO(INFO)), 1, "", true, false},
    {"the ServerHello alone is not enough",
     OCTETS(AGREED), 0, "", true, false},
    {"half a key",
     OCTETS(AGREED "\x16\3\3\0\x0A\x0B\0\0\6\0\0\3K"), 0, "", true, false},
    {"an alert in place of the key",
     OCTETS(AGREED "\x15\3\3\0\2\2\x28"), 1, "", true, true},
    {"an alert in the midst of the key",
     OCTETS(AGREED "\x16\3\3\0\5\x0B\0\0\6\0\x15\3\3\0\2\2\x28"), -1, "", true, false},
    {"no key in it",
     OCTETS(AGREED "\x16\3\3\0\7\x0B\0\0\3\0\0\0"), -1, "", true, false},
    {"no octet in it",
     OCTETS(AGREED "\x16\3\3\0\4\x0B\0\0\0"), -1, "", true, false},
    {"a key longer than its message",
     OCTETS(AGREED "\x16\3\3\0\x0A\x0B\0\0\6\0\0\4KEY"), -1, "", true, false},
    {"a key shorter than its message",
     OCTETS(AGREED "\x16\3\3\0\x0A\x0B\0\0\6\0\0\2KEY"), -1, "", true, false},
    {"a key of 65539 octets, it says",
     OCTETS(AGREED "\x16\3\3\0\x0A\x0B\0\0\6\1\0\3KEY"), -1, "", true, false},
    {"a message longer than any key",
     OCTETS(AGREED "\x16\3\3\0\4\x0B\0\x10\0"), -1, "", true, false},
    {"another message in its place",
     OCTETS(AGREED "\x16\3\3\0\4\x0E\0\0\0"), -1, "", true, false},
    {"a ServerKeyExchange that looks like a key",
     OCTETS(AGREED "\x16\3\3\0\x0A\x0C\0\0\6\0\0\3KEY"), -1, "", true, false},
    {"RFC 7250 7: OpenPGP was not offered",
     OCTETS("\x16\3\3\0\x31" HELLO("\0\x05\0\x14\0\1\1")), -1, "", false, false},
    {"a list where one type should be",
     OCTETS("\x16\3\3\0\x32\2\0\0\x2E\3\3" RANDOM NO_SESSION "\xC0\x2F\0" "\0\x06\0\x14\0\2\1\2"), -1, "", false, false},
};
/* clang-format on */

static void check_raw_key(const struct raw_key_row *row, const struct tls_hello *hello, int outcome)
{
    struct slice key = tls_hello_raw_key(hello);
    assert_int_equal(outcome, row->outcome);
    assert_int_equal(hello->is_found, row->is_found);
    assert_int_equal(hello->is_alert, row->is_alert);
    assert_int_equal(key.length, strlen(row->key));
    assert_memory_equal(key.start, row->key, key.length);
}

static void test_raw_key(void **state)
{
    const struct raw_key_row *row = *state;
    struct tls_hello at_once = {.wants_key = true};
    struct tls_hello in_pieces = {.wants_key = true};
    struct tls_hello unasked = {0};
    int outcome = 0;

    check_raw_key(row, &at_once, tls_hello_feed(&at_once, slice_new(row->octets, row->length)));
    for (size_t i = 0; i < row->length; i++)
        outcome = tls_hello_feed(&in_pieces, slice_new(row->octets + i, 1));
    check_raw_key(row, &in_pieces, outcome);
    /* Who did not ask reads no further than the ServerHello. */
    assert_int_equal(tls_hello_feed(&unasked, slice_new(row->octets, row->length)), 1);
    assert_int_equal(tls_hello_raw_key(&unasked).length, 0);
}

static void check(const struct row *row, const struct tls_hello *hello, int outcome)
{
    assert_int_equal(outcome, row->outcome);
    assert_int_equal(hello->is_found, row->outcome == 1 && row->alert < 0);
    assert_int_equal(hello->version, row->version);
    assert_int_equal(hello->cipher, row->cipher);
    assert_int_equal(hello->compression, row->compression);
    assert_int_equal(hello->secure_renegotiation, row->secure_renegotiation);
    assert_int_equal(hello->is_alert, row->alert >= 0);
    assert_int_equal(hello->alert, row->alert >= 0 ? row->alert : 0);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct tls_hello at_once = {0};
    struct tls_hello in_pieces = {0};
    int outcome = 0;

    check(row, &at_once, tls_hello_feed(&at_once, slice_new(row->octets, row->length)));
    for (size_t i = 0; i < row->length; i++)
        outcome = tls_hello_feed(&in_pieces, slice_new(row->octets + i, 1));
    check(row, &in_pieces, outcome);
}

static unsigned read16(const char *octets)
{
    return (unsigned)(uint8_t)octets[0] << 8 | (uint8_t)octets[1];
}

/* Record, message, ciphers, compression: the lengths agree, and the name is at its place. */
static void test_client(void **state)
{
    static const uint8_t random[TLS_HELLO_RANDOM_SIZE] = RANDOM "";
    char buffer[TLS_HELLO_SIZE];
    char name[257];

    (void)state;
    size_t length = tls_hello_print(TLS_HELLO_WEAK, "mail.test", random, buffer);
    assert_memory_equal(buffer, "\x16\3\1", 3);
    assert_int_equal(read16(buffer + 3), length - 5);
    assert_memory_equal(buffer + 5, "\1\0", 2);
    assert_int_equal(read16(buffer + 7), length - 9);
    assert_memory_equal(buffer + 9, "\3\3" RANDOM "\0", 35);
    unsigned ciphers = read16(buffer + 44);
    const char *behind = buffer + 46 + ciphers;
    for (unsigned i = 0; i < ciphers; i += 2) {
        const struct tls_hello_cipher *cipher = tls_hello_cipher((uint16_t)read16(buffer + 46 + i));
        assert_non_null(cipher);
        assert_false(cipher->is_anonymous);
        assert_int_not_equal(cipher->grade, TLS_CIPHER_FINE);
    }
    assert_memory_equal(behind, "\1\0", 2); /* no compression */
    assert_int_equal(read16(behind + 2), length - (size_t)(behind + 4 - buffer));
    assert_memory_equal(behind + 4, "\0\0\0\x0E\0\x0C\0\0\x09mail.test", 18);

    length = tls_hello_print(TLS_HELLO_COMPRESSED, NULL, random, buffer);
    ciphers = read16(buffer + 44);
    assert_memory_equal(buffer + 46 + ciphers, "\2\1\0", 3);
    assert_null(tls_hello_cipher((uint16_t)read16(buffer + 46)));

    length = tls_hello_print(TLS_HELLO_RAW_KEY, NULL, random, buffer);
    assert_int_equal(read16(buffer + 44), ciphers);
    assert_memory_equal(buffer + length - 7, "\0\x14\0\3\2\2\0", 7);

    size_t without = tls_hello_print(TLS_HELLO_ANONYMOUS, NULL, random, buffer);
    memset(name, 'a', sizeof name);
    name[255] = '\0';
    assert_int_equal(tls_hello_print(TLS_HELLO_ANONYMOUS, name, random, buffer), without + 255 + 9);
    name[255] = 'a';
    name[256] = '\0';
    assert_int_equal(tls_hello_print(TLS_HELLO_ANONYMOUS, name, random, buffer), without);
}

static void test_farewell(void **state)
{
    char buffer[TLS_HELLO_FAREWELL_SIZE];

    (void)state;
    assert_int_equal(tls_hello_farewell(0x0302, buffer), TLS_HELLO_FAREWELL_SIZE);
    assert_memory_equal(buffer, "\x15\3\2\0\2\1\x5A\x15\3\2\0\2\1\0", TLS_HELLO_FAREWELL_SIZE);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_raw_key, raw_key_rows);
    cases_add(&cases, "RFC 5246 7.4.1.2: a ClientHello whose lengths agree", test_client, NULL);
    cases_add(&cases, "RFC 5246 7.2.1: user_canceled, then close_notify", test_farewell, NULL);
    return cases_run(&cases, "tls_hello");
}
