/* What a person reads: worst first, with the repair; what is fine in a line each. */
#include <string.h>

#include "mailcheck.h"
#include "plugin/export_option.h"
#include "report/escape.h"

#define INDENT 4
#define LABEL_COLUMN 10
#define VALUE_MAX 1000
#define LINE_MAX_OK 160

struct show {
    const struct mailcheck_facts *facts;
    const struct mailcheck_style *style;
    struct text *out;
};

static void write_state(const struct show *show, enum state state, size_t width)
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
    if (strlen(name) < width)
        text_append_repeat(show->out, ' ', width - strlen(name));
}

/* "    fix   text", wrapped; nothing for an empty text. */
static void write_value(const struct show *show, const char *label, const char *value)
{
    struct text text;
    if (value == NULL || value[0] == '\0')
        return;
    text_init(&text, VALUE_MAX + 16);
    escape_text(&text, slice_of(value), VALUE_MAX);
    text_append_repeat(show->out, ' ', INDENT);
    text_append(show->out, label);
    text_append_repeat(show->out, ' ', LABEL_COLUMN - INDENT - strlen(label));
    export_wrap(show->out, text_slice(&text), LABEL_COLUMN, LABEL_COLUMN, show->style->width);
    text_release(&text);
}

static const char *member(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

const char *mailcheck_why(const struct mailcheck_facts *facts, const char *plugin, const char *id)
{
    const json_t *row;
    size_t i;
    const json_t *rows = json_object_get(json_object_get(facts->tables, plugin), "findings");
    json_array_foreach(rows, i, row)
    {
        if (id != NULL && member(row, "id") != NULL && strcmp(member(row, "id"), id) == 0)
            return member(row, "why");
    }
    return NULL;
}

static void write_escaped(const struct show *show, const char *value, size_t most)
{
    escape_text(show->out, slice_of(value != NULL ? value : ""), most);
}

/* The same text as that of the finding before is not said twice. */
static void write_again(const struct show *show, const char *label, const char *value,
                        const char *before)
{
    bool is_same = value != NULL && before != NULL && strcmp(value, before) == 0;
    write_value(show, label, is_same ? "as above" : value);
}

static void write_finding(const struct show *show, const struct mailcheck_check *check,
                          const json_t *finding, const json_t *before)
{
    enum state state = (enum state)json_integer_value(json_object_get(finding, "state"));
    const char *subject = member(finding, "subject");
    const char *id = member(finding, "id");
    text_append(show->out, "  ");
    write_state(show, state, 10);
    write_escaped(show, subject != NULL && subject[0] != '\0' ? subject : check->target,
                  ESCAPE_VALUE_MAX);
    text_append(show->out, "  ");
    write_escaped(show, id, ESCAPE_VALUE_MAX);
    text_append_char(show->out, '\n');
    write_value(show, "what", member(finding, "text"));
    write_value(show, "why", mailcheck_why(show->facts, check->plugin, id));
    write_again(show, "seen", member(finding, "seen"), member(before, "seen"));
    write_again(show, "fix", member(finding, "fix"), member(before, "fix"));
    write_value(show, "see", member(finding, "reference"));
    text_append_char(show->out, '\n');
}

/* One line for a check: its state, its name, what it says or why it says nothing. */
static void write_line(const struct show *show, const struct mailcheck_check *check)
{
    const char *summary = member(check->object, "summary");
    text_append(show->out, "  ");
    write_state(show, mailcheck_check_state(check), 10);
    text_printf(show->out, "%-12s ", check->service);
    if (summary != NULL)
        write_escaped(show, summary, LINE_MAX_OK);
    else if (check->job != NULL && check->job->outcome == PROCESSES_NOT_FOUND)
        text_printf(show->out, "%s: not installed", check->target);
    else
        text_printf(show->out, "%s: no result", check->target);
    text_append_char(show->out, '\n');
}

/* The findings of that state. */
static void write_findings(const struct show *show, const struct mailcheck_check *check,
                           enum state state)
{
    const json_t *finding;
    const json_t *before = NULL;
    size_t i;
    json_array_foreach(json_object_get(check->object, "findings"), i, finding)
    {
        if (json_integer_value(json_object_get(finding, "state")) != (json_int_t)state)
            continue;
        write_finding(show, check, finding, before);
        before = finding;
    }
}

/* A finding is worse than a note. */
static bool has_findings(const struct mailcheck_check *check)
{
    const json_t *finding;
    size_t i;
    json_array_foreach(json_object_get(check->object, "findings"), i, finding)
    {
        if (json_integer_value(json_object_get(finding, "state")) != STATE_OK)
            return true;
    }
    return false;
}

/* "CRITICAL  example.org: 2 critical, 1 warning, 8 fine" */
static void write_heading(const struct show *show, const struct mailcheck_subject *subject)
{
    static const enum state order[] = {STATE_CRITICAL, STATE_WARNING, STATE_UNKNOWN, STATE_OK};
    static const char *const words[] = {[STATE_CRITICAL] = "critical",
                                        [STATE_WARNING] = "warning",
                                        [STATE_UNKNOWN] = "unknown",
                                        [STATE_OK] = "fine"};
    size_t counts[STATE_IGNORE] = {0};
    const char *separator = ": ";
    for (size_t i = 0; i < subject->check_count; i++)
        counts[mailcheck_check_state(&subject->checks[i])]++;
    write_state(show, mailcheck_subject_state(subject), 10);
    text_append(show->out, subject->name);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (counts[order[i]] == 0)
            continue;
        text_printf(show->out, "%s%zu %s", separator, counts[order[i]], words[order[i]]);
        separator = ", ";
    }
    text_append_char(show->out, '\n');
}

static void write_subject(const struct show *show, const struct mailcheck_subject *subject)
{
    static const enum state order[] = {STATE_CRITICAL, STATE_WARNING, STATE_UNKNOWN, STATE_OK};
    size_t states = sizeof order / sizeof order[0];
    write_heading(show, subject);
    text_append_char(show->out, '\n');
    for (size_t i = 0; i < states && order[i] != STATE_OK; i++) {
        for (size_t j = 0; j < subject->check_count; j++)
            write_findings(show, &subject->checks[j], order[i]);
    }
    for (size_t i = 0; i < states; i++) {
        for (size_t j = 0; j < subject->check_count; j++) {
            const struct mailcheck_check *check = &subject->checks[j];
            if (mailcheck_check_state(check) == order[i] && !has_findings(check))
                write_line(show, check);
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
    if (facts->subject_count > 1) {
        text_append(out, "\nIn short:\n");
        for (size_t i = 0; i < facts->subject_count; i++) {
            text_append(out, "  ");
            write_heading(&show, &facts->subjects[i]);
        }
    }
}
