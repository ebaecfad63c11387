#include "mail/spf_lint.h"

#include <stdio.h>
#include <string.h>

#include "mail/domain.h"
#include "mail/public_suffix.h"
#include "mail/spf_repair.h"

static const struct slice no_term = {0};

const char *spf_lint_visible(struct slice text, struct arena *arena)
{
    size_t zeros = 0;
    for (size_t i = 0; i < text.length; i++)
        zeros += text.start[i] == '\0' ? 1 : 0;
    if (zeros == 0)
        return arena_copy_slice(arena, text);
    char *copy = arena_alloc(arena, text.length + 3 * zeros + 1);
    char *to = copy;
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] != '\0') {
            *to++ = text.start[i];
        } else {
            memcpy(to, "\\x00", 4);
            to += 4;
        }
    }
    return copy;
}

const char *spf_lint_seen(struct spf_lint *lint, struct slice text)
{
    return spf_lint_visible(slice_sub(text, 0, SPF_SEEN_MAX), lint->arena);
}

const char *spf_lint_record_of(struct spf_lint *lint, const struct spf_node *node)
{
    if (lint->options->is_unnamed && domain_equal(node->domain, lint->tree->root->domain))
        return "this record";
    return arena_format(lint->arena, "the record of %s", node->domain);
}

void spf_lint_want(struct spf_issue *issue, const struct spf_node *node, unsigned kinds)
{
    issue->repair_node = node;
    issue->repair_kinds = kinds;
}

static void grow_issues(struct spf_lint *lint)
{
    struct spf_issues *issues = lint->issues;
    size_t capacity = issues->capacity == 0 ? 8 : issues->capacity * 2;
    struct spf_issue *grown = arena_array(lint->arena, capacity, sizeof *grown);
    if (issues->count > 0)
        memcpy(grown, issues->issues, issues->count * sizeof *grown);
    issues->issues = grown;
    issues->capacity = capacity;
}

struct spf_issue *spf_lint_add(struct spf_lint *lint, enum spf_issue_kind kind, const char *holder,
                               struct slice term, const char *format, ...)
{
    struct spf_issues *issues = lint->issues;
    struct spf_issue *issue;
    if (issues->count == issues->capacity && issues->count < SPF_ISSUES_MAX)
        grow_issues(lint);
    if (issues->count < SPF_ISSUES_MAX) {
        issue = &issues->issues[issues->count++];
    } else {
        issues->left_out++;
        issue = arena_alloc(lint->arena, sizeof *issue);
    }
    va_list arguments;
    va_start(arguments, format);
    *issue = (struct spf_issue){
        .kind = kind,
        .holder = holder,
        .term = term.start == NULL ? NULL : spf_lint_visible(term, lint->arena),
        .text = arena_format_list(lint->arena, format, arguments),
    };
    va_end(arguments);
    return issue;
}

const char *spf_lint_nothing(const struct dns_answer *answer)
{
    return answer->status == DNS_OK       ? "there are TXT records, none is SPF"
           : answer->status == DNS_NODATA ? "no TXT record"
                                          : dns_status_name(answer->status);
}

size_t spf_lint_size(const struct dns_answer *answer)
{
    size_t size = strlen(answer->name);
    for (size_t i = 0; i < answer->record_count; i++)
        size += answer->records[i].text.length;
    return size;
}

static void lint_failures(struct spf_lint *lint)
{
    char buffer[12];
    for (size_t i = 0; i < lint->tree->failure_count; i++) {
        const struct spf_failure *failure = &lint->tree->failures[i];
        const struct dns_answer *answer = failure->answer;
        const char *type = dns_type_name(answer->type, buffer);
        const char *holder = failure->node == NULL ? answer->name : failure->node->domain;
        if (answer->status == DNS_TRUNCATED)
            spf_lint_add(lint, SPF_ISSUE_SIZE_LOST, answer->name, no_term,
                         "the answer to %s %s does not fit into a UDP message and TCP fails",
                         answer->name, type);
        else if (failure->unchecked != NULL && dns_status_is_answer(failure->unchecked->status))
            spf_lint_add(lint, SPF_ISSUE_DNS_BOGUS, holder, no_term,
                         "%s %s: SERVFAIL, but an answer without DNSSEC validation: the signatures "
                         "are broken",
                         answer->name, type);
        else
            spf_lint_add(lint, SPF_ISSUE_DNS_ERROR, holder,
                         failure->term == NULL ? no_term : failure->term->text,
                         "%s for the question %s %s", dns_status_name(answer->status), answer->name,
                         type)
                ->is_unasked = !dns_answer_is_settled(answer);
    }
}

/* A text that was meant as an SPF record and has no exact version section. */
static bool is_near_record(struct slice text)
{
    if (spf_record_is(text))
        return false;
    struct slice rest = text;
    if (slice_starts_with(rest, "\xef\xbb\xbf"))
        rest = slice_sub(rest, 3, rest.length);
    rest = slice_trim(rest, " \t\r\n\"'\\");
    return slice_starts_with_ignoring_case(rest, "v=spf") ||
           slice_starts_with_ignoring_case(rest, "v = spf") ||
           slice_starts_with_ignoring_case(rest, "v= spf") ||
           slice_starts_with_ignoring_case(rest, "v =spf") ||
           slice_starts_with_ignoring_case(rest, "v:spf") ||
           slice_starts_with_ignoring_case(rest, "spf1 ") ||
           slice_starts_with(rest, "\xe2\x80\x9cv=spf");
}

static const char *version_fault(struct slice text)
{
    if (slice_starts_with(text, "\xef\xbb\xbf"))
        return "it begins with a byte order mark (EF BB BF)";
    if (slice_starts_with(text, "\"") || slice_starts_with(text, "'") ||
        slice_starts_with(text, "\\") || slice_starts_with(text, "\xe2\x80\x9c"))
        return "it begins with a quotation mark";
    if (slice_starts_with(text, " ") || slice_starts_with(text, "\t"))
        return "it begins with a blank";
    if (slice_starts_with_ignoring_case(text, "v=spf1"))
        return "something other than a space follows v=spf1";
    return "the version is misspelt";
}

/* Of several neither is the one to publish, and none is beside a good one. */
static size_t count_near(const struct dns_answer *answer)
{
    size_t count = 0;
    for (size_t i = 0; i < answer->record_count; i++)
        count += is_near_record(answer->records[i].text) ? 1 : 0;
    return count;
}

static void lint_texts(struct spf_lint *lint, const struct dns_answer *answer, bool has_record)
{
    bool is_alone = !has_record && count_near(answer) == 1;
    for (size_t i = 0; i < answer->record_count; i++) {
        struct slice text = answer->records[i].text;
        struct spf_issue *issue = NULL;
        if (is_near_record(text)) {
            issue = spf_lint_add(
                lint, has_record ? SPF_ISSUE_VERSION_BESIDE : SPF_ISSUE_VERSION, answer->name,
                no_term,
                "a TXT record that does not begin with exactly \"v=spf1 \" is no SPF record: %s",
                version_fault(text));
            if (is_alone)
                issue->repair = spf_repair_text(text, lint->arena);
        } else if (slice_starts_with_ignoring_case(text, "spf2.0/")) {
            issue = spf_lint_add(lint, SPF_ISSUE_SENDERID, answer->name, no_term,
                                 "a Sender ID record (spf2.0) is published, nobody reads it");
        } else if (text.length == 0) {
            spf_lint_add(lint, SPF_ISSUE_EMPTY_TXT, answer->name, no_term,
                         "a TXT record without text is published");
        }
        if (issue != NULL)
            issue->seen = spf_lint_seen(lint, text);
    }
}

static void lint_multiple(struct spf_lint *lint, const struct spf_node *node)
{
    struct text seen;
    size_t count = 0;
    text_init(&seen, 1000);
    for (size_t i = 0; i < node->answer->record_count; i++) {
        if (spf_record_is(node->answer->records[i].text)) {
            text_append(&seen, count++ == 0 ? "" : " | ");
            text_append_slice(&seen, node->answer->records[i].text);
        }
    }
    struct spf_issue *issue =
        spf_lint_add(lint, SPF_ISSUE_MULTIPLE, node->domain, no_term,
                     "%zu SPF records at one name: receivers answer permerror", count);
    issue->seen = arena_copy(lint->arena, seen.start);
    text_release(&seen);
}

static void lint_root_answers(struct spf_lint *lint)
{
    const struct spf_tree *tree = lint->tree;
    const struct spf_node *root = tree->root;
    bool has_record = root->state == SPF_NODE_RECORD || root->state == SPF_NODE_MULTIPLE;
    if (root->answer != NULL)
        lint_texts(lint, root->answer, has_record);
    if (root->state == SPF_NODE_NONE && root->answer != NULL && count_near(root->answer) == 0)
        spf_lint_add(lint, SPF_ISSUE_NONE, root->domain, no_term, "no SPF record (%s)",
                     spf_lint_nothing(root->answer));
    if (root->state == SPF_NODE_BAD_NAME)
        spf_lint_add(lint, SPF_ISSUE_NONE, root->domain, no_term,
                     "not a domain name of several labels: no SPF record can be found");
    if (root->answer != NULL && spf_lint_size(root->answer) > SPF_SIZE_MAX)
        spf_lint_add(
            lint, SPF_ISSUE_SIZE, root->domain, no_term,
            "name and TXT records are %zu octets, above %d the answer may not fit into 512",
            spf_lint_size(root->answer), SPF_SIZE_MAX);
    if (tree->type99 != NULL && tree->type99->status == DNS_OK)
        spf_lint_add(lint, SPF_ISSUE_TYPE99, root->domain, no_term,
                     "a record of the retired type SPF (99) is published");
    if (tree->cname != NULL && tree->cname->status == DNS_OK && root->answer != NULL &&
        root->answer->record_count > 0 && root->answer->chain_length == 0)
        spf_lint_add(lint, SPF_ISSUE_TXT_CNAME, root->domain, no_term,
                     "the name has a CNAME (to %s) and TXT records: which one is seen is chance",
                     tree->cname->records[0].target == NULL ? "?" : tree->cname->records[0].target);
}

static void lint_wildcard(struct spf_lint *lint)
{
    const struct spf_tree *tree = lint->tree;
    struct slice text;
    if (tree->probe_text == NULL)
        return;
    enum spf_selection found = spf_select(tree->probe_text, &text);
    if (found == SPF_SELECT_RECORD || found == SPF_SELECT_MULTIPLE) {
        struct spf_issue *issue =
            spf_lint_add(lint, SPF_ISSUE_WILDCARD, tree->root->domain, no_term,
                         "any name below the domain has an SPF record by a wildcard");
        issue->seen = spf_lint_seen(lint, text);
    } else if (found == SPF_SELECT_NONE &&
               (tree->probe_a->status == DNS_OK || tree->probe_mx->status == DNS_OK)) {
        spf_lint_add(lint, SPF_ISSUE_WILDCARD_MISSING, tree->root->domain, no_term,
                     "any name below the domain has %s by a wildcard, and no SPF record",
                     tree->probe_mx->status == DNS_OK ? "MX records" : "an address");
    }
}

/* A permerror whatever the client, by the record's own text or what it includes. */
static bool is_broken(const struct spf_node *node)
{
    if (node->state == SPF_NODE_MULTIPLE || node->state == SPF_NODE_LOOP)
        return true;
    if (node->state != SPF_NODE_RECORD)
        return false;
    if (node->record.error != SPF_FINE)
        return true;
    for (size_t i = 0; i < node->record.count; i++) {
        const struct spf_node *child = node->terms[i].child;
        if (child != NULL && (is_broken(child) || child->state == SPF_NODE_NONE ||
                              child->state == SPF_NODE_BAD_NAME))
            return true;
    }
    return false;
}

/* The zone that denies the name is a public suffix: what stands below it is free to register. */
static bool is_suffix(const struct spf_lint *lint, const char *zone)
{
    const struct public_suffix *list = lint->options->suffixes;
    if (list == NULL)
        return domain_label_count(zone) == 1;
    return public_suffix_organization(list, zone) == NULL;
}

static void lint_registrable(struct spf_lint *lint, const struct spf_node *node, struct slice term,
                             const struct dns_answer *answer)
{
    if (answer == NULL || answer->status != DNS_NXDOMAIN || answer->zone == NULL ||
        answer->zone[0] == '\0' || !is_suffix(lint, answer->zone))
        return;
    size_t labels = domain_label_count(answer->name);
    size_t kept = domain_label_count(answer->zone) + 1;
    spf_lint_add(lint, SPF_ISSUE_DEAD_DOMAIN, node->domain, term,
                 "%.*s: the domain %s does not exist, whoever registers it may send",
                 SLICE_PRINTF(term),
                 domain_parent(answer->name, labels > kept ? labels - kept : 0));
}

static void lint_child(struct spf_lint *lint, const struct spf_node *child)
{
    const struct spf_node *node = child->parent;
    const struct spf_term *term = &node->record.terms[child->parent_term];
    bool is_redirect = term->kind == SPF_TERM_REDIRECT;
    struct spf_issue *issue = NULL;
    if (child->state == SPF_NODE_NONE || child->state == SPF_NODE_BAD_NAME) {
        issue =
            spf_lint_add(lint, is_redirect ? SPF_ISSUE_REDIRECT_NONE : SPF_ISSUE_INCLUDE_NONE,
                         node->domain, term->text, "%.*s: %s has no SPF record (%s): permerror",
                         SLICE_PRINTF(term->text), child->domain,
                         child->answer == NULL ? "no valid name" : spf_lint_nothing(child->answer));
        if (spf_repair_is_dead(&node->terms[child->parent_term]) ||
            (child->state == SPF_NODE_BAD_NAME && spf_repair_term(term, lint->arena) != NULL))
            spf_lint_want(issue, node, SPF_REPAIR_DROP_VOID);
    } else if (child->state == SPF_NODE_LOOP) {
        issue =
            spf_lint_add(lint, SPF_ISSUE_LOOP, node->domain, term->text,
                         "%.*s comes back to a record that led to it", SLICE_PRINTF(term->text));
    } else if (is_broken(child)) {
        issue = spf_lint_add(lint, SPF_ISSUE_CHILD_ERROR, node->domain, term->text,
                             "%.*s: the record of %s is in error, and so is this one",
                             SLICE_PRINTF(term->text), child->domain);
    }
    if (issue != NULL)
        issue->seen = spf_lint_seen(lint, node->record.text);
    if (child->state == SPF_NODE_NONE)
        lint_registrable(lint, node, term->text, child->answer);
}

/* Both terms mean the same: one can go. */
static bool is_repeated(const struct spf_node *first, const struct spf_node *second)
{
    const struct spf_term *a = &first->parent->record.terms[first->parent_term];
    const struct spf_term *b = &second->parent->record.terms[second->parent_term];
    return a->kind == b->kind && a->qualifier == b->qualifier;
}

static void lint_duplicates(struct spf_lint *lint)
{
    const struct spf_tree *tree = lint->tree;
    for (size_t i = 1; i < tree->node_count; i++) {
        const struct spf_node *node = tree->nodes[i];
        if (node->state == SPF_NODE_LOOP || node->state == SPF_NODE_MESSAGE)
            continue;
        for (size_t k = 0; k < i; k++) {
            const struct spf_node *first = tree->nodes[k];
            if (first->state == SPF_NODE_LOOP || first->state == SPF_NODE_MESSAGE ||
                !domain_equal(first->domain, node->domain))
                continue;
            struct slice term = node->parent->record.terms[node->parent_term].text;
            struct spf_issue *issue = spf_lint_add(
                lint, SPF_ISSUE_DUP_INCLUDE, node->parent->domain, term,
                "%.*s: the record of %s was reached before%s%s and counts again",
                SLICE_PRINTF(term), node->domain, first->parent == NULL ? "" : " through ",
                first->parent == NULL ? "" : spf_lint_record_of(lint, first->parent));
            if (first->parent == node->parent && is_repeated(first, node))
                spf_lint_want(issue, node->parent, SPF_REPAIR_TEXT);
            break;
        }
    }
}

static bool has_no_address(const struct dns_answer *a, const struct dns_answer *aaaa)
{
    bool a_void = a == NULL || a->status == DNS_NXDOMAIN || a->status == DNS_NODATA;
    bool aaaa_void = aaaa == NULL || aaaa->status == DNS_NXDOMAIN || aaaa->status == DNS_NODATA;
    return a_void && aaaa_void && (a != NULL || aaaa != NULL);
}

static void lint_mx_term(struct spf_lint *lint, const struct spf_node *node,
                         const struct spf_node_term *fact)
{
    struct slice term = fact->term->text;
    if (fact->mx->record_count > SPF_NAMES_LIMIT)
        spf_lint_add(lint, SPF_ISSUE_MX_NAMES, node->domain, term,
                     "%.*s: %s has %zu exchangers, more than %d are permerror", SLICE_PRINTF(term),
                     fact->target, fact->mx->record_count, SPF_NAMES_LIMIT);
    if (fact->mx->status == DNS_NXDOMAIN || fact->mx->status == DNS_NODATA) {
        struct spf_issue *issue = spf_lint_add(lint, SPF_ISSUE_A_MX_VOID, node->domain, term,
                                               "%.*s: %s has no MX record (%s)", SLICE_PRINTF(term),
                                               fact->target, dns_status_name(fact->mx->status));
        if (spf_repair_is_dead(fact))
            spf_lint_want(issue, node, SPF_REPAIR_DROP_VOID);
        lint_registrable(lint, node, term, fact->mx);
    }
    for (size_t i = 0; i < fact->exchanger_count; i++) {
        if (!has_no_address(fact->exchanger_a[i], fact->exchanger_aaaa[i]))
            continue;
        spf_lint_add(lint, SPF_ISSUE_A_MX_VOID, node->domain, term,
                     "%.*s: the exchanger %s has no address", SLICE_PRINTF(term),
                     fact->mx->records[i].target);
        lint_registrable(lint, node, term, fact->exchanger_a[i]);
    }
}

static void lint_targets(struct spf_lint *lint, const struct spf_node *node)
{
    for (size_t i = 0; i < node->record.count; i++) {
        const struct spf_node_term *fact = &node->terms[i];
        if (fact->mx != NULL)
            lint_mx_term(lint, node, fact);
        if (fact->term->kind != SPF_TERM_A || !has_no_address(fact->a, fact->aaaa))
            continue;
        struct spf_issue *issue =
            spf_lint_add(lint, SPF_ISSUE_A_MX_VOID, node->domain, fact->term->text,
                         "%.*s: %s has no address (%s)", SLICE_PRINTF(fact->term->text),
                         fact->target, dns_status_name((fact->a ? fact->a : fact->aaaa)->status));
        if (spf_repair_is_dead(fact))
            spf_lint_want(issue, node, SPF_REPAIR_DROP_VOID);
        lint_registrable(lint, node, fact->term->text, fact->a);
    }
}

/* All that can be repaired in a record at once: whoever follows one finding follows all. */
static const char *repair_of(struct spf_lint *lint, const struct spf_node *node)
{
    char required = lint->options->required_all;
    struct spf_repair_wish wish = {.end = required == '-' ? '-' : '~'};
    if (lint->options->parked && node == lint->tree->root)
        return "v=spf1 -all";
    for (size_t i = 0; i < lint->issues->count; i++) {
        if (lint->issues->issues[i].repair_node == node)
            wish.kinds |= lint->issues->issues[i].repair_kinds;
    }
    if (node->is_policy && node->record.error != SPF_FINE)
        wish.kinds |= SPF_REPAIR_CLOSE; /* no-all is found in whole records only */
    return spf_repair(node, &wish, lint->arena);
}

static void write_repairs(struct spf_lint *lint)
{
    struct spf_issue *issues = lint->issues->issues;
    for (size_t i = 0; i < lint->issues->count; i++) {
        const struct spf_node *node = issues[i].repair_node;
        size_t k = 0;
        while (k < i && issues[k].repair_node != node)
            k++;
        if (node != NULL)
            issues[i].repair = k < i ? issues[k].repair : repair_of(lint, node);
    }
}

void spf_lint(const struct spf_tree *tree, const struct spf_lint_options *options,
              struct arena *arena, struct spf_issues *issues)
{
    struct spf_lint lint = {.tree = tree, .options = options, .arena = arena, .issues = issues};
    *issues = (struct spf_issues){0};
    lint_root_answers(&lint);
    lint_failures(&lint);
    spf_lint_limits(&lint);
    for (size_t i = 0; i < tree->node_count; i++) {
        const struct spf_node *node = tree->nodes[i];
        if (node->parent != NULL)
            lint_child(&lint, node);
        if (node->state == SPF_NODE_MULTIPLE)
            lint_multiple(&lint, node);
        if (node->state != SPF_NODE_RECORD && node->state != SPF_NODE_MULTIPLE)
            continue;
        spf_lint_record(&lint, node);
        lint_targets(&lint, node);
        spf_lint_explanation(&lint, node);
    }
    lint_duplicates(&lint);
    spf_lint_family(&lint);
    spf_lint_policy(&lint);
    lint_wildcard(&lint);
    spf_lint_cover(&lint);
    write_repairs(&lint);
}
