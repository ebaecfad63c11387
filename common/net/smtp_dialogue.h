/*
 * One SMTP dialogue, for net/smtp.c alone, which plays many.
 */
#ifndef COMMON_NET_SMTP_DIALOGUE_H
#define COMMON_NET_SMTP_DIALOGUE_H

#include "net/smtp.h"

/* What dialogues share. */
struct smtp_shared {
    struct loop *loop;
    struct smtp_settings settings;
    struct tls_context *tls; /* made at the first handshake */
    char tls_error[128];     /* why it could not be made; "" */
    struct deadline deadline;
};

struct smtp_dialogue;

struct smtp_dialogue *smtp_dialogue_new(struct smtp_shared *shared, struct arena *arena,
                                        const struct smtp_request *request);
/* Cuts what still stands. */
void smtp_dialogue_free(struct smtp_dialogue *dialogue);

struct smtp_session *smtp_dialogue_session(struct smtp_dialogue *dialogue);

void smtp_dialogue_start(struct smtp_dialogue *dialogue);
bool smtp_dialogue_is_over(const struct smtp_dialogue *dialogue);
/* When to call smtp_dialogue_expire. */
struct deadline smtp_dialogue_deadline(const struct smtp_dialogue *dialogue);
/* The stage's time is up. */
void smtp_dialogue_expire(struct smtp_dialogue *dialogue);

#endif
