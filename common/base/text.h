/*
 * Text: a growing buffer with a mandatory maximum.
 *
 * Appending past the maximum cuts and sets `truncated`; nothing fails and nothing overflows.
 * `start` is always NUL-terminated after text_init (a NUL may also stand inside, see
 * text_append_slice).
 */
#ifndef COMMON_BASE_TEXT_H
#define COMMON_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct text {
    char *start;
    size_t length;   /* without the final NUL */
    size_t capacity; /* octets allocated */
    size_t maximum;  /* most characters that `length` may reach */
    bool truncated;
};

void text_init(struct text *text, size_t maximum);
void text_release(struct text *text);
/* Empties the text and keeps its memory. */
void text_clear(struct text *text);
/* Cuts to at most `length` characters; longer than the text is no change. */
void text_cut(struct text *text, size_t length);

void text_append(struct text *text, const char *string);
void text_append_slice(struct text *text, struct slice slice);
void text_append_char(struct text *text, char character);
void text_append_repeat(struct text *text, char character, size_t count);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

struct slice text_slice(const struct text *text);

#endif
