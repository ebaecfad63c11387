/*
 * One section of the catalogue while it is read; for dnsbl_catalogue.c, which finds sections and
 * lines. The keys and their values are described in dnsbl_catalogue.h.
 */
#ifndef PLUGINS_DNSBL_SECTION_H
#define PLUGINS_DNSBL_SECTION_H

#include "dnsbl_catalogue.h"

/* Codes and bits, or errors. */
struct dnsbl_rules {
    struct dnsbl_rule rules[DNSBL_CATALOGUE_RULES_MAX];
    size_t count;
    bool drops_earlier; /* `none`: those of earlier files */
};

struct dnsbl_section {
    struct arena *arena;
    char *text;              /* the file, in which values are ended with a NUL as they are read */
    struct dnsbl_list *list; /* NULL while no section is open */
    bool is_removed;         /* `remove = yes` */
    uint64_t seen;           /* a bit for each key */
    struct dnsbl_rules codes, errors;
};

/* Begins a section about `list`, whose zone is set; a new list gets the defaults. */
void dnsbl_section_open(struct dnsbl_section *section, struct dnsbl_list *list, bool is_new);

/* One `key = value`. False with what is wrong. */
bool dnsbl_section_set(struct dnsbl_section *section, struct slice key, struct slice value,
                       char reason[static DNSBL_REASON_SIZE]);

/* Ends the section: rules are merged, what was left to defaults is settled. False with what is
 * wrong. */
bool dnsbl_section_close(struct dnsbl_section *section, char reason[static DNSBL_REASON_SIZE]);

/* The value as a string: a NUL is put behind it in section->text. NULL for an empty value. */
const char *dnsbl_section_string(struct dnsbl_section *section, struct slice value);

#endif
