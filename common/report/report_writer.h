/*
 * What the writers of the output formats share. Only for the files of this floor.
 */
#ifndef COMMON_REPORT_REPORT_WRITER_H
#define COMMON_REPORT_REPORT_WRITER_H

#include "report/report.h"

/* A report made ready for printing: judged, sorted, its first line composed. Memory is the report's
 * arena. */
struct report_view {
    const struct report *report;
    const struct report_style *style;
    double seconds;
    enum state state;
    const char *prefix;   /* "SPF CRITICAL - " */
    const char *summary;  /* what follows it, escaped for text output, cut for the first line */
    const char *perfdata; /* "lookups=11;8;10;0 time=0.012s", or "" */
    const struct finding **findings; /* those kept, worst first, then in the order of arrival */
    size_t finding_count;
    size_t dropped_count; /* those only counted */
    bool failed;          /* the summary is a message, in place of findings */
};

const struct finding_definition *report_view_definition(const struct report_view *view,
                                                        const struct finding *finding);
/* "subject: text", escaped, each part within its own limit and both within `most` octets. */
void report_view_sentence(const struct finding *finding, size_t most, struct text *out);

/* Most octets of a subject, a sentence, and of evidence and fixes in text and JSON. */
#define REPORT_SUBJECT_MAX ESCAPE_VALUE_MAX
#define REPORT_SENTENCE_MAX 1000
#define REPORT_EVIDENCE_MAX 2048

/* " (id)", escaped. */
void report_view_id(const struct finding *finding, struct text *out);

/* All metrics in perfdata form, separated by blanks. Bounded by the number of metrics. */
void report_perfdata_write(const struct report *report, struct text *out);
/* The value as it is printed everywhere, "U" when it is not set. */
void report_perfdata_value(const struct metric_definition *definition, const struct metric *metric,
                           struct text *out);

void report_text_write(const struct report_view *view, struct text *out);
/* The lines below the first, each ending in a newline, at most `most` octets and the line that says
 * how many more there are. */
void report_text_write_body(const struct report_view *view, size_t most, struct text *out);
void report_json_write(const struct report_view *view, struct text *out);
void report_prometheus_write(const struct report_view *view, struct text *out);
void report_checkmk_write(const struct report_view *view, struct text *out);

#endif
