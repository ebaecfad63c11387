#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "report/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* jansson takes valid UTF-8 only. */
static void require_utf8(const char *text, size_t length)
{
    json_t *json = json_stringn(text, length);

    require(json != NULL);
    json_decref(json);
}

static void check_text(struct slice value, size_t most)
{
    struct text once, twice;

    text_init(&once, SIZE_MAX);
    text_init(&twice, SIZE_MAX);
    escape_text(&once, value, most);
    require(once.length <= most + 3);
    require(strlen(once.start) == once.length);
    require(strpbrk(once.start, "|<>\n\r\t\x1b\x7f") == NULL);
    require_utf8(once.start, once.length);
    /* What is printable stays as it is. */
    escape_text(&twice, text_slice(&once), SIZE_MAX);
    require(slice_equals(text_slice(&once), text_slice(&twice)));
    text_release(&once);
    text_release(&twice);
}

static void check_utf8(struct slice value, size_t most)
{
    struct arena arena;

    arena_init(&arena);

    const char *text = escape_utf8(&arena, value, most);

    require(strlen(text) <= most + 3);
    require_utf8(text, strlen(text));
    arena_release(&arena);
}

/* A label value ends at no quote of its own, and each backslash has its partner. */
static void check_prometheus(struct slice value)
{
    struct text text;

    text_init(&text, SIZE_MAX);
    escape_prometheus(&text, value);
    require(text.length <= ESCAPE_LABEL_MAX + 3);
    require_utf8(text.start, text.length);
    for (const char *at = text.start; *at != '\0'; at++) {
        require(*at != '"' && *at != '\n');
        if (*at == '\\') {
            at++;
            require(*at == '\\' || *at == '"' || *at == 'n');
        }
    }
    text_release(&text);
}

/* The first octet is the limit. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t most = size > 0 ? data[0] : 0;
    struct slice value = size > 0 ? slice_new((const char *)data + 1, size - 1) : (struct slice){0};

    check_text(value, most);
    check_text(value, 4 * size);
    check_utf8(value, most);
    check_utf8(value, 4 * size);
    check_prometheus(value);
    return 0;
}
