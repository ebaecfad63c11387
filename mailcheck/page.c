#include "page.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "report/escape.h"

#define NONCE_LENGTH 32
#define SUMMARY_MAX 400

const char *page_class(enum state state)
{
    static const char *const classes[] = {[STATE_OK] = "ok",
                                          [STATE_WARNING] = "warning",
                                          [STATE_CRITICAL] = "critical",
                                          [STATE_UNKNOWN] = "unknown"};
    return state <= STATE_UNKNOWN ? classes[state] : "unknown";
}

const char *page_member(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, U+061C: they can reorder what is read. */
static size_t bidirectional(const char *text)
{
    static const char *const marks[] = {
        "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d",
        "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u061c",
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (strncmp(text, marks[i], strlen(marks[i])) == 0)
            return strlen(marks[i]);
    }
    return 0;
}

static const char *entity(char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void page_write_cut(struct page *page, const char *value, size_t most)
{
    if (value == NULL)
        return;
    const char *text = escape_utf8(page->facts->arena, slice_of(value), most);
    while (*text != '\0') {
        size_t marks = bidirectional(text);
        const char *name = entity(*text);
        for (size_t i = 0; i < marks; i++)
            text_printf(page->out, "\\x%02X", (unsigned)(unsigned char)text[i]);
        if (marks > 0) {
            text += marks;
            continue;
        }
        if (name != NULL)
            text_append(page->out, name);
        else
            text_append_char(page->out, *text);
        text++;
    }
}

void page_write(struct page *page, const char *value)
{
    page_write_cut(page, value, PAGE_VALUE_MAX);
}

static void write_badge(struct page *page, enum state state)
{
    text_printf(page->out, "<span class=\"badge %s\">%s</span>", page_class(state),
                state_name(state));
}

static void write_head(struct page *page)
{
    text_append(page->out,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    text_printf(page->out,
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src 'nonce-%s'; script-src 'nonce-%s'; base-uri 'none'; form-action "
                "'none'\">\n",
                page->nonce, page->nonce);
    text_append(page->out,
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    for (size_t i = 0; i < page->facts->subject_count; i++) {
        text_append(page->out, i > 0 ? ", " : "Mail of ");
        page_write(page, page->facts->subjects[i].name);
    }
    text_printf(page->out, "</title>\n<style nonce=\"%s\">\n%s</style>\n</head>\n<body>\n",
                page->nonce, page_style);
}

/* "<dt>label</dt><dd>value</dd>"; nothing for an empty value. */
static void write_pair(struct page *page, const char *label, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    text_printf(page->out, "<dt>%s</dt><dd class=\"raw\">", label);
    page_write(page, value);
    text_append(page->out, "</dd>\n");
}

static void write_fix(struct page *page, const char *fix)
{
    if (fix == NULL || fix[0] == '\0')
        return;
    page->copies++;
    text_printf(page->out, "<dt>Repair</dt><dd class=\"fix\"><span class=\"raw\" id=\"fix%zu\">",
                page->copies);
    page_write(page, fix);
    text_printf(page->out,
                "</span><button type=\"button\" aria-live=\"polite\" aria-describedby=\"fix%zu\" "
                "data-copy=\"fix%zu\">Copy</button></dd>\n",
                page->copies, page->copies);
}

static void write_item(struct page *page, const struct mailcheck_item *item)
{
    const char *class = page_class(item->state);
    text_printf(page->out, "<article class=\"finding %s\">\n<h4 class=\"head\"><span class=\"%s\">",
                class, class);
    write_badge(page, item->state);
    text_append(page->out, "</span> <span class=\"raw\">");
    page_write(page, item->about);
    text_append(page->out, "</span> <code class=\"raw soft\">");
    page_write(page, item->id);
    text_append(page->out, "</code></h4>\n<p class=\"what raw\">");
    page_write(page, item->text);
    text_append(page->out, "</p>\n<dl>\n");
    write_pair(page, "Why it matters", item->why);
    write_pair(page, "What was seen", item->seen);
    write_fix(page, item->fix);
    write_pair(page, "Written in", item->reference);
    text_append(page->out, "</dl>\n</article>\n");
}

static void write_checks(struct page *page, const struct mailcheck_subject *subject)
{
    text_append(page->out, "<h3>All checks</h3>\n<ul class=\"checks\">\n");
    for (size_t i = 0; i < subject->check_count; i++) {
        const struct mailcheck_check *check = &subject->checks[i];
        const char *summary = page_member(check->object, "summary");
        bool is_left_out = mailcheck_is_left_out(check);
        text_append(page->out, "<li>");
        if (is_left_out)
            text_append(page->out, "<span class=\"badge soft\">left out</span>");
        else
            write_badge(page, mailcheck_check_state(check));
        text_printf(page->out, "<code>%s</code><span class=\"raw\">", check->plugin);
        if (summary == NULL)
            summary = arena_format(page->facts->arena, "%s: %s", check->target,
                                   is_left_out ? "it did not greet" : "no result");
        page_write_cut(page, summary, SUMMARY_MAX);
        text_append(page->out, "</span></li>\n");
    }
    text_append(page->out, "</ul>\n");
}

static void write_trees(struct page *page, const struct mailcheck_subject *subject)
{
    for (size_t i = 0; i < subject->check_count; i++) {
        if (strcmp(subject->checks[i].service, "spf") == 0)
            page_tree(page, json_object_get(subject->checks[i].object, "tree"));
    }
}

/* "4 critical, 1 warning, 8 fine" */
static void write_counts(struct page *page, const struct mailcheck_subject *subject)
{
    static const enum state order[] = {STATE_CRITICAL, STATE_WARNING, STATE_UNKNOWN, STATE_OK};
    static const char *const words[] = {[STATE_CRITICAL] = "critical",
                                        [STATE_WARNING] = "warning",
                                        [STATE_UNKNOWN] = "unknown",
                                        [STATE_OK] = "fine"};
    const char *separator = "";
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        size_t count = mailcheck_count(subject, order[i]);
        if (count == 0)
            continue;
        text_printf(page->out, "%s<span class=\"%s\">%zu %s</span>", separator,
                    page_class(order[i]), count, words[order[i]]);
        separator = ", ";
    }
    size_t left_out = mailcheck_count_left_out(subject);
    if (left_out > 0)
        text_printf(page->out, "%s%zu left out", separator, left_out);
    if (subject->check_count == 0)
        text_append(page->out, "nothing was checked");
}

static void write_subject(struct page *page, const struct mailcheck_subject *subject, size_t number)
{
    text_printf(page->out, "<section id=\"subject%zu\">\n<h2>", number);
    write_badge(page, mailcheck_subject_state(subject));
    text_append(page->out, " <span class=\"raw\">");
    page_write(page, subject->name);
    text_append(page->out, "</span></h2>\n<p>Checks: ");
    write_counts(page, subject);
    text_append(page->out, "</p>\n");
    page_path(page, subject);
    if (subject->item_count > 0)
        text_printf(page->out, "<h3>What is wrong (%zu)</h3>\n", subject->item_count);
    for (size_t i = 0; i < subject->item_count; i++)
        write_item(page, &subject->items[i]);
    write_checks(page, subject);
    write_trees(page, subject);
    page_matrix(page, subject);
    text_append(page->out, "</section>\n");
}

/* Several domains: a line each, that leads to its section. */
static void write_summary(struct page *page)
{
    text_append(page->out,
                "<table>\n<thead><tr><th scope=\"col\">State</th><th scope=\"col\">Domain"
                "</th><th scope=\"col\">Checks</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < page->facts->subject_count; i++) {
        const struct mailcheck_subject *subject = &page->facts->subjects[i];
        text_append(page->out, "<tr><td>");
        write_badge(page, mailcheck_subject_state(subject));
        text_printf(page->out, "</td><td class=\"raw\"><a href=\"#subject%zu\">", i);
        page_write(page, subject->name);
        text_append(page->out, "</a></td><td>");
        write_counts(page, subject);
        text_append(page->out, "</td></tr>\n");
    }
    text_append(page->out, "</tbody></table>\n");
}

bool page_print(const struct mailcheck_facts *facts, int64_t when, struct text *out)
{
    char nonce[NONCE_LENGTH + 1];
    char date[64] = "";
    struct tm broken;
    time_t seconds = (time_t)when;
    random_label(nonce, NONCE_LENGTH);
    struct page page = {.facts = facts, .out = out, .nonce = nonce};
    if (gmtime_r(&seconds, &broken) != NULL)
        strftime(date, sizeof date, "%Y-%m-%d %H:%M UTC", &broken);
    write_head(&page);
    text_append(out, "<main>\n<h1>Is all well with the mail?</h1>\n");
    text_printf(out, "<p class=\"soft\">%s, mailcheck %s</p>\n", date, PACKAGE_VERSION);
    if (facts->subject_count > 1)
        write_summary(&page);
    for (size_t i = 0; i < facts->subject_count; i++)
        write_subject(&page, &facts->subjects[i], i);
    text_printf(out, "</main>\n<script nonce=\"%s\">\n%s</script>\n</body>\n</html>\n", nonce,
                page_script);
    return !out->truncated;
}
