#include "mail/maillog.h"

#include <string.h>

/* log-line = [ stamp ] [ zone SP ] [ "[" pid "]" SP ] id SP flag SP ...
 * id       = 6base62 "-" ( 6base62 "-" 2base62 / 11base62 "-" 4base62 )      since 4.97 the longer
 */
#define ID_SHORT 16
#define ID_LONG 23

static bool is_base62(struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.start[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
            return false;
    }
    return true;
}

static size_t id_length(struct slice text)
{
    if (text.length <= ID_SHORT || text.start[6] != '-' || !is_base62(slice_sub(text, 0, 6)))
        return 0;
    size_t length = text.start[13] == '-' ? ID_SHORT : ID_LONG;
    size_t dash = length == ID_SHORT ? 13 : 18;
    if (text.length <= length || text.start[dash] != '-' || text.start[length] != ' ' ||
        !is_base62(slice_sub(text, 7, dash - 7)) ||
        !is_base62(slice_sub(text, dash + 1, length - dash - 1)))
        return 0;
    return length;
}

/* Whether there is an id somewhere: its dashes tell most other lines apart at once. */
static bool has_id(struct slice line)
{
    for (size_t i = 0; i < line.length; i++) {
        i += slice_find(slice_sub(line, i, line.length), '-');
        bool has_dashes = (i + 7 < line.length && line.start[i + 7] == '-') ||
                          (i + 12 < line.length && line.start[i + 12] == '-');
        if (has_dashes && i >= 6 && (i == 6 || line.start[i - 7] == ' '))
            return true;
    }
    return false;
}

static bool skip_digits_in_brackets(struct slice *rest)
{
    if (rest->length == 0 || rest->start[0] != '[')
        return false;
    size_t end = slice_find_text(*rest, "] ");
    struct slice inside = slice_sub(*rest, 1, end - 1);
    if (end == rest->length || end > 24)
        return false;
    for (size_t i = 0; i < inside.length; i++)
        if (memchr("0123456789/", inside.start[i], 11) == NULL)
            return false;
    *rest = slice_sub(*rest, end + 2, rest->length);
    return true;
}

/* Behind the syslog prefix, which ends with the first ": " or "]: ". */
static void skip_syslog(struct slice *rest)
{
    size_t end = slice_find_text(*rest, ": ");
    if (end < rest->length && end < 128)
        *rest = slice_sub(*rest, end + 2, rest->length);
    skip_digits_in_brackets(rest); /* "[1/3] " of a line that was split for syslog */
}

static struct slice find_message(struct slice line)
{
    struct maillog_stamp stamp;
    struct slice rest = slice_sub(line, maillog_stamp_parse(line, &stamp), line.length);
    skip_digits_in_brackets(&rest);
    if (id_length(rest) == 0) {
        skip_syslog(&rest);
        rest = slice_sub(rest, maillog_stamp_parse(rest, &stamp), rest.length);
        skip_digits_in_brackets(&rest);
    }
    return rest;
}

static enum maillog_kind flag_kind(struct slice rest)
{
    static const struct {
        const char *flag;
        enum maillog_kind kind;
    } FLAGS[] = {
        {"=> ", MAILLOG_DELIVERED},
        {"-> ", MAILLOG_DELIVERED},
        {">> ", MAILLOG_DELIVERED},
        {"** ", MAILLOG_BOUNCED  },
        {"== ", MAILLOG_DEFERRED },
    };
    for (size_t i = 0; i < sizeof FLAGS / sizeof FLAGS[0]; i++)
        if (slice_starts_with(rest, FLAGS[i].flag))
            return FLAGS[i].kind;
    return MAILLOG_OTHER;
}

/* "addr R=", "local <addr@domain> R=", "|/pipe with words <addr@domain>", "addr: reason". The
 * address in brackets is the one that the mail was sent to. */
static void read_recipient(struct slice *rest, struct maillog_event *event)
{
    size_t blank = slice_find(*rest, ' ');
    size_t open = slice_find_text(*rest, " <");
    size_t field = slice_find_text(*rest, "=");
    struct slice first = slice_sub(*rest, 0, blank);
    size_t close = open + slice_find(slice_sub(*rest, open, rest->length), '>');
    bool has_original = open < rest->length && open < field && close < rest->length;
    if (has_original) {
        event->recipients = slice_sub(*rest, open + 1, close - open);
        *rest = slice_sub(*rest, close + 1, rest->length);
        return;
    }
    if (first.length > 1 && first.start[first.length - 1] == ':') {
        first.length--;
        blank = first.length; /* the colon is left to stand before the reason */
    }
    event->recipients = first;
    *rest = slice_sub(*rest, blank, rest->length);
}

/* " H=host [1.2.3.4]:25": the name, or what stands in its place. */
static struct slice find_host(struct slice rest)
{
    size_t at = slice_find_text(rest, " H=");
    struct slice host = slice_sub(rest, at + 3, rest.length);
    return slice_sub(host, 0, slice_find(host, ' '));
}

/* C="250 OK id=..." */
static struct slice find_confirmation(struct slice rest)
{
    size_t at = slice_find_text(rest, " C=\"");
    struct slice text = slice_sub(rest, at + 4, rest.length);
    return slice_sub(text, 0, slice_find(text, '"'));
}

/* " T=transport": its name. */
static struct slice find_transport(struct slice rest)
{
    size_t at = slice_find_text(rest, " T=");
    struct slice transport = slice_sub(rest, at + 3, rest.length);
    return slice_sub(transport, 0, slice_find(transport, ' '));
}

/* To a filter, which gives the mail back: by its transport, or on this machine with a new id. */
static bool is_reinjected(struct slice rest, struct slice confirmation)
{
    size_t at = slice_find_text(rest, " H=");
    struct slice host = slice_sub(rest, at + 3, rest.length);
    host = slice_sub(host, 0, slice_find(host, ']') + 1);
    if (maillog_is_filter(find_transport(rest)))
        return true;
    return maillog_is_loopback(host) &&
           (slice_find_text(confirmation, " id=") < confirmation.length ||
            maillog_contains(confirmation, "queued as"));
}

/* " R=x T=y H=h [1.2.3.4] : reason", " R=x defer (-44) H=h [1.2.3.4]: reason", ": reason" */
static struct slice find_reason(struct slice rest)
{
    size_t at = slice_find_text(rest, ": ");
    size_t defer = slice_find_text(rest, " defer (");
    if (defer < at) {
        struct slice behind = slice_sub(rest, defer, rest.length);
        at = defer + slice_find_text(behind, ": ");
    }
    return slice_sub(rest, at + 2, rest.length);
}

/* "ID <= <> R=..." of a notification, "ID Completed" */
static enum maillog_kind life_kind(struct slice rest)
{
    if (slice_starts_with(rest, "<= <> "))
        return MAILLOG_NULL_SENDER;
    return slice_equals_text(rest, "Completed") || slice_starts_with(rest, "Completed ")
               ? MAILLOG_REMOVED
               : MAILLOG_OTHER;
}

bool maillog_read_exim(struct slice line, struct maillog_event *event)
{
    if (!has_id(line))
        return false;
    struct slice rest = find_message(line);
    size_t length = id_length(rest);
    if (length == 0)
        return false;
    event->format = MAILLOG_EXIM;
    event->queue_id = slice_sub(rest, 0, length);
    rest = slice_sub(rest, length + 1, rest.length);
    event->kind = life_kind(rest);
    if (event->kind != MAILLOG_OTHER)
        return true;
    event->kind = flag_kind(rest);
    if (event->kind == MAILLOG_OTHER)
        return false;
    rest = slice_sub(rest, 3, rest.length);
    read_recipient(&rest, event);
    struct slice fields = slice_sub(rest, 0, slice_find_text(rest, ": "));
    event->relay = find_host(event->kind == MAILLOG_DEFERRED ? rest : fields);
    event->text = event->kind == MAILLOG_DELIVERED ? find_confirmation(rest) : find_reason(rest);
    event->status = maillog_find_status(event->text);
    if (event->kind == MAILLOG_DELIVERED && is_reinjected(rest, event->text)) {
        event->kind = MAILLOG_IGNORED;
        event->reason = MAILLOG_REINJECT;
    }
    return event->recipients.length > 0;
}
