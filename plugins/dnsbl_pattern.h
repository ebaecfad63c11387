/*
 * Patterns of IPv4 answers, in the syntax of Postfix (postconf(5), postscreen_dnsbl_sites).
 *
 * Four octets with dots between; each is a number from 0 to 255, or a set in brackets of numbers
 * and first..last ranges with semicolons between: 127.0.0.[2..11;30]. Brackets around the whole
 * pattern are taken off.
 */
#ifndef PLUGINS_DNSBL_PATTERN_H
#define PLUGINS_DNSBL_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/ip.h"

struct dnsbl_octet_set {
    uint32_t bits[8];
};

/* The zero value matches 0.0.0.0 alone. */
struct dnsbl_pattern {
    uint8_t low[4], high[4];            /* bounds of each octet */
    const struct dnsbl_octet_set *sets; /* four of them, or NULL when each octet is one range */
    struct slice text;                  /* as written; belongs to whoever gave it */
};

struct dnsbl_pattern_error {
    size_t offset; /* into the text: where reading stopped */
    const char *reason;
};

/* The whole text must be the pattern. Memory for sets comes from `arena`; pattern->text points into
 * `text`. */
bool dnsbl_pattern_parse(struct arena *arena, struct slice text, struct dnsbl_pattern *pattern,
                         struct dnsbl_pattern_error *error);

/* False for anything but IPv4. */
bool dnsbl_pattern_matches(const struct dnsbl_pattern *pattern, const struct ip_address *address);

/* For a pattern whose last octet is a mask: the first three octets match and the last one has the
 * bit. */
bool dnsbl_pattern_matches_bit(const struct dnsbl_pattern *pattern,
                               const struct ip_address *address);

#endif
