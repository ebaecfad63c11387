/* A store of answers filled by the DNS engine from fake_dns. */
#include "dns_fixture.h"

static void test_store(void **state)
{
    struct arena arena;
    size_t rounds = 0;
    size_t addresses = 0;
    (void)state;
    start("x.test MX 10 a.test\nx.test MX 20 b.test\na.test A 192.0.2.1\nb.test CNAME c.test\n"
          "c.test A 192.0.2.2\nc.test A 192.0.2.3",
          1, (struct dns_options){.in_flight = 1});
    arena_init(&arena);
    struct dns_answers *answers = dns_answers_new(&arena, 100);
    do {
        const struct dns_answer *mx = dns_answers_get(answers, "x.test", DNS_MX);
        const struct dns_answer *none = dns_answers_get(answers, "y.test", DNS_A);
        addresses = 0;
        for (size_t i = 0; i < mx->record_count; i++)
            addresses += dns_answers_get(answers, mx->records[i].target, DNS_A)->record_count;
        assert_int_equal(none->status, rounds == 0 ? DNS_PENDING : DNS_NXDOMAIN);
        rounds++;
    } while (dns_fetch_missing(dns, answers, deadline_in(10)));
    assert_int_equal(rounds, 3);
    assert_int_equal(addresses, 3);
    assert_int_equal(dns_answers_count(answers), 4);
    assert_string_equal(dns_answers_get(answers, "b.test", DNS_A)->chain[0], "c.test");
    arena_release(&arena);
    stop();
}

/* The caller has something else to do before the slow answer comes, which is not asked for twice.
 */
static void test_store_wake(void **state)
{
    struct arena arena;
    (void)state;
    start("quick.test A 192.0.2.1\n[delay=200] slow.test A 192.0.2.2", 1, (struct dns_options){0});
    arena_init(&arena);
    struct dns_answers *answers = dns_answers_new(&arena, 100);
    const struct dns_answer *quick = dns_answers_get(answers, "quick.test", DNS_A);
    const struct dns_answer *slow = dns_answers_get(answers, "slow.test", DNS_A);
    int64_t before = clock_now();
    size_t wakes = 0;
    while (!dns_answer_is_settled(slow) && wakes < 1000) {
        assert_true(dns_fetch_missing_until(dns, answers, deadline_in(10),
                                            deadline_in(wakes == 0 ? 0 : 0.05)));
        wakes++;
    }
    dns_fixture_assert_lasted(before, 200);
    assert_in_range(wakes, 2, 999);
    assert_int_equal(quick->status, DNS_OK);
    assert_int_equal(slow->status, DNS_OK);
    assert_int_equal(dns_asked(dns), 2);
    assert_false(dns_fetch_missing_until(dns, answers, deadline_in(5), deadline_in(5)));
    arena_release(&arena);
    stop();
}

/* What is under way when the time is up is not waited for any more. */
static void test_store_wake_late(void **state)
{
    struct arena arena;
    (void)state;
    start("[silent] slow.test A", 1, (struct dns_options){0});
    arena_init(&arena);
    struct dns_answers *answers = dns_answers_new(&arena, 100);
    const struct dns_answer *slow = dns_answers_get(answers, "slow.test", DNS_A);
    struct deadline deadline = deadline_in(0.2);
    assert_true(dns_fetch_missing_until(dns, answers, deadline, deadline_in(0)));
    assert_int_equal(dns_under_way(dns), 1);
    assert_true(dns_fetch_missing_until(dns, answers, deadline, deadline));
    assert_int_equal(dns_under_way(dns), 0);
    assert_int_equal(slow->status, DNS_PENDING);
    assert_false(dns_fetch_missing_until(dns, answers, deadline, deadline));
    arena_release(&arena);
    stop();
}

static void test_store_deadline(void **state)
{
    struct arena arena;
    (void)state;
    start("quick.test A 192.0.2.1\n[silent] slow.test A", 1, (struct dns_options){0});
    arena_init(&arena);
    struct dns_answers *answers = dns_answers_new(&arena, 100);
    const struct dns_answer *quick = dns_answers_get(answers, "quick.test", DNS_A);
    const struct dns_answer *slow = dns_answers_get(answers, "slow.test", DNS_A);
    struct deadline deadline = deadline_in(0.2);
    int64_t before = clock_now();
    assert_true(dns_fetch_missing(dns, answers, deadline));
    dns_fixture_assert_lasted(before, 200);
    assert_int_equal(quick->status, DNS_OK);
    assert_int_equal(slow->status, DNS_PENDING);
    assert_false(dns_answer_is_settled(slow));
    assert_false(dns_fetch_missing(dns, answers, deadline_in(5))); /* nothing is missing */
    dns_answers_get(answers, "more.test", DNS_A);
    assert_false(dns_fetch_missing(dns, answers, deadline)); /* the time is up */
    arena_release(&arena);
    stop();
}

int main(void)
{
    struct cases cases = {0};
    cases_add(&cases, "a store is filled in rounds", test_store, NULL);
    cases_add(&cases, "who fetches is woken, and what is under way goes on", test_store_wake, NULL);
    cases_add(&cases, "what is under way is given up at the deadline", test_store_wake_late, NULL);
    cases_add(&cases, "a store at its deadline keeps what came", test_store_deadline, NULL);
    return cases_run(&cases, "dns fetch");
}
