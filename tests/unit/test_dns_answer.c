#include "cases.h"

#include <stdio.h>
#include <string.h>

#include "mail/dns_answer.h"

/* ---- words */

static const struct status_row {
    const char *label;
    enum dns_status status;
    const char *name;
    bool is_answer;
} status_rows[] = {
    {"the zero value is no answer in time",      DNS_PENDING,     "time-out",              false},
    {"records are an answer",                    DNS_OK,          "answered",              true },
    {"NXDOMAIN is an answer",                    DNS_NXDOMAIN,    "NXDOMAIN",              true },
    {"no data is an answer",                     DNS_NODATA,      "no data",               true },
    {"SERVFAIL is none",                         DNS_SERVFAIL,    "SERVFAIL",              false},
    {"REFUSED is none",                          DNS_REFUSED,     "REFUSED",               false},
    {"another rcode is none",                    DNS_RCODE,       "error code",            false},
    {"octets without sense are none",            DNS_MALFORMED,   "malformed answer",      false},
    {"half of one is none",                      DNS_TRUNCATED,   "truncated, TCP fails",  false},
    {"no server gives none",                     DNS_NO_RESOLVER, "no server reached",     false},
    {"a referral is none",                       DNS_REFERRAL,    "referral, no answer",   false},
    {"a name that cannot be asked for has none", DNS_BAD_NAME,    "name not valid in DNS", false},
};

static void test_status(void **state)
{
    const struct status_row *row = *state;
    assert_string_equal(dns_status_name(row->status), row->name);
    assert_int_equal(dns_status_is_answer(row->status), row->is_answer);
}

static void test_types(void **state)
{
    static const struct {
        unsigned type;
        const char *name;
    } types[] = {
        {1,     "A"        },
        {2,     "NS"       },
        {5,     "CNAME"    },
        {6,     "SOA"      },
        {12,    "PTR"      },
        {15,    "MX"       },
        {16,    "TXT"      },
        {28,    "AAAA"     },
        {43,    "DS"       },
        {48,    "DNSKEY"   },
        {52,    "TLSA"     },
        {99,    "SPF"      },
        {0,     "TYPE0"    },
        {65280, "TYPE65280"},
        {65535, "TYPE65535"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char buffer[12];
        assert_string_equal(dns_type_name(types[i].type, buffer), types[i].name);
    }
}

/* ---- the store */

static struct arena arena;
static struct dns_answers *answers;

static void open_store(size_t limit)
{
    arena_init(&arena);
    answers = dns_answers_new(&arena, limit);
}

static void test_rounds(void **state)
{
    struct dns_question question;
    (void)state;
    open_store(100);
    assert_false(dns_answers_take_missing(answers, &question));
    const struct dns_answer *a = dns_answers_get(answers, "example.org", DNS_A);
    assert_int_equal(a->status, DNS_PENDING);
    assert_false(dns_answer_is_settled(a));
    assert_string_equal(a->name, "example.org");
    assert_int_equal(a->type, DNS_A);
    const struct dns_answer *mx = dns_answers_get(answers, "example.org", DNS_MX);
    assert_ptr_not_equal(a, mx);
    assert_ptr_equal(dns_answers_get(answers, "example.org", DNS_A), a);
    assert_int_equal(dns_answers_count(answers), 2);
    assert_int_equal(dns_answers_missing_count(answers), 2);

    assert_true(dns_answers_take_missing(answers, &question));
    assert_string_equal(question.name, "example.org");
    assert_int_equal(question.type, DNS_A);
    assert_int_equal(dns_answers_missing_count(answers), 1);
    struct dns_answer no = {.status = DNS_NXDOMAIN, .rcode = 3, .ttl = 60, .zone = "org", .ms = 5};
    dns_answers_settle(answers, question.index, &no);
    assert_true(dns_answer_is_settled(a));
    assert_int_equal(a->status, DNS_NXDOMAIN);
    assert_string_equal(a->name, "example.org");
    assert_string_equal(a->zone, "org");
    assert_int_equal(a->ms, 5);

    /* What is under way is not missing, and stays pending when nothing comes. */
    assert_true(dns_answers_take_missing(answers, &question));
    assert_int_equal(question.type, DNS_MX);
    assert_false(dns_answers_take_missing(answers, &question));
    assert_int_equal(dns_answers_missing_count(answers), 0);
    assert_ptr_equal(dns_answers_get(answers, "example.org", DNS_MX), mx);
    assert_int_equal(dns_answers_missing_count(answers), 0);
    assert_false(dns_answer_is_settled(mx));
    assert_int_equal(mx->status, DNS_PENDING);

    /* A later round. */
    dns_answers_get(answers, "mail.example.org", DNS_A);
    assert_int_equal(dns_answers_missing_count(answers), 1);
    assert_true(dns_answers_take_missing(answers, &question));
    assert_string_equal(question.name, "mail.example.org");
    assert_false(dns_answers_take_missing(answers, &question));
    arena_release(&arena);
}

static void test_names(void **state)
{
    (void)state;
    open_store(100);
    const struct dns_answer *a = dns_answers_get(answers, "Mail.EXAMPLE.org.", DNS_A);
    assert_string_equal(a->name, "mail.example.org");
    assert_ptr_equal(dns_answers_get(answers, "mail.example.org", DNS_A), a);
    const struct dns_answer *root = dns_answers_get(answers, ".", DNS_NS);
    assert_string_equal(root->name, "");
    assert_ptr_equal(dns_answers_get(answers, "", DNS_NS), root);
    assert_int_equal(dns_answers_missing_count(answers), 2);
    arena_release(&arena);
}

static void test_bad_names(void **state)
{
    static const char *const names[] = {
        "a..org", ".org", "a b.org",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.org",
        "m\303\274ller.org"};
    (void)state;
    open_store(100);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct dns_answer *answer = dns_answers_get(answers, names[i], DNS_A);
        assert_int_equal(answer->status, DNS_BAD_NAME);
        assert_true(dns_answer_is_settled(answer));
        assert_ptr_equal(dns_answers_get(answers, names[i], DNS_A), answer);
    }
    assert_int_equal(dns_answers_missing_count(answers), 0);
    arena_release(&arena);
}

static void test_flags(void **state)
{
    struct dns_question question;
    (void)state;
    open_store(100);
    const struct dns_answer *plain = dns_answers_get(answers, "example.org", DNS_A);
    const struct dns_answer *secure =
        dns_answers_get_with(answers, "example.org", DNS_A, DNS_DNSSEC);
    const struct dns_answer *bogus =
        dns_answers_get_with(answers, "example.org", DNS_A, DNS_DNSSEC | DNS_CHECKING_DISABLED);
    assert_ptr_not_equal(plain, secure);
    assert_ptr_not_equal(secure, bogus);
    assert_ptr_equal(dns_answers_find(answers, "example.org", DNS_A), plain);
    assert_true(dns_answers_take_missing(answers, &question));
    assert_int_equal(question.flags, DNS_PLAIN);
    assert_true(dns_answers_take_missing(answers, &question));
    assert_int_equal(question.flags, DNS_DNSSEC);
    assert_true(dns_answers_take_missing(answers, &question));
    assert_int_equal(question.flags, DNS_DNSSEC | DNS_CHECKING_DISABLED);
    arena_release(&arena);
}

/* A hostile zone cannot make more questions than the limit. */
static void test_limit(void **state)
{
    (void)state;
    open_store(2);
    const struct dns_answer *first = dns_answers_get(answers, "a.org", DNS_A);
    dns_answers_get(answers, "b.org", DNS_A);
    assert_false(dns_answers_overflowed(answers));
    assert_ptr_equal(dns_answers_get(answers, "a.org", DNS_A), first);
    assert_false(dns_answers_overflowed(answers));
    const struct dns_answer *over = dns_answers_get(answers, "c.org", DNS_A);
    assert_true(dns_answers_overflowed(answers));
    assert_int_equal(over->status, DNS_PENDING);
    assert_int_equal(over->record_count, 0);
    assert_false(dns_answer_is_settled(over));
    assert_int_equal(dns_answers_count(answers), 2);
    assert_int_equal(dns_answers_missing_count(answers), 2);
    assert_null(dns_answers_find(answers, "c.org", DNS_A));
    arena_release(&arena);
}

static void test_growth(void **state)
{
    enum { COUNT = 5000 };
    const struct dns_answer **kept = calloc(COUNT, sizeof *kept);
    struct dns_question question;
    char name[40];
    (void)state;
    assert_non_null(kept);
    open_store(COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "n%u.example.org", i);
        kept[i] = dns_answers_get(answers, name, DNS_TXT);
    }
    assert_int_equal(dns_answers_missing_count(answers), COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "n%u.example.org", i);
        assert_ptr_equal(dns_answers_get(answers, name, DNS_TXT), kept[i]);
        assert_ptr_equal(dns_answers_find(answers, name, DNS_TXT), kept[i]);
        assert_ptr_equal(dns_answers_at(answers, i), kept[i]);
        assert_string_equal(kept[i]->name, name);
        assert_true(dns_answers_take_missing(answers, &question));
        assert_int_equal(question.index, i);
    }
    assert_false(dns_answers_take_missing(answers, &question));
    arena_release(&arena);
    free(kept);
}

/* What is settled is the store's own: the message's arena may go. */
static void test_deep_copy(void **state)
{
    struct arena other;
    (void)state;
    open_store(100);
    arena_init(&other);
    const struct dns_answer *answer = dns_answers_get(answers, "example.org", DNS_TXT);
    const char **chain = arena_array(&other, 1, sizeof *chain);
    chain[0] = arena_copy(&other, "alias.example.org");
    struct dns_record *records = arena_array(&other, 2, sizeof *records);
    records[0] = (struct dns_record){
        .name = arena_copy(&other, "alias.example.org"),
        .type = DNS_TXT,
        .ttl = 60,
        .text = slice_new(arena_copy_bytes(&other, "a\0bc", 4), 4),
        .strings = arena_copy_bytes(&other, "\001\003", 2),
        .string_count = 2,
        .rdata = arena_copy_bytes(&other, "\001a\003\0bc", 6),
        .rdata_length = 6,
    };
    records[1] = (struct dns_record){
        .name = arena_copy(&other, "alias.example.org"),
        .type = DNS_MX,
        .target = arena_copy(&other, "mail.example.org"),
        .preference = 10,
    };
    struct dns_answer found = {
        .name = "something else",
        .status = DNS_OK,
        .records = records,
        .record_count = 2,
        .chain = chain,
        .chain_length = 1,
        .zone = arena_copy(&other, "org"),
        .ttl = 60,
        .size = 100,
        .tcp = true,
    };
    dns_answers_settle(answers, 0, &found);
    arena_release(&other);
    assert_int_equal(dns_answers_missing_count(answers), 0);
    assert_string_equal(answer->name, "example.org");
    assert_int_equal(answer->type, DNS_TXT);
    assert_int_equal(answer->record_count, 2);
    const struct dns_record *record = &answer->records[0];
    assert_string_equal(record->name, "alias.example.org");
    assert_int_equal(record->text.length, 4);
    assert_memory_equal(record->text.start, "a\0bc", 5);
    assert_int_equal(record->strings[0], 1);
    assert_int_equal(record->strings[1], 3);
    assert_memory_equal(record->rdata, "\001a\003\0bc", 6);
    assert_string_equal(answer->records[1].target, "mail.example.org");
    assert_null(answer->records[1].text.start);
    assert_string_equal(answer->chain[0], "alias.example.org");
    assert_string_equal(answer->zone, "org");
    assert_true(answer->tcp);
    arena_release(&arena);
}

static void test_put(void **state)
{
    (void)state;
    open_store(1);
    size_t index = dns_answers_put(answers, "example.org", DNS_A, DNS_PLAIN);
    assert_int_equal(dns_answers_put(answers, "example.org", DNS_A, DNS_PLAIN), index);
    assert_int_equal(dns_answers_count(answers), 1);
    assert_int_equal(dns_answers_missing_count(answers), 0);
    const struct dns_answer *answer = dns_answers_get(answers, "example.org", DNS_A);
    assert_true(dns_answer_is_settled(answer));
    assert_ptr_equal(dns_answers_at(answers, index), answer);
    assert_ptr_equal(dns_answers_arena(answers), &arena);
    arena_release(&arena);
}

/* RFC 8020 2: a name with something below it exists. */
static void test_complete(void **state)
{
    struct dns_answer ok = {.status = DNS_OK};
    (void)state;
    open_store(100);
    dns_answers_settle(answers, dns_answers_put(answers, "a.b.example.org", DNS_A, DNS_PLAIN), &ok);
    dns_answers_set_complete(answers);
    assert_int_equal(dns_answers_get(answers, "a.b.example.org", DNS_MX)->status, DNS_NODATA);
    assert_int_equal(dns_answers_get(answers, "b.example.org", DNS_A)->status, DNS_NODATA);
    assert_int_equal(dns_answers_get(answers, "c.example.org", DNS_A)->status, DNS_NXDOMAIN);
    assert_int_equal(dns_answers_get(answers, "c.example.org", DNS_A)->rcode, 3);
    assert_int_equal(dns_answers_get(answers, "xb.example.org", DNS_A)->status, DNS_NXDOMAIN);
    assert_int_equal(dns_answers_missing_count(answers), 0);
    arena_release(&arena);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_status, status_rows);
    cases_add(&cases, "types have the names of RFC 1035 3.2.2 and RFC 3597 5", test_types, NULL);
    cases_add(&cases, "questions are missing, then under way, then settled", test_rounds, NULL);
    cases_add(&cases, "names are one in either case, with or without the final dot (RFC 4343)",
              test_names, NULL);
    cases_add(&cases, "a name that cannot be asked for has its answer at once", test_bad_names,
              NULL);
    cases_add(&cases, "flags are part of a question", test_flags, NULL);
    cases_add(&cases, "past its limit the store notes nothing", test_limit, NULL);
    cases_add(&cases, "5,000 answers stay where they are while the store grows", test_growth, NULL);
    cases_add(&cases, "what is settled is copied to the last octet", test_deep_copy, NULL);
    cases_add(&cases, "an answer that is there already is never missing", test_put, NULL);
    cases_add(&cases, "a complete store knows what does not exist (RFC 8020 2)", test_complete,
              NULL);
    return cases_run(&cases, "dns_answer");
}
