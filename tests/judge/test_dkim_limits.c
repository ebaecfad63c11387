/* check_dkim: -w and -c, which stand in for the limits of RFC 8301 3.2. The other findings are in
 * test_dkim_judge.c. */
#include <string.h>

#include "dkim.h"
#include "tests/unit/cases.h"
#include "tests/unit/dkim_maker.h"

#define NAME "sel._domainkey.example.org"

static const struct limit_row {
    const char *label;
    const char *record;
    const char *warning, *critical; /* -w, -c; NULL: not given */
    const char *id;                 /* NULL: nothing worse than OK */
    enum state state;
} limit_rows[] = {
  /* clang-format off */
    {"-w: the range stands in for 2048 bits", "v=DKIM1; p=%S", "1024:", NULL, NULL, STATE_OK},
    {"-w: a good key may be too short for it", "v=DKIM1; p=%R", "3072:", NULL, "dkim.bits-limit",
     STATE_WARNING},
    {"-c: comes before -w", "v=DKIM1; p=%S", "2048:", "2048:", "dkim.bits-limit", STATE_CRITICAL},
    {"-c alone leaves the warning below 2048", "v=DKIM1; p=%S", NULL, "512:", "dkim.bits-few",
     STATE_WARNING},
    {"-w alone leaves the alarm below 1024", "v=DKIM1; p=%T", "512:", NULL, "dkim.bits-short",
     STATE_CRITICAL},
    {"an Ed25519 key has no such figure", "v=DKIM1; k=ed25519; p=%E", "2048:", "2048:", NULL,
     STATE_OK},
  /* clang-format on */
};

static void test_limit(void **state)
{
    const struct limit_row *row = *state;
    struct arena arena;
    struct report report;
    struct plugin_common common = {.timeout_result = STATE_UNKNOWN};
    struct dkim_target target = {.domain = "example.org", .selector = "sel", .name = NAME};
    struct dkim_facts facts = {
        .arena = &arena,
        .targets = &target,
        .target_count = 1,
        .probe = "nobody",
    };
    arena_init(&arena);
    report_init(&report, &arena, &dkim_definition.tables);
    if (row->warning != NULL)
        assert_true(range_parse(slice_of(row->warning), &common.warning));
    if (row->critical != NULL)
        assert_true(range_parse(slice_of(row->critical), &common.critical));
    const char *record = maker_fill(&arena, row->record);
    struct dns_answers *answers = dns_answers_new(&arena, 2000);
    assert_int_equal(dns_answers_read(answers, maker_txt(&arena, NAME, slice_of(record)), true), 0);
    dkim_collect(&dkim_config_default, &common, NULL, answers, (struct deadline){0}, &facts);
    dkim_judge(&dkim_config_default, &common, &facts, &report);
    assert_int_equal(report_state(&report), row->state);
    bool is_there = row->id == NULL;
    for (size_t i = 0; i < report.finding_count; i++)
        is_there =
            is_there || strcmp(dkim_findings[report.findings[i].definition].id, row->id) == 0;
    assert_true(is_there);
    report_release(&report);
    arena_release(&arena);
}

int main(void)
{
    static struct cases cases;
    maker_open();
    CASES_TABLE(&cases, test_limit, limit_rows);
    int status = cases_run(&cases, "dkim_limits");
    maker_close();
    return status;
}
