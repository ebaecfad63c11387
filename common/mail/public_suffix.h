/*
 * The public suffix list by libpsl: organizational domains as RFC 7489 3.2 wants them. In a module
 * of its own so that only programs that need the list carry it.
 */
#ifndef COMMON_MAIL_PUBLIC_SUFFIX_H
#define COMMON_MAIL_PUBLIC_SUFFIX_H

#include "mail/domain.h"

struct public_suffix;

/* The list that libpsl was built with. NULL when it was built without. */
const struct public_suffix *public_suffix_builtin(void);

/* A list from the text of a file (publicsuffix.org); NULL when it cannot be read. */
struct public_suffix *public_suffix_read(struct slice text);
void public_suffix_free(struct public_suffix *list);

/* The organizational domain of a name in normal form: one label more than its longest public
 * suffix, rules of both sections of the list; a name below no rule has its last label as suffix.
 * NULL when the name is itself a public suffix. A pointer into `name`. */
const char *public_suffix_organization(const struct public_suffix *list, const char *name);

#endif
