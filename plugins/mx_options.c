#include "mx.h"

const struct mx_config mx_config_default = {
    .min_exchangers = 1,
    .min_addresses = 1,
    .min_networks = 1,
    .sender = "<>",
    .authoritative_port = 53,
};

#define AT(member) offsetof(struct mx_config, member)
/* One row; the rest are further members. */
#define OPTION(name_text, kind_word, help_text, ...)                                               \
    {                                                                                              \
        .name = name_text, .kind = OPTION_##kind_word, .help = help_text, __VA_ARGS__              \
    }

static const struct option_definition OPTIONS[] = {
    OPTION("domain", DOMAIN, "The domain whose exchangers are found and spoken to.", .letter = 'd',
           .traits = OPTION_REQUIRED, .argument = "DOMAIN", .offset = AT(domain),
           .group = "What is checked"),
    OPTION("no-connect", FLAG, "Judge what stands in DNS, and speak to no exchanger.",
           .offset = AT(no_connect)),
    OPTION("expect-null", FLAG, "The domain takes no mail: it must have a null MX (RFC 7505).",
           .offset = AT(expect_null)),
    OPTION("expect", TEXT,
           "An exchanger that must be there, with or without its preference; then no other may be. "
           "May be given more than once, or with commas.",
           .traits = OPTION_REPEAT, .argument = "[PREFERENCE ]HOST", .offset = AT(expected)),
    OPTION("min-mx", NUMBER, "Warn below so many exchangers.", .argument = "COUNT",
           .default_text = "1", .minimum = 1, .maximum = 64, .offset = AT(min_exchangers)),
    OPTION("min-addr", NUMBER, "Warn below so many distinct addresses.", .argument = "COUNT",
           .default_text = "1", .minimum = 1, .maximum = 1000, .offset = AT(min_addresses)),
    OPTION("min-net", NUMBER, "Warn below so many distinct networks, /24 and /48.",
           .argument = "COUNT", .default_text = "1", .minimum = 1, .maximum = 1000,
           .offset = AT(min_networks)),
    OPTION("ttl", RANGE,
           "Warn when the TTL of the MX records is outside RANGE. A resolver counts it down, so "
           "one that "
           "is too low is seen with --authoritative only.",
           .argument = "RANGE", .unit = "seconds", .default_text = "a note outside of 300 to 86400",
           .offset = AT(ttl)),
    OPTION("dead", DOMAIN,
           "An exchanger that must not answer (nolisting): dead is OK, alive is not. It does not "
           "count among the others. May be given more than once.",
           .traits = OPTION_REPEAT, .argument = "HOST", .offset = AT(dead)),
    OPTION("internal", FLAG,
           "The domain is one of an internal network: private and loopback addresses are meant.",
           .offset = AT(internal)),
    OPTION("rcpt", FLAG,
           "Ask every exchanger whether it takes mail to postmaster of the domain (MAIL, RCPT, "
           "RSET; no message is sent).",
           .offset = AT(rcpt), .group = "Recipients"),
    OPTION("unknown", FLAG,
           "Ask every exchanger whether it takes mail to an address that nobody has: a backup that "
           "takes what the primary refuses sends bounces to strangers.",
           .offset = AT(unknown)),
    OPTION("from", TEXT, "The sender of --rcpt and --unknown.", .argument = "ADDRESS",
           .default_text = "the null sender, <>", .offset = AT(sender)),
    OPTION("tls", FLAG,
           "Take a quick look at STARTTLS and the certificate of every exchanger; check_starttls "
           "looks closer.",
           .offset = AT(tls), .group = "TLS"),
    OPTION("ca-file", FILE, "Trust the authorities of this PEM file.", .argument = "FILE",
           .default_text = "the system's authorities", .offset = AT(ca_file)),
    OPTION("ca-path", FILE, "Trust the authorities of this hashed folder (openssl rehash).",
           .argument = "FOLDER", .offset = AT(ca_path)),
    OPTION("authoritative", FLAG,
           "Ask every authoritative name server of the zone and report those that differ.",
           .offset = AT(authoritative), .group = "Name servers"),
    OPTION("authoritative-port", NUMBER, "The port of the authoritative servers.",
           .argument = "PORT", .default_text = "53", .minimum = 1, .maximum = 65535,
           .offset = AT(authoritative_port)),
    SMTP_OPTIONS_BESIDE(struct mx_config, smtp),
};

static const struct plugin_example EXAMPLES[] = {
    {"check_mx -d example.org",                                                                   "all exchangers, every address; two must work, one at least"},
    {"check_mx -d example.org -w 1: --rcpt",
     "one exchanger is meant; it must take mail to postmaster"                                                                                                },
    {"check_mx -d example.org --expect '10 mx1.example.org, 20 mx2.example.org' --authoritative",
     "these and no others, on every name server"                                                                                                              },
    {"check_mx -d example.org --dead mx0.example.org --unknown",
     "nolisting, and a backup that must know its users"                                                                                                       },
    {"check_mx -d example.net --expect-null --no-connect",                                        "a domain that takes no mail"                               },
};

static const struct element_field ADDRESS_FIELDS[] = {
    {"host",    ELEMENT_KEY,    NULL,      NULL},
    {"address", ELEMENT_KEY,    NULL,      NULL},
    {"outcome", ELEMENT_TEXT,   "outcome", NULL},
    {"ms",      ELEMENT_NUMBER, "time",    "ms"},
};

static const struct element_array ELEMENTS[] = {
    {"exchangers[*].addresses", NULL, "address", ADDRESS_FIELDS,
     sizeof ADDRESS_FIELDS / sizeof ADDRESS_FIELDS[0]},
};

const struct plugin_definition mx_definition = {
    .tables = {.plugin = "check_mx",
               .version = PACKAGE_VERSION,
               .service = "MX",
               .findings = mx_findings,
               .finding_count = MX_FINDINGS,
               .metrics = mx_metrics,
               .metric_count = MX_METRICS,
               .facts = "{\"domain\":null,\"status\":null,\"exchangers\":[]}",
               .elements = ELEMENTS,
               .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0]},
    .title = "check the mail exchangers of a domain",
    .description =
        "Finds the exchangers of a domain as a sender does (MX, or the domain itself), judges the "
        "records, names and addresses, and speaks to every address of every exchanger, side by "
        "side: greeting, EHLO, QUIT. An exchanger works when one of its addresses greets with 220 "
        "and takes EHLO.\n\n"
        "One that answers but refuses us, for now or for what we are, is told apart from one that "
        "is down. Nothing is sent to a host that the DNS of the domain does not lead to.",
    .figure = "the number of working exchangers (default: warning 2:, critical 1:)",
    .network = true,
    .default_timeout = 30,
    .check_interval = 600,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes =
        "One connection at a time to one address; exchangers that share an address share the "
        "conversation, except with --tls. Addresses that lead nowhere (0.0.0.0, multicast, "
        "IPv4-mapped IPv6) are reported and not spoken to.\n\n"
        "What is not known, because a question or a connection of ours failed, never counts as "
        "down: -w and -c are then judged by what could be true at best, and the state is UNKNOWN "
        "where that makes a difference.\n\n"
        "The figures mx_down and mx_refusing leave out the exchangers of --dead. catchall_mx, the "
        "exchangers that take mail to an address that nobody has, is U without --unknown.",
};
