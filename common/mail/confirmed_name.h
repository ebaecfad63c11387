/*
 * The name of an address that leads back to it: PTR, then A or AAAA (RFC 8601 2.7.3, "iprev"). From
 * a store of answers, which notes what is still missing. Pure.
 */
#ifndef COMMON_MAIL_CONFIRMED_NAME_H
#define COMMON_MAIL_CONFIRMED_NAME_H

#include "mail/dns_answer.h"

/* Of more PTR records the rest is not looked at (RFC 8601 3). */
#define CONFIRMED_NAME_MAX 10

/* A host name of at least two labels. */
bool confirmed_name_is_full(const char *name);

/* The first full name that leads back to the address, in the memory of the store; NULL: there is
 * none, or it is not known (yet). */
const char *confirmed_name(struct dns_answers *answers, const struct ip_address *address);

#endif
