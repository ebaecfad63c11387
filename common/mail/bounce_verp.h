/*
 * Variable envelope return paths: the recipient that a mailing list wrote into the address to which
 * bounces go (cr.yp.to/proto/verp.txt).
 *
 *     list-bounces+ann=lab.test@lists.test     list-return-12-ann=lab.test@lists.test
 *     bounce-5899-1206-ann=lab.test@news.test  bounces+12-ab3f-ann=lab.test@news.test
 *     ann=lab.test@lists.test
 */
#ifndef COMMON_MAIL_BOUNCE_VERP_H
#define COMMON_MAIL_BOUNCE_VERP_H

#include "base/arena.h"
#include "base/slice.h"

/* The recipient in such an address; empty where there is none, or where it would be a guess. Other
 * rewritten addresses with "=" (SRS, BATV) hold none. */
struct slice bounce_verp_recipient(struct arena *arena, struct slice address);

#endif
