/*
 * What a signer says about its keys: OpenDKIM's KeyTable, and rspamd's map of selectors. One row a
 * line; "#" begins a comment.
 *
 *     NAME DOMAIN:SELECTOR:FILE        OpenDKIM; DOMAIN "%" is the domain of whoever writes
 *     NAME DOMAIN:SELECTOR:KEY         likewise, with the private key itself: a secret
 *     DOMAIN SELECTOR                  rspamd
 *     DOMAIN SELECTOR FILE             both at once
 *
 * No I/O here. The slices point into the text.
 */
#ifndef COMMON_MAIL_KEY_TABLE_H
#define COMMON_MAIL_KEY_TABLE_H

#include "base/arena.h"
#include "base/slice.h"

/* Most rows of a table. */
#define KEY_TABLE_ROWS_MAX 10000

struct key_table_row {
    struct slice name;   /* "" where the form has none */
    struct slice domain; /* never empty; "%" is any */
    struct slice selector;
    struct slice file; /* "" where none is named; may be a key: see key_table_may_be_secret */
};

struct key_table {
    struct key_table_row *rows;
    size_t count;
    size_t bad_line; /* the first line that cannot be read, from 1; 0: there is none */
};

/* False, with bad_line set, at the first line that cannot be read, and at the row that is one too
 * many. */
bool key_table_parse(struct arena *arena, struct slice text, struct key_table *table);

/* The first row of that name, or NULL. Names are told apart by case. */
const struct key_table_row *key_table_find(const struct key_table *table, struct slice name);

bool key_table_row_is_for_any(const struct key_table_row *row);

/* The text in the place of a file name may be a private key (PEM or base64): it must not be printed
 * anywhere. True for some names of files, too, which hides them and no more. */
bool key_table_may_be_secret(struct slice file);

/* ---- lines of such tables */

/* Takes the next line that is more than blanks and a comment and counts it and those before it in
 * *number. False at the end. */
bool key_table_line(struct slice *text, struct slice *line, size_t *number);
/* How many such lines there are; counted no further than one beyond KEY_TABLE_ROWS_MAX. */
size_t key_table_line_count(struct slice text);
/* Takes the next word; "" at the end of the line. */
struct slice key_table_word(struct slice *line);

#endif
