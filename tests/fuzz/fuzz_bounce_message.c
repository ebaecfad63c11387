/* A message of any octets: its recipients are addresses, and there are never too many. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/bounce_format.h"
#include "mail/bounce_message.h"
#include "mail/bounce_mime.h"
#include "mail/bounce_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena kept;
static struct bounce_formats *formats;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct bounce_message bounce;

    if (formats == NULL) {
        arena_init(&kept);
        formats = bounce_formats_new(&kept);
        bounce_mime_open();
    }
    arena_init(&arena);
    bounce_message_read(formats, &arena, slice_new((const char *)data, size), &bounce);
    if (bounce.count > BOUNCE_RECIPIENTS_MAX || bounce_kind_name(bounce.kind) == NULL)
        abort();
    for (size_t i = 0; i < bounce.count; i++)
        if (!bounce_address_is(bounce.recipients[i].address))
            abort();
    arena_release(&arena);
    return 0;
}
