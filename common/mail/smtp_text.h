/*
 * What the words of SMTP replies tell beyond their code: refusals that are about how often we come,
 * or about the command, and software that tells its version. Texts are those of mail/smtp_reply.h:
 * lines joined by LF. Pure.
 */
#ifndef COMMON_MAIL_SMTP_TEXT_H
#define COMMON_MAIL_SMTP_TEXT_H

#include <stdbool.h>

#include "base/slice.h"

/* A 4xx reply with this text is about too many connections, commands or errors of ours, in the
 * words of Postfix, Exim, Sendmail, OpenSMTPD, Exchange, Courier: the server works and does not
 * want us now. Exim says such words with 550, too. */
bool smtp_text_is_rate_limit(struct slice text);

/* A refusal with this text is about the host that asks, a listed or unnamed address, its HELO: it
 * says nothing of how others are served. */
bool smtp_text_is_about_client(struct slice text);

/* A refusal with this text is about relaying. */
bool smtp_text_is_about_relaying(struct slice text);

/* A refusal with this text is about the command, which is forbidden here, in the words of Exim
 * ("Administrative prohibition"), Postfix ("command is disabled"), OpenSMTPD and others: it tells
 * nothing of what was asked for. */
bool smtp_text_is_prohibition(struct slice text);

/* The software and its version, "Sendmail 8.17.1.9": a word, then a number with a dot in it that is
 * no address in brackets. Empty (length 0) when there is none. A view into `text`. */
struct slice smtp_text_version(struct slice text);

#endif
