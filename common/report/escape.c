#include "report/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* One piece of the output: a character, or the escapes of all octets of a character that is not
 * printed. */
#define PIECE_SIZE 24

static bool is_continuation(unsigned char octet)
{
    return (octet & 0xC0) == 0x80;
}

/* Octets of the valid UTF-8 character at the start of the slice and its code point, or 0 (RFC 3629
 * 4: no overlong form, no surrogate, nothing above U+10FFFF). */
static size_t decode(struct slice value, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)value.start[0];
    size_t length = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    if (length == 1) {
        *code = first;
        return 1;
    }
    if (length == 0 || first > 0xF4 || length > value.length)
        return 0;
    *code = first & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char octet = (unsigned char)value.start[i];

        if (!is_continuation(octet))
            return 0;
        *code = *code << 6 | (octet & 0x3FU);
    }
    if (*code < least[length] || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF))
        return 0;
    return length;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

/* Breaks a line or changes its order without being a control character of C0 or C1. */
static bool is_layout(uint32_t code)
{
    return code == 0x61C || code == 0x200E || code == 0x200F ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

enum flavour {
    TEXT,
    UTF8,
    PROMETHEUS,
};

static bool is_printed(uint32_t code, enum flavour flavour)
{
    switch (flavour) {
    case TEXT:
        return !is_control(code) && !is_layout(code);
    case PROMETHEUS:
        return code == '\n' || (!is_control(code) && !is_layout(code));
    case UTF8:
        break;
    }
    return code == '\n' || code == '\t' || !is_control(code);
}

/* A printed character that is written otherwise than it stands. */
static const char *replacement(uint32_t code, enum flavour flavour)
{
    if (flavour == TEXT)
        return code == '|' ? "!" : code == '<' ? "(" : code == '>' ? ")" : NULL;
    if (flavour == PROMETHEUS)
        return code == '\\' ? "\\\\" : code == '"' ? "\\\"" : code == '\n' ? "\\n" : NULL;
    return NULL;
}

static size_t write_escapes(struct slice octets, enum flavour flavour, char *piece)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t length = 0;

    for (size_t i = 0; i < octets.length; i++) {
        unsigned char octet = (unsigned char)octets.start[i];

        piece[length++] = '\\';
        if (flavour == PROMETHEUS)
            piece[length++] = '\\';
        piece[length++] = 'x';
        piece[length++] = digits[octet >> 4];
        piece[length++] = digits[octet & 15];
    }
    return length;
}

/* Writes what is printed for the first character (or the first bad octet) of `value`; `used` says
 * how many octets of it that was. */
static size_t write_piece(struct slice value, enum flavour flavour, char piece[static PIECE_SIZE],
                          size_t *used)
{
    uint32_t code = 0;
    size_t length = decode(value, &code);

    *used = length > 0 ? length : 1;
    if (length == 0 || !is_printed(code, flavour))
        return write_escapes(slice_sub(value, 0, *used), flavour, piece);

    const char *other = replacement(code, flavour);
    struct slice printed = other != NULL ? slice_of(other) : slice_sub(value, 0, length);

    memcpy(piece, printed.start, printed.length);
    return printed.length;
}

static void escape(struct text *out, struct slice value, enum flavour flavour, size_t most)
{
    char piece[PIECE_SIZE];
    size_t printed = 0;

    while (value.length > 0) {
        size_t used;
        size_t length = write_piece(value, flavour, piece, &used);

        if (length > most - printed) {
            text_append(out, "...");
            return;
        }
        text_append_slice(out, slice_new(piece, length));
        printed += length;
        value = slice_sub(value, used, value.length);
    }
}

void escape_text(struct text *out, struct slice value, size_t most)
{
    escape(out, value, TEXT, most);
}

/* At most four octets of output for each of input, and the dots. */
static size_t room_for(struct slice value, size_t most)
{
    size_t longest = value.length < SIZE_MAX / 8 ? value.length * 4 : SIZE_MAX / 2;

    return (longest < most ? longest : most) + 3;
}

static const char *escape_into(struct arena *arena, struct slice value, enum flavour flavour,
                               size_t most)
{
    struct text text;

    if (most > SIZE_MAX / 2)
        most = SIZE_MAX / 2;
    text_init(&text, room_for(value, most));
    escape(&text, value, flavour, most);

    const char *copy = arena_copy_slice(arena, text_slice(&text));

    text_release(&text);
    return copy;
}

const char *escape_value(struct arena *arena, struct slice value)
{
    return escape_into(arena, value, TEXT, ESCAPE_VALUE_MAX);
}

const char *escape_utf8(struct arena *arena, struct slice value, size_t most)
{
    return escape_into(arena, value, UTF8, most);
}

void escape_prometheus(struct text *out, struct slice value)
{
    escape(out, value, PROMETHEUS, ESCAPE_LABEL_MAX);
}
