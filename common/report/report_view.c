#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/report_writer.h"

/* Octets that one metric can take: five numbers, none longer than the digits of DBL_MAX. */
#define METRIC_MAX 2048
/* Least room for the text of a first line, however long the perfdata is. */
#define SUMMARY_MIN 160

const struct finding_definition *report_view_definition(const struct report_view *view,
                                                        const struct finding *finding)
{
    return &view->report->tables->findings[finding->definition];
}

static int compare_findings(const void *left, const void *right)
{
    const struct finding *a = *(const struct finding *const *)left;
    const struct finding *b = *(const struct finding *const *)right;
    int worse = state_rank(b->state) - state_rank(a->state);

    if (worse != 0)
        return worse;
    return a->order < b->order ? -1 : a->order > b->order;
}

static void sort_findings(struct report_view *view)
{
    const struct report *report = view->report;

    view->finding_count = report->finding_count;
    view->findings = arena_array(report->arena, report->finding_count, sizeof(*view->findings));
    for (size_t i = 0; i < report->finding_count; i++)
        view->findings[i] = &report->findings[i];
    qsort(view->findings, view->finding_count, sizeof(*view->findings), compare_findings);
    for (enum state state = STATE_OK; state < STATE_IGNORE; state++)
        view->dropped_count += report->dropped[state];
}

/* Escapes into a limit that the dots of a cut are part of. */
static void append_within(struct text *out, const char *value, size_t most)
{
    struct slice slice = slice_of(value);
    size_t before = out->length;

    escape_text(out, slice, most);
    if (out->length - before > most) {
        text_cut(out, before);
        escape_text(out, slice, most > 3 ? most - 3 : 0);
    }
}

void report_view_sentence(const struct finding *finding, size_t most, struct text *out)
{
    size_t before = out->length;

    if (finding->subject[0] != '\0') {
        append_within(out, finding->subject,
                      most / 2 < REPORT_SUBJECT_MAX ? most / 2 : REPORT_SUBJECT_MAX);
        text_append(out, ": ");
    }

    size_t used = out->length - before;

    append_within(out, finding->text, used < most ? most - used : 0);
}

void report_view_id(const struct finding *finding, struct text *out)
{
    text_append(out, " (");
    append_within(out, finding->id, ESCAPE_VALUE_MAX);
    text_append_char(out, ')');
}

/* ", and 5 more (2 critical, 3 warning)", or ", and 5 more (warning)" when all are of one state:
 * whoever reads only this line learns how many are as bad as the first. Notes don't count. */
static void append_rest(const struct report_view *view, struct text *out)
{
    static const struct {
        enum state state;
        const char *word;
    } worst_first[] = {
        {STATE_CRITICAL, "critical"},
        {STATE_WARNING,  "warning" },
        {STATE_UNKNOWN,  "unknown" },
    };
    size_t counts[STATE_IGNORE];
    size_t rest = 0, kinds = 0;
    const char *separator = "";

    memcpy(counts, view->report->dropped, sizeof(counts));
    for (size_t i = 1; i < view->finding_count; i++)
        counts[view->findings[i]->state]++;
    for (size_t i = 0; i < sizeof(worst_first) / sizeof(worst_first[0]); i++) {
        rest += counts[worst_first[i].state];
        kinds += counts[worst_first[i].state] > 0;
    }
    if (rest == 0)
        return;
    text_printf(out, ", and %zu more (", rest);
    for (size_t i = 0; i < sizeof(worst_first) / sizeof(worst_first[0]); i++) {
        size_t count = counts[worst_first[i].state];

        if (count == 0)
            continue;
        text_append(out, separator);
        if (kinds > 1)
            text_printf(out, "%zu ", count);
        text_append(out, worst_first[i].word);
        separator = ", ";
    }
    text_append_char(out, ')');
}

/* The id and the count of the rest stay whole; what is cut is the sentence before them. */
static void append_finding(const struct report_view *view, size_t room, struct text *out)
{
    struct text tail;

    text_init(&tail, REPORT_FIRST_LINE_MAX);
    report_view_id(view->findings[0], &tail);
    append_rest(view, &tail);
    report_view_sentence(view->findings[0], room > tail.length ? room - tail.length : 0, out);
    text_append_slice(out, text_slice(&tail));
    text_release(&tail);
}

static void compose_summary(struct report_view *view, const char *message)
{
    const struct report *report = view->report;
    size_t around = strlen(view->prefix) + strlen(view->perfdata) + strlen(" | ") + strlen("\n");
    size_t room =
        around + SUMMARY_MIN < REPORT_FIRST_LINE_MAX ? REPORT_FIRST_LINE_MAX - around : SUMMARY_MIN;
    struct text text;

    text_init(&text, REPORT_FIRST_LINE_MAX * 2);
    if (message == NULL && view->state == STATE_OK)
        message = report->summary;
    if (message == NULL && view->finding_count > 0)
        append_finding(view, room, &text);
    else if (message != NULL)
        append_within(&text, message, room);
    else if (report->target != NULL)
        append_within(&text, report->target, room);
    else
        text_append(&text, "nothing found");
    view->summary = arena_copy_slice(report->arena, text_slice(&text));
    text_release(&text);
}

static void print_perfdata(struct report_view *view)
{
    struct text text;

    text_init(&text, view->report->tables->metric_count * METRIC_MAX);
    report_perfdata_write(view->report, &text);
    view->perfdata = arena_copy_slice(view->report->arena, text_slice(&text));
    text_release(&text);
}

/* What `out` cannot take is cut at a whole line. */
static void cut_at_line(struct text *out, size_t before)
{
    size_t end = out->length;

    if (!out->truncated)
        return;
    while (end > before && out->start[end - 1] != '\n')
        end--;
    if (end == before && out->length > before)
        out->start[out->length - 1] = '\n';
    else
        text_cut(out, end);
}

static void write_view(struct report_view *view, const char *message, struct text *out)
{
    size_t before = out->length;

    sort_findings(view);
    view->prefix = arena_format(view->report->arena, "%s %s - ", view->report->tables->service,
                                state_name(view->state));
    print_perfdata(view);
    compose_summary(view, message);
    switch (view->style->format) {
    case REPORT_JSON:
        report_json_write(view, out);
        break;
    case REPORT_PROMETHEUS:
        report_prometheus_write(view, out);
        break;
    case REPORT_CHECKMK:
        report_checkmk_write(view, out);
        break;
    case REPORT_TEXT:
    case REPORT_MULTI_LINE:
        report_text_write(view, out);
        break;
    }
    cut_at_line(out, before);
}

void report_write(const struct report *report, const struct report_style *style, double seconds,
                  struct text *out)
{
    struct report_view view = {
        .report = report, .style = style, .seconds = seconds, .state = report_state(report)};

    write_view(&view, NULL, out);
}

void report_write_failed(const struct report *report, const struct report_style *style,
                         double seconds, const char *message, struct text *out)
{
    struct report_view view = {.report = report,
                               .style = style,
                               .seconds = seconds,
                               .state = STATE_UNKNOWN,
                               .failed = true};

    write_view(&view, message, out);
}

void report_write_unknown(const struct report_tables *tables, const struct report_style *style,
                          const char *message, struct text *out)
{
    struct arena arena;
    struct report report;

    arena_init(&arena);
    report_init(&report, &arena, tables);
    report_write_failed(&report, style, 0, message, out);
    report_release(&report);
    arena_release(&arena);
}
