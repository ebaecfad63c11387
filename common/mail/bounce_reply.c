#include "mail/bounce_reply.h"

#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

static char at(struct slice text, size_t offset)
{
    return offset < text.length ? text.start[offset] : '\0';
}

/* At most three digits from *offset. */
static bool scan_number(struct slice text, size_t *offset, unsigned *number)
{
    size_t start = *offset;

    for (*number = 0; *offset < start + 3 && is_digit(at(text, *offset)); ++*offset)
        *number = *number * 10 + (unsigned)(at(text, *offset) - '0');
    return *offset > start && !is_digit(at(text, *offset));
}

/*
 * status-code = class "." subject "." detail     RFC 3463 2
 * class = "2" / "4" / "5"; subject, detail = 1*3digit
 */
size_t bounce_status_scan(struct slice text, struct bounce_status *status)
{
    size_t offset = 0;
    struct bounce_status found;

    if (!scan_number(text, &offset, &found.class) || offset != 1 ||
        (found.class != 2 && found.class != 4 && found.class != 5))
        return 0;
    if (at(text, offset++) != '.' || !scan_number(text, &offset, &found.subject))
        return 0;
    if (at(text, offset++) != '.' || !scan_number(text, &offset, &found.detail))
        return 0;
    /* 5.1.1.7 is part of an address, 5.1.1 at the end of a sentence is not. */
    if (is_letter(at(text, offset)) || (at(text, offset) == '.' && is_digit(at(text, offset + 1))))
        return 0;
    *status = found;
    return offset;
}

bool bounce_status_parse(struct slice text, struct bounce_status *status)
{
    return bounce_status_scan(text, status) > 0;
}

const char *bounce_status_print(struct bounce_status status, char buffer[BOUNCE_STATUS_SIZE])
{
    if (status.class == 0)
        buffer[0] = '\0';
    else
        (void)snprintf(buffer, BOUNCE_STATUS_SIZE, "%u.%u.%u", status.class % 10,
                       status.subject % 1000, status.detail % 1000);
    return buffer;
}

/* ---- codes in a text */

/* Whether a number or a code may begin here: not inside a word, an address or another number. */
static bool is_start(struct slice text, size_t offset)
{
    if (offset == 0)
        return true;
    char before = text.start[offset - 1];
    return !is_digit(before) && !is_letter(before) && before != '.' && before != '-' &&
           before != '/' && before != '=' && before != '@' && before != '_' && before != '+' &&
           before != '$' && (unsigned char)before < 0x80;
}

/* A reply code: 2, 4 or 5, two more digits, and behind them an end, a blank, "-" or ")". */
static bool is_reply_code(struct slice text, size_t offset)
{
    char first = at(text, offset);
    char second = at(text, offset + 1);
    char behind = at(text, offset + 3);

    if ((first != '2' && first != '4' && first != '5') || second < '0' || second > '7' ||
        !is_digit(at(text, offset + 2)))
        return false;
    return offset + 3 >= text.length || is_blank(behind) || behind == '-' || behind == ')' ||
           behind == ':' || behind == ';' || behind == ',' || behind == '#' || behind == '"' ||
           (behind == '.' && !is_digit(at(text, offset + 4)));
}

/* A number that only looks like a code: "after 452 attempts", "[1.2.3.4] 25 ms". */
static bool is_counted(struct slice text, size_t offset)
{
    static const char *const units[] = {" attempt", " second", " minute", " hour", " day",
                                        " byte",    " kb",     " mb",     " ms",   " message",
                                        " time",    " octet",  " mails"};
    struct slice behind = slice_sub(text, offset + 3, 10);

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (slice_starts_with_ignoring_case(behind, units[i]))
            return true;
    return false;
}

static unsigned code_at(struct slice text, size_t offset)
{
    return (unsigned)(text.start[offset] - '0') * 100 +
           (unsigned)(text.start[offset + 1] - '0') * 10 + (unsigned)(text.start[offset + 2] - '0');
}

/* The enhanced code right behind a reply code: "550 5.1.1", "550-5.1.1", "550 #5.1.1". */
static bool status_behind(struct slice text, size_t offset, struct bounce_status *status)
{
    while (offset < text.length &&
           (is_blank(text.start[offset]) || text.start[offset] == '-' ||
            text.start[offset] == '#' || text.start[offset] == '(' || text.start[offset] == ':'))
        offset++;
    return bounce_status_parse(slice_sub(text, offset, text.length), status);
}

/* Whether there is reason to look at an octet. */
static bool is_candidate(char c)
{
    return c == '2' || c == '4' || c == '5';
}

void bounce_reply_find_codes(struct bounce_reply *reply)
{
    struct slice text = reply->text;
    struct bounce_status status = {0};
    bool has_code = reply->code != 0;

    for (size_t i = 0; i < text.length && (!has_code || reply->status.class == 0); i++) {
        if (!is_candidate(text.start[i]) || !is_start(text, i))
            continue;
        if (!has_code && is_reply_code(text, i) && !is_counted(text, i) && text.start[i] != '2') {
            has_code = true;
            reply->code = code_at(text, i);
            if (reply->status.class == 0 && status_behind(text, i + 3, &status) &&
                status.class != 2)
                reply->status = status;
        } else if (reply->status.class == 0 &&
                   bounce_status_parse(slice_sub(text, i, text.length), &status) &&
                   status.class != 2) {
            reply->status = status;
        }
    }
}

unsigned bounce_reply_first_digit(const struct bounce_reply *reply)
{
    if (reply->code >= 400 && reply->code < 600)
        return reply->code / 100;
    return reply->status.class == 4 || reply->status.class == 5 ? reply->status.class : 0;
}

/* ---- folding */

/* The length of "550-5.7.1 " or "550 5.7.1 " at the start of a continued line, else 0. */
static size_t repeated_code(struct slice text, size_t offset, unsigned code)
{
    if (!is_reply_code(text, offset) || code_at(text, offset) != code)
        return 0;
    size_t end = offset + 3;
    bool is_continued = at(text, end) == '-';
    if (end < text.length)
        end++;
    struct bounce_status status;
    size_t length = bounce_status_scan(slice_sub(text, end, text.length), &status);
    if (length == 0 && !is_continued)
        return 0;
    end += length;
    return end - offset;
}

static bool is_address_octet(char c)
{
    return is_letter(c) || is_digit(c) || (unsigned char)c >= 0x80 ||
           (c != '\0' && strchr(".-_+=/~!#$%&*?^'{}|", c) != NULL);
}

/* The end of an address whose "@" is at `offset`. */
static size_t address_end(struct slice text, size_t offset)
{
    size_t end = offset + 1;

    while (end < text.length && (is_letter(text.start[end]) || is_digit(text.start[end]) ||
                                 text.start[end] == '.' || text.start[end] == '-'))
        end++;
    /* "user@example.org." and "user@example.org...": the sentence's, not the address's. */
    while (end > offset + 1 && text.start[end - 1] == '.')
        end--;
    return end;
}

struct fold {
    char *buffer;
    size_t length;
};

static void put(struct fold *fold, char c)
{
    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    if (c == ' ' && fold->buffer[fold->length - 1] == ' ')
        return;
    fold->buffer[fold->length++] = c;
}

/* Takes back the local part that was written before an "@". */
static void drop_local_part(struct fold *fold)
{
    while (fold->length > 1 && is_address_octet(fold->buffer[fold->length - 1]))
        fold->length--;
}

#define RIGHT_QUOTE "\xe2\x80\x99" /* U+2019: doesn't */

struct slice bounce_reply_fold(struct slice text, char buffer[BOUNCE_FOLD_MAX])
{
    struct fold fold = {.buffer = buffer, .length = 1};
    unsigned code = 0;

    buffer[0] = ' ';
    for (size_t i = 0; i < text.length && fold.length < BOUNCE_FOLD_MAX - 1;) {
        char c = text.start[i];

        if (is_candidate(c) && (i == 0 || is_blank(text.start[i - 1])) && is_reply_code(text, i)) {
            size_t length = code != 0 ? repeated_code(text, i, code) : 0;

            if (code == 0)
                code = code_at(text, i);
            if (length > 0) {
                i += length;
                put(&fold, ' ');
                continue;
            }
        }
        if (c == '@' && i + 1 < text.length &&
            (is_letter(text.start[i + 1]) || is_digit(text.start[i + 1]))) {
            drop_local_part(&fold);
            put(&fold, '@');
            i = address_end(text, i);
            continue;
        }
        if (slice_starts_with(slice_sub(text, i, 3), RIGHT_QUOTE)) {
            put(&fold, '\'');
            i += 3;
            continue;
        }
        put(&fold, is_blank(c) || c == '\0' || c == '"' ? ' ' : c);
        i++;
    }
    put(&fold, ' ');
    return slice_new(buffer, fold.length);
}
