/*
 * OpenDKIM's SigningTable: which key signs for whom. One row a line; "#" begins a comment.
 *
 *     PATTERN KEYNAME[:SIGNER]      KEYNAME "%" is the domain of whoever writes
 *
 * A pattern is an address, or a domain alone, in the form of a plain file ("user@example.org",
 * "example.org", "user@.example.org" and ".example.org" for all names below, "user@*", "*") or of a
 * "refile", with "*" for any characters. Here a row is for a domain when some address in it
 * matches: the local-part is not looked at. No I/O here. The slices point into the text.
 */
#ifndef COMMON_MAIL_SIGNING_TABLE_H
#define COMMON_MAIL_SIGNING_TABLE_H

#include "mail/key_table.h"

struct signing_table_row {
    struct slice pattern;  /* the domain part */
    struct slice key_name; /* never empty */
};

struct signing_table {
    struct signing_table_row *rows;
    size_t count;
    size_t bad_line; /* the first line that cannot be read, from 1; 0: there is none */
};

/* At most KEY_TABLE_ROWS_MAX rows. False, with bad_line set, at the first line that cannot be read,
 * and at the row that is one too many. */
bool signing_table_parse(struct arena *arena, struct slice text, struct signing_table *table);

/* Some address in the domain, which is in normal form, matches. */
bool signing_table_row_is_for(const struct signing_table_row *row, const char *domain);

/* The pattern is one domain, not many. */
bool signing_table_row_is_plain(const struct signing_table_row *row);

#endif
