#include "base/memory.h"
#include "script_line.h"

#define CHUNK_MAX 1000000000

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum value_shape {
    VALUE_NONE,
    VALUE_ONE,  /* a word */
    VALUE_LIST, /* words, each a setting of its own */
    VALUE_TEXT, /* the rest of the line */
};

struct setting_word {
    const char *name;
    enum setting_kind kind;
    enum value_shape shape;
};

static const struct setting_word words[] = {
    {"name",                       SETTING_NAME,               VALUE_ONE },
    {"offer",                      SETTING_OFFER,              VALUE_TEXT},
    {"withhold",                   SETTING_WITHHOLD,           VALUE_LIST},
    {"domain",                     SETTING_DOMAIN,             VALUE_LIST},
    {"mailbox",                    SETTING_MAILBOX,            VALUE_LIST},
    {"lmtp",                       SETTING_LMTP,               VALUE_NONE},
    {"chunk",                      SETTING_CHUNK,              VALUE_TEXT},
    {"proxy-protocol",             SETTING_PROXY,              VALUE_ONE },
    {"refused",                    SETTING_REFUSED,            VALUE_NONE},
    {"unreachable",                SETTING_UNREACHABLE,        VALUE_NONE},
    {"implicit-tls",               SETTING_IMPLICIT_TLS,       VALUE_NONE},
    {"certificate",                SETTING_CERTIFICATE,        VALUE_TEXT},
    {"ocsp",                       SETTING_OCSP,               VALUE_ONE },
    {"tls-versions",               SETTING_VERSIONS,           VALUE_ONE },
    {"ciphers",                    SETTING_CIPHERS,            VALUE_ONE },
    {"ciphersuites",               SETTING_CIPHERSUITES,       VALUE_ONE },
    {"groups",                     SETTING_GROUPS,             VALUE_ONE },
    {"signature-algorithms",       SETTING_SIGNATURES,         VALUE_ONE },
    {"weak-dh",                    SETTING_WEAK_DH,            VALUE_NONE},
    {"request-client-certificate", SETTING_CLIENT_CERTIFICATE, VALUE_NONE},
    {"no-extended-master-secret",  SETTING_NO_EMS,             VALUE_NONE},
    {"early-data",                 SETTING_EARLY_DATA,         VALUE_NONE},
};

static void add(struct script_line *line, enum setting_kind kind, struct slice value,
                const struct setting *numbers)
{
    struct script *script = line->script;

    script->settings = memory_grow(script->settings, &script->setting_capacity,
                                   script->setting_count + 1, sizeof(*script->settings));
    script->settings[script->setting_count++] = (struct setting){
        .listeners = line->place.listeners,
        .has_address = line->place.has_address,
        .condition = line->place.bracket.condition,
        .kind = kind,
        .value = value,
        .number = numbers->number,
        .pause = numbers->pause,
        .line = line->number,
    };
}

static bool condition_is_set(const struct condition *condition)
{
    for (size_t i = 0; i < CONDITION_TEXTS; i++) {
        if (condition->patterns[i].start != NULL)
            return true;
    }
    return condition->layer != CONDITION_ANY_LAYER || condition->early ||
           condition->connection_from > 0 || condition->open > 0 || condition->errors > 0 ||
           condition->recipients > 0;
}

static bool check_place(struct script_line *line, const struct setting_word *word)
{
    const struct script_place *place = &line->place;
    bool of_listener = word->kind == SETTING_REFUSED || word->kind == SETTING_UNREACHABLE;

    if (place->bracket.pace.has_delay || place->bracket.pace.has_chunk)
        return script_fail(line, "\"%s\" has no pace: that is of rules", word->name);
    if (condition_counts(&place->bracket.condition) || place->bracket.condition.record > 0)
        return script_fail(line, "\"%s\" cannot count: that is of rules", word->name);
    if (!of_listener)
        return true;
    if (condition_is_set(&place->bracket.condition))
        return script_fail(line, "\"%s\" is of a whole listener, without conditions", word->name);
    for (size_t i = 0; i < line->script->listener_count; i++) {
        if ((place->listeners >> i & 1) != 0)
            line->script->listeners[i].state =
                word->kind == SETTING_REFUSED ? LISTENER_REFUSED : LISTENER_UNREACHABLE;
    }
    return true;
}

static bool check_proxy(struct script_line *line, struct slice value)
{
    return slice_equals_text(value, "v1") || slice_equals_text(value, "v2") ||
           slice_equals_text(value, "any") || script_fail(line, "proxy-protocol is v1, v2 or any");
}

static bool add_chunk(struct script_line *line, struct slice value)
{
    struct setting numbers = {.number = 0};
    struct slice word = bracket_word(&value);

    if (!slice_to_number(word, CHUNK_MAX, &numbers.number) ||
        (value.length > 0 && !slice_to_number(value, CHUNK_MAX, &numbers.pause)))
        return script_fail(line, "chunk wants octets, and may have milliseconds");
    add(line, SETTING_CHUNK, value, &numbers);
    return true;
}

static bool add_value(struct script_line *line, const struct setting_word *word, struct slice value)
{
    static const struct setting no_numbers;
    struct slice rest = value;

    if (word->shape == VALUE_NONE ? value.length > 0 : value.length == 0)
        return script_fail(
            line, word->shape == VALUE_NONE ? "nothing follows \"%s\"" : "\"%s\" wants a value",
            word->name);
    if (word->kind == SETTING_CHUNK)
        return add_chunk(line, value);
    if (word->kind == SETTING_PROXY && !check_proxy(line, value))
        return false;
    if (word->shape != VALUE_LIST) {
        bracket_word(&rest);
        if (word->shape == VALUE_ONE && rest.length > 0)
            return script_fail(line, "\"%s\" wants one word", word->name);
        add(line, word->kind, value, &no_numbers);
        return true;
    }
    while (rest.length > 0) {
        struct slice part = bracket_word(&rest);

        add(line, word->kind, part, &no_numbers);
    }
    return true;
}

bool script_add_setting(struct script_line *line, struct slice text)
{
    struct slice rest = text;
    struct slice name = bracket_word(&rest);

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (slice_equals_text(name, words[i].name))
            return check_place(line, &words[i]) && add_value(line, &words[i], rest);
    }
    return script_fail(line, "\"%.*s\" is no statement", SLICE_PRINTF(name));
}
