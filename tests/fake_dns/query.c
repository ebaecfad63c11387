#include "query.h"

/* RFC 1035 4.2.1 */
#define UDP_SIZE_MIN 512

/* What stands between a record's owner and its RDATA: type, class, TTL, RDLENGTH. */
#define RECORD_HEADER_SIZE 10

uint16_t query_number(const uint8_t *octets)
{
    return (uint16_t)(octets[0] << 8 | octets[1]);
}

/* RFC 6891 6.1.2: the class is the size, the TTL is rcode, version and flags. */
static void read_opt(struct query *query, const uint8_t *fixed)
{
    query->has_edns = true;
    query->udp_size = query_number(fixed + 2);
    if (query->udp_size < UDP_SIZE_MIN)
        query->udp_size = UDP_SIZE_MIN;
    query->edns_version = fixed[5];
    query->dnssec_ok = (fixed[6] & 0x80) != 0;
}

static bool read_records(struct query *query, size_t size, size_t count)
{
    size_t at = query->question_end;

    for (size_t i = 0; i < count; i++) {
        size_t owner = at;

        at = name_skip(query->message, size, at);
        if (at == 0 || size - at < RECORD_HEADER_SIZE)
            return false;
        const uint8_t *fixed = query->message + at;
        size_t length = query_number(fixed + 8);

        at += RECORD_HEADER_SIZE;
        if (size - at < length)
            return false;
        at += length;
        if (query_number(fixed) != DNS_TYPE_OPT)
            continue;
        if (query->has_edns || query->message[owner] != 0)
            return false;
        read_opt(query, fixed);
    }
    return true;
}

static bool read_sections(struct query *query, size_t size)
{
    const uint8_t *message = query->message;
    size_t taken = name_read(&query->name, message + DNS_HEADER_SIZE, size - DNS_HEADER_SIZE);
    size_t at = DNS_HEADER_SIZE + taken;

    if (query_number(message + 4) != 1 || taken == 0 || size - at < 4)
        return false;
    query->type = query_number(message + at);
    query->class_code = query_number(message + at + 2);
    query->question_end = at + 4;
    return read_records(query, size,
                        (size_t)query_number(message + 6) + query_number(message + 8) +
                            query_number(message + 10));
}

void query_read(struct query *query, const uint8_t *message, size_t size)
{
    query->kind = QUERY_IGNORED;
    query->message = message;
    query->has_edns = false;
    query->dnssec_ok = false;
    query->edns_version = 0;
    query->udp_size = UDP_SIZE_MIN;
    if (size < DNS_HEADER_SIZE)
        return;
    query->id = query_number(message);
    query->flags = query_number(message + 2);
    if ((query->flags & DNS_FLAG_QR) != 0)
        return;
    if ((query->flags & DNS_OPCODE_MASK) != 0)
        query->kind = QUERY_UNSUPPORTED;
    else
        query->kind = read_sections(query, size) ? QUERY_GOOD : QUERY_MALFORMED;
}
