#include <stdio.h>

#include "base/memory.h"
#include "expand.h"
#include "script_line.h"

#define NUMBER_MAX 1000000000
#define GARBAGE_MAX 65536
#define ALERT_MAX 255
#define TEXT_MAX (1U << 20)

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum shape {
    SHAPE_ALONE,
    SHAPE_TEXT,
    SHAPE_NUMBER,
    SHAPE_NUMBER_TEXT,
    SHAPE_CHUNK,
};

struct action_word {
    const char *name;
    enum action_kind kind;
    enum shape shape;
    uint64_t most;
};

static const struct action_word words[] = {
    {"default",    ACTION_DEFAULT,    SHAPE_ALONE,       0          },
    {"reply",      ACTION_REPLY,      SHAPE_TEXT,        0          },
    {"send",       ACTION_SEND,       SHAPE_TEXT,        0          },
    {"repeat",     ACTION_REPEAT,     SHAPE_NUMBER_TEXT, NUMBER_MAX },
    {"endless",    ACTION_ENDLESS,    SHAPE_TEXT,        0          },
    {"garbage",    ACTION_GARBAGE,    SHAPE_NUMBER,      GARBAGE_MAX},
    {"alert",      ACTION_ALERT,      SHAPE_NUMBER,      ALERT_MAX  },
    {"wait",       ACTION_WAIT,       SHAPE_NUMBER,      NUMBER_MAX },
    {"chunk",      ACTION_CHUNK,      SHAPE_CHUNK,       NUMBER_MAX },
    {"close",      ACTION_CLOSE,      SHAPE_ALONE,       0          },
    {"cut",        ACTION_CUT,        SHAPE_ALONE,       0          },
    {"reset",      ACTION_RESET,      SHAPE_ALONE,       0          },
    {"half-close", ACTION_HALF_CLOSE, SHAPE_ALONE,       0          },
    {"silent",     ACTION_SILENT,     SHAPE_ALONE,       0          },
    {"stay",       ACTION_STAY,       SHAPE_ALONE,       0          },
    {"keep-input", ACTION_KEEP_INPUT, SHAPE_ALONE,       0          },
};

static bool check_text(struct script_line *line, struct slice text)
{
    static const struct slice values[EXPAND_VARIABLES];
    struct text expanded;
    size_t error = 0;

    text_init(&expanded, TEXT_MAX);
    bool good = expand(&expanded, text, values, &error);

    text_release(&expanded);
    if (good)
        return true;

    struct slice bad = slice_sub(text, error, 16);

    return script_fail(line, "no escape or variable: \"%.*s\"", SLICE_PRINTF(bad));
}

static bool parse_number(struct script_line *line, struct slice *rest, uint64_t most,
                         uint64_t *number)
{
    struct slice word = bracket_word(rest);

    return slice_to_number(word, most, number) ||
           script_fail(line, "\"%.*s\" is no number up to %llu", SLICE_PRINTF(word),
                       (unsigned long long)most);
}

static bool parse_shape(struct script_line *line, const struct action_word *word, struct slice rest,
                        struct action *action)
{
    if (word->shape == SHAPE_ALONE)
        return rest.length == 0 || script_fail(line, "nothing follows \"%s\"", word->name);
    if (word->shape != SHAPE_TEXT && !parse_number(line, &rest, word->most, &action->number))
        return false;
    if (word->shape == SHAPE_CHUNK && rest.length > 0 &&
        !parse_number(line, &rest, word->most, &action->pause))
        return false;
    if (word->shape != SHAPE_TEXT && word->shape != SHAPE_NUMBER_TEXT)
        return rest.length == 0 || script_fail(line, "too much behind \"%s\": \"%.*s\"", word->name,
                                               SLICE_PRINTF(rest));
    if (rest.length == 0 && word->kind != ACTION_REPLY)
        return script_fail(line, "\"%s\" wants a text", word->name);
    action->text = rest;
    return check_text(line, rest);
}

static bool parse_action(struct script_line *line, struct slice text, struct action *action)
{
    struct slice rest = text;
    struct slice name = bracket_word(&rest);

    if (text.length > 0 && text.start[0] >= '0' && text.start[0] <= '9') {
        *action = (struct action){.kind = ACTION_REPLY, .text = text};
        return check_text(line, text);
    }
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (slice_equals_text(name, words[i].name)) {
            *action = (struct action){.kind = words[i].kind};
            return parse_shape(line, &words[i], rest, action);
        }
    }
    return script_fail(line, "\"%.*s\" is no action", SLICE_PRINTF(name));
}

bool script_add_action(struct script_line *line, struct rule *rule, struct slice text)
{
    struct action action;

    if (!parse_action(line, text, &action))
        return false;
    rule->actions = memory_grow(rule->actions, &rule->action_capacity, rule->action_count + 1,
                                sizeof(*rule->actions));
    rule->actions[rule->action_count++] = action;
    return true;
}
