#include <string.h>

#include "base/plural.h"
#include "dnsbl_judge.h"

struct health_judge {
    const struct dnsbl_config *config;
    const struct plugin_common *common;
    const struct dnsbl_facts *facts;
    const struct dnsbl_tally *tally;
    const char *resolvers;
    struct report *report;
    bool is_resolver_problem; /* what single lists do is then only a consequence */
};

/* Outcomes that are told once for a list, whatever the number of targets. */
static const struct {
    enum dnsbl_outcome outcome;
    size_t finding;
    const char *words;
    bool with_reason; /* the verdict's own words follow */
} TOLD[] = {
    {DNSBL_BLIND,      DNSBL_F_BLIND,      "knows neither this target nor its own test entry",           false},
    {DNSBL_BLOCKED,    DNSBL_F_BLOCKED,    "refuses to answer",                                          true },
    {DNSBL_OVER_QUOTA, DNSBL_F_OVER_QUOTA, "was asked too often",                                        true },
    {DNSBL_KEY_BAD,    DNSBL_F_KEY_BAD,    "does not accept the key",                                    true },
    {DNSBL_WRONG_KIND, DNSBL_F_WRONG_KIND, "does not know targets of this kind",                         true },
    {DNSBL_WILDCARD,   DNSBL_F_WILDCARD,   "lists everything, even what must not be; it does not count",
     false                                                                                                    },
    {DNSBL_TAMPERED,   DNSBL_F_TAMPERED,   "was answered for by somebody else",                          true },
    {DNSBL_DEAD,       DNSBL_F_DEAD,       "is gone, its zone does not exist",                           false},
    {DNSBL_TIMEOUT,    DNSBL_F_TIMEOUT,    "did not answer in time",                                     false},
    {DNSBL_ERROR,      DNSBL_F_ERROR,      "could not be asked",                                         true },
};

static struct finding *add(struct health_judge *judge, size_t id, enum dnsbl_outcome outcome,
                           const char *zone, const char *text)
{
    bool is_gone = outcome == DNSBL_DEAD || outcome == DNSBL_WILDCARD;
    if (judge->is_resolver_problem && is_gone) {
        return report_add_as(judge->report, id, STATE_OK, zone, "%s", text);
    }
    if (judge->config->error_state != STATE_IGNORE && dnsbl_outcome_is_unanswered(outcome)) {
        return report_add_as(judge->report, id, judge->config->error_state, zone, "%s", text);
    }
    return report_add(judge->report, id, zone, "%s", text);
}

static void set_fix(struct health_judge *judge, const struct dnsbl_choice *choice,
                    enum dnsbl_outcome outcome, struct finding *finding)
{
    if (outcome == DNSBL_BLOCKED && choice->list->limit != NULL) {
        report_fix(
            judge->report, finding,
            "Ask through a resolver of your own (--resolver), or get a key (--key-file); terms: %s",
            choice->list->limit);
    } else if (outcome == DNSBL_OVER_QUOTA && choice->list->limit != NULL) {
        report_fix(judge->report, finding, "Check less often, and use --state-file; terms: %s",
                   choice->list->limit);
    }
}

static const char *server_text(const struct health_judge *judge)
{
    return judge->config->authoritative ? "their own name servers" : judge->resolvers;
}

/* The TXT beside a refusal: some lists name the resolver that they refuse. */
static const char *reason_of(const struct dnsbl_facts *facts, const struct dnsbl_reply *evidence)
{
    for (size_t i = 0; evidence != NULL && i < facts->hit_count; i++) {
        if (&facts->hits[i].reply == evidence) {
            return facts->hits[i].reason;
        }
    }
    return NULL;
}

static void judge_outcomes(struct health_judge *judge, size_t index)
{
    const struct dnsbl_facts *facts = judge->facts;
    const struct dnsbl_choice *choice = &facts->choices[index];
    const struct dnsbl_list_tally *list = &judge->tally->lists[index];
    if (choice->skip != DNSBL_ASKED) {
        return; /* judge_skip tells why */
    }
    for (size_t i = 0; i < sizeof TOLD / sizeof TOLD[0]; i++) {
        size_t count = list->outcomes[TOLD[i].outcome];
        const struct dnsbl_verdict *first = &list->first[TOLD[i].outcome];
        if (count == 0) {
            continue;
        }
        const char *many =
            facts->subject_count > 1
                ? arena_format(facts->arena, " for %zu of %zu targets", count, facts->subject_count)
                : "";
        const char *text = arena_format(facts->arena, "%s %s%s%s%s", choice->list->operator,
                                        TOLD[i].words, many, TOLD[i].with_reason ? ": " : "",
                                        TOLD[i].with_reason ? first->meaning : "");
        struct finding *finding =
            add(judge, TOLD[i].finding, TOLD[i].outcome, choice->list->zone, text);
        const char *codes = dnsbl_codes_text(first->evidence, facts->arena);
        const char *reason = reason_of(facts, first->evidence);
        if (codes[0] != '\0' || TOLD[i].outcome == DNSBL_BLOCKED) {
            report_seen(judge->report, finding, "%s%s%sasked through %s%s%s",
                        codes[0] != '\0' ? "answer " : "", codes, codes[0] != '\0' ? ", " : "",
                        server_text(judge), reason != NULL ? ": " : "",
                        reason != NULL ? reason : "");
        }
        set_fix(judge, choice, TOLD[i].outcome, finding);
    }
}

static void judge_retired(struct health_judge *judge, const struct dnsbl_choice *choice)
{
    const struct dnsbl_retired *retired = choice->retired;
    struct arena *arena = judge->facts->arena;
    enum state state = judge->config->retired_state != STATE_IGNORE ? judge->config->retired_state
                       : judge->is_resolver_problem                 ? STATE_OK
                                                    : dnsbl_findings[DNSBL_F_RETIRED].state;
    struct finding *finding = report_add_as(
        judge->report, DNSBL_F_RETIRED, state, choice->list->zone, "gone%s%s%s",
        retired->since != NULL ? arena_format(arena, " since %s", retired->since) : "",
        retired->answers != NULL ? ", " : "", retired->answers != NULL ? retired->answers : "");
    if (retired->replacement != NULL) {
        report_fix(judge->report, finding,
                   "Remove the list here and on every mail server; use instead: %s",
                   retired->replacement);
    }
}

static void judge_skip(struct health_judge *judge, const struct dnsbl_choice *choice)
{
    const char *zone = choice->list->zone;
    switch (choice->skip) {
    case DNSBL_ASKED:
        break;
    case DNSBL_SKIP_RETIRED:
        judge_retired(judge, choice);
        break;
    case DNSBL_SKIP_NO_KEY:
        report_add(judge->report, DNSBL_F_KEY_MISSING, zone,
                   "wants the key \"%s\", which is not given", choice->list->key_name);
        break;
    case DNSBL_SKIP_BACK_OFF:
        add(judge, DNSBL_F_BACK_OFF, choice->back_off_outcome, zone,
            arena_format(judge->facts->arena,
                         "not asked: at an earlier run it was %s; asked again within the hour",
                         dnsbl_outcome_name(choice->back_off_outcome)));
        break;
    case DNSBL_SKIP_PRIVATE:
        report_add(judge->report, DNSBL_F_NOT_PUBLIC, zone, "not served in public DNS");
        break;
    case DNSBL_SKIP_RATE:
        report_add(judge->report, DNSBL_F_RATE, zone,
                   "not asked: it allows %u question%s a second, and there are %zu targets",
                   choice->list->rate, plural(choice->list->rate, "", "s"),
                   judge->facts->subject_count);
        break;
    case DNSBL_SKIP_NO_SERVER:
        add(judge, DNSBL_F_NO_NAME_SERVER, DNSBL_ERROR, zone,
            "no name server of the zone was found");
        break;
    }
}

/* ---- the resolver */

static size_t lists_with(const struct health_judge *judge, enum dnsbl_outcome outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < judge->facts->choice_count; i++) {
        count += judge->tally->lists[i].outcomes[outcome] > 0;
    }
    return count;
}

/* Every question of the run ended so. */
static bool all_statuses_are(const struct dnsbl_facts *facts, enum dns_status status)
{
    bool found = false;
    for (size_t s = 0; s < facts->subject_count; s++) {
        for (size_t c = 0; c < facts->choice_count; c++) {
            const struct dnsbl_choice *choice = &facts->choices[c];
            if (choice->skip == DNSBL_ASKED && choice->source == c &&
                dnsbl_applies(choice, &facts->subjects[s])) {
                found = true;
                if (facts->statuses[s * facts->choice_count + c] != status) {
                    return false;
                }
            }
        }
    }
    return found;
}

static bool is_keyless_all_blocked(const struct health_judge *judge)
{
    size_t keyless = 0;
    size_t blocked = 0;
    for (size_t i = 0; i < judge->facts->choice_count; i++) {
        const struct dnsbl_list_tally *list = &judge->tally->lists[i];
        if (judge->facts->choices[i].key == NULL && list->answered + list->unanswered > 0) {
            keyless++;
            blocked += list->outcomes[DNSBL_BLOCKED] > 0 && list->answered == 0;
        }
    }
    return keyless > 1 && keyless == blocked;
}

/* "15 blocked, 2 timeout": why there are no answers, by the number of questions. */
static const char *causes(const struct health_judge *judge)
{
    struct text text;
    text_init(&text, 200);
    for (size_t o = 0; o < DNSBL_OUTCOMES; o++) {
        size_t count = 0;
        for (size_t i = 0; i < judge->facts->choice_count; i++) {
            count += judge->tally->lists[i].outcomes[o];
        }
        if (count > 0 && dnsbl_outcome_is_unanswered((enum dnsbl_outcome)o)) {
            text_printf(&text, "%s%zu %s", text.length > 0 ? ", " : "", count,
                        dnsbl_outcome_name((enum dnsbl_outcome)o));
        }
    }
    const char *copy = arena_copy_slice(judge->facts->arena, text_slice(&text));
    text_release(&text);
    return copy;
}

/* Lists do not die, or list the world, by the dozen overnight: then it is what stands between. */
static bool are_most_gone(const struct health_judge *judge, size_t *gone, size_t *asked)
{
    *gone = lists_with(judge, DNSBL_DEAD) + lists_with(judge, DNSBL_WILDCARD);
    *asked = 0;
    for (size_t i = 0; i < judge->facts->choice_count; i++) {
        const struct dnsbl_choice *choice = &judge->facts->choices[i];
        *asked += choice->skip == DNSBL_ASKED && choice->source == i && choice->asked > 0;
    }
    return *gone >= 3 && *gone * 2 > *asked;
}

/* One finding for what is wrong with the resolver as a whole. */
static void judge_resolver(struct health_judge *judge)
{
    const struct dnsbl_tally *tally = judge->tally;
    struct report *report = judge->report;
    size_t all = tally->answered + tally->unanswered;
    size_t tampered = lists_with(judge, DNSBL_TAMPERED);
    size_t gone;
    size_t asked;
    if (are_most_gone(judge, &gone, &asked)) {
        judge->is_resolver_problem = true;
        report_add(report, DNSBL_F_RESOLVER_PROBLEM, judge->resolvers,
                   "%zu of %zu lists seem to be gone or to list everything: the resolver hides or "
                   "invents answers",
                   gone, asked);
        return;
    }
    if (all == 0 && tally->unasked == 0 && tally->cells > 0) {
        report_add(report, DNSBL_F_NO_ANSWERS, report->target,
                   "no list that counts; nothing is known");
    }
    if (all == 0) {
        return; /* that is the choice of lists or the deadline, not the resolver */
    }
    if (all_statuses_are(judge->facts, DNS_NO_RESOLVER)) {
        report_add(report, DNSBL_F_NO_RESOLVER, judge->resolvers,
                   "cannot be reached; nothing is known");
    } else if (tampered >= 2) {
        report_add(report, DNSBL_F_RESOLVER_REWRITES, judge->resolvers,
                   "%zu lists seem to answer outside 127.0.0.0/8: the resolver invents answers",
                   tampered);
    } else if (tally->answered == 0) {
        report_add(report, DNSBL_F_NO_ANSWERS, report->target,
                   "no answer from %zu list%s through %s (%s); nothing is known", tally->servers,
                   plural(tally->servers, "", "s"), server_text(judge), causes(judge));
    } else if (tally->unanswered * 2 > all || is_keyless_all_blocked(judge)) {
        report_add(report, DNSBL_F_RESOLVER_PROBLEM, judge->resolvers,
                   "%zu of %zu questions got no answer (%s): the resolver is refused or broken",
                   tally->unanswered, all, causes(judge));
    } else {
        return;
    }
    judge->is_resolver_problem = true;
}

static void judge_coverage(struct health_judge *judge)
{
    const struct dnsbl_tally *tally = judge->tally;
    const struct dnsbl_facts *facts = judge->facts;
    size_t all = tally->answered + tally->unanswered;
    if (judge->is_resolver_problem) {
        return;
    }
    for (size_t i = 0; i < facts->choice_count; i++) {
        const struct dnsbl_list_tally *list = &tally->lists[i];
        if (facts->choices[i].is_required && list->unanswered > 0) {
            size_t worst = 0;
            for (size_t o = 0; o < DNSBL_OUTCOMES; o++) {
                worst = dnsbl_outcome_is_unanswered((enum dnsbl_outcome)o) && list->outcomes[o] > 0
                            ? o
                            : worst;
            }
            report_add(judge->report, DNSBL_F_REQUIRED_UNANSWERED, facts->choices[i].list->zone,
                       "no answer from %s: %s", facts->choices[i].list->operator,
                       list->first[worst].meaning);
        }
    }
    /* What the deadline cut off was our time, not their silence: dnsbl.deadline tells of it. */
    if (all > 0 && tally->unasked == 0 &&
        tally->answered * 100 < all * (size_t)judge->config->min_answered) {
        report_add(judge->report, DNSBL_F_FEW_ANSWERS, judge->report->target,
                   "only %zu of %zu questions answered (%s), wanted are %ld %%", tally->answered,
                   all, causes(judge), judge->config->min_answered);
    }
}

/* ---- public resolvers */

static const struct {
    const char *address;
    const char *operator;
} PUBLIC_RESOLVERS[] = {
    {"8.8.8.8",              "Google Public DNS"},
    {"8.8.4.4",              "Google Public DNS"},
    {"2001:4860:4860::8888", "Google Public DNS"},
    {"2001:4860:4860::8844", "Google Public DNS"},
    {"1.1.1.1",              "Cloudflare"       },
    {"1.0.0.1",              "Cloudflare"       },
    {"2606:4700:4700::1111", "Cloudflare"       },
    {"2606:4700:4700::1001", "Cloudflare"       },
    {"9.9.9.9",              "Quad9"            },
    {"149.112.112.112",      "Quad9"            },
    {"2620:fe::fe",          "Quad9"            },
    {"208.67.222.222",       "OpenDNS"          },
    {"208.67.220.220",       "OpenDNS"          },
    {"4.2.2.1",              "Level 3"          },
    {"4.2.2.2",              "Level 3"          },
    {"64.6.64.6",            "UltraDNS Public"  },
    {"64.6.65.6",            "UltraDNS Public"  },
    {"94.140.14.14",         "AdGuard DNS"      },
    {"94.140.15.15",         "AdGuard DNS"      },
};

static void judge_public_resolvers(struct health_judge *judge)
{
    for (size_t r = 0; r < judge->facts->resolver_count; r++) {
        for (size_t i = 0; i < sizeof PUBLIC_RESOLVERS / sizeof PUBLIC_RESOLVERS[0]; i++) {
            struct ip_address address;
            if (ip_parse(slice_of(PUBLIC_RESOLVERS[i].address), &address) &&
                ip_equal(&address, &judge->facts->resolvers[r].address)) {
                report_add(judge->report, DNSBL_F_PUBLIC_RESOLVER, PUBLIC_RESOLVERS[i].address,
                           "the resolver is %s: many lists refuse it or hide from it",
                           PUBLIC_RESOLVERS[i].operator);
            }
        }
    }
}

void dnsbl_judge_lists(const struct dnsbl_config *config, const struct plugin_common *common,
                       const struct dnsbl_facts *facts, const struct dnsbl_tally *tally,
                       const char *resolvers, struct report *report)
{
    struct health_judge judge = {
        .config = config,
        .common = common,
        .facts = facts,
        .tally = tally,
        .resolvers = resolvers,
        .report = report,
    };
    if (tally->unasked > 0) {
        report_add_as(report, DNSBL_F_DEADLINE, common->timeout_result, report->target,
                      "the deadline came with %zu of %zu questions unasked", tally->unasked,
                      tally->cells);
    }
    judge_resolver(&judge);
    judge_coverage(&judge);
    for (size_t i = 0; i < facts->choice_count; i++) {
        if (facts->choices[i].source == i) {
            judge_outcomes(&judge, i);
            judge_skip(&judge, &facts->choices[i]);
        }
    }
    judge_public_resolvers(&judge);
}
