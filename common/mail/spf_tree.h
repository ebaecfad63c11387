/*
 * The SPF tree of a domain: its record with all that it includes and redirects to, what each term
 * costs, what it covers, and what could not be had. RFC 7208 4.6.4, 5.2, 6.1.
 *
 * Unlike an evaluation the tree knows no sender: it follows what a receiver follows in the worst
 * case, when no mechanism matches before the last one. Targets that depend on the message (%{i},
 * %{l} ...) are marked and not followed; %{d} and %{o} are the domain's.
 *
 * Pure, against a store of answers: what is missing is noted there, everything at that depth at
 * once. Bounded: SPF_TREE_NODES_MAX records, SPF_TREE_DEPTH_MAX deep, SPF_TREE_LOOKUPS_MAX terms
 * looked up, SPF_GRANTS_MAX networks; past a bound `is_cut` is set and numbers are "at least".
 */
#ifndef COMMON_MAIL_SPF_TREE_H
#define COMMON_MAIL_SPF_TREE_H

#include "base/arena.h"
#include "mail/dns_answer.h"
#include "mail/spf.h"
#include "mail/spf_record.h"

#define SPF_TREE_NODES_MAX 100
#define SPF_TREE_DEPTH_MAX 20
#define SPF_TREE_LOOKUPS_MAX 60
#define SPF_GRANTS_MAX 20000
#define SPF_FAILURES_MAX 100

/* The label of a name below the domain that nobody has: what answers there is a wildcard (RFC
 * 4592). */
#define SPF_WILDCARD_PROBE "spf-wildcard-probe"

enum spf_node_state {
    SPF_NODE_PENDING = 0, /* no answer (yet) */
    SPF_NODE_RECORD,
    SPF_NODE_NONE,       /* no SPF record */
    SPF_NODE_MULTIPLE,   /* several: the first is shown */
    SPF_NODE_ERROR,      /* the question failed */
    SPF_NODE_MESSAGE,    /* the name depends on the message: not followed */
    SPF_NODE_LOOP,       /* a record above it: not followed */
    SPF_NODE_BAD_NAME,   /* no domain name */
    SPF_NODE_UNFOLLOWED, /* past a bound, or offline */
};

struct spf_node;

/* What is known of one term of a record. */
struct spf_node_term {
    const struct spf_term *term;
    bool is_used;          /* false: behind all, redirect beside all */
    bool depends;          /* its target depends on the message */
    const char *target;    /* the name; NULL when it depends or is not valid */
    unsigned lookups;      /* with everything below it */
    unsigned void_lookups; /* the same, void for every client */
    bool is_void4;         /* an IPv4 client's look-up of this term itself is void */
    bool is_void6;
    struct spf_node *child;                /* include, redirect */
    const struct dns_answer *a, *aaaa;     /* a; exists has only `a`; NULL when not asked */
    const struct dns_answer *mx;           /* mx */
    const struct dns_answer *text;         /* exp */
    const struct dns_answer **exchanger_a; /* mx: for the first ten exchangers */
    const struct dns_answer **exchanger_aaaa;
    size_t exchanger_count;
    size_t first_grant, grant_count; /* in the tree's grants, all below included */
};

struct spf_node {
    const char *domain; /* as looked up; for SPF_NODE_MESSAGE the domain-spec as written */
    enum spf_node_state state;
    const struct dns_answer *answer; /* NULL when nothing was asked */
    struct spf_record record;
    struct spf_node_term *terms; /* record.count */
    struct spf_node *parent;     /* NULL for the root */
    size_t parent_term;          /* index of the include or redirect in the parent's record */
    bool is_policy;              /* the root, or reached from it by redirects only */
    bool grants;                 /* a pass here is a pass of the root */
    unsigned depth;
    unsigned lookups;
    unsigned void_lookups;
    size_t first_grant, grant_count;
    uint64_t addresses; /* IPv4 addresses that get a pass here or below, each counted once */
};

/* One network that gets a pass. */
struct spf_grant {
    struct ip_network network;
    const struct spf_node *node;
    const struct spf_term *term;
};

/* A question that failed, and, after SERVFAIL, the same asked with CD set (RFC 4035 3.2.2). */
struct spf_failure {
    const struct dns_answer *answer;
    const struct dns_answer *unchecked;
    const struct spf_node *node; /* whose term asked; NULL for the record's own TXT */
    const struct spf_term *term; /* that term, or NULL */
};

struct spf_tree_request {
    const char *domain;
    bool offline; /* ask for nothing but the record itself */
};

struct spf_tree {
    struct spf_node *root;
    struct spf_node **nodes; /* depth first */
    size_t node_count;
    struct spf_grant *grants;
    size_t grant_count;
    struct spf_failure *failures;
    size_t failure_count;
    const struct dns_answer *cname, *type99;                  /* at the domain; NULL offline */
    const struct dns_answer *probe_text, *probe_a, *probe_mx; /* at the wildcard probe */
    bool complete;                                            /* nothing is missing */
    bool is_cut;
    unsigned resolved; /* terms looked up, of SPF_TREE_LOOKUPS_MAX */
    unsigned lookups, void_lookups;
    unsigned void4, void6; /* void look-ups that a client of one family meets */
    size_t includes;       /* records included and redirected to */
    uint64_t addresses;    /* of the root */
    uint64_t
        serial_ms; /* what a receiver that asks one after the other would wait, by our answers */
};

void spf_tree_build(const struct spf_tree_request *request, struct dns_answers *answers,
                    struct arena *arena, struct spf_tree *tree);

/* IPv4 addresses in these grants, each counted once. */
uint64_t spf_grants_count(const struct spf_grant *grants, size_t count);

/* "record", "no record", ... */
const char *spf_node_state_name(enum spf_node_state state);

#endif
