/* Issues of how a record ends, and of the explanation. */
#include "mail/spf_lint.h"
#include "mail/spf_repair.h"

static const struct slice no_term = {0};

static const struct spf_term *all_of(const struct spf_node *node)
{
    return node->record.all == SPF_NO_TERM ? NULL : &node->record.terms[node->record.all];
}

/* The record at the end of the redirects: the one whose `all` decides. */
static const struct spf_node *policy_node(const struct spf_tree *tree)
{
    const struct spf_node *node = tree->root;
    while (node->record.redirect != SPF_NO_TERM && all_of(node) == NULL &&
           node->terms[node->record.redirect].child != NULL)
        node = node->terms[node->record.redirect].child;
    return node;
}

static void lint_required(struct spf_lint *lint, const struct spf_node *node, char found)
{
    char required = lint->options->required_all;
    bool is_enough = required == 0 || found == required || (required == '~' && found == '-');
    if (is_enough)
        return;
    struct spf_issue *issue =
        spf_lint_add(lint, SPF_ISSUE_ALL_REQUIRED, node->domain, no_term,
                     "the record must end in %call%s", required, required == '~' ? " or -all" : "");
    spf_lint_want(issue, node, SPF_REPAIR_END);
}

static void lint_all(struct spf_lint *lint)
{
    const struct spf_node *node = policy_node(lint->tree);
    const struct spf_term *all = all_of(node);
    if (node->state != SPF_NODE_RECORD && node->state != SPF_NODE_MULTIPLE)
        return;
    char found = all == NULL ? 0 : all->qualifier;
    if (found == '?')
        spf_lint_add(lint, SPF_ISSUE_ALL_NEUTRAL, node->domain, all->text,
                     "?all says nothing about the addresses that are not named");
    else if (found == '~')
        spf_lint_add(lint, SPF_ISSUE_ALL_SOFT, node->domain, all->text,
                     "addresses that are not named get softfail");
    else if (found == '-')
        spf_lint_add(lint, SPF_ISSUE_ALL_FAIL, node->domain, all->text,
                     "addresses that are not named get fail");
    else if (found == 0 && node->record.error == SPF_FINE) {
        struct spf_issue *issue =
            spf_lint_add(lint, SPF_ISSUE_NO_ALL, node->domain, no_term,
                         "neither all nor redirect: addresses that are not named get neutral");
        spf_lint_want(issue, node, SPF_REPAIR_CLOSE);
    }
    lint_required(lint, node, found);
}

static const char *bad_explanation(const struct dns_answer *answer)
{
    size_t offset;
    if (answer->status != DNS_OK)
        return dns_status_is_answer(answer->status) ? "no TXT record" : NULL;
    if (answer->record_count > 1)
        return "several TXT records";
    enum spf_error error = spf_macro_check(answer->records[0].text, SPF_MACRO_EXPLANATION, &offset);
    return error == SPF_FINE ? NULL : spf_error_text(error);
}

void spf_lint_explanation(struct spf_lint *lint, const struct spf_node *node)
{
    for (size_t i = 0; i < node->record.count; i++) {
        const struct dns_answer *text = node->terms[i].text;
        const char *reason = text == NULL ? NULL : bad_explanation(text);
        if (reason != NULL)
            spf_lint_add(lint, SPF_ISSUE_EXP, node->domain, node->record.terms[i].text,
                         "%.*s gives no explanation: %s", SLICE_PRINTF(node->record.terms[i].text),
                         reason);
    }
}

static void lint_parked(struct spf_lint *lint)
{
    const struct spf_node *root = lint->tree->root;
    if (!lint->options->parked || root->state != SPF_NODE_RECORD)
        return;
    const struct spf_term *all = all_of(root);
    if (root->record.count == 1 && all != NULL && all->qualifier == '-')
        return;
    struct spf_issue *issue =
        spf_lint_add(lint, SPF_ISSUE_PARKED, root->domain, no_term,
                     "a domain that sends no mail should say exactly \"v=spf1 -all\"");
    spf_lint_want(issue, root, SPF_REPAIR_TEXT);
    issue->seen = spf_lint_seen(lint, root->record.text);
}

void spf_lint_policy(struct spf_lint *lint)
{
    lint_all(lint);
    lint_parked(lint);
}
