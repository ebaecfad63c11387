#include <limits.h>
#include <math.h>
#include <time.h>

#include "base/clock.h"
#include "cases.h"

#define SECOND INT64_C(1000000)

/* A machine under load may stop a test between two lines: what was measured lies in a range, wide
 * where it can grow. */
static const struct span {
    const char *label;
    double seconds;
    int64_t least;
    int64_t most;
} spans[] = {
    {"a negative span is no time",     -1,                   0,                           0                         },
    {"no span",                        0,                    0,                           0                         },
    {"not a number is no time",        (double)NAN,          0,                           0                         },
    {"minus infinity is no time",      -HUGE_VAL,            0,                           0                         },
    {"under a microsecond is no time", 0.0000001,            0,                           0                         },
    {"a thousand seconds",             1000,                 900 * SECOND,                1000 * SECOND             },
    {"fractions count",                1000.5,               1000 * SECOND - 50 * SECOND, 1000 * SECOND + SECOND / 2},
    {"longer than the clock runs",     1e300,                INT64_MAX / 2,               INT64_MAX                 },
    {"just past the clock's end",      9223372036854.775807, INT64_MAX / 2,               INT64_MAX                 },
    {"infinity",                       HUGE_VAL,             INT64_MAX / 2,               INT64_MAX                 },
};

static void test_deadline_in(void **state)
{
    const struct span *row = *state;
    int64_t before = clock_now();
    struct deadline deadline = deadline_in(row->seconds);
    int64_t left = deadline_left(deadline);

    assert_true(left >= row->least);
    assert_true(left <= row->most);
    assert_true(deadline.at >= before);
}

static void test_fractions_are_exact(void **state)
{
    (void)state;
    int64_t before = clock_now();
    struct deadline deadline = deadline_in(0.25);
    int64_t after = clock_now();

    assert_true(deadline.at >= before + SECOND / 4);
    assert_true(deadline.at <= after + SECOND / 4);
}

static void test_zero_value_has_passed(void **state)
{
    (void)state;
    struct deadline deadline = {0};

    assert_int_equal(deadline_left(deadline), 0);
    assert_int_equal(deadline_left_for_poll(deadline), 0);
    assert_int_equal(deadline_left((struct deadline){INT64_MIN}), 0);
}

static void test_cut(void **state)
{
    (void)state;
    struct deadline far = deadline_in(1000);
    struct deadline earlier = deadline_cut(far, 10 * SECOND);

    assert_true(earlier.at < far.at);
    assert_true(deadline_left(earlier) <= 10 * SECOND);
    assert_true(deadline_cut(earlier, 1000 * SECOND).at == earlier.at);
    assert_true(deadline_cut(far, INT64_MAX).at == far.at);
    assert_int_equal(deadline_left(deadline_cut(far, 0)), 0);
    assert_int_equal(deadline_left(deadline_cut(far, -SECOND)), 0);
    assert_int_equal(deadline_left(deadline_cut(far, INT64_MIN)), 0);
}

static const struct poll {
    const char *label;
    int64_t microseconds;
} polls[] = {
    {"poll: one microsecond",                 1             },
    {"poll: one less than a millisecond",     999           },
    {"poll: a millisecond",                   1000          },
    {"poll: a second and a half millisecond", SECOND + 500  },
    {"poll: a day",                           86400 * SECOND},
};

static void test_poll(void **state)
{
    const struct poll *row = *state;
    struct deadline deadline = {clock_now() + row->microseconds};
    int64_t before = deadline_left(deadline);
    int64_t milliseconds = deadline_left_for_poll(deadline);
    int64_t after = deadline_left(deadline);

    /* Waiting so long ends at the deadline or after it, by less than a millisecond. */
    assert_true(milliseconds * 1000 >= after);
    assert_true(milliseconds * 1000 < before + 1000);
}

static void test_poll_limit(void **state)
{
    (void)state;
    int64_t now = clock_now();

    assert_int_equal(deadline_left_for_poll((struct deadline){INT64_MAX}), INT_MAX);
    assert_int_equal(
        deadline_left_for_poll((struct deadline){now + (int64_t)INT_MAX * 1000 + 500 * SECOND}),
        INT_MAX);
    assert_true(deadline_left_for_poll(
                    (struct deadline){now + (int64_t)INT_MAX * 1000 - 500 * SECOND}) < INT_MAX);
}

static int64_t system_clock(void)
{
    struct timespec now;

    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return now.tv_sec * SECOND + now.tv_nsec / 1000;
}

static void test_clock_runs(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t before = system_clock();
        int64_t now = clock_now();

        assert_true(now >= before);
        assert_true(now <= system_clock());
    }
}

static void test_wall(void **state)
{
    (void)state;
    int64_t before = time(NULL);
    int64_t now = clock_wall();

    /* time() may lag behind by a tick. */
    assert_true(now >= before);
    assert_true(now <= (int64_t)time(NULL) + 1);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_deadline_in, spans);
    CASES_TABLE(&cases, test_poll, polls);
    cases_add(&cases, "a quarter of a second", test_fractions_are_exact, NULL);
    cases_add(&cases, "the zero value has passed", test_zero_value_has_passed, NULL);
    cases_add(&cases, "deadline_cut: the earlier one", test_cut, NULL);
    cases_add(&cases, "poll: at most INT_MAX", test_poll_limit, NULL);
    cases_add(&cases, "microseconds of the monotonic clock", test_clock_runs, NULL);
    cases_add(&cases, "the wall clock is that of time(2)", test_wall, NULL);
    return cases_run(&cases, "clock");
}
