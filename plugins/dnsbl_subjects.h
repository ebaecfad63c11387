/*
 * The subjects of a run, each once: a hash table over those in the facts.
 */
#ifndef PLUGINS_DNSBL_SUBJECTS_H
#define PLUGINS_DNSBL_SUBJECTS_H

#include "dnsbl.h"

/* The zero value is empty. */
struct dnsbl_subjects {
    uint32_t *slots; /* open addressing: index + 1, 0 is free */
    size_t slot_count;
};

/* Adds the subject to the facts unless it is there. False: they hold `most` already. Nobody else
 * adds to them meanwhile. */
bool dnsbl_subjects_add(struct dnsbl_subjects *subjects, struct dnsbl_facts *facts,
                        const struct dnsbl_subject *subject, size_t most);
void dnsbl_subjects_release(struct dnsbl_subjects *subjects);

#endif
