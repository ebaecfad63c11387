#include "mail/given_name.h"

#include <string.h>

#include "mail/idn.h"
#include "mail/ip.h"

#define BLANKS " \t\r\n"
#define SCHEME_END "://"
#define LIST_SIGNS ",; \t"
#define WILDCARD "*."
#define DIGITS "0123456789"
#define NAME_SIGNS "abcdefghijklmnopqrstuvwxyz" DIGITS "-_."

const char *given_name_fault_text(enum given_name_fault fault)
{
    switch (fault) {
    case GIVEN_NAME_FINE:
        return "";
    case GIVEN_NAME_EMPTY:
        return " (the name is empty)";
    case GIVEN_NAME_ROOT:
        return ", not the root of all names";
    case GIVEN_NAME_URL:
    case GIVEN_NAME_PATH:
        return ", no URL";
    case GIVEN_NAME_ADDRESS:
        return ", no IP address";
    case GIVEN_NAME_NETWORK:
        return ", no network";
    case GIVEN_NAME_ZONE:
        return ", no address with a zone";
    case GIVEN_NAME_MAIL:
        return ", no mail address";
    case GIVEN_NAME_BRACKETS:
        return ", without brackets";
    case GIVEN_NAME_LIST:
        return ", one alone and without blanks";
    case GIVEN_NAME_PORT:
        return ", without a port";
    case GIVEN_NAME_NUMBERS:
        return " (no name ends in a label of digits alone, and an IPv4 address has four numbers "
               "from 0 to 255)";
    case GIVEN_NAME_BAD_CHARACTER:
        return " (letters, digits, hyphens, underscores and dots are all that it may hold)";
    case GIVEN_NAME_NOT_UTF8:
        return " (a character is a control, or it is no text in UTF-8)";
    case GIVEN_NAME_UNDERSCORE:
        return " (no name of a host has an underscore, RFC 1123 2.1)";
    case GIVEN_NAME_WILDCARD:
        return ", no wildcard";
    case GIVEN_NAME_HYPHEN:
        return " (a hyphen is at an end of a label, RFC 1123 2.1)";
    case GIVEN_NAME_EMPTY_LABEL:
        return " (a label is empty, RFC 1035 2.3.1)";
    case GIVEN_NAME_LABEL_TOO_LONG:
        return " (a label is longer than 63 octets, RFC 1035 2.3.4)";
    case GIVEN_NAME_TOO_LONG:
        return " (it is longer than 253 characters, RFC 1035 2.3.4)";
    case GIVEN_NAME_BAD_IDN:
        return " (a label is no valid internationalised label, RFC 5891 5.4)";
    }
    return " (it is not valid)";
}

static bool holds(struct slice text, char sign)
{
    return slice_find(text, sign) < text.length;
}

static bool holds_one_of(struct slice text, const char *signs)
{
    for (; *signs != '\0'; signs++) {
        if (holds(text, *signs))
            return true;
    }
    return false;
}

static bool begins_with_one_of(struct slice text, const char *signs)
{
    return text.length > 0 && text.start[0] != '\0' && strchr(signs, text.start[0]) != NULL;
}

static struct slice before(struct slice text, char sign)
{
    return slice_sub(text, 0, slice_find(text, sign));
}

static bool is_address(struct slice text)
{
    struct ip_address address;

    return ip_parse(text, &address);
}

/* Whatever its prefix is. */
static bool is_network(struct slice text)
{
    return holds(text, '/') && is_address(before(text, '/'));
}

/* ":" 1*DIGIT */
static bool has_port(struct slice text)
{
    size_t colon = slice_find(text, ':');
    struct slice port = slice_sub(text, colon + 1, text.length);

    return port.length > 0 && slice_trim(port, DIGITS).length == 0;
}

/* What the text looks like if not a name: before its characters are blamed. */
static enum given_name_fault likeness(struct slice text)
{
    if (text.length == 0)
        return GIVEN_NAME_EMPTY;
    if (slice_equals_text(text, "."))
        return GIVEN_NAME_ROOT;
    if (slice_find_text(text, SCHEME_END) < text.length)
        return GIVEN_NAME_URL;
    if (is_address(text))
        return GIVEN_NAME_ADDRESS;
    if (is_network(text))
        return GIVEN_NAME_NETWORK;
    if (holds(text, '%') && is_address(before(text, '%')))
        return GIVEN_NAME_ZONE;
    if (begins_with_one_of(text, "<[("))
        return GIVEN_NAME_BRACKETS;
    if (holds_one_of(text, LIST_SIGNS))
        return GIVEN_NAME_LIST;
    if (holds(text, '@'))
        return GIVEN_NAME_MAIL;
    if (holds(text, '/'))
        return GIVEN_NAME_PATH;
    if (has_port(text))
        return GIVEN_NAME_PORT;
    return GIVEN_NAME_FINE;
}

static enum given_name_fault of_domain(enum domain_error error, bool is_ascii)
{
    switch (error) {
    case DOMAIN_FINE:
        return GIVEN_NAME_FINE;
    case DOMAIN_EMPTY:
        return GIVEN_NAME_EMPTY;
    case DOMAIN_EMPTY_LABEL:
        return GIVEN_NAME_EMPTY_LABEL;
    case DOMAIN_LABEL_TOO_LONG:
        return GIVEN_NAME_LABEL_TOO_LONG;
    case DOMAIN_TOO_LONG:
        return GIVEN_NAME_TOO_LONG;
    case DOMAIN_BAD_CHARACTER:
        return is_ascii ? GIVEN_NAME_BAD_CHARACTER : GIVEN_NAME_NOT_UTF8;
    case DOMAIN_BAD_IDN:
        break;
    }
    return GIVEN_NAME_BAD_IDN;
}

static bool is_ascii(struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.start[i] >= 0x80)
            return false;
    }
    return true;
}

/* Of a name in normal form. */
static enum given_name_fault fault_of_labels(const char *name)
{
    struct slice rest = slice_of(name);
    struct slice label = rest;

    if (slice_starts_with(rest, WILDCARD))
        rest = slice_sub(rest, strlen(WILDCARD), rest.length);
    if (strspn(rest.start, NAME_SIGNS) != rest.length)
        return GIVEN_NAME_BAD_CHARACTER;
    while (slice_split(&rest, '.', &label)) {
        if (label.start[0] == '-' || label.start[label.length - 1] == '-')
            return GIVEN_NAME_HYPHEN;
    }
    return slice_trim(label, DIGITS).length == 0 ? GIVEN_NAME_NUMBERS : GIVEN_NAME_FINE;
}

static enum given_name_fault read_name(struct slice text, char name[static DOMAIN_TEXT_SIZE])
{
    enum given_name_fault fault = likeness(text);

    name[0] = '\0';
    if (fault == GIVEN_NAME_FINE)
        fault = of_domain(domain_to_ascii(text, name), is_ascii(text));
    if (fault == GIVEN_NAME_FINE && name[0] == '\0')
        fault = GIVEN_NAME_ROOT; /* an ideographic full stop is a dot, too */
    if (fault == GIVEN_NAME_FINE)
        fault = fault_of_labels(name);
    if (fault != GIVEN_NAME_FINE)
        name[0] = '\0';
    return fault;
}

/* Without scheme, user, path, brackets, port and zone. */
static struct slice core_of(struct slice text)
{
    size_t scheme = slice_find_text(text, SCHEME_END);
    size_t at;

    if (scheme < text.length)
        text = slice_sub(text, scheme + strlen(SCHEME_END), text.length);
    for (const char *end = "/?#"; *end != '\0'; end++)
        text = before(text, *end);
    while ((at = slice_find(text, '@')) < text.length)
        text = slice_sub(text, at + 1, text.length);
    text = slice_trim(text, BLANKS "<>()");
    if (begins_with_one_of(text, "["))
        return before(slice_sub(text, 1, text.length), ']');
    return is_address(text) ? text : before(before(text, ':'), '%');
}

static bool read_text(struct slice text, bool is_host, struct given_name *given)
{
    struct slice core;
    struct ip_address address;

    *given = (struct given_name){.fault = GIVEN_NAME_FINE};
    given->fault = read_name(text, given->name);
    if (given->fault == GIVEN_NAME_FINE)
        return true;
    /* A zone says which of our interfaces: the address alone is not what is meant. */
    if (given->fault == GIVEN_NAME_ZONE)
        return false;
    core = core_of(text);
    if (ip_parse(core, &address)) {
        if (is_host)
            ip_print(&address, given->meant);
    } else {
        read_name(core, given->meant);
    }
    return false;
}

bool given_name_read(struct slice text, struct given_name *given)
{
    return read_text(text, false, given);
}

bool given_name_read_host(struct slice text, struct given_name *given)
{
    return read_text(text, true, given);
}

const char *given_name_expected(struct arena *arena, const char *what,
                                const struct given_name *given)
{
    const char *text = given_name_fault_text(given->fault);

    if (given->meant[0] == '\0')
        return arena_format(arena, "%s%s", what, text);
    return arena_format(arena, "%s%s (\"%s\" is meant?)", what, text, given->meant);
}
