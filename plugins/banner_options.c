#include "banner.h"

const struct banner_config banner_config_default = {
    .banner_match = "exact",
    .policy = "default",
};

static const char *const SERVICES[] = {"mx", "submission", NULL};
static const char *const POLICIES[] = {"default", "strict", NULL};
static const char *const PROBES[] = {"vrfy", "expn",     "help",     "mail-first", "early-talk",
                                     "size", "8bitmime", "smtputf8", NULL};

#define AT(member) offsetof(struct banner_config, member)
/* One row; the rest are further members. */
#define OPTION(name_text, kind_word, help_text, ...)                                               \
    {                                                                                              \
        .name = name_text, .kind = OPTION_##kind_word, .help = help_text, __VA_ARGS__              \
    }

static const struct option_definition OPTIONS[] = {
    SMTP_OPTIONS(struct banner_config, smtp),
    OPTION("service", WORD,
           "What the server is for: mx takes mail of others, submission that of its users. It "
           "decides how grave a missing STARTTLS is.",
           .argument = "SERVICE", .words = SERVICES, .offset = AT(service),
           .default_text = "submission on ports 587 and 465, else mx"),
    OPTION("time", TEXT,
           "Thresholds for the response time of a further stage: total, connect, ehlo or quit. "
           "Either may be left out..",
           .traits = OPTION_REPEAT, .argument = "STAGE=WARNING,CRITICAL", .unit = "seconds",
           .offset = AT(times), .group = "Time"),
    OPTION("banner-match", TEXT,
           "How the name in the greeting and the PTR name of the address have to agree: exact, of "
           "one organizational domain, not at all; name=NAME: the greeting must have this name.",
           .argument = "exact|domain|any|name=NAME", .default_text = "exact",
           .offset = AT(banner_match), .group = "Names"),
    OPTION("no-names", FLAG,
           "Ask DNS nothing about the names of the server: PTR records, addresses of the name in "
           "its greeting.",
           .offset = AT(no_names)),
    OPTION("require", TEXT,
           "The server must offer this EHLO keyword, or this parameter of it (AUTH=PLAIN).",
           .traits = OPTION_REPEAT, .argument = "KEYWORD[=PARAMETER]", .offset = AT(required),
           .group = "Extensions"),
    OPTION("forbid", TEXT, "The server must not offer this EHLO keyword, or this parameter of it.",
           .traits = OPTION_REPEAT, .argument = "KEYWORD[=PARAMETER]", .offset = AT(forbidden)),
    OPTION("size-warning", RANGE,
           "Warn when the size limit that EHLO offers is outside of this range; SIZE 0, "
           "no limit, counts as infinite. A server that does not tell its limit is "
           "smtp.size-absent.",
           .argument = "RANGE", .unit = "octets", .offset = AT(size_warning)),
    OPTION("size-critical", RANGE, "Critical when it is outside of this range.",
           .argument = "RANGE", .unit = "octets", .offset = AT(size_critical)),
    OPTION("mail-null", FLAG,
           "Ask whether the empty sender of bounces is accepted (MAIL FROM:<>, then RSET).",
           .offset = AT(mail_null), .group = "Beyond EHLO (no message is ever sent)"),
    OPTION("mail", TEXT, "Ask whether this sender is accepted.", .argument = "ADDRESS",
           .offset = AT(mail)),
    OPTION("postmaster", DOMAIN,
           "Ask whether mail to postmaster is accepted, without a domain and in this one.",
           .traits = OPTION_REPEAT, .argument = "DOMAIN", .offset = AT(postmasters)),
    OPTION(
        "probe", WORD,
        "Ask one thing more: vrfy, expn, help (what the server discloses), mail-first (MAIL "
        "without EHLO), early-talk (EHLO before the greeting, which gets clients refused), "
        "size, 8bitmime, smtputf8 (whether what is offered holds). Servers count errors: after two "
        "refusals the rest is asked in another session.",
        .traits = OPTION_REPEAT, .argument = "PROBE", .words = PROBES, .offset = AT(probes)),
    OPTION("policy", WORD,
           "With strict, what the server discloses (vrfy, expn, help, version) and MAIL without "
           "EHLO are asked for and are warnings, not notes.",
           .argument = "POLICY", .words = POLICIES, .default_text = "default",
           .offset = AT(policy)),
};

static const struct plugin_example EXAMPLES[] = {
    {"check_smtp_banner -H mail.example.org -w 5 -c 20",
     "all addresses of a server, and how fast it greets"                                              },
    {"check_smtp_banner -H mail.example.org -p 587 --require AUTH --forbid VRFY",
     "a submission server"                                                                            },
    {"check_smtp_banner -H mx1.example.org --mail-null --postmaster example.org",
     "a server that must take bounces and mail to postmaster"                                         },
    {"check_smtp_banner -H mx.example.org --banner-match domain --time total=2,10",
     "a node behind a load balancer"                                                                  },
    {"check_smtp_banner -H unix:/run/dovecot/lmtp --lmtp",                          "LMTP on a socket"},
    {"check_smtp_banner -H 192.0.2.25 --ehlo monitor.example.org -vv",
     "with the whole conversation"                                                                    },
};

static const struct element_field ADDRESS_FIELDS[] = {
    {"address",     ELEMENT_KEY,  NULL,       NULL},
    {"port",        ELEMENT_KEY,  NULL,       NULL},
    {"greeting",    ELEMENT_TEXT, "greeting", NULL},
    {"banner_name", ELEMENT_TEXT, "name",     NULL},
};

static const struct element_array ELEMENTS[] = {
    {"conversations", "@.purpose == \"check\"", "address", ADDRESS_FIELDS,
     sizeof ADDRESS_FIELDS / sizeof ADDRESS_FIELDS[0]},
};

const struct plugin_definition banner_definition = {
    .tables =
        {
                 .plugin = "check_smtp_banner",
                 .version = PACKAGE_VERSION,
                 .service = "SMTP",
                 .findings = banner_findings,
                 .finding_count = BANNER_FINDINGS,
                 .metrics = banner_metrics,
                 .metric_count = BANNER_METRICS,
                 .facts = "{\"conversations\":[]}",
                 .elements = ELEMENTS,
                 .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0],
                 },
    .title = "check the greeting of a mail server, its names and what it offers",
    .description =
        "Speaks SMTP with every address of a host: waits for the whole greeting, says EHLO, then "
        "QUIT, one command at a time. Judges every reply code, the name in the greeting against "
        "its addresses and against the PTR records of the address, the extensions, and the time "
        "that each stage takes.\n\n"
        "Certificates are for check_starttls.",
    .figure = "the time in seconds from the connection to the whole greeting",
    .network = true,
    .default_timeout = 30,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes =
        "Servers may delay their greeting on purpose: 5 to 6 seconds are usual, 25 happen. RFC "
        "5321 4.5.3.2.1 lets a client wait for five minutes; the time limit of 30 seconds is that "
        "of a monitor.\n\n"
        "With several addresses the figures are the worst of all. A size_limit of 0 is a server "
        "without a limit.",
};
