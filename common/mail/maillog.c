#include "mail/maillog.h"

#include <string.h>

static const char *const FORMAT_NAMES[MAILLOG_FORMATS] = {
    [MAILLOG_ANY] = "any",           [MAILLOG_POSTFIX] = "postfix",     [MAILLOG_EXIM] = "exim",
    [MAILLOG_SENDMAIL] = "sendmail", [MAILLOG_OPENSMTPD] = "opensmtpd",
};

static const char *const REASON_NAMES[MAILLOG_REASONS] = {
    [MAILLOG_NOT_IGNORED] = "counted",  [MAILLOG_PROBE] = "probe",
    [MAILLOG_REINJECT] = "re-injected", [MAILLOG_HOP] = "local-hop",
    [MAILLOG_QUEUED] = "queued",
};

const char *maillog_format_name(enum maillog_format format)
{
    return FORMAT_NAMES[format];
}

const char *maillog_reason_name(enum maillog_reason reason)
{
    return REASON_NAMES[reason];
}

/* ---- tools of the readers */

static bool is_id_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The first ": " behind an offset; the length: there is none. */
static size_t find_colon(struct slice line, size_t from)
{
    for (; from < line.length; from++) {
        from += slice_find(slice_sub(line, from, line.length), ':');
        if (from + 1 < line.length && line.start[from + 1] == ' ')
            return from;
    }
    return line.length;
}

bool maillog_head(struct slice line, const char *key, struct slice *queue_id, struct slice *rest)
{
    size_t colon = find_colon(line, 0);
    *rest = slice_sub(line, colon + 2, line.length);
    /* The first one stands behind the name of the program, where there is one. */
    if (!slice_starts_with(*rest, key)) {
        colon = find_colon(line, colon + 2);
        *rest = slice_sub(line, colon + 2, line.length);
    }
    if (colon >= line.length || !slice_starts_with(*rest, key))
        return false;
    size_t start = colon;
    while (start > 0 && is_id_character(line.start[start - 1]))
        start--;
    *queue_id = slice_sub(line, start, colon - start);
    return queue_id->length >= 5 && (start == 0 || line.start[start - 1] == ' ');
}

/* The offset behind the closing sign of a value in <> or "", or the length. In angle brackets a
 * quoted local part may hold ">" (RFC 5321 4.1.2). */
static size_t skip_enclosed(struct slice text)
{
    bool in_angle = text.start[0] == '<';
    bool in_quotes = !in_angle;
    for (size_t i = 1; i < text.length; i++) {
        char c = text.start[i];
        if (in_quotes && c == '\\')
            i++;
        else if (c == '"' && !in_angle)
            return i + 1;
        else if (c == '"')
            in_quotes = !in_quotes;
        else if (c == '>' && !in_quotes)
            return i + 1;
    }
    return text.length;
}

bool maillog_field(struct slice *rest, struct slice *key, struct slice *value)
{
    size_t equals = 0;
    while (equals < rest->length && (is_id_character(rest->start[equals]) ||
                                     rest->start[equals] == '_' || rest->start[equals] == '-'))
        equals++;
    if (equals == 0 || equals >= rest->length || rest->start[equals] != '=')
        return false;
    *key = slice_sub(*rest, 0, equals);
    struct slice text = slice_sub(*rest, equals + 1, rest->length);
    size_t end = 0;
    if (text.length > 0 && (text.start[0] == '<' || text.start[0] == '"'))
        end = skip_enclosed(text);
    end += slice_find_text(slice_sub(text, end, text.length), ", ");
    *value = slice_sub(text, 0, end);
    *rest = slice_sub(text, end + 2, text.length);
    return true;
}

bool maillog_is_loopback(struct slice relay)
{
    return slice_find_text(relay, "[127.") < relay.length ||
           slice_find_text(relay, "[::1]") < relay.length || slice_starts_with(relay, "127.") ||
           slice_starts_with_ignoring_case(relay, "localhost");
}

bool maillog_contains(struct slice text, const char *words)
{
    size_t length = strlen(words);
    for (size_t i = 0; i + length <= text.length; i++)
        if (slice_starts_with_ignoring_case(slice_sub(text, i, length), words))
            return true;
    return false;
}

bool maillog_is_filter(struct slice transport)
{
    static const char *const WORDS[] = {"filter", "spamass",     "spamc",      "amavis",
                                        "clam",   "scan",        "disclaimer", "altermime",
                                        "zeyple", "gpg-mailgate"};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (maillog_contains(transport, WORDS[i]))
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* status-code = ( "2" / "4" / "5" ) "." 1*3DIGIT "." 1*3DIGIT       RFC 3463 2 */
static size_t status_length(struct slice text)
{
    size_t at = 1;
    if (text.length < 5 || strchr("245", text.start[0]) == NULL)
        return 0;
    for (int part = 0; part < 2; part++) {
        size_t digits = 0;
        if (at >= text.length || text.start[at++] != '.')
            return 0;
        while (at < text.length && is_digit(text.start[at])) {
            at++;
            digits++;
        }
        if (digits == 0 || digits > 3)
            return 0;
    }
    return at < text.length && (text.start[at] == '.' || is_id_character(text.start[at])) ? 0 : at;
}

struct slice maillog_find_status(struct slice text)
{
    for (size_t i = 0; i + 5 <= text.length; i++) {
        bool is_start = i == 0 || strchr(" -#(:", text.start[i - 1]) != NULL;
        size_t length = is_start && text.start[i + 1] == '.'
                            ? status_length(slice_sub(text, i, text.length))
                            : 0;
        if (length > 0)
            return slice_sub(text, i, length);
    }
    return (struct slice){0};
}

bool maillog_next_recipient(struct slice *list, struct slice *recipient)
{
    while (list->length > 0) {
        size_t end = 0;
        if (list->start[0] == '<' || list->start[0] == '"')
            end = skip_enclosed(*list);
        end += slice_find(slice_sub(*list, end, list->length), ',');
        *recipient = slice_trim(slice_sub(*list, 0, end), " ");
        *list = end < list->length ? slice_sub(*list, end + 1, list->length) : (struct slice){0};
        if (recipient->length >= 2 && recipient->start[0] == '<' &&
            recipient->start[recipient->length - 1] == '>')
            *recipient = slice_sub(*recipient, 1, recipient->length - 2);
        if (recipient->length > 0)
            return true;
    }
    return false;
}

/* ---- the one door */

/* What a line has that may be about a delivery. */
enum hint {
    HINT_STATUS = 1 << 0, /* ", status=" */
    HINT_STAT = 1 << 1,   /* " stat=" */
    HINT_NULL = 1 << 2,   /* "from=<>" */
};

static bool ends_with(struct slice line, size_t end, const char *word)
{
    size_t length = strlen(word);
    return end >= length && memcmp(line.start + end - length, word, length) == 0;
}

/* All that tells deliveries from the rest is "name=", so the equals signs alone are looked at. */
static unsigned look(struct slice line)
{
    unsigned hints = 0;
    const char *end = line.start + line.length;
    for (const char *at = line.start; at < end; at++) {
        at = memchr(at, '=', (size_t)(end - at));
        if (at == NULL)
            break;
        size_t offset = (size_t)(at - line.start);
        if (offset < 5)
            continue;
        if (at[-1] == 's' && ends_with(line, offset, ", status"))
            return hints | HINT_STATUS;
        if (at[-1] == 't' && ends_with(line, offset, " stat"))
            return hints | HINT_STAT;
        if (at[-1] == 'm' && end - at > 2 && at[1] == '<' && at[2] == '>' &&
            ends_with(line, offset, "from"))
            hints |= HINT_NULL;
    }
    return hints;
}

/* "QID: from=<>, size=1, nrcpt=1 (queue active)" of Postfix, "nrcpts=1" of Sendmail. */
static bool read_null_sender(enum maillog_format format, struct slice line,
                             struct maillog_event *event)
{
    struct slice rest;
    if (!maillog_head(line, "from=<>, ", &event->queue_id, &rest))
        return false;
    bool is_sendmail = slice_find_text(rest, ", nrcpts=") < rest.length;
    if (!is_sendmail && slice_find_text(rest, ", nrcpt=") == rest.length)
        return false;
    event->format = is_sendmail ? MAILLOG_SENDMAIL : MAILLOG_POSTFIX;
    event->kind = MAILLOG_NULL_SENDER;
    return format == MAILLOG_ANY || format == event->format;
}

/* "QID: removed" */
static bool read_removed(struct slice line, struct maillog_event *event)
{
    size_t end = line.length - (sizeof ": removed" - 1);
    size_t start = end;
    while (start > 0 && is_id_character(line.start[start - 1]))
        start--;
    event->queue_id = slice_sub(line, start, end - start);
    event->format = MAILLOG_POSTFIX;
    event->kind = MAILLOG_REMOVED;
    return event->queue_id.length >= 5;
}

static bool ends_with_a_time(struct slice line)
{
    return ends_with(line, line.length, " days") || ends_with(line, line.length, " day") ||
           ends_with(line, line.length, " hours") || ends_with(line, line.length, " hour");
}

static bool is_wanted(enum maillog_format wanted, enum maillog_format format)
{
    return wanted == MAILLOG_ANY || wanted == format;
}

bool maillog_read(enum maillog_format format, struct slice line, struct maillog_event *event)
{
    memset(event, 0, sizeof *event);
    if (line.length > 0 && line.start[line.length - 1] == '\r')
        line.length--;
    unsigned hints = format == MAILLOG_EXIM ? 0 : look(line);
    bool is_read = false;
    if ((hints & HINT_STATUS) != 0 && is_wanted(format, MAILLOG_POSTFIX))
        is_read = maillog_read_postfix(line, event);
    if (!is_read && (hints & HINT_STAT) != 0 && is_wanted(format, MAILLOG_SENDMAIL))
        is_read = maillog_read_sendmail(line, event);
    if (!is_read && (hints & HINT_STAT) != 0 && is_wanted(format, MAILLOG_OPENSMTPD))
        is_read = maillog_read_opensmtpd(line, event);
    if (!is_read && (hints & HINT_NULL) != 0)
        is_read = read_null_sender(format, line, event);
    if (!is_read && ends_with(line, line.length, ": removed") && is_wanted(format, MAILLOG_POSTFIX))
        is_read = read_removed(line, event);
    if (!is_read && ends_with_a_time(line) && is_wanted(format, MAILLOG_SENDMAIL))
        is_read = maillog_read_sendmail_expired(line, event);
    if (!is_read && is_wanted(format, MAILLOG_EXIM))
        is_read = maillog_read_exim(line, event);
    if (!is_read)
        memset(event, 0, sizeof *event);
    return is_read;
}
