/* The lines of the state file: what they do to a run, and what a run leaves in them. */
#include <stdio.h>

#include "tests/judge/dnsbl_fixture.h"

#define NOW 1700000000
#define CATALOGUE "[bl.test]\ntargets = ip4 domain\ncode = 127.0.0.2: spam\n[b2.test]\n"
#define LISTS "list bl.test\nlist b2.test\n"
#define T "target 192.0.2.1\n"
#define LISTED "listed\tbl.test\t192.0.2.1\t1600000000\n"

#define ROW(label_, facts_, before_, after_, ...)                                                  \
    {                                                                                              \
        .label = label_, .facts = facts_, .before = CASES_SLICE(before_), .after = after_,         \
        __VA_ARGS__                                                                                \
    }

static const struct row {
    const char *label;
    const char *facts;
    struct slice before; /* lines of the file */
    const char *after;   /* the same at the end of the run */
    const char *news;    /* "zone target;" of what is new */
    const char *gone;    /* "operator target since;" */
    const char *left;    /* zones that are left alone, each followed by ";" */
    size_t bad;          /* the line that is none */
} rows[] = {
    ROW("a first listing is new and remembered from now on",
        LISTS T "reply bl.test 192.0.2.1 127.0.0.2", "", "listed\tbl.test\t192.0.2.1\t1700000000\n",
        .news = "bl.test 192.0.2.1;"),
    ROW("a known listing is not new and keeps its date",
        LISTS T "reply bl.test 192.0.2.1 127.0.0.2", LISTED, LISTED, .news = ""),
    ROW("a known one and a new one",
        LISTS T "reply bl.test 192.0.2.1 127.0.0.2\n"
                "reply b2.test 192.0.2.1 127.0.0.2",
        LISTED, LISTED "listed\tb2.test\t192.0.2.1\t1700000000\n", .news = "b2.test 192.0.2.1;"),
    ROW("what is not listed any more is gone and forgotten", LISTS T, LISTED, "",
        .gone = "bl.test 192.0.2.1 1600000000;"),
    ROW("no answer is no end of a listing", LISTS T "reply bl.test 192.0.2.1 TIMEOUT", LISTED,
        LISTED, .gone = ""),
    ROW("nor is an answer that means nothing", LISTS T "test bl.test listed NXDOMAIN", LISTED,
        LISTED, .gone = ""),
    ROW("a list that was not asked keeps its listings", "list b2.test\n" T, LISTED, LISTED,
        .gone = ""),
    ROW("a target that was not looked for keeps its listings", LISTS "target 192.0.2.2\n", LISTED,
        LISTED, .gone = ""),
    ROW("a name is a target like an address",
        LISTS "target spam.example\nreply bl.test spam.example 127.0.0.2", "",
        "listed\tbl.test\tspam.example\t1700000000\n", .news = "bl.test spam.example;"),
    ROW("what is no listing is not remembered", LISTS T "reply bl.test 192.0.2.1 91.195.240.117",
        "", "", .news = "bl.test 192.0.2.1;"),
    ROW("what is gone at the second look is not remembered",
        LISTS T "reply bl.test 192.0.2.1 127.0.0.2\nunconfirmed bl.test 192.0.2.1", "", "",
        .news = "bl.test 192.0.2.1;"),
    ROW("of two filters of a zone either may list",
        "list bl.test=127.0.0.9\nlist bl.test=127.0.0.2\n" T "reply bl.test 192.0.2.1 127.0.0.2",
        LISTED, LISTED, .news = "", .gone = ""),
    ROW("a listing by the second filter is remembered",
        "list bl.test=127.0.0.9\nlist bl.test=127.0.0.2\n" T "reply bl.test 192.0.2.1 127.0.0.2",
        "", "listed\tbl.test\t192.0.2.1\t1700000000\n", .news = "bl.test 192.0.2.1;"),
    ROW("a listing that no filter counts is gone",
        "list bl.test=127.0.0.9\nlist bl.test=127.0.0.8\n" T "reply bl.test 192.0.2.1 127.0.0.2",
        LISTED, "", .news = "", .gone = "bl.test 192.0.2.1 1600000000;"),
    ROW("lines that stand twice count once", LISTS T, LISTED LISTED, "",
        .gone = "bl.test 192.0.2.1 1600000000;"),
    ROW("lines come back sorted by target and zone", LISTS T "reply bl.test 192.0.2.1 TIMEOUT\n",
        "listed\tz.test\tb.example\t3\nlisted\tb.test\ta.example\t2\nlisted\ta.test\ta.example\t1"
        "\n",
        "listed\ta.test\ta.example\t1\nlisted\tb.test\ta.example\t2\nlisted\tz.test\tb.example\t3"
        "\n",
        .gone = ""),

    /* refusals */
    ROW("a refusal is remembered for an hour", LISTS T "reply b2.test 192.0.2.1 127.255.255.254",
        "", "refused\tb2.test\t1700003600\tblocked\n", .news = "b2.test 192.0.2.1;", .left = ""),
    ROW("a quota, too", LISTS T "reply b2.test 192.0.2.1 127.255.255.255", "",
        "refused\tb2.test\t1700003600\tover-quota\n", .left = ""),
    ROW("a list that refused is left alone until its time is over", LISTS T,
        "refused\tb2.test\t1700000001\tover-quota\n", "refused\tb2.test\t1700000001\tover-quota\n",
        .left = "b2.test over-quota;"),
    ROW("then it is asked again", LISTS T, "refused\tb2.test\t1700000000\tblocked\n", "",
        .left = ""),
    ROW("a time too far ahead is a clock that was wrong", LISTS T,
        "refused\tb2.test\t1700003601\tblocked\n", "", .left = ""),
    ROW("the farthest time of all, too", LISTS T,
        "refused\tb2.test\t9223372036854775807\tblocked\n", "", .left = ""),
    ROW("two filters of a zone are left alone together",
        "list b2.test=127.0.0.2\nlist b2.test=127.0.0.3\n" T,
        "refused\tb2.test\t1700000100\tblocked\n", "refused\tb2.test\t1700000100\tblocked\n",
        .left = "b2.test blocked;b2.test blocked;"),
    ROW("a refusal of a list that is not asked is forgotten", LISTS T,
        "refused\tb9.test\t1700000100\tblocked\n", "", .left = ""),

    /* what is no state file */
    ROW("empty lines are passed over", LISTS T, "\n\n" LISTED "\n", "",
        .gone = "bl.test 192.0.2.1 1600000000;"),
    ROW("of two lines about one listing the older date stays",
        LISTS T "reply bl.test 192.0.2.1 127.0.0.2",
        "listed\tbl.test\t192.0.2.1\t1650000000\n" LISTED, LISTED, .news = ""),
    ROW("a line without tabs is none", LISTS T, LISTED "listed bl.test 192.0.2.1 1\n", "",
        .bad = 2),
    ROW("three fields are none", LISTS T, "listed\tbl.test\t192.0.2.1\n", "", .bad = 1),
    ROW("five fields are none", LISTS T, "listed\tbl.test\t192.0.2.1\t1\t\n", "", .bad = 1),
    ROW("an empty field is none", LISTS T, "listed\t\t192.0.2.1\t1\n", "", .bad = 1),
    ROW("a field with NUL is none", LISTS T, "listed\tbl.test\t1\0002\t1\n", "", .bad = 1),
    ROW("another word is none", LISTS T, "Listed\tbl.test\t192.0.2.1\t1\n", "", .bad = 1),
    ROW("a date that is no number is none", LISTS T, "listed\tbl.test\t192.0.2.1\t-1\n", "",
        .bad = 1),
    ROW("a date over 63 bits is none", LISTS T, "listed\tbl.test\t192.0.2.1\t9223372036854775808\n",
        "", .bad = 1),
    ROW("a CR is no part of a date", LISTS T, "listed\tbl.test\t192.0.2.1\t1\r\n", "", .bad = 1),
    ROW("a refusal with another outcome is none", LISTS T, "refused\tbl.test\t1700000100\tlisted\n",
        "", .bad = 1),
    ROW("a file that is bad at its end is not believed at its beginning", LISTS T,
        "refused\tb2.test\t1700000100\tblocked\n" LISTED "x", "", .bad = 3, .left = ""),
};

static void print_news(const struct dnsbl_facts *facts, struct text *text)
{
    char target[DNSBL_SUBJECT_TEXT_SIZE];
    for (size_t i = 0; i < facts->hit_count; i++) {
        const struct dnsbl_hit *hit = &facts->hits[i];
        if (hit->is_new)
            text_printf(text, "%s %s;", facts->choices[hit->choice].list->zone,
                        dnsbl_subject_print(&facts->subjects[hit->subject], target));
    }
}

static void print_gone(const struct dnsbl_facts *facts, struct text *text)
{
    for (size_t i = 0; i < facts->gone_count; i++)
        text_printf(text, "%s %s %lld;", facts->gone[i].zone, facts->gone[i].target,
                    (long long)facts->gone[i].since);
}

static void print_left(const struct dnsbl_facts *facts, struct text *text)
{
    for (size_t i = 0; i < facts->choice_count; i++) {
        const struct dnsbl_choice *choice = &facts->choices[i];
        if (choice->skip == DNSBL_SKIP_BACK_OFF)
            text_printf(text, "%s %s;", choice->list->zone,
                        dnsbl_outcome_name(choice->back_off_outcome));
    }
}

static void assert_printed(const struct dnsbl_facts *facts, const char *expected,
                           void (*print)(const struct dnsbl_facts *, struct text *))
{
    struct text text;
    text_init(&text, 10000);
    print(facts, &text);
    if (expected != NULL)
        assert_string_equal(text.start, expected);
    text_release(&text);
}

static void print_memory(const struct dnsbl_facts *facts, struct text *text)
{
    dnsbl_memory_print(facts, NOW, text);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    static struct dnsbl_fixture f;
    fixture_open(&f, CATALOGUE, row->facts);
    assert_int_equal(dnsbl_memory_read(&f.facts, row->before, NOW), row->bad);
    assert_printed(&f.facts, row->left, print_left);
    f.facts.has_memory = row->bad == 0;
    dnsbl_compare(&f.facts);
    assert_printed(&f.facts, row->news, print_news);
    assert_printed(&f.facts, row->gone, print_gone);
    assert_printed(&f.facts, row->after, print_memory);
    dnsbl_forget(&f.facts);
    fixture_close(&f);
}

/* Without a state file there is nothing to compare with, and everything is new. */
static void test_none(void **state)
{
    static struct dnsbl_fixture f;
    (void)state;
    fixture_open(&f, CATALOGUE, LISTS T "reply bl.test 192.0.2.1 127.0.0.2");
    dnsbl_compare(&f.facts);
    assert_true(f.hits[0].is_new);
    assert_int_equal(f.facts.gone_count, 0);
    dnsbl_forget(&f.facts);
    fixture_close(&f);
}

/* The bound of what is remembered: what is over it is passed over, and not written. */
static void test_bound(void **state)
{
    static struct dnsbl_fixture f;
    struct text text;
    size_t lines = 0;
    (void)state;
    text_init(&text, 16 * 1024 * 1024);
    for (unsigned i = 0; i < 100001; i++)
        text_printf(&text, "listed\tbl.test\tn%u.example\t1\n", i);
    fixture_open(&f, CATALOGUE, LISTS T "reply bl.test 192.0.2.1 127.0.0.2");
    assert_int_equal(dnsbl_memory_read(&f.facts, text_slice(&text), NOW), 0);
    f.facts.has_memory = true;
    dnsbl_compare(&f.facts);
    text_clear(&text);
    dnsbl_memory_print(&f.facts, NOW, &text);
    for (size_t i = 0; i < text.length; i++)
        lines += text.start[i] == '\n';
    assert_int_equal(lines, 100000);
    text_release(&text);
    dnsbl_forget(&f.facts);
    fixture_close(&f);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "without a state file nothing is gone", test_none, NULL);
    cases_add(&cases, "100,000 listings are remembered", test_bound, NULL);
    return cases_run(&cases, "dnsbl_memory");
}
