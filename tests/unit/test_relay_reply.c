/* What replies to probes mean, of servers as they are found. */
#include "cases.h"
#include "relay_reply.h"

static const struct row {
    const char *label;
    unsigned code;
    const char *text; /* with the enhanced code */
    enum relay_meaning meaning;
    unsigned wait;
} rows[] = {
  /* clang-format off */
    {"RFC 5321 4.2.3: 250", 250, "2.1.5 Ok", RELAY_ACCEPTED, 0},
    {"RFC 5321 3.4: 251, it will forward", 251, "User not local; will forward", RELAY_ACCEPTED, 0},
    {"RFC 5321 3.5.3: 252, it will try", 252, "Cannot VRFY user", RELAY_ACCEPTED, 0},
    {"Postfix's default is 454", 454, "4.7.1 <a@relay.example>: Relay access denied", RELAY_REFUSED_RELAY, 0},
    {"Postfix 554", 554, "5.7.1 <a@b.example>: Relay access denied", RELAY_REFUSED_RELAY, 0},
    {"Sendmail", 550, "5.7.1 <a@b.example>... Relaying denied", RELAY_REFUSED_RELAY, 0},
    {"Sendmail, with our address in it", 550, "5.7.1 <a@b>... Relaying denied. IP name lookup failed [192.0.2.1]", RELAY_REFUSED_RELAY, 0},
    {"Exim", 550, "relay not permitted", RELAY_REFUSED_RELAY, 0},
    {"Exim: its rule of local parts", 550, "restricted characters in address", RELAY_REFUSED, 0},
    {"Exim: literals", 501, "<a@[192.0.2.77]>: domain literals not allowed", RELAY_REFUSED, 0},
    {"Courier", 513, "Relaying denied.", RELAY_REFUSED_RELAY, 0},
    {"chasquid", 503, "5.7.1 relay not allowed", RELAY_REFUSED_RELAY, 0},
    {"RFC 5321 4.2.2: a bad sequence of commands is no answer", 503, "5.5.1 Bad sequence of commands", RELAY_VOID, 0},
    {"the same without an enhanced code", 503, "Bad sequence of commands", RELAY_VOID, 0},
    {"503 with its reason", 503, "This server requires authentication", RELAY_NEEDS_AUTH, 0},
    {"OpenSMTPD says no more than that", 550, "Invalid recipient: <a@b.example>", RELAY_REFUSED, 0},
    {"Exchange", 550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain", RELAY_REFUSED_RELAY, 0},
    {"qmail", 553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", RELAY_REFUSED, 0},
    {"RFC 5321 3.4: 551", 551, "User not local; please try <a@b.example>", RELAY_REFUSED, 0},
    {"an echo of names is not what a server says", 550, "5.1.1 <relay@b.example> relay.example.org: User unknown", RELAY_REFUSED, 0},
    {"a recipient that reads like greylisting", 450, "4.7.1 greylist@b.example: Relay access denied", RELAY_REFUSED_RELAY, 0},
    {"RFC 4954 6: 530", 530, "5.7.0 Authentication required", RELAY_NEEDS_AUTH, 0},
    {"authentication wanted with 550", 550, "5.7.1 Authentication required", RELAY_NEEDS_AUTH, 0},
    {"RFC 3207 4: 530 before STARTTLS", 530, "5.7.0 Must issue a STARTTLS command first", RELAY_NEEDS_TLS, 0},
    {"a blocklist", 554, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example", RELAY_REFUSED_US, 0},
    {"a blocklist of open relays speaks of us", 550, "5.7.1 You are listed as an open relay", RELAY_REFUSED_US, 0},
    {"the HELO name", 550, "5.7.1 <x>: Helo command rejected: need fully-qualified hostname", RELAY_REFUSED_US, 0},
    {"RFC 7372 3.3: no name of our address", 550, "5.7.25 no", RELAY_REFUSED_US, 0},
    {"our address in the text", 550, "5.7.1 Rejected: 192.0.2.1", RELAY_REFUSED_US, 0},
    {"RFC 3463 3.2: bad destination system", 550, "5.1.2 Recipient address rejected", RELAY_REFUSED_DOMAIN, 0},
    {"Postfix: unknown domain", 450, "4.1.2 <a@b.example>: Recipient address rejected: Domain not found", RELAY_REFUSED_DOMAIN, 0},
    {"Exim: unknown domain", 550, "Unrouteable address", RELAY_REFUSED_DOMAIN, 0},
    {"RFC 7505 4.2: null MX", 556, "5.1.10 Recipient address has null MX", RELAY_REFUSED_DOMAIN, 0},
    {"Sendmail: the sender's domain", 553, "5.1.8 <a@b>... Domain of sender address a@b does not exist", RELAY_REFUSED_SENDER, 0},
    {"Postfix: the sender's domain", 450, "4.1.8 <a@b>: Sender address rejected: Domain not found", RELAY_REFUSED_SENDER, 0},
    {"Exchange: the domain", 550, "5.4.310 DNS domain foreign.example does not exist", RELAY_REFUSED_DOMAIN, 0},
    {"Exchange Online: 5.4.1 is a recipient that it does not know", 550, "5.4.1 Recipient address rejected: Access denied", RELAY_REFUSED, 0},
    {"no such domain", 550, "No such domain", RELAY_REFUSED_DOMAIN, 0},
    {"its MX was looked for", 550, "Cannot find MX for foreign.example", RELAY_REFUSED_DOMAIN, 0},
    {"NXDOMAIN", 550, "foreign.example: NXDOMAIN", RELAY_REFUSED_DOMAIN, 0},
    {"a callback to the recipient", 550, "Verification failed for <recipient@foreign.example>", RELAY_REFUSED_DOMAIN, 0},
    {"a callback to the sender", 550, "Sender verify failed", RELAY_REFUSED_SENDER, 0},
    {"the sender's address", 554, "5.7.1 <a@b.example>: Sender address rejected: not logged in", RELAY_REFUSED_SENDER, 0},
    {"the sender's domain must be there", 501, "<a@b.example>: sender domain must exist", RELAY_REFUSED_SENDER, 0},
    {"RFC 3463 3.2: 5.1.7", 550, "5.1.7 x", RELAY_REFUSED_SENDER, 0},
    {"SPF", 550, "5.7.1 SPF fail", RELAY_REFUSED_SENDER, 0},
    {"postscreen's deep tests", 450, "4.3.2 Service currently unavailable", RELAY_DEFERRED, 0},
    {"postgrey", 450, "4.2.0 <a@b>: Recipient address rejected: Greylisted, see http://postgrey.example/x.html", RELAY_DEFERRED, 0},
    {"greylisting with its time", 451, "4.7.1 Greylisting in action, please come back in 5 minutes", RELAY_DEFERRED, 300},
    {"with seconds", 450, "4.7.1 try again in 60 seconds", RELAY_DEFERRED, 60},
    {"with a clock", 451, "4.7.1 Greylisting in action, please come back in 00:04:30", RELAY_DEFERRED, 270},
    {"a number that is no time", 451, "4.3.0 error 17, see line 3", RELAY_DEFERRED, 0},
    {"a time beyond all measure", 451, "4.7.1 in 99999999999999999999 seconds", RELAY_DEFERRED, RELAY_WAIT_MAX},
    {"local error", 451, "4.3.0 Temporary lookup failure", RELAY_DEFERRED, 0},
    {"Exim's counter", 550, "Rejected for too many bad recipients", RELAY_VOID, 0},
    {"RFC 5321 4.5.3.1.10: too many recipients", 452, "4.5.3 Too many recipients", RELAY_VOID, 0},
    {"a counter of connections", 451, "4.7.0 Connection rate limit exceeded, slow down", RELAY_VOID, 0},
    {"a counter in a name is none", 454, "4.7.1 <throttle@ratelimit.example>: Relay access denied", RELAY_REFUSED_RELAY, 0},
    {"RFC 5321 3.8: 421", 421, "4.7.0 mx Error: too many errors", RELAY_VOID, 0},
    {"354 at RCPT is no answer", 354, "go on", RELAY_VOID, 0},
    {"no text", 550, "", RELAY_REFUSED, 0},
  /* clang-format on */
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct smtp_status status;
    struct slice text = slice_of(row->text);
    smtp_status_parse(text, &status);
    assert_string_equal(relay_meaning_name(relay_reply_read(row->code, &status, text, "192.0.2.1")),
                        relay_meaning_name(row->meaning));
    assert_int_equal(relay_reply_wait(text), row->wait);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < RELAY_MEANINGS; i++) {
        enum relay_meaning meaning;
        assert_true(
            relay_meaning_parse(slice_of(relay_meaning_name((enum relay_meaning)i)), &meaning));
        assert_int_equal(meaning, i);
    }
    enum relay_meaning meaning;
    assert_false(relay_meaning_parse(SLICE_LITERAL("else"), &meaning));
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "every meaning has a name of its own", test_names, NULL);
    return cases_run(&cases, "relay_reply");
}
