#include "mail/maillog.h"

#include <string.h>

static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* `count` digits; false leaves *rest alone. */
static bool take_digits(struct slice *rest, size_t count, int *number)
{
    int value = 0;
    if (rest->length < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        char c = rest->start[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *number = value;
    *rest = slice_sub(*rest, count, rest->length);
    return true;
}

static bool take(struct slice *rest, char character)
{
    if (rest->length == 0 || rest->start[0] != character)
        return false;
    *rest = slice_sub(*rest, 1, rest->length);
    return true;
}

/* hh:mm:ss [ ( "." / "," ) 1*DIGIT ] */
static bool take_time(struct slice *rest, struct maillog_stamp *stamp)
{
    if (!take_digits(rest, 2, &stamp->hour) || !take(rest, ':') ||
        !take_digits(rest, 2, &stamp->minute) || !take(rest, ':') ||
        !take_digits(rest, 2, &stamp->second))
        return false;
    if (stamp->hour > 23 || stamp->minute > 59 || stamp->second > 60)
        return false;
    if (take(rest, '.') || take(rest, ',')) {
        int digit;
        while (take_digits(rest, 1, &digit))
            continue;
    }
    return true;
}

/* "Z" / ( "+" / "-" ) hh [ ":" ] mm, with a blank before it in Exim's main log; "UTC", "GMT" */
static void take_zone(struct slice *rest, struct maillog_stamp *stamp)
{
    struct slice ahead = *rest;
    int hours;
    int minutes;
    if (take(&ahead, 'Z')) {
        stamp->has_zone = true;
        *rest = ahead;
        return;
    }
    take(&ahead, ' ');
    if (slice_starts_with(ahead, "UTC ") || slice_starts_with(ahead, "GMT ")) {
        stamp->has_zone = true;
        *rest = slice_sub(ahead, 3, ahead.length);
        return;
    }
    bool is_west = ahead.length > 0 && ahead.start[0] == '-';
    if (!take(&ahead, '+') && !take(&ahead, '-'))
        return;
    if (!take_digits(&ahead, 2, &hours))
        return;
    take(&ahead, ':');
    if (!take_digits(&ahead, 2, &minutes) || hours > 14 || minutes > 59)
        return;
    stamp->has_zone = true;
    stamp->zone = (hours * 60 + minutes) * (is_west ? -1 : 1);
    *rest = ahead;
}

/* yyyy "-" mm "-" dd ( "T" / SP ) time [ zone ] */
static bool take_iso(struct slice *rest, struct maillog_stamp *stamp)
{
    if (!take_digits(rest, 4, &stamp->year) || !take(rest, '-') ||
        !take_digits(rest, 2, &stamp->month) || !take(rest, '-') ||
        !take_digits(rest, 2, &stamp->day) || !(take(rest, 'T') || take(rest, ' ')) ||
        !take_time(rest, stamp))
        return false;
    take_zone(rest, stamp);
    return true;
}

/* Mon SP ( SP d / dd ) SP [ yyyy SP ] time [ SP zone ] */
static bool take_bsd(struct slice *rest, struct maillog_stamp *stamp)
{
    int month = 0;
    while (month < 12 && (rest->length < 3 || memcmp(MONTHS + month * 3, rest->start, 3) != 0))
        month++;
    if (month == 12)
        return false;
    stamp->month = month + 1;
    *rest = slice_sub(*rest, 3, rest->length);
    if (!take(rest, ' '))
        return false;
    take(rest, ' ');
    if (!take_digits(rest, 2, &stamp->day) && !take_digits(rest, 1, &stamp->day))
        return false;
    if (!take(rest, ' '))
        return false;
    struct slice ahead = *rest;
    if (take_digits(&ahead, 4, &stamp->year) && take(&ahead, ' '))
        *rest = ahead;
    else
        stamp->year = 0;
    return take_time(rest, stamp);
}

/* 10DIGIT "." 1*DIGIT */
static bool take_unix(struct slice *rest, struct maillog_stamp *stamp)
{
    int64_t seconds = 0;
    int digit;
    int count = 0;
    while (count < 11 && take_digits(rest, 1, &digit)) {
        seconds = seconds * 10 + digit;
        count++;
    }
    if (count != 10 || !take(rest, '.') || !take_digits(rest, 1, &digit))
        return false;
    while (take_digits(rest, 1, &digit))
        continue;
    stamp->is_unix = true;
    stamp->seconds = seconds;
    return true;
}

/* "<" 1*3DIGIT ">" [ "1" SP ]                                            RFC 5424 6.2 */
static void skip_priority(struct slice *rest)
{
    size_t end = slice_find(*rest, '>');
    if (rest->length == 0 || rest->start[0] != '<' || end < 2 || end > 4)
        return;
    *rest = slice_sub(*rest, end + 1, rest->length);
    if (slice_starts_with(*rest, "1 "))
        *rest = slice_sub(*rest, 2, rest->length);
}

/* "Sun " before an ISO date, as journalctl -o short-full writes it. */
static void skip_weekday(struct slice *rest)
{
    if (rest->length > 8 && rest->start[3] == ' ' && rest->start[8] == '-')
        *rest = slice_sub(*rest, 4, rest->length);
}

static bool is_plausible(const struct maillog_stamp *stamp)
{
    return stamp->is_unix || (stamp->month >= 1 && stamp->month <= 12 && stamp->day >= 1 &&
                              stamp->day <= 31 && (stamp->year == 0 || stamp->year >= 1970));
}

size_t maillog_stamp_parse(struct slice line, struct maillog_stamp *stamp)
{
    static bool (*const FORMS[])(struct slice *, struct maillog_stamp *) = {take_iso, take_bsd,
                                                                            take_unix};
    struct slice start = line;
    skip_priority(&start);
    skip_weekday(&start);
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++) {
        struct slice rest = start;
        memset(stamp, 0, sizeof *stamp);
        if (FORMS[i](&rest, stamp) && is_plausible(stamp) && take(&rest, ' ')) {
            stamp->is_set = true;
            return line.length - rest.length;
        }
    }
    memset(stamp, 0, sizeof *stamp);
    return 0;
}
