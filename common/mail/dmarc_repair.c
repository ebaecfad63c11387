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

/* Quotes, no-break spaces, byte order mark and controls out. */
static void strip(struct slice text, struct text *out)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char octet = (unsigned char)text.start[i];
        if (octet >= 32 && octet < 127 && !strchr("\"'\\", text.start[i]))
            text_append_char(out, text.start[i]);
        else if (octet == '\t' || octet == 0xA0)
            text_append_char(out, ' ');
    }
}

/* A semicolon in before each tag that lacks it. What is to be stripped is gone before, so that it
 * hides no tag. */
static void separate(struct slice text, struct text *out)
{
    for (size_t i = 0; i < text.length; i++) {
        struct slice behind = slice_trim(text_slice(out), " ");
        if (strchr(" ,", text.start[i]) && behind.length > 0 &&
            behind.start[behind.length - 1] != ';') {
            size_t next = i;
            while (next < text.length && strchr(" ,", text.start[next]))
                next++;
            if (tag_starts(text, next)) {
                text_append_char(out, ';');
                continue;
            }
        }
        text_append_char(out, text.start[i]);
    }
}

static void put(struct text *out, const char *name, const char *value)
{
    text_printf(out, "; %s=%s", name, value);
}

/* Of an sp or np that cannot be read nothing is left: p holds then. */
static void put_policy(struct text *out, const char *name, const struct dmarc_policy_tag *policy)
{
    static const char *const words[] = {"none", "quarantine", "reject"};
    const char *word =
        policy->is_valid ? dmarc_policy_name(policy->value) : nearest(policy->text, words, 3, 3);
    if (word)
        put(out, name, word);
}

/* p=, or what a mistyped name of it says ("polciy=reject"); none when there is nothing. */
static void put_main_policy(struct text *out, const struct dmarc_record *record)
{
    struct dmarc_policy_tag policy = record->policy;
    for (size_t i = 0; i < record->tags.count && !policy.is_present; i++) {
        const struct tag *tag = &record->tags.tags[i];
        const char *likely = tag->name.length > 1 ? dmarc_record_likely_tag(tag->name) : NULL;
        if (likely && strcmp(likely, "p") == 0)
            policy.is_valid = dmarc_policy_parse(tag->value, &policy.value);
        policy.is_present = policy.is_valid;
    }
    size_t before = out->length;
    put_policy(out, "p", &policy);
    if (out->length == before)
        put(out, "p", "none");
}

/* A word for a letter ("strict") is meant as its first one. */
static void put_letter(struct text *out, const char *name, const struct dmarc_letter_tag *letter,
                       const char *letters)
{
    char value[] = {letter->value, '\0'};
    if (letter->is_present && !letter->is_valid && letter->text.length > 0)
        value[0] = letter->text.start[0];
    if (letter->is_present && value[0] != '\0' && strchr(letters, value[0]))
        put(out, name, value);
}

/* All tags of that name: twice is one too many, and both are wanted. Returns whether there was
 * something to put. */
static bool put_uris(struct arena *arena, struct text *out, const char *name,
                     const struct dmarc_record *record)
{
    const char *all = NULL;
    for (size_t i = 0; i < record->tags.count; i++) {
        const struct tag *tag = &record->tags.tags[i];
        struct dmarc_uris uris;
        if (!slice_equals_text(tag->name, name))
            continue;
        struct slice value = tag->value;
        /* "rua=rua=mailto:..." */
        while (tag_starts(value, 0))
            value = slice_trim(slice_sub(value, slice_find(value, '=') + 1, value.length), " ");
        dmarc_uris_parse(arena, value, false, &uris);
        /* What cannot be repaired is told beside it, and nobody could send there. */
        const char *list = dmarc_uris_repair_good(arena, &uris, false);
        if (list)
            all = all ? arena_format(arena, "%s,%s", all, list) : list;
    }
    if (all)
        put(out, name, all);
    return all != NULL;
}

const char *dmarc_record_repair(struct arena *arena, struct slice text)
{
    struct dmarc_record *record = arena_alloc(arena, sizeof *record);
    struct text stripped, cleaned, out;
    text_init(&stripped, 4096);
    text_init(&cleaned, 4096);
    text_init(&out, 4096);
    strip(text, &stripped);
    separate(text_slice(&stripped), &cleaned);
    struct slice trimmed = slice_trim(text_slice(&cleaned), " ;");
    dmarc_record_parse(arena, slice_of(arena_copy_slice(arena, trimmed)), record);
    text_append(&out, "v=DMARC1");
    put_main_policy(&out, record);
    if (record->subdomain_policy.is_present)
        put_policy(&out, "sp", &record->subdomain_policy);
    if (record->nonexistent_policy.is_present)
        put_policy(&out, "np", &record->nonexistent_policy);
    /* RFC 9989 A.6: of all shares 0 alone has a successor. */
    if (!record->testing.is_present && record->has_percent && record->percent == 0)
        put(&out, "t", "y");
    put_letter(&out, "t", &record->testing, "y");
    put_letter(&out, "psd", &record->psd, "yn");
    put_letter(&out, "adkim", &record->dkim_alignment, "s");
    put_letter(&out, "aspf", &record->spf_alignment, "s");
    put_uris(arena, &out, "rua", record);
    if (put_uris(arena, &out, "ruf", record) && record->has_failure_options &&
        record->failure_fault == DMARC_FAILURE_FINE)
        text_printf(&out, "; fo=%.*s", SLICE_PRINTF(record->failure_options));
    const char *repaired = arena_copy(arena, out.start);
    text_release(&stripped);
    text_release(&cleaned);
    text_release(&out);
    return repaired;
}
