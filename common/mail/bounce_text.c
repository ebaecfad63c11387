#include "mail/bounce_text.h"

#include <string.h>

#include "mail/bounce_fields.h"

struct slice bounce_text_normalize(struct arena *arena, struct slice text)
{
    if (text.length == 0 || (memchr(text.start, '\r', text.length) == NULL &&
                             memchr(text.start, '\0', text.length) == NULL))
        return text;
    char *copy = arena_array(arena, text.length, 1);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.start[i];

        if (c == '\r') {
            while (i + 1 < text.length && text.start[i + 1] == '\r' && i + 2 < text.length &&
                   text.start[i + 2] == '\n')
                i++;
            if (i + 1 < text.length && text.start[i + 1] == '\n')
                i++;
            c = '\n';
        }
        copy[length++] = c == '\0' ? ' ' : c;
    }
    return slice_new(copy, length);
}

/* ---- searching */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool equals_here(const char *text, const char *words, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (lower(text[i]) != lower(words[i]))
            return false;
    return true;
}

size_t bounce_text_find(struct slice text, size_t from, const char *words)
{
    size_t length = strlen(words);

    if (length == 0 || length > text.length)
        return text.length;
    char first = lower(words[0]);
    char upper = first >= 'a' && first <= 'z' ? (char)(first - 'a' + 'A') : first;
    for (size_t i = from; i + length <= text.length; i++) {
        char c = text.start[i];

        if ((c == first || c == upper) && equals_here(text.start + i, words, length))
            return i;
    }
    return text.length;
}

bool bounce_text_has(struct slice text, const char *words)
{
    return bounce_text_find(text, 0, words) < text.length;
}

bool bounce_text_has_any(struct slice text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (bounce_text_has(text, *words))
            return true;
    return false;
}

/* ---- HTML */

struct html {
    struct slice text;
    char *out;
    size_t length;
};

static void put(struct html *html, char c)
{
    html->out[html->length++] = c;
}

static const char *const block_tags[] = {"br",  "p",     "/p",         "tr",  "/tr",  "div", "/div",
                                         "li",  "/li",   "hr",         "h1",  "h2",   "h3",  "/h1",
                                         "/h2", "/h3",   "td",         "pre", "/pre", "/td", "ul",
                                         "/ul", "table", "blockquote", NULL};

static bool is_block(struct slice name)
{
    for (size_t i = 0; block_tags[i] != NULL; i++)
        if (slice_equals_text_ignoring_case(name, block_tags[i]))
            return true;
    return false;
}

static struct slice tag_name(struct slice tag)
{
    size_t i = 0;

    while (i < tag.length &&
           (tag.start[i] == '/' || (lower(tag.start[i]) >= 'a' && lower(tag.start[i]) <= 'z') ||
            (tag.start[i] >= '0' && tag.start[i] <= '9' && i > 0)))
        i++;
    return slice_sub(tag, 0, i);
}

/* Behind the end tag of an element whose content is no text. */
static size_t skip_element(struct slice text, size_t from, const char *end_tag)
{
    size_t end = bounce_text_find(text, from, end_tag);

    return end == text.length ? from : end;
}

#define TAG_MAX 2000

/* Reads what begins with "<" and gives the offset behind it. An address in brackets is none. */
static size_t read_tag(struct html *html, size_t i)
{
    struct slice inside = slice_sub(html->text, i + 1, TAG_MAX);
    size_t end = slice_find(inside, '>');
    struct slice tag = slice_sub(inside, 0, end);
    struct slice name = tag_name(tag);

    if (slice_starts_with(inside, "!--")) {
        size_t close = bounce_text_find(html->text, i, "-->");
        return close == html->text.length ? i + 1 : close + 3;
    }
    if (end == inside.length ||
        (name.length == 0 && !slice_starts_with(inside, "!") && !slice_starts_with(inside, "?")) ||
        (slice_find(tag, '@') < tag.length && slice_find(tag, '=') == tag.length)) {
        put(html, '<');
        return i + 1;
    }
    i += end + 2;
    if (is_block(name))
        put(html, '\n');
    if (slice_equals_text_ignoring_case(name, "style"))
        return skip_element(html->text, i, "</style");
    if (slice_equals_text_ignoring_case(name, "script"))
        return skip_element(html->text, i, "</script");
    if (slice_equals_text_ignoring_case(name, "title"))
        return skip_element(html->text, i, "</title");
    return i;
}

static const struct {
    const char *name;
    const char *text; /* never longer than the name */
} entities[] = {
    {"lt",     "<"       },
    {"gt",     ">"       },
    {"amp",    "&"       },
    {"quot",   "\""      },
    {"nbsp",   " "       },
    {"apos",   "'"       },
    {"auml",   "\xc3\xa4"},
    {"ouml",   "\xc3\xb6"},
    {"uuml",   "\xc3\xbc"},
    {"eacute", "\xc3\xa9"},
    {"egrave", "\xc3\xa8"},
    {"agrave", "\xc3\xa0"},
    {"ccedil", "\xc3\xa7"},
    {"ntilde", "\xc3\xb1"},
    {"aacute", "\xc3\xa1"},
    {"iacute", "\xc3\xad"},
    {"oacute", "\xc3\xb3"},
    {"uacute", "\xc3\xba"},
    {"atilde", "\xc3\xa3"},
    {"otilde", "\xc3\xb5"},
};

/* "&#64;" and "&#x40;" of ASCII; 0: it is none. */
static char number_of_entity(struct slice name)
{
    bool is_hex = name.length > 1 && lower(name.start[1]) == 'x';
    unsigned long number = 0;

    if (name.length < 2 || name.start[0] != '#')
        return 0;
    for (size_t i = is_hex ? 2 : 1; i < name.length; i++) {
        char c = lower(name.start[i]);
        bool is_digit = c >= '0' && c <= '9';

        if (!is_digit && !(is_hex && c >= 'a' && c <= 'f'))
            return 0;
        number = number * (is_hex ? 16 : 10) + (unsigned long)(is_digit ? c - '0' : c - 'a' + 10);
    }
    if (number == 0xa0)
        return ' ';
    return number >= ' ' && number < 0x7f ? (char)number : 0;
}

static size_t read_entity(struct html *html, size_t i)
{
    struct slice inside = slice_sub(html->text, i + 1, 8);
    struct slice name = slice_sub(inside, 0, slice_find(inside, ';'));
    char character = name.length < inside.length ? number_of_entity(name) : 0;

    if (character != 0) {
        put(html, character);
        return i + name.length + 2;
    }
    for (size_t k = 0; name.length < inside.length && k < sizeof entities / sizeof entities[0];
         k++) {
        if (!slice_equals_text_ignoring_case(name, entities[k].name))
            continue;
        for (const char *c = entities[k].text; *c != '\0'; c++)
            put(html, *c);
        return i + name.length + 2;
    }
    put(html, '&');
    return i + 1;
}

struct slice bounce_text_of_html(struct arena *arena, struct slice html)
{
    /* Nothing grows: a tag of four octets or more gives one. */
    struct html page = {.text = html, .out = arena_array(arena, html.length + 1, 1)};

    for (size_t i = 0; i < html.length;) {
        if (html.start[i] == '<') {
            i = read_tag(&page, i);
        } else if (html.start[i] == '&') {
            i = read_entity(&page, i);
        } else {
            put(&page, html.start[i]);
            i++;
        }
    }
    return slice_new(page.out, page.length);
}

/* ---- quoting */

static bool is_quoted(struct slice line)
{
    return line.length > 0 && (line.start[0] == '>' || line.start[0] == '|');
}

struct slice bounce_text_unquote(struct arena *arena, struct slice text)
{
    struct slice rest = text;
    struct slice line;
    size_t lines = 0;
    size_t quoted = 0;

    while (bounce_line_take(&rest, &line)) {
        lines += line.length > 0;
        quoted += is_quoted(line);
    }
    if (quoted * 2 <= lines)
        return text;
    char *copy = arena_array(arena, text.length + 1, 1);
    size_t length = 0;
    rest = text;
    while (bounce_line_take(&rest, &line)) {
        while (is_quoted(line)) {
            line = slice_sub(line, 1, line.length);
            if (line.length > 0 && line.start[0] == ' ')
                line = slice_sub(line, 1, line.length);
        }
        memcpy(copy + length, line.start, line.length);
        length += line.length;
        copy[length++] = '\n';
    }
    return slice_new(copy, length);
}

/* ---- addresses */

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           (unsigned char)c >= 0x80;
}

static bool is_local_octet(char c)
{
    return is_alphanumeric(c) || (c != '\0' && strchr(".!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool is_domain_octet(char c)
{
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
}

/* The code point that begins (or, for last_point(), ends) at an offset of UTF-8; *length is that of
 * its octets. What is no UTF-8 is one octet with the value 0x80, a letter of a charset not known.
 */
static unsigned long point_at(struct slice text, size_t offset, size_t *length)
{
    unsigned char first = (unsigned char)text.start[offset];
    size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
    unsigned long point = first & (0x3fU >> more);

    *length = 1;
    if (first < 0x80)
        return first;
    if (more == 0 || offset + more >= text.length)
        return 0x80;
    for (size_t i = 1; i <= more; i++) {
        unsigned char c = (unsigned char)text.start[offset + i];

        if ((c & 0xc0) != 0x80)
            return 0x80;
        point = point << 6 | (c & 0x3f);
    }
    *length = more + 1;
    return point;
}

static unsigned long last_point(struct slice text, size_t end, size_t *length)
{
    size_t start = end - 1;

    while (start > 0 && end - start < 4 && ((unsigned char)text.start[start] & 0xc0) == 0x80)
        start--;
    unsigned long point = point_at(slice_sub(text, 0, end), start, length);
    if (*length != end - start) {
        *length = 1;
        return 0x80;
    }
    return point;
}

/* Punctuation beyond ASCII: no-break space and quotation marks, then the ideographic comma, the
 * fullwidth colon and their kin. */
static bool is_foreign_punctuation(unsigned long point)
{
    return point == 0xa0 || point == 0xab || point == 0xbb || (point >= 0x2000 && point < 0x2070) ||
           (point >= 0x3000 && point < 0x3020) || (point >= 0xff00 && point < 0xff10) ||
           (point >= 0xff1a && point < 0xff21) || (point >= 0xff5b && point < 0xff66);
}

/* Scripts that put no blank between words: what they say stands right beside an address. */
static bool is_unspaced_script(unsigned long point)
{
    return (point >= 0x0e00 && point < 0x0f00) || (point >= 0x2e80 && point < 0xa000) ||
           (point >= 0xac00 && point < 0xd7b0) || (point >= 0xf900 && point < 0xfb00) ||
           point >= 0x20000;
}

/* Back over what a local part may hold, up to words of a script without blanks. */
static size_t walk_back(struct slice text, size_t at)
{
    size_t start = at;
    bool has_ascii = false;

    while (start > 0) {
        size_t length;
        unsigned long point = last_point(text, start, &length);

        if (point < 0x80) {
            if (!is_local_octet((char)point))
                break;
            has_ascii = true;
        } else if (is_foreign_punctuation(point) || (has_ascii && is_unspaced_script(point))) {
            break;
        }
        start -= length;
    }
    return start;
}

/* Where the local part begins that ends before "@"; `at` when there is none. */
static size_t local_start(struct slice text, size_t at)
{
    size_t start = at;

    if (at > 1 && text.start[at - 1] == '"') {
        for (start = at - 1;
             start > 0 && text.start[start - 1] != '"' && text.start[start - 1] != '\n';)
            start--;
        return start > 0 && text.start[start - 1] == '"' && start < at - 1 ? start - 1 : at;
    }
    start = walk_back(text, at);
    /* What a sentence or a field puts before an address. */
    while (start > 0 && start < at && strchr("'`=/.,*", text.start[start]) != NULL)
        start++;
    return start;
}

static size_t domain_end(struct slice text, size_t at)
{
    size_t end = at + 1;

    if (end < text.length && text.start[end] == '[') {
        size_t close = end + slice_find(slice_sub(text, end, 64), ']');
        return close < text.length && text.start[close] == ']' ? close + 1 : at + 1;
    }
    bool has_ascii = false;
    while (end < text.length) {
        size_t length;
        unsigned long point = point_at(text, end, &length);

        if (point < 0x80
                ? !is_domain_octet((char)point)
                : is_foreign_punctuation(point) || (has_ascii && is_unspaced_script(point)))
            break;
        /* A label in another script begins behind a dot. */
        has_ascii = point < 0x80 && point != '.';
        end += length;
    }
    while (end > at + 1 &&
           (text.start[end - 1] == '.' || text.start[end - 1] == '-' || text.start[end - 1] == '_'))
        end--;
    return end;
}

bool bounce_address_find(struct slice text, size_t *offset, struct slice *address)
{
    for (size_t i = *offset; i < text.length; i++) {
        i += slice_find(slice_sub(text, i, text.length), '@');
        if (i >= text.length)
            break;
        size_t start = local_start(text, i);
        size_t end = domain_end(text, i);

        if (start < i && text.start[start] == '\'' && end < text.length && text.start[end] == '\'')
            start++;
        if (start >= *offset && start < i && end > i + 1 && end - start <= BOUNCE_ADDRESS_MAX) {
            *address = slice_sub(text, start, end - start);
            *offset = end;
            return true;
        }
    }
    *offset = text.length;
    return false;
}

bool bounce_address_is(struct slice text)
{
    size_t offset = 0;
    struct slice address;

    return bounce_address_find(text, &offset, &address) && address.length == text.length;
}

bool bounce_address_is_pseudo(struct slice address)
{
    size_t at = address.length;

    while (at > 0 && address.start[at - 1] != '@')
        at--;
    /* "****@example.org" was made unreadable. */
    bool has_letter = false;
    for (size_t i = 0; i < at && !has_letter; i++)
        has_letter = is_alphanumeric(address.start[i]);
    if (!has_letter)
        return true;
    if (address.start[0] == '/' || address.start[0] == '|' || address.start[0] == '"')
        return address.start[0] != '"';
    struct slice domain = slice_sub(address, at, address.length);
    /* "joh...@example.org" was shortened by an archive. */
    if (slice_find_text(address, "...") < address.length)
        return true;
    /* "joe@ims_daemon", "joe@ims-ms-daemon": a channel of a mail system. */
    return slice_find(domain, '.') == domain.length &&
           (slice_find(domain, '_') < domain.length ||
            slice_ends_with_ignoring_case(domain, "-daemon"));
}
