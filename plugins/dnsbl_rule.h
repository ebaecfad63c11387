/*
 * One `code`, `bit`, `error` or `error-bit` of the catalogue as text; the form is in
 * dnsbl_catalogue.h.
 */
#ifndef PLUGINS_DNSBL_RULE_H
#define PLUGINS_DNSBL_RULE_H

#include "dnsbl_list.h"

enum dnsbl_rule_kind {
    DNSBL_RULE_CODE,
    DNSBL_RULE_BIT,
    DNSBL_RULE_ERROR,
    DNSBL_RULE_ERROR_BIT,
};

/* Reads all of the rule but its meaning, which is left as a slice in *meaning. rule->pattern.text
 * points into `text`. */
bool dnsbl_rule_parse(struct arena *arena, struct slice text, enum dnsbl_rule_kind kind,
                      struct dnsbl_rule *rule, struct slice *meaning,
                      char reason[static DNSBL_REASON_SIZE]);

#endif
