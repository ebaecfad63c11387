#include "mail/bounce_naming.h"

#include <string.h>

#include "mail/bounce_reply.h"
#include "mail/bounce_text.h"

size_t bounce_naming_indent(struct slice line)
{
    size_t i = 0;

    while (i < line.length && (line.start[i] == ' ' || line.start[i] == '\t'))
        i++;
    return i;
}

static const char *const labels[] = {"recipient",
                                     "recipients",
                                     "recipient address",
                                     "failed recipient",
                                     "failed recipients",
                                     "final recipient",
                                     "address",
                                     "user",
                                     "mailbox",
                                     "email address",
                                     "e-mail address",
                                     "e-mail",
                                     "email",
                                     "error-for",
                                     "failed address",
                                     "rcpt",
                                     "rcpt to",
                                     "intended recipient",
                                     "destination",
                                     "target mail address",
                                     "original address",
                                     "status: error, address",
                                     "recipient(s)",
                                     "mail to",
                                     "message to",
                                     "delivery to",
                                     "invalid address",
                                     "unknown address",
                                     "smtp address",
                                     "destination address",
                                     "address(es)",
                                     "mailbox address",
                                     "addressee",
                                     "undeliverable to",
                                     "failed to deliver to",
                                     "addressed to",
                                     "empf\xc3\xa4nger",
                                     "adresse",
                                     "adresse email",
                                     "destinataire",
                                     "destinataires",
                                     "destinatario",
                                     "destinatarios",
                                     "destinat\xc3\xa1rio",
                                     "indirizzo",
                                     "geadresseerde",
                                     "mottagare",
                                     "odbiorca",
                                     NULL};

/* A label in a script of its own, as Chinese and Russian are: no letter of ASCII in it. */
static bool is_foreign_label(struct slice prefix)
{
    if (prefix.length < 4 || prefix.length > 90)
        return false;
    for (size_t i = 0; i < prefix.length; i++)
        if ((unsigned char)prefix.start[i] < 0x80 && strchr(" \t:(<[", prefix.start[i]) == NULL)
            return false;
    return true;
}

static bool is_label(struct slice prefix)
{
    if (prefix.length == 0 || prefix.start[prefix.length - 1] != ':')
        return false;
    prefix = slice_trim(slice_sub(prefix, 0, prefix.length - 1), " \t*-[(#");
    for (size_t i = 0; labels[i] != NULL; i++)
        if (slice_equals_text_ignoring_case(prefix, labels[i]))
            return true;
    return false;
}

/* "550", "550 5.1.1", "501 #5.1.1": and no more before an address. */
static bool is_codes(struct slice prefix)
{
    struct bounce_status status;

    if (prefix.length < 3 || (prefix.start[0] != '4' && prefix.start[0] != '5'))
        return false;
    for (size_t i = 1; i < 3; i++)
        if (prefix.start[i] < '0' || prefix.start[i] > '9')
            return false;
    struct slice rest = slice_trim(slice_sub(prefix, 3, prefix.length), " -#");
    if (rest.length == 0)
        return true;
    size_t length = bounce_status_scan(rest, &status);
    return length > 0 && length == rest.length;
}

/* "Joe Doe" <joe@example.org>, joe@example.org <joe@example.org>: a name is no reason. */
static bool is_display_name(struct slice prefix, struct slice line, struct slice address)
{
    char before = address.start > line.start ? address.start[-1] : ' ';

    if (before != '<' || prefix.length == 0 || prefix.length > 64)
        return false;
    return prefix.start[0] == '"' || prefix.start[0] == '\'' ||
           slice_equals_ignoring_case(slice_trim(prefix, "'\""), address);
}

static bool begins_reason(struct slice suffix)
{
    return suffix.length > 0 && strchr(" \t.,;-(:[", suffix.start[0]) != NULL &&
           !slice_starts_with_ignoring_case(suffix, " wrote") &&
           !slice_starts_with_ignoring_case(suffix, " schrieb");
}

/* Exchange writes X.400 names, in which SMTP=joe@example.org or SMTP:joe@example.org is one part.
 */
static bool strip_x400(struct bounce_naming *line, struct slice *prefix)
{
    if (slice_starts_with_ignoring_case(line->address, "smtp=")) {
        line->address = slice_sub(line->address, 5, line->address.length);
        *prefix = slice_of("");
        return true;
    }
    if (slice_ends_with_ignoring_case(*prefix, "smtp:") ||
        slice_ends_with_ignoring_case(*prefix, "smtp;")) {
        *prefix = slice_of("");
        return true;
    }
    return false;
}

/* joe@example.org<mailto:joe@example.org>: a link is the address again. */
static void skip_mailto(struct slice *suffix)
{
    if (slice_starts_with_ignoring_case(*suffix, "<mailto:"))
        *suffix = slice_sub(*suffix, slice_find(*suffix, '>') + 1, suffix->length);
}

/* joe@example.org <jd@example.org>: the address in brackets is meant, the other is a name. */
static void take_bracketed(struct bounce_naming *line, struct slice *suffix)
{
    struct slice rest = slice_trim(*suffix, " \t\"'");
    struct slice address;
    size_t offset = 0;

    if (rest.length < 5 || rest.start[0] != '<' || suffix->length == 0 || suffix->start[0] == '>' ||
        !bounce_address_find(rest, &offset, &address) || address.start != rest.start + 1)
        return;
    line->address = address;
    *suffix = slice_new(rest.start + offset,
                        (size_t)(suffix->start + suffix->length - rest.start) - offset);
}

/* "550 user unknown <joe@example.org>": an address in brackets behind a code. */
static bool is_behind_code(struct slice line, struct slice prefix, struct slice suffix)
{
    return slice_ends_with_ignoring_case(prefix, "<") && slice_starts_with(suffix, ">") &&
           is_codes(slice_sub(line, 0, 3)) && prefix.length > 4 &&
           (line.start[3] == ' ' || line.start[3] == '-') &&
           slice_find(slice_sub(suffix, 1, suffix.length), '@') + 1 == suffix.length;
}

/* "1. <joe@example.org>", "2) joe@example.org": the number of a list. */
static struct slice without_number(struct slice prefix)
{
    size_t digits = 0;

    while (digits < prefix.length && prefix.start[digits] >= '0' && prefix.start[digits] <= '9')
        digits++;
    bool is_number = digits > 0 && digits < 3 && digits + 1 == prefix.length &&
                     (prefix.start[digits] == '.' || prefix.start[digits] == ')');
    return is_number ? slice_of("") : prefix;
}

static void look_before(struct bounce_naming *line, struct slice prefix, bool is_coded,
                        bool has_dots)
{
    if (is_label(prefix)) {
        line->way = BOUNCE_WAY_LABEL;
    } else if (is_codes(prefix) && has_dots) {
        line->way = BOUNCE_WAY_CODE;
    } else if (is_coded || is_foreign_label(prefix)) {
        line->way = is_coded ? BOUNCE_WAY_CODE : BOUNCE_WAY_LABEL;
        line->is_guess = true;
    }
}

void bounce_naming_read(struct slice text, struct bounce_naming *line)
{
    size_t offset = 0;

    *line = (struct bounce_naming){.text = text, .indent = bounce_naming_indent(text)};
    if (!bounce_address_find(text, &offset, &line->address) || slice_starts_with(text, ">>>") ||
        slice_starts_with(text, "<<<"))
        return;
    struct slice prefix = slice_sub(text, 0, (size_t)(line->address.start - text.start));
    struct slice suffix = slice_sub(text, offset, text.length);
    skip_mailto(&suffix);
    take_bracketed(line, &suffix);
    bool is_coded = is_behind_code(slice_trim(text, " \t"), prefix, suffix);
    prefix = without_number(slice_trim(prefix, " \t<>*(\"'`-["));
    (void)strip_x400(line, &prefix);
    bool had_bracket = suffix.length > 0 && suffix.start[0] == '>';
    suffix = slice_sub(suffix, had_bracket, suffix.length);
    bool had_quote = suffix.length > 1 && suffix.start[0] == '\'' && suffix.start[1] == ' ';
    suffix = slice_sub(suffix, had_quote, suffix.length);
    if (prefix.length > 0 &&
        is_display_name(slice_trim(slice_sub(text, line->indent, prefix.length), " \t<"), text,
                        line->address))
        prefix = slice_of("");
    struct slice bare = slice_trim(suffix, " \t.,;>)]\"'`*");
    line->words = slice_trim(suffix, " \t:");
    if (prefix.length > 0)
        look_before(line, prefix, is_coded, slice_starts_with(suffix, "..."));
    else if (bare.length == 0)
        line->way = BOUNCE_WAY_ALONE;
    else if (slice_starts_with(slice_trim(suffix, " )\"'"), ":"))
        line->way = bare.length == 1 ? BOUNCE_WAY_ALONE : BOUNCE_WAY_COLON;
    else if (begins_reason(suffix) || had_bracket)
        line->way = BOUNCE_WAY_LEAD;
    if (line->way == BOUNCE_WAY_COLON)
        line->words =
            slice_trim(slice_sub(suffix, slice_find(suffix, ':') + 1, suffix.length), " \t");
    if (line->way == BOUNCE_WAY_ALONE && bare.length == 0)
        line->words = slice_of("");
}
