/* What replies say of a recipient; and from facts to findings, without a network: the store of
 * answers is filled from text, and what the servers said is made from a line each. */
#include <stdio.h>
#include <string.h>

#include "recipient.h"
#include "tests/unit/cases.h"

/* ---- replies */

static const struct reply_row {
    const char *label;
    const char *text; /* the code, a blank, and what stands behind it */
    enum recipient_answer answer;
} reply_rows[] = {
    {"RFC 5321 4.2.3: 250",                                "250 2.1.5 Ok",                                                      RECIPIENT_ACCEPTED      },
    {"RFC 5321 3.4: 251",                                  "251 forwarded",                                                     RECIPIENT_FORWARDED     },
    {"RFC 5321 3.5.3: 252",                                "252 2.5.2 perhaps",                                                 RECIPIENT_UNVERIFIED    },
    {"RFC 3463 3.2: 5.1.1",                                "550 5.1.1 User unknown",                                            RECIPIENT_NO_SUCH_USER  },
    {"RFC 3463 3.2: 5.1.1 wins over the words",            "550 5.1.1 blocked by quota, see http://x.test",
     RECIPIENT_NO_SUCH_USER                                                                                                                             },
    {"RFC 3463 3.2: 5.1.2",                                "553 5.1.2 no",                                                      RECIPIENT_NO_SUCH_USER  },
    {"RFC 3463 3.2: 5.1.3",                                "501 5.1.3 Bad recipient",                                           RECIPIENT_NO_SUCH_USER  },
    {"RFC 3463 3.2: 5.1.6",                                "550 5.1.6 moved",                                                   RECIPIENT_NO_SUCH_USER  },
    {"RFC 3463 3.2: 5.1.6 with 551",                       "551 5.1.6 moved",                                                   RECIPIENT_MOVED         },
    {"RFC 3463 3.2: 5.1.8 is the sender's",                "550 5.1.8 bad",                                                     RECIPIENT_SENDER_REFUSED},
    {"RFC 7505 4.1: 5.1.10",                               "550 5.1.10 null MX",                                                RECIPIENT_NO_MAIL       },
    {"RFC 7504 4: 556",                                    "556 no mail",                                                       RECIPIENT_NO_MAIL       },
    {"RFC 7504 4: 521",                                    "521 no mail",                                                       RECIPIENT_NO_MAIL       },
    {"RFC 3463 3.2: 5.1.0 says nothing, the words do",     "550 5.1.0 unknown user",
     RECIPIENT_NO_SUCH_USER                                                                                                                             },
    {"RFC 3463 3.3: 5.2.1",                                "550 5.2.1 x",                                                       RECIPIENT_DISABLED      },
    {"RFC 3463 3.3: 5.2.2",                                "550 5.2.2 x",                                                       RECIPIENT_FULL          },
    {"RFC 5321 4.2.3: 552 alone",                          "552 x",                                                             RECIPIENT_FULL          },
    {"RFC 3463 3.4: 5.3.1",                                "552 5.3.1 x",                                                       RECIPIENT_DISK_FULL     },
    {"RFC 3463 3.6: 5.5.3",                                "550 5.5.3 x",                                                       RECIPIENT_TOO_MANY      },
    {"RFC 6531 3.2: 5.6.7",                                "553 5.6.7 x",                                                       RECIPIENT_NO_UTF8       },
    {"Exchange Online: 5.4.1",                             "550 5.4.1 Recipient address rejected: Access denied. [AS1]",
     RECIPIENT_NO_SUCH_USER                                                                                                                             },
    {"RFC 3463 3.8: 5.7.1 is policy, whatever it says",    "550 5.7.1 User unknown",
     RECIPIENT_REFUSED_US                                                                                                                               },
    {"RFC 7372 3.3: 5.7.25",                               "550 5.7.25 no reverse DNS",                                         RECIPIENT_REFUSED_US    },
    {"RFC 4954 6: 530",                                    "530 Authentication required",                                       RECIPIENT_REFUSED_US    },
    {"words: a blocklist",                                 "550 listed at spamhaus",                                            RECIPIENT_REFUSED_US    },
    {"words: relaying",                                    "550 relay not permitted",                                           RECIPIENT_REFUSED_US    },
    {"words: a relay in an address is none",               "550 <relay@example.org>: no such user",
     RECIPIENT_NO_SUCH_USER                                                                                                                             },
    {"words: the counter of Exim",                         "550 Rejected for too many bad recipients",
     RECIPIENT_REFUSED_US                                                                                                                               },
    {"words: the sender",                                  "550 Sender verify failed",                                          RECIPIENT_SENDER_REFUSED},
    {"words: disabled",                                    "550 account disabled",                                              RECIPIENT_DISABLED      },
    {"words: full",                                        "550 mailbox is full",                                               RECIPIENT_FULL          },
    {"words: of two lines",                                "550 Sorry\nno mailbox here by that name",                           RECIPIENT_NO_SUCH_USER  },
    {"no words: 550",                                      "550 No",                                                            RECIPIENT_REJECTED      },
    {"no words: 554 is policy",                            "554 No",                                                            RECIPIENT_REFUSED_US    },
    {"RFC 5321 4.2.2: 503 is about the dialogue",          "503 bad sequence",                                                  RECIPIENT_UNTOLD        },
    {"RFC 5321 3.8: 421",                                  "421 4.2.2 x",                                                       RECIPIENT_CLOSING       },
    {"RFC 3463 3.3: 4.2.2",                                "452 4.2.2 x",                                                       RECIPIENT_FULL_NOW      },
    {"RFC 3463 3.4: 4.3.1",                                "452 4.3.1 x",                                                       RECIPIENT_DISK_FULL     },
    {"RFC 5321 4.2.3: 452 alone",                          "452 Requested action not taken",                                    RECIPIENT_DISK_FULL     },
    {"RFC 5321 4.5.3.1.10: 452 with words",                "452 too many recipients",                                           RECIPIENT_TOO_MANY      },
    {"RFC 3463 3.6: 4.5.3",                                "452 4.5.3 x",                                                       RECIPIENT_TOO_MANY      },
    {"RFC 3463 3.2: 4.1.1",                                "450 4.1.1 x",                                                       RECIPIENT_BEING_VERIFIED},
    {"RFC 3463 3.2: 4.1.8",                                "450 4.1.8 x",                                                       RECIPIENT_SENDER_REFUSED},
    {"RFC 6647 2: 4.7.1",                                  "450 4.7.1 x",                                                       RECIPIENT_GREYLISTED    },
    {"RFC 6647 2: 4.2.0",                                  "450 4.2.0 x",                                                       RECIPIENT_GREYLISTED    },
    {"postscreen: 450 4.3.2",                              "450 4.3.2 Service currently unavailable",                           RECIPIENT_GREYLISTED    },
    {"451 4.3.2 is not postscreen's",                      "451 4.3.2 x",                                                       RECIPIENT_DEFERRED      },
    {"words: greylisting without an enhanced code",        "451 Greylisted, come back",
     RECIPIENT_GREYLISTED                                                                                                                               },
    {"words: 4.7.1 that is about us",                      "450 4.7.1 Client host rejected",                                    RECIPIENT_REFUSED_US    },
    {"Postfix: 454 4.7.1 is its refusal of relaying",      "454 4.7.1 Relay access denied",
     RECIPIENT_REFUSED_US                                                                                                                               },
    {"words: a rate limit",                                "451 4.7.0 rate limit exceeded",                                     RECIPIENT_REFUSED_US    },
    {"qmail writes the enhanced code at the end",
     "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",                                                   RECIPIENT_REFUSED_US    },
    {"the same of a user",                                 "550 sorry, no mailbox here by that name. (#5.1.1)",
     RECIPIENT_NO_SUCH_USER                                                                                                                             },
    {"a sign without a code",                              "550 x (#7)",                                                        RECIPIENT_REJECTED      },
    {"RFC 4954 6: 538",                                    "538 Encryption required for requested authentication mechanism",
     RECIPIENT_REFUSED_US                                                                                                                               },
    {"RFC 3207 4: 454 is no greylisting",                  "454 4.7.0 TLS not available due to local problem",
     RECIPIENT_DEFERRED                                                                                                                                 },
    {"Postfix: a user that its relay table does not know",
     "550 <a@b>: Recipient address rejected: User unknown in relay recipient table",                                            RECIPIENT_NO_SUCH_USER  },
    {"words: no such user, and a page about it",           "550 No such user here, see http://help.test/",
     RECIPIENT_NO_SUCH_USER                                                                                                                             },
    {"words: no such recipient, and who asks",             "550 no such recipient (client host mail.x)",
     RECIPIENT_NO_SUCH_USER                                                                                                                             },
    {"words: no account",                                  "554 delivery error: dd This user doesn't have a yahoo.com account",
     RECIPIENT_NO_SUCH_USER                                                                                                                             },
    {"words: SPF is ours",                                 "550 SPF check failed",                                              RECIPIENT_REFUSED_US    },
    {"words: DMARC",                                       "550 DMARC",                                                         RECIPIENT_REFUSED_US    },
    {"Exim: administrative prohibition",                   "550 Administrative prohibition",                                    RECIPIENT_REFUSED_US    },
    {"RFC 7372 3.3: 4.7.25",                               "450 4.7.25 no PTR",                                                 RECIPIENT_REFUSED_US    },
    {"RFC 3463 3.4: 5.3.4 is no full mailbox",             "552 5.3.4 Message too big for system",
     RECIPIENT_REFUSED_US                                                                                                                               },
    {"552 about the size of a message",                    "552 Message size exceeds fixed maximum message size",
     RECIPIENT_REFUSED_US                                                                                                                               },
    {"no words: 450",                                      "450 x",                                                             RECIPIENT_DEFERRED      },
    {"3xx is no reply to RCPT",                            "354 go on",                                                         RECIPIENT_UNTOLD        },
};

static void test_reply(void **state)
{
    const struct reply_row *row = *state;
    uint64_t code;
    struct smtp_status status;
    struct slice text = slice_sub(slice_of(row->text), 4, strlen(row->text));

    assert_true(slice_to_number(slice_sub(slice_of(row->text), 0, 3), 999, &code));
    smtp_status_parse(text, &status);
    assert_int_equal(recipient_reply_classify((unsigned)code, &status, text), row->answer);
}

/* ---- facts */

struct fixture {
    struct arena arena;
    struct plugin_common common;
    struct recipient_config config;
    struct recipient_facts facts;
    struct dns_answers *answers;
    struct report report;
    const char *addresses[4];
};

static const char ZONE[] = "example.com MX 10 mx.example.com\n"
                           "mx.example.com A 192.0.2.25\n"
                           "null.example MX 0 .\n"
                           "bare.example TXT \"hello\"\n"
                           "slow.example MX TIMEOUT\n"
                           "half.example MX 10 mx.half.example\n"
                           "mx.half.example A SERVFAIL\n";

static void open_fixture(struct fixture *f, const char *address, const char *expect)
{
    char message[256];

    *f = (struct fixture){.config = recipient_config_default, .addresses = {address}};
    arena_init(&f->arena);
    f->config.addresses = (struct option_list){f->addresses, 1};
    f->config.expect = expect;
    f->facts = (struct recipient_facts){.arena = &f->arena, .now = 1000000, .patience = 1};
    f->answers = dns_answers_new(&f->arena, 100);
    assert_int_equal(dns_answers_read(f->answers, ZONE, true), 0);
    assert_true(recipient_list_read(&f->config, &f->facts, message));
    report_init(&f->report, &f->arena, &recipient_definition.tables);
}

static void close_fixture(struct fixture *f)
{
    report_release(&f->report);
    arena_release(&f->arena);
}

/* The exchangers, and one route to each that has an address. */
static void resolve(struct fixture *f)
{
    for (size_t i = 0; i < f->facts.domain_count; i++) {
        struct recipient_domain *domain = &f->facts.domains[i];
        const struct exchangers_request request = {domain->name, true, false};

        exchangers_find(&request, f->answers, &f->arena, &domain->exchangers);
        domain->routes = arena_array(&f->arena, 4, sizeof *domain->routes);
        domain->dead = arena_array(&f->arena, 4, sizeof *domain->dead);
        for (size_t k = 0; k < domain->exchangers.count; k++) {
            const struct exchanger *exchanger = &domain->exchangers.list[k];

            if (exchanger->address_count > 0)
                domain->routes[domain->route_count++] =
                    (struct recipient_route){exchanger->host, exchanger->addresses[0]};
        }
    }
}

/* "550 5.1.1 x" to RCPT; "dead", "ours", "late": the dialogue did not come so far. */
static struct recipient_probe probe_of(struct fixture *f, const char *text)
{
    static const struct smtp_request request;
    static const struct smtp_target target = {.text = "192.0.2.25:25"};
    struct smtp_session *session = arena_alloc(&f->arena, sizeof *session);
    struct smtp_entry *entry = arena_alloc(&f->arena, sizeof *entry);
    struct recipient_probe probe = {.host = "mx.example.com", .target = &target};
    uint64_t code = 0;

    *entry = (struct smtp_entry){.verb = SMTP_VERB_RCPT, .step = 2, .sent = "", .us = 5000};
    *session = (struct smtp_session){.request = &request, .entries = entry, .entry_count = 1};
    if (slice_to_number(slice_sub(slice_of(text), 0, 3), 999, &code)) {
        entry->outcome = SMTP_ANSWERED;
        entry->code = entry->first_code = (unsigned)code;
        entry->text = slice_of(text + 4);
        smtp_status_parse(entry->text, &entry->status);
    } else {
        entry->verb = SMTP_VERB_CONNECT;
        entry->step = SMTP_NO_STEP;
        entry->outcome = strcmp(text, "late") == 0 ? SMTP_SILENT : SMTP_ENDED;
        entry->failure = strcmp(text, "ours") == 0 ? STREAM_NO_SOURCE : STREAM_REFUSED;
    }
    probe.session = session;
    probe.reply = recipient_reply_of(session, 1, true, f->facts.patience);
    return probe;
}

static const struct row {
    const char *label;
    const char *address, *expect;
    const char *said;    /* to RCPT; NULL: nobody was asked */
    const char *control; /* NULL: not asked */
    const char *id;      /* the worst finding; NULL: none above OK */
    enum state state;
    enum recipient_verdict verdict;
    double bad;
} rows[] = {
    {"RFC 5321 3.3: accepted, and nobody is refused",                       "a@example.com",  "accept", "250 ok",
     "550 5.1.1 x",                                                                                                                   NULL,                   STATE_OK,       RECIPIENT_V_DELIVERABLE,   0},
    {"RFC 5321 3.3: nobody is accepted, too",                               "a@example.com",  "accept", "250 ok",      "250 ok",      NULL,
     STATE_OK,                                                                                                                                                                RECIPIENT_V_CATCH_ALL,     0},
    {"RFC 5321 3.3: the control is put off",                                "a@example.com",  "accept", "250 ok",      "450 4.7.1 x",
     NULL,                                                                                                                                                    STATE_OK,       RECIPIENT_V_DELIVERABLE,   0},
    {"RFC 3463 3.2: no such user",                                          "a@example.com",  "accept", "550 5.1.1 x", NULL,
     "recipient.no-such-user",                                                                                                                                STATE_CRITICAL, RECIPIENT_V_UNDELIVERABLE, 1},
    {"RFC 3463 3.2: no such user, as it must be",                           "a@example.com",  "reject", "550 5.1.1 x", NULL,
     NULL,                                                                                                                                                    STATE_OK,       RECIPIENT_V_UNDELIVERABLE, 0},
    {"RFC 5321 3.3: accepted, and must not be",                             "a@example.com",  "reject", "250 ok",      NULL,
     "recipient.accepted",                                                                                                                                    STATE_CRITICAL, RECIPIENT_V_DELIVERABLE,   1},
    {"RFC 3463 3.3: full for now, and must not be there",                   "a@example.com",  "reject", "452 4.2.2 x",
     NULL,                                                                                                                            "recipient.accepted",   STATE_CRITICAL, RECIPIENT_V_FULL,          1},
    {"RFC 3463 3.8: refused for what we are, is no refusal of the address", "a@example.com",
     "reject",                                                                                          "550 5.7.1 x", NULL,          "recipient.refused-us", STATE_UNKNOWN,  RECIPIENT_V_REFUSED_US,
     0                                                                                                                                                                                                    },
    {"RFC 6647 2: greylisted",                                              "a@example.com",  "accept", "450 4.7.1 x", NULL,
     "recipient.greylisted",                                                                                                                                  STATE_WARNING,  RECIPIENT_V_GREYLISTED,    0},
    {"RFC 5321 5.1: the exchanger is dead",                                 "a@example.com",  "accept", "dead",        NULL,
     "recipient.unreachable",                                                                                                                                 STATE_CRITICAL, RECIPIENT_V_UNKNOWN,       0},
    {"our own trouble is not the server's",                                 "a@example.com",  "accept", "ours",        NULL,
     "recipient.own-trouble",                                                                                                                                 STATE_UNKNOWN,  RECIPIENT_V_UNKNOWN,       0},
    {"a moment of silence before the deadline is no verdict",               "a@example.com",  "accept", "late",
     NULL,                                                                                                                            "recipient.unasked",    STATE_UNKNOWN,  RECIPIENT_V_UNKNOWN,       0},
    {"nobody was asked",                                                    "a@example.com",  "accept", NULL,          NULL,          "recipient.unasked",    STATE_UNKNOWN,
     RECIPIENT_V_UNKNOWN,                                                                                                                                                                                0},
    {"RFC 7505 3: null MX",                                                 "a@null.example", "accept", NULL,          NULL,          "recipient.null-mx",
     STATE_CRITICAL,                                                                                                                                                          RECIPIENT_V_NO_DOMAIN,     1},
    {"RFC 5321 5.1: NXDOMAIN",                                              "a@gone.example", "accept", NULL,          NULL,          "recipient.no-domain",
     STATE_CRITICAL,                                                                                                                                                          RECIPIENT_V_NO_DOMAIN,     1},
    {"RFC 5321 5.1: no address",                                            "a@bare.example", "accept", NULL,          NULL,          "recipient.no-address",
     STATE_CRITICAL,                                                                                                                                                          RECIPIENT_V_NO_DOMAIN,     1},
    {"RFC 5321 4.1.3: a literal that nobody can have",                      "a@[192.0.2.1]",  "accept", NULL,          NULL,
     "recipient.no-address",                                                                                                                                  STATE_CRITICAL, RECIPIENT_V_NO_DOMAIN,     1},
    {"no answer of DNS is no verdict",                                      "a@slow.example", "accept", NULL,          NULL,
     "recipient.dns-error",                                                                                                                                   STATE_UNKNOWN,  RECIPIENT_V_UNKNOWN,       0},
    {"an exchanger whose address is not known is no verdict",               "a@half.example", "accept", NULL,
     NULL,                                                                                                                            "recipient.dns-error",  STATE_UNKNOWN,  RECIPIENT_V_UNKNOWN,       0},
    {"RFC 5321 4.1.2: syntax",                                              "a@@example.com", "accept", NULL,          NULL,          "recipient.syntax",
     STATE_CRITICAL,                                                                                                                                                          RECIPIENT_V_SYNTAX,        1},
    {"RFC 5321 4.1.2: syntax, and it must be refused",                      "a@@example.com", "reject", NULL,          NULL,          NULL,
     STATE_OK,                                                                                                                                                                RECIPIENT_V_SYNTAX,        0},
};

static void settle(struct fixture *f, const struct row *row)
{
    struct recipient *recipient = &f->facts.list[0];
    struct recipient_domain *domain = recipient->domain;

    if (row->said == NULL)
        return;
    recipient->probe = probe_of(f, row->said);
    if (recipient->probe.reply.entry->verb == SMTP_VERB_CONNECT) {
        domain->dead[domain->dead_count++] = recipient->probe;
        domain->route++;
        recipient->probe = (struct recipient_probe){.host = NULL};
        return;
    }
    recipient->is_asked = true;
    if (row->control != NULL) {
        domain->control = probe_of(f, row->control);
        domain->control_target = domain->control.target;
        domain->was_controlled = true;
    }
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct fixture f;
    const struct finding *worst = NULL;

    open_fixture(&f, row->address, row->expect);
    resolve(&f);
    settle(&f, row);
    recipient_judge(&f.config, &f.common, &f.facts, &f.report);
    recipient_show(&f.facts, 1, &f.report);
    for (size_t i = 0; i < f.report.finding_count; i++) {
        if (f.report.findings[i].state != STATE_OK)
            worst = &f.report.findings[i];
    }
    assert_int_equal(report_state(&f.report), row->state);
    assert_true((worst == NULL) == (row->id == NULL));
    if (worst != NULL)
        assert_string_equal(recipient_findings[worst->definition].id, row->id);
    assert_string_equal(recipient_verdict_name(recipient_verdict_of(&f.facts.list[0])),
                        recipient_verdict_name(row->verdict));
    assert_true(f.report.metrics[RECIPIENT_M_UNDELIVERABLE].value == row->bad);
    close_fixture(&f);
}

static void test_two_addresses(void **state)
{
    static const struct {
        const char *first, *second, *other_host; /* NULL: the same */
        const char *id;
    } pairs[] = {
        {"ours", "dead", NULL,              "recipient.unreachable"},
        {"dead", "ours", NULL,              "recipient.unreachable"},
        {"dead", "ours", "mx2.example.com", "recipient.own-trouble"},
        {"ours", "ours", NULL,              "recipient.own-trouble"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct fixture f;
        open_fixture(&f, "a@example.com", "accept");
        resolve(&f);
        struct recipient_domain *domain = f.facts.list[0].domain;
        domain->dead[0] = probe_of(&f, pairs[i].first);
        domain->dead[1] = probe_of(&f, pairs[i].second);
        if (pairs[i].other_host != NULL)
            domain->dead[1].host = pairs[i].other_host;
        domain->dead_count = 2;
        domain->route = domain->route_count;
        recipient_judge(&f.config, &f.common, &f.facts, &f.report);
        assert_int_equal(f.report.finding_count, 1);
        assert_string_equal(recipient_findings[f.report.findings[0].definition].id, pairs[i].id);
        close_fixture(&f);
    }
}

/* ---- the state file */

static const struct memory_row {
    const char *label;
    const char *lines; /* now is 1000000 */
    size_t bad_line;
    bool is_waiting;
} memory_rows[] = {
    {"one that is due later is waited for",       "greylisted\ta@example.com\t999990\t1000100\t1\n",                    0,
     true                                                                                                                       },
    {"one that is due is asked",                  "greylisted\ta@example.com\t999000\t1000000\t1\n",                    0, false},
    {"another address is none of ours",           "greylisted\tb@example.com\t999990\t1000100\t1\n",                    0,
     false                                                                                                                      },
    {"a clock that was wrong is not believed",    "greylisted\ta@example.com\t2000000\t2000100\t1\n",
     0,                                                                                                                    false},
    {"nobody waits for more than a day",          "greylisted\ta@example.com\t999990\t9000000\t1\n",                    0,
     false                                                                                                                      },
    {"a field is missing",                        "greylisted\ta@example.com\t999990\t1000100\n",                       1, false},
    {"a field too many",                          "\ngreylisted\ta@example.com\t999990\t1000100\t1\t\n",                2, false},
    {"a number that is none",                     "greylisted\ta@example.com\t999990\t-5\t1\n",                         1, false},
    {"a verb that is none",                       "answer\ta@example.com\t999990\tmx\t192.0.2.25:25\tVRFY\t250\tok\n",  1,
     false                                                                                                                      },
    {"a code that is none",                       "answer\ta@example.com\t999990\tmx\t192.0.2.25:25\tRCPT\t2500\tok\n", 1,
     false                                                                                                                      },
    {"a control without the name that was asked",
     "control\texample.com\t999990\tmx\t192.0.2.25:25\tRCPT\t550\tno\n",                                                1, false},
    {"another word",                              "grey\ta@example.com\t999990\t1000100\t1\n",                          1, false},
};

static void test_memory(void **state)
{
    const struct memory_row *row = *state;
    struct recipient_memory memory;
    struct fixture f;

    open_fixture(&f, "a@example.com", "accept");
    assert_int_equal(recipient_memory_parse(&f.arena, slice_of(row->lines), &memory),
                     row->bad_line);
    recipient_memory_apply(&f.facts, &memory);
    assert_true(f.facts.list[0].is_waiting == row->is_waiting);
    close_fixture(&f);
}

static void test_memory_of_others(void **state)
{
    static const char lines[] =
        "greylisted\tb@example.com\t999990\t1000100\t1\n"
        "greylisted\told@example.com\t1\t2\t1\n"
        "greylisted\ta@example.com\t999990\t1000100\t3\n"
        "connected\t192.0.2.25:25\t999341\n"
        "connected\t192.0.2.25:25\t999340\n"
        "answer\tb@example.com\t999000\tmx.example.com\t192.0.2.25:25\tRCPT\t250\t2.1.5 Ok\n"
        "answer\tc@example.com\t1\tmx.example.com\t192.0.2.25:25\tRCPT\t250\t\n";
    struct recipient_memory memory;
    struct fixture f;
    struct text out;

    (void)state;
    open_fixture(&f, "a@example.com", "accept");
    assert_int_equal(recipient_memory_parse(&f.arena, slice_of(lines), &memory), 0);
    assert_int_equal(recipient_memory_connections(&memory, "192.0.2.25:25", 1000000), 1);
    recipient_memory_apply(&f.facts, &memory);
    resolve(&f);
    text_init(&out, 10000);
    recipient_memory_print_after(&f.config, &f.facts, &memory, &out);
    assert_string_equal(
        out.start,
        "greylisted\ta@example.com\t999990\t1000100\t3\n"
        "connected\t192.0.2.25:25\t999341\n"
        "greylisted\tb@example.com\t999990\t1000100\t1\n"
        "answer\tb@example.com\t999000\tmx.example.com\t192.0.2.25:25\tRCPT\t250\t2.1.5 Ok\n");
    text_release(&out);
    close_fixture(&f);
}

/* Many checks share a file: what was written must be read again, the newest of it at least. */
static void test_full_memory(void **state)
{
    struct recipient_memory memory;
    struct fixture f;
    struct text out;

    (void)state;
    open_fixture(&f, "a@example.com", "accept");
    text_init(&out, 4 * 1024 * 1024);
    text_append(&out, "connected\t192.0.2.25:25\t999999\n");
    for (int i = 0; i < RECIPIENT_MEMORY_LINES_MAX; i++)
        text_printf(&out, "greylisted\t%d@example.com\t999990\t1000100\t1\n", i);
    assert_int_equal(recipient_memory_parse(&f.arena, text_slice(&out), &memory), 0);
    assert_int_equal(memory.connection_count, 1);
    assert_int_equal(memory.wait_count, RECIPIENT_MEMORY_LINES_MAX - 1);
    assert_string_equal(memory.waits[0].key, "0@example.com");
    text_release(&out);
    close_fixture(&f);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_reply, reply_rows);
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_memory, memory_rows);
    cases_add(&cases, "of a server with two addresses the one that we can reach tells",
              test_two_addresses, NULL);
    cases_add(&cases, "what other checks wrote is kept for a week", test_memory_of_others, NULL);
    cases_add(&cases, "of a file that is too long the end is forgotten", test_full_memory, NULL);
    return cases_run(&cases, "recipient_judge");
}
