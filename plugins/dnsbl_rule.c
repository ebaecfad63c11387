#include "dnsbl_rule.h"

#include <stdio.h>
#include <string.h>

/* RFC 1035 4.1.1, in the names of RFC 6895 2.3 */
static const struct dnsbl_word rcodes[] = {
    {"FORMERR",  1},
    {"SERVFAIL", 2},
    {"NOTIMP",   4},
    {"REFUSED",  5},
    {NULL,       0},
};

/* Severity and scope of a code, in any order, each at most once. */
static bool read_code_words(struct slice head, struct dnsbl_rule *rule,
                            char reason[static DNSBL_REASON_SIZE])
{
    struct slice word;

    while (dnsbl_word_next(&head, &word)) {
        const struct dnsbl_word *severity = dnsbl_word_find(dnsbl_severities, word);
        const struct dnsbl_word *scope = dnsbl_word_find(dnsbl_scopes, word);

        if (severity != NULL && rule->severity == DNSBL_UNSET) {
            rule->severity = (uint8_t)severity->value;
        } else if (scope != NULL && rule->scope == DNSBL_SCOPE_UNSET) {
            rule->scope = (uint8_t)scope->value;
        } else {
            (void)snprintf(reason, DNSBL_REASON_SIZE,
                           "a severity and a scope may stand in front of the colon, not \"%.*s\"",
                           word.length > 40 ? 40 : (int)word.length, word.start);
            return false;
        }
    }
    return true;
}

static bool read_error_words(struct slice head, struct dnsbl_rule *rule,
                             char reason[static DNSBL_REASON_SIZE])
{
    struct slice word;
    unsigned kind = 0;

    (void)dnsbl_word_next(&head, &word);
    if (!dnsbl_word_read(dnsbl_errors, word, &kind, reason))
        return false;
    rule->error = (uint8_t)kind;
    if (!dnsbl_word_next(&head, &word))
        return true;
    rule->if_wildcard = slice_equals_text(word, "if-wildcard") && !dnsbl_word_next(&head, &word);
    return rule->if_wildcard ||
           dnsbl_word_fail(reason, "only if-wildcard may follow the kind of an error");
}

static bool read_pattern(struct arena *arena, struct slice text, struct dnsbl_rule *rule,
                         char reason[static DNSBL_REASON_SIZE])
{
    struct dnsbl_pattern_error error;

    if (!dnsbl_pattern_parse(arena, text, &rule->pattern, &error)) {
        (void)snprintf(reason, DNSBL_REASON_SIZE,
                       "the answer is not d.d.d.d: %s (at character %zu)", error.reason,
                       error.offset + 1);
        return false;
    }
    unsigned mask = rule->pattern.low[3];
    if (rule->is_bit && (mask != rule->pattern.high[3] || mask == 0 || (mask & (mask - 1)) != 0))
        return dnsbl_word_fail(reason, "the last octet of a bit is 1, 2, 4, 8, 16, 32, 64 or 128");
    return true;
}

/*
 * code  = pattern [ blank severity ] [ blank scope ] ":" meaning
 * error = ( pattern / rcode ) blank kind [ blank "if-wildcard" ] ":" meaning
 */
bool dnsbl_rule_parse(struct arena *arena, struct slice text, enum dnsbl_rule_kind kind,
                      struct dnsbl_rule *rule, struct slice *meaning,
                      char reason[static DNSBL_REASON_SIZE])
{
    bool is_error = kind == DNSBL_RULE_ERROR || kind == DNSBL_RULE_ERROR_BIT;
    size_t colon = slice_find(text, ':');
    struct slice head = slice_sub(text, 0, colon);
    struct slice answer;

    memset(rule, 0, sizeof *rule);
    rule->is_bit = kind == DNSBL_RULE_BIT || kind == DNSBL_RULE_ERROR_BIT;
    *meaning = slice_trim(slice_sub(text, colon + 1, text.length), " \t");
    if (meaning->length == 0)
        return dnsbl_word_fail(reason, "a colon and what the answer means are missing");
    if (!dnsbl_word_next(&head, &answer))
        return dnsbl_word_fail(reason, "an answer is missing in front of the colon");
    const struct dnsbl_word *rcode =
        kind == DNSBL_RULE_ERROR ? dnsbl_word_find(rcodes, answer) : NULL;
    if (rcode != NULL) {
        rule->is_rcode = true;
        rule->rcode = (uint8_t)rcode->value;
    } else if (!read_pattern(arena, answer, rule, reason)) {
        return false;
    }
    return is_error ? read_error_words(head, rule, reason) : read_code_words(head, rule, reason);
}
