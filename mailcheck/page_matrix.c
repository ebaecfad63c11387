/* Addresses and domains against blocklists: one cell for each question. */
#include <string.h>

#include "page.h"

#define CELL 22
#define LEFT 250
#define TOP 150
#define TARGETS_MAX 64
#define ZONES_MAX 250
#define LABEL_MAX 34
#define ZONE_MAX 30

struct matrix {
    const char *targets[TARGETS_MAX];
    const char *zones[ZONES_MAX];
    size_t target_count, zone_count;
    size_t omitted;
};

/* The place of a name, added where there is room; `most` when there is none. */
static size_t place(const char **names, size_t *count, size_t most, const char *name)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    if (*count == most)
        return most;
    names[*count] = name;
    return (*count)++;
}

struct cell {
    enum state state;
    const char *mark;
};

static struct cell cell_of(const json_t *row)
{
    const char *outcome = page_member(row, "outcome");
    const char *severity = page_member(row, "severity");
    if (outcome == NULL)
        return (struct cell){STATE_UNKNOWN, "?"};
    if (strcmp(outcome, "not-listed") == 0)
        return (struct cell){STATE_OK, ""};
    if (strcmp(outcome, "listed") != 0 && strcmp(outcome, "listed-unknown-code") != 0)
        return (struct cell){STATE_UNKNOWN, "?"};
    if (severity != NULL && strcmp(severity, "critical") == 0)
        return (struct cell){STATE_CRITICAL, "\u00d7"};
    return (struct cell){STATE_WARNING, "\u00d7"};
}

static void write_cell(struct page *page, const json_t *row, size_t x, size_t y)
{
    struct cell cell = cell_of(row);
    size_t left = LEFT + x * CELL;
    size_t top = TOP + y * CELL;
    text_printf(page->out, "<g><title>");
    page_write(page, page_member(row, "target"));
    text_append(page->out, " on ");
    page_write(page, page_member(row, "zone"));
    text_append(page->out, ": ");
    page_write(page, page_member(row, "outcome"));
    text_printf(page->out,
                "</title><rect class=\"cell %s\" x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" "
                "rx=\"3\"/><text class=\"mark\" x=\"%zu\" y=\"%zu\">%s</text></g>\n",
                page_class(cell.state), left + 1, top + 1, CELL - 2, CELL - 2, left + CELL / 2,
                top + 15, cell.mark);
}

static void write_labels(struct page *page, const struct matrix *matrix)
{
    for (size_t i = 0; i < matrix->target_count; i++) {
        text_printf(page->out, "<text x=\"8\" y=\"%zu\">", TOP + i * CELL + 15);
        page_write_cut(page, matrix->targets[i], LABEL_MAX);
        text_append(page->out, "</text>\n");
    }
    for (size_t i = 0; i < matrix->zone_count; i++) {
        size_t x = LEFT + i * CELL + 15;
        text_printf(page->out,
                    "<text class=\"small\" x=\"%zu\" y=\"%d\" transform=\"rotate(-60 %zu %d)\">", x,
                    TOP - 6, x, TOP - 6);
        page_write_cut(page, matrix->zones[i], ZONE_MAX);
        text_append(page->out, "</text>\n");
    }
}

/* Calls for each row of the lists of all blocklist checks; cells are written when `is_drawn`. */
static void each_row(struct page *page, const struct mailcheck_subject *subject,
                     struct matrix *matrix, bool is_drawn)
{
    const json_t *row;
    size_t i;
    for (size_t j = 0; j < subject->check_count; j++) {
        if (strcmp(subject->checks[j].service, "dnsbl") != 0)
            continue;
        json_array_foreach(json_object_get(subject->checks[j].object, "lists"), i, row)
        {
            const char *target = page_member(row, "target");
            const char *zone = page_member(row, "zone");
            if (target == NULL || zone == NULL)
                continue;
            size_t y = place(matrix->targets, &matrix->target_count, TARGETS_MAX, target);
            size_t x = place(matrix->zones, &matrix->zone_count, ZONES_MAX, zone);
            if (x == ZONES_MAX || y == TARGETS_MAX)
                matrix->omitted += is_drawn;
            else if (is_drawn)
                write_cell(page, row, x, y);
        }
    }
}

void page_matrix(struct page *page, const struct mailcheck_subject *subject)
{
    struct matrix *matrix = arena_alloc(page->facts->arena, sizeof *matrix);
    each_row(page, subject, matrix, false);
    if (matrix->target_count == 0)
        return;
    /* The last label leans over its column. */
    size_t width = LEFT + matrix->zone_count * CELL + 120;
    size_t height = TOP + matrix->target_count * CELL + 10;
    text_printf(page->out,
                "<h3>Blocklists</h3>\n<p class=\"soft\"><span class=\"critical\">\u00d7</span> "
                "listed, ? the list gave no answer that counts, blank not listed</p>\n"
                "<div class=\"scroll\"><svg role=\"img\" aria-label=\"Blocklists\" viewBox=\"0 0 "
                "%zu %zu\" width=\"%zu\" height=\"%zu\">\n",
                width, height, width, height);
    write_labels(page, matrix);
    each_row(page, subject, matrix, true);
    text_append(page->out, "</svg></div>\n");
    if (matrix->omitted > 0)
        text_printf(page->out, "<p class=\"soft\">%zu more are not drawn.</p>\n", matrix->omitted);
}
