#include "dnsbl_subjects.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A power of two. */
#define SLOTS_FIRST 256

static uint32_t hash_of(const struct dnsbl_subject *subject)
{
    uint32_t hash = 2166136261U ^ subject->kind;
    for (size_t i = 0; i < sizeof subject->address.bytes; i++) {
        hash = (hash ^ subject->address.bytes[i]) * 16777619U;
    }
    for (const char *at = subject->name; at != NULL && *at != '\0'; at++) {
        hash = (hash ^ (uint8_t)*at) * 16777619U;
    }
    return hash ^ hash >> 15;
}

static bool are_same(const struct dnsbl_subject *a, const struct dnsbl_subject *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    if (a->name == NULL || b->name == NULL) {
        return a->name == b->name && ip_equal(&a->address, &b->address);
    }
    return strcmp(a->name, b->name) == 0;
}

static uint32_t *find_slot(const struct dnsbl_subjects *subjects, const struct dnsbl_facts *facts,
                           const struct dnsbl_subject *subject)
{
    size_t at = hash_of(subject) & (subjects->slot_count - 1);
    while (subjects->slots[at] != 0 &&
           !are_same(&facts->subjects[subjects->slots[at] - 1], subject)) {
        at = (at + 1) & (subjects->slot_count - 1);
    }
    return &subjects->slots[at];
}

/* Half of the slots stay free, so a search is short. */
static void grow(struct dnsbl_subjects *subjects, struct dnsbl_facts *facts)
{
    facts->subjects = memory_grow(facts->subjects, &facts->subject_capacity,
                                  facts->subject_count + 1, sizeof *facts->subjects);
    if ((facts->subject_count + 1) * 2 > subjects->slot_count) {
        free(subjects->slots);
        subjects->slot_count = subjects->slot_count == 0 ? SLOTS_FIRST : subjects->slot_count * 4;
        subjects->slots = memory_new(subjects->slot_count, sizeof *subjects->slots);
        for (size_t i = 0; i < facts->subject_count; i++) {
            *find_slot(subjects, facts, &facts->subjects[i]) = (uint32_t)i + 1;
        }
    }
}

bool dnsbl_subjects_add(struct dnsbl_subjects *subjects, struct dnsbl_facts *facts,
                        const struct dnsbl_subject *subject, size_t most)
{
    grow(subjects, facts);
    uint32_t *slot = find_slot(subjects, facts, subject);
    if (*slot != 0) {
        return true;
    }
    if (facts->subject_count >= most) {
        return false;
    }
    facts->subjects[facts->subject_count++] = *subject;
    *slot = (uint32_t)facts->subject_count;
    return true;
}

void dnsbl_subjects_release(struct dnsbl_subjects *subjects)
{
    free(subjects->slots);
    *subjects = (struct dnsbl_subjects){0};
}
