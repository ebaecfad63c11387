#include "mail/bounce_format.h"

#include <string.h>

#include "mail/bounce_answer.h"
#include "mail/bounce_lines.h"
#include "mail/bounce_text.h"

/* What is looked at of a text: bounces say it at the beginning. */
#define TEXT_MAX (48 * 1024)

struct row {
    const struct bounce_format *format;
    size_t phrase;
};

#define LIST_MAX 64

struct list {
    size_t phrases[LIST_MAX];
    size_t count;
};

struct bounce_formats {
    struct bounce_automaton *automaton;
    struct row *rows;
    size_t count;
    struct list ends;      /* what follows is the returned message */
    struct list retries;   /* will be tried again */
    struct list given_ups; /* and these say that it won't */
    struct list deletions; /* nor when the last errors were transient */
};

static const char *const ends[] = {
    "below this line is a copy",
    "below the next line is a copy",
    "this is a copy of the message",
    "this is a copy of your message",
    "original message follows",
    "----- original message",
    "-original message",
    "---- original message",
    "--- original message",
    "-------- original message",
    "original message -----",
    "original message as received",
    "header of the original message",
    "headers of the original message",
    "original message headers",
    "original message header",
    "unsent message follows",
    "unsent message below",
    "returned mail follows",
    "returned message follows",
    "returned mail --",
    "returned message --",
    "--returned message",
    "message text follows",
    "message header follows",
    "message headers follow",
    "begin message header",
    "copy of the original message",
    "copy of the message follows",
    "the attachment contains the original",
    "attachment is a copy of the message",
    "mensaje original",
    "message d'origine",
    "old message:",
    "received: from",
    "received:from",
    "received: by",
    "return-path: <",
    "--- the following is the header",
    "text of your message",
    "your message reads (in part)",
    "a copy of your message",
    "contents of the returned message",
    "--- message included",
};

static const char *const retries[] = {
    "warning message only",
    "(transient failure)",
    "do not need to resend",
    "will be retried",
    "will continue to be retried",
    "will keep trying",
    "will continue trying",
    "will try again",
    "will continue to try",
    "delivery attempts will continue",
    "attempts to deliver the message will continue",
    "will continue to attempt",
    "will retry for",
    "no action is required on your part",
    "has not yet been delivered",
    "is still being retried",
    "still trying to deliver",
    "this is only a warning",
    "the server will keep trying",
    "further attempts",
    "will be resent",
    "will make further attempts",
};

static const char *const given_ups[] = {
    "this is a permanent error",
    "failed permanently",
    "i've given up",
    "giving up",
    "permanent fatal errors",
    "gave up",
    "have given up",
    "deleted from queue",
};

/* Sendmail: "had transient non-fatal errors", and at last this. */
static const char *const deletions[] = {
    "deleted from queue",
    "deleted from the queue",
    "removed from the queue",
};

static void add_list(struct bounce_formats *formats, struct list *list, const char *const *words,
                     size_t count)
{
    for (size_t i = 0; i < count && i < LIST_MAX; i++)
        list->phrases[list->count++] =
            bounce_automaton_add(formats->automaton, slice_of(words[i]), true, true);
}

static void add_table(struct bounce_formats *formats, struct bounce_format_table table)
{
    for (size_t i = 0; i < table.count; i++)
        formats->rows[formats->count++] = (struct row){
            .format = &table.rows[i],
            .phrase = bounce_automaton_add(formats->automaton, slice_of(table.rows[i].phrase), true,
                                           true),
        };
}

struct bounce_formats *bounce_formats_new(struct arena *arena)
{
    const struct bounce_format_table tables[] = {bounce_format_servers(), bounce_format_providers(),
                                                 bounce_format_gateways(), bounce_format_general()};
    struct bounce_formats *formats = arena_alloc(arena, sizeof *formats);
    size_t count = 0;

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        count += tables[i].count;
    formats->rows = arena_array(arena, count, sizeof *formats->rows);
    formats->automaton = bounce_automaton_new(arena);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        add_table(formats, tables[i]);
    add_list(formats, &formats->ends, ends, sizeof ends / sizeof ends[0]);
    add_list(formats, &formats->retries, retries, sizeof retries / sizeof retries[0]);
    add_list(formats, &formats->given_ups, given_ups, sizeof given_ups / sizeof given_ups[0]);
    add_list(formats, &formats->deletions, deletions, sizeof deletions / sizeof deletions[0]);
    bounce_automaton_compile(formats->automaton);
    return formats;
}

/* ---- finding the phrases */

struct found {
    struct slice text; /* as it is */
    uint32_t *starts;  /* by phrase: where it stands in the text first; UINT32_MAX: nowhere */
    uint32_t *stops;   /* and where it ends */
    uint32_t returned; /* where the returned message begins, or the length */
};

static void find_phrases(const struct bounce_formats *formats, struct arena *arena,
                         struct slice text, struct found *found)
{
    size_t count = bounce_automaton_phrases(formats->automaton);
    char *folded = arena_array(arena, text.length + 1, 1);
    uint32_t *places = arena_array(arena, text.length + 1, sizeof *places);
    size_t length = 0;

    for (size_t i = 0; i < text.length; i++) {
        char c = text.start[i];

        if (c == '\n' || c == '\t')
            c = ' ';
        if (c == ' ' && length > 0 && folded[length - 1] == ' ')
            continue;
        places[length] = (uint32_t)i;
        folded[length++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    found->text = text;
    found->starts = arena_array(arena, count, sizeof *found->starts);
    found->stops = arena_array(arena, count, sizeof *found->stops);
    memset(found->starts, 0xff, count * sizeof *found->starts);
    struct bounce_automaton_scan scan = {0};
    while (bounce_automaton_next(formats->automaton, slice_new(folded, length), &scan)) {
        if (found->starts[scan.phrase] != UINT32_MAX)
            continue;
        found->starts[scan.phrase] = places[scan.start];
        found->stops[scan.phrase] = places[scan.end - 1] + 1;
    }
}

static bool has_one(const struct found *found, const struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (found->starts[list->phrases[i]] < found->returned)
            return true;
    return false;
}

/* The first end behind an offset. */
static uint32_t end_behind(const struct bounce_formats *formats, const struct found *found,
                           uint32_t offset)
{
    uint32_t end = (uint32_t)found->text.length;

    for (size_t i = 0; i < formats->ends.count; i++) {
        uint32_t start = found->starts[formats->ends.phrases[i]];

        if (start >= offset && start < end)
            end = start;
    }
    return end;
}

/* ---- what else looks like a bounce */

static const char *const sender_words[] = {
    "mailer-daemon",      "postmaster",  "post_master",       "mail delivery",
    "maildelivery",       "mail-daemon", "mailerdaemon",      "mdaemon",
    "mail administrator", "mail system", "microsoftexchange", "mailsystem",
    "mail_service",       NULL};

static const char *const subject_words[] = {
    "automatically rejected",
    "undeliver",
    "mail delivery failed",
    "mail delivery failure",
    "returning message to sender",
    "returned mail",
    "delivery status notif",
    "failure notice",
    "non remis",
    "unzustellbar",
    "non-delivery",
    "nondelivery",
    "mail failure",
    "failed mail",
    "user unknown",
    "returned to sender",
    "mail could not",
    "[bounce]",
    "bounced mail",
    "mail bounced",
    "bounced message",
    "message not delivered",
    "mail error",
    "nicht zugestellt",
    "undelivered",
    "mail system error",
    "error sending your mail",
    "onbestelbaar",
    "kunde inte levereras",
    "kan ikke leveres",
    "non recapitabile",
    "mancato recapito",
    "mancata consegna",
    "falha na entrega",
    "n\xc3\xa3o foi poss\xc3\xadvel entregar",
    "no se puede entregar",
    "no se ha podido entregar",
    "mensaje no entregado",
    "chec de remise",
    "chec de la remise",
    "nie mo\xc5\xbcna dostarczy\xc4\x87",
    "niedor\xc4\231czon",
    "nedoru\xc4\x8diteln",
    "\xd0\xbd\xd0\xb5 \xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xbb\xd0\xb5\xd0\xbd",
    "\xd0\xbd\xd0\xb5\xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xbb",
    "\xe9\x80\x80\xe4\xbf\xa1",
    "\xe9\x80\x80\xe5\x9b\x9e",
    "\xe9\x85\x8d\xe4\xbf\xa1\xe4\xb8\x8d\xe8\x83\xbd",
    "\xe9\x80\x81\xe4\xbf\xa1\xe3\x82\xa8\xe3\x83\xa9\xe3\x83\xbc",
    NULL};

/* Shops, carriers and people write so, too. */
static const char *const weak_subject_words[] = {
    "mail delivery",
    "delivery fail",
    "delivery problem",
    "delivery error",
    "delivery report",
    "delivery notif",
    "delivery status",
    "delivery has failed",
    "not delivered",
    "could not be delivered",
    "failure delivery",
    "processing error",
    NULL,
};

/* Whether the sender is a program by the name of its mailbox, or is none. */
static bool is_from_machine(const struct bounce_source *source)
{
    static const char *const words[] = {"mail",   "admin",  "system", "daemon", "deliver",
                                        "server", "master", "bounce", NULL};
    struct slice from = bounce_fields_get(&source->header, "from");
    struct slice address;
    size_t offset = 0;

    if (from.start == NULL || bounce_text_has_any(from, sender_words) ||
        !bounce_address_find(from, &offset, &address))
        return true;
    return bounce_text_has_any(slice_sub(address, 0, slice_find(address, '@')), words);
}

bool bounce_format_has_subject(const struct bounce_source *source)
{
    struct slice subject = bounce_fields_get(&source->header, "subject");

    if (subject.start == NULL)
        return false;
    return bounce_text_has_any(subject, subject_words) ||
           ((bounce_text_has_any(subject, weak_subject_words) ||
             bounce_answer_is_warning(source)) &&
            is_from_machine(source));
}

bool bounce_format_has_hint(const struct bounce_source *source)
{
    const struct bounce_fields *header = &source->header;
    struct slice from = bounce_fields_get(header, "from");
    struct slice path = bounce_fields_get(header, "return-path");

    if (from.start != NULL && bounce_text_has_any(from, sender_words))
        return true;
    if (bounce_format_has_subject(source))
        return true;
    if (path.start != NULL && slice_equals_text(slice_trim(path, " \t"), "<>"))
        return true;
    return bounce_fields_get(header, "x-failed-recipients").start != NULL;
}

bool bounce_format_is_alike(const struct bounce_source *source)
{
    struct slice subject = bounce_fields_get(&source->header, "subject");

    return bounce_format_has_hint(source) ||
           (subject.start != NULL && bounce_text_has_any(subject, weak_subject_words));
}

/* ---- rows */

static bool read_row(const struct bounce_formats *formats, struct bounce_builder *builder,
                     const struct found *found, const struct row *row, bool hint)
{
    const struct bounce_format *format = row->format;
    uint32_t start = found->starts[row->phrase];
    uint32_t stop = found->stops[row->phrase];
    uint32_t end = end_behind(formats, found, stop);
    struct bounce_section section = {
        .text = slice_sub(found->text, stop, end - stop),
        .before = slice_sub(found->text, 0, start),
        .line_start = start,
        .whole = found->text,
        .flags = format->flags,
        .is_likely = hint,
    };

    bounce_lines_read(builder, &section);
    return builder->bounce->count > 0;
}

static void add_failed_recipients(struct bounce_builder *builder)
{
    const struct bounce_fields *header = &builder->source->header;

    /* Exim begins a new field after fifty. */
    for (size_t i = 0; i < header->count; i++) {
        struct slice address;
        size_t offset = 0;

        if (!slice_equals_text_ignoring_case(header->fields[i].name, "x-failed-recipients"))
            continue;
        while (bounce_address_find(header->fields[i].value, &offset, &address))
            (void)bounce_builder_add(builder, address);
    }
}

/* "To: joe@example.org" amid the text, where no returned header was found. */
static struct slice find_to(struct slice text)
{
    struct slice line;
    struct slice name;
    struct slice value;

    while (bounce_line_take(&text, &line))
        if (bounce_field_split(slice_trim(line, " \t"), &name, &value) &&
            slice_equals_text_ignoring_case(name, "to"))
            return value;
    return (struct slice){0};
}

/* The one addressee of the returned message; more than one would be a guess. */
static void add_addressee(struct bounce_builder *builder)
{
    struct slice to = bounce_fields_get(&builder->original, "to");
    struct slice cc = bounce_fields_get(&builder->original, "cc");

    if (builder->original.count == 0)
        to = find_to(builder->people);
    struct slice address;
    struct slice second;
    size_t offset = 0;

    if (to.start == NULL || cc.start != NULL || !bounce_address_find(to, &offset, &address) ||
        bounce_address_find(to, &offset, &second))
        return;
    (void)bounce_builder_add(builder, address);
}

static enum bounce_kind kind_of(const struct bounce_formats *formats, const struct found *found,
                                const struct bounce_format *format,
                                const struct bounce_source *source)
{
    if (format->kind == BOUNCE_KIND_DELAYED && has_one(found, &formats->deletions))
        return BOUNCE_KIND_FAILURE;
    if (format->kind != BOUNCE_KIND_FAILURE)
        return format->kind;
    if ((has_one(found, &formats->retries) || bounce_answer_is_warning(source)) &&
        !has_one(found, &formats->given_ups))
        return BOUNCE_KIND_DELAYED;
    return BOUNCE_KIND_FAILURE;
}

/* The header of a message that was returned as text, behind the line that announces it. */
static void find_original(struct bounce_builder *builder, struct slice text)
{
    struct slice name;
    struct slice value;
    struct slice line;
    struct slice after = text;

    for (size_t i = 0; i < 10 && bounce_line_take(&after, &line); i++) {
        if (bounce_field_split(line, &name, &value)) {
            bounce_fields_read(builder->arena, &text, &builder->original);
            return;
        }
        text = after;
    }
}

/* What tells that it is a bounce and for whom where no wording is known, or NULL. */
static const struct bounce_format *read_without_format(struct bounce_builder *builder, bool hint)
{
    static const struct bounce_format failed = {"x-failed-recipients", "", BOUNCE_KIND_FAILURE, 0};
    static const struct bounce_format coded = {"address-and-code", "", BOUNCE_KIND_FAILURE, 0};

    add_failed_recipients(builder);
    if (builder->bounce->count > 0)
        return &failed;
    if (hint)
        bounce_lines_read_near_codes(builder, builder->people);
    if (builder->bounce->count == 0 && bounce_answer_is_warning(builder->source))
        bounce_lines_read_only_address(builder, builder->people);
    return builder->bounce->count > 0 ? &coded : NULL;
}

static bool read_text(const struct bounce_formats *formats, struct bounce_builder *builder,
                      struct slice text)
{
    struct found found;
    bool hint = bounce_format_has_hint(builder->source);
    bool is_addressee = false;
    const struct bounce_format *first = NULL; /* that fits and names nobody */

    find_phrases(formats, builder->arena, slice_sub(text, 0, TEXT_MAX), &found);
    found.returned = end_behind(formats, &found, 1);
    builder->people = slice_sub(text, 0, found.returned);
    if (builder->original.count == 0)
        find_original(builder, slice_sub(found.text, found.returned, found.text.length));
    for (size_t i = 0; i < formats->count; i++) {
        const struct row *row = &formats->rows[i];

        if (found.starts[row->phrase] == UINT32_MAX || found.starts[row->phrase] > found.returned ||
            ((row->format->flags & BOUNCE_FORMAT_HINT) != 0 && !hint))
            continue;
        if (read_row(formats, builder, &found, row, hint)) {
            builder->bounce->kind = kind_of(formats, &found, row->format, builder->source);
            builder->bounce->format = row->format->name;
            return true;
        }
        if (first == NULL)
            first = row->format;
        is_addressee |= (row->format->flags & BOUNCE_FORMAT_ADDRESSEE) != 0;
    }
    if (first == NULL)
        first = read_without_format(builder, hint);
    else
        add_failed_recipients(builder);
    if (first != NULL && hint && builder->bounce->count == 0 && !is_addressee)
        bounce_lines_read_near_codes(builder, builder->people);
    if (first != NULL && hint && builder->bounce->count == 0 &&
        bounce_answer_is_warning(builder->source))
        bounce_lines_read_only_address(builder, builder->people);
    if (first == NULL)
        return false;
    if (builder->bounce->count == 0 && is_addressee)
        add_addressee(builder);
    if (builder->bounce->count == 0 &&
        ((first->flags & BOUNCE_FORMAT_HINT) != 0 || !bounce_format_is_alike(builder->source)))
        return false;
    builder->bounce->kind = kind_of(formats, &found, first, builder->source);
    builder->bounce->format = first->name;
    for (size_t i = 0; i < builder->bounce->count; i++)
        bounce_builder_add_words(builder, &builder->bounce->recipients[i],
                                 slice_sub(text, 0, found.returned));
    return true;
}

/* Mail of a list and answers of people tell about bounces. */
static bool is_about_bounces(const struct bounce_source *source)
{
    static const char *const names[] = {"list-id", "list-unsubscribe", "list-post"};
    struct slice subject = bounce_fields_get(&source->header, "subject");

    if (bounce_format_has_hint(source))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (bounce_fields_get(&source->header, names[i]).start != NULL)
            return true;
    return subject.start != NULL && slice_starts_with_ignoring_case(subject, "re:");
}

/* Shops and carriers write as mail servers do. */
static bool is_about_goods(const struct bounce_source *source)
{
    static const char *const words[] = {
        "your parcel",     "your package", "your order", "your shipment",
        "tracking number", "order number", NULL};
    struct slice from = bounce_fields_get(&source->header, "from");

    return from.start != NULL && !bounce_text_has_any(from, sender_words) &&
           bounce_text_has_any(slice_sub(source->text, 0, 4096), words);
}

bool bounce_formats_read(const struct bounce_formats *formats, struct bounce_builder *builder)
{
    if (is_about_bounces(builder->source) || is_about_goods(builder->source))
        return false;
    struct slice text = bounce_text_unquote(builder->arena, builder->source->text);

    if (text.length > 0 && read_text(formats, builder, text))
        return true;
    return builder->source->html.length > 0 && read_text(formats, builder, builder->source->html);
}

void bounce_formats_add(const struct bounce_formats *formats, struct bounce_builder *builder)
{
    struct bounce_message told = *builder->bounce;

    if (!bounce_formats_read(formats, builder))
        bounce_builder_clear(builder);
    builder->bounce->kind = told.kind;
    builder->bounce->format = told.format;
}
