#include "mail/bounce_source.h"

#include <string.h>

#include "mail/bounce_mime.h"
#include "mail/bounce_text.h"

enum bounce_part_kind bounce_part_kind_of(struct slice type)
{
    static const struct {
        const char *type;
        enum bounce_part_kind kind;
    } kinds[] = {
        {"text/plain",                              BOUNCE_PART_TEXT    },
        {"text/html",                               BOUNCE_PART_HTML    },
        {"message/delivery-status",                 BOUNCE_PART_REPORT  },
        {"message/global-delivery-status",          BOUNCE_PART_REPORT  },
        {"message/feedback-report",                 BOUNCE_PART_FEEDBACK},
        {"message/disposition-notification",        BOUNCE_PART_RECEIPT },
        {"message/global-disposition-notification", BOUNCE_PART_RECEIPT },
        {"message/rfc822",                          BOUNCE_PART_RETURNED},
        {"message/global",                          BOUNCE_PART_RETURNED},
        {"text/rfc822-headers",                     BOUNCE_PART_RETURNED},
        {"text/rfc822-header",                      BOUNCE_PART_RETURNED},
        {"message/rfc822-headers",                  BOUNCE_PART_RETURNED},
        {"message/global-headers",                  BOUNCE_PART_RETURNED},
    };

    type = slice_trim(slice_sub(type, 0, slice_find(type, ';')), " \t");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (slice_equals_text_ignoring_case(type, kinds[i].type))
            return kinds[i].kind;
    /* "text", "plain" and other ways to say nothing. */
    if (type.length == 0 || slice_find(type, '/') == type.length ||
        slice_starts_with_ignoring_case(type, "text/x-"))
        return BOUNCE_PART_TEXT;
    return BOUNCE_PART_OTHER;
}

bool bounce_part_is_program(struct slice value)
{
    static const char *const endings[] = {".exe", ".scr", ".pif", ".com", ".bat", ".cmd",
                                          ".vbs", ".js",  ".hta", ".jar", ".lnk", ".cpl",
                                          ".iso", ".img", ".zip", ".rar", ".7z",  ".ace"};
    static const char *const names[] = {"name", "filename"};

    for (size_t n = 0; n < 2; n++) {
        struct slice name = bounce_field_parameter(value, names[n]);

        for (size_t i = 0; name.start != NULL && i < sizeof endings / sizeof endings[0]; i++)
            if (slice_ends_with_ignoring_case(slice_trim(name, " \t"), endings[i]))
                return true;
    }
    return false;
}

/* ---- splitting at lines that look like boundaries */

#define BOUNDARIES_MAX 32

struct splitter {
    struct arena *arena;
    struct bounce_source *source;
    struct slice boundaries[BOUNDARIES_MAX];
    size_t boundary_count;
    struct slice outer; /* the boundary before the message that we are inside of; .start or NULL */
    const char *part_start;
    bool is_declared; /* the header says that there are parts */
};

static void note_boundary(struct splitter *splitter, struct slice type)
{
    struct slice boundary = bounce_field_parameter(type, "boundary");

    if (boundary.length > 0 && splitter->boundary_count < BOUNDARIES_MAX)
        splitter->boundaries[splitter->boundary_count++] = boundary;
}

static bool is_known_boundary(const struct splitter *splitter, struct slice name)
{
    for (size_t i = 0; i < splitter->boundary_count; i++)
        if (slice_equals(splitter->boundaries[i], name))
            return true;
    return false;
}

enum delimiter { NO_DELIMITER, OPENS, CLOSES };

/*
 * delimiter = "--" boundary [ "--" ]      RFC 2046 5.1.1
 */
static enum delimiter find_delimiter(const struct splitter *splitter, struct slice line,
                                     struct slice rest, struct slice *name)
{
    if (line.length < 3 || line.start[0] != '-' || line.start[1] != '-')
        return NO_DELIMITER;
    *name = slice_trim(slice_sub(line, 2, line.length), " \t");
    if (is_known_boundary(splitter, *name))
        return OPENS;
    if (name->length > 2 && slice_ends_with_ignoring_case(*name, "--") &&
        is_known_boundary(splitter, slice_sub(*name, 0, name->length - 2))) {
        name->length -= 2;
        return CLOSES;
    }
    /* One that no header names, but a part's header follows. */
    if (name->length > 0 && slice_find(*name, ' ') == name->length &&
        slice_starts_with_ignoring_case(rest, "content-type:"))
        return OPENS;
    return NO_DELIMITER;
}

static void close_part(struct splitter *splitter, const char *end)
{
    struct bounce_source *source = splitter->source;

    if (splitter->part_start == NULL || source->part_count == 0)
        return;
    struct bounce_part *part = &source->parts[source->part_count - 1];
    part->text = slice_new(splitter->part_start, (size_t)(end - splitter->part_start));
    splitter->part_start = NULL;
}

/* Whether all octets of the eighth bit are those of UTF-8: then it is UTF-8, whatever is said. */
static bool is_utf8(struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.start[i];
        size_t more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;

        if (c == '\x1b' || (c >= 0x80 && c < 0xc2))
            return false;
        for (; more > 0 && i + 1 < text.length; more--)
            if (((unsigned char)text.start[++i] & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static bool is_encoding(struct slice encoding)
{
    return encoding.start != NULL &&
           (slice_starts_with_ignoring_case(encoding, "base64") ||
            slice_starts_with_ignoring_case(encoding, "quoted-printable") ||
            slice_starts_with_ignoring_case(encoding, "x-uu"));
}

/* A charset that has to be converted before words and addresses can be found in it. */
static bool is_foreign(struct slice charset)
{
    return charset.length > 0 && !slice_starts_with_ignoring_case(charset, "us-ascii") &&
           !slice_equals_text_ignoring_case(charset, "utf-8") &&
           !slice_equals_text_ignoring_case(charset, "utf8");
}

static void open_part(struct splitter *splitter, const struct bounce_fields *fields,
                      struct slice delimiter, struct slice rest)
{
    struct bounce_source *source = splitter->source;
    struct slice type = bounce_fields_get(fields, "content-type");
    struct slice encoding = bounce_fields_get(fields, "content-transfer-encoding");
    struct slice disposition = bounce_fields_get(fields, "content-disposition");

    if (source->part_count == BOUNCE_PARTS_MAX)
        return;
    note_boundary(splitter, type);
    struct bounce_part *part = &source->parts[source->part_count++];
    *part = (struct bounce_part){.kind = bounce_part_kind_of(type),
                                 .is_inside = splitter->outer.start != NULL};
    part->is_encoded = is_encoding(encoding);
    part->is_untyped = slice_starts_with_ignoring_case(type, "application/octet-stream");
    if (is_foreign(bounce_field_parameter(type, "charset")))
        part->is_encoded |= !is_utf8(slice_sub(rest, 0, BOUNCE_PART_TEXT_MAX));
    if (part->kind == BOUNCE_PART_OTHER)
        part->is_program = bounce_part_is_program(type) || bounce_part_is_program(disposition);
    if (part->kind == BOUNCE_PART_RETURNED && !part->is_inside)
        splitter->outer = delimiter;
    splitter->part_start = rest.start;
}

/* What stands before the first part is a text when nobody says that there are parts. */
static void add_preamble(struct splitter *splitter, struct slice text)
{
    if (splitter->is_declared || slice_trim(text, " \t\n").length == 0)
        return;
    splitter->source->parts[splitter->source->part_count++] =
        (struct bounce_part){.kind = BOUNCE_PART_TEXT, .text = text};
}

static void split(struct splitter *splitter, struct slice rest)
{
    struct slice line;
    struct slice name;

    const char *body = rest.start;
    while (rest.length > 0) {
        const char *start = rest.start;

        (void)bounce_line_take(&rest, &line);
        if (line.length == 0 || line.start[0] != '-') {
            /* A message within names boundaries of its own. */
            if (line.length > 8 && bounce_text_has(line, "boundary="))
                note_boundary(splitter, line);
            continue;
        }
        enum delimiter delimiter = find_delimiter(splitter, line, rest, &name);
        if (delimiter == NO_DELIMITER)
            continue;
        if (splitter->source->part_count == 0)
            add_preamble(splitter, slice_new(body, (size_t)(start - body)));
        close_part(splitter, start);
        if (splitter->outer.start != NULL && slice_equals(splitter->outer, name))
            splitter->outer = (struct slice){0};
        if (delimiter == CLOSES)
            continue;
        struct bounce_fields fields = {0};
        if (slice_starts_with(rest, "\n"))
            (void)bounce_line_take(&rest, &line);
        else
            bounce_fields_read(splitter->arena, &rest, &fields);
        open_part(splitter, &fields, name, rest);
    }
    close_part(splitter, rest.start);
}

/* ---- the whole */

static void read_parts(struct arena *arena, struct bounce_source *source)
{
    struct slice type = bounce_fields_get(&source->header, "content-type");
    struct splitter splitter = {
        .arena = arena, .source = source, .is_declared = type.start != NULL};

    if (type.start == NULL || slice_starts_with_ignoring_case(type, "multipart/")) {
        note_boundary(&splitter, type);
        split(&splitter, source->body);
    }
    if (source->part_count == 0) {
        open_part(&splitter, &source->header, slice_of(""), source->body);
        splitter.part_start = source->body.start;
        close_part(&splitter, source->body.start + source->body.length);
        /* Parts without a boundary to be found: what is there is text. */
        if (source->parts[0].kind == BOUNCE_PART_OTHER)
            source->parts[0].kind = BOUNCE_PART_TEXT;
    }
}

static bool needs_decoding(const struct bounce_source *source)
{
    for (size_t i = 0; i < source->part_count; i++)
        if (source->parts[i].is_encoded && !source->parts[i].is_inside &&
            (source->parts[i].kind != BOUNCE_PART_OTHER ||
             (source->parts[i].is_untyped && !source->parts[i].is_program)))
            return true;
    return false;
}

/* Deeper than any bounce is, so that no parser has to follow. */
static bool is_nested_too_deep(struct slice text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.length && count <= BOUNCE_PARTS_MAX; i++, count++)
        i = bounce_text_find(text, i, "content-type:");
    return count > BOUNCE_PARTS_MAX;
}

static struct slice join(struct arena *arena, const struct bounce_source *source,
                         enum bounce_part_kind kind, bool is_inside)
{
    size_t length = 0;
    size_t found = 0;
    struct slice only = slice_of("");

    for (size_t i = 0; i < source->part_count; i++) {
        const struct bounce_part *part = &source->parts[i];

        if (part->kind != kind || part->is_inside != is_inside)
            continue;
        only = slice_sub(part->text, 0, BOUNCE_PART_TEXT_MAX);
        length += only.length + 1;
        found++;
    }
    if (found <= 1)
        return only;
    char *text = arena_array(arena, length, 1);
    size_t used = 0;
    for (size_t i = 0; i < source->part_count; i++) {
        const struct bounce_part *part = &source->parts[i];

        if (part->kind != kind || part->is_inside != is_inside)
            continue;
        struct slice piece = slice_sub(part->text, 0, BOUNCE_PART_TEXT_MAX);
        if (piece.length > 0)
            memcpy(text + used, piece.start, piece.length);
        used += piece.length;
        text[used++] = '\n';
    }
    return slice_new(text, used);
}

/* RFC 2047: the words that tell are often encoded. */
static void decode_header(struct arena *arena, struct bounce_fields *header)
{
    for (size_t i = 0; i < header->count; i++) {
        struct bounce_field *field = &header->fields[i];

        if (slice_equals_text_ignoring_case(field->name, "subject") ||
            slice_equals_text_ignoring_case(field->name, "from"))
            field->value = bounce_mime_decode_field(arena, field->value);
    }
}

void bounce_source_read(struct arena *arena, struct slice message, struct bounce_source *source)
{
    struct slice text = bounce_text_normalize(arena, message);

    source->part_count = 0;
    /* The line that an mbox or a delivery agent puts before a message. */
    struct slice rest = text;
    struct slice line;
    struct slice after = rest;
    while (bounce_line_take(&after, &line) &&
           (slice_starts_with(line, "From ") || slice_starts_with(line, ">From ") ||
            slice_trim(line, " \t").length == 0))
        rest = after;
    struct slice whole = rest;
    bounce_fields_read(arena, &rest, &source->header);
    decode_header(arena, &source->header);
    source->body = rest;
    read_parts(arena, source);
    if (needs_decoding(source) && !is_nested_too_deep(whole))
        (void)bounce_mime_read(arena, whole, source);
    source->text = join(arena, source, BOUNCE_PART_TEXT, false);
    struct slice html = join(arena, source, BOUNCE_PART_HTML, false);
    source->html = html.length > 0 ? bounce_text_of_html(arena, html) : html;
    source->returned = slice_of("");
    for (size_t i = 0; i < source->part_count && source->returned.length == 0; i++)
        if (source->parts[i].kind == BOUNCE_PART_RETURNED)
            source->returned = source->parts[i].text;
    rest = source->returned;
    bounce_fields_read(arena, &rest, &source->original);
}
