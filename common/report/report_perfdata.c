#include "report/report_writer.h"

#include "report/number.h"

void report_perfdata_value(const struct metric_definition *definition, const struct metric *metric,
                           struct text *out)
{
    if (metric->is_set)
        number_print(metric->value, definition->decimals, out);
    else
        text_append_char(out, 'U');
}

/* 'label'=value[UOM];[warn];[crit];[min];[max]: labels need no quotes, being [a-z0-9_]. The unknown
 * value has no unit. */
static void write_metric(const struct metric_definition *definition, const struct metric *metric,
                         struct text *out)
{
    size_t end;

    text_printf(out, "%s=", definition->label);
    report_perfdata_value(definition, metric, out);
    if (metric->is_set)
        text_append(out, definition->uom);
    end = out->length;
    text_append_char(out, ';');
    if (metric->warning.is_set) {
        range_print(&metric->warning, out);
        end = out->length;
    }
    text_append_char(out, ';');
    if (metric->critical.is_set) {
        range_print(&metric->critical, out);
        end = out->length;
    }
    text_append_char(out, ';');
    if (metric->has_minimum) {
        number_print(metric->minimum, NUMBER_EXACT, out);
        end = out->length;
    }
    text_append_char(out, ';');
    if (metric->has_maximum) {
        number_print(metric->maximum, NUMBER_EXACT, out);
        end = out->length;
    }
    text_cut(out, end);
}

void report_perfdata_write(const struct report *report, struct text *out)
{
    for (size_t i = 0; i < report->tables->metric_count; i++) {
        if (i > 0)
            text_append_char(out, ' ');
        write_metric(&report->tables->metrics[i], &report->metrics[i], out);
    }
}
