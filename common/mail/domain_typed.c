#include "mail/domain_typed.h"

#include <stdio.h>
#include <string.h>

#include "mail/idn.h"
#include "mail/ip.h"

/* In the normal form. */
#define GOOD "abcdefghijklmnopqrstuvwxyz0123456789-_*."

static bool holds(struct slice text, char character)
{
    return slice_find(text, character) < text.length;
}

/* "192.0.2.1", "256.1.1.1", "1.2.3": no top-level domain is a number. */
static bool ends_in_digits(const char *name)
{
    const char *dot = strrchr(name, '.');
    const char *label = dot == NULL ? name : dot + 1;

    return label[0] != '\0' && strspn(label, "0123456789") == strlen(label);
}

static const char *mail_address(struct slice text, char *message)
{
    size_t at = slice_find(text, '@');
    struct slice rest = slice_sub(text, at + 1, text.length);

    while (holds(rest, '@'))
        rest = slice_sub(rest, slice_find(rest, '@') + 1, rest.length);
    snprintf(message, DOMAIN_TYPED_MESSAGE_SIZE,
             "a domain name, no mail address (\"%.*s\" is meant?)",
             (int)(rest.length < DOMAIN_TEXT_SIZE ? rest.length : DOMAIN_TEXT_SIZE), rest.start);
    return message;
}

const char *domain_typed(struct slice text, char name[static DOMAIN_TEXT_SIZE],
                         char message[static DOMAIN_TYPED_MESSAGE_SIZE])
{
    struct ip_network network;
    enum domain_error error = domain_to_ascii(text, name);

    if (error == DOMAIN_FINE && name[0] == '\0')
        error = DOMAIN_EMPTY;
    size_t good = strspn(name, GOOD);
    bool is_bad = name[good] != '\0' || ends_in_digits(name);
    char sign = name[good];

    if (error == DOMAIN_FINE && !is_bad)
        return NULL;
    name[0] = '\0';
    if (ip_network_parse(text, &network))
        return holds(text, '/') ? "a domain name, no network" : "a domain name, no IP address";
    if (holds(text, '@'))
        return mail_address(text, message);
    if (slice_find_text(text, "://") < text.length)
        return "a domain name, no URL";
    if (error != DOMAIN_FINE)
        snprintf(message, DOMAIN_TYPED_MESSAGE_SIZE, "a domain name (%s)",
                 domain_error_text(error));
    else if (sign == ':')
        return holds(slice_sub(text, slice_find(text, ':') + 1, text.length), ':')
                   ? "a domain name, no IP address"
                   : "a domain name, without a port";
    else if (sign != '\0')
        snprintf(message, DOMAIN_TYPED_MESSAGE_SIZE, "a domain name (none has the character %c)",
                 sign);
    else
        return "a domain name (none ends in a number)";
    return message;
}
