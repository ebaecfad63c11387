#include <stdio.h>

#include "mail/idn.h"
#include "mx.h"

#define BLANKS " \t"

/* [ preference 1*WSP ] host */
static bool read_one(struct slice text, struct arena *arena, struct mx_expected *expected)
{
    size_t blank = slice_find(text, ' ');
    uint64_t preference = 0;
    char name[DOMAIN_TEXT_SIZE];

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
    if (domain_to_ascii(text, name) != DOMAIN_FINE || name[0] == '\0')
        return false;
    expected->host = arena_copy(arena, name);
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

        while (slice_split(&rest, ',', &word)) {
            word = slice_trim(word, BLANKS);
            if (*count == MX_EXPECTED_MAX) {
                snprintf(message, 256, "--expect: more than %d exchangers", MX_EXPECTED_MAX);
                return false;
            }
            if (!read_one(word, arena, &(*list)[(*count)++])) {
                snprintf(message, 256, "--expect: expected \"[PREFERENCE ]HOST\"");
                return false;
            }
        }
    }
    return true;
}
