/*
 * Scripts: the dialogues that the test server plays, read into rules and settings.
 *
 * README.md in this folder is the manual of the language. In ABNF (RFC 5234; words are separated by
 * blanks, a line that begins with "#" or ";" is a comment):
 *
 *     line      = [place] statement / section / INDENT action
 *     section   = ["@" listener *("," listener)] ["[" *word "]"]
 *     place     = section                               ; both for this line alone
 *     statement = greeting / rule / table / setting
 *     greeting  = DIGIT *CHAR                           ; one line of the greeting, as it is sent
 *     rule      = "on" step [action]
 *     table     = ("mail" / "rcpt") pattern action
 *     setting   = word [value]
 *     action    = DIGIT *CHAR                           ; a line of a reply
 *               / "reply" text / "send" text / "repeat" number text / "endless" text
 *               / "garbage" number / "alert" number / "wait" ms / "chunk" number [ms]
 *               / "default" / "close" / "cut" / "reset" / "half-close" / "silent" / "stay"
 *               / "keep-input"
 */
#ifndef TESTS_FAKE_SMTP_SCRIPT_H
#define TESTS_FAKE_SMTP_SCRIPT_H

#include "condition.h"
#include "listener.h"
#include "step.h"
#include "tally.h"

#define SCRIPT_OCTETS_MAX (16U << 20)
#define SCRIPT_MESSAGE_SIZE 512

enum action_kind {
    ACTION_DEFAULT, /* what a sane server says and does */
    ACTION_REPLY,   /* the text and CRLF */
    ACTION_SEND,    /* the text */
    ACTION_REPEAT,  /* the text, `number` times */
    ACTION_ENDLESS,
    ACTION_GARBAGE, /* `number` octets without sense, the same every time */
    ACTION_ALERT,   /* of TLS, in clear */
    ACTION_WAIT,
    ACTION_CHUNK,
    ACTION_CLOSE,
    ACTION_CUT, /* without close_notify */
    ACTION_RESET,
    ACTION_HALF_CLOSE,
    ACTION_SILENT,     /* reads on and says nothing */
    ACTION_STAY,       /* none of what the reply would lead to */
    ACTION_KEEP_INPUT, /* what came in clear before a handshake counts behind it */
};

struct action {
    enum action_kind kind;
    uint64_t number;
    uint64_t pause; /* of chunk, milliseconds */
    struct slice text;
};

struct rule {
    uint64_t listeners; /* one bit each */
    bool has_address;
    struct condition condition;
    struct pace pace;
    enum step step;
    struct slice verb; /* of STEP_OTHER; empty: any that the server doesn't know */
    struct action *actions;
    size_t action_count;
    size_t action_capacity;
};

enum setting_kind {
    SETTING_NAME,     /* of the server */
    SETTING_OFFER,    /* a line of the reply to EHLO */
    SETTING_WITHHOLD, /* a keyword that isn't in it */
    SETTING_DOMAIN,   /* that the server takes mail for */
    SETTING_MAILBOX,  /* pattern of local parts */
    SETTING_LMTP,     /* speaks LMTP, RFC 2033 */
    SETTING_CHUNK,    /* pace of everything */
    SETTING_PROXY,    /* expects a header of the PROXY protocol */
    SETTING_REFUSED,  /* of a listener as a whole */
    SETTING_UNREACHABLE,
    SETTING_IMPLICIT_TLS,
    SETTING_CERTIFICATE, /* the first of what makes a TLS context */
    SETTING_OCSP,
    SETTING_VERSIONS,
    SETTING_CIPHERS,
    SETTING_CIPHERSUITES,
    SETTING_GROUPS,
    SETTING_SIGNATURES,
    SETTING_WEAK_DH, /* a group of 1024 bits */
    SETTING_CLIENT_CERTIFICATE,
    SETTING_NO_EMS,     /* no extended master secret, RFC 7627 */
    SETTING_EARLY_DATA, /* tickets allow 0-RTT data, RFC 8446 4.6.1 */
    SETTING_KINDS,
};

#define SETTING_TLS_FIRST SETTING_CERTIFICATE
#define SETTING_TLS_COUNT (SETTING_KINDS - SETTING_TLS_FIRST)

struct setting {
    uint64_t listeners;
    bool has_address;
    struct condition condition;
    enum setting_kind kind;
    struct slice value;
    uint64_t number, pause; /* of chunk */
    size_t line;
};

struct script {
    struct listener *listeners; /* the caller's */
    size_t listener_count;
    const char *file; /* the caller's */
    struct rule *rules;
    size_t rule_count, rule_capacity;
    struct setting *settings;
    size_t setting_count, setting_capacity;
    struct tally tally;
};

/* An empty script: a sane server. At most LISTENER_MAX listeners. */
void script_init(struct script *script, struct listener *listeners, size_t listener_count);
void script_release(struct script *script);

/* Reads a whole script, and sets the listeners' states. `text` must outlive the script. False with
 * `file:line: reason` in `message`; the script is then only good for script_release. */
bool script_parse(struct script *script, const char *file, struct slice text,
                  char message[static SCRIPT_MESSAGE_SIZE]);

/* The rule for a step: those with an address before those without, then the first in the script.
 * Counts for `first`, `after` and `within`: ask once for each event. NULL: none. `verb` is that of
 * a STEP_OTHER, `session` tells the connections apart. */
const struct rule *script_rule(struct script *script, enum step step, struct slice verb,
                               const struct facts *facts, uint64_t session, int64_t now);

/* The setting that holds, in the same order; NULL: none. */
const struct setting *script_setting(const struct script *script, enum setting_kind kind,
                                     const struct facts *facts);

/* All settings that hold, one after the other in the script's order: start with *at = 0. */
const struct setting *script_next_setting(const struct script *script, enum setting_kind kind,
                                          const struct facts *facts, size_t *at);

#endif
