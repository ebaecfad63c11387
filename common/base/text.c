#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FIRST_SIZE 64

void text_init(struct text *text, size_t maximum)
{
    /* The final NUL must be countable too. */
    *text = (struct text){.maximum = maximum < SIZE_MAX ? maximum : SIZE_MAX - 1};
    text->capacity = text->maximum < FIRST_SIZE ? text->maximum + 1 : FIRST_SIZE;
    text->start = memory_new(text->capacity, 1);
}

void text_release(struct text *text)
{
    free(text->start);
    *text = (struct text){0};
}

void text_clear(struct text *text)
{
    text_cut(text, 0);
    text->truncated = false;
}

void text_cut(struct text *text, size_t length)
{
    if (length < text->length) {
        text->length = length;
        text->start[length] = '\0';
    }
}

/* Makes room for `length` more characters and a NUL. Returns how many of them fit under the
 * maximum. */
static size_t reserve(struct text *text, size_t length)
{
    if (length > text->maximum - text->length) {
        length = text->maximum - text->length;
        text->truncated = true;
    }
    if (length > 0)
        text->start =
            memory_grow(text->start, &text->capacity, text->length + length + 1, sizeof(char));
    return length;
}

void text_append(struct text *text, const char *string)
{
    text_append_slice(text, slice_of(string));
}

void text_append_slice(struct text *text, struct slice slice)
{
    size_t length = reserve(text, slice.length);

    if (length == 0)
        return;
    memcpy(text->start + text->length, slice.start, length);
    text->length += length;
    text->start[text->length] = '\0';
}

void text_append_char(struct text *text, char character)
{
    text_append_slice(text, slice_new(&character, 1));
}

void text_append_repeat(struct text *text, char character, size_t count)
{
    size_t length = reserve(text, count);

    if (length == 0)
        return;
    memset(text->start + text->length, character, length);
    text->length += length;
    text->start[text->length] = '\0';
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    text_vprintf(text, format, arguments);
    va_end(arguments);
}

void text_vprintf(struct text *text, const char *format, va_list arguments)
{
    va_list again;

    va_copy(again, arguments);
    int need = vsnprintf(NULL, 0, format, again);
    va_end(again);
    /* Longer than INT_MAX, or a wide character that has no encoding: nothing of it is known. */
    if (need < 0)
        text->truncated = true;
    if (need <= 0)
        return;

    size_t length = reserve(text, (size_t)need);

    if (length == 0)
        return;
    vsnprintf(text->start + text->length, length + 1, format, arguments);
    text->length += length;
}

struct slice text_slice(const struct text *text)
{
    return slice_new(text->start, text->length);
}
