/* The first octet says how many of the next are the question; the rest came as an answer to it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns_stub.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* The same labels, of octets that host names have. */
static void check_stub(const uint8_t *query, const uint8_t *stub, size_t length)
{
    size_t at = 12;
    require(length >= 12 + 1 + 4 && memcmp(query, stub, 2) == 0);
    for (; stub[at] != 0; at += 1 + (size_t)stub[at]) {
        require(stub[at] == query[at] && stub[at] <= 63);
        for (size_t i = 1; i <= stub[at]; i++)
            require(stub[at + i] == query[at + i] || stub[at + i] == 'x');
    }
    require(at + 5 == length && memcmp(query + at, stub + at, 5) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t stub[DNS_STUB_MAX];
    if (size < 1 || size - 1 < data[0])
        return 0;
    /* Copies of their own length, for the sanitizers. */
    size_t query_size = data[0];
    size_t message_size = size - 1 - query_size;
    uint8_t *query = malloc(query_size + 1);
    uint8_t *message = malloc(message_size + 1);
    require(query != NULL && message != NULL);
    memcpy(query + 1, data + 1, query_size);
    memcpy(message + 1, data + 1 + query_size, message_size);
    size_t length = dns_stub_make(query + 1, query_size, stub);
    bool is_answer = dns_stub_is_answer(query + 1, query_size, message + 1, message_size);
    require(length <= query_size && length <= DNS_STUB_MAX);
    if (length > 0) {
        check_stub(query + 1, stub, length);
        /* The stub of an answer answers the stub of its question. */
        uint8_t answer[DNS_STUB_MAX];
        memcpy(answer, stub, length);
        dns_stub_answer(answer);
        require(dns_stub_is_answer(stub, length, answer, length));
        require(!dns_stub_is_answer(stub, length, stub, length));
    }
    if (is_answer)
        require(length > 0 && length <= message_size && memcmp(query + 1, message + 1, 2) == 0);
    free(query);
    free(message);
    return 0;
}
