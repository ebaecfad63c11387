#include "tlsrpt.h"

const struct tlsrpt_config tlsrpt_config_default = {
    .changed_for = 86400,
    .authoritative_port = 53,
};

#define AT(member) offsetof(struct tlsrpt_config, member)
/* One row; the rest are further members. */
#define OPTION(name_text, kind_word, help_text, ...)                                               \
    {                                                                                              \
        .name = name_text, .kind = OPTION_##kind_word, .help = help_text, __VA_ARGS__              \
    }

static const struct option_definition OPTIONS[] = {
    OPTION("domain", DOMAIN, "The domain whose record is checked. May be given more than once.",
           .letter = 'd', .traits = OPTION_REPEAT | OPTION_TEMPLATE, .argument = "DOMAIN",
           .offset = AT(domains), .group = "What is checked"),
    OPTION("require", FLAG, "There must be a record.", .offset = AT(is_required)),
    OPTION("expect", TEXT, "The record must be exactly this text.", .argument = "TEXT",
           .offset = AT(expected_text)),
    OPTION("state-file", FILE, "Remember the records in this file and report when one has changed.",
           .argument = "FILE", .offset = AT(state_file), .group = "Changes"),
    OPTION("changed-for", NUMBER, "Report a change for so long.", .argument = "SECONDS",
           .default_text = "86400", .unit = "seconds", .minimum = 0, .maximum = 31536000,
           .offset = AT(changed_for)),
    OPTION("authoritative", FLAG,
           "Ask every authoritative name server of the zone and report those that differ.",
           .offset = AT(authoritative), .group = "Name servers"),
    OPTION("authoritative-port", NUMBER, "The port of the authoritative servers.",
           .argument = "PORT", .default_text = "53", .minimum = 1, .maximum = 65535,
           .offset = AT(authoritative_port)),
    OPTION(
        "https", FLAG,
        "Connect to each https: report host that the record names, make a TLS handshake and send "
        "no request. Without it, DNS alone is looked at.",
        .offset = AT(https), .group = "Report hosts"),
    OPTION("https-port", NUMBER, "The port of the https: report hosts.", .argument = "PORT",
           .default_text = "that of the address, or 443", .minimum = 1, .maximum = 65535,
           .offset = AT(https_port)),
    OPTION("ca-file", FILE, "Trust the authorities of this PEM file.", .argument = "FILE",
           .default_text = "the system's authorities", .offset = AT(authorities.file)),
    OPTION("ca-path", FILE, "Trust the authorities of this hashed folder (openssl rehash).",
           .argument = "FOLDER", .offset = AT(authorities.path)),
};

static const struct plugin_example EXAMPLES[] = {
    {"check_tlsrpt -d example.org",           "read and judge the record"        },
    {"check_tlsrpt -d example.org --require", "and insist on one"                },
    {"check_tlsrpt -d example.org --https",   "and shake hands with https: hosts"},
};

static const struct element_field DOMAIN_FIELDS[] = {
    {"domain", ELEMENT_KEY,  NULL,     NULL},
    {"record", ELEMENT_TEXT, "record", NULL},
};

static const struct element_array ELEMENTS[] = {
    {"domains", NULL, "domain", DOMAIN_FIELDS, sizeof DOMAIN_FIELDS / sizeof DOMAIN_FIELDS[0]},
};

const struct plugin_definition tlsrpt_definition = {
    .tables =
        {
                 .plugin = "check_tlsrpt",
                 .version = PACKAGE_VERSION,
                 .service = "TLSRPT",
                 .findings = tlsrpt_findings,
                 .finding_count = TLSRPT_FINDINGS,
                 .metrics = tlsrpt_metrics,
                 .metric_count = TLSRPT_METRICS,
                 .facts = "{\"record\":null,\"reports\":[],\"domains\":[]}",
                 .elements = ELEMENTS,
                 .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0],
                 },
    .title = "check the TLS reporting record of a domain",
    .description =
        "Reads the record at _smtp._tls of a domain by which senders learn where to report that "
        "they could not reach it by TLS, and judges its text and its addresses. That there is none "
        "is OK, unless MTA-STS or DANE is on.",
    .figure = "the number of usable report addresses, of each domain",
    .network = true,
    .check_interval = 3600,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes = "For an https: address the host must have an address; a connection is made to it with "
             "--https only, and nothing is posted.",
};
