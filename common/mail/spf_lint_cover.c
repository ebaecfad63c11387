/* Issues of what the tree covers: addresses and networks. */
#include <inttypes.h>
#include <stdlib.h>

#include "mail/domain.h"
#include "mail/spf_lint.h"

static const struct slice no_term = {0};

/* Most overlaps that are named one by one. */
enum { OVERLAPS_MAX = 10 };
/* Terms of one record that are compared with each other. */
enum { DENIED_TERMS_MAX = 1000 };

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

/* Widest first, so that what is covered comes behind what covers it; else as they stand in the
 * tree, for qsort() keeps no order by itself. */
static int compare_grants(const void *a, const void *b)
{
    const struct spf_grant *x = *(const struct spf_grant *const *)a;
    const struct spf_grant *y = *(const struct spf_grant *const *)b;
    struct ip_address first_x = ip_network_at(&x->network, 0);
    struct ip_address first_y = ip_network_at(&y->network, 0);
    int order = ip_compare(&first_x, &first_y);
    if (order != 0)
        return order;
    if (x->network.prefix != y->network.prefix)
        return x->network.prefix < y->network.prefix ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* One record that is reached twice covers itself: that is another finding. */
static bool is_same_place(const struct spf_grant *a, const struct spf_grant *b)
{
    return a->node != b->node && domain_equal(a->node->domain, b->node->domain) &&
           slice_equals(a->term->text, b->term->text);
}

static void lint_overlap(struct spf_lint *lint)
{
    size_t count = lint->tree->grant_count;
    const struct spf_grant **sorted =
        arena_array(lint->arena, count + 1, sizeof(const struct spf_grant *));
    const struct spf_grant *cover = NULL;
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &lint->tree->grants[i];
    qsort(sorted, count, sizeof(const struct spf_grant *), compare_grants);
    for (size_t i = 0; i < count && found < OVERLAPS_MAX; i++) {
        const struct spf_grant *grant = sorted[i];
        if (is_all(grant) || grant->network.prefix == 0)
            continue;
        bool is_covered = cover != NULL && cover->term != grant->term &&
                          !is_same_place(cover, grant) &&
                          ip_network_contains(&cover->network, &grant->network.address);
        if (!is_covered) {
            cover = grant;
            continue;
        }
        char buffer[IP_NETWORK_TEXT_SIZE];
        found++;
        spf_lint_add(lint, SPF_ISSUE_OVERLAP, grant->node->domain, grant->term->text,
                     "%s of %.*s is covered already by %.*s in %s",
                     print_network(&grant->network, buffer), SLICE_PRINTF(grant->term->text),
                     SLICE_PRINTF(cover->term->text), spf_lint_record_of(lint, cover->node));
    }
}

static bool is_network(const struct spf_term *term)
{
    return term->error == SPF_FINE && (term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6);
}

/*
 * "-include:x +all" may deny all that x covers (RFC 7208 A.4): when a denying include comes first
 * whose own record ends in +all, the +all lets only the rest pass. So does a network of length 0 of
 * the family that is not let pass.
 */
static bool is_guarded(const struct spf_grant *grant)
{
    const struct spf_node *node = grant->node;
    for (size_t i = 0; i < node->record.count && &node->record.terms[i] != grant->term; i++) {
        const struct spf_term *term = &node->record.terms[i];
        const struct spf_node *child = node->terms[i].child;
        if (is_network(term) && term->qualifier != '+' && term->network.prefix == 0 &&
            term->network.address.family == grant->network.address.family)
            return true;
        if (child != NULL && term->qualifier == '-' && child->record.all != SPF_NO_TERM &&
            child->record.terms[child->record.all].qualifier == '+')
            return true;
    }
    return false;
}

static void add_all_plus(struct spf_lint *lint, const struct spf_node *node, struct slice term,
                         const char *what)
{
    const char *who = term.length == 0 ? "the networks together let"
                                       : arena_format(lint->arena, "%.*s lets", SLICE_PRINTF(term));
    struct spf_issue *issue =
        spf_lint_add(lint, SPF_ISSUE_ALL_PLUS, node->domain, term, "%s %s pass", who, what);
    issue->seen = spf_lint_seen(lint, node->record.text);
}

static const char *whose(const struct spf_lint *lint, size_t index)
{
    const struct spf_tree *tree = lint->tree;
    const struct spf_grant *grant = &tree->grants[index];
    bool is_six = grant->network.address.family == IP_V6;
    const struct spf_grant *next = index + 1 < tree->grant_count ? grant + 1 : NULL;
    if (!is_six && is_all(grant) && next != NULL && next->term == grant->term && !is_guarded(next))
        return "every address in the world";
    return is_six ? "every IPv6 address in the world" : "every IPv4 address in the world";
}

static bool has_records(const struct dns_answer *answer)
{
    return answer != NULL && answer->record_count > 0;
}

/* What lets everybody pass and stands in no network: a/0 that was not looked up, and exists: of one
 * fixed name that is there. */
static bool matches_all(const struct spf_node_term *fact)
{
    const struct spf_term *term = fact->term;
    bool is_host = term->kind == SPF_TERM_A || term->kind == SPF_TERM_MX;
    if (!fact->is_used || term->error != SPF_FINE || term->qualifier != '+')
        return false;
    if (term->kind == SPF_TERM_EXISTS)
        return fact->target != NULL && has_records(fact->a);
    bool is_open =
        (term->has_prefix4 && term->prefix4 == 0) || (term->has_prefix6 && term->prefix6 == 0);
    return is_host && is_open && fact->a == NULL && fact->mx == NULL;
}

/* The address behind the last one of a network; false when there is none. */
static bool step_behind(const struct ip_network *network, struct ip_address *next)
{
    size_t size = network->address.family == IP_V4 ? 4 : 16;
    *next = ip_network_at(network, 0);
    for (size_t bit = network->prefix; bit > 0; bit--) {
        uint8_t mask = (uint8_t)(0x80U >> ((bit - 1) % 8));
        uint8_t *octet = &next->bytes[(bit - 1) / 8];
        *octet ^= mask; /* add one at the last bit of the prefix, and carry */
        if ((*octet & mask) != 0)
            return (bit - 1) / 8 < size;
    }
    return false;
}

/* Networks, widest first, that leave no address of the family out. */
static bool covers_all(const struct spf_grant *const *sorted, size_t count, enum ip_family family)
{
    struct ip_address next = {.family = family};
    for (size_t i = 0; i < count; i++) {
        struct ip_address first = ip_network_at(&sorted[i]->network, 0);
        struct ip_address behind;
        if (first.family != family)
            continue;
        if (ip_compare(&first, &next) > 0)
            return false;
        if (!step_behind(&sorted[i]->network, &behind))
            return true;
        if (ip_compare(&behind, &next) > 0)
            next = behind;
    }
    return false;
}

static void lint_together(struct spf_lint *lint, enum ip_family family)
{
    size_t count = 0;
    const struct spf_grant **sorted =
        arena_array(lint->arena, lint->tree->grant_count + 1, sizeof(const struct spf_grant *));
    for (size_t i = 0; i < lint->tree->grant_count; i++) {
        const struct spf_grant *grant = &lint->tree->grants[i];
        if (grant->network.address.family != family)
            continue;
        if (grant->network.prefix == 0)
            return; /* judged by itself */
        sorted[count++] = grant;
    }
    qsort(sorted, count, sizeof(const struct spf_grant *), compare_grants);
    if (covers_all(sorted, count, family))
        add_all_plus(lint, lint->tree->root, no_term,
                     family == IP_V4 ? "every IPv4 address in the world"
                                     : "every IPv6 address in the world");
}

static void lint_all_plus(struct spf_lint *lint)
{
    const struct spf_term *named = NULL;
    for (size_t i = 0; i < lint->tree->grant_count; i++) {
        const struct spf_grant *grant = &lint->tree->grants[i];
        if (grant->network.prefix != 0 || grant->term == named || is_guarded(grant))
            continue;
        named = grant->term;
        add_all_plus(lint, grant->node, named->text, whose(lint, i));
    }
    for (size_t i = 0; i < lint->tree->node_count; i++) {
        const struct spf_node *node = lint->tree->nodes[i];
        for (size_t k = 0; node->grants && node->terms != NULL && k < node->record.count; k++) {
            if (matches_all(&node->terms[k]))
                add_all_plus(lint, node, node->record.terms[k].text, "every address in the world");
        }
    }
    lint_together(lint, IP_V4);
    lint_together(lint, IP_V6);
}

/* A pass behind a denial that covers it. */
static void lint_denied(struct spf_lint *lint, const struct spf_node *node)
{
    const struct spf_record *record = &node->record;
    size_t found = 0;
    for (size_t i = 0; i < record->count && i < DENIED_TERMS_MAX && found < OVERLAPS_MAX; i++) {
        const struct spf_term *term = &record->terms[i];
        if (!is_network(term) || term->qualifier != '+' || !node->terms[i].is_used)
            continue;
        for (size_t k = 0; k < i; k++) {
            const struct spf_term *denial = &record->terms[k];
            if (!is_network(denial) || denial->qualifier == '+' ||
                denial->network.prefix > term->network.prefix ||
                !ip_network_contains(&denial->network, &term->network.address))
                continue;
            found++;
            spf_lint_add(lint, SPF_ISSUE_OVERLAP, node->domain, term->text,
                         "%.*s never lets anybody pass: %.*s stands before it and covers it",
                         SLICE_PRINTF(term->text), SLICE_PRINTF(denial->text));
            break;
        }
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
                     "%" PRIu64 " IPv4 addresses may send, most of them by %.*s in %s",
                     tree->addresses, SLICE_PRINTF(grant->term->text),
                     spf_lint_record_of(lint, grant->node));
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

/* The network reaches beyond the range that its first address is of. */
static bool is_mixed(const struct ip_network *network, enum ip_scope scope)
{
    struct ip_address last = ip_network_at(network, 0);
    for (unsigned bit = network->prefix; bit < (last.family == IP_V4 ? 32U : 128U); bit++)
        last.bytes[bit / 8] |= (uint8_t)(0x80U >> (bit % 8));
    return ip_scope(&last) != scope;
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
        const char *network = print_network(&grant->network, buffer);
        if (is_mixed(&grant->network, scope))
            spf_lint_add(lint, SPF_ISSUE_PRIVATE, grant->node->domain, grant->term->text,
                         "%.*s allows %s, which contains addresses that are %s: no mail comes from "
                         "those through the Internet",
                         SLICE_PRINTF(grant->term->text), network, ip_scope_name(scope));
        else
            spf_lint_add(lint, SPF_ISSUE_PRIVATE, grant->node->domain, grant->term->text,
                         "%.*s allows %s, which is %s: no mail comes from there through the "
                         "Internet",
                         SLICE_PRINTF(grant->term->text), network, ip_scope_name(scope));
    }
}

void spf_lint_cover(struct spf_lint *lint)
{
    lint_all_plus(lint);
    lint_wide(lint);
    lint_private(lint);
    lint_overlap(lint);
    for (size_t i = 0; i < lint->tree->node_count; i++) {
        if (lint->tree->nodes[i]->terms != NULL)
            lint_denied(lint, lint->tree->nodes[i]);
    }
    if (lint->tree->is_cut)
        spf_lint_add(lint, SPF_ISSUE_CUT, lint->tree->root->domain, no_term,
                     "the tree is larger than what any receiver follows; numbers are \"at least\"");
}
