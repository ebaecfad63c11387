#include <string.h>

#include "mail/idn.h"
#include "recipient.h"

static const char *const NAMES[RECIPIENT_NOTES] = {
    [RECIPIENT_NOTE_ROLE] = "role", [RECIPIENT_NOTE_DISPOSABLE] = "disposable",
    [RECIPIENT_NOTE_FREE] = "free", [RECIPIENT_NOTE_PLUS_TAG] = "plus-tag",
    [RECIPIENT_NOTE_TYPO] = "typo",
};

/* RFC 2142 3, 4, 5; MAILER-DAEMON stands in RFC 5321's examples. */
static const char *const ROLES[] = {
    "info",       "marketing", "sales", "support",   "abuse", "noc",  "security", "postmaster",
    "hostmaster", "usenet",    "news",  "webmaster", "www",   "uucp", "ftp",      "mailer-daemon",
};

/* Where many people have their mailbox, and many more mistype it. */
static const char *const PROVIDERS[] = {
    "aol.com",        "email.com",   "fastmail.com", "gmail.com",   "googlemail.com",
    "hotmail.com",    "hotmail.fr",  "icloud.com",   "libero.it",   "mail.com",
    "outlook.com",    "outlook.de",  "orange.fr",    "posteo.de",   "proton.me",
    "protonmail.com", "t-online.de", "wanadoo.fr",   "yahoo.co.uk", "yahoo.com",
    "yahoo.de",       "yahoo.fr",    "yandex.ru",    "ymail.com",   "zoho.com",
};
/* One letter makes another good name of shorter ones. */
#define TYPO_LENGTH_MIN 8

enum recipient_note recipient_notes_parse(struct slice word)
{
    for (size_t i = 0; i < RECIPIENT_NOTES; i++) {
        if (slice_equals_text_ignoring_case(word, NAMES[i]))
            return (enum recipient_note)i;
    }
    return RECIPIENT_NOTES;
}

/* Without the tag of sub-addressing. */
static struct slice user_of(const struct recipient *recipient)
{
    struct slice local = recipient->address.local;
    size_t plus = slice_find(local, '+');

    return plus == 0 ? local : slice_sub(local, 0, plus);
}

static bool is_role(const struct recipient_facts *facts, const struct recipient *recipient)
{
    struct slice user = user_of(recipient);

    for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++) {
        if (slice_equals_text_ignoring_case(user, ROLES[i]))
            return true;
    }
    for (size_t i = 0; i < facts->roles.count; i++) {
        if (slice_equals_text_ignoring_case(user, facts->roles.values[i]))
            return true;
    }
    /* RFC 2142 6 */
    return user.length > 8 && slice_ends_with_ignoring_case(user, "-request");
}

/* The domain or one above it stands in the list. */
static bool is_below_one_of(const char *host, const struct option_list *list)
{
    char name[DOMAIN_TEXT_SIZE];

    for (size_t i = 0; i < list->count; i++) {
        if (domain_to_ascii(slice_of(list->values[i]), name) == DOMAIN_FINE && name[0] != '\0' &&
            domain_is_within(host, name))
            return true;
    }
    return false;
}

static bool is_mistyped(const char *host, const char *provider, size_t *least, const char **detail)
{
    size_t distance = slice_distance(slice_of(host), slice_of(provider));

    if (distance == 1 && strlen(provider) >= TYPO_LENGTH_MIN && distance < *least) {
        *least = distance;
        *detail = provider;
    }
    return distance == 0;
}

static bool is_typo(const struct recipient_facts *facts, const char *host, const char **detail)
{
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < sizeof PROVIDERS / sizeof PROVIDERS[0]; i++) {
        if (is_mistyped(host, PROVIDERS[i], &least, detail))
            return false;
    }
    for (size_t i = 0; i < facts->frees.count; i++) {
        if (is_mistyped(host, facts->frees.values[i], &least, detail))
            return false;
    }
    return least != SIZE_MAX;
}

bool recipient_notes_hold(const struct recipient_facts *facts, const struct recipient *recipient,
                          enum recipient_note note, const char **detail)
{
    const char *host = recipient->address.host;
    struct slice local = recipient->address.local;

    *detail = NULL;
    switch (note) {
    case RECIPIENT_NOTE_ROLE:
        return is_role(facts, recipient);
    case RECIPIENT_NOTE_PLUS_TAG:
        return !recipient->address.is_quoted && user_of(recipient).length < local.length;
    case RECIPIENT_NOTE_DISPOSABLE:
        return host[0] != '\0' && is_below_one_of(host, &facts->disposables);
    case RECIPIENT_NOTE_FREE:
        return host[0] != '\0' && is_below_one_of(host, &facts->frees);
    case RECIPIENT_NOTE_TYPO:
        return host[0] != '\0' && is_typo(facts, host, detail);
    case RECIPIENT_NOTES:
        break;
    }
    return false;
}
