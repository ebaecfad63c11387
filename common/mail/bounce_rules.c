#include "mail/bounce_rules.h"

#include <stdio.h>
#include <string.h>

#include "mail/bounce_rules_internal.h"

struct reader {
    struct bounce_rules *rules;
    const char *file;
    size_t line;
    bool has_class;
    enum bounce_class class;
    struct slice class_name;
    char reason[256];
};

#define BLANKS " \t\r\n"

static bool fail(struct reader *reader, const char *reason)
{
    (void)snprintf(reader->reason, sizeof reader->reason, "%s", reason);
    return false;
}

static bool fail_with(struct reader *reader, const char *reason, struct slice what)
{
    (void)snprintf(reader->reason, sizeof reader->reason, "%s: \"%.*s\"", reason,
                   (int)(what.length < 80 ? what.length : 80), what.start);
    return false;
}

void bounce_rules_init(struct bounce_rules *rules, struct arena *arena)
{
    *rules = (struct bounce_rules){.arena = arena};
    rules->automaton = bounce_automaton_new(arena);
    rules->scratch = arena_alloc(arena, sizeof *rules->scratch);
}

/* Makes room for one more element; what is left behind goes with the arena. */
static void *grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity == 0 ? 256 : *capacity * 2;
    void *grown = arena_array(arena, *capacity, size);
    if (count > 0)
        memcpy(grown, array, count * size);
    return grown;
}

/* ---- tests: {code 550 5xx} {status 5.7.1 4.7.x} {at gmail.com} */

static bool read_part(struct slice part, unsigned maximum, unsigned *number)
{
    uint64_t value = 0;

    if (slice_equals_text(part, "x")) {
        *number = BOUNCE_ANY;
        return true;
    }
    if (!slice_to_number(part, maximum, &value))
        return false;
    *number = (unsigned)value;
    return true;
}

static bool read_code(struct slice word, struct bounce_test_value *value)
{
    if (word.length != 3)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (!read_part(slice_sub(word, i, 1), 9, &value->numbers[i]))
            return false;
    return true;
}

static bool read_status(struct slice word, struct bounce_test_value *value)
{
    struct slice part;
    size_t i = 0;

    while (slice_split(&word, '.', &part))
        if (i == 3 || !read_part(part, 999, &value->numbers[i++]))
            return false;
    return i == 3;
}

static bool read_value(struct reader *reader, struct bounce_term *term, struct slice word)
{
    struct bounce_test_value *value = &term->values[term->value_count];

    if (term->value_count == BOUNCE_VALUES_MAX)
        return fail(reader, "a test has more than 64 values");
    if (term->test == BOUNCE_TEST_CODE && !read_code(word, value))
        return fail_with(reader, "not a reply code as 550 or 5xx", word);
    if (term->test == BOUNCE_TEST_STATUS && !read_status(word, value))
        return fail_with(reader, "not an enhanced code as 5.7.1 or 5.7.x", word);
    if (term->test == BOUNCE_TEST_AT)
        value->provider = arena_copy_slice(reader->rules->arena, word);
    term->value_count++;
    return true;
}

static bool read_test(struct reader *reader, struct bounce_term *term, struct slice text)
{
    struct slice word;
    struct slice rest = slice_trim(slice_sub(text, 1, text.length - 2), BLANKS);
    struct slice name = slice_of("");

    term->values = arena_array(reader->rules->arena, BOUNCE_VALUES_MAX, sizeof *term->values);
    while (slice_split(&rest, ' ', &word)) {
        word = slice_trim(word, BLANKS);
        if (word.length == 0)
            continue;
        if (name.length > 0) {
            if (!read_value(reader, term, word))
                return false;
            continue;
        }
        name = word;
        if (slice_equals_text(name, "code"))
            term->test = BOUNCE_TEST_CODE;
        else if (slice_equals_text(name, "status"))
            term->test = BOUNCE_TEST_STATUS;
        else if (slice_equals_text(name, "at"))
            term->test = BOUNCE_TEST_AT;
        else
            return fail_with(reader, "a test is {code ...}, {status ...} or {at ...}", text);
    }
    return term->value_count > 0 || fail_with(reader, "a test has no value", text);
}

/* ---- words */

static bool add_step(struct reader *reader, const struct bounce_rule *rule,
                     const struct bounce_term *term, size_t phrase, bool is_first)
{
    struct bounce_rules *rules = reader->rules;
    struct bounce_scratch *scratch = rules->scratch;
    size_t capacity = scratch->step_capacity;

    if (phrase == SIZE_MAX || scratch->step_count >= BOUNCE_RULES_PHRASES_MAX)
        return fail(reader, "there are more phrases than can be held");
    scratch->phrases =
        grow(rules->arena, scratch->phrases, scratch->step_count, &capacity, sizeof(uint32_t));
    scratch->steps = grow(rules->arena, scratch->steps, scratch->step_count,
                          &scratch->step_capacity, sizeof *scratch->steps);
    scratch->phrases[scratch->step_count] = (uint32_t)phrase;
    scratch->steps[scratch->step_count++] = (struct bounce_step){
        .rule = (uint32_t)(rule - rules->rules),
        .term = (uint32_t)(term - rule->terms),
        .is_first = is_first,
        .is_last = true,
    };
    return true;
}

/*
 * phrase = [ "*" ] words [ "*" ]
 */
static bool read_phrase(struct reader *reader, const struct bounce_rule *rule,
                        const struct bounce_term *term, struct slice text, bool is_first)
{
    struct bounce_rules *rules = reader->rules;
    char buffer[BOUNCE_FOLD_MAX];
    struct slice written = slice_trim(text, BLANKS);
    bool is_open_before = written.length > 0 && written.start[0] == '*';
    bool is_open_behind = written.length > 1 && written.start[written.length - 1] == '*';

    if (is_open_before)
        written = slice_sub(written, 1, written.length);
    if (is_open_behind)
        written.length--;
    struct slice phrase = slice_trim(bounce_reply_fold(written, buffer), " ");
    if (phrase.length < written.length && slice_find(phrase, '@') < phrase.length)
        return fail_with(reader, "an address in a text reads as @ alone", written);
    if (phrase.length == 0)
        return fail(reader, "there is an empty phrase");
    if (phrase.length > BOUNCE_AUTOMATON_PHRASE_MAX)
        return fail_with(reader, "a phrase is longer than 120 characters", phrase);
    return add_step(reader, rule, term,
                    bounce_automaton_add(rules->automaton, phrase, is_open_before, is_open_behind),
                    is_first);
}

/*
 * order = phrase *( "..." phrase )
 */
static bool read_order(struct reader *reader, const struct bounce_rule *rule,
                       const struct bounce_term *term, struct slice text)
{
    for (bool is_first = true; text.start != NULL; is_first = false) {
        size_t dots = slice_find_text(text, "...");

        if (!is_first)
            reader->rules->scratch->steps[reader->rules->scratch->step_count - 1].is_last = false;
        if (!read_phrase(reader, rule, term, slice_sub(text, 0, dots), is_first))
            return false;
        text = dots < text.length ? slice_sub(text, dots + 3, text.length) : (struct slice){0};
    }
    return true;
}

static bool read_words(struct reader *reader, const struct bounce_rule *rule,
                       const struct bounce_term *term, struct slice text)
{
    struct slice part;

    while (slice_split(&text, '|', &part))
        if (!read_order(reader, rule, term, part))
            return false;
    return true;
}

/* ---- rules */

static bool read_term(struct reader *reader, struct bounce_rule *rule, struct slice text)
{
    if (rule->term_count == BOUNCE_TERMS_MAX)
        return fail(reader, "a rule has more than 16 terms");
    struct bounce_term *term = &rule->terms[rule->term_count++];
    term->number = reader->rules->scratch->term_count++;
    text = slice_trim(text, BLANKS);
    if (text.length > 0 && text.start[0] == '!') {
        term->is_negated = true;
        text = slice_trim(slice_sub(text, 1, text.length), BLANKS);
    }
    if (text.length == 0)
        return fail(reader, "there is an empty term");
    if (text.start[0] == '{') {
        if (text.start[text.length - 1] != '}')
            return fail_with(reader, "a test ends with \"}\"", text);
        return read_test(reader, term, text);
    }
    if (!term->is_negated)
        rule->words_needed++;
    return read_words(reader, rule, term, text);
}

static bool read_condition(struct reader *reader, struct bounce_rule *rule, struct slice text)
{
    struct slice part;

    rule->terms = arena_array(reader->rules->arena, BOUNCE_TERMS_MAX, sizeof *rule->terms);
    if (slice_equals_text(slice_trim(text, BLANKS), "never")) {
        rule->is_never = true;
        return true;
    }
    while (slice_split(&text, '&', &part))
        if (!read_term(reader, rule, part))
            return false;
    for (size_t i = 0; i < rule->term_count; i++)
        if (!rule->terms[i].is_negated)
            return true;
    return fail(reader, "a rule needs a term without \"!\"");
}

static const struct bounce_rule *find_rule(const struct bounce_rules *rules, const char *id)
{
    for (size_t i = 0; i < rules->count; i++)
        if (strcmp(rules->rules[i].id, id) == 0)
            return &rules->rules[i];
    return NULL;
}

static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.length; i++) {
        char c = name.start[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return name.length > 0 && name.length <= 40;
}

static bool read_blocklist(struct reader *reader, struct bounce_rule *rule, struct slice *condition)
{
    size_t arrow = slice_find_text(*condition, "=>");

    if (arrow == condition->length)
        return true;
    struct slice name = slice_trim(slice_sub(*condition, arrow + 2, condition->length), BLANKS);
    if (name.length == 0 || name.length >= BOUNCE_BLOCKLIST_SIZE)
        return fail(reader, "the name of a blocklist has 1 to 63 characters");
    rule->blocklist = arena_copy_slice(reader->rules->arena, name);
    *condition = slice_sub(*condition, 0, arrow);
    return true;
}

/*
 * rule = name ":" condition [ "=>" blocklist ]
 */
static bool read_rule(struct reader *reader, struct slice text)
{
    struct bounce_rules *rules = reader->rules;
    size_t colon = slice_find(text, ':');
    struct slice name = slice_trim(slice_sub(text, 0, colon), BLANKS);

    if (!reader->has_class)
        return fail(reader, "a [CLASS] has to come first");
    if (colon == text.length || !is_name(name))
        return fail(reader, "a line is [CLASS], name: condition, or a comment that begins with #");
    struct bounce_rule rule = {.class = reader->class, .file = reader->file, .line = reader->line};
    rule.id = arena_format(rules->arena, "%.*s.%.*s", SLICE_PRINTF(reader->class_name),
                           SLICE_PRINTF(name));
    const struct bounce_rule *known = find_rule(rules, rule.id);
    if (known != NULL && known >= rules->rules + rules->file_start)
        return fail_with(reader, "the rule stands in the file already", slice_of(rule.id));
    if (rules->count >= BOUNCE_RULES_MAX)
        return fail(reader, "there are more than 4000 rules");
    struct slice condition = slice_sub(text, colon + 1, text.length);
    if (!read_blocklist(reader, &rule, &condition))
        return false;
    rules->rules =
        grow(rules->arena, rules->rules, rules->count, &rules->capacity, sizeof *rules->rules);
    struct bounce_rule *added = &rules->rules[rules->count++];
    *added = rule;
    if (!read_condition(reader, added, condition))
        return false;
    if (known != NULL)
        added->is_never = true;
    return true;
}

static bool read_class(struct reader *reader, struct slice line)
{
    line = slice_trim(line, BLANKS);
    if (line.start[line.length - 1] != ']')
        return fail(reader, "\"]\" is missing at the end of a section's line");
    reader->class_name = slice_trim(slice_sub(line, 1, line.length - 2), BLANKS);
    reader->has_class = bounce_class_parse(reader->class_name, &reader->class);
    return reader->has_class || fail_with(reader, "not a class", reader->class_name);
}

/* Takes a line and those that go on from it. */
static struct slice take_lines(struct slice *rest, size_t *lines)
{
    size_t end = 0;

    for (*lines = 0; end < rest->length; ++*lines) {
        if (*lines > 0 && rest->start[end] != ' ' && rest->start[end] != '\t')
            break;
        size_t newline = slice_find(slice_sub(*rest, end, rest->length), '\n');
        end += newline;
        end += end < rest->length;
    }
    struct slice taken = slice_sub(*rest, 0, end);
    *rest = slice_sub(*rest, end, rest->length);
    return taken;
}

static bool read_lines(struct reader *reader, struct slice rest)
{
    size_t lines = 0;

    for (reader->line = 1; rest.length > 0; reader->line += lines) {
        struct slice text = take_lines(&rest, &lines);
        struct slice trimmed = slice_trim(text, BLANKS);

        if (trimmed.length == 0 || trimmed.start[0] == '#')
            continue;
        if (!(trimmed.start[0] == '[' ? read_class(reader, trimmed) : read_rule(reader, text)))
            return false;
    }
    return true;
}

bool bounce_rules_read(struct bounce_rules *rules, struct slice text, const char *file,
                       struct bounce_rules_error *error)
{
    struct reader reader = {.rules = rules, .file = file};
    bool is_good = false;

    rules->file_start = rules->count;
    text = slice_skip_bom(text);
    if (text.length > BOUNCE_RULES_TEXT_MAX)
        (void)fail(&reader, "the file is larger than 512 KiB");
    else if (slice_find(text, '\0') < text.length)
        (void)fail(&reader, "there is a NUL in the file");
    else
        is_good = read_lines(&reader, slice_of(arena_copy_slice(rules->arena, text)));
    rules->files++;
    if (!is_good) {
        error->line = reader.line;
        if (reader.line > 0)
            (void)snprintf(error->message, sizeof error->message, "%.200s:%zu: %s", file,
                           reader.line, reader.reason);
        else
            (void)snprintf(error->message, sizeof error->message, "%.200s: %s", file,
                           reader.reason);
    }
    return is_good;
}
