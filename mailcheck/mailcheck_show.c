/* What a person reads: worst first, with the repair; what is fine in a line each. */
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "mailcheck.h"
#include "plugin/export_option.h"
#include "report/escape.h"

#define INDENT 4
#define LABEL_COLUMN 10
#define STATE_COLUMN 10
#define SERVICE_COLUMN 13
#define VALUE_MAX 1000
#define LINE_MAX_OK 160

struct show {
    const struct mailcheck_facts *facts;
    const struct mailcheck_style *style;
    struct text *out;
};

/* Worst first. */
static const enum state order[] = {STATE_CRITICAL, STATE_WARNING, STATE_UNKNOWN, STATE_OK};
#define STATES (sizeof order / sizeof order[0])

static void write_state(const struct show *show, enum state state)
{
    static const char *const colors[] = {
        [STATE_OK] = "\033[32m",
        [STATE_WARNING] = "\033[33m",
        [STATE_CRITICAL] = "\033[1;31m",
        [STATE_UNKNOWN] = "\033[35m",
    };
    const char *name = state_name(state);
    if (show->style->color)
        text_append(show->out, colors[state]);
    text_append(show->out, name);
    if (show->style->color)
        text_append(show->out, "\033[0m");
    text_append_repeat(show->out, ' ', STATE_COLUMN - strlen(name));
}

static void write_escaped(const struct show *show, const char *value, size_t most)
{
    escape_text(show->out, slice_of(value), most);
}

/* "    fix   text", wrapped; nothing for an empty text. */
static void write_value(const struct show *show, const char *label, const char *value)
{
    struct text text;
    if (value[0] == '\0')
        return;
    text_init(&text, VALUE_MAX + 16);
    escape_text(&text, slice_of(value), VALUE_MAX);
    text_append_repeat(show->out, ' ', INDENT);
    text_append(show->out, label);
    text_append_repeat(show->out, ' ', LABEL_COLUMN - INDENT - strlen(label));
    export_wrap(show->out, text_slice(&text), LABEL_COLUMN, LABEL_COLUMN, show->style->width);
    text_release(&text);
}

/* What stood in the item before is not said twice. */
static void write_again(const struct show *show, const char *label, const char *value,
                        const char *before)
{
    bool is_same = value[0] != '\0' && before != NULL && strcmp(value, before) == 0;
    write_value(show, label, is_same ? "as above" : value);
}

static void write_item(const struct show *show, const struct mailcheck_item *item,
                       const struct mailcheck_item *before)
{
    const struct mailcheck_item *same =
        before != NULL && strcmp(before->id, item->id) == 0 ? before : NULL;
    text_append(show->out, "  ");
    write_state(show, item->state);
    write_escaped(show, item->about, ESCAPE_VALUE_MAX);
    text_append(show->out, "  ");
    write_escaped(show, item->id, ESCAPE_VALUE_MAX);
    text_append_char(show->out, '\n');
    write_value(show, "what", item->text);
    if (same == NULL || strcmp(same->why, item->why) != 0)
        write_value(show, "why", item->why);
    write_again(show, "seen", item->seen, same != NULL ? same->seen : NULL);
    write_again(show, "fix", item->fix, same != NULL ? same->fix : NULL);
    if (same == NULL || strcmp(same->reference, item->reference) != 0)
        write_value(show, "see", item->reference);
    text_append_char(show->out, '\n');
}

/* One line for a check that is fine: its state, its name, what it says. */
static void write_line(const struct show *show, const struct mailcheck_check *check)
{
    const char *summary = json_string_value(json_object_get(check->object, "summary"));
    size_t before = 2 + STATE_COLUMN + SERVICE_COLUMN;
    size_t most = show->style->is_terminal ? show->style->width - before : LINE_MAX_OK;
    bool is_left_out = mailcheck_is_left_out(check);
    text_append(show->out, "  ");
    if (is_left_out)
        text_printf(show->out, "%-*s", STATE_COLUMN, "-");
    else
        write_state(show, STATE_OK);
    text_printf(show->out, "%-*s", SERVICE_COLUMN, check->service);
    if (is_left_out)
        summary = arena_format(show->facts->arena, "%s: left out, it did not greet", check->target);
    write_escaped(show, summary != NULL ? summary : check->target, most);
    text_append_char(show->out, '\n');
}

/* "4 critical, 1 warning, 8 fine" */
static void write_counts(const struct show *show, const struct mailcheck_subject *subject)
{
    static const char *const words[] = {[STATE_CRITICAL] = "critical",
                                        [STATE_WARNING] = "warning",
                                        [STATE_UNKNOWN] = "unknown",
                                        [STATE_OK] = "fine"};
    const char *separator = "";
    for (size_t i = 0; i < STATES; i++) {
        size_t count = mailcheck_count(subject, order[i]);
        if (count == 0)
            continue;
        text_printf(show->out, "%s%zu %s", separator, count, words[order[i]]);
        separator = ", ";
    }
    size_t left_out = mailcheck_count_left_out(subject);
    if (left_out > 0)
        text_printf(show->out, "%s%zu left out", separator, left_out);
    if (subject->check_count == 0)
        text_append(show->out, "nothing was checked");
    text_append_char(show->out, '\n');
}

static void write_subject(const struct show *show, const struct mailcheck_subject *subject)
{
    write_state(show, mailcheck_subject_state(subject));
    text_printf(show->out, "%s: ", subject->name);
    if (subject->check_count > 0)
        text_printf(show->out, "of %zu check%s ", subject->check_count,
                    plural(subject->check_count, "", "s"));
    write_counts(show, subject);
    text_append_char(show->out, '\n');
    for (size_t i = 0; i < subject->item_count; i++)
        write_item(show, &subject->items[i], i > 0 ? &subject->items[i - 1] : NULL);
    for (size_t i = 0; i < subject->check_count; i++) {
        if (mailcheck_check_state(&subject->checks[i]) == STATE_OK)
            write_line(show, &subject->checks[i]);
    }
}

/* A line for each subject, the worst first. */
static void write_table(const struct show *show)
{
    size_t width = 0;
    for (size_t i = 0; i < show->facts->subject_count; i++) {
        size_t length = strlen(show->facts->subjects[i].name);
        width = length > width ? length : width;
    }
    text_append(show->out, "\nIn short:\n");
    for (size_t k = 0; k < STATES; k++) {
        for (size_t i = 0; i < show->facts->subject_count; i++) {
            const struct mailcheck_subject *subject = &show->facts->subjects[i];
            if (mailcheck_subject_state(subject) != order[k])
                continue;
            text_append(show->out, "  ");
            write_state(show, order[k]);
            text_printf(show->out, "%-*s  ", (int)width, subject->name);
            write_counts(show, subject);
        }
    }
}

/* How to learn more, with the worst finding as the example. */
static void write_more(const struct show *show)
{
    for (size_t k = 0; k < STATES; k++) {
        for (size_t i = 0; i < show->facts->subject_count; i++) {
            const struct mailcheck_subject *subject = &show->facts->subjects[i];
            const struct mailcheck_item *item = subject->items;
            if (subject->item_count == 0 || item->state != order[k] || item->plugin == NULL)
                continue;
            text_append(show->out, "\nMore about a finding: ");
            write_escaped(show, item->program, VALUE_MAX);
            text_append(show->out, " --explain ");
            write_escaped(show, item->id, ESCAPE_VALUE_MAX);
            text_append_char(show->out, '\n');
            return;
        }
    }
}

static void write_options(const struct show *show)
{
    for (size_t i = 0; i < show->facts->subject_count; i++) {
        const struct mailcheck_subject *subject = &show->facts->subjects[i];
        for (size_t k = 0; k < subject->item_count; k++) {
            if (subject->items[k].plugin != NULL && strstr(subject->items[k].fix, " --") != NULL) {
                text_append(show->out, "An option that a fix names goes to its plugin with "
                                       "--set, as in --set mx.internal\n");
                return;
            }
        }
    }
}

void mailcheck_show(const struct mailcheck_facts *facts, const struct mailcheck_style *style,
                    struct text *out)
{
    struct show show = {.facts = facts, .style = style, .out = out};
    for (size_t i = 0; i < facts->subject_count; i++) {
        if (i > 0)
            text_append_char(out, '\n');
        write_subject(&show, &facts->subjects[i]);
    }
    if (facts->page != NULL) {
        text_append_char(out, '\n');
        write_item(&show, facts->page, NULL);
    }
    if (facts->subject_count > 1)
        write_table(&show);
    write_more(&show);
    write_options(&show);
}
