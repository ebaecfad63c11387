/*
 * DMARC reporting URIs, the values of rua= and ruf=: lists separated by commas, each `mailto:` with
 * an optional obsolete size. RFC 9989 4.6, 4.8; RFC 7489 6.2; RFC 6068 (mailto). Serves TLS
 * reporting, too (RFC 8460 3).
 */
#ifndef COMMON_MAIL_DMARC_URI_H
#define COMMON_MAIL_DMARC_URI_H

#include "base/arena.h"
#include "mail/domain.h"

/* Most URIs of one list; the rest is counted. */
#define DMARC_URI_MAX 32

enum dmarc_uri_fault {
    DMARC_URI_FINE = 0,
    DMARC_URI_EMPTY,       /* nothing between two commas */
    DMARC_URI_NO_SCHEME,   /* an address without "mailto:" */
    DMARC_URI_SCHEME,      /* a URI, but of a scheme that nobody need support */
    DMARC_URI_ADDRESS,     /* mailto: without a good address; what a raw comma in one leaves over */
    DMARC_URI_EXCLAMATION, /* a raw "!" in the address */
    DMARC_URI_SIZE,        /* "!" and something that is no size: !10mb */
    DMARC_URI_CHARACTER,   /* an octet that a URI cannot hold */
};

struct dmarc_uri {
    struct slice text; /* as published, without white space around it */
    enum dmarc_uri_fault fault;
    bool has_size; /* `!10m`: obsolete, ignored (RFC 9989 4.8) */
    struct slice scheme;
    struct slice address;          /* of mailto: local-part "@" domain, as written */
    char domain[DOMAIN_TEXT_SIZE]; /* of the address or the host of https:, normal form; "" when
                                      there is none */
};

struct dmarc_uris {
    struct dmarc_uri *list;
    size_t count;
    size_t omitted; /* over DMARC_URI_MAX */
};

/* Splits and reads a list. An empty list has one URI with DMARC_URI_EMPTY. Memory from `arena`,
 * views into `text`. `with_https`: https is as good a scheme as mailto (RFC 8460 3). */
void dmarc_uris_parse(struct arena *arena, struct slice text, bool with_https,
                      struct dmarc_uris *uris);

/* It follows RFC 3986: what RFC 9989 4.10.1 wants of at least one. */
bool dmarc_uri_is_valid(const struct dmarc_uri *uri);

/* The URI as it should be: "mailto:" put in, the size and white space gone, a raw "!" as %21. NULL
 * when no good one comes out of that. */
const char *dmarc_uri_repair(struct arena *arena, const struct dmarc_uri *uri, bool with_https);

/* The list as it should be, each URI repaired, and what a raw comma parted put together again; what
 * holds no address is left out. NULL when an address cannot be repaired, when none is left, and
 * when the list was cut. */
const char *dmarc_uris_repair(struct arena *arena, const struct dmarc_uris *uris, bool with_https);

/* The same without those that cannot be repaired, and of a list that was cut what is left of it.
 * NULL when none is good. */
const char *dmarc_uris_repair_good(struct arena *arena, const struct dmarc_uris *uris,
                                   bool with_https);

const char *dmarc_uri_fault_text(enum dmarc_uri_fault fault);

#endif
