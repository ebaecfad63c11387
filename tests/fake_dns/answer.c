#include "answer.h"

#include <string.h>

#include "answer_build.h"

/* A chain of CNAMEs that is longer is a loop. */
#define CHAIN_MAX 16

/* A pointer has 14 bits; the labels of the name lie behind its start. */
#define NAME_PLACE_MAX (0x3FFF - NAME_OCTETS_MAX)

/* One query on its way through the script. */
struct look_up {
    struct script *script;
    const struct query *query;
    size_t listener;
    bool tcp;
};

static uint64_t question_key(const struct query *query, size_t salt)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ salt << 16 ^ query->type;

    for (size_t i = 0; i < query->name.length; i++)
        hash = (hash ^ query->name.octets[i]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

static uint32_t count_rule(const struct look_up *look_up, struct zone_rule *rule)
{
    if (rule->condition.each)
        return counter_next(&look_up->script->counter, question_key(look_up->query, rule->number));
    if (rule->asked < UINT32_MAX)
        rule->asked++;
    return rule->asked;
}

static bool rule_applies(const struct look_up *look_up, struct zone_rule *rule)
{
    const struct query *query = look_up->query;

    if ((rule->listeners >> look_up->listener & 1) == 0)
        return false;
    if (rule->type != query->type && rule->type != DNS_TYPE_ANY && rule->type != DNS_TYPE_CNAME &&
        query->type != DNS_TYPE_ANY)
        return false;
    if (!condition_is_set(&rule->condition))
        return true;
    if (rule->last_query != look_up->script->query_count) {
        rule->last_query = look_up->script->query_count;
        rule->applies = condition_fits(&rule->condition, query, look_up->tcp) &&
                        condition_counts(&rule->condition, count_rule(look_up, rule));
    }
    return rule->applies;
}

/* The first rule with an answer. All are compared, because all count. */
static const struct zone_rule *choose(const struct look_up *look_up, struct zone_rule *rules)
{
    const struct zone_rule *chosen = NULL;

    for (struct zone_rule *rule = rules; rule != NULL; rule = rule->next) {
        if (!rule_applies(look_up, rule))
            continue;
        if (chosen == NULL && !rule->also && rule->content != ZONE_NOTHING)
            chosen = rule;
    }
    return chosen;
}

static bool is_set_for(uint64_t listeners, const struct look_up *look_up)
{
    return (listeners >> look_up->listener & 1) != 0;
}

/* What the script says of a name. */
struct found {
    const struct zone_rule *rule; /* NULL: the name is unknown, or has other types only */
    struct zone_node *deepest;
    bool exists;
};

static struct found find_answer(const struct look_up *look_up, const struct name *name)
{
    bool whole;
    struct found place = {0};
    struct zone_node *node = zone_find(&look_up->script->zone, name, &whole);

    place.deepest = node;
    if (whole) {
        place.rule = choose(look_up, node->rules);
        place.exists = is_set_for(node->owns, look_up);
        node = node->parent;
    }
    for (; place.rule == NULL && !place.exists && node != NULL; node = node->parent) {
        place.rule = choose(look_up, node->wildcards);
        place.exists = is_set_for(node->wildcard_owns, look_up);
    }
    if (whole && is_set_for(place.deepest->exists, look_up))
        place.exists = true;
    return place;
}

static bool holds_for(const struct zone_rule *rules, const struct look_up *look_up)
{
    for (; rules != NULL; rules = rules->next) {
        if (is_set_for(rules->listeners, look_up))
            return true;
    }
    return false;
}

/* The rules of the nearest name that has any: itself, or the longest wildcard above. */
static struct zone_rule *nearest_rules(const struct look_up *look_up)
{
    bool whole;
    struct zone_node *node = zone_find(&look_up->script->zone, &look_up->query->name, &whole);

    if (whole) {
        if (holds_for(node->rules, look_up))
            return node->rules;
        node = node->parent;
    }
    while (node != NULL && !holds_for(node->wildcards, look_up))
        node = node->parent;
    return node == NULL ? NULL : node->wildcards;
}

/* The zone above the name that the script knows, for the authority section. RFC 2308 3 */
static void add_authority(const struct look_up *look_up, const struct name *name, size_t name_place,
                          struct zone_node *node, struct build *build)
{
    for (; node != NULL; node = node->parent) {
        for (struct zone_rule *rule = node->rules; rule != NULL; rule = rule->next) {
            if (rule->type != DNS_TYPE_SOA || rule->content != ZONE_RECORDS || rule->also ||
                !is_set_for(rule->listeners, look_up))
                continue;
            size_t place = 0;

            if (node->depth > 0)
                place = name_place + name->labels[name->label_count - node->depth];
            build_soa(build, rule, place);
            return;
        }
    }
    build_root_soa(build);
}

static void answer_with_rcode(struct build *build, uint16_t rcode)
{
    if (rcode != DNS_RCODE_NXDOMAIN)
        build_clear(build);
    build->rcode = rcode;
}

/* Follows the script's own CNAMEs as a resolver does. */
static void build_answer(const struct look_up *look_up, bool with_soa, struct build *build)
{
    const struct query *query = look_up->query;
    const struct name *name = &query->name;
    struct name target;
    size_t place = DNS_HEADER_SIZE;

    for (int step = 0; step < CHAIN_MAX; step++) {
        struct found found = find_answer(look_up, name);
        const struct zone_rule *rule = found.rule;

        if (rule != NULL && rule->content == ZONE_RECORDS) {
            size_t rdata = build_records(build, rule, place);

            if (rule->type != DNS_TYPE_CNAME || query->type == DNS_TYPE_CNAME ||
                query->type == DNS_TYPE_ANY || rdata == 0 || rdata > NAME_PLACE_MAX ||
                name_read(&target, build->octets + rdata, build->length - rdata) == 0)
                return;
            name = &target;
            place = rdata;
            continue;
        }
        if (rule != NULL && rule->content == ZONE_RCODE)
            answer_with_rcode(build, rule->rcode);
        else if (rule != NULL && rule->content == ZONE_MESSAGE)
            answer_with_rcode(build, DNS_RCODE_SERVFAIL);
        else if (rule == NULL && !found.exists)
            build->rcode = DNS_RCODE_NXDOMAIN;
        if (with_soa &&
            (build->rcode == DNS_RCODE_NXDOMAIN ||
             (build->rcode == DNS_RCODE_NOERROR && (rule == NULL || rule->content == ZONE_NODATA))))
            add_authority(look_up, name, place, found.deepest, build);
        return;
    }
    answer_with_rcode(build, DNS_RCODE_SERVFAIL);
}

/* One message: what `rule` says where it is given, else what the script says. */
static void make(const struct look_up *look_up, const struct zone_rule *rule,
                 const struct behaviour *behaviour, struct answer *answer)
{
    const struct query *query = look_up->query;
    struct build build;

    answer->delay = behaviour->delay;
    answer->wrong_source = behaviour_has(behaviour, BEHAVIOUR_WRONG_SOURCE);
    answer->duplicate = behaviour_has(behaviour, BEHAVIOUR_DUPLICATE);
    answer->tcp = behaviour->tcp;
    build_open(&build, query, answer->octets);
    if (rule != NULL && rule->content == ZONE_MESSAGE)
        build_message(&build, rule);
    else if (query->class_code != DNS_CLASS_IN)
        build.rcode = DNS_RCODE_REFUSED;
    else if (query->edns_version > 0)
        build.rcode = DNS_RCODE_BADVERS;
    else if (rule != NULL && rule->content == ZONE_RCODE)
        build.rcode = rule->rcode;
    else if (rule != NULL && rule->content == ZONE_RECORDS)
        build_records(&build, rule, DNS_HEADER_SIZE);
    else if (rule == NULL)
        build_answer(look_up, !behaviour_has(behaviour, BEHAVIOUR_NO_SOA), &build);
    answer->length = build_close(&build, behaviour, look_up->tcp, look_up->script->query_count);
}

/* Options of rules without an answer of their own, and of the one that answers. */
static struct behaviour behaviour_of(const struct look_up *look_up, struct zone_rule *rules,
                                     const struct zone_rule *chosen)
{
    struct behaviour behaviour = {0};

    for (struct zone_rule *rule = rules; rule != NULL; rule = rule->next) {
        if ((rule == chosen || rule->content == ZONE_NOTHING) && rule_applies(look_up, rule))
            behaviour_complete(&behaviour, &rule->behaviour);
    }
    if (chosen != NULL)
        behaviour_complete(&behaviour, &chosen->behaviour);
    behaviour_complete(&behaviour, &look_up->script->defaults[look_up->listener]);
    return behaviour;
}

static void make_also(const struct look_up *look_up, struct zone_rule *rules,
                      struct answer_list *list)
{
    for (struct zone_rule *rule = rules; rule != NULL; rule = rule->next) {
        if (!rule->also || list->count + 1 >= ANSWERS_MAX || !rule_applies(look_up, rule))
            continue;
        struct behaviour behaviour = rule->behaviour;

        behaviour_complete(&behaviour, &look_up->script->defaults[look_up->listener]);
        make(look_up, rule, &behaviour, &list->answers[list->count++]);
    }
}

static void make_error(const struct look_up *look_up, uint16_t rcode, struct answer_list *list)
{
    const struct behaviour *behaviour = &look_up->script->defaults[look_up->listener];
    struct answer *answer = &list->answers[list->count++];

    answer->delay = behaviour->delay;
    answer->wrong_source = false;
    answer->duplicate = false;
    answer->tcp = BEHAVIOUR_TCP_ANSWER;
    answer->length = build_error(look_up->query, rcode, answer->octets);
}

static void answer_question(const struct look_up *look_up, struct answer_list *list)
{
    struct zone_rule *rules = nearest_rules(look_up);
    const struct zone_rule *chosen = find_answer(look_up, &look_up->query->name).rule;
    struct behaviour behaviour = behaviour_of(look_up, rules, chosen);

    if (!look_up->tcp && behaviour_has(&behaviour, BEHAVIOUR_LOSE) &&
        counter_next(&look_up->script->counter, question_key(look_up->query, 0)) <= behaviour.lose)
        return;
    make_also(look_up, rules, list);
    if (behaviour_has(&behaviour, BEHAVIOUR_SILENT))
        return;

    bool is_message = chosen != NULL && chosen->content == ZONE_MESSAGE;

    make(look_up, is_message ? chosen : NULL, &behaviour, &list->answers[list->count++]);
}

void answer_query(struct script *script, const struct query *query, size_t listener, bool tcp,
                  struct answer_list *list)
{
    const struct look_up look_up = {script, query, listener, tcp};

    list->count = 0;
    script->query_count++;
    switch (query->kind) {
    case QUERY_IGNORED:
        break;
    case QUERY_MALFORMED:
        make_error(&look_up, DNS_RCODE_FORMERR, list);
        break;
    case QUERY_UNSUPPORTED:
        make_error(&look_up, DNS_RCODE_NOTIMP, list);
        break;
    case QUERY_GOOD:
        answer_question(&look_up, list);
        break;
    }
}
