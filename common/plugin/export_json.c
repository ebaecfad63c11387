#include "plugin/export.h"

#include "plugin/export_object.h"
#include "plugin/export_option.h"
#include "plugin/option_value.h"

static const char *kind_name(enum option_kind kind)
{
    switch (kind) {
    case OPTION_FLAG:
        return "flag";
    case OPTION_COUNTER:
        return "counter";
    case OPTION_TEXT:
        return "text";
    case OPTION_WORD:
        return "word";
    case OPTION_NUMBER:
        return "number";
    case OPTION_SECONDS:
        return "seconds";
    case OPTION_RANGE:
        return "range";
    case OPTION_DOMAIN:
        return "domain";
    case OPTION_ADDRESS:
        return "address";
    case OPTION_FILE:
        return "file";
    case OPTION_STATE:
        return "state";
    case OPTION_ENDPOINT:
        return "endpoint";
    case OPTION_SPECIAL:
        break;
    }
    return "special";
}

static json_t *words_of(const struct option_definition *option)
{
    const char *const *words = export_option_words(option);
    json_t *array = export_array();

    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        export_append(array, json_string(words[i]));
    return array;
}

static json_t *option_object(const struct option_definition *option, const char *group)
{
    bool has_bounds = option->kind == OPTION_NUMBER || option->kind == OPTION_SECONDS;
    const char letter[2] = {option->letter, '\0'};
    json_t *object = export_object();

    export_set_text(object, "name", option->name);
    export_set_text(object, "letter", option->letter != '\0' ? letter : NULL);
    export_set_text(object, "kind", kind_name(option->kind));
    export_set_text(object, "argument", option->argument);
    export_set_text(object, "group", group);
    export_set_text(object, "help", option->help);
    export_set_text(object, "default", option->default_text);
    export_set_text(object, "unit", option->unit);
    export_set(object, "minimum", has_bounds ? json_real(option->minimum) : json_null());
    export_set(object, "maximum", has_bounds ? json_real(option->maximum) : json_null());
    export_set(object, "words", words_of(option));
    export_set(object, "takes_value", json_boolean(option_takes_value(option)));
    export_set(object, "value_optional",
               json_boolean((option->traits & OPTION_OPTIONAL_VALUE) != 0));
    export_set(object, "repeat", json_boolean((option->traits & OPTION_REPEAT) != 0));
    export_set(object, "required", json_boolean((option->traits & OPTION_REQUIRED) != 0));
    export_set(object, "secret", json_boolean((option->traits & OPTION_SECRET) != 0));
    export_set(object, "common", json_boolean((option->traits & OPTION_COMMON) != 0));
    export_set(object, "host", json_boolean((option->traits & OPTION_HOST) != 0));
    export_set(object, "for_engines", json_boolean(export_is_for_engines(option)));
    return object;
}

static json_t *options_array(const struct plugin_definition *definition, struct arena *arena)
{
    struct export_options options = export_options(definition, arena);
    json_t *array = export_array();
    const char *group = NULL;

    for (size_t i = 0; i < options.count; i++) {
        export_option_heading(&options.rows[i], &group);
        export_append(array, option_object(&options.rows[i], group));
    }
    return array;
}

static json_t *findings_array(const struct report_tables *tables)
{
    json_t *array = export_array();

    for (size_t i = 0; i < tables->finding_count; i++) {
        const struct finding_definition *finding = &tables->findings[i];
        json_t *object = export_object();

        export_set_text(object, "id", finding->id);
        export_set_text(object, "state", state_name(finding->state));
        export_set_text(object, "title", finding->title);
        export_set_text(object, "why", finding->why);
        export_set_text(object, "fix", finding->fix);
        export_set_text(object, "reference", finding->reference);
        export_append(array, object);
    }
    return array;
}

static json_t *metrics_array(const struct report_tables *tables)
{
    json_t *array = export_array();

    for (size_t i = 0; i < tables->metric_count; i++) {
        const struct metric_definition *metric = &tables->metrics[i];
        json_t *object = export_object();

        export_set_text(object, "label", metric->label);
        export_set_text(object, "uom", metric->uom);
        export_set(object, "decimals", json_integer(metric->decimals));
        export_set_text(object, "help", metric->help);
        export_append(array, object);
    }
    return array;
}

static const char *role_name(enum element_role role)
{
    switch (role) {
    case ELEMENT_KEY:
        return "key";
    case ELEMENT_TEXT:
        return "text";
    case ELEMENT_NUMBER:
        return "number";
    case ELEMENT_COUNT:
        break;
    }
    return "count";
}

static json_t *fields_array(const struct element_array *elements)
{
    json_t *array = export_array();

    for (size_t i = 0; i < elements->field_count; i++) {
        const struct element_field *field = &elements->fields[i];
        json_t *object = export_object();

        export_set_text(object, "path", field->path);
        export_set_text(object, "role", role_name(field->role));
        export_set_text(object, "title", field->title);
        export_set_text(object, "unit", field->unit);
        export_append(array, object);
    }
    return array;
}

static json_t *elements_array(const struct report_tables *tables)
{
    json_t *array = export_array();

    for (size_t i = 0; i < tables->element_count; i++) {
        json_t *object = export_object();

        export_set_text(object, "name", tables->elements[i].name);
        export_set_text(object, "path", tables->elements[i].path);
        export_set_text(object, "condition", tables->elements[i].condition);
        export_set(object, "fields", fields_array(&tables->elements[i]));
        export_append(array, object);
    }
    return array;
}

static json_t *examples_array(const struct plugin_definition *definition)
{
    json_t *array = export_array();

    for (size_t i = 0; i < definition->example_count; i++) {
        json_t *object = export_object();

        export_set_text(object, "command", definition->examples[i].command);
        export_set_text(object, "text", definition->examples[i].text);
        export_append(array, object);
    }
    return array;
}

void export_json(const struct plugin_definition *definition, struct arena *arena, struct text *out)
{
    const struct report_tables *tables = &definition->tables;
    json_t *object = export_object();

    export_set_text(object, "plugin", tables->plugin);
    export_set_text(object, "version", tables->version);
    export_set_text(object, "service", tables->service);
    export_set_text(object, "command", export_command(definition, arena));
    export_set_text(object, "title", definition->title);
    export_set_text(object, "description", definition->description);
    export_set_text(object, "figure", definition->figure);
    export_set(object, "check_interval", json_integer(export_schedule(definition).interval));
    export_set(object, "options", options_array(definition, arena));
    export_set(object, "findings", findings_array(tables));
    export_set(object, "metrics", metrics_array(tables));
    export_set(object, "elements", elements_array(tables));
    export_set(object, "examples", examples_array(definition));
    export_set_text(object, "notes", definition->notes);
    export_dump(object, out);
}
