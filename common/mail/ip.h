/*
 * IP addresses and networks of both families: reading, printing, membership, reverse names.
 *
 * RFC 4291 2.2 and RFC 5952 (text of IPv6), RFC 4632 (CIDR), RFC 3596 2.5 (ip6.arpa), RFC 5782 2
 * (nibbles in blocklists), RFC 6890 (special-purpose blocks). Pure: no look-ups.
 */
#ifndef COMMON_MAIL_IP_H
#define COMMON_MAIL_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum ip_family {
    IP_NONE = 0, /* the zero value is no address */
    IP_V4 = 4,
    IP_V6 = 6,
};

struct ip_address {
    enum ip_family family;
    uint8_t bytes[16]; /* network order; the first 4 for IPv4, the rest zero */
};

struct ip_network {
    struct ip_address address; /* as written: host bits may be set, see ip_network_has_host_bits */
    unsigned prefix;           /* 0 to 32 or 0 to 128 */
};

#define IP_TEXT_SIZE 46         /* longest printed address and NUL */
#define IP_NETWORK_TEXT_SIZE 50 /* and "/128" */
#define IP_REVERSE_SIZE 64      /* longest reversed labels (63 characters for IPv6) and NUL */

/* Dotted quad of four decimal numbers without leading zeros, or RFC 4291 2.2 text without zone or
 * brackets. The whole slice must be the address. */
bool ip_parse(struct slice text, struct ip_address *address);

/* RFC 5952 form. Returns `buffer`. */
const char *ip_print(const struct ip_address *address, char buffer[static IP_TEXT_SIZE]);

/* "ADDR/PREFIX" or "ADDR" (prefix 32 or 128). A prefix with leading zero, sign or past the width is
 * refused. */
bool ip_network_parse(struct slice text, struct ip_network *network);
const char *ip_network_print(const struct ip_network *network,
                             char buffer[static IP_NETWORK_TEXT_SIZE]);

bool ip_equal(const struct ip_address *a, const struct ip_address *b);
/* Total order: IPv4 before IPv6, then by octets. For sorting. */
int ip_compare(const struct ip_address *a, const struct ip_address *b);

/* Family and prefix bits agree. */
bool ip_network_contains(const struct ip_network *network, const struct ip_address *address);
bool ip_network_has_host_bits(const struct ip_network *network);
/* Number of addresses, UINT64_MAX when it is larger than that. */
uint64_t ip_network_size(const struct ip_network *network);
/* The `index`-th address of the network, counted from its first. */
struct ip_address ip_network_at(const struct ip_network *network, uint64_t index);

/* ::ffff:a.b.c.d becomes the IPv4 address (RFC 4291 2.5.5.2); anything else is returned as it is.
 */
struct ip_address ip_unmap(struct ip_address address);

/* The labels in reverse without a suffix: "1.2.0.192" or 32 nibbles "8.b.d....2". Returns `buffer`.
 */
const char *ip_reverse(const struct ip_address *address, char buffer[static IP_REVERSE_SIZE]);
/* The name of the PTR record: ip_reverse and "in-addr.arpa" or "ip6.arpa". At least 80 octets. */
const char *ip_ptr_name(const struct ip_address *address, char buffer[static 80]);

/* What an address is good for, RFC 6890 and its registries. */
enum ip_scope {
    IP_PUBLIC,
    IP_UNSPECIFIED,   /* 0.0.0.0/8, :: */
    IP_LOOPBACK,      /* 127/8, ::1 */
    IP_PRIVATE,       /* RFC 1918, fc00::/7 */
    IP_SHARED,        /* 100.64/10 (RFC 6598) */
    IP_LINK_LOCAL,    /* 169.254/16, fe80::/10 */
    IP_DOCUMENTATION, /* RFC 5737, 2001:db8::/32, 3fff::/20 */
    IP_MULTICAST,     /* 224/4, ff00::/8 */
    IP_RESERVED,      /* 240/4 and broadcast, 192.0.0.0/24, 198.18/15, 100::/64, ... */
};
/* A mapped IPv4 address has the scope of the IPv4 address. */
enum ip_scope ip_scope(const struct ip_address *address);
/* "private", "loopback", ... */
const char *ip_scope_name(enum ip_scope scope);

#endif
