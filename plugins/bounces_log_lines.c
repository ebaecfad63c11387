#include <stdio.h>
#include <time.h>

#include "bounces.h"

/* ---- time */

/* A stamp without a year is of the last twelve months; a day ahead allows for clocks that differ.
 */
#define DAY 86400

/* Days since 1970-01-01 of the proleptic Gregorian calendar. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2 ? 1 : 0;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static int64_t start_of_hour(const struct maillog_stamp *stamp, int year)
{
    if (stamp->has_zone)
        return days_since_1970(year, stamp->month, stamp->day) * DAY + stamp->hour * 3600 -
               stamp->zone * 60;
    struct tm local = {
        .tm_year = year - 1900,
        .tm_mon = stamp->month - 1,
        .tm_mday = stamp->day,
        .tm_hour = stamp->hour,
        .tm_isdst = -1,
    };
    return (int64_t)mktime(&local);
}

static int64_t find_hour(const struct maillog_stamp *stamp, int64_t now)
{
    struct tm local;
    time_t moment = (time_t)now;
    if (stamp->year != 0)
        return start_of_hour(stamp, stamp->year);
    localtime_r(&moment, &local);
    int year = local.tm_year + 1900;
    int64_t hour = start_of_hour(stamp, year + 1);
    while (hour > now + DAY && year > 1970)
        hour = start_of_hour(stamp, year--);
    return hour;
}

static bool is_same_hour(const struct maillog_stamp *a, const struct maillog_stamp *b)
{
    return a->is_set && a->hour == b->hour && a->day == b->day && a->month == b->month &&
           a->year == b->year && a->has_zone == b->has_zone && a->zone == b->zone;
}

/* mktime() is slow, and lines of one hour stand together. */
static int64_t moment_of(struct bounces_reader *reader, struct slice line)
{
    struct maillog_stamp stamp;
    maillog_stamp_parse(line, &stamp);
    if (!stamp.is_set)
        return reader->facts->now;
    if (stamp.is_unix)
        return stamp.seconds;
    if (!is_same_hour(&reader->hour, &stamp)) {
        reader->hour = stamp;
        reader->hour_start = find_hour(&stamp, reader->facts->now);
    }
    return reader->hour_start + stamp.minute * 60 + stamp.second;
}

/* ---- lines */

/* Words of the programs, for logs that hold no delivery yet. */
static bool is_of_mail_server(struct slice line)
{
    static const char *const WORDS[] = {"postfix", "sendmail", "sm-mta",     "smtpd[",
                                        "exim",    " <= ",     " Completed", "qmgr["};
    struct slice head = slice_sub(line, 0, 200);
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (slice_find_text(head, WORDS[i]) < head.length)
            return true;
    return false;
}

/* "mx.example.org[192.0.2.7]:25", "mx.example.org. [192.0.2.7]", "192.0.2.7 (mx.example.org)" */
static struct slice host_of(struct slice relay)
{
    size_t open = slice_find(relay, '(');
    if (open < relay.length) {
        struct slice inside = slice_sub(relay, open + 1, relay.length);
        return slice_sub(inside, 0, slice_find(inside, ')'));
    }
    size_t end = slice_find(relay, '[');
    size_t blank = slice_find(relay, ' ');
    return slice_trim(slice_sub(relay, 0, end < blank ? end : blank), ".");
}

/* Postfix, Exim and Sendmail tell a message's sender when they take it up, before they deliver it.
 */
static bool is_notice(const struct bounces_facts *facts, const struct maillog_event *event)
{
    return event->kind == MAILLOG_BOUNCED &&
           (event->has_null_sender ||
            bounces_keys_has(&facts->memory.notices,
                             bounces_key(event->queue_id, (struct slice){0})));
}

/* ---- recipients that wait: an expiry tells the queue id alone */

static uint64_t waiting_key(struct slice queue_id, unsigned number)
{
    char name[16];
    (void)snprintf(name, sizeof name, "#%u", number);
    return bounces_key(queue_id, slice_of(name));
}

static unsigned waiting(const struct bounces_facts *facts, struct slice queue_id)
{
    unsigned count = 0;
    while (count < MAILLOG_RECIPIENTS_MAX &&
           bounces_keys_has(&facts->memory.deferrals, waiting_key(queue_id, count + 1)))
        count++;
    return count;
}

static void note_recent(struct bounces_facts *facts, uint64_t message,
                        const struct bounces_event *event, struct slice queue_id)
{
    bounces_recent_note(bounces_memory_recent(&facts->memory), message,
                        bounces_key(queue_id, event->recipient), event->reply.host,
                        event->recipient);
}

/* One that was deferred has an end now. */
static void end_waiting(struct bounces_facts *facts, struct slice queue_id, struct slice recipient)
{
    struct bounces_keys *deferrals = &facts->memory.deferrals;
    if (deferrals->count == 0 || !bounces_keys_has(deferrals, bounces_key(queue_id, recipient)))
        return;
    unsigned count = waiting(facts, queue_id);
    if (count > 0)
        bounces_keys_remove(deferrals, waiting_key(queue_id, count));
    bounces_recent_end(facts->memory.recent, bounces_key(queue_id, recipient));
}

/* Names the next recipient of the message, from the last one back; none when it is not there. */
static void name_recent(struct bounces_recent *recent, uint64_t message, size_t *back,
                        struct bounces_event *event)
{
    const struct bounces_recent_entry *entry = bounces_recent_take(recent, message, back);
    event->recipient = slice_of(entry != NULL ? entry->name : "");
    event->reply.host = slice_of(entry != NULL ? entry->host : "");
}

static void take_expired(struct bounces_reader *reader, const struct maillog_event *event,
                         int64_t when)
{
    struct bounces_facts *facts = reader->facts;
    struct bounces_event one = {
        .kind = BOUNCES_EXPIRED,
        .when = when,
        .file = reader->source->name,
        .reply = {.text = event->text},
    };
    unsigned count = waiting(facts, event->queue_id);
    for (unsigned i = count; i > 0; i--)
        bounces_keys_remove(&facts->memory.deferrals, waiting_key(event->queue_id, i));
    uint64_t message = bounces_key(event->queue_id, (struct slice){0});
    size_t back = 0;
    for (unsigned i = 0; i < (count > 0 ? count : 1); i++) {
        name_recent(facts->memory.recent, message, &back, &one);
        bounces_take(facts, &one);
    }
}

static void take_recipients(struct bounces_reader *reader, const struct maillog_event *event,
                            enum bounces_kind kind, int64_t when)
{
    struct bounces_facts *facts = reader->facts;
    struct slice list = event->recipients;
    struct bounces_event one = {
        .kind = kind,
        .when = when,
        .file = reader->source->name,
        .original_recipient = event->original,
        .reply = {.text = event->text, .host = host_of(event->relay)},
    };
    bounce_status_parse(event->status, &one.reply.status);
    uint64_t message =
        kind == BOUNCES_DEFERRED ? bounces_key(event->queue_id, (struct slice){0}) : 0;
    for (size_t count = 0; count < MAILLOG_RECIPIENTS_MAX; count++) {
        if (!maillog_next_recipient(&list, &one.recipient))
            break;
        if (kind == BOUNCES_DEFERRED)
            note_recent(facts, message, &one, event->queue_id);
        if (kind != BOUNCES_DEFERRED) {
            end_waiting(facts, event->queue_id, one.recipient);
        } else if (bounces_keys_add(&facts->memory.deferrals,
                                    bounces_key(event->queue_id, one.recipient))) {
            bounces_keys_add(&facts->memory.deferrals,
                             waiting_key(event->queue_id, waiting(facts, event->queue_id) + 1));
        } else {
            continue;
        }
        bounces_take(facts, &one);
    }
}

void bounces_read_line(struct bounces_reader *reader, struct slice line, int64_t when)
{
    struct bounces_facts *facts = reader->facts;
    struct maillog_event event;
    reader->source->lines++;
    if (!maillog_read(reader->format, line, &event)) {
        if (!reader->source->is_known)
            reader->source->is_known = is_of_mail_server(line);
        return;
    }
    reader->source->is_known = true;
    if (event.kind == MAILLOG_NULL_SENDER) {
        bounces_keys_add(&facts->memory.notices, bounces_key(event.queue_id, (struct slice){0}));
        return;
    }
    if (event.kind == MAILLOG_REMOVED) {
        if (facts->memory.notices.count > 0)
            bounces_keys_remove(&facts->memory.notices,
                                bounces_key(event.queue_id, (struct slice){0}));
        return;
    }
    if (event.kind == MAILLOG_IGNORED) {
        facts->ignored[event.reason]++;
        return;
    }
    if (is_notice(facts, &event)) {
        facts->null_sender++;
        return;
    }
    if (when == 0)
        when = moment_of(reader, line);
    if (event.kind == MAILLOG_EXPIRED) {
        take_expired(reader, &event, when);
        return;
    }
    take_recipients(reader, &event,
                    event.kind == MAILLOG_DELIVERED ? BOUNCES_DELIVERED
                    : event.kind == MAILLOG_BOUNCED ? BOUNCES_BOUNCED
                                                    : BOUNCES_DEFERRED,
                    when);
}
