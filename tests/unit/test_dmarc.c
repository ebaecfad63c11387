#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "dkim_maker.h"
#include "mail/dmarc.h"
#include "mail/dmarc_report.h"
#include "mail/mailbox.h"
#include "mail/message.h"

static struct arena arena;

/* A verdict in one line: record domain, tag, policy, effective policy, organizational domain; "?"
 * where a missing answer could change it. */
static const char *print(const struct dmarc_verdict *verdict)
{
    static const char *const sources[] = {"-", "p", "sp", "np", "fault"};
    return arena_format(&arena, "%s %s %s %s %s%s%s",
                        verdict->record_domain ? verdict->record_domain : "-",
                        sources[verdict->source], dmarc_policy_name(verdict->policy),
                        dmarc_policy_name(verdict->effective), verdict->organizational_domain,
                        verdict->is_multiple ? " several" : "", verdict->is_certain ? "" : " ?");
}

/* `zone`: a line `name text` becomes a TXT record at _dmarc.name; other lines are as in
 * dns_answers_read. Every name of `exists` has an address. */
static struct dns_answers *store(const char *zone, const char *exists)
{
    struct dns_answers *answers = dns_answers_new(&arena, 1000);
    struct slice rest = slice_of(zone);
    struct slice line;
    char *text = arena_format(&arena, "%s A 192.0.2.1\n", exists);
    while (slice_split(&rest, '\n', &line)) {
        size_t space = slice_find(line, ' ');
        struct slice value = slice_sub(line, space + 1, line.length);
        if (slice_starts_with(value, "v="))
            text = arena_format(&arena, "%s_dmarc.%.*s TXT \"%.*s\"\n", text, (int)space,
                                line.start, SLICE_PRINTF(value));
        else if (line.length > 0)
            text = arena_format(&arena, "%s%.*s\n", text, SLICE_PRINTF(line));
    }
    assert_int_equal(dns_answers_read(answers, text, true), 0);
    return answers;
}

/* clang-format off */
static const struct row {
    const char *label;
    const char *zone;
    const char *domain;
    const char *organization; /* by the public suffix list */
    const char *current, *old;
    const char *exists; /* a name that exists besides; NULL: the domain */
} rows[] = {
    {.label = "RFC 9989 4.10.1: the record of the domain itself",
     .zone = "example.org v=DMARC1; p=reject; sp=none", .domain = "example.org", .organization = "example.org",
     .current = "example.org p reject reject example.org", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.10.1: sp of the organizational domain",
     .zone = "example.org v=DMARC1; p=none; sp=reject", .domain = "a.b.example.org", .organization = "example.org",
     .current = "example.org sp reject reject example.org", .old = "example.org sp reject reject example.org"},
    {.label = "RFC 9989 4.10.1: without sp its p",
     .zone = "example.org v=DMARC1; p=quarantine", .domain = "a.example.org", .organization = "example.org",
     .current = "example.org p quarantine quarantine example.org", .old = "example.org p quarantine quarantine example.org"},
    {.label = "RFC 9989 4.10.1: np for a name that does not exist",
     .zone = "example.org v=DMARC1; p=none; sp=none; np=reject", .domain = "a.example.org", .organization = "example.org", .exists = "x.test",
     .current = "example.org np reject reject example.org", .old = "example.org sp none none example.org"},
    {.label = "RFC 9989 4.10.1: np not for a name that exists",
     .zone = "example.org v=DMARC1; p=none; sp=quarantine; np=reject", .domain = "a.example.org", .organization = "example.org",
     .current = "example.org sp quarantine quarantine example.org", .old = "example.org sp quarantine quarantine example.org"},
    {.label = "RFC 9989 3.2.13: an empty non-terminal exists",
     .zone = "example.org v=DMARC1; p=none; np=reject", .domain = "a.example.org", .organization = "example.org", .exists = "b.a.example.org",
     .current = "example.org p none none example.org", .old = "example.org p none none example.org"},
    {.label = "RFC 9989 4.7: without np, sp holds for names that do not exist",
     .zone = "example.org v=DMARC1; p=none; sp=reject", .domain = "a.example.org", .organization = "example.org", .exists = "x.test",
     .current = "example.org sp reject reject example.org", .old = "example.org sp reject reject example.org"},
    {.label = "RFC 9989 4.7: without np and sp, p holds for them",
     .zone = "example.org v=DMARC1; p=reject", .domain = "a.example.org", .organization = "example.org", .exists = "x.test",
     .current = "example.org p reject reject example.org", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.7: np is not for the domain itself",
     .zone = "example.org v=DMARC1; p=none; np=reject", .domain = "example.org", .organization = "example.org", .exists = "x.test",
     .current = "example.org p none none example.org", .old = "example.org p none none example.org"},
    {.label = "RFC 9989 4.7: sp below the organizational domain has no effect",
     .zone = "example.org v=DMARC1; p=reject\na.example.org v=DMARC1; p=none; sp=quarantine", .domain = "b.a.example.org", .organization = "example.org",
     .current = "example.org p reject reject example.org", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.7: t=y lowers reject to quarantine",
     .zone = "example.org v=DMARC1; p=reject; t=y", .domain = "example.org", .organization = "example.org",
     .current = "example.org p reject quarantine example.org", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.7: t=y lowers quarantine to none",
     .zone = "example.org v=DMARC1; p=quarantine; t=y", .domain = "example.org", .organization = "example.org",
     .current = "example.org p quarantine none example.org", .old = "example.org p quarantine quarantine example.org"},
    {.label = "RFC 9989 4.7: t=y leaves none alone",
     .zone = "example.org v=DMARC1; p=none; t=y", .domain = "example.org", .organization = "example.org",
     .current = "example.org p none none example.org", .old = "example.org p none none example.org"},
    {.label = "RFC 9989 4.7: t=y lowers sp, too",
     .zone = "example.org v=DMARC1; p=none; sp=reject; t=y", .domain = "a.example.org", .organization = "example.org",
     .current = "example.org sp reject quarantine example.org", .old = "example.org sp reject reject example.org"},

    {.label = "RFC 9989 4.10.1: an invalid sp makes p=reject none",
     .zone = "example.org v=DMARC1; p=reject; sp=rejct; rua=mailto:a@example.org", .domain = "example.org", .organization = "example.org",
     .current = "example.org fault none none example.org", .old = "example.org fault none none example.org"},
    {.label = "RFC 9989 4.10.1: an invalid np does, too; RFC 7489 knows no np",
     .zone = "example.org v=DMARC1; p=reject; np=x; rua=mailto:a@example.org", .domain = "example.org", .organization = "example.org",
     .current = "example.org fault none none example.org", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.10.1: an invalid sp and no rua: no DMARC at all",
     .zone = "example.org v=DMARC1; p=reject; sp=x", .domain = "example.org", .organization = "example.org",
     .current = "example.org fault absent absent example.org", .old = "example.org fault absent absent example.org"},
    {.label = "RFC 9989 4.10.1: no p but rua",
     .zone = "example.org v=DMARC1; rua=mailto:a@example.org", .domain = "example.org", .organization = "example.org",
     .current = "example.org fault none none example.org", .old = "example.org fault none none example.org"},
    {.label = "RFC 9989 4.10.1: no p and no rua",
     .zone = "example.org v=DMARC1; sp=quarantine; np=reject", .domain = "example.org", .organization = "example.org",
     .current = "example.org fault absent absent example.org", .old = "example.org fault absent absent example.org"},
    {.label = "RFC 9989 4.10.1: an invalid p and a rua that is no URI",
     .zone = "example.org v=DMARC1; p=x; rua=a@example.org", .domain = "example.org", .organization = "example.org",
     .current = "example.org fault absent absent example.org", .old = "example.org fault absent absent example.org"},
    {.label = "RFC 9989 4.10.1: such a record ends the discovery all the same",
     .zone = "a.example.org v=DMARC1; sp=none\nexample.org v=DMARC1; p=reject", .domain = "a.example.org", .organization = "example.org",
     .current = "a.example.org fault absent absent example.org", .old = "a.example.org fault absent absent example.org"},

    {.label = "RFC 9989 4.10.1: no record anywhere",
     .zone = "", .domain = "a.example.org", .organization = "example.org",
     .current = "- - absent absent a.example.org", .old = "- - absent absent example.org"},
    {.label = "RFC 9989 4.10: other texts are discarded",
     .zone = "example.org v=spf1 -all\nexample.org v=DMARC1; p=reject", .domain = "example.org", .organization = "example.org",
     .current = "example.org p reject reject example.org", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.10: a near-miss is discarded",
     .zone = "a.example.org v=DMARC1 p=none\nexample.org v=DMARC1; p=reject", .domain = "a.example.org", .organization = "example.org",
     .current = "example.org p reject reject example.org", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.10: several records are discarded and the walk goes on",
     .zone = "a.example.org v=DMARC1; p=none\na.example.org v=DMARC1; p=quarantine\nexample.org v=DMARC1; p=reject", .domain = "a.example.org", .organization = "example.org",
     .current = "example.org p reject reject example.org", .old = "- - absent absent example.org several"},
    {.label = "RFC 7489 6.6.3: several at the organizational domain",
     .zone = "example.org v=DMARC1; p=none\nexample.org v=DMARC1; p=reject", .domain = "a.example.org", .organization = "example.org",
     .current = "- - absent absent a.example.org", .old = "- - absent absent example.org several"},
    {.label = "RFC 6376 3.2: a record with a duplicate tag is none",
     .zone = "a.example.org v=DMARC1; p=none; p=reject\nexample.org v=DMARC1; p=reject", .domain = "a.example.org", .organization = "example.org",
     .current = "example.org p reject reject example.org", .old = "- - absent absent example.org"},

    {.label = "RFC 9989 4.10.2: the record with the fewest labels is that of the organization",
     .zone = "a.b.example.org v=DMARC1; p=none\nexample.org v=DMARC1; p=reject", .domain = "a.b.example.org", .organization = "example.org",
     .current = "a.b.example.org p none none example.org", .old = "a.b.example.org p none none example.org"},
    {.label = "RFC 9989 4.10.2: a record between is passed over",
     .zone = "b.example.org v=DMARC1; p=none\nexample.org v=DMARC1; p=reject", .domain = "a.b.example.org", .organization = "example.org",
     .current = "example.org p reject reject example.org", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.10.2: psd=n between is the organization",
     .zone = "b.example.org v=DMARC1; p=none; psd=n\nexample.org v=DMARC1; p=reject", .domain = "a.b.example.org", .organization = "example.org",
     .current = "b.example.org p none none b.example.org", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.10.2: psd=n at the domain itself",
     .zone = "a.example.org v=DMARC1; p=none; psd=n\nexample.org v=DMARC1; p=reject", .domain = "a.example.org", .organization = "example.org",
     .current = "a.example.org p none none a.example.org", .old = "a.example.org p none none example.org"},
    {.label = "RFC 9989 4.10.2: below psd=y is the organization",
     .zone = "bank.example v=DMARC1; p=reject; sp=quarantine; psd=y\nexample v=DMARC1; p=none", .domain = "mail.mega.bank.example", .organization = "bank.example",
     .current = "bank.example sp quarantine quarantine mega.bank.example", .old = "bank.example sp quarantine quarantine bank.example"},
    {.label = "RFC 9989 B.4.3: a record just below psd=y holds",
     .zone = "bank.example v=DMARC1; p=reject; psd=y\ngiant.bank.example v=DMARC1; p=none", .domain = "giant.bank.example", .organization = "bank.example",
     .current = "giant.bank.example p none none giant.bank.example", .old = "giant.bank.example p none none bank.example"},
    {.label = "RFC 9989 B.4.3: also for names below it",
     .zone = "bank.example v=DMARC1; p=reject; psd=y\ngiant.bank.example v=DMARC1; p=none", .domain = "mail.giant.bank.example", .organization = "bank.example",
     .current = "giant.bank.example p none none giant.bank.example", .old = "bank.example p reject reject bank.example"},
    {.label = "RFC 9989 4.10.2: psd=y where the walk starts makes no other organization",
     .zone = "bank.example v=DMARC1; p=reject; psd=y", .domain = "bank.example", .organization = "bank.example",
     .current = "bank.example p reject reject bank.example", .old = "bank.example p reject reject bank.example"},
    {.label = "RFC 9989 4.8: an invalid psd is none",
     .zone = "b.example.org v=DMARC1; p=none; psd=x\nexample.org v=DMARC1; p=reject", .domain = "a.b.example.org", .organization = "example.org",
     .current = "example.org p reject reject example.org", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.10.2: a record of a top-level domain counts",
     .zone = "org v=DMARC1; p=reject", .domain = "a.example.org", .organization = "example.org",
     .current = "org p reject reject org", .old = "- - absent absent example.org"},
    {.label = "RFC 9989 4.10: a domain of eight labels is walked in full",
     .zone = "b.c.d.e.f.g.h v=DMARC1; p=reject", .domain = "a.b.c.d.e.f.g.h", .organization = "g.h",
     .current = "b.c.d.e.f.g.h p reject reject b.c.d.e.f.g.h", .old = "- - absent absent g.h"},
    {.label = "RFC 9989 4.10: of nine labels one name is left out",
     .zone = "b.c.d.e.f.g.h.i v=DMARC1; p=reject\nh.i v=DMARC1; p=none", .domain = "a.b.c.d.e.f.g.h.i", .organization = "h.i",
     .current = "h.i p none none h.i", .old = "h.i p none none h.i"},
    {.label = "RFC 9989 4.10.2: below psd=y, where the walk left names out",
     .zone = "c.d.e.f.g.h.i v=DMARC1; p=reject; psd=y", .domain = "x.a.b.c.d.e.f.g.h.i", .organization = "h.i",
     .current = "c.d.e.f.g.h.i p reject reject b.c.d.e.f.g.h.i", .old = "- - absent absent h.i"},

    {.label = "RFC 9989 4.10.1: the domain's record is missing an answer",
     .zone = "_dmarc.a.example.org TXT SERVFAIL\nexample.org v=DMARC1; p=reject", .domain = "a.example.org", .organization = "example.org",
     .current = "example.org p reject reject example.org ?", .old = "example.org p reject reject example.org ?"},
    {.label = "RFC 9989 4.10.1: an answer above it can change nothing about the policy",
     .zone = "_dmarc.example.org TXT TIMEOUT\na.example.org v=DMARC1; p=reject", .domain = "a.example.org", .organization = "example.org",
     .current = "a.example.org p reject reject a.example.org", .old = "a.example.org p reject reject example.org"},
    {.label = "RFC 9989 4.10.1: an answer above the organization can, for an inherited policy",
     .zone = "_dmarc.org TXT TIMEOUT\nexample.org v=DMARC1; p=reject", .domain = "a.example.org", .organization = "example.org",
     .current = "example.org p reject reject example.org ?", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.10: an answer behind the stop does not matter",
     .zone = "_dmarc.org TXT TIMEOUT\nexample.org v=DMARC1; p=reject; psd=n", .domain = "a.example.org", .organization = "example.org",
     .current = "example.org p reject reject example.org", .old = "example.org p reject reject example.org"},
    {.label = "RFC 9989 4.10.1: whether the name exists is not known, and np stands there",
     .zone = "a.example.org A TIMEOUT\nexample.org v=DMARC1; p=reject; np=none", .domain = "a.example.org", .organization = "example.org", .exists = "x.test",
     .current = "example.org p reject reject example.org ?", .old = "example.org p reject reject example.org"},
};
/* clang-format on */

static void test_row(void **state)
{
    const struct row *row = *state;
    struct dns_answers *answers = store(row->zone, row->exists ? row->exists : row->domain);
    struct dmarc_discovery discovery;

    dmarc_discover(&arena, answers, row->domain, row->organization, &discovery);
    assert_string_equal(print(&discovery.current), row->current);
    assert_true(discovery.has_old);
    assert_string_equal(print(&discovery.old), row->old);
}

/* ---- the walk */

static void test_questions(void **state)
{
    struct dns_answers *answers = dns_answers_new(&arena, 100);
    struct dmarc_discovery discovery;
    struct dns_question question;
    char names[500] = "";
    (void)state;

    dmarc_discover(&arena, answers, "a.b.c.d.e.f.g.h.i.j.mail.example.com", "example.com",
                   &discovery);
    assert_int_equal(discovery.walk.count, DMARC_WALK_MAX);
    assert_int_equal(discovery.walk.skipped_labels, 5);
    assert_false(discovery.current.is_certain);
    while (dns_answers_take_missing(answers, &question)) {
        strncat(names, question.name, 254);
        strncat(names, " ", 2);
    }
    assert_string_equal(
        names, "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com _dmarc.g.h.i.j.mail.example.com "
               "_dmarc.h.i.j.mail.example.com _dmarc.i.j.mail.example.com "
               "_dmarc.j.mail.example.com _dmarc.mail.example.com _dmarc.example.com "
               "_dmarc.com a.b.c.d.e.f.g.h.i.j.mail.example.com ");
}

static void test_short(void **state)
{
    struct dns_answers *answers = store("org v=DMARC1; p=reject", "org");
    struct dmarc_discovery discovery;
    (void)state;

    dmarc_discover(&arena, answers, "org", NULL, &discovery);
    assert_int_equal(discovery.walk.count, 1);
    assert_false(discovery.has_old);
    assert_string_equal(print(&discovery.current), "org p reject reject org");
    dmarc_discover(&arena, answers, "", "", &discovery);
    assert_int_equal(discovery.walk.count, 0);
    assert_int_equal(discovery.current.policy, DMARC_ABSENT);
}

static void test_lower(void **state)
{
    (void)state;
    assert_int_equal(dmarc_policy_lower(DMARC_REJECT), DMARC_QUARANTINE);
    assert_int_equal(dmarc_policy_lower(DMARC_QUARANTINE), DMARC_NONE);
    assert_int_equal(dmarc_policy_lower(DMARC_NONE), DMARC_NONE);
    assert_int_equal(dmarc_policy_lower(DMARC_ABSENT), DMARC_ABSENT);
}

/* ---- reports; the record is that of example.org */

/* clang-format off */
static const struct report_row {
    const char *label;
    const char *zone;
    const char *uri;
    enum dmarc_host host;
    enum dmarc_authorization authorization;
    bool is_overridden, is_elsewhere;
} reports[] = {
    {"RFC 9990 4: a host below the same organization",       "example.org MX 10 mx.example.org",                                              "mailto:a@example.org",     DMARC_HOST_FINE,        DMARC_AUTHORIZATION_NOT_NEEDED, false, false},
    {"RFC 9990 4: a sub-domain of it",                       "r.example.org MX 10 mx.example.org",                                            "mailto:a@r.example.org",   DMARC_HOST_FINE,        DMARC_AUTHORIZATION_NOT_NEEDED, false, false},
    {"RFC 9990 4: another organization that agreed",         "example.net MX 10 m.example.net\nexample.org._report._dmarc.example.net TXT \"v=DMARC1\"", "mailto:a@example.net", DMARC_HOST_FINE, DMARC_AUTHORIZATION_GIVEN, false, false},
    {"RFC 9990 4: with a semicolon",                         "example.net MX 10 m.example.net\nexample.org._report._dmarc.example.net TXT \"v=DMARC1;\"", "mailto:a@example.net", DMARC_HOST_FINE, DMARC_AUTHORIZATION_GIVEN, false, false},
    {"RFC 9990 4: one good record among others is enough",   "example.net MX 10 m.example.net\nexample.org._report._dmarc.example.net TXT \"v=spf1 -all\"\nexample.org._report._dmarc.example.net TXT \"v=DMARC1\"", "mailto:a@example.net", DMARC_HOST_FINE, DMARC_AUTHORIZATION_GIVEN, false, false},
    {"RFC 9990 4: no record",                                "example.net MX 10 m.example.net",                                               "mailto:a@example.net",     DMARC_HOST_FINE,        DMARC_AUTHORIZATION_MISSING,    false, false},
    {"RFC 9990 4: a record that is not about DMARC",         "example.net MX 10 m.example.net\nexample.org._report._dmarc.example.net TXT \"v=spf1\"", "mailto:a@example.net", DMARC_HOST_FINE, DMARC_AUTHORIZATION_MISSING, false, false},
    {"RFC 9990 4: the question was not answered",            "example.net MX 10 m.example.net\nexample.org._report._dmarc.example.net TXT SERVFAIL", "mailto:a@example.net", DMARC_HOST_FINE, DMARC_AUTHORIZATION_UNKNOWN, false, false},
    {"RFC 9990 4: it gives another address",                 "example.net MX 10 m.example.net\nexample.org._report._dmarc.example.net TXT \"v=DMARC1; rua=mailto:b@example.net\"", "mailto:a@example.net", DMARC_HOST_FINE, DMARC_AUTHORIZATION_GIVEN, true, false},
    {"RFC 9990 4: an address at another host",               "example.net MX 10 m.example.net\nexample.org._report._dmarc.example.net TXT \"v=DMARC1; rua=mailto:b@x.example\"", "mailto:a@example.net", DMARC_HOST_FINE, DMARC_AUTHORIZATION_GIVEN, true, true},
    {"RFC 5321 5.1: an address will do for MX",              "example.org A 192.0.2.1",                                                       "mailto:a@example.org",     DMARC_HOST_FINE,        DMARC_AUTHORIZATION_NOT_NEEDED, false, false},
    {"RFC 5321 5.1: an IPv6 address, too",                   "example.org AAAA 2001:db8::1",                                                  "mailto:a@example.org",     DMARC_HOST_FINE,        DMARC_AUTHORIZATION_NOT_NEEDED, false, false},
    {"RFC 5321 5.1: neither",                                "example.org TXT \"x\"",                                                         "mailto:a@example.org",     DMARC_HOST_NO_ADDRESS,  DMARC_AUTHORIZATION_NOT_NEEDED, false, false},
    {"RFC 7505 3: a null MX",                                "example.org MX 0 .\nexample.org A 192.0.2.1",                                   "mailto:a@example.org",     DMARC_HOST_NULL_MX,     DMARC_AUTHORIZATION_NOT_NEEDED, false, false},
    {"RFC 5321 5.1: a host that does not exist",             "x.example A 192.0.2.1",                                                         "mailto:a@gone.example.org",DMARC_HOST_NONEXISTENT, DMARC_AUTHORIZATION_NOT_NEEDED, false, false},
    {"RFC 5321 5.1: the question was not answered",          "example.org MX TIMEOUT",                                                        "mailto:a@example.org",     DMARC_HOST_UNKNOWN,     DMARC_AUTHORIZATION_NOT_NEEDED, false, false},
    {"RFC 9990 4: the name would be too long",               "example.net A 192.0.2.1",                                                       "mailto:a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.cccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.ddddddddddddddddddddddddddddddddddddddddddddd.test", DMARC_HOST_NONEXISTENT, DMARC_AUTHORIZATION_TOO_LONG, false, false},
};
/* clang-format on */

static void test_report(void **state)
{
    const struct report_row *row = *state;
    struct dns_answers *answers =
        store(arena_format(&arena, "example.org v=DMARC1; p=none\n%s", row->zone), "other.test");
    struct dmarc_report report;
    struct dmarc_uris uris;

    dmarc_uris_parse(&arena, slice_of(row->uri), false, &uris);
    dmarc_report_check(&arena, answers, "example.org", "example.org", NULL, &uris.list[0], false,
                       &report);
    assert_string_equal(dmarc_host_text(report.host), dmarc_host_text(row->host));
    assert_int_equal(report.authorization, row->authorization);
    assert_int_equal(report.is_overridden, row->is_overridden);
    assert_int_equal(report.is_overridden_elsewhere, row->is_elsewhere);
}

/* RFC 9990 4: the organizational domains count, not the names. */
static void test_same_organization(void **state)
{
    struct dns_answers *answers =
        store("example.org v=DMARC1; p=none\nr.example.org MX 10 m.example.org", "x.test");
    struct dmarc_report report;
    struct dmarc_uris uris;
    (void)state;

    dmarc_uris_parse(&arena, slice_of("mailto:a@r.example.org"), false, &uris);
    dmarc_report_check(&arena, answers, "a.example.org", "example.org", NULL, &uris.list[0], false,
                       &report);
    assert_int_equal(report.authorization, DMARC_AUTHORIZATION_NOT_NEEDED);
    dmarc_report_check(&arena, answers, "a.example.org", "example.org", "r.example.org",
                       &uris.list[0], false, &report);
    assert_int_equal(report.authorization, DMARC_AUTHORIZATION_MISSING);
    assert_string_equal(report.authorization_name, "a.example.org._report._dmarc.r.example.org");
}

/* ---- the set dmarc-authheaders: From of its messages and the zone that its tests stand on. The
 * library of that set knows the list of public suffixes only; by its rules and by ours these come
 * out the same. */

#define AUTHHEADERS_ZONE                                                                           \
    "example.com v=DMARC1; p=reject; rua=mailto:dmarc.reports@valimail.com\n"                      \
    "example.org v=DMARC1; p=none\n"                                                               \
    "example.net v=DMARC1; p=none; sp=reject\n"                                                    \
    "example.biz v=DMARC1; p=none; sp=quarantine; np=reject\n"                                     \
    "nop.example.org v=DMARC1; sp=quarantine; np=reject\n"                                         \
    "bad.example.com v=DMARC1; p=none; reject\n"                                                   \
    "sub.example.net A 192.0.2.1\nsub2.example.biz A 192.0.2.1\n"

/* clang-format off */
static const struct author_row {
    const char *label;
    const char *file;
    const char *verdicts; /* one for each author, "|" behind it */
} authors[] = {
    {"authheaders: test.message",           "test.message",        "example.com p reject reject example.com|"},
    {"authheaders: test.message_signed",    "test.message_signed", "example.com p reject reject example.com|"},
    {"authheaders: two authors",            "test.message_multi",  "example.org p none none example.org|example.com p reject reject example.com|"},
    {"authheaders: two authors, turned",    "test.message_multi2", "example.com p reject reject example.com|example.org p none none example.org|"},
    {"authheaders: sp",                     "test.message_sub",    "example.net sp reject reject example.net|"},
    {"authheaders: np, no such name",       "test.message_np1",    "example.biz np reject reject example.biz|"},
    {"authheaders: np, the name exists",    "test.message_np2",    "example.biz sp quarantine quarantine example.biz|"},
    {"authheaders: no p",                   "test_nop.message",    "nop.example.org fault absent absent example.org|"},
    {"authheaders: a comma in the name",    "testcomma.message",   "example.com p reject reject example.com|"},
    {"authheaders: a faulty tag is dropped","test.bad.message",    "bad.example.com p none none example.com|"},
    {"authheaders: no record for .gov",     "test.gov.message",    "- - absent absent example.gov|"},
    {"authheaders: no author address",      "test.nofrom.message", ""},
};
/* clang-format on */

static void test_author(void **state)
{
    const struct author_row *row = *state;
    struct dns_answers *answers = store(AUTHHEADERS_ZONE, "example.com");
    struct mailboxes mailboxes;
    struct message message;
    size_t length;
    char *content =
        maker_corpus(&arena, arena_format(&arena, "dmarc-authheaders/%s", row->file), &length);
    char *seen = arena_copy(&arena, "");

    if (!content) {
        print_message("# dmarc-authheaders/%s is not there\n", row->file);
        skip();
        return;
    }
    message_init(&message, MESSAGE_HEADER_MAX);
    message_feed(&message, content, length);
    message_end(&message);
    mailboxes_parse(message_find(&message, "From")->value, &mailboxes);
    for (size_t i = 0; i < mailboxes.count; i++) {
        struct dmarc_discovery discovery;
        dmarc_discover(&arena, answers, mailboxes.list[i].domain, NULL, &discovery);
        seen = arena_format(&arena, "%s%s|", seen, print(&discovery.current));
    }
    assert_string_equal(seen, row->verdicts);
    message_release(&message);
}

int main(void)
{
    struct cases cases = {0};
    int status;

    arena_init(&arena);
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "RFC 9989 4.10: eight questions, all at once", test_questions, NULL);
    cases_add(&cases, "RFC 9989 4.10: a domain of one label, and of none", test_short, NULL);
    cases_add(&cases, "RFC 9989 4.7: one level lower", test_lower, NULL);
    CASES_TABLE(&cases, test_report, reports);
    cases_add(&cases, "RFC 9990 4: organizational domains are compared", test_same_organization,
              NULL);
    CASES_TABLE(&cases, test_author, authors);
    status = cases_run(&cases, "dmarc");
    arena_release(&arena);
    return status;
}
