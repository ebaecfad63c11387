#include "base/clock.h"

#include <limits.h>
#include <time.h>

#define MICROSECONDS INT64_C(1000000)

int64_t clock_now(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MICROSECONDS + now.tv_nsec / 1000;
}

int64_t clock_wall(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}

static struct deadline deadline_after(int64_t microseconds)
{
    int64_t now = clock_now();

    if (microseconds > INT64_MAX - now)
        return (struct deadline){INT64_MAX};
    return (struct deadline){now + microseconds};
}

struct deadline deadline_in(double seconds)
{
    double microseconds = seconds * (double)MICROSECONDS;

    /* Written so that NaN counts as no time. */
    if (!(microseconds > 0))
        return deadline_after(0);
    /* 2^63 is a double, INT64_MAX is none; what is below it can be converted. */
    if (microseconds >= 0x1p63)
        return deadline_after(INT64_MAX);
    return deadline_after((int64_t)microseconds);
}

struct deadline deadline_cut(struct deadline deadline, int64_t microseconds)
{
    struct deadline cut = deadline_after(microseconds);

    return cut.at < deadline.at ? cut : deadline;
}

int64_t deadline_left(struct deadline deadline)
{
    int64_t now = clock_now();

    return deadline.at > now ? deadline.at - now : 0;
}

int deadline_left_for_poll(struct deadline deadline)
{
    int64_t left = deadline_left(deadline);
    int64_t milliseconds = left / 1000 + (left % 1000 != 0 ? 1 : 0);

    return milliseconds < INT_MAX ? (int)milliseconds : INT_MAX;
}
