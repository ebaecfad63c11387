/*
 * One blocklist as the catalogue describes it, and the meaning of its answers.
 *
 * Pure. Everything lives in the arena of the catalogue that the list was read by; see
 * dnsbl_catalogue.h for the file, whose keys have the names of these members.
 *
 * The order in which an answer is read (the classifier's order, too):
 *  1. dnsbl_list_error: the list's own error answers. After them come the ones that hold for every
 * list and are therefore not in any catalogue: 127.255.255.0/24 says that the list refuses to
 * answer (.250 key disabled, .251 key rejected or in use by another account, .252 misspelt zone,
 * .254 public resolver or one without a name, .255 too many queries).
 *  2. dnsbl_list_meaning: codes, then bits, then "listed" when the list documents no codes at all;
 * what is left is an unknown code.
 */
#ifndef PLUGINS_DNSBL_LIST_H
#define PLUGINS_DNSBL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dnsbl_pattern.h"
#include "dnsbl_word.h"
#include "mail/endpoint.h"
#include "mail/ip.h"

/* `class`: what being on the list means. */
enum dnsbl_class {
    DNSBL_BLOCKLIST, /* bad */
    DNSBL_POLICY,    /* a property that some receivers mind: end-user range, young domain, TOR */
    DNSBL_ALLOWLIST, /* good: an answer is never a listing */
    DNSBL_DATA,      /* a look-up service: an answer is never a listing */
};

/* `targets`: what can be asked for, as bits. Email, URL and file are asked by their hash only. */
enum dnsbl_target {
    DNSBL_IP4 = 1 << 0,
    DNSBL_IP6 = 1 << 1,
    DNSBL_DOMAIN = 1 << 2,
    DNSBL_NAME_SERVER = 1 << 3, /* the name of a domain's name server */
    DNSBL_EMAIL = 1 << 4,
    DNSBL_URL = 1 << 5,
    DNSBL_FILE = 1 << 6,
    DNSBL_ASN = 1 << 7,
};

/* `hash`: every target is asked by its hash. With DNSBL_PLAIN an email, URL or file cannot be asked
 * for. */
enum dnsbl_hash {
    DNSBL_PLAIN,
    DNSBL_SHA1, /* 40 hexadecimal digits of the lower-cased text */
    DNSBL_SHA256_BASE32,
    DNSBL_BLAKE2B_BASE32, /* its first 32 characters */
    DNSBL_MD5,
};

/* `profile`, as bits; none: asked only when named. */
enum dnsbl_profile {
    DNSBL_CORE = 1 << 0,
    DNSBL_FULL = 1 << 1,
    DNSBL_DOMAINS = 1 << 2,
    DNSBL_KEYED = 1 << 3,
};

/* `severity` of a list, a code or a bit, in order. */
enum dnsbl_severity {
    DNSBL_UNSET, /* of a code: that of the list */
    DNSBL_OK,    /* the answer is no listing: good, neutral, or data */
    DNSBL_INFO,
    DNSBL_WARNING,
    DNSBL_CRITICAL,
};

/* `scope`: what an entry covers. */
enum dnsbl_scope {
    DNSBL_SCOPE_UNSET, /* of a code: that of the list */
    DNSBL_SCOPE_IP,
    DNSBL_SCOPE_IP_OR_RANGE, /* the entry doesn't tell which */
    DNSBL_SCOPE_RANGE,       /* a network, whoever is to blame in it */
    DNSBL_SCOPE_ASN,         /* a whole provider */
    DNSBL_SCOPE_COUNTRY,
    DNSBL_SCOPE_DOMAIN,
    DNSBL_SCOPE_NAME_SERVER,
    DNSBL_SCOPE_EMAIL,
    DNSBL_SCOPE_URL,
    DNSBL_SCOPE_FILE,
};

/* Why an answer is no answer. */
enum dnsbl_error_kind {
    DNSBL_ERROR_BLOCKED,    /* the resolver is refused */
    DNSBL_ERROR_OVER_QUOTA, /* too many questions */
    DNSBL_ERROR_KEY_BAD,
    DNSBL_ERROR_WRONG_KIND, /* a domain list asked for an address, or the reverse */
    DNSBL_ERROR_FAILED,     /* the list could not make sense of the question */
};

/* `code`, `bit`, `error` and `error-bit`. */
struct dnsbl_rule {
    struct dnsbl_pattern pattern; /* with is_bit the last octet is a mask of one bit */
    const char *meaning;          /* {1} to {4} stand for an octet of the answer */
    uint8_t severity;             /* enum dnsbl_severity, of a code */
    uint8_t scope;                /* enum dnsbl_scope, of a code */
    uint8_t error;                /* enum dnsbl_error_kind, of an error */
    bool is_bit;
    bool if_wildcard; /* an error only when the unlisted test point gets the same */
    bool is_rcode;    /* an error that is an rcode and not an address */
    uint8_t rcode;    /* RFC 1035 4.1.1 */
};

/* `test-listed`, `test-unlisted`: RFC 5782 5 unless the list is known to have others. Addresses or
 * names; of the listed ones the first is asked, the others have other codes. */
struct dnsbl_tests {
    const char *const *listed;
    size_t listed_count;  /* 0: the list has no entry for tests */
    const char *unlisted; /* NULL: none can be relied on */
};

enum dnsbl_test_kind {
    DNSBL_TEST_IP4,
    DNSBL_TEST_IP6, /* ::ffff:7f00:2 and the like: asked in 32 nibbles, not unmapped to IPv4 */
    DNSBL_TEST_DOMAIN,
    DNSBL_TEST_KINDS,
};

struct dnsbl_list {
    const char *zone;     /* normal form with placeholders, see dnsbl_zone.h */
    const char *operator; /* its name for people, "Spamhaus ZEN"; else the zone */
    enum dnsbl_class class;
    unsigned targets;  /* enum dnsbl_target */
    unsigned profiles; /* enum dnsbl_profile */
    enum dnsbl_hash hash;
    enum dnsbl_severity severity;
    enum dnsbl_scope scope;
    bool is_required; /* no answer from it is a warning */
    bool is_verified; /* `status = live`; false: nobody has seen it answer its tests lately */
    bool is_private;  /* not served in public DNS: never to be asked */
    bool has_weight;  /* a file says the weight */
    long weight;      /* for scores: else 1, and -1 for an allowlist */
    const struct dnsbl_rule *codes; /* codes and bits in the order of the file */
    size_t code_count;
    const struct dnsbl_rule *errors;
    size_t error_count;
    struct dnsbl_tests tests[DNSBL_TEST_KINDS];
    unsigned rate;         /* questions per second that the operator allows; 0: not known */
    unsigned long per_day; /* the same per day */
    unsigned ip6_prefix;   /* an IPv6 entry covers a network of this size; 0: not known */
    /* What follows may be NULL. */
    const char *url;          /* where to ask about a listing; may hold {target} */
    const char *limit;        /* the operator's terms in words */
    const char *key_name;     /* line of the key file without which the list isn't asked */
    const char *needs;        /* what a user must have */
    const char *replaces;     /* zone that needn't be asked when this one is */
    const char *part_of;      /* zone whose answers hold those of this list */
    struct endpoint resolver; /* asked for this list alone; family IP_NONE: the run's are */
    const char *note;
    /* Where it was described last. */
    const char *file;
    size_t line;
};

/* What one A record says. `text` has all meanings with "; " between; "listed" when the list
 * documents no codes, "code not in the catalogue" when it does and this isn't one of them. */
struct dnsbl_meaning {
    bool is_known;                /* the code is in the list's table, or the list has none */
    enum dnsbl_severity severity; /* the worst of all that match; of the list for an unknown code */
    enum dnsbl_scope scope;
    const char *text;
};

/* The error rule that an A record meets, or NULL. Rules with if_wildcard count only `on_wildcard`:
 * when the unlisted test point was answered, too. */
const struct dnsbl_rule *dnsbl_list_error(const struct dnsbl_list *list,
                                          const struct ip_address *address, bool on_wildcard);
/* The same for a response code such as REFUSED (5). */
const struct dnsbl_rule *dnsbl_list_rcode_error(const struct dnsbl_list *list, unsigned rcode);

/* Reads one A record that is no error. Codes are tried in order and the first that matches is
 * taken; when none does, all bits that are set are joined. Memory for joined and filled-in text
 * comes from `arena`. */
void dnsbl_list_meaning(const struct dnsbl_list *list, const struct ip_address *address,
                        struct arena *arena, struct dnsbl_meaning *meaning);

/* An answer of the list is a listing: not an allowlist's or a data service's. */
bool dnsbl_list_is_negative(const struct dnsbl_list *list);

/* The delisting URL with {target} filled in, percent-encoded (RFC 3986 2.1); NULL when there is
 * none. */
const char *dnsbl_list_url(const struct dnsbl_list *list, const char *target, struct arena *arena);

/* The words of the file. */
const char *dnsbl_class_name(enum dnsbl_class class);
const char *dnsbl_target_name(enum dnsbl_target target);
const char *dnsbl_hash_name(enum dnsbl_hash hash);
const char *dnsbl_profile_name(enum dnsbl_profile profile);
const char *dnsbl_severity_name(enum dnsbl_severity severity);
const char *dnsbl_scope_name(enum dnsbl_scope scope);
const char *dnsbl_error_name(enum dnsbl_error_kind kind);

/* The tables behind them. */
extern const struct dnsbl_word dnsbl_classes[], dnsbl_targets[], dnsbl_hashes[], dnsbl_profiles[],
    dnsbl_severities[], dnsbl_scopes[], dnsbl_errors[];

#endif
