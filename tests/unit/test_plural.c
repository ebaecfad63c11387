#include "base/plural.h"
#include "cases.h"

static const struct row {
    const char *label;
    uint64_t count;
    const char *word;
} rows[] = {
    {"none are many",                         0,              "mails"},
    {"one is one",                            1,              "mail" },
    {"two are many",                          2,              "mails"},
    {"a count beyond 32 bits that ends in 1", 0x100000001ULL, "mails"},
    {"the largest count",                     UINT64_MAX,     "mails"},
};

static void test_plural(void **state)
{
    const struct row *row = *state;

    assert_string_equal(plural(row->count, "mail", "mails"), row->word);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_plural, rows);
    return cases_run(&cases, "plural");
}
