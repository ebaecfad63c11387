#include "condition.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "pattern.h"

#define NUMBER_MAX 1000000000

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const text_words[CONDITION_TEXTS] = {
    [CONDITION_FROM] = "from",     [CONDITION_SNI] = "sni", [CONDITION_HELO] = "helo",
    [CONDITION_SENDER] = "sender", [CONDITION_TO] = "to",   [CONDITION_ARGUMENT] = "argument",
};

struct number_word {
    const char *name;
    size_t offset; /* of the uint64_t in struct bracket */
    uint64_t least;
};

#define IN_CONDITION(member) offsetof(struct bracket, condition.member)
#define IN_PACE(member) offsetof(struct bracket, pace.member)

static const struct number_word number_words[] = {
    {"open",       IN_CONDITION(open),       1},
    {"errors",     IN_CONDITION(errors),     1},
    {"recipients", IN_CONDITION(recipients), 1},
    {"record",     IN_CONDITION(record),     1},
    {"first",      IN_CONDITION(first),      1},
    {"after",      IN_CONDITION(after),      1},
    {"within",     IN_CONDITION(within),     1},
    {"delay",      IN_PACE(delay),           0},
    {"chunk",      IN_PACE(chunk),           0},
    {"pause",      IN_PACE(pause),           0},
};

struct slice bracket_word(struct slice *rest)
{
    struct slice trimmed = slice_trim(*rest, " \t");
    size_t end = 0;

    while (end < trimmed.length && trimmed.start[end] != ' ' && trimmed.start[end] != '\t')
        end += trimmed.start[end] == '\\' && end + 1 < trimmed.length ? 2 : 1;
    *rest = slice_trim(slice_sub(trimmed, end, trimmed.length), " \t");
    return slice_sub(trimmed, 0, end);
}

/* range = 1*DIGIT ["-" *DIGIT] */
static bool parse_connection(struct condition *condition, struct slice value)
{
    size_t dash = slice_find(value, '-');
    struct slice last = slice_sub(value, dash + 1, value.length);

    if (!slice_to_number(slice_sub(value, 0, dash), NUMBER_MAX, &condition->connection_from) ||
        condition->connection_from == 0)
        return false;
    condition->connection_to = dash == value.length ? condition->connection_from : 0;
    if (dash == value.length || last.length == 0)
        return true;
    return slice_to_number(last, NUMBER_MAX, &condition->connection_to) &&
           condition->connection_to >= condition->connection_from;
}

static bool parse_value(struct bracket *bracket, struct slice key, struct slice value)
{
    for (size_t i = 0; i < CONDITION_TEXTS; i++) {
        if (slice_equals_text(key, text_words[i])) {
            bracket->condition.patterns[i] = value;
            return value.length > 0;
        }
    }
    for (size_t i = 0; i < COUNT_OF(number_words); i++) {
        if (slice_equals_text(key, number_words[i].name)) {
            uint64_t number = 0;
            bool good = slice_to_number(value, NUMBER_MAX, &number);

            memcpy((char *)bracket + number_words[i].offset, &number, sizeof(number));
            if (number_words[i].offset == IN_PACE(delay))
                bracket->pace.has_delay = true;
            if (number_words[i].offset == IN_PACE(chunk))
                bracket->pace.has_chunk = true;
            return good && number >= number_words[i].least;
        }
    }
    return slice_equals_text(key, "connection") && parse_connection(&bracket->condition, value);
}

static bool parse_flag(struct condition *condition, struct slice word)
{
    if (slice_equals_text(word, "tls"))
        condition->layer = CONDITION_TLS;
    else if (slice_equals_text(word, "!tls"))
        condition->layer = CONDITION_CLEAR;
    else if (slice_equals_text(word, "early"))
        condition->early = true;
    else if (slice_equals_text(word, "each"))
        condition->scope = CONDITION_EACH;
    else if (slice_equals_text(word, "session"))
        condition->scope = CONDITION_SESSION;
    else
        return false;
    return true;
}

bool bracket_parse(struct bracket *bracket, struct slice words,
                   char message[static CONDITION_MESSAGE_SIZE])
{
    while (words.length > 0) {
        struct slice word = bracket_word(&words);
        size_t equals = slice_find(word, '=');
        bool good = equals == word.length
                        ? word.length == 0 || parse_flag(&bracket->condition, word)
                        : parse_value(bracket, slice_sub(word, 0, equals),
                                      slice_sub(word, equals + 1, word.length));

        if (!good) {
            snprintf(message, CONDITION_MESSAGE_SIZE, "unknown or bad word \"%.*s\" in brackets",
                     (int)(word.length < 64 ? word.length : 64), word.start);
            return false;
        }
    }
    if (bracket->pace.pause > 0 && !bracket->pace.has_chunk) {
        snprintf(message, CONDITION_MESSAGE_SIZE, "\"pause\" goes with chunk=N");
        return false;
    }
    if (bracket->condition.scope != CONDITION_ALL && !condition_counts(&bracket->condition)) {
        snprintf(message, CONDITION_MESSAGE_SIZE,
                 "\"each\" and \"session\" go with first=N, after=N or within=MS");
        return false;
    }
    return true;
}

bool condition_fits(const struct condition *condition, const struct facts *facts)
{
    for (size_t i = 0; i < CONDITION_TEXTS; i++) {
        if (condition->patterns[i].start != NULL &&
            !pattern_fits(condition->patterns[i], facts->texts[i]))
            return false;
    }
    if (condition->layer != CONDITION_ANY_LAYER &&
        (condition->layer == CONDITION_TLS) != facts->tls)
        return false;
    if (condition->early && !facts->early)
        return false;
    if (condition->connection_to > 0 && facts->connection > condition->connection_to)
        return false;
    return facts->connection >= condition->connection_from && facts->open >= condition->open &&
           facts->errors >= condition->errors && facts->recipients >= condition->recipients;
}

bool condition_counts(const struct condition *condition)
{
    return condition->first > 0 || condition->after > 0 || condition->within > 0;
}

bool condition_count_fits(const struct condition *condition, uint64_t count, uint64_t milliseconds)
{
    return (condition->first == 0 || count <= condition->first) && count > condition->after &&
           (condition->within == 0 || milliseconds < condition->within);
}
