/*
 * What is wrong with a domain's SPF, judged from its tree alone: each issue names the guilty term,
 * the record that holds it, and the repaired record where one can be derived. Pure.
 */
#ifndef COMMON_MAIL_SPF_LINT_H
#define COMMON_MAIL_SPF_LINT_H

#include "mail/spf_tree.h"

/* In the order of the plugin's table of findings. */
enum spf_issue_kind {
    SPF_ISSUE_DNS_ERROR,        /* a question failed: we do not know */
    SPF_ISSUE_DNS_BOGUS,        /* SERVFAIL, yet an answer with checking disabled */
    SPF_ISSUE_NONE,             /* no record */
    SPF_ISSUE_MULTIPLE,         /* several */
    SPF_ISSUE_VERSION,          /* a record whose version section is not exact: it does not count */
    SPF_ISSUE_VERSION_BESIDE,   /* such a one beside a good one */
    SPF_ISSUE_TYPE99,           /* RR type 99 */
    SPF_ISSUE_SENDERID,         /* spf2.0 */
    SPF_ISSUE_EMPTY_TXT,        /* a TXT without text */
    SPF_ISSUE_RDATA,            /* strings that join two terms into a bad one */
    SPF_ISSUE_SIZE,             /* over 450 octets */
    SPF_ISSUE_SIZE_LOST,        /* truncated, and TCP fails */
    SPF_ISSUE_TXT_CNAME,        /* TXT beside CNAME */
    SPF_ISSUE_SYNTAX,           /* a bad term */
    SPF_ISSUE_TYPO,             /* a bad or ignored word that means another */
    SPF_ISSUE_UNKNOWN_MODIFIER, /* ignored */
    SPF_ISSUE_MACRO,            /* a bad macro */
    SPF_ISSUE_MACRO_P,          /* %{p} */
    SPF_ISSUE_PTR,              /* ptr */
    SPF_ISSUE_MOD_TWICE,        /* redirect or exp twice */
    SPF_ISSUE_LOOKUPS_NEAR,     /* at or above the warning level */
    SPF_ISSUE_LOOKUPS_OVER,     /* more than ten */
    SPF_ISSUE_VOID_SOME,        /* one or two */
    SPF_ISSUE_VOID_OVER,        /* more than two */
    SPF_ISSUE_VOID_FAMILY,      /* more than two for clients of one family that the record allows */
    SPF_ISSUE_MX_NAMES,         /* more than ten exchangers */
    SPF_ISSUE_TIME,             /* over 20 s one after the other */
    SPF_ISSUE_INCLUDE_NONE,     /* include of a name without record */
    SPF_ISSUE_REDIRECT_NONE,    /* redirect to one */
    SPF_ISSUE_CHILD_ERROR,      /* include of, or redirect to, a record in permerror */
    SPF_ISSUE_LOOP,             /* a record that comes back to itself */
    SPF_ISSUE_DUP_INCLUDE,      /* the same record twice */
    SPF_ISSUE_A_MX_VOID,        /* a or mx that stands for no address */
    SPF_ISSUE_DEAD_DOMAIN,      /* a name in a domain that anybody could register */
    SPF_ISSUE_ALL_PLUS,         /* everybody passes */
    SPF_ISSUE_ALL_NEUTRAL,      /* ?all */
    SPF_ISSUE_NO_ALL,           /* neither all nor redirect */
    SPF_ISSUE_ALL_SOFT,         /* ~all */
    SPF_ISSUE_ALL_FAIL,         /* -all */
    SPF_ISSUE_ALL_REQUIRED,     /* not the all that was required */
    SPF_ISSUE_AFTER_ALL,        /* mechanisms behind all */
    SPF_ISSUE_REDIRECT_IGNORED, /* redirect beside all */
    SPF_ISSUE_ORDER,            /* modifier before a mechanism */
    SPF_ISSUE_EXP,              /* explanation that nobody gets */
    SPF_ISSUE_OVERLAP,          /* networks that cover each other */
    SPF_ISSUE_HOST_BITS,        /* bits set behind the prefix */
    SPF_ISSUE_WIDE,             /* too many IPv4 addresses */
    SPF_ISSUE_WIDE_V6,          /* an IPv6 prefix shorter than SPF_WIDE_PREFIX6 */
    SPF_ISSUE_PRIVATE,          /* addresses that nobody can send from */
    SPF_ISSUE_PARKED,           /* a domain without mail is not exactly "v=spf1 -all" */
    SPF_ISSUE_WILDCARD,         /* a wildcard has an SPF record */
    SPF_ISSUE_WILDCARD_MISSING, /* a wildcard has mail hosts and no SPF record */
    SPF_ISSUE_CUT,              /* more than was followed */
    SPF_ISSUE_COUNT,
};

#define SPF_ISSUES_MAX 200
/* Most octets of a record that `seen` shows. */
#define SPF_SEEN_MAX 1000
/* RFC 7208 3.4 */
#define SPF_SIZE_MAX 450
/* Networks shorter than what one site is given (RFC 6177: /48; providers get /32). */
#define SPF_WIDE_PREFIX6 32
/* RFC 7208 4.6.4 */
#define SPF_SECONDS_MAX 20

struct spf_issue {
    enum spf_issue_kind kind;
    const char *holder; /* domain whose record (or name) it is about */
    const char *term;   /* the guilty term, or NULL */
    const char *text;   /* a sentence without full stop; may hold text from the network */
    const char *seen;   /* the record or answer, or NULL */
    bool is_unasked;    /* dns-error: no answer only because the time was up */
    const char *repair; /* the repaired record, the same for all issues of one record; or NULL */

    /* Of the module: whose repair it is, and of which kinds (mail/spf_repair.h). */
    const struct spf_node *repair_node;
    unsigned repair_kinds;
};

struct spf_lint_options {
    unsigned lookup_warning;    /* 8 */
    uint64_t addresses_warning; /* 65536 */
    char required_all;          /* '-', '~' (which '-' satisfies too), or 0 */
    bool parked;
    bool is_unnamed; /* the root's domain is only a placeholder: it is not to be shown */
    const struct public_suffix *suffixes; /* for dead domains; NULL: top-level domains only */
};

struct spf_issues {
    struct spf_issue *issues;
    size_t count, capacity;
    size_t left_out; /* past SPF_ISSUES_MAX */
};

/* Strings from `arena` or from the tree. */
void spf_lint(const struct spf_tree *tree, const struct spf_lint_options *options,
              struct arena *arena, struct spf_issues *issues);

/* Octets of the TXT RRset by the rule of RFC 7208 3.4: the name and the texts of all its records.
 */
size_t spf_lint_size(const struct dns_answer *answer);

/* Why a name has no SPF record, by the answer to its TXT. */
const char *spf_lint_nothing(const struct dns_answer *answer);

/* The text with NUL as "\\x00", for where a string is wanted; the other octets as they are. */
const char *spf_lint_visible(struct slice text, struct arena *arena);

/* Between the files of this module. */
struct spf_lint;
/* spf_lint_visible, cut at SPF_SEEN_MAX. */
const char *spf_lint_seen(struct spf_lint *lint, struct slice text);
struct spf_lint {
    const struct spf_tree *tree;
    const struct spf_lint_options *options;
    struct arena *arena;
    struct spf_issues *issues;
};
/* The issue goes away with a repair of these kinds; what all issues of a record want is repaired at
 * once. */
void spf_lint_want(struct spf_issue *issue, const struct spf_node *node, unsigned kinds);
/* What it returns holds until the next one is added. */
struct spf_issue *spf_lint_add(struct spf_lint *lint, enum spf_issue_kind kind, const char *holder,
                               struct slice term, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void spf_lint_record(struct spf_lint *lint, const struct spf_node *node);
/* "the record of example.org", or "this record". */
const char *spf_lint_record_of(struct spf_lint *lint, const struct spf_node *node);
/* RFC 7208 4.6.4: look-ups, void look-ups, time. */
void spf_lint_limits(struct spf_lint *lint);
/* Clients of one family may meet more void look-ups than the limit, though names have the other
 * family. */
void spf_lint_family(struct spf_lint *lint);
void spf_lint_policy(struct spf_lint *lint);
void spf_lint_explanation(struct spf_lint *lint, const struct spf_node *node);
void spf_lint_cover(struct spf_lint *lint);

#endif
