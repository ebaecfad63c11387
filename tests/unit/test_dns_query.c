#include "cases.h"

#include <string.h>

#include "mail/dns_wire.h"
#include "mail/domain.h"

/* Queries as octets, in octal escapes: they end after three digits. */
#define ID "\022\064"
#define COUNTS "\000\001\000\000\000\000\000\001"
#define WWW "\003www\007example\003org\000"
#define OPT(flags) "\000\000\051\004\320\000\000" flags "\000\000\000"

#define ROW(label_, name_, expected_, ...)                                                         \
    {                                                                                              \
        .label = label_, .name = name_, .expected = CASES_SLICE(expected_), __VA_ARGS__            \
    }

static const struct row {
    const char *label;
    const char *name;
    struct slice expected; /* "": none can be made */
    unsigned type;
    unsigned flags;
    bool no_recursion;
} rows[] = {
    ROW("a question of a stub: RD and an OPT record with the size (RFC 6891 6.1.2)",
        "www.example.org", ID "\001\000" COUNTS WWW "\000\001\000\001" OPT("\000"), .type = DNS_A),
    ROW("a question of a resolver: RD clear (RFC 1035 4.1.1)", "www.example.org",
        ID "\000\000" COUNTS WWW "\000\020\000\001" OPT("\000"), .type = DNS_TXT,
        .no_recursion = true),
    ROW("signatures are wanted: DO (RFC 3225 3)", "www.example.org",
        ID "\001\000" COUNTS WWW "\000\001\000\001" OPT("\200"), .type = DNS_A,
        .flags = DNS_DNSSEC),
    ROW("bogus data is wanted, too: CD (RFC 4035 3.2.2)", "www.example.org",
        ID "\001\020" COUNTS WWW "\000\001\000\001" OPT("\000"), .type = DNS_A,
        .flags = DNS_CHECKING_DISABLED),
    ROW("DO and CD without RD", "www.example.org",
        ID "\000\020" COUNTS WWW "\000\060\000\001" OPT("\200"), .type = DNS_DNSKEY,
        .flags = DNS_DNSSEC | DNS_CHECKING_DISABLED, .no_recursion = true),
    ROW("that the server is a resolver is not said on the wire", "www.example.org",
        ID "\001\000" COUNTS WWW "\000\001\000\001" OPT("\000"), .type = DNS_A,
        .flags = DNS_RECURSE),
    ROW("the root", "", ID "\001\000" COUNTS "\000\000\002\000\001" OPT("\000"), .type = DNS_NS),
    ROW("a type without a name", "www.example.org",
        ID "\001\000" COUNTS WWW "\377\000\000\001" OPT("\000"), .type = 65280),
    ROW("escapes are octets (RFC 1035 5.1)", "a\\032b\\046.org",
        ID "\001\000" COUNTS "\004a b.\003org\000\000\001\000\001" OPT("\000"), .type = DNS_A),
    ROW("a label of 64 octets cannot be asked for (RFC 1035 2.3.4)",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.org", "", .type = DNS_A),
    ROW("an empty label cannot be asked for", "a..org", "", .type = DNS_A),
    ROW("a first dot cannot be asked for", ".org", "", .type = DNS_A),
    ROW("an escape that is none cannot be asked for", "a\\300.org", "", .type = DNS_A),
    ROW("an escape that is cut cannot be asked for", "a.org\\", "", .type = DNS_A),
};

static void test_row(void **state)
{
    const struct row *row = *state;
    size_t length = 0;
    uint8_t *query =
        dns_wire_query(row->name, row->type, row->flags, row->no_recursion, 0x1234, 1232, &length);
    if (row->expected.length == 0) {
        assert_null(query);
        return;
    }
    assert_non_null(query);
    assert_int_equal(length, row->expected.length);
    assert_memory_equal(query, row->expected.start, length);
    free(query);
}

static void test_longest_name(void **state)
{
    char name[DOMAIN_TEXT_SIZE + 1];
    size_t length = 0;
    (void)state;
    memset(name, 'a', sizeof name);
    name[63] = name[127] = name[191] = '.';
    name[253] = '\0';
    uint8_t *query = dns_wire_query(name, DNS_A, DNS_PLAIN, false, 1, 1232, &length);
    assert_non_null(query);
    assert_int_equal(length, 12 + 255 + 4 + 11);
    free(query);
    name[253] = 'a';
    name[254] = '\0';
    assert_null(dns_wire_query(name, DNS_A, DNS_PLAIN, false, 1, 1232, &length));
}

static void test_no_edns(void **state)
{
    static const char expected[] =
        ID "\001\020\000\001\000\000\000\000\000\000" WWW "\000\001\000\001";
    size_t length = 0;
    (void)state;
    uint8_t *query =
        dns_wire_query("www.example.org", DNS_A, DNS_CHECKING_DISABLED, false, 0x1234, 0, &length);
    assert_int_equal(length, sizeof expected - 1);
    assert_memory_equal(query, expected, length);
    free(query);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "a name of 253 characters is asked for, one of 254 is not (RFC 1035 2.3.4)",
              test_longest_name, NULL);
    cases_add(&cases, "without a UDP size there is no OPT record (RFC 6891 6.1.1)", test_no_edns,
              NULL);
    return cases_run(&cases, "dns_query");
}
