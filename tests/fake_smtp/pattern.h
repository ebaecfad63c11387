/*
 * Patterns of scripts: `*` stands for any characters, `?` for one, and a backslash takes away the
 * meaning of what follows. ASCII case is ignored.
 */
#ifndef TESTS_FAKE_SMTP_PATTERN_H
#define TESTS_FAKE_SMTP_PATTERN_H

#include "base/slice.h"

/* The pattern is for the whole text. */
bool pattern_fits(struct slice pattern, struct slice text);

#endif
