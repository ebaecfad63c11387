/* SPF macros: the first line is the macro-string, the second the sender, the third the HELO name.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "mail/spf_macro.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct text out;
    struct slice rest = slice_new((const char *)data, size);
    struct slice lines[3] = {{0}};
    char name[SPF_NAME_SIZE];
    size_t offset = 0;
    arena_init(&arena);
    for (size_t i = 0; i < 3 && rest.start != NULL; i++)
        slice_split(&rest, '\n', &lines[i]);
    struct spf_macro_values values = {.domain = "example.org"};
    values.sender = values.local_part = arena_copy_slice(&arena, lines[1]);
    values.helo = arena_copy_slice(&arena, lines[2]);
    ip_parse(SLICE_LITERAL("2001:db8::1"), &values.ip);
    for (int use = SPF_MACRO_DOMAIN; use <= SPF_MACRO_EXPLANATION; use++) {
        if (spf_macro_check(lines[0], (enum spf_macro_use)use, &offset) != SPF_FINE) {
            if (offset > lines[0].length)
                abort();
            continue;
        }
        text_init(&out, 4096);
        spf_macro_expand(lines[0], &values, &out);
        if (spf_target_name(text_slice(&out), name) && strlen(name) >= SPF_NAME_SIZE)
            abort();
        text_release(&out);
    }
    arena_release(&arena);
    return 0;
}
