#include "plugin/export_yaml.h"

#include <ctype.h>
#include <string.h>

#include "base/slice.h"

#define INDENT 2

/* Words that some reader of YAML takes for something else than a string. */
static bool is_special_word(const char *string)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on",
                                        "off",  "null",  "y",   "n"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (slice_equals_text_ignoring_case(slice_of(string), words[i]))
            return true;
    }
    return false;
}

/* Letters first, then letters, digits and marks that mean nothing within a word. */
static bool is_plain(const char *string)
{
    size_t length = strlen(string);

    if (length == 0 || !isalpha((unsigned char)string[0]) || string[length - 1] == ' ')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)string[i]) && strchr(" _./()=-", string[i]) == NULL)
            return false;
    }
    return !is_special_word(string);
}

static bool has_control(const char *string)
{
    for (; *string != '\0'; string++) {
        if (iscntrl((unsigned char)*string))
            return true;
    }
    return false;
}

static int dump_part(const char *buffer, size_t size, void *out)
{
    text_append_slice(out, slice_new(buffer, size));
    return 0;
}

static void write_string(struct text *out, const json_t *value)
{
    const char *string = json_string_value(value);

    if (is_plain(string)) {
        text_append(out, string);
    } else if (has_control(string)) {
        /* A string of JSON is one of YAML. */
        json_dump_callback(value, dump_part, out, JSON_ENCODE_ANY);
    } else {
        text_append_char(out, '\'');
        for (; *string != '\0'; string++)
            text_append(out, *string == '\'' ? "''" : (const char[]){*string, '\0'});
        text_append_char(out, '\'');
    }
}

static void write_value(struct text *out, json_t *value, size_t indent);

/* The members each on a line of its own, the first where `out` stands. */
static void write_members(struct text *out, json_t *object, size_t indent)
{
    const char *key;
    json_t *value;
    bool is_first = true;

    json_object_foreach(object, key, value)
    {
        if (!is_first)
            text_append_repeat(out, ' ', indent);
        text_printf(out, "%s:", key);
        write_value(out, value, indent + INDENT);
        is_first = false;
    }
}

static void write_elements(struct text *out, json_t *array, size_t indent)
{
    size_t i;
    json_t *element;

    json_array_foreach(array, i, element)
    {
        text_append_repeat(out, ' ', indent);
        text_append(out, "- ");
        if (json_is_string(element)) {
            write_string(out, element);
            text_append_char(out, '\n');
        } else {
            write_members(out, element, indent + INDENT);
        }
    }
}

/* What stands behind "key:", with its newline. */
static void write_value(struct text *out, json_t *value, size_t indent)
{
    if (json_is_array(value) && json_array_size(value) > 0) {
        text_append_char(out, '\n');
        write_elements(out, value, indent);
    } else if (json_is_array(value)) {
        text_append(out, " []\n");
    } else if (json_is_object(value)) {
        text_append_char(out, '\n');
        text_append_repeat(out, ' ', indent);
        write_members(out, value, indent);
    } else {
        text_append_char(out, ' ');
        write_string(out, value);
        text_append_char(out, '\n');
    }
}

void export_yaml_dump(json_t *object, struct text *out)
{
    write_members(out, object, 0);
    json_decref(object);
}
