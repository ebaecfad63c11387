/*
 * Looking at what a judge found.
 */
#ifndef TESTS_JUDGE_FINDINGS_H
#define TESTS_JUDGE_FINDINGS_H

#include "tests/unit/cases.h"

#include <string.h>

#include "report/report.h"

/* The first finding of that id; NULL: there is none. */
static inline const struct finding *findings_find(const struct report *report, const char *id)
{
    for (size_t i = 0; i < report->finding_count; i++) {
        if (strcmp(report->tables->findings[report->findings[i].definition].id, id) == 0)
            return &report->findings[i];
    }
    return NULL;
}

/* The finding of that id, which must be there. */
static inline const struct finding *findings_found(const struct report *report, const char *id)
{
    static const struct finding none = {.text = "", .fix = "", .seen = ""};
    const struct finding *finding = findings_find(report, id);
    if (finding == NULL)
        print_error("no %s\n", id);
    assert_non_null(finding);
    return finding == NULL ? &none : finding;
}

/* Every finding has an id of that prefix and of its own, and title, reason, repair and reference.
 */
static inline void findings_assert_whole(const struct finding_definition *definitions, size_t count,
                                         const char *prefix)
{
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(definitions[i].id);
        assert_int_equal(strncmp(definitions[i].id, prefix, strlen(prefix)), 0);
        assert_non_null(definitions[i].title);
        assert_non_null(definitions[i].why);
        assert_non_null(definitions[i].fix);
        assert_non_null(definitions[i].reference);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(definitions[i].id, definitions[k].id);
    }
}

#endif
