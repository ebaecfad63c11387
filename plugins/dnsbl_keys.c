#include "dnsbl_keys.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "dnsbl_zone.h"

static const char registered[] = "registered";

static struct dnsbl_key *find(struct dnsbl_keys *keys, struct slice name)
{
    for (size_t i = 0; i < keys->count; i++)
        if (slice_equals_text(name, keys->keys[i].name))
            return &keys->keys[i];
    return NULL;
}

bool dnsbl_keys_add(struct dnsbl_keys *keys, struct arena *arena, struct slice name,
                    struct slice value)
{
    struct dnsbl_key *key = find(keys, name);

    if (!dnsbl_zone_is_key(value) || (key == NULL && keys->count == DNSBL_KEYS_MAX))
        return false;
    if (key == NULL) {
        key = &keys->keys[keys->count++];
        key->name = arena_copy_slice(arena, name);
    }
    key->value = arena_copy_slice(arena, value);
    key->is_secret = !slice_equals_text_ignoring_case(value, registered);
    return true;
}

static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.length; i++) {
        char c = name.start[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return name.length > 0;
}

bool dnsbl_keys_read(struct dnsbl_keys *keys, struct arena *arena, struct slice text,
                     const char *file, char message[static DNSBL_KEYS_MESSAGE_SIZE])
{
    struct slice line;
    const char *reason = NULL;
    size_t number = 0;

    while (reason == NULL && slice_split(&text, '\n', &line)) {
        number++;
        line = slice_trim(line, " \t\r");
        if (line.length == 0 || line.start[0] == '#')
            continue;
        size_t equals = slice_find(line, '=');
        struct slice name = slice_trim(slice_sub(line, 0, equals), " \t");
        struct slice value = slice_trim(slice_sub(line, equals + 1, line.length), " \t");
        if (equals == line.length)
            reason = "a line is written name = key";
        else if (!is_name(name))
            reason = "the name in front of \"=\" holds small letters, digits and hyphens";
        else if (!dnsbl_zone_is_key(value))
            reason = "the key has to be 4 to 63 letters, digits, hyphens or underscores";
        else if (!dnsbl_keys_add(keys, arena, name, value))
            reason = "there are too many keys";
    }
    if (reason == NULL)
        return true;
    (void)snprintf(message, DNSBL_KEYS_MESSAGE_SIZE, "%.300s:%zu: %s", file, number, reason);
    return false;
}

const char *dnsbl_keys_find(const struct dnsbl_keys *keys, const char *name)
{
    for (size_t i = 0; name != NULL && i < keys->count; i++)
        if (strcmp(keys->keys[i].name, name) == 0)
            return keys->keys[i].value;
    return NULL;
}

/* Length of the longest key that stands at `offset`, or 0. */
static size_t key_at(const struct dnsbl_keys *keys, struct slice text, size_t offset)
{
    size_t length = 0;

    for (size_t i = 0; i < keys->count; i++) {
        struct slice rest = slice_sub(text, offset, text.length);

        if (keys->keys[i].is_secret && slice_starts_with_ignoring_case(rest, keys->keys[i].value)) {
            size_t found = strlen(keys->keys[i].value);
            length = found > length ? found : length;
        }
    }
    return length;
}

struct slice dnsbl_keys_mask(const struct dnsbl_keys *keys, struct arena *arena, struct slice text)
{
    struct text masked;
    size_t first = 0;

    while (first < text.length && key_at(keys, text, first) == 0)
        first++;
    if (first == text.length)
        return text;
    text_init(&masked, text.length * 2 + sizeof DNSBL_ZONE_KEY);
    text_append_slice(&masked, slice_sub(text, 0, first));
    for (size_t i = first; i < text.length;) {
        size_t length = key_at(keys, text, i);

        if (length > 0) {
            text_append(&masked, DNSBL_ZONE_KEY);
            i += length;
        } else {
            text_append_char(&masked, text.start[i++]);
        }
    }
    size_t length = masked.length;
    const char *copy = arena_copy_slice(arena, text_slice(&masked));
    text_release(&masked);
    return slice_new(copy, length);
}
