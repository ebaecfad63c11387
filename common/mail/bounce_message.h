/*
 * A message that came to the sender of mail: is it a bounce, for whom, and with what words?
 *
 * The kind is told first, and by what the message holds, not by who sent it. Reports are read by
 * RFC 3464, RFC 6533 (internationalized), RFC 5965 (complaints) and RFC 3834 (automatic answers);
 * where there is no report, the wordings of mail systems are known by a table (bounce_format.h).
 * Nothing is better than a guess: a message that is no known bounce has no recipients.
 */
#ifndef COMMON_MAIL_BOUNCE_MESSAGE_H
#define COMMON_MAIL_BOUNCE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/bounce_reply.h"

enum bounce_kind {
    BOUNCE_KIND_NONE, /* not about a delivery */
    BOUNCE_KIND_FAILURE,
    BOUNCE_KIND_DELAYED, /* will be tried again */
    BOUNCE_KIND_DELIVERED,
    BOUNCE_KIND_COMPLAINT, /* a recipient called it spam: RFC 5965 */
    BOUNCE_KIND_AUTO_REPLY,
    BOUNCE_KIND_CHALLENGE, /* asks the sender to confirm that he is one */
    BOUNCE_KIND_BOGUS,     /* spam or a virus dressed as a bounce */
};

/* "failure", "not-bounce": as in JSON. */
const char *bounce_kind_name(enum bounce_kind kind);

/* What is read of a message at most, and how many recipients. */
#define BOUNCE_MESSAGE_MAX (1024 * 1024)
#define BOUNCE_RECIPIENTS_MAX 1000

struct bounce_recipient {
    struct slice address;  /* to report: the original recipient where it is one, else the final */
    struct slice original; /* as the report has them, without the type; may be empty */
    struct slice final;
    struct bounce_reply reply; /* words, codes, and the host that said them */
};

struct bounce_message {
    enum bounce_kind kind;
    const char *format; /* "rfc3464", "qmail", "auto-submitted": what told the kind; never NULL */
    struct bounce_recipient *recipients;
    size_t count;
    bool has_more; /* than BOUNCE_RECIPIENTS_MAX: they are left off */
};

/* Reads a message. Line ends may be LF, CRLF or CR; a "From " line before it is passed over. What
 * is behind BOUNCE_MESSAGE_MAX octets is not looked at. Slices point into the message or the arena.
 */
struct bounce_formats; /* bounce_formats_new() in bounce_format.h, once in a program */
void bounce_message_read(const struct bounce_formats *formats, struct arena *arena,
                         struct slice message, struct bounce_message *bounce);

#endif
