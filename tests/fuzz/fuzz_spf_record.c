/* The SPF record parser, its repair, and the macro checker: any text. */
#include <stdlib.h>

#include "mail/spf_record.h"
#include "mail/spf_repair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct spf_record record;
    struct slice text = slice_new((const char *)data, size);
    arena_init(&arena);
    if (spf_record_is(text)) {
        bool fine = spf_record_parse(text, &arena, &record);
        for (size_t i = 0; i < record.count; i++) {
            const struct spf_term *term = &record.terms[i];
            if (term->offset + term->text.length > size || term->error_offset > size)
                abort();
            if (fine && term->error != SPF_FINE)
                abort();
        }
    }
    /* What a repair proposes must itself be a good record. */
    const char *repaired = spf_repair_text(text, &arena);
    if (repaired != NULL && !spf_record_parse(slice_of(repaired), &arena, &record))
        abort();
    arena_release(&arena);
    return 0;
}
