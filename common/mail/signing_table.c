#include "mail/signing_table.h"

/* pattern = [ local-part "@" ] domain-pattern */
static bool parse_row(struct slice line, struct signing_table_row *row)
{
    struct slice address = key_table_word(&line);
    struct slice value = key_table_word(&line);
    size_t at = address.length;
    while (at > 0 && address.start[at - 1] != '@')
        at--;
    row->pattern = slice_sub(address, at, address.length);
    row->key_name = slice_sub(value, 0, slice_find(value, ':'));
    return row->pattern.length > 0 && row->key_name.length > 0 && line.length == 0;
}

bool signing_table_parse(struct arena *arena, struct slice text, struct signing_table *table)
{
    struct slice line;
    size_t number = 0;
    *table = (struct signing_table){0};
    table->rows = arena_array(arena, key_table_line_count(text) + 1, sizeof *table->rows);
    while (key_table_line(&text, &line, &number)) {
        if (table->count == KEY_TABLE_ROWS_MAX || !parse_row(line, &table->rows[table->count])) {
            table->bad_line = number;
            return false;
        }
        table->count++;
    }
    return true;
}

/* "*" is any number of any characters. Goes back to the last "*" only, so that time grows with the
 * product of the lengths and not faster. */
static bool matches(struct slice pattern, struct slice text)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = pattern.length;
    size_t resume = 0;
    while (t < text.length) {
        if (p < pattern.length && pattern.start[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.length &&
                   slice_equals_ignoring_case(slice_sub(pattern, p, 1), slice_sub(text, t, 1))) {
            p++;
            t++;
        } else if (star < pattern.length) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.length && pattern.start[p] == '*')
        p++;
    return p == pattern.length;
}

bool signing_table_row_is_for(const struct signing_table_row *row, const char *domain)
{
    struct slice name = slice_of(domain);
    size_t length = row->pattern.length;
    if (row->pattern.start[0] == '.' && name.length > length)
        return matches(row->pattern, slice_sub(name, name.length - length, length));
    return matches(row->pattern, name);
}

bool signing_table_row_is_plain(const struct signing_table_row *row)
{
    return row->pattern.start[0] != '.' && slice_find(row->pattern, '*') == row->pattern.length;
}
