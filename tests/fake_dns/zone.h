/*
 * The names of a script and their rules: a tree of labels, each found by hash, so that a look-up
 * costs one step a label however many names there are.
 *
 * Every listening address has one bit in a mask; a rule, and the existence of a name, hold for the
 * addresses in their masks.
 */
#ifndef TESTS_FAKE_DNS_ZONE_H
#define TESTS_FAKE_DNS_ZONE_H

#include "base/arena.h"
#include "behaviour.h"
#include "name.h"

enum zone_content {
    ZONE_NOTHING, /* only options */
    ZONE_RECORDS,
    ZONE_NODATA,
    ZONE_RCODE,
    ZONE_MESSAGE, /* octets that follow the id */
};

/* One question, or with type ANY all questions, for one name. */
struct zone_rule {
    struct zone_rule
        *next; /* the weightier before the lighter, equals in the order of the script */
    uint64_t listeners;
    bool has_address; /* "@..." was written */
    bool also;
    uint16_t type;
    struct condition condition;
    struct behaviour behaviour;
    enum zone_content content;
    uint16_t rcode;
    /* ZONE_RECORDS: each an owner as a pointer to the question, type, class, TTL, RDLENGTH, RDATA;
     * ZONE_MESSAGE: the octets. */
    uint8_t *octets;
    size_t length, capacity;
    size_t record_count;
    size_t number; /* from 1, in the order of the script */
    /* The query that was last compared with the condition, so that it counts once. */
    uint64_t last_query;
    bool applies;
    uint32_t asked;
};

struct zone_node {
    struct zone_node *parent;
    struct zone_node *next; /* of the same hash */
    struct zone_rule *rules;
    struct zone_rule *wildcards; /* for the names below */
    uint64_t exists;             /* this name or one below has data */
    uint64_t owns;               /* this name itself has */
    uint64_t wildcard_owns;
    uint64_t hash;
    size_t depth;          /* labels above */
    uint8_t label[1 + 63]; /* length and octets, lower case */
};

struct zone {
    struct arena *arena;
    struct zone_node root;
    struct zone_node **buckets;
    size_t bucket_count; /* a power of two */
    size_t node_count;
    size_t rule_count;
};

void zone_init(struct zone *zone, struct arena *arena);
void zone_release(struct zone *zone);

/* The rule that is equal in name, type, addresses, condition and `also`, or a new one. A name whose
 * first label is "*" is a wildcard. The members of `like` that say so are read, nothing else. */
struct zone_rule *zone_rule_at(struct zone *zone, const struct name *name,
                               const struct zone_rule *like);

/* The name has data for the listeners: it and all names above exist. */
void zone_mark_existing(struct zone *zone, const struct name *name, uint64_t listeners);

/* Appends to the octets of a rule. False when they would not fit a message. */
bool zone_rule_append(struct zone_rule *rule, const void *octets, size_t length);

/* The deepest node on the way to the name; *whole is set when it is the name itself. Never NULL. */
struct zone_node *zone_find(struct zone *zone, const struct name *name, bool *whole);

#endif
