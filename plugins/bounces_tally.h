/*
 * The tally: what happened in the window, in buckets of time, by provider and by cause.
 *
 * The window is cut into BOUNCES_BUCKETS buckets, each of which counts on its own, so the figures
 * are those of the last hour (or day) whatever the interval of the check. Without a window one
 * bucket counts everything. What is older than the window, and names that no bucket counts any
 * more, are forgotten when the state file is read.
 *
 * A cause is a class of refusal, the blocklist that was named and the provider that refused:
 * classes, groups and blocklists are sums over causes. All is bounded: beyond
 * BOUNCES_PROVIDERS_MAX names and BOUNCES_CAUSES_MAX causes mail is counted under provider 0,
 * "other", and no blocklist.
 */
#ifndef PLUGINS_BOUNCES_TALLY_H
#define PLUGINS_BOUNCES_TALLY_H

#include "base/arena.h"
#include "mail/bounce_class.h"

enum bounces_kind {
    BOUNCES_DELIVERED,
    BOUNCES_BOUNCED,  /* failed for good */
    BOUNCES_EXPIRED,  /* returned after its time; Postfix's log names no recipient */
    BOUNCES_DEFERRED, /* will be tried again: first deferral in a log, "delayed" in a message */
    BOUNCES_COMPLAINT,
    BOUNCES_AUTO_REPLY,
    BOUNCES_CHALLENGE,
    BOUNCES_BOGUS,
    BOUNCES_NOT_BOUNCE,
};
#define BOUNCES_KINDS (BOUNCES_NOT_BOUNCE + 1)

#define BOUNCES_BUCKETS 60
#define BOUNCES_PROVIDERS_MAX 2048
#define BOUNCES_CAUSES_MAX 4096
#define BOUNCES_REPLY_MAX 400 /* octets of the reply that is kept of a cause */

struct bounces_cause {
    enum bounce_class class;
    size_t provider;
    const char *blocklist; /* "": none is named */
    const char *rule;      /* id of the rule that fired first; "": none */
    const char *reply;     /* the words of the first one, cut; tabs and line ends are blanks */
};

struct bounces_refusals {
    uint32_t bounced, deferred;
};

struct bounces_bucket {
    int64_t start; /* seconds since 1970 UTC */
    uint64_t kinds[BOUNCES_KINDS];
    uint32_t *delivered; /* by provider */
    size_t delivered_capacity;
    struct bounces_refusals *refused; /* by cause */
    size_t refused_capacity;
};

struct bounces_tally {
    struct arena *arena;
    int64_t window; /* seconds; 0: everything */
    int64_t now;
    int64_t since;   /* counting began then, or later lines told so; 0: not known */
    uint64_t future; /* events that lie ahead of the clock by more than a few minutes */
    uint64_t old;    /* events that were older than the window */
    const char **providers;
    uint64_t *provider_keys;
    size_t provider_count, provider_capacity, provider_key_capacity;
    uint32_t *provider_table; /* open addressing: index + 1 */
    struct bounces_cause *causes;
    uint64_t *cause_keys;
    size_t cause_count, cause_capacity, cause_key_capacity;
    uint32_t *cause_table;
    struct bounces_bucket buckets[BOUNCES_BUCKETS + 2];
    size_t bucket_count;
    size_t last; /* the bucket that was counted in last */
};

/* The window may be 0. `now` is the wall clock. */
void bounces_tally_init(struct bounces_tally *tally, struct arena *arena, int64_t window,
                        int64_t now);
void bounces_tally_release(struct bounces_tally *tally);

/* The bucket of a moment; what lies in the future counts as now. NULL: it is older than the window.
 */
struct bounces_bucket *bounces_tally_bucket(struct bounces_tally *tally, int64_t when);

/* The number of a provider: a new one, or 0 when there is no room. The empty name is 0, too. */
size_t bounces_tally_provider(struct bounces_tally *tally, struct slice name);
/* The number of a cause; blocklist, rule and reply are copied when it is new. */
size_t bounces_tally_cause(struct bounces_tally *tally, const struct bounces_cause *cause);

void bounces_tally_delivered(struct bounces_bucket *bucket, size_t provider, uint32_t count);
void bounces_tally_refused(struct bounces_bucket *bucket, size_t cause, uint32_t bounced,
                           uint32_t deferred);

/* ---- sums over the window */

struct bounces_sum {
    const char *name;
    uint64_t delivered, bounced, deferred;
};

struct bounces_totals {
    uint64_t kinds[BOUNCES_KINDS];
    struct bounces_sum classes[BOUNCE_CLASSES];
    struct bounces_sum groups[BOUNCE_GROUPS];
    struct bounces_sum *providers; /* by number; all below in the arena */
    struct bounces_sum *causes;    /* by number; the name is the blocklist */
    struct bounces_sum *blocklists;
    size_t provider_count, cause_count, blocklist_count;
};

void bounces_tally_sum(const struct bounces_tally *tally, struct arena *arena,
                       struct bounces_totals *totals);

#endif
