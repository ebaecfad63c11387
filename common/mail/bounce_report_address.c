#include <string.h>

#include "mail/bounce_report.h"
#include "mail/bounce_text.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t put_utf8(char *out, unsigned long point)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xc0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xe0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (point >> 18 & 7));
    out[1] = (char)(0x80 | (point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

/*
 * xtext: hexchar = "+" 2HEXDIG                       RFC 3461 4
 * utf-8-addr-xtext: EmbeddedUnicodeChar = "\x{" 2*6HEXDIG "}"      RFC 6533 3
 * Gives the length of what was read, or 0.
 */
static size_t read_escape(struct slice text, size_t i, bool is_xtext, unsigned long *point)
{
    if (is_xtext && text.start[i] == '+' && i + 2 < text.length) {
        int high = hex_digit(text.start[i + 1]);
        int low = hex_digit(text.start[i + 2]);

        /* "+3D", but not "+de": a tag behind a user's name is lower case, xtext is not. */
        if (high < 0 || low < 0 || text.start[i + 1] >= 'a' || text.start[i + 2] >= 'a')
            return 0;
        *point = (unsigned long)high * 16 + (unsigned long)low;
        return *point == '+' || *point == '=' || *point == '@' || *point == '_' ? 3 : 0;
    }
    if (!slice_starts_with(slice_sub(text, i, 3), "\\x{"))
        return 0;
    size_t end = i + 3;
    for (*point = 0; end < text.length && end < i + 9 && hex_digit(text.start[end]) >= 0; end++)
        *point = *point * 16 + (unsigned long)hex_digit(text.start[end]);
    if (end == i + 3 || end >= text.length || text.start[end] != '}' || *point > 0x10ffff ||
        *point < ' ')
        return 0;
    return end + 1 - i;
}

static struct slice unescape(struct arena *arena, struct slice text)
{
    bool is_xtext = slice_find(text, '+') < text.length;

    if (!is_xtext && slice_find_text(text, "\\x{") == text.length)
        return text;
    char *copy = arena_array(arena, text.length + 4, 1);
    size_t length = 0;
    for (size_t i = 0; i < text.length;) {
        unsigned long point = 0;
        size_t escape = read_escape(text, i, is_xtext, &point);

        if (escape > 0)
            length += put_utf8(copy + length, point);
        else
            copy[length++] = text.start[i];
        i += escape > 0 ? escape : 1;
    }
    return slice_new(copy, length);
}

struct slice bounce_report_address(struct arena *arena, struct slice value)
{
    size_t offset = 0;
    struct slice address;

    value = slice_sub(value, 0, BOUNCE_ADDRESS_MAX * 4);
    size_t semicolon = slice_find(value, ';');
    if (semicolon < value.length && slice_find(slice_sub(value, 0, semicolon), '@') == semicolon)
        value = slice_sub(value, semicolon + 1, value.length);
    value = slice_trim(unescape(arena, value), " \t<>");
    if (!bounce_address_find(value, &offset, &address))
        return slice_of("");
    /* "/var/mail/joe@host" and "|pipe joe@example.org" are no mailboxes. */
    if (value.start[0] == '/' || value.start[0] == '|')
        return slice_of("");
    /* What stands within something else is a piece of it. */
    if (address.start > value.start && strchr(" \t<;,:('\"=\\", address.start[-1]) == NULL)
        return slice_of("");
    return address;
}
