#include "net/smtp_step.h"

#define SECOND INT64_C(1000000)

enum argument {
    ARGUMENT_NONE,
    ARGUMENT_ALLOWED,
    ARGUMENT_NEEDED,
};

static const struct rule {
    const char *name;
    const char *command; /* NULL: none is sent */
    enum argument argument;
    const char *section;
    int64_t budget;
} RULES[SMTP_VERBS] = {
    [SMTP_VERB_CONNECT] = {"connect",     NULL,         ARGUMENT_NONE,    "RFC 5321 3.1",      10 * SECOND},
    [SMTP_VERB_GREETING] = {"greeting",    NULL,         ARGUMENT_NONE,    "RFC 5321 3.1",      60 * SECOND},
    [SMTP_VERB_HANDSHAKE] = {"handshake",   NULL,         ARGUMENT_NONE,    "RFC 3207 4",        10 * SECOND},
    [SMTP_VERB_UNSOLICITED] = {"unsolicited", NULL,         ARGUMENT_NONE,    "RFC 5321 3.1",      0          },
    [SMTP_VERB_EHLO] = {"EHLO",        "EHLO ",      ARGUMENT_NEEDED,  "RFC 5321 4.1.1.1",  20 * SECOND},
    [SMTP_VERB_HELO] = {"HELO",        "HELO ",      ARGUMENT_NEEDED,  "RFC 5321 4.1.1.1",  20 * SECOND},
    [SMTP_VERB_STARTTLS] = {"STARTTLS",    "STARTTLS",   ARGUMENT_NONE,    "RFC 3207 4",        10 * SECOND},
    [SMTP_VERB_LISTEN] = {"listen",      NULL,         ARGUMENT_NONE,    "RFC 3207 6",        SECOND     },
    [SMTP_VERB_MAIL] = {"MAIL",        "MAIL FROM:", ARGUMENT_NEEDED,  "RFC 5321 4.1.1.2",  20 * SECOND},
    [SMTP_VERB_RCPT] = {"RCPT",        "RCPT TO:",   ARGUMENT_NEEDED,  "RFC 5321 4.1.1.3",  20 * SECOND},
    [SMTP_VERB_DATA] = {"DATA",        "DATA",       ARGUMENT_NONE,    "RFC 5321 4.1.1.4",  20 * SECOND},
    [SMTP_VERB_RSET] = {"RSET",        "RSET",       ARGUMENT_NONE,    "RFC 5321 4.1.1.5",  10 * SECOND},
    [SMTP_VERB_VRFY] = {"VRFY",        "VRFY ",      ARGUMENT_NEEDED,  "RFC 5321 4.1.1.6",  20 * SECOND},
    [SMTP_VERB_EXPN] = {"EXPN",        "EXPN ",      ARGUMENT_NEEDED,  "RFC 5321 4.1.1.7",  20 * SECOND},
    [SMTP_VERB_HELP] = {"HELP",        "HELP",       ARGUMENT_ALLOWED, "RFC 5321 4.1.1.8",  10 * SECOND},
    [SMTP_VERB_NOOP] = {"NOOP",        "NOOP",       ARGUMENT_ALLOWED, "RFC 5321 4.1.1.9",  10 * SECOND},
    [SMTP_VERB_XCLIENT] = {"XCLIENT",     "XCLIENT ",   ARGUMENT_NEEDED,  "XCLIENT_README",    10 * SECOND},
    [SMTP_VERB_XFORWARD] = {"XFORWARD",    "XFORWARD ",  ARGUMENT_NEEDED,  "XFORWARD_README",
                           10 * SECOND                                                                    },
    [SMTP_VERB_QUIT] = {"QUIT",        "QUIT",       ARGUMENT_NONE,    "RFC 5321 4.1.1.10", 2 * SECOND },
};

const char *smtp_verb_name(enum smtp_verb verb)
{
    return RULES[verb].name;
}

const char *smtp_verb_section(enum smtp_verb verb)
{
    return RULES[verb].section;
}

int64_t smtp_verb_budget(enum smtp_verb verb)
{
    return RULES[verb].budget;
}

static bool may_be_sent(const char *argument)
{
    for (; *argument != '\0'; argument++) {
        unsigned char octet = (unsigned char)*argument;
        if (octet < 0x20 || octet == 0x7F) {
            return false;
        }
    }
    return true;
}

bool smtp_step_print(enum smtp_verb verb, const char *argument, bool lmtp, struct text *text)
{
    const struct rule *rule = &RULES[verb];
    bool has_argument = argument != NULL && argument[0] != '\0';
    text_clear(text);
    if (rule->command == NULL || (rule->argument == ARGUMENT_NEEDED && !has_argument) ||
        (rule->argument == ARGUMENT_NONE && has_argument) ||
        (has_argument && !may_be_sent(argument))) {
        return false;
    }
    text_append(text, lmtp && verb == SMTP_VERB_EHLO ? "LHLO " : rule->command);
    if (has_argument) {
        text_append(text, rule->argument == ARGUMENT_ALLOWED ? " " : "");
        text_append(text, argument);
    }
    if (text->truncated || text->length > SMTP_COMMAND_MAX - 2) {
        text_clear(text);
        return false;
    }
    return true;
}
