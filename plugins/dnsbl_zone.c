#include "dnsbl_zone.h"

#include <stdio.h>
#include <string.h>

static bool is_label_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static bool is_label_text(struct slice label)
{
    for (size_t i = 0; i < label.length; i++) {
        if (!is_label_character(label.start[i]))
            return false;
    }
    return label.length > 0;
}

static const char *const placeholders[] = {DNSBL_ZONE_KEY, DNSBL_ZONE_TARGET};

#define PLACEHOLDER_COUNT (sizeof placeholders / sizeof placeholders[0])

/* Index of the placeholder that a label is, or PLACEHOLDER_COUNT. */
static size_t placeholder_of(struct slice label)
{
    size_t i = 0;
    while (i < PLACEHOLDER_COUNT && !slice_equals_text_ignoring_case(label, placeholders[i]))
        i++;
    return i;
}

const char *dnsbl_zone_normalize(struct slice text, char zone[static DOMAIN_TEXT_SIZE])
{
    enum domain_error error = domain_normalize(text, zone);
    if (error != DOMAIN_FINE)
        return domain_error_text(error);
    if (zone[0] == '\0')
        return "the zone is empty";
    unsigned uses[PLACEHOLDER_COUNT + 1] = {0};
    size_t offset = 0;
    struct slice rest = slice_of(zone);
    struct slice label;
    while (slice_split(&rest, '.', &label)) {
        size_t placeholder = placeholder_of(label);
        if (placeholder == PLACEHOLDER_COUNT) {
            if (!is_label_text(label))
                return "a label of a zone holds letters, digits, hyphens and underscores only";
        } else {
            memcpy(zone + offset, placeholders[placeholder], label.length);
        }
        uses[placeholder]++;
        offset += label.length + 1;
    }
    if (uses[0] > 1 || uses[1] > 1)
        return "a placeholder stands twice in the zone";
    if (uses[PLACEHOLDER_COUNT] == 0)
        return "the zone is empty but for placeholders";
    return NULL;
}

bool dnsbl_zone_has_key(const char *zone)
{
    return strstr(zone, DNSBL_ZONE_KEY) != NULL;
}

bool dnsbl_zone_is_key(struct slice text)
{
    return text.length >= DNSBL_KEY_MIN && text.length <= DOMAIN_LABEL_MAX && is_label_text(text);
}

/* Appends to `name`, of which *length octets are used, with a dot between. */
static bool append(char name[static DOMAIN_TEXT_SIZE], size_t *length, struct slice part)
{
    size_t dot = *length > 0 ? 1 : 0;
    if (*length + dot + part.length >= DOMAIN_TEXT_SIZE)
        return false;
    if (dot == 1)
        name[(*length)++] = '.';
    memcpy(name + *length, part.start, part.length);
    *length += part.length;
    name[*length] = '\0';
    return true;
}

bool dnsbl_zone_question(const char *zone, const char *key, const char *target,
                         char name[static DOMAIN_TEXT_SIZE])
{
    char joined[DOMAIN_TEXT_SIZE];
    size_t length = 0;
    bool fits = true;
    if (strstr(zone, DNSBL_ZONE_TARGET) == NULL)
        fits = append(joined, &length, slice_of(target));
    struct slice rest = slice_of(zone);
    struct slice label;
    while (fits && slice_split(&rest, '.', &label)) {
        if (slice_equals_text(label, DNSBL_ZONE_KEY)) {
            if (key == NULL || !dnsbl_zone_is_key(slice_of(key)))
                return false;
            label = slice_of(key);
        } else if (slice_equals_text(label, DNSBL_ZONE_TARGET)) {
            label = slice_of(target);
        }
        fits = append(joined, &length, label);
    }
    return fits && domain_normalize(slice_new(joined, length), name) == DOMAIN_FINE;
}

bool dnsbl_zone_hide_key(const char *zone, unsigned index, char hidden[static DOMAIN_TEXT_SIZE],
                         struct slice *key)
{
    struct slice rest = slice_of(zone);
    struct slice label;
    size_t length = 0;
    bool found = false;
    for (unsigned i = 0; slice_split(&rest, '.', &label); i++) {
        if (i == index) {
            *key = label;
            found = rest.start != NULL;
            label = SLICE_LITERAL(DNSBL_ZONE_KEY);
        }
        if (!append(hidden, &length, label))
            return false;
    }
    return found;
}
