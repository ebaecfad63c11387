#include "answer_build.h"

#include <string.h>

/* Owner as a pointer, type, class, TTL, RDLENGTH: as the script keeps records. */
#define RECORD_FIXED_SIZE 12
#define OPT_SIZE 11

/* RFC 1035 4.2.1 and what this server says of itself in OPT. */
#define UDP_SIZE_MIN 512
#define UDP_SIZE_OWN 1232

#define GARBAGE_SIZE 64

static void put_number(uint8_t *octets, size_t number)
{
    octets[0] = (uint8_t)(number >> 8);
    octets[1] = (uint8_t)number;
}

static void put_pointer(uint8_t *octets, size_t place)
{
    put_number(octets, 0xC000 | place);
}

static uint8_t *reserve(struct build *build, size_t length)
{
    uint8_t *place = build->octets + build->length;

    if (length > ANSWER_OCTETS_MAX - OPT_SIZE - build->length) {
        build->overflow = true;
        return NULL;
    }
    build->length += length;
    return place;
}

void build_open(struct build *build, const struct query *query, uint8_t *octets)
{
    memset(build, 0, sizeof(*build));
    build->query = query;
    build->octets = octets;
    build->length = query->question_end;
    memcpy(octets, query->message, query->question_end);
}

void build_clear(struct build *build)
{
    build->length = build->query->question_end;
    build->answers = 0;
    build->authorities = 0;
}

size_t build_records(struct build *build, const struct zone_rule *rule, size_t owner)
{
    uint8_t *octets = reserve(build, rule->length);

    if (octets == NULL || rule->record_count == 0)
        return 0;
    memcpy(octets, rule->octets, rule->length);
    build->answers = (uint16_t)(build->answers + rule->record_count);
    if (owner != DNS_HEADER_SIZE) {
        for (size_t at = 0; at < rule->length;
             at += RECORD_FIXED_SIZE + query_number(octets + at + 10))
            put_pointer(octets + at, owner);
    }
    return (size_t)(octets - build->octets) + RECORD_FIXED_SIZE;
}

static void cut_ttl(uint8_t *record, size_t length)
{
    uint8_t *ttl = record + 6;
    const uint8_t *minimum = record + length - 4;

    if (length >= RECORD_FIXED_SIZE + 4 && memcmp(minimum, ttl, 4) < 0)
        memcpy(ttl, minimum, 4);
}

void build_soa(struct build *build, const struct zone_rule *rule, size_t owner)
{
    size_t length = (size_t)RECORD_FIXED_SIZE + query_number(rule->octets + 10);
    uint8_t *octets = reserve(build, length);

    if (octets == NULL)
        return;
    memcpy(octets, rule->octets, length);
    cut_ttl(octets, length);
    put_pointer(octets, owner);
    if (owner == 0) {
        octets[0] = 0;
        memmove(octets + 1, octets + 2, length - 2);
        build->length--;
    }
    build->authorities++;
}

void build_root_soa(struct build *build)
{
    static const uint8_t soa[] = "\0"                       /* owner */
                                 "\0\6\0\1"                 /* SOA IN */
                                 "\0\0\1\x2C\0\x3A"         /* TTL 300, RDLENGTH */
                                 "\10fake-dns\7invalid\0"   /* MNAME */
                                 "\12hostmaster\xC0\x0C"    /* RNAME, its pointer set below */
                                 "\0\0\0\1\0\0\x0E\x10"     /* SERIAL, REFRESH */
                                 "\0\0\2\x58\0\x09\x3A\x80" /* RETRY, EXPIRE */
                                 "\0\0\1\x2C";              /* MINIMUM */
    enum {
        SOA_SIZE = sizeof(soa) - 1,
        MNAME_INVALID = 11 + 9,
        RNAME_POINTER = 11 + 18 + 11,
    };
    uint8_t *octets = reserve(build, SOA_SIZE);

    if (octets == NULL)
        return;
    memcpy(octets, soa, SOA_SIZE);
    put_number(octets + 9, SOA_SIZE - 11);
    put_pointer(octets + RNAME_POINTER, (size_t)(octets - build->octets) + MNAME_INVALID);
    build->authorities++;
}

void build_message(struct build *build, const struct zone_rule *rule)
{
    build->is_message = true;
    memcpy(build->octets + 2, rule->octets, rule->length);
    build->length = 2 + rule->length;
}

static bool has_opt(const struct build *build, const struct behaviour *behaviour)
{
    return build->query->has_edns && !behaviour_has(behaviour, BEHAVIOUR_NO_OPT);
}

static void add_opt(struct build *build)
{
    uint8_t *octets = build->octets + build->length;

    memset(octets, 0, OPT_SIZE);
    put_number(octets + 1, DNS_TYPE_OPT);
    put_number(octets + 3, UDP_SIZE_OWN);
    octets[5] = (uint8_t)(build->rcode >> 4);
    octets[7] = build->query->dnssec_ok ? 0x80 : 0;
    build->length += OPT_SIZE;
}

static unsigned flags_of(const struct build *build, const struct behaviour *behaviour)
{
    unsigned flags =
        DNS_FLAG_QR | (build->query->flags & (DNS_FLAG_RD | DNS_FLAG_CD)) | (build->rcode & 0xFU);

    if (!behaviour_has(behaviour, BEHAVIOUR_NO_RA))
        flags |= DNS_FLAG_RA;
    if (behaviour_has(behaviour, BEHAVIOUR_AA))
        flags |= DNS_FLAG_AA;
    if (behaviour_has(behaviour, BEHAVIOUR_AD))
        flags |= DNS_FLAG_AD;
    return flags;
}

static void finish(struct build *build, const struct behaviour *behaviour, bool tcp)
{
    bool opt = has_opt(build, behaviour);
    size_t limit = opt ? build->query->udp_size : UDP_SIZE_MIN;
    unsigned truncated = 0;

    if (build->overflow || (!tcp && (behaviour_has(behaviour, BEHAVIOUR_TRUNCATE) ||
                                     build->length + (opt ? OPT_SIZE : 0) > limit))) {
        build_clear(build);
        truncated = DNS_FLAG_TC;
    }
    put_number(build->octets + 2, flags_of(build, behaviour) | truncated);
    put_number(build->octets + 4, 1);
    put_number(build->octets + 6, build->answers);
    put_number(build->octets + 8, build->authorities);
    put_number(build->octets + 10, opt ? 1 : 0);
    if (opt)
        add_opt(build);
}

/* Another name of the same length; for the root another type. */
static void change_question(struct build *build)
{
    uint8_t *name = build->octets + DNS_HEADER_SIZE;

    if (build->length <= DNS_HEADER_SIZE + 1)
        return;
    if (name[0] == 0)
        name[2] ^= 1;
    else
        name[1] = name[1] == 'x' ? 'y' : 'x';
}

/* Octets without sense that still say "response" (splitmix64). */
static void fill_with_garbage(struct build *build, uint64_t seed)
{
    for (size_t i = 2; i < GARBAGE_SIZE; i++) {
        uint64_t mixed = (seed + i) * UINT64_C(0x9e3779b97f4a7c15);

        mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        build->octets[i] = (uint8_t)(mixed >> 24);
    }
    build->octets[2] |= 0x80;
    build->length = GARBAGE_SIZE;
}

size_t build_close(struct build *build, const struct behaviour *behaviour, bool tcp, uint64_t seed)
{
    if (!build->is_message)
        finish(build, behaviour, tcp);
    if (behaviour_has(behaviour, BEHAVIOUR_WRONG_QUESTION))
        change_question(build);
    if (behaviour_has(behaviour, BEHAVIOUR_GARBAGE))
        fill_with_garbage(build, seed);
    if (behaviour_has(behaviour, BEHAVIOUR_HEADER_ONLY) && build->length > DNS_HEADER_SIZE)
        build->length = DNS_HEADER_SIZE;
    if (behaviour_has(behaviour, BEHAVIOUR_CUT) && build->length > behaviour->cut)
        build->length = behaviour->cut;
    put_number(build->octets, build->query->id);
    if (behaviour_has(behaviour, BEHAVIOUR_WRONG_ID))
        build->octets[1] ^= 0x55;
    return build->length;
}

size_t build_error(const struct query *query, uint16_t rcode, uint8_t *octets)
{
    memset(octets, 0, DNS_HEADER_SIZE);
    put_number(octets, query->id);
    put_number(octets + 2, DNS_FLAG_QR |
                               (query->flags & (DNS_OPCODE_MASK | DNS_FLAG_RD | DNS_FLAG_CD)) |
                               rcode);
    return DNS_HEADER_SIZE;
}
