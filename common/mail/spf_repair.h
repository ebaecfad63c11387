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
    SPF_REPAIR_CLOSE = 1 << 2, /* besides: a record with neither all nor redirect gets an all */
    SPF_REPAIR_END = 1 << 3,   /* besides: that all, or the one it has, is wish->end */
};

struct spf_repair_wish {
    unsigned kinds;
    char end; /* '-' or '~', of the all that is added */
};

/*
 * NULL when nothing changes, or when what comes out is still no valid record or ends in +all.
 * `node` must have exactly one record. A term is only dropped or replaced when all its questions
 * were answered; what denies (-, ~, ?) is never dropped.
 */
const char *spf_repair(const struct spf_node *node, const struct spf_repair_wish *wish,
                       struct arena *arena);

/* The look-up of the term found nothing, and SPF_REPAIR_DROP_VOID drops it. */
bool spf_repair_is_dead(const struct spf_node_term *fact);

/* Where two strings of the TXT record were joined and made one of two terms (RFC 7208 3.3). */
struct spf_seam {
    size_t offset; /* in the record */
    const struct spf_term *term;
};
#define SPF_SEAMS_MAX 100
/* Fills at most SPF_SEAMS_MAX of them. */
size_t spf_repair_seams(const struct spf_node *node, struct arena *arena, struct spf_seam *seams);

/* The same for a text alone, which need not even have a good version section. */
const char *spf_repair_text(struct slice text, struct arena *arena);

/* One term as it was most likely meant; NULL when that cannot be told. */
const char *spf_repair_term(const struct spf_term *term, struct arena *arena);

#endif
