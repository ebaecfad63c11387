/*
 * The repaired record, where one can be derived from the broken one: what its publisher most likely
 * meant, in the same order, with nothing authorised that was not named before.
 */
#ifndef COMMON_MAIL_SPF_REPAIR_H
#define COMMON_MAIL_SPF_REPAIR_H

#include "mail/spf_tree.h"

enum spf_repair_kind {
    SPF_REPAIR_TEXT = 0, /* spelling, syntax, order, duplicates, terms that are never reached */
    SPF_REPAIR_DROP_VOID = 1 << 0, /* besides: without the terms whose look-up finds nothing */
    SPF_REPAIR_ADDRESSES =
        1 << 1, /* besides: a and mx replaced by the addresses that they stand for now */
};

/* NULL when nothing changes, or when what comes out is still no valid record. `node` must have a
 * record. */
const char *spf_repair(const struct spf_node *node, unsigned kinds, struct arena *arena);

/* The same for a text alone, which need not even have a good version section. */
const char *spf_repair_text(struct slice text, struct arena *arena);

/* One term as it was most likely meant; NULL when that cannot be told. */
const char *spf_repair_term(const struct spf_term *term, struct arena *arena);

#endif
