#include "mail/key_table.h"

#define BLANKS " \t\r"

bool key_table_line(struct slice *text, struct slice *line, size_t *number)
{
    while (slice_split(text, '\n', line)) {
        ++*number;
        *line = slice_trim(slice_sub(*line, 0, slice_find(*line, '#')), BLANKS);
        if (line->length > 0)
            return true;
    }
    return false;
}

struct slice key_table_word(struct slice *line)
{
    size_t length = 0;
    while (length < line->length && line->start[length] != ' ' && line->start[length] != '\t')
        length++;
    struct slice word = slice_sub(*line, 0, length);
    *line = slice_trim(slice_sub(*line, length, line->length), BLANKS);
    return word;
}

/* opendkim = name 1*WSP domain ":" selector ":" file
 * map      = domain 1*WSP selector [ 1*WSP file ] */
static bool parse_row(struct slice line, struct key_table_row *row)
{
    struct slice first = key_table_word(&line);
    struct slice second = key_table_word(&line);
    size_t domain_end = slice_find(second, ':');
    struct slice rest = slice_sub(second, domain_end + 1, second.length);
    size_t selector_end = slice_find(rest, ':');
    if (domain_end < second.length && selector_end < rest.length)
        *row = (struct key_table_row){
            .name = first,
            .domain = slice_sub(second, 0, domain_end),
            .selector = slice_sub(rest, 0, selector_end),
            .file = slice_sub(rest, selector_end + 1, rest.length),
        };
    else
        *row = (struct key_table_row){
            .name = SLICE_LITERAL(""),
            .domain = first,
            .selector = second,
            .file = key_table_word(&line),
        };
    return row->domain.length > 0 && row->selector.length > 0 && line.length == 0;
}

size_t key_table_line_count(struct slice text)
{
    struct slice line;
    size_t number = 0;
    size_t count = 0;
    while (count <= KEY_TABLE_ROWS_MAX && key_table_line(&text, &line, &number))
        count++;
    return count;
}

bool key_table_parse(struct arena *arena, struct slice text, struct key_table *table)
{
    struct slice line;
    size_t number = 0;
    *table = (struct key_table){0};
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

const struct key_table_row *key_table_find(const struct key_table *table, struct slice name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (slice_equals(table->rows[i].name, name))
            return &table->rows[i];
    }
    return NULL;
}

/* Octets of the base64 of an Ed25519 seed, the shortest key. */
#define SHORTEST_KEY 43

bool key_table_may_be_secret(struct slice file)
{
    size_t pads = 0;
    if (slice_find_text(file, "PRIVATE KEY") < file.length)
        return true;
    for (size_t i = 0; i < file.length; i++) {
        char c = file.start[i];
        bool is_base64 = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
        if (!is_base64)
            return false;
        pads += c == '=';
    }
    /* A long path of letters and digits alone is a path, unless it is padded. */
    return file.length >= SHORTEST_KEY && (file.start[0] != '/' || pads > 0);
}

bool key_table_row_is_for_any(const struct key_table_row *row)
{
    return slice_equals_text(row->domain, "%");
}
