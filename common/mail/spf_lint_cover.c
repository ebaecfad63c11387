/* Issues of what the tree covers: addresses and networks. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mail/spf_lint.h"

static const struct slice no_term = {0};

/* Most overlaps that are named one by one. */
enum { OVERLAPS_MAX = 10 };

/* "192.0.2.1" for a single address, "192.0.2.0/24" else. */
static const char *print_network(const struct ip_network *network,
                                 char buffer[static IP_NETWORK_TEXT_SIZE])
{
    unsigned width = network->address.family == IP_V4 ? 32 : 128;
    return network->prefix == width ? ip_print(&network->address, buffer)
                                    : ip_network_print(network, buffer);
}

static bool is_all(const struct spf_grant *grant)
{
    return grant->term->kind == SPF_TERM_ALL;
}

/* Widest first, so that what is covered comes behind what covers it. */
static int compare_grants(const void *a, const void *b)
{
    const struct spf_grant *x = a;
    const struct spf_grant *y = b;
    struct ip_address first_x = ip_network_at(&x->network, 0);
    struct ip_address first_y = ip_network_at(&y->network, 0);
    int order = ip_compare(&first_x, &first_y);
    if (order != 0)
        return order;
    return x->network.prefix < y->network.prefix ? -1 : x->network.prefix > y->network.prefix;
}

static void lint_overlap(struct spf_lint *lint)
{
    size_t count = lint->tree->grant_count;
    struct spf_grant *sorted = arena_array(lint->arena, count + 1, sizeof *sorted);
    const struct spf_grant *cover = NULL;
    size_t found = 0;
    if (count > 0)
        memcpy(sorted, lint->tree->grants, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_grants);
    for (size_t i = 0; i < count && found < OVERLAPS_MAX; i++) {
        const struct spf_grant *grant = &sorted[i];
        if (is_all(grant) || grant->network.prefix == 0)
            continue;
        bool is_covered = cover != NULL && cover->term != grant->term &&
                          ip_network_contains(&cover->network, &grant->network.address);
        if (!is_covered) {
            cover = grant;
            continue;
        }
        char buffer[IP_NETWORK_TEXT_SIZE];
        found++;
        spf_lint_add(lint, SPF_ISSUE_OVERLAP, grant->node->domain, grant->term->text,
                     "%s of %.*s is covered already by %.*s in the record of %s",
                     print_network(&grant->network, buffer), SLICE_PRINTF(grant->term->text),
                     SLICE_PRINTF(cover->term->text), cover->node->domain);
    }
}

/*
 * "-include:x +all" may deny all that x covers (RFC 7208 A.4): when a denying include comes first
 * whose own record ends in +all, the +all lets only the rest pass.
 */
static bool is_guarded(const struct spf_node *node, const struct spf_term *all)
{
    for (size_t i = 0; i < node->record.count && &node->record.terms[i] != all; i++) {
        const struct spf_node *child = node->terms[i].child;
        if (child == NULL || node->record.terms[i].qualifier != '-')
            continue;
        if (child->record.all != SPF_NO_TERM &&
            child->record.terms[child->record.all].qualifier == '+')
            return true;
    }
    return false;
}

static void lint_all_plus(struct spf_lint *lint)
{
    const struct spf_term *named = NULL;
    for (size_t i = 0; i < lint->tree->grant_count; i++) {
        const struct spf_grant *grant = &lint->tree->grants[i];
        if (grant->network.prefix != 0 || grant->term == named ||
            is_guarded(grant->node, grant->term))
            continue;
        named = grant->term;
        struct spf_issue *issue =
            spf_lint_add(lint, SPF_ISSUE_ALL_PLUS, grant->node->domain, named->text,
                         "%.*s lets every address in the world%s pass", SLICE_PRINTF(named->text),
                         is_all(grant)                            ? ""
                         : grant->network.address.family == IP_V4 ? " (IPv4)"
                                                                  : " (IPv6)");
        issue->seen = spf_lint_seen(lint, grant->node->record.text);
    }
}

static void lint_wide(struct spf_lint *lint)
{
    const struct spf_tree *tree = lint->tree;
    if (tree->addresses > lint->options->addresses_warning) {
        size_t widest = SIZE_MAX;
        for (size_t i = 0; i < tree->grant_count; i++) {
            const struct ip_network *network = &tree->grants[i].network;
            if (network->address.family == IP_V4 &&
                (widest == SIZE_MAX || network->prefix < tree->grants[widest].network.prefix))
                widest = i;
        }
        const struct spf_grant *grant = &tree->grants[widest];
        spf_lint_add(lint, SPF_ISSUE_WIDE, grant->node->domain, grant->term->text,
                     "%" PRIu64 " IPv4 addresses may send, most of them by %.*s of %s",
                     tree->addresses, SLICE_PRINTF(grant->term->text), grant->node->domain);
    }
    for (size_t i = 0; i < tree->grant_count; i++) {
        const struct spf_grant *grant = &tree->grants[i];
        if (grant->network.address.family == IP_V6 && grant->network.prefix != 0 &&
            grant->network.prefix < SPF_WIDE_PREFIX6)
            spf_lint_add(lint, SPF_ISSUE_WIDE_V6, grant->node->domain, grant->term->text,
                         "%.*s covers more IPv6 addresses than a provider is given",
                         SLICE_PRINTF(grant->term->text));
    }
}

/* One for each term, whatever number of addresses it stands for. */
static void lint_private(struct spf_lint *lint)
{
    const struct spf_term *named = NULL;
    for (size_t i = 0; i < lint->tree->grant_count; i++) {
        const struct spf_grant *grant = &lint->tree->grants[i];
        struct ip_address first = ip_network_at(&grant->network, 0);
        enum ip_scope scope = ip_scope(&first);
        char buffer[IP_NETWORK_TEXT_SIZE];
        if (scope == IP_PUBLIC || grant->network.prefix == 0 || grant->term == named)
            continue;
        named = grant->term;
        spf_lint_add(lint, SPF_ISSUE_PRIVATE, grant->node->domain, grant->term->text,
                     "%.*s allows %s, which is %s: no mail comes from there through the Internet",
                     SLICE_PRINTF(grant->term->text), print_network(&grant->network, buffer),
                     ip_scope_name(scope));
    }
}

void spf_lint_cover(struct spf_lint *lint)
{
    lint_all_plus(lint);
    lint_wide(lint);
    lint_private(lint);
    lint_overlap(lint);
    if (lint->tree->is_cut)
        spf_lint_add(lint, SPF_ISSUE_CUT, lint->tree->root->domain, no_term,
                     "the tree is larger than what any receiver follows; numbers are \"at least\"");
}
