#include "session.h"

#include <string.h>

void session_init(struct session *session, const struct script *script, size_t listener)
{
    *session = (struct session){.script = script, .facts = {.listener = listener}};
    for (size_t i = 0; i < CONDITION_TEXTS; i++) {
        text_init(&session->buffers[i], SESSION_TEXT_MAX);
        session->facts.texts[i] = text_slice(&session->buffers[i]);
    }
}

void session_release(struct session *session)
{
    for (size_t i = 0; i < CONDITION_TEXTS; i++)
        text_release(&session->buffers[i]);
}

void session_set(struct session *session, enum condition_text which, struct slice value)
{
    struct text *buffer = &session->buffers[which];

    text_clear(buffer);
    text_append_slice(buffer, value);
    session->facts.texts[which] = text_slice(buffer);
}

static void end_transaction(struct session *session)
{
    session->has_sender = false;
    session->facts.recipients = 0;
}

static bool is_hello(enum step step)
{
    return step == STEP_EHLO || step == STEP_HELO || step == STEP_LHLO;
}

void session_take(struct session *session, const struct command *command)
{
    session_set(session, CONDITION_ARGUMENT, command->argument);
    if (is_hello(command->step))
        session_set(session, CONDITION_HELO, command->argument);
    else if (command->step == STEP_MAIL)
        session_set(session, CONDITION_SENDER, command->path);
    else if (command->step == STEP_RCPT)
        session_set(session, CONDITION_TO, command->path);
}

void session_answered(struct session *session, const struct command *command, unsigned code)
{
    bool good = code / 100 == 2;

    session->facts.errors += code / 100 == 4 || code / 100 == 5;
    session->authenticating = command->step == STEP_AUTH && code / 100 == 3;
    if (command->step == STEP_CONNECT) {
        session->refused = !good;
    } else if (is_hello(command->step) && good) {
        session->greeted = true;
        end_transaction(session);
    } else if (command->step == STEP_MAIL && good) {
        end_transaction(session);
        session->has_sender = true;
    } else if (command->step == STEP_RCPT && good) {
        session->facts.recipients++;
    } else if (command->step == STEP_DATA && code / 100 == 3) {
        session->in_message = true;
    } else if (command->step == STEP_MESSAGE || (command->step == STEP_RSET && good)) {
        end_transaction(session);
    }
}

void session_forget(struct session *session)
{
    end_transaction(session);
    session->greeted = false;
    session->authenticating = false;
    session_set(session, CONDITION_HELO, SLICE_LITERAL(""));
    session_set(session, CONDITION_SENDER, SLICE_LITERAL(""));
    session_set(session, CONDITION_TO, SLICE_LITERAL(""));
}
