#include "mail/bounce_message.h"

#include <string.h>

#include "mail/bounce_answer.h"
#include "mail/bounce_builder.h"
#include "mail/bounce_format.h"
#include "mail/bounce_notice.h"
#include "mail/bounce_report.h"
#include "mail/bounce_text.h"
#include "mail/bounce_verp.h"

const char *bounce_kind_name(enum bounce_kind kind)
{
    static const char *const names[] = {
        [BOUNCE_KIND_NONE] = "not-bounce",     [BOUNCE_KIND_FAILURE] = "failure",
        [BOUNCE_KIND_DELAYED] = "delayed",     [BOUNCE_KIND_DELIVERED] = "delivered",
        [BOUNCE_KIND_COMPLAINT] = "complaint", [BOUNCE_KIND_AUTO_REPLY] = "auto-reply",
        [BOUNCE_KIND_CHALLENGE] = "challenge", [BOUNCE_KIND_BOGUS] = "bogus-bounce",
    };

    return names[kind];
}

#define WORDS_MAX 1500

/* The words behind an address in the text for people, up to a blank line or another address that
 * begins a line: what a report says in no field. */
static struct slice words_behind(struct slice text, struct slice address)
{
    struct slice line;
    struct slice found;
    size_t offset = 0;

    while (bounce_address_find(text, &offset, &found) &&
           !slice_equals_ignoring_case(found, address))
        ;
    struct slice rest = slice_sub(text, offset, WORDS_MAX);
    const char *start = rest.start;
    const char *end = start;
    for (size_t lines = 0; bounce_line_take(&rest, &line); lines++) {
        struct slice trimmed = slice_trim(line, " \t<:>");
        size_t place = 0;

        if (lines > 0 && (trimmed.length == 0 || (bounce_address_find(trimmed, &place, &found) &&
                                                  found.start == trimmed.start)))
            break;
        end = line.start + line.length;
    }
    struct slice words = slice_trim(slice_new(start, (size_t)(end - start)), " \t\n<>:");
    return words.length > 3 ? words : slice_of("");
}

/* The recipient in the address that the bounce came to. */
static struct slice written_to(const struct bounce_builder *builder)
{
    static const char *const names[] = {"to", "x-original-to", "delivered-to"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct slice value = bounce_fields_get(&builder->source->header, names[i]);
        struct slice address;
        size_t offset = 0;

        while (value.start != NULL && bounce_address_find(value, &offset, &address)) {
            struct slice recipient = bounce_verp_recipient(builder->arena, address);

            if (recipient.length > 0)
                return recipient;
        }
    }
    return slice_of("");
}

/* Mail with such a return path has one recipient. Where the bounce names nobody it is he; where it
 * names another, and not to whom the mail was first sent, that one is where his mail went on to. */
static void check_written_to(struct bounce_builder *builder)
{
    struct bounce_message *bounce = builder->bounce;

    if ((bounce->kind != BOUNCE_KIND_FAILURE && bounce->kind != BOUNCE_KIND_DELAYED) ||
        bounce->count > 1)
        return;
    struct slice recipient = written_to(builder);
    if (recipient.length == 0)
        return;
    if (bounce->count == 0) {
        (void)bounce_builder_add(builder, recipient);
    } else if (bounce->recipients[0].original.length == 0 &&
               !slice_equals_ignoring_case(bounce->recipients[0].address, recipient)) {
        bounce->recipients[0].original = recipient;
        bounce->recipients[0].address = recipient;
    }
}

/* A bounce by its subject and by the address that it came to, and by nothing else. */
static bool is_returned_to(struct bounce_builder *builder)
{
    const struct bounce_source *source = builder->source;

    if (!bounce_format_has_subject(source) || written_to(builder).length == 0)
        return false;
    builder->bounce->kind =
        bounce_answer_is_warning(source) ? BOUNCE_KIND_DELAYED : BOUNCE_KIND_FAILURE;
    builder->bounce->format = "verp";
    return true;
}

/* Words for those about whom none were found, and for the only one where no code was. */
static void complete(struct bounce_builder *builder)
{
    struct slice text = builder->people;

    check_written_to(builder);
    for (size_t i = 0; i < builder->bounce->count; i++) {
        struct bounce_recipient *recipient = &builder->bounce->recipients[i];
        struct bounce_reply *reply = &recipient->reply;

        if (reply->text.length == 0)
            bounce_builder_add_words(builder, recipient, words_behind(text, recipient->address));
        bounce_reply_find_codes(reply);
        /* The text of a warning is about time, not about the cause. */
        if (builder->bounce->kind == BOUNCE_KIND_DELAYED)
            continue;
        if (reply->text.length == 0)
            reply->text = slice_sub(text, 0, WORDS_MAX);
        else if (builder->bounce->count == 1 && reply->code == 0 && reply->status.class == 0)
            reply->text =
                slice_of(arena_format(builder->arena, "%.*s %.*s", SLICE_PRINTF(reply->text),
                                      SLICE_PRINTF(slice_sub(text, 0, WORDS_MAX))));
        bounce_reply_find_codes(reply);
    }
}

void bounce_message_read(const struct bounce_formats *formats, struct arena *arena,
                         struct slice message, struct bounce_message *bounce)
{
    struct bounce_source *source = arena_alloc(arena, sizeof *source);
    struct bounce_builder builder = {.arena = arena, .source = source, .bounce = bounce};

    *bounce = (struct bounce_message){.kind = BOUNCE_KIND_NONE, .format = "none"};
    bounce_source_read(arena, slice_sub(message, 0, BOUNCE_MESSAGE_MAX), source);
    builder.original = source->original;
    builder.people = source->text.length > 0 ? source->text : source->html;
    if (bounce_report_read_complaint(&builder))
        return;
    if (bounce_notice_read(&builder)) {
        complete(&builder);
        return;
    }
    if (bounce_report_read(&builder)) {
        /* A report about a path or a pipe: its text may say whose. */
        if (bounce->count == 0 && bounce->kind == BOUNCE_KIND_FAILURE)
            bounce_formats_add(formats, &builder);
        complete(&builder);
        return;
    }
    if (bounce_answer_is_challenge(&builder))
        return;
    if (bounce_formats_read(formats, &builder)) {
        if (bounce_answer_is_bogus(&builder)) {
            bounce_builder_clear(&builder);
            return;
        }
        complete(&builder);
        /* An answer of a machine that tells about a bounce, of nobody. */
        if (bounce->count == 0 && !bounce_format_has_hint(source))
            (void)bounce_answer_is_automatic(&builder);
        return;
    }
    bounce_builder_clear(&builder);
    if (bounce_report_read_attached(&builder) || is_returned_to(&builder)) {
        complete(&builder);
        return;
    }
    if (bounce_format_is_alike(source) && bounce_answer_is_bogus(&builder))
        return;
    (void)bounce_answer_is_automatic(&builder);
}
