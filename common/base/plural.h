/*
 * Words that agree with a count: 1 mail was, 2 mails were, 0 mails were.
 *
 *     text_printf(&out, "%zu list%s", count, plural(count, "", "s"));
 */
#ifndef COMMON_BASE_PLURAL_H
#define COMMON_BASE_PLURAL_H

#include <stdint.h>

/* `one` for a count of 1, `many` for every other. */
const char *plural(uint64_t count, const char *one, const char *many);

#endif
