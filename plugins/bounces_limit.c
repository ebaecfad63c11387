#include <string.h>

#include "bounces.h"
#include "mail/bounce_provider.h"
#include "report/number.h"

/* window = 1*DIGIT [ "s" / "m" / "h" / "d" ] / "all" */
bool bounces_window_parse(const char *text, int64_t *seconds)
{
    static const struct {
        char letter;
        uint64_t seconds;
    } UNITS[] = {
        {'s', 1    },
        {'m', 60   },
        {'h', 3600 },
        {'d', 86400}
    };
    struct slice digits = slice_of(text);
    uint64_t number;
    uint64_t unit = 1;
    *seconds = 0;
    if (slice_equals_text(digits, "all"))
        return true;
    for (size_t i = 0; digits.length > 1 && i < sizeof UNITS / sizeof UNITS[0]; i++) {
        if (digits.start[digits.length - 1] == UNITS[i].letter) {
            unit = UNITS[i].seconds;
            digits.length--;
            break;
        }
    }
    if (!slice_to_number(digits, 366 * 86400 / unit, &number) || number == 0)
        return false;
    *seconds = (int64_t)(number * unit);
    return true;
}

const char *bounces_window_print(struct arena *arena, int64_t seconds)
{
    static const struct {
        const char *name;
        int64_t seconds;
    } UNITS[] = {
        {"d",   86400},
        {"h",   3600 },
        {"min", 60   }
    };
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++)
        if (seconds >= UNITS[i].seconds && seconds % UNITS[i].seconds == 0)
            return arena_format(arena, "%lld %s", (long long)(seconds / UNITS[i].seconds),
                                UNITS[i].name);
    if (seconds >= 7200)
        return arena_format(arena, "%lld min", (long long)(seconds / 60));
    return arena_format(arena, "%lld s", (long long)seconds);
}

/* ---- limits */

/* level = number [ "%" ] */
static bool parse_level(struct slice text, struct bounces_level *level)
{
    *level = (struct bounces_level){0};
    if (text.length == 0)
        return true;
    if (text.start[text.length - 1] == '%') {
        level->is_percent = true;
        text.length--;
    }
    level->is_set = true;
    return number_parse(text, &level->value) && level->value >= 0 &&
           (!level->is_percent || level->value <= 100);
}

/* Mail is counted under one name of a provider: google.com is gmail.com. */
static const char *name_of_provider(struct arena *arena, struct slice written)
{
    const char *provider = bounce_provider_of_domain(written);
    if (provider == NULL)
        provider = bounce_provider_of_host(written);
    return provider != NULL ? provider : arena_copy_slice(arena, written);
}

/* name = [ "group:" ] group / [ "class:" ] class / "provider:" name / "complaints" / "deferred" */
static bool parse_name(struct arena *arena, struct slice name, struct bounces_limit *limit)
{
    if (slice_equals_text(name, "complaints")) {
        limit->subject = BOUNCES_LIMIT_COMPLAINTS;
        return true;
    }
    if (slice_equals_text(name, "deferred")) {
        limit->subject = BOUNCES_LIMIT_DEFERRED;
        return true;
    }
    if (slice_starts_with(name, "provider:")) {
        limit->subject = BOUNCES_LIMIT_PROVIDER;
        limit->provider = name_of_provider(arena, slice_sub(name, 9, name.length));
        return limit->provider[0] != '\0';
    }
    bool is_class = slice_starts_with(name, "class:");
    bool is_group = slice_starts_with(name, "group:");
    if (is_class || is_group)
        name = slice_sub(name, 6, name.length);
    if (!is_class && bounce_group_parse(name, &limit->group)) {
        limit->subject = BOUNCES_LIMIT_GROUP;
        return true;
    }
    limit->subject = BOUNCES_LIMIT_CLASS;
    return !is_group && bounce_class_parse(name, &limit->class);
}

/* limit = name "=" [ level ] [ "," [ level ] ] */
bool bounces_limit_parse(struct arena *arena, const char *text, struct bounces_limit *limit)
{
    struct slice whole = slice_of(text);
    size_t equals = slice_find(whole, '=');
    struct slice levels = slice_sub(whole, equals + 1, whole.length);
    size_t comma = slice_find(levels, ',');
    *limit = (struct bounces_limit){.text = text};
    return equals < whole.length && parse_name(arena, slice_sub(whole, 0, equals), limit) &&
           parse_level(slice_sub(levels, 0, comma), &limit->warning) &&
           parse_level(slice_sub(levels, comma + 1, levels.length), &limit->critical) &&
           (limit->warning.is_set || limit->critical.is_set);
}
