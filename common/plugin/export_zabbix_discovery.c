#include <ctype.h>
#include <string.h>

#include "plugin/export_zabbix.h"

#define LIFETIME "7d" /* of the items of what is found no more */

/* "{#ZONE}" */
static const char *macro_of(const struct element_field *field, struct arena *arena)
{
    char *macro = arena_format(arena, "{#%s}", field->path);

    for (char *at = macro; *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
    return macro;
}

static bool is_key(const struct element_array *array, size_t field)
{
    return field < array->field_count && array->fields[field].role == ELEMENT_KEY;
}

/* The keys' macros, with a separator between them. */
static const char *joined_macros(const struct element_array *array, const char *separator,
                                 struct arena *arena)
{
    const char *joined = macro_of(&array->fields[0], arena);

    for (size_t i = 1; is_key(array, i); i++)
        joined =
            arena_format(arena, "%s%s%s", joined, separator, macro_of(&array->fields[i], arena));
    return joined;
}

/* Those elements of the array that are followed. */
static const char *elements_path(const struct element_array *array, struct arena *arena)
{
    return array->condition == NULL
               ? arena_format(arena, "$.%s[*]", array->path)
               : arena_format(arena, "$.%s[?(%s)]", array->path, array->condition);
}

/* The member of the first element whose keys are those of the macros. */
static const char *member_path(const struct element_array *array, const struct element_field *field,
                               struct arena *arena)
{
    const char *condition = array->condition;

    for (size_t i = 0; is_key(array, i); i++)
        condition = arena_format(arena, "%s%s@.%s == \"%s\"", condition != NULL ? condition : "",
                                 condition != NULL ? " && " : "", array->fields[i].path,
                                 macro_of(&array->fields[i], arena));
    return arena_format(arena, "$.%s[?(%s)].%s.first()", array->path, condition, field->path);
}

/* postmaster.dnsbl.list[{#TARGET},{#ZONE},outcome] */
static const char *prototype_key(const struct zabbix_template *template,
                                 const struct element_array *array,
                                 const struct element_field *field)
{
    const char *quote = strchr(field->path, '[') != NULL ? "\"" : "";

    return arena_format(template->arena, "%s.%s[%s,%s%s%s]", template->prefix, array->name,
                        joined_macros(array, ",", template->arena), quote, field->path, quote);
}

static json_t *prototype_steps(const struct element_array *array, const struct element_field *field,
                               struct arena *arena)
{
    const char *path = member_path(array, field, arena);
    json_t *steps = export_array();

    if (field->role == ELEMENT_COUNT)
        zabbix_add_replacing_step(steps, "JSONPATH", path, "0");
    else
        zabbix_add_dropping_step(steps, "JSONPATH", path);
    if (field->role == ELEMENT_TEXT)
        zabbix_add_text_steps(steps);
    else
        zabbix_add_number_steps(steps);
    return steps;
}

static json_t *prototype(const struct zabbix_template *template, const struct element_array *array,
                         const struct element_field *field)
{
    struct arena *arena = template->arena;
    json_t *tags = zabbix_tags(array->name);
    json_t *item = zabbix_item(template, "prototype", prototype_key(template, array, field),
                               arena_format(arena, "%s %s: %s", array->name,
                                            joined_macros(array, " ", arena), field->title),
                               arena_format(arena, "Of each %s in the JSON of %s.", array->name,
                                            template->definition->tables.plugin));

    if (field->role == ELEMENT_TEXT)
        zabbix_set_text_type(item);
    else
        zabbix_set_number_type(item, field->unit);
    export_set(item, "preprocessing", prototype_steps(array, field, arena));
    for (size_t i = 0; is_key(array, i); i++)
        zabbix_add_tag(tags, array->fields[i].path, macro_of(&array->fields[i], arena));
    export_set(item, "tags", tags);
    return item;
}

static json_t *macro_paths(const struct element_array *array, struct arena *arena)
{
    json_t *paths = export_array();

    for (size_t i = 0; is_key(array, i); i++) {
        json_t *path = export_object();

        export_set_text(path, "lld_macro", macro_of(&array->fields[i], arena));
        export_set_text(path, "path", arena_format(arena, "$.%s", array->fields[i].path));
        export_append(paths, path);
    }
    return paths;
}

static json_t *rule(const struct zabbix_template *template, const struct element_array *array)
{
    struct arena *arena = template->arena;
    const char *key = arena_format(arena, "%s.discovery[%s]", template->prefix, array->name);
    json_t *object =
        zabbix_item(template, "discovery", key, arena_format(arena, "%s discovery", array->name),
                    arena_format(arena, "Each %s in the JSON of %s.", array->name,
                                 template->definition->tables.plugin));
    json_t *prototypes = export_array();
    json_t *steps = export_array();

    for (size_t i = 0; i < array->field_count; i++) {
        if (!is_key(array, i))
            export_append(prototypes, prototype(template, array, &array->fields[i]));
    }
    /* Zabbix calls it an error when nothing is at such a path. */
    zabbix_add_replacing_step(steps, "JSONPATH", elements_path(array, arena), "[]");
    export_set_text(object, "lifetime", LIFETIME);
    export_set(object, "item_prototypes", prototypes);
    export_set(object, "lld_macro_paths", macro_paths(array, arena));
    export_set(object, "preprocessing", steps);
    return object;
}

json_t *zabbix_discovery_rules(const struct zabbix_template *template)
{
    const struct report_tables *tables = &template->definition->tables;
    json_t *rules = export_array();

    for (size_t i = 0; i < tables->element_count; i++)
        export_append(rules, rule(template, &tables->elements[i]));
    return rules;
}
