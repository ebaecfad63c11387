#include "mail/maillog.h"

/* amavis and its kin listen at 10024 and a few ports on. */
static bool is_filter_port(struct slice relay)
{
    size_t at = slice_find_text(relay, "]:1002");
    return at < relay.length && relay.length == at + sizeof "]:10024" - 1;
}

/* The mail comes again, under another queue id: then the last hop is the one that counts. */
static bool is_reinjected(const struct maillog_event *event)
{
    struct slice text = event->text;
    if (slice_starts_with(text, "forwarded as "))
        return true;
    if (slice_starts_with(text, "delivered via ") && maillog_is_filter(event->relay))
        return true;
    if (!maillog_is_loopback(event->relay) || maillog_contains(text, "discarded"))
        return false;
    return is_filter_port(event->relay) || slice_find_text(text, "queued as ") < text.length;
}

/* "status=sent (text)"; a line that the logger cut has no final ")". */
static void read_text(struct slice rest, struct slice *word, struct slice *text)
{
    size_t blank = slice_find(rest, ' ');
    *word = slice_sub(rest, 0, blank);
    *text = slice_sub(rest, blank + 1, rest.length);
    if (text->length > 0 && text->start[0] == '(')
        *text = slice_sub(*text, 1, text->length);
    if (text->length > 0 && text->start[text->length - 1] == ')')
        text->length--;
}

static bool read_status(struct maillog_event *event, struct slice word)
{
    if (slice_equals_text(word, "sent")) {
        event->kind = MAILLOG_DELIVERED;
        if (is_reinjected(event)) {
            event->kind = MAILLOG_IGNORED;
            event->reason = MAILLOG_REINJECT;
        }
    } else if (slice_equals_text(word, "bounced")) {
        event->kind = MAILLOG_BOUNCED;
    } else if (slice_equals_text(word, "deferred") || slice_equals_text(word, "SOFTBOUNCE")) {
        event->kind = MAILLOG_DEFERRED;
    } else if (slice_starts_with(word, "deliverable") || slice_starts_with(word, "undeliverable")) {
        event->kind = MAILLOG_IGNORED;
        event->reason = MAILLOG_PROBE;
    } else {
        return false;
    }
    return true;
}

/* "QID: from=<a>, status=expired, returned to sender"; "force-expired" after postsuper -e */
static bool read_expired(struct slice line, struct maillog_event *event)
{
    struct slice rest;
    struct slice key;
    struct slice value;
    if (!maillog_head(line, "from=", &event->queue_id, &rest) ||
        !maillog_field(&rest, &key, &value) || !maillog_field(&rest, &key, &value) ||
        !slice_equals_text(key, "status") ||
        !(slice_equals_text(value, "expired") || slice_equals_text(value, "force-expired")))
        return false;
    event->kind = MAILLOG_EXPIRED;
    event->text = rest;
    return true;
}

/* Ids hold digits, or capitals; "warning: to=" is a word of the program. */
static bool is_id(struct slice id)
{
    for (size_t i = 0; i < id.length; i++)
        if (id.start[i] < 'a')
            return true;
    return false;
}

bool maillog_read_postfix(struct slice line, struct maillog_event *event)
{
    struct slice rest;
    struct slice key;
    struct slice value;
    event->format = MAILLOG_POSTFIX;
    if (!maillog_head(line, "to=", &event->queue_id, &rest))
        return read_expired(line, event);
    if (!is_id(event->queue_id))
        return false;
    while (!slice_starts_with(rest, "status=")) {
        if (!maillog_field(&rest, &key, &value))
            return false;
        if (slice_equals_text(key, "to"))
            event->recipients = value;
        else if (slice_equals_text(key, "orig_to"))
            event->original = slice_trim(value, "<>");
        else if (slice_equals_text(key, "relay"))
            event->relay = value;
        else if (slice_equals_text(key, "dsn"))
            event->status = value;
    }
    read_text(slice_sub(rest, sizeof "status=" - 1, rest.length), &value, &event->text);
    return event->recipients.length > 0 && read_status(event, value);
}
