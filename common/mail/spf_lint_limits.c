#include <limits.h>

#include "base/plural.h"
#include "mail/spf_lint.h"
#include "mail/spf_repair.h"

static const struct slice NO_TERM = {0};

/* "include:a.example 4, mx 1": what each term of the record costs. */
static const char *costs(struct spf_lint *lint, const struct spf_node *node, bool voids)
{
    struct text text;
    size_t count = 0;
    text_init(&text, 800);
    for (size_t i = 0; i < node->record.count; i++) {
        const struct spf_node_term *fact = &node->terms[i];
        unsigned cost = voids ? fact->void_lookups : fact->lookups;
        if (cost > 0)
            text_printf(&text, "%s%.*s %u", count++ == 0 ? "" : ", ",
                        SLICE_PRINTF(fact->term->text), cost);
    }
    const char *result = arena_copy(lint->arena, text.start);
    text_release(&text);
    return result;
}

/* What the terms that stay in a repair of these kinds still cost; UINT_MAX when there is none. */
static unsigned remaining(struct spf_lint *lint, const struct spf_node *node, unsigned kinds,
                          bool voids)
{
    struct spf_repair_wish wish = {.kinds = kinds};
    struct spf_record record;
    const char *text = spf_repair(node, &wish, lint->arena);
    unsigned total = 0;
    if (text == NULL || !spf_record_parse(slice_of(text), lint->arena, &record))
        return UINT_MAX;
    for (size_t k = 0; k < record.count; k++) {
        size_t i = 0;
        while (i < node->record.count &&
               !slice_equals(record.terms[k].text, node->record.terms[i].text))
            i++;
        if (i < node->record.count)
            total += voids ? node->terms[i].void_lookups : node->terms[i].lookups;
        else
            total += spf_term_costs_lookup(&record.terms[k]) ? 1 : 0;
    }
    return total;
}

/* The kinds of repair that bring the costs down to `limit`, the least first. */
static void want_cheaper(struct spf_lint *lint, struct spf_issue *issue,
                         const struct spf_node *node, unsigned limit, bool voids)
{
    static const unsigned kinds[] = {SPF_REPAIR_DROP_VOID,
                                     SPF_REPAIR_DROP_VOID | SPF_REPAIR_ADDRESSES};
    for (size_t i = 0; i < (voids ? 1 : 2); i++) {
        unsigned rest = remaining(lint, node, kinds[i], voids);
        if (rest != UINT_MAX && rest <= limit) {
            spf_lint_want(issue, node, kinds[i]);
            return;
        }
    }
}

void spf_lint_limits(struct spf_lint *lint)
{
    const struct spf_tree *tree = lint->tree;
    const struct spf_node *root = tree->root;
    struct spf_issue *issue = NULL;
    if (tree->lookups > SPF_LOOKUP_LIMIT) {
        issue = spf_lint_add(lint, SPF_ISSUE_LOOKUPS_OVER, root->domain, NO_TERM,
                             "%s%u DNS lookups, the limit is %d: permerror",
                             tree->is_cut ? "at least " : "", tree->lookups, SPF_LOOKUP_LIMIT);
    } else if (tree->lookups >= lint->options->lookup_warning) {
        issue = spf_lint_add(lint, SPF_ISSUE_LOOKUPS_NEAR, root->domain, NO_TERM,
                             "%u DNS lookup%s of %d", tree->lookups, plural(tree->lookups, "", "s"),
                             SPF_LOOKUP_LIMIT);
    }
    if (issue != NULL) {
        issue->seen = costs(lint, root, false);
        want_cheaper(lint, issue, root,
                     issue->kind == SPF_ISSUE_LOOKUPS_OVER ? SPF_LOOKUP_LIMIT
                                                           : lint->options->lookup_warning - 1,
                     false);
    }
    if (tree->void_lookups > 0) {
        bool is_over = tree->void_lookups > SPF_VOID_LIMIT;
        issue = spf_lint_add(lint, is_over ? SPF_ISSUE_VOID_OVER : SPF_ISSUE_VOID_SOME,
                             root->domain, NO_TERM, "%u void lookup%s, the limit is %d%s",
                             tree->void_lookups, plural(tree->void_lookups, "", "s"),
                             SPF_VOID_LIMIT, is_over ? ": permerror" : "");
        issue->seen = costs(lint, root, true);
        want_cheaper(lint, issue, root, is_over ? SPF_VOID_LIMIT : 0, true);
    }
    if (tree->serial_ms > (uint64_t)SPF_SECONDS_MAX * 1000)
        spf_lint_add(lint, SPF_ISSUE_TIME, root->domain, NO_TERM,
                     "a receiver that asks one question after the other waits %.1f s, %d s is what "
                     "they must allow",
                     (double)tree->serial_ms / 1000.0, SPF_SECONDS_MAX);
}

void spf_lint_family(struct spf_lint *lint)
{
    const struct spf_tree *tree = lint->tree;
    bool has4 = false;
    bool has6 = false;
    if (tree->void_lookups > SPF_VOID_LIMIT)
        return;
    for (size_t i = 0; i < tree->grant_count; i++) {
        has4 = has4 || tree->grants[i].network.address.family == IP_V4;
        has6 = has6 || tree->grants[i].network.address.family == IP_V6;
    }
    bool bad4 = has4 && tree->void4 > SPF_VOID_LIMIT;
    bool bad6 = has6 && tree->void6 > SPF_VOID_LIMIT;
    if (bad4 || bad6)
        spf_lint_add(lint, SPF_ISSUE_VOID_FAMILY, tree->root->domain, NO_TERM,
                     "an %s client may meet %u void lookups, the limit is %d: permerror",
                     bad6 ? "IPv6" : "IPv4", bad6 ? tree->void6 : tree->void4, SPF_VOID_LIMIT);
}
