#include "mail/smtp_reply.h"

#include <stdio.h>

#define CODE_LENGTH 3
/* Octets of a line that is no reply, as kept for people. */
#define BROKEN_LINE_KEPT 512
#define STATUS_DIGITS_MAX 3

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

void smtp_reply_init(struct smtp_reply *reply)
{
    *reply = (struct smtp_reply){.code = 0};
    text_init(&reply->text, SMTP_REPLY_TEXT_MAX);
    text_init(&reply->line, SMTP_REPLY_LINE_MAX);
}

void smtp_reply_release(struct smtp_reply *reply)
{
    text_release(&reply->text);
    text_release(&reply->line);
}

void smtp_reply_clear(struct smtp_reply *reply)
{
    struct text text = reply->text;
    struct text line = reply->line;
    text_clear(&text);
    text_clear(&line);
    *reply = (struct smtp_reply){.text = text, .line = line};
}

/* 1*3DIGIT */
static size_t parse_part(struct slice text, size_t at, unsigned *part)
{
    size_t start = at;
    *part = 0;
    while (at < text.length && at - start < STATUS_DIGITS_MAX && is_digit(text.start[at])) {
        *part = *part * 10 + (unsigned)(text.start[at++] - '0');
    }
    return at - start;
}

/*
 * status-code = class "." subject "." detail                                      RFC 3463 2
 * class = "2" / "4" / "5"
 * subject = 1*3digit
 * detail = 1*3digit
 */
size_t smtp_status_parse(struct slice text, struct smtp_status *status)
{
    struct smtp_status read = {.class = 0};
    *status = read;
    if (text.length < 5 || text.start[1] != '.' ||
        (text.start[0] != '2' && text.start[0] != '4' && text.start[0] != '5')) {
        return 0;
    }
    read.class = (unsigned)(text.start[0] - '0');
    size_t length = parse_part(text, 2, &read.subject);
    size_t at = 2 + length;
    if (length == 0 || at >= text.length || text.start[at] != '.') {
        return 0;
    }
    length = parse_part(text, at + 1, &read.detail);
    at += 1 + length;
    if (length == 0 || (at < text.length && text.start[at] != ' ')) {
        return 0;
    }
    *status = read;
    return at < text.length ? at + 1 : at;
}

const char *smtp_status_print(const struct smtp_status *status,
                              char buffer[static SMTP_STATUS_TEXT_SIZE])
{
    buffer[0] = '\0';
    if (status->class != 0) {
        snprintf(buffer, SMTP_STATUS_TEXT_SIZE, "%u.%u.%u", status->class % 10,
                 status->subject % 1000, status->detail % 1000);
    }
    return buffer;
}

static void note_status(struct smtp_reply *reply, struct slice text)
{
    struct smtp_status status;
    smtp_status_parse(text, &status);
    bool is_first = reply->line_count == 0;
    if (status.class != 0 && status.class != reply->code / 100) {
        reply->deviations |= SMTP_STATUS_MISMATCH;
    }
    /* RFC 2034 4: when one line has a code, all have, and the same. */
    if (!is_first &&
        (status.class != reply->status.class || status.subject != reply->status.subject ||
         status.detail != reply->status.detail)) {
        reply->deviations |= SMTP_STATUS_CHANGES;
    }
    if (is_first || (reply->status.class == 0 && status.class != 0)) {
        reply->status = status;
    }
}

static void note_characters(struct smtp_reply *reply, struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char octet = (unsigned char)text.start[i];
        if (octet == '\0') {
            reply->deviations |= SMTP_NUL;
        } else if (octet == '\r') {
            reply->deviations |= SMTP_BARE_CR;
        } else if (octet > 0x7F) {
            reply->deviations |= SMTP_EIGHT_BIT;
        } else if ((octet < 0x20 && octet != '\t') || octet == 0x7F) {
            reply->deviations |= SMTP_CONTROL;
        }
    }
}

static int fail(struct smtp_reply *reply, enum smtp_reply_error error, struct slice line)
{
    reply->error = error;
    if (reply->text.length > 0) {
        text_append_char(&reply->text, '\n');
    }
    text_append_slice(&reply->text, slice_sub(line, 0, BROKEN_LINE_KEPT));
    return -1;
}

static bool keep_text(struct smtp_reply *reply, struct slice text)
{
    if (reply->line_count > 0) {
        text_append_char(&reply->text, '\n');
    }
    text_append_slice(&reply->text, text);
    return !reply->text.truncated;
}

/*
 * Reply-code = %x32-35 %x30-35 %x30-39
 */
static void note_code(struct smtp_reply *reply, struct slice line)
{
    unsigned code = (unsigned)(line.start[0] - '0') * 100 + (unsigned)(line.start[1] - '0') * 10 +
                    (unsigned)(line.start[2] - '0');
    if (line.start[0] < '2' || line.start[0] > '5' || line.start[1] > '5') {
        reply->deviations |= SMTP_CODE_UNKNOWN;
    }
    if (reply->line_count == 0) {
        reply->first_code = code;
    } else if (code != reply->code) {
        reply->deviations |= SMTP_CODE_CHANGES;
    }
    reply->code = code;
}

/*
 * Reply-line = *( Reply-code "-" [ textstring ] CRLF )                            RFC 5321 4.2
 *              Reply-code [ SP textstring ] CRLF
 * textstring = 1*(%d09 / %d32-126)
 *
 * `line` is one of them without its end.
 */
static int read_line(struct smtp_reply *reply, struct slice line)
{
    if (line.length < CODE_LENGTH || !is_digit(line.start[0]) || !is_digit(line.start[1]) ||
        !is_digit(line.start[2])) {
        return fail(reply, SMTP_REPLY_NO_CODE, line);
    }
    if (line.length > CODE_LENGTH && is_digit(line.start[CODE_LENGTH])) {
        return fail(reply, SMTP_REPLY_LONG_CODE, line);
    }
    if (reply->line_count == SMTP_REPLY_LINES_MAX) {
        return fail(reply, SMTP_REPLY_TOO_MANY_LINES, line);
    }
    note_code(reply, line);
    char separator = line.length > CODE_LENGTH ? line.start[CODE_LENGTH] : ' ';
    bool has_separator = separator == ' ' || separator == '-';
    if (!has_separator) {
        reply->deviations |= SMTP_NO_SEPARATOR;
    }
    struct slice text = slice_sub(line, CODE_LENGTH + has_separator, line.length);
    note_characters(reply, text);
    note_status(reply, text);
    if (!keep_text(reply, text)) {
        reply->error = SMTP_REPLY_TOO_LONG;
        return -1;
    }
    reply->line_count++;
    reply->is_done = separator != '-';
    return reply->is_done ? 1 : 0;
}

static int end_line(struct smtp_reply *reply)
{
    struct slice line = text_slice(&reply->line);
    if (line.length > 0 && line.start[line.length - 1] == '\r') {
        line.length--;
    } else {
        reply->deviations |= SMTP_BARE_LF;
    }
    if (reply->line_length > SMTP_REPLY_LINE_STANDARD) {
        reply->deviations |= SMTP_LONG_LINE;
    }
    int status = read_line(reply, line);
    text_clear(&reply->line);
    reply->line_length = 0;
    return status;
}

int smtp_reply_feed(struct smtp_reply *reply, struct slice *input)
{
    if (reply->error != SMTP_REPLY_FINE) {
        return -1;
    }
    while (!reply->is_done && input->length > 0) {
        size_t end = slice_find(*input, '\n');
        bool is_ended = end < input->length;
        reply->line_length += end + is_ended;
        text_append_slice(&reply->line, slice_sub(*input, 0, end));
        *input = slice_sub(*input, end + is_ended, input->length);
        if (reply->line.truncated) {
            reply->deviations |= SMTP_LONG_LINE;
            return fail(reply, SMTP_REPLY_ENDLESS_LINE, text_slice(&reply->line));
        }
        if (is_ended && end_line(reply) < 0) {
            return -1;
        }
    }
    return reply->is_done ? 1 : 0;
}

bool smtp_reply_is_partial(const struct smtp_reply *reply)
{
    return !reply->is_done && (reply->line_count > 0 || reply->line.length > 0);
}

struct slice smtp_reply_lines(const struct smtp_reply *reply)
{
    return text_slice(&reply->text);
}

const char *smtp_deviation_text(unsigned deviations)
{
    static const char *const TEXTS[SMTP_DEVIATION_COUNT] = {
        "a line ends with LF alone (RFC 5321 2.3.8)",
        "a carriage return stands inside a line (RFC 5321 2.3.8)",
        "a NUL stands inside a line (RFC 5321 4.2)",
        "a control character stands inside a line (RFC 5321 4.2)",
        "an octet above 127 stands inside a line (RFC 5321 4.2)",
        "a line is longer than 512 octets (RFC 5321 4.5.3.1.5)",
        "text stands right behind the code (RFC 5321 4.2)",
        "the code changes between the lines (RFC 5321 4.2.1)",
        "the code is none of RFC 5321 4.2",
        "the enhanced status code is of another class than the code (RFC 2034 4)",
        "the enhanced status code changes between the lines (RFC 2034 4)",
    };
    for (size_t i = 0; i < SMTP_DEVIATION_COUNT; i++) {
        if ((deviations & 1U << i) != 0) {
            return TEXTS[i];
        }
    }
    return "";
}

const char *smtp_reply_error_text(enum smtp_reply_error error)
{
    switch (error) {
    case SMTP_REPLY_FINE:
        return "no error";
    case SMTP_REPLY_NO_CODE:
        return "a line without a code of three digits";
    case SMTP_REPLY_LONG_CODE:
        return "a code of more than three digits";
    case SMTP_REPLY_ENDLESS_LINE:
        return "a line of more than 8192 octets";
    case SMTP_REPLY_TOO_MANY_LINES:
        return "more than 128 lines";
    case SMTP_REPLY_TOO_LONG:
        return "more than 32 kilobytes of text";
    }
    return "";
}
