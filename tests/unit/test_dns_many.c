/* The DNS engine against fake_dns: time, and many questions. */
#include "dns_fixture.h"

#include <fcntl.h>
#include <sys/resource.h>

/* ---- time */

/* A moment that no test lives to see: what returns did not wait for it. */
#define NEVER 3600.0

static void test_deadline(void **state)
{
    struct dns_taken taken;
    (void)state;
    start("[silent] default", 1, (struct dns_options){.question_us = 5000000});
    assert_false(dns_wait(dns, deadline_in(NEVER))); /* nothing is under way */
    dns_ask(dns, "x.test", DNS_A, DNS_PLAIN, NULL, 1);
    int64_t before = clock_now();
    assert_false(dns_wait(dns, deadline_in(0.15)));
    dns_fixture_assert_lasted(before, 150);
    assert_false(dns_take(dns, &taken));
    assert_int_equal(dns_under_way(dns), 1);
    /* A moment at which the caller wants to ask more. */
    before = clock_now();
    assert_true(dns_wait_until(dns, deadline_in(NEVER), deadline_in(0.1)));
    dns_fixture_assert_lasted(before, 100);
    dns_abandon(dns);
    before = clock_now();
    assert_true(dns_wait_until(dns, deadline_in(NEVER), deadline_in(0.1)));
    dns_fixture_assert_lasted(before, 100);
    /* It lies behind the deadline: nothing will ever come. */
    assert_false(dns_wait_until(dns, deadline_in(0.1), deadline_in(NEVER)));
    stop();
}

/* Answers that never cease to come do not carry a run over its deadline. */
static void test_deadline_under_load(void **state)
{
    struct deadline deadline;
    struct dns_taken taken;
    size_t answers = 0;
    size_t late = 0;
    (void)state;
    start("*.test A 192.0.2.1", 1, (struct dns_options){.in_flight = 200});
    deadline = deadline_in(0.3);
    do {
        while (dns_take(dns, &taken))
            answers++;
        while (dns_has_room(dns))
            dns_ask(dns, "x.test", DNS_A, DNS_PLAIN, NULL, 1);
        poll(NULL, 0, 5); /* slower than the server: answers are there at every look */
        /* Answers that are there already may be taken; the network is not read again. */
        late += deadline_left(deadline) == 0;
    } while (dns_wait(dns, deadline) && late < 3);
    assert_in_range(late, 0, 2);
    assert_int_equal(deadline_left(deadline), 0);
    assert_true(answers > 100);
    stop();
}

static void test_abandon(void **state)
{
    struct dns_taken taken;
    (void)state;
    start("[delay=100] slow.test A 192.0.2.1\nquick.test A 192.0.2.2", 1, (struct dns_options){0});
    dns_ask(dns, "quick.test", DNS_A, DNS_PLAIN, NULL, 1);
    assert_true(dns_wait(dns, deadline_in(5)));
    for (uint64_t i = 2; i < 300; i++)
        dns_ask(dns, "slow.test", DNS_A, DNS_PLAIN, NULL, i);
    dns_abandon(dns); /* under way, ready, and taken */
    assert_int_equal(dns_under_way(dns), 0);
    assert_false(dns_take(dns, &taken));
    /* The late answers come now, and are nobody's. */
    assert_true(dns_wait_until(dns, deadline_in(5), deadline_in(0.15)));
    assert_false(dns_take(dns, &taken));
    for (uint64_t i = 1000; i < 1100; i++)
        dns_ask(dns, i % 2 == 0 ? "slow.test" : "quick.test", DNS_A, DNS_PLAIN, NULL, i);
    size_t count = 0;
    while (dns_wait(dns, deadline_in(5))) {
        while (dns_take(dns, &taken)) {
            assert_in_range(taken.tag, 1000, 1099);
            assert_int_equal(taken.answer->records[0].address.bytes[3], taken.tag % 2 == 0 ? 1 : 2);
            count++;
        }
    }
    assert_int_equal(count, 100);
    dns_ask(dns, "slow.test", DNS_A, DNS_PLAIN, NULL, 1); /* closed while under way */
    stop();
}

/* ---- many */

static void test_in_flight(void **state)
{
    struct dns_taken taken;
    size_t asked = 0;
    size_t most = 0;
    size_t taken_count = 0;
    (void)state;
    start("[delay=5] *.test A 192.0.2.1", 1, (struct dns_options){.in_flight = 10});
    do {
        while (dns_take(dns, &taken))
            taken_count++;
        for (; asked < 200 && dns_has_room(dns); asked++)
            dns_ask(dns, "x.test", DNS_A, DNS_PLAIN, NULL, asked);
        most = dns_under_way(dns) > most ? dns_under_way(dns) : most;
    } while (dns_wait(dns, deadline_in(10)));
    assert_int_equal(most, 10);
    assert_int_equal(taken_count, 200);
    assert_int_equal(dns_asked(dns), 200);
    stop();
}

/* How many descriptors below `limit` are open. */
static int open_descriptors(int limit)
{
    int count = 0;
    for (int i = 0; i < limit; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

static void test_malformed_among_others(void **state)
{
    struct dns_taken taken;
    (void)state;
    start("[delay=50] *.test A 192.0.2.1\n[cut=35] bad.test A 192.0.2.1", 1,
          (struct dns_options){0});
    for (uint64_t i = 0; i < 100; i++)
        dns_ask(dns, i % 10 != 0 ? "x.test" : "bad.test", DNS_A, DNS_PLAIN, NULL, i);
    size_t count = 0;
    while (dns_wait(dns, deadline_in(10))) {
        for (; dns_take(dns, &taken); count++)
            assert_int_equal(taken.answer->status, taken.tag % 10 != 0 ? DNS_OK : DNS_MALFORMED);
    }
    assert_int_equal(count, 100);
    assert_int_equal(dns_fixture_count("udp "), 100);
    stop();
}

static void test_slow_after_quick(void **state)
{
    (void)state;
    start("[udp] quick.test A 192.0.2.1\n[udp delay=1000] slow.test A 192.0.2.1\n"
          "[udp truncate] quick.long.test A 192.0.2.1\n[tcp] quick.long.test A 192.0.2.1\n"
          "[udp truncate] slow.long.test A 192.0.2.1\n[tcp delay=1000] slow.long.test A 192.0.2.1",
          1, (struct dns_options){.question_us = 5600000});
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(ask("quick.test", DNS_A)->status, DNS_OK);
    assert_int_equal(ask("slow.test", DNS_A)->status, DNS_OK);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(ask("quick.long.test", DNS_A)->status, DNS_OK);
    assert_int_equal(ask("slow.long.test", DNS_A)->status, DNS_OK);
    stop();
}

/* Every resolver is silent, so each gets a socket of every group of questions. */
static void test_descriptors(void **state)
{
    enum { LIMIT = 64 };
    struct rlimit before;
    struct dns_taken taken;
    size_t asked = 0;
    size_t most = 0;
    int most_open = 0;
    int looks = 0;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){LIMIT, before.rlim_max}), 0);
    start("[silent] default", 3,
          (struct dns_options){.in_flight = 60000, .question_us = DNS_FIXTURE_SHORT_US});
    int open_before = open_descriptors(LIMIT);
    do {
        while (dns_take(dns, &taken))
            assert_int_equal(taken.answer->status, DNS_PENDING);
        for (; asked < 6000 && dns_has_room(dns); asked++)
            dns_ask(dns, "x.test", DNS_A, DNS_PLAIN, NULL, asked);
        most = dns_under_way(dns) > most ? dns_under_way(dns) : most;
        int open = open_descriptors(LIMIT);
        most_open = open > most_open ? open : most_open;
        looks++;
    } while (dns_wait(dns, deadline_in(0.1)) || looks < 25);
    stop();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(most >= 250 && most < 6000);
    assert_true(most_open >= open_before + 3 && most_open < LIMIT - 1);
}

/* Questions whose names differ only in octets that c-ares does not see. */
static void test_alike(void **state)
{
    static const char octets[] = "!#$%&'*+,/:<=>?[]^`{|}~";
    enum { COUNT = sizeof octets - 1 };
    char script[COUNT * 40] = "";
    char name[40];
    struct dns_taken taken;
    size_t count = 0;
    size_t used = 0;
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        used += (size_t)snprintf(script + used, sizeof script - used,
                                 "[delay=50] a%cb.test A 192.0.2.%zu\n", octets[i], i);
    start(script, 1, (struct dns_options){0});
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "a%cb.test", octets[i]);
        dns_ask(dns, name, DNS_A, DNS_PLAIN, NULL, i);
    }
    for (; dns_wait(dns, deadline_in(10)); count++) {
        assert_true(dns_take(dns, &taken));
        assert_int_equal(taken.answer->records[0].address.bytes[3], taken.tag);
    }
    assert_int_equal(count, COUNT);
    stop();
}

/* More at a time than there are connections for. */
static void test_truncated(void **state)
{
    enum { LIMIT = 64, COUNT = 200 };
    struct rlimit before;
    struct dns_taken taken;
    size_t count = 0;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){LIMIT, before.rlim_max}), 0);
    start("[truncate] *.test A 192.0.2.1", 1, (struct dns_options){0});
    int open_before = open_descriptors(LIMIT);
    int most_open = 0;
    for (size_t i = 0; i < COUNT; i++)
        dns_ask(dns, "x.test", DNS_A, DNS_PLAIN, NULL, i);
    while (dns_wait(dns, deadline_in(20))) {
        int open = open_descriptors(LIMIT);
        most_open = open > most_open ? open : most_open;
        for (; dns_take(dns, &taken); count++) {
            assert_int_equal(taken.answer->status, DNS_OK);
            assert_true(taken.answer->tcp);
        }
    }
    stop();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(count, COUNT);
    assert_in_range(most_open, open_before + 2, open_before + 20);
}

static void test_thousands(void **state)
{
    enum { COUNT = 5000 };
    unsigned char *seen = calloc(COUNT, 1);
    struct dns_taken taken;
    uint64_t asked = 0;
    char name[40];
    (void)state;
    assert_non_null(seen);
    start("*.test A 192.0.2.1\n*.no.test A NXDOMAIN\n*.bad.test A SERVFAIL", 1,
          (struct dns_options){.question_us = 5000000});
    do {
        while (dns_take(dns, &taken)) {
            static const enum dns_status expected[] = {DNS_OK, DNS_NXDOMAIN, DNS_SERVFAIL};
            assert_true(taken.tag < COUNT);
            assert_int_equal(seen[taken.tag]++, 0);
            assert_int_equal(taken.answer->status, expected[taken.tag % 3]);
        }
        for (; asked < COUNT && dns_has_room(dns); asked++) {
            static const char *const zones[] = {"test", "no.test", "bad.test"};
            snprintf(name, sizeof name, "n%u.%s", (unsigned)asked, zones[asked % 3]);
            dns_ask(dns, name, DNS_A, DNS_PLAIN, NULL, asked);
        }
    } while (dns_wait(dns, deadline_in(20)));
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(seen[i], 1);
    free(seen);
    stop();
}

int main(void)
{
    struct cases cases = {0};
    cases_add(&cases, "the deadline is kept", test_deadline, NULL);
    cases_add(&cases, "the deadline is kept while answers come and come", test_deadline_under_load,
              NULL);
    cases_add(&cases, "what is abandoned never comes back", test_abandon, NULL);
    cases_add(&cases, "no more questions are under way than wished for", test_in_flight, NULL);
    cases_add(&cases, "malformed answers cost other questions nothing", test_malformed_among_others,
              NULL);
    cases_add(&cases, "a slow answer after many quick ones is waited for", test_slow_after_quick,
              NULL);
    cases_add(&cases, "no more questions are under way than there are descriptors for",
              test_descriptors, NULL);
    cases_add(&cases, "names that are alike but for odd octets have an answer each", test_alike,
              NULL);
    cases_add(&cases, "what is truncated waits for a connection", test_truncated, NULL);
    cases_add(&cases, "of 5,000 questions none is lost and none answered twice", test_thousands,
              NULL);
    return cases_run(&cases, "dns_many");
}
