/*
 * The catalogue of blocklists: the file form, reading and merging, and finding a zone.
 *
 * Pure: the caller reads the files. The shipped file is share/dnsbl-catalogue.conf; a user's own
 * file is read after it into the same catalogue and wins. One section describes a zone; `#` begins
 * a comment line; a value ends with its line.
 *
 *     [bl.example.org]
 *     operator = Example list
 *     code = 127.0.0.2 critical: spam source
 *     url = https://www.example.org/lookup?ip={target}
 *
 * Keys (members of struct dnsbl_list in dnsbl_list.h; all may be left out):
 *
 *     operator       text; the zone when left out
 *     class          blocklist (default), policy, allowlist, data
 *     targets        words: ip4 (default) ip6 domain name-server email url file asn
 *     hash           none, sha1, sha256-base32, blake2b-base32, md5: targets are asked by it
 *     profile        words: core full domain keyed; or none. Default core full: who adds a list
 *                    wants it asked
 *     required       yes, no (default): no answer is a warning
 *     severity       critical, warning (default), info, ok (no listing)
 *     scope          ip, ip-or-range, range, asn, country, domain, name-server, email, url, file;
 *                    default by the first of the targets
 *     code           PATTERN [SEVERITY] [SCOPE]: MEANING; repeated. PATTERN as in dnsbl_pattern.h;
 *                    {1} to {4} in the meaning stand for an octet of the answer
 *     bit            the same; the last octet is a mask of one bit: 127.0.0.8
 *     error          PATTERN KIND [if-wildcard]: TEXT; repeated. KIND is blocked, over-quota,
 *                    key-bad, wrong-kind, failed. An rcode (REFUSED, SERVFAIL, FORMERR, NOTIMP) may
 *                    stand for the pattern. if-wildcard: only when the unlisted test point gets
 *                    the same answer
 *     error-bit      the same; the last octet is a mask of one bit
 *     test-listed    ip4, ip6 or domain, then points that must be listed, or none
 *     test-unlisted  ip4, ip6 or domain, then a point that must not be, or none
 *     url            http or https; {target} is filled in
 *     limit, needs, note  text
 *     rate           N/s
 *     per-day        N
 *     resolver       ADDR[:PORT] or [v6]:PORT of the resolver to ask for this list alone
 *     key-name       name in the key file (dnsbl_keys.h); wanted when the zone has <KEY>
 *     replaces       zone that needn't be asked when this one is
 *     part-of        zone whose answers hold this list's
 *     status         live (default), unverified
 *     private        yes, no (default): not in public DNS
 *     ip6-prefix     1 to 128: an IPv6 entry covers such a network
 *     weight         -1000000 to 1000000; default 1, and -1 for an allowlist
 *     remove         yes: forget the zone
 *
 * A section about a zone that an earlier file describes changes what it names and leaves the rest;
 * its codes, bits and errors are looked at before the earlier ones, and `code = none` or
 * `error = none` drops those. A zone described twice in one file is an error, and so is a key that
 * is given twice and isn't marked as repeated.
 *
 * One section has another form, a line a zone, for lists that are gone. Empty columns may be left
 * out:
 *
 *     [retired]
 *     ZONE = SINCE | OPERATOR | WHAT IT ANSWERS NOW | WHAT TO USE INSTEAD
 */
#ifndef PLUGINS_DNSBL_CATALOGUE_H
#define PLUGINS_DNSBL_CATALOGUE_H

#include "dnsbl_list.h"
#include "mail/domain.h"

/* Bounds of one file and of a catalogue. */
#define DNSBL_CATALOGUE_TEXT_MAX (1024 * 1024)
#define DNSBL_CATALOGUE_ZONES_MAX 10000
#define DNSBL_CATALOGUE_RULES_MAX 256 /* codes and bits, or errors, of a list in one file */

/* A list that is gone. NULL: not known. */
struct dnsbl_retired {
    const char *zone;
    const char *operator;
    const char *since;       /* a date, "by" a date, or a span of dates */
    const char *answers;     /* what its zone does now */
    const char *replacement; /* a zone or a few words */
    const char *file;
    size_t line;
};

struct dnsbl_entry;

/* The zero value is an empty catalogue. */
struct dnsbl_catalogue {
    struct dnsbl_list **lists; /* in the order of the files */
    size_t count;
    struct dnsbl_retired **retired;
    size_t retired_count;
    size_t list_capacity, retired_capacity;
    struct dnsbl_entry *entries; /* hash table of zones */
    size_t entry_count, entry_capacity;
    unsigned reads; /* files read so far */
};

struct dnsbl_catalogue_error {
    const char *file;
    size_t line;       /* 0: the whole file */
    char message[512]; /* "file:line: what is wrong", not escaped */
};

/* Reads a file into the catalogue. All memory comes from `arena` and `text` is copied into it.
 * False on the first error; the catalogue is then not fit for use. `file` is kept. */
bool dnsbl_catalogue_read(struct dnsbl_catalogue *catalogue, struct arena *arena, struct slice text,
                          const char *file, struct dnsbl_catalogue_error *error);

/* The list of a zone in normal form (dnsbl_zone_normalize), or NULL. */
const struct dnsbl_list *dnsbl_catalogue_find(const struct dnsbl_catalogue *catalogue,
                                              const char *zone);

/* The same for a zone that may have been written with the key in it ("abc.zen.dq.spamhaus.net"
 * finds
 * "<KEY>.zen.dq.spamhaus.net"): *key is then the key, a part of `zone`; else it is empty. */
const struct dnsbl_list *dnsbl_catalogue_find_keyed(const struct dnsbl_catalogue *catalogue,
                                                    const char *zone, struct slice *key);

/* The retired zone that `zone` is or is below of, or NULL. A zone that is listed as live is not
 * retired, whatever stands above it. */
const struct dnsbl_retired *dnsbl_catalogue_find_retired(const struct dnsbl_catalogue *catalogue,
                                                         const char *zone);

#endif
