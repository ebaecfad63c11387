#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/number.h"
#include "report/report_writer.h"

/* Room for one series: its labels, each of at most ESCAPE_LABEL_MAX. */
#define SERIES_MAX 65536

/* A sample with its labels printed, to be sorted by family and labels: families must be contiguous,
 * and the same series twice makes a scraper refuse the file. */
struct series {
    const struct report_sample *sample;
    const char *labels;
    size_t order;
};

static void append_label(struct text *out, const char *name, const char *value)
{
    text_printf(out, "%s%s=\"", out->length > 0 ? "," : "", name);
    escape_prometheus(out, slice_of(value));
    text_append_char(out, '"');
}

/* The target comes first, unless the plugin names one itself. */
static const char *print_labels(const struct report *report, const char *const *labels)
{
    struct text text;
    bool has_target = false;

    for (size_t i = 0; labels[i] != NULL && labels[i + 1] != NULL; i += 2)
        has_target = has_target || strcmp(labels[i], "target") == 0;
    text_init(&text, SERIES_MAX);
    if (!has_target)
        append_label(&text, "target", report->target != NULL ? report->target : "");
    for (size_t i = 0; labels[i] != NULL && labels[i + 1] != NULL; i += 2)
        append_label(&text, labels[i], labels[i + 1]);

    const char *copy = arena_copy_slice(report->arena, text_slice(&text));

    text_release(&text);
    return copy;
}

static int compare_series(const void *left, const void *right)
{
    const struct series *a = left;
    const struct series *b = right;
    int order = strcmp(a->sample->family, b->sample->family);

    if (order == 0)
        order = strcmp(a->labels, b->labels);
    if (order == 0)
        order = a->order < b->order ? -1 : a->order > b->order;
    return order;
}

static struct series *sort_samples(const struct report *report)
{
    struct series *series = arena_array(report->arena, report->sample_count, sizeof(*series));

    for (size_t i = 0; i < report->sample_count; i++) {
        const struct report_sample *sample = &report->samples[i];

        series[i] = (struct series){sample, print_labels(report, sample->labels), i};
    }
    qsort(series, report->sample_count, sizeof(*series), compare_series);
    return series;
}

static void write_header(const char *family, const char *help, const char *type, struct text *out)
{
    text_printf(out, "# HELP %s %s\n# TYPE %s %s\n", family, help, family, type);
}

static void write_value(const char *family, const char *labels, double value, int decimals,
                        struct text *out)
{
    text_printf(out, "%s{%s} ", family, labels);
    if (isfinite(value))
        number_print(value, decimals, out);
    else
        text_append(out, isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
    text_append_char(out, '\n');
}

/* The samples of one family; the first of several with the same labels counts. `own` are the labels
 * that the family's metric has been printed with, or "". */
static void write_samples(const struct series *series, size_t count, const char *family,
                          const char *own, struct text *out)
{
    const char *last = own;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(series[i].sample->family, family) != 0)
            continue;
        if (strcmp(series[i].labels, last) != 0 && strcmp(series[i].labels, own) != 0)
            write_value(family, series[i].labels, series[i].sample->value, NUMBER_EXACT, out);
        last = series[i].labels;
    }
}

/* "postmaster_smtp_banner_" from "SMTP BANNER". */
static void append_prefix(const struct report_tables *tables, struct text *out)
{
    text_append(out, "postmaster_");
    for (const char *c = tables->service; *c != '\0'; c++) {
        bool upper = *c >= 'A' && *c <= 'Z';
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');

        text_append_char(out, upper ? (char)(*c - 'A' + 'a') : plain ? *c : '_');
    }
    text_append_char(out, '_');
}

static const char *unit_suffix(const char *uom)
{
    static const char *const suffixes[][2] = {
        {"s", "_seconds"},
        {"B", "_bytes"  },
        {"%", "_percent"},
        {"c", "_total"  },
    };

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (strcmp(uom, suffixes[i][0]) == 0)
            return suffixes[i][1];
    return "";
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* A name in "_count" is a part of a histogram to scrapers and to promtool. */
static const char *metric_family(const struct report *report,
                                 const struct metric_definition *definition)
{
    static const char count[] = "_count";
    const char *label = definition->label;
    const char *suffix = unit_suffix(definition->uom);
    struct text name;

    text_init(&name, REPORT_FIRST_LINE_MAX);
    append_prefix(report->tables, &name);
    if (ends_with(label, count))
        text_printf(&name, "%.*s_number", (int)(strlen(label) - strlen(count)), label);
    else
        text_append(&name, label);
    if (!ends_with(label, suffix))
        text_append(&name, suffix);

    const char *copy = arena_copy_slice(report->arena, text_slice(&name));

    text_release(&name);
    return copy;
}

/* The state's family and those of the metrics, each with the samples that carry its name. *families
 * gets the names. */
static void write_metrics(const struct report_view *view, const struct series *series,
                          const char *labels, const char **families, struct text *out)
{
    static const struct metric_definition state = {.label = "state", .uom = ""};
    const struct report *report = view->report;

    families[0] = metric_family(report, &state);
    write_header(families[0], "State of the check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN", "gauge",
                 out);
    write_value(families[0], labels, (double)view->state, 0, out);
    write_samples(series, report->sample_count, families[0], labels, out);
    for (size_t i = 0; i < report->tables->metric_count; i++) {
        const struct metric_definition *definition = &report->tables->metrics[i];
        const struct metric *metric = &report->metrics[i];
        bool counter = strcmp(definition->uom, "c") == 0;
        const char *family = metric_family(report, definition);

        families[i + 1] = family;
        write_header(family, definition->help, counter ? "counter" : "gauge", out);
        if (metric->is_set)
            write_value(family, labels, metric->value, definition->decimals, out);
        write_samples(series, report->sample_count, family, metric->is_set ? labels : "", out);
    }
}

static bool is_written(const char *const *families, size_t count, const char *family)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(families[i], family) == 0)
            return true;
    return false;
}

void report_prometheus_write(const struct report_view *view, struct text *out)
{
    static const char *const no_labels[] = {NULL};
    const struct report *report = view->report;
    size_t count = report->tables->metric_count + 1;
    const char **families = arena_array(report->arena, count, sizeof(*families));
    const struct series *series = sort_samples(report);
    const char *last = "";

    if (view->failed)
        text_printf(out, "# %s%s\n", view->prefix, view->summary);
    write_metrics(view, series, print_labels(report, no_labels), families, out);
    for (size_t i = 0; i < report->sample_count; i++) {
        const struct report_sample *sample = series[i].sample;

        if (strcmp(sample->family, last) == 0 || is_written(families, count, sample->family))
            continue;
        last = sample->family;
        write_header(last, sample->help, "gauge", out);
        write_samples(series, report->sample_count, last, "", out);
    }
}
