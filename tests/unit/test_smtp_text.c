#include "cases.h"
#include "mail/smtp_text.h"

static const struct rate_row {
    const char *label;
    bool is_rate_limit; /* a prohibition, about the client */
} rate_rows[] = {
    {"4.7.0 mail.test Error: too many connections from 192.0.2.1",              true },
    {"Too many concurrent SMTP connections; please try again later.",           true },
    {"4.3.2 Connection rate limit exceeded.",                                   true },
    {"4.3.2 Too many open connections.",                                        true },
    {"4.7.1 Client was rate-limited",                                           true },
    {"4.4.5 Server busy, message submission rate for this client has exceeded", true },
    {"4.7.0 You are THROTTLED",                                                 true },
    {"mail.test too often, come back later",                                    true },
    {"mail.test too fast",                                                      true },
    {"4.3.2 Closing down",                                                      false},
    {"4.3.0 Temporary lookup failure",                                          false},
    {"mail.test Service not available, closing transmission channel",           false},
    {"",                                                                        false},
};

static void test_rate(void **state)
{
    const struct rate_row *row = *state;
    assert_int_equal(smtp_text_is_rate_limit(slice_of(row->label)), row->is_rate_limit);
}

static const struct rate_row prohibition_rows[] = {
    {"Administrative prohibition",                                                        true },
    {"5.5.1 EXPN command is disabled",                                                    true },
    {"5.7.0 sorry, that command is forbidden",                                            true },
    {"VRFY not allowed",                                                                  true },
    {"5.1.1 postmaster... User unknown",                                                  false},
    {"5.1.1 <nobody>: Recipient address rejected: User unknown in local recipient table", false},
    {"",                                                                                  false},
};

static void test_prohibition(void **state)
{
    const struct rate_row *row = *state;
    assert_int_equal(smtp_text_is_prohibition(slice_of(row->label)), row->is_rate_limit);
}

static const struct rate_row client_rows[] = {
    {"5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example", true },
    {"4.7.1 <x>: Helo command rejected: Host not found",                            true },
    {"5.7.25 Reverse DNS lookup failed",                                            true },
    {"5.5.4 null sender not wanted here",                                           false},
    {"4.3.2 System shutting down",                                                  false},
    {"",                                                                            false},
};

static void test_client(void **state)
{
    const struct rate_row *row = *state;
    assert_int_equal(smtp_text_is_about_client(slice_of(row->label)), row->is_rate_limit);
}

static const struct version_row {
    const char *label;
    const char *version;
} version_rows[] = {
    {"mail.test ESMTP Sendmail 8.17.1.9/8.17.1.9/Debian-2; Tue, 3 Mar 2026 10:00:00 +0000",
     "Sendmail 8.17.1.9"                                                                                       },
    {"mail.test ESMTP Exim 4.96 Tue, 03 Mar 2026 10:00:00 +0000",                           "Exim 4.96"        },
    {"mail.test Microsoft ESMTP MAIL Service, Version: 6.0.3790",                           "Version: 6.0.3790"},
    {"mail.test ESMTP MDaemon/v24.0",                                                       "MDaemon/v24.0"    },
    {"2.0.0 This is sendmail version 8.17.1.9",                                             "version 8.17.1.9" },
    {"mail.test ESMTP (Courier 1.0.16)",                                                    "Courier 1.0.16"   },
    {"mail.test ESMTP Postfix",                                                             ""                 },
    {"mail.test ESMTP Postfix (Debian/GNU)",                                                ""                 },
    {"mail.test ESMTP ready at Tue, 3 Mar 2026 10:00:00 +0000",                             ""                 },
    {"mail.test hello monitor.test [192.0.2.1]",                                            ""                 },
    {"mail.test ESMTP 25 ready.",                                                           ""                 },
    {"mx1.mail.test ESMTP",                                                                 ""                 },
    {"8.17.1",                                                                              ""                 },
    {"",                                                                                    ""                 },
};

static void test_version(void **state)
{
    const struct version_row *row = *state;
    struct slice version = smtp_text_version(slice_of(row->label));
    if (!slice_equals_text(version, row->version)) {
        print_error("\"%.*s\" != \"%s\"\n", SLICE_PRINTF(version), row->version);
    }
    assert_true(slice_equals_text(version, row->version));
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_rate, rate_rows);
    CASES_TABLE(&cases, test_prohibition, prohibition_rows);
    CASES_TABLE(&cases, test_client, client_rows);
    CASES_TABLE(&cases, test_version, version_rows);
    return cases_run(&cases, "smtp_text");
}
