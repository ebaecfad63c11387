/* Issues of one record, term by term. */
#include <string.h>

#include "base/plural.h"
#include "mail/spf_lint.h"
#include "mail/spf_repair.h"

static const struct slice no_term = {0};

/* "at octet 17" is where an editor finds it. */
static void lint_bad_term(struct spf_lint *lint, const struct spf_node *node, size_t index)
{
    const struct spf_term *term = &node->record.terms[index];
    enum spf_term_kind likely = spf_term_likely(term->name);
    const char *meant = spf_repair_term(term, lint->arena);
    const char *written = spf_lint_visible(term->text, lint->arena);
    struct spf_issue *issue;
    if (term->error == SPF_ERROR_TWICE) {
        issue =
            spf_lint_add(lint, SPF_ISSUE_MOD_TWICE, node->domain, term->text,
                         "%.*s= stands in the record more than once: receivers answer permerror",
                         SLICE_PRINTF(term->name));
    } else if (spf_error_is_macro(term->error)) {
        issue =
            spf_lint_add(lint, SPF_ISSUE_MACRO, node->domain, term->text, "%.*s: %s (at octet %zu)",
                         SLICE_PRINTF(term->text), spf_error_text(term->error), term->error_offset);
    } else if (term->error == SPF_ERROR_UNKNOWN_MECHANISM && meant != NULL) {
        issue = spf_lint_add(lint, SPF_ISSUE_TYPO, node->domain, term->text,
                             "%s is no mechanism, most likely %s is meant", written, meant);
    } else if (term->error == SPF_ERROR_UNKNOWN_MECHANISM &&
               spf_term_kind_of(term->text) == likely && likely != SPF_TERM_INVALID) {
        issue =
            spf_lint_add(lint, SPF_ISSUE_TYPO, node->domain, term->text,
                         "%s is a modifier: \"=\" and a name must follow without a space", written);
    } else if (term->error == SPF_ERROR_UNKNOWN_MECHANISM && likely != SPF_TERM_INVALID) {
        issue = spf_lint_add(lint, SPF_ISSUE_TYPO, node->domain, term->text,
                             "%s is no mechanism, did you mean %s", written,
                             spf_term_kind_name(likely));
    } else {
        issue = spf_lint_add(lint, SPF_ISSUE_SYNTAX, node->domain, term->text,
                             "%s: %s (at octet %zu)%s%s", written, spf_error_text(term->error),
                             term->error_offset,
                             meant == NULL || meant[0] == '\0' ? "" : "; most likely meant: ",
                             meant == NULL ? "" : meant);
    }
    issue->seen = spf_lint_seen(lint, node->record.text);
    spf_lint_want(issue, node, SPF_REPAIR_TEXT);
}

/* RFC 6652 3 adds three that receivers know. */
static bool is_known_modifier(struct slice name)
{
    return slice_equals_text_ignoring_case(name, "ra") ||
           slice_equals_text_ignoring_case(name, "rp") ||
           slice_equals_text_ignoring_case(name, "rr");
}

static void lint_modifier(struct spf_lint *lint, const struct spf_node *node,
                          const struct spf_term *term)
{
    if (term->kind != SPF_TERM_UNKNOWN_MODIFIER || is_known_modifier(term->name))
        return;
    const char *meant = spf_repair_term(term, lint->arena);
    if (meant != NULL)
        spf_lint_want(spf_lint_add(lint, SPF_ISSUE_TYPO, node->domain, term->text,
                                   "%.*s is ignored as an unknown modifier, most likely %s is "
                                   "meant",
                                   SLICE_PRINTF(term->text), meant),
                      node, SPF_REPAIR_TEXT);
    else
        spf_lint_add(lint, SPF_ISSUE_UNKNOWN_MODIFIER, node->domain, term->text,
                     "%.*s is a modifier that receivers do not know and ignore",
                     SLICE_PRINTF(term->text));
}

static void lint_bad_target(struct spf_lint *lint, const struct spf_node *node,
                            const struct spf_node_term *fact)
{
    const struct spf_term *term = fact->term;
    bool is_followed = term->kind == SPF_TERM_INCLUDE || term->kind == SPF_TERM_REDIRECT;
    if (!spf_term_costs_lookup(term) || !fact->is_used || is_followed || fact->depends ||
        fact->target != NULL || term->domain.start == NULL)
        return;
    struct spf_issue *issue = spf_lint_add(
        lint, SPF_ISSUE_SYNTAX, node->domain, term->text,
        "%.*s: an empty label, or one over 63 octets, makes no domain name: some receivers "
        "answer permerror",
        SLICE_PRINTF(term->text));
    if (spf_repair_term(term, lint->arena) != NULL)
        spf_lint_want(issue, node, SPF_REPAIR_TEXT);
}

static void lint_term(struct spf_lint *lint, const struct spf_node *node, size_t index)
{
    const struct spf_node_term *fact = &node->terms[index];
    const struct spf_term *term = fact->term;
    if (term->error != SPF_FINE) {
        lint_bad_term(lint, node, index);
        return;
    }
    lint_modifier(lint, node, term);
    lint_bad_target(lint, node, fact);
    if (term->kind == SPF_TERM_PTR)
        spf_lint_add(
            lint, SPF_ISSUE_PTR, node->domain, term->text,
            "%.*s asks for the reverse names of each client: slow, unreliable and not to be "
            "published",
            SLICE_PRINTF(term->text));
    if ((spf_macro_letters(term->domain) & SPF_LETTER('p')) != 0)
        spf_lint_add(lint, SPF_ISSUE_MACRO_P, node->domain, term->text,
                     "%.*s uses %%{p}, the reverse name of each client: slow and unreliable",
                     SLICE_PRINTF(term->text));
    bool is_network = term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6;
    if (is_network && ip_network_has_host_bits(&term->network))
        spf_lint_add(lint, SPF_ISSUE_HOST_BITS, node->domain, term->text,
                     "%.*s has bits set behind its prefix: the whole network is meant",
                     SLICE_PRINTF(term->text));
}

static void lint_after_all(struct spf_lint *lint, const struct spf_node *node)
{
    const struct spf_record *record = &node->record;
    if (record->all == SPF_NO_TERM)
        return;
    struct slice first = no_term;
    size_t count = 0;
    for (size_t i = record->all + 1; i < record->count; i++) {
        if (spf_term_is_mechanism(&record->terms[i]) && count++ == 0)
            first = record->terms[i].text;
    }
    struct slice all = record->terms[record->all].text;
    if (count > 0) {
        struct spf_issue *issue =
            spf_lint_add(lint, SPF_ISSUE_AFTER_ALL, node->domain, first,
                         "%zu mechanism%s behind %.*s never reached, the first is %.*s", count,
                         plural(count, " is", "s are"), SLICE_PRINTF(all), SLICE_PRINTF(first));
        spf_lint_want(issue, node, SPF_REPAIR_TEXT);
    }
    if (record->redirect != SPF_NO_TERM) {
        struct slice redirect = record->terms[record->redirect].text;
        struct spf_issue *issue =
            spf_lint_add(lint, SPF_ISSUE_REDIRECT_IGNORED, node->domain, redirect,
                         "%.*s is ignored because the record has %.*s", SLICE_PRINTF(redirect),
                         SLICE_PRINTF(all));
        spf_lint_want(issue, node, SPF_REPAIR_TEXT);
    }
}

static void lint_order(struct spf_lint *lint, const struct spf_node *node)
{
    const struct spf_record *record = &node->record;
    size_t last = 0; /* behind the last mechanism */
    for (size_t i = 0; i < record->count; i++) {
        if (spf_term_is_mechanism(&record->terms[i]))
            last = i + 1;
    }
    for (size_t i = 0; i < last; i++) {
        const struct spf_term *term = &record->terms[i];
        if (term->error != SPF_FINE ||
            (term->kind != SPF_TERM_REDIRECT && term->kind != SPF_TERM_EXP))
            continue;
        struct spf_issue *issue = spf_lint_add(lint, SPF_ISSUE_ORDER, node->domain, term->text,
                                               "%.*s stands before a mechanism, it should be last",
                                               SLICE_PRINTF(term->text));
        spf_lint_want(issue, node, SPF_REPAIR_TEXT);
    }
}

/* RFC 7208 3.3: strings are joined without a space. */
static void lint_seams(struct spf_lint *lint, const struct spf_node *node)
{
    struct spf_seam *seams = arena_array(lint->arena, SPF_SEAMS_MAX, sizeof *seams);
    size_t count = spf_repair_seams(node, lint->arena, seams);
    for (size_t i = 0; i < count; i++) {
        struct slice term = seams[i].term->text;
        struct spf_issue *issue = spf_lint_add(
            lint, SPF_ISSUE_RDATA, node->domain, term,
            "two strings of the TXT record are joined without a space: %.*s", SLICE_PRINTF(term));
        issue->seen = spf_lint_seen(lint, node->record.text);
        spf_lint_want(issue, node, SPF_REPAIR_TEXT);
    }
}

void spf_lint_record(struct spf_lint *lint, const struct spf_node *node)
{
    lint_seams(lint, node);
    for (size_t i = 0; i < node->record.count; i++)
        lint_term(lint, node, i);
    if (node->record.error == SPF_ERROR_TOO_MANY_TERMS)
        spf_lint_add(lint, SPF_ISSUE_SYNTAX, node->domain, no_term,
                     "the record has more than %d terms", SPF_TERMS_MAX);
    lint_after_all(lint, node);
    lint_order(lint, node);
}
