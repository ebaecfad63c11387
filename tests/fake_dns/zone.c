#include "zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FIRST_BUCKETS 256

/* Leaves room in a message for the question, the longest chain of CNAMEs and an SOA. */
#define OCTETS_MAX 60000

void zone_init(struct zone *zone, struct arena *arena)
{
    memset(zone, 0, sizeof(*zone));
    zone->arena = arena;
    zone->root.exists = UINT64_MAX;
    zone->bucket_count = FIRST_BUCKETS;
    zone->buckets = memory_new(zone->bucket_count, sizeof(struct zone_node *));
}

static void release_rules(struct zone_rule *rule)
{
    for (; rule != NULL; rule = rule->next)
        free(rule->octets);
}

void zone_release(struct zone *zone)
{
    release_rules(zone->root.rules);
    release_rules(zone->root.wildcards);
    for (size_t i = 0; i < zone->bucket_count; i++) {
        for (struct zone_node *node = zone->buckets[i]; node != NULL; node = node->next) {
            release_rules(node->rules);
            release_rules(node->wildcards);
        }
    }
    free(zone->buckets);
    zone->buckets = NULL;
    zone->bucket_count = 0;
}

/* FNV-1a, begun with the parent's. */
static uint64_t hash_label(uint64_t hash, const uint8_t *label)
{
    hash ^= UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i <= label[0]; i++)
        hash = (hash ^ label[i]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

static struct zone_node *find_child(const struct zone *zone, const struct zone_node *parent,
                                    const uint8_t *label)
{
    uint64_t hash = hash_label(parent->hash, label);
    struct zone_node *node = zone->buckets[hash & (zone->bucket_count - 1)];

    while (node != NULL && (node->hash != hash || node->parent != parent ||
                            memcmp(node->label, label, label[0] + 1U) != 0))
        node = node->next;
    return node;
}

static void grow(struct zone *zone)
{
    size_t count = zone->bucket_count * 2;
    struct zone_node **buckets = memory_new(count, sizeof(struct zone_node *));

    for (size_t i = 0; i < zone->bucket_count; i++) {
        for (struct zone_node *node = zone->buckets[i], *next; node != NULL; node = next) {
            next = node->next;
            node->next = buckets[node->hash & (count - 1)];
            buckets[node->hash & (count - 1)] = node;
        }
    }
    free(zone->buckets);
    zone->buckets = buckets;
    zone->bucket_count = count;
}

static struct zone_node *add_child(struct zone *zone, struct zone_node *parent,
                                   const uint8_t *label)
{
    if (zone->node_count >= zone->bucket_count)
        grow(zone);

    struct zone_node *node = arena_alloc(zone->arena, sizeof(*node));
    struct zone_node **bucket;

    node->hash = hash_label(parent->hash, label);
    node->parent = parent;
    node->depth = parent->depth + 1;
    memcpy(node->label, label, label[0] + 1U);
    bucket = &zone->buckets[node->hash & (zone->bucket_count - 1)];
    node->next = *bucket;
    *bucket = node;
    zone->node_count++;
    return node;
}

static bool is_wildcard(const struct name *name)
{
    return name->label_count > 0 && name->octets[0] == 1 && name->octets[1] == '*';
}

/* The node that holds the rules of the name: for a wildcard the one above. */
static struct zone_node *node_at(struct zone *zone, const struct name *name)
{
    struct zone_node *node = &zone->root;

    for (size_t i = name->label_count; i > (is_wildcard(name) ? 1U : 0U); i--) {
        const uint8_t *label = name->octets + name->labels[i - 1];
        struct zone_node *child = find_child(zone, node, label);

        node = child != NULL ? child : add_child(zone, node, label);
    }
    return node;
}

/* Which of two rules that both fit is asked first: an address before none, a condition before none,
 * the type before CNAME before ANY. */
static int weight(const struct zone_rule *rule)
{
    int type = 2;

    if (rule->type == DNS_TYPE_ANY)
        type = 0;
    else if (rule->type == DNS_TYPE_CNAME)
        type = 1;
    return (rule->has_address ? 8 : 0) + (condition_is_set(&rule->condition) ? 4 : 0) + type;
}

static bool is_like(const struct zone_rule *a, const struct zone_rule *b)
{
    return a->type == b->type && a->listeners == b->listeners && a->has_address == b->has_address &&
           a->also == b->also && condition_equals(&a->condition, &b->condition);
}

struct zone_rule *zone_rule_at(struct zone *zone, const struct name *name,
                               const struct zone_rule *like)
{
    struct zone_node *node = node_at(zone, name);
    struct zone_rule **place = is_wildcard(name) ? &node->wildcards : &node->rules;

    for (; *place != NULL && weight(*place) >= weight(like); place = &(*place)->next) {
        if (is_like(*place, like))
            return *place;
    }

    struct zone_rule *rule = arena_alloc(zone->arena, sizeof(*rule));

    rule->listeners = like->listeners;
    rule->has_address = like->has_address;
    rule->also = like->also;
    rule->type = like->type;
    rule->condition = like->condition;
    rule->number = ++zone->rule_count;
    rule->next = *place;
    *place = rule;
    return rule;
}

void zone_mark_existing(struct zone *zone, const struct name *name, uint64_t listeners)
{
    struct zone_node *node = node_at(zone, name);

    if (is_wildcard(name))
        node->wildcard_owns |= listeners;
    else
        node->owns |= listeners;
    for (; node != NULL; node = node->parent)
        node->exists |= listeners;
}

bool zone_rule_append(struct zone_rule *rule, const void *octets, size_t length)
{
    if (length > OCTETS_MAX - rule->length)
        return false;
    rule->octets = memory_grow(rule->octets, &rule->capacity, rule->length + length, 1);
    if (length > 0)
        memcpy(rule->octets + rule->length, octets, length);
    rule->length += length;
    return true;
}

struct zone_node *zone_find(struct zone *zone, const struct name *name, bool *whole)
{
    struct zone_node *node = &zone->root;
    size_t left = name->label_count;

    for (; left > 0; left--) {
        struct zone_node *child = find_child(zone, node, name->octets + name->labels[left - 1]);

        if (child == NULL)
            break;
        node = child;
    }
    *whole = left == 0;
    return node;
}
