#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dnsbl.h"
#include "plugin/state_file.h"

/*
 * Lines of the state file, fields separated by one tab:
 *
 *     listed  ZONE  TARGET  SINCE      a listing of the last run; SINCE in seconds since 1970 UTC
 *     refused ZONE  UNTIL   OUTCOME    the zone is not asked before UNTIL; blocked or over-quota
 */
#define KIND "dnsbl 1"
/* How long a list that refuses us is left alone. */
#define BACK_OFF_SECONDS 3600
/* Listings remembered; any more are new at every run. */
#define REMEMBERED_MAX 100000

struct memory_entry {
    const char *zone, *target;
    int64_t since;
    bool is_gone; /* not listed any more: not to be written again */
};

/* The entries are sorted by target and zone, each pair once. */
struct dnsbl_memory {
    struct memory_entry *entries;
    size_t count, capacity;
};

/* ---- reading */

static bool read_fields(struct slice line, struct slice fields[static 4])
{
    size_t count = 0;
    struct slice rest = line;
    struct slice field;
    while (slice_split(&rest, '\t', &field)) {
        bool has_nul = slice_find(field, '\0') < field.length;
        if (count == 4 || field.length == 0 || has_nul) {
            return false;
        }
        fields[count++] = field;
    }
    return count == 4;
}

static bool read_refusal(struct dnsbl_facts *facts, const struct slice fields[static 4],
                         int64_t now)
{
    uint64_t until;
    enum dnsbl_outcome outcome = DNSBL_BLOCKED;
    if (slice_equals_text(fields[3], dnsbl_outcome_name(DNSBL_OVER_QUOTA))) {
        outcome = DNSBL_OVER_QUOTA;
    } else if (!slice_equals_text(fields[3], dnsbl_outcome_name(DNSBL_BLOCKED))) {
        return false;
    }
    if (!slice_to_number(fields[2], INT64_MAX, &until)) {
        return false;
    }
    if ((int64_t)until <= now || (int64_t)until - now > BACK_OFF_SECONDS) {
        return true; /* over, or a clock that was wrong */
    }
    for (size_t i = 0; i < facts->choice_count; i++) {
        struct dnsbl_choice *choice = &facts->choices[i];
        if (choice->skip == DNSBL_ASKED && slice_equals_text(fields[1], choice->list->zone)) {
            choice->skip = DNSBL_SKIP_BACK_OFF;
            choice->back_off_until = (int64_t)until;
            choice->back_off_outcome = outcome;
        }
    }
    return true;
}

static bool read_listing(struct dnsbl_facts *facts, const struct slice fields[static 4])
{
    struct dnsbl_memory *memory = facts->memory;
    uint64_t since;
    if (!slice_to_number(fields[3], INT64_MAX, &since)) {
        return false;
    }
    if (memory->count < REMEMBERED_MAX) {
        memory->entries = memory_grow(memory->entries, &memory->capacity, memory->count + 1,
                                      sizeof *memory->entries);
        memory->entries[memory->count++] = (struct memory_entry){
            .zone = arena_copy_slice(facts->arena, fields[1]),
            .target = arena_copy_slice(facts->arena, fields[2]),
            .since = (int64_t)since,
        };
    }
    return true;
}

static int compare_entries(const void *a, const void *b)
{
    const struct memory_entry *left = a;
    const struct memory_entry *right = b;
    int order = strcmp(left->target, right->target);
    return order != 0 ? order : strcmp(left->zone, right->zone);
}

/* Of two with one name the older one comes first, and stays. */
static int compare_since(const void *a, const void *b)
{
    const struct memory_entry *left = a;
    const struct memory_entry *right = b;
    int order = compare_entries(a, b);
    if (order != 0) {
        return order;
    }
    return left->since < right->since ? -1 : left->since > right->since;
}

static void sort_entries(struct dnsbl_memory *memory)
{
    size_t kept = 0;
    if (memory->count > 0) {
        qsort(memory->entries, memory->count, sizeof *memory->entries, compare_since);
    }
    for (size_t i = 0; i < memory->count; i++) {
        const struct memory_entry *last = kept > 0 ? &memory->entries[kept - 1] : NULL;
        if (last == NULL || compare_entries(last, &memory->entries[i]) != 0) {
            memory->entries[kept++] = memory->entries[i];
        }
    }
    memory->count = kept;
}

/* Of a file with an error nothing is believed. */
static void forget_all(struct dnsbl_facts *facts)
{
    facts->memory->count = 0;
    for (size_t i = 0; i < facts->choice_count; i++) {
        if (facts->choices[i].skip == DNSBL_SKIP_BACK_OFF) {
            facts->choices[i].skip = DNSBL_ASKED;
        }
    }
}

size_t dnsbl_memory_read(struct dnsbl_facts *facts, struct slice lines, int64_t now)
{
    struct slice line;
    if (facts->memory == NULL) {
        facts->memory = arena_alloc(facts->arena, sizeof *facts->memory);
    }
    for (size_t number = 1; slice_split(&lines, '\n', &line); number++) {
        struct slice fields[4];
        if (line.length == 0) {
            continue;
        }
        bool is_read = read_fields(line, fields) &&
                       (slice_equals_text(fields[0], "refused")  ? read_refusal(facts, fields, now)
                        : slice_equals_text(fields[0], "listed") ? read_listing(facts, fields)
                                                                 : false);
        if (!is_read) {
            forget_all(facts);
            return number;
        }
    }
    sort_entries(facts->memory);
    return 0;
}

void dnsbl_remember(struct plugin *plugin, const struct dnsbl_config *config,
                    struct dnsbl_facts *facts)
{
    struct slice lines;
    char message[256];
    size_t bad;
    if (config->state_file == NULL) {
        return;
    }
    facts->memory = arena_alloc(&plugin->arena, sizeof *facts->memory);
    switch (state_file_read(&plugin->arena, config->state_file, KIND, &lines, message)) {
    case STATE_FILE_READ:
        break;
    case STATE_FILE_ABSENT:
        return;
    case STATE_FILE_UNREADABLE:
        facts->memory = NULL; /* nor is it written: what it holds may be wanted */
        facts->memory_trouble = arena_copy(&plugin->arena, message);
        return;
    case STATE_FILE_CORRUPT:
        facts->memory_trouble = arena_copy(&plugin->arena, message);
        return;
    }
    bad = dnsbl_memory_read(facts, lines, clock_wall());
    facts->has_memory = bad == 0;
    if (bad != 0) {
        bool is_aside = state_file_set_aside(config->state_file, bad + 1, message);
        facts->memory_trouble = arena_copy(&plugin->arena, message);
        if (!is_aside) {
            dnsbl_forget(facts);
            facts->memory = NULL;
        }
    }
}

/* ---- comparing */

static struct memory_entry *find_entry(const struct dnsbl_facts *facts, const char *zone,
                                       const char *target)
{
    struct memory_entry key = {.zone = zone, .target = target};
    return facts->memory == NULL || facts->memory->count == 0
               ? NULL
               : bsearch(&key, facts->memory->entries, facts->memory->count, sizeof key,
                         compare_entries);
}

/* The list was asked about the target and said that it is not on it, whatever filter is used. */
static bool is_cleared(const struct dnsbl_facts *facts, size_t subject, size_t source)
{
    struct dnsbl_verdict verdict;
    dnsbl_classify(facts, subject, source, facts->arena, &verdict);
    return verdict.outcome == DNSBL_NOT_LISTED && !dnsbl_is_listed(facts, subject, source);
}

/* A remembered listing is gone only when the list was asked and said so. */
static void mark_gone(struct dnsbl_facts *facts)
{
    facts->gone = arena_array(facts->arena, facts->memory->count, sizeof *facts->gone);
    for (size_t s = 0; s < facts->subject_count; s++) {
        char target[DNSBL_SUBJECT_TEXT_SIZE];
        dnsbl_subject_print(&facts->subjects[s], target);
        for (size_t c = 0; c < facts->choice_count; c++) {
            const struct dnsbl_choice *choice = &facts->choices[c];
            if (choice->source != c || !dnsbl_applies(choice, &facts->subjects[s])) {
                continue;
            }
            struct memory_entry *entry = find_entry(facts, choice->list->zone, target);
            if (entry != NULL && !entry->is_gone && is_cleared(facts, s, c)) {
                entry->is_gone = true;
                facts->gone[facts->gone_count++] =
                    (struct dnsbl_gone){entry->target, choice->list->operator, entry->since };
            }
        }
    }
}

void dnsbl_compare(struct dnsbl_facts *facts)
{
    for (size_t i = 0; i < facts->hit_count; i++) {
        struct dnsbl_hit *hit = &facts->hits[i];
        char target[DNSBL_SUBJECT_TEXT_SIZE];
        dnsbl_subject_print(&facts->subjects[hit->subject], target);
        hit->is_new = find_entry(facts, facts->choices[hit->choice].list->zone, target) == NULL;
    }
    if (facts->has_memory && facts->memory->count > 0) {
        mark_gone(facts);
    }
}

/* ---- writing */

static void print_listings(const struct dnsbl_facts *facts, int64_t now, struct text *out)
{
    size_t count = 0;
    for (size_t i = 0; i < facts->memory->count; i++) {
        const struct memory_entry *entry = &facts->memory->entries[i];
        if (!entry->is_gone) {
            text_printf(out, "listed\t%s\t%s\t%lld\n", entry->zone, entry->target,
                        (long long)entry->since);
            count++;
        }
    }
    for (size_t i = 0; i < facts->hit_count && count < REMEMBERED_MAX; i++) {
        const struct dnsbl_hit *hit = &facts->hits[i];
        char target[DNSBL_SUBJECT_TEXT_SIZE];
        if (hit->is_new && dnsbl_is_listed(facts, hit->subject, hit->choice)) {
            dnsbl_subject_print(&facts->subjects[hit->subject], target);
            text_printf(out, "listed\t%s\t%s\t%lld\n", facts->choices[hit->choice].list->zone,
                        target, (long long)now);
            count++;
        }
    }
}

/* The outcome of the first refusal among the answers of a list, or DNSBL_OUTCOMES. */
static enum dnsbl_outcome find_refusal(const struct dnsbl_facts *facts, size_t choice)
{
    for (size_t s = 0; s < facts->subject_count; s++) {
        struct dnsbl_verdict verdict;
        if (!dnsbl_applies(&facts->choices[choice], &facts->subjects[s])) {
            continue;
        }
        dnsbl_classify(facts, s, choice, facts->arena, &verdict);
        if (verdict.outcome == DNSBL_BLOCKED || verdict.outcome == DNSBL_OVER_QUOTA) {
            return verdict.outcome;
        }
    }
    return DNSBL_OUTCOMES;
}

static void print_refusals(const struct dnsbl_facts *facts, int64_t now, struct text *out)
{
    for (size_t c = 0; c < facts->choice_count; c++) {
        const struct dnsbl_choice *choice = &facts->choices[c];
        enum dnsbl_outcome outcome = DNSBL_OUTCOMES;
        int64_t until = now + BACK_OFF_SECONDS;
        if (choice->skip == DNSBL_SKIP_BACK_OFF) {
            outcome = choice->back_off_outcome;
            until = choice->back_off_until;
        } else if (choice->skip == DNSBL_ASKED) {
            outcome = find_refusal(facts, c);
        }
        if (outcome != DNSBL_OUTCOMES && choice->source == c) {
            text_printf(out, "refused\t%s\t%lld\t%s\n", choice->list->zone, (long long)until,
                        dnsbl_outcome_name(outcome));
        }
    }
}

void dnsbl_memory_print(const struct dnsbl_facts *facts, int64_t now, struct text *out)
{
    print_listings(facts, now, out);
    print_refusals(facts, now, out);
}

void dnsbl_memorize(const struct dnsbl_config *config, struct dnsbl_facts *facts)
{
    if (facts->memory == NULL || facts->statuses == NULL) {
        return;
    }
    struct text out;
    char message[256];
    text_init(&out, STATE_FILE_MAX);
    dnsbl_memory_print(facts, clock_wall(), &out);
    if (!state_file_write(config->state_file, KIND, text_slice(&out), message) &&
        facts->memory_trouble == NULL) {
        facts->memory_trouble = arena_copy(facts->arena, message);
    }
    text_release(&out);
}

void dnsbl_forget(struct dnsbl_facts *facts)
{
    if (facts->memory != NULL) {
        free(facts->memory->entries);
    }
}
