#include "plugin/option_value.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "mail/endpoint.h"
#include "mail/given_name.h"
#include "mail/idn.h"
#include "report/escape.h"
#include "report/state.h"
#include "report/threshold.h"

bool option_takes_value(const struct option_definition *definition)
{
    switch (definition->kind) {
    case OPTION_FLAG:
    case OPTION_COUNTER:
        return false;
    case OPTION_SPECIAL:
        return definition->argument != NULL;
    default:
        return true;
    }
}

const char *option_words_joined(const char *const *words, struct arena *arena)
{
    struct text out;
    const char *joined;

    text_init(&out, OPTION_TEXT_MAX);
    for (size_t i = 0; words[i] != NULL; i++) {
        if (i > 0)
            text_append(&out, words[i + 1] == NULL ? " or " : ", ");
        text_append(&out, words[i]);
    }
    joined = arena_copy(arena, out.start);
    text_release(&out);
    return joined;
}

/* The array of a list grows at each power of two, so that no capacity needs to be kept. */
static void list_append(struct option_list *list, const char *value, struct arena *arena)
{
    if ((list->count & (list->count - 1)) == 0) {
        size_t room = list->count == 0 ? 1 : list->count * 2;
        const char **values = arena_array(arena, room, sizeof(*values));

        for (size_t i = 0; i < list->count; i++)
            values[i] = list->values[i];
        list->values = values;
    }
    list->values[list->count++] = value;
}

static void store_string(const struct option_definition *definition, const char *value,
                         void *member, struct arena *arena)
{
    if ((definition->traits & OPTION_REPEAT) != 0)
        list_append(member, value, arena);
    else
        *(const char **)member = value;
}

/* Valid UTF-8 without control characters, C1 and newlines included. */
static bool is_printable(const char *value, struct arena *arena)
{
    for (const char *at = value; *at != '\0'; at++) {
        unsigned char octet = (unsigned char)*at;

        if (octet < 0x20 || octet == 0x7f)
            return false;
    }
    return strcmp(escape_utf8(arena, slice_of(value), OPTION_TEXT_MAX * 4), value) == 0;
}

static const char *store_text(const struct option_definition *definition, const char *value,
                              void *member, struct arena *arena)
{
    if (value == NULL) /* an optional one that was left out */
        value = "";

    size_t length = strlen(value);

    if (length == 0 && (definition->traits & OPTION_EMPTY) == 0)
        return "text that is not empty";
    if (length > OPTION_TEXT_MAX)
        return arena_format(arena, "text of at most %d octets", OPTION_TEXT_MAX);
    if ((definition->traits & OPTION_RAW) == 0 && !is_printable(value, arena))
        return "printable text in UTF-8 without control characters";
    store_string(definition, value, member, arena);
    return NULL;
}

/* The word of the list that is written so, or NULL. */
static const char *find_word(const char *const *words, const char *value)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (slice_equals_text_ignoring_case(slice_of(value), words[i]))
            return words[i];
    }
    return NULL;
}

static const char *store_word(const struct option_definition *definition, const char *value,
                              void *member, struct arena *arena)
{
    const char *word = find_word(definition->words, value);

    if (word == NULL)
        return option_words_joined(definition->words, arena);
    store_string(definition, word, member, arena);
    return NULL;
}

/* Nothing is stored: the plugin floor does it. */
static const char *check_special(const struct option_definition *definition, const char *value,
                                 struct arena *arena)
{
    if (definition->words == NULL || value == NULL || find_word(definition->words, value) != NULL)
        return NULL;
    return option_words_joined(definition->words, arena);
}

static const char *store_number(const struct option_definition *definition, const char *value,
                                long *member, struct arena *arena)
{
    uint64_t number;

    if (!slice_to_number(slice_of(value), (uint64_t)definition->maximum, &number) ||
        (double)number < definition->minimum)
        return arena_format(arena, "a whole number from %.15g to %.15g%s%s", definition->minimum,
                            definition->maximum, definition->unit != NULL ? " " : "",
                            definition->unit != NULL ? definition->unit : "");
    *member = (long)number;
    return NULL;
}

/* 1*9DIGIT [ "." 1*6DIGIT ] ; read by hand: strtod() takes the locale's point, exponents and "inf"
 */
static bool parse_seconds(struct slice text, double *seconds)
{
    size_t point = slice_find(text, '.');
    struct slice fraction = slice_sub(text, point + 1, text.length);
    uint64_t whole;
    uint64_t part = 0;
    double scale = 1;

    if (!slice_to_number(slice_sub(text, 0, point), 999999999, &whole))
        return false;
    if (point < text.length && !slice_to_number(fraction, 999999, &part))
        return false;
    if (fraction.length > 6)
        return false;
    for (size_t i = 0; i < fraction.length; i++)
        scale *= 10;
    *seconds = (double)whole + (double)part / scale;
    return true;
}

static const char *store_seconds(const struct option_definition *definition, const char *value,
                                 double *member, struct arena *arena)
{
    double seconds;

    if (!parse_seconds(slice_of(value), &seconds) || seconds < definition->minimum ||
        seconds > definition->maximum)
        return arena_format(arena, "seconds from %.15g to %.15g", definition->minimum,
                            definition->maximum);
    *member = seconds;
    return NULL;
}

/* "N or more" in the grammar of ranges: above N-1. Figures are whole numbers from 0 on, and Icinga
 * keeps plain numbers only, so this form is better than "@N:". */
static bool parse_at_least(struct slice text, struct range *range)
{
    uint64_t number;

    if (!slice_to_number(text, UINT32_MAX, &number))
        return false;
    *range = (struct range){.is_set = true};
    if (number == 0) {
        range->inside = true;
        range->end_infinite = true;
    } else {
        range->end = (double)(number - 1);
    }
    return true;
}

static const char *store_range(const struct option_definition *definition, const char *value,
                               struct range *member)
{
    struct slice text = slice_of(value);
    struct range range;

    if (!((definition->traits & OPTION_AT_LEAST) != 0 && parse_at_least(text, &range)) &&
        !range_parse(text, &range))
        return "a range [@]start:end such as 10, 10:, ~:10, 10:20 or @10:20";
    *member = range;
    return NULL;
}

static const char *store_domain(const struct option_definition *definition, const char *value,
                                void *member, struct arena *arena)
{
    char name[DOMAIN_TEXT_SIZE];
    struct given_name given;
    bool is_name = given_name_read(slice_of(value), &given);
    bool is_literal = !is_name && (definition->traits & OPTION_LITERAL) != 0 && value[0] == '[' &&
                      domain_to_ascii(slice_of(value), name) == DOMAIN_FINE;

    if (!is_name && !is_literal)
        return given_name_expected(arena, "a domain name", &given);
    store_string(definition, arena_copy(arena, is_literal ? name : given.name), member, arena);
    return NULL;
}

static const char *store_address(const struct option_definition *definition, const char *value,
                                 void *member, struct arena *arena)
{
    struct ip_address address;

    if (!ip_parse(slice_of(value), &address))
        return "an IPv4 or IPv6 address";
    address = ip_unmap(address);
    if ((definition->traits & OPTION_REPEAT) != 0) {
        char printed[IP_TEXT_SIZE];

        list_append(member, arena_copy(arena, ip_print(&address, printed)), arena);
    } else {
        *(struct ip_address *)member = address;
    }
    return NULL;
}

static const char *store_endpoint(const struct option_definition *definition, const char *value,
                                  void *member, struct arena *arena)
{
    struct endpoint endpoint;

    if (!endpoint_parse(slice_of(value), &endpoint))
        return "ADDR, ADDR:PORT or [IPv6]:PORT";
    store_string(definition, value, member, arena);
    return NULL;
}

static const char *store_file(const struct option_definition *definition, const char *value,
                              void *member, struct arena *arena)
{
    if (value[0] == '\0' || strlen(value) >= OPTION_TEXT_MAX)
        return "the path of a file";
    for (const char *at = value; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return "a path without control characters";
    }
    store_string(definition, value, member, arena);
    return NULL;
}

static const char *store_state(const char *value, enum state *member)
{
    return state_parse(slice_of(value), false, member) ? NULL : "ok, warning, critical or unknown";
}

const char *option_store(const struct option_definition *definition, const char *value, void *base,
                         struct arena *arena)
{
    void *member = (char *)base + definition->offset;

    switch (definition->kind) {
    case OPTION_FLAG:
        *(bool *)member = (definition->traits & OPTION_CLEARS) == 0;
        return NULL;
    case OPTION_COUNTER:
        *(int *)member += 1;
        return NULL;
    case OPTION_TEXT:
        return store_text(definition, value, member, arena);
    case OPTION_WORD:
        return store_word(definition, value, member, arena);
    case OPTION_NUMBER:
        return store_number(definition, value, member, arena);
    case OPTION_SECONDS:
        return store_seconds(definition, value, member, arena);
    case OPTION_RANGE:
        return store_range(definition, value, member);
    case OPTION_DOMAIN:
        return store_domain(definition, value, member, arena);
    case OPTION_ADDRESS:
        return store_address(definition, value, member, arena);
    case OPTION_FILE:
        return store_file(definition, value, member, arena);
    case OPTION_STATE:
        return store_state(value, member);
    case OPTION_ENDPOINT:
        return store_endpoint(definition, value, member, arena);
    case OPTION_SPECIAL:
        break;
    }
    return check_special(definition, value, arena);
}
