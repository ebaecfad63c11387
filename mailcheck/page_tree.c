/* The tree of an SPF record: includes and redirects, with what each costs. */
#include "page.h"

#define ROW 44
#define INDENT 22
#define BOX_WIDTH 330
#define BOX_HEIGHT 36
#define ROWS_MAX 200
#define DEPTH_MAX 12
#define NAME_MAX 44
#define NOTE_MAX 52
/* RFC 7208 4.6.4 */
#define LOOKUPS_MAX 10
#define VOID_LOOKUPS_MAX 2

static size_t count_rows(const json_t *node, int depth)
{
    const json_t *child;
    size_t i;
    size_t rows = 1;
    if (depth == DEPTH_MAX)
        return rows;
    json_array_foreach(json_object_get(node, "children"), i, child) rows +=
        count_rows(child, depth + 1);
    return rows;
}

static json_int_t number(const json_t *node, const char *key)
{
    return json_integer_value(json_object_get(node, key));
}

static int deepest(const json_t *node, int depth)
{
    const json_t *child;
    size_t i;
    int most = depth;
    if (depth == DEPTH_MAX)
        return most;
    json_array_foreach(json_object_get(node, "children"), i, child)
    {
        int below = deepest(child, depth + 1);
        most = below > most ? below : most;
    }
    return most;
}

static const char *class_of(const json_t *node, int depth)
{
    if (page_member(node, "record") == NULL)
        return "critical";
    bool is_over =
        number(node, "lookups") > LOOKUPS_MAX || number(node, "void_lookups") > VOID_LOOKUPS_MAX;
    return depth > 0 ? "" : is_over ? "critical" : "ok";
}

/* What it costs, or why it has no record. */
static const char *note_of(struct page *page, const json_t *node, int depth)
{
    if (page_member(node, "record") == NULL)
        return page_member(node, "status");
    return arena_format(page->facts->arena,
                        depth == 0 ? "look-ups: %lld of 10, void: %lld of 2, addresses: %lld"
                                   : "look-ups: %lld, void: %lld, addresses: %lld",
                        (long long)number(node, "lookups"), (long long)number(node, "void_lookups"),
                        (long long)number(node, "addresses"));
}

/* Draws a node and those below it; returns the row behind them. */
static size_t write_node(struct page *page, const json_t *node, int depth, size_t row)
{
    const json_t *child;
    size_t i;
    size_t next = row + 1;
    if (row >= ROWS_MAX)
        return row;
    int x = 10 + depth * INDENT;
    int y = 8 + (int)row * ROW;
    const char *term = page_member(node, "term");
    text_printf(page->out,
                "<rect class=\"box %s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>"
                "<text x=\"%d\" y=\"%d\">",
                class_of(node, depth), x, y, BOX_WIDTH, BOX_HEIGHT, x + 8, y + 15);
    page_write_cut(page, term != NULL ? term : page_member(node, "domain"), NAME_MAX);
    text_printf(page->out, "</text><text class=\"small\" x=\"%d\" y=\"%d\">", x + 8, y + 29);
    page_write_cut(page, note_of(page, node, depth), NOTE_MAX);
    text_append(page->out, "</text>\n");
    if (depth == DEPTH_MAX)
        return next;
    json_array_foreach(json_object_get(node, "children"), i, child)
    {
        if (next < ROWS_MAX)
            text_printf(page->out, "<path class=\"wire\" d=\"M%d %dV%dH%d\"/>\n", x + 10,
                        y + BOX_HEIGHT, 8 + (int)next * ROW + BOX_HEIGHT / 2, x + INDENT);
        next = write_node(page, child, depth + 1, next);
    }
    return next;
}

void page_tree(struct page *page, const json_t *tree)
{
    if (page_member(tree, "record") == NULL)
        return;
    size_t rows = count_rows(tree, 0);
    int height = (int)(rows < ROWS_MAX ? rows : ROWS_MAX) * ROW + 10;
    int width = BOX_WIDTH + 20 + deepest(tree, 0) * INDENT;
    text_printf(page->out, "<h3>What the SPF record costs</h3>\n<p class=\"raw\"><code>");
    page_write(page, page_member(tree, "record"));
    text_printf(
        page->out,
        "</code></p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"SPF tree\"><svg class=\"fit\" role=\"img\" aria-label=\"The record, what it "
        "includes, and what each costs\" "
        "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n",
        width, height, width, height);
    write_node(page, tree, 0, 0);
    text_append(page->out, "</svg></div>\n");
    if (rows > ROWS_MAX)
        text_printf(page->out, "<p class=\"soft\">%zu more are not drawn.</p>\n", rows - ROWS_MAX);
}
