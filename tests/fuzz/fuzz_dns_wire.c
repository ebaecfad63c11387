/* The first octet chooses the type asked for; the rest is an answer about www.example.org, and
 * besides a name to be asked for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/dns_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const unsigned types[] = {DNS_A,    DNS_NS, DNS_CNAME,  DNS_SOA,  DNS_PTR, DNS_MX, DNS_TXT,
                                 DNS_AAAA, DNS_DS, DNS_DNSKEY, DNS_TLSA, DNS_SPF, 46,     65280};

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* Names have no octet that a terminal could mind, and no dot too many. */
static void check_name(const char *name)
{
    require(name != NULL && strlen(name) <= 255 * 4);
    for (const char *at = name; *at != '\0'; at++)
        require(*at > ' ' && *at <= '~' && !(*at >= 'A' && *at <= 'Z'));
    require(name[0] != '.' && strstr(name, "..") == NULL);
}

static void check_record(const struct dns_record *record, unsigned type)
{
    size_t length = 0;
    check_name(record->name);
    require(record->type == type && record->ttl <= INT32_MAX);
    require(record->rdata != NULL && record->rdata_length <= UINT16_MAX + 255U);
    for (size_t i = 0; i < record->string_count; i++)
        length += record->strings[i];
    require(length == record->text.length);
    if (record->text.start != NULL)
        require(record->text.start[length] == '\0');
    if (record->target != NULL)
        check_name(record->target);
    if (type == DNS_A)
        require(record->address.family == IP_V4);
    if (type == DNS_AAAA)
        require(record->address.family == IP_V6);
    if (type == DNS_MX || type == DNS_NS || type == DNS_PTR)
        require(record->target != NULL && record->preference <= UINT16_MAX);
}

static void check_answer(const struct dns_answer *answer, const uint8_t *data, size_t size)
{
    enum dns_status status;
    unsigned rcode;
    bool has_records = dns_wire_status(data, size, &status, &rcode);
    require(answer->size == size && answer->status != DNS_PENDING);
    require((answer->status == DNS_OK) == (answer->record_count > 0));
    if (answer->status == DNS_OK)
        require(has_records && status == DNS_OK && answer->rcode == 0);
    if (answer->status != DNS_MALFORMED)
        require((answer->rcode & 15U) == rcode);
    require(answer->chain_length <= 16 && answer->ttl <= INT32_MAX);
    for (size_t i = 0; i < answer->chain_length; i++)
        check_name(answer->chain[i]);
    if (answer->zone != NULL)
        check_name(answer->zone);
    for (size_t i = 0; i < answer->record_count; i++)
        check_record(&answer->records[i], answer->type);
}

static void ask(const uint8_t *data, size_t size)
{
    char name[300];
    size_t length = size < sizeof name - 1 ? size : sizeof name - 1;
    memcpy(name, data, length);
    name[length] = '\0';
    uint8_t *query = dns_wire_query(name, DNS_A, DNS_DNSSEC, false, 1, 1232, &length);
    if (query != NULL)
        require(length >= 12 + 1 + 4 + 11 && length <= 12 + 255 + 4 + 11);
    free(query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dns_answer answer = {0};
    struct arena arena;
    if (size < 1)
        return 0;
    unsigned type = types[data[0] % (sizeof types / sizeof types[0])];
    data++;
    size--;
    arena_init(&arena);
    dns_wire_decode(&arena, "www.example.org", type, data, size, &answer);
    check_answer(&answer, data, size);
    struct dns_answers *answers = dns_answers_new(&arena, 1);
    const struct dns_answer *stored = dns_answers_get(answers, "www.example.org", type);
    dns_answers_settle(answers, 0, &answer);
    require(stored->record_count == answer.record_count && stored->status == answer.status);
    ask(data, size);
    arena_release(&arena);
    return 0;
}
