#include "dnsbl_section.h"

#include <stdio.h>
#include <string.h>

#include "dnsbl_rule.h"
#include "dnsbl_server.h"
#include "dnsbl_zone.h"
#include "mail/ip.h"

enum key {
    KEY_BIT,
    KEY_CLASS,
    KEY_CODE,
    KEY_ERROR,
    KEY_ERROR_BIT,
    KEY_HASH,
    KEY_IP6_PREFIX,
    KEY_KEY_NAME,
    KEY_LIMIT,
    KEY_NEEDS,
    KEY_NOTE,
    KEY_OPERATOR,
    KEY_PART_OF,
    KEY_PER_DAY,
    KEY_PRIVATE,
    KEY_PROFILE,
    KEY_RATE,
    KEY_REMOVE,
    KEY_REPLACES,
    KEY_REQUIRED,
    KEY_RESOLVER,
    KEY_SCOPE,
    KEY_SEVERITY,
    KEY_STATUS,
    KEY_TARGETS,
    KEY_TEST_LISTED,
    KEY_TEST_UNLISTED,
    KEY_URL,
    KEY_WEIGHT,
    KEY_COUNT,
};

#define NAME(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static const struct slice names[KEY_COUNT] = {
    [KEY_BIT] = NAME("bit"),
    [KEY_CLASS] = NAME("class"),
    [KEY_CODE] = NAME("code"),
    [KEY_ERROR] = NAME("error"),
    [KEY_ERROR_BIT] = NAME("error-bit"),
    [KEY_HASH] = NAME("hash"),
    [KEY_IP6_PREFIX] = NAME("ip6-prefix"),
    [KEY_KEY_NAME] = NAME("key-name"),
    [KEY_LIMIT] = NAME("limit"),
    [KEY_NEEDS] = NAME("needs"),
    [KEY_NOTE] = NAME("note"),
    [KEY_OPERATOR] = NAME("operator"),
    [KEY_PART_OF] = NAME("part-of"),
    [KEY_PER_DAY] = NAME("per-day"),
    [KEY_PRIVATE] = NAME("private"),
    [KEY_PROFILE] = NAME("profile"),
    [KEY_RATE] = NAME("rate"),
    [KEY_REMOVE] = NAME("remove"),
    [KEY_REPLACES] = NAME("replaces"),
    [KEY_REQUIRED] = NAME("required"),
    [KEY_RESOLVER] = NAME("resolver"),
    [KEY_SCOPE] = NAME("scope"),
    [KEY_SEVERITY] = NAME("severity"),
    [KEY_STATUS] = NAME("status"),
    [KEY_TARGETS] = NAME("targets"),
    [KEY_TEST_LISTED] = NAME("test-listed"),
    [KEY_TEST_UNLISTED] = NAME("test-unlisted"),
    [KEY_URL] = NAME("url"),
    [KEY_WEIGHT] = NAME("weight"),
};

#define BIT(key) (UINT64_C(1) << (key))

/* May stand more than once in a section. */
static const uint64_t repeated = BIT(KEY_BIT) | BIT(KEY_CODE) | BIT(KEY_ERROR) |
                                 BIT(KEY_ERROR_BIT) | BIT(KEY_TEST_LISTED) | BIT(KEY_TEST_UNLISTED);

/* RFC 5782 5 */
static const char *const listed_ip4[] = {"127.0.0.2"};
static const char *const listed_ip6[] = {"::ffff:7f00:2"};
static const char *const listed_domain[] = {"TEST"};
static const struct dnsbl_tests default_tests[DNSBL_TEST_KINDS] = {
    [DNSBL_TEST_IP4] = {listed_ip4,    1, "127.0.0.1"    },
    [DNSBL_TEST_IP6] = {listed_ip6,    1, "::ffff:7f00:1"},
    [DNSBL_TEST_DOMAIN] = {listed_domain, 1, "INVALID"      },
};

static const struct dnsbl_word test_kinds[] = {
    {"ip4",    DNSBL_TEST_IP4   },
    {"ip6",    DNSBL_TEST_IP6   },
    {"domain", DNSBL_TEST_DOMAIN},
    {NULL,     0                },
};

static const struct dnsbl_word yes_or_no[] = {
    {"yes", 1},
    {"no",  0},
    {NULL,  0},
};

static const struct dnsbl_word statuses[] = {
    {"live",       1},
    {"unverified", 0},
    {NULL,         0},
};

/* Several words as bits. */
static bool read_words(const struct dnsbl_word *table, struct slice value, unsigned *bits,
                       char reason[static DNSBL_REASON_SIZE])
{
    struct slice word;

    *bits = 0;
    while (dnsbl_word_next(&value, &word)) {
        unsigned bit;

        if (!dnsbl_word_read(table, word, &bit, reason))
            return false;
        *bits |= bit;
    }
    return true;
}

static bool read_flag(struct slice value, bool *flag, char reason[static DNSBL_REASON_SIZE])
{
    unsigned number = 0;

    if (!dnsbl_word_read(yes_or_no, value, &number, reason))
        return false;
    *flag = number != 0;
    return true;
}

static bool read_number(struct slice value, uint64_t maximum, uint64_t *number,
                        char reason[static DNSBL_REASON_SIZE])
{
    if (slice_to_number(value, maximum, number) && *number > 0)
        return true;
    (void)snprintf(reason, DNSBL_REASON_SIZE, "a whole number from 1 to %llu is wanted",
                   (unsigned long long)maximum);
    return false;
}

static bool read_rate(struct slice value, unsigned *rate, char reason[static DNSBL_REASON_SIZE])
{
    uint64_t number;

    if (!slice_ends_with_ignoring_case(value, "/s"))
        return dnsbl_word_fail(reason, "questions per second are written 5/s");
    if (!read_number(slice_sub(value, 0, value.length - 2), 1000000, &number, reason))
        return false;
    *rate = (unsigned)number;
    return true;
}

static bool read_weight(struct slice value, long *weight, char reason[static DNSBL_REASON_SIZE])
{
    bool is_negative = slice_starts_with(value, "-");
    uint64_t number;

    if (!slice_to_number(is_negative ? slice_sub(value, 1, value.length) : value, DNSBL_WEIGHT_MAX,
                         &number))
        return dnsbl_word_fail(reason, "a whole number from -1000000 to 1000000 is wanted");
    *weight = is_negative ? -(long)number : (long)number;
    return true;
}

static bool read_zone(struct dnsbl_section *section, struct slice value, const char **zone,
                      char reason[static DNSBL_REASON_SIZE])
{
    char normal[DOMAIN_TEXT_SIZE];
    const char *wrong = dnsbl_zone_normalize(value, normal);

    if (wrong != NULL) {
        (void)snprintf(reason, DNSBL_REASON_SIZE, "not a zone: %s", wrong);
        return false;
    }
    *zone = arena_copy(section->arena, normal);
    return true;
}

static bool read_url(struct dnsbl_section *section, struct slice value,
                     char reason[static DNSBL_REASON_SIZE])
{
    if (!slice_starts_with(value, "http://") && !slice_starts_with(value, "https://"))
        return dnsbl_word_fail(reason, "a URL begins with http:// or https://");
    if (slice_find(value, ' ') < value.length || slice_find(value, '\t') < value.length)
        return dnsbl_word_fail(reason, "a URL has no blank in it");
    section->list->url = dnsbl_section_string(section, value);
    return true;
}

static bool add_rule(struct dnsbl_section *section, enum key key, struct slice value,
                     char reason[static DNSBL_REASON_SIZE])
{
    static const enum dnsbl_rule_kind kinds[KEY_COUNT] = {
        [KEY_BIT] = DNSBL_RULE_BIT,
        [KEY_CODE] = DNSBL_RULE_CODE,
        [KEY_ERROR] = DNSBL_RULE_ERROR,
        [KEY_ERROR_BIT] = DNSBL_RULE_ERROR_BIT,
    };
    bool is_error = key == KEY_ERROR || key == KEY_ERROR_BIT;
    struct dnsbl_rules *rules = is_error ? &section->errors : &section->codes;
    struct slice meaning;

    if (slice_equals_text(value, "none")) {
        rules->drops_earlier = true;
        return true;
    }
    if (rules->count == DNSBL_CATALOGUE_RULES_MAX)
        return dnsbl_word_fail(reason, "the list has more codes than can be held (256)");
    struct dnsbl_rule *rule = &rules->rules[rules->count];
    if (!dnsbl_rule_parse(section->arena, value, kinds[key], rule, &meaning, reason))
        return false;
    rule->meaning = dnsbl_section_string(section, meaning);
    rules->count++;
    return true;
}

static bool is_test_point(unsigned kind, struct slice point)
{
    struct ip_address address;

    if (kind == DNSBL_TEST_DOMAIN) {
        char name[DOMAIN_TEXT_SIZE];

        return domain_normalize(point, name) == DOMAIN_FINE;
    }
    return ip_parse(point, &address) && address.family == (kind == DNSBL_TEST_IP4 ? IP_V4 : IP_V6);
}

/* At most so many points of one kind. */
#define TEST_POINTS_MAX 16

/*
 * test = kind blank ( "none" / point *( blank point ) )
 */
static bool set_test(struct dnsbl_section *section, bool is_listed, struct slice value,
                     char reason[static DNSBL_REASON_SIZE])
{
    const char *points[TEST_POINTS_MAX];
    size_t count = 0;
    size_t most = is_listed ? TEST_POINTS_MAX : 1;
    unsigned kind = 0;
    struct slice word = SLICE_LITERAL("");

    (void)dnsbl_word_next(&value, &word);
    if (!dnsbl_word_read(test_kinds, word, &kind, reason))
        return false;
    value = slice_trim(value, " \t");
    bool is_none = slice_equals_text(value, "none");
    while (!is_none && dnsbl_word_next(&value, &word)) {
        if (count == most)
            return dnsbl_word_fail(reason, "there are too many test points");
        if (!is_test_point(kind, word))
            return dnsbl_word_fail(
                reason, "a test point is an address or a name of the kind in front of it");
        points[count++] = dnsbl_section_string(section, word);
        /* The NUL stands where the blank was: the rest begins behind it. */
        value = slice_sub(value, 1, value.length);
    }
    if (!is_none && count == 0)
        return dnsbl_word_fail(reason, "a test point is missing");
    struct dnsbl_tests *tests = &section->list->tests[kind];
    if (is_listed) {
        tests->listed = arena_copy_bytes(section->arena, points, count * sizeof points[0]);
        tests->listed_count = count;
    } else {
        tests->unlisted = is_none ? NULL : points[0];
    }
    return true;
}

const char *dnsbl_section_string(struct dnsbl_section *section, struct slice value)
{
    if (value.length == 0)
        return NULL;
    section->text[(size_t)(value.start - section->text) + value.length] = '\0';
    return value.start;
}

static bool set_word_key(struct dnsbl_list *list, enum key key, struct slice value,
                         char reason[static DNSBL_REASON_SIZE])
{
    static const struct dnsbl_word *const tables[KEY_COUNT] = {
        [KEY_CLASS] = dnsbl_classes,       [KEY_HASH] = dnsbl_hashes, [KEY_SCOPE] = dnsbl_scopes,
        [KEY_SEVERITY] = dnsbl_severities, [KEY_STATUS] = statuses,
    };
    unsigned number = 0;

    if (!dnsbl_word_read(tables[key], value, &number, reason))
        return false;
    if (key == KEY_CLASS)
        list->class = (enum dnsbl_class)number;
    else if (key == KEY_HASH)
        list->hash = (enum dnsbl_hash)number;
    else if (key == KEY_SCOPE)
        list->scope = (enum dnsbl_scope)number;
    else if (key == KEY_SEVERITY)
        list->severity = (enum dnsbl_severity)number;
    else
        list->is_verified = number != 0;
    return true;
}

static bool set_number_key(struct dnsbl_list *list, enum key key, struct slice value,
                           char reason[static DNSBL_REASON_SIZE])
{
    uint64_t number = 0;

    if (key == KEY_WEIGHT)
        return read_weight(value, &list->weight, reason);
    if (key == KEY_RATE)
        return read_rate(value, &list->rate, reason);
    if (!read_number(value, key == KEY_IP6_PREFIX ? 128 : UINT32_MAX, &number, reason))
        return false;
    if (key == KEY_IP6_PREFIX)
        list->ip6_prefix = (unsigned)number;
    else
        list->per_day = (unsigned long)number;
    return true;
}

static const char **text_of(struct dnsbl_list *list, enum key key)
{
    switch (key) {
    case KEY_KEY_NAME:
        return &list->key_name;
    case KEY_LIMIT:
        return &list->limit;
    case KEY_NEEDS:
        return &list->needs;
    case KEY_NOTE:
        return &list->note;
    default:
        return &list->operator;
    }
}

static bool set_key(struct dnsbl_section *section, enum key key, struct slice value,
                    char reason[static DNSBL_REASON_SIZE])
{
    struct dnsbl_list *list = section->list;

    switch (key) {
    case KEY_CODE:
    case KEY_BIT:
    case KEY_ERROR:
    case KEY_ERROR_BIT:
        return add_rule(section, key, value, reason);
    case KEY_TEST_LISTED:
    case KEY_TEST_UNLISTED:
        return set_test(section, key == KEY_TEST_LISTED, value, reason);
    case KEY_CLASS:
    case KEY_HASH:
    case KEY_SCOPE:
    case KEY_SEVERITY:
    case KEY_STATUS:
        return set_word_key(list, key, value, reason);
    case KEY_IP6_PREFIX:
    case KEY_PER_DAY:
    case KEY_RATE:
    case KEY_WEIGHT:
        return set_number_key(list, key, value, reason);
    case KEY_PRIVATE:
        return read_flag(value, &list->is_private, reason);
    case KEY_REMOVE:
        return read_flag(value, &section->is_removed, reason);
    case KEY_REQUIRED:
        return read_flag(value, &list->is_required, reason);
    case KEY_RESOLVER:
        return endpoint_parse(value, &list->resolver) ||
               dnsbl_word_fail(reason, "expected ADDR, ADDR:PORT or [v6]:PORT");
    case KEY_TARGETS:
        return read_words(dnsbl_targets, value, &list->targets, reason);
    case KEY_PROFILE:
        if (slice_equals_text(value, "none"))
            value.length = 0;
        return read_words(dnsbl_profiles, value, &list->profiles, reason);
    case KEY_PART_OF:
        return read_zone(section, value, &list->part_of, reason);
    case KEY_REPLACES:
        return read_zone(section, value, &list->replaces, reason);
    case KEY_URL:
        return read_url(section, value, reason);
    case KEY_KEY_NAME:
    case KEY_LIMIT:
    case KEY_NEEDS:
    case KEY_NOTE:
    case KEY_OPERATOR:
        *text_of(list, key) = dnsbl_section_string(section, value);
        return true;
    case KEY_COUNT:
        break;
    }
    return false;
}

static bool fail_unknown(struct slice name, char reason[static DNSBL_REASON_SIZE])
{
    size_t best = 0;
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < KEY_COUNT; i++) {
        size_t distance = slice_distance(name, names[i]);

        if (distance < least) {
            least = distance;
            best = i;
        }
    }
    (void)snprintf(reason, DNSBL_REASON_SIZE, "no key is called \"%.*s\"; did you mean %s?",
                   name.length > 40 ? 40 : (int)name.length, name.start, names[best].start);
    return false;
}

bool dnsbl_section_set(struct dnsbl_section *section, struct slice name, struct slice value,
                       char reason[static DNSBL_REASON_SIZE])
{
    size_t key = 0;
    char wrong[DNSBL_REASON_SIZE] = "";

    while (key < KEY_COUNT && !slice_equals(name, names[key]))
        key++;
    if (key == KEY_COUNT)
        return fail_unknown(name, reason);
    uint64_t bit = BIT(key);
    if ((section->seen & bit) != 0 && (repeated & bit) == 0) {
        (void)snprintf(reason, DNSBL_REASON_SIZE, "%s is given twice for this zone",
                       names[key].start);
        return false;
    }
    section->seen |= bit;
    if (value.length > 0 && set_key(section, (enum key)key, value, wrong))
        return true;
    (void)snprintf(reason, DNSBL_REASON_SIZE, "%s: %.200s", names[key].start,
                   value.length == 0 ? "a value is missing" : wrong);
    return false;
}

void dnsbl_section_open(struct dnsbl_section *section, struct dnsbl_list *list, bool is_new)
{
    section->list = list;
    section->is_removed = false;
    section->seen = 0;
    section->codes.count = 0;
    section->codes.drops_earlier = false;
    section->errors.count = 0;
    section->errors.drops_earlier = false;
    if (!is_new)
        return;
    list->operator= list->zone;
    list->targets = DNSBL_IP4;
    list->profiles = DNSBL_CORE | DNSBL_FULL;
    list->severity = DNSBL_WARNING;
    list->is_verified = true;
    memcpy(list->tests, default_tests, sizeof list->tests);
}

/* This file's rules in front of the earlier ones. */
static void merge_rules(struct arena *arena, const struct dnsbl_rules *rules,
                        const struct dnsbl_rule **merged, size_t *count)
{
    size_t earlier = rules->drops_earlier ? 0 : *count;

    if (rules->count == 0 && earlier == *count)
        return;
    struct dnsbl_rule *all = arena_array(arena, rules->count + earlier, sizeof *all);
    if (rules->count > 0)
        memcpy(all, rules->rules, rules->count * sizeof *all);
    if (earlier > 0)
        memcpy(all + rules->count, *merged, earlier * sizeof *all);
    *merged = all;
    *count = rules->count + earlier;
}

static enum dnsbl_scope default_scope(unsigned targets)
{
    static const struct {
        unsigned target;
        enum dnsbl_scope scope;
    } scopes[] = {
        {DNSBL_IP4 | DNSBL_IP6, DNSBL_SCOPE_IP         },
        {DNSBL_DOMAIN,          DNSBL_SCOPE_DOMAIN     },
        {DNSBL_NAME_SERVER,     DNSBL_SCOPE_NAME_SERVER},
        {DNSBL_EMAIL,           DNSBL_SCOPE_EMAIL      },
        {DNSBL_URL,             DNSBL_SCOPE_URL        },
        {DNSBL_FILE,            DNSBL_SCOPE_FILE       },
    };

    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++)
        if ((targets & scopes[i].target) != 0)
            return scopes[i].scope;
    return DNSBL_SCOPE_ASN;
}

bool dnsbl_section_close(struct dnsbl_section *section, char reason[static DNSBL_REASON_SIZE])
{
    struct dnsbl_list *list = section->list;

    section->list = NULL;
    if (section->is_removed)
        return true;
    merge_rules(section->arena, &section->codes, &list->codes, &list->code_count);
    merge_rules(section->arena, &section->errors, &list->errors, &list->error_count);
    if (list->scope == DNSBL_SCOPE_UNSET)
        list->scope = default_scope(list->targets);
    list->has_weight = list->has_weight || (section->seen & BIT(KEY_WEIGHT)) != 0;
    if (!list->has_weight)
        list->weight = dnsbl_list_is_negative(list) ? 1 : -1;
    if (dnsbl_zone_has_key(list->zone) && list->key_name == NULL)
        return dnsbl_word_fail(reason, "a zone with <KEY> wants a key-name");
    return true;
}
