#include "rdns.h"

const struct rdns_config rdns_config_default = {
    .most_names = 10,
    .authoritative_port = 53,
};

#define AT(member) offsetof(struct rdns_config, member)
/* One row; the rest are further members. */
#define OPTION(name_text, kind_word, help_text, ...)                                               \
    {                                                                                              \
        .name = name_text, .kind = OPTION_##kind_word, .help = help_text, __VA_ARGS__              \
    }

static const struct option_definition OPTIONS[] = {
    OPTION("mx", DOMAIN, "Check all addresses of the exchangers of this domain, instead of -H.",
           .traits = OPTION_SUBJECT, .argument = "DOMAIN", .offset = AT(domain),
           .group = "What is checked"),
    OPTION("expect", DOMAIN,
           "A name that each address must have; with this no other may be there. May be given more "
           "than once.",
           .traits = OPTION_REPEAT, .argument = "NAME", .offset = AT(expected)),
    OPTION("max-names", NUMBER, "Warn when an address has more names than this.",
           .argument = "COUNT", .default_text = "10", .minimum = 1, .maximum = 1000,
           .offset = AT(most_names)),
    OPTION("helo", TEXT,
           "The name that the server says in HELO when it sends mail. Without it, the name with "
           "which it answers EHLO is taken for it.",
           .argument = "NAME", .offset = AT(helo)),
    OPTION("strict", FLAG,
           "Warn, too, when HELO or the banner has another name than the address, and when the "
           "banner has none.",
           .offset = AT(strict)),
    OPTION("no-connect", FLAG, "Judge what stands in DNS, and do not read the banner.",
           .offset = AT(no_connect)),
    OPTION("authoritative", FLAG,
           "Ask every authoritative name server of the reverse zone and report those that differ "
           "or do not answer.",
           .offset = AT(authoritative), .group = "Name servers"),
    OPTION("authoritative-port", NUMBER, "The port of the authoritative servers.",
           .argument = "PORT", .default_text = "53", .minimum = 1, .maximum = 65535,
           .offset = AT(authoritative_port)),
    SMTP_OPTIONS_OPTIONAL_HOST(struct rdns_config, smtp),
};

static const struct plugin_example EXAMPLES[] = {
    {"check_rdns -H 192.0.2.25",                                     "the name of an address, and its banner"   },
    {"check_rdns -H mail.example.org --expect mail.example.org",
     "all addresses of a host; they must have this name"                                                        },
    {"check_rdns --mx example.org --strict",                         "all exchangers, and every name must agree"},
    {"check_rdns -H 192.0.2.26 --no-connect --helo out.example.org",
     "a server that sends and does not receive"                                                                 },
    {"check_rdns -H 2001:db8::25 --authoritative",                   "every name server of the reverse zone"    },
};

static const struct element_field ADDRESS_FIELDS[] = {
    {"address",       ELEMENT_KEY,  NULL,     NULL},
    {"names[0].name", ELEMENT_TEXT, "name",   NULL},
    {"helo",          ELEMENT_TEXT, "HELO",   NULL},
    {"banner",        ELEMENT_TEXT, "banner", NULL},
};

static const struct element_array ELEMENTS[] = {
    {"addresses", NULL, "address", ADDRESS_FIELDS,
     sizeof ADDRESS_FIELDS / sizeof ADDRESS_FIELDS[0]},
};

const struct plugin_definition rdns_definition = {
    .tables = {.plugin = "check_rdns",
               .version = PACKAGE_VERSION,
               .service = "RDNS",
               .findings = rdns_findings,
               .finding_count = RDNS_FINDINGS,
               .metrics = rdns_metrics,
               .metric_count = RDNS_METRICS,
               .facts = "{\"addresses\":[]}",
               .elements = ELEMENTS,
               .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0]},
    .title = "check the reverse DNS of mail servers",
    .description =
        "Finds the names of an address (PTR), whether one of them leads back to it (forward "
        "confirmation), whether they look like those of a dial-up line, and whether the server "
        "calls itself so in HELO and in its banner. Receivers refuse mail from addresses without "
        "a confirmed name.\n\n"
        "The addresses are those of -H, an address or a host, or of all exchangers of a domain "
        "(--mx). The banner is read with greeting, EHLO, QUIT.",
    .network = true,
    .default_timeout = 30,
    .check_interval = 3600,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes =
        "A name that looks generic has three octets of the address in it, all of it in hex, or a "
        "word such as dyn, pool or dsl below the registered domain. A name is the default of its "
        "network when two addresses beside it have the same one and it leads back to neither.\n\n"
        "The name in HELO of a server that sends cannot be seen from outside; --helo says it. A "
        "fault of the name that was only seen in the reply to EHLO is a warning.",
};
