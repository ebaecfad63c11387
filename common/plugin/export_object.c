#include "plugin/export_object.h"

#include "base/memory.h"

static json_t *needed(json_t *value)
{
    if (value == NULL)
        memory_exhausted();
    return value;
}

json_t *export_object(void)
{
    return needed(json_object());
}

json_t *export_array(void)
{
    return needed(json_array());
}

void export_set(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, needed(value)) != 0)
        memory_exhausted();
}

void export_set_text(json_t *object, const char *key, const char *text)
{
    export_set(object, key, text != NULL ? json_string(text) : json_null());
}

void export_append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, needed(value)) != 0)
        memory_exhausted();
}

static int dump_part(const char *buffer, size_t size, void *out)
{
    text_append_slice(out, slice_new(buffer, size));
    return 0;
}

void export_dump(json_t *object, struct text *out)
{
    size_t flags = JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15);

    if (json_dump_callback(object, dump_part, out, flags) != 0)
        memory_exhausted();
    text_append_char(out, '\n');
    json_decref(object);
}
