#include "mail/domain.h"

#include <string.h>

const char *domain_error_text(enum domain_error error)
{
    switch (error) {
    case DOMAIN_FINE:
        return "the name is well-formed";
    case DOMAIN_EMPTY:
        return "the name is empty";
    case DOMAIN_EMPTY_LABEL:
        return "a label is empty (RFC 1035 2.3.1)";
    case DOMAIN_LABEL_TOO_LONG:
        return "a label is longer than 63 octets (RFC 1035 2.3.4)";
    case DOMAIN_TOO_LONG:
        return "the name is longer than 253 characters (RFC 1035 2.3.4)";
    case DOMAIN_BAD_CHARACTER:
        return "a character is a blank, a control or not ASCII (RFC 1035 2.3.1)";
    case DOMAIN_BAD_IDN:
        return "a label is no valid internationalised label (RFC 5891 5.4)";
    }
    return "the name is not valid";
}

static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

static enum domain_error normalize_label(struct slice label, char *to)
{
    if (label.length == 0)
        return DOMAIN_EMPTY_LABEL;
    if (label.length > DOMAIN_LABEL_MAX)
        return DOMAIN_LABEL_TOO_LONG;
    for (size_t i = 0; i < label.length; i++) {
        if (label.start[i] <= ' ' || label.start[i] > '~')
            return DOMAIN_BAD_CHARACTER;
        to[i] = lower(label.start[i]);
    }
    return DOMAIN_FINE;
}

enum domain_error domain_normalize(struct slice name, char buffer[static DOMAIN_TEXT_SIZE])
{
    char *to = buffer;
    struct slice label;

    buffer[0] = '\0';
    if (name.length == 0)
        return DOMAIN_EMPTY;
    if (slice_equals_text(name, "."))
        return DOMAIN_FINE;
    if (name.start[name.length - 1] == '.')
        name.length--;
    if (name.length >= DOMAIN_TEXT_SIZE)
        return DOMAIN_TOO_LONG;
    while (slice_split(&name, '.', &label)) {
        enum domain_error error = normalize_label(label, to);

        if (error != DOMAIN_FINE) {
            buffer[0] = '\0';
            return error;
        }
        to += label.length;
        *to++ = '.';
    }
    /* The last label's dot gives way to the NUL. */
    to[-1] = '\0';
    return DOMAIN_FINE;
}

static bool is_letter(char character)
{
    return lower(character) >= 'a' && lower(character) <= 'z';
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/*
 * label   = let-dig [ *61( let-dig / "-" ) let-dig ]       (RFC 1035 2.3.1, RFC 1123 2.1)
 */
static bool is_host_label(struct slice label, bool *all_digits)
{
    *all_digits = true;
    if (label.length == 0 || label.length > DOMAIN_LABEL_MAX)
        return false;
    if (label.start[0] == '-' || label.start[label.length - 1] == '-')
        return false;
    for (size_t i = 0; i < label.length; i++) {
        if (!is_digit(label.start[i]))
            *all_digits = false;
        if (!is_digit(label.start[i]) && !is_letter(label.start[i]) && label.start[i] != '-')
            return false;
    }
    return true;
}

bool domain_is_host_name(const char *name)
{
    struct slice rest = slice_of(name);
    struct slice label;
    bool all_digits = true;

    if (rest.length >= DOMAIN_TEXT_SIZE)
        return false;
    while (slice_split(&rest, '.', &label))
        if (!is_host_label(label, &all_digits))
            return false;
    return !all_digits;
}

size_t domain_label_count(const char *name)
{
    size_t count = 0;

    for (; *name != '\0'; name = domain_parent(name, 1))
        count++;
    return count;
}

const char *domain_parent(const char *name, size_t labels)
{
    for (; labels > 0 && *name != '\0'; labels--) {
        name += strcspn(name, ".");
        if (*name == '.')
            name++;
    }
    return name;
}

bool domain_is_within(const char *name, const char *ancestor)
{
    size_t length = strlen(name);
    size_t suffix = strlen(ancestor);

    if (suffix == 0)
        return true;
    if (suffix > length || memcmp(name + length - suffix, ancestor, suffix) != 0)
        return false;
    return suffix == length || name[length - suffix - 1] == '.';
}

static struct slice without_final_dot(const char *name)
{
    struct slice slice = slice_of(name);

    if (slice.length > 0 && slice.start[slice.length - 1] == '.')
        slice.length--;
    return slice;
}

bool domain_equal(const char *a, const char *b)
{
    return slice_equals_ignoring_case(without_final_dot(a), without_final_dot(b));
}
