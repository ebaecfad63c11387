/*
 * SMTP replies, read piece by piece. RFC 5321 4.2 (grammar), 4.5.3.1.5 (length), RFC 2034 4 and RFC
 * 3463 2 (enhanced status codes).
 *
 * Strict and tolerant at once: what real servers send is read, and each departure from the grammar
 * is kept as a bit of `deviations`. What cannot be read as a reply (no three digits at the start of
 * a line, four of them, a line or a reply without end) is an error, which sticks.
 *
 *     smtp_reply_init(&reply);
 *     while ((status = smtp_reply_feed(&reply, &input)) == 0) input = more octets;
 *     ... the facts, valid until clear or release
 *     smtp_reply_clear(&reply);       the octets behind the reply are still in `input`
 *     smtp_reply_release(&reply);
 *
 * Pure. Memory is bounded by SMTP_REPLY_TEXT_MAX.
 */
#ifndef COMMON_MAIL_SMTP_REPLY_H
#define COMMON_MAIL_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "base/text.h"

/* Longest reply line with its code and CRLF that RFC 5321 4.5.3.1.5 allows; longer ones deviate. */
#define SMTP_REPLY_LINE_STANDARD 512
/* Octets of a line that are read before it counts as endless. */
#define SMTP_REPLY_LINE_MAX 8192
#define SMTP_REPLY_LINES_MAX 128
/* Octets of text that are kept; a reply that has more is an error. */
#define SMTP_REPLY_TEXT_MAX 32768

enum smtp_deviation {
    SMTP_BARE_LF = 1 << 0,         /* a line ends with LF alone (RFC 5321 2.3.8) */
    SMTP_BARE_CR = 1 << 1,         /* CR inside a line */
    SMTP_NUL = 1 << 2,             /* NUL inside a line */
    SMTP_CONTROL = 1 << 3,         /* another control character than HT (textstring, 4.2) */
    SMTP_EIGHT_BIT = 1 << 4,       /* an octet above 0x7F: fine only with SMTPUTF8 (RFC 6531 3.5) */
    SMTP_LONG_LINE = 1 << 5,       /* over SMTP_REPLY_LINE_STANDARD */
    SMTP_NO_SEPARATOR = 1 << 6,    /* text right behind the code: "250ok" */
    SMTP_CODE_CHANGES = 1 << 7,    /* lines of one reply have different codes (4.2.1) */
    SMTP_CODE_UNKNOWN = 1 << 8,    /* outside %x32-35 %x30-35 %x30-39 (4.2) */
    SMTP_STATUS_MISMATCH = 1 << 9, /* class of the enhanced code is not the code's (RFC 2034 4) */
    SMTP_STATUS_CHANGES = 1 << 10, /* lines have different enhanced codes (RFC 2034 4) */
};
#define SMTP_DEVIATION_COUNT 11

/* What the lowest bit set in `deviations` means: "a line ends with LF alone (RFC 5321 2.3.8)". */
const char *smtp_deviation_text(unsigned deviations);

enum smtp_reply_error {
    SMTP_REPLY_FINE = 0,
    SMTP_REPLY_NO_CODE,      /* a line does not start with three digits */
    SMTP_REPLY_LONG_CODE,    /* a fourth digit: "2200 garbage" */
    SMTP_REPLY_ENDLESS_LINE, /* over SMTP_REPLY_LINE_MAX */
    SMTP_REPLY_TOO_MANY_LINES,
    SMTP_REPLY_TOO_LONG, /* over SMTP_REPLY_TEXT_MAX */
};
const char *smtp_reply_error_text(enum smtp_reply_error error);

/* class 0: there is none. */
struct smtp_status {
    unsigned class; /* 2, 4 or 5 */
    unsigned subject, detail;
};
#define SMTP_STATUS_TEXT_SIZE 12

/* Reads an enhanced status code at the start of `text`, followed by a blank or the end. Returns the
 * octets that it takes, the blank included; 0 when there is none, and *status is zero. */
size_t smtp_status_parse(struct slice text, struct smtp_status *status);
/* "5.7.1", or "" for none. Returns `buffer`. */
const char *smtp_status_print(const struct smtp_status *status,
                              char buffer[static SMTP_STATUS_TEXT_SIZE]);

struct smtp_reply {
    unsigned code;       /* of the last line; 0 before the first was read */
    unsigned first_code; /* differs only with SMTP_CODE_CHANGES */
    struct smtp_status status;
    unsigned deviations;
    size_t line_count;
    struct text text; /* the lines without codes, enhanced codes left in, joined by LF. With an
                         error, the last one is the line as it came, cut at 512 octets. */
    enum smtp_reply_error error;
    /* The reader's own. */
    struct text line;
    size_t line_length; /* octets of the line so far, CRLF included */
    bool is_done;
};

void smtp_reply_init(struct smtp_reply *reply);
void smtp_reply_release(struct smtp_reply *reply);
/* Ready for the next reply, memory kept. */
void smtp_reply_clear(struct smtp_reply *reply);

/* Takes octets from the front of *input: 1 when the reply is complete (what is behind it stays in
 * *input), 0 when all were taken and it is not, -1 on an error. After 1 and -1 nothing more is
 * taken. */
int smtp_reply_feed(struct smtp_reply *reply, struct slice *input);

/* Something of a reply came, but not its end: what it was that a silent server said. */
bool smtp_reply_is_partial(const struct smtp_reply *reply);

/* The lines of `text`, the unfinished one too: start with `rest` = smtp_reply_lines(reply); see
 * slice_split(rest, '\n', ...). */
struct slice smtp_reply_lines(const struct smtp_reply *reply);

#endif
