#include <string.h>

#include "mail/bounce_provider.h"
#include "mail/bounce_rules.h"
#include "mail/bounce_rules_internal.h"

#define NO_STEP UINT32_MAX
#define WITHIN 100 /* octets between the phrases of an order */

static void link_steps(struct bounce_rules *rules)
{
    struct bounce_scratch *scratch = rules->scratch;
    size_t phrases = bounce_automaton_phrases(rules->automaton);

    scratch->first_step = arena_array(rules->arena, phrases + 1, sizeof(uint32_t));
    for (size_t i = 0; i < phrases; i++)
        scratch->first_step[i] = NO_STEP;
    for (size_t i = scratch->step_count; i-- > 0;) {
        scratch->steps[i].next = scratch->first_step[scratch->phrases[i]];
        scratch->first_step[scratch->phrases[i]] = (uint32_t)i;
    }
}

void bounce_rules_compile(struct bounce_rules *rules)
{
    struct bounce_scratch *scratch = rules->scratch;
    struct arena *arena = rules->arena;

    bounce_automaton_compile(rules->automaton);
    link_steps(rules);
    scratch->step_seen = arena_array(arena, scratch->step_count + 1, sizeof(uint32_t));
    scratch->step_end = arena_array(arena, scratch->step_count + 1, sizeof(size_t));
    scratch->term_seen = arena_array(arena, scratch->term_count + 1, sizeof(uint32_t));
    scratch->rule_seen = arena_array(arena, rules->count + 1, sizeof(uint32_t));
    scratch->rule_found = arena_array(arena, rules->count + 1, sizeof(uint32_t));
    scratch->candidates = arena_array(arena, rules->count + 1, sizeof(uint32_t));
    scratch->wordless = arena_array(arena, rules->count + 1, sizeof(uint32_t));
    for (size_t i = 0; i < rules->count; i++)
        if (rules->rules[i].words_needed == 0 && !rules->rules[i].is_never)
            scratch->wordless[scratch->wordless_count++] = (uint32_t)i;
}

/* ---- words */

/* A term was found. True: it was the last that its rule needed. */
static bool find_term(const struct bounce_rules *rules, const struct bounce_step *step)
{
    struct bounce_scratch *scratch = rules->scratch;
    const struct bounce_rule *rule = &rules->rules[step->rule];
    const struct bounce_term *term = &rule->terms[step->term];

    if (scratch->term_seen[term->number] == scratch->generation)
        return false;
    scratch->term_seen[term->number] = scratch->generation;
    if (term->is_negated)
        return false;
    if (scratch->rule_seen[step->rule] != scratch->generation) {
        scratch->rule_seen[step->rule] = scratch->generation;
        scratch->rule_found[step->rule] = 0;
    }
    return ++scratch->rule_found[step->rule] == rule->words_needed;
}

/* Whether the phrase stands behind the one that its order wants before it. */
static bool is_in_order(const struct bounce_scratch *scratch, size_t step, size_t start)
{
    if (scratch->steps[step].is_first)
        return true;
    return scratch->step_seen[step - 1] == scratch->generation &&
           scratch->step_end[step - 1] <= start && start - scratch->step_end[step - 1] <= WITHIN;
}

/* Puts the rules whose words are all there into the candidates. */
static size_t find_words(const struct bounce_rules *rules, struct slice text)
{
    struct bounce_scratch *scratch = rules->scratch;
    struct bounce_automaton_scan scan = {0};
    size_t count = 0;

    while (bounce_automaton_next(rules->automaton, text, &scan)) {
        for (uint32_t i = scratch->first_step[scan.phrase]; i != NO_STEP;
             i = scratch->steps[i].next) {
            const struct bounce_step *step = &scratch->steps[i];

            if (!is_in_order(scratch, i, scan.start))
                continue;
            if (!step->is_last) {
                scratch->step_seen[i] = scratch->generation;
                scratch->step_end[i] = scan.end;
            } else if (find_term(rules, step)) {
                scratch->candidates[count++] = step->rule;
            }
        }
    }
    return count;
}

/* ---- tests */

struct question {
    const struct bounce_reply *reply;
    const char *provider; /* of the host, or NULL */
};

static bool number_fits(unsigned wanted, unsigned number)
{
    return wanted == BOUNCE_ANY || wanted == number;
}

static bool value_fits(const struct bounce_term *term, const struct bounce_test_value *value,
                       const struct question *question)
{
    unsigned code = question->reply->code;
    struct bounce_status status = question->reply->status;

    switch (term->test) {
    case BOUNCE_TEST_CODE:
        return code != 0 && number_fits(value->numbers[0], code / 100) &&
               number_fits(value->numbers[1], code / 10 % 10) &&
               number_fits(value->numbers[2], code % 10);
    case BOUNCE_TEST_STATUS:
        return status.class != 0 && number_fits(value->numbers[0], status.class) &&
               number_fits(value->numbers[1], status.subject) &&
               number_fits(value->numbers[2], status.detail);
    case BOUNCE_TEST_AT:
        return question->provider != NULL && strcmp(question->provider, value->provider) == 0;
    case BOUNCE_TEST_WORDS:
    default:
        return false;
    }
}

static bool term_holds(const struct bounce_rules *rules, const struct bounce_term *term,
                       const struct question *question)
{
    bool holds = false;

    if (term->test == BOUNCE_TEST_WORDS)
        holds = rules->scratch->term_seen[term->number] == rules->scratch->generation;
    for (size_t i = 0; i < term->value_count && !holds; i++)
        holds = value_fits(term, &term->values[i], question);
    return holds != term->is_negated;
}

static bool rule_holds(const struct bounce_rules *rules, const struct bounce_rule *rule,
                       const struct question *question)
{
    for (size_t i = 0; i < rule->term_count; i++)
        if (!term_holds(rules, &rule->terms[i], question))
            return false;
    return !rule->is_never;
}

static const struct bounce_rule *find_rule(const struct bounce_rules *rules, struct slice text,
                                           const struct question *question)
{
    struct bounce_scratch *scratch = rules->scratch;
    size_t best = rules->count;

    scratch->generation++;
    size_t count = find_words(rules, text);
    for (size_t i = 0; i < count; i++)
        if (scratch->candidates[i] < best &&
            rule_holds(rules, &rules->rules[scratch->candidates[i]], question))
            best = scratch->candidates[i];
    for (size_t i = 0; i < scratch->wordless_count && scratch->wordless[i] < best; i++)
        if (rule_holds(rules, &rules->rules[scratch->wordless[i]], question))
            best = scratch->wordless[i];
    return best < rules->count ? &rules->rules[best] : NULL;
}

/* ---- the name of a blocklist */

static bool is_name_octet(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

/* Whether a label of the name is what blocklists call themselves: bl, dnsbl, rbl-plus, black. */
static bool is_blocklist_name(struct slice name)
{
    static const char *const parts[] = {"bl.", "rbl", "dnsbl", "black", "block", "bl-", "spam"};

    if (slice_find(name, '.') == name.length)
        return false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (slice_find_text(name, parts[i]) < name.length)
            return true;
    return false;
}

/* The first name in the text that looks like a list's zone: "blocked using bl.example.org". */
static void find_blocklist(struct slice text, char blocklist[BOUNCE_BLOCKLIST_SIZE])
{
    for (size_t i = 0; i < text.length; i++) {
        size_t end = i;

        while (end < text.length && is_name_octet(text.start[end]))
            end++;
        struct slice name = slice_trim(slice_sub(text, i, end - i), ".-_");
        if (name.length < BOUNCE_BLOCKLIST_SIZE && is_blocklist_name(name)) {
            memcpy(blocklist, name.start, name.length);
            blocklist[name.length] = '\0';
            return;
        }
        i = end;
    }
}

/* "host mx.example.org[192.0.2.7] said: 550 gone": the name of the host is no reason. */
static struct slice without_host(struct slice text)
{
    size_t said = slice_find_text(slice_sub(text, 0, 400), "] said: ");

    if (!slice_starts_with(text, "host ") || said >= text.length || said >= 400)
        return text;
    return slice_sub(text, said + sizeof "] said: " - 1, text.length);
}

void bounce_rules_classify(struct bounce_rules *rules, const struct bounce_reply *reply,
                           struct bounce_verdict *verdict)
{
    char buffer[BOUNCE_FOLD_MAX];
    struct bounce_reply full = *reply;
    struct question question = {.reply = &full, .provider = bounce_provider_of_host(reply->host)};

    *verdict = (struct bounce_verdict){.class = BOUNCE_UNKNOWN};
    bounce_reply_find_codes(&full);
    struct slice text = bounce_reply_fold(without_host(reply->text), buffer);
    if (rules->count > 0)
        verdict->rule = find_rule(rules, text, &question);
    if (verdict->rule != NULL)
        verdict->class = verdict->rule->class;
    verdict->is_hard = bounce_class_is_hard(verdict->class, bounce_reply_first_digit(&full));
    if (verdict->rule == NULL || verdict->class != BOUNCE_BLOCKED)
        return;
    if (verdict->rule->blocklist != NULL)
        memcpy(verdict->blocklist, verdict->rule->blocklist, strlen(verdict->rule->blocklist) + 1);
    else
        find_blocklist(text, verdict->blocklist);
}
