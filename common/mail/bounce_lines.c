#include "mail/bounce_lines.h"

#include <string.h>

#include "mail/bounce_format.h"
#include "mail/bounce_text.h"

/* How a line names a recipient. */
enum way {
    WAY_NONE,
    WAY_ALONE, /* the address and nothing else */
    WAY_COLON, /* <joe@example.org>: reason */
    WAY_LEAD,  /* joe@example.org ... reason */
    WAY_LABEL, /* Recipient: joe@example.org */
    WAY_CODE,  /* 550 <joe@example.org>... reason */
};

struct line {
    struct slice text;
    enum way way;
    size_t indent;
    struct slice address;
    struct slice words; /* behind the address */
};

static size_t indent_of(struct slice line)
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
                                     NULL};

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
static bool strip_x400(struct line *line, struct slice *prefix)
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
static void take_bracketed(struct line *line, struct slice *suffix)
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

static void look_at(struct slice text, struct line *line)
{
    size_t offset = 0;

    *line = (struct line){.text = text, .indent = indent_of(text)};
    if (!bounce_address_find(text, &offset, &line->address) || slice_starts_with(text, ">>>") ||
        slice_starts_with(text, "<<<"))
        return;
    struct slice prefix = slice_sub(text, 0, (size_t)(line->address.start - text.start));
    struct slice suffix = slice_sub(text, offset, text.length);
    skip_mailto(&suffix);
    take_bracketed(line, &suffix);
    prefix = slice_trim(prefix, " \t<>*(\"'`-[");
    (void)strip_x400(line, &prefix);
    bool had_bracket = suffix.length > 0 && suffix.start[0] == '>';
    suffix = slice_sub(suffix, had_bracket, suffix.length);
    if (prefix.length > 0 &&
        is_display_name(slice_trim(slice_sub(text, line->indent, prefix.length), " \t<"), text,
                        line->address))
        prefix = slice_of("");
    struct slice bare = slice_trim(suffix, " \t.,;>)]\"'`*");
    line->words = slice_trim(suffix, " \t:");
    if (prefix.length > 0)
        line->way = is_label(slice_trim(prefix, " \t"))                    ? WAY_LABEL
                    : is_codes(prefix) && slice_starts_with(suffix, "...") ? WAY_CODE
                                                                           : WAY_NONE;
    else if (bare.length == 0)
        line->way = WAY_ALONE;
    else if (slice_starts_with(slice_trim(suffix, " )\"'"), ":"))
        line->way = bare.length == 1 ? WAY_ALONE : WAY_COLON;
    else if (begins_reason(suffix) || had_bracket)
        line->way = WAY_LEAD;
    if (line->way == WAY_COLON)
        line->words =
            slice_trim(slice_sub(suffix, slice_find(suffix, ':') + 1, suffix.length), " \t");
    if (line->way == WAY_ALONE && bare.length == 0)
        line->words = slice_of("");
}

/* ---- addresses that are not meant */

static bool field_has(const struct bounce_fields *fields, const char *name, struct slice address)
{
    struct slice value = bounce_fields_get(fields, name);
    struct slice found;
    size_t offset = 0;

    while (value.start != NULL && bounce_address_find(value, &offset, &found))
        if (slice_equals_ignoring_case(found, address))
            return true;
    return false;
}

static bool is_role(struct slice address)
{
    return slice_starts_with_ignoring_case(address, "postmaster@") ||
           slice_starts_with_ignoring_case(address, "mailer-daemon@") ||
           slice_starts_with_ignoring_case(address, "abuse@") ||
           slice_starts_with_ignoring_case(address, "helpdesk@") ||
           slice_starts_with_ignoring_case(address, "support@");
}

/* Who wrote the bounce is not who it is about; in general wordings neither is who gets it. */
static bool is_own(const struct bounce_builder *builder, struct slice address, bool is_general)
{
    const struct bounce_source *source = builder->source;

    if (field_has(&source->header, "from", address))
        return is_general || is_role(address);
    if (!is_general)
        return false;
    return is_role(address) || field_has(&source->header, "to", address) ||
           field_has(&source->header, "reply-to", address) ||
           field_has(&builder->original, "from", address) ||
           field_has(&builder->original, "sender", address) ||
           field_has(&builder->original, "return-path", address) ||
           field_has(&builder->original, "list-id", address);
}

/* ---- reading */

/* "(expanded from: <joe@example.org>)": the recipient as it was given. */
static bool read_origin(struct bounce_builder *builder, struct bounce_recipient **recipient,
                        struct slice line)
{
    static const char *const words[] = {
        "(expanded from", "(generated from",       "(ultimately generated from",
        "generated by",   "(originally addressed", NULL};
    struct slice address;
    size_t offset = 0;

    if (!bounce_text_has_any(line, words) || !bounce_address_find(line, &offset, &address) ||
        bounce_address_is_pseudo(address) || slice_find(address, '.') == address.length)
        return false;
    /* Behind a path or a pipe it is the only address. */
    if (*recipient == NULL)
        *recipient = bounce_builder_add(builder, address);
    if (*recipient != NULL)
        (*recipient)->original = address;
    return true;
}

/* The recipient that a line of a transcript is about, else the last. */
static struct bounce_recipient *about(struct bounce_builder *builder, const struct line *line,
                                      struct bounce_recipient *last)
{
    for (size_t i = 0; line->address.start != NULL && i < builder->bounce->count; i++)
        if (slice_equals_ignoring_case(builder->bounce->recipients[i].address, line->address))
            return &builder->bounce->recipients[i];
    return last;
}

static bool is_taken(const struct bounce_builder *builder, const struct line *line, size_t indent,
                     bool is_general)
{
    if (line->way == WAY_NONE || line->way == WAY_CODE ||
        is_own(builder, line->address, is_general))
        return false;
    return builder->bounce->count == 0 || line->indent <= indent;
}

/* The line from behind its address on. */
static struct slice text_behind(const struct line *line)
{
    size_t behind = (size_t)(line->address.start - line->text.start) + line->address.length;

    return slice_sub(line->text, behind, line->text.length);
}

#define NEAR_LINES 12

static void read_lines(struct bounce_builder *builder, const struct bounce_section *section)
{
    bool is_general = (section->flags & BOUNCE_FORMAT_HINT) != 0;
    struct bounce_recipient *recipient = NULL;
    struct slice rest = section->text;
    struct slice text;
    size_t indent = 0;
    size_t number = 0;
    bool begins = true; /* a paragraph */

    while (bounce_line_take(&rest, &text)) {
        struct line line;
        bool is_first = begins;

        begins = slice_trim(text, " \t").length == 0;
        if (begins)
            continue;
        number++;
        look_at(text, &line);
        /* In a general wording the address is near, and alone or at the beginning of a
         * paragraph. */
        if (is_general && builder->bounce->count == 0 &&
            (number > NEAR_LINES || (!is_first && line.way != WAY_ALONE)))
            continue;
        if (line.address.start != NULL && is_taken(builder, &line, indent, is_general)) {
            size_t count = builder->bounce->count;
            struct bounce_recipient *added = bounce_builder_add(builder, line.address);

            if (added != NULL) {
                if (count == 0)
                    indent = line.indent;
                recipient = added;
                begins = true;
                (void)read_origin(builder, &recipient, text_behind(&line));
                bounce_builder_add_words(builder, recipient, line.words);
                continue;
            }
        }
        if (read_origin(builder, &recipient, text) || recipient == NULL)
            continue;
        bounce_builder_add_words(builder, about(builder, &line, recipient), text);
    }
}

/* "<<< 550 gone" of Sendmail, " Out: 550 gone" of Postfix. */
static bool is_refusal(struct slice line)
{
    static const char *const starts[] = {"<<< 5", "<<< 4", " Out: 5", " Out: 4"};

    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (slice_starts_with(line, starts[i]))
            return true;
    return false;
}

/* The other ways of a transcript: 550 <joe@example.org>... reason, and >>> RCPT To:<...> before
 * <<< 550. */
static void read_transcript(struct bounce_builder *builder, struct slice rest)
{
    struct slice asked = {0};
    struct slice text;

    while (bounce_line_take(&rest, &text)) {
        struct line line;

        look_at(text, &line);
        if (bounce_text_has(slice_sub(text, 0, 20), "rcpt to:")) {
            asked = line.address.start != NULL ? line.address : asked;
        } else if (is_refusal(text)) {
            struct bounce_recipient *recipient =
                asked.start != NULL ? bounce_builder_add(builder, asked) : NULL;

            if (recipient != NULL)
                bounce_builder_add_words(builder, recipient,
                                         slice_sub(text, slice_find(text, ' '), text.length));
        } else if (line.way == WAY_CODE) {
            struct bounce_recipient *recipient = bounce_builder_add(builder, line.address);

            if (recipient != NULL)
                bounce_builder_add_words(builder, recipient, text);
        }
    }
}

/* A name alone in an indented line, completed by the domain of the sender of the bounce. */
static void read_local_names(struct bounce_builder *builder, struct slice rest)
{
    struct slice from = bounce_fields_get(&builder->source->header, "from");
    struct slice sender;
    struct slice text;
    size_t offset = 0;

    if (from.start == NULL || !bounce_address_find(from, &offset, &sender))
        return;
    struct slice domain = slice_sub(sender, slice_find(sender, '@'), sender.length);
    while (bounce_line_take(&rest, &text)) {
        struct slice name = slice_trim(text, " \t");

        if (indent_of(text) == 0 || name.length == 0 || name.length > 64 ||
            slice_find(name, ' ') < name.length)
            continue;
        (void)bounce_builder_add(builder,
                                 slice_of(arena_format(builder->arena, "%.*s%.*s",
                                                       SLICE_PRINTF(name), SLICE_PRINTF(domain))));
    }
}

#define SENTENCE_MAX 400

/* The first address behind the phrase. */
static void read_sentence(struct bounce_builder *builder, const struct bounce_section *section)
{
    struct slice near = slice_sub(section->text, 0, SENTENCE_MAX);
    bool is_general = (section->flags & BOUNCE_FORMAT_HINT) != 0;
    struct slice address;
    size_t offset = 0;

    while (bounce_address_find(near, &offset, &address)) {
        if (is_own(builder, address, is_general))
            continue;
        struct bounce_recipient *recipient = bounce_builder_add(builder, address);
        if (recipient == NULL)
            continue;
        bounce_builder_add_words(builder, recipient,
                                 slice_sub(section->whole, section->line_start,
                                           (size_t)(section->text.start - section->whole.start) -
                                               section->line_start + section->text.length));
        return;
    }
}

#define BEFORE_MAX 200

/* The last address before the phrase, in its sentence. */
static void read_before(struct bounce_builder *builder, const struct bounce_section *section)
{
    size_t from = section->before.length > BEFORE_MAX ? section->before.length - BEFORE_MAX : 0;
    struct slice near = slice_sub(section->before, from, BEFORE_MAX);
    bool is_general = (section->flags & BOUNCE_FORMAT_HINT) != 0;
    struct slice address;
    struct slice last = {0};
    size_t offset = 0;

    while (bounce_address_find(near, &offset, &address))
        if (!is_own(builder, address, is_general))
            last = address;
    struct bounce_recipient *recipient =
        last.start != NULL ? bounce_builder_add(builder, last) : NULL;
    if (recipient != NULL)
        bounce_builder_add_words(builder, recipient,
                                 slice_sub(section->whole, section->line_start, SENTENCE_MAX));
}

void bounce_lines_read(struct bounce_builder *builder, const struct bounce_section *section)
{
    if ((section->flags & BOUNCE_FORMAT_BEFORE) != 0) {
        read_before(builder, section);
        return;
    }
    if ((section->flags & BOUNCE_FORMAT_SENTENCE) != 0) {
        read_sentence(builder, section);
        return;
    }
    read_lines(builder, section);
    if (builder->bounce->count == 0)
        read_transcript(builder, section->text);
    if (builder->bounce->count == 0 && (section->flags & BOUNCE_FORMAT_LOCAL) != 0)
        read_local_names(builder, section->text);
}

#define CODE_LINES 4

/* The line and the three behind it. */
static struct slice lines_from(struct slice line, struct slice rest)
{
    struct slice window = line;
    struct slice next;

    for (size_t i = 1; i < CODE_LINES && bounce_line_take(&rest, &next); i++)
        window.length = (size_t)(next.start + next.length - window.start);
    return window;
}

void bounce_lines_read_near_codes(struct bounce_builder *builder, struct slice text)
{
    struct slice rest = text;
    struct slice next;

    while (bounce_line_take(&rest, &next)) {
        struct line line;

        look_at(next, &line);
        if (line.way == WAY_NONE || is_own(builder, line.address, true))
            continue;
        struct bounce_reply reply = {.text = lines_from(next, rest)};
        bounce_reply_find_codes(&reply);
        if (reply.code < 400)
            continue;
        struct bounce_recipient *recipient = bounce_builder_add(builder, line.address);
        if (recipient != NULL)
            bounce_builder_add_words(builder, recipient, reply.text);
    }
}
