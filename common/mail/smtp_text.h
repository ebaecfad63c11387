/*
 * What the words of SMTP replies tell beyond their code: refusals that are about how often we come,
 * and software that tells its version. Texts are those of mail/smtp_reply.h: lines joined by LF.
 * Pure.
 */
#ifndef COMMON_MAIL_SMTP_TEXT_H
#define COMMON_MAIL_SMTP_TEXT_H

#include <stdbool.h>

#include "base/slice.h"

/* A 4xx reply with this text is about too many connections or commands of ours, in the words of
 * Postfix, Exim, Sendmail, OpenSMTPD, Exchange, Courier: the server works and does not want us now.
 */
bool smtp_text_is_rate_limit(struct slice text);

/* The software and its version, "Sendmail 8.17.1.9": a word, then a number with a dot in it that is
 * no address in brackets. Empty (length 0) when there is none. A view into `text`. */
struct slice smtp_text_version(struct slice text);

#endif
