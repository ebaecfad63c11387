#include "report/threshold.h"

#include <math.h>

#include "report/number.h"

/* range = [ "@" ] ( number / start ":" [ number ] )
 * start = number / "~" */
bool range_parse(struct slice text, struct range *range)
{
    struct range parsed = {.is_set = true};

    if (text.length > 0 && text.start[0] == '@') {
        parsed.inside = true;
        text = slice_sub(text, 1, text.length);
    }

    size_t colon = slice_find(text, ':');
    struct slice end = text;

    if (colon < text.length) {
        struct slice start = slice_sub(text, 0, colon);

        end = slice_sub(text, colon + 1, text.length);
        parsed.start_infinite = slice_equals_text(start, "~");
        parsed.end_infinite = end.length == 0;
        if (!parsed.start_infinite && !number_parse(start, &parsed.start))
            return false;
    }
    if (!parsed.end_infinite && !number_parse(end, &parsed.end))
        return false;
    if (!parsed.start_infinite && !parsed.end_infinite && parsed.start > parsed.end)
        return false;
    *range = parsed;
    return true;
}

bool range_alerts(const struct range *range, double value)
{
    if (!range->is_set)
        return false;

    bool within = !isnan(value) && (range->start_infinite || value >= range->start) &&
                  (range->end_infinite || value <= range->end);

    return within == range->inside;
}

/* Icinga 2 keeps a threshold only when it is a plain number, so the start is written only when it
 * must be. */
void range_print(const struct range *range, struct text *out)
{
    if (!range->is_set)
        return;

    bool start_infinite = range->start_infinite || !isfinite(range->start);
    bool end_infinite = range->end_infinite || !isfinite(range->end);

    if (range->inside)
        text_append_char(out, '@');
    if (start_infinite)
        text_append(out, "~:");
    else if (end_infinite || range->start < 0 || range->start > 0) {
        number_print(range->start, NUMBER_EXACT, out);
        text_append_char(out, ':');
    }
    if (!end_infinite)
        number_print(range->end, NUMBER_EXACT, out);
}

const char *range_text(struct arena *arena, const struct range *range)
{
    struct text text;
    text_init(&text, 100);
    range_print(range, &text);
    const char *copy = arena_copy(arena, text.start);
    text_release(&text);
    return copy;
}
