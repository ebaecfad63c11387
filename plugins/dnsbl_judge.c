#include <string.h>

#include "base/memory.h"
#include "base/plural.h"
#include "dnsbl.h"
#include "dnsbl_judge.h"
#include "report/escape.h"

static const char *subject_text(const struct dnsbl_facts *facts, size_t subject)
{
    char buffer[DNSBL_SUBJECT_TEXT_SIZE];
    return arena_copy(facts->arena, dnsbl_subject_print(&facts->subjects[subject], buffer));
}

const char *dnsbl_codes_text(const struct dnsbl_reply *reply, struct arena *arena)
{
    struct text text;
    text_init(&text, 200);
    for (size_t i = 0; reply != NULL && i < reply->code_count; i++) {
        char code[IP_TEXT_SIZE];
        text_printf(&text, "%s%s", i > 0 ? ", " : "", ip_print(&reply->codes[i], code));
    }
    const char *copy = arena_copy_slice(arena, text_slice(&text));
    text_release(&text);
    return copy;
}

static const char *resolvers_text(const struct dnsbl_facts *facts)
{
    struct text text;
    text_init(&text, 200);
    for (size_t i = 0; i < facts->resolver_count; i++) {
        char server[ENDPOINT_TEXT_SIZE];
        text_printf(&text, "%s%s", i > 0 ? ", " : "", endpoint_print(&facts->resolvers[i], server));
    }
    const char *copy = arena_copy_slice(facts->arena, text_slice(&text));
    text_release(&text);
    return copy;
}

/* ---- counting */

static void count_listing(struct dnsbl_tally *tally, const struct dnsbl_choice *choice,
                          const struct dnsbl_verdict *verdict, bool is_new, bool *is_counted,
                          long *score)
{
    bool is_listed =
        verdict->outcome == DNSBL_LISTED || verdict->outcome == DNSBL_LISTED_UNKNOWN_CODE;
    tally->allowlisted += verdict->is_allowed && !*is_counted;
    if (is_listed && !*is_counted) {
        tally->critical += verdict->severity == DNSBL_CRITICAL;
        tally->warning += verdict->severity == DNSBL_WARNING;
        tally->info += verdict->severity == DNSBL_INFO;
        tally->new += is_new;
    }
    *is_counted = *is_counted || is_listed || verdict->is_allowed;
    /* A weight that the user gave counts whatever the severity: he knows what he adds up. */
    bool has_weight = choice->server != NULL && choice->server->has_weight;
    if ((is_listed && (has_weight || verdict->severity > DNSBL_INFO)) || verdict->is_allowed) {
        *score += choice->weight;
    }
}

static void count_cell(struct dnsbl_tally *tally, size_t choice,
                       const struct dnsbl_verdict *verdict)
{
    struct dnsbl_list_tally *list = &tally->lists[choice];
    list->outcomes[verdict->outcome]++;
    if (list->outcomes[verdict->outcome] == 1) {
        list->first[verdict->outcome] = *verdict;
    }
    if (verdict->outcome <= DNSBL_NOT_LISTED) {
        tally->answered++;
        list->answered++;
    } else if (dnsbl_outcome_is_unanswered(verdict->outcome)) {
        tally->unanswered++;
        list->unanswered++;
        tally->timeouts += verdict->outcome == DNSBL_TIMEOUT;
    }
}

void dnsbl_tally_init(struct dnsbl_tally *tally, const struct dnsbl_facts *facts)
{
    *tally = (struct dnsbl_tally){0};
    tally->lists = arena_array(facts->arena, facts->choice_count, sizeof *tally->lists);
    /* A zone that is there several times with other filters is one list. */
    bool *counted = arena_array(facts->arena, facts->choice_count, sizeof *counted);
    for (size_t s = 0; s < facts->subject_count; s++) {
        long score = 0;
        memset(counted, 0, facts->choice_count * sizeof *counted);
        for (size_t c = 0; c < facts->choice_count; c++) {
            if (!dnsbl_applies(&facts->choices[c], &facts->subjects[s])) {
                continue;
            }
            struct dnsbl_verdict verdict;
            const struct dnsbl_hit *hit = dnsbl_find_hit(facts, s, facts->choices[c].source);
            dnsbl_classify(facts, s, c, facts->arena, &verdict);
            if (facts->choices[c].source == c) {
                tally->cells++;
                tally->unasked +=
                    facts->choices[c].skip == DNSBL_ASKED && verdict.outcome == DNSBL_SKIPPED;
                count_cell(tally, c, &verdict);
            }
            count_listing(tally, &facts->choices[c], &verdict,
                          hit != NULL && hit->is_new && facts->has_memory,
                          &counted[facts->choices[c].source], &score);
        }
        if (s == 0 || score > tally->score) {
            tally->score = score;
            tally->score_subject = s;
        }
    }
    for (size_t c = 0; c < facts->choice_count; c++) {
        const struct dnsbl_list_tally *list = &tally->lists[c];
        tally->blocked += list->outcomes[DNSBL_BLOCKED] + list->outcomes[DNSBL_OVER_QUOTA] > 0;
        tally->servers += list->answered + list->unanswered > 0;
    }
}

/* ---- listings */

struct judge {
    const struct dnsbl_config *config;
    const struct plugin_common *common;
    const struct dnsbl_facts *facts;
    struct report *report;
    struct dnsbl_tally tally;
    size_t uncovered;               /* targets that no list knows */
    bool has_warning, has_critical; /* the number of listings reaches -w, -c */
};

/* -w and -c count listings of weight; below them a listing is only told. Without a critical one
 * among them the state stays WARNING, however many they are. */
static enum state state_of(const struct judge *judge, enum dnsbl_severity severity)
{
    if (severity == DNSBL_CRITICAL && judge->has_critical) {
        return STATE_CRITICAL;
    }
    return severity >= DNSBL_WARNING && judge->has_warning ? STATE_WARNING : STATE_OK;
}

static const char *scope_note(enum dnsbl_scope scope)
{
    switch (scope) {
    case DNSBL_SCOPE_RANGE:
        return ", its whole range and not the address alone";
    case DNSBL_SCOPE_ASN:
        return ", its whole provider and not the address itself";
    case DNSBL_SCOPE_COUNTRY:
        return ", its whole country";
    default:
        return "";
    }
}

static const char *prefix_note(const struct judge *judge, const struct dnsbl_list *list,
                               size_t subject)
{
    if (judge->facts->subjects[subject].kind != DNSBL_IP6 || list->ip6_prefix == 0 ||
        list->ip6_prefix == 128) {
        return "";
    }
    return arena_format(judge->facts->arena,
                        " (the list keeps IPv6 by /%u: a neighbour may be meant)",
                        list->ip6_prefix);
}

static void set_listing_fix(const struct judge *judge, struct finding *finding,
                            const struct dnsbl_list *list, const char *target,
                            enum dnsbl_severity severity)
{
    const char *url = dnsbl_list_url(list, target, judge->facts->arena);
    if (url == NULL || severity == DNSBL_INFO) {
        if (url != NULL) {
            report_fix(judge->report, finding, "Nothing need be done; about the listing: %s", url);
        }
        return;
    }
    report_fix(judge->report, finding, "Find and stop what the list saw, then ask for removal: %s",
               url);
}

static void judge_listing(struct judge *judge, size_t subject, size_t index,
                          const struct dnsbl_verdict *verdict, const struct dnsbl_hit *hit)
{
    const struct dnsbl_facts *facts = judge->facts;
    const struct dnsbl_list *list = facts->choices[index].list;
    const struct dnsbl_subject *about = &facts->subjects[subject];
    const char *target = subject_text(facts, subject);
    bool is_unknown = verdict->outcome == DNSBL_LISTED_UNKNOWN_CODE;
    size_t id = is_unknown                            ? DNSBL_F_UNKNOWN_CODE
                : verdict->severity == DNSBL_CRITICAL ? DNSBL_F_LISTED_CRITICAL
                : verdict->severity == DNSBL_WARNING  ? DNSBL_F_LISTED_WARNING
                                                      : DNSBL_F_LISTED_INFO;
    enum state state =
        is_unknown ? state_of(judge, DNSBL_WARNING) : state_of(judge, verdict->severity);
    const char *named = about->origin == NULL
                            ? target
                            : arena_format(facts->arena, "%s (%s)", target, about->origin);
    struct finding *finding = report_add_as(
        judge->report, id, judge->config->score ? STATE_OK : state, named, "listed by %s: %s%s%s%s",
        list->operator, verdict->meaning, scope_note(verdict->scope),
        prefix_note(judge, list, subject), hit->is_new && facts->has_memory ? ", new" : "");
    report_seen(judge->report, finding, "%s answered %s (TTL %lu s)%s%s", list->zone,
                dnsbl_codes_text(&hit->reply, facts->arena), (unsigned long)hit->reply.ttl,
                hit->reason != NULL ? ": " : "", hit->reason != NULL ? hit->reason : "");
    set_listing_fix(judge, finding, list, target, verdict->severity);
}

static void judge_listings(struct judge *judge)
{
    const struct dnsbl_facts *facts = judge->facts;
    for (size_t h = 0; h < facts->hit_count; h++) {
        const struct dnsbl_hit *hit = &facts->hits[h];
        for (size_t c = hit->choice; c < facts->choice_count; c++) {
            struct dnsbl_verdict verdict;
            if (facts->choices[c].source != hit->choice) {
                continue;
            }
            dnsbl_classify(facts, hit->subject, c, facts->arena, &verdict);
            if (verdict.outcome == DNSBL_LISTED || verdict.outcome == DNSBL_LISTED_UNKNOWN_CODE) {
                judge_listing(judge, hit->subject, c, &verdict, hit);
            } else if (verdict.is_allowed) {
                report_add(judge->report, DNSBL_F_ALLOWLISTED, subject_text(facts, hit->subject),
                           "on the allowlist %s: %s", facts->choices[c].list->operator,
                           verdict.meaning);
            } else if (hit->was_unconfirmed) {
                report_add(judge->report, DNSBL_F_UNCONFIRMED, subject_text(facts, hit->subject),
                           "was listed by %s and is not any more",
                           facts->choices[c].list->operator);
            }
        }
    }
}

/* ---- counts */

static void judge_counts(struct judge *judge)
{
    const struct dnsbl_tally *tally = &judge->tally;
    size_t weighty = tally->critical + tally->warning;
    bool is_silent = !judge->has_warning && !judge->has_critical;
    if (weighty > 0 && is_silent && !judge->config->score) {
        report_add(judge->report, DNSBL_F_COUNT_WARNING, judge->report->target,
                   "%zu listing%s, below the thresholds", weighty, plural(weighty, "", "s"));
    }
    if (!judge->config->score || judge->facts->subject_count == 0) {
        return;
    }
    const char *target = subject_text(judge->facts, tally->score_subject);
    double score = (double)tally->score;
    if (range_alerts(&judge->common->critical, score)) {
        report_add(judge->report, DNSBL_F_SCORE_CRITICAL, target, "score %ld over all lists",
                   tally->score);
    } else if (range_alerts(&judge->common->warning, score)) {
        report_add(judge->report, DNSBL_F_SCORE_WARNING, target, "score %ld over all lists",
                   tally->score);
    }
}

static void judge_allowlists(struct judge *judge)
{
    const struct dnsbl_facts *facts = judge->facts;
    if (!judge->config->require_allowlist) {
        return;
    }
    for (size_t s = 0; s < facts->subject_count; s++) {
        size_t asked = 0;
        bool is_allowed = false;
        for (size_t c = 0; c < facts->choice_count; c++) {
            struct dnsbl_verdict verdict;
            if (facts->choices[c].list->class != DNSBL_ALLOWLIST ||
                !dnsbl_applies(&facts->choices[c], &facts->subjects[s])) {
                continue;
            }
            dnsbl_classify(facts, s, c, facts->arena, &verdict);
            asked += verdict.outcome == DNSBL_NOT_LISTED;
            is_allowed = is_allowed || verdict.is_allowed;
        }
        if (asked > 0 && !is_allowed) {
            const char *which =
                asked == 1 ? "the allowlist"
                           : arena_format(facts->arena, "any of the %zu allowlists", asked);
            report_add(judge->report, DNSBL_F_NOT_ALLOWLISTED, subject_text(facts, s),
                       "not on %s that answered", which);
        }
    }
}

/* ---- targets and memory */

static void judge_absent(struct judge *judge, const struct dnsbl_unresolved *target)
{
    if (target->status == DNS_NXDOMAIN) {
        report_add(judge->report, DNSBL_F_TARGET_GONE, target->name, "does not exist (NXDOMAIN)");
    } else if (target->status == DNS_NODATA) {
        report_add(judge->report, DNSBL_F_TARGET_GONE, target->name, "has no %s", target->what);
    } else {
        report_add(judge->report, DNSBL_F_TARGET_UNRESOLVED, target->name, "asking for its %s: %s",
                   target->what, dns_status_name(target->status));
    }
}

static void judge_unresolved(struct judge *judge)
{
    const struct dnsbl_facts *facts = judge->facts;
    for (size_t i = 0; i < facts->unresolved_count; i++) {
        const struct dnsbl_unresolved *target = &facts->unresolved[i];
        switch (target->kind) {
        case DNSBL_UNRESOLVED:
            judge_absent(judge, target);
            break;
        case DNSBL_NULL_MX:
            report_add(judge->report, DNSBL_F_NULL_MX, target->name, "takes no mail (null MX)");
            break;
        case DNSBL_PRIVATE:
            report_add(judge->report, DNSBL_F_PRIVATE_TARGET, target->name,
                       "not on the Internet (%s address): no public list knows it", target->what);
            break;
        case DNSBL_SPF_UNCLEAR:
            report_add(judge->report, DNSBL_F_SPF_UNCLEAR, target->name, "%s", target->what);
            break;
        case DNSBL_RANGE_TOO_WIDE:
            report_add(judge->report, DNSBL_F_RANGE_TOO_WIDE, target->name,
                       "%s: more addresses than --max-targets %ld", target->what,
                       judge->config->max_targets);
            break;
        }
    }
}

/* No list was asked about the target: nothing is known of it. One of several addresses of a host,
 * in a family that the lists don't know, is only told. */
static void judge_coverage(struct judge *judge)
{
    const struct dnsbl_facts *facts = judge->facts;
    for (size_t s = 0; s < facts->subject_count; s++) {
        bool is_covered = false;
        for (size_t c = 0; c < facts->choice_count && !is_covered; c++) {
            is_covered = dnsbl_applies(&facts->choices[c], &facts->subjects[s]);
        }
        if (!is_covered) {
            judge->uncovered++;
            report_add_as(judge->report, DNSBL_F_NOT_COVERED,
                          facts->subjects[s].origin == NULL ? STATE_UNKNOWN : STATE_OK,
                          subject_text(facts, s), "none of the lists knows %s",
                          facts->subjects[s].kind == DNSBL_IP4     ? "IPv4 addresses"
                          : facts->subjects[s].kind == DNSBL_IP6   ? "IPv6 addresses"
                          : facts->subjects[s].kind == DNSBL_EMAIL ? "mail addresses"
                                                                   : "domains");
        }
    }
}

static void judge_memory(struct judge *judge)
{
    const struct dnsbl_facts *facts = judge->facts;
    if (facts->memory_trouble != NULL) {
        report_add(judge->report, DNSBL_F_STATE_FILE, judge->config->state_file, "%s",
                   facts->memory_trouble);
    }
    for (size_t i = 0; i < facts->gone_count; i++) {
        report_add(judge->report, DNSBL_F_GONE, facts->gone[i].target, "no longer listed by %s",
                   facts->gone[i].zone);
    }
    for (size_t i = 0; facts->has_memory && i < facts->hit_count; i++) {
        const struct dnsbl_hit *hit = &facts->hits[i];
        struct dnsbl_verdict verdict;
        dnsbl_classify(facts, hit->subject, hit->choice, facts->arena, &verdict);
        if (hit->is_new &&
            (verdict.outcome == DNSBL_LISTED || verdict.outcome == DNSBL_LISTED_UNKNOWN_CODE)) {
            report_add(judge->report, DNSBL_F_NEW, subject_text(facts, hit->subject),
                       "listed by %s since the last run",
                       facts->choices[hit->choice].list->operator);
        }
    }
}

static void fill_metrics(struct judge *judge)
{
    const struct dnsbl_tally *tally = &judge->tally;
    struct report *report = judge->report;
    const struct plugin_common *common = judge->common;
    report_metric(report, DNSBL_M_LISTED, (double)(tally->critical + tally->warning));
    report_metric(report, DNSBL_M_CRITICAL, (double)tally->critical);
    report_metric(report, DNSBL_M_WARNING, (double)tally->warning);
    report_metric(report, DNSBL_M_INFO, (double)tally->info);
    report_metric(report, DNSBL_M_ALLOWLISTED, (double)tally->allowlisted);
    report_metric(report, DNSBL_M_ANSWERED, (double)tally->answered);
    report_metric(report, DNSBL_M_UNANSWERED, (double)tally->unanswered);
    report_metric(report, DNSBL_M_BLOCKED, (double)tally->blocked);
    report_metric(report, DNSBL_M_TIMEOUTS, (double)tally->timeouts);
    report_metric(report, DNSBL_M_SERVERS, (double)tally->servers);
    report_metric(report, DNSBL_M_TARGETS, (double)judge->facts->subject_count);
    report_metric(report, DNSBL_M_SCORE, (double)tally->score);
    report_metric(report, DNSBL_M_NEW, (double)tally->new);
    report_metric(report, DNSBL_M_QUESTIONS, (double)judge->facts->asked);
    if (judge->config->score) {
        report_metric_bounds(report, DNSBL_M_SCORE, &common->warning, &common->critical);
    } else {
        report_metric_bounds(report, DNSBL_M_LISTED, &common->warning, &common->critical);
    }
    report_metric_limits(report, DNSBL_M_LISTED, 0, (double)tally->cells);
}

static void summarize(struct judge *judge)
{
    const struct dnsbl_tally *tally = &judge->tally;
    size_t weighty = tally->critical + tally->warning;
    struct text more;
    text_init(&more, 200);
    if (weighty > 0) {
        text_append(&more, ", below the thresholds");
    }
    if (tally->info > 0) {
        text_printf(&more, ", %zu of little weight", tally->info);
    }
    if (tally->allowlisted > 0) {
        text_printf(&more, ", on %zu allowlist%s", tally->allowlisted,
                    tally->allowlisted > 1 ? "s" : "");
    }
    if (tally->unanswered > 0) {
        text_printf(&more, ", %zu without answer", tally->unanswered);
    }
    if (judge->uncovered > 0) {
        text_printf(&more, ", %zu target%s that no list knows", judge->uncovered,
                    plural(judge->uncovered, "", "s"));
    }
    if (judge->facts->subject_count == 0) {
        report_summary(judge->report, "%s has nothing that could be listed", judge->report->target);
        text_release(&more);
        return;
    }
    report_summary(judge->report, "%s on %zu of %zu list%s%s", judge->report->target, weighty,
                   judge->facts->subject_count == 1 ? tally->answered : tally->servers,
                   plural(tally->servers, "", "s"), more.start);
    text_release(&more);
}

/* What the check is about in a few words that stay the same from run to run. */
static const char *target_text(const struct dnsbl_config *config, const struct dnsbl_facts *facts)
{
    const struct {
        const struct option_list *list;
        const char *words;
    } given[] = {
        {&config->hosts,        ""              },
        {&config->domains,      ""              },
        {&config->emails,       ""              },
        {&config->helo_names,   ""              },
        {&config->mx_domains,   "exchangers of "},
        {&config->spf_domains,  "SPF record of "},
        {&config->target_files, "targets in "   },
    };
    size_t count = config->local ? 1 : 0;
    const char *text = "this machine";
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        count += given[i].list->count;
        if (given[i].list->count > 0) {
            text = arena_format(facts->arena, "%s%s", given[i].words, given[i].list->values[0]);
        }
    }
    return count == 1 ? text : arena_format(facts->arena, "%zu targets", facts->subject_count);
}

void dnsbl_judge(const struct dnsbl_config *config, const struct plugin_common *common,
                 const struct dnsbl_facts *facts, struct report *report)
{
    struct judge judge = {.config = config, .common = common, .facts = facts, .report = report};
    dnsbl_tally_init(&judge.tally, facts);
    const struct dnsbl_tally *tally = &judge.tally;
    double weighty = (double)(tally->critical + tally->warning);
    judge.has_critical = range_alerts(&common->critical, weighty);
    judge.has_warning = range_alerts(&common->warning, weighty);
    report_target(report, "%s", target_text(config, facts));
    judge_listings(&judge);
    judge_counts(&judge);
    judge_allowlists(&judge);
    judge_unresolved(&judge);
    judge_coverage(&judge);
    judge_memory(&judge);
    if (facts->subject_count > 0) {
        dnsbl_judge_lists(config, common, facts, tally, resolvers_text(facts), report);
    }
    fill_metrics(&judge);
    summarize(&judge);
}
