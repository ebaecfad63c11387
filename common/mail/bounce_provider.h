/*
 * Whom a recipient's mail is kept by: the name that rates and limits are counted under.
 *
 * Named by the relay where its host belongs to a known provider ("*.google.com" is gmail.com), so
 * that hosted domains count for their host; else by the domain of the recipient where it is one
 * of a provider's (googlemail.com, hotmail.fr); else it is that domain itself.
 */
#ifndef COMMON_MAIL_BOUNCE_PROVIDER_H
#define COMMON_MAIL_BOUNCE_PROVIDER_H

#include "base/slice.h"

/* The provider that a host belongs to, or NULL. Case and a final dot don't matter. */
const char *bounce_provider_of_host(struct slice host);

/* The provider that a domain of recipients belongs to, or NULL. */
const char *bounce_provider_of_domain(struct slice domain);

/* Both, and else the domain of `recipient` as it is written. `host` may be empty. Empty when there
 * is neither: "unknown" is for the caller to say. */
struct slice bounce_provider(struct slice host, struct slice recipient);

#endif
