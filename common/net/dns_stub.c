#include "net/dns_stub.h"

#include <arpa/nameser.h>
#include <string.h>

/* RFC 1035 4.1.1 and 4.1.2 */
#define HEADER_SIZE 12
#define COUNTS 4
#define TYPE_AND_CLASS 4
#define LABEL_MAX 63
#define NAME_MAX_SIZE 255
#define FLAG_RESPONSE 0x80

/* Where the name of the one question ends, 0 when there is none. */
static size_t name_end(const uint8_t *message, size_t length)
{
    size_t at = HEADER_SIZE;
    if (length < HEADER_SIZE || message[COUNTS] != 0 || message[COUNTS + 1] != 1) {
        return 0;
    }
    while (at < length && message[at] != 0) {
        if (message[at] > LABEL_MAX) {
            return 0;
        }
        at += 1 + (size_t)message[at];
    }
    at++;
    bool is_whole = at + TYPE_AND_CLASS <= length && at - HEADER_SIZE <= NAME_MAX_SIZE;
    return is_whole ? at : 0;
}

static bool is_of_host(uint8_t octet)
{
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') ||
           (octet >= '0' && octet <= '9') || octet == '-' || octet == '_';
}

size_t dns_stub_make(const uint8_t *query, size_t length, uint8_t stub[static DNS_STUB_MAX])
{
    size_t end = name_end(query, length);
    if (end == 0) {
        return 0;
    }
    memset(stub, 0, HEADER_SIZE);
    memcpy(stub, query, sizeof(uint16_t));
    stub[COUNTS + 1] = 1;
    memcpy(stub + HEADER_SIZE, query + HEADER_SIZE, end + TYPE_AND_CLASS - HEADER_SIZE);
    for (size_t at = HEADER_SIZE; stub[at] != 0; at += 1 + (size_t)stub[at]) {
        for (size_t i = 1; i <= stub[at]; i++) {
            stub[at + i] = is_of_host(stub[at + i]) ? stub[at + i] : 'x';
        }
    }
    return end + TYPE_AND_CLASS;
}

void dns_stub_answer(uint8_t stub[static DNS_STUB_MAX])
{
    stub[2] = FLAG_RESPONSE;
    stub[3] = ns_r_servfail;
}

bool dns_stub_is_answer(const uint8_t *query, size_t query_length, const uint8_t *message,
                        size_t length)
{
    /* The id first: many questions are held against each answer. */
    if (query_length < HEADER_SIZE || length < HEADER_SIZE ||
        memcmp(query, message, sizeof(uint16_t)) != 0 || (message[2] & FLAG_RESPONSE) == 0) {
        return false;
    }
    size_t end = name_end(query, query_length);
    if (end == 0 || name_end(message, length) != end ||
        memcmp(query + end, message + end, TYPE_AND_CLASS) != 0) {
        return false;
    }
    /* Octet by octet, for a name may hold NUL; the lengths of labels are no letters. */
    for (size_t at = HEADER_SIZE; at < end; at++) {
        uint8_t a = query[at];
        uint8_t b = message[at];
        if (a != b && ((a ^ b) != 0x20 || (a | 0x20U) < 'a' || (a | 0x20U) > 'z')) {
            return false;
        }
    }
    return true;
}
