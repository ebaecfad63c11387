#include "spf.h"

const struct spf_config spf_config_default = {
    .expected_result = "pass",
    .lookup_warning = 8,
    .max_addresses = 65536,
    .authoritative_port = 53,
    .changed_for = 86400,
};

static const char *const RESULTS[] = {"none",     "neutral",   "pass",      "fail",
                                      "softfail", "temperror", "permerror", NULL};
static const char *const ENDS[] = {"fail", "softfail", NULL};

#define AT(member) offsetof(struct spf_config, member)
/* One row; the rest are further members. */
#define OPTION(name_text, kind_word, help_text, ...)                                               \
    {                                                                                              \
        .name = name_text, .kind = OPTION_##kind_word, .help = help_text, __VA_ARGS__              \
    }

static const struct option_definition OPTIONS[] = {
    OPTION("domain", DOMAIN,
           "The domain whose record is read, explained and judged. May be given more than once.",
           .letter = 'd', .traits = OPTION_REPEAT | OPTION_TEMPLATE, .argument = "DOMAIN",
           .offset = AT(domains), .group = "What is checked"),
    OPTION("domains-file", FILE,
           "Check the domains in this file, too, one a line, # for comments; \"-\" is standard "
           "input.",
           .argument = "FILE", .offset = AT(domains_file)),
    OPTION(
        "record", TEXT,
        "Check this text instead of the published record, before it is published. Without -d "
        "nothing is asked in DNS: syntax, costs and networks are judged as far as the text goes.",
        .traits = OPTION_REPEAT | OPTION_RAW, .argument = "TEXT", .offset = AT(records)),
    OPTION("ip", TEXT,
           "Mail from this address must get the expected result; several by commas or by repeating "
           "the option.",
           .traits = OPTION_REPEAT, .argument = "ADDRESS", .offset = AT(addresses),
           .group = "Evaluating addresses"),
    OPTION("mx", FLAG, "As --ip for every address of every mail exchanger of the domain.",
           .offset = AT(with_mx)),
    OPTION(
        "sender", TEXT,
        "The envelope sender that --ip and --mx are evaluated with: a mail address of the domain, "
        "or a local-part.",
        .argument = "ADDRESS", .default_text = "postmaster at the domain", .offset = AT(sender)),
    OPTION("helo", DOMAIN,
           "The HELO name of the sending servers: must have an SPF record, and with --ip not fail "
           "it.",
           .traits = OPTION_LITERAL, .argument = "NAME", .offset = AT(helo)),
    OPTION("expect-result", WORD, "The result that the addresses must get.", .argument = "RESULT",
           .default_text = "pass", .offset = AT(expected_result), .words = RESULTS),
    OPTION("lookup-warning", NUMBER,
           "Warn from this number of DNS lookups on; more than 10 are always an error.",
           .argument = "N", .default_text = "8", .unit = "lookups", .minimum = 1, .maximum = 100,
           .offset = AT(lookup_warning), .group = "Rules"),
    OPTION("max-addresses", NUMBER, "Warn when more IPv4 addresses than this may send.",
           .argument = "N", .default_text = "65536", .unit = "addresses", .minimum = 1,
           .maximum = 4294967296.0, .offset = AT(max_addresses)),
    OPTION("require-all", WORD,
           "The record must end in -all (fail), or in ~all or -all (softfail).", .argument = "END",
           .offset = AT(required_all), .words = ENDS),
    OPTION("parked", FLAG, "The domain sends no mail: its record must be exactly \"v=spf1 -all\".",
           .offset = AT(parked)),
    OPTION("allow-none", FLAG, "A domain without SPF record is OK.", .offset = AT(allow_none)),
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
};

static const struct plugin_example EXAMPLES[] = {
    {"check_spf -d example.org",                                                "read, follow and judge the record"},
    {"check_spf -d example.org --mx --helo mail.example.org",
     "and make sure that the domain's own servers pass"                                                            },
    {"check_spf -d example.org --ip 192.0.2.25,2001:db8::25 --authoritative",
     "two addresses, and all name servers must agree"                                                              },
    {"check_spf --record 'v=spf1 ip:192.0.2.25 -all'",                          "a record before it is published"  },
    {"check_spf --domains-file domains --state-file /var/lib/nagios/spf.state",
     "many domains, and report changes"                                                                            },
};

static const struct element_field DOMAIN_FIELDS[] = {
    {"domain",       ELEMENT_KEY,    NULL,           NULL},
    {"record",       ELEMENT_TEXT,   "record",       NULL},
    {"lookups",      ELEMENT_NUMBER, "DNS lookups",  ""  },
    {"void_lookups", ELEMENT_NUMBER, "void lookups", ""  },
};

static const struct element_array ELEMENTS[] = {
    {"domains", NULL, "domain", DOMAIN_FIELDS, sizeof DOMAIN_FIELDS / sizeof DOMAIN_FIELDS[0]},
};

const struct plugin_definition spf_definition = {
    .tables =
        {
                 .plugin = "check_spf",
                 .version = PACKAGE_VERSION,
                 .service = "SPF",
                 .findings = spf_findings,
                 .finding_count = SPF_FINDINGS,
                 .metrics = spf_metrics,
                 .metric_count = SPF_METRICS,
                 .facts = "{\"record\":null,\"results\":[],\"tree\":null,\"servers\":[],"
                     "\"domains\":[]}", .elements = ELEMENTS,
                 .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0],
                 },
    .title = "check the SPF record of a domain and all that it includes",
    .description =
        "Reads the SPF record of a domain with everything that it includes and redirects to, "
        "counts "
        "what a receiver has to look up in the worst case, and says which term of which record is "
        "broken, costly, dead or too wide, and how the repaired record reads.\n\n"
        "With --ip and --mx the record is evaluated for given addresses as a receiver does, "
        "exactly "
        "by RFC 7208, and the result must be pass (or --expect-result). With -v the whole tree is "
        "printed: for each record its lookups, void lookups and IPv4 addresses.",
    .figure = "the number of DNS lookups",
    .network = true,
    .figure_at_least = true,
    .check_interval = 3600,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes =
        "Lookups are counted as RFC 7208 4.6.4 has it: include, a, mx, ptr, exists and redirect "
        "one "
        "each, %{p} one more, exp none. Targets with macros that depend on the message are counted "
        "and not followed. At most 60 such terms and 100 records of a tree are followed; receivers "
        "stop at ten.\n\n"
        "A void lookup is one that finds nothing whatever the client's address family.\n\n"
        "The time that a receiver would need is estimated from the answers to this run, one after "
        "the "
        "other.",
};
