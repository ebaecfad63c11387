/*
 * The steps of an SMTP dialogue as data: verbs with their RFC sections, and commands as they go to
 * the wire. RFC 5321 4.1.1, 4.5.3.2; RFC 3207 4; RFC 2033 4.1 (LMTP).
 *
 * There is no step that sends a message. The table has no BDAT, and an argument cannot end its
 * line. DATA is there for one purpose, to see whether it is refused: anything but 4xx or 5xx to it,
 * 354 foremost, makes the engine close the connection at once, without another octet, which cancels
 * the transaction (RFC 5321 4.1.1.10). Pure.
 */
#ifndef COMMON_NET_SMTP_STEP_H
#define COMMON_NET_SMTP_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum smtp_verb {
    /* What happens without a command, by itself. */
    SMTP_VERB_CONNECT,
    SMTP_VERB_GREETING,
    SMTP_VERB_HANDSHAKE,
    SMTP_VERB_UNSOLICITED, /* the server spoke out of turn, before the next command */
    /* What a script may contain. */
    SMTP_VERB_EHLO, /* LHLO for LMTP */
    SMTP_VERB_HELO,
    SMTP_VERB_STARTTLS,
    SMTP_VERB_LISTEN, /* sends nothing and waits for a reply; silence is as it should be */
    SMTP_VERB_MAIL,
    SMTP_VERB_RCPT,
    SMTP_VERB_DATA, /* never followed by content: see above */
    SMTP_VERB_RSET,
    SMTP_VERB_VRFY,
    SMTP_VERB_EXPN,
    SMTP_VERB_HELP,
    SMTP_VERB_NOOP,
    SMTP_VERB_XCLIENT, /* of Postfix and others: to be taken for another client */
    SMTP_VERB_XFORWARD,
    SMTP_VERB_QUIT, /* by itself at the end */
    SMTP_VERBS,
};

/* "greeting", "EHLO" ... */
const char *smtp_verb_name(enum smtp_verb verb);
/* "RFC 5321 4.1.1.1" */
const char *smtp_verb_section(enum smtp_verb verb);
/* The longest that a reply is waited for unless the settings say otherwise, in microseconds. A
 * monitor does not wait the minutes of RFC 5321 4.5.3.2. */
int64_t smtp_verb_budget(enum smtp_verb verb);

enum smtp_step_flag {
    SMTP_STEP_REQUIRED = 1,   /* anything but 2xx: the dialogue goes on with QUIT */
    SMTP_STEP_IF_OFFERED = 2, /* left out unless EHLO offered `keyword` */
    SMTP_STEP_IF_TLS = 4,     /* left out in the clear */
    SMTP_STEP_IF_MAIL = 8,    /* left out unless the last MAIL was accepted */
    /* STARTTLS with NOOP behind it in one segment: a server that answers the NOOP under TLS took a
     * command from the clear (RFC 3207 6, CVE-2011-0411). For a connection of its own. */
    SMTP_STEP_INJECT = 16,
    SMTP_STEP_IF_RCPT = 32,     /* left out unless the last RCPT, or XCLIENT, was accepted */
    SMTP_STEP_UNLESS_MAIL = 64, /* left out while a MAIL that was accepted holds */
};

struct smtp_step {
    enum smtp_verb verb;
    const char *argument; /* behind the verb: "<>" for MAIL FROM, "NAME" for VRFY; NULL: none. EHLO
                             and HELO without one say the request's name */
    const char *keyword;
    unsigned flags;
    int64_t budget_us; /* 0: the settings', or the verb's */
};

/* Octets of a command with CRLF, RFC 5321 4.5.3.1.4. */
#define SMTP_COMMAND_MAX 512

/* Writes the command without CRLF, at most SMTP_COMMAND_MAX - 2 octets. False when it must not go
 * to the wire: a control character in the argument (CR and LF foremost), too long, an argument
 * missing or one too many. `text` is then empty. */
bool smtp_step_print(enum smtp_verb verb, const char *argument, bool lmtp, struct text *text);

#endif
