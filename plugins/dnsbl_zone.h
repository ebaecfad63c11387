/*
 * Zones of blocklists: their names, and the name that is asked for a target.
 * RFC 5782 2.1, 2.2, 2.4.
 *
 * The name of a zone may hold two placeholders, each a label of its own:
 *
 *     <KEY>     where a user's key goes: "<KEY>.zen.dq.spamhaus.net"
 *     <TARGET>  where the reversed address, the domain or the hash goes when that isn't the front:
 *               "<KEY>.<TARGET>.dnsbl.httpbl.org"
 *
 * A key stands nowhere but in the name that is put on the wire: everything printed keeps "<KEY>".
 */
#ifndef PLUGINS_DNSBL_ZONE_H
#define PLUGINS_DNSBL_ZONE_H

#include <stdbool.h>

#include "base/slice.h"
#include "mail/domain.h"

#define DNSBL_ZONE_KEY "<KEY>"
#define DNSBL_ZONE_TARGET "<TARGET>"

/* Writes the normal form: lower case, no final dot, placeholders in capitals. Labels hold letters,
 * digits, hyphens and underscores, at most 63 octets. NULL when it is a zone, else what is wrong
 * with it, in words that do not repeat it (it may hold a key). */
const char *dnsbl_zone_normalize(struct slice text, char zone[static DOMAIN_TEXT_SIZE]);

bool dnsbl_zone_has_key(const char *zone);

/* The name to ask: `target` is a reversed address (ip_reverse), a domain or a hash; `key` may be
 * NULL when the zone has no place for one. False when the key is missing or the name cannot be put
 * on the wire. */
bool dnsbl_zone_question(const char *zone, const char *key, const char *target,
                         char name[static DOMAIN_TEXT_SIZE]);

/* For a zone that was written with the key in it: takes label `index` (0 is the first) of `zone`
 * for a key and writes the zone with "<KEY>" in its place. False when there is no such label, or
 * nothing behind it. */
bool dnsbl_zone_hide_key(const char *zone, unsigned index, char hidden[static DOMAIN_TEXT_SIZE],
                         struct slice *key);

/* Letters, digits, hyphens and underscores, DNSBL_KEY_MIN to 63 of them: good as one label of a
 * name. */
#define DNSBL_KEY_MIN 4
bool dnsbl_zone_is_key(struct slice text);

#endif
