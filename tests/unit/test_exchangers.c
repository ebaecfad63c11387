#include <string.h>

#include "base/text.h"
#include "cases.h"
#include "mail/exchangers.h"

static struct arena arena;

/* What was found, in one line: the status, then each exchanger as
 * "PREFERENCE HOST[!null][!literal][!duplicate][!unresolved] ADDRESS,ADDRESS". */
static const char *describe(const struct exchangers *exchangers)
{
    static const char *const names[] = {"pending",   "found",      "implicit", "null",
                                        "no-domain", "no-address", "failed"};
    struct text text;

    text_init(&text, 8000);
    text_append(&text, names[exchangers->status]);
    for (size_t i = 0; i < exchangers->count; i++) {
        const struct exchanger *exchanger = &exchangers->list[i];

        text_printf(&text, "; %u %s%s%s%s%s", exchanger->preference, exchanger->host,
                    exchanger->is_null ? "!null" : "", exchanger->is_literal ? "!literal" : "",
                    exchanger->is_duplicate ? "!duplicate" : "",
                    exchanger->is_resolved ? "" : "!unresolved");
        for (size_t j = 0; j < exchanger->address_count; j++) {
            char address[IP_TEXT_SIZE];

            text_printf(&text, "%c%s", j == 0 ? ' ' : ',',
                        ip_print(&exchanger->addresses[j], address));
        }
    }

    const char *copy = arena_copy(&arena, text.start);

    text_release(&text);
    return copy;
}

/* clang-format off */
static const struct row {
    const char *label;
    const char *zone;
    bool only_v4, only_v6;
    const char *found;
} rows[] = {
    {"RFC 5321 5.1: in order of preference, equal ones as they came",
     "example.org MX 20 c.example.org\nexample.org MX 10 b.example.org\nexample.org MX 10 a.example.org\n"
     "a.example.org A 192.0.2.1\nb.example.org A 192.0.2.2\nc.example.org A 192.0.2.3\n", false, false,
     "found; 10 b.example.org 192.0.2.2; 10 a.example.org 192.0.2.1; 20 c.example.org 192.0.2.3"},
    {"RFC 5321 5.2: all addresses, IPv6 before IPv4, each once, in their own order",
     "example.org MX 10 a.example.org\na.example.org A 192.0.2.9\na.example.org A 192.0.2.1\na.example.org A 192.0.2.9\n"
     "a.example.org AAAA 2001:db8::2\na.example.org AAAA 2001:db8::1\n", false, false,
     "found; 10 a.example.org 2001:db8::1,2001:db8::2,192.0.2.1,192.0.2.9"},
    {"-4 asks for A alone", "example.org MX 10 a.example.org\na.example.org A 192.0.2.1\na.example.org AAAA TIMEOUT\n", true, false,
     "found; 10 a.example.org 192.0.2.1"},
    {"-6 asks for AAAA alone", "example.org MX 10 a.example.org\na.example.org A TIMEOUT\na.example.org AAAA 2001:db8::1\n", false, true,
     "found; 10 a.example.org 2001:db8::1"},
    {"RFC 5321 5.1: a host that stands twice is a duplicate where it is less preferred",
     "example.org MX 20 a.example.org\nexample.org MX 10 A.example.org.\na.example.org A 192.0.2.1\n", false, false,
     "found; 10 a.example.org 192.0.2.1; 20 a.example.org!duplicate 192.0.2.1"},
    {"RFC 5321 5.1: an exchanger without an address", "example.org MX 10 a.example.org\n", false, false, "found; 10 a.example.org"},
    {"an exchanger whose AAAA is not answered keeps its A and is unresolved",
     "example.org MX 10 a.example.org\na.example.org A 192.0.2.1\na.example.org AAAA SERVFAIL\n", false, false,
     "found; 10 a.example.org!unresolved 192.0.2.1"},
    {"RFC 2181 10.3: an alias has the addresses of its target",
     "example.org MX 10 a.example.org\na.example.org CNAME b.example.org\nb.example.org A 192.0.2.2\n", false, false,
     "found; 10 a.example.org 192.0.2.2"},
    {"RFC 5321 5.1: an IP address in the place of a name is not looked up", "example.org MX 10 192.0.2.1\n", false, false,
     "found; 10 192.0.2.1!literal"},
    {"RFC 7505 3: null MX", "example.org MX 0 .\n", false, false, "null; 0 .!null"},
    {"RFC 7505 3: null MX of another preference is null too", "example.org MX 10 .\n", false, false, "null; 10 .!null"},
    {"RFC 7505 3: null MX beside another", "example.org MX 0 .\nexample.org MX 10 a.example.org\na.example.org A 192.0.2.1\n", false, false,
     "found; 0 .!null; 10 a.example.org 192.0.2.1"},
    {"RFC 5321 5.1: without MX the domain itself", "example.org A 192.0.2.1\nexample.org AAAA 2001:db8::1\n", false, false,
     "implicit; 0 example.org 2001:db8::1,192.0.2.1"},
    {"RFC 5321 5.1: without MX, and the address is not known", "example.org MX NODATA\nexample.org A TIMEOUT\n", false, false,
     "implicit; 0 example.org!unresolved"},
    {"RFC 5321 5.1: neither MX nor address", "example.org TXT \"x\"\n", false, false, "no-address"},
    {"RFC 5321 5.1: neither MX nor an address of the family asked for", "example.org A 192.0.2.1\n", false, true, "no-address"},
    {"RFC 5321 5.1: no such domain", "example.net A 192.0.2.1\n", false, false, "no-domain"},
    {"RFC 5321 5.1: the domain is an alias", "example.org CNAME example.net\nexample.net MX 10 a.example.net\na.example.net A 192.0.2.1\n",
     false, false, "found; 10 a.example.net 192.0.2.1"},
    {"no answer in time", "example.org MX TIMEOUT\n", false, false, "pending"},
    {"SERVFAIL is a failure, not an empty answer", "example.org MX SERVFAIL\n", false, false, "failed"},
    {"no resolver is a failure", "example.org MX NO-RESOLVER\n", false, false, "failed"},
};
/* clang-format on */

static void test_row(void **state)
{
    const struct row *row = *state;
    struct dns_answers *answers = dns_answers_new(&arena, 50);
    struct exchangers_request request = {"example.org", row->only_v4, row->only_v6};
    struct exchangers exchangers;

    assert_int_equal(dns_answers_read(answers, row->zone, true), 0);
    assert_true(exchangers_find(&request, answers, &arena, &exchangers));
    assert_string_equal(describe(&exchangers), row->found);
}

/* RFC 5321 5.1: the questions of each round are noted, all at once. */
static void test_rounds(void **state)
{
    struct dns_answers *answers = dns_answers_new(&arena, 50);
    struct exchangers_request request = {.domain = "example.org"};
    struct exchangers exchangers;

    (void)state;
    assert_false(exchangers_find(&request, answers, &arena, &exchangers));
    assert_int_equal(exchangers.status, EXCHANGERS_PENDING);
    assert_int_equal(dns_answers_missing_count(answers), 1);
    assert_int_equal(dns_answers_read(answers,
                                      "example.org MX 10 a.example.org\n"
                                      "example.org MX 20 b.example.org\n",
                                      false),
                     0);
    assert_false(exchangers_find(&request, answers, &arena, &exchangers));
    assert_int_equal(dns_answers_missing_count(answers), 4);
    assert_false(exchangers.list[0].is_resolved);
}

/* RFC 5321 5.1: the most preferred ones are kept. */
static void test_bounds(void **state)
{
    struct dns_answers *answers = dns_answers_new(&arena, 500);
    struct exchangers_request request = {.domain = "example.org"};
    struct exchangers exchangers;
    struct text zone;

    (void)state;
    text_init(&zone, 20000);
    for (unsigned i = 0; i < EXCHANGERS_MAX + 6; i++)
        text_printf(&zone, "example.org MX %u m%u.example.org\n", 100 - i, i);
    for (unsigned i = 0; i < EXCHANGER_ADDRESSES_MAX + 3; i++)
        text_printf(&zone, "m69.example.org A 192.0.2.%u\n", i);
    assert_int_equal(dns_answers_read(answers, zone.start, true), 0);
    text_release(&zone);
    assert_true(exchangers_find(&request, answers, &arena, &exchangers));
    assert_int_equal(exchangers.count, EXCHANGERS_MAX);
    assert_int_equal(exchangers.omitted, 6);
    assert_int_equal(exchangers.list[0].preference, 31);
    assert_string_equal(exchangers.list[0].host, "m69.example.org");
    assert_int_equal(exchangers.list[0].address_count, EXCHANGER_ADDRESSES_MAX);
    assert_int_equal(exchangers.list[0].addresses_omitted, 3);
    assert_int_equal(exchangers.list[EXCHANGERS_MAX - 1].preference, 94);
}

/* clang-format off */
static const struct reach_row {
    const char *label;
    const char *address;
    bool can_reach;
} reaches[] = {
    {"a public address",           "44.1.1.1",          true},
    {"a private one",              "10.1.1.1",          true},
    {"loopback",                   "127.0.0.1",         true},
    {"IPv6",                       "2a00::1",           true},
    {"RFC 5737 3: TEST-NET-1",     "192.0.2.25",        false},
    {"RFC 5737 3: TEST-NET-2",     "198.51.100.1",      false},
    {"RFC 5737 3: TEST-NET-3",     "203.0.113.255",     false},
    {"RFC 5737 3: beside TEST-NET-1", "192.0.3.0",      true},
    {"RFC 3849: documentation",    "2001:db8::1",       false},
    {"RFC 9637: documentation",    "3fff::1",           false},
    {"RFC 6890 2.2: 0.0.0.0 is ourselves", "0.0.0.0",   false},
    {"RFC 6890 2.2: so is ::",     "::",                false},
    {"RFC 5771 3: multicast",      "224.0.0.1",         false},
    {"RFC 1112 4: class E",        "255.255.255.255",   false},
    {"RFC 4291 2.5.6: link-local without a zone", "fe80::1", false},
    {"RFC 4291 2.5.5.2: mapped",   "::ffff:192.0.2.1",  false},
};
/* clang-format on */

static void test_reach(void **state)
{
    const struct reach_row *row = *state;
    struct ip_address address;

    assert_true(ip_parse(slice_of(row->address), &address));
    assert_int_equal(exchangers_can_reach(&address), row->can_reach);
}

int main(void)
{
    struct cases cases = {0};
    int status;

    arena_init(&arena);
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_reach, reaches);
    cases_add(&cases, "RFC 5321 5.1: what is missing is noted, all at once", test_rounds, NULL);
    cases_add(&cases, "the most preferred exchangers are kept when there are too many", test_bounds,
              NULL);
    status = cases_run(&cases, "exchangers");
    arena_release(&arena);
    return status;
}
