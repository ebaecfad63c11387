#include "step.h"

static const char *const names[] = {
    [STEP_ACCEPT] = "accept",   [STEP_HANDSHAKE] = "handshake", [STEP_TLS] = "tls",
    [STEP_CONNECT] = "connect", [STEP_MESSAGE] = "message",     [STEP_EHLO] = "EHLO",
    [STEP_HELO] = "HELO",       [STEP_LHLO] = "LHLO",           [STEP_STARTTLS] = "STARTTLS",
    [STEP_AUTH] = "AUTH",       [STEP_MAIL] = "MAIL",           [STEP_RCPT] = "RCPT",
    [STEP_DATA] = "DATA",       [STEP_RSET] = "RSET",           [STEP_NOOP] = "NOOP",
    [STEP_VRFY] = "VRFY",       [STEP_EXPN] = "EXPN",           [STEP_HELP] = "HELP",
    [STEP_QUIT] = "QUIT",       [STEP_OTHER] = "other",         [STEP_ANY] = "any",
};

const char *step_name(enum step step)
{
    return names[step];
}

enum step step_of_verb(struct slice verb)
{
    for (enum step step = STEP_EHLO; step < STEP_OTHER; step++) {
        if (slice_equals_text_ignoring_case(verb, names[step]))
            return step;
    }
    return STEP_OTHER;
}

static bool is_verb(struct slice word)
{
    for (size_t i = 0; i < word.length; i++) {
        char c = word.start[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return word.length > 0;
}

bool step_parse(struct slice word, enum step *step, struct slice *verb)
{
    *verb = SLICE_LITERAL("");
    for (enum step event = STEP_ACCEPT; event <= STEP_ANY; event++) {
        if (!(step_is_command(event) && event != STEP_OTHER) &&
            slice_equals_text(word, names[event])) {
            *step = event;
            return true;
        }
    }
    *step = step_of_verb(word);
    if (*step != STEP_OTHER)
        return true;
    *verb = word;
    return is_verb(word);
}
