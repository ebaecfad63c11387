#include "cases.h"
#include "report/state.h"

#define S CASES_SLICE

static const struct parse {
    const char *label;
    struct slice text;
    bool with_ignore;
    bool good;
    enum state state;
} parses[] = {
    {"parse a lower-case word",            S("ok"),        false, true,  STATE_OK      },
    {"parse an upper-case word",           S("WARNING"),   false, true,  STATE_WARNING },
    {"parse mixed case",                   S("Critical"),  false, true,  STATE_CRITICAL},
    {"parse unknown",                      S("unknown"),   false, true,  STATE_UNKNOWN },
    {"parse the number 0",                 S("0"),         false, true,  STATE_OK      },
    {"parse the number 3",                 S("3"),         true,  true,  STATE_UNKNOWN },
    {"parse ignore where it is a wish",    S("ignore"),    true,  true,  STATE_IGNORE  },
    {"refuse ignore where it is no state", S("ignore"),    false, false, STATE_OK      },
    {"refuse the number 4 as ignore",      S("4"),         true,  false, STATE_OK      },
    {"refuse a negative number",           S("-1"),        true,  false, STATE_OK      },
    {"refuse a number of two digits",      S("00"),        true,  false, STATE_OK      },
    {"refuse nothing",                     S(""),          true,  false, STATE_OK      },
    {"refuse a word cut short",            S("warn"),      true,  false, STATE_OK      },
    {"refuse a word with a tail",          S("okay"),      true,  false, STATE_OK      },
    {"refuse a blank around the word",     S(" ok"),       true,  false, STATE_OK      },
    {"refuse NUL after the word",          S("ok\0"),      true,  false, STATE_OK      },
    {"refuse a word without memory",       {NULL, 0},      true,  false, STATE_OK      },
    {"refuse two words",                   S("ok,ignore"), true,  false, STATE_OK      },
};

static void test_parse(void **state)
{
    const struct parse *row = *state;
    enum state parsed = STATE_OK;

    assert_int_equal(state_parse(row->text, row->with_ignore, &parsed), row->good);
    assert_int_equal(parsed, row->state);
}

static const struct merge {
    const char *label;
    enum state a, b, worse;
} merges[] = {
    {"two OK are OK",                     STATE_OK,       STATE_OK,      STATE_OK      },
    {"UNKNOWN is worse than OK",          STATE_OK,       STATE_UNKNOWN, STATE_UNKNOWN },
    {"WARNING is worse than OK",          STATE_OK,       STATE_WARNING, STATE_WARNING },
    {"WARNING is worse than UNKNOWN",     STATE_UNKNOWN,  STATE_WARNING, STATE_WARNING },
    {"CRITICAL is worse than UNKNOWN",    STATE_CRITICAL, STATE_UNKNOWN, STATE_CRITICAL},
    {"CRITICAL is worse than WARNING",    STATE_CRITICAL, STATE_WARNING, STATE_CRITICAL},
    {"a finding that is ignored is mild", STATE_IGNORE,   STATE_UNKNOWN, STATE_UNKNOWN },
};

static void test_merge(void **state)
{
    const struct merge *row = *state;

    assert_int_equal(state_worse(row->a, row->b), row->worse);
    assert_int_equal(state_worse(row->b, row->a), row->worse);
}

static const struct name {
    const char *label;
    enum state state;
    int exit_code, rank;
    const char *name;
} names[] = {
    {"OK is exit code 0",       STATE_OK,       0, 0, "OK"      },
    {"WARNING is exit code 1",  STATE_WARNING,  1, 2, "WARNING" },
    {"CRITICAL is exit code 2", STATE_CRITICAL, 2, 3, "CRITICAL"},
    {"UNKNOWN is exit code 3",  STATE_UNKNOWN,  3, 1, "UNKNOWN" },
    {"IGNORE has a name",       STATE_IGNORE,   4, 0, "IGNORE"  },
};

static void test_name(void **state)
{
    const struct name *row = *state;

    assert_string_equal(state_name(row->state), row->name);
    assert_int_equal(row->state, row->exit_code);
    assert_int_equal(state_rank(row->state), row->rank);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_parse, parses);
    CASES_TABLE(&cases, test_merge, merges);
    CASES_TABLE(&cases, test_name, names);
    return cases_run(&cases, "state");
}
