#include "mail/spf_tree.h"

#include <stdlib.h>
#include <string.h>

#include "mail/domain.h"

/* What a building needs at hand. */
struct builder {
    const struct spf_tree_request *request;
    struct dns_answers *answers;
    struct arena *arena;
    struct spf_tree *tree;
    const struct spf_term *term; /* whose questions are asked */
    size_t grant_capacity;
};

const char *spf_node_state_name(enum spf_node_state state)
{
    switch (state) {
    case SPF_NODE_PENDING:
        return "no answer";
    case SPF_NODE_RECORD:
        return "record";
    case SPF_NODE_NONE:
        return "no SPF record";
    case SPF_NODE_MULTIPLE:
        return "several SPF records";
    case SPF_NODE_ERROR:
        return "DNS error";
    case SPF_NODE_MESSAGE:
        return "depends on the message";
    case SPF_NODE_LOOP:
        return "loop";
    case SPF_NODE_BAD_NAME:
        return "not a valid domain name";
    case SPF_NODE_UNFOLLOWED:
        return "not followed";
    }
    return "?";
}

static bool is_void(const struct dns_answer *answer)
{
    return answer->status == DNS_NXDOMAIN || answer->status == DNS_NODATA;
}

static void note_failure(struct builder *b, const struct dns_answer *answer,
                         const struct spf_node *node)
{
    struct spf_tree *tree = b->tree;
    for (size_t i = 0; i < tree->failure_count; i++) {
        if (tree->failures[i].answer == answer)
            return;
    }
    if (tree->failure_count == SPF_FAILURES_MAX)
        return;
    struct spf_failure *failure = &tree->failures[tree->failure_count++];
    failure->answer = answer;
    failure->node = node;
    failure->term = node == NULL ? NULL : b->term;
    if (answer->status == DNS_SERVFAIL) {
        failure->unchecked =
            dns_answers_get_with(b->answers, answer->name, answer->type, DNS_CHECKING_DISABLED);
        if (!dns_answer_is_settled(failure->unchecked))
            b->tree->complete = false;
    }
}

/* A question that a receiver asks too. */
static const struct dns_answer *ask(struct builder *b, const char *name, unsigned type,
                                    const struct spf_node *node)
{
    const struct dns_answer *answer = dns_answers_get(b->answers, name, type);
    if (answer->status == DNS_BAD_NAME || dns_status_is_answer(answer->status)) {
        if (type != DNS_AAAA)
            b->tree->serial_ms += answer->ms;
        return answer;
    }
    if (!dns_answer_is_settled(answer))
        b->tree->complete = false;
    note_failure(b, answer, node);
    return answer;
}

/* A question of the lint alone: its failure is none of the domain's. */
static const struct dns_answer *ask_extra(struct builder *b, const char *name, unsigned type)
{
    const struct dns_answer *answer = dns_answers_get(b->answers, name, type);
    if (!dns_answer_is_settled(answer))
        b->tree->complete = false;
    return answer;
}

static void grow_grants(struct builder *b)
{
    size_t capacity = b->grant_capacity == 0 ? 32 : b->grant_capacity * 2;
    struct spf_grant *grants = arena_array(b->arena, capacity, sizeof *grants);
    if (b->tree->grant_count > 0)
        memcpy(grants, b->tree->grants, b->tree->grant_count * sizeof *grants);
    b->tree->grants = grants;
    b->grant_capacity = capacity;
}

static void grant(struct builder *b, const struct spf_node *node, const struct spf_term *term,
                  struct ip_address address, unsigned prefix)
{
    struct spf_tree *tree = b->tree;
    if (!node->grants || term->qualifier != '+')
        return;
    if (tree->grant_count == SPF_GRANTS_MAX) {
        tree->is_cut = true;
        return;
    }
    if (tree->grant_count == b->grant_capacity)
        grow_grants(b);
    tree->grants[tree->grant_count++] = (struct spf_grant){
        .network = {address, prefix},
          .node = node, .term = term
    };
}

static void grant_answer(struct builder *b, const struct spf_node *node,
                         const struct spf_term *term, const struct dns_answer *answer)
{
    for (size_t i = 0; i < answer->record_count; i++) {
        struct ip_address address = answer->records[i].address;
        grant(b, node, term, address, address.family == IP_V4 ? term->prefix4 : term->prefix6);
    }
}

/* Letters whose value the record's domain alone decides. */
static const uint32_t known_letters = SPF_LETTER('d') | SPF_LETTER('o');

/* The target of a term that no message decides; `depends` otherwise. */
static void find_target(struct builder *b, const struct spf_node *node, struct spf_node_term *fact)
{
    const struct spf_term *term = fact->term;
    if (term->domain.start == NULL) {
        fact->target = node->domain;
        return;
    }
    if ((spf_macro_letters(term->domain) & ~known_letters) != 0) {
        fact->depends = true;
        return;
    }
    char name[SPF_NAME_SIZE];
    struct text text;
    struct spf_macro_values values = {.domain = node->domain, .sender_domain = b->request->domain};
    text_init(&text, (size_t)4 * SPF_VALUE_MAX);
    spf_macro_expand(term->domain, &values, &text);
    if (spf_target_name(text_slice(&text), name))
        fact->target = arena_copy(b->arena, name);
    text_release(&text);
}

/* Both families, whatever this machine speaks: the record means the same for all. */
static void ask_addresses(struct builder *b, const struct spf_node *node, const char *name,
                          const struct dns_answer **a, const struct dns_answer **aaaa)
{
    *a = ask(b, name, DNS_A, node);
    *aaaa = ask(b, name, DNS_AAAA, node);
}

static void resolve_mx(struct builder *b, struct spf_node *node, struct spf_node_term *fact)
{
    fact->mx = ask(b, fact->target, DNS_MX, node);
    fact->is_void4 = fact->is_void6 = is_void(fact->mx);
    size_t count = fact->mx->record_count;
    fact->exchanger_count = count > SPF_NAMES_LIMIT ? SPF_NAMES_LIMIT : count;
    fact->exchanger_a = arena_array(b->arena, SPF_NAMES_LIMIT, sizeof(void *));
    fact->exchanger_aaaa = arena_array(b->arena, SPF_NAMES_LIMIT, sizeof(void *));
    for (size_t i = 0; i < fact->exchanger_count; i++) {
        const char *exchanger = fact->mx->records[i].target;
        if (exchanger[0] == '\0' || strcmp(exchanger, ".") == 0)
            continue; /* null MX, RFC 7505 3 */
        const struct dns_answer *a;
        const struct dns_answer *aaaa;
        ask_addresses(b, node, exchanger, &a, &aaaa);
        fact->exchanger_a[i] = a;
        fact->exchanger_aaaa[i] = aaaa;
        fact->is_void4 = fact->is_void4 || is_void(a);
        fact->is_void6 = fact->is_void6 || is_void(aaaa);
        grant_answer(b, node, fact->term, a);
        grant_answer(b, node, fact->term, aaaa);
    }
}

static void build_child(struct builder *b, struct spf_node *node, size_t index);

/* What one term of a record asks for and covers. */
static void resolve_term(struct builder *b, struct spf_node *node, size_t index)
{
    struct spf_node_term *fact = &node->terms[index];
    const struct spf_term *term = fact->term;
    bool may_ask = !b->request->offline && fact->target != NULL;
    switch (term->kind) {
    case SPF_TERM_A:
        if (!may_ask)
            break;
        ask_addresses(b, node, fact->target, &fact->a, &fact->aaaa);
        fact->is_void4 = is_void(fact->a);
        fact->is_void6 = is_void(fact->aaaa);
        grant_answer(b, node, term, fact->a);
        grant_answer(b, node, term, fact->aaaa);
        break;
    case SPF_TERM_MX:
        if (may_ask)
            resolve_mx(b, node, fact);
        break;
    case SPF_TERM_EXISTS:
        if (!may_ask)
            break;
        fact->a = ask(b, fact->target, DNS_A, node);
        fact->is_void4 = fact->is_void6 = is_void(fact->a);
        break;
    case SPF_TERM_INCLUDE:
    case SPF_TERM_REDIRECT:
        build_child(b, node, index);
        fact->is_void4 = fact->is_void6 =
            fact->child->answer != NULL && is_void(fact->child->answer);
        break;
    default:
        break;
    }
}

static void count_term(struct builder *b, struct spf_node *node, struct spf_node_term *fact)
{
    fact->lookups = 1;
    if ((spf_macro_letters(fact->term->domain) & SPF_LETTER('p')) != 0)
        fact->lookups++;
    /* Void whatever the client's family, RFC 7208 4.6.4. */
    fact->void_lookups = fact->is_void4 && fact->is_void6 ? 1 : 0;
    b->tree->void4 += fact->is_void4 ? 1 : 0;
    b->tree->void6 += fact->is_void6 ? 1 : 0;
    if (fact->child != NULL) {
        fact->lookups += fact->child->lookups;
        fact->void_lookups += fact->child->void_lookups;
    }
    node->lookups += fact->lookups;
    node->void_lookups += fact->void_lookups;
}

static void build_lookup(struct builder *b, struct spf_node *node, size_t index)
{
    struct spf_node_term *fact = &node->terms[index];
    find_target(b, node, fact);
    b->term = fact->term;
    if (b->tree->resolved < SPF_TREE_LOOKUPS_MAX) {
        b->tree->resolved++;
        resolve_term(b, node, index);
    } else {
        b->tree->is_cut = true;
    }
    count_term(b, node, fact);
}

static void build_term(struct builder *b, struct spf_node *node, size_t index)
{
    static const struct ip_address all4 = {.family = IP_V4};
    static const struct ip_address all6 = {.family = IP_V6};
    struct spf_node_term *fact = &node->terms[index];
    const struct spf_term *term = fact->term;
    fact->first_grant = b->tree->grant_count;
    if (fact->is_used && term->error == SPF_FINE) {
        if (spf_term_costs_lookup(term)) {
            build_lookup(b, node, index);
        } else if (term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6) {
            grant(b, node, term, term->network.address, term->network.prefix);
        } else if (term->kind == SPF_TERM_ALL) {
            grant(b, node, term, all4, 0);
            grant(b, node, term, all6, 0);
        } else if (term->kind == SPF_TERM_EXP && node->is_policy) {
            find_target(b, node, fact);
            if (fact->target != NULL && !b->request->offline)
                fact->text = ask_extra(b, fact->target, DNS_TXT);
        }
    }
    fact->grant_count = b->tree->grant_count - fact->first_grant;
}

static void build_record(struct builder *b, struct spf_node *node)
{
    const struct spf_record *record = &node->record;
    node->terms = arena_array(b->arena, record->count, sizeof *node->terms);
    node->first_grant = b->tree->grant_count;
    for (size_t i = 0; i < record->count; i++) {
        const struct spf_term *term = &record->terms[i];
        node->terms[i].term = term;
        node->terms[i].is_used =
            term->kind == SPF_TERM_REDIRECT
                ? record->all == SPF_NO_TERM
                : !spf_term_is_mechanism(term) || record->all == SPF_NO_TERM || i <= record->all;
    }
    /* The redirect comes after all mechanisms wherever it stands, RFC 7208 6.1. */
    for (size_t i = 0; i < record->count; i++) {
        if (i != record->redirect)
            build_term(b, node, i);
    }
    if (record->redirect != SPF_NO_TERM)
        build_term(b, node, record->redirect);
    node->grant_count = b->tree->grant_count - node->first_grant;
    node->addresses = spf_grants_count(b->tree->grants + node->first_grant, node->grant_count);
}

/* A node without a record, not in the tree's list. */
static struct spf_node *bare_node(const struct builder *b, struct spf_node *parent,
                                  size_t parent_term)
{
    struct spf_node *node = arena_alloc(b->arena, sizeof *node);
    node->parent = parent;
    node->parent_term = parent_term;
    node->record.all = node->record.redirect = node->record.exp = SPF_NO_TERM;
    node->record.error_term = SPF_NO_TERM;
    node->first_grant = b->tree->grant_count;
    return node;
}

static void build_node(struct builder *b, struct spf_node *node)
{
    struct slice text;
    node->answer = ask(b, node->domain, DNS_TXT, node->parent);
    switch (spf_select(node->answer, &text)) {
    case SPF_SELECT_PENDING:
        node->state = SPF_NODE_PENDING;
        return;
    case SPF_SELECT_ERROR:
        node->state = SPF_NODE_ERROR;
        return;
    case SPF_SELECT_NONE:
        node->state = SPF_NODE_NONE;
        return;
    case SPF_SELECT_MULTIPLE:
        node->state = SPF_NODE_MULTIPLE;
        break;
    case SPF_SELECT_RECORD:
        node->state = SPF_NODE_RECORD;
        break;
    }
    spf_record_parse(text, b->arena, &node->record);
    build_record(b, node);
}

static bool is_above(const struct spf_node *node, const char *domain)
{
    for (; node != NULL; node = node->parent) {
        if (domain_equal(node->domain, domain))
            return true;
    }
    return false;
}

static void build_child(struct builder *b, struct spf_node *node, size_t index)
{
    struct spf_node_term *fact = &node->terms[index];
    bool is_redirect = fact->term->kind == SPF_TERM_REDIRECT;
    struct spf_node *child = bare_node(b, node, index);
    bool is_full = b->tree->node_count >= SPF_TREE_NODES_MAX || node->depth >= SPF_TREE_DEPTH_MAX;
    if (is_full)
        b->tree->is_cut = true;
    else
        b->tree->nodes[b->tree->node_count++] = child;
    fact->child = child;
    child->domain =
        fact->target != NULL ? fact->target : arena_copy_slice(b->arena, fact->term->domain);
    child->depth = node->depth + 1;
    child->is_policy = node->is_policy && is_redirect;
    child->grants = node->grants && fact->term->qualifier == '+';
    if (fact->depends)
        child->state = SPF_NODE_MESSAGE;
    else if (fact->target == NULL || !spf_domain_is_valid(fact->target))
        child->state = SPF_NODE_BAD_NAME;
    else if (is_above(node, fact->target))
        child->state = SPF_NODE_LOOP;
    else if (is_full || b->request->offline)
        child->state = SPF_NODE_UNFOLLOWED;
    else
        build_node(b, child);
    b->tree->includes++;
}

static void ask_extras(struct builder *b)
{
    struct spf_tree *tree = b->tree;
    const char *domain = b->request->domain;
    tree->cname = ask_extra(b, domain, DNS_CNAME);
    tree->type99 = ask_extra(b, domain, DNS_SPF);
    const char *probe = arena_format(b->arena, SPF_WILDCARD_PROBE ".%s", domain);
    tree->probe_text = ask_extra(b, probe, DNS_TXT);
    tree->probe_a = ask_extra(b, probe, DNS_A);
    tree->probe_mx = ask_extra(b, probe, DNS_MX);
}

void spf_tree_build(const struct spf_tree_request *request, struct dns_answers *answers,
                    struct arena *arena, struct spf_tree *tree)
{
    struct builder b = {.request = request, .answers = answers, .arena = arena, .tree = tree};
    *tree = (struct spf_tree){.complete = true};
    tree->nodes = arena_array(arena, SPF_TREE_NODES_MAX, sizeof(struct spf_node *));
    tree->failures = arena_array(arena, SPF_FAILURES_MAX, sizeof *tree->failures);
    grow_grants(&b);
    tree->root = bare_node(&b, NULL, SPF_NO_TERM);
    tree->nodes[tree->node_count++] = tree->root;
    tree->root->domain = request->domain;
    tree->root->is_policy = true;
    tree->root->grants = true;
    if (spf_domain_is_valid(request->domain))
        build_node(&b, tree->root);
    else
        tree->root->state = SPF_NODE_BAD_NAME;
    if (!request->offline && tree->root->state != SPF_NODE_BAD_NAME)
        ask_extras(&b);
    tree->lookups = tree->root->lookups;
    tree->void_lookups = tree->root->void_lookups;
    tree->addresses = tree->root->addresses;
}

/* First and last address of an IPv4 network. */
struct span {
    uint32_t first, last;
};

static int compare_spans(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

static struct span span_of(const struct ip_network *network)
{
    const uint8_t *bytes = network->address.bytes;
    uint32_t address = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
                       (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
    uint32_t mask = network->prefix == 0 ? 0 : UINT32_MAX << (32 - network->prefix);
    return (struct span){address & mask, address | ~mask};
}

uint64_t spf_grants_count(const struct spf_grant *grants, size_t count)
{
    size_t used = 0;
    uint64_t total = 0;
    uint64_t next = 0; /* first address not counted yet */
    struct arena scratch;
    arena_init(&scratch);
    struct span *spans = arena_array(&scratch, count + 1, sizeof *spans);
    for (size_t i = 0; i < count; i++) {
        if (grants[i].network.address.family == IP_V4)
            spans[used++] = span_of(&grants[i].network);
    }
    qsort(spans, used, sizeof *spans, compare_spans);
    for (size_t i = 0; i < used; i++) {
        uint64_t from = spans[i].first > next ? spans[i].first : next;
        if (spans[i].last >= from) {
            total += (uint64_t)spans[i].last + 1 - from;
            next = (uint64_t)spans[i].last + 1;
        }
    }
    arena_release(&scratch);
    return total;
}
