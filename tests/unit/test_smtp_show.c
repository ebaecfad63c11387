#include "report_fixture.h"
#include "smtp_show.h"

#define ENTRIES 4
#define STEPS 2

static const struct smtp_step STEP_TABLE[STEPS] = {
    {.verb = SMTP_VERB_EHLO, .flags = SMTP_STEP_REQUIRED},
    {.verb = SMTP_VERB_MAIL, .argument = "<>"           },
};

/* Entries of a dialogue, made by hand. */
#define ENTRY(verb_word, outcome_word, ...)                                                        \
    {                                                                                              \
        .verb = SMTP_VERB_##verb_word, .step = SMTP_NO_STEP, .sent = "",                           \
        .outcome = SMTP_##outcome_word, .text = CASES_SLICE(""), __VA_ARGS__                       \
    }
#define CONNECTED ENTRY(CONNECT, ANSWERED, .us = 1500)
#define REPLY(verb_word, number, words)                                                            \
    {                                                                                              \
        .verb = SMTP_VERB_##verb_word, .step = SMTP_NO_STEP, .sent = "", .outcome = SMTP_ANSWERED, \
        .code = (number), .first_code = (number), .text = CASES_SLICE(words), .line_count = 1      \
    }
#define CAME(verb_word, outcome_word, words, ...)                                                  \
    {                                                                                              \
        .verb = SMTP_VERB_##verb_word, .step = SMTP_NO_STEP, .sent = "",                           \
        .outcome = SMTP_##outcome_word, .text = CASES_SLICE(words), __VA_ARGS__                    \
    }

static const struct row {
    const char *label;
    struct smtp_entry entries[ENTRIES];
    size_t count;
    const char *failure;
} rows[] = {
    {"a dialogue that went well has no failure",
     {CONNECTED, REPLY(GREETING, 220, "mail.test"), REPLY(EHLO, 250, "mail.test")},
     3,                                                                                               ""                                                                                    },
    {"a session that was not begun",                              {CONNECTED},                     0, "not asked in time"                                                                   },
    {"a connection that is refused",
     {ENTRY(CONNECT, ENDED, .failure = STREAM_REFUSED)},
     1,                                                                                               "connection refused"                                                                  },
    {"a connection that does not come about",
     {ENTRY(CONNECT, SILENT, .us = 10000000)},
     1,                                                                                               "no connection within 10 s"                                                           },
    {"RFC 5321 4.5.3.2.1: no greeting",
     {CONNECTED, ENTRY(GREETING, SILENT, .us = 2500000)},
     2,                                                                                               "no greeting within 2.5 s"                                                            },
    {"half a greeting",
     {CONNECTED, CAME(GREETING, SILENT, "mail.te", .us = 1000000)},
     2,                                                                                               "no whole greeting within 1 s, only: mail.te"                                         },
    {"RFC 5321 4.2: what is no reply",
     {CONNECTED, CAME(GREETING, MALFORMED, "SSH-2.0-x 220", .error = SMTP_REPLY_NO_CODE)},
     2,                                                                                               "the greeting is no SMTP reply (a line without a code of three digits): SSH-2.0-x 220"},
    {"RFC 5321 3.1: a greeting that refuses",
     {CONNECTED, REPLY(GREETING, 554, "5.7.1 go away"), REPLY(QUIT, 221, "bye")},
     3,                                                                                               "554 5.7.1 go away"                                                                   },
    {"a refusal on two lines",
     {CONNECTED, REPLY(GREETING, 554, "no\r\nmail\nhere")},
     2,                                                                                               "554 no mail here"                                                                    },
    {"NUL in a reply is shown",
     {CONNECTED, REPLY(GREETING, 554, "no\0mail")},
     2,                                                                                               "554 no\\x00mail"                                                                     },
    {"the connection is closed where the greeting should be",
     {CONNECTED, ENTRY(GREETING, ENDED, .failure = STREAM_CLOSED)},
     2,                                                                                               "the connection was closed while the greeting was awaited"                            },
    {"the connection is reset where the reply to EHLO should be",
     {CONNECTED, REPLY(GREETING, 220, "x"), ENTRY(EHLO, ENDED, .failure = STREAM_RESET)},
     3,                                                                                               "the connection was reset while the reply to EHLO was awaited"                        },
    {"the connection is closed behind half a reply",
     {CONNECTED, REPLY(GREETING, 220, "x"), CAME(EHLO, ENDED, "250-a", .failure = STREAM_CLOSED)},
     3,                                                                                               "the connection was closed while the reply to EHLO was awaited, after: 250-a"         },
    {"RFC 5321 3.8: 421 in reply to EHLO",
     {CONNECTED, REPLY(GREETING, 220, "x"), REPLY(EHLO, 421, "4.3.2 later")},
     3,                                                                                               "421 4.3.2 later in reply to EHLO"                                                    },
    {"RFC 5321 3.2: EHLO refused, HELO accepted is no failure",
     {CONNECTED, REPLY(GREETING, 220, "x"), REPLY(EHLO, 502, "what"), REPLY(HELO, 250, "x")},
     4,                                                                                               ""                                                                                    },
    {"EHLO and HELO refused",
     {CONNECTED, REPLY(GREETING, 220, "x"), REPLY(EHLO, 502, "what"), REPLY(HELO, 550, "no")},
     4,                                                                                               "550 no in reply to HELO"                                                             },
    {"RFC 5321 3.8: 421 out of turn",
     {CONNECTED, REPLY(GREETING, 220, "x"), REPLY(UNSOLICITED, 421, "too slow")},
     3,                                                                                               "421 too slow"                                                                        },
    {"QUIT never is a failure",
     {CONNECTED, REPLY(GREETING, 220, "x"), ENTRY(QUIT, SILENT, .us = 2000000)},
     3,                                                                                               ""                                                                                    },
    {"a refused MAIL is for the judge",
     {CONNECTED, REPLY(GREETING, 220, "x"), REPLY(MAIL, 550, "no")},
     3,                                                                                               ""                                                                                    },
};

static struct smtp_session session_of(const struct smtp_request *request,
                                      struct smtp_entry entries[ENTRIES], size_t count)
{
    return (struct smtp_session){.request = request, .entries = entries, .entry_count = count};
}

static void test_failure(void **state)
{
    const struct row *row = *state;
    const struct smtp_request request = {.steps = STEP_TABLE, .step_count = STEPS};
    struct smtp_entry entries[ENTRIES];
    struct fixture fixture;
    fixture_open(&fixture, REPORT_TEXT);
    memcpy(entries, row->entries, sizeof entries);
    struct smtp_session session = session_of(&request, entries, row->count);
    assert_string_equal(smtp_show_failure(&fixture.report, &session), row->failure);
    assert_int_equal(smtp_show_culprit(&session) != NULL,
                     row->count > 0 && row->failure[0] != '\0');
    fixture_close(&fixture);
}

static const struct tls_row {
    const char *label;
    struct tls_facts tls;
    const char *failure;
} tls_rows[] = {
    {"RFC 8446 6.2: a handshake that the server refuses",
     {.outcome = TLS_ALERTED, .alert_name = "handshake failure"},
     "the server refused the TLS handshake: handshake failure"},
    {"an answer that is no TLS",
     {.outcome = TLS_NOT_TLS, .clear = CASES_SLICE("220 mail.test\r\n")},
     "the server does not answer in TLS: 220 mail.test"       },
    {"a handshake that we cannot finish",
     {.outcome = TLS_FAILED, .reason = "dh key too small"},
     "the TLS handshake failed: dh key too small"             },
    {"the end in the handshake",
     {.outcome = TLS_CUT},
     "the connection was closed in the TLS handshake"         },
    {"no end of the handshake in time",
     {.outcome = TLS_PENDING},
     "the TLS handshake was not done within 5 s"              },
};

static void test_tls(void **state)
{
    const struct tls_row *row = *state;
    const struct smtp_request request = {.steps = STEP_TABLE, .step_count = STEPS};
    struct smtp_entry entries[ENTRIES] = {
        CONNECTED,
        ENTRY(HANDSHAKE, ENDED, .us = 5000000),
    };
    struct fixture fixture;
    fixture_open(&fixture, REPORT_TEXT);
    if (row->tls.outcome == TLS_PENDING) {
        entries[1].outcome = SMTP_SILENT;
    }
    struct smtp_session session = session_of(&request, entries, 2);
    session.tls = &row->tls;
    assert_string_equal(smtp_show_failure(&fixture.report, &session), row->failure);
    fixture_close(&fixture);
}

static void test_nothing(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    assert_string_equal(smtp_show_failure(&fixture.report, NULL), "");
    fixture_close(&fixture);
}

static void test_authorities(void **state)
{
    const struct smtp_request request = {.steps = STEP_TABLE, .step_count = STEPS};
    struct smtp_entry entries[ENTRIES] = {CONNECTED};
    struct fixture fixture;
    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    struct smtp_session session = session_of(&request, entries, 1);
    session.tls_error = "cannot read /x";
    assert_string_equal(smtp_show_failure(&fixture.report, &session), "cannot read /x");
    fixture_close(&fixture);
}

static void test_seconds(void **state)
{
    struct smtp_entry entries[ENTRIES] = {
        CONNECTED,
        ENTRY(GREETING, SILENT, .us = 2000000),
    };
    const struct smtp_session session = {.entries = entries, .entry_count = 2};
    (void)state;
    assert_float_equal(smtp_show_seconds(&session, SMTP_VERB_CONNECT), 0.0015, 1e-9);
    assert_true(isnan(smtp_show_seconds(&session, SMTP_VERB_GREETING)));
    assert_true(isnan(smtp_show_seconds(&session, SMTP_VERB_QUIT)));
}

/* A long dialogue that has a bit of everything. */
static struct smtp_session whole_session(struct smtp_ehlo *ehlo)
{
    static const struct smtp_request request = {
        .target = {.endpoint = {{IP_V4, {192, 0, 2, 25}}, 25}},
        .steps = STEP_TABLE,
        .step_count = STEPS,
    };
    static struct smtp_entry entries[ENTRIES] = {
        CONNECTED,
        REPLY(GREETING, 220, "mail.test ESMTP"),
        REPLY(EHLO, 250, "mail.test hello\nSIZE 1000\n8BITMIME"),
        ENTRY(QUIT, ENDED, .failure = STREAM_CLOSED, .us = 2500),
    };
    entries[2].sent = "EHLO monitor.test";
    entries[2].line_count = 3;
    entries[3].sent = "QUIT";
    smtp_ehlo_parse(entries[2].text, ehlo);
    struct smtp_session session = session_of(&request, entries, ENTRIES);
    session.ehlo = ehlo;
    return session;
}

static void test_json(void **state)
{
    struct fixture fixture;
    struct smtp_ehlo ehlo;
    (void)state;
    fixture_open(&fixture, REPORT_JSON);
    struct smtp_session session = whole_session(&ehlo);
    json_t *object = smtp_show_json(&fixture.report, &session, "192.0.2.25:25");
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(6));
    assert_string_equal(
        text,
        "{\"address\":\"192.0.2.25\",\"port\":25,"
        "\"stages\":[{\"name\":\"connect\",\"ms\":1.5},{\"name\":\"banner\",\"ms\":0.0},"
        "{\"name\":\"ehlo\",\"ms\":0.0},{\"name\":\"quit\",\"ms\":2.5}],"
        "\"greeting\":\"220 mail.test ESMTP\",\"banner_name\":\"mail.test\","
        "\"extensions\":[\"SIZE 1000\",\"8BITMIME\"],\"ptr\":null,\"transcript\":["
        "{\"verb\":\"connect\",\"sent\":\"\",\"outcome\":\"answered\",\"code\":0,\"enhanced\":\"\","
        "\"text\":\"\",\"ms\":1.5,\"tls\":false},"
        "{\"verb\":\"greeting\",\"sent\":\"\",\"outcome\":\"answered\",\"code\":220,"
        "\"enhanced\":\"\",\"text\":\"mail.test ESMTP\",\"ms\":0.0,\"tls\":false},"
        "{\"verb\":\"EHLO\",\"sent\":\"EHLO monitor.test\",\"outcome\":\"answered\",\"code\":250,"
        "\"enhanced\":\"\",\"text\":\"mail.test hello SIZE 1000 8BITMIME\",\"ms\":0.0,"
        "\"tls\":false},"
        "{\"verb\":\"QUIT\",\"sent\":\"QUIT\",\"outcome\":\"ended\",\"code\":0,\"enhanced\":\"\","
        "\"text\":\"connection closed by the server\",\"ms\":2.5,\"tls\":false}]}");
    free(text);
    json_decref(object);
    fixture_close(&fixture);
}

static void test_json_of_nothing(void **state)
{
    const struct smtp_request request = {.target = {.path = "/run/lmtp"}};
    const struct smtp_session session = {.request = &request};
    struct fixture fixture;
    (void)state;
    fixture_open(&fixture, REPORT_JSON);
    json_t *object = smtp_show_json(&fixture.report, &session, "unix:/run/lmtp");
    char *text = json_dumps(object, JSON_COMPACT);
    assert_string_equal(text,
                        "{\"address\":\"unix:/run/lmtp\",\"port\":null,\"stages\":[],"
                        "\"greeting\":null,\"banner_name\":null,\"extensions\":[],\"ptr\":null,"
                        "\"transcript\":[]}");
    free(text);
    json_decref(object);
    fixture_close(&fixture);
}

static const struct transcript_row {
    const char *label;
    int verbosity;
    const char *const *lines;
    size_t count;
} transcript_rows[] = {
    {"-v has a line for each entry",                1,
     (const char *const[]){
         "192.0.2.25:25 0.000 s connect: done (1.5 ms)",
         "192.0.2.25:25 0.000 s greeting: 220 mail.test ESMTP (0.0 ms)",
         "192.0.2.25:25 0.000 s EHLO monitor.test: 250 mail.test hello SIZE 1000 8BITMIME (0.0 ms)",
         "192.0.2.25:25 0.000 s QUIT: the connection was closed while the reply to QUIT was "
         "awaited "
         "(2.5 ms)"},
     4},
    {"-vv has a line for each line of the replies", 2,
     (const char *const[]){"192.0.2.25:25 0.000 s connect: done (1.5 ms)",
                           "192.0.2.25:25 0.000 s greeting: 220 mail.test ESMTP (0.0 ms)",
                           "192.0.2.25:25 0.000 s EHLO monitor.test: 3 lines (0.0 ms)",
                           "    250-mail.test hello", "    250-SIZE 1000", "    250 8BITMIME",
                           ("192.0.2.25:25 0.000 s QUIT: the connection was closed while the reply "
                            "to QUIT was awaited (2.5 ms)")},
     7},
};

static void test_transcript(void **state)
{
    const struct transcript_row *row = *state;
    struct fixture fixture;
    struct smtp_ehlo ehlo;
    fixture_open(&fixture, REPORT_TEXT);
    struct smtp_session session = whole_session(&ehlo);
    smtp_show_transcript(&fixture.report, &session, "192.0.2.25:25", row->verbosity);
    assert_int_equal(fixture.report.detail_count, row->count);
    for (size_t i = 0; i < row->count; i++) {
        assert_string_equal(fixture.report.details[i], row->lines[i]);
    }
    fixture_close(&fixture);
}

static void test_long_text(void **state)
{
    struct fixture fixture;
    struct text printed;
    char *text = fixture_repeat("\x80", 300);
    (void)state;
    fixture_open(&fixture, REPORT_TEXT);
    text_init(&printed, 1000);
    const char *shown = smtp_show_text(&fixture.report, slice_of(text));
    escape_text(&printed, slice_of(shown), 1000);
    assert_int_equal(strlen(shown), 50 + 3);
    assert_int_equal(printed.length, ESCAPE_VALUE_MAX + 3);
    text_release(&printed);
    free(text);
    fixture_close(&fixture);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_failure, rows);
    CASES_TABLE(&cases, test_tls, tls_rows);
    cases_add(&cases, "a text is cut so that its printed form is short", test_long_text, NULL);
    cases_add(&cases, "no session has no failure", test_nothing, NULL);
    cases_add(&cases, "authorities that cannot be read are named", test_authorities, NULL);
    cases_add(&cases, "what was not answered has no response time", test_seconds, NULL);
    cases_add(&cases, "a conversation in JSON", test_json, NULL);
    cases_add(&cases, "no conversation in JSON", test_json_of_nothing, NULL);
    CASES_TABLE(&cases, test_transcript, transcript_rows);
    return cases_run(&cases, "smtp_show");
}
