#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "bounces.h"

/* Most rows of each array, the largest first. */
#define ROWS_MAX 100
#define SAMPLES_SHOWN 20
#define REPLY_SHOWN 200

static uint64_t refusals(const struct bounces_sum *sum)
{
    return sum->bounced + sum->deferred;
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* ---- figures */

static const enum bounces_metric GROUP_METRICS[BOUNCE_GROUPS] = {
    [BOUNCE_GROUP_UNKNOWN] = BOUNCES_M_UNKNOWN, [BOUNCE_GROUP_RECIPIENT] = BOUNCES_M_RECIPIENT,
    [BOUNCE_GROUP_FULL] = BOUNCES_M_FULL,       [BOUNCE_GROUP_RATE] = BOUNCES_M_LIMITED,
    [BOUNCE_GROUP_GREY] = BOUNCES_M_GREY,       [BOUNCE_GROUP_BLOCKED] = BOUNCES_M_BLOCKED,
    [BOUNCE_GROUP_SIZE] = BOUNCES_M_SIZE,       [BOUNCE_GROUP_TRANSIENT] = BOUNCES_M_TRANSIENT,
    [BOUNCE_GROUP_CONFIG] = BOUNCES_M_CONFIG,
};

/* A count that alerts from N on, as a range: N - 1 is the last good one. */
static const struct range *count_range(const struct bounces_level *level, struct range *range)
{
    *range = (struct range){.is_set = true, .end = level->value - 1};
    return level->is_set && !level->is_percent && level->value >= 1 ? range : NULL;
}

static void show_limits(const struct bounces_judge *judge)
{
    for (size_t i = 0; i < judge->limit_count; i++) {
        const struct bounces_limit *limit = &judge->limits[i];
        struct range warning;
        struct range critical;
        size_t metric = BOUNCES_METRICS;
        if (limit->subject == BOUNCES_LIMIT_GROUP)
            metric = GROUP_METRICS[limit->group];
        else if (limit->subject == BOUNCES_LIMIT_DEFERRED)
            metric = BOUNCES_M_DEFERRED;
        else if (limit->subject == BOUNCES_LIMIT_COMPLAINTS)
            metric = BOUNCES_M_COMPLAINTS;
        if (metric != BOUNCES_METRICS)
            report_metric_bounds(judge->report, metric, count_range(&limit->warning, &warning),
                                 count_range(&limit->critical, &critical));
    }
}

/* Without a state file the sources are all there is. */
static bool knows_counts(const struct bounces_judge *judge)
{
    const struct bounces_facts *facts = judge->facts;
    bool has_read = judge->config->state_file != NULL;
    for (size_t i = 0; i < facts->source_count; i++)
        has_read = has_read || facts->sources[i].status == BOUNCES_SOURCE_READ ||
                   facts->sources[i].octets > 0;
    return has_read && facts->state_trouble != BOUNCES_STATE_LOCKED &&
           facts->state_trouble != BOUNCES_STATE_UNUSABLE;
}

static void show_metrics(const struct bounces_judge *judge)
{
    const struct bounces_totals *totals = judge->totals;
    struct report *report = judge->report;
    uint64_t ended = bounces_ended(totals);
    report_metric_bounds(report, BOUNCES_M_RATE, &judge->common->warning, &judge->common->critical);
    report_metric_limits(report, BOUNCES_M_RATE, 0, 100);
    show_limits(judge);
    if (!knows_counts(judge))
        return;
    if (judge->facts->has_logs)
        report_metric(report, BOUNCES_M_DELIVERED, (double)totals->kinds[BOUNCES_DELIVERED]);
    report_metric(report, BOUNCES_M_BOUNCED, (double)totals->kinds[BOUNCES_BOUNCED]);
    report_metric(report, BOUNCES_M_EXPIRED, (double)totals->kinds[BOUNCES_EXPIRED]);
    report_metric(report, BOUNCES_M_DEFERRED, (double)totals->kinds[BOUNCES_DEFERRED]);
    report_metric(report, BOUNCES_M_COMPLAINTS, (double)totals->kinds[BOUNCES_COMPLAINT]);
    if (judge->facts->has_logs && ended > 0)
        report_metric(report, BOUNCES_M_RATE, (double)bounces_failed(totals) * 100 / (double)ended);
    for (size_t group = 0; group < BOUNCE_GROUPS; group++)
        report_metric(report, GROUP_METRICS[group], (double)refusals(&totals->groups[group]));
}

/* ---- sums */

static int compare_sums(const void *a, const void *b)
{
    const struct bounces_sum *left = *(const struct bounces_sum *const *)a;
    const struct bounces_sum *right = *(const struct bounces_sum *const *)b;
    if (refusals(left) != refusals(right))
        return refusals(left) > refusals(right) ? -1 : 1;
    if (left->delivered != right->delivered)
        return left->delivered > right->delivered ? -1 : 1;
    return left < right ? -1 : left > right ? 1 : 0;
}

/* Those that count anything, the largest first. */
static const struct bounces_sum **sort_sums(struct arena *arena, const struct bounces_sum *sums,
                                            size_t count, size_t *kept)
{
    const struct bounces_sum **sorted = arena_array(arena, count + 1, sizeof(struct bounces_sum *));
    *kept = 0;
    for (size_t i = 0; i < count; i++)
        if (refusals(&sums[i]) + sums[i].delivered > 0)
            sorted[(*kept)++] = &sums[i];
    if (*kept > 0)
        qsort(sorted, *kept, sizeof(struct bounces_sum *), compare_sums);
    return sorted;
}

/* ---- Prometheus */

#define SAMPLES_MAX 100

static void add_samples(const struct bounces_judge *judge, const char *label,
                        const char *const families[2], const struct bounces_sum *sums, size_t count)
{
    size_t kept;
    const struct bounces_sum **sorted = sort_sums(judge->facts->arena, sums, count, &kept);
    for (size_t i = 0; i < kept && i < SAMPLES_MAX; i++) {
        const char *labels[] = {label, sorted[i]->name, NULL};
        report_sample(judge->report, families[0], "refusals for good in the window",
                      (double)sorted[i]->bounced, labels);
        report_sample(judge->report, families[1],
                      "recipients that were deferred in the window, each message counted once",
                      (double)sorted[i]->deferred, labels);
    }
}

static void show_samples_of_sums(const struct bounces_judge *judge)
{
    static const char *const classes[] = {"postmaster_bounces_class_bounced",
                                          "postmaster_bounces_class_deferred"};
    static const char *const providers[] = {"postmaster_bounces_provider_bounced",
                                            "postmaster_bounces_provider_deferred"};
    const struct bounces_totals *totals = judge->totals;
    size_t kept;
    const struct bounces_sum **sorted =
        sort_sums(judge->facts->arena, totals->providers, totals->provider_count, &kept);
    add_samples(judge, "class", classes, totals->classes, BOUNCE_CLASSES);
    add_samples(judge, "provider", providers, totals->providers, totals->provider_count);
    for (size_t i = 0; judge->facts->has_logs && i < kept && i < SAMPLES_MAX; i++) {
        const char *labels[] = {"provider", sorted[i]->name, NULL};
        report_sample(judge->report, "postmaster_bounces_provider_delivered",
                      "recipients that were delivered to in the window",
                      (double)sorted[i]->delivered, labels);
    }
}

/* ---- JSON */

static void show_sums(const struct bounces_judge *judge, const char *key,
                      const struct bounces_sum *sums, size_t count, bool has_delivered)
{
    json_t *array = json_array();
    size_t kept;
    const struct bounces_sum **sorted = sort_sums(judge->facts->arena, sums, count, &kept);
    for (size_t i = 0; i < kept && i < ROWS_MAX; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "name", report_json_string(judge->report, sorted[i]->name));
        json_object_set_new(object, "count", number(refusals(sorted[i])));
        json_object_set_new(object, "bounced", number(sorted[i]->bounced));
        json_object_set_new(object, "deferred", number(sorted[i]->deferred));
        if (has_delivered)
            json_object_set_new(object, "delivered", number(sorted[i]->delivered));
        json_array_append_new(array, object);
    }
    if (kept > ROWS_MAX)
        judge->report->facts_omitted += kept - ROWS_MAX;
    report_fact(judge->report, key, array);
}

static void show_samples(const struct bounces_judge *judge)
{
    const struct bounces_tally *tally = &judge->facts->tally;
    struct report *report = judge->report;
    json_t *array = json_array();
    size_t kept;
    const struct bounces_sum **sorted =
        sort_sums(judge->facts->arena, judge->totals->causes, judge->totals->cause_count, &kept);
    for (size_t i = 0; i < kept && i < SAMPLES_SHOWN; i++) {
        const struct bounces_cause *cause = &tally->causes[sorted[i] - judge->totals->causes];
        const char *class = bounce_class_name(cause->class);
        const char *group = bounce_group_name(bounce_class_group(cause->class));
        const char *provider = tally->providers[cause->provider];
        const char *rule = cause->rule[0] == '\0' ? "no rule" : cause->rule;
        json_t *object = json_object();
        json_object_set_new(object, "class", json_string(class));
        json_object_set_new(object, "group", json_string(group));
        json_object_set_new(object, "provider", report_json_string(report, provider));
        json_object_set_new(
            object, "blocklist",
            report_json_string(report, cause->blocklist[0] == '\0' ? NULL : cause->blocklist));
        json_object_set_new(
            object, "rule",
            report_json_string(report, cause->rule[0] == '\0' ? NULL : cause->rule));
        json_object_set_new(object, "count", number(refusals(sorted[i])));
        json_object_set_new(object, "reply",
                            report_json_string(report, arena_format(judge->facts->arena, "%.*s",
                                                                    REPLY_SHOWN, cause->reply)));
        json_array_append_new(array, object);
        report_detail(report, 1, "%llu at %s: %s, group %s%s%s (%s): %.*s",
                      (unsigned long long)refusals(sorted[i]), provider, class, group,
                      cause->blocklist[0] == '\0' ? "" : ", blocklist ", cause->blocklist, rule,
                      REPLY_SHOWN, cause->reply);
    }
    report_fact(report, "samples", array);
}

static const char *source_state(const struct bounces_source *source)
{
    switch (source->status) {
    case BOUNCES_SOURCE_READ:
        return "read";
    case BOUNCES_SOURCE_MISSING:
        return "missing";
    case BOUNCES_SOURCE_FORBIDDEN:
        return "forbidden";
    case BOUNCES_SOURCE_NO_FILE:
    case BOUNCES_SOURCE_BROKEN:
        return "unreadable";
    case BOUNCES_SOURCE_NOT_BUILT:
        break;
    }
    return "not-built";
}

static void show_sources(const struct bounces_judge *judge)
{
    json_t *array = json_array();
    for (size_t i = 0; i < judge->facts->source_count; i++) {
        const struct bounces_source *source = &judge->facts->sources[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", report_json_string(judge->report, source->name));
        json_object_set_new(object, "status", json_string(source_state(source)));
        json_object_set_new(object, "octets", number(source->octets));
        json_object_set_new(object, "rotated", number(source->finished));
        json_array_append_new(array, object);
        report_detail(judge->report, 2, "%s: %s, %llu octets in this run, %zu rotated file%s",
                      source->name, source_state(source), (unsigned long long)source->octets,
                      source->finished, plural(source->finished, "", "s"));
    }
    report_fact(judge->report, "sources", array);
}

static void show_ignored(const struct bounces_judge *judge)
{
    json_t *object = json_object();
    for (int reason = MAILLOG_PROBE; reason < MAILLOG_REASONS; reason++)
        json_object_set_new(object, maillog_reason_name((enum maillog_reason)reason),
                            number(judge->facts->ignored[reason]));
    json_object_set_new(object, "null-sender", number(judge->facts->null_sender));
    report_fact(judge->report, "ignored", object);
}

/* ---- --recipients */

static const char *kind_name(enum bounces_kind kind)
{
    static const char *const NAMES[BOUNCES_KINDS] = {
        [BOUNCES_DELIVERED] = "delivered",   [BOUNCES_BOUNCED] = "bounce",
        [BOUNCES_EXPIRED] = "bounce",        [BOUNCES_DEFERRED] = "delayed",
        [BOUNCES_COMPLAINT] = "complaint",   [BOUNCES_AUTO_REPLY] = "auto-reply",
        [BOUNCES_CHALLENGE] = "challenge",   [BOUNCES_BOGUS] = "bogus",
        [BOUNCES_NOT_BOUNCE] = "not-bounce",
    };
    return NAMES[kind];
}

static json_t *recipient_json(struct report *report, const struct bounces_recipient *one)
{
    const char *class = one->is_failure ? bounce_class_name(one->class) : NULL;
    const char *group = one->is_failure ? bounce_group_name(bounce_class_group(one->class)) : NULL;
    json_t *object = json_object();
    json_object_set_new(object, "recipient", report_json_string(report, one->recipient));
    json_object_set_new(object, "original_recipient",
                        report_json_string(report, one->original_recipient));
    json_object_set_new(object, "status", report_json_string(report, one->status));
    json_object_set_new(object, "reply_code",
                        one->reply_code == 0 ? json_null() : number(one->reply_code));
    json_object_set_new(object, "class", report_json_string(report, class));
    json_object_set_new(object, "group", report_json_string(report, group));
    json_object_set_new(object, "hard", one->is_failure ? json_boolean(one->is_hard) : json_null());
    json_object_set_new(object, "blocklist", report_json_string(report, one->blocklist));
    json_object_set_new(object, "rule", report_json_string(report, one->rule));
    return object;
}

/* Recipients that stand together and are of one file and kind are one message. */
static void show_recipients(const struct bounces_judge *judge)
{
    const struct bounces_facts *facts = judge->facts;
    struct report *report = judge->report;
    json_t *messages = json_array();
    json_t *recipients = NULL;
    const struct bounces_recipient *last = NULL;
    for (size_t i = 0; i < facts->recipient_count; i++) {
        const struct bounces_recipient *one = &facts->recipients[i];
        if (last == NULL || last->kind != one->kind || strcmp(last->file, one->file) != 0) {
            json_t *message = json_object();
            recipients = json_array();
            json_object_set_new(message, "file", report_json_string(report, one->file));
            json_object_set_new(message, "kind", json_string(kind_name(one->kind)));
            json_object_set_new(message, "recipients", recipients);
            json_array_append_new(messages, message);
        }
        if (one->recipient != NULL)
            json_array_append_new(recipients, recipient_json(report, one));
        last = one;
    }
    report->facts_omitted += facts->recipients_left_out;
    report_fact(report, "messages", messages);
}

void bounces_show(const struct bounces_judge *judge)
{
    const struct bounces_facts *facts = judge->facts;
    const struct bounces_totals *totals = judge->totals;
    int64_t covered = facts->tally.since == 0 ? 0 : facts->now - facts->tally.since;
    if (facts->window > 0 && covered > facts->window)
        covered = facts->window;
    show_metrics(judge);
    show_samples_of_sums(judge);
    report_fact(judge->report, "window_seconds", number((uint64_t)facts->window));
    report_fact(judge->report, "covered_seconds", number((uint64_t)(covered < 0 ? 0 : covered)));
    show_sums(judge, "classes", totals->classes, BOUNCE_CLASSES, false);
    show_sums(judge, "groups", totals->groups, BOUNCE_GROUPS, false);
    show_sums(judge, "providers", totals->providers, totals->provider_count, true);
    show_sums(judge, "blocklists", totals->blocklists, totals->blocklist_count, false);
    show_samples(judge);
    show_sources(judge);
    show_ignored(judge);
    if (facts->keeps_recipients)
        show_recipients(judge);
}
