#include "mail/bounce_report.h"

#include <string.h>

#include "mail/bounce_answer.h"
#include "mail/bounce_format.h"
#include "mail/bounce_mime.h"
#include "mail/bounce_text.h"

/* ---- blocks of fields */

enum action {
    ACTION_NONE,
    ACTION_FAILED,
    ACTION_DELAYED,
    ACTION_DELIVERED, /* delivered, relayed, expanded */
};

struct block {
    struct slice original, final, actual;
    struct slice diagnostic, supplement, remote;
    struct bounce_status status;
    enum action action;
    bool has_final, has_original, has_status, has_action;
};

struct tally {
    size_t failed, delayed, delivered, bare;
};

static enum action action_of(struct slice value)
{
    static const struct {
        const char *word;
        enum action action;
    } actions[] = {
        {"failed",      ACTION_FAILED   },
        {"failure",     ACTION_FAILED   },
        {"delayed",     ACTION_DELAYED  },
        {"delivered",   ACTION_DELIVERED},
        {"relayed",     ACTION_DELIVERED},
        {"expanded",    ACTION_DELIVERED},
        {"deliverable", ACTION_DELIVERED},
        {"deferred",    ACTION_DELAYED  },
        {"expired",     ACTION_FAILED   },
    };

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (slice_starts_with_ignoring_case(value, actions[i].word))
            return actions[i].action;
    return ACTION_NONE;
}

/* The words behind the type: "smtp; 550 5.1.1 gone". */
static struct slice without_type(struct slice value)
{
    size_t semicolon = slice_find(slice_sub(value, 0, 20), ';');

    if (semicolon < value.length && semicolon < 20 &&
        slice_find(slice_sub(value, 0, semicolon), ' ') == semicolon)
        value = slice_sub(value, semicolon + 1, value.length);
    return slice_trim(value, " \t");
}

/* "x-unix; 255": what a program ended with is no word of a host. */
static struct slice diagnostic_of(struct bounce_builder *builder, struct slice value)
{
    struct slice words = without_type(bounce_mime_decode_field(builder->arena, value));

    if (!slice_starts_with_ignoring_case(value, "x-unix"))
        return words;
    return slice_of(
        arena_format(builder->arena, "exit status %.*s", SLICE_PRINTF(slice_sub(words, 0, 1000))));
}

/* The host in "dns; mx.example.org (192.0.2.1)". */
static struct slice host_of(struct slice value)
{
    struct slice host = without_type(value);
    size_t end = 0;

    while (end < host.length && host.start[end] != ' ' && host.start[end] != '(' &&
           host.start[end] != '[' && host.start[end] != ',')
        end++;
    return slice_sub(host, 0, end);
}

static struct slice choose(const struct block *block)
{
    if (block->original.length > 0 && !bounce_address_is_pseudo(block->original))
        return block->original;
    if (block->final.length > 0 && !bounce_address_is_pseudo(block->final))
        return block->final;
    return block->actual;
}

static const char *const given_up[] = {"giving up",
                                       "given up",
                                       "permanent",
                                       "deleted from queue",
                                       "retry timeout exceeded",
                                       "retry time not reached for any host after",
                                       "expired",
                                       "could not be delivered for",
                                       "too long",
                                       NULL};

/* What is meant where no action is said, or where words say more than the action does. */
static enum action meant(const struct block *block)
{
    if (block->action != ACTION_NONE)
        return block->action;
    if (block->status.class == 2)
        return ACTION_DELIVERED;
    if (block->status.class == 4 && !bounce_text_has_any(block->diagnostic, given_up))
        return ACTION_DELAYED;
    return ACTION_FAILED;
}

/* "Status: 5.0.0" says nothing that the words of the host do not say better. */
static void set_status(struct bounce_reply *reply, struct bounce_status status)
{
    if (reply->status.class != 0)
        return;
    if (status.subject == 0 && status.detail == 0)
        bounce_reply_find_codes(reply);
    if (reply->status.class == 0)
        reply->status = status;
}

static void close_block(struct bounce_builder *builder, struct block *block, struct tally *tally,
                        enum action wanted)
{
    enum action action = meant(block);

    if (block->has_final || block->has_original) {
        tally->failed += action == ACTION_FAILED;
        tally->delayed += action == ACTION_DELAYED;
        tally->delivered += action == ACTION_DELIVERED;
        if (action == wanted) {
            struct bounce_recipient *recipient = bounce_builder_add(builder, choose(block));

            if (recipient != NULL) {
                recipient->original = block->original;
                recipient->final = block->final;
                recipient->reply.host = block->remote;
                bounce_builder_add_words(builder, recipient, block->diagnostic);
                bounce_builder_add_words(builder, recipient, block->supplement);
                set_status(&recipient->reply, block->status);
            }
        }
    }
    *block = (struct block){.original = slice_of(""),
                            .final = slice_of(""),
                            .actual = slice_of(""),
                            .diagnostic = slice_of(""),
                            .remote = slice_of(""),
                            .supplement = slice_of("")};
}

/* Whether the field begins the block of another recipient. */
static bool begins_block(const struct block *block, struct slice name, bool is_after_blank)
{
    if (slice_equals_text_ignoring_case(name, "final-recipient"))
        return block->has_final || (is_after_blank && block->has_status && block->has_action);
    if (slice_equals_text_ignoring_case(name, "original-recipient"))
        return block->has_original || (is_after_blank && block->has_final && block->has_status);
    if (slice_equals_text_ignoring_case(name, "action"))
        return block->has_action && is_after_blank;
    return false;
}

static void read_field(struct bounce_builder *builder, struct block *block,
                       const struct bounce_field *field)
{
    struct slice name = field->name;
    struct slice value = field->value;

    if (slice_equals_text_ignoring_case(name, "final-recipient")) {
        block->final = bounce_report_address(builder->arena, value);
        block->has_final = true;
    } else if (slice_equals_text_ignoring_case(name, "original-recipient")) {
        block->original = bounce_report_address(builder->arena, value);
        block->has_original = true;
    } else if (slice_equals_text_ignoring_case(name, "x-actual-recipient")) {
        block->actual = bounce_report_address(builder->arena, value);
    } else if (slice_equals_text_ignoring_case(name, "action")) {
        block->action = action_of(value);
        block->has_action = true;
    } else if (slice_equals_text_ignoring_case(name, "status")) {
        (void)bounce_status_parse(value, &block->status);
        block->has_status = true;
    } else if (slice_equals_text_ignoring_case(name, "diagnostic-code") ||
               slice_equals_text_ignoring_case(name, "diagnostic")) {
        block->diagnostic = diagnostic_of(builder, value);
    } else if (slice_equals_text_ignoring_case(name, "x-supplementary-info")) {
        block->supplement = without_type(value);
    } else if (slice_equals_text_ignoring_case(name, "remote-mta")) {
        block->remote = host_of(value);
    }
}

/* A diagnostic often goes on without the blank that it should begin with: RFC 3464 as it is. */
static bool goes_on(const struct block *block, struct slice line)
{
    size_t begin = 0;

    if (block->diagnostic.length == 0)
        return false;
    while (begin < line.length && (line.start[begin] == ' ' || line.start[begin] == '\t'))
        begin++;
    struct slice words = slice_sub(line, begin, line.length);
    return words.length > 3 && (words.start[0] == '4' || words.start[0] == '5') &&
           (words.start[3] == '-' || words.start[3] == ' ');
}

static void read_blocks(struct bounce_builder *builder, struct slice text, struct tally *tally,
                        enum action wanted)
{
    struct block block = {0};
    struct tally ignored = {0};
    bool is_after_blank = false;

    close_block(builder, &block, &ignored, wanted);
    while (text.length > 0) {
        struct bounce_field field;
        struct slice line;
        struct slice trimmed = text;

        while (trimmed.length > 0 && (trimmed.start[0] == ' ' || trimmed.start[0] == '\t'))
            trimmed = slice_sub(trimmed, 1, trimmed.length);
        if (bounce_field_take(builder->arena, &trimmed, &field)) {
            text = trimmed;
            if (begins_block(&block, field.name, is_after_blank))
                close_block(builder, &block, tally, wanted);
            is_after_blank = false;
            read_field(builder, &block, &field);
            continue;
        }
        (void)bounce_line_take(&text, &line);
        if (slice_trim(line, " \t").length == 0)
            is_after_blank = true;
        else if (goes_on(&block, line))
            block.diagnostic = slice_of(arena_format(
                builder->arena, "%.*s %.*s", SLICE_PRINTF(slice_sub(block.diagnostic, 0, 1000)),
                SLICE_PRINTF(slice_sub(line, 0, 500))));
    }
    close_block(builder, &block, tally, wanted);
}

/* ---- where the fields are */

static bool has_recipient_field(struct slice text)
{
    return bounce_text_has(text, "final-recipient") || bounce_text_has(text, "original-recipient");
}

/* Whether it is a report, not a sentence about one: two of its fields begin lines. */
static bool looks_like_report(struct slice text)
{
    static const char *const names[] = {"final-recipient", "original-recipient", "action",
                                        "status",          "reporting-mta",      "diagnostic-code"};
    struct slice line;
    unsigned seen = 0;

    if (!has_recipient_field(text))
        return false;
    while (bounce_line_take(&text, &line)) {
        struct slice name;
        struct slice value;

        if (!bounce_field_split(slice_trim(line, " \t"), &name, &value))
            continue;
        for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
            if (slice_equals_text_ignoring_case(name, names[i]))
                seen |= 1U << i;
    }
    return (seen & 3U) != 0 && (seen & (seen - 1)) != 0;
}

/* Fields at the start; a person who writes about reports has an example amid his words. */
static bool begins_with_field(struct slice text)
{
    struct slice rest = slice_trim(slice_sub(text, 0, 4096), " \t\n");

    return slice_starts_with_ignoring_case(rest, "reporting-mta") ||
           slice_starts_with_ignoring_case(rest, "final-recipient") ||
           slice_starts_with_ignoring_case(rest, "original-recipient");
}

static bool is_report(const struct bounce_part *part, bool is_inside)
{
    return part->kind == BOUNCE_PART_REPORT && part->is_inside == is_inside &&
           has_recipient_field(part->text);
}

/* The parts that are a report, as one: some write a part for each recipient. */
static struct slice join_reports(struct arena *arena, const struct bounce_source *source,
                                 bool is_inside)
{
    struct slice only = slice_of("");
    size_t length = 0;
    size_t count = 0;

    for (size_t i = 0; i < source->part_count; i++) {
        if (!is_report(&source->parts[i], is_inside))
            continue;
        only = source->parts[i].text;
        length += only.length + 1;
        count++;
    }
    if (count < 2)
        return only;
    char *joined = arena_array(arena, length, 1);
    length = 0;
    for (size_t i = 0; i < source->part_count; i++) {
        struct slice text = source->parts[i].text;

        if (!is_report(&source->parts[i], is_inside))
            continue;
        memcpy(joined + length, text.start, text.length);
        length += text.length;
        joined[length++] = '\n';
    }
    return slice_new(joined, length);
}

/* The report to read, in the order of trust. */
static struct slice find_report(struct bounce_builder *builder, bool is_attached)
{
    const struct bounce_source *source = builder->source;
    struct slice report = join_reports(builder->arena, source, is_attached);

    if (report.length > 0)
        return report;
    bool is_likely = bounce_format_has_hint(source) || source->part_count > 1;
    for (size_t i = 0; i < source->part_count; i++) {
        if (source->parts[i].is_inside != is_attached)
            continue;
        struct slice text = bounce_text_unquote(builder->arena, source->parts[i].text);

        if (looks_like_report(text) && (is_likely || begins_with_field(text)))
            return text;
    }
    if (is_attached && looks_like_report(source->body) &&
        (is_likely || begins_with_field(source->body)))
        return source->body;
    return slice_of("");
}

static const char *const will_retry[] = {
    "will be retried",   "will continue to be retried", "delivery attempts will continue",
    "will keep trying",  "will continue trying",        "warning message only",
    "will try again",    "do not need to resend",       "will retry for",
    "will be attempted", "still being retried",         NULL};

static const char *const has_given_up[] = {
    "giving up",  "given up", "permanent error", "failed permanently", "could not be delivered for",
    "no further", NULL};

/* "failed" in a report whose text says that it is only a warning. */
static bool is_only_delayed(const struct bounce_source *source)
{
    struct slice text = slice_sub(source->text, 0, 4096);

    return (bounce_answer_is_warning(source) || bounce_text_has_any(text, will_retry)) &&
           !bounce_text_has_any(text, has_given_up);
}

static bool read_report(struct bounce_builder *builder, struct slice text)
{
    struct tally tally = {0};

    if (text.length == 0)
        return false;
    read_blocks(builder, text, &tally, ACTION_FAILED);
    builder->bounce->format = "rfc3464";
    if (tally.failed > 0) {
        builder->bounce->kind =
            is_only_delayed(builder->source) ? BOUNCE_KIND_DELAYED : BOUNCE_KIND_FAILURE;
        return true;
    }
    struct tally again = {0};
    if (tally.delayed > 0) {
        builder->bounce->kind = BOUNCE_KIND_DELAYED;
        read_blocks(builder, text, &again, ACTION_DELAYED);
        return true;
    }
    if (tally.delivered == 0)
        return false;
    builder->bounce->kind = BOUNCE_KIND_DELIVERED;
    read_blocks(builder, text, &again, ACTION_DELIVERED);
    return true;
}

bool bounce_report_read(struct bounce_builder *builder)
{
    return read_report(builder, find_report(builder, false));
}

bool bounce_report_read_attached(struct bounce_builder *builder)
{
    return read_report(builder, find_report(builder, true));
}

/* ---- complaints */

static void add_complainer(struct bounce_builder *builder, struct slice value)
{
    size_t offset = 0;
    struct slice address;

    while (value.start != NULL && bounce_address_find(value, &offset, &address))
        (void)bounce_builder_add(builder, address);
}

/* The recipients of the mail complained about, where nothing else names them. */
static void add_addressees(struct bounce_builder *builder)
{
    static const char *const names[] = {"x-hmxmroriginalrecipient", "to", "delivered-to",
                                        "x-original-to"};

    for (size_t i = 0; i < sizeof names / sizeof names[0] && builder->bounce->count == 0; i++)
        add_complainer(builder, bounce_fields_get(&builder->original, names[i]));
}

bool bounce_report_read_complaint(struct bounce_builder *builder)
{
    const struct bounce_source *source = builder->source;
    struct slice type = bounce_fields_get(&source->header, "content-type");
    struct slice subject = bounce_fields_get(&source->header, "subject");
    struct slice feedback = {0};

    for (size_t i = 0; i < source->part_count; i++)
        if (source->parts[i].kind == BOUNCE_PART_FEEDBACK && !source->parts[i].is_inside)
            feedback = source->parts[i].text;
    bool is_hotmail = subject.start != NULL &&
                      slice_starts_with_ignoring_case(subject, "complaint about message from");
    struct slice report = type.start != NULL ? bounce_field_parameter(type, "report-type") : type;
    struct slice opt_out = bounce_fields_get(&source->header, "x-apple-unsubscribe");
    if (opt_out.start != NULL && slice_equals_text_ignoring_case(opt_out, "true")) {
        builder->bounce->kind = BOUNCE_KIND_COMPLAINT;
        builder->bounce->format = "apple-unsubscribe";
        add_complainer(builder, bounce_fields_get(&source->header, "from"));
        return true;
    }
    if (feedback.start == NULL && !is_hotmail &&
        (report.start == NULL || !slice_equals_text_ignoring_case(report, "feedback-report")))
        return false;
    builder->bounce->kind = BOUNCE_KIND_COMPLAINT;
    builder->bounce->format = is_hotmail ? "hotmail-complaint" : "rfc5965";
    if (is_hotmail)
        add_complainer(builder, bounce_fields_get(&source->header, "x-hmxmroriginalrecipient"));
    struct bounce_fields fields;
    bounce_fields_read(builder->arena, &feedback, &fields);
    for (size_t i = 0; i < fields.count; i++)
        if (slice_equals_text_ignoring_case(fields.fields[i].name, "original-rcpt-to") ||
            slice_equals_text_ignoring_case(fields.fields[i].name, "removal-recipient"))
            add_complainer(builder, fields.fields[i].value);
    if (builder->bounce->count == 0)
        add_addressees(builder);
    return true;
}
