#include "plugin/state_file.h"
#include "recipient.h"
#include "relay_reply.h"

const struct recipient_config recipient_config_default = {
    .expect = "accept",
    .catch_all = "ok",
    .greylist = STATE_WARNING,
    .greylist_wait = 300,
    .keep = 3600,
    .most_connections = 15,
    .interval = 1,
};

#define AT(member) offsetof(struct recipient_config, member)
/* One row; the rest are further members. */
#define OPTION(name_text, kind_word, help_text, ...)                                               \
    {                                                                                              \
        .name = name_text, .kind = OPTION_##kind_word, .help = help_text, __VA_ARGS__              \
    }

static const char *const EXPECT_WORDS[] = {"accept", "reject", NULL};
static const char *const CATCH_ALL_WORDS[] = {"ok", "warn", "off", NULL};

static const struct option_definition OPTIONS[] = {
    OPTION("address", TEXT,
           "An address that is asked about, as local-part@domain. May be given more than once; "
           "each is asked about once.",
           .traits = OPTION_REPEAT | OPTION_RAW, .argument = "ADDRESS", .offset = AT(addresses),
           .group = "What is checked"),
    OPTION("addresses-file", FILE,
           "A file with an address on each line; a line that begins with # is a comment.",
           .traits = OPTION_TEMPLATE, .argument = "FILE", .offset = AT(addresses_file)),
    OPTION("smtputf8", FLAG, "Local parts may have UTF-8 (RFC 6531).", .offset = AT(smtputf8)),
    OPTION("expect", WORD,
           "What must come of the addresses: with reject one that is accepted is CRITICAL (someone "
           "who left, a trap).",
           .argument = "WORD", .words = EXPECT_WORDS, .default_text = "accept",
           .offset = AT(expect)),
    OPTION("catchall", WORD,
           "When an address was accepted, one that nobody has is tried on a connection of its own: "
           "what it means that this is accepted, too; off: it is not tried.",
           .argument = "WORD", .words = CATCH_ALL_WORDS, .default_text = "ok",
           .offset = AT(catch_all), .group = "How it is judged"),
    OPTION("greylist", STATE, "The state of an address that is greylisted.", .argument = "STATE",
           .default_text = "warning", .offset = AT(greylist)),
    OPTION("greylist-wait", NUMBER,
           "How long a greylisted address is not asked again when the server names no time; twice "
           "as long each time, up to 1800.",
           .argument = "SECONDS", .unit = "seconds", .default_text = "300", .minimum = 1,
           .maximum = RELAY_WAIT_MAX, .offset = AT(greylist_wait)),
    OPTION("warn", TEXT,
           "Notes that are to be WARNING: role, disposable, free, plus-tag, typo. With commas, or "
           "more than once.",
           .traits = OPTION_REPEAT, .argument = "NOTE[,NOTE]...", .offset = AT(warn),
           .group = "Notes"),
    OPTION("roles-file", FILE, "Further local parts of role accounts, one on a line.",
           .argument = "FILE", .default_text = "those of RFC 2142", .offset = AT(roles_file)),
    OPTION("disposable-file", FILE, "Domains of disposable addresses, one on a line.",
           .argument = "FILE", .default_text = "none is known", .offset = AT(disposable_file)),
    OPTION("free-file", FILE, "Domains of free providers, one on a line.", .argument = "FILE",
           .default_text = "none is known", .offset = AT(free_file)),
    OPTION("from", TEXT, "The sender in MAIL; <> is the null sender.", .argument = "ADDRESS",
           .default_text = "postmaster at the name of EHLO, else <>", .offset = AT(sender),
           .group = "Conversation"),
    OPTION("starttls", FLAG, "Use STARTTLS where it is offered.", .offset = AT(starttls)),
    OPTION("interval", SECONDS,
           "The pause between two conversations. Servers of different domains are spoken to side "
           "by side.",
           .argument = "SECONDS", .unit = "seconds", .default_text = "1", .minimum = 0,
           .maximum = 3600, .offset = AT(interval)),
    OPTION("data-abort", FLAG,
           "Say DATA when an address was accepted, to see whether it is refused then; when it is "
           "not, the connection is closed at once, without an octet of content, and the server "
           "drops the message (RFC 5321 4.1.1.10).",
           .offset = AT(data_abort)),
    OPTION("max-connections", NUMBER,
           "Most connections to a server in ten minutes, over all runs with this state file. "
           "Beyond them an earlier answer stands, or the address waits for a later run.",
           .argument = "COUNT", .default_text = "15", .minimum = 1, .maximum = 1000,
           .offset = AT(most_connections), .group = "Courtesy"),
    OPTION("keep", NUMBER,
           "How long an answer holds: that to the address that nobody has is not asked for again, "
           "the others stand in where --max-connections or the time leaves no room.",
           .argument = "SECONDS", .unit = "seconds", .default_text = "3600", .minimum = 0,
           .maximum = 86400, .offset = AT(keep)),
    OPTION("state-file", FILE,
           "Where connections, answers and greylisted addresses are remembered; \"none\" remembers "
           "nothing.",
           .argument = "FILE",
           .default_text = "one for all checks of this user in " STATE_FILE_TOP
                           "/postmaster-plugins-UID, or below $MP_STATE_PATH",
           .offset = AT(state_file)),
    SMTP_OPTIONS_BESIDE(struct recipient_config, smtp),
};

static const struct plugin_example EXAMPLES[] = {
    {"check_recipient --address office@example.org",                                              "must be accepted by the domain's exchangers"},
    {"check_recipient --address left@example.org --expect reject",
     "somebody who left: mail must be refused"                                                                                                 },
    {"check_recipient --addresses-file /etc/nagios/addresses -t 120 -w 1 -c 5",
     "a list: so many that are undeliverable"                                                                                                  },
    {"check_recipient --addresses-file staff.txt --max-connections 500 -t 600 --state-file none",
     "by hand, at a server of one's own that bans nobody: all anew"                                                                            },
};

static const struct element_field RECIPIENT_FIELDS[] = {
    {"address", ELEMENT_KEY,    NULL,         NULL},
    {"verdict", ELEMENT_TEXT,   "verdict",    NULL},
    {"code",    ELEMENT_NUMBER, "reply code", ""  },
};

static const struct element_array ELEMENTS[] = {
    {"recipients", NULL, "recipient", RECIPIENT_FIELDS,
     sizeof RECIPIENT_FIELDS / sizeof RECIPIENT_FIELDS[0]},
};

const struct plugin_definition recipient_definition = {
    .tables = {.plugin = "check_recipient",
               .version = PACKAGE_VERSION,
               .service = "RECIPIENT",
               .findings = recipient_findings,
               .finding_count = RECIPIENT_FINDINGS,
               .metrics = recipient_metrics,
               .metric_count = RECIPIENT_METRICS,
               .facts = "{\"recipients\":[]}",
               .elements = ELEMENTS,
               .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0]},
    .title = "check whether mail addresses are accepted",
    .description =
        "Asks the exchangers of an address whether they take mail for it, as a sender would: "
        "syntax, domain, exchangers by preference, EHLO, MAIL, RCPT, QUIT. No message is ever "
        "sent: DATA is not said unless --data-abort asks for it, and then nothing follows it. Only "
        "hosts are spoken to that the address leads to.\n\n"
        "What refuses the address (no such user, disabled, full, moved) is told apart from what "
        "refuses us (blocklist, relay, policy, frequency) and from what passes (greylisting, "
        "verification): the latter two say nothing of the address.\n\n"
        "The limits of such tests: acceptance of RCPT is not delivery, for a server may refuse the "
        "message later or drop it, and a catch-all takes everything. Probing other people's "
        "servers gets you on blocklists: check the addresses of domains that you run.",
    .figure = "the number of undeliverable addresses (with --expect reject: of those that are "
              "accepted); then the single ones are notes",
    .figure_at_least = true,
    .network = true,
    .default_timeout = 30,
    .check_interval = 900,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes =
        "Each address is asked about once in a run, on a connection of its own, with a pause "
        "between them, and once in --keep seconds there is one more connection for each domain "
        "that accepts an address (--catchall). So one address may be checked every minute; of a "
        "long list those whose answers are oldest are asked, as far as --max-connections goes, "
        "and the other answers are remembered ones. All checks of a user count together, in the "
        "state file that they share, and talk to a server one after the other. A server that says "
        "421, or refuses our greeting or our "
        "sender, is not asked "
        "about its other addresses in that run. An exchanger that gives no word is passed over for "
        "the next one; one that answers decides. At most 1000 addresses; -t must leave time for "
        "the pauses.\n\n"
        "rcpt_code is the reply to RCPT for the first address that is not deliverable, else for "
        "the first one; U when there was none.",
};
