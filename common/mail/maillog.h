/*
 * Lines of mail logs: what became of a mail to a recipient.
 *
 * One line in, at most one event out; nothing is kept between lines and nothing is copied: the
 * slices of an event point into the line. Most lines of a log are about something else, so a line
 * is first looked through for the words that every delivery line has, and only then read from the
 * left, field by field: text that a remote server wrote stands last and is never searched for
 * fields.
 *
 *     Postfix    QID: to=<a@b>, [orig_to=<c>,] relay=, delay=, delays=, dsn=, status=sent (text)
 *                QID: from=<a>, status=expired, returned to sender
 *     Exim       [stamp] [zone] [pid] ID => | -> | >> | ** | == ADDRESS [<original>] ... : text
 *                ID <= <> ...      ID Completed
 *     Sendmail   QID: to=<a>,<b>, ... mailer=, relay=, dsn=, stat=Sent | Deferred | queued | text
 *     OpenSMTPD  [session] mta|mda [event=]delivery ... to=<a> relay="" result="Ok" stat="text"
 *                relay: | delivery: Ok|TempFail|PermFail for EVP: ..., to=<a>, ..., stat=text
 *
 * Prefixes: RFC 3164 ("Nov  2 03:04:05 host tag[1]: "), RFC 3339 and ISO stamps (with blank or T,
 * fractions, zone), RFC 5424, "<PRI>", the journal's short forms, none at all. The name of the
 * program is not looked at: Postfix runs under any syslog_name.
 *
 * What is not a delivery to a recipient, though it reads like one, is MAILLOG_IGNORED with the
 * reason: address probes, mail handed to a content filter or a local hop that gives it back under
 * another queue id (the last hop is counted), mail that is only queued.
 */
#ifndef COMMON_MAIL_MAILLOG_H
#define COMMON_MAIL_MAILLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum maillog_format {
    MAILLOG_ANY, /* found out line by line */
    MAILLOG_POSTFIX,
    MAILLOG_EXIM,
    MAILLOG_SENDMAIL,
    MAILLOG_OPENSMTPD,
};
#define MAILLOG_FORMATS (MAILLOG_OPENSMTPD + 1)

enum maillog_kind {
    MAILLOG_OTHER, /* not about a delivery */
    MAILLOG_DELIVERED,
    MAILLOG_BOUNCED,  /* failed for good */
    MAILLOG_DEFERRED, /* will be tried again */
    MAILLOG_EXPIRED,  /* given up after its time in the queue; Postfix names no recipient */
    MAILLOG_IGNORED,
    MAILLOG_NULL_SENDER, /* the message of this queue id has the null sender: a notification */
    MAILLOG_REMOVED,     /* the queue id is free again */
};

enum maillog_reason {
    MAILLOG_NOT_IGNORED,
    MAILLOG_PROBE,    /* address verification, sendmail -bv */
    MAILLOG_REINJECT, /* to a content filter or an alias: comes again under another queue id */
    MAILLOG_HOP,      /* Sendmail's submission queue to its own daemon */
    MAILLOG_QUEUED,   /* no attempt was made, or only a warning was sent */
};
#define MAILLOG_REASONS (MAILLOG_QUEUED + 1)

struct maillog_event {
    enum maillog_kind kind;
    enum maillog_format format;
    enum maillog_reason reason;
    bool has_null_sender; /* a notification, where the line itself says so (OpenSMTPD) */
    struct slice queue_id;
    struct slice recipients; /* for maillog_next_recipient() */
    struct slice original;   /* the address before it was rewritten (Postfix); may be empty */
    struct slice relay;      /* host name, address or transport; may be empty */
    struct slice status;     /* "5.1.1"; may be empty */
    struct slice text;       /* of the reply, or the reason; may be cut by the logger */
};

/* "postfix", "exim" ...; MAILLOG_ANY is "any". */
const char *maillog_format_name(enum maillog_format format);
/* "probe", "re-injected" ... */
const char *maillog_reason_name(enum maillog_reason reason);

/* Reads one line without its line end. Sets all of *event and returns whether its kind is not
 * MAILLOG_OTHER. */
bool maillog_read(enum maillog_format format, struct slice line, struct maillog_event *event);

/* Takes the next recipient off the list, without its angle brackets; the original one where the log
 * has both. False: none is left. At most MAILLOG_RECIPIENTS_MAX are told of one line. */
#define MAILLOG_RECIPIENTS_MAX 1000
bool maillog_next_recipient(struct slice *list, struct slice *recipient);

/* The moment at which the line was written, as far as it says so. */
struct maillog_stamp {
    bool is_set;
    bool is_unix;   /* `seconds` since 1970 UTC is all there is */
    bool has_zone;  /* else local time */
    int year;       /* 0: not told */
    int month, day; /* from 1 */
    int hour, minute, second;
    int zone; /* minutes east of UTC */
    int64_t seconds;
};

/* The stamp at the start of a line. Returns the octets that it takes, with the blank behind it; 0:
 * there is none. */
size_t maillog_stamp_parse(struct slice line, struct maillog_stamp *stamp);

/* ---- for the readers of the formats (maillog_postfix.c ...) */

/* The message of a line that goes "PROGRAM: QID: to=" or "QID: to=": the queue id, and what follows
 * from `key` on. `key` is "to=" or "from=". What stands farther behind is text of others, such as
 * a Subject that a header check logs. */
bool maillog_head(struct slice line, const char *key, struct slice *queue_id, struct slice *rest);

/* Takes the field "key=value" that ends with ", ", or with the text, off *rest. A value in <> or ""
 * keeps them; it may hold anything but its closing sign. False: what stands there is no field. */
bool maillog_field(struct slice *rest, struct slice *key, struct slice *value);

/* The relay is this machine: "127.0.0.1[127.0.0.1]:10024", "[127.0.0.1] [127.0.0.1]". */
bool maillog_is_loopback(struct slice relay);

/* The name of a transport that hands mail to a filter, which gives it back under another queue id.
 */
bool maillog_is_filter(struct slice transport);

/* "ID: DSN-ID: sender notify: Cannot send message for 5 days": Sendmail's only word of an expiry.
 */
bool maillog_read_sendmail_expired(struct slice line, struct maillog_event *event);

/* Without regard to case. */
bool maillog_contains(struct slice text, const char *words);

/* The first enhanced status code, or else the empty slice: of formats without a field for it. */
struct slice maillog_find_status(struct slice text);

bool maillog_read_postfix(struct slice line, struct maillog_event *event);
bool maillog_read_exim(struct slice line, struct maillog_event *event);
bool maillog_read_sendmail(struct slice line, struct maillog_event *event);
bool maillog_read_opensmtpd(struct slice line, struct maillog_event *event);

#endif
