#include "dmarc.h"

const struct dmarc_config dmarc_config_default = {
    .min_policy = "quarantine",
    .changed_for = 86400,
    .authoritative_port = 53,
};

static const char *const POLICIES[] = {"none", "quarantine", "reject", NULL};

#define AT(member) offsetof(struct dmarc_config, member)
/* One row; the rest are further members. */
#define OPTION(name_text, kind_word, help_text, ...)                                               \
    {                                                                                              \
        .name = name_text, .kind = OPTION_##kind_word, .help = help_text, __VA_ARGS__              \
    }

static const struct option_definition OPTIONS[] = {
    OPTION("domain", DOMAIN, "The domain whose policy is found out. May be given more than once.",
           .letter = 'd', .traits = OPTION_REPEAT | OPTION_TEMPLATE, .argument = "DOMAIN",
           .offset = AT(domains), .group = "What is checked"),
    OPTION("min-policy", WORD, "Warn when the effective policy is weaker than this.",
           .argument = "POLICY", .default_text = "quarantine", .offset = AT(min_policy),
           .words = POLICIES),
    OPTION("rfc7489", FLAG,
           "Let the old rule decide: the domain, then its organizational domain by the public "
           "suffix list. Without it the tree walk of RFC 9989 decides.",
           .offset = AT(old_rule)),
    OPTION("parked", FLAG, "The domain sends no mail: p, sp and np must be reject.",
           .offset = AT(parked)),
    OPTION("selector", TEXT,
           "A DKIM selector of the domain, to see whether any mail can pass the policy. May be "
           "given more than once.",
           .traits = OPTION_REPEAT, .argument = "SELECTOR", .offset = AT(selectors)),
    OPTION("expect", TEXT, "The record at the domain itself must be exactly this text.",
           .argument = "TEXT", .offset = AT(expected_text)),
    OPTION("public-suffix-list", FILE, "Use this list of public suffixes (publicsuffix.org).",
           .argument = "FILE", .default_text = "the list that libpsl carries",
           .offset = AT(suffix_file)),
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
};

static const struct plugin_example EXAMPLES[] = {
    {"check_dmarc -d example.org",                                                          "find the policy that holds and judge its record"},
    {"check_dmarc -d example.org --min-policy reject --selector mail",                      "and insist on reject"                           },
    {"check_dmarc -d example.org -w 2: -c 1:",                                              "reject is wanted, none is an alarm"             },
    {"check_dmarc -d example.net --parked",                                                 "a domain that sends no mail"                    },
    {"check_dmarc -d news.example.org --rfc7489 -v",                                        "as a receiver of the old standard sees it"      },
    {"check_dmarc -d example.org --authoritative --state-file /var/lib/nagios/dmarc.state",
     "all name servers, and report changes"                                                                                                  },
};

static const struct element_field DOMAIN_FIELDS[] = {
    {"domain",           ELEMENT_KEY,  NULL,               NULL},
    {"record",           ELEMENT_TEXT, "record",           NULL},
    {"effective_policy", ELEMENT_TEXT, "effective policy", NULL},
};

static const struct element_array ELEMENTS[] = {
    {"domains", NULL, "domain", DOMAIN_FIELDS, sizeof DOMAIN_FIELDS / sizeof DOMAIN_FIELDS[0]},
};

const struct plugin_definition dmarc_definition = {
    .tables =
        {
                 .plugin = "check_dmarc",
                 .version = PACKAGE_VERSION,
                 .service = "DMARC",
                 .findings = dmarc_findings,
                 .finding_count = DMARC_FINDINGS,
                 .metrics = dmarc_metrics,
                 .metric_count = DMARC_METRICS,
                 .facts = "{\"record\":null,\"record_domain\":null,\"organizational_domain\":null,"
                     "\"policy\":null,\"subdomain_policy\":null,\"effective_policy\":null,"
                     "\"walk\":[],\"rfc7489\":null,\"reports\":[],\"domains\":[]}", .elements = ELEMENTS,
                 .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0],
                 },
    .title = "check the DMARC policy of a domain",
    .description =
        "Finds the DMARC record that holds for a domain by the tree walk of RFC 9989, and the "
        "policy that receivers apply in effect: after sp and np, test mode, and the faults that "
        "turn a record into p=none. Judges the record and its report addresses, and prints the "
        "corrected record.\n\n"
        "Beside it stands what receivers of RFC 7489 see, who go by the public suffix list.",
    .figure = "the effective policy (0 none, 1 quarantine, 2 reject)",
    .network = true,
    .check_interval = 3600,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes =
        "All names of the walk, at most eight, are asked at once; a second round asks what the "
        "report addresses need. A policy of 0 in the figures is none, 1 quarantine, 2 reject; U "
        "is no policy at all.",
};
