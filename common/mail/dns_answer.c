#include "mail/dns_answer.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "mail/domain.h"

enum progress { MISSING, UNDER_WAY, SETTLED };

/* The answer is the first member: a pointer to the one is a pointer to the other. */
struct entry {
    struct dns_answer answer;
    unsigned flags;
    enum progress progress;
    size_t index;
};

struct dns_answers {
    struct arena *arena;
    size_t limit;
    size_t count;
    size_t missing;
    size_t next_missing; /* no entry before this index is missing */
    bool overflowed;
    bool complete;          /* dns_answers_read: what stands nowhere does not exist */
    struct entry **entries; /* in order of arrival */
    size_t entry_capacity;
    size_t *slots; /* open addressing: index + 1, 0 is free */
    size_t slot_count;
    struct entry overflow; /* what a question gets that the store has no room for */
};

const char *dns_status_name(enum dns_status status)
{
    switch (status) {
    case DNS_PENDING:
        return "time-out";
    case DNS_OK:
        return "answered";
    case DNS_NXDOMAIN:
        return "NXDOMAIN";
    case DNS_NODATA:
        return "no data";
    case DNS_SERVFAIL:
        return "SERVFAIL";
    case DNS_REFUSED:
        return "REFUSED";
    case DNS_RCODE:
        return "error code";
    case DNS_MALFORMED:
        return "malformed answer";
    case DNS_TRUNCATED:
        return "truncated, TCP fails";
    case DNS_NO_RESOLVER:
        return "no server reached";
    case DNS_REFERRAL:
        return "referral, no answer";
    case DNS_BAD_NAME:
        return "name not valid in DNS";
    }
    return "?";
}

const char *dns_answer_word(const struct dns_answer *answer)
{
    static const char *const codes[] = {
        [1] = "FORMERR",  [4] = "NOTIMP",  [6] = "YXDOMAIN",  [7] = "YXRRSET",
        [8] = "NXRRSET",  [9] = "NOTAUTH", [10] = "NOTZONE",  [11] = "DSOTYPENI",
        [16] = "BADVERS", [17] = "BADKEY", [18] = "BADTIME",  [19] = "BADMODE",
        [20] = "BADNAME", [21] = "BADALG", [22] = "BADTRUNC", [23] = "BADCOOKIE",
    };
    if (answer->status == DNS_RCODE && answer->rcode < sizeof codes / sizeof *codes &&
        codes[answer->rcode] != NULL)
        return codes[answer->rcode];
    return dns_status_name(answer->status);
}

bool dns_status_is_answer(enum dns_status status)
{
    return status == DNS_OK || status == DNS_NXDOMAIN || status == DNS_NODATA;
}

const char *dns_type_name(unsigned type, char buffer[static 12])
{
    switch (type) {
    case DNS_A:
        return "A";
    case DNS_NS:
        return "NS";
    case DNS_CNAME:
        return "CNAME";
    case DNS_SOA:
        return "SOA";
    case DNS_PTR:
        return "PTR";
    case DNS_MX:
        return "MX";
    case DNS_TXT:
        return "TXT";
    case DNS_AAAA:
        return "AAAA";
    case DNS_DS:
        return "DS";
    case DNS_DNSKEY:
        return "DNSKEY";
    case DNS_TLSA:
        return "TLSA";
    case DNS_SPF:
        return "SPF";
    default:
        snprintf(buffer, 12, "TYPE%u", type & 0xffffU);
        return buffer;
    }
}

struct dns_answers *dns_answers_new(struct arena *arena, size_t limit)
{
    struct dns_answers *answers = arena_alloc(arena, sizeof *answers);
    answers->arena = arena;
    answers->limit = limit;
    answers->slot_count = 64;
    answers->slots = arena_array(arena, answers->slot_count, sizeof *answers->slots);
    answers->overflow.answer.name = "";
    return answers;
}

/* FNV-1a over the name and the rest of the key. */
static uint32_t key_hash(const char *name, unsigned type, unsigned flags)
{
    uint32_t hash = 2166136261U;
    for (const char *at = name; *at != '\0'; at++) {
        hash = (hash ^ (uint8_t)*at) * 16777619U;
    }
    return (hash ^ type ^ (flags << 16)) * 16777619U;
}

static size_t *find_slot(const struct dns_answers *answers, const char *name, unsigned type,
                         unsigned flags)
{
    size_t at = key_hash(name, type, flags) & (answers->slot_count - 1);
    while (answers->slots[at] != 0) {
        const struct entry *entry = answers->entries[answers->slots[at] - 1];
        if (entry->answer.type == type && entry->flags == flags &&
            strcmp(entry->answer.name, name) == 0) {
            break;
        }
        at = (at + 1) & (answers->slot_count - 1);
    }
    return &answers->slots[at];
}

static void grow(struct dns_answers *answers)
{
    if (answers->count == answers->entry_capacity) {
        size_t capacity = answers->entry_capacity == 0 ? 32 : answers->entry_capacity * 2;
        struct entry **entries = arena_array(answers->arena, capacity, sizeof(struct entry *));
        if (answers->count > 0) {
            memcpy(entries, answers->entries, answers->count * sizeof(struct entry *));
        }
        answers->entries = entries;
        answers->entry_capacity = capacity;
    }
    if ((answers->count + 1) * 2 > answers->slot_count) {
        answers->slot_count *= 2;
        answers->slots = arena_array(answers->arena, answers->slot_count, sizeof *answers->slots);
        for (size_t i = 0; i < answers->count; i++) {
            const struct entry *entry = answers->entries[i];
            *find_slot(answers, entry->answer.name, entry->answer.type, entry->flags) = i + 1;
        }
    }
}

static struct entry *add(struct dns_answers *answers, const char *name, unsigned type,
                         unsigned flags)
{
    grow(answers);
    struct entry *entry = arena_alloc(answers->arena, sizeof *entry);
    entry->answer.name = arena_copy(answers->arena, name);
    entry->answer.type = type;
    entry->flags = flags;
    entry->index = answers->count;
    answers->entries[answers->count++] = entry;
    *find_slot(answers, name, type, flags) = entry->index + 1;
    return entry;
}

/* In a complete store a name that has other records, or names below it, exists (RFC 8020). */
static enum dns_status absent_status(const struct dns_answers *answers, const char *name)
{
    for (size_t i = 0; i < answers->count; i++) {
        const struct dns_answer *other = &answers->entries[i]->answer;
        if (other->status == DNS_OK && domain_is_within(other->name, name)) {
            return DNS_NODATA;
        }
    }
    return DNS_NXDOMAIN;
}

const struct dns_answer *dns_answers_get_with(struct dns_answers *answers, const char *name,
                                              unsigned type, unsigned flags)
{
    char normal[DOMAIN_TEXT_SIZE];
    bool is_root = name[0] == '\0' || strcmp(name, ".") == 0;
    bool is_valid = is_root || domain_normalize(slice_of(name), normal) == DOMAIN_FINE;
    const char *key = is_root ? "" : is_valid ? normal : name;
    size_t slot = *find_slot(answers, key, type, flags);
    if (slot != 0) {
        return &answers->entries[slot - 1]->answer;
    }
    if (answers->count >= answers->limit) {
        answers->overflowed = true;
        return &answers->overflow.answer;
    }
    struct entry *entry = add(answers, key, type, flags);
    if (!is_valid) {
        entry->answer.status = DNS_BAD_NAME;
        entry->progress = SETTLED;
    } else if (answers->complete) {
        entry->answer.status = absent_status(answers, key);
        entry->answer.rcode = entry->answer.status == DNS_NXDOMAIN ? 3 : 0;
        entry->progress = SETTLED;
    } else {
        answers->missing++;
        if (entry->index < answers->next_missing) {
            answers->next_missing = entry->index;
        }
    }
    return &entry->answer;
}

const struct dns_answer *dns_answers_get(struct dns_answers *answers, const char *name,
                                         unsigned type)
{
    return dns_answers_get_with(answers, name, type, DNS_PLAIN);
}

bool dns_answer_is_settled(const struct dns_answer *answer)
{
    return ((const struct entry *)(const void *)answer)->progress == SETTLED;
}

bool dns_answers_overflowed(const struct dns_answers *answers)
{
    return answers->overflowed;
}

size_t dns_answers_count(const struct dns_answers *answers)
{
    return answers->count;
}

size_t dns_answers_missing_count(const struct dns_answers *answers)
{
    return answers->missing;
}

bool dns_answers_take_missing(struct dns_answers *answers, struct dns_question *question)
{
    for (size_t i = answers->next_missing; i < answers->count; i++) {
        struct entry *entry = answers->entries[i];
        if (entry->progress == MISSING) {
            entry->progress = UNDER_WAY;
            answers->missing--;
            answers->next_missing = i + 1;
            *question = (struct dns_question){
                .name = entry->answer.name,
                .type = entry->answer.type,
                .flags = entry->flags,
                .index = i,
            };
            return true;
        }
    }
    answers->next_missing = answers->count;
    return false;
}

static const struct dns_record *copy_records(struct arena *arena, const struct dns_answer *answer)
{
    struct dns_record *records = arena_array(arena, answer->record_count, sizeof *records);
    for (size_t i = 0; i < answer->record_count; i++) {
        const struct dns_record *from = &answer->records[i];
        struct dns_record *to = &records[i];
        *to = *from;
        to->name = arena_copy(arena, from->name);
        to->target = from->target == NULL ? NULL : arena_copy(arena, from->target);
        to->rdata = arena_copy_bytes(arena, from->rdata, from->rdata_length);
        if (from->text.start != NULL) {
            to->text.start = arena_copy_slice(arena, from->text);
            to->strings = arena_copy_bytes(arena, from->strings, from->string_count);
        }
    }
    return records;
}

void dns_answers_settle(struct dns_answers *answers, size_t index, const struct dns_answer *answer)
{
    struct entry *entry = answers->entries[index];
    const char *name = entry->answer.name;
    unsigned type = entry->answer.type;
    entry->answer = *answer;
    entry->answer.name = name;
    entry->answer.type = type;
    entry->answer.records = copy_records(answers->arena, answer);
    const char **chain = arena_array(answers->arena, answer->chain_length, sizeof *chain);
    for (size_t i = 0; i < answer->chain_length; i++) {
        chain[i] = arena_copy(answers->arena, answer->chain[i]);
    }
    entry->answer.chain = chain;
    if (answer->zone != NULL) {
        entry->answer.zone = arena_copy(answers->arena, answer->zone);
    }
    if (entry->progress == MISSING) {
        answers->missing--;
    }
    entry->progress = SETTLED;
}

const struct dns_answer *dns_answers_find(const struct dns_answers *answers, const char *name,
                                          unsigned type)
{
    size_t slot = *find_slot(answers, name, type, DNS_PLAIN);
    return slot == 0 ? NULL : &answers->entries[slot - 1]->answer;
}

const struct dns_answer *dns_answers_at(const struct dns_answers *answers, size_t index)
{
    return &answers->entries[index]->answer;
}

struct arena *dns_answers_arena(struct dns_answers *answers)
{
    return answers->arena;
}

size_t dns_answers_put(struct dns_answers *answers, const char *name, unsigned type, unsigned flags)
{
    size_t slot = *find_slot(answers, name, type, flags);
    if (slot != 0) {
        return slot - 1;
    }
    struct entry *entry = add(answers, name, type, flags);
    entry->progress = SETTLED;
    return entry->index;
}

void dns_answers_set_complete(struct dns_answers *answers)
{
    answers->complete = true;
}
