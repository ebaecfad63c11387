/* Which plugin is run for what, with which words, and which of them wait for each other: without a
 * process. */
#include <string.h>

#include "mailcheck/mailcheck.h"
#include "tests/unit/cases.h"

#define LISTED_MAX 3

static const struct ip_address addresses[] = {
    {.family = IP_V4, .bytes = {44, 128, 0, 1}},
    {.family = IP_V4, .bytes = {44, 128, 0, 2}},
    {.family = IP_V4, .bytes = {10, 0, 0, 1}  },
    {.family = IP_V4, .bytes = {192, 0, 2, 1} },
};

/* Two exchangers, the second with one address in common with the first. */
static struct exchanger both[] = {
    {.host = "mx1.test", .addresses = addresses,     .address_count = 2, .is_resolved = true},
    {.host = "mx2.test", .addresses = addresses + 1, .address_count = 1, .is_resolved = true},
};
static struct exchanger twice[] = {
    {.host = "mx1.test",     .addresses = addresses, .address_count = 1, .is_resolved = true},
    {.host = "mx1.test",
     .addresses = addresses,
     .address_count = 1,
     .is_resolved = true,
     .is_duplicate = true},
    {.host = ".", .is_null = true                            },
};
static struct exchanger nowhere[] = {
    {.host = "mx1.test",  .is_resolved = true},
    { .host = "mx2.test", .addresses = addresses + 3, .address_count = 1, .is_resolved = true},
};
static struct exchanger not_known[] = {
    {.host = "mx1.test", .is_resolved = false},
};
static struct exchanger private[] = {
    {.host = "mx1.test", .addresses = addresses + 2, .address_count = 1, .is_resolved = true},
};

static const struct row {
    const char *label;
    const char *only[LISTED_MAX], *skip[LISTED_MAX], *settings[LISTED_MAX];
    bool relay;
    bool is_address;
    enum exchangers_status status;
    struct exchanger *exchangers;
    size_t count;
    /* A word for each check, in order: service:target; "*" where it speaks to a server, "<" where
     * it needs a greeting. */
    const char *plan;
} rows[] = {
  /* clang-format off */
    {.label = "a domain: each exchanger is spoken to once, its addresses are looked up together", .status = EXCHANGERS_FOUND,
     .exchangers = both, .count = 2,
     .plan = "mx:a.test smtp_banner:mx1.test* smtp_banner:mx2.test* starttls:mx1.test*< starttls:mx2.test*< "
             "rdns:mx1.test rdns:mx2.test dnsbl:a.test dnsbl:a.test spf:a.test dkim:a.test dmarc:a.test tlsrpt:a.test"},
    {.label = "an address", .is_address = true,
     .plan = "smtp_banner:a.test* starttls:a.test*< rdns:a.test dnsbl:a.test"},
    {.label = "an address is not tested for open relaying: no domain is known", .is_address = true, .relay = true,
     .plan = "smtp_banner:a.test* starttls:a.test*< rdns:a.test dnsbl:a.test"},
    {.label = "no exchanger, no server (RFC 7505 3)", .status = EXCHANGERS_NULL,
     .plan = "mx:a.test dnsbl:a.test spf:a.test dkim:a.test dmarc:a.test tlsrpt:a.test"},
    {.label = "exchangers that are not known", .status = EXCHANGERS_PENDING,
     .plan = "mx:a.test dnsbl:a.test spf:a.test dkim:a.test dmarc:a.test tlsrpt:a.test"},
    {.label = "an implicit exchanger is one (RFC 5321 5.1)", .status = EXCHANGERS_IMPLICIT, .exchangers = both, .count = 1,
     .only = {"smtp_banner"}, .plan = "smtp_banner:mx1.test*"},
    {.label = "duplicates and null records are none", .status = EXCHANGERS_FOUND, .exchangers = twice, .count = 3,
     .only = {"smtp_banner"}, .plan = "smtp_banner:mx1.test*"},
    {.label = "what has no address, or none that a server can have, is told by check_mx", .status = EXCHANGERS_FOUND,
     .exchangers = nowhere, .count = 2, .only = {"mx", "smtp_banner", "rdns"}, .plan = "mx:a.test"},
    {.label = "and by the others where check_mx is not run", .status = EXCHANGERS_FOUND, .exchangers = nowhere, .count = 2,
     .only = {"smtp_banner"}, .plan = "smtp_banner:mx1.test* smtp_banner:mx2.test*"},
    {.label = "addresses that are not known are for the plugin to ask", .status = EXCHANGERS_FOUND, .exchangers = not_known,
     .count = 1, .only = {"mx", "smtp_banner"}, .plan = "mx:a.test smtp_banner:mx1.test*"},
    {.label = "open relaying only when it is asked for, and of a server that greets", .status = EXCHANGERS_FOUND, .exchangers = both,
     .count = 1, .relay = true, .only = {"smtp_banner", "open_relay"}, .plan = "smtp_banner:mx1.test* open_relay:mx1.test*<"},
    {.label = "to name it in --only is to ask for it", .status = EXCHANGERS_FOUND, .exchangers = both, .count = 1,
     .only = {"open_relay"}, .plan = "open_relay:mx1.test*"},
    {.label = "without check_smtp_banner the others speak themselves, and need nobody's greeting",
     .status = EXCHANGERS_FOUND, .exchangers = both, .count = 1, .only = {"mx", "rdns", "starttls"},
     .plan = "mx:a.test* starttls:mx1.test* rdns:mx1.test*"},
    {.label = "what check_mx is to ask the servers it asks", .status = EXCHANGERS_FOUND, .exchangers = both, .count = 1,
     .only = {"mx", "smtp_banner"}, .settings = {"mx.unknown"}, .plan = "mx:a.test* smtp_banner:mx1.test*"},
    {.label = "another port is another server, whose greeting says nothing", .status = EXCHANGERS_FOUND, .exchangers = both,
     .count = 1, .only = {"starttls", "smtp_banner"}, .settings = {"starttls.port=465"},
     .plan = "smtp_banner:mx1.test* starttls:mx1.test*"},
    {.label = "the same port is the same", .status = EXCHANGERS_FOUND, .exchangers = both, .count = 1,
     .only = {"starttls", "smtp_banner"}, .settings = {"starttls.port=26", "smtp_banner.port=26"},
     .plan = "smtp_banner:mx1.test* starttls:mx1.test*<"},
    {.label = "skip wins over only", .status = EXCHANGERS_NULL, .only = {"spf", "dmarc"}, .skip = {"spf"},
     .plan = "dmarc:a.test"},
    {.label = "only and skip of the file", .status = EXCHANGERS_NULL, .settings = {"only=spf", "only=dmarc", "skip=spf"},
     .plan = "dmarc:a.test"},
    {.label = "both must want it", .status = EXCHANGERS_NULL, .only = {"spf"}, .settings = {"only=dmarc"}, .plan = ""},
  /* clang-format on */
};

struct fixture {
    struct plugin plugin;
    struct mailcheck_config config;
    struct mailcheck_subject subject;
};

static struct option_list list_of(const char *const *values)
{
    struct option_list list = {.values = (const char **)(uintptr_t)values};
    while (list.count < LISTED_MAX && values[list.count] != NULL)
        list.count++;
    return list;
}

static void fixture_plan(struct fixture *f, const struct row *row)
{
    *f = (struct fixture){
        .config = mailcheck_config_default,
        .subject = {.name = "a.test",
                    .is_address = row->is_address,
                    .settings = list_of(row->settings)},
    };
    arena_init(&f->plugin.arena);
    f->config.only = list_of(row->only);
    f->config.skip = list_of(row->skip);
    f->config.relay = row->relay;
    f->subject.exchangers =
        (struct exchangers){.status = row->status, .list = row->exchangers, .count = row->count};
    mailcheck_plan(&f->plugin, &f->config, &f->subject, MAILCHECK_EARLY);
    mailcheck_plan(&f->plugin, &f->config, &f->subject, MAILCHECK_LATE);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct fixture f;
    struct text plan;
    fixture_plan(&f, row);
    text_init(&plan, 2000);
    /* A greeter is known by its place until they are sorted. */
    bool follows[40] = {false};
    for (size_t i = 0; i < f.subject.check_count; i++) {
        const struct mailcheck_check *check = &f.subject.checks[i];
        follows[i] = check->greeter != NULL;
        if (check->greeter != NULL)
            assert_string_equal(check->greeter->target, check->target);
        f.subject.checks[i].greeter = follows[i] ? check : NULL;
    }
    mailcheck_plan_sort(&f.subject);
    for (size_t i = 0; i < f.subject.check_count; i++) {
        const struct mailcheck_check *check = &f.subject.checks[i];
        text_printf(&plan, "%s%s:%s%s%s", i > 0 ? " " : "", check->service, check->target,
                    check->room_count > 0 ? "*" : "", check->greeter != NULL ? "<" : "");
    }
    assert_string_equal(plan.start, row->plan);
    text_release(&plan);
    arena_release(&f.plugin.arena);
}

/* ---- words */

static const char *words_of(struct fixture *f, const char *service, size_t nth)
{
    for (size_t i = 0; i < f->subject.check_count; i++) {
        const struct mailcheck_check *check = &f->subject.checks[i];
        if (strcmp(check->service, service) != 0 || nth-- > 0)
            continue;
        const char *words = "";
        /* Behind the path, the format and the time. */
        for (size_t k = MAILCHECK_TIMEOUT_AT + 1; check->argv[k] != NULL; k++)
            words = arena_format(&f->plugin.arena, "%s%s%s", words, words[0] != '\0' ? " " : "",
                                 check->argv[k]);
        return words;
    }
    return "not run";
}

static const struct words_row {
    const char *label;
    struct row plan;
    const char *service;
    size_t nth;
    const char *words;
} words_rows[] = {
  /* clang-format off */
    {"the addresses of an exchanger are handed on", {.status = EXCHANGERS_FOUND, .exchangers = both, .count = 2}, "starttls", 0,
     "--host mx1.test --resolve=mx1.test:44.128.0.1 --resolve=mx1.test:44.128.0.2"},
    {"each address goes to the blocklists once", {.status = EXCHANGERS_FOUND, .exchangers = both, .count = 2}, "dnsbl", 1,
     "--hostname=44.128.0.1 --hostname=44.128.0.2"},
    {"the domain goes to them, too", {.status = EXCHANGERS_FOUND, .exchangers = both, .count = 2}, "dnsbl", 0,
     "--domain a.test"},
    {"addresses off the Internet are found by the plugin, which tells of them",
     {.status = EXCHANGERS_FOUND, .exchangers = private, .count = 1}, "dnsbl", 1, "--mx a.test"},
    {"so are those that are not known", {.status = EXCHANGERS_FOUND, .exchangers = not_known, .count = 1}, "dnsbl", 1,
     "--mx a.test"},
    {"nothing is handed on that is not known", {.status = EXCHANGERS_FOUND, .exchangers = not_known, .count = 1},
     "smtp_banner", 0, "--host mx1.test --severity smtp.ptr-missing=ignore --severity smtp.ptr-unconfirmed=ignore "
     "--severity smtp.ptr-generic=ignore --severity smtp.bad-address=ignore"},
    {"an address: check_mx is not run, so nothing is left to it", {.is_address = true, .only = {"smtp_banner"}}, "smtp_banner",
     0, "--host a.test"},
    {"what the user sets comes last and wins", {.status = EXCHANGERS_FOUND, .exchangers = not_known, .count = 1,
      .settings = {"smtp_banner.severity=smtp.ptr-missing=warning"}, .only = {"smtp_banner", "rdns"}}, "smtp_banner", 0,
     "--host mx1.test --severity smtp.ptr-missing=ignore --severity smtp.ptr-unconfirmed=ignore "
     "--severity smtp.ptr-generic=ignore --severity=smtp.ptr-missing=warning"},
    {"selectors are guessed where none is given", {.status = EXCHANGERS_NULL}, "dkim", 0, "--domain a.test --discover"},
    {"and not where one is", {.status = EXCHANGERS_NULL, .settings = {"dkim.selector=x"}}, "dkim", 0,
     "--domain a.test --selector=x"},
    {"a service whose name begins like another one", {.status = EXCHANGERS_NULL, .settings = {"spf.ip=1", "spfx.ip=2"}}, "spf",
     0, "--domain a.test --ip=1"},
    {"one conversation serves", {.status = EXCHANGERS_FOUND, .exchangers = private, .count = 1}, "rdns", 0,
     "--host mx1.test --resolve=mx1.test:10.0.0.1 --no-connect"},
  /* clang-format on */
};

static void test_words(void **state)
{
    const struct words_row *row = *state;
    struct fixture f;
    fixture_plan(&f, &row->plan);
    assert_string_equal(words_of(&f, row->service, row->nth), row->words);
    arena_release(&f.plugin.arena);
}

/* Who speaks to the same address has a room in common; who speaks to none has none. */
static void test_rooms(void **state)
{
    struct fixture f;
    const struct row row = {
        .status = EXCHANGERS_FOUND, .exchangers = both, .count = 2, .only = {"smtp_banner"}};
    (void)state;
    fixture_plan(&f, &row);
    const struct mailcheck_check *first = &f.subject.checks[0];
    const struct mailcheck_check *second = &f.subject.checks[1];
    assert_int_equal(first->room_count, 2);
    assert_int_equal(second->room_count, 1);
    assert_int_equal(first->rooms[1], second->rooms[0]);
    assert_int_not_equal(first->rooms[0], first->rooms[1]);
    arena_release(&f.plugin.arena);
}

/* check_smtp_banner beside one of the others. */
static void test_two_rooms(void **state)
{
    struct fixture f;
    const struct row row = {
        .status = EXCHANGERS_FOUND,
        .exchangers = both,
        .count = 1,
        .relay = true,
        .only = {"smtp_banner", "starttls", "open_relay"}
    };
    (void)state;
    fixture_plan(&f, &row);
    const struct mailcheck_check *checks = f.subject.checks;
    assert_int_equal(f.subject.check_count, 3);
    assert_int_not_equal(checks[0].rooms[0], checks[1].rooms[0]);
    assert_int_equal(checks[1].rooms[0], checks[2].rooms[0]);
    arena_release(&f.plugin.arena);
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_words, words_rows);
    cases_add(&cases, "exchangers with an address in common share a room", test_rooms, NULL);
    cases_add(&cases, "a server has a room for the greeting, and one for the others",
              test_two_rooms, NULL);
    return cases_run(&cases, "mailcheck_plan");
}
