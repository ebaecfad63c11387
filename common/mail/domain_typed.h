/*
 * The name of a domain as people type it, or paste it: into a check of a mail domain get URLs, mail
 * addresses, hosts with a port. All of these can be asked for in DNS, which knows nothing of them,
 * and a check would say of them that they lack what it looks for.
 */
#ifndef COMMON_MAIL_DOMAIN_TYPED_H
#define COMMON_MAIL_DOMAIN_TYPED_H

#include "mail/domain.h"

#define DOMAIN_TYPED_MESSAGE_SIZE 384

/* The normal form of `text` in `name`, by domain_to_ascii, and NULL; or, "" in `name` and what was
 * expected, such as "a domain name, no URL", in `message`. Letters, digits, hyphens, underscores
 * and the asterisk are taken, and what IDNA makes of other letters; a last label of digits alone is
 * not (RFC 1123 2.1). */
const char *domain_typed(struct slice text, char name[static DOMAIN_TEXT_SIZE],
                         char message[static DOMAIN_TYPED_MESSAGE_SIZE]);

#endif
