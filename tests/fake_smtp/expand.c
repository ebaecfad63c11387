#include "expand.h"

#include <string.h>

static const char *const variables[EXPAND_VARIABLES] = {
    [EXPAND_NAME] = "name",         [EXPAND_CLIENT] = "client", [EXPAND_HELO] = "helo",
    [EXPAND_SENDER] = "sender",     [EXPAND_TO] = "to",         [EXPAND_ARGUMENT] = "argument",
    [EXPAND_CONNECTION] = "number",
};

static int hex_digit(struct slice raw, size_t at)
{
    static const char digits[] = "0123456789abcdef";
    char c = at < raw.length ? raw.start[at] : '\0';

    if (c >= 'A' && c <= 'F')
        c = (char)(c + ('a' - 'A'));

    const char *digit = c == '\0' ? NULL : strchr(digits, c);

    return digit == NULL ? -1 : (int)(digit - digits);
}

/* The escape at `at`, which is a backslash. Returns its length, 0 when there is none such. */
static size_t expand_escape(struct text *text, struct slice raw, size_t at)
{
    static const char names[] = "rnt0e\\$ ";
    static const char meanings[] = "\r\n\t\0\x1b\\$ ";
    char c = at + 1 < raw.length ? raw.start[at + 1] : '\0';
    const char *found = c == '\0' ? NULL : strchr(names, c);

    if (found != NULL) {
        text_append_char(text, meanings[found - names]);
        return 2;
    }
    int high = c == 'x' ? hex_digit(raw, at + 2) : -1;
    int low = c == 'x' ? hex_digit(raw, at + 3) : -1;

    if (high < 0 || low < 0)
        return 0;
    text_append_char(text, (char)(high * 16 + low));
    return 4;
}

/* The variable at `at`, which is "${". */
static size_t expand_variable(struct text *text, struct slice raw, size_t at,
                              const struct slice values[EXPAND_VARIABLES])
{
    struct slice name = slice_sub(raw, at + 2, raw.length);
    size_t length = slice_find(name, '}');

    if (length == name.length)
        return 0;
    name = slice_sub(name, 0, length);
    for (size_t i = 0; i < EXPAND_VARIABLES; i++) {
        if (slice_equals_text(name, variables[i])) {
            text_append_slice(text, values[i]);
            return length + 3;
        }
    }
    return 0;
}

bool expand(struct text *text, struct slice raw, const struct slice values[EXPAND_VARIABLES],
            size_t *error)
{
    for (size_t at = 0; at < raw.length;) {
        size_t length = 1;

        if (raw.start[at] == '\\')
            length = expand_escape(text, raw, at);
        else if (raw.start[at] == '$' && at + 1 < raw.length && raw.start[at + 1] == '{')
            length = expand_variable(text, raw, at, values);
        else
            text_append_char(text, raw.start[at]);
        if (length == 0) {
            *error = at;
            return false;
        }
        at += length;
    }
    return true;
}
