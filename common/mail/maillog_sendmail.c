#include "mail/maillog.h"

/* A recipient list ends where ", key=" follows; the recipients are parted by "," alone. */
static bool is_hop(const struct maillog_event *event, struct slice mailer)
{
    return maillog_is_loopback(event->relay) &&
           (slice_equals_text(mailer, "relay") || maillog_contains(event->text, "queued as") ||
            maillog_contains(event->text, "accepted for delivery"));
}

static void ignore(struct maillog_event *event, enum maillog_reason reason)
{
    event->kind = MAILLOG_IGNORED;
    event->reason = reason;
}

/* stat= is a word with a text in brackets, or the last words of the server. What they mean is told
 * by the enhanced status code where the words are not Sendmail's own. */
static void read_stat(struct maillog_event *event, struct slice mailer)
{
    struct slice text = event->text;
    char class = event->status.length > 0 ? event->status.start[0] : '5';
    if (slice_starts_with_ignoring_case(text, "Sent")) {
        event->kind = MAILLOG_DELIVERED;
        if (is_hop(event, mailer))
            ignore(event, MAILLOG_HOP);
    } else if (slice_starts_with_ignoring_case(text, "queued") ||
               slice_starts_with_ignoring_case(text, "Warning: could not send")) {
        ignore(event, MAILLOG_QUEUED);
    } else if (slice_starts_with_ignoring_case(text, "deliverable")) {
        ignore(event, MAILLOG_PROBE);
    } else if (slice_starts_with_ignoring_case(text, "Deferred")) {
        event->kind = MAILLOG_DEFERRED;
    } else if (slice_starts_with_ignoring_case(text, "Cannot send message")) {
        event->kind = MAILLOG_BOUNCED;
    } else {
        event->kind = class == '4' ? MAILLOG_DEFERRED : MAILLOG_BOUNCED;
    }
}

/* "reply=550 5.1.1 no, not here, stat=": the words of the server may hold anything. */
static void skip_reply(struct slice *rest, struct slice *reply)
{
    size_t end = slice_find_text(*rest, ", stat=");
    *reply = slice_sub(slice_sub(*rest, 0, end), sizeof "reply=" - 1, end);
    *rest = slice_sub(*rest, end + 2, rest->length);
}

bool maillog_read_sendmail(struct slice line, struct maillog_event *event)
{
    struct slice rest;
    struct slice key;
    struct slice value;
    struct slice mailer = {0};
    struct slice reply = {0};
    event->format = MAILLOG_SENDMAIL;
    if (!maillog_head(line, "to=", &event->queue_id, &rest))
        return false;
    while (!slice_starts_with(rest, "stat=")) {
        if (slice_starts_with(rest, "reply="))
            skip_reply(&rest, &reply);
        else if (!maillog_field(&rest, &key, &value))
            return false;
        else if (slice_equals_text(key, "to"))
            event->recipients = value;
        else if (slice_equals_text(key, "relay"))
            event->relay = value;
        else if (slice_equals_text(key, "dsn"))
            event->status = value;
        else if (slice_equals_text(key, "mailer"))
            mailer = value;
    }
    event->text = slice_sub(rest, sizeof "stat=" - 1, rest.length);
    read_stat(event, mailer);
    /* stat= is then what Sendmail made of it: each 550 a "User unknown". */
    if (reply.length > 0 && event->kind != MAILLOG_DELIVERED)
        event->text = reply;
    /* Mail that a milter refused as it came in was never given to a mailer. */
    return event->recipients.length > 0 && (mailer.length > 0 || event->status.length > 0);
}

static size_t word_before(struct slice line, size_t end)
{
    while (end > 0 && line.start[end - 1] != ' ')
        end--;
    return end;
}

bool maillog_read_sendmail_expired(struct slice line, struct maillog_event *event)
{
    size_t at = slice_find_text(line, ": sender notify: Cannot send message for ");
    size_t notice = word_before(line, at);
    if (at == line.length || notice < 2 || line.start[notice - 2] != ':')
        return false;
    size_t start = word_before(line, notice - 2);
    event->format = MAILLOG_SENDMAIL;
    event->kind = MAILLOG_EXPIRED;
    event->queue_id = slice_sub(line, start, notice - 2 - start);
    event->text = slice_sub(line, at + 2, line.length);
    return event->queue_id.length >= 5;
}
