#include "mail/dmarc_uri.h"

#include <string.h>

#include "base/text.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 3986 2: reserved, unreserved and percent-encoded octets. */
static bool has_only_uri_characters(struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.start[i];
        if (c == '%') {
            if (i + 2 >= text.length || hex_value(text.start[i + 1]) < 0 ||
                hex_value(text.start[i + 2]) < 0)
                return false;
            i += 2;
        } else if (c == '\0' ||
                   (!is_alpha(c) && !is_digit(c) && !strchr("-._~:/?#[]@!$&'()*+,;=", c))) {
            return false;
        }
    }
    return true;
}

/*
 * obs-dmarc-report-size = "!" 1*DIGIT [ "k" / "m" / "g" / "t" ]
 */
static bool is_size(struct slice text)
{
    size_t digits = 0;
    while (digits < text.length && is_digit(text.start[digits]))
        digits++;
    return digits > 0 &&
           (digits == text.length || (digits + 1 == text.length && text.start[digits] != '\0' &&
                                      strchr("kmgtKMGT", text.start[digits])));
}

/* Takes the size off the end. "!" elsewhere: in front of "@" it belongs to the address, behind it
 * is a size written wrongly. */
static enum dmarc_uri_fault take_size(struct dmarc_uri *uri, struct slice *rest)
{
    size_t mark = rest->length;
    while (mark > 0 && rest->start[mark - 1] != '!')
        mark--;
    if (mark == 0)
        return DMARC_URI_FINE;
    struct slice size = slice_sub(*rest, mark, rest->length);
    struct slice before = slice_sub(*rest, 0, mark - 1);
    if (slice_find(size, '@') < size.length)
        return DMARC_URI_EXCLAMATION;
    *rest = before;
    if (!is_size(size))
        return DMARC_URI_SIZE;
    uri->has_size = true;
    return slice_find(before, '!') < before.length ? DMARC_URI_EXCLAMATION : DMARC_URI_FINE;
}

/* Percent-encoded octets decoded; NUL ends the reading. */
static void decode(struct slice text, char *out, size_t room)
{
    size_t length = 0;
    for (size_t i = 0; i < text.length && length + 1 < room; i++) {
        char c = text.start[i];
        int high = c == '%' && i + 2 < text.length ? hex_value(text.start[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text.start[i + 2]) : -1;
        if (low >= 0) {
            c = (char)(high << 4 | low);
            i += 2;
        }
        out[length++] = c;
    }
    out[length] = '\0';
}

/* RFC 6068 2: mailto:local-part@domain, with header fields after "?". */
static enum dmarc_uri_fault read_mailto(struct dmarc_uri *uri, struct slice rest)
{
    char domain[DOMAIN_TEXT_SIZE + 1];
    rest = slice_sub(rest, 0, slice_find(rest, '?'));
    size_t at = rest.length;
    while (at > 0 && rest.start[at - 1] != '@')
        at--;
    uri->address = rest;
    if (at < 2 || rest.length - at > DOMAIN_TEXT_SIZE)
        return DMARC_URI_ADDRESS;
    decode(slice_sub(rest, at, rest.length), domain, sizeof domain);
    if (slice_find(slice_sub(rest, 0, at - 1), '@') < at - 1 ||
        domain_normalize(slice_of(domain), uri->domain) != DOMAIN_FINE ||
        !domain_is_host_name(uri->domain)) {
        uri->domain[0] = '\0';
        return DMARC_URI_ADDRESS;
    }
    return DMARC_URI_FINE;
}

/* RFC 3986 3.2.2: the host between "//" and the first of "/?#", without user and port. */
static enum dmarc_uri_fault read_https(struct dmarc_uri *uri, struct slice rest)
{
    if (!slice_starts_with(rest, "//"))
        return DMARC_URI_ADDRESS;
    size_t end = 2;
    while (end < rest.length && !strchr("/?#", rest.start[end]))
        end++;
    struct slice host = slice_sub(rest, 2, end - 2);
    size_t user = slice_find(host, '@');
    if (user < host.length)
        host = slice_sub(host, user + 1, host.length);
    host = slice_sub(host, 0, slice_find(host, ':'));
    if (domain_normalize(host, uri->domain) != DOMAIN_FINE || !domain_is_host_name(uri->domain)) {
        uri->domain[0] = '\0';
        return DMARC_URI_ADDRESS;
    }
    return DMARC_URI_FINE;
}

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )      RFC 3986 3.1 */
static bool read_scheme(struct dmarc_uri *uri, struct slice *rest)
{
    size_t colon = slice_find(*rest, ':');
    if (colon == rest->length || colon == 0 || !is_alpha(rest->start[0]))
        return false;
    for (size_t i = 1; i < colon; i++) {
        char c = rest->start[i];
        if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.')
            return false;
    }
    uri->scheme = slice_sub(*rest, 0, colon);
    *rest = slice_sub(*rest, colon + 1, rest->length);
    return true;
}

static void parse(struct slice text, bool with_https, struct dmarc_uri *uri)
{
    struct slice rest = text;
    *uri = (struct dmarc_uri){.text = text};
    if (text.length == 0) {
        uri->fault = DMARC_URI_EMPTY;
        return;
    }
    if (!has_only_uri_characters(text)) {
        uri->fault = DMARC_URI_CHARACTER;
        return;
    }
    enum dmarc_uri_fault size = take_size(uri, &rest);
    if (!read_scheme(uri, &rest)) {
        uri->fault = DMARC_URI_NO_SCHEME;
        return;
    }
    if (slice_equals_text_ignoring_case(uri->scheme, "mailto"))
        uri->fault = read_mailto(uri, rest);
    else if (with_https && slice_equals_text_ignoring_case(uri->scheme, "https"))
        uri->fault = read_https(uri, rest);
    else
        uri->fault = DMARC_URI_SCHEME;
    if (size != DMARC_URI_FINE)
        uri->fault = size;
}

/*
 * dmarc-urilist = (dmarc-uri / obs-dmarc-uri) *(*WSP "," *WSP (dmarc-uri / obs-dmarc-uri))
 */
void dmarc_uris_parse(struct arena *arena, struct slice text, bool with_https,
                      struct dmarc_uris *uris)
{
    struct slice rest = text;
    struct slice part;
    *uris = (struct dmarc_uris){.list = arena_array(arena, DMARC_URI_MAX, sizeof *uris->list)};
    if (!rest.start)
        rest = slice_of("");
    while (slice_split(&rest, ',', &part)) {
        if (uris->count == DMARC_URI_MAX)
            uris->omitted++;
        else
            parse(slice_trim(part, " \t"), with_https, &uris->list[uris->count++]);
    }
}

bool dmarc_uri_is_valid(const struct dmarc_uri *uri)
{
    return uri->fault == DMARC_URI_FINE || uri->fault == DMARC_URI_SCHEME;
}

/* Without white space; "!" before the "@" encoded, behind it a size that goes. */
static void clean(struct slice text, struct text *out)
{
    size_t at = slice_find(text, '@');
    for (size_t i = 0; i < text.length; i++) {
        char c = text.start[i];
        if (c == '!' && i > at)
            break;
        if (c == '!')
            text_append(out, "%21");
        else if (c != ' ' && c != '\t')
            text_append_char(out, c);
    }
}

static const char *repair_text(struct arena *arena, struct slice text, bool with_https)
{
    struct dmarc_uri again;
    struct text cleaned;
    text_init(&cleaned, text.length * 3 + 8);
    if (slice_find(text, ':') == text.length && slice_find(text, '@') < text.length)
        text_append(&cleaned, "mailto:");
    clean(text, &cleaned);
    const char *result = arena_copy(arena, cleaned.start);
    text_release(&cleaned);
    parse(slice_of(result), with_https, &again);
    return again.fault == DMARC_URI_FINE ? result : NULL;
}

const char *dmarc_uri_repair(struct arena *arena, const struct dmarc_uri *uri, bool with_https)
{
    return repair_text(arena, uri->text, with_https);
}

/* "mailto:a,b@example.org": a local-part with a comma, which is %2C in a URI. */
static bool is_parted(const struct dmarc_uri *first, const struct dmarc_uri *second)
{
    return slice_equals_text_ignoring_case(first->scheme, "mailto") &&
           first->fault == DMARC_URI_ADDRESS && first->address.length > 0 &&
           slice_find(first->address, '@') == first->address.length &&
           second->fault == DMARC_URI_NO_SCHEME &&
           slice_find(second->text, '@') < second->text.length;
}

/* Sets `lost` when an address cannot be repaired. */
static const char *repair_list(struct arena *arena, const struct dmarc_uris *uris, bool with_https,
                               bool *lost)
{
    const char *result = NULL;
    *lost = uris->omitted > 0;
    for (size_t i = 0; i < uris->count; i++) {
        const struct dmarc_uri *uri = &uris->list[i];
        const char *one;
        bool has_address = slice_find(uri->text, '@') < uri->text.length;
        if (uri->fault == DMARC_URI_EMPTY)
            continue;
        if (i + 1 < uris->count && is_parted(uri, uri + 1)) {
            one = arena_format(arena, "%.*s%%2C%.*s", SLICE_PRINTF(uri->text),
                               SLICE_PRINTF((uri + 1)->text));
            one = repair_text(arena, slice_of(one), with_https);
            has_address = true;
            i++;
        } else {
            one = dmarc_uri_repair(arena, uri, with_https);
        }
        *lost = *lost || (!one && has_address);
        if (!one)
            continue;
        result = result ? arena_format(arena, "%s,%s", result, one) : one;
    }
    return result;
}

const char *dmarc_uris_repair(struct arena *arena, const struct dmarc_uris *uris, bool with_https)
{
    bool lost;
    const char *result = repair_list(arena, uris, with_https, &lost);
    return lost ? NULL : result;
}

const char *dmarc_uris_repair_good(struct arena *arena, const struct dmarc_uris *uris,
                                   bool with_https)
{
    bool lost;
    return repair_list(arena, uris, with_https, &lost);
}

const char *dmarc_uri_fault_text(enum dmarc_uri_fault fault)
{
    static const char *const texts[] = {
        [DMARC_URI_FINE] = "no fault",
        [DMARC_URI_EMPTY] = "there is no URI",
        [DMARC_URI_NO_SCHEME] = "\"mailto:\" is missing",
        [DMARC_URI_SCHEME] = "no receiver need support this scheme",
        [DMARC_URI_ADDRESS] = "it names no domain to send to",
        [DMARC_URI_EXCLAMATION] = "a raw \"!\" stands in the address, %21 is meant",
        [DMARC_URI_SIZE] = "what follows the \"!\" is no size",
        [DMARC_URI_CHARACTER] = "it has a character that no URI can have",
    };
    return texts[fault];
}
