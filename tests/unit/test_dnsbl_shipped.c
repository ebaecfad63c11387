/* The shipped catalogue, share/dnsbl-catalogue.conf: what its answers mean, and what must hold for
 * every row. */
#include "cases.h"

#include <stdio.h>
#include <string.h>

#include "dnsbl_catalogue.h"
#include "dnsbl_zone.h"

static struct arena arena;
static struct dnsbl_catalogue catalogue;

static int read_shipped(void)
{
    static char text[DNSBL_CATALOGUE_TEXT_MAX];
    const char *source = getenv("SRCDIR");
    char path[4096];
    struct dnsbl_catalogue_error error;

    (void)snprintf(path, sizeof path, "%s/share/dnsbl-catalogue.conf",
                   source != NULL ? source : ".");
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    size_t length = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    if (dnsbl_catalogue_read(&catalogue, &arena, slice_new(text, length), "catalogue", &error))
        return 0;
    print_message("# %s\n", error.message);
    return -1;
}

static const struct dnsbl_list *find(const char *zone)
{
    const struct dnsbl_list *list = dnsbl_catalogue_find(&catalogue, zone);

    if (list == NULL)
        fail_msg("%s is not in the catalogue", zone);
    return list;
}

/* ---- meanings */

static const struct meaning_row {
    const char *label;
    const char *zone, *answer;
    bool is_known;
    enum dnsbl_severity severity;
    enum dnsbl_scope scope;
    const char *text;
} meaning_rows[] = {
    {"ZEN .2 is SBL",                                       "zen.spamhaus.org",                "127.0.0.2",   true,  DNSBL_CRITICAL,
     DNSBL_SCOPE_IP_OR_RANGE,                                                                                                                            "SBL, source of spam"                                 },
    {"ZEN .4 is XBL",                                       "zen.spamhaus.org",                "127.0.0.4",   true,  DNSBL_CRITICAL, DNSBL_SCOPE_IP,
     "XBL, infected or abused machine"                                                                                                                                                                         },
    {"ZEN .11 is PBL: a warning about a range",             "zen.spamhaus.org",                "127.0.0.11",  true,
     DNSBL_WARNING,                                                                                                                  DNSBL_SCOPE_RANGE,  "PBL, end-user range (kept by Spamhaus)"              },
    {"ZEN .12 is no code that is known",                    "zen.spamhaus.org",                "127.0.0.12",  false, DNSBL_CRITICAL,
     DNSBL_SCOPE_IP,                                                                                                                                     "code not in the catalogue"                           },
    {"DBL 127.0.1.4 is phishing",                           "dbl.spamhaus.org",                "127.0.1.4",   true,  DNSBL_CRITICAL,
     DNSBL_SCOPE_DOMAIN,                                                                                                                                 "phishing domain"                                     },
    {"DBL 127.0.1.104 is a warning: the domain was abused", "dbl.spamhaus.org",                "127.0.1.104", true,
     DNSBL_WARNING,                                                                                                                  DNSBL_SCOPE_DOMAIN, "legitimate domain, abused for phishing"              },
    {"ZRD tells hours in the last octet",                   "<KEY>.zrd.dq.spamhaus.net",       "127.0.2.17",  true,
     DNSBL_INFO,                                                                                                                     DNSBL_SCOPE_DOMAIN, "first seen 17 hours ago"                             },
    {"one bit of SURBL",                                    "multi.surbl.org",                 "127.0.0.16",  true,  DNSBL_CRITICAL, DNSBL_SCOPE_DOMAIN,
     "MW, malware"                                                                                                                                                                                             },
    {"bits of SURBL are joined, the worst counts",          "multi.surbl.org",                 "127.0.0.44",  true,
     DNSBL_CRITICAL,                                                                                                                 DNSBL_SCOPE_DOMAIN, "DM, disposable mail; PH, phishing; CT, click tracker"},
    {"a harmless bit of SURBL alone is info",               "multi.surbl.org",                 "127.0.0.32",  true,  DNSBL_INFO,
     DNSBL_SCOPE_DOMAIN,                                                                                                                                 "CT, click tracker"                                   },
    {"a bit of SURBL that nobody documents is unknown",     "multi.surbl.org",                 "127.0.0.2",   false,
     DNSBL_CRITICAL,                                                                                                                 DNSBL_SCOPE_DOMAIN, "code not in the catalogue"                           },
    {"URIBL black is critical",                             "multi.uribl.com",                 "127.0.0.2",   true,  DNSBL_CRITICAL,
     DNSBL_SCOPE_DOMAIN,                                                                                                                                 "black"                                               },
    {"URIBL grey and red are info",                         "multi.uribl.com",                 "127.0.0.12",  true,  DNSBL_INFO,
     DNSBL_SCOPE_DOMAIN,                                                                                                                                 "grey; red"                                           },
    {"DNSWL category and trust",                            "list.dnswl.org",                  "127.0.15.2",  true,  DNSBL_INFO,     DNSBL_SCOPE_IP,
     "trust medium (category 15)"                                                                                                                                                                              },
    {"DNSWL categories end at 20",                          "list.dnswl.org",                  "127.0.21.2",  false, DNSBL_INFO,
     DNSBL_SCOPE_IP,                                                                                                                                     "code not in the catalogue"                           },
    {"Hostkarma white is no listing",                       "hostkarma.junkemailfilter.com",   "127.0.0.1",   true,  DNSBL_OK,
     DNSBL_SCOPE_IP,                                                                                                                                     "white"                                               },
    {"Hostkarma black is a warning",                        "hostkarma.junkemailfilter.com",   "127.0.0.2",   true,
     DNSBL_WARNING,                                                                                                                  DNSBL_SCOPE_IP,     "black"                                               },
    {"Hostkarma brown is info",                             "hostkarma.junkemailfilter.com",   "127.0.0.4",   true,  DNSBL_INFO,
     DNSBL_SCOPE_IP,                                                                                                                                     "brown, sends spam, not black yet"                    },
    {"a good reputation at Mailspike is no listing",        "rep.mailspike.net",               "127.0.0.18",  true,
     DNSBL_OK,                                                                                                                       DNSBL_SCOPE_IP,     "good reputation"                                     },
    {"a bad reputation at Mailspike is a warning",          "rep.mailspike.net",               "127.0.0.10",  true,
     DNSBL_WARNING,                                                                                                                  DNSBL_SCOPE_IP,     "worst reputation"                                    },
    {"UCEPROTECT level 2 is about a range",                 "dnsbl-2.uceprotect.net",          "127.0.0.2",   true,  DNSBL_INFO,
     DNSBL_SCOPE_RANGE,                                                                                                                                  "the allocation around the address is listed"         },
    {"UCEPROTECT level 3 is about an AS",                   "dnsbl-3.uceprotect.net",          "127.0.0.2",   true,  DNSBL_INFO,
     DNSBL_SCOPE_ASN,                                                                                                                                    "the whole provider is listed"                        },
    {"a score of 69 is a warning",                          "score.senderscore.com",           "127.0.4.69",  true,  DNSBL_WARNING,
     DNSBL_SCOPE_IP,                                                                                                                                     "Sender Score 69 of 100"                              },
    {"a score of 70 is none",                               "score.senderscore.com",           "127.0.4.70",  true,  DNSBL_OK,       DNSBL_SCOPE_IP,
     "Sender Score 70 of 100"                                                                                                                                                                                  },
    {"a score over 100 is none that is known",              "score.senderscore.com",           "127.0.4.101", false,
     DNSBL_INFO,                                                                                                                     DNSBL_SCOPE_IP,     "code not in the catalogue"                           },
    {"bits of RPBL",                                        "bl.score.senderscore.com",        "127.0.0.5",   true,  DNSBL_CRITICAL, DNSBL_SCOPE_IP,
     "botnet; hit pristine spam traps"                                                                                                                                                                         },
    {"http:BL has days, score and bits",                    "<KEY>.<TARGET>.dnsbl.httpbl.org", "127.3.20.6",  true,
     DNSBL_INFO,                                                                                                                     DNSBL_SCOPE_IP,
     "harvests addresses, seen 3 days ago, threat score 20; spams comments, seen 3 days ago, "
     "threat score 20"                                                                                                                                                                                         },
    {"a search engine at http:BL is no listing",            "<KEY>.<TARGET>.dnsbl.httpbl.org", "127.0.5.0",
     true,                                                                                                           DNSBL_OK,       DNSBL_SCOPE_IP,     "search engine"                                       },
    {"fmb.la level 3 is about an AS",                       "bl.fmb.la",                       "127.0.2.2",   true,  DNSBL_INFO,     DNSBL_SCOPE_ASN,
     "level 3, the AS"                                                                                                                                                                                         },
    {"fmb.la tells the size of a spammy network",           "bl.fmb.la",                       "127.0.1.26",  true,  DNSBL_INFO,
     DNSBL_SCOPE_RANGE,                                                                                                                                  "spammy network of size /26"                          },
    {"SpamRATS in one: .38 is a warning",                   "all.spamrats.com",                "127.0.0.38",  true,  DNSBL_WARNING,
     DNSBL_SCOPE_IP,                                                                                                                                     "RATS-Spam, sends spam"                               },
    {"DKIMwl: type and trust",                              "lookup.dkimwl.org",               "127.0.3.5",   true,  DNSBL_INFO,
     DNSBL_SCOPE_DOMAIN,                                                                                                                                 "freemail, high trust"                                },
    {"DKIMwl: a blocked sender, whatever its type",         "lookup.dkimwl.org",               "127.0.2.0",   true,
     DNSBL_INFO,                                                                                                                     DNSBL_SCOPE_DOMAIN, "blocked sender"                                      },
    {"EBL: two codes mean the same",                        "ebl.msbl.org",                    "127.0.0.3",   true,  DNSBL_WARNING,
     DNSBL_SCOPE_EMAIL,                                                                                                                                  "mail address used for abuse"                         },
    {"a list without codes: every answer is a listing",     "bl.blocklist.de",                 "127.0.0.15",  true,
     DNSBL_WARNING,                                                                                                                  DNSBL_SCOPE_IP,     "listed"                                              },
    {"IPv6 at Spam Eating Monkey is about a range",         "bl.ipv6.spameatingmonkey.net",    "127.0.0.2",
     true,                                                                                                           DNSBL_WARNING,  DNSBL_SCOPE_RANGE,  "listed"                                              },
};

static void test_meaning(void **state)
{
    const struct meaning_row *row = *state;
    struct dnsbl_meaning meaning;
    struct ip_address address;

    assert_true(ip_parse(slice_of(row->answer), &address));
    dnsbl_list_meaning(find(row->zone), &address, &arena, &meaning);
    assert_string_equal(meaning.text, row->text);
    assert_int_equal(meaning.is_known, row->is_known);
    assert_int_equal(meaning.severity, row->severity);
    assert_int_equal(meaning.scope, row->scope);
}

/* ---- answers that are none */

static const struct error_row {
    const char *label;
    const char *zone, *answer;
    bool on_wildcard;
    int kind; /* -1: no error */
} error_rows[] = {
    {"DBL asked for an address",                                    "dbl.spamhaus.org",          "127.0.1.255",     false, DNSBL_ERROR_WRONG_KIND},
    {"ZRD asked for an address",                                    "<KEY>.zrd.dq.spamhaus.net", "127.0.2.255",     false,
     DNSBL_ERROR_WRONG_KIND                                                                                                                      },
    {"URIBL refuses with 127.0.0.1",                                "multi.uribl.com",           "127.0.0.1",       false, DNSBL_ERROR_BLOCKED   },
    {"SURBL refuses with bit 1",                                    "multi.surbl.org",           "127.0.0.1",       false, DNSBL_ERROR_BLOCKED   },
    {"bit 1 beside others is a refusal, too",                       "multi.surbl.org",           "127.0.0.255",     false,
     DNSBL_ERROR_BLOCKED                                                                                                                         },
    {"SURBL without bit 1 is an answer",                            "multi.surbl.org",           "127.0.0.254",     false, -1                    },
    {"DNSWL refuses with 127.0.0.255",                              "list.dnswl.org",            "127.0.0.255",     false, DNSBL_ERROR_BLOCKED   },
    {"DNSWL 127.0.10.0 alone is an answer",                         "list.dnswl.org",            "127.0.10.0",      false, -1                    },
    {"DNSWL 127.0.10.x for everything is a refusal",                "list.dnswl.org",            "127.0.10.3",      true,
     DNSBL_ERROR_BLOCKED                                                                                                                         },
    {"Validity refuses with 127.255.255.255",                       "bl.score.senderscore.com",  "127.255.255.255", false,
     DNSBL_ERROR_OVER_QUOTA                                                                                                                      },
    {"fmb.la, too",                                                 "bl.fmb.la",                 "127.255.255.255", false, DNSBL_ERROR_OVER_QUOTA},
    {"127.0.0.1 is a code of 0spam",                                "bl.0spam.org",              "127.0.0.1",       false, -1                    },
    {"ZEN's own refusals are everybody's and not in the catalogue", "zen.spamhaus.org",
     "127.255.255.254",                                                                                             false, -1                    },
};

static void test_error(void **state)
{
    const struct error_row *row = *state;
    struct ip_address address;

    assert_true(ip_parse(slice_of(row->answer), &address));
    const struct dnsbl_rule *rule = dnsbl_list_error(find(row->zone), &address, row->on_wildcard);
    assert_int_equal(rule == NULL ? -1 : (int)rule->error, row->kind);
}

static void test_rcode(void **state)
{
    (void)state;
    const struct dnsbl_rule *rule = dnsbl_list_rcode_error(find("dnsbl.spfbl.net"), 5);
    assert_non_null(rule);
    assert_int_equal(rule->error, DNSBL_ERROR_OVER_QUOTA);
    rule = dnsbl_list_rcode_error(find("dnsbl.spfbl.net"), 1);
    assert_non_null(rule);
    assert_int_equal(rule->error, DNSBL_ERROR_FAILED);
    assert_null(dnsbl_list_rcode_error(find("dnsbl.spfbl.net"), 2));
    assert_null(dnsbl_list_rcode_error(find("zen.spamhaus.org"), 5));
}

/* ---- delisting */

static const struct url_row {
    const char *label;
    const char *zone, *target, *url;
} url_rows[] = {
    {"an address is filled in",                              "zen.spamhaus.org",       "192.0.2.10",
     "https://check.spamhaus.org/results/?query=192.0.2.10"                                                                                                                      },
    {"an IPv6 address, too",                                 "zen.spamhaus.org",       "2001:db8::1",
     "https://check.spamhaus.org/results/?query=2001:db8::1"                                                                                                                     },
    {"a domain, too",                                        "dbl.spamhaus.org",       "example.org",
     "https://check.spamhaus.org/results/?query=example.org"                                                                                                                     },
    {"what has no place in a URL is encoded (RFC 3986 2.1)", "zen.spamhaus.org",
     "a&b=<\"c d\">%\xc3",                                                                            "https://check.spamhaus.org/results/?query=a%26b%3D%3C%22c%20d%22%3E%25%C3"},
    {"a page without a place for it stays as it is",         "b.barracudacentral.org", "192.0.2.10",
     "https://www.barracudacentral.org/lookups"                                                                                                                                  },
    {"no page is none",                                      "rbl.ircbl.org",          "192.0.2.10",  NULL                                                                       },
};

static void test_url(void **state)
{
    const struct url_row *row = *state;
    const char *url = dnsbl_list_url(find(row->zone), row->target, &arena);

    assert_string_equal(url == NULL ? "none" : url, row->url == NULL ? "none" : row->url);
}

/* ---- what holds for every row */

static size_t count_profile(unsigned profile, bool with_key)
{
    size_t count = 0;

    for (size_t i = 0; i < catalogue.count; i++)
        count += (catalogue.lists[i]->profiles & profile) != 0 &&
                 (catalogue.lists[i]->key_name != NULL) == with_key;
    return count;
}

static void test_counts(void **state)
{
    (void)state;
    assert_int_equal(catalogue.count, 213);
    assert_int_equal(catalogue.retired_count, 244);
    assert_int_equal(count_profile(DNSBL_CORE, false), 20);
    assert_int_equal(count_profile(DNSBL_CORE, true), 6);
    assert_int_equal(count_profile(DNSBL_KEYED, false), 0);
    assert_int_equal(count_profile(DNSBL_KEYED, true), 6);
    assert_true(count_profile(DNSBL_FULL, false) > 150);
}

static void test_no_blank(const char *zone, const char *text)
{
    if (text != NULL && strpbrk(text, " \t<>\"") != NULL)
        fail_msg("%s: a blank or bracket in %s", zone, text);
}

static void check_list(const struct dnsbl_list *list)
{
    char zone[DOMAIN_TEXT_SIZE];
    char name[DOMAIN_TEXT_SIZE];

    assert_null(dnsbl_zone_normalize(slice_of(list->zone), zone));
    assert_string_equal(list->zone, zone);
    assert_ptr_equal(dnsbl_catalogue_find(&catalogue, list->zone), list);
    assert_true(list->targets != 0 && list->severity != DNSBL_UNSET);
    assert_true(list->scope != DNSBL_SCOPE_UNSET);
    assert_true(strcmp(list->operator, list->zone) != 0 || strchr(list->zone, '.') != NULL);
    test_no_blank(list->zone, list->url);
    assert_int_equal(dnsbl_zone_has_key(list->zone) && list->key_name == NULL, false);
    if (!dnsbl_zone_question(list->zone, "k234567890123456789012345678901234567890",
                             "f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f",
                             name))
        fail_msg("%s cannot be asked", list->zone);
    for (size_t i = 0; i < list->code_count; i++)
        assert_int_equal(list->codes[i].pattern.low[0], 127);
}

static void test_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalogue.count; i++)
        check_list(catalogue.lists[i]);
}

/* What stands in a profile is worth asking, and is asked once. */
static void test_profiles(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalogue.count; i++) {
        const struct dnsbl_list *list = catalogue.lists[i];
        unsigned profiles = list->profiles;
        bool is_core = (profiles & DNSBL_CORE) != 0;

        if ((is_core || (profiles & (DNSBL_DOMAINS | DNSBL_KEYED)) != 0) &&
            (profiles & DNSBL_FULL) == 0)
            fail_msg("%s is not in full", list->zone);
        if (is_core && (!list->is_verified || !dnsbl_list_is_negative(list)))
            fail_msg("%s is core and unverified, or has no listings", list->zone);
        if (list->is_required && !is_core)
            fail_msg("%s is required and not core", list->zone);
        if (profiles != 0 &&
            (list->class == DNSBL_DATA || list->is_private || list->part_of != NULL))
            fail_msg("%s is in a profile", list->zone);
        if ((profiles & DNSBL_DOMAINS) != 0 &&
            (list->targets & ~(unsigned)(DNSBL_DOMAIN | DNSBL_NAME_SERVER)) != 0)
            fail_msg("%s is not for names alone", list->zone);
        if (list->class == DNSBL_DATA && list->severity != DNSBL_OK)
            fail_msg("%s is data with a severity", list->zone);
    }
}

static void test_references(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalogue.count; i++) {
        const struct dnsbl_list *list = catalogue.lists[i];

        if (list->part_of != NULL)
            assert_true((find(list->part_of)->profiles & DNSBL_FULL) != 0);
        if (list->replaces != NULL)
            assert_int_equal(find(list->replaces)->targets, list->targets);
    }
}

static void test_required(void **state)
{
    static const char *const zones[] = {
        "zen.spamhaus.org",       "<KEY>.zen.dq.spamhaus.net", "dbl.spamhaus.org",
        "b.barracudacentral.org", "<KEY>.dbl.dq.spamhaus.net", "bl.spamcop.net",
        "multi.surbl.org"};
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < catalogue.count; i++)
        count += catalogue.lists[i]->is_required;
    assert_int_equal(count, sizeof zones / sizeof zones[0]);
    for (size_t i = 0; i < count; i++)
        assert_true(find(zones[i])->is_required);
}

static void test_retired(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalogue.retired_count; i++) {
        const struct dnsbl_retired *retired = catalogue.retired[i];

        assert_null(dnsbl_catalogue_find(&catalogue, retired->zone));
        assert_ptr_equal(dnsbl_catalogue_find_retired(&catalogue, retired->zone), retired);
    }
    for (size_t i = 0; i < catalogue.count; i++)
        if (dnsbl_catalogue_find_retired(&catalogue, domain_parent(catalogue.lists[i]->zone, 1)))
            fail_msg("%s is below a retired zone", catalogue.lists[i]->zone);
}

/* The first word of "what to use instead" is a list, where it is a zone. */
static void test_replacements(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalogue.retired_count; i++) {
        struct slice rest = slice_of(
            catalogue.retired[i]->replacement == NULL ? "" : catalogue.retired[i]->replacement);
        struct slice word;

        (void)slice_split(&rest, ' ', &word);
        word = slice_trim(word, ",");
        if (slice_find(word, '.') < word.length)
            (void)find(arena_copy_slice(&arena, word));
    }
}

static void test_test_points(void **state)
{
    (void)state;
    assert_string_equal(find("zen.spamhaus.org")->tests[DNSBL_TEST_IP4].listed[0], "127.0.0.2");
    assert_null(find("hostkarma.junkemailfilter.com")->tests[DNSBL_TEST_IP4].unlisted);
    assert_string_equal(find("uribl.spameatingmonkey.net")->tests[DNSBL_TEST_DOMAIN].listed[0],
                        "_DNSBL_.test");
    assert_string_equal(find("uribl.spameatingmonkey.net")->tests[DNSBL_TEST_DOMAIN].unlisted,
                        "_DNSBLNEG_.test");
    assert_string_equal(find("dbl.spamhaus.org")->tests[DNSBL_TEST_DOMAIN].listed[0],
                        "dbltest.com");
    assert_string_equal(find("multi.uribl.com")->tests[DNSBL_TEST_DOMAIN].listed[0], "2.0.0.127");
    assert_int_equal(find("uribl.swinog.ch")->tests[DNSBL_TEST_DOMAIN].listed_count, 0);
    assert_string_equal(find("list.dnswl.org")->tests[DNSBL_TEST_IP6].listed[0], "::2");
    assert_int_equal(find("<KEY>.combined.mail.abusix.zone")->tests[DNSBL_TEST_IP4].listed_count,
                     6);
}

int main(void)
{
    static struct cases cases;

    arena_init(&arena);
    if (read_shipped() != 0) {
        print_message("Bail out! share/dnsbl-catalogue.conf cannot be read\n");
        return 1;
    }
    CASES_TABLE(&cases, test_meaning, meaning_rows);
    CASES_TABLE(&cases, test_error, error_rows);
    cases_add(&cases, "SPFBL refuses by rcode", test_rcode, NULL);
    CASES_TABLE(&cases, test_url, url_rows);
    cases_add(&cases, "213 lists, 244 retired ones, 20 in core", test_counts, NULL);
    cases_add(&cases, "every list has zone, targets, severity and scope and can be asked",
              test_lists, NULL);
    cases_add(&cases, "profiles hold what is worth asking, once", test_profiles, NULL);
    cases_add(&cases, "part-of and replaces name lists", test_references, NULL);
    cases_add(&cases, "seven lists are required", test_required, NULL);
    cases_add(&cases, "no retired zone is a list or above one", test_retired, NULL);
    cases_add(&cases, "what to use instead is in the catalogue", test_replacements, NULL);
    cases_add(&cases, "lists that break RFC 5782 5 have test points of their own", test_test_points,
              NULL);
    int status = cases_run(&cases, "dnsbl_shipped");
    arena_release(&arena);
    return status;
}
