#include <string.h>

#include "base/plural.h"
#include "report/escape.h"
#include "report/report_writer.h"

/* Room kept for the line that says how much is not shown. */
#define HINT_SIZE 64

/* Takes lines as long as they fit; those that follow are counted and not even composed. */
struct body {
    struct text *out;
    struct text line;
    size_t end;
    size_t hidden;
};

static bool begin_line(struct body *body)
{
    if (body->hidden > 0) {
        body->hidden++;
        return false;
    }
    text_clear(&body->line);
    return true;
}

static void end_line(struct body *body)
{
    if (body->out->length + body->line.length + 1 + HINT_SIZE > body->end) {
        body->hidden++;
        return;
    }
    text_append_slice(body->out, text_slice(&body->line));
    text_append_char(body->out, '\n');
}

static void write_part(struct body *body, const char *name, const char *value, size_t most)
{
    if (!begin_line(body))
        return;
    text_printf(&body->line, "    %s: ", name);
    escape_text(&body->line, slice_of(value), most);
    end_line(body);
}

static void write_title(struct body *body, const struct report_view *view,
                        const struct finding *finding)
{
    const char *state = state_name(finding->state);

    if (!begin_line(body))
        return;
    if (view->style->format == REPORT_MULTI_LINE) {
        text_printf(&body->line, "\\_ [%s] ", state);
        report_view_sentence(finding, REPORT_SENTENCE_MAX, &body->line);
        report_view_id(finding, &body->line);
    } else {
        text_printf(&body->line, "%s ", state);
        escape_text(&body->line, slice_of(finding->id), ESCAPE_VALUE_MAX);
        text_append_char(&body->line, ' ');
        report_view_sentence(finding, REPORT_SENTENCE_MAX, &body->line);
        text_append(&body->line, " (");
        escape_text(&body->line, slice_of(finding->reference), REPORT_SENTENCE_MAX);
        text_append_char(&body->line, ')');
    }
    end_line(body);
}

/* One repair for many findings in a row is said once. */
static void write_findings(struct body *body, const struct report_view *view)
{
    int verbosity = view->style->verbosity;
    const char *last_fix = "";

    for (size_t i = 0; i < view->finding_count; i++) {
        const struct finding *finding = view->findings[i];

        write_title(body, view, finding);
        if (verbosity < 1)
            continue;
        if (finding->seen != NULL)
            write_part(body, "seen", finding->seen,
                       verbosity > 1 ? REPORT_EVIDENCE_MAX : ESCAPE_VALUE_MAX);
        if (strcmp(finding->fix, last_fix) != 0 && finding->fix[0] != '\0')
            write_part(body, "fix", finding->fix, REPORT_EVIDENCE_MAX);
        last_fix = finding->fix;
    }
    if (view->dropped_count > 0 && begin_line(body)) {
        text_printf(&body->line, "%zu more findings were counted only", view->dropped_count);
        end_line(body);
    }
}

void report_text_write_body(const struct report_view *view, size_t most, struct text *out)
{
    const struct report *report = view->report;
    int verbosity = view->style->verbosity;
    struct body body = {.out = out, .end = out->length + most};

    text_init(&body.line, REPORT_STRING_MAX * 2);
    if (verbosity > 0 || view->style->format == REPORT_MULTI_LINE)
        write_findings(&body, view);
    for (size_t i = 0; i < report->detail_count; i++)
        if (report->detail_levels[i] <= verbosity && begin_line(&body)) {
            escape_text(&body.line, slice_of(report->details[i]), REPORT_STRING_MAX);
            end_line(&body);
        }
    if (body.hidden > 0)
        text_printf(out, "... %zu more line%s (-v --max-output)\n", body.hidden,
                    plural(body.hidden, "", "s"));
    text_release(&body.line);
}

void report_text_write(const struct report_view *view, struct text *out)
{
    size_t before = out->length;
    size_t most = view->style->most_octets > 0 ? view->style->most_octets : REPORT_TEXT_MAX;

    text_append(out, view->prefix);
    text_append(out, view->summary);
    if (view->perfdata[0] != '\0')
        text_printf(out, " | %s", view->perfdata);
    text_append_char(out, '\n');

    size_t used = out->length - before;

    report_text_write_body(view, used < most ? most - used : 0, out);
}
