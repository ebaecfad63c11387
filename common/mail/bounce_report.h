/*
 * Reports in fields: delivery status (RFC 3464, RFC 6533) and complaints (RFC 5965).
 */
#ifndef COMMON_MAIL_BOUNCE_REPORT_H
#define COMMON_MAIL_BOUNCE_REPORT_H

#include "mail/bounce_builder.h"

/* Looks for a delivery status: in the parts that are one, else in a text that holds its fields. On
 * true the kind is told and the recipients are added. False: there is none. */
bool bounce_report_read(struct bounce_builder *builder);

/* The same in messages that are attached: a bounce that somebody passed on. */
bool bounce_report_read_attached(struct bounce_builder *builder);

/* The same for a complaint: message/feedback-report, or the forms of those who send none. */
bool bounce_report_read_complaint(struct bounce_builder *builder);

/* The address in the value of a recipient field, "rfc822; joe@example.org" (RFC 3464 2.3.1), with
 * xtext (RFC 3461 4) and \x{NNNN} (RFC 6533 3) undone; empty when it holds none. */
struct slice bounce_report_address(struct arena *arena, struct slice value);

#endif
