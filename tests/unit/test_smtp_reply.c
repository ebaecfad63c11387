#include <string.h>

#include "cases.h"
#include "mail/smtp_reply.h"

#define S CASES_SLICE

/* Each row is fed at once, octet by octet, and cut in two at every place: the outcome is the same.
 */
static const struct row {
    const char *label;
    struct slice input;
    int outcome;
    unsigned code;
    const char *status;
    const char *text;
    unsigned deviations;
    enum smtp_reply_error error;
    size_t behind; /* octets left over */
} rows[] = {
    {"RFC 5321 4.2: one line",                                                  S("220 mx.example.org ESMTP\r\n"),   1,  220, "",
     "mx.example.org ESMTP",                                                                                                                                   0,                    0,                  0},
    {"RFC 5321 4.2: a code alone",                                              S("250\r\n"),                        1,  250, "",          "",                 0,                    0,                  0},
    {"RFC 5321 4.2: a code, a blank and no text",                               S("250 \r\n"),                       1,  250, "",          "",                 0,                    0,                  0},
    {"RFC 5321 4.2.1: a reply of three lines",
     S("250-mx.example.org\r\n250-SIZE 10\r\n250 HELP\r\n"),                                                         1,  250, "",
     "mx.example.org\nSIZE 10\nHELP",                                                                                                                          0,                    0,                  0},
    {"RFC 5321 4.2: a line that goes on without text",                          S("220-\r\n220 x\r\n"),              1,  220, "",          "\nx",              0,
     0,                                                                                                                                                                                                  0},
    {"RFC 5321 4.2: what stands behind the reply is left",                      S("250 ok\r\n221 bye\r\n"),          1,  250, "",
     "ok",                                                                                                                                                     0,                    0,                  9},
    {"RFC 5321 4.2.1: the first line is not the reply",                         S("220-wait\r\n"),                   0,  220, "",          "wait",             0,                    0,
     0                                                                                                                                                                                                    },
    {"RFC 5321 4.2: a line without its end is not the reply",                   S("220 mx.example.org"),             0,  0,   "",          "",
     0,                                                                                                                                                                              0,                  0},
    {"RFC 5321 2.3.8: CR alone is not the end of a line",                       S("220 a\r"),                        0,  0,   "",          "",                 0,                    0,                  0},
    {"nothing yet",                                                             S(""),                               0,  0,   "",          "",                 0,                    0,                  0},
    {"RFC 5321 2.3.8: bare LF",                                                 S("220 mx\n"),                       1,  220, "",          "mx",               SMTP_BARE_LF,         0,                  0},
    {"RFC 5321 2.3.8: bare LF in the first of two lines",                       S("250-a\n250 b\r\n"),               1,  250, "",          "a\nb",
     SMTP_BARE_LF,                                                                                                                                                                   0,                  0},
    {"RFC 5321 2.3.8: CR inside a line",                                        S("220 a\rb\r\n"),                   1,  220, "",          "a\rb",             SMTP_BARE_CR,         0,                  0},
    {"RFC 5321 4.2: NUL",                                                       S("220 a\0b\r\n"),                   1,  220, "",          "a",                SMTP_NUL,             0,                  0},
    {"RFC 5321 4.2: a control character",                                       S("220 a\033[1mb\r\n"),              1,  220, "",          "a\033[1mb",
     SMTP_CONTROL,                                                                                                                                                                   0,                  0},
    {"RFC 5321 4.2: HT is text",                                                S("220 a\tb\r\n"),                   1,  220, "",          "a\tb",             0,                    0,                  0},
    {"RFC 6531 3.5: UTF-8 text",                                                S("550 Empf\303\244nger\r\n"),       1,  550, "",          "Empf\303\244nger",
     SMTP_EIGHT_BIT,                                                                                                                                                                 0,                  0},
    {"RFC 5321 4.2: text right behind the code",                                S("250ok\r\n"),                      1,  250, "",          "ok",
     SMTP_NO_SEPARATOR,                                                                                                                                                              0,                  0},
    {"RFC 5321 4.2: a tab behind the code",                                     S("250\tok\r\n"),                    1,  250, "",          "\tok",             SMTP_NO_SEPARATOR,
     0,                                                                                                                                                                                                  0},
    {"RFC 5321 4.2.1: the code changes between the lines, the last one counts",
     S("220-mx\r\n554 no\r\n"),                                                                                      1,  554, "",          "mx\nno",           SMTP_CODE_CHANGES,    0,                  0},
    {"RFC 5321 4.2: a code of no known class",                                  S("650 what\r\n"),                   1,  650, "",          "what",
     SMTP_CODE_UNKNOWN,                                                                                                                                                              0,                  0},
    {"RFC 5321 4.2: a second digit above five",                                 S("260 what\r\n"),                   1,  260, "",          "what",
     SMTP_CODE_UNKNOWN,                                                                                                                                                              0,                  0},
    {"RFC 5321 4.2: a preliminary code, which SMTP has not",                    S("120 wait\r\n"),                   1,  120, "",          "wait",
     SMTP_CODE_UNKNOWN,                                                                                                                                                              0,                  0},
    {"RFC 5321 4.2: four digits",                                               S("2200 garbage\r\n"),               -1, 0,   "",          "2200 garbage",     0,
     SMTP_REPLY_LONG_CODE,                                                                                                                                                                               0},
    {"RFC 5321 4.2: another protocol",                                          S("SSH-2.0-x 220\r\n"),              -1, 0,   "",          "SSH-2.0-x 220",    0,
     SMTP_REPLY_NO_CODE,                                                                                                                                                                                 0},
    {"RFC 5321 4.2: an empty line",                                             S("\r\n"),                           -1, 0,   "",          "",                 0,                    SMTP_REPLY_NO_CODE, 0},
    {"RFC 5321 4.2: two digits",                                                S("22\r\n"),                         -1, 0,   "",          "22",               0,                    SMTP_REPLY_NO_CODE, 0},
    {"RFC 5321 4.2: a blank before the code",                                   S(" 220 x\r\n"),                     -1, 0,   "",          " 220 x",           0,
     SMTP_REPLY_NO_CODE,                                                                                                                                                                                 0},
    {"RFC 5321 4.2: garbage after a good line",                                 S("220-mx\r\nxyz\r\n220 mx\r\n"),    -1, 220, "",
     "mx\nxyz",                                                                                                                                                0,                    SMTP_REPLY_NO_CODE, 8},
    {"RFC 3463 2: an enhanced code",                                            S("550 5.1.1 no such user\r\n"),     1,  550, "5.1.1",
     "5.1.1 no such user",                                                                                                                                     0,                    0,                  0},
    {"RFC 3463 2: three digits in each part",                                   S("554 5.100.999 x\r\n"),            1,  554, "5.100.999",
     "5.100.999 x",                                                                                                                                            0,                    0,                  0},
    {"RFC 3463 2: an enhanced code alone",                                      S("250 2.0.0\r\n"),                  1,  250, "2.0.0",     "2.0.0",            0,                    0,                  0},
    {"RFC 3463 2: four digits are none",                                        S("550 5.1.1000 x\r\n"),             1,  550, "",          "5.1.1000 x",       0,                    0,
     0                                                                                                                                                                                                    },
    {"RFC 3463 2: class 3 is none",                                             S("354 3.0.0 go\r\n"),               1,  354, "",          "3.0.0 go",         0,                    0,                  0},
    {"RFC 3463 2: a version number is none",                                    S("220 5.7.1-x\r\n"),                1,  220, "",          "5.7.1-x",          0,                    0,                  0},
    {"RFC 3463 2: an address is none",                                          S("250 4.3.2.1 is you\r\n"),         1,  250, "",          "4.3.2.1 is you",   0,
     0,                                                                                                                                                                                                  0},
    {"RFC 2034 4: another class than the code's",                               S("250 5.1.1 ok\r\n"),               1,  250, "5.1.1",
     "5.1.1 ok",                                                                                                                                               SMTP_STATUS_MISMATCH, 0,                  0},
    {"RFC 2034 4: the same enhanced code in each line",                         S("550-5.7.1 a\r\n550 5.7.1 b\r\n"), 1,  550,
     "5.7.1",                                                                                                                              "5.7.1 a\n5.7.1 b", 0,                    0,                  0},
    {"RFC 2034 4: enhanced codes that change",                                  S("550-5.7.1 a\r\n550 5.1.1 b\r\n"), 1,  550, "5.7.1",
     "5.7.1 a\n5.1.1 b",                                                                                                                                       SMTP_STATUS_CHANGES,  0,                  0},
    {"RFC 2034 4: an enhanced code in the last line only",                      S("550-a\r\n550 5.1.1 b\r\n"),       1,  550,
     "5.1.1",                                                                                                                              "a\n5.1.1 b",       SMTP_STATUS_CHANGES,  0,                  0},
};

static void check(const struct row *row, const struct smtp_reply *reply, int outcome, size_t behind)
{
    char status[SMTP_STATUS_TEXT_SIZE];
    assert_int_equal(outcome, row->outcome);
    assert_int_equal(reply->code, row->code);
    assert_string_equal(smtp_status_print(&reply->status, status), row->status);
    assert_string_equal(reply->text.start, row->text);
    assert_int_equal(reply->deviations, row->deviations);
    assert_int_equal(reply->error, row->error);
    assert_int_equal(behind, row->behind);
    assert_int_equal(smtp_reply_is_partial(reply) && outcome == 0,
                     row->outcome == 0 && row->input.length > 0);
}

/* Feeds in pieces that end at `cut` and at every `step` octets from there. */
static void feed(const struct row *row, size_t cut, size_t step)
{
    struct smtp_reply reply;
    smtp_reply_init(&reply);
    size_t at = 0;
    size_t end = cut;
    int outcome = 0;
    while (outcome == 0 && at < row->input.length) {
        struct slice piece = slice_sub(row->input, at, end - at);
        outcome = smtp_reply_feed(&reply, &piece);
        at = end - piece.length;
        end = at + step < row->input.length ? at + step : row->input.length;
    }
    check(row, &reply, outcome, row->input.length - at);
    smtp_reply_release(&reply);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    feed(row, row->input.length, 1);
    for (size_t cut = 1; cut < row->input.length; cut++) {
        feed(row, cut, row->input.length);
    }
    if (row->input.length > 0) {
        feed(row, 1, 1);
    }
}

static int feed_repeated(struct smtp_reply *reply, const char *text, size_t count)
{
    int outcome = 0;
    for (size_t i = 0; i < count && outcome == 0; i++) {
        struct slice piece = slice_of(text);
        outcome = smtp_reply_feed(reply, &piece);
    }
    return outcome;
}

static void test_line_lengths(void **state)
{
    static const struct {
        size_t letters;
        int outcome;
        unsigned deviations;
    } LENGTHS[] = {
        {506,                 1,  0             },
        {507,                 1,  SMTP_LONG_LINE},
        {SMTP_REPLY_LINE_MAX, -1, SMTP_LONG_LINE},
        {1 << 20,             -1, SMTP_LONG_LINE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof LENGTHS / sizeof LENGTHS[0]; i++) {
        struct smtp_reply reply;
        smtp_reply_init(&reply);
        feed_repeated(&reply, "220 ", 1);
        int outcome = feed_repeated(&reply, "x", LENGTHS[i].letters);
        if (outcome == 0) {
            outcome = feed_repeated(&reply, "\r\n", 1);
        }
        assert_int_equal(outcome, LENGTHS[i].outcome);
        assert_int_equal(reply.deviations, LENGTHS[i].deviations);
        assert_true(reply.text.capacity <= SMTP_REPLY_TEXT_MAX + 1);
        smtp_reply_release(&reply);
    }
}

static void test_caps(void **state)
{
    static char long_line[1024];
    struct smtp_reply reply;
    (void)state;
    smtp_reply_init(&reply);
    assert_int_equal(feed_repeated(&reply, "220-x\r\n", SMTP_REPLY_LINES_MAX), 0);
    assert_int_equal(feed_repeated(&reply, "220 x\r\n", 1), -1);
    assert_int_equal(reply.error, SMTP_REPLY_TOO_MANY_LINES);
    assert_int_equal(feed_repeated(&reply, "220 x\r\n", 1), -1);

    smtp_reply_clear(&reply);
    memset(long_line, 'x', sizeof long_line);
    memcpy(long_line, "220-", 4);
    memcpy(long_line + sizeof long_line - 3, "\r\n", 3);
    assert_int_equal(feed_repeated(&reply, long_line, SMTP_REPLY_LINES_MAX), -1);
    assert_int_equal(reply.error, SMTP_REPLY_TOO_LONG);
    smtp_reply_release(&reply);
}

static void test_again(void **state)
{
    struct smtp_reply reply;
    struct slice input = slice_of("550 5.1.1 no\r\n250 ok\n\r\n");
    (void)state;
    smtp_reply_init(&reply);
    assert_int_equal(smtp_reply_feed(&reply, &input), 1);
    assert_int_equal(smtp_reply_feed(&reply, &input), 1);
    assert_int_equal(reply.code, 550);
    smtp_reply_clear(&reply);
    assert_int_equal(smtp_reply_feed(&reply, &input), 1);
    assert_int_equal(reply.code, 250);
    assert_int_equal(reply.status.class, 0);
    assert_int_equal(reply.deviations, SMTP_BARE_LF);
    assert_int_equal(input.length, 2);
    smtp_reply_release(&reply);
}

static void test_words(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SMTP_DEVIATION_COUNT; i++) {
        assert_true(strlen(smtp_deviation_text(1U << i)) > 10);
    }
    assert_string_equal(smtp_deviation_text(0), "");
    for (int i = SMTP_REPLY_FINE; i <= SMTP_REPLY_TOO_LONG; i++) {
        assert_true(strlen(smtp_reply_error_text((enum smtp_reply_error)i)) > 5);
    }
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "RFC 5321 4.5.3.1.5: lines of 512 octets, longer ones, and endless ones",
              test_line_lengths, NULL);
    cases_add(&cases, "replies of too many lines and of too much text end", test_caps, NULL);
    cases_add(&cases, "a cleared reply knows nothing of the one before", test_again, NULL);
    cases_add(&cases, "every deviation and every error has its words", test_words, NULL);
    return cases_run(&cases, "smtp_reply");
}
