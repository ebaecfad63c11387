/*
 * Text of bounces: line ends, HTML, quoting, addresses in running text.
 */
#ifndef COMMON_MAIL_BOUNCE_TEXT_H
#define COMMON_MAIL_BOUNCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

/* The same text with LF at line ends: from CRLF, CR CRLF and bare CR; NUL becomes a blank. Not
 * copied when there is nothing to change. */
struct slice bounce_text_normalize(struct arena *arena, struct slice text);

/* The text of an HTML page: tags gone, lines where blocks begin and end, the usual entities as
 * characters. What stands in <style>, <script> and <title> goes, too. */
struct slice bounce_text_of_html(struct arena *arena, struct slice html);

/* The text without "> " and "| " before its lines, when most lines have them; else as it is. */
struct slice bounce_text_unquote(struct arena *arena, struct slice text);

#define BOUNCE_ADDRESS_MAX 320

/* The first address in the text: local part, "@", domain (ASCII or UTF-8); a quoted local part is
 * taken as it is. *offset is where to begin, and behind the address afterwards. False: none. An
 * address that is part of a URL or a Message-ID in "<...>" behind "id" is not passed over here. */
bool bounce_address_find(struct slice text, size_t *offset, struct slice *address);

/* Whether the text is an address and nothing else. */
bool bounce_address_is(struct slice text);

/* A name that only looks like an address: a path, a pipe, a host without a dot and with "_". */
bool bounce_address_is_pseudo(struct slice address);

/* Where a text stands in another in any case (ASCII), from an offset; text.length: nowhere. */
size_t bounce_text_find(struct slice text, size_t from, const char *words);
bool bounce_text_has(struct slice text, const char *words);
/* Whether it has one of the words of the list, which ends with NULL. */
bool bounce_text_has_any(struct slice text, const char *const *words);

#endif
