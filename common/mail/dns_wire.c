#include "mail/dns_wire.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "mail/domain.h"

/* Most CNAMEs followed; resolvers stop at about the same number. */
#define CHAIN_MAX 16
/* Presentation form of a name: 255 octets, each at most "\DDD". */
#define NAME_TEXT_SIZE (255 * 4 + 1)
#define HEADER_SIZE 12
#define TYPE_AND_CLASS 4
/* Without options (RFC 6891 6.1.2). */
#define OPT_SIZE 11
#define FLAG_RD 0x0100U
#define FLAG_CD 0x0010U
#define FLAG_DO 0x8000U

/* Uncompressed wire form to lower-case text without the final dot. */
static void name_text(const uint8_t *wire, size_t size, char buffer[static NAME_TEXT_SIZE])
{
    size_t length = 0;
    size_t at = 0;
    while (at < size && wire[at] != 0) {
        size_t end = at + 1 + wire[at];
        if (length > 0) {
            buffer[length++] = '.';
        }
        for (at++; at < end && at < size && length < NAME_TEXT_SIZE - 6; at++) {
            uint8_t octet = wire[at];
            if (octet <= ' ' || octet >= 0x7f || octet == '.' || octet == '\\') {
                length += (size_t)snprintf(buffer + length, 5, "\\%03u", octet);
            } else {
                buffer[length++] = (char)(octet >= 'A' && octet <= 'Z' ? octet - 'A' + 'a' : octet);
            }
        }
    }
    buffer[length] = '\0';
}

static void rdf_name_text(const ldns_rdf *name, char buffer[static NAME_TEXT_SIZE])
{
    name_text(ldns_rdf_data(name), ldns_rdf_size(name), buffer);
}

static const char *rdf_name(struct arena *arena, const ldns_rdf *name)
{
    char buffer[NAME_TEXT_SIZE];
    rdf_name_text(name, buffer);
    return arena_copy(arena, buffer);
}

static enum dns_status status_of_rcode(unsigned rcode)
{
    switch (rcode) {
    case 0:
        return DNS_OK;
    case 2:
        return DNS_SERVFAIL;
    case 3:
        return DNS_NXDOMAIN;
    case 5:
        return DNS_REFUSED;
    default:
        return DNS_RCODE;
    }
}

bool dns_wire_status(const uint8_t *message, size_t length, enum dns_status *status,
                     unsigned *rcode)
{
    *rcode = 0;
    if (length < HEADER_SIZE || (message[2] & 0x80U) == 0) {
        *status = DNS_MALFORMED;
        return false;
    }
    unsigned answers = (unsigned)message[6] << 8 | message[7];
    *rcode = message[3] & 0x0fU;
    *status = status_of_rcode(*rcode);
    if (*status == DNS_OK && answers == 0) {
        *status = DNS_NODATA;
    }
    return answers > 0;
}

bool dns_wire_is_truncated(const uint8_t *message, size_t length)
{
    return length >= HEADER_SIZE && (message[2] & 0x02U) != 0;
}

void dns_wire_set_truncated(uint8_t *message, size_t length)
{
    if (length >= HEADER_SIZE) {
        message[2] |= 0x02U;
    }
}

static bool is_referral(const ldns_pkt *packet)
{
    const ldns_rr_list *authority = ldns_pkt_authority(packet);
    size_t ns_count = 0;
    bool has_soa = false;
    for (size_t i = 0; i < ldns_rr_list_rr_count(authority); i++) {
        ldns_rr_type type = ldns_rr_get_type(ldns_rr_list_rr(authority, i));
        ns_count += type == LDNS_RR_TYPE_NS;
        has_soa = has_soa || type == LDNS_RR_TYPE_SOA;
    }
    return ldns_pkt_get_rcode(packet) == LDNS_RCODE_NOERROR && !ldns_pkt_aa(packet) &&
           !ldns_pkt_ra(packet) && ldns_rr_list_rr_count(ldns_pkt_answer(packet)) == 0 &&
           ns_count > 0 && !has_soa;
}

bool dns_wire_is_referral(const uint8_t *message, size_t length)
{
    ldns_pkt *packet = NULL;
    bool is_one = ldns_wire2pkt(&packet, message, length) == LDNS_STATUS_OK && is_referral(packet);
    ldns_pkt_free(packet);
    return is_one;
}

/* RFC 2181 8: a TTL with the highest bit set counts as 0. */
static uint32_t valid_ttl(uint32_t ttl)
{
    return ttl > INT32_MAX ? 0 : ttl;
}

static void join_rdata(struct arena *arena, const ldns_rr *rr, struct dns_record *record)
{
    size_t size = 0;
    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
        size += ldns_rdf_size(ldns_rr_rdf(rr, i));
    }
    uint8_t *rdata = arena_alloc(arena, size + 1);
    size_t used = 0;
    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
        const ldns_rdf *part = ldns_rr_rdf(rr, i);
        if (ldns_rdf_size(part) > 0) {
            memcpy(rdata + used, ldns_rdf_data(part), ldns_rdf_size(part));
            used += ldns_rdf_size(part);
        }
    }
    record->rdata = rdata;
    record->rdata_length = size;
}

/* RFC 1035 3.3.14: one or more <character-string>s. False when the lengths do not fill the RDATA.
 */
static bool read_strings(struct arena *arena, struct dns_record *record)
{
    char *text = arena_alloc(arena, record->rdata_length + 1);
    uint8_t *strings = arena_alloc(arena, record->rdata_length + 1);
    size_t length = 0;
    size_t at = 0;
    while (at < record->rdata_length) {
        size_t size = record->rdata[at++];
        if (size > record->rdata_length - at) {
            return false;
        }
        memcpy(text + length, record->rdata + at, size);
        strings[record->string_count++] = (uint8_t)size;
        length += size;
        at += size;
    }
    record->text = slice_new(text, length);
    record->strings = strings;
    return true;
}

static bool read_record(struct arena *arena, const ldns_rr *rr, struct dns_record *record)
{
    record->type = ldns_rr_get_type(rr);
    record->ttl = valid_ttl(ldns_rr_ttl(rr));
    record->name = rdf_name(arena, ldns_rr_owner(rr));
    join_rdata(arena, rr, record);
    size_t parts = ldns_rr_rd_count(rr);
    switch (record->type) {
    case DNS_A:
        record->address.family = IP_V4;
        if (record->rdata_length == 4) {
            memcpy(record->address.bytes, record->rdata, 4);
        }
        return record->rdata_length == 4;
    case DNS_AAAA:
        record->address.family = IP_V6;
        if (record->rdata_length == 16) {
            memcpy(record->address.bytes, record->rdata, 16);
        }
        return record->rdata_length == 16;
    case DNS_CNAME:
    case DNS_NS:
    case DNS_PTR:
    case DNS_SOA:
        if (parts >= 1) {
            record->target = rdf_name(arena, ldns_rr_rdf(rr, 0));
        }
        return parts >= 1;
    case DNS_MX:
        if (parts == 2 && record->rdata_length >= 3) {
            record->preference = (unsigned)record->rdata[0] << 8 | record->rdata[1];
            record->target = rdf_name(arena, ldns_rr_rdf(rr, 1));
        }
        return record->target != NULL;
    case DNS_TXT:
    case DNS_SPF:
        return read_strings(arena, record);
    default:
        return true;
    }
}

static void lower_ttl(struct dns_answer *answer, bool *has_ttl, uint32_t ttl)
{
    ttl = valid_ttl(ttl);
    answer->ttl = *has_ttl && answer->ttl < ttl ? answer->ttl : ttl;
    *has_ttl = true;
}

/* The record of `type` that `owner` has in the section, from index `from` on; the index, or the
 * count. */
static size_t find_record(const ldns_rr_list *section, const char *owner, unsigned type,
                          size_t from)
{
    size_t count = ldns_rr_list_rr_count(section);
    for (size_t i = from; i < count; i++) {
        const ldns_rr *rr = ldns_rr_list_rr(section, i);
        if ((unsigned)ldns_rr_get_type(rr) == type && ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN) {
            char name[NAME_TEXT_SIZE];
            rdf_name_text(ldns_rr_owner(rr), name);
            if (strcmp(name, owner) == 0) {
                return i;
            }
        }
    }
    return count;
}

/* The name asked for in the form that names of records have: a name may be written in many ways. */
static const char *first_owner(struct arena *arena, const char *name)
{
    if (strpbrk(name, "\\ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL) {
        return name;
    }
    ldns_rdf *dname = ldns_dname_new_frm_str(name);
    if (dname == NULL) {
        return name;
    }
    const char *owner = rdf_name(arena, dname);
    ldns_rdf_deep_free(dname);
    return owner;
}

/* Follows CNAMEs from the name asked for; the owner of the data, or NULL for a loop or too long a
 * chain. */
static const char *follow_chain(struct arena *arena, const ldns_rr_list *section,
                                struct dns_answer *answer, bool *has_ttl)
{
    const char *owner = first_owner(arena, answer->name);
    const char **chain = NULL;
    size_t count = ldns_rr_list_rr_count(section);
    while (answer->type != DNS_CNAME) {
        size_t at = find_record(section, owner, DNS_CNAME, 0);
        if (at == count || ldns_rr_rd_count(ldns_rr_list_rr(section, at)) == 0) {
            break;
        }
        if (answer->chain_length == CHAIN_MAX) {
            return NULL;
        }
        if (chain == NULL) {
            chain = arena_array(arena, CHAIN_MAX, sizeof *chain);
            answer->chain = chain;
        }
        owner = rdf_name(arena, ldns_rr_rdf(ldns_rr_list_rr(section, at), 0));
        chain[answer->chain_length++] = owner;
        lower_ttl(answer, has_ttl, ldns_rr_ttl(ldns_rr_list_rr(section, at)));
    }
    return owner;
}

/* RFC 2308 5: the least of the SOA's own TTL and its MINIMUM field. `owner` is the name that has
 * no data. */
static void read_negative(struct arena *arena, const ldns_pkt *packet, const char *owner,
                          struct dns_answer *answer, bool *has_ttl)
{
    const ldns_rr_list *authority = ldns_pkt_authority(packet);
    for (size_t i = 0; i < ldns_rr_list_rr_count(authority); i++) {
        const ldns_rr *rr = ldns_rr_list_rr(authority, i);
        char zone[NAME_TEXT_SIZE];
        rdf_name_text(ldns_rr_owner(rr), zone);
        if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_SOA && ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN &&
            ldns_rr_rd_count(rr) == 7 && domain_is_within(owner, zone)) {
            answer->zone = arena_copy(arena, zone);
            lower_ttl(answer, has_ttl, ldns_rr_ttl(rr));
            lower_ttl(answer, has_ttl, ldns_rdf2native_int32(ldns_rr_rdf(rr, 6)));
            return;
        }
    }
}

static void read_sections(struct arena *arena, const ldns_pkt *packet, struct dns_answer *answer)
{
    const ldns_rr_list *section = ldns_pkt_answer(packet);
    size_t count = ldns_rr_list_rr_count(section);
    bool has_ttl = false;
    const char *owner = follow_chain(arena, section, answer, &has_ttl);
    if (owner == NULL) {
        answer->status = DNS_MALFORMED;
        return;
    }
    struct dns_record *records = NULL;
    if (answer->status == DNS_OK) {
        for (size_t i = find_record(section, owner, answer->type, 0); i < count;
             i = find_record(section, owner, answer->type, i + 1)) {
            if (records == NULL) {
                records = arena_array(arena, count - i, sizeof *records);
            }
            struct dns_record *record = &records[answer->record_count];
            if (!read_record(arena, ldns_rr_list_rr(section, i), record)) {
                answer->status = DNS_MALFORMED;
                answer->record_count = 0;
                return;
            }
            lower_ttl(answer, &has_ttl, record->ttl);
            answer->record_count++;
        }
        answer->records = records;
        if (answer->record_count == 0) {
            answer->status = is_referral(packet) ? DNS_REFERRAL : DNS_NODATA;
        }
    }
    if (answer->status == DNS_NODATA || answer->status == DNS_NXDOMAIN) {
        read_negative(arena, packet, owner, answer, &has_ttl);
    }
}

void dns_wire_decode(struct arena *arena, const char *name, unsigned type, const uint8_t *message,
                     size_t length, struct dns_answer *answer)
{
    *answer = (struct dns_answer){
        .name = name, .type = type, .size = length, .ms = answer->ms, .tcp = answer->tcp};
    unsigned rcode;
    dns_wire_status(message, length, &answer->status, &rcode);
    answer->rcode = rcode;
    if (answer->status == DNS_MALFORMED) {
        return;
    }
    answer->authoritative = (message[2] & 0x04U) != 0;
    answer->authentic = (message[3] & 0x20U) != 0;
    ldns_pkt *packet = NULL;
    if (ldns_wire2pkt(&packet, message, length) != LDNS_STATUS_OK) {
        answer->status = DNS_MALFORMED;
        return;
    }
    answer->rcode = rcode | (unsigned)ldns_pkt_edns_extended_rcode(packet) << 4;
    answer->status = status_of_rcode(answer->rcode);
    read_sections(arena, packet, answer);
    ldns_pkt_free(packet);
}

static uint8_t *put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)(value & 0xFF);
    return at + sizeof(uint16_t);
}

/* One of many thousands: libldns would take 64 KB for each, and three times as long. */
uint8_t *dns_wire_query(const char *name, unsigned type, unsigned flags, bool no_recursion,
                        uint16_t id, uint16_t udp_size, size_t *length)
{
    ldns_rdf *dname = ldns_dname_new_frm_str(name[0] == '\0' ? "." : name);
    if (dname == NULL) {
        return NULL;
    }
    size_t name_size = ldns_rdf_size(dname);
    *length = HEADER_SIZE + name_size + TYPE_AND_CLASS + (udp_size > 0 ? OPT_SIZE : 0);
    uint8_t *wire = memory_new(*length, 1);
    uint8_t *at = put16(wire, id);
    at = put16(at, (no_recursion ? 0 : FLAG_RD) | (flags & DNS_CHECKING_DISABLED ? FLAG_CD : 0));
    at = put16(at, 1);
    at = put16(at, 0);
    at = put16(at, 0);
    at = put16(at, udp_size > 0);
    memcpy(at, ldns_rdf_data(dname), name_size);
    at = put16(at + name_size, type);
    at = put16(at, LDNS_RR_CLASS_IN);
    if (udp_size > 0) {
        *at++ = 0; /* the root */
        at = put16(at, LDNS_RR_TYPE_OPT);
        at = put16(at, udp_size);
        at = put16(at, 0);
        at = put16(at, flags & DNS_DNSSEC ? FLAG_DO : 0);
        put16(at, 0);
    }
    ldns_rdf_deep_free(dname);
    return wire;
}
