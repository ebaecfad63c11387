#include "cases.h"

#include <string.h>

#include "base/text.h"
#include "mail/dns_answer.h"

#define ROW(label_, text_, name_, type_, ...)                                                      \
    {                                                                                              \
        .label = label_, .text = text_, .name = name_, .type = type_, __VA_ARGS__                  \
    }

/* What a question gets from a store that was filled from a text. */
static const struct row {
    const char *label;
    const char *text;
    const char *name;
    unsigned type;
    bool complete;
    enum dns_status status;
    const char *values; /* of the records, each followed by ";" */
    const char *chain;  /* the same */
    unsigned rcode;
} rows[] = {
    ROW("an address", "example.org A 192.0.2.1", "example.org", DNS_A, .status = DNS_OK,
        .values = "192.0.2.1;"),
    ROW("an IPv6 address", "example.org AAAA 2001:db8::1", "example.org", DNS_AAAA,
        .status = DNS_OK, .values = "2001:db8::1;"),
    ROW("several lines are one RRset in their order",
        "example.org A 192.0.2.2\nother.org A 192.0.2.9\nexample.org A 192.0.2.1\n", "example.org",
        DNS_A, .status = DNS_OK, .values = "192.0.2.2;192.0.2.1;"),
    ROW("an exchanger with its preference", "example.org MX 10 Mail.Example.ORG.", "example.org",
        DNS_MX, .status = DNS_OK, .values = "10 mail.example.org;"),
    ROW("a null MX (RFC 7505 3)", "example.org MX 0 .", "example.org", DNS_MX, .status = DNS_OK,
        .values = "0 ;"),
    ROW("a name server", "example.org NS ns.example.org", "example.org", DNS_NS, .status = DNS_OK,
        .values = "ns.example.org;"),
    ROW("a PTR", "1.2.0.192.in-addr.arpa PTR mail.example.org", "1.2.0.192.in-addr.arpa", DNS_PTR,
        .status = DNS_OK, .values = "mail.example.org;"),
    ROW("of an SOA the primary", "example.org SOA ns.example.org hostmaster 1 2 3 4 5",
        "example.org", DNS_SOA, .status = DNS_OK, .values = "ns.example.org;"),
    ROW("the root has records, too", ". NS a.root", ".", DNS_NS, .status = DNS_OK,
        .values = "a.root;"),
    ROW("a TXT", "example.org TXT \"v=spf1 -all\"", "example.org", DNS_TXT, .status = DNS_OK,
        .values = "v=spf1 -all[11];"),
    ROW("strings one after another, an empty one among them", "example.org TXT \"a\" \"\"\"bc\"",
        "example.org", DNS_TXT, .status = DNS_OK, .values = "abc[1,0,2];"),
    ROW("octets, quotes and backslashes in a string", "example.org TXT \"\\x00\\xff\\\"\\\\\\y\"",
        "example.org", DNS_TXT, .status = DNS_OK, .values = "\\00\\ff\"\\y[5];"),
    ROW("the retired type SPF (RFC 7208 3.1)", "example.org SPF \"v=spf1\"", "example.org", DNS_SPF,
        .status = DNS_OK, .values = "v=spf1[6];"),
    ROW("comments, blank lines, blanks, tabs and CR",
        "# A comment\n\n \t\n  example.org \t A\t 192.0.2.1 \r\n", "example.org", DNS_A,
        .status = DNS_OK, .values = "192.0.2.1;"),

    ROW("a name that does not exist, whatever the type", "example.org - NXDOMAIN", "example.org",
        DNS_TXT, .status = DNS_NXDOMAIN, .rcode = 3),
    ROW("a time-out", "example.org A TIMEOUT", "example.org", DNS_A, .status = DNS_PENDING),
    ROW("no data", "example.org A NODATA", "example.org", DNS_A, .status = DNS_NODATA),
    ROW("SERVFAIL", "example.org A SERVFAIL", "example.org", DNS_A, .status = DNS_SERVFAIL),
    ROW("REFUSED", "example.org A REFUSED", "example.org", DNS_A, .status = DNS_REFUSED),
    ROW("malformed", "example.org A MALFORMED", "example.org", DNS_A, .status = DNS_MALFORMED),
    ROW("truncated", "example.org A TRUNCATED", "example.org", DNS_A, .status = DNS_TRUNCATED),
    ROW("no resolver", "example.org A NO-RESOLVER", "example.org", DNS_A,
        .status = DNS_NO_RESOLVER),
    ROW("a TLSA has a status only", "_25._tcp.example.org TLSA SERVFAIL", "_25._tcp.example.org",
        DNS_TLSA, .status = DNS_SERVFAIL),
    ROW("a record behind a status undoes it", "example.org - NXDOMAIN\nexample.org A 192.0.2.1",
        "example.org", DNS_A, .status = DNS_OK, .values = "192.0.2.1;"),

    ROW("complete: a name that stands nowhere does not exist", "example.org A 192.0.2.1",
        "example.net", DNS_A, .complete = true, .status = DNS_NXDOMAIN, .rcode = 3),
    ROW("complete: another type of a name has no data", "example.org A 192.0.2.1", "example.org",
        DNS_MX, .complete = true, .status = DNS_NODATA),
    ROW("complete: a name with names below it has no data (RFC 8020 2)",
        "a.example.org A 192.0.2.1", "example.org", DNS_A, .complete = true, .status = DNS_NODATA),
    ROW("not complete: what stands nowhere is missing", "example.org A 192.0.2.1", "example.net",
        DNS_A, .status = DNS_PENDING),

    ROW("an alias gives the data of its target (RFC 1034 3.6.2)",
        "www.example.org CNAME example.org\nexample.org A 192.0.2.1", "www.example.org", DNS_A,
        .status = DNS_OK, .values = "192.0.2.1;", .chain = "example.org;"),
    ROW("an alias is a CNAME itself", "www.example.org CNAME example.org\nexample.org A 192.0.2.1",
        "www.example.org", DNS_CNAME, .status = DNS_OK, .values = "example.org;"),
    ROW("an alias of an alias",
        "a.org CNAME b.org\nb.org CNAME c.org\nc.org TXT \"x\"\nc.org A 192.0.2.1", "a.org", DNS_A,
        .status = DNS_OK, .values = "192.0.2.1;", .chain = "b.org;c.org;"),
    ROW("an alias gives the absence of its target", "a.org CNAME b.org\nb.org - NXDOMAIN", "a.org",
        DNS_A, .status = DNS_NXDOMAIN, .rcode = 3, .chain = "b.org;"),
    ROW("an alias gives the trouble of its target", "a.org CNAME b.org\nb.org A SERVFAIL", "a.org",
        DNS_A, .status = DNS_SERVFAIL, .chain = "b.org;"),
    ROW("complete: an alias of nothing does not exist", "a.org CNAME b.org", "a.org", DNS_A,
        .complete = true, .status = DNS_NXDOMAIN, .rcode = 3, .chain = "b.org;"),
    ROW("not complete: an alias of nothing is missing", "a.org CNAME b.org", "a.org", DNS_A,
        .status = DNS_PENDING),
    ROW("an alias of itself is what a resolver makes of it: SERVFAIL", "a.org CNAME a.org", "a.org",
        DNS_A, .status = DNS_SERVFAIL, .rcode = 2),
    ROW("a loop of two is SERVFAIL", "a.org CNAME b.org\nb.org CNAME a.org", "b.org", DNS_TXT,
        .complete = true, .status = DNS_SERVFAIL, .rcode = 2),
    ROW("a chain of 16 is followed",
        "a.o CNAME b.o\nb.o CNAME c.o\nc.o CNAME d.o\nd.o CNAME e.o\ne.o CNAME f.o\nf.o CNAME g.o\n"
        "g.o CNAME h.o\nh.o CNAME i.o\ni.o CNAME j.o\nj.o CNAME k.o\nk.o CNAME l.o\nl.o CNAME m.o\n"
        "m.o CNAME n.o\nn.o CNAME o.o\no.o CNAME p.o\np.o CNAME q.o\nq.o A 192.0.2.1",
        "a.o", DNS_A, .status = DNS_OK, .values = "192.0.2.1;",
        .chain = "b.o;c.o;d.o;e.o;f.o;g.o;h.o;i.o;j.o;k.o;l.o;m.o;n.o;o.o;p.o;q.o;"),
    ROW("a chain of 17 is SERVFAIL",
        "a.o CNAME b.o\nb.o CNAME c.o\nc.o CNAME d.o\nd.o CNAME e.o\ne.o CNAME f.o\nf.o CNAME g.o\n"
        "g.o CNAME h.o\nh.o CNAME i.o\ni.o CNAME j.o\nj.o CNAME k.o\nk.o CNAME l.o\nl.o CNAME m.o\n"
        "m.o CNAME n.o\nn.o CNAME o.o\no.o CNAME p.o\np.o CNAME q.o\nq.o CNAME r.o\n"
        "r.o A 192.0.2.1",
        "a.o", DNS_A, .status = DNS_SERVFAIL, .rcode = 2),
};

static void print_record(struct text *text, const struct dns_record *record)
{
    char address[IP_TEXT_SIZE];
    if (record->address.family != IP_NONE) {
        text_append(text, ip_print(&record->address, address));
    } else if (record->type == DNS_MX) {
        text_printf(text, "%u %s", record->preference, record->target);
    } else if (record->target != NULL) {
        text_append(text, record->target);
    }
    for (size_t i = 0; i < record->text.length; i++) {
        unsigned char octet = (unsigned char)record->text.start[i];
        text_printf(text, octet >= ' ' && octet < 0x7f ? "%c" : "\\%02x", octet);
    }
    for (size_t i = 0; i < record->string_count; i++)
        text_printf(text, "%s%u", i == 0 ? "[" : ",", record->strings[i]);
    text_append(text, record->string_count > 0 ? "];" : ";");
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena arena;
    struct text text;
    arena_init(&arena);
    text_init(&text, 4000);
    struct dns_answers *answers = dns_answers_new(&arena, 1000);
    assert_int_equal(dns_answers_read(answers, row->text, row->complete), 0);
    assert_int_equal(dns_answers_missing_count(answers), 0);
    const struct dns_answer *answer = dns_answers_get(answers, row->name, row->type);
    if (answer->status != row->status)
        fail_msg("%s, not %s", dns_status_name(answer->status), dns_status_name(row->status));
    assert_int_equal(answer->rcode, row->rcode);
    for (size_t i = 0; i < answer->record_count; i++) {
        assert_int_equal(answer->records[i].type, row->type);
        print_record(&text, &answer->records[i]);
    }
    assert_string_equal(text.start, row->values == NULL ? "" : row->values);
    text_clear(&text);
    for (size_t i = 0; i < answer->chain_length; i++)
        text_printf(&text, "%s;", answer->chain[i]);
    assert_string_equal(text.start, row->chain == NULL ? "" : row->chain);
    if (row->complete)
        assert_int_equal(dns_answers_missing_count(answers), 0);
    text_release(&text);
    arena_release(&arena);
}

/* ---- lines that are none */

static const struct bad_row {
    const char *label;
    const char *text;
    size_t line;
} bad_rows[] = {
    {"a name alone",                         "example.org",                           1},
    {"a type alone",                         "a.org A 192.0.2.1\nexample.org A",      2},
    {"a type that is not known",             "# x\n\nexample.org HINFO x y",          3},
    {"a type in small letters",              "example.org a 192.0.2.1",               1},
    {"an address that is none",              "example.org A 192.0.2.256",             1},
    {"an address of the other family",       "example.org A 2001:db8::1",             1},
    {"an address of the other family again", "example.org AAAA 192.0.2.1",            1},
    {"an exchanger without preference",      "example.org MX mail.example.org",       1},
    {"a preference over 65535",              "example.org MX 65536 mail.example.org", 1},
    {"a preference without exchanger",       "example.org MX 10",                     1},
    {"a TXT without quotes",                 "example.org TXT v=spf1",                1},
    {"a TXT without a string",               "example.org TXT",                       1},
    {"a TXT without its last quote",         "example.org TXT \"v=spf1",              1},
    {"a TXT whose last quote is escaped",    "example.org TXT \"v=spf1\\\"",          1},
    {"an octet that is no hexadecimal",      "example.org TXT \"\\xg0\"",             1},
    {"a word behind the strings",            "example.org TXT \"a\" b",               1},
    {"two targets",                          "example.org CNAME a.org b.org",         1},
    {"a TLSA with data",                     "_25._tcp.example.org TLSA 3 1 1 abcd",  1},
    {"data for any type",                    "example.org - 192.0.2.1",               1},
    {"a status that is not known",           "example.org A NOTIMP",                  1},
    {"a name with an empty label",           "a..org A 192.0.2.1",                    1},
    {"a target with an empty label",         "example.org NS a..org",                 1},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct arena arena;
    arena_init(&arena);
    struct dns_answers *answers = dns_answers_new(&arena, 1000);
    assert_int_equal(dns_answers_read(answers, row->text, false), row->line);
    arena_release(&arena);
}

/* A string has at most 255 octets: RFC 1035 3.3. */
static void test_string_length(void **state)
{
    char text[300];
    struct arena arena;
    (void)state;
    for (size_t length = 254; length <= 256; length++) {
        memset(text, 'x', sizeof text);
        memcpy(text, "a.org TXT \"", 11);
        memcpy(text + 11 + length, "\"", 2);
        arena_init(&arena);
        struct dns_answers *answers = dns_answers_new(&arena, 10);
        assert_int_equal(dns_answers_read(answers, text, false), length <= 255 ? 0 : 1);
        arena_release(&arena);
    }
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_bad, bad_rows);
    cases_add(&cases, "a string has at most 255 octets (RFC 1035 3.3)", test_string_length, NULL);
    return cases_run(&cases, "dns_answer_read");
}
