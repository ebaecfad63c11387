#include <math.h>
#include <string.h>

#include "report/escape.h"
#include "report/number.h"
#include "report/report_writer.h"

/* [lower:]upper, where Checkmk reads an alert below the lower and at the upper bound; what it
 * cannot say ("@", no bound at all) is left empty. */
static void write_levels(const struct range *range, struct text *out)
{
    if (!range->is_set || range->inside)
        return;
    if (!range->start_infinite && (range->end_infinite || range->start < 0 || range->start > 0)) {
        number_print(range->start, NUMBER_EXACT, out);
        text_append_char(out, ':');
    }
    if (!range->end_infinite)
        number_print(range->end, NUMBER_EXACT, out);
}

static void write_metric(const struct metric_definition *definition, const struct metric *metric,
                         struct text *out)
{
    text_printf(out, "%s=", definition->label);
    report_perfdata_value(definition, metric, out);
    text_append_char(out, ';');
    write_levels(&metric->warning, out);
    text_append_char(out, ';');
    write_levels(&metric->critical, out);
    text_append_char(out, ';');
    if (metric->has_minimum)
        number_print(metric->minimum, NUMBER_EXACT, out);
    text_append_char(out, ';');
    if (metric->has_maximum)
        number_print(metric->maximum, NUMBER_EXACT, out);
    while (out->start[out->length - 1] == ';')
        text_cut(out, out->length - 1);
}

/* A value that is no number would make Checkmk refuse the whole line: what is unset is left out. */
static void write_metrics(const struct report *report, struct text *out)
{
    size_t written = 0;

    for (size_t i = 0; i < report->tables->metric_count; i++) {
        if (!report->metrics[i].is_set)
            continue;
        if (written++ > 0)
            text_append_char(out, '|');
        write_metric(&report->tables->metrics[i], &report->metrics[i], out);
    }
    if (written == 0)
        text_append_char(out, '-');
}

/* Checkmk makes a new line of the two characters `\n`: a newline of ours is written so, and whoever
 * sent these two characters shall not begin a line. */
static void write_text(struct slice text, struct text *out)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] == '\n')
            text_append(out, "\\n");
        else if (text.start[i] == '\\' && i + 1 < text.length && text.start[i + 1] == 'n')
            text_append(out, "\\x5C");
        else
            text_append_char(out, text.start[i]);
    }
}

static void write_name(const struct report_view *view, struct text *out)
{
    struct text name;

    text_init(&name, REPORT_FIRST_LINE_MAX);
    text_append(&name, view->report->tables->service);
    if (view->report->target != NULL && view->report->target[0] != '\0') {
        text_append_char(&name, ' ');
        escape_text(&name, slice_of(view->report->target), ESCAPE_VALUE_MAX);
    }
    for (size_t i = 0; i < name.length; i++)
        if (name.start[i] == '"')
            name.start[i] = '\'';
    write_text(text_slice(&name), out);
    text_release(&name);
}

void report_checkmk_write(const struct report_view *view, struct text *out)
{
    size_t most = view->style->most_octets > 0 ? view->style->most_octets : REPORT_TEXT_MAX;
    struct text text;

    text_printf(out, "%d \"", (int)view->state);
    write_name(view, out);
    text_append(out, "\" ");
    write_metrics(view->report, out);
    text_append_char(out, ' ');

    text_init(&text, most + REPORT_FIRST_LINE_MAX * 2);
    text_append(&text, view->summary);
    text_append_char(&text, '\n');
    report_text_write_body(view, text.length < most ? most - text.length : 0, &text);
    write_text(slice_sub(text_slice(&text), 0, text.length - 1), out);
    text_append_char(out, '\n');
    text_release(&text);
}
