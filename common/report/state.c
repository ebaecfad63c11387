#include "report/state.h"

#include <stddef.h>

static const char *const names[] = {
    [STATE_OK] = "OK",           [STATE_WARNING] = "WARNING", [STATE_CRITICAL] = "CRITICAL",
    [STATE_UNKNOWN] = "UNKNOWN", [STATE_IGNORE] = "IGNORE",
};

const char *state_name(enum state state)
{
    return names[state];
}

bool state_parse(struct slice text, bool with_ignore, enum state *state)
{
    if (text.length == 1 && text.start[0] >= '0' && text.start[0] <= '3') {
        *state = (enum state)(text.start[0] - '0');
        return true;
    }

    enum state last = with_ignore ? STATE_IGNORE : STATE_UNKNOWN;

    for (enum state candidate = STATE_OK; candidate <= last; candidate++)
        if (slice_equals_text_ignoring_case(text, names[candidate])) {
            *state = candidate;
            return true;
        }
    return false;
}

int state_rank(enum state state)
{
    switch (state) {
    case STATE_CRITICAL:
        return 3;
    case STATE_WARNING:
        return 2;
    case STATE_UNKNOWN:
        return 1;
    case STATE_OK:
    case STATE_IGNORE:
        break;
    }
    return 0;
}

enum state state_worse(enum state a, enum state b)
{
    return state_rank(a) >= state_rank(b) ? a : b;
}
