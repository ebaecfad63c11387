#include "mail/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void message_init(struct message *message, size_t header_maximum)
{
    *message = (struct message){.is_complete = false};
    text_init(&message->header, header_maximum);
}

void message_release(struct message *message)
{
    text_release(&message->header);
    free(message->fields);
    message->fields = NULL;
    message->count = 0;
}

/* field-name = 1*ftext; ftext = %d33-57 / %d59-126      RFC 5322 3.6.8 */
static bool read_field(struct slice raw, struct message_field *field)
{
    size_t colon = slice_find(raw, ':');
    size_t length = 0;
    while (length < colon && raw.start[length] > 32 && raw.start[length] < 127)
        length++;
    struct slice between = slice_sub(raw, length, colon - length);
    if (colon == raw.length || length == 0 || slice_trim(between, " \t").length > 0)
        return false;
    field->name = slice_sub(raw, 0, length);
    field->raw = raw;
    field->value = slice_sub(raw, colon + 1, raw.length);
    return true;
}

static void add_field(struct message *message, size_t *capacity, struct slice raw, bool is_first)
{
    struct message_field field;
    if (is_first && slice_starts_with(raw, "From "))
        return;
    if (!read_field(raw, &field)) {
        message->bad_lines++;
    } else if (message->count == MESSAGE_FIELDS_MAX) {
        message->is_cut = true;
    } else {
        message->fields = memory_grow(message->fields, capacity, message->count + 1, sizeof field);
        message->fields[message->count++] = field;
    }
}

/* Lines of the header: one that starts with white space continues the field before it. */
static void split(struct message *message)
{
    struct slice header = text_slice(&message->header);
    size_t capacity = 0;
    size_t start = 0;
    size_t at = 0;
    while (at < header.length) {
        at += slice_find_text(slice_sub(header, at, header.length), "\r\n");
        bool goes_on =
            at + 2 < header.length && (header.start[at + 2] == ' ' || header.start[at + 2] == '\t');
        if (!goes_on) {
            add_field(message, &capacity, slice_sub(header, start, at - start), start == 0);
            start = at + 2;
        }
        at += 2;
    }
}

static void complete(struct message *message)
{
    message->is_complete = true;
    message->is_cut = message->header.truncated;
    split(message);
}

/* A part of a line without its LF. A CR is held back: it belongs to the line end, or it is part of
 * the line. */
static void take_part(struct message *message, const char *octets, size_t length)
{
    if (length == 0)
        return;
    if (message->has_carriage_return) {
        text_append_char(&message->header, '\r');
        message->line_length++;
    }
    message->has_carriage_return = octets[length - 1] == '\r';
    if (message->has_carriage_return)
        length--;
    text_append_slice(&message->header, slice_new(octets, length));
    message->line_length += length;
}

size_t message_feed(struct message *message, const char *octets, size_t length)
{
    size_t at = 0;
    while (at < length && !message->is_complete) {
        const char *end = memchr(octets + at, '\n', length - at);
        size_t part = end ? (size_t)(end - (octets + at)) : length - at;
        take_part(message, octets + at, part);
        at += part;
        if (!end)
            break;
        at++;
        message->has_carriage_return = false;
        if (message->line_length == 0) {
            message->has_body = true;
            complete(message);
        } else {
            text_append(&message->header, "\r\n");
            message->line_length = 0;
        }
    }
    return at;
}

void message_end(struct message *message)
{
    if (message->is_complete)
        return;
    if (message->line_length > 0 || message->has_carriage_return) {
        message->has_carriage_return = false;
        text_append(&message->header, "\r\n");
    }
    complete(message);
}

size_t message_count(const struct message *message, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < message->count; i++)
        count += slice_equals_text_ignoring_case(message->fields[i].name, name);
    return count;
}

const struct message_field *message_find(const struct message *message, const char *name)
{
    for (size_t i = 0; i < message->count; i++)
        if (slice_equals_text_ignoring_case(message->fields[i].name, name))
            return &message->fields[i];
    return NULL;
}
