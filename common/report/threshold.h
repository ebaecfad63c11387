/*
 * Threshold ranges in the grammar of the monitoring plugins: `[@]start:end`.
 *
 *     10       alert below 0 or above 10         10:      alert below 10
 *     ~:10     alert above 10                    10:20    alert outside 10 to 20
 *     @10:20   alert inside 10 to 20, both ends included
 *
 * Numbers are decimal with an optional sign and fraction (report/number.h); no exponent, no blank,
 * no unit.
 */
#ifndef COMMON_REPORT_THRESHOLD_H
#define COMMON_REPORT_THRESHOLD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/text.h"

struct range {
    bool is_set;         /* the zero value is "no threshold": it never alerts */
    bool inside;         /* "@" */
    bool start_infinite; /* "~" */
    bool end_infinite;
    double start;
    double end;
};

/* False for anything but the grammar: "", ":18", "20:10", "1e3", "10x". */
bool range_parse(struct slice text, struct range *range);

/* The value raises the alert. A value that is no number lies outside of every range. */
bool range_alerts(const struct range *range, double value);

/* Canonical form for perfdata: `0:N` as `N`, numbers without needless zeros; nothing when it is not
 * set. */
void range_print(const struct range *range, struct text *out);

/* The same as a string: "2048:". */
const char *range_text(struct arena *arena, const struct range *range);

#endif
