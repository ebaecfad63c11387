/*
 * The four states of a monitoring plugin and their order. The numbers are the exit codes.
 */
#ifndef COMMON_REPORT_STATE_H
#define COMMON_REPORT_STATE_H

#include <stdbool.h>

#include "base/slice.h"

enum state {
    STATE_OK = 0,
    STATE_WARNING = 1,
    STATE_CRITICAL = 2,
    STATE_UNKNOWN = 3,
    STATE_IGNORE = 4, /* only as a user's wish for a finding: it is dropped */
};

/* "OK", "WARNING", "CRITICAL", "UNKNOWN", "IGNORE". */
const char *state_name(enum state state);

/* "ok", "warning", "critical", "unknown", case ignored, or the numbers 0 to 3; "ignore" only when
 * `with_ignore`. */
bool state_parse(struct slice text, bool with_ignore, enum state *state);

/* The worse of two in the order OK < UNKNOWN < WARNING < CRITICAL. */
enum state state_worse(enum state a, enum state b);

/* Place in that order: OK 0, UNKNOWN 1, WARNING 2, CRITICAL 3. */
int state_rank(enum state state);

#endif
