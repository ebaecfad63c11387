#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnsbl.h"
#include "mail/digest.h"

const char *dnsbl_subject_print(const struct dnsbl_subject *subject,
                                char buffer[static DNSBL_SUBJECT_TEXT_SIZE])
{
    if (subject->name == NULL) {
        return ip_print(&subject->address, buffer);
    }
    snprintf(buffer, DNSBL_SUBJECT_TEXT_SIZE, "%s", subject->name);
    return buffer;
}

/* Hash lists hash the lower-cased text; names and addresses are so already. */
static bool hashed_label(struct slice plain, enum dnsbl_hash hash,
                         char label[static DNSBL_LABEL_SIZE])
{
    switch (hash) {
    case DNSBL_PLAIN:
        if (plain.length >= DNSBL_LABEL_SIZE) {
            return false;
        }
        memcpy(label, plain.start, plain.length);
        label[plain.length] = '\0';
        return true;
    case DNSBL_SHA1:
        return digest_hex(DIGEST_SHA1, plain, label);
    case DNSBL_MD5:
        return digest_hex(DIGEST_MD5, plain, label);
    case DNSBL_SHA256_BASE32:
    case DNSBL_BLAKE2B_BASE32:
        return false; /* for files and URLs, which are no targets here */
    }
    return false;
}

bool dnsbl_subject_label(const struct dnsbl_subject *subject, const struct dnsbl_list *list,
                         char label[static DNSBL_LABEL_SIZE])
{
    if ((list->targets & subject->kind) == 0 ||
        (subject->kind == DNSBL_EMAIL && list->hash == DNSBL_PLAIN)) {
        return false;
    }
    char reversed[IP_REVERSE_SIZE];
    const char *plain = subject->name;
    if (plain == NULL) {
        plain = ip_reverse(&subject->address, reversed);
    }
    return hashed_label(slice_of(plain), list->hash, label);
}

bool dnsbl_applies(const struct dnsbl_choice *choice, const struct dnsbl_subject *subject)
{
    const struct dnsbl_list *list = choice->list;
    return (list->targets & subject->kind) != 0 &&
           (list->hash == DNSBL_PLAIN ? subject->kind != DNSBL_EMAIL
                                      : list->hash == DNSBL_SHA1 || list->hash == DNSBL_MD5);
}

enum dnsbl_test_kind dnsbl_test_kind(enum dnsbl_target kind)
{
    return kind == DNSBL_IP4   ? DNSBL_TEST_IP4
           : kind == DNSBL_IP6 ? DNSBL_TEST_IP6
                               : DNSBL_TEST_DOMAIN;
}

static int compare_hits(const void *a, const void *b)
{
    const struct dnsbl_hit *left = a;
    const struct dnsbl_hit *right = b;
    if (left->subject != right->subject) {
        return left->subject < right->subject ? -1 : 1;
    }
    return left->choice == right->choice ? 0 : left->choice < right->choice ? -1 : 1;
}

const struct dnsbl_hit *dnsbl_find_hit(const struct dnsbl_facts *facts, size_t subject,
                                       size_t choice)
{
    struct dnsbl_hit key = {.subject = (uint32_t)subject, .choice = (uint32_t)choice};
    return facts->hit_count == 0
               ? NULL
               : bsearch(&key, facts->hits, facts->hit_count, sizeof *facts->hits, compare_hits);
}

void dnsbl_sort_hits(struct dnsbl_facts *facts)
{
    if (facts->hit_count > 0) {
        qsort(facts->hits, facts->hit_count, sizeof *facts->hits, compare_hits);
    }
}
