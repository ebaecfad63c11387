#include "plugin/extra_opts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/plugin.h"
#include "report/escape.h"

#define BLANKS " \t\r\v\f"

/* The words so far, with room for as many as may be. */
struct section {
    struct arena *arena;
    const char *file;
    size_t line;
    const char **words;
    const char **origins;
    size_t count;
    const char *problem; /* what is wrong with the line */
};

static bool bad_line(struct section *section, const char *problem)
{
    section->problem = problem;
    return false;
}

static bool add_word(struct section *section, const char *word)
{
    if (section->count == EXTRA_OPTS_WORDS_MAX)
        return bad_line(section, "expected fewer options in one section");
    section->words[section->count] = word;
    section->origins[section->count] =
        arena_format(section->arena, "%s:%zu", section->file, section->line);
    section->count++;
    return true;
}

/* 1*( ALPHA / DIGIT / "-" / "?" / "." / "_" ) that does not start with a dash */
static bool is_option_name(struct slice key)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-?._";

    for (size_t i = 0; i < key.length; i++) {
        if (memchr(good, key.start[i], sizeof(good) - 1) == NULL)
            return false;
    }
    return key.length > 0 && key.start[0] != '-';
}

static bool unquote(struct slice *value)
{
    char quote = value->length > 0 ? value->start[0] : '\0';

    if (quote != '"' && quote != '\'')
        return true;
    if (value->length < 2 || value->start[value->length - 1] != quote)
        return false;
    *value = slice_sub(*value, 1, value->length - 2);
    return true;
}

/* key *WSP [ "=" *WSP value ] */
static bool add_option(struct section *section, struct slice line)
{
    size_t equals = slice_find(line, '=');
    struct slice key = slice_trim(slice_sub(line, 0, equals), BLANKS);
    struct slice value = slice_trim(slice_sub(line, equals + 1, line.length), BLANKS);
    bool has_value = value.length > 0;
    char *name = arena_copy_slice(section->arena, key);

    if (!is_option_name(key))
        return bad_line(section,
                        "expected NAME=VALUE or NAME, where NAME is an option without dashes");
    if (!unquote(&value))
        return bad_line(section, "expected a quote at the end of the value too");
    if (key.length > 1)
        return add_word(section, has_value ? arena_format(section->arena, "--%s=%.*s", name,
                                                          SLICE_PRINTF(value))
                                           : arena_format(section->arena, "--%s", name));
    return add_word(section, arena_format(section->arena, "-%s", name)) &&
           (!has_value || add_word(section, arena_copy_slice(section->arena, value)));
}

/* "[" *WSP name *WSP "]" */
static bool parse_heading(struct section *section, struct slice line, struct slice *name)
{
    if (line.start[line.length - 1] != ']')
        return bad_line(section, "expected ] at the end of a section's name");
    *name = slice_trim(slice_sub(line, 1, line.length - 2), BLANKS);
    return true;
}

/* A section that stands twice is one. */
static bool add_name(struct section *section, struct slice name)
{
    for (size_t i = 0; i < section->count; i++) {
        if (slice_equals_text(name, section->words[i]))
            return true;
    }
    if (section->count == EXTRA_OPTS_WORDS_MAX)
        return bad_line(section, "expected fewer sections");
    return add_word(section, arena_copy_slice(section->arena, name));
}

/* Of the section `wanted` the options; NULL: the names of all sections. */
static bool parse_lines(struct section *section, struct slice content, const char *wanted,
                        bool *found)
{
    struct slice line;
    struct slice name = {0};

    while (slice_split(&content, '\n', &line)) {
        section->line++;
        if (slice_find(line, '\0') < line.length)
            return bad_line(section, "expected text, got a NUL character");
        line = slice_trim(line, BLANKS);
        if (line.length == 0 || line.start[0] == '#' || line.start[0] == ';')
            continue;
        if (line.start[0] == '[') {
            if (!parse_heading(section, line, &name))
                return false;
            if (wanted == NULL && !add_name(section, name))
                return false;
            *found = *found || wanted == NULL || slice_equals_text(name, wanted);
        } else if (name.start == NULL) {
            return bad_line(section, "expected a [section] before the first option");
        } else if (wanted != NULL && slice_equals_text(name, wanted) &&
                   !add_option(section, line)) {
            return false;
        }
    }
    return true;
}

/* Which sections are read, and whether there must be one. */
struct wanted {
    const char *section;
    bool is_optional;
};

static bool parse(struct arena *arena, struct slice content, const char *file,
                  const struct wanted *wanted, struct option_words *words,
                  char message[static EXTRA_OPTS_MESSAGE_SIZE])
{
    struct section state = {
        .arena = arena,
        .file = file,
        .words = arena_array(arena, EXTRA_OPTS_WORDS_MAX, sizeof(char *)),
        .origins = arena_array(arena, EXTRA_OPTS_WORDS_MAX, sizeof(char *)),
    };
    const char *shown = escape_value(arena, slice_of(file));
    bool found = false;

    if (!parse_lines(&state, content, wanted->section, &found)) {
        snprintf(message, EXTRA_OPTS_MESSAGE_SIZE, "%s:%zu: %s", shown, state.line, state.problem);
        return false;
    }
    if (!found && !wanted->is_optional) {
        snprintf(message, EXTRA_OPTS_MESSAGE_SIZE, "%s: there is no section [%s]", shown,
                 escape_value(arena, slice_of(wanted->section)));
        return false;
    }
    *words =
        (struct option_words){.count = state.count, .words = state.words, .origins = state.origins};
    return true;
}

bool extra_opts_parse(struct arena *arena, struct slice content, const char *file,
                      const char *section, struct option_words *words,
                      char message[static EXTRA_OPTS_MESSAGE_SIZE])
{
    const struct wanted wanted = {.section = section};

    return parse(arena, content, file, &wanted, words, message);
}

bool extra_opts_sections(struct arena *arena, struct slice content, const char *file,
                         struct option_words *names, char message[static EXTRA_OPTS_MESSAGE_SIZE])
{
    const struct wanted wanted = {.is_optional = true};

    return parse(arena, content, file, &wanted, names, message);
}

static const char *file_in_path(struct arena *arena, const char *path)
{
    static const char *const names[] = {"monitoring-plugins.ini", "plugins.ini",
                                        "nagios-plugins.ini"};
    struct slice rest = slice_of(path);
    struct slice folder;

    while (slice_split(&rest, ':', &folder)) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && folder.length > 0; i++) {
            const char *file = arena_format(arena, "%.*s/%s", SLICE_PRINTF(folder), names[i]);

            if (access(file, F_OK) == 0)
                return file;
        }
    }
    return NULL;
}

const char *extra_opts_default_file(struct arena *arena)
{
    static const char *const files[] = {
        "/usr/local/etc/monitoring-plugins/monitoring-plugins.ini",
        "/usr/local/etc/monitoring-plugins.ini",
        "/etc/monitoring-plugins/monitoring-plugins.ini",
        "/etc/monitoring-plugins.ini",
        "/etc/nagios/plugins.ini",
        "/usr/local/nagios/etc/plugins.ini",
        "/usr/local/etc/nagios/plugins.ini",
        "/etc/opt/nagios/plugins.ini",
        "/etc/nagios-plugins.ini",
        "/usr/local/etc/nagios-plugins.ini",
        "/etc/opt/nagios-plugins.ini",
    };
    const char *file = getenv("MP_CONFIG_FILE");
    const char *path = getenv("NAGIOS_CONFIG_PATH");

    if (file != NULL && file[0] != '\0')
        return file;
    file = path != NULL ? file_in_path(arena, path) : NULL;
    for (size_t i = 0; file == NULL && i < sizeof(files) / sizeof(files[0]); i++) {
        if (access(files[i], F_OK) == 0)
            file = files[i];
    }
    return file;
}

bool extra_opts_read(struct arena *arena, const char *locator, const char *program,
                     struct option_words *words, char message[static EXTRA_OPTS_MESSAGE_SIZE])
{
    struct slice text = slice_of(locator != NULL ? locator : "");
    size_t at = slice_find(text, '@');
    const struct wanted wanted = {
        .section = at > 0 ? arena_copy_slice(arena, slice_sub(text, 0, at)) : program,
        .is_optional = locator != NULL && locator[0] == '\0',
    };
    const char *file = at < text.length ? text.start + at + 1 : extra_opts_default_file(arena);
    char problem[256];
    struct slice content;

    if (file == NULL && wanted.is_optional) {
        *words = (struct option_words){0};
        return true;
    }
    if (file == NULL || file[0] == '\0') {
        snprintf(message, EXTRA_OPTS_MESSAGE_SIZE,
                 "option --extra-opts: there is no monitoring-plugins.ini in any of its places; "
                 "expected SECTION@FILE");
        return false;
    }
    if (!plugin_read_file(arena, file, true, EXTRA_OPTS_FILE_MAX, &content, problem)) {
        snprintf(message, EXTRA_OPTS_MESSAGE_SIZE, "option --extra-opts: %s", problem);
        return false;
    }
    return parse(arena, content, file, &wanted, words, message);
}
