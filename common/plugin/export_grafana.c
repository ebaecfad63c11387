#include "plugin/export.h"

#include <string.h>

#include "plugin/export_object.h"
#include "plugin/export_option.h"

/* Three panels beside each other on Grafana's 24 columns. */
#define PANEL_WIDTH 8
#define PANEL_HEIGHT 7
#define PANELS_PER_LINE 3

struct dashboard {
    enum export_source source;
    struct arena *arena;
    json_t *panels;
    json_int_t last_id;
    size_t line; /* where the next panel or row stands */
};

static const char *source_name(enum export_source source)
{
    return source == EXPORT_INFLUXDB ? "influxdb" : "graphite";
}

/* A variable of the dashboard, so that the file can be imported and provisioned as it is. */
static json_t *data_source(const struct dashboard *dashboard)
{
    json_t *object = export_object();

    export_set_text(object, "type", source_name(dashboard->source));
    export_set_text(object, "uid", "${datasource}");
    return object;
}

static json_t *position(size_t column, size_t line, size_t width, size_t height)
{
    json_t *object = export_object();

    export_set(object, "h", json_integer((json_int_t)height));
    export_set(object, "w", json_integer((json_int_t)width));
    export_set(object, "x", json_integer((json_int_t)column));
    export_set(object, "y", json_integer((json_int_t)line));
    return object;
}

static const char *unit_name(const char *uom)
{
    static const char *const units[][2] = {
        {"s", "s"       },
        {"B", "decbytes"},
        {"%", "percent" },
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(uom, units[i][0]) == 0)
            return units[i][1];
    }
    return "short";
}

/* The metric of all hosts and services that are chosen. Checks run once an hour and less often, so
 * points stand alone: empty intervals are left out, not drawn as gaps. */
static json_t *target(const struct dashboard *dashboard, const char *command, const char *label)
{
    json_t *object = export_object();

    export_set(object, "datasource", data_source(dashboard));
    export_set_text(object, "refId", "A");
    if (dashboard->source == EXPORT_GRAPHITE) {
        export_set_text(object, "target",
                        arena_format(dashboard->arena,
                                     "aliasByNode(keepLastValue(icinga2.$host.services.$service."
                                     "%s.perfdata.%s.value), 1, 3)",
                                     command, label));
        return object;
    }
    export_set_text(object, "alias", "$tag_hostname $tag_service");
    export_set_text(
        object, "query",
        arena_format(dashboard->arena,
                     "SELECT mean(\"value\") FROM \"%s\" WHERE (\"metric\" = '%s' AND \"hostname\" "
                     "=~ /^$host$/ AND \"service\" =~ /^$service$/) AND $timeFilter GROUP BY "
                     "time($__interval), \"hostname\", \"service\" fill(none)",
                     command, label));
    export_set(object, "rawQuery", json_true());
    export_set_text(object, "resultFormat", "time_series");
    return object;
}

static json_t *field_settings(const struct metric_definition *metric)
{
    json_t *settings = export_object();
    json_t *defaults = export_object();
    json_t *custom = export_object();

    export_set_text(custom, "drawStyle", "line");
    export_set_text(custom, "lineInterpolation", "stepAfter");
    export_set(custom, "spanNulls", json_true());
    export_set_text(defaults, "unit", unit_name(metric->uom));
    export_set(defaults, "custom", custom);
    export_set(settings, "defaults", defaults);
    export_set(settings, "overrides", export_array());
    return settings;
}

static void add_panel(struct dashboard *dashboard, const char *command,
                      const struct metric_definition *metric, size_t place)
{
    json_t *panel = export_object();
    json_t *targets = export_array();

    export_append(targets, target(dashboard, command, metric->label));
    export_set(panel, "id", json_integer(++dashboard->last_id));
    export_set_text(panel, "type", "timeseries");
    export_set_text(panel, "title", metric->label);
    export_set_text(panel, "description", metric->help);
    export_set(panel, "datasource", data_source(dashboard));
    export_set(panel, "gridPos",
               position(place % PANELS_PER_LINE * PANEL_WIDTH,
                        dashboard->line + place / PANELS_PER_LINE * PANEL_HEIGHT, PANEL_WIDTH,
                        PANEL_HEIGHT));
    export_set(panel, "fieldConfig", field_settings(metric));
    export_set(panel, "targets", targets);
    export_append(dashboard->panels, panel);
}

static void add_plugin(struct dashboard *dashboard, const struct plugin_definition *definition)
{
    const struct report_tables *tables = &definition->tables;
    json_t *row = export_object();

    export_set(row, "id", json_integer(++dashboard->last_id));
    export_set_text(row, "type", "row");
    export_set_text(row, "title",
                    arena_format(dashboard->arena, "%s: %s", tables->service, definition->title));
    export_set(row, "collapsed", json_false());
    export_set(row, "gridPos", position(0, dashboard->line, PANELS_PER_LINE * PANEL_WIDTH, 1));
    export_set(row, "panels", export_array());
    export_append(dashboard->panels, row);
    dashboard->line++;
    for (size_t i = 0; i < tables->metric_count; i++)
        add_panel(dashboard, export_command(definition, dashboard->arena), &tables->metrics[i], i);
    dashboard->line +=
        (tables->metric_count + PANELS_PER_LINE - 1) / PANELS_PER_LINE * PANEL_HEIGHT;
}

/* A choice above the dashboard; `query` says among what. */
static json_t *choice(const struct dashboard *dashboard, const char *name, const char *label,
                      const char *query)
{
    json_t *object = export_object();

    export_set_text(object, "name", name);
    export_set_text(object, "label", label);
    if (strcmp(name, "datasource") == 0) {
        export_set_text(object, "type", "datasource");
    } else {
        export_set_text(object, "type", "query");
        export_set(object, "datasource", data_source(dashboard));
        export_set(object, "includeAll", json_true());
        export_set(object, "multi", json_true());
        export_set_text(object, "allValue", dashboard->source == EXPORT_INFLUXDB ? ".*" : "*");
        export_set(object, "refresh", json_integer(2));
        export_set(object, "sort", json_integer(1));
    }
    export_set_text(object, "query", query);
    return object;
}

static json_t *choices(const struct dashboard *dashboard)
{
    bool influxdb = dashboard->source == EXPORT_INFLUXDB;
    json_t *list = export_array();
    json_t *templating = export_object();

    export_append(list, choice(dashboard, "datasource", "Source", source_name(dashboard->source)));
    export_append(list, choice(dashboard, "host", "Host",
                               influxdb ? "SHOW TAG VALUES FROM /^postmaster_/ WITH KEY = "
                                          "\"hostname\""
                                        : "icinga2.*"));
    export_append(list, choice(dashboard, "service", "Service",
                               influxdb ? "SHOW TAG VALUES FROM /^postmaster_/ WITH KEY = "
                                          "\"service\" WHERE \"hostname\" =~ /^$host$/"
                                        : "icinga2.$host.services.*"));
    export_set(templating, "list", list);
    return templating;
}

void export_grafana_suite(const struct plugin_definition *const *definitions, size_t count,
                          enum export_source source, struct arena *arena, struct text *out)
{
    struct dashboard dashboard = {.source = source, .arena = arena, .panels = export_array()};
    json_t *object = export_object();
    json_t *tags = export_array();
    json_t *time = export_object();

    for (size_t i = 0; i < count; i++)
        add_plugin(&dashboard, definitions[i]);
    export_append(tags, json_string("mail"));
    export_append(tags, json_string("icinga2"));
    export_set_text(time, "from", "now-7d");
    export_set_text(time, "to", "now");
    export_set(object, "id", json_null());
    export_set_text(object, "uid", arena_format(arena, EXPORT_PACKAGE "-%s", source_name(source)));
    export_set_text(object, "title", "Mail servers");
    export_set_text(object, "description",
                    "All figures of " EXPORT_PACKAGE ", as Icinga 2 writes them.");
    export_set(object, "tags", tags);
    export_set(object, "schemaVersion", json_integer(36));
    export_set(object, "editable", json_true());
    export_set_text(object, "refresh", "5m");
    export_set(object, "time", time);
    export_set(object, "templating", choices(&dashboard));
    export_set(object, "panels", dashboard.panels);
    export_dump(object, out);
}
