#include "plugin/export_zabbix.h"

/* A dashboard of Zabbix has 24 columns. */
#define STATE_COLUMNS 4
#define TEXT_COLUMNS 10
#define TOP_ROWS 3
#define GRAPH_COLUMNS 8
#define GRAPH_ROWS 5
#define GRAPHS_A_ROW (24 / GRAPH_COLUMNS)

/* Of an ITEM widget: parts that it can show, and their sizes in percent of its height, which let
 * the longest state be read in STATE_COLUMNS. */
#define SHOW_VALUE "2"
#define SHOW_TIME "3"
#define VALUE_SIZE "15"
#define TIME_SIZE "9"

struct place {
    int x, y, width, height;
};

static void add_field(json_t *fields, const char *type, const char *name, json_t *value)
{
    json_t *field = export_object();

    export_set_text(field, "type", type);
    export_set_text(field, "name", name);
    export_set(field, "value", value);
    export_append(fields, field);
}

static void add_item_field(const struct zabbix_template *template, json_t *fields, const char *name,
                           const char *key)
{
    json_t *value = export_object();

    export_set_text(value, "host", template->name);
    export_set_text(value, "key", arena_format(template->arena, "%s.%s", template->prefix, key));
    add_field(fields, "ITEM", name, value);
}

/* Takes the fields over. */
static void add_widget(const struct zabbix_template *template, json_t *widgets, const char *type,
                       const char *name, struct place place, json_t *fields)
{
    struct arena *arena = template->arena;
    json_t *widget = export_object();

    export_set_text(widget, "type", type);
    export_set_text(widget, "name", arena_format(arena, "%s: %s", template->service, name));
    export_set_text(widget, "x", arena_format(arena, "%d", place.x));
    export_set_text(widget, "y", arena_format(arena, "%d", place.y));
    export_set_text(widget, "width", arena_format(arena, "%d", place.width));
    export_set_text(widget, "height", arena_format(arena, "%d", place.height));
    export_set(widget, "fields", fields);
    export_append(widgets, widget);
}

static void add_state(const struct zabbix_template *template, json_t *widgets)
{
    json_t *fields = export_array();

    add_item_field(template, fields, "itemid", "state");
    add_field(fields, "INTEGER", "show", json_string(SHOW_VALUE));
    add_field(fields, "INTEGER", "show", json_string(SHOW_TIME));
    add_field(fields, "INTEGER", "adv_conf", json_string("1"));
    add_field(fields, "INTEGER", "value_size", json_string(VALUE_SIZE));
    add_field(fields, "INTEGER", "time_size", json_string(TIME_SIZE));
    add_widget(template, widgets, "ITEM", "state", (struct place){0, 0, STATE_COLUMNS, TOP_ROWS},
               fields);
}

static void add_text(const struct zabbix_template *template, json_t *widgets, const char *name,
                     int x)
{
    json_t *fields = export_array();

    add_item_field(template, fields, "itemids", name);
    add_field(fields, "INTEGER", "show_lines", json_string("1"));
    add_widget(template, widgets, "PLAIN_TEXT", name, (struct place){x, 0, TEXT_COLUMNS, TOP_ROWS},
               fields);
}

static void add_graph(const struct zabbix_template *template, json_t *widgets, int index)
{
    const struct metric_definition *metric = &template->definition->tables.metrics[index];
    struct place place = {index % GRAPHS_A_ROW * GRAPH_COLUMNS,
                          TOP_ROWS + index / GRAPHS_A_ROW * GRAPH_ROWS, GRAPH_COLUMNS, GRAPH_ROWS};
    json_t *fields = export_array();

    /* Of an item, without a graph of its own. */
    add_field(fields, "INTEGER", "source_type", json_string("1"));
    add_item_field(template, fields, "itemid",
                   arena_format(template->arena, "perfdata[%s]", metric->label));
    add_widget(template, widgets, "GRAPH_CLASSIC", metric->label, place, fields);
}

json_t *zabbix_dashboards(const struct zabbix_template *template)
{
    json_t *dashboards = export_array();
    json_t *dashboard = export_object();
    json_t *pages = export_array();
    json_t *page = export_object();
    json_t *widgets = export_array();

    add_state(template, widgets);
    add_text(template, widgets, "summary", STATE_COLUMNS);
    add_text(template, widgets, "repair", STATE_COLUMNS + TEXT_COLUMNS);
    for (size_t i = 0; i < template->definition->tables.metric_count; i++)
        add_graph(template, widgets, (int)i);
    export_set(page, "widgets", widgets);
    export_append(pages, page);
    export_set_text(dashboard, "uuid", zabbix_uuid(template, "dashboard", ""));
    export_set_text(dashboard, "name", template->name);
    export_set(dashboard, "pages", pages);
    export_append(dashboards, dashboard);
    return dashboards;
}
