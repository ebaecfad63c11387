/*
 * mailcheck: is all well with the mail of a domain, and if not, what is to be done?
 */
#include "mailcheck.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "page.h"
#include "plugin/output.h"

#define OUTPUT_MAX ((size_t)1 << 20)
#define WIDTH_DEFAULT 80
#define WIDTH_LEAST 40
#define WIDTH_MOST 120

/* Each once. */
static void find_subjects(struct plugin *plugin, const struct mailcheck_config *config,
                          struct mailcheck_facts *facts)
{
    if (config->subjects.count > MAILCHECK_SUBJECTS_MAX)
        plugin_usage_error(plugin, "more than %d domains and addresses", MAILCHECK_SUBJECTS_MAX);
    facts->subjects = arena_array(facts->arena, config->subjects.count, sizeof *facts->subjects);
    for (size_t i = 0; i < config->subjects.count; i++) {
        bool is_address;
        const char *expected = NULL;
        const char *word = config->subjects.values[i];
        const char *name = mailcheck_subject_name(plugin, word, &is_address, &expected);
        if (name == NULL)
            plugin_usage_error(plugin, "option --subject: expected an address, or %s, got \"%s\"",
                               expected, word);
        size_t same = 0;
        while (same < facts->subject_count && strcmp(facts->subjects[same].name, name) != 0)
            same++;
        if (same < facts->subject_count)
            continue;
        struct mailcheck_subject *subject = &facts->subjects[facts->subject_count++];
        subject->name = name;
        subject->is_address = is_address;
    }
}

static size_t terminal_width(void)
{
    struct winsize size = {0};
    const char *columns = getenv("COLUMNS");
    uint64_t width = WIDTH_DEFAULT;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
    else if (columns == NULL || !slice_to_number(slice_of(columns), WIDTH_MOST, &width))
        width = WIDTH_DEFAULT;
    return width < WIDTH_LEAST ? WIDTH_LEAST : width > WIDTH_MOST ? WIDTH_MOST : (size_t)width;
}

static bool wants_color(const struct mailcheck_config *config, bool is_terminal)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    if (strcmp(config->color, "auto") != 0)
        return strcmp(config->color, "always") == 0;
    return is_terminal && (no_color == NULL || no_color[0] == '\0') && terminal != NULL &&
           terminal[0] != '\0' && strcmp(terminal, "dumb") != 0;
}

/* For people; the first line is that of a plugin unless a terminal shows it. */
static _Noreturn void end_for_people(struct plugin *plugin, const struct mailcheck_config *config,
                                     struct mailcheck_facts *facts)
{
    bool is_terminal = isatty(STDOUT_FILENO) == 1 && plugin->common.output_file == NULL;
    struct mailcheck_style style = {.color = wants_color(config, is_terminal),
                                    .is_terminal = is_terminal,
                                    .width = terminal_width()};
    struct text text;
    text_init(&text, OUTPUT_MAX);
    if (!is_terminal) {
        struct report_style first = {.format = REPORT_TEXT, .most_octets = REPORT_TEXT_MAX};
        report_write(&plugin->report, &first, plugin_elapsed(plugin), &text);
    }
    mailcheck_show(facts, &style, &text);
    char *copy = arena_copy_bytes(&plugin->arena, text.start, text.length);
    size_t length = text.length;
    text_release(&text);
    mailcheck_release(facts);
    plugin_end_with(plugin, slice_new(copy, length));
}

/* A page that could not be written is our own trouble, and a finding beside the others. */
static void report_page(struct plugin *plugin, const struct mailcheck_config *config,
                        struct mailcheck_facts *facts, const char *text)
{
    const struct finding_definition *definition = &mailcheck_findings[MAILCHECK_F_PAGE];
    struct mailcheck_item *item = arena_array(facts->arena, 1, sizeof *item);
    report_add(&plugin->report, MAILCHECK_F_PAGE, config->html, "%s", text);
    *item = (struct mailcheck_item){
        .finding = MAILCHECK_F_PAGE,
        .state = definition->state,
        .about = config->html,
        .id = definition->id,
        .text = text,
        .why = definition->why,
        .seen = "",
        .fix = definition->fix,
        .reference = definition->reference,
    };
    facts->page = item;
}

/* Before the result goes out, which tells of it. */
static void write_page(struct plugin *plugin, const struct mailcheck_config *config,
                       struct mailcheck_facts *facts)
{
    struct text text;
    char message[256];
    text_init(&text, PAGE_MAX);
    bool is_whole = page_print(facts, clock_wall(), &text);
    bool is_written = output_replace(config->html, text_slice(&text), message);
    text_release(&text);
    if (!is_written)
        report_page(plugin, config, facts,
                    arena_format(facts->arena, "the page of --html: %s", message));
    else if (!is_whole)
        report_page(
            plugin, config, facts,
            arena_format(facts->arena, "the page of --html had to be cut at %zu octets", PAGE_MAX));
}

int main(int argc, char **argv)
{
    struct mailcheck_config config = mailcheck_config_default;
    struct plugin plugin;
    plugin_begin(&plugin, &mailcheck_definition, argc, argv, &config);
    struct mailcheck_facts facts = {.arena = &plugin.arena};
    if (config.json)
        plugin.common.style.format = REPORT_JSON;
    find_subjects(&plugin, &config, &facts);
    mailcheck_settings(&plugin, &config, &facts);
    mailcheck_collect(&plugin, &config, &facts);
    mailcheck_items(&facts);
    mailcheck_judge(&facts, plugin.common.timeout_result, &plugin.report);
    report_metric(&plugin.report, MAILCHECK_M_TIME, plugin_elapsed(&plugin));
    if (config.html != NULL)
        write_page(&plugin, &config, &facts);
    if (plugin.common.style.format == REPORT_TEXT)
        end_for_people(&plugin, &config, &facts);
    mailcheck_release(&facts);
    plugin_end(&plugin);
}
