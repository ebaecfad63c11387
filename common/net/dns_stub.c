#include "net/dns_stub.h"

#include <arpa/nameser.h>
#include <string.h>

/* RFC 1035 4.1.1 and 4.1.2 */
#define HEADER_SIZE 12
#define COUNTS_AFTER_QUESTION 6
#define TYPE_AND_CLASS 4
#define LABEL_MAX 63
#define FLAG_RESPONSE 0x80
#define RCODE_MASK 0x0F

/* Where the one question ends, 0 when there is none. */
static size_t question_end(const uint8_t *message, size_t length)
{
    size_t at = HEADER_SIZE;
    if (length < HEADER_SIZE || message[4] != 0 || message[5] != 1) {
        return 0;
    }
    while (at < length && message[at] != 0) {
        if (message[at] > LABEL_MAX) {
            return 0;
        }
        at += 1 + (size_t)message[at];
    }
    at += 1 + TYPE_AND_CLASS;
    return at <= length ? at : 0;
}

size_t dns_stub_make(uint8_t *message, size_t length)
{
    size_t end = question_end(message, length);
    if (end == 0) {
        return 0;
    }
    int rcode = message[3] & RCODE_MASK;
    message[2] = FLAG_RESPONSE;
    message[3] = (uint8_t)(rcode == ns_r_formerr ? ns_r_formerr : ns_r_servfail);
    memset(message + COUNTS_AFTER_QUESTION, 0, HEADER_SIZE - COUNTS_AFTER_QUESTION);
    return end;
}
