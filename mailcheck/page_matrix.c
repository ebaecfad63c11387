/* Addresses and domains against blocklists: one cell for each question. */
#include <stdlib.h>
#include <string.h>

#include "page.h"

#define CELL 22
#define TARGETS_MAX 64
#define ZONES_MAX 250
/* Characters of a label, and what one is wide at most. */
#define LABEL_MAX 34
#define TARGET_MAX 40
#define LETTER 7
/* Below the labels of the columns, which lean to the right. */
#define LEAN_HEIGHT(letters) ((size_t)(letters)*6 + 14)
#define LEAN_WIDTH(letters) ((size_t)(letters)*4 + 10)

struct cell {
    const json_t *row; /* NULL: not asked */
    enum state state;
};

struct zone {
    const char *name;
    enum state worst;
    size_t order;
    struct cell cells[TARGETS_MAX];
};

struct matrix {
    const char *targets[TARGETS_MAX];
    size_t target_count;
    struct zone *zones;
    size_t zone_count;
    size_t listed, unanswered, asked;
    size_t omitted;
};

static enum state state_of(const json_t *row)
{
    const char *outcome = page_member(row, "outcome");
    const char *severity = page_member(row, "severity");
    if (outcome == NULL)
        return STATE_UNKNOWN;
    if (strcmp(outcome, "not-listed") == 0)
        return STATE_OK;
    if (strcmp(outcome, "listed") != 0 && strcmp(outcome, "listed-unknown-code") != 0)
        return STATE_UNKNOWN;
    return severity != NULL && strcmp(severity, "critical") == 0 ? STATE_CRITICAL : STATE_WARNING;
}

/* The place of a target, added where there is room; TARGETS_MAX when there is none. */
static size_t place_target(struct matrix *matrix, const char *name)
{
    for (size_t i = 0; i < matrix->target_count; i++) {
        if (strcmp(matrix->targets[i], name) == 0)
            return i;
    }
    if (matrix->target_count == TARGETS_MAX)
        return TARGETS_MAX;
    matrix->targets[matrix->target_count] = name;
    return matrix->target_count++;
}

static struct zone *place_zone(struct matrix *matrix, const char *name)
{
    for (size_t i = 0; i < matrix->zone_count; i++) {
        if (strcmp(matrix->zones[i].name, name) == 0)
            return &matrix->zones[i];
    }
    if (matrix->zone_count == ZONES_MAX)
        return NULL;
    struct zone *zone = &matrix->zones[matrix->zone_count];
    zone->name = name;
    zone->order = matrix->zone_count++;
    return zone;
}

static void add_row(struct matrix *matrix, const json_t *row)
{
    const char *target = page_member(row, "target");
    const char *name = page_member(row, "zone");
    if (target == NULL || name == NULL)
        return;
    size_t column = place_target(matrix, target);
    struct zone *zone = column < TARGETS_MAX ? place_zone(matrix, name) : NULL;
    if (zone == NULL) {
        matrix->omitted++;
        return;
    }
    enum state state = state_of(row);
    if (zone->cells[column].row != NULL)
        return;
    zone->cells[column] = (struct cell){row, state};
    zone->worst = state_worse(zone->worst, state);
    matrix->asked++;
    matrix->listed += state == STATE_CRITICAL || state == STATE_WARNING;
    matrix->unanswered += state == STATE_UNKNOWN;
}

/* Worst first, else as they came. */
static int compare(const void *a, const void *b)
{
    const struct zone *left = a;
    const struct zone *right = b;
    if (left->worst != right->worst)
        return state_worse(left->worst, right->worst) == left->worst ? -1 : 1;
    return (left->order > right->order) - (left->order < right->order);
}

static void find_cells(const struct mailcheck_subject *subject, struct matrix *matrix)
{
    const json_t *row;
    size_t i;
    for (size_t j = 0; j < subject->check_count; j++) {
        if (strcmp(subject->checks[j].service, "dnsbl") != 0)
            continue;
        json_array_foreach(json_object_get(subject->checks[j].object, "lists"), i, row)
        {
            add_row(matrix, row);
        }
    }
    if (matrix->zone_count > 1)
        qsort(matrix->zones, matrix->zone_count, sizeof *matrix->zones, compare);
}

static void write_cell(struct page *page, const struct cell *cell, size_t x, size_t y)
{
    static const char *const marks[] = {[STATE_OK] = "",
                                        [STATE_WARNING] = "\u00d7",
                                        [STATE_CRITICAL] = "\u00d7",
                                        [STATE_UNKNOWN] = "?"};
    text_append(page->out, "<g><title>");
    page_write(page, page_member(cell->row, "target"));
    text_append(page->out, " on ");
    page_write(page, page_member(cell->row, "zone"));
    text_append(page->out, ": ");
    page_write(page, page_member(cell->row, "outcome"));
    text_printf(page->out,
                "</title><rect class=\"cell %s\" x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" "
                "rx=\"3\"/><text class=\"mark\" x=\"%zu\" y=\"%zu\">%s</text></g>\n",
                page_class(cell->state), x + 1, y + 1, CELL - 2, CELL - 2, x + CELL / 2, y + 15,
                marks[cell->state]);
}

static size_t longest(size_t length, const char *name, size_t most)
{
    size_t own = strlen(name);
    own = own < most ? own : most;
    return own > length ? own : length;
}

static void draw(struct page *page, const struct matrix *matrix)
{
    size_t zone_length = 0;
    size_t target_length = 0;
    for (size_t i = 0; i < matrix->zone_count; i++)
        zone_length = longest(zone_length, matrix->zones[i].name, LABEL_MAX);
    for (size_t i = 0; i < matrix->target_count; i++)
        target_length = longest(target_length, matrix->targets[i], TARGET_MAX);
    size_t left = zone_length * LETTER + 14;
    size_t top = LEAN_HEIGHT(target_length);
    size_t width = left + matrix->target_count * CELL + LEAN_WIDTH(target_length);
    size_t height = top + matrix->zone_count * CELL + 10;
    text_printf(
        page->out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Blocklists\"><svg "
        "class=\"matrix\" role=\"img\" aria-label=\"A row for each list, a column for each "
        "address or domain\" viewBox=\"0 0 %zu %zu\" width=\"%zu\" height=\"%zu\">\n",
        width, height, width, height);
    for (size_t i = 0; i < matrix->target_count; i++) {
        size_t x = left + i * CELL + 15;
        text_printf(page->out,
                    "<text class=\"small\" x=\"%zu\" y=\"%zu\" transform=\"rotate(-60 %zu %zu)\">",
                    x, top - 6, x, top - 6);
        page_write_cut(page, matrix->targets[i], TARGET_MAX);
        text_append(page->out, "</text>\n");
    }
    for (size_t i = 0; i < matrix->zone_count; i++) {
        const struct zone *zone = &matrix->zones[i];
        text_printf(page->out, "<text x=\"8\" y=\"%zu\">", top + i * CELL + 15);
        page_write_cut(page, zone->name, LABEL_MAX);
        text_append(page->out, "</text>\n");
        for (size_t k = 0; k < matrix->target_count; k++) {
            if (zone->cells[k].row != NULL)
                write_cell(page, &zone->cells[k], left + k * CELL, top + i * CELL);
        }
    }
    text_append(page->out, "</svg></div>\n");
}

void page_matrix(struct page *page, const struct mailcheck_subject *subject)
{
    struct arena *arena = page->facts->arena;
    struct matrix *matrix = arena_alloc(arena, sizeof *matrix);
    matrix->zones = arena_array(arena, ZONES_MAX, sizeof *matrix->zones);
    find_cells(subject, matrix);
    if (matrix->asked == 0)
        return;
    text_printf(
        page->out,
        "<h3>Blocklists</h3>\n<p>%zu of %zu answers are a listing; %zu questions had no "
        "answer that counts.</p>\n<p class=\"soft legend\"><span class=\"ok\">\u25a0</span> "
        "not listed <span class=\"critical\">\u00d7</span> listed <span "
        "class=\"unknown\">?</span> no answer that counts; an empty place was not "
        "asked</p>\n",
        matrix->listed, matrix->asked - matrix->unanswered, matrix->unanswered);
    draw(page, matrix);
    if (matrix->omitted > 0)
        text_printf(page->out, "<p class=\"soft\">%zu more are not drawn.</p>\n", matrix->omitted);
}
