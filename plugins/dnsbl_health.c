#include <string.h>

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

static void judge_outcomes(struct health_judge *judge, size_t index)
{
    const struct dnsbl_facts *facts = judge->facts;
    const struct dnsbl_choice *choice = &facts->choices[index];
    const struct dnsbl_list_tally *list = &judge->tally->lists[index];
    for (size_t i = 0; i < sizeof TOLD / sizeof TOLD[0]; i++) {
        size_t count = list->outcomes[TOLD[i].outcome];
        const struct dnsbl_verdict *first = &list->first[TOLD[i].outcome];
        if (count == 0) {
            continue;
        }
        bool is_consequence = judge->is_resolver_problem && TOLD[i].outcome == DNSBL_TIMEOUT;
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
        if (codes[0] != '\0') {
            report_seen(judge->report, finding, "answer %s%s%s", codes,
                        is_consequence ? "" : ", resolver ",
                        is_consequence ? "" : judge->resolvers);
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
        report_add(judge->report, DNSBL_F_BACK_OFF, zone,
                   "not asked: at an earlier run it was %s; asked again within the hour",
                   choice->back_off_outcome);
        break;
    case DNSBL_SKIP_PRIVATE:
        report_add(judge->report, DNSBL_F_NOT_PUBLIC, zone, "not served in public DNS");
        break;
    case DNSBL_SKIP_NO_SERVER:
        report_add(judge->report, DNSBL_F_NO_NAME_SERVER, zone,
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

/* One finding for what is wrong with the resolver as a whole. */
static void judge_resolver(struct health_judge *judge)
{
    const struct dnsbl_tally *tally = judge->tally;
    struct report *report = judge->report;
    size_t all = tally->answered + tally->unanswered;
    size_t tampered = lists_with(judge, DNSBL_TAMPERED);
    if (all == 0 && tally->unasked == 0) {
        report_add(report, DNSBL_F_NO_ANSWERS, report->target, "no list could be asked");
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
                   "no answer from %zu list%s through %s; nothing is known", tally->servers,
                   tally->servers == 1 ? "" : "s", judge->resolvers);
    } else if (tally->unanswered * 2 > all || is_keyless_all_blocked(judge)) {
        report_add(report, DNSBL_F_RESOLVER_PROBLEM, judge->resolvers,
                   "%zu of %zu questions got no answer: the resolver is refused or broken",
                   tally->unanswered, all);
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
    if (all > 0 && tally->answered * 100 < all * (size_t)judge->config->min_answered) {
        report_add(judge->report, DNSBL_F_FEW_ANSWERS, judge->report->target,
                   "%zu of %zu questions answered, wanted are %ld %%", tally->answered, all,
                   judge->config->min_answered);
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
    judge_resolver(&judge);
    judge_coverage(&judge);
    if (tally->unasked > 0) {
        report_add_as(report, DNSBL_F_DEADLINE, common->timeout_result, report->target,
                      "the deadline came with %zu of %zu questions unasked", tally->unasked,
                      tally->cells);
    }
    for (size_t i = 0; i < facts->choice_count; i++) {
        judge_outcomes(&judge, i);
        judge_skip(&judge, &facts->choices[i]);
    }
    judge_public_resolvers(&judge);
}
