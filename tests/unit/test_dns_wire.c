#include "cases.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "mail/dns_wire.h"

/*
 * Messages as octets, put together from these. The question stands behind the header, so its name
 * www.example.org is at offset 12, example.org at 16, org at 24; what follows is at 33. Only octal
 * escapes: they end after three digits.
 */
#define ID "\022\064"
#define NOERROR ID "\201\200"
#define RCODE(octet) ID "\201" octet
#define COUNTS(answer, authority, additional)                                                      \
    "\000\001\000" answer "\000" authority "\000" additional
#define WWW "\003www\007example\003org\000"
#define QUESTION(type) WWW "\000" type "\000\001"
#define A "\001"
#define NS "\002"
#define CNAME "\005"
#define SOA "\006"
#define PTR "\014"
#define MX "\017"
#define TXT "\020"
#define AAAA "\034"
#define TLSA "\064"
#define AT_WWW "\300\014"
#define AT_EXAMPLE "\300\020"
#define AT_ORG "\300\030"
#define TTL_60 "\000\000\000\074"
#define TTL_300 "\000\000\001\054"
#define TTL_3600 "\000\000\016\020"
#define IN "\000\001"
#define CH "\000\003"
#define ADDRESS(last) "\000\004\300\000\002" last
#define WWW_A(last) AT_WWW "\000" A IN TTL_300 ADDRESS(last)
/* primary ns.example.org, mailbox root, serial, refresh, retry, expire 1, MINIMUM as given */
#define SOA_DATA(minimum)                                                                          \
    "\000\032\002ns" AT_EXAMPLE "\000\000\000\000\001\000\000\000\001\000\000\000\001\000\000\000" \
    "\001" minimum
#define OPT(extended) "\000\000\051\004\320" extended "\000\000\000\000\000"

#define ROW(label_, status_, message_, ...)                                                        \
    {                                                                                              \
        .label = label_, .status = status_, .message = CASES_SLICE(message_), __VA_ARGS__          \
    }

static const struct row {
    const char *label;
    struct slice message;
    enum dns_status status;
    const char *name;   /* NULL: www.example.org */
    unsigned type;      /* 0: A */
    const char *values; /* of the records, each followed by ";" */
    const char *chain;  /* the same */
    const char *zone;
    uint32_t ttl;
    unsigned rcode;
    bool authentic, authoritative;
} rows[] = {
    ROW("an address", DNS_OK, NOERROR COUNTS("\001", "\000", "\000") QUESTION(A) WWW_A("\001"),
        .values = "192.0.2.1;", .ttl = 300),
    ROW("several records keep their order; the least TTL counts (RFC 2181 5.2)", DNS_OK,
        NOERROR COUNTS("\003", "\000", "\000") QUESTION(A) WWW_A("\003") WWW_A("\001") AT_WWW
        "\000" A IN TTL_60 ADDRESS("\002"),
        .values = "192.0.2.3;192.0.2.1;192.0.2.2;", .ttl = 60),
    ROW("a TTL with the highest bit set is 0 (RFC 2181 8)", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(A) AT_WWW
        "\000" A IN "\200\000\001\000" ADDRESS("\001"),
        .values = "192.0.2.1;", .ttl = 0),

    /* rcodes, RFC 6895 2.3 */
    ROW("FORMERR is an error code", DNS_RCODE,
        RCODE("\201") COUNTS("\000", "\000", "\000") QUESTION(A), .rcode = 1),
    ROW("SERVFAIL", DNS_SERVFAIL, RCODE("\202") COUNTS("\000", "\000", "\000") QUESTION(A),
        .rcode = 2),
    ROW("NXDOMAIN without SOA has no TTL and no zone", DNS_NXDOMAIN,
        RCODE("\203") COUNTS("\000", "\000", "\000") QUESTION(A), .rcode = 3),
    ROW("NOTIMP is an error code", DNS_RCODE,
        RCODE("\204") COUNTS("\000", "\000", "\000") QUESTION(A), .rcode = 4),
    ROW("REFUSED", DNS_REFUSED, RCODE("\205") COUNTS("\000", "\000", "\000") QUESTION(A),
        .rcode = 5),
    ROW("an rcode that nobody knows is an error code", DNS_RCODE,
        ID "\201\217" COUNTS("\000", "\000", "\000") QUESTION(A), .rcode = 15),
    ROW("BADVERS: the upper bits stand in the OPT record (RFC 6891 6.1.3)", DNS_RCODE,
        NOERROR COUNTS("\000", "\000", "\001") QUESTION(A) OPT("\001"), .rcode = 16),
    ROW("upper bits make another rcode of SERVFAIL (RFC 6891 6.1.3)", DNS_RCODE,
        RCODE("\202") COUNTS("\000", "\000", "\001") QUESTION(A) OPT("\001"), .rcode = 18),
    ROW("OPT with no upper bits changes nothing", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\001") QUESTION(A) WWW_A("\001") OPT("\000"),
        .values = "192.0.2.1;", .ttl = 300),
    ROW("records beside an error count for nothing", DNS_SERVFAIL,
        RCODE("\202") COUNTS("\001", "\000", "\000") QUESTION(A) WWW_A("\001"), .rcode = 2),
    ROW("records of a name that does not exist count for nothing", DNS_NXDOMAIN,
        RCODE("\203") COUNTS("\001", "\000", "\000") QUESTION(A) WWW_A("\001"), .rcode = 3),

    /* negative answers, RFC 2308 */
    ROW("NOERROR without records is no data (RFC 2308 2.2)", DNS_NODATA,
        NOERROR COUNTS("\000", "\000", "\000") QUESTION(A), .ttl = 0),
    ROW("negative TTL: MINIMUM is less (RFC 2308 5)", DNS_NXDOMAIN,
        RCODE("\203") COUNTS("\000", "\001", "\000") QUESTION(A) AT_EXAMPLE
        "\000" SOA IN TTL_300 SOA_DATA(TTL_60),
        .rcode = 3, .zone = "example.org", .ttl = 60),
    ROW("negative TTL: the SOA's own is less (RFC 2308 5)", DNS_NODATA,
        NOERROR COUNTS("\000", "\001", "\000") QUESTION(A) AT_ORG
        "\000" SOA IN TTL_60 SOA_DATA(TTL_3600),
        .zone = "org", .ttl = 60),
    ROW("a negative answer of the root zone", DNS_NXDOMAIN,
        RCODE("\203") COUNTS("\000", "\001", "\000")
            QUESTION(A) "\000\000" SOA IN TTL_300 SOA_DATA(TTL_60),
        .rcode = 3, .zone = "", .ttl = 60),
    ROW("an SOA that is not above the name is left out", DNS_NXDOMAIN,
        RCODE("\203") COUNTS("\000", "\001", "\000")
            QUESTION(A) "\003xyz\000\000" SOA IN TTL_300 SOA_DATA(TTL_60),
        .rcode = 3),
    ROW("an SOA of another class is left out", DNS_NXDOMAIN,
        RCODE("\203") COUNTS("\000", "\001", "\000") QUESTION(A) AT_EXAMPLE
        "\000" SOA CH TTL_300 SOA_DATA(TTL_60),
        .rcode = 3),
    ROW("NS records in the authority section are no SOA: no data of a resolver", DNS_NODATA,
        NOERROR COUNTS("\000", "\001", "\000") QUESTION(A) AT_EXAMPLE "\000" NS IN TTL_300
                                                                      "\000\005\002ns" AT_EXAMPLE,
        .ttl = 0),

    /* chains of CNAMEs, RFC 1034 3.6.2 */
    ROW("a referral is no answer: AA and RA clear, NS without SOA (RFC 2308 2.2.1)", DNS_REFERRAL,
        ID "\201\000" COUNTS("\000", "\001", "\000") QUESTION(A) AT_EXAMPLE
        "\000" NS IN TTL_300 "\000\005\002ns" AT_EXAMPLE,
        .ttl = 0),

    /* chains of CNAMEs, RFC 1034 3.6.2 */
    ROW("NS records with AA are no referral", DNS_NODATA,
        ID "\205\000" COUNTS("\000", "\001", "\000") QUESTION(A) AT_EXAMPLE
        "\000" NS IN TTL_300 "\000\005\002ns" AT_EXAMPLE,
        .ttl = 0, .authoritative = true),

    /* chains of CNAMEs, RFC 1034 3.6.2 */
    ROW("an alias with its data", DNS_OK,
        NOERROR COUNTS("\002", "\000", "\000") QUESTION(A) AT_WWW
        "\000" CNAME IN TTL_60 "\000\002" AT_EXAMPLE AT_EXAMPLE "\000" A IN TTL_300 ADDRESS("\001"),
        .values = "192.0.2.1;", .chain = "example.org;", .ttl = 60),
    ROW("the order of a chain does not matter", DNS_OK,
        NOERROR COUNTS("\003", "\000", "\000") QUESTION(A) AT_ORG "\000" A IN TTL_300 ADDRESS(
            "\001") AT_EXAMPLE "\000" CNAME IN TTL_300 "\000\002" AT_ORG AT_WWW
                               "\000" CNAME IN TTL_300 "\000\002" AT_EXAMPLE,
        .values = "192.0.2.1;", .chain = "example.org;org;", .ttl = 300),
    ROW("an alias whose target has no such data", DNS_NODATA,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(A) AT_WWW "\000" CNAME IN TTL_60
                                                                  "\000\002" AT_EXAMPLE,
        .chain = "example.org;", .ttl = 60),
    ROW("an alias whose target does not exist: the TTL is the least of all (RFC 2308 2.1)",
        DNS_NXDOMAIN,
        RCODE("\203") COUNTS("\001", "\001", "\000") QUESTION(A) AT_WWW
        "\000" CNAME IN TTL_3600 "\000\006\003mis" AT_EXAMPLE AT_EXAMPLE
        "\000" SOA IN TTL_300 SOA_DATA(TTL_300),
        .rcode = 3, .chain = "mis.example.org;", .zone = "example.org", .ttl = 300),
    ROW("a CNAME that is asked for is data and not followed", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(CNAME) AT_WWW "\000" CNAME IN TTL_300
                                                                      "\000\002" AT_EXAMPLE,
        .type = DNS_CNAME, .values = "example.org;", .ttl = 300),
    ROW("an alias of itself is malformed", DNS_MALFORMED,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(A) AT_WWW "\000" CNAME IN TTL_300
                                                                  "\000\002" AT_WWW,
        .chain = "?"),
    ROW("a loop of two is malformed", DNS_MALFORMED,
        NOERROR COUNTS("\002", "\000", "\000") QUESTION(A) AT_WWW
        "\000" CNAME IN TTL_300 "\000\002" AT_EXAMPLE AT_EXAMPLE "\000" CNAME IN TTL_300
        "\000\002" AT_WWW,
        .chain = "?"),
    ROW("records of other names are left out", DNS_OK,
        NOERROR COUNTS("\002", "\000", "\000") QUESTION(A) AT_EXAMPLE
        "\000" A IN TTL_60 ADDRESS("\011") WWW_A("\001"),
        .values = "192.0.2.1;", .ttl = 300),
    ROW("records of other names alone are no data", DNS_NODATA,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(A) AT_EXAMPLE
        "\000" A IN TTL_60 ADDRESS("\011"),
        .ttl = 0),
    ROW("records in front of the end of the chain are left out", DNS_OK,
        NOERROR COUNTS("\003", "\000", "\000") QUESTION(A) WWW_A("\011") AT_WWW
        "\000" CNAME IN TTL_300 "\000\002" AT_EXAMPLE AT_EXAMPLE
        "\000" A IN TTL_300 ADDRESS("\001"),
        .values = "192.0.2.1;", .chain = "example.org;", .ttl = 300),
    ROW("records of other types are left out", DNS_OK,
        NOERROR COUNTS("\002", "\000", "\000") QUESTION(A) AT_WWW "\000" TXT IN TTL_60
                                                                  "\000\002\001x" WWW_A("\001"),
        .values = "192.0.2.1;", .ttl = 300),
    ROW("records of class CH are left out (RFC 1035 3.2.4)", DNS_NODATA,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(A) AT_WWW
        "\000" A CH TTL_300 ADDRESS("\001"),
        .ttl = 0),
    ROW("records in the additional section are no answer", DNS_NODATA,
        NOERROR COUNTS("\000", "\000", "\001") QUESTION(A) WWW_A("\001"), .ttl = 0),

    /* types */
    ROW("AAAA (RFC 3596 2.2)", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(AAAA) AT_WWW
        "\000" AAAA IN TTL_300
        "\000\020\040\001\015\270\000\000\000\000\000\000\000\000\000\000\000\001",
        .type = DNS_AAAA, .values = "2001:db8::1;", .ttl = 300),
    ROW("an address of three octets is malformed", DNS_MALFORMED,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(A) AT_WWW "\000" A IN TTL_300
                                                                  "\000\003\300\000\002",
        .ttl = 0),
    ROW("octets behind an address are passed over", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(A) AT_WWW "\000" A IN TTL_300
                                                                  "\000\005\300\000\002\001\001",
        .values = "192.0.2.1;", .ttl = 300),
    ROW("MX with its preference, the exchanger compressed (RFC 1035 3.3.9)", DNS_OK,
        NOERROR COUNTS("\002", "\000", "\000") QUESTION(MX) AT_WWW
        "\000" MX IN TTL_300 "\000\006\000\012\001m" AT_EXAMPLE AT_WWW "\000" MX IN TTL_300
        "\000\004\001\000" AT_WWW,
        .type = DNS_MX, .values = "10 m.example.org;256 www.example.org;", .ttl = 300),
    ROW("null MX: the exchanger is the root (RFC 7505 3)", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(MX) AT_WWW "\000" MX IN TTL_300
                                                                   "\000\003\000\000\000",
        .type = DNS_MX, .values = "0 ;", .ttl = 300),
    ROW("MX without exchanger is malformed", DNS_MALFORMED,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(MX) AT_WWW "\000" MX IN TTL_300
                                                                   "\000\002\000\000",
        .type = DNS_MX),
    ROW("NS", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(NS) AT_WWW "\000" NS IN TTL_300
                                                                   "\000\005\002ns" AT_ORG,
        .type = DNS_NS, .values = "ns.org;", .ttl = 300),
    ROW("PTR to the root", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(PTR) AT_WWW "\000" PTR IN TTL_300
                                                                    "\000\001\000",
        .type = DNS_PTR, .values = ";", .ttl = 300),
    ROW("SOA that was asked for: its primary", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(SOA) AT_WWW
        "\000" SOA IN TTL_300 SOA_DATA(TTL_60),
        .type = DNS_SOA, .values = "ns.example.org;", .ttl = 300),
    ROW("other types are octets (RFC 6698 2.1)", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(TLSA) AT_WWW "\000" TLSA IN TTL_300
                                                                     "\000\005\003\001\001\253\315",
        .type = DNS_TLSA, .values = "030101abcd;", .ttl = 300),

    /* TXT, RFC 1035 3.3.14 */
    ROW("TXT of one string", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(TXT) AT_WWW "\000" TXT IN TTL_300
                                                                    "\000\006\005v=spf",
        .type = DNS_TXT, .values = "v=spf[5];", .ttl = 300),
    ROW("the strings of a TXT are joined without anything between (RFC 7208 3.3)", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(TXT) AT_WWW "\000" TXT IN TTL_300
                                                                    "\000\010\002ab\000\003cde",
        .type = DNS_TXT, .values = "abcde[2,0,3];", .ttl = 300),
    ROW("an empty string is a TXT without text", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(TXT) AT_WWW "\000" TXT IN TTL_300
                                                                    "\000\001\000",
        .type = DNS_TXT, .values = "[0];", .ttl = 300),
    ROW("a TXT without any string has no text either", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(TXT) AT_WWW "\000" TXT IN TTL_300
                                                                    "\000\000",
        .type = DNS_TXT, .values = "[];", .ttl = 300),
    ROW("a string that is longer than its record is malformed", DNS_MALFORMED,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(TXT) AT_WWW "\000" TXT IN TTL_300
                                                                    "\000\004\005abc",
        .type = DNS_TXT),
    ROW("a second string that reaches into the next record is malformed", DNS_MALFORMED,
        NOERROR COUNTS("\002", "\000", "\000") QUESTION(TXT) AT_WWW
        "\000" TXT IN TTL_300 "\000\004\001a\040b" AT_WWW "\000" TXT IN TTL_300
        "\000\040\037abcdefghijklmnopqrstuvwxyz01234",
        .type = DNS_TXT),
    ROW("every octet is text, NUL too", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(TXT) AT_WWW "\000" TXT IN TTL_300
                                                                    "\000\004\003a\000\377",
        .type = DNS_TXT, .values = "a\\00\\ff[3];", .ttl = 300),

    /* names */
    ROW("names are compared and given in lower case (RFC 4343)", DNS_OK,
        NOERROR COUNTS("\002", "\000", "\000") QUESTION(
            A) "\003WwW\007EXAMPLE\003org\000\000" CNAME IN TTL_300 "\000\006\003CDN" AT_EXAMPLE
               "\003cdn" AT_EXAMPLE "\000" A IN TTL_300 ADDRESS("\001"),
        .values = "192.0.2.1;", .chain = "cdn.example.org;", .ttl = 300),
    ROW("the name asked for may be in capitals, too", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(A) WWW_A("\001"), .name = "WWW.Example.org",
        .values = "192.0.2.1;", .ttl = 300),
    ROW("octets that no text has are escaped (RFC 1035 5.1)", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(PTR) AT_WWW
        "\000" PTR IN TTL_300 "\000\013\010a b.\\\000\177\377" AT_ORG,
        .type = DNS_PTR, .values = "a\\032b\\046\\092\\000\\127\\255.org;", .ttl = 300),
    ROW("a name with escapes is found again, however it was written (RFC 1035 5.1)", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") "\003a b\003org\000\000" A
                                               "\000\001\300\014\000" A IN TTL_300 ADDRESS("\001"),
        .name = "\\097\\032b.org", .values = "192.0.2.1;", .ttl = 300),
    ROW("the root", DNS_OK,
        NOERROR COUNTS("\001", "\000", "\000") "\000\000" NS "\000\001\000\000" NS IN TTL_300
                                               "\000\003\001a\000",
        .name = "", .type = DNS_NS, .values = "a;", .ttl = 300),

    /* flags */
    ROW("AA: the server is one of the zone's (RFC 1035 4.1.1)", DNS_OK,
        ID "\205\200" COUNTS("\001", "\000", "\000") QUESTION(A) WWW_A("\001"),
        .values = "192.0.2.1;", .ttl = 300, .authoritative = true),
    ROW("AD: the resolver has validated (RFC 4035 3.2.3)", DNS_OK,
        ID "\201\240" COUNTS("\001", "\000", "\000") QUESTION(A) WWW_A("\001"),
        .values = "192.0.2.1;", .ttl = 300, .authentic = true),
    ROW("CD in an answer is not AD", DNS_OK,
        ID "\201\220" COUNTS("\001", "\000", "\000") QUESTION(A) WWW_A("\001"),
        .values = "192.0.2.1;", .ttl = 300),
    ROW("flags of an error, too", DNS_SERVFAIL,
        ID "\205\242" COUNTS("\000", "\000", "\000") QUESTION(A), .rcode = 2, .authoritative = true,
        .authentic = true),

    /* what is no answer */
    ROW("nothing at all is malformed", DNS_MALFORMED, "", .ttl = 0),
    ROW("less than a header is malformed", DNS_MALFORMED, NOERROR "\000\001\000", .ttl = 0),
    ROW("a query is no answer: QR is not set", DNS_MALFORMED,
        ID "\001\000" COUNTS("\001", "\000", "\000") QUESTION(A) WWW_A("\001"), .ttl = 0),
    ROW("a header that promises a question", DNS_MALFORMED, NOERROR COUNTS("\000", "\000", "\000"),
        .ttl = 0),
    ROW("a header that promises an answer", DNS_MALFORMED,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(A), .ttl = 0),
    ROW("a record that ends in its data", DNS_MALFORMED,
        NOERROR COUNTS("\001", "\000", "\000") QUESTION(A) AT_WWW "\000" A IN TTL_300
                                                                  "\000\004\300\000",
        .ttl = 0),
    ROW("a name that points at itself (RFC 1035 4.1.4)", DNS_MALFORMED,
        NOERROR COUNTS("\001", "\000", "\000")
            QUESTION(A) "\300\041\000" A IN TTL_300 ADDRESS("\001"),
        .ttl = 0),
    ROW("a name that points behind the message", DNS_MALFORMED,
        NOERROR COUNTS("\001", "\000", "\000")
            QUESTION(A) "\377\377\000" A IN TTL_300 ADDRESS("\001"),
        .ttl = 0),
    ROW("a label of a reserved kind (RFC 1035 4.1.4)", DNS_MALFORMED,
        NOERROR COUNTS("\001", "\000", "\000")
            QUESTION(A) "\100x\000\000" A IN TTL_300 ADDRESS("\001"),
        .ttl = 0),
};

static void print_record(struct text *text, const struct dns_record *record)
{
    char address[IP_TEXT_SIZE];
    switch (record->type) {
    case DNS_A:
    case DNS_AAAA:
        text_append(text, ip_print(&record->address, address));
        break;
    case DNS_MX:
        text_printf(text, "%u %s", record->preference, record->target);
        break;
    case DNS_TXT:
        for (size_t i = 0; i < record->text.length; i++) {
            unsigned char octet = (unsigned char)record->text.start[i];
            text_printf(text, octet > ' ' && octet < 0x7f ? "%c" : "\\%02x", octet);
        }
        assert_int_equal(record->text.start[record->text.length], '\0');
        for (size_t i = 0; i < record->string_count; i++)
            text_printf(text, "%s%u", i == 0 ? "[" : ",", record->strings[i]);
        text_append(text, record->string_count == 0 ? "[]" : "]");
        break;
    case DNS_TLSA:
        for (size_t i = 0; i < record->rdata_length; i++)
            text_printf(text, "%02x", record->rdata[i]);
        break;
    default:
        text_append(text, record->target);
        break;
    }
    text_append(text, ";");
}

/* From a block of just that length, so that a sanitizer sees a read past its end. */
static void decode(struct arena *arena, const char *name, unsigned type, struct slice message,
                   struct dns_answer *answer)
{
    uint8_t *octets = malloc(message.length > 0 ? message.length : 1);
    assert_non_null(octets);
    if (message.length > 0)
        memcpy(octets, message.start, message.length);
    dns_wire_decode(arena, name, type, octets, message.length, answer);
    free(octets);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    const char *name = row->name == NULL ? "www.example.org" : row->name;
    unsigned type = row->type == 0 ? DNS_A : row->type;
    struct dns_answer answer = {.ms = 17, .tcp = true};
    struct arena arena;
    struct text text;
    arena_init(&arena);
    text_init(&text, 4000);
    decode(&arena, name, type, row->message, &answer);
    if (answer.status != row->status)
        fail_msg("%s, not %s", dns_status_name(answer.status), dns_status_name(row->status));
    assert_string_equal(answer.name, name);
    assert_int_equal(answer.type, type);
    assert_int_equal(answer.size, row->message.length);
    assert_int_equal(answer.ms, 17);
    assert_true(answer.tcp);
    assert_int_equal(answer.rcode, row->rcode);
    assert_int_equal(answer.authentic, row->authentic);
    assert_int_equal(answer.authoritative, row->authoritative);
    for (size_t i = 0; i < answer.record_count; i++)
        print_record(&text, &answer.records[i]);
    assert_string_equal(text.start, row->values == NULL ? "" : row->values);
    text_clear(&text);
    for (size_t i = 0; i < answer.chain_length; i++)
        text_printf(&text, "%s;", answer.chain[i]);
    if (row->chain == NULL || strcmp(row->chain, "?") != 0)
        assert_string_equal(text.start, row->chain == NULL ? "" : row->chain);
    assert_string_equal(answer.zone == NULL ? "-" : answer.zone,
                        row->zone == NULL ? "-" : row->zone);
    if (row->status != DNS_MALFORMED)
        assert_int_equal(answer.ttl, row->ttl);
    text_release(&text);
    arena_release(&arena);
}

/* RDATA is kept without compression. */
static void test_rdata(void **state)
{
    static const char message[] = NOERROR COUNTS("\001", "\000", "\000") QUESTION(MX) AT_WWW
        "\000" MX IN TTL_300 "\000\006\000\012\001m" AT_EXAMPLE;
    static const char expected[] = "\000\012\001m\007example\003org";
    struct dns_answer answer = {0};
    struct arena arena;
    (void)state;
    arena_init(&arena);
    decode(&arena, "www.example.org", DNS_MX, slice_new(message, sizeof message - 1), &answer);
    assert_int_equal(answer.record_count, 1);
    assert_string_equal(answer.records[0].name, "www.example.org");
    assert_int_equal(answer.records[0].rdata_length, sizeof expected);
    assert_memory_equal(answer.records[0].rdata, expected, sizeof expected);
    arena_release(&arena);
}

/* Every beginning of a whole answer is malformed, and read no further than it goes. */
static void test_cut(void **state)
{
    static const char message[] = NOERROR COUNTS("\003", "\001", "\001") QUESTION(A) AT_WWW
        "\000" CNAME IN TTL_60 "\000\002" AT_EXAMPLE AT_EXAMPLE "\000" A IN TTL_300 ADDRESS("\001")
            AT_EXAMPLE "\000" TXT IN TTL_300 "\000\010\002ab\000\003cde" AT_EXAMPLE
                       "\000" SOA IN TTL_300 SOA_DATA(TTL_60) OPT("\000");
    size_t whole = sizeof message - 1;
    (void)state;
    for (size_t length = 0; length <= whole; length++) {
        struct dns_answer answer = {0};
        struct arena arena;
        arena_init(&arena);
        decode(&arena, "www.example.org", DNS_A, slice_new(message, length), &answer);
        assert_int_equal(answer.status, length == whole ? DNS_OK : DNS_MALFORMED);
        arena_release(&arena);
    }
}

/* a.example.org is an alias of b.example.org, and so on; the last one has an address. */
static size_t make_chain(size_t aliases, char message[static 1024])
{
    static const char head[] = NOERROR "\000\001\000\000\000\000\000\000\001a\007example\003org"
                                       "\000\000\001\000\001";
    size_t length = sizeof head - 1;
    memcpy(message, head, length);
    message[7] = (char)(aliases + 1);
    for (size_t i = 0; i < aliases; i++) {
        char record[] = "\001?\300\016\000\005\000\001\000\000\001\054\000\004\001?\300\016";
        record[1] = (char)('a' + i);
        record[15] = (char)('b' + i);
        memcpy(message + length, record, sizeof record - 1);
        length += sizeof record - 1;
    }
    char last[] = "\001?\300\016\000\001\000\001\000\000\001\054\000\004\300\000\002\001";
    last[1] = (char)('a' + aliases);
    memcpy(message + length, last, sizeof last - 1);
    return length + sizeof last - 1;
}

static void test_long_chain(void **state)
{
    char message[1024];
    (void)state;
    for (size_t aliases = 0; aliases < 20; aliases++) {
        struct dns_answer answer = {0};
        struct arena arena;
        arena_init(&arena);
        decode(&arena, "a.example.org", DNS_A, slice_new(message, make_chain(aliases, message)),
               &answer);
        assert_int_equal(answer.status, aliases <= 16 ? DNS_OK : DNS_MALFORMED);
        assert_int_equal(answer.record_count, aliases <= 16);
        if (aliases <= 16)
            assert_int_equal(answer.chain_length, aliases);
        arena_release(&arena);
    }
}

/* ---- the header alone */

#define STATUS(label_, message_, ...)                                                              \
    {                                                                                              \
        .label = label_, .message = CASES_SLICE(message_), __VA_ARGS__                             \
    }

static const struct status_row {
    const char *label;
    struct slice message;
    enum dns_status status;
    unsigned rcode;
    bool has_answers, is_truncated;
} status_rows[] = {
    STATUS("header: answers are to be decoded", NOERROR "\000\001\000\001\000\000\000\000",
           .status = DNS_OK, .has_answers = true),
    STATUS("header: no answers are no data", NOERROR "\000\001\000\000\000\000\000\000",
           .status = DNS_NODATA),
    STATUS("header: 256 answers are answers", NOERROR "\000\001\001\000\000\000\000\000",
           .status = DNS_OK, .has_answers = true),
    STATUS("header: NXDOMAIN", RCODE("\203") "\000\001\000\000\000\000\000\000",
           .status = DNS_NXDOMAIN, .rcode = 3),
    STATUS("header: NXDOMAIN behind an alias", RCODE("\203") "\000\001\000\001\000\000\000\000",
           .status = DNS_NXDOMAIN, .rcode = 3, .has_answers = true),
    STATUS("header: SERVFAIL", RCODE("\202") "\000\001\000\000\000\000\000\000",
           .status = DNS_SERVFAIL, .rcode = 2),
    STATUS("header: TC (RFC 1035 4.1.1)", ID "\203\200\000\001\000\000\000\000\000\000",
           .status = DNS_NODATA, .is_truncated = true),
    STATUS("header: a query", ID "\003\000\000\001\000\000\000\000\000\000",
           .status = DNS_MALFORMED, .is_truncated = true),
    STATUS("header: cut", ID "\203\200\000\001\000\001\000\000\000", .status = DNS_MALFORMED),
};

static void test_status(void **state)
{
    const struct status_row *row = *state;
    uint8_t octets[64] = {0};
    size_t length = row->message.length;
    enum dns_status status = DNS_PENDING;
    unsigned rcode = 99;
    memcpy(octets, row->message.start, length);
    assert_int_equal(dns_wire_status(octets, length, &status, &rcode), row->has_answers);
    assert_int_equal(status, row->status);
    assert_int_equal(rcode, row->rcode);
    assert_int_equal(dns_wire_is_truncated(octets, length), row->is_truncated);
    dns_wire_set_truncated(octets, length);
    assert_int_equal(dns_wire_is_truncated(octets, length), length >= 12);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "RDATA is kept without compression (RFC 3597 4)", test_rdata, NULL);
    cases_add(&cases, "every beginning of an answer is malformed", test_cut, NULL);
    cases_add(&cases, "a chain of 16 aliases is followed, one of 17 is malformed", test_long_chain,
              NULL);
    CASES_TABLE(&cases, test_status, status_rows);
    return cases_run(&cases, "dns_wire");
}
