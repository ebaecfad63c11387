/* The DNS engine against fake_dns. */
#include "dns_fixture.h"

#include <sys/select.h> /* fd_set, which <ares.h> needs */

#include <ares.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "net/dns.h"

/* c-ares 1.34 makes each try from a socket of its own and closes the last one's, waits 1 to 2 times
 * as long for the second one, asks with EDNS again after a FORMERR, and takes no names but of the
 * octets of host names. */
#define IS_NEW (ARES_VERSION >= 0x012200)

static struct loop *loop;
static struct dns *dns;

/* Starts server and engine, or skips. */
static void start(const char *script, size_t servers, struct dns_options options)
{
    char error[128] = "";
    if (!dns_fixture_start(script, servers))
        skip();
    options.servers = options.servers == NULL ? dns_fixture_servers : options.servers;
    options.server_count = options.server_count == 0 ? servers : options.server_count;
    options.question_us = options.question_us == 0 ? 1400000 : options.question_us;
    loop = loop_new();
    dns = dns_open(&options, loop, error);
    assert_non_null(dns);
    assert_string_equal(error, "");
}

static void stop(void)
{
    dns_close(dns);
    loop_free(loop);
    dns_fixture_stop();
}

/* The one answer to one question, with the time of a fresh deadline. */
static const struct dns_answer *ask_with(const char *name, unsigned type, unsigned flags,
                                         const struct endpoint *server)
{
    struct dns_taken taken;
    dns_ask(dns, name, type, flags, server, 77);
    assert_int_equal(dns_under_way(dns) <= 1, true);
    assert_true(dns_wait(dns, deadline_in(10)));
    assert_true(dns_take(dns, &taken));
    assert_int_equal(taken.tag, 77);
    assert_string_equal(taken.answer->name, name);
    assert_int_equal(dns_under_way(dns), 0);
    return taken.answer;
}

static const struct dns_answer *ask(const char *name, unsigned type)
{
    return ask_with(name, type, DNS_PLAIN, NULL);
}

/* ---- one question to one resolver */

static const struct row {
    const char *label;
    const char *script;
    enum dns_status status;
    size_t udp, tcp; /* questions that the server got */
    bool came_by_tcp;
} rows[] = {
    {"an answer",                                                          "x.test A 192.0.2.1",                                   DNS_OK,        1, 0, false},
    {"NXDOMAIN",                                                           "soa test",                                             DNS_NXDOMAIN,  1, 0, false},
    {"no data",                                                            "x.test MX 0 .",                                        DNS_NODATA,    1, 0, false},
    {"SERVFAIL is asked for once",                                         "x.test A SERVFAIL",                                    DNS_SERVFAIL,  1, 0, false},
    {"REFUSED is asked for once",                                          "x.test A REFUSED",                                     DNS_REFUSED,   1, 0, false},
    {"NOTIMP is asked for once",                                           "x.test A NOTIMP",                                      DNS_RCODE,     1, 0, false},
    {"BADVERS, whose upper bits stand in the OPT record (RFC 6891 6.1.3)", "x.test A RCODE16",
     DNS_RCODE,                                                                                                                                   1, 0, false},
    {"a lost question is sent again",                                      "[lose=1] x.test A 192.0.2.1",                          DNS_OK,        2, 0, false},
    {"a question that is lost twice is sent again",                        "[lose=2] x.test A 192.0.2.1",                          DNS_OK,        3, 0,
     false                                                                                                                                                   },
    {"after three tries it is a time-out",                                 "[lose=9] x.test A 192.0.2.1",                          DNS_PENDING,   3, 0, false},
    {"a slow answer to the first try is taken",                            "[delay=500] x.test A 192.0.2.1",                       DNS_OK,        2, 0,
     false                                                                                                                                                   },
    {"an answer that comes twice is one",                                  "[duplicate] x.test A 192.0.2.1",                       DNS_OK,        1, 0, false},
    {"a server without EDNS answers all the same (RFC 6891 7)",            "[no-opt] x.test A 192.0.2.1",
     DNS_OK,                                                                                                                                      1, 0, false},
    {"FORMERR without OPT is asked for again without EDNS (RFC 6891 7)",
     "[edns no-opt] x.test A FORMERR\n[!edns] x.test A 192.0.2.1",                                                                 DNS_OK,        2, 0, false},
    {"a message without sense is not taken for an answer",                 "[garbage] x.test A 192.0.2.1",
     DNS_PENDING,                                                                                                                                 3, 0, false},
    {"a header alone is not taken for an answer",                          "[header-only] x.test A 192.0.2.1",                     DNS_PENDING,
     3,                                                                                                                                              0, false},
    {"an answer that is cut is malformed",                                 "[cut=35] x.test A 192.0.2.1",                          DNS_MALFORMED, 1, 0,
     false                                                                                                                                                   },
    {"forgeries with another id, question or source are not taken",
     "[also wrong-id] x.test A 192.0.2.1\n[also wrong-question] x.test A 192.0.2.1\n"
     "[also wrong-source] x.test A 192.0.2.1\n[delay=20] x.test A NXDOMAIN",                                                       DNS_NXDOMAIN,  1, 0, false},
    {"a truncated answer is fetched by TCP (RFC 7766 5)",                  "[truncate] x.test A 192.0.2.1",                        DNS_OK,
     1,                                                                                                                                              1, true },
    {"an NXDOMAIN by TCP is one",                                          "[truncate] x.test A NXDOMAIN",                         DNS_NXDOMAIN,  1, 1, true },
    {"a slow answer by TCP is waited for as long as a question may last",
     "[udp truncate] x.test A 192.0.2.1\n[tcp delay=900] x.test A 192.0.2.1",                                                      DNS_OK,        1, 1, true },
    {"TCP that is closed leaves half an answer",                           "[truncate tcp=closed] x.test A 192.0.2.1",
     DNS_TRUNCATED,                                                                                                                               1, 0, true },
    {"TCP that is reset",                                                  "[truncate tcp=reset] x.test A 192.0.2.1",              DNS_TRUNCATED, 1, 0, true },
    {"TCP without an answer",                                              "[truncate tcp=silent] x.test A 192.0.2.1",             DNS_TRUNCATED, 1, 0,
     true                                                                                                                                                    },
    {"TCP that ends in the answer",                                        "[truncate tcp=cut] x.test A 192.0.2.1",                DNS_TRUNCATED, 1, 0,
     true                                                                                                                                                    },
    {"TCP that nobody listens for",                                        "[tcp=refused] default\n[truncate] x.test A 192.0.2.1",
     DNS_TRUNCATED,                                                                                                                               1, 0, false},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    if (IS_NEW && strstr(row->script, "[delay=500]") != NULL)
        skip();
    start(row->script, 1, (struct dns_options){0});
    int64_t before = clock_now();
    const struct dns_answer *answer = ask("x.test", DNS_A);
    int64_t lasted = (clock_now() - before) / 1000;
    if (answer->status != row->status)
        fail_msg("%s, not %s", dns_status_name(answer->status), dns_status_name(row->status));
    assert_int_equal(answer->record_count, row->status == DNS_OK ? 1 : 0);
    assert_int_equal(dns_fixture_count("udp 127.0.0.1 x.test A rd"), row->udp);
    if (row->status == DNS_TRUNCATED) {
        assert_int_equal(dns_fixture_count("tcp ") > 0, row->came_by_tcp);
    } else {
        assert_int_equal(answer->tcp, row->came_by_tcp);
        assert_int_equal(dns_fixture_count("tcp 127.0.0.1 x.test A rd"), row->tcp);
    }
    assert_in_range(answer->ms, 0, (uintmax_t)lasted);
    stop();
}

/* ---- several resolvers */

static const struct several_row {
    const char *label;
    const char *script;
    enum dns_status status;
    size_t first, second, third; /* questions that each got */
} several_rows[] = {
    {"several: the first one's answer is enough",                         "x.test A 192.0.2.1",                               DNS_OK,       1, 0, 0},
    {"several: NXDOMAIN needs no second opinion",                         "soa test",                                         DNS_NXDOMAIN, 1, 0, 0},
    {"several: SERVFAIL of one is made up for by another",
     "x.test A 192.0.2.1\n@127.0.0.1 x.test A SERVFAIL",                                                                      DNS_OK,       2, 1, 1},
    {"several: REFUSED of two is made up for by the third",
     "x.test A 192.0.2.1\n@127.0.0.1,127.0.0.2 x.test A REFUSED",                                                             DNS_OK,       2, 1, 1},
    {"several: NOTIMP of one is made up for by another",
     "x.test A 192.0.2.1\n@127.0.0.1 x.test A NOTIMP",                                                                        DNS_OK,       2, 1, 1},
    {"several: SERVFAIL of all is SERVFAIL",                              "x.test A SERVFAIL",                                DNS_SERVFAIL, 2, 1, 1},
    {"several: an NXDOMAIN of one counts more than a SERVFAIL of others",
     "x.test A SERVFAIL\n@127.0.0.3 x.test A NXDOMAIN",                                                                       DNS_NXDOMAIN, 2, 1, 1},
    {"several: a silent one is passed over",                              "x.test A 192.0.2.1\n@127.0.0.1 [silent] x.test A",
     DNS_OK,                                                                                                                                1, 1, 0},
    {"several: an error is an error though the others are silent",
     "[silent] x.test A\n@127.0.0.1 [!silent] x.test A REFUSED",                                                              DNS_REFUSED,  2, 3, 3},
    {"several: all silent is a time-out",                                 "[silent] x.test A",                                DNS_PENDING,  3, 3, 3},
    {"several: a second opinion that is truncated is fetched by TCP",
     "[truncate] x.test A 192.0.2.1\n@127.0.0.1 x.test A SERVFAIL",                                                           DNS_OK,       2, 1, 1},
};

static void test_several(void **state)
{
    const struct several_row *row = *state;
    start(row->script, 3, (struct dns_options){0});
    const struct dns_answer *answer = ask("x.test", DNS_A);
    if (answer->status != row->status)
        fail_msg("%s, not %s", dns_status_name(answer->status), dns_status_name(row->status));
    assert_int_equal(dns_fixture_count("udp 127.0.0.1 "), row->first);
    assert_int_equal(dns_fixture_count("udp 127.0.0.2 "), row->second);
    assert_int_equal(dns_fixture_count("udp 127.0.0.3 "), row->third);
    assert_int_equal(dns_asked(dns), 1);
    stop();
}

/* ---- who is asked, and how */

static void test_own_server(void **state)
{
    (void)state;
    start("x.test A 192.0.2.1\n@127.0.0.2 x.test A 192.0.2.2\n@127.0.0.2 y.test A SERVFAIL", 2,
          (struct dns_options){.server_count = 1});
    size_t count;
    assert_memory_equal(dns_servers(dns, &count), dns_fixture_servers, sizeof(struct endpoint));
    assert_int_equal(count, 1);
    const struct endpoint *own = &dns_fixture_servers[1];
    const struct dns_answer *answer = ask_with("x.test", DNS_A, DNS_PLAIN, own);
    assert_int_equal(answer->records[0].address.bytes[3], 2);
    assert_int_equal(dns_fixture_count("udp 127.0.0.2 x.test A -"), 1);
    ask_with("x.test", DNS_A, DNS_RECURSE, own);
    assert_int_equal(dns_fixture_count("udp 127.0.0.2 x.test A rd"), 1);
    ask_with("x.test", DNS_A, DNS_DNSSEC, own);
    assert_int_equal(dns_fixture_count("udp 127.0.0.2 x.test A do"), 1);
    ask_with("x.test", DNS_A, DNS_DNSSEC | DNS_CHECKING_DISABLED | DNS_RECURSE, own);
    assert_int_equal(dns_fixture_count("udp 127.0.0.2 x.test A rd,do,cd"), 1);
    ask_with("x.test", DNS_A, DNS_CHECKING_DISABLED, NULL);
    assert_int_equal(dns_fixture_count("udp 127.0.0.1 x.test A rd,cd"), 1);
    /* Nobody else knows better than the server that was meant. */
    assert_int_equal(ask_with("y.test", DNS_A, DNS_PLAIN, own)->status, DNS_SERVFAIL);
    assert_int_equal(dns_fixture_count("udp 127.0.0.1 y.test"), 0);
    stop();
}

static void test_names(void **state)
{
    char name[300];
    (void)state;
    start("a\\032b\\046c.test A 192.0.2.1\n. NS a.test", 1, (struct dns_options){0});
    assert_int_equal(ask("a\\032b\\046c.test", DNS_A)->status, IS_NEW ? DNS_PENDING : DNS_OK);
    assert_int_equal(ask("", DNS_NS)->status, DNS_OK);
    size_t sent = dns_fixture_count("");
    assert_int_equal(ask("a..test", DNS_A)->status, DNS_BAD_NAME);
    memset(name, 'a', sizeof name);
    name[64] = '\0';
    assert_int_equal(ask(name, DNS_A)->status, DNS_BAD_NAME);
    /* RFC 7686 2: never asked for. */
    assert_int_equal(ask("example.onion", DNS_A)->status, DNS_NXDOMAIN);
    struct dns_taken taken;
    memset(name, 'a', sizeof name);
    name[254] = '\0';
    dns_ask(dns, name, DNS_A, DNS_PLAIN, NULL, 5);
    assert_true(dns_wait(dns, deadline_in(1)));
    assert_true(dns_take(dns, &taken));
    assert_int_equal(taken.answer->status, DNS_BAD_NAME);
    assert_int_equal(dns_fixture_count(""), sent);
    stop();
}

/* c-ares takes a server that once said FORMERR for one without EDNS, and cuts at 512 octets also
 * what was asked for with EDNS. */
static void test_cut_at_512(void **state)
{
    char script[1200];
    char text[201];
    (void)state;
    memset(text, 'x', 200);
    text[200] = '\0';
    snprintf(script, sizeof script,
             "[edns no-opt] old.test A FORMERR\n[!edns] old.test A 192.0.2.1\n"
             "big.test TXT \"%s\" \"%s\" \"%s\" \"%s\"",
             text, text, text, text);
    start(script, 1, (struct dns_options){0});
    const struct dns_answer *answer = ask_with("big.test", DNS_TXT, DNS_DNSSEC, NULL);
    assert_int_equal(answer->records[0].text.length, 800);
    assert_false(answer->tcp);
    assert_int_equal(ask("old.test", DNS_A)->status, DNS_OK);
    answer = ask_with("big.test", DNS_TXT, DNS_DNSSEC, NULL);
    assert_int_equal(answer->status, DNS_OK);
    assert_int_equal(answer->records[0].text.length, 800);
    assert_int_equal(answer->tcp, !IS_NEW);
    stop();
}

static void test_no_server(void **state)
{
    (void)state;
    start("soa test", 1, (struct dns_options){0});
    dns_fixture_end();
    assert_int_equal(ask("x.test", DNS_A)->status, DNS_NO_RESOLVER);
    dns_close(dns);
    loop_free(loop);
    dns_fixture_remove();
}

static void test_too_many_servers(void **state)
{
    struct endpoint servers[9];
    struct dns_options options = {.servers = servers, .server_count = 9};
    char error[128] = "";
    (void)state;
    for (size_t i = 0; i < 9; i++)
        servers[i] = (struct endpoint){
            .address = {.family = IP_V4, .bytes = {127, 0, 0, 1}}
        };
    loop = loop_new();
    assert_null(dns_open(&options, loop, error));
    assert_non_null(strstr(error, "at most 8"));
    dns_close(NULL);
    loop_free(loop);
}

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

/* c-ares 1.34 sends cookies: who wants better ones (RFC 7873 5.3) is asked by TCP. */
static void test_bad_cookie(void **state)
{
    (void)state;
    start("[udp] x.test A RCODE23\n[tcp] x.test A 192.0.2.1", 1, (struct dns_options){0});
    const struct dns_answer *answer = ask("x.test", DNS_A);
    assert_int_equal(answer->status, IS_NEW ? DNS_OK : DNS_RCODE);
    assert_int_equal(answer->tcp, IS_NEW);
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
    start("[silent] default", 3, (struct dns_options){.in_flight = 60000});
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
    assert_true(most_open >= open_before + 3 * (IS_NEW ? 1 : 3) && most_open < LIMIT - 1);
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
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_several, several_rows);
    cases_add(&cases, "a server of one's own is asked without recursion (RFC 1035 4.1.1)",
              test_own_server, NULL);
    cases_add(&cases, "names with odd octets are asked for as they are (RFC 1035 5.1)", test_names,
              NULL);
    cases_add(&cases, "what c-ares cuts at 512 octets is fetched by TCP", test_cut_at_512, NULL);
    cases_add(&cases, "nothing listens: no server was reached", test_no_server, NULL);
    cases_add(&cases, "nine resolvers are too many", test_too_many_servers, NULL);
    cases_add(&cases, "the deadline is kept", test_deadline, NULL);
    cases_add(&cases, "the deadline is kept while answers come and come", test_deadline_under_load,
              NULL);
    cases_add(&cases, "what is abandoned never comes back", test_abandon, NULL);
    cases_add(&cases, "no more questions are under way than wished for", test_in_flight, NULL);
    cases_add(&cases, "BADCOOKIE is no answer", test_bad_cookie, NULL);
    cases_add(&cases, "malformed answers cost other questions nothing", test_malformed_among_others,
              NULL);
    cases_add(&cases, "a slow answer after many quick ones is waited for", test_slow_after_quick,
              NULL);
    cases_add(&cases, "no more questions are under way than there are descriptors for",
              test_descriptors, NULL);
    cases_add(&cases, "of 5,000 questions none is lost and none answered twice", test_thousands,
              NULL);
    return cases_run(&cases, "dns");
}
