/*
 * Notices in JSON that sending services mail: Amazon SES by way of SNS, as text of its own or
 * within a string of another object.
 */
#ifndef COMMON_MAIL_BOUNCE_NOTICE_H
#define COMMON_MAIL_BOUNCE_NOTICE_H

#include "mail/bounce_builder.h"

/* True: it is such a notice; the kind is told and the recipients are added. */
bool bounce_notice_read(struct bounce_builder *builder);

#endif
