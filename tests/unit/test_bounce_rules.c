/* The rules' file form, and what the shipped rules, share/bounce-rules.conf, say. */
#include "cases.h"

#include <stdio.h>
#include <string.h>

#include "mail/bounce_rules.h"

static struct arena arena;
static struct bounce_rules shipped;

static int read_shipped(void)
{
    static char text[BOUNCE_RULES_TEXT_MAX];
    const char *source = getenv("SRCDIR");
    char path[4096];
    struct bounce_rules_error error;

    (void)snprintf(path, sizeof path, "%s/share/bounce-rules.conf", source != NULL ? source : ".");
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    size_t length = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    arena_init(&arena);
    bounce_rules_init(&shipped, &arena);
    if (!bounce_rules_read(&shipped, slice_new(text, length), "rules", &error)) {
        print_message("# %s\n", error.message);
        return -1;
    }
    bounce_rules_compile(&shipped);
    return 0;
}

/* ---- the shipped rules */

static const struct class_row {
    const char *label;
    const char *text;
    const char *host;
    const char *class;
    bool is_hard;
    const char *blocklist;
} class_rows[] = {
  /* clang-format off */
    /* the five codes */
    {"550 5.1.1 alone", "550 5.1.1", "", "bad-mailbox", true, ""},
    {"554 5.7.1 alone", "554 5.7.1 Go away", "", "policy", false, ""},
    {"554 5.7.1 with a blocklist", "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org", "", "blocked", false, "Spamhaus"},
    {"554 5.7.1 with spam words", "554 5.7.1 This looks like spam to us", "", "spam-content", false, ""},
    {"554 5.7.1 with relay words", "554 5.7.1 <joe@example.org>: Relay access denied", "", "relay-denied", false, ""},
    {"554 5.7.1 with words about the user", "554 5.7.1 <joe@example.org>: no such user", "", "bad-mailbox", true, ""},
    {"421 4.3.2 alone", "421 4.3.2 Closing", "", "system", false, ""},
    {"421 4.3.2 with too many connections", "421 4.3.2 Too many connections from you", "", "rate-limited", false, ""},
    {"452 4.2.2 alone", "452 4.2.2 sorry", "", "mailbox-full", false, ""},
    {"452 4.3.1 is the system", "452 4.3.1 sorry", "", "system", false, ""},
    {"452 4.5.3 is a rate", "452 4.5.3 sorry", "", "rate-limited", false, ""},
    {"451 4.7.1 with grey words", "451 4.7.1 Greylisting in action, come back", "", "greylisted", false, ""},
    {"a policy that is only pointed to is no reason", "550 5.1.1 unknown user; see our blacklist policy at http://example.com/blacklist", "", "bad-mailbox", true, ""},
    {"what it is not is no reason", "550 user's mailbox is over limit, not a spam block", "", "mailbox-full", false, ""},
    {"a blocklist before grey words", "451 4.7.1 Greylisted by blocklist zen.spamhaus.org", "", "blocked", false, "Spamhaus"},
    {"a retry that is not due is no expiry", "retry time not reached for any host", "", "network", false, ""},
    {"words that refuse MAIL FROM are about the sender", "host mx[192.0.2.1] said: 550 5.1.0 <joe@lab.test>: User unknown (in reply to MAIL FROM command)", "", "sender-rejected", false, ""},
    {"the same in Exim's words", "SMTP error from remote mail server after MAIL FROM:<joe@lab.test> SIZE=1022: 553 5.1.0 lab.test does not exist", "", "sender-rejected", false, ""},
    {"521 with 5.3.2: a host that takes no mail", "521 5.3.2 <joe@lab.test>: Recipient address rejected: System not accepting network messages", "", "no-mail-accepted", true, ""},
    {"much mail data is a full mailbox", "552 Too much mail data", "", "mailbox-full", false, ""},
    {"a problem of the recipient", "Unable to deliver the message due to a recipient problem", "", "bad-mailbox", true, ""},
    {"451 4.7.1 with a time", "451 4.7.1 Please try again in 300 seconds", "", "greylisted", false, ""},
    {"451 4.7.1 with a reputation", "451 4.7.1 Your address has a bad reputation", "", "blocked", false, ""},
    {"451 4.7.1 alone", "451 4.7.1 later", "", "policy", false, ""},
    /* words that look like those of another class */
    {"Outlook.com's codes of blocked networks", "550 SC-001 (COL004-MC1F1) Unfortunately, messages from 192.0.2.1 weren't sent.", "", "blocked", false, "Microsoft"},
    {"Outlook.com's codes of a rate", "421 RP-001 (SNT004) Unfortunately, some messages from 192.0.2.1 weren't sent", "", "blocked", false, "Microsoft"},
    {"a resolver that does not answer is no dead domain", "Host or domain name not found. Name service error for name=lab.test type=MX: Host not found, try again", "", "network", false, ""},
    {"RFC 3463 x.4.3: a resolver that does not answer", "451 4.4.3 Host not found, try again", "", "network", false, ""},
    {"Gmail's rate", "421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address.", "", "rate-limited", false, ""},
    {"qmail relays only for its rcpthosts", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "", "relay-denied", false, ""},
    {"Microsoft's level of authentication", "550 5.7.515 Access denied, sending domain lab.test does not meet the required authentication level", "", "auth-fail", false, ""},
    {"Postfix: no reverse hostname", "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]", "", "ptr", false, ""},
    {"Postfix: no hostname", "554 5.7.1 Client host rejected: cannot find your hostname", "", "ptr", false, ""},
    {"blocked, because nobody reads it", "550 This user has been blocked due to inactivity", "", "disabled", true, ""},
    {"the name of the host is no reason", "host mx.spamcop.test[192.0.2.1] said: 550 5.1.1 no such user", "", "bad-mailbox", true, ""},
    {"Postfix: a delivery that is suspended is no mailbox", "delivery temporarily suspended: lost connection with mx.lab.test", "", "network", false, ""},
    {"Postfix: suspended, with what the host said", "delivery temporarily suspended: host mx.lab.test[192.0.2.7] refused to talk to me: 421 4.7.0 listed by Spamhaus", "", "blocked", false, "Spamhaus"},
    /* every class at least once, by words of our own */
    {"no cause", "550 5.0.0 sorry", "", "unknown", true, ""},
    {"RFC 3463 3.2, x.1.2: the domain is bad", "550 5.1.2 Host or domain name not found", "", "bad-domain", true, ""},
    {"RFC 7505 4.1: a null MX", "556 5.1.10 Domain has a null MX", "", "bad-domain", true, ""},
    {"RFC 5321 4.2.2, 551: moved", "551 5.1.6 She has moved to another address", "", "moved", true, ""},
    {"RFC 3463 3.3, x.2.1: switched off for good", "550 5.2.1 This account has been disabled", "", "disabled", true, ""},
    {"RFC 3463 3.3, x.2.1: switched off for now", "450 4.2.1 This account is temporarily disabled", "", "disabled", false, ""},
    {"RFC 7504 3, 521: takes no mail", "521 5.3.2 This host does not accept mail", "", "no-mail-accepted", true, ""},
    {"a service will not send", "on the suppression list", "", "suppressed", true, ""},
    {"the recipient's own filter", "550 5.2.0 Refused by the recipient's filter", "", "filtered", false, ""},
    {"RFC 3463 3.3, x.2.2: quota", "552 5.2.2 Quota exceeded", "", "mailbox-full", false, ""},
    {"RFC 7372 3.3, x.7.25: reverse DNS", "550 5.7.25 The address has no PTR record", "", "ptr", false, ""},
    {"RFC 7372 3.2, x.7.23: SPF", "550 5.7.23 SPF check failed", "", "auth-fail", false, ""},
    {"DMARC in words", "550 5.7.1 rejected by the DMARC policy of the domain", "", "auth-fail", false, ""},
    {"a virus", "554 5.7.1 A virus was found in the message", "", "virus", false, ""},
    {"RFC 3463 3.2, x.1.8: the sender", "550 5.1.8 Sender address rejected: Domain not found", "", "sender-rejected", false, ""},
    {"RFC 3463 3.4, x.3.4: the size", "552 5.3.4 Message size exceeds fixed limit", "", "too-big", false, ""},
    {"RFC 3463 3.5, x.4.7: expired", "554 5.4.7 Delivery expired (message too old)", "", "expired", false, ""},
    {"RFC 3463 3.5, x.4.1: no connection", "450 4.4.1 connect to mx.example.org: Connection timed out", "", "network", false, ""},
    {"RFC 3463 3.6, x.5.x: syntax", "501 5.5.4 Syntax error in parameters", "", "protocol", false, ""},
    {"RFC 3207 4: TLS is wanted", "530 5.7.0 Must issue a STARTTLS command first", "", "protocol", false, ""},
    /* words over codes */
    {"5.1.0 and a blocklist", "550 5.1.0 listed by Spamhaus", "", "blocked", false, "Spamhaus"},
    {"5.2.1 and too quickly", "450 4.2.1 The user you try to contact is receiving mail too quickly", "", "rate-limited", false, ""},
    {"5.1.1 and over quota", "550 5.1.1 <joe@example.org> is over quota", "", "mailbox-full", false, ""},
    {"4yz is never hard", "450 4.1.1 <joe@example.org>: user unknown", "", "bad-mailbox", false, ""},
    {"access denied at Microsoft's edge", "550 5.4.1 Recipient address rejected: Access denied.", "example-org.mail.protection.outlook.com", "bad-mailbox", true, ""},
    {"words of an address do not count", "550 5.1.1 <spam@spamhaus.example> unknown", "", "bad-mailbox", true, ""},
  /* clang-format on */
};

static void test_class(void **state)
{
    const struct class_row *row = *state;
    struct bounce_reply reply = {.text = slice_of(row->text), .host = slice_of(row->host)};
    struct bounce_verdict verdict;

    bounce_rules_classify(&shipped, &reply, &verdict);
    assert_string_equal(bounce_class_name(verdict.class), row->class);
    assert_int_equal(verdict.is_hard, row->is_hard);
    assert_string_equal(verdict.blocklist, row->blocklist);
}

/* ---- the file form */

static const struct error_row {
    const char *label;
    const char *text;
    size_t line; /* 0: no error */
    const char *message;
} error_rows[] = {
  /* clang-format off */
    {"an empty file", "", 0, ""},
    {"comments and blank lines", "# a\n\n  # b\n", 0, ""},
    {"a rule over lines", "[full]\n", 1, "f:1: not a class: \"full\""},
    {"a line that goes on", "[blocked]\na: one\n  | two\n", 0, ""},
    {"a rule before its class", "a: one\n", 1, "f:1: a [CLASS] has to come first"},
    {"no colon", "[blocked]\na one\n", 2, "f:2: a line is [CLASS], name: condition, or a comment that begins with #"},
    {"a name with a blank", "[blocked]\na b: one\n", 2, "f:2: a line is [CLASS], name: condition, or a comment that begins with #"},
    {"no condition", "[blocked]\na:\n", 2, "f:2: there is an empty term"},
    {"an empty phrase", "[blocked]\na: one | | two\n", 2, "f:2: there is an empty phrase"},
    {"an empty phrase in an order", "[blocked]\na: one ... \n", 2, "f:2: there is an empty phrase"},
    {"a star alone", "[blocked]\na: *\n", 2, "f:2: there is an empty phrase"},
    {"an address", "[blocked]\na: joe@example.org\n", 2, "f:2: an address in a text reads as @ alone: \"joe@example.org\""},
    {"only what must not be", "[blocked]\na: !one\n", 2, "f:2: a rule needs a term without \"!\""},
    {"an unknown test", "[blocked]\na: {word x}\n", 2, "f:2: a test is {code ...}, {status ...} or {at ...}: \"{word x}\""},
    {"a test without a value", "[blocked]\na: {code}\n", 2, "f:2: a test has no value: \"{code}\""},
    {"a test without its end", "[blocked]\na: {code 550\n", 2, "f:2: a test ends with \"}\": \"{code 550\""},
    {"a bad code", "[blocked]\na: {code 55}\n", 2, "f:2: not a reply code as 550 or 5xx: \"55\""},
    {"a bad status", "[blocked]\na: {status 5.1}\n", 2, "f:2: not an enhanced code as 5.7.1 or 5.7.x: \"5.1\""},
    {"the same name twice", "[blocked]\na: one\na: two\n", 3, "f:3: the rule stands in the file already: \"blocked.a\""},
    {"the same name in two classes", "[blocked]\na: one\n[ptr]\na: two\n", 0, ""},
    {"a list without a name", "[blocked]\na: one => \n", 2, "f:2: the name of a blocklist has 1 to 63 characters"},
    {"a section without its end", "[blocked\n", 1, "f:1: \"]\" is missing at the end of a section's line"},
  /* clang-format on */
};

static void test_error(void **state)
{
    const struct error_row *row = *state;
    struct arena own;
    struct bounce_rules rules;
    struct bounce_rules_error error = {0};

    arena_init(&own);
    bounce_rules_init(&rules, &own);
    assert_int_equal(bounce_rules_read(&rules, slice_of(row->text), "f", &error), row->line == 0);
    assert_int_equal(error.line, row->line);
    assert_string_equal(error.message, row->message);
    arena_release(&own);
}

/* What a rule means: whether it holds for a text. */
static const struct holds_row {
    const char *label;
    const char *condition, *text, *host;
    bool holds;
} holds_rows[] = {
    {"whole words",             "one",                   "some one said",   "",               true },
    {"not a part of a word",    "one",                   "someone said",    "",               false},
    {"open before",             "*one",                  "someone said",    "",               true },
    {"open before, not behind", "*one",                  "someones",        "",               false},
    {"open behind",             "one*",                  "ones",            "",               true },
    {"any case",                "One Two",               "ONE\ntwo",        "",               true },
    {"one of two",              "one | two",             "two",             "",               true },
    {"both of two",             "one & two",             "two then one",    "",               true },
    {"only one of both",        "one & two",             "two",             "",               false},
    {"binds closer",            "one & two | three",     "three",           "",               false},
    {"in order",                "one ... two",           "one and two",     "",               true },
    {"against the order",       "one ... two",           "two and one",     "",               false},
    {"an order of three",       "a ... b ... c",         "a x b y c",       "",               true },
    {"not",                     "one & !two",            "one",             "",               true },
    {"not, and it is there",    "one & !two",            "one two",         "",               false},
    {"a code",                  "{code 550}",            "550 gone",        "",               true },
    {"another code",            "{code 550}",            "551 gone",        "",               false},
    {"any code of a kind",      "{code 45x 5xx}",        "451 gone",        "",               true },
    {"a status",                "{status 5.7.x}",        "550 5.7.26 gone", "",               true },
    {"not this status",         "one & !{status 5.7.1}", "550 5.7.1 one",   "",               false},
    {"a provider",              "one & {at gmail.com}",  "one",             "mx.google.com",  true },
    {"another provider",        "one & {at gmail.com}",  "one",             "mx.example.org", false},
    {"never",                   "never",                 "never",           "",               false},
};

static void test_holds(void **state)
{
    const struct holds_row *row = *state;
    struct arena own;
    struct bounce_rules rules;
    struct bounce_rules_error error = {0};
    struct bounce_reply reply = {.text = slice_of(row->text), .host = slice_of(row->host)};
    struct bounce_verdict verdict;

    arena_init(&own);
    bounce_rules_init(&rules, &own);
    const char *text = arena_format(&own, "[virus]\na: %s\n", row->condition);
    assert_true(bounce_rules_read(&rules, slice_of(text), "f", &error));
    bounce_rules_compile(&rules);
    for (unsigned i = 0; i < 2; i++) {
        bounce_rules_classify(&rules, &reply, &verdict);
        assert_int_equal(verdict.rule != NULL, row->holds);
        assert_int_equal(verdict.class, row->holds ? BOUNCE_VIRUS : BOUNCE_UNKNOWN);
    }
    arena_release(&own);
}

static void test_two_files(void **state)
{
    struct arena own;
    struct bounce_rules rules;
    struct bounce_rules_error error = {0};
    struct bounce_reply reply = {.text = slice_of("550 one two, see bl.example.org")};
    struct bounce_verdict verdict;

    (void)state;
    arena_init(&own);
    bounce_rules_init(&rules, &own);
    assert_true(bounce_rules_read(&rules, slice_of("[virus]\na: never\n[blocked]\nb: two\n"),
                                  "user", &error));
    assert_true(
        bounce_rules_read(&rules, slice_of("\xef\xbb\xbf[virus]\na: one\n"), "shipped", &error));
    bounce_rules_compile(&rules);
    bounce_rules_classify(&rules, &reply, &verdict);
    assert_string_equal(verdict.rule->id, "blocked.b");
    assert_string_equal(verdict.rule->file, "user");
    assert_int_equal(verdict.rule->line, 4);
    assert_string_equal(verdict.blocklist, "bl.example.org");
    arena_release(&own);
}

static void test_no_rules(void **state)
{
    struct bounce_rules rules = {0};
    struct bounce_reply reply = {.text = slice_of("550 5.1.1 no such user")};
    struct bounce_verdict verdict;

    (void)state;
    bounce_rules_classify(&rules, &reply, &verdict);
    assert_null(verdict.rule);
    assert_int_equal(verdict.class, BOUNCE_UNKNOWN);
    assert_true(verdict.is_hard);
}

int main(void)
{
    struct cases cases = {0};

    if (read_shipped() != 0)
        return 1;
    CASES_TABLE(&cases, test_class, class_rows);
    CASES_TABLE(&cases, test_error, error_rows);
    CASES_TABLE(&cases, test_holds, holds_rows);
    cases_add(&cases,
              "the user's file is asked first and turns rules off; a byte order mark is no rule",
              test_two_files, NULL);
    cases_add(&cases, "without rules all is unknown", test_no_rules, NULL);
    int result = cases_run(&cases, "bounce_rules");
    arena_release(&arena);
    return result;
}
