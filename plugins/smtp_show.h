/*
 * SMTP sessions for people and for JSON: what every plugin that speaks SMTP prints of its
 * conversations, in one form.
 */
#ifndef PLUGINS_SMTP_SHOW_H
#define PLUGINS_SMTP_SHOW_H

#include "net/smtp.h"
#include "report/report.h"
#include "smtp_targets.h"

/* The name of a verb as a stage, in perfdata (time_NAME), options (--time NAME=...) and JSON:
 * "connect", "banner", "tls", "ehlo", "mail" ... */
const char *smtp_show_stage(enum smtp_verb verb);

/* The member of "conversations": address, port, stages (name, ms), greeting, banner_name,
 * extensions, ptr (null here: a plugin that knows sets it), transcript (verb, code, enhanced, text,
 * ms, tls). `target` is "192.0.2.1:25" or "unix:/path". Stages are what took place, in order.
 * `greeting` and `banner_name` are null without a whole greeting; code is 0 and text what came
 * where there was no whole reply; `outcome` of the transcript says how it ended: answered, silent,
 * malformed, ended, not-sent. */
json_t *smtp_show_json(struct report *report, const struct smtp_session *session,
                       const char *target);

/* The transcript as details under -v, one line an entry with its time: what we said, what came.
 * With verbosity 2 each line of a reply stands on a line of its own. */
void smtp_show_transcript(struct report *report, const struct smtp_session *session,
                          const char *target, int verbosity);

/* The entry with which the dialogue did not go as it should: one without an answer, else the first
 * refusal that ended it (greeting, EHLO and HELO, a required step, 421 anywhere). NULL: none. */
const struct smtp_entry *smtp_show_culprit(const struct smtp_session *session);

/* A refusal of EHLO or HELO that is about the name that --ehlo gave: 501 and 504 (RFC 5321 4.2.2).
 * It is ours, not the server's. */
bool smtp_show_is_own_name(const struct smtp_options *options, const struct smtp_entry *entry);

/* What to say when the server answers the PROXY header of ours with an error, so that each reply is
 * one to what was said before: it expects none. NULL: it does not seem so. Seen by an EHLO that is
 * refused, or an error out of turn. */
const char *smtp_show_own_header(struct report *report, const struct smtp_session *session);

/* What went wrong with that entry, in words for a first line: "connection refused", "no greeting
 * within 10 s", "554 5.7.1 go away", "the connection was closed while the reply to EHLO was
 * awaited". Lives in the report's arena. NULL session or none failed: "". A session that was not
 * begun: "not asked in time". */
const char *smtp_show_failure(struct report *report, const struct smtp_session *session);

/* What the server said: "250 mail.test at your service", lines joined by a blank, at most 200
 * octets, NUL as \x00. "" for nothing. Lives in the report's arena. */
const char *smtp_show_reply(struct report *report, const struct smtp_entry *entry);
/* The same of any octets. */
const char *smtp_show_text(struct report *report, struct slice text);

/* Seconds of that stage, the last one of that verb; NAN when it did not take place or was not
 * answered. */
double smtp_show_seconds(const struct smtp_session *session, enum smtp_verb verb);

#endif
