#include "mail/maillog.h"

static bool read_result(struct maillog_event *event, struct slice result)
{
    if (slice_equals_text_ignoring_case(result, "Ok")) {
        event->kind = MAILLOG_DELIVERED;
        if (maillog_is_loopback(event->relay) &&
            (maillog_contains(event->text, "queued") ||
             maillog_contains(event->text, "accepted for delivery"))) {
            event->kind = MAILLOG_IGNORED;
            event->reason = MAILLOG_REINJECT;
        }
    } else if (slice_equals_text_ignoring_case(result, "TempFail")) {
        event->kind = MAILLOG_DEFERRED;
    } else if (slice_starts_with_ignoring_case(result, "PermFail") ||
               slice_starts_with_ignoring_case(result, "Loop") ||
               slice_starts_with_ignoring_case(result, "Expire")) {
        event->kind = MAILLOG_BOUNCED;
    } else {
        return false;
    }
    event->status = maillog_find_status(event->text);
    return true;
}

static struct slice unquote(struct slice value)
{
    if (value.length >= 2 && value.start[0] == '"' && value.start[value.length - 1] == '"')
        return slice_sub(value, 1, value.length - 2);
    return value;
}

static void keep(struct maillog_event *event, struct slice key, struct slice value)
{
    if (slice_equals_text(key, "to"))
        event->recipients = value;
    else if (slice_equals_text(key, "relay"))
        event->relay = value;
    else if (slice_equals_text(key, "evpid"))
        event->queue_id = value;
    else if (slice_equals_text(key, "from"))
        event->has_null_sender = slice_equals_text(value, "<>");
}

/* value = DQUOTE *CHAR DQUOTE / "<" *CHAR ">" / *non-blank; fields are parted by one blank */
static bool next_field(struct slice *rest, struct slice *key, struct slice *value)
{
    size_t equals = slice_find(*rest, '=');
    if (equals == rest->length || equals > slice_find(*rest, ' '))
        return false;
    *key = slice_sub(*rest, 0, equals);
    struct slice text = slice_sub(*rest, equals + 1, rest->length);
    size_t end = 0;
    if (slice_equals_text(*key, "stat") && text.length > 0)
        end = text.length; /* the last one: words of the server, which may hold quotes */
    else if (text.length > 0 && text.start[0] == '"')
        end = 1 + slice_find(slice_sub(text, 1, text.length), '"');
    else if (text.length > 0 && text.start[0] == '<')
        end = slice_find(text, '>');
    end += slice_find(slice_sub(text, end, text.length), ' ');
    *value = unquote(slice_sub(text, 0, end));
    *rest = slice_sub(text, end + 1, text.length);
    return true;
}

/* "mta delivery evpid=...", "mda event=delivery evpid=..." */
static bool read_fields(struct slice rest, struct maillog_event *event)
{
    struct slice key;
    struct slice value;
    struct slice result = {0};
    while (next_field(&rest, &key, &value)) {
        keep(event, key, value);
        if (slice_equals_text(key, "result"))
            result = value;
        else if (slice_equals_text(key, "stat"))
            event->text = value;
    }
    return event->recipients.length > 0 && read_result(event, result);
}

/* Before version 6: "relay: TempFail for EVP: session=..., from=<>, to=<a@b>, ..., stat=text" */
static bool read_old(struct slice rest, struct maillog_event *event)
{
    struct slice key;
    struct slice value;
    size_t blank = slice_find(rest, ' ');
    struct slice result = slice_sub(rest, 0, blank);
    rest = slice_sub(rest, blank, rest.length);
    if (!slice_starts_with(rest, " for "))
        return false;
    size_t colon = slice_find_text(rest, ": ");
    event->queue_id = slice_sub(rest, sizeof " for " - 1, colon - (sizeof " for " - 1));
    rest = slice_sub(rest, colon + 2, rest.length);
    while (!slice_starts_with(rest, "stat=")) {
        if (!maillog_field(&rest, &key, &value))
            return false;
        keep(event, key, value);
    }
    event->text = slice_sub(rest, sizeof "stat=" - 1, rest.length);
    return event->recipients.length > 0 && read_result(event, result);
}

static bool find(struct slice line, const char *words, struct slice *rest)
{
    size_t at = slice_find_text(line, words);
    *rest = slice_sub(line, at + slice_of(words).length, line.length);
    return at < line.length;
}

bool maillog_read_opensmtpd(struct slice line, struct maillog_event *event)
{
    struct slice rest;
    event->format = MAILLOG_OPENSMTPD;
    if (find(line, "a delivery ", &rest) || find(line, "a event=delivery ", &rest))
        return read_fields(rest, event);
    return (find(line, ": relay: ", &rest) || find(line, ": delivery: ", &rest)) &&
           read_old(rest, event);
}
