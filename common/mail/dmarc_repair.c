#include <string.h>

#include "base/text.h"
#include "mail/dmarc_record.h"

static const char *const known_tags[] = {"v",   "p",   "sp",  "np", "adkim", "aspf", "t",
                                         "psd", "rua", "ruf", "fo", "pct",   "rf",   "ri"};

/* The known word nearest to a mistyped one, or NULL when none is near. */
static const char *nearest(struct slice word, const char *const *words, size_t count, size_t most)
{
    const char *best = NULL;
    size_t least = most + 1;
    for (size_t i = 0; i < count; i++) {
        size_t distance = slice_distance(word, slice_of(words[i]));
        if (distance < least) {
            least = distance;
            best = words[i];
        }
    }
    return best;
}

const char *dmarc_record_likely_tag(struct slice name)
{
    static const struct {
        const char *word, *tag;
    } synonyms[] = {
        {"policy",    "p"    },
        {"subdomain", "sp"   },
        {"testing",   "t"    },
        {"percent",   "pct"  },
        {"dkim",      "adkim"},
        {"spf",       "aspf" },
        {"rau",       "rua"  },
        {"rfu",       "ruf"  },
    };
    for (size_t i = 0; i < sizeof known_tags / sizeof *known_tags; i++)
        if (slice_equals_text_ignoring_case(name, known_tags[i]))
            return known_tags[i];
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        if (slice_distance(name, slice_of(synonyms[i].word)) <=
            (strlen(synonyms[i].word) > 4 ? 2 : 0))
            return synonyms[i].tag;
    return name.length < 3 ? NULL
                           : nearest(name, known_tags, sizeof known_tags / sizeof *known_tags, 1);
}

/* A known tag and "=" start here: `at` is the first letter of a word. */
static bool tag_starts(struct slice text, size_t at)
{
    size_t length = 0;
    while (at + length < text.length && text.start[at + length] >= 'a' &&
           text.start[at + length] <= 'z')
        length++;
    struct slice name = slice_sub(text, at, length);
    struct slice rest = slice_trim(slice_sub(text, at + length, text.length), " \t");
    if (!slice_starts_with(rest, "="))
        return false;
    for (size_t i = 0; i < sizeof known_tags / sizeof *known_tags; i++)
        if (slice_equals_text(name, known_tags[i]))
            return true;
    return false;
}

/* Quotes, no-break spaces, byte order mark and controls out; a semicolon in before each tag that
 * lacks it. */
static void clean(struct slice text, struct text *out)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char octet = (unsigned char)text.start[i];
        bool is_separator = strchr(" \t,", text.start[i]) && octet != 0;
        struct slice behind = slice_trim(text_slice(out), " \t");
        if (is_separator && behind.length > 0 && behind.start[behind.length - 1] != ';') {
            size_t next = i;
            while (next < text.length && strchr(" \t,", text.start[next]) && text.start[next] != 0)
                next++;
            if (tag_starts(text, next)) {
                text_append_char(out, ';');
                continue;
            }
        }
        if (octet >= 32 && octet < 127 && !strchr("\"'\\", text.start[i]))
            text_append_char(out, text.start[i]);
        else if (octet == '\t' || octet == 0xA0)
            text_append_char(out, ' ');
    }
}

static void put(struct text *out, const char *name, const char *value)
{
    text_printf(out, "; %s=%s", name, value);
}

static void put_policy(struct text *out, const char *name, const struct dmarc_policy_tag *policy)
{
    static const char *const words[] = {"none", "quarantine", "reject"};
    const char *word;
    if (policy->is_valid)
        word = dmarc_policy_name(policy->value);
    else
        word = nearest(policy->text, words, 3, 3);
    put(out, name, word ? word : "none");
}

static void put_letter(struct text *out, const char *name, const struct dmarc_letter_tag *letter,
                       char unset)
{
    const char value[] = {letter->value, '\0'};
    if (letter->is_valid && letter->value != unset)
        put(out, name, value);
}

/* Returns how many there were to put. */
static size_t put_uris(struct arena *arena, struct text *out, const char *name,
                       const struct dmarc_uris *uris)
{
    size_t count = 0;
    for (size_t i = 0; i < uris->count; i++) {
        const char *uri = dmarc_uri_repair(arena, &uris->list[i], false);
        if (!uri)
            continue;
        if (count++ == 0)
            text_printf(out, "; %s=", name);
        else
            text_append(out, ",");
        text_append(out, uri);
    }
    return count;
}

const char *dmarc_record_repair(struct arena *arena, struct slice text)
{
    struct dmarc_record *record = arena_alloc(arena, sizeof *record);
    struct text cleaned, out;
    text_init(&cleaned, 4096);
    text_init(&out, 4096);
    clean(text, &cleaned);
    struct slice trimmed = slice_trim(text_slice(&cleaned), " ;");
    dmarc_record_parse(arena, slice_of(arena_copy_slice(arena, trimmed)), record);
    text_append(&out, "v=DMARC1");
    put_policy(&out, "p", &record->policy);
    if (record->subdomain_policy.is_present)
        put_policy(&out, "sp", &record->subdomain_policy);
    if (record->nonexistent_policy.is_present)
        put_policy(&out, "np", &record->nonexistent_policy);
    if (!record->testing.is_present && record->has_percent && record->percent < 100)
        put(&out, "t", "y");
    put_letter(&out, "t", &record->testing, 'n');
    put_letter(&out, "psd", &record->psd, 'u');
    put_letter(&out, "adkim", &record->dkim_alignment, 'r');
    put_letter(&out, "aspf", &record->spf_alignment, 'r');
    put_uris(arena, &out, "rua", &record->aggregate);
    if (put_uris(arena, &out, "ruf", &record->failure) > 0 && record->has_failure_options &&
        record->failure_fault == DMARC_FAILURE_FINE)
        text_printf(&out, "; fo=%.*s", SLICE_PRINTF(record->failure_options));
    const char *repaired = arena_copy(arena, out.start);
    text_release(&cleaned);
    text_release(&out);
    return repaired;
}
