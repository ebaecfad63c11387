/* The lint of one zone, given as text. */
#ifndef TESTS_UNIT_SPF_FIXTURE_H
#define TESTS_UNIT_SPF_FIXTURE_H

#include "cases.h"
#include "mail/spf_lint.h"

/* The issue is there and has no repair. */
#define NO_REPAIR ""

struct fixture {
    struct arena arena;
    struct dns_answers *answers;
    struct spf_tree tree;
    struct spf_issues issues;
};

static void lint_zone(struct fixture *fixture, const char *zone,
                      const struct spf_lint_options *options)
{
    struct spf_tree_request request = {.domain = "example.com"};
    arena_init(&fixture->arena);
    fixture->answers = dns_answers_new(&fixture->arena, 2000);
    assert_int_equal(dns_answers_read(fixture->answers, zone, true), 0);
    spf_tree_build(&request, fixture->answers, &fixture->arena, &fixture->tree);
    assert_true(fixture->tree.complete);
    spf_lint(&fixture->tree, options, &fixture->arena, &fixture->issues);
}

static const struct spf_issue *find(const struct fixture *fixture, enum spf_issue_kind kind)
{
    for (size_t i = 0; i < fixture->issues.count; i++) {
        if (fixture->issues.issues[i].kind == kind)
            return &fixture->issues.issues[i];
    }
    return NULL;
}

static const struct spf_lint_options defaults = {.lookup_warning = 8, .addresses_warning = 65536};

#endif
