#include <stdio.h>

#include "mail/given_name.h"
#include "mx.h"
#include "report/escape.h"

#define BLANKS " \t"

/* [ preference 1*WSP ] host */
static bool read_one(struct slice text, struct arena *arena, struct mx_expected *expected,
                     struct given_name *given)
{
    size_t blank = slice_find(text, ' ');
    uint64_t preference = 0;

    *given = (struct given_name){.fault = GIVEN_NAME_FINE};
    *expected = (struct mx_expected){.host = "."};
    if (blank < text.length) {
        if (!slice_to_number(slice_sub(text, 0, blank), UINT16_MAX, &preference))
            return false;
        expected->has_preference = true;
        expected->preference = (unsigned)preference;
        text = slice_trim(slice_sub(text, blank, text.length), BLANKS);
    }
    if (slice_equals_text(text, "."))
        return true;
    if (!given_name_read(text, given))
        return false;
    expected->host = arena_copy(arena, given->name);
    return true;
}

bool mx_expected_read(const struct option_list *values, struct arena *arena,
                      struct mx_expected **list, size_t *count, char message[static 256])
{
    *list = arena_array(arena, MX_EXPECTED_MAX, sizeof **list);
    *count = 0;
    for (size_t i = 0; i < values->count; i++) {
        struct slice rest = slice_of(values->values[i]);
        struct slice word;
        struct given_name given;

        while (slice_split(&rest, ',', &word)) {
            word = slice_trim(word, BLANKS);
            if (*count == MX_EXPECTED_MAX) {
                snprintf(message, 256, "--expect: more than %d exchangers", MX_EXPECTED_MAX);
                return false;
            }
            if (!read_one(word, arena, &(*list)[(*count)++], &given)) {
                snprintf(message, 256, "--expect: expected \"[PREFERENCE ]HOST\"%s, got \"%.100s\"",
                         given_name_fault_text(given.fault), escape_value(arena, word));
                return false;
            }
        }
    }
    return true;
}
