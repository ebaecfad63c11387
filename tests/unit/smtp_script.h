/*
 * Dialogues of net/smtp.h as text, for tests.
 *
 * Steps are words: the verb (smtp_verb_name), marks, "=" and the argument. Marks: "!" required, "?"
 * if offered (the verb is the keyword), "@" if under TLS, "*" if MAIL was accepted, "%" with NOOP
 * injected, "&" if RCPT was accepted, "+" unless a MAIL holds. "EHLO STARTTLS? EHLO@ MAIL=<>
 * RCPT*=<postmaster>"
 *
 * Transcripts are words, too: the verb, "+" under TLS, ":CODE" or "=" and what happened. "connect
 * greeting:220 EHLO:250 QUIT=silent". "QUIT=unheard" is `quit_unheard`.
 */
#ifndef TESTS_UNIT_SMTP_SCRIPT_H
#define TESTS_UNIT_SMTP_SCRIPT_H

#include "base/arena.h"
#include "base/text.h"
#include "net/smtp.h"

#define SMTP_SCRIPT_STEPS 16

/* SIZE_MAX when a word is no step, or there are too many. */
size_t smtp_script_read(struct arena *arena, const char *text,
                        struct smtp_step steps[static SMTP_SCRIPT_STEPS]);

/* Replaces what is in `text`. */
void smtp_script_print(const struct smtp_session *session, struct text *text);

#endif
