#include "plugin/option.h"

#include <stdio.h>
#include <string.h>

#include "plugin/option_value.h"
#include "report/escape.h"

/* Where the parser stands. */
struct cursor {
    struct option_run *run;
    const struct option_words *words;
    size_t next;        /* word after the one in hand */
    const char *origin; /* of the word in hand */
};

static bool fail(struct option_run *run, const char *origin, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(struct option_run *run, const char *origin, const char *format, ...)
{
    struct option_error *error = &run->error;
    size_t used = 0;
    va_list arguments;

    if (origin != NULL) {
        snprintf(error->message, sizeof(error->message),
                 "%s: ", escape_value(run->arena, slice_of(origin)));
        used = strlen(error->message);
    }
    va_start(arguments, format);
    vsnprintf(error->message + used, sizeof(error->message) - used, format, arguments);
    va_end(arguments);
    error->is_set = true;
    return false;
}

static const char *shown(const struct option_run *run, struct slice value)
{
    return escape_value(run->arena, value);
}

bool option_refuse(struct option_run *run, const struct option_use *use, const char *expected)
{
    const char *name = use->definition->name;

    if (use->value == NULL || (use->definition->traits & OPTION_SECRET) != 0)
        return fail(run, use->origin, "option --%s: expected %s", name, expected);
    return fail(run, use->origin, "option --%s: expected %s, got \"%s\"", name, expected,
                shown(run, slice_of(use->value)));
}

static void keep_special(struct option_run *run, const struct option_use *use)
{
    struct option_specials *specials = &run->specials;

    /* Grows at each power of two. */
    if ((specials->count & (specials->count - 1)) == 0) {
        size_t room = specials->count == 0 ? 1 : specials->count * 2;
        struct option_use *uses = arena_array(run->arena, room, sizeof(*uses));

        if (specials->count > 0)
            memcpy(uses, specials->uses, specials->count * sizeof(*uses));
        specials->uses = uses;
    }
    specials->uses[specials->count++] = *use;
}

/* One option and its value (NULL for none) were read. */
static bool take(struct option_run *run, const struct option_use *use)
{
    const struct option_definition *definition = use->definition;
    bool is_common = (definition->traits & OPTION_COMMON) != 0;
    void *base = is_common ? run->common : run->configuration;

    if (use->origin != NULL && (definition->traits & OPTION_COMMAND_LINE) != 0)
        return fail(run, use->origin, "option --%s: expected on the command line only",
                    definition->name);
    run->given[definition - run->table] = true;
    if (definition->kind == OPTION_SPECIAL)
        keep_special(run, use);
    if (base == NULL)
        return true;

    const char *expected = option_store(definition, use->value, base, run->arena);

    return expected == NULL || option_refuse(run, use, expected);
}

static const struct option_definition *find_letter(const struct option_run *run, char letter)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->table[i].letter == letter)
            return &run->table[i];
    }
    return NULL;
}

/* The row with that name, or the only one whose name starts so; *other is set when there is a
 * second. */
static const struct option_definition *find_name(const struct option_run *run, struct slice name,
                                                 const struct option_definition **other)
{
    const struct option_definition *found = NULL;

    *other = NULL;
    for (size_t i = 0; i < run->count; i++) {
        if (slice_equals_text(name, run->table[i].name))
            return &run->table[i];
    }
    for (size_t i = 0; i < run->count && name.length > 0; i++) {
        struct slice full = slice_of(run->table[i].name);

        if ((run->table[i].traits & OPTION_HIDDEN) != 0 ||
            !slice_equals(name, slice_sub(full, 0, name.length)))
            continue;
        if (found != NULL) {
            *other = &run->table[i];
            return found;
        }
        found = &run->table[i];
    }
    return found;
}

/* The option nearest to a mistyped name when it is near enough to be meant, or NULL. */
static const char *nearest_name(const struct option_run *run, struct slice name)
{
    const char *nearest = NULL;
    size_t least = name.length / 3 + 1;

    for (size_t i = 0; i < run->count; i++) {
        size_t distance = slice_distance(name, slice_of(run->table[i].name));
        bool is_shown = (run->table[i].traits & OPTION_HIDDEN) == 0;

        if (is_shown && distance <= least && (nearest == NULL || distance < least)) {
            nearest = run->table[i].name;
            least = distance;
        }
    }
    return nearest;
}

static bool fail_unknown(struct cursor *cursor, struct slice name)
{
    const char *nearest = nearest_name(cursor->run, name);
    const char *text = shown(cursor->run, name);

    if (nearest == NULL)
        return fail(cursor->run, cursor->origin, "unknown option --%s; see --help", text);
    return fail(cursor->run, cursor->origin, "unknown option --%s; did you mean --%s?", text,
                nearest);
}

static bool fail_needs_value(struct cursor *cursor, const struct option_definition *definition)
{
    return fail(cursor->run, cursor->origin, "option --%s: expected a value, %s", definition->name,
                definition->argument != NULL ? definition->argument : "VALUE");
}

/* Another option stands where the value is expected: it was forgotten, not meant. The value of
 * that one may be a secret. */
static bool fail_is_option(struct cursor *cursor, const struct option_definition *definition,
                           const char *word)
{
    const char *argument = definition->argument != NULL ? definition->argument : "VALUE";

    return fail(cursor->run, cursor->origin,
                "option --%s: expected a value, %s, got the option %s; a value like that is "
                "written --%s=%s",
                definition->name, argument, shown(cursor->run, slice_new(word, strcspn(word, "="))),
                definition->name, argument);
}

static bool is_option(const struct option_run *run, const char *word)
{
    const struct option_definition *other;

    return strncmp(word, "--", 2) == 0 &&
           (word[2] == '\0' ||
            find_name(run, slice_sub(slice_of(word + 2), 0, strcspn(word + 2, "=")), &other) !=
                NULL);
}

/* The value that stands in the next word. False when there is none. */
static bool next_value(struct cursor *cursor, struct option_use *use)
{
    bool is_optional = (use->definition->traits & OPTION_OPTIONAL_VALUE) != 0;
    const char *word =
        cursor->next < cursor->words->count ? cursor->words->words[cursor->next] : NULL;

    if (is_optional && (word == NULL || word[0] == '-'))
        return true;
    if (word == NULL)
        return fail_needs_value(cursor, use->definition);
    if (is_option(cursor->run, word))
        return fail_is_option(cursor, use->definition, word);
    use->value = word;
    cursor->next++;
    return true;
}

/* "--" name [ "=" value ] ; `text` stands after the dashes */
static bool parse_name(struct cursor *cursor, const char *text)
{
    struct slice name = slice_sub(slice_of(text), 0, strcspn(text, "="));
    const struct option_definition *other;
    struct option_use use = {.definition = find_name(cursor->run, name, &other),
                             .origin = cursor->origin};

    if (use.definition == NULL)
        return fail_unknown(cursor, name);
    if (other != NULL)
        return fail(cursor->run, cursor->origin, "option --%s is ambiguous: --%s or --%s",
                    shown(cursor->run, name), use.definition->name, other->name);
    if (text[name.length] == '=')
        use.value = text + name.length + 1;
    if (use.value != NULL && !option_takes_value(use.definition))
        return option_refuse(cursor->run, &use, "no value");
    if (use.value == NULL && option_takes_value(use.definition) && !next_value(cursor, &use))
        return false;
    return take(cursor->run, &use);
}

/* "-" 1*letter [ value ] ; `letters` stand after the dash */
static bool parse_letters(struct cursor *cursor, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        struct option_use use = {.definition = find_letter(cursor->run, *letters),
                                 .origin = cursor->origin};

        if (use.definition == NULL)
            return fail(cursor->run, cursor->origin, "unknown option -%s; see --help",
                        shown(cursor->run, slice_new(letters, 1)));
        if (!option_takes_value(use.definition)) {
            if (!take(cursor->run, &use))
                return false;
            continue;
        }
        if (letters[1] != '\0')
            use.value = letters + 1;
        else if (!next_value(cursor, &use))
            return false;
        return take(cursor->run, &use);
    }
    return true;
}

/* A word that is no option. */
static bool take_operand(struct cursor *cursor, const char *word)
{
    struct option_run *run = cursor->run;

    for (size_t i = 0; i < run->count; i++) {
        struct option_use use = {
            .definition = &run->table[i], .value = word, .origin = cursor->origin};

        if ((run->table[i].traits & OPTION_OPERANDS) != 0)
            return take(run, &use);
    }
    return fail(run, cursor->origin, "unexpected argument \"%s\": expected an option, see --help",
                shown(run, slice_of(word)));
}

/* What stands behind "--". */
static bool take_operands(struct cursor *cursor)
{
    while (cursor->next < cursor->words->count) {
        if (!take_operand(cursor, cursor->words->words[cursor->next++]))
            return false;
    }
    return true;
}

bool option_parse(struct option_run *run, const struct option_words *words)
{
    struct cursor cursor = {.run = run, .words = words};

    if (run->given == NULL)
        run->given = arena_array(run->arena, run->count, sizeof(*run->given));
    while (cursor.next < words->count) {
        const char *word = words->words[cursor.next];
        bool good;

        if (words->origins != NULL)
            cursor.origin = words->origins[cursor.next];
        cursor.next++;
        if (strcmp(word, "--") == 0)
            return take_operands(&cursor);
        if (word[0] == '-' && word[1] == '-')
            good = parse_name(&cursor, word + 2);
        else if (word[0] == '-' && word[1] != '\0')
            good = parse_letters(&cursor, word + 1);
        else
            good = take_operand(&cursor, word);
        if (!good)
            return false;
    }
    return true;
}

bool option_require(struct option_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct option_definition *definition = &run->table[i];

        if ((definition->traits & OPTION_REQUIRED) == 0 || (run->given != NULL && run->given[i]))
            continue;
        if ((definition->traits & OPTION_OPERANDS) != 0)
            return fail(run, NULL, "nothing to check was named: expected %s; see --help",
                        definition->argument);
        return fail(run, NULL, "option --%s is missing: expected --%s %s", definition->name,
                    definition->name,
                    definition->argument != NULL ? definition->argument : "VALUE");
    }
    return true;
}

const char *option_peek(const struct option_run *run, const struct option_words *words,
                        const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < words->count && strcmp(words->words[i], "--") != 0; i++) {
        const char *word = words->words[i];
        const struct option_definition *other;

        if (strncmp(word, "--", 2) != 0)
            continue;

        struct slice written = slice_sub(slice_of(word + 2), 0, strcspn(word + 2, "="));
        const struct option_definition *found = find_name(run, written, &other);

        if (found == NULL || other != NULL || strcmp(found->name, name) != 0)
            continue;
        if (!option_takes_value(found))
            value = "";
        else if (word[2 + written.length] == '=')
            value = word + 2 + written.length + 1;
        else if (i + 1 < words->count)
            value = words->words[i + 1];
    }
    return value;
}
