/* A header of any octets, and the same as HTML and as quoted text. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/bounce_fields.h"
#include "mail/bounce_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct bounce_fields fields;

    arena_init(&arena);
    struct slice text = bounce_text_normalize(&arena, slice_new((const char *)data, size));
    if (text.length > size)
        abort();
    struct slice rest = text;
    bounce_fields_read(&arena, &rest, &fields);
    if (rest.length > text.length || fields.count > BOUNCE_FIELDS_MAX)
        abort();
    for (size_t i = 0; i < fields.count; i++) {
        if (fields.fields[i].name.length == 0 ||
            fields.fields[i].value.length > BOUNCE_FIELD_VALUE_MAX)
            abort();
        (void)bounce_field_parameter(fields.fields[i].value, "boundary");
    }
    if (bounce_text_of_html(&arena, text).length > text.length)
        abort();
    if (bounce_text_unquote(&arena, text).length > text.length + 1)
        abort();
    arena_release(&arena);
    return 0;
}
