#include "cases.h"
#include "mail/confirmed_name.h"

static const char ZONE[] =
    "1.2.0.192.in-addr.arpa PTR mail.test\n"
    "mail.test A 192.0.2.1\n"
    "2.2.0.192.in-addr.arpa PTR mail.test\n"
    "3.2.0.192.in-addr.arpa PTR other.test\n"
    "3.2.0.192.in-addr.arpa PTR lost.test\n"
    "3.2.0.192.in-addr.arpa PTR second.test\n"
    "other.test A 192.0.2.9\n"
    "lost.test A NXDOMAIN\n"
    "second.test A 192.0.2.3\n"
    "4.2.0.192.in-addr.arpa PTR localhost\n"
    "localhost A 192.0.2.4\n"
    "5.2.0.192.in-addr.arpa PTR NXDOMAIN\n"
    "6.2.0.192.in-addr.arpa PTR SERVFAIL\n"
    "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa "
    "PTR six.test\n"
    "six.test AAAA 2001:db8::25\n";

static const struct row {
    const char *label;
    const char *address;
    const char *name; /* NULL: none */
} rows[] = {
    {"RFC 8601 2.7.3: a name that leads back",      "192.0.2.1",    "mail.test"  },
    {"RFC 8601 2.7.3: a name that leads elsewhere", "192.0.2.2",    NULL         },
    {"the first of several that leads back",        "192.0.2.3",    "second.test"},
    {"RFC 5321 2.3.5: one label is no full name",   "192.0.2.4",    NULL         },
    {"no PTR record",                               "192.0.2.5",    NULL         },
    {"no answer",                                   "192.0.2.6",    NULL         },
    {"RFC 3596 2.5: the name of an IPv6 address",   "2001:db8::25", "six.test"   },
    {"an address that stands nowhere",              "192.0.2.77",   NULL         },
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena arena = {0};
    struct ip_address address;
    struct dns_answers *answers = dns_answers_new(&arena, 100);

    assert_int_equal(dns_answers_read(answers, ZONE, true), 0);
    assert_true(ip_parse(slice_of(row->address), &address));

    const char *name = confirmed_name(answers, &address);

    if (row->name == NULL)
        assert_null(name);
    else
        assert_string_equal(name, row->name);
    arena_release(&arena);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    return cases_run(&cases, "confirmed_name");
}
