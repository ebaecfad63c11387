#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dnsbl.h"
#include "plugin/state_file.h"

/*
 * Lines of the state file, fields separated by one tab:
 *
 *     listed  ZONE  TARGET  SINCE      a listing of the last run; SINCE in seconds since 1970 UTC
 *     refused ZONE  UNTIL   OUTCOME    the zone is not asked before UNTIL
 */
#define KIND "dnsbl 1"
/* How long a list that refuses us is left alone. */
#define BACK_OFF_SECONDS 3600
/* Listings remembered: more are no news. */
#define REMEMBERED_MAX 100000

struct memory_entry {
    const char *zone, *target;
    int64_t since;
    bool is_seen; /* listed now, too, or not asked about */
};

struct dnsbl_memory {
    struct memory_entry *entries;
    size_t count, capacity;
};

static bool read_fields(struct slice line, struct slice fields[static 4])
{
    size_t count = 0;
    struct slice rest = line;
    struct slice field;
    while (slice_split(&rest, '\t', &field)) {
        if (count == 4) {
            return false;
        }
        fields[count++] = field;
    }
    return count == 4;
}

static void back_off(struct dnsbl_facts *facts, struct slice zone, int64_t until,
                     struct slice outcome)
{
    int64_t now = clock_wall();
    if (until <= now || until > now + BACK_OFF_SECONDS) {
        return; /* over, or a clock that was wrong */
    }
    for (size_t i = 0; i < facts->choice_count; i++) {
        struct dnsbl_choice *choice = &facts->choices[i];
        if (choice->skip == DNSBL_ASKED && slice_equals_text(zone, choice->list->zone)) {
            choice->skip = DNSBL_SKIP_BACK_OFF;
            choice->back_off_until = until;
            choice->back_off_outcome = arena_copy_slice(facts->arena, outcome);
        }
    }
}

static bool read_line(struct dnsbl_facts *facts, struct dnsbl_memory *memory, struct slice line)
{
    struct slice fields[4];
    uint64_t number;
    if (!read_fields(line, fields)) {
        return false;
    }
    if (slice_equals_text(fields[0], "refused") && slice_to_number(fields[2], INT64_MAX, &number)) {
        back_off(facts, fields[1], (int64_t)number, fields[3]);
        return true;
    }
    if (!slice_equals_text(fields[0], "listed") ||
        !slice_to_number(fields[3], INT64_MAX, &number) || memory->count >= REMEMBERED_MAX) {
        return false;
    }
    memory->entries =
        memory_grow(memory->entries, &memory->capacity, memory->count + 1, sizeof *memory->entries);
    memory->entries[memory->count++] = (struct memory_entry){
        .zone = arena_copy_slice(facts->arena, fields[1]),
        .target = arena_copy_slice(facts->arena, fields[2]),
        .since = (int64_t)number,
    };
    return true;
}

void dnsbl_remember(struct plugin *plugin, const struct dnsbl_config *config,
                    struct dnsbl_facts *facts)
{
    struct slice rest;
    struct slice line;
    char message[256];
    if (config->state_file == NULL) {
        return;
    }
    facts->memory = arena_alloc(&plugin->arena, sizeof *facts->memory);
    switch (state_file_read(&plugin->arena, config->state_file, KIND, &rest, message)) {
    case STATE_FILE_READ:
        break;
    case STATE_FILE_ABSENT:
        return;
    case STATE_FILE_CORRUPT:
    case STATE_FILE_UNREADABLE:
        facts->memory_trouble = arena_copy(&plugin->arena, message);
        return;
    }
    facts->has_memory = true;
    for (size_t number = 2; slice_split(&rest, '\n', &line); number++) {
        if (line.length > 0 && !read_line(facts, facts->memory, line)) {
            state_file_set_aside(config->state_file, number, message);
            facts->memory_trouble = arena_copy(&plugin->arena, message);
            facts->has_memory = false;
            facts->memory->count = 0;
            return;
        }
    }
}

static struct memory_entry *find_entry(struct dnsbl_facts *facts, const char *zone,
                                       const char *target)
{
    for (size_t i = 0; facts->memory != NULL && i < facts->memory->count; i++) {
        struct memory_entry *entry = &facts->memory->entries[i];
        if (strcmp(entry->target, target) == 0 && strcmp(entry->zone, zone) == 0) {
            return entry;
        }
    }
    return NULL;
}

static bool is_listed(enum dnsbl_outcome outcome)
{
    return outcome == DNSBL_LISTED || outcome == DNSBL_LISTED_UNKNOWN_CODE;
}

/* A remembered listing is gone only when the list was asked and said so. */
static void mark_gone(struct dnsbl_facts *facts)
{
    struct dnsbl_gone *gone = arena_array(facts->arena, facts->memory->count + 1, sizeof *gone);
    for (size_t s = 0; s < facts->subject_count; s++) {
        for (size_t c = 0; c < facts->choice_count; c++) {
            struct dnsbl_verdict verdict;
            char target[DNSBL_SUBJECT_TEXT_SIZE];
            if (!dnsbl_applies(&facts->choices[c], &facts->subjects[s])) {
                continue;
            }
            dnsbl_classify(facts, s, c, facts->arena, &verdict);
            struct memory_entry *entry =
                verdict.outcome == DNSBL_NOT_LISTED
                    ? find_entry(facts, facts->choices[c].list->zone,
                                 dnsbl_subject_print(&facts->subjects[s], target))
                    : NULL;
            if (entry != NULL && !entry->is_seen) {
                entry->is_seen = true;
                entry->since = -1; /* not to be written again */
                gone[facts->gone_count++] = (struct dnsbl_gone){
                    entry->target, facts->choices[c].list->operator, entry->since };
            }
        }
    }
    facts->gone = gone;
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

static void write_listings(const struct dnsbl_facts *facts, struct text *out)
{
    int64_t now = clock_wall();
    for (size_t i = 0; i < facts->hit_count; i++) {
        const struct dnsbl_hit *hit = &facts->hits[i];
        const char *zone = facts->choices[hit->choice].list->zone;
        struct dnsbl_verdict verdict;
        char target[DNSBL_SUBJECT_TEXT_SIZE];
        dnsbl_classify(facts, hit->subject, hit->choice, facts->arena, &verdict);
        if (is_listed(verdict.outcome) && hit->is_new) {
            dnsbl_subject_print(&facts->subjects[hit->subject], target);
            text_printf(out, "listed\t%s\t%s\t%lld\n", zone, target, (long long)now);
        }
    }
    for (size_t i = 0; i < facts->memory->count; i++) {
        const struct memory_entry *entry = &facts->memory->entries[i];
        if (entry->since >= 0) {
            text_printf(out, "listed\t%s\t%s\t%lld\n", entry->zone, entry->target,
                        (long long)entry->since);
        }
    }
}

static void write_refusals(const struct dnsbl_facts *facts, struct text *out)
{
    for (size_t c = 0; c < facts->choice_count; c++) {
        const struct dnsbl_choice *choice = &facts->choices[c];
        int64_t until = choice->back_off_until;
        const char *outcome = choice->back_off_outcome;
        for (size_t s = 0; choice->skip == DNSBL_ASKED && s < facts->subject_count; s++) {
            struct dnsbl_verdict verdict;
            if (!dnsbl_applies(choice, &facts->subjects[s])) {
                continue;
            }
            dnsbl_classify(facts, s, c, facts->arena, &verdict);
            if (verdict.outcome == DNSBL_BLOCKED || verdict.outcome == DNSBL_OVER_QUOTA) {
                until = clock_wall() + BACK_OFF_SECONDS;
                outcome = dnsbl_outcome_name(verdict.outcome);
                break;
            }
        }
        if (until > 0 && choice->source == c) {
            text_printf(out, "refused\t%s\t%lld\t%s\n", choice->list->zone, (long long)until,
                        outcome);
        }
    }
}

void dnsbl_memorize(const struct dnsbl_config *config, struct dnsbl_facts *facts)
{
    if (config->state_file == NULL || facts->statuses == NULL) {
        return;
    }
    struct text out;
    char message[256];
    text_init(&out, STATE_FILE_MAX);
    write_listings(facts, &out);
    write_refusals(facts, &out);
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
