#include "script.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "script_line.h"

#define LINE_OCTETS_MAX (64U << 10)

static const char blanks[] = " \t\r";

bool script_fail(struct script_line *line, const char *format, ...)
{
    va_list arguments;
    int written =
        snprintf(line->message, SCRIPT_MESSAGE_SIZE, "%s:%zu: ", line->script->file, line->number);

    if (written < 0 || written >= SCRIPT_MESSAGE_SIZE)
        return false;
    va_start(arguments, format);
    vsnprintf(line->message + written, (size_t)(SCRIPT_MESSAGE_SIZE - written), format, arguments);
    va_end(arguments);
    return false;
}

struct rule *script_add_rule(struct script_line *line, enum step step, struct slice verb)
{
    struct script *script = line->script;

    script->rules = memory_grow(script->rules, &script->rule_capacity, script->rule_count + 1,
                                sizeof(*script->rules));

    struct rule *rule = &script->rules[script->rule_count++];

    *rule = (struct rule){
        .listeners = line->place.listeners,
        .has_address = line->place.has_address,
        .condition = line->place.bracket.condition,
        .pace = line->place.bracket.pace,
        .step = step,
        .verb = verb,
    };
    line->rule_is_open = true;
    return rule;
}

static bool parse_addresses(struct script_line *line, struct slice text)
{
    struct slice part;

    line->place.has_address = true;
    line->place.listeners = 0;
    while (slice_split(&text, ',', &part)) {
        uint64_t found = 0;

        if (slice_equals_text(part, "*")) {
            line->place.has_address = false;
            found = UINT64_MAX;
        }
        for (size_t i = 0; i < line->script->listener_count; i++) {
            if (listener_is(&line->script->listeners[i], part))
                found |= UINT64_C(1) << i;
        }
        if (found == 0)
            return script_fail(line, "nobody listens at \"%.*s\"", SLICE_PRINTF(part));
        line->place.listeners |= found;
    }
    return true;
}

/* The first "]" that neither has a backslash before it nor something other than a blank behind it.
 */
static size_t bracket_end(struct slice text)
{
    for (size_t i = 1; i < text.length; i++) {
        if (text.start[i] == '\\')
            i++;
        else if (text.start[i] == ']' &&
                 (i + 1 == text.length || text.start[i + 1] == ' ' || text.start[i + 1] == '\t'))
            return i;
    }
    return text.length;
}

static bool parse_bracket(struct script_line *line, struct slice *text)
{
    char message[CONDITION_MESSAGE_SIZE];
    size_t end = bracket_end(*text);

    if (end == text->length)
        return script_fail(line, "\"]\" is missing");

    if (!bracket_parse(&line->place.bracket, slice_sub(*text, 1, end - 1), message))
        return script_fail(line, "%s", message);
    *text = slice_trim(slice_sub(*text, end + 1, text->length), blanks);
    return true;
}

/* "mail" and "rcpt": a pattern for the path, and an action. */
static bool parse_table(struct script_line *line, enum step step, enum condition_text which,
                        struct slice rest)
{
    struct slice pattern = bracket_word(&rest);

    if (pattern.length == 0 || rest.length == 0)
        return script_fail(line, "a pattern and a reply are wanted");
    line->place.bracket.condition.patterns[which] = pattern;
    return script_add_action(line, script_add_rule(line, step, SLICE_LITERAL("")), rest);
}

static bool parse_rule(struct script_line *line, struct slice rest)
{
    struct slice word = bracket_word(&rest);
    struct slice verb;
    enum step step;

    if (!step_parse(word, &step, &verb))
        return script_fail(line, "\"%.*s\" is no step of a dialogue", SLICE_PRINTF(word));
    if (line->place.bracket.condition.record > 0 && step != STEP_HANDSHAKE)
        return script_fail(line, "\"record\" is of a handshake");

    struct rule *rule = script_add_rule(line, step, verb);

    return rest.length == 0 || script_add_action(line, rule, rest);
}

static bool parse_greeting(struct script_line *line, struct slice text, bool has_place)
{
    struct script *script = line->script;
    struct rule *rule = line->greeting_is_open && !has_place
                            ? &script->rules[script->rule_count - 1]
                            : script_add_rule(line, STEP_CONNECT, SLICE_LITERAL(""));

    line->greeting_is_open = text.length > 3 && text.start[3] == '-';
    return script_add_action(line, rule, text);
}

static bool parse_statement(struct script_line *line, struct slice text, bool has_place)
{
    struct slice rest = text;
    struct slice word = bracket_word(&rest);

    if (text.start[0] >= '0' && text.start[0] <= '9')
        return parse_greeting(line, text, has_place);
    line->greeting_is_open = false;
    line->rule_is_open = false;
    if (slice_equals_text(word, "on"))
        return parse_rule(line, rest);
    if (slice_equals_text(word, "mail"))
        return parse_table(line, STEP_MAIL, CONDITION_SENDER, rest);
    if (slice_equals_text(word, "rcpt"))
        return parse_table(line, STEP_RCPT, CONDITION_TO, rest);
    return script_add_setting(line, text);
}

/* Over what `place` says. *text is what follows. */
static bool parse_place(struct script_line *line, const struct script_place *place,
                        struct slice *text)
{
    line->place = *place;
    if (slice_starts_with(*text, "@")) {
        struct slice word = bracket_word(text);

        if (!parse_addresses(line, slice_sub(word, 1, word.length)))
            return false;
    }
    return !slice_starts_with(*text, "[") || parse_bracket(line, text);
}

static bool parse_line(struct script_line *line, struct slice text)
{
    static const struct script_place everywhere = {.listeners = UINT64_MAX};
    const struct script_place section = line->section;
    struct slice rest = text;

    if (!parse_place(line, &section, &rest))
        return false;
    if (rest.length > 0)
        return parse_statement(line, rest, rest.start != text.start);
    line->rule_is_open = line->greeting_is_open = false;
    if (!parse_place(line, &everywhere, &text))
        return false;
    line->section = line->place;
    return true;
}

static bool parse_action_line(struct script_line *line, struct slice text)
{
    struct script *script = line->script;

    if (!line->rule_is_open)
        return script_fail(line, "an indented line is an action, and there is no rule above it");
    return script_add_action(line, &script->rules[script->rule_count - 1], text);
}

void script_init(struct script *script, struct listener *listeners, size_t listener_count)
{
    *script = (struct script){
        .listeners = listeners,
        .listener_count = listener_count < LISTENER_MAX ? listener_count : LISTENER_MAX,
    };
}

void script_release(struct script *script)
{
    for (size_t i = 0; i < script->rule_count; i++)
        free(script->rules[i].actions);
    free(script->rules);
    free(script->settings);
    tally_release(&script->tally);
}

bool script_parse(struct script *script, const char *file, struct slice text,
                  char message[static SCRIPT_MESSAGE_SIZE])
{
    struct script_line line = {
        .script = script,
        .message = message,
        .section = {.listeners = UINT64_MAX},
    };
    struct slice raw;
    bool good = true;

    script->file = file;
    while (good && slice_split(&text, '\n', &raw)) {
        struct slice part = slice_trim(raw, blanks);
        bool indented = raw.length > 0 && (raw.start[0] == ' ' || raw.start[0] == '\t');

        line.number++;
        if (part.length == 0 || part.start[0] == '#' || part.start[0] == ';')
            continue;
        if (part.length > LINE_OCTETS_MAX)
            good = script_fail(&line, "the line is too long");
        else if (slice_find(part, '\0') < part.length)
            good = script_fail(&line, "there is a NUL in the line");
        else
            good = indented ? parse_action_line(&line, part) : parse_line(&line, part);
    }
    return good;
}

static bool rule_is_for(const struct rule *rule, enum step step, struct slice verb,
                        const struct facts *facts)
{
    if ((rule->listeners >> facts->listener & 1) == 0)
        return false;
    if (step == STEP_HANDSHAKE &&
        facts->record != (rule->condition.record > 0 ? rule->condition.record : 1))
        return false;
    if (rule->step == STEP_ANY)
        return step_is_command(step);
    return rule->step == step &&
           (rule->verb.length == 0 || slice_equals_ignoring_case(rule->verb, verb));
}

static bool count_fits(struct script *script, size_t index, const struct facts *facts,
                       uint64_t session, int64_t now)
{
    const struct condition *condition = &script->rules[index].condition;
    struct slice text = SLICE_LITERAL("");
    uint64_t number = index;

    if (!condition_counts(condition))
        return true;
    if (condition->scope == CONDITION_EACH)
        text = facts->texts[CONDITION_ARGUMENT];
    if (condition->scope == CONDITION_SESSION)
        number |= session << 32;

    const struct tally_entry *entry = tally_next(&script->tally, tally_key(number, text), now);

    return condition_count_fits(condition, entry->count, (uint64_t)(now - entry->since) / 1000);
}

const struct rule *script_rule(struct script *script, enum step step, struct slice verb,
                               const struct facts *facts, uint64_t session, int64_t now)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < script->rule_count; i++) {
            const struct rule *rule = &script->rules[i];

            if (rule->has_address == (pass == 0) && rule_is_for(rule, step, verb, facts) &&
                condition_fits(&rule->condition, facts) &&
                count_fits(script, i, facts, session, now))
                return rule;
        }
    }
    return NULL;
}

static bool setting_holds(const struct setting *setting, enum setting_kind kind,
                          const struct facts *facts)
{
    return setting->kind == kind && (setting->listeners >> facts->listener & 1) != 0 &&
           condition_fits(&setting->condition, facts);
}

const struct setting *script_setting(const struct script *script, enum setting_kind kind,
                                     const struct facts *facts)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < script->setting_count; i++) {
            const struct setting *setting = &script->settings[i];

            if (setting->has_address == (pass == 0) && setting_holds(setting, kind, facts))
                return setting;
        }
    }
    return NULL;
}

const struct setting *script_next_setting(const struct script *script, enum setting_kind kind,
                                          const struct facts *facts, size_t *at)
{
    while (*at < script->setting_count) {
        const struct setting *setting = &script->settings[(*at)++];

        if (setting_holds(setting, kind, facts))
            return setting;
    }
    return NULL;
}
