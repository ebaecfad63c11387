#include "mail/tag_list.h"

#include <string.h>

static bool is_wsp(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/*
 * WSP = SP / HTAB
 * FWS = [*WSP CRLF] 1*WSP       the DKIM dialect only
 */
static size_t skip_space(struct slice text, size_t at, size_t end, enum tag_list_dialect dialect)
{
    while (at < end) {
        if (is_wsp(text.start[at]))
            at++;
        else if (dialect == TAG_LIST_DKIM && end - at >= 3 && text.start[at] == '\r' &&
                 text.start[at + 1] == '\n' && is_wsp(text.start[at + 2]))
            at += 3;
        else
            break;
    }
    return at;
}

/*
 * tag-name = ALPHA *(ALPHA / DIGIT / "_")                                     RFC 6376 3.2
 * ext-name = (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")             RFC 8460 3, RFC
 * 8461 3.1
 */
static bool is_name_octet(char c, bool is_first, enum tag_list_dialect dialect)
{
    if (is_alpha(c))
        return true;
    if (dialect == TAG_LIST_STS)
        return is_digit(c) || (!is_first && (c == '_' || c == '-' || c == '.'));
    return !is_first && (is_digit(c) || c == '_');
}

static void note(struct tag *tag, enum tag_list_error error, size_t offset)
{
    if (tag->error != TAG_LIST_FINE)
        return;
    tag->error = error;
    tag->error_offset = offset;
}

/* VALCHAR = %x21-3A / %x3C-7E, with white space between; see the dialects. */
static void check_value(struct tag_list *list, struct tag *tag, size_t at, size_t end,
                        enum tag_list_dialect dialect)
{
    struct slice text = list->text;
    while (at < end) {
        unsigned char octet = (unsigned char)text.start[at];
        size_t after = skip_space(text, at, end, dialect);
        if (after > at) {
            at = after;
            continue;
        }
        if (octet == '\r' || octet == '\n') {
            note(tag, TAG_LIST_BAD_SPACE, at);
        } else if (octet > 0x7F && dialect == TAG_LIST_DKIM) {
            list->eight_bit_count++;
        } else if (octet < 0x21 || octet > 0x7E) {
            note(tag, TAG_LIST_BAD_VALUE, at);
        }
        at++;
    }
}

/*
 * tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
 */
static void read_tag(struct tag_list *list, struct tag *tag, size_t start, size_t end,
                     enum tag_list_dialect dialect)
{
    struct slice text = list->text;
    size_t at = skip_space(text, start, end, dialect);
    /* RFC 9989 4.8, RFC 8460 3: the record starts with its version, without white space. */
    if (start == 0 && at > 0 && dialect != TAG_LIST_DKIM)
        note(tag, TAG_LIST_BAD_SPACE, 0);
    tag->offset = at;
    size_t name = at;
    while (at < end && is_name_octet(text.start[at], at == name, dialect))
        at++;
    tag->name = slice_sub(text, name, at - name);
    tag->value_offset = end;
    tag->value = tag->raw = slice_sub(text, end, 0);
    size_t equals = skip_space(text, at, end, dialect);
    if (equals == end) {
        note(tag, at == name ? TAG_LIST_NO_TAG : TAG_LIST_NO_EQUALS, end);
        return;
    }
    if (at == name || (text.start[equals] != '=' && equals == at)) {
        note(tag, TAG_LIST_BAD_NAME, at);
        return;
    }
    if (text.start[equals] != '=') {
        note(tag, TAG_LIST_NO_EQUALS, equals);
        return;
    }
    size_t value = skip_space(text, equals + 1, end, dialect);
    if (dialect == TAG_LIST_STS && (equals > at || value > equals + 1))
        note(tag, TAG_LIST_BAD_SPACE, equals > at ? at : equals + 1);
    if (dialect == TAG_LIST_STS && tag->name.length > 32)
        note(tag, TAG_LIST_BAD_NAME, name + 32);
    tag->raw = slice_sub(text, equals + 1, end - equals - 1);
    tag->value = slice_trim(slice_sub(text, value, end - value),
                            dialect == TAG_LIST_DKIM ? " \t\r\n" : " \t");
    tag->value_offset = value;
    check_value(list, tag, equals + 1, end, dialect);
}

static void keep_error(struct tag_list *list, enum tag_list_error error, size_t offset)
{
    if (list->error != TAG_LIST_FINE || error == TAG_LIST_FINE)
        return;
    list->error = error;
    list->error_offset = offset;
}

static void add_tag(struct tag_list *list, size_t start, size_t end, enum tag_list_dialect dialect)
{
    if (list->count == TAG_LIST_MAX) {
        keep_error(list, TAG_LIST_TOO_MANY, start);
        return;
    }
    struct tag *tag = &list->tags[list->count];
    *tag = (struct tag){.error = TAG_LIST_FINE};
    read_tag(list, tag, start, end, dialect);
    for (size_t i = 0; i < list->count && tag->name.length > 0; i++)
        if (slice_equals(list->tags[i].name, tag->name)) {
            note(tag, TAG_LIST_DUPLICATE, tag->offset);
            break;
        }
    list->count++;
    keep_error(list, tag->error, tag->error_offset);
}

/*
 * tag-list = tag-spec *( ";" tag-spec ) [ ";" ]
 */
bool tag_list_parse(struct tag_list *list, struct slice text, enum tag_list_dialect dialect)
{
    list->text = text;
    list->count = 0;
    list->error = TAG_LIST_FINE;
    list->error_offset = 0;
    list->eight_bit_count = 0;
    size_t start = 0;
    for (;;) {
        size_t end = start + slice_find(slice_sub(text, start, text.length), ';');
        bool is_last = end >= text.length;
        /* The empty place after the final semicolon, with white space or not, is no tag. */
        if (is_last && start > 0 && skip_space(text, start, end, dialect) == end)
            break;
        add_tag(list, start, end, dialect);
        if (is_last)
            break;
        start = end + 1;
    }
    return list->error == TAG_LIST_FINE;
}

const struct tag *tag_list_find(const struct tag_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_equals_text(list->tags[i].name, name))
            return &list->tags[i];
    return NULL;
}

const char *tag_list_error_text(enum tag_list_error error)
{
    switch (error) {
    case TAG_LIST_FINE:
        return "no error";
    case TAG_LIST_NO_TAG:
        return "nothing where a tag should stand";
    case TAG_LIST_BAD_NAME:
        return "a character that a tag name cannot have";
    case TAG_LIST_NO_EQUALS:
        return "a word without \"=\"";
    case TAG_LIST_BAD_SPACE:
        return "white space where none may stand";
    case TAG_LIST_BAD_VALUE:
        return "a character that a value cannot have";
    case TAG_LIST_DUPLICATE:
        return "a tag that stands twice";
    case TAG_LIST_TOO_MANY:
        return "more tags than any record needs";
    }
    return "";
}
