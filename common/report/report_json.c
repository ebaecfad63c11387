#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/escape.h"
#include "report/number.h"
#include "report/report_writer.h"

#define DUMP_FLAGS (JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(NUMBER_DIGITS_MAX))

/* Milliseconds. */
#define TIME_DECIMALS 3
/* Digits that a json_int_t holds for sure. */
#define INTEGER_DIGITS 18
/* More elements than this cannot stand in an object of REPORT_JSON_MAX octets. */
#define ELEMENTS_MAX (REPORT_JSON_MAX / 2)
#define FINDINGS_MAX (REPORT_JSON_MAX / 64)
/* Octets of `,"findings":` and `,"omitted":` with its number. */
#define KEYS_SIZE 64
/* How many elements of each array are kept before the next kind is shortened. */
#define ELEMENTS_KEPT 16

/* How far the object has to be shortened to be small enough. */
struct limits {
    size_t facts;    /* most elements of each array of facts */
    size_t findings; /* most findings */
    size_t string;   /* most octets of each string of either */
};

static json_t *string_json(const struct report_view *view, const char *value, size_t most)
{
    if (value == NULL)
        return json_null();
    return json_string(escape_utf8(view->report->arena, slice_of(value), most));
}

/* The number as the other formats print it: an integer when it has no fraction. */
static json_t *number_json(double number, int decimals)
{
    struct text text;
    json_t *json;
    double parsed;

    text_init(&text, REPORT_FIRST_LINE_MAX);
    number_print(number, decimals, &text);
    if (slice_equals_text(text_slice(&text), "U"))
        json = json_null();
    else if (slice_find(text_slice(&text), '.') == text.length && text.length <= INTEGER_DIGITS)
        json = json_integer(strtoll(text.start, NULL, 10));
    else if (number_parse(text_slice(&text), &parsed))
        json = json_real(parsed);
    else
        json = json_real(number);
    text_release(&text);
    return json;
}

static json_t *range_json(const struct range *range)
{
    struct text text;

    if (!range->is_set)
        return json_null();
    text_init(&text, REPORT_FIRST_LINE_MAX);
    range_print(range, &text);

    json_t *json = json_string(text.start);

    text_release(&text);
    return json;
}

static json_t *metric_json(const struct metric_definition *definition, const struct metric *metric)
{
    json_t *json = json_object();
    bool has_minimum = metric->has_minimum, has_maximum = metric->has_maximum;

    json_object_set_new(json, "value",
                        metric->is_set ? number_json(metric->value, definition->decimals)
                                       : json_null());
    json_object_set_new(json, "uom", json_string(definition->uom));
    json_object_set_new(json, "warn", range_json(&metric->warning));
    json_object_set_new(json, "crit", range_json(&metric->critical));
    json_object_set_new(json, "min",
                        has_minimum ? number_json(metric->minimum, NUMBER_EXACT) : json_null());
    json_object_set_new(json, "max",
                        has_maximum ? number_json(metric->maximum, NUMBER_EXACT) : json_null());
    return json;
}

static json_t *perfdata_json(const struct report *report)
{
    json_t *json = json_object();

    for (size_t i = 0; i < report->tables->metric_count; i++)
        json_object_set_new(json, report->tables->metrics[i].label,
                            metric_json(&report->tables->metrics[i], &report->metrics[i]));
    return json;
}

static json_t *finding_json(const struct report_view *view, const struct finding *finding)
{
    const struct finding_definition *definition = report_view_definition(view, finding);
    const char *text = finding->text;
    json_t *json = json_object();

    if (finding->id != definition->id)
        text = arena_format(view->report->arena, "%s (%s)", text, finding->id);
    json_object_set_new(json, "id", json_string(definition->id));
    json_object_set_new(json, "state", json_integer(finding->state));
    json_object_set_new(json, "subject", string_json(view, finding->subject, REPORT_SENTENCE_MAX));
    json_object_set_new(json, "text", string_json(view, text, REPORT_SENTENCE_MAX));
    json_object_set_new(json, "why", string_json(view, finding->why, REPORT_SENTENCE_MAX));
    json_object_set_new(json, "seen", string_json(view, finding->seen, REPORT_EVIDENCE_MAX));
    json_object_set_new(json, "fix", string_json(view, finding->fix, REPORT_EVIDENCE_MAX));
    json_object_set_new(json, "reference",
                        string_json(view, finding->reference, REPORT_SENTENCE_MAX));
    return json;
}

/* The keys before the findings. */
static json_t *head_json(const struct report_view *view)
{
    const struct report *report = view->report;
    const char *target = report->target != NULL ? report->target : "";
    json_t *json = json_object();

    json_object_set_new(json, "plugin", json_string(report->tables->plugin));
    json_object_set_new(json, "version", json_string(report->tables->version));
    json_object_set_new(json, "target", string_json(view, target, REPORT_SENTENCE_MAX));
    json_object_set_new(json, "state", json_integer(view->state));
    json_object_set_new(json, "state_text", json_string(state_name(view->state)));
    json_object_set_new(json, "summary", json_string(view->summary));
    json_object_set_new(json, "time", number_json(view->seconds, TIME_DECIMALS));
    json_object_set_new(json, "perfdata", perfdata_json(report));
    return json;
}

static json_t *findings_json(const struct report_view *view)
{
    json_t *json = json_array();

    for (size_t i = 0; i < view->finding_count && i < FINDINGS_MAX; i++)
        json_array_append_new(json, finding_json(view, view->findings[i]));
    return json;
}

/* What --explain tells as well takes no room from what it does not. */
static void drop_reasons(json_t *findings)
{
    for (size_t i = 0; i < json_array_size(findings); i++)
        json_object_set_new(json_array_get(findings, i), "why", json_null());
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Where a string is cut: not within a UTF-8 character. */
static size_t cut_length(const json_t *string, size_t most)
{
    const char *value = json_string_value(string);
    size_t length = json_string_length(string);

    if (length <= most)
        return length;
    while (most > 0 && ((unsigned char)value[most] & 0xC0) == 0x80)
        most--;
    return most;
}

/* A copy with at most `elements` elements in each array and `string` octets in each string. Adds to
 * *omitted what was left out; a cut string counts as one. */
static json_t *shorten(json_t *json, size_t elements, size_t string, size_t *omitted)
{
    json_t *copy;

    if (json_is_array(json)) {
        size_t count = json_array_size(json), kept = smaller(count, elements);

        copy = json_array();
        *omitted += count - kept;
        for (size_t i = 0; i < kept; i++)
            json_array_append_new(copy,
                                  shorten(json_array_get(json, i), elements, string, omitted));
        return copy;
    }
    if (json_is_object(json)) {
        json_t *value;
        const char *key;

        copy = json_object();
        json_object_foreach(json, key, value)
            json_object_set_new(copy, key, shorten(value, elements, string, omitted));
        return copy;
    }
    if (json_is_string(json) && json_string_length(json) > string) {
        *omitted += 1;
        return json_stringn(json_string_value(json), cut_length(json, string));
    }
    return json_incref(json);
}

static size_t printed_size(const json_t *json)
{
    return json_dumpb(json, NULL, 0, DUMP_FLAGS | JSON_ENCODE_ANY);
}

static size_t left_of(size_t most, size_t used)
{
    return used < most ? most - used : 0;
}

/* Octets that shorten(json) takes when printed, or some number above `most` when it takes more. */
static size_t measure(json_t *json, size_t elements, size_t string, size_t most)
{
    size_t size = strlen("[]");

    if (json_is_array(json)) {
        size_t kept = smaller(json_array_size(json), elements);

        for (size_t i = 0; i < kept; i++) {
            size += measure(json_array_get(json, i), elements, string, left_of(most, size));
            if (size > most)
                return size;
            size += strlen(",");
        }
        return kept > 0 ? size - 1 : size;
    }
    if (json_is_object(json)) {
        json_t *value;
        const char *key;

        json_object_foreach(json, key, value)
        {
            size += strlen(key) + strlen("\"\":");
            size += measure(value, elements, string, left_of(most, size));
            if (size > most)
                return size;
            size += strlen(",");
        }
        return json_object_size(json) > 0 ? size - 1 : size;
    }

    size_t ignored = 0;
    json_t *cut = shorten(json, elements, string, &ignored);

    size = printed_size(cut);
    json_decref(cut);
    return size;
}

/* The parts of the object, and how much they may take together. */
struct parts {
    json_t *head, *findings, *facts;
    size_t most;
};

/* Nothing has to be shortened: the common case, and cheaper to know than fits(). */
static bool fits_whole(const struct parts *parts)
{
    return KEYS_SIZE + printed_size(parts->head) + printed_size(parts->findings) +
               printed_size(parts->facts) <
           parts->most;
}

static bool fits(const struct parts *parts, const struct limits *limits)
{
    size_t size = KEYS_SIZE + printed_size(parts->head);

    if (size < parts->most)
        size += measure(parts->findings, limits->findings, limits->string, parts->most - size);
    if (size < parts->most)
        size += measure(parts->facts, limits->facts, limits->string, parts->most - size);
    return size < parts->most;
}

/* Sets *limit to the greatest value from `least` on with which the object fits, or to `least`. */
static bool search(const struct parts *parts, const struct limits *limits, size_t *limit,
                   size_t least)
{
    size_t good = smaller(*limit, least), bad = *limit + 1;

    *limit = good;
    if (!fits(parts, limits))
        return false;
    while (bad - good > 1) {
        *limit = good + (bad - good) / 2;
        if (fits(parts, limits))
            good = *limit;
        else
            bad = *limit;
    }
    *limit = good;
    return true;
}

/* A single string of many kilobytes doesn't cost the elements of an array. Facts give way before
 * findings, and both keep some elements before either loses all. */
static struct limits find_limits(const struct parts *parts)
{
    struct limits limits = {ELEMENTS_MAX, FINDINGS_MAX, REPORT_JSON_MAX};

    if (fits_whole(parts) || search(parts, &limits, &limits.string, REPORT_STRING_MAX) ||
        search(parts, &limits, &limits.facts, ELEMENTS_KEPT) ||
        search(parts, &limits, &limits.findings, ELEMENTS_KEPT) ||
        search(parts, &limits, &limits.facts, 1) || search(parts, &limits, &limits.findings, 1) ||
        search(parts, &limits, &limits.string, REPORT_FIRST_LINE_MAX) ||
        search(parts, &limits, &limits.facts, 0) || search(parts, &limits, &limits.findings, 0))
        return limits;
    search(parts, &limits, &limits.string, 0);
    return limits;
}

/* A fact never replaces a common key. */
static json_t *assemble(const struct report_view *view, const struct parts *parts)
{
    struct limits limits = find_limits(parts);
    size_t omitted = view->finding_count - json_array_size(parts->findings) + view->dropped_count +
                     view->report->facts_omitted;
    json_t *findings = shorten(parts->findings, limits.findings, limits.string, &omitted);
    json_t *facts = shorten(parts->facts, limits.facts, limits.string, &omitted);
    json_t *whole = json_incref(parts->head);
    json_t *value;
    const char *key;

    json_object_set_new(whole, "findings", findings);
    json_object_set_new(whole, "omitted", json_integer((json_int_t)omitted));
    json_object_foreach(facts, key, value) if (json_object_get(whole, key) == NULL)
        json_object_set(whole, key, value);
    json_decref(facts);
    return whole;
}

void report_json_write(const struct report_view *view, struct text *out)
{
    size_t json_max = view->report->tables->json_max;
    struct parts parts = {
        .head = head_json(view),
        .findings = findings_json(view),
        .facts = view->report->facts,
        .most = smaller(json_max != 0 ? json_max : REPORT_JSON_MAX, out->maximum - out->length),
    };
    if (!fits_whole(&parts))
        drop_reasons(parts.findings);

    json_t *whole = assemble(view, &parts);
    char *printed = json_dumps(whole, DUMP_FLAGS);

    if (printed == NULL)
        memory_exhausted();
    text_append(out, printed);
    text_append_char(out, '\n');
    free(printed);
    json_decref(whole);
    json_decref(parts.head);
    json_decref(parts.findings);
}
