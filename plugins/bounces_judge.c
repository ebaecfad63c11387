#include <stdint.h>

#include "base/plural.h"
#include "bounces.h"

#define REPLY_SHOWN 160 /* octets of a reply in a sentence */

uint64_t bounces_failed(const struct bounces_totals *totals)
{
    return totals->kinds[BOUNCES_BOUNCED] + totals->kinds[BOUNCES_EXPIRED];
}

uint64_t bounces_ended(const struct bounces_totals *totals)
{
    return bounces_failed(totals) + totals->kinds[BOUNCES_DELIVERED];
}

const char *bounces_span(const struct bounces_facts *facts)
{
    if (facts->window == 0)
        return "in all";
    return arena_format(facts->arena, "in %s", bounces_window_print(facts->arena, facts->window));
}

static double percent(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : (double)part * 100 / (double)whole;
}

/* ---- the worst fact */

size_t bounces_worst_cause(const struct bounces_totals *totals, const struct bounces_tally *tally)
{
    size_t worst = SIZE_MAX;
    bool worst_is_listed = false;
    for (size_t i = 0; i < totals->cause_count; i++) {
        const struct bounces_sum *sum = &totals->causes[i];
        bool is_listed = tally->causes[i].blocklist[0] != '\0';
        if (sum->bounced == 0 || (worst != SIZE_MAX && worst_is_listed && !is_listed))
            continue;
        const struct bounces_sum *best = worst == SIZE_MAX ? NULL : &totals->causes[worst];
        if (best == NULL || (is_listed && !worst_is_listed) || sum->bounced > best->bounced) {
            worst = i;
            worst_is_listed = is_listed;
        }
    }
    return worst;
}

/* The words of the server, without "host mx[192.0.2.1] said: " before them. */
static struct slice words_of(const char *reply)
{
    struct slice text = slice_of(reply);
    size_t said = slice_find_text(text, " said: ");
    if (said < text.length)
        text = slice_sub(text, said + sizeof " said: " - 1, text.length);
    return slice_sub(text, 0, REPLY_SHOWN);
}

/* ", 61 blocked by Spamhaus at outlook.com: 550 5.7.1 ...", or "" */
static const char *worst_text(const struct bounces_judge *judge)
{
    const struct bounces_tally *tally = &judge->facts->tally;
    size_t worst = bounces_worst_cause(judge->totals, tally);
    if (worst == SIZE_MAX)
        return "";
    const struct bounces_cause *cause = &tally->causes[worst];
    const struct bounces_sum *sum = &judge->totals->causes[worst];
    struct slice words = words_of(cause->reply);
    bool is_listed = cause->blocklist[0] != '\0';
    return arena_format(
        judge->facts->arena, ", %llu %s%s%s at %s%s%.*s", (unsigned long long)sum->bounced,
        is_listed ? "blocked" : bounce_class_name(cause->class), is_listed ? " by " : "",
        cause->blocklist, tally->providers[cause->provider], words.length > 0 ? ": " : "",
        SLICE_PRINTF(words));
}

/* ---- the rate */

static void judge_rate(const struct bounces_judge *judge)
{
    const struct bounces_totals *totals = judge->totals;
    uint64_t failed = bounces_failed(totals);
    uint64_t ended = bounces_ended(totals);
    double rate = percent(failed, ended);
    if (!judge->facts->has_logs || ended == 0)
        return;
    if (ended < (uint64_t)judge->config->min_mails) {
        report_add(judge->report, BOUNCES_F_FEW_MAILS, NULL,
                   "%llu of %llu mail%s bounced %s: fewer than --min-mails %ld, the rate is not "
                   "judged",
                   (unsigned long long)failed, (unsigned long long)ended, plural(ended, "", "s"),
                   bounces_span(judge->facts), judge->config->min_mails);
        return;
    }
    bool is_critical = range_alerts(&judge->common->critical, rate);
    if (is_critical || range_alerts(&judge->common->warning, rate))
        report_add_as(judge->report, BOUNCES_F_RATE, is_critical ? STATE_CRITICAL : STATE_WARNING,
                      NULL, "%.1f %% bounced (%llu of %llu %s)%s", rate, (unsigned long long)failed,
                      (unsigned long long)ended, bounces_span(judge->facts), worst_text(judge));
}

/* ---- limits */

struct figure {
    uint64_t count, of;
    const char *name; /* "blocked", "mails of gmail.com bounced" */
};

static const struct bounces_sum *find_provider(const struct bounces_totals *totals,
                                               const char *name)
{
    for (size_t i = 0; i < totals->provider_count; i++)
        if (slice_equals_text_ignoring_case(slice_of(totals->providers[i].name), name))
            return &totals->providers[i];
    return NULL;
}

static struct figure find_figure(const struct bounces_judge *judge,
                                 const struct bounces_limit *limit)
{
    const struct bounces_totals *totals = judge->totals;
    uint64_t deferred = totals->kinds[BOUNCES_DEFERRED];
    uint64_t all = bounces_ended(totals) + deferred;
    const struct bounces_sum *sum = &totals->classes[limit->class];
    switch (limit->subject) {
    case BOUNCES_LIMIT_COMPLAINTS:
        return (struct figure){totals->kinds[BOUNCES_COMPLAINT], totals->kinds[BOUNCES_DELIVERED],
                               "complaints"};
    case BOUNCES_LIMIT_DEFERRED:
        return (struct figure){deferred, all, "deferred"};
    case BOUNCES_LIMIT_PROVIDER:
        sum = find_provider(totals, limit->provider);
        return (struct figure){sum == NULL ? 0 : sum->bounced,
                               sum == NULL ? 0 : sum->bounced + sum->delivered,
                               arena_format(judge->facts->arena, "bounced at %s", limit->provider)};
    case BOUNCES_LIMIT_GROUP:
        sum = &totals->groups[limit->group];
        break;
    case BOUNCES_LIMIT_CLASS:
        break;
    }
    return (struct figure){sum->bounced + sum->deferred, all, sum->name};
}

/* A share of few mails says nothing; a count always does. A limit of 0 is reached by the first. */
static bool is_reached(const struct bounces_judge *judge, const struct bounces_level *level,
                       const struct figure *figure)
{
    if (!level->is_set || figure->count == 0)
        return false;
    if (!level->is_percent)
        return (double)figure->count >= level->value;
    return figure->of > 0 && figure->of >= (uint64_t)judge->config->min_mails &&
           percent(figure->count, figure->of) >= level->value;
}

static const char *sample_of(const struct bounces_judge *judge, const struct bounces_limit *limit)
{
    const struct bounces_tally *tally = &judge->facts->tally;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < judge->totals->cause_count; i++) {
        const struct bounces_cause *cause = &tally->causes[i];
        const struct bounces_sum *sum = &judge->totals->causes[i];
        bool fits = (limit->subject == BOUNCES_LIMIT_GROUP &&
                     bounce_class_group(cause->class) == limit->group) ||
                    (limit->subject == BOUNCES_LIMIT_CLASS && cause->class == limit->class) ||
                    (limit->subject == BOUNCES_LIMIT_DEFERRED && sum->deferred > 0) ||
                    (limit->subject == BOUNCES_LIMIT_PROVIDER && sum->bounced > 0 &&
                     slice_equals_text_ignoring_case(slice_of(tally->providers[cause->provider]),
                                                     limit->provider));
        if (fits && sum->bounced + sum->deferred > 0 &&
            (best == SIZE_MAX ||
             sum->bounced + sum->deferred >
                 judge->totals->causes[best].bounced + judge->totals->causes[best].deferred))
            best = i;
    }
    return best == SIZE_MAX ? NULL : tally->causes[best].reply;
}

static void judge_limit(const struct bounces_judge *judge, const struct bounces_limit *limit)
{
    struct figure figure = find_figure(judge, limit);
    bool is_critical = is_reached(judge, &limit->critical, &figure);
    bool is_percent = is_critical ? limit->critical.is_percent : limit->warning.is_percent;
    if (!is_critical && !is_reached(judge, &limit->warning, &figure))
        return;
    const char *share =
        is_percent ? arena_format(judge->facts->arena, " (%.1f %% of %llu)",
                                  percent(figure.count, figure.of), (unsigned long long)figure.of)
                   : "";
    struct finding *finding =
        report_add_as(judge->report, BOUNCES_F_LIMIT, is_critical ? STATE_CRITICAL : STATE_WARNING,
                      NULL, "%llu %s%s %s, limit %s", (unsigned long long)figure.count, figure.name,
                      share, bounces_span(judge->facts), limit->text);
    const char *sample = sample_of(judge, limit);
    if (sample != NULL)
        report_seen(judge->report, finding, "%.400s", sample);
}

/* ---- what else is worth a word */

static void judge_blocklists(const struct bounces_judge *judge)
{
    const struct bounces_totals *totals = judge->totals;
    for (size_t i = 0; i < totals->blocklist_count; i++) {
        const struct bounces_sum *sum = &totals->blocklists[i];
        uint64_t mails = sum->bounced + sum->deferred;
        struct finding *finding = report_add(
            judge->report, BOUNCES_F_BLOCKLISTED, sum->name, "%llu mail%s refused because of it %s",
            (unsigned long long)mails, plural(mails, " was", "s were"), bounces_span(judge->facts));
        for (size_t c = 0; c < totals->cause_count; c++) {
            if (totals->causes[c].bounced + totals->causes[c].deferred > 0 &&
                slice_equals_text(slice_of(sum->name), totals->causes[c].name)) {
                report_seen(judge->report, finding, "%s", judge->facts->tally.causes[c].reply);
                break;
            }
        }
    }
}

static void judge_silence(const struct bounces_judge *judge)
{
    const struct bounces_facts *facts = judge->facts;
    uint64_t mails = bounces_ended(judge->totals) + judge->totals->kinds[BOUNCES_DEFERRED];
    if (facts->has_logs && mails == 0 && facts->source_count > 0)
        report_add(judge->report, BOUNCES_F_NO_MAILS, NULL, "no mail was sent %s",
                   bounces_span(facts));
    if (facts->tally.future > 0)
        report_add(
            judge->report, BOUNCES_F_FUTURE_LINES, NULL,
            "%llu of the deliveries, bounces and deferrals %s stamped more than 5 minutes ahead "
            "of the clock; counted as of now",
            (unsigned long long)facts->tally.future, plural(facts->tally.future, "is", "are"));
    if (facts->tally.old > 0)
        report_add(
            judge->report, BOUNCES_F_OLD_LINES, NULL,
            "%llu of the deliveries, bounces and deferrals %s older than the window of %s and "
            "not counted",
            (unsigned long long)facts->tally.old, plural(facts->tally.old, "is", "are"),
            bounces_window_print(facts->arena, facts->window));
}

static void summarise(const struct bounces_judge *judge)
{
    const struct bounces_totals *totals = judge->totals;
    uint64_t ended = bounces_ended(totals);
    const char *span = bounces_span(judge->facts);
    if (!judge->facts->has_logs)
        report_summary(judge->report, "%llu bounced, %llu delayed, %llu complaint%s %s",
                       (unsigned long long)totals->kinds[BOUNCES_BOUNCED],
                       (unsigned long long)totals->kinds[BOUNCES_DEFERRED],
                       (unsigned long long)totals->kinds[BOUNCES_COMPLAINT],
                       plural(totals->kinds[BOUNCES_COMPLAINT], "", "s"), span);
    else if (ended == 0)
        report_summary(judge->report, "no mail was delivered and none bounced %s, %llu deferred",
                       span, (unsigned long long)totals->kinds[BOUNCES_DEFERRED]);
    else
        report_summary(
            judge->report, "%.1f %% bounced (%llu of %llu %s), %llu deferred%s",
            percent(bounces_failed(totals), ended), (unsigned long long)bounces_failed(totals),
            (unsigned long long)ended, span, (unsigned long long)totals->kinds[BOUNCES_DEFERRED],
            ended < (uint64_t)judge->config->min_mails ? "; too few mails for a verdict on the rate"
                                                       : "");
}

void bounces_judge(const struct bounces_judge *judge)
{
    summarise(judge);
    judge_rate(judge);
    for (size_t i = 0; i < judge->limit_count; i++)
        judge_limit(judge, &judge->limits[i]);
    bounces_judge_sources(judge);
    judge_blocklists(judge);
    judge_silence(judge);
}
