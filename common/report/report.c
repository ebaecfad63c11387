#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/escape.h"

bool report_format_parse(struct slice text, enum report_format *format)
{
    static const char *const names[] = {
        [REPORT_TEXT] = "text",       [REPORT_MULTI_LINE] = "multi-line",
        [REPORT_JSON] = "json",       [REPORT_PROMETHEUS] = "prometheus",
        [REPORT_CHECKMK] = "checkmk",
    };

    for (enum report_format candidate = REPORT_TEXT; candidate <= REPORT_CHECKMK; candidate++)
        if (slice_equals_text(text, names[candidate])) {
            *format = candidate;
            return true;
        }
    return false;
}

void report_init(struct report *report, struct arena *arena, const struct report_tables *tables)
{
    *report = (struct report){.arena = arena, .tables = tables};
    report->metrics = arena_array(arena, tables->metric_count, sizeof(*report->metrics));
    report->severities = arena_array(arena, tables->finding_count, sizeof(*report->severities));
    report->severity_set = arena_array(arena, tables->finding_count, sizeof(*report->severity_set));
    if (tables->facts != NULL)
        report->facts = json_loads(tables->facts, 0, NULL);
    if (!json_is_object(report->facts)) {
        json_decref(report->facts);
        report->facts = json_object();
    }
}

size_t report_extend_metrics(struct report *report, const struct metric_definition *definitions,
                             size_t count)
{
    size_t old = report->tables->metric_count;
    struct report_tables *tables = arena_alloc(report->arena, sizeof *tables);
    struct metric_definition *all = arena_array(report->arena, old + count, sizeof *all);
    struct metric *metrics = arena_array(report->arena, old + count, sizeof *metrics);

    memcpy(all, report->tables->metrics, old * sizeof *all);
    memcpy(metrics, report->metrics, old * sizeof *metrics);
    if (count > 0)
        memcpy(all + old, definitions, count * sizeof *all);
    *tables = *report->tables;
    tables->metrics = all;
    tables->metric_count = old + count;
    report->tables = tables;
    report->metrics = metrics;
    return old;
}

void report_release(struct report *report)
{
    json_decref(report->facts);
    free(report->findings);
    free(report->details);
    free(report->detail_levels);
    free(report->samples);
    *report = (struct report){0};
}

size_t report_find_id(const struct report_tables *tables, struct slice id)
{
    for (size_t i = 0; i < tables->finding_count; i++)
        if (slice_equals_text(id, tables->findings[i].id))
            return i;
    return SIZE_MAX;
}

bool report_set_severity(struct report *report, struct slice id, enum state state)
{
    size_t index = report_find_id(report->tables, id);

    if (index == SIZE_MAX)
        return false;
    report->severities[index] = state;
    report->severity_set[index] = true;
    return true;
}

const char *report_nearest_id(const struct report_tables *tables, struct slice id)
{
    const char *nearest = tables->finding_count > 0 ? tables->findings[0].id : NULL;
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < tables->finding_count; i++) {
        size_t distance = slice_distance(id, slice_of(tables->findings[i].id));

        if (distance < least) {
            least = distance;
            nearest = tables->findings[i].id;
        }
    }
    return nearest;
}

/* A copy of at most REPORT_STRING_MAX octets: what one remote site sends must not fill the memory.
 * Cut before a UTF-8 character, not in it. */
static const char *copy_bounded(struct report *report, struct slice value)
{
    size_t end = REPORT_STRING_MAX - strlen("...");

    if (value.length <= REPORT_STRING_MAX)
        return arena_copy_slice(report->arena, value);
    while (end > 0 && ((unsigned char)value.start[end] & 0xC0) == 0x80)
        end--;
    return arena_format(report->arena, "%.*s...", (int)end, value.start);
}

static const char *format_bounded(struct report *report, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
static const char *format_bounded(struct report *report, const char *format, va_list arguments)
{
    struct text text;

    /* Room for one octet too many shows that there is more. */
    text_init(&text, REPORT_STRING_MAX + 1);
    text_vprintf(&text, format, arguments);

    const char *copy = copy_bounded(report, text_slice(&text));

    text_release(&text);
    return copy;
}

/* No more of the value is looked at than is kept. */
static const char *copy_value(struct report *report, const char *value)
{
    return copy_bounded(report, slice_new(value, strnlen(value, REPORT_STRING_MAX + 1)));
}

void report_target(struct report *report, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    report->target = format_bounded(report, format, arguments);
    va_end(arguments);
}

void report_summary(struct report *report, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    report->summary = format_bounded(report, format, arguments);
    va_end(arguments);
}

/* The place of a finding of the least weight among those kept, when `state` is worse; else NULL.
 * Such findings are only ever replaced by worse ones, so the search walks down once for each state
 * and an add costs little. */
static struct finding *find_victim(struct report *report, enum state state)
{
    static const enum state mildest_first[] = {STATE_OK, STATE_UNKNOWN, STATE_WARNING};

    for (size_t i = 0; i < sizeof(mildest_first) / sizeof(mildest_first[0]); i++) {
        enum state mild = mildest_first[i];

        if (state_rank(state) <= state_rank(mild))
            return NULL;
        for (size_t left = report->finding_count; report->kept[mild] > 0 && left > 0; left--) {
            struct finding *finding = &report->findings[report->victim];

            if (finding->state == mild) {
                report->kept[mild]--;
                report->dropped[mild]++;
                return finding;
            }
            report->victim = (report->victim > 0 ? report->victim : report->finding_count) - 1;
        }
    }
    return NULL;
}

/* Where the finding goes, or NULL when it is not kept. */
static struct finding *find_place(struct report *report, enum state state)
{
    if (report->finding_count < REPORT_FINDINGS_MAX) {
        report->findings = memory_grow(report->findings, &report->finding_capacity,
                                       report->finding_count + 1, sizeof(*report->findings));
        report->victim = report->finding_count;
        return &report->findings[report->finding_count++];
    }

    struct finding *place = find_victim(report, state);

    if (place == NULL)
        report->dropped[state]++;
    return place;
}

static struct finding *add_list(struct report *report, size_t definition, enum state state,
                                const char *subject, const char *format, va_list arguments)
    __attribute__((format(printf, 5, 0)));
static struct finding *add_list(struct report *report, size_t definition, enum state state,
                                const char *subject, const char *format, va_list arguments)
{
    const struct finding_definition *row = &report->tables->findings[definition];
    struct finding *finding = NULL;
    size_t order = report->finding_count;

    if (report->severity_set[definition])
        state = report->severities[definition];
    for (enum state dropped = STATE_OK; dropped < STATE_IGNORE; dropped++)
        order += report->dropped[dropped];
    if (state != STATE_IGNORE)
        finding = find_place(report, state);
    if (finding == NULL) {
        report->spare = (struct finding){.definition = definition, .state = state, .fix = ""};
        return &report->spare;
    }
    report->kept[state]++;
    *finding = (struct finding){.definition = definition, .state = state, .order = order};
    finding->subject = copy_value(report, subject != NULL ? subject : "");
    finding->text = format_bounded(report, format, arguments);
    finding->fix = row->fix != NULL ? row->fix : "";
    finding->id = row->id;
    finding->why = row->why;
    finding->reference = row->reference;
    return finding;
}

struct finding *report_add(struct report *report, size_t definition, const char *subject,
                           const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct finding *finding = add_list(
        report, definition, report->tables->findings[definition].state, subject, format, arguments);
    va_end(arguments);
    return finding;
}

struct finding *report_add_as(struct report *report, size_t definition, enum state state,
                              const char *subject, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct finding *finding = add_list(report, definition, state, subject, format, arguments);
    va_end(arguments);
    return finding;
}

void report_seen(struct report *report, struct finding *finding, const char *format, ...)
{
    va_list arguments;

    if (finding == &report->spare)
        return;
    va_start(arguments, format);
    finding->seen = format_bounded(report, format, arguments);
    va_end(arguments);
}

void report_fix(struct report *report, struct finding *finding, const char *format, ...)
{
    va_list arguments;

    if (finding == &report->spare)
        return;
    va_start(arguments, format);
    finding->fix = format_bounded(report, format, arguments);
    va_end(arguments);
}

void report_origin(struct report *report, struct finding *finding, const char *id, const char *why,
                   const char *reference)
{
    if (finding == &report->spare)
        return;
    finding->id = copy_value(report, id);
    if (why[0] != '\0')
        finding->why = copy_value(report, why);
    if (reference[0] != '\0')
        finding->reference = copy_value(report, reference);
}

void report_detail(struct report *report, int level, const char *format, ...)
{
    size_t count = report->detail_count, level_capacity = report->detail_capacity;
    va_list arguments;

    if (count == REPORT_DETAILS_MAX)
        return;
    report->details =
        memory_grow(report->details, &report->detail_capacity, count + 1, sizeof(*report->details));
    report->detail_levels = memory_grow(report->detail_levels, &level_capacity, count + 1,
                                        sizeof(*report->detail_levels));
    va_start(arguments, format);
    report->details[count] = format_bounded(report, format, arguments);
    va_end(arguments);
    report->detail_levels[count] = level;
    report->detail_count++;
}

void report_metric(struct report *report, size_t metric, double value)
{
    report->metrics[metric].is_set = isfinite(value);
    report->metrics[metric].value = value;
}

void report_metric_bounds(struct report *report, size_t metric, const struct range *warning,
                          const struct range *critical)
{
    report->metrics[metric].warning = warning != NULL ? *warning : (struct range){0};
    report->metrics[metric].critical = critical != NULL ? *critical : (struct range){0};
}

void report_metric_limits(struct report *report, size_t metric, double minimum, double maximum)
{
    report->metrics[metric].has_minimum = isfinite(minimum);
    report->metrics[metric].minimum = minimum;
    report->metrics[metric].has_maximum = isfinite(maximum);
    report->metrics[metric].maximum = maximum;
}

void report_sample(struct report *report, const char *family, const char *help, double value,
                   const char *const *labels)
{
    size_t count = 0;

    if (report->sample_count == REPORT_SAMPLES_MAX)
        return;
    while (labels[count] != NULL)
        count++;

    const char **copies = arena_array(report->arena, count + 1, sizeof(*copies));

    for (size_t i = 0; i < count; i++)
        copies[i] = copy_value(report, labels[i]);
    report->samples = memory_grow(report->samples, &report->sample_capacity,
                                  report->sample_count + 1, sizeof(*report->samples));
    report->samples[report->sample_count++] =
        (struct report_sample){.family = family, .help = help, .value = value, .labels = copies};
}

void report_fact(struct report *report, const char *key, json_t *value)
{
    /* A documented key is never missing, not even when its value could not be made. */
    json_object_set_new(report->facts, key, value != NULL ? value : json_null());
}

/* Every octet that is replaced becomes four, so nothing of a bounded string is cut. */
json_t *report_json_string(struct report *report, const char *value)
{
    if (value == NULL)
        return json_null();
    return json_string(escape_utf8(report->arena, slice_of(value), REPORT_JSON_MAX));
}

enum state report_state(const struct report *report)
{
    enum state worst = STATE_OK;

    for (size_t i = 0; i < report->finding_count; i++)
        worst = state_worse(worst, report->findings[i].state);
    return worst;
}
