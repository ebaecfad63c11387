#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct finding_definition findings[] = {
    {"a.broken", STATE_CRITICAL, "broken", "why", "mend it", "RFC 5321 4.1"},
    {"a.weak",   STATE_WARNING,  "weak",   "why", "feed it", "RFC 5321 4.2"},
    {"a.note",   STATE_OK,       "fine",   "why", NULL,      "RFC 5321 4.3"},
};

static const struct metric_definition metrics[] = {
    {"count", "",  0, "Count"},
    {"time",  "s", 3, "Time" },
};

static const struct report_tables tables = {
    .plugin = "check_a",
    .version = "1",
    .service = "A",
    .findings = findings,
    .finding_count = 3,
    .metrics = metrics,
    .metric_count = 2,
    .facts = "{\"record\":null}",
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* Every line of the input is a finding: its first octet chooses which, the rest is all of its
 * strings. */
static void fill(struct report *report, const char *input)
{
    const char *const labels[] = {"text", input, NULL};

    report_target(report, "%.100s", input);
    report_sample(report, "postmaster_a_list", "List", 1, labels);
    report_fact(report, "record", report_json_string(report, input));
    report_detail(report, 1, "%s", input);
    for (const char *line = input; *line != '\0';
         line += strcspn(line, "\n"), line += *line != '\0') {
        int length = (int)strcspn(line, "\n");
        struct finding *finding =
            report_add(report, (unsigned char)*line % 3, line, "%.*s", length, line);

        report_seen(report, finding, "%s", line);
        if (length % 2 == 1)
            report_fix(report, finding, "%.*s", length, line);
    }
    report_metric(report, 0, (double)strlen(input));
}

static void check(const struct report *report, enum report_format format, int verbosity)
{
    struct report_style style = {.format = format, .verbosity = verbosity};
    struct text out;

    text_init(&out, SIZE_MAX);
    report_write(report, &style, 1, &out);
    require(out.length > 0 && out.start[out.length - 1] == '\n');
    require(strlen(out.start) == out.length);
    require(strpbrk(out.start, "\r\t\x1b\x7f") == NULL);
    if (format == REPORT_JSON) {
        json_t *json = json_loads(out.start, JSON_REJECT_DUPLICATES, NULL);
        require(out.length <= REPORT_JSON_MAX && json_is_object(json));
        json_decref(json);
    } else if (format == REPORT_CHECKMK) {
        require(strchr(out.start, '\n') == out.start + out.length - 1);
    } else if (format != REPORT_PROMETHEUS) {
        const char *pipe = strchr(out.start, '|');
        require(strcspn(out.start, "\n") < REPORT_FIRST_LINE_MAX && out.length <= REPORT_TEXT_MAX);
        require(pipe != NULL && strchr(pipe + 1, '|') == NULL);
        require(strncmp(pipe, "| count=", 8) == 0 && strpbrk(out.start, "<>") == NULL);
    }
    text_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct report report;

    arena_init(&arena);
    report_init(&report, &arena, &tables);
    fill(&report, arena_copy_slice(&arena, slice_new((const char *)data, size)));
    for (enum report_format format = REPORT_TEXT; format <= REPORT_CHECKMK; format++)
        for (int verbosity = 0; verbosity <= 2; verbosity++)
            check(&report, format, verbosity);
    report_release(&report);
    arena_release(&arena);
    return 0;
}
