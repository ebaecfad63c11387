#include <signal.h>
#include <string.h>

#include "base/text.h"
#include "cases.h"
#include "certificate_maker.h"
#include "net/smtp.h"
#include "smtp_script.h"
#include "smtp_server.h"

#define DAY 86400L
#define GREETING "S220 mx.example.org ESMTP\n"
#define EHLO "CEHLO monitor.example.net\nS250-mx.example.org\nS250-STARTTLS\nS250 SIZE 1000\n"
#define BYE "CQUIT\nS221 2.0.0 bye\nH\n"

static SSL_CTX *server_tls;

enum {
    LMTP = 1,
    IMPLICIT = 2,
    PROXY = 4,
    EARLY = 8,
    TWO = 16, /* refusals, and no more */
};

static const struct row {
    const char *label;
    const char *steps;
    const char *script;
    const char *transcript;
    unsigned mode;
    unsigned deviations; /* of all entries */
    const char *clear;   /* after STARTTLS */
} rows[] = {
    {"RFC 5321 3.1: greeting, EHLO, QUIT",                                       "EHLO",                                  GREETING EHLO BYE,
     "connect greeting:220 EHLO:250 QUIT:221",                                                                                                                                                                                                                                           0,        0,            NULL},
    {"RFC 5321 4.3.1: the final line of the greeting is awaited",                "EHLO",
     "S220-mx.example.org wait\nW100\nS220 mx.example.org\n" EHLO BYE,
     "connect greeting:220 EHLO:250 QUIT:221",                                                                                                                                                                                                                                           0,        0,            NULL},
    {"a server that writes octet by octet",                                      "EHLO",
     "B220 mx.example.org\nCEHLO\nB250-mx.example.org\nB250 SIZE\nCQUIT\nB221 bye\nH\n",                                                                                                                     "connect greeting:220 EHLO:250 QUIT:221",                                   0,        0,            NULL},
    {"RFC 5321 3.1: EHLO before the greeting, where that is wanted",             "listen",
     "CEHLO monitor\nS220 mx\nS554 too early\n" BYE,                                                                                                                                                         "connect greeting:220 listen:554 QUIT:221",
     EARLY,                                                                                                                                                                                                                                                                                        0,            NULL},
    {"RFC 5321 3.1: a 554 greeting is answered by QUIT alone",                   "EHLO MAIL=<>",
     "S554 no mail here\n" BYE,                                                                                                                                                                              "connect greeting:554 QUIT:221",                                            0,        0,            NULL},
    {"RFC 5321 3.8: a 421 greeting",                                             "EHLO",                                  "S421 too many\nCQUIT\n",
     "connect greeting:421 QUIT=closed",                                                                                                                                                                                                                                                 0,        0,            NULL},
    {"RFC 5321 3.2: EHLO refused, HELO taken",                                   "EHLO",
     GREETING "CEHLO monitor\nS502 what\nCHELO monitor.example.net\nS250 mx\n" BYE,
     "connect greeting:220 EHLO:502 HELO:250 QUIT:221",                                                                                                                                                                                                                                  0,        0,            NULL},
    {"RFC 5321 3.2: EHLO and HELO refused",                                      "EHLO MAIL=<>",
     GREETING "CEHLO\nS550 no\nCHELO\nS550 no\n" BYE,
     "connect greeting:220 EHLO:550 HELO:550 QUIT:221",                                                                                                                                                                                                                                  0,        0,            NULL},
    {"RFC 5321 3.8: EHLO answered by 421",                                       "EHLO MAIL=<>",                          GREETING "CEHLO\nS421 busy\nCQUIT\n",
     "connect greeting:220 EHLO:421 QUIT=closed",                                                                                                                                                                                                                                        0,        0,            NULL},
    {"behind the last error that there may be comes QUIT, not RSET",
     "EHLO MAIL=<> RCPT*=<a> RSET MAIL=<b>",                                                                              GREETING "CEHLO\nS502 what\nCHELO\nS250 mx\nCMAIL\nS250 ok\nCRCPT\nS550 no\n" BYE,
     "connect greeting:220 EHLO:502 HELO:250 MAIL:250 RCPT:550 QUIT:221",                                                                                                                                                                                                                TWO,      0,            NULL},
    {"nor does HELO come behind it",                                             "VRFY=x EHLO NOOP",
     GREETING "CVRFY\nS502 what\nCEHLO\nS502 what\n" BYE,
     "connect greeting:220 VRFY:502 EHLO:502 QUIT:221",                                                                                                                                                                                                                                  TWO,      0,            NULL},
    {"RFC 5321 4.1.1.1: EHLO deferred is no reason for HELO",                    "EHLO",
     GREETING "CEHLO\nS451 later\n" BYE,                                                                                                                                                                     "connect greeting:220 EHLO:451 QUIT:221",                                   0,        0,            NULL},
    {"RFC 2033 4.1: LMTP says LHLO, and no HELO after it",                       "EHLO",
     GREETING "CLHLO monitor\nS500 no\n" BYE,                                                                                                                                                                "connect greeting:220 EHLO:500 QUIT:221",                                   LMTP,     0,
     NULL                                                                                                                                                                                                                                                                                                            },
    {"RFC 5321 4.1.4: MAIL and RCPT in order",                                   "EHLO MAIL!=<> RCPT*=<postmaster> RSET",
     GREETING EHLO
     "CMAIL FROM:<>\nS250 ok\nCRCPT TO:<postmaster>\nS550 5.1.1 no\nCRSET\nS250 ok\n" BYE,
     "connect greeting:220 EHLO:250 MAIL:250 RCPT:550 RSET:250 QUIT:221",                                                                                                                                                                                                                0,        0,            NULL},
    {"RFC 5321 3.3: no RCPT after a refused MAIL",                               "EHLO MAIL=<> RCPT*=<postmaster> NOOP",
     GREETING EHLO "CMAIL\nS452 disk full\nCNOOP\nS250 ok\n" BYE,
     "connect greeting:220 EHLO:250 MAIL:452 NOOP:250 QUIT:221",                                                                                                                                                                                                                         0,        0,            NULL},
    {"a required step that is refused leads to QUIT",                            "EHLO MAIL!=<> NOOP",
     GREETING EHLO "CMAIL\nS530 no\n" BYE,                                                                                                                                                                   "connect greeting:220 EHLO:250 MAIL:530 QUIT:221",                          0,        0,
     NULL                                                                                                                                                                                                                                                                                                            },
    {"RFC 5321 3.8: 421 in the middle leads to QUIT",                            "EHLO VRFY=x NOOP",
     GREETING EHLO "CVRFY x\nS421 bye\nCQUIT\n",
     "connect greeting:220 EHLO:250 VRFY:421 QUIT=closed",                                                                                                                                                                                                                               0,        0,            NULL},
    {"what is not offered is left out",                                          "EHLO HELP? EXPN=list",
     GREETING EHLO "CEXPN list\nS252 x\n" BYE,                                                                                                                                                               "connect greeting:220 EHLO:250 EXPN:252 QUIT:221",                          0,
     0,                                                                                                                                                                                                                                                                                                          NULL},
    {"RFC 3207 4: STARTTLS and EHLO again",                                      "EHLO STARTTLS? EHLO@",
     GREETING EHLO
     "CSTARTTLS\nS220 go\nT\nCEHLO monitor\nS250-mx\nS250 AUTH PLAIN\nCQUIT\nS221 bye\nN\nH\n",                                                                                                              "connect greeting:220 EHLO:250 STARTTLS:220 handshake EHLO+:250 QUIT+:221", 0,        0,            NULL},
    {"RFC 3207 4: STARTTLS is not available: the dialogue goes on in the clear",
     "EHLO STARTTLS EHLO@ NOOP",                                                                                          GREETING EHLO "CSTARTTLS\nS454 no\nCNOOP\nS250 ok\n" BYE,
     "connect greeting:220 EHLO:250 STARTTLS:454 NOOP:250 QUIT:221",                                                                                                                                                                                                                     0,        0,            NULL},
    {"RFC 3207 6: octets in the clear behind the 220 are no reply",              "EHLO STARTTLS EHLO@",
     GREETING EHLO "CSTARTTLS\ns220 go^~250 injected^~\nT\nCEHLO\nS250 mx\nCQUIT\nS221 x\nN\nH\n",
     "connect greeting:220 EHLO:250 STARTTLS:220 handshake EHLO+:250 QUIT+:221",                                                                                                                                                                                                         0,        0,
     "250 injected\r\n"                                                                                                                                                                                                                                                                                              },
    {"RFC 3207 6: a safe server forgets what was injected",                      "EHLO STARTTLS% listen@",
     GREETING EHLO "CSTARTTLS\nS220 go\nT\nCQUIT\nS221 x\nN\nH\n",
     "connect greeting:220 EHLO:250 STARTTLS:220 handshake listen+=silent QUIT+:221",                                                                                                                                                                                                    0,        0,            NULL},
    {"RFC 3207 6, CVE-2011-0411: an injected command is answered under TLS",
     "EHLO STARTTLS% listen@",                                                                                            GREETING EHLO "CSTARTTLS\nCNOOP\nS220 go\nT\nS250 ok\nCQUIT\nS221 x\nN\nH\n",
     "connect greeting:220 EHLO:250 STARTTLS:220 handshake listen+:250 QUIT+:221",                                                                                                                                                                                                       0,        0,            NULL},
    {"RFC 3207 4: 220, then no TLS",                                             "EHLO STARTTLS",
     GREETING EHLO "CSTARTTLS\nS220 go\nW100\nS454 oops\nH\n",
     "connect greeting:220 EHLO:250 STARTTLS:220 handshake=tls",                                                                                                                                                                                                                         0,        0,            NULL},
    {"RFC 3207 4: 220, then the end",                                            "EHLO STARTTLS",                         GREETING EHLO "CSTARTTLS\nS220 go\nW50\n",
     "connect greeting:220 EHLO:250 STARTTLS:220 handshake=reset",                                                                                                                                                                                                                       0,        0,            NULL},
    {"RFC 8446 6.2: 220, then an alert",                                         "EHLO STARTTLS",                         GREETING EHLO "CSTARTTLS\nS220 go\nA\n",
     "connect greeting:220 EHLO:250 STARTTLS:220 handshake=tls",                                                                                                                                                                                                                         0,        0,            NULL},
    {"RFC 8314 3.3: TLS before the greeting",                                    "EHLO",
     "T\nS220 mx\nCEHLO\nS250 mx\nCQUIT\nS221 x\nN\nH\n",                                                                                                                                                    "connect handshake greeting+:220 EHLO+:250 QUIT+:221",                      IMPLICIT, 0,            NULL},
    {"RFC 8314 3.3: a greeting in the clear where TLS should be",                "EHLO",                                  GREETING "H\n",
     "connect handshake=tls",                                                                                                                                                                                                                                                            IMPLICIT, 0,            NULL},
    {"PROXY version 1 goes first",                                               "EHLO",
     "CPROXY TCP4 192.0.2.1 192.0.2.2 1025 25^\n" GREETING EHLO BYE,
     "connect greeting:220 EHLO:250 QUIT:221",                                                                                                                                                                                                                                           PROXY,    0,            NULL},
    {"RFC 5321 4.2: a greeting that is none",                                    "EHLO",                                  "S2200 garbage\nH\n",
     "connect greeting=malformed",                                                                                                                                                                                                                                                       0,        0,            NULL},
    {"another protocol",                                                         "EHLO",                                  "SSSH-2.0-x 220\nH\n",                                                             "connect greeting=malformed",                                               0,        0,            NULL},
    {"RFC 5321 2.3.8: bare LF is read and noted",                                "EHLO",                                  "s220 mx~\nCEHLO\ns250 mx~\n" BYE,
     "connect greeting:220 EHLO:250 QUIT:221",                                                                                                                                                                                                                                           0,        SMTP_BARE_LF, NULL},
    {"RFC 5321 4.2: NUL is read and noted",                                      "",                                      "S220 m`x\n" BYE,                                                                  "connect greeting:220 QUIT:221",
     0,                                                                                                                                                                                                                                                                                            SMTP_NUL,     NULL},
    {"a line of a megabyte",                                                     "EHLO",                                  "s220 \nF1048576\n",                                                               "connect greeting=malformed",                                               0,
     SMTP_LONG_LINE,                                                                                                                                                                                                                                                                                             NULL},
    {"a second reply to one command is no reply to the next",                    "EHLO NOOP",
     GREETING "CEHLO\ns250 mx^~550 no^~\nCNOOP\nS250 ok\n" BYE,
     "connect greeting:220 EHLO:250 unsolicited:550 NOOP:250 QUIT:221",                                                                                                                                                                                                                  0,        0,            NULL},
    {"RFC 5321 3.8: 421 out of turn",                                            "EHLO NOOP",                             GREETING "CEHLO\ns250 mx^~421 bye^~\nCQUIT\n",
     "connect greeting:220 EHLO:250 unsolicited:421 QUIT=closed",                                                                                                                                                                                                                        0,        0,            NULL},
    {"closed before the greeting",                                               "EHLO",                                  "",                                                                                "connect greeting=closed",                                                  0,        0,            NULL},
    {"closed in the middle of the greeting",                                     "EHLO",                                  "s220-mx^~220 m\n",                                                                "connect greeting=closed",
     0,                                                                                                                                                                                                                                                                                            0,            NULL},
    {"reset before the greeting",                                                "EHLO",                                  "R\n",                                                                             "connect greeting=reset",                                                   0,        0,            NULL},
    {"reset after EHLO",                                                         "EHLO",                                  GREETING "CEHLO\nR\n",                                                             "connect greeting:220 EHLO=reset",                                          0,        0,
     NULL                                                                                                                                                                                                                                                                                                            },
    {"closed instead of a reply",                                                "EHLO NOOP",                             GREETING "CEHLO\nS250 mx\nCNOOP\n",
     "connect greeting:220 EHLO:250 NOOP=closed",                                                                                                                                                                                                                                        0,        0,            NULL},
    {"silence instead of a greeting",                                            "EHLO",                                  "H\n",                                                                             "connect greeting=silent",                                                  0,        0,            NULL},
    {"silence in the middle of a line",                                          "EHLO",                                  "s220 mx\nH\n",                                                                    "connect greeting=silent",                                                  0,        0,
     NULL                                                                                                                                                                                                                                                                                                            },
    {"RFC 5321 4.1.1.10: silence after EHLO: QUIT, unheard",                     "EHLO",                                  GREETING "CEHLO\nCQUIT\nH\n",
     "connect greeting:220 EHLO=silent QUIT=unheard",                                                                                                                                                                                                                                    0,        0,            NULL},
    {"the same in the middle of a line, after RCPT",                             "EHLO MAIL=<> RCPT=<a>",
     GREETING EHLO "CMAIL\nS250 ok\nCRCPT\ns250 o\nCQUIT\nH\n",
     "connect greeting:220 EHLO:250 MAIL:250 RCPT=silent QUIT=unheard",                                                                                                                                                                                                                  0,        0,            NULL},
    {"what is no reply: QUIT, unheard",                                          "EHLO MAIL=<>",                          GREETING EHLO "CMAIL\nSsure\nCQUIT\nH\n",
     "connect greeting:220 EHLO:250 MAIL=malformed QUIT=unheard",                                                                                                                                                                                                                        0,        0,            NULL},
    {"RFC 3207 4: silence after STARTTLS: no QUIT where TLS may begin",          "EHLO STARTTLS",
     GREETING EHLO "CSTARTTLS\nH\n",                                                                                                                                                                         "connect greeting:220 EHLO:250 STARTTLS=silent",                            0,        0,            NULL},
    {"RFC 5321 4.1.1.4: silence after DATA: no QUIT where content may begin",
     "EHLO MAIL=<> RCPT=<a> DATA",                                                                                        GREETING EHLO "CMAIL\nS250 ok\nCRCPT\nS250 ok\nCDATA\nH\n",
     "connect greeting:220 EHLO:250 MAIL:250 RCPT:250 DATA=silent",                                                                                                                                                                                                                      0,        0,            NULL},
    {"nor behind what is no reply to it",                                        "EHLO MAIL=<> RCPT=<a> DATA",
     GREETING EHLO "CMAIL\nS250 ok\nCRCPT\nS250 ok\nCDATA\nSgo on\nH\n",
     "connect greeting:220 EHLO:250 MAIL:250 RCPT:250 DATA=malformed",                                                                                                                                                                                                                   0,        0,            NULL},
    {"silence after EHLO under TLS: QUIT and close_notify",                      "EHLO STARTTLS EHLO@",
     GREETING EHLO "CSTARTTLS\nS220 go\nT\nCEHLO\nCQUIT\nH\n",
     "connect greeting:220 EHLO:250 STARTTLS:220 handshake EHLO+=silent QUIT=unheard",                                                                                                                                                                                                   0,        0,            NULL},
    {"silence in the handshake",                                                 "EHLO STARTTLS",                         GREETING EHLO "CSTARTTLS\nS220 go\nH\n",
     "connect greeting:220 EHLO:250 STARTTLS:220 handshake=silent",                                                                                                                                                                                                                      0,        0,            NULL},
    {"RFC 5321 4.1.1.10: QUIT unanswered",                                       "EHLO",                                  GREETING EHLO "CQUIT\nH\n",
     "connect greeting:220 EHLO:250 QUIT=silent",                                                                                                                                                                                                                                        0,        0,            NULL},
    {"RFC 5321 2.3.8: CR and LF in an argument never reach the wire",
     "EHLO VRFY=x\r\nDATA NOOP=a\nb HELP",                                                                                GREETING EHLO "CHELP\nS214 x\n" BYE,
     "connect greeting:220 EHLO:250 VRFY=bad-argument NOOP=bad-argument HELP:214 QUIT:221",                                                                                                                                                                                              0,        0,
     NULL                                                                                                                                                                                                                                                                                                            },
};

static const int64_t SHORT_US = 300000;

static struct smtp_request request_for(const struct row *row, unsigned port,
                                       const struct smtp_step *steps, size_t count)
{
    struct smtp_request request = {
        .name = "monitor.example.net",
        .lmtp = (row->mode & LMTP) != 0,
        .implicit_tls = (row->mode & IMPLICIT) != 0,
        .talks_early = (row->mode & EARLY) != 0,
        .refusals_max = (row->mode & TWO) != 0 ? 2 : 0,
        .steps = steps,
        .step_count = count,
        .tls = {.server_name = "mx.example.org"},
    };
    assert_true(endpoint_parse(slice_of("127.0.0.1"), &request.target.endpoint));
    request.target.endpoint.port = port;
    if ((row->mode & PROXY) != 0) {
        request.target.proxy = PROXY_V1;
        endpoint_parse(slice_of("192.0.2.1:1025"), &request.target.proxy_source);
        endpoint_parse(slice_of("192.0.2.2:25"), &request.target.proxy_destination);
    }
    return request;
}

static void check(const struct row *row, const struct smtp_session *session)
{
    struct text transcript;
    unsigned deviations = 0;
    text_init(&transcript, 1000);
    smtp_script_print(session, &transcript);
    assert_string_equal(transcript.start, row->transcript);
    text_release(&transcript);
    for (size_t i = 0; i < session->entry_count; i++) {
        const struct smtp_entry *entry = &session->entries[i];
        deviations |= entry->deviations;
        assert_true(entry->us >= 0 && entry->at_us + entry->us <= session->us);
    }
    assert_int_equal(deviations, row->deviations);
    assert_true(
        slice_equals_text(session->clear_after_starttls, row->clear != NULL ? row->clear : ""));
    assert_true(session->is_complete);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena arena = {0};
    struct smtp_step steps[SMTP_SCRIPT_STEPS];
    struct smtp_server server = {.scripts = {row->script}, .tls = server_tls};
    smtp_server_start(&server);
    size_t count = smtp_script_read(&arena, row->steps, steps);
    assert_int_not_equal(count, SIZE_MAX);
    struct smtp_request request = request_for(row, server.port, steps, count);
    struct smtp_settings settings = {.at_once = 0};
    for (int verb = 0; verb < SMTP_VERBS; verb++) {
        settings.budgets_us[verb] = SHORT_US;
    }
    struct loop *loop = loop_new();
    struct smtp *smtp = smtp_open(loop, &settings);
    const struct smtp_session *session = smtp_add(smtp, &arena, &request);
    assert_true(smtp_run(smtp, deadline_in(5)));
    smtp_close(smtp);
    loop_free(loop);
    smtp_server_stop(&server);
    check(row, session);
    assert_string_equal(server.problem, "");
    assert_int_equal(server.spoke_early, strchr(row->steps, '%') != NULL && server.spoke_early);
    bool has_end =
        strlen(row->script) > 1 && strcmp(row->script + strlen(row->script) - 2, "H\n") == 0;
    assert_int_equal(server.said_goodbye, has_end);
    arena_release(&arena);
}

/* ---- what no row can say */

#define MANY 5

static void play_many(const char *const *scripts, size_t count, unsigned per_address,
                      double seconds, struct smtp_session *sessions[MANY],
                      struct smtp_server *server, struct arena *arena)
{
    static const struct row row = {.mode = 0};
    static const struct smtp_step steps[] = {{.verb = SMTP_VERB_EHLO}};
    struct smtp_settings settings = {.per_address = per_address};
    struct smtp_request requests[MANY];
    struct loop *loop = loop_new();
    struct smtp *smtp = smtp_open(loop, &settings);
    for (size_t i = 0; i < count; i++) {
        server->scripts[i] = scripts[i];
    }
    smtp_server_start(server);
    for (size_t i = 0; i < count; i++) {
        requests[i] = request_for(&row, server->port, steps, 1);
        sessions[i] = smtp_add(smtp, arena, &requests[i]);
    }
    smtp_run(smtp, deadline_in(seconds));
    smtp_close(smtp);
    loop_free(loop);
    smtp_server_stop(server);
}

static void test_side_by_side(void **state)
{
    static const char *const scripts[MANY] = {
        "W300\n" GREETING EHLO BYE, "W300\n" GREETING EHLO BYE, "W300\n" GREETING EHLO BYE,
        "W300\n" GREETING EHLO BYE, "W300\n" GREETING EHLO BYE};
    struct smtp_session *sessions[MANY];
    struct smtp_server server = {.port = 0};
    struct arena arena = {0};
    (void)state;
    int64_t began = clock_now();
    play_many(scripts, MANY, MANY, 5, sessions, &server, &arena);
    assert_true(clock_now() - began >= 300000);
    assert_int_equal(server.most, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_true(smtp_session_is_greeted(sessions[i]) && sessions[i]->is_complete);
        assert_null(smtp_session_failed(sessions[i]));
    }
    arena_release(&arena);
}

static void test_deadline(void **state)
{
    static const char *const two[] = {"s220-mx^~220 wai\nH\n", ""};
    struct smtp_session *sessions[MANY];
    struct smtp_server server = {.port = 0};
    struct arena arena = {0};
    (void)state;
    int64_t began = clock_now();
    play_many(two, 2, 0, 0.3, sessions, &server, &arena);
    assert_true(clock_now() - began >= 290000);
    const struct smtp_entry *greeting = smtp_session_find(sessions[0], SMTP_VERB_GREETING);
    assert_ptr_equal(smtp_session_failed(sessions[0]), greeting);
    assert_int_equal(greeting->outcome, SMTP_SILENT);
    assert_true(slice_equals_text(greeting->text, "mx\n220 wai"));
    assert_false(sessions[0]->is_complete);
    assert_int_equal(sessions[1]->entry_count, 0);
    arena_release(&arena);
}

static void run_one(const struct smtp_request *request, struct arena *arena, char transcript[300])
{
    struct smtp_settings settings = {.at_once = 0};
    struct loop *loop = loop_new();
    struct smtp *smtp = smtp_open(loop, &settings);
    struct text text;
    const struct smtp_session *session = smtp_add(smtp, arena, request);
    smtp_run(smtp, deadline_in(2));
    text_init(&text, 299);
    smtp_script_print(session, &text);
    memcpy(transcript, text.start, text.length + 1);
    text_release(&text);
    smtp_close(smtp);
    loop_free(loop);
}

static void test_unreachable(void **state)
{
    static const struct row row = {.mode = 0};
    struct smtp_server server = {.port = 0};
    struct arena arena = {0};
    char transcript[300];
    (void)state;
    smtp_server_start(&server);
    smtp_server_stop(&server); /* its port is free now */
    struct smtp_request request = request_for(&row, server.port, NULL, 0);
    run_one(&request, &arena, transcript);
    assert_string_equal(transcript, "connect=refused");
    request.target.path = "/nonexistent/socket";
    run_one(&request, &arena, transcript);
    assert_string_equal(transcript, "connect=ended");
    arena_release(&arena);
}

static void test_source(void **state)
{
    static const struct row row = {.mode = 0};
    struct smtp_server server = {.scripts = {GREETING BYE}};
    struct arena arena = {0};
    char text[IP_TEXT_SIZE];
    (void)state;
    smtp_server_start(&server);
    struct smtp_settings settings = {.at_once = 0};
    struct smtp_request request = request_for(&row, server.port, NULL, 0);
    ip_parse(slice_of("127.0.0.66"), &request.target.source);
    struct loop *loop = loop_new();
    struct smtp *smtp = smtp_open(loop, &settings);
    const struct smtp_session *session = smtp_add(smtp, &arena, &request);
    struct smtp_request foreign = request;
    ip_parse(slice_of("192.0.2.1"), &foreign.target.source);
    const struct smtp_session *refused = smtp_add(smtp, &arena, &foreign);
    smtp_run(smtp, deadline_in(2));
    assert_string_equal(ip_print(&session->local.address, text), "127.0.0.66");
    const struct smtp_entry *failed = smtp_session_failed(refused);
    assert_non_null(failed);
    assert_int_equal(failed->failure, STREAM_NO_SOURCE);
    assert_true(stream_failure_is_ours(failed->failure));
    smtp_close(smtp);
    loop_free(loop);
    smtp_server_stop(&server);
    arena_release(&arena);
}

static SSL_CTX *make_server_tls(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    X509 *leaf = certificate_maker_make(&(struct certificate_recipe){
        .subject = "mx.example.org", .names = "DNS:mx.example.org", .to = DAY});
    SSL_CTX_use_certificate(context, leaf);
    SSL_CTX_use_PrivateKey(context, certificate_maker_key(CERTIFICATE_MAKER_EC));
    X509_free(leaf);
    return context;
}

int main(void)
{
    static struct cases cases;

    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to a client that may be gone */
    server_tls = make_server_tls();
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "five slow servers take as long as one", test_side_by_side, NULL);
    cases_add(&cases, "at the deadline what was said so far is kept", test_deadline, NULL);
    cases_add(&cases, "nobody listens; no Unix socket", test_unreachable, NULL);
    cases_add(&cases, "the source address is the one wanted, or its lack is ours", test_source,
              NULL);
    int outcome = cases_run(&cases, "smtp");
    SSL_CTX_free(server_tls);
    certificate_maker_close();
    return outcome;
}
