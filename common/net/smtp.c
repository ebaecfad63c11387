#include "net/smtp.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/smtp_dialogue.h"

#define AT_ONCE 64

struct smtp {
    struct smtp_shared shared;
    struct smtp_dialogue **waiting; /* in order of smtp_add */
    size_t waiting_count, waiting_capacity;
    struct smtp_dialogue **playing;
    size_t playing_count, playing_capacity;
};

struct smtp *smtp_open(struct loop *loop, const struct smtp_settings *settings)
{
    struct smtp *smtp = memory_new(1, sizeof *smtp);
    smtp->shared.loop = loop;
    smtp->shared.settings = *settings;
    if (smtp->shared.settings.at_once == 0) {
        smtp->shared.settings.at_once = AT_ONCE;
    }
    if (smtp->shared.settings.per_address == 0) {
        smtp->shared.settings.per_address = 1;
    }
    return smtp;
}

void smtp_close(struct smtp *smtp)
{
    if (smtp == NULL) {
        return;
    }
    for (size_t i = 0; i < smtp->waiting_count; i++) {
        smtp_dialogue_free(smtp->waiting[i]);
    }
    for (size_t i = 0; i < smtp->playing_count; i++) {
        smtp_dialogue_free(smtp->playing[i]);
    }
    tls_context_free(smtp->shared.tls);
    free(smtp->waiting);
    free(smtp->playing);
    free(smtp);
}

struct smtp_session *smtp_add(struct smtp *smtp, struct arena *arena,
                              const struct smtp_request *request)
{
    struct smtp_dialogue *dialogue = smtp_dialogue_new(&smtp->shared, arena, request);
    smtp->waiting = memory_grow(smtp->waiting, &smtp->waiting_capacity, smtp->waiting_count + 1,
                                sizeof(struct smtp_dialogue *));
    smtp->waiting[smtp->waiting_count++] = dialogue;
    return smtp_dialogue_session(dialogue);
}

static bool same_peer(struct smtp_dialogue *a, struct smtp_dialogue *b)
{
    const struct stream_target *first = &smtp_dialogue_session(a)->request->target;
    const struct stream_target *second = &smtp_dialogue_session(b)->request->target;
    if (first->path != NULL || second->path != NULL) {
        return first->path != NULL && second->path != NULL &&
               strcmp(first->path, second->path) == 0;
    }
    return ip_equal(&first->endpoint.address, &second->endpoint.address);
}

static bool may_start(const struct smtp *smtp, struct smtp_dialogue *dialogue)
{
    unsigned same = 0;
    for (size_t i = 0; i < smtp->playing_count; i++) {
        same += same_peer(smtp->playing[i], dialogue);
    }
    return smtp->playing_count < smtp->shared.settings.at_once &&
           same < smtp->shared.settings.per_address;
}

static void start_waiting(struct smtp *smtp)
{
    size_t kept = 0;
    for (size_t i = 0; i < smtp->waiting_count; i++) {
        struct smtp_dialogue *dialogue = smtp->waiting[i];
        if (!may_start(smtp, dialogue)) {
            smtp->waiting[kept++] = dialogue;
            continue;
        }
        smtp->playing = memory_grow(smtp->playing, &smtp->playing_capacity, smtp->playing_count + 1,
                                    sizeof(struct smtp_dialogue *));
        smtp->playing[smtp->playing_count++] = dialogue;
        smtp_dialogue_start(dialogue);
    }
    smtp->waiting_count = kept;
}

/* Frees what is over. True when there was some. */
static bool sweep(struct smtp *smtp)
{
    size_t kept = 0;
    for (size_t i = 0; i < smtp->playing_count; i++) {
        if (smtp_dialogue_is_over(smtp->playing[i])) {
            smtp_dialogue_free(smtp->playing[i]);
        } else {
            smtp->playing[kept++] = smtp->playing[i];
        }
    }
    bool was_some = kept < smtp->playing_count;
    smtp->playing_count = kept;
    return was_some;
}

static struct deadline earliest(const struct smtp *smtp)
{
    struct deadline until = smtp->shared.deadline;
    for (size_t i = 0; i < smtp->playing_count; i++) {
        struct deadline stage = smtp_dialogue_deadline(smtp->playing[i]);
        until = stage.at < until.at ? stage : until;
    }
    return until;
}

static void expire_due(struct smtp *smtp)
{
    for (size_t i = 0; i < smtp->playing_count; i++) {
        if (!smtp_dialogue_is_over(smtp->playing[i]) &&
            deadline_left(smtp_dialogue_deadline(smtp->playing[i])) == 0) {
            smtp_dialogue_expire(smtp->playing[i]);
        }
    }
}

bool smtp_run(struct smtp *smtp, struct deadline deadline)
{
    smtp->shared.deadline = deadline;
    while (deadline_left(deadline) > 0) {
        start_waiting(smtp);
        if (sweep(smtp)) {
            continue;
        }
        if (smtp->playing_count == 0) {
            return true;
        }
        loop_once(smtp->shared.loop, earliest(smtp));
        expire_due(smtp);
        sweep(smtp);
    }
    expire_due(smtp);
    sweep(smtp);
    return smtp->playing_count == 0 && smtp->waiting_count == 0;
}

const struct smtp_entry *smtp_session_find(const struct smtp_session *session, enum smtp_verb verb)
{
    for (size_t i = session->entry_count; i-- > 0;) {
        if (session->entries[i].verb == verb) {
            return &session->entries[i];
        }
    }
    return NULL;
}

const struct smtp_entry *smtp_session_step(const struct smtp_session *session, size_t step)
{
    for (size_t i = 0; i < session->entry_count; i++) {
        if (session->entries[i].step == step) {
            return &session->entries[i];
        }
    }
    return NULL;
}

const struct smtp_entry *smtp_session_failed(const struct smtp_session *session)
{
    for (size_t i = 0; i < session->entry_count; i++) {
        const struct smtp_entry *entry = &session->entries[i];
        bool may_be_silent = entry->verb == SMTP_VERB_LISTEN && entry->outcome == SMTP_SILENT;
        if (entry->verb != SMTP_VERB_QUIT && entry->verb != SMTP_VERB_UNSOLICITED &&
            entry->outcome != SMTP_ANSWERED && entry->outcome != SMTP_BAD_ARGUMENT &&
            !may_be_silent) {
            return entry;
        }
    }
    return NULL;
}

bool smtp_session_is_greeted(const struct smtp_session *session)
{
    const struct smtp_entry *helo = smtp_session_find(session, SMTP_VERB_HELO);
    return session->ehlo != NULL || session->ehlo_tls != NULL ||
           (helo != NULL && helo->code / 100 == 2);
}
