/* The DNS engine against fake_dns: what comes of a question. */
#include "dns_fixture.h"

/* ---- one question to one resolver */

static const struct row {
    const char *label;
    const char *script;
    enum dns_status status;
    size_t udp, tcp; /* questions that the server got */
    bool came_by_tcp;
} rows[] = {
    {"an answer",                                                          "x.test A 192.0.2.1",                                         DNS_OK,        1, 0, false},
    {"NXDOMAIN",                                                           "soa test",                                                   DNS_NXDOMAIN,  1, 0, false},
    {"no data",                                                            "x.test MX 0 .",                                              DNS_NODATA,    1, 0, false},
    {"SERVFAIL is asked for once",                                         "x.test A SERVFAIL",                                          DNS_SERVFAIL,  1, 0, false},
    {"REFUSED is asked for once",                                          "x.test A REFUSED",                                           DNS_REFUSED,   1, 0, false},
    {"NOTIMP is asked for once",                                           "x.test A NOTIMP",                                            DNS_RCODE,     1, 0, false},
    {"BADVERS, whose upper bits stand in the OPT record (RFC 6891 6.1.3)", "x.test A RCODE16",
     DNS_RCODE,                                                                                                                                         1, 0, false},
    {"BADCOOKIE is no answer, for no cookie was sent (RFC 7873 8)",        "[edns] x.test A RCODE23",
     DNS_RCODE,                                                                                                                                         1, 0, false},
    {"a lost question is sent again",                                      "[lose=1] x.test A 192.0.2.1",                                DNS_OK,        2, 0, false},
    {"a question that is lost twice is sent again",                        "[lose=2] x.test A 192.0.2.1",                                DNS_OK,        3, 0,
     false                                                                                                                                                         },
    {"after three tries it is a time-out",                                 "[lose=9] x.test A 192.0.2.1",                                DNS_PENDING,   3, 0, false},
    {"a slow answer to the first try is taken",                            "[delay=500] x.test A 192.0.2.1",                             DNS_OK,        2, 0,
     false                                                                                                                                                         },
    {"an answer that comes later than the last try is taken",              "[delay=1000] x.test A 192.0.2.1",
     DNS_OK,                                                                                                                                            3, 0, false},
    {"an answer that comes twice is one",                                  "[duplicate] x.test A 192.0.2.1",                             DNS_OK,        1, 0, false},
    {"a server without EDNS answers all the same (RFC 6891 7)",            "[no-opt] x.test A 192.0.2.1",
     DNS_OK,                                                                                                                                            1, 0, false},
    {"FORMERR without OPT is asked for again without EDNS (RFC 6891 7)",
     "[edns no-opt] x.test A FORMERR\n[!edns] x.test A 192.0.2.1",                                                                       DNS_OK,        2, 0, false},
    {"FORMERR also without EDNS is what the server says",                  "x.test A FORMERR",                                           DNS_RCODE,     2, 0,
     false                                                                                                                                                         },
    {"a message without sense is not taken for an answer",                 "[garbage] x.test A 192.0.2.1",
     DNS_PENDING,                                                                                                                                       3, 0, false},
    {"a header alone is not taken for an answer",                          "[header-only] x.test A 192.0.2.1",                           DNS_PENDING,
     3,                                                                                                                                                    0, false},
    {"an answer that is cut is malformed",                                 "[cut=35] x.test A 192.0.2.1",                                DNS_MALFORMED, 1, 0,
     false                                                                                                                                                         },
    {"a forgery with another id is not taken (RFC 5452 9.1)",
     "[also wrong-id] x.test A 192.0.2.1\n[delay=20] x.test A NXDOMAIN",                                                                 DNS_NXDOMAIN,  1, 0, false},
    {"a forgery with another question is not taken (RFC 5452 9.1)",
     "[also wrong-question] x.test A 192.0.2.1\n[delay=20] x.test A NXDOMAIN",                                                           DNS_NXDOMAIN,  1, 0,
     false                                                                                                                                                         },
    {"a forgery with another source is not taken (RFC 5452 9.1)",
     "[also wrong-source] x.test A 192.0.2.1\n[delay=20] x.test A NXDOMAIN",                                                             DNS_NXDOMAIN,  1, 0,
     false                                                                                                                                                         },
    {"a truncated answer is fetched by TCP (RFC 7766 5)",                  "[truncate] x.test A 192.0.2.1",                              DNS_OK,
     1,                                                                                                                                                    1, true },
    {"an NXDOMAIN by TCP is one",                                          "[truncate] x.test A NXDOMAIN",                               DNS_NXDOMAIN,  1, 1, true },
    {"a slow answer by TCP is waited for as long as a question may last",
     "[udp truncate] x.test A 192.0.2.1\n[tcp delay=900] x.test A 192.0.2.1",                                                            DNS_OK,        1, 1, true },
    {"TCP that is closed leaves half an answer",                           "[truncate tcp=closed] x.test A 192.0.2.1",
     DNS_TRUNCATED,                                                                                                                                     1, 0, true },
    {"TCP that is reset",                                                  "[truncate tcp=reset] x.test A 192.0.2.1",                    DNS_TRUNCATED, 1, 0, true },
    {"TCP without an answer",                                              "[truncate tcp=silent] x.test A 192.0.2.1",                   DNS_TRUNCATED, 1, 0,
     true                                                                                                                                                          },
    {"TCP that ends in the answer",                                        "[truncate tcp=cut] x.test A 192.0.2.1",                      DNS_TRUNCATED, 1, 0,
     true                                                                                                                                                          },
    {"TCP with an answer to something else",
     "[udp truncate] x.test A 192.0.2.1\n[tcp wrong-id] x.test A 192.0.2.1",                                                             DNS_TRUNCATED, 1, 0,
     true                                                                                                                                                          },
    {"an answer by TCP that is cut is malformed",
     "[udp truncate] x.test A 192.0.2.1\n[tcp cut=35] x.test A 192.0.2.1",                                                               DNS_MALFORMED, 1, 1,
     true                                                                                                                                                          },
    {"SERVFAIL by TCP is one",                                             "[udp truncate] x.test A 192.0.2.1\n[tcp] x.test A SERVFAIL",
     DNS_SERVFAIL,                                                                                                                                      1, 1, true },
    {"TCP that nobody listens for",                                        "[tcp=refused] default\n[truncate] x.test A 192.0.2.1",
     DNS_TRUNCATED,                                                                                                                                     1, 0, false},
};

/* What waits for an answer in vain; where the machine is slow, what comes late, too. */
static bool is_slow(const char *script)
{
    return strstr(script, "lose=") != NULL || strstr(script, "delay=") != NULL ||
           strstr(script, "silent") != NULL || strstr(script, "garbage") != NULL ||
           strstr(script, "header-only") != NULL;
}

static void assert_sent(const char *start, size_t count, bool slow)
{
    assert_in_range(dns_fixture_count(start), count, slow ? 3 : count);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    bool slow = is_slow(row->script);
    start(row->script, 1, (struct dns_options){.question_us = slow ? DNS_FIXTURE_SHORT_US : 0});
    int64_t before = clock_now();
    const struct dns_answer *answer = ask("x.test", DNS_A);
    int64_t lasted = (clock_now() - before) / 1000;
    if (answer->status != row->status)
        fail_msg("%s, not %s", dns_status_name(answer->status), dns_status_name(row->status));
    assert_int_equal(answer->record_count, row->status == DNS_OK ? 1 : 0);
    assert_sent("udp 127.0.0.1 x.test A rd", row->udp, slow);
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

/* The server 127.0.0.1 does not recurse: x.test is to be asked of n.test. */
#define REFERRAL                                                                                   \
    "@127.0.0.1 x.test A \\message 8100 0001 0000 0001 0000 0178047465737400 0001 0001 "           \
    "c00e 0002 0001 0000012c 0004 016ec00e"

static const struct several_row {
    const char *label;
    const char *script;
    enum dns_status status;
    size_t first, second, third; /* questions that each got */
} several_rows[] = {
    {"several: the first one's answer is enough",                             "x.test A 192.0.2.1",                               DNS_OK,        1, 0, 0},
    {"several: NXDOMAIN needs no second opinion",                             "soa test",                                         DNS_NXDOMAIN,  1, 0, 0},
    {"several: SERVFAIL of one is made up for by another",
     "x.test A 192.0.2.1\n@127.0.0.1 x.test A SERVFAIL",                                                                          DNS_OK,        2, 1, 1},
    {"several: REFUSED of two is made up for by the third",
     "x.test A 192.0.2.1\n@127.0.0.1,127.0.0.2 x.test A REFUSED",                                                                 DNS_OK,        2, 1, 1},
    {"several: NOTIMP of one is made up for by another",
     "x.test A 192.0.2.1\n@127.0.0.1 x.test A NOTIMP",                                                                            DNS_OK,        2, 1, 1},
    {"several: a referral of one is made up for by another (RFC 2308 2.2.1)",
     "x.test A 192.0.2.1\n" REFERRAL,                                                                                             DNS_OK,        2, 1, 1},
    {"several: SERVFAIL of all is SERVFAIL",                                  "x.test A SERVFAIL",                                DNS_SERVFAIL,  2, 1, 1},
    {"several: an NXDOMAIN of one counts more than a SERVFAIL of others",
     "x.test A SERVFAIL\n@127.0.0.3 x.test A NXDOMAIN",                                                                           DNS_NXDOMAIN,  2, 1, 1},
    {"several: a silent one is passed over",                                  "x.test A 192.0.2.1\n@127.0.0.1 [silent] x.test A",
     DNS_OK,                                                                                                                                     1, 1, 0},
    {"several: an error is an error though the others are silent",
     "[silent] x.test A\n@127.0.0.1 [!silent] x.test A REFUSED",                                                                  DNS_REFUSED,   2, 3, 3},
    {"several: all silent is a time-out",                                     "[silent] x.test A",                                DNS_PENDING,   3, 3, 3},
    {"several: a second opinion that is truncated is fetched by TCP",
     "[truncate] x.test A 192.0.2.1\n@127.0.0.1 x.test A SERVFAIL",                                                               DNS_OK,        2, 1, 1},
    {"several: one that has no EDNS is asked again without it",
     "x.test A 192.0.2.1\n@127.0.0.1 [edns no-opt] x.test A FORMERR",                                                             DNS_OK,        2, 0, 0},
    {"several: TCP that one does not give is not asked of another",
     "[truncate tcp=closed] x.test A 192.0.2.1",                                                                                  DNS_TRUNCATED, 1, 0, 0},
};

static void test_several(void **state)
{
    const struct several_row *row = *state;
    bool slow = is_slow(row->script);
    start(row->script, 3, (struct dns_options){.question_us = slow ? DNS_FIXTURE_SHORT_US : 0});
    const struct dns_answer *answer = ask("x.test", DNS_A);
    if (answer->status != row->status)
        fail_msg("%s, not %s", dns_status_name(answer->status), dns_status_name(row->status));
    assert_sent("udp 127.0.0.1 ", row->first, slow);
    assert_sent("udp 127.0.0.2 ", row->second, slow);
    assert_sent("udp 127.0.0.3 ", row->third, slow);
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
    static const char *const names[] = {"a\\032b\\046c.test", "_spf.testinclude:_spf.test",
                                        "%{i}.test", "\\000\\255.test", "*.test"};
    char name[300];
    (void)state;
    start("a\\032b\\046c.test A 192.0.2.1\n_spf.testinclude:_spf.test A 192.0.2.2\n"
          "%{i}.test A 192.0.2.3\n\\000\\255.test A 192.0.2.4\n*.test A 192.0.2.5\n"
          ". NS a.test\n[truncate] a:b A 192.0.2.6",
          1, (struct dns_options){0});
    for (uint8_t i = 0; i < 5; i++)
        assert_int_equal(ask(names[i], DNS_A)->records[0].address.bytes[3], i + 1);
    assert_true(ask("a:b", DNS_A)->tcp);
    assert_int_equal(ask("a:c", DNS_A)->status, DNS_NXDOMAIN);
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

/* A server of which one name was refused with FORMERR may know EDNS all the same. */
static void test_format_error(void **state)
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
    assert_false(answer->tcp);
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

/* Who does not answer is asked after those that do; the order stays for what has none of them. */
static void test_first_server(void **state)
{
    (void)state;
    start("x.test A 192.0.2.1\n@127.0.0.1 [silent] default", 2,
          (struct dns_options){.question_us = 14000000});
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(ask("x.test", DNS_A)->status, DNS_OK);
    assert_int_equal(dns_fixture_count("udp 127.0.0.1 "), 1);
    assert_int_equal(dns_fixture_count("udp 127.0.0.2 "), 5);
    stop();
}

/* The first one's answer comes while the second one's is waited for. */
static void test_late_first(void **state)
{
    (void)state;
    start("[silent] x.test A\n@127.0.0.1 [!silent delay=500] x.test A 192.0.2.1", 2,
          (struct dns_options){.question_us = 3500000}); /* 250 ms for the first try */
    assert_int_equal(ask("x.test", DNS_A)->status, DNS_OK);
    assert_true(dns_fixture_count("udp 127.0.0.2 ") > 0);
    stop();
}

/* Nothing listens at the first resolver, which is named twice: the other is asked at once. */
static void test_unreachable_first(void **state)
{
    struct endpoint servers[3];
    size_t count;
    (void)state;
    start("x.test A 192.0.2.1", 1, (struct dns_options){0});
    dns_close(dns);
    servers[0] = (struct endpoint){
        .address = {.family = IP_V4, .bytes = {127, 0, 0, 9}},
          .port = dns_fixture_servers[0].port
    };
    servers[1] = servers[0];
    servers[2] = dns_fixture_servers[0];
    char error[128];
    dns = dns_open(
        &(struct dns_options){.servers = servers, .server_count = 3, .question_us = 3600000000},
        loop, error);
    assert_non_null(dns);
    dns_servers(dns, &count);
    assert_int_equal(count, 2);
    /* Long before the next try, which is in four minutes. */
    assert_int_equal(ask("x.test", DNS_A)->status, DNS_OK);
    assert_int_equal(dns_fixture_count("udp 127.0.0.1 "), 1);
    stop();
}

/* Of two questions at once neither waits for another one's error, though both have one socket. */
static void test_unreachable_at_once(void **state)
{
    const struct endpoint nobody = {
        .address = {.family = IP_V4, .bytes = {127, 0, 0, 9}},
          .port = 9
    };
    struct deadline deadline = deadline_in(20);
    struct dns_taken taken;
    char error[128];
    size_t count = 0;
    (void)state;
    loop = loop_new();
    dns = dns_open(
        &(struct dns_options){.servers = &nobody, .server_count = 1, .question_us = 3600000000},
        loop, error);
    assert_non_null(dns);
    for (uint64_t i = 0; i < 2; i++)
        dns_ask(dns, "x.test", DNS_A, DNS_PLAIN, NULL, i);
    while (count < 2 && dns_wait(dns, deadline))
        while (dns_take(dns, &taken)) {
            assert_int_equal(taken.answer->status, DNS_NO_RESOLVER);
            count++;
        }
    assert_int_equal(count, 2);
    dns_close(dns);
    loop_free(loop);
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

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_several, several_rows);
    cases_add(&cases, "a server of one's own is asked without recursion (RFC 1035 4.1.1)",
              test_own_server, NULL);
    cases_add(&cases, "names with odd octets are asked for as they are (RFC 1035 5.1)", test_names,
              NULL);
    cases_add(&cases, "FORMERR to one question changes nothing for others", test_format_error,
              NULL);
    cases_add(&cases, "nothing listens: no server was reached", test_no_server, NULL);
    cases_add(&cases, "a resolver that is silent is not asked first again", test_first_server,
              NULL);
    cases_add(&cases, "an answer counts though another resolver was asked meanwhile",
              test_late_first, NULL);
    cases_add(&cases, "a resolver that nothing listens at is passed over at once",
              test_unreachable_first, NULL);
    cases_add(&cases, "two questions learn at once that nothing listens", test_unreachable_at_once,
              NULL);
    cases_add(&cases, "nine resolvers are too many", test_too_many_servers, NULL);
    return cases_run(&cases, "dns");
}
