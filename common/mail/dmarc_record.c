#include "mail/dmarc_record.h"

#include <string.h>

/* ---- the version */

/* Curly quotes in UTF-8, U+2018 to U+201F. */
static bool starts_with_quote(struct slice text)
{
    return slice_starts_with(text, "\"") || slice_starts_with(text, "'") ||
           (text.length >= 3 && memcmp(text.start, "\xE2\x80", 2) == 0 &&
            (unsigned char)text.start[2] >= 0x98 && (unsigned char)text.start[2] <= 0x9F);
}

static bool has_text_ignoring_case(struct slice text, const char *word)
{
    for (size_t i = 0; i < text.length; i++)
        if (slice_starts_with_ignoring_case(slice_sub(text, i, text.length), word))
            return true;
    return false;
}

/* How a text that is no record went wrong. `first` is its first tag. */
static enum dmarc_version near_miss(const struct tag_list *tags, const struct tag *first)
{
    struct slice text = tags->text;
    struct slice value = first->value;
    bool is_version = slice_equals_text_ignoring_case(first->name, "v");
    const struct tag *late = tag_list_find(tags, "v");
    if (!has_text_ignoring_case(text, "dmarc"))
        return DMARC_VERSION_FOREIGN;
    if (text.start[0] == ' ' || text.start[0] == '\t' || slice_starts_with(text, "\xEF\xBB\xBF"))
        return DMARC_VERSION_SPACE;
    if (starts_with_quote(text) || (is_version && starts_with_quote(value)))
        return DMARC_VERSION_QUOTED;
    if (is_version && slice_equals_text_ignoring_case(value, "DMARC1"))
        return DMARC_VERSION_CASE;
    if (late && late != first && slice_equals_text(late->value, "DMARC1"))
        return DMARC_VERSION_LATE;
    if (is_version && slice_starts_with(value, "DMARC1") && value.length > 6 &&
        strchr(" ,:.|\t", value.start[6]))
        return DMARC_VERSION_COLON;
    if (is_version && !has_text_ignoring_case(value, "dmarc"))
        return DMARC_VERSION_FOREIGN;
    return DMARC_VERSION_OTHER;
}

/*
 * dmarc-version = "v" equals %s"DMARC1"
 */
static enum dmarc_version read_version(const struct tag_list *tags)
{
    const struct tag *first = &tags->tags[0];
    if (first->error == TAG_LIST_FINE && slice_equals_text(first->name, "v") &&
        slice_equals_text(first->value, "DMARC1"))
        return DMARC_VERSION_RIGHT;
    return near_miss(tags, first);
}

/* ---- the other tags */

bool dmarc_policy_parse(struct slice text, enum dmarc_policy *policy)
{
    for (int i = DMARC_NONE; i <= DMARC_REJECT; i++)
        if (slice_equals_text_ignoring_case(text, dmarc_policy_name((enum dmarc_policy)i))) {
            *policy = (enum dmarc_policy)i;
            return true;
        }
    return false;
}

static void read_policy(const struct tag *tag, struct dmarc_policy_tag *policy)
{
    policy->is_present = true;
    policy->text = tag->value;
    policy->is_valid =
        tag->error == TAG_LIST_FINE && dmarc_policy_parse(tag->value, &policy->value);
}

static void read_letter(const struct tag *tag, const char *letters, struct dmarc_letter_tag *letter)
{
    letter->is_present = true;
    letter->text = tag->value;
    if (tag->error != TAG_LIST_FINE || tag->value.length != 1)
        return;
    char c = tag->value.start[0];
    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    letter->is_valid = strchr(letters, c) && c != '\0';
    if (letter->is_valid)
        letter->value = c;
}

/*
 * dmarc-fo = ("0" / "1") *(":" dmarc-afrf) / dmarc-afrf [":" ("0" / "1")] [":" dmarc-afrf]
 *          / *(dmarc-afrf ":") ("0" / "1")             dmarc-afrf = "d" / "s", each once
 */
static enum dmarc_failure_fault read_failure_options(struct slice value)
{
    unsigned seen = 0;
    struct slice word;
    while (slice_split(&value, ':', &word)) {
        word = slice_trim(word, " \t");
        if (word.length != 1 || word.start[0] == '\0' || !strchr("01dsDS", word.start[0]))
            return DMARC_FAILURE_UNKNOWN;
        unsigned bit = 1U << (unsigned)(strchr("01dsDS", word.start[0]) - "01dsDS");
        bit = bit > 8 ? bit >> 2 : bit;
        if (seen & bit)
            return DMARC_FAILURE_REPEAT;
        seen |= bit;
    }
    return (seen & 3) == 3 ? DMARC_FAILURE_BOTH : DMARC_FAILURE_FINE;
}

static void read_percent(const struct tag *tag, struct dmarc_record *record)
{
    uint64_t number;
    record->has_percent = true;
    record->percent_valid = tag->error == TAG_LIST_FINE && tag->value.length <= 3 &&
                            slice_to_number(tag->value, 100, &number);
    if (record->percent_valid)
        record->percent = (unsigned)number;
}

static void read_reports(struct arena *arena, const struct tag *tag, struct dmarc_record *record)
{
    bool is_aggregate = slice_equals_text(tag->name, "rua");
    struct dmarc_uris *uris = is_aggregate ? &record->aggregate : &record->failure;
    *(is_aggregate ? &record->has_aggregate : &record->has_failure) = true;
    dmarc_uris_parse(arena, tag->value, false, uris);
}

static bool read_letters(const struct tag *tag, struct dmarc_record *record)
{
    if (slice_equals_text(tag->name, "t"))
        read_letter(tag, "yn", &record->testing);
    else if (slice_equals_text(tag->name, "psd"))
        read_letter(tag, "ynu", &record->psd);
    else if (slice_equals_text(tag->name, "adkim"))
        read_letter(tag, "rs", &record->dkim_alignment);
    else if (slice_equals_text(tag->name, "aspf"))
        read_letter(tag, "rs", &record->spf_alignment);
    else
        return false;
    return true;
}

static void read_tag(struct arena *arena, const struct tag *tag, struct dmarc_record *record)
{
    struct slice name = tag->name;
    if (slice_equals_text(name, "p")) {
        read_policy(tag, &record->policy);
    } else if (slice_equals_text(name, "sp")) {
        read_policy(tag, &record->subdomain_policy);
    } else if (slice_equals_text(name, "np")) {
        read_policy(tag, &record->nonexistent_policy);
    } else if (slice_equals_text(name, "rua") || slice_equals_text(name, "ruf")) {
        read_reports(arena, tag, record);
    } else if (slice_equals_text(name, "fo")) {
        record->has_failure_options = true;
        record->failure_options = tag->value;
        record->failure_fault = read_failure_options(tag->value);
    } else if (slice_equals_text(name, "pct")) {
        read_percent(tag, record);
    } else if (slice_equals_text(name, "rf")) {
        record->has_format = true;
    } else if (slice_equals_text(name, "ri")) {
        record->has_interval = true;
    } else if (!read_letters(tag, record) && !slice_equals_text(name, "v")) {
        record->unknown_tags += tag->error == TAG_LIST_FINE;
    }
}

void dmarc_record_parse(struct arena *arena, struct slice text, struct dmarc_record *record)
{
    bool has_duplicate = false;
    *record = (struct dmarc_record){
        .text = text,
        .testing = {.value = 'n'},
        .psd = {.value = 'u'},
        .dkim_alignment = {.value = 'r'},
        .spf_alignment = {.value = 'r'},
        .percent = 100,
    };
    tag_list_parse(&record->tags, text, TAG_LIST_DMARC);
    record->version = text.length == 0 ? DMARC_VERSION_FOREIGN : read_version(&record->tags);
    for (size_t i = 0; i < record->tags.count; i++) {
        const struct tag *tag = &record->tags.tags[i];
        if (tag->error != TAG_LIST_FINE)
            record->faulty_tags++;
        if (tag->error == TAG_LIST_DUPLICATE)
            has_duplicate = true;
        else
            read_tag(arena, tag, record);
    }
    record->is_record = record->version == DMARC_VERSION_RIGHT && !has_duplicate;
    record->policy_second =
        record->tags.count > 1 && slice_equals_text(record->tags.tags[1].name, "p");
}

bool dmarc_record_has_reporting(const struct dmarc_record *record)
{
    for (size_t i = 0; i < record->aggregate.count; i++)
        if (dmarc_uri_is_valid(&record->aggregate.list[i]))
            return true;
    return false;
}

const char *dmarc_policy_name(enum dmarc_policy policy)
{
    static const char *const names[] = {
        [DMARC_ABSENT] = "absent",
        [DMARC_NONE] = "none",
        [DMARC_QUARANTINE] = "quarantine",
        [DMARC_REJECT] = "reject",
    };
    return names[policy];
}

const char *dmarc_version_text(enum dmarc_version version)
{
    static const char *const texts[] = {
        [DMARC_VERSION_RIGHT] = "it starts with v=DMARC1",
        [DMARC_VERSION_FOREIGN] = "it is not about DMARC",
        [DMARC_VERSION_SPACE] = "something stands before v=DMARC1",
        [DMARC_VERSION_CASE] = "v=DMARC1 must be written just so, capitals included",
        [DMARC_VERSION_LATE] = "v=DMARC1 is not the first tag",
        [DMARC_VERSION_COLON] = "a semicolon is missing after v=DMARC1",
        [DMARC_VERSION_QUOTED] = "quotes stand around it",
        [DMARC_VERSION_OTHER] = "its version is not DMARC1",
    };
    return texts[version];
}
