/*
 * The counts of check_bounces, and what is kept of them between two runs.
 */
#include <string.h>

#include "bounces.h"
#include "cases.h"

static struct arena arena;

#define HOUR 3600
#define NOW 1795000000

static void count(struct bounces_tally *tally, int64_t when, const char *provider)
{
    struct bounces_bucket *bucket = bounces_tally_bucket(tally, when);
    if (bucket == NULL)
        return;
    bucket->kinds[BOUNCES_DELIVERED]++;
    bounces_tally_delivered(bucket, bounces_tally_provider(tally, slice_of(provider)), 1);
}

static void refuse(struct bounces_tally *tally, int64_t when, enum bounce_class class,
                   const char *blocklist, const char *provider)
{
    struct bounces_bucket *bucket = bounces_tally_bucket(tally, when);
    struct bounces_cause cause = {
        .class = class,
        .provider = bounces_tally_provider(tally, slice_of(provider)),
        .blocklist = blocklist,
        .rule = "x.y",
        .reply = "550\tno\n",
    };
    bucket->kinds[BOUNCES_BOUNCED]++;
    bounces_tally_refused(bucket, bounces_tally_cause(tally, &cause), 1, 0);
}

static uint64_t delivered(const struct bounces_tally *tally)
{
    struct bounces_totals totals;
    bounces_tally_sum(tally, &arena, &totals);
    return totals.kinds[BOUNCES_DELIVERED];
}

/* ---- windows: which of two events, so many seconds ago, count */

static const struct window_row {
    const char *label;
    int64_t window;
    int64_t ago[2];
    uint64_t counted;
} window_rows[] = {
    {"an hour: now and 59 minutes ago",     HOUR,      {0, 59 * 60},    2},
    {"an hour: a second less than an hour", HOUR,      {1, HOUR - 1},   2},
    {"an hour: exactly an hour is over",    HOUR,      {0, HOUR},       1},
    {"an hour: a clock that runs ahead",    HOUR,      {-500, -100000}, 2},
    {"ten seconds: shorter than buckets",   10,        {0, 9},          2},
    {"a week",                              7 * 86400, {0, 6 * 86400},  2},
    {"everything",                          0,         {0, NOW - 1},    2},
};

static void test_window(void **state)
{
    const struct window_row *row = *state;
    struct bounces_tally tally;
    bounces_tally_init(&tally, &arena, row->window, NOW);
    for (size_t i = 0; i < 2; i++)
        count(&tally, NOW - row->ago[i], "example.org");
    assert_int_equal(delivered(&tally), row->counted);
    assert_int_equal(tally.old, 2 - row->counted);
    bounces_tally_release(&tally);
}

/* Every second of a window has its bucket. */
static void test_every_second(void **state)
{
    static const int64_t WINDOWS[] = {1, 59, 60, 61, 119, 600, 3601, 7199};
    (void)state;
    for (size_t w = 0; w < sizeof WINDOWS / sizeof WINDOWS[0]; w++) {
        struct bounces_tally tally;
        bounces_tally_init(&tally, &arena, WINDOWS[w], NOW);
        for (int64_t ago = 0; ago < WINDOWS[w]; ago++)
            count(&tally, NOW - ago, "example.org");
        assert_int_equal(delivered(&tally), WINDOWS[w]);
        bounces_tally_release(&tally);
    }
}

/* ---- sums */

static void test_sums(void **state)
{
    struct bounces_tally tally;
    struct bounces_totals totals;
    (void)state;
    bounces_tally_init(&tally, &arena, 0, NOW);
    refuse(&tally, NOW, BOUNCE_BLOCKED, "Spamhaus", "a.example");
    refuse(&tally, NOW, BOUNCE_BLOCKED, "Spamhaus", "B.example");
    refuse(&tally, NOW, BOUNCE_BLOCKED, "SpamCop", "b.example");
    refuse(&tally, NOW, BOUNCE_POLICY, "", "b.example");
    count(&tally, NOW, "");
    bounces_tally_sum(&tally, &arena, &totals);
    assert_int_equal(totals.classes[BOUNCE_BLOCKED].bounced, 3);
    assert_int_equal(totals.groups[BOUNCE_GROUP_BLOCKED].bounced, 4);
    assert_int_equal(totals.blocklist_count, 2);
    assert_int_equal(totals.blocklists[0].bounced, 2);
    assert_int_equal(totals.provider_count, 3);
    assert_string_equal(totals.providers[0].name, "other");
    assert_int_equal(totals.providers[0].delivered, 1);
    assert_int_equal(totals.providers[2].bounced, 3);
    assert_string_equal(tally.causes[0].reply, "550 no ");
    bounces_tally_release(&tally);
}

static void test_bounds(void **state)
{
    struct bounces_tally tally;
    struct bounces_totals totals;
    (void)state;
    bounces_tally_init(&tally, &arena, 0, NOW);
    for (int i = 0; i < 20000; i++)
        refuse(&tally, NOW, (enum bounce_class)(i % BOUNCE_CLASSES),
               arena_format(&arena, "list%d.example", i / 3),
               arena_format(&arena, "d%d.example", i));
    bounces_tally_sum(&tally, &arena, &totals);
    uint64_t sum = 0;
    for (size_t class = 0; class < BOUNCE_CLASSES; class ++)
        sum += totals.classes[class].bounced;
    assert_int_equal(sum, 20000);
    assert_true(tally.provider_count <= BOUNCES_PROVIDERS_MAX);
    assert_true(tally.cause_count <= BOUNCES_CAUSES_MAX);
    bounces_tally_release(&tally);
}

/* ---- keys */

static void test_keys(void **state)
{
    struct bounces_keys keys = {.most = 8};
    size_t place = 0;
    uint64_t key;
    (void)state;
    assert_false(bounces_keys_has(&keys, 1));
    for (uint64_t i = 1; i <= 8; i++)
        assert_true(bounces_keys_add(&keys, i * 16));
    assert_false(bounces_keys_add(&keys, 16));
    bounces_keys_remove(&keys, 32);
    bounces_keys_remove(&keys, 32);
    assert_false(bounces_keys_has(&keys, 32));
    assert_true(bounces_keys_add(&keys, 9 * 16)); /* in the place of the oldest, 16 */
    assert_false(bounces_keys_has(&keys, 16));
    assert_true(bounces_keys_has(&keys, 3 * 16));
    assert_true(bounces_keys_next(&keys, &place, &key));
    assert_int_equal(key, 3 * 16);
    for (uint64_t i = 1000; i < 100000; i++)
        bounces_keys_add(&keys, i);
    for (uint64_t i = 100000 - 8; i < 100000; i++)
        assert_true(bounces_keys_has(&keys, i));
    assert_false(bounces_keys_has(&keys, 100000 - 9));
    bounces_keys_release(&keys);
}

static void test_key(void **state)
{
    (void)state;
    assert_true(bounces_key(slice_of("ab"), slice_of("c")) !=
                bounces_key(slice_of("a"), slice_of("bc")));
    assert_true(bounces_key(slice_of("q"), slice_of("A@B")) ==
                bounces_key(slice_of("q"), slice_of("a@b")));
    assert_true(bounces_key(slice_of("Q"), slice_of("a")) !=
                bounces_key(slice_of("q"), slice_of("a")));
}

/* ---- the state file */

static const char GOOD[] = "since\t5\n"
                           "provider\ta.example\n"
                           "cause\tblocked\t1\tSpamhaus\tblocked.x\t550 no\n"
                           "bucket\t0\t3\t2\t0\t1\t0\t0\t0\t0\t0\n"
                           "delivered\t1\t2\n"
                           "delivered\t0\t1\n"
                           "refused\t0\t2\t1\n"
                           "place\t/var/log/mail.log\t1\t2\t3\t0\t4\t00000000000000ab\t7\t1\n"
                           "tail\t/var/log/mail.log\t1\t9\t3\t1\t4\t00000000000000ab\t7\t0\n"
                           "cursor\t\ts=1\n"
                           "deferral\t00000000000000aa\n"
                           "notice\t00000000000000bb\n";

static void test_memory(void **state)
{
    struct bounces_tally tally;
    struct bounces_memory memory;
    struct text out;
    (void)state;
    text_init(&out, 10000);
    bounces_tally_init(&tally, &arena, 0, NOW);
    bounces_memory_init(&memory, &arena);
    assert_int_equal(bounces_memory_read(&memory, &tally, slice_of(GOOD)), 0);
    assert_int_equal(delivered(&tally), 3);
    assert_int_equal(bounces_place_find(&memory, "/var/log/mail.log", true)->inode, 9);
    bounces_memory_print(&memory, &tally, &out);
    /* The order of what a bucket delivered is that of the providers. */
    assert_non_null(strstr(out.start, "delivered\t0\t1\ndelivered\t1\t2\nrefused\t0\t2\t1\n"));
    assert_int_equal(out.length, sizeof GOOD - 1);
    bounces_place_drop(&memory, "/var/log/mail.log", true);
    assert_null(bounces_place_find(&memory, "/var/log/mail.log", true));
    bounces_memory_release(&memory);
    bounces_tally_release(&tally);
    text_release(&out);
}

static const struct bad_row {
    const char *label;
    struct slice lines;
    size_t line;
} bad_rows[] = {
    {"an unknown word",               CASES_SLICE("since\t5\nwhat\t1\n"),                 2},
    {"a number that is none",         CASES_SLICE("since\t5x\n"),                         1},
    {"a negative number",             CASES_SLICE("since\t-5\n"),                         1},
    {"too many fields",               CASES_SLICE("since\t5\t6\n"),                       1},
    {"too few fields",                CASES_SLICE("since\n"),                             1},
    {"a bucket with too few counts",  CASES_SLICE("bucket\t0\t1\n"),                      1},
    {"counts without a bucket",       CASES_SLICE("delivered\t0\t1\n"),                   1},
    {"a provider that was not named",
     CASES_SLICE("bucket\t0\t1\t0\t0\t0\t0\t0\t0\t0\t0\ndelivered\t1\t1\n"),              2},
    {"a cause that was not named",
     CASES_SLICE("bucket\t0\t1\t0\t0\t0\t0\t0\t0\t0\t0\nrefused\t0\t1\t0\n"),             2},
    {"a class that does not exist",   CASES_SLICE("cause\tnothing\t0\t\t\t550\n"),        1},
    {"a hash that is cut",            CASES_SLICE("deferral\taa\n"),                      1},
    {"a hash in capitals",            CASES_SLICE("deferral\t00000000000000AA\n"),        1},
    {"an offset beyond all files",
     CASES_SLICE("place\tx\t1\t2\t99999999999999999999\t0\t4\t00000000000000ab\t7\t1\n"), 1},
    {"NUL",                           CASES_SLICE("provider\ta\0b\n"),                    1},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct bounces_tally tally;
    struct bounces_memory memory;
    bounces_tally_init(&tally, &arena, 0, NOW);
    bounces_memory_init(&memory, &arena);
    assert_int_equal(bounces_memory_read(&memory, &tally, row->lines), row->line);
    bounces_memory_release(&memory);
    bounces_tally_release(&tally);
}

/* ---- --window and --limit */

static const struct time_row {
    const char *label;
    int64_t seconds; /* -1: refused */
    const char *printed;
} time_rows[] = {
    {"90",     90,       "90 s"   },
    {"30m",    1800,     "30 min" },
    {"1h",     3600,     "1 h"    },
    {"90m",    5400,     "90 min" },
    {"7d",     604800,   "7 d"    },
    {"10000s", 10000,    "166 min"},
    {"all",    0,        "0 s"    },
    {"366d",   31622400, "366 d"  },
    {"367d",   -1,       NULL     },
    {"0",      -1,       NULL     },
    {"",       -1,       NULL     },
    {"h",      -1,       NULL     },
    {"1w",     -1,       NULL     },
};

static void test_time(void **state)
{
    const struct time_row *row = *state;
    int64_t seconds;
    bool is_good = bounces_window_parse(row->label, &seconds);
    assert_int_equal(is_good ? seconds : -1, row->seconds);
    if (is_good)
        assert_string_equal(bounces_window_print(&arena, seconds), row->printed);
}

static const struct limit_row {
    const char *label;
    int subject;              /* -1: refused */
    double warning, critical; /* -1: not set; above 1000: percent + 1000 */
} limit_rows[] = {
    {"blocked=1,20",             BOUNCES_LIMIT_GROUP,      1,      20  },
    {"class:blocked=1",          BOUNCES_LIMIT_CLASS,      1,      -1  },
    {"group:full=,5%",           BOUNCES_LIMIT_GROUP,      -1,     1005},
    {"bad-mailbox=2.5%",         BOUNCES_LIMIT_CLASS,      1002.5, -1  },
    {"provider:gmail.com=5%,10", BOUNCES_LIMIT_PROVIDER,   1005,   10  },
    {"complaints=0.1%",          BOUNCES_LIMIT_COMPLAINTS, 1000.1, -1  },
    {"deferred=100,200",         BOUNCES_LIMIT_DEFERRED,   100,    200 },
    {"deferred=-1",              -1,                       0,      0   },
    {"deferred=101%",            -1,                       0,      0   },
    {"deferred=,",               -1,                       0,      0   },
    {"group:bad-mailbox=1",      -1,                       0,      0   },
    {"=1",                       -1,                       0,      0   },
};

static double level(const struct bounces_level *level)
{
    return !level->is_set ? -1 : level->is_percent ? level->value + 1000 : level->value;
}

static void test_limit(void **state)
{
    const struct limit_row *row = *state;
    struct bounces_limit limit;
    bool is_good = bounces_limit_parse(&arena, row->label, &limit);
    assert_int_equal(is_good ? (int)limit.subject : -1, row->subject);
    if (!is_good)
        return;
    assert_true(level(&limit.warning) == row->warning);
    assert_true(level(&limit.critical) == row->critical);
}

int main(void)
{
    struct cases cases = {0};
    arena_init(&arena);
    CASES_TABLE(&cases, test_window, window_rows);
    cases_add(&cases, "every second of a window has its bucket", test_every_second, NULL);
    cases_add(&cases, "classes, groups, blocklists and providers are sums over causes", test_sums,
              NULL);
    cases_add(&cases, "providers and causes are bounded, and nothing is lost from the sums",
              test_bounds, NULL);
    cases_add(&cases, "keys: added, removed, and the oldest makes room", test_keys, NULL);
    cases_add(&cases, "keys: of two texts, the second in any case", test_key, NULL);
    cases_add(&cases, "the state file is written as it was read", test_memory, NULL);
    CASES_TABLE(&cases, test_bad, bad_rows);
    CASES_TABLE(&cases, test_time, time_rows);
    CASES_TABLE(&cases, test_limit, limit_rows);
    int status = cases_run(&cases, "bounces_tally");
    arena_release(&arena);
    return status;
}
