#include <inttypes.h>
#include <stdint.h>

#include "plugin/export_zabbix.h"

/* FNV-1a of 64 bits over the text, from another beginning each time. */
static uint64_t hash_of(const char *text, uint64_t hash)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    /* Without this the high bits of short texts differ little. */
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    return hash ^ hash >> 33;
}

const char *zabbix_uuid(const struct zabbix_template *template, const char *kind, const char *name)
{
    const char *text =
        arena_format(template->arena, EXPORT_PACKAGE "/%s/%s/%s", template->name, kind, name);
    uint64_t high = hash_of(text, UINT64_C(0xcbf29ce484222325));
    uint64_t low = hash_of(text, UINT64_C(0x6c62272e07bb0142));

    high = (high & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
    low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
    return arena_format(template->arena, "%016" PRIx64 "%016" PRIx64, high, low);
}

void zabbix_add_tag(json_t *tags, const char *tag, const char *value)
{
    json_t *object = export_object();

    export_set_text(object, "tag", tag);
    export_set_text(object, "value", value);
    export_append(tags, object);
}

json_t *zabbix_tags(const char *component)
{
    json_t *tags = export_array();

    zabbix_add_tag(tags, "component", component);
    return tags;
}

static json_t *add_step(json_t *steps, const char *type, const char *parameter)
{
    json_t *step = export_object();
    json_t *parameters = export_array();

    export_append(parameters, json_string(parameter));
    export_set_text(step, "type", type);
    export_set(step, "parameters", parameters);
    export_append(steps, step);
    return step;
}

void zabbix_add_step(json_t *steps, const char *type, const char *parameter)
{
    add_step(steps, type, parameter);
}

void zabbix_add_dropping_step(json_t *steps, const char *type, const char *parameter)
{
    export_set_text(add_step(steps, type, parameter), "error_handler", "DISCARD_VALUE");
}

void zabbix_add_replacing_step(json_t *steps, const char *type, const char *parameter,
                               const char *instead)
{
    json_t *step = add_step(steps, type, parameter);

    export_set_text(step, "error_handler", "CUSTOM_VALUE");
    export_set_text(step, "error_handler_params", instead);
}

json_t *zabbix_preprocessing(const char *path)
{
    json_t *steps = export_array();

    zabbix_add_step(steps, "JSONPATH", path);
    return steps;
}

void zabbix_add_text_steps(json_t *steps)
{
    zabbix_add_step(steps, "DISCARD_UNCHANGED_HEARTBEAT", "1d");
}

void zabbix_add_number_steps(json_t *steps)
{
    zabbix_add_dropping_step(steps, "MATCHES_REGEX", "^-?[0-9]");
}

json_t *zabbix_item(const struct zabbix_template *template, const char *kind, const char *key,
                    const char *name, const char *description)
{
    json_t *item = export_object();
    json_t *master = export_object();

    export_set_text(item, "uuid", zabbix_uuid(template, kind, key));
    export_set_text(item, "name", arena_format(template->arena, "%s: %s", template->service, name));
    export_set_text(item, "type", "DEPENDENT");
    export_set_text(item, "key", key);
    export_set_text(item, "delay", "0");
    export_set_text(item, "description", description);
    export_set_text(master, "key", template->check);
    export_set(item, "master_item", master);
    return item;
}

void zabbix_set_text_type(json_t *item)
{
    export_set_text(item, "trends", "0");
    export_set_text(item, "value_type", "TEXT");
}

void zabbix_set_number_type(json_t *item, const char *unit)
{
    export_set_text(item, "value_type", "FLOAT");
    /* The mark keeps Zabbix from writing 2 Kms. */
    if (slice_equals_text(slice_of(unit), "ms"))
        export_set_text(item, "units", "!ms");
    else if (unit[0] != '\0' && !slice_equals_text(slice_of(unit), "c"))
        export_set_text(item, "units", unit);
}
