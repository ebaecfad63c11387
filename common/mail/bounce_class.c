#include "mail/bounce_class.h"

/* When a class means "stop sending". */
enum hardness { SOFT, HARD, HARD_IF_5 };

static const struct {
    const char *name;
    const char *title;
    enum bounce_group group;
    enum hardness hardness;
} classes[BOUNCE_CLASSES] = {
    [BOUNCE_UNKNOWN] = {"unknown",          "no cause is given",                                 BOUNCE_GROUP_UNKNOWN,   HARD_IF_5},
    [BOUNCE_BAD_MAILBOX] = {"bad-mailbox",      "the mailbox does not exist",                        BOUNCE_GROUP_RECIPIENT,
                        HARD                                                                                                      },
    [BOUNCE_BAD_DOMAIN] = {"bad-domain",       "the domain does not exist or has no mail server",
                        BOUNCE_GROUP_RECIPIENT,                                                                          HARD     },
    [BOUNCE_MOVED] = {"moved",            "the recipient has moved",                           BOUNCE_GROUP_RECIPIENT, HARD     },
    [BOUNCE_DISABLED] = {"disabled",         "the mailbox is switched off",                       BOUNCE_GROUP_RECIPIENT,
                        HARD_IF_5                                                                                                 },
    [BOUNCE_NO_MAIL_ACCEPTED] = {"no-mail-accepted", "the host takes no mail",
                        BOUNCE_GROUP_RECIPIENT,                                                                          HARD     },
    [BOUNCE_SUPPRESSED] = {"suppressed",       "the sending service will not send to the address",
                        BOUNCE_GROUP_RECIPIENT,                                                                          HARD     },
    [BOUNCE_FILTERED] = {"filtered",         "refused by the recipient's own filter",
                        BOUNCE_GROUP_RECIPIENT,                                                                          SOFT     },
    [BOUNCE_MAILBOX_FULL] = {"mailbox-full",     "the mailbox is full",                               BOUNCE_GROUP_FULL,      SOFT     },
    [BOUNCE_RATE_LIMITED] = {"rate-limited",     "too much mail or too many connections at a time",
                        BOUNCE_GROUP_RATE,                                                                               SOFT     },
    [BOUNCE_GREYLISTED] = {"greylisted",       "told to come back later",                           BOUNCE_GROUP_GREY,      SOFT     },
    [BOUNCE_BLOCKED] = {"blocked",          "on a blocklist, or of bad reputation",              BOUNCE_GROUP_BLOCKED,
                        SOFT                                                                                                      },
    [BOUNCE_PTR] = {"ptr",              "reverse DNS or HELO name is not accepted",          BOUNCE_GROUP_BLOCKED,   SOFT     },
    [BOUNCE_AUTH_FAIL] = {"auth-fail",        "SPF, DKIM or DMARC failed",                         BOUNCE_GROUP_BLOCKED,   SOFT     },
    [BOUNCE_SPAM_CONTENT] = {"spam-content",     "taken for spam",                                    BOUNCE_GROUP_BLOCKED,   SOFT     },
    [BOUNCE_VIRUS] = {"virus",            "taken for a virus",                                 BOUNCE_GROUP_BLOCKED,   SOFT     },
    [BOUNCE_SENDER_REJECTED] = {"sender-rejected",  "the sender address is not accepted",
                        BOUNCE_GROUP_BLOCKED,                                                                            SOFT     },
    [BOUNCE_POLICY] = {"policy",           "refused by a policy of the receiver",               BOUNCE_GROUP_BLOCKED,   SOFT     },
    [BOUNCE_TOO_BIG] = {"too-big",          "the mail is too big",                               BOUNCE_GROUP_SIZE,      SOFT     },
    [BOUNCE_EXPIRED] = {"expired",          "given up after days in the queue",                  BOUNCE_GROUP_TRANSIENT,
                        SOFT                                                                                                      },
    [BOUNCE_NETWORK] = {"network",          "DNS, connection or routing",                        BOUNCE_GROUP_TRANSIENT, SOFT     },
    [BOUNCE_SYSTEM] = {"system",           "trouble of a mail system: busy, broken, disk full",
                        BOUNCE_GROUP_TRANSIENT,                                                                          SOFT     },
    [BOUNCE_RELAY_DENIED] = {"relay-denied",     "the host does not relay for the sender",
                        BOUNCE_GROUP_CONFIG,                                                                             SOFT     },
    [BOUNCE_PROTOCOL] = {"protocol",         "syntax, content or TLS is not accepted",            BOUNCE_GROUP_CONFIG,
                        SOFT                                                                                                      },
};

static const char *const groups[BOUNCE_GROUPS] = {
    [BOUNCE_GROUP_UNKNOWN] = "unknown", [BOUNCE_GROUP_RECIPIENT] = "recipient",
    [BOUNCE_GROUP_FULL] = "full",       [BOUNCE_GROUP_RATE] = "rate",
    [BOUNCE_GROUP_GREY] = "grey",       [BOUNCE_GROUP_BLOCKED] = "blocked",
    [BOUNCE_GROUP_SIZE] = "size",       [BOUNCE_GROUP_TRANSIENT] = "transient",
    [BOUNCE_GROUP_CONFIG] = "config",
};

static const struct {
    const char *name;
    enum bounce_class class;
} other_names[] = {
    {"system-full", BOUNCE_SYSTEM  },
    {"content",     BOUNCE_PROTOCOL},
    {"tls",         BOUNCE_PROTOCOL},
};

const char *bounce_group_name(enum bounce_group group)
{
    return groups[group];
}

const char *bounce_class_name(enum bounce_class class)
{
    return classes[class].name;
}

const char *bounce_class_title(enum bounce_class class)
{
    return classes[class].title;
}

enum bounce_group bounce_class_group(enum bounce_class class)
{
    return classes[class].group;
}

bool bounce_group_parse(struct slice name, enum bounce_group *group)
{
    for (size_t i = 0; i < BOUNCE_GROUPS; i++) {
        if (slice_equals_text(name, groups[i])) {
            *group = (enum bounce_group)i;
            return true;
        }
    }
    return false;
}

bool bounce_class_parse(struct slice name, enum bounce_class *class)
{
    for (size_t i = 0; i < BOUNCE_CLASSES; i++) {
        if (slice_equals_text(name, classes[i].name)) {
            *class = (enum bounce_class)i;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++) {
        if (slice_equals_text(name, other_names[i].name)) {
            *class = other_names[i].class;
            return true;
        }
    }
    return false;
}

bool bounce_class_is_hard(enum bounce_class class, unsigned first_digit)
{
    switch (classes[class].hardness) {
    case HARD:
        return first_digit != 4;
    case HARD_IF_5:
        return first_digit == 5;
    case SOFT:
    default:
        return false;
    }
}
