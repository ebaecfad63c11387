/*
 * Everything that came from outside passes here before it is printed.
 *
 * Text output: invalid UTF-8 (RFC 3629) and control characters (C0, DEL, C1, the line and paragraph
 * separators U+2028 and U+2029, and the bidirectional controls U+202A to U+202E, U+2066 to U+2069,
 * U+200E, U+200F, U+061C, which can reorder a line) become `\xHH` octet by octet;
 * `|` becomes `!`, `<` and `>` become `(` and `)`, because Nagios and Icinga read the first as
 * perfdata and web interfaces the others as HTML.
 */
#ifndef COMMON_REPORT_ESCAPE_H
#define COMMON_REPORT_ESCAPE_H

#include "base/arena.h"
#include "base/text.h"

/* Most octets of one value from the network in text output. */
#define ESCAPE_VALUE_MAX 200
/* Most octets of a label value of Prometheus: a domain name, escaped, fits. */
#define ESCAPE_LABEL_MAX 512

/* Appends the printable form; past `most` octets of output it is cut at a whole character or escape
 * and "..." follows. Reads no more of the value than it prints. */
void escape_text(struct text *out, struct slice value, size_t most);

/* The printable form of a value from the network, cut at ESCAPE_VALUE_MAX. */
const char *escape_value(struct arena *arena, struct slice value);

/* The octets as valid UTF-8 for JSON: invalid sequences and control characters other than tab and
 * newline become `\xHH` in the value; nothing else is replaced. Cut as above. */
const char *escape_utf8(struct arena *arena, struct slice value, size_t most);

/* Prometheus label value: backslash, quote and newline escaped (text exposition 0.0.4), after what
 * text output replaces octet by octet was replaced. Cut at ESCAPE_LABEL_MAX. */
void escape_prometheus(struct text *out, struct slice value);

#endif
