/* The first octet is the dialect, the rest a tag list. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/tag_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tag_list list;
    if (size == 0)
        return 0;
    struct slice text = slice_new((const char *)data + 1, size - 1);
    tag_list_parse(&list, text, (enum tag_list_dialect)(data[0] % 3));
    for (size_t i = 0; i < list.count; i++) {
        const struct tag *tag = &list.tags[i];
        const char *end = text.start + text.length;
        if (tag->name.start + tag->name.length > end ||
            tag->value.start + tag->value.length > end || tag->raw.start + tag->raw.length > end ||
            tag->error_offset > text.length)
            abort();
    }
    return 0;
}
