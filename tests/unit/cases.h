/*
 * Tables of cases for cmocka: each row is a test of its own, named by its label.
 *
 *     static const struct row {
 *         const char *label;      the first member: a sentence, with the RFC section
 *         ...
 *     } rows[] = {...};
 *
 *     static void test_row(void **state)
 *     {
 *         const struct row *row = *state;
 *         ...
 *     }
 *
 *     int main(void)
 *     {
 *         struct cases cases = {0};
 *
 *         CASES_TABLE(&cases, test_row, rows);
 *         cases_add(&cases, "one test without a table", test_that, NULL);
 *         return cases_run(&cases, "module");
 *     }
 *
 * All tables of a program are one cmocka group, so TAP has one plan.
 */
#ifndef TESTS_UNIT_CASES_H
#define TESTS_UNIT_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define CASES_MAX 1024

struct cases {
    struct CMUnitTest tests[CASES_MAX];
    size_t count;
};

static inline void cases_add(struct cases *cases, const char *label, CMUnitTestFunction test,
                             const void *row)
{
    if (cases->count == CASES_MAX)
        abort();
    cases->tests[cases->count++] = (struct CMUnitTest){
        .name = label,
        .test_func = test,
        /* cmocka has no const; no test writes to its row. */
        .initial_state = (void *)(uintptr_t)row,
    };
}

static inline void cases_add_rows(struct cases *cases, CMUnitTestFunction test, const void *rows,
                                  size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        const char *row = (const char *)rows + i * size;

        cases_add(cases, *(const char *const *)(const void *)row, test, row);
    }
}

#define CASES_TABLE(cases, test, rows)                                                             \
    cases_add_rows((cases), (test), (rows), sizeof(rows) / sizeof((rows)[0]), sizeof((rows)[0]))

/* What main() returns: 0 when every case passed. */
static inline int cases_run(struct cases *cases, const char *module)
{
    return _cmocka_run_group_tests(module, cases->tests, cases->count, NULL, NULL) == 0 ? 0 : 1;
}

/* For tables: a slice as an initialiser, NUL inside allowed. */
#define CASES_SLICE(text)                                                                          \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

#endif
