#include "dnsbl.h"

const struct dnsbl_config dnsbl_config_default = {
    .base_catalogue = PKGDATADIR "/dnsbl-catalogue.conf",
    .selftest = "auto",
    .min_answered = 75,
    .error_state = STATE_IGNORE,
    .retired_state = STATE_IGNORE,
    .authoritative_port = 53,
    .in_flight = DNS_IN_FLIGHT,
    .max_targets = 65536,
};

static const char *const PROFILES[] = {"core", "full", "domain", NULL};
static const char *const SELFTESTS[] = {"always", "auto", "never", NULL};

#define AT(member) offsetof(struct dnsbl_config, member)

static const struct option_definition OPTIONS[] = {
    {
     .name = "hostname",
     .letter = 'H',
     .kind = OPTION_TEXT,
     .traits = OPTION_REPEAT | OPTION_HOST,
     .argument = "TARGET",
     .help = "What to look for: an IPv4 or IPv6 address, a network such as "
                "192.0.2.0/24, or a host name, whose A and AAAA addresses are all looked "
                "for.", .offset = AT(hosts),
     .group = "Targets",
     },
    {
     .name = "domain",
     .letter = 'd',
     .kind = OPTION_DOMAIN,
     .traits = OPTION_REPEAT | OPTION_SUBJECT,
     .argument = "DOMAIN",
     .help = "Look for this domain on the domain lists.",
     .offset = AT(domains),
     },
    {
     .name = "mx",
     .kind = OPTION_DOMAIN,
     .traits = OPTION_REPEAT | OPTION_SUBJECT,
     .argument = "DOMAIN",
     .help = "Look for every address of every mail exchanger of this domain.",
     .offset = AT(mx_domains),
     },
    {
     .name = "spf",
     .kind = OPTION_DOMAIN,
     .traits = OPTION_REPEAT | OPTION_SUBJECT,
     .argument = "DOMAIN",
     .help = "Look for the ip4 and ip6 addresses and networks in the SPF record of "
                "this domain. Includes are not followed: they are other people's "
                "servers.", .offset = AT(spf_domains),
     },
    {
     .name = "local",
     .kind = OPTION_FLAG,
     .traits = OPTION_SUBJECT,
     .help = "Look for the public addresses of this machine's own interfaces.",
     .offset = AT(local),
     },
    {
     .name = "targets-file",
     .kind = OPTION_FILE,
     .traits = OPTION_REPEAT | OPTION_SUBJECT,
     .argument = "FILE",
     .help = "Look for the addresses, networks and host names in this file, one a "
                "line, # for comments; a line may also be \"domain NAME\".", .offset = AT(target_files),
     },
    {
     .name = "email",
     .kind = OPTION_TEXT,
     .traits = OPTION_REPEAT | OPTION_SUBJECT,
     .argument = "ADDRESS",
     .help = "Look for this mail address on the lists of mail addresses; only its "
                "hash is sent.", .offset = AT(emails),
     },
    {
     .name = "helo",
     .kind = OPTION_DOMAIN,
     .traits = OPTION_REPEAT,
     .argument = "NAME",
     .help = "Look for this HELO name on the domain lists, too.",
     .offset = AT(helo_names),
     },
    {
     .name = "ptr",
     .kind = OPTION_FLAG,
     .help = "Look for the PTR names of the addresses on the domain lists, too (for "
                "at most 256 addresses).",                                                                              .offset = AT(with_ptr),
     },
    {
     .name = "ns",
     .kind = OPTION_FLAG,
     .help = "Look for the name servers of each --domain on the lists of name "
                "servers, too.", .offset = AT(with_ns),
     },
    {
     .name = "max-targets",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .help = "Most targets of a run; a larger network is refused.",
     .default_text = "65536",
     .unit = "targets",
     .offset = AT(max_targets),
     .minimum = 1,
     .maximum = 1048576,
     },
    {
     .name = "server",
     .letter = 's',
     .kind = OPTION_TEXT,
     .traits = OPTION_REPEAT,
     .argument = "ZONE[=FILTER][*WEIGHT]",
     .help = "Ask this list instead of a profile's. The syntax is that of an entry of "
                "Postfix's postscreen_dnsbl_sites: "
                "\"zen.spamhaus.org=127.0.0.[2..11]*3\" counts only those answers, three "
                "points each. What the catalogue knows of the zone holds.", .offset = AT(servers),
     .group = "Lists",
     },
    {
     .name = "profile",
     .kind = OPTION_WORD,
     .argument = "PROFILE",
     .help = "Which lists of the catalogue to ask: core (the ones that receivers "
                "use), full (every live one) or domain (domain lists only). A list whose "
                "key is in --key-file is asked, too.",                                                                                   .default_text = "core, or only what --server names",
     .offset = AT(profile),
     .words = PROFILES,
     },
    {
     .name = "only",
     .kind = OPTION_TEXT,
     .traits = OPTION_REPEAT,
     .argument = "ZONE",
     .help = "Of these, ask only this list.",
     .offset = AT(only),
     },
    {
     .name = "exclude",
     .kind = OPTION_TEXT,
     .traits = OPTION_REPEAT,
     .argument = "ZONE",
     .help = "Do not ask this list.",
     .offset = AT(exclude),
     },
    {
     .name = "key-file",
     .kind = OPTION_FILE,
     .argument = "FILE",
     .help = "Keys of lists that want one, a line each: \"spamhaus-dqs = KEY\". Keys "
                "are never printed.",                                                                                                           .offset = AT(key_file),
     },
    {
     .name = "catalogue",
     .kind = OPTION_FILE,
     .traits = OPTION_REPEAT,
     .argument = "FILE",
     .help = "Read this file after the shipped catalogue: it adds lists and changes "
                "known ones.", .offset = AT(catalogues),
     },
    {
     .name = "base-catalogue",
     .kind = OPTION_FILE,
     .argument = "FILE",
     .help = "Read this file instead of the shipped catalogue.",
     .default_text = PKGDATADIR "/dnsbl-catalogue.conf",
     .offset = AT(base_catalogue),
     },
    {
     .name = "list-catalogue",
     .kind = OPTION_FLAG,
     .traits = OPTION_TERMINAL,
     .help = "Print the lists that these options choose, and the retired ones with "
                "-v, and ask nothing.",.offset = AT(list_catalogue),
     },
    {
     .name = "selftest",
     .kind = OPTION_WORD,
     .argument = "WHEN",
     .help = "The tests of RFC 5782 5 beside the questions: auto asks each list for "
                "an entry that must be there and one that must not, always asks for a "
                "random name besides, never trusts the list.",                                                                                        .default_text = "auto",
     .offset = AT(selftest),
     .words = SELFTESTS,
     },
    {
     .name = "authoritative",
     .kind = OPTION_FLAG,
     .help = "Ask the name servers of each list themselves instead of the resolver: "
                "for a resolver that lists refuse. Needs outgoing DNS.",                                                    .offset = AT(authoritative),
     .group = "Asking",
     },
    {
     .name = "authoritative-port",
     .kind = OPTION_NUMBER,
     .argument = "PORT",
     .help = "Port of the name servers with --authoritative.",
     .default_text = "53",
     .offset = AT(authoritative_port),
     .minimum = 1,
     .maximum = 65535,
     },
    {
     .name = "in-flight",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .help = "Most questions under way at one time; fewer where the limit of open files (ulimit "
                "-n) has no room for their sockets.",                                                                                                           .default_text = "2000",
     .unit = "questions",
     .offset = AT(in_flight),
     .minimum = 1,
     .maximum = 60000,
     },
    {
     .name = "score",
     .kind = OPTION_FLAG,
     .help = "Let -w and -c compare the highest score of a target, the sum of the "
                "weights of the lists that it is on, instead of the number of listings.",                                                                                 .offset = AT(score),
     .group = "Judging",
     },
    {
     .name = "required",
     .kind = OPTION_TEXT,
     .traits = OPTION_REPEAT,
     .argument = "ZONE",
     .help = "No answer from this list is a WARNING. The catalogue marks the most "
                "used ones.", .offset = AT(required),
     },
    {
     .name = "min-answered",
     .kind = OPTION_NUMBER,
     .argument = "PERCENT",
     .help = "Fewer answers than this share of the questions are a WARNING.",
     .default_text = "75",
     .unit = "percent",
     .offset = AT(min_answered),
     .minimum = 0,
     .maximum = 100,
     },
    {
     .name = "error-state",
     .kind = OPTION_STATE,
     .argument = "STATE",
     .help = "State of each list that did not answer, for whatever reason.",
     .default_text = "ok, as long as enough others answer",
     .offset = AT(error_state),
     },
    {
     .name = "retired",
     .kind = OPTION_STATE,
     .argument = "STATE",
     .help = "State of a list that is gone and still asked for with --server.",
     .default_text = "warning",
     .offset = AT(retired_state),
     },
    {
     .name = "require-allowlist",
     .kind = OPTION_FLAG,
     .help = "Warn of an address that is on none of the allowlists asked (name one "
                "with --server, for example list.dnswl.org).",                                          .offset = AT(require_allowlist),
     },
    {
     .name = "confirm",
     .kind = OPTION_SECONDS,
     .argument = "SECONDS",
     .help = "Ask a second time for each new listing, this much later and of another "
                "resolver where there are several; what is gone by then does not count.",                                                                               .unit = "seconds",
     .offset = AT(confirm),
     .minimum = 0.01,
     .maximum = 300,
     },
    {
     .name = "per-list",
     .kind = OPTION_FLAG,
     .help = "A figure for each list besides: the number of targets that it lists, "
                "under its name with underscores, cut to 19 characters; U when it gave "
                "no answer.",                                                                                                   .offset = AT(per_list),
     },
    {
     .name = "state-file",
     .kind = OPTION_FILE,
     .argument = "FILE",
     .offset = AT(state_file),
     .help = "Remember the listings here, tell new and gone ones, and leave alone for "
                "an hour a list that refuses us.", },
};

static const struct plugin_example EXAMPLES[] = {
    {"check_dnsbl -H 192.0.2.10",                                                            "look for an address on the core lists" },
    {"check_dnsbl --mx example.org -d example.org -v",
     "every exchanger of a domain, and the domain itself"                                                                            },
    {"check_dnsbl -H 192.0.2.0/28 --profile full -w 1 -c 3",                                 "a small network on every live list"    },
    {"check_dnsbl -H 192.0.2.10 -s zen.spamhaus.org=127.0.0.[2..11]*3 -s bl.spamcop.net*2 --score "
     "-w 2 -c 3",                                                                       "as Postfix's postscreen would score it"},
    {"check_dnsbl -H mail.example.org --state-file /var/lib/nagios/dnsbl.state --confirm 2",
     "tell what is new and what is gone, and doubt a new listing once"                                                               },
};

static const struct element_field LIST_FIELDS[] = {
    {"target",   ELEMENT_KEY,    NULL,       NULL},
    {"zone",     ELEMENT_KEY,    NULL,       NULL},
    {"outcome",  ELEMENT_TEXT,   "outcome",  NULL},
    {"severity", ELEMENT_TEXT,   "severity", NULL},
    {"ms",       ELEMENT_NUMBER, "time",     "ms"},
};

static const struct element_array ELEMENTS[] = {
    {"lists", NULL, "list", LIST_FIELDS, sizeof LIST_FIELDS / sizeof LIST_FIELDS[0]},
};

const struct plugin_definition dnsbl_definition = {
    .tables =
        {
                 .plugin = "check_dnsbl",
                 .version = PACKAGE_VERSION,
                 .service = "DNSBL",
                 .findings = dnsbl_findings,
                 .finding_count = DNSBL_FINDINGS,
                 .metrics = dnsbl_metrics,
                 .metric_count = DNSBL_METRICS,
                 .facts = "{\"lists\":[]}",
                 .elements = ELEMENTS,
                 .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0],
                 },
    .title = "look for addresses and domains on DNS blocklists",
    .description =
        "Asks DNS blocklists (RFC 5782) about addresses, networks, domains and mail addresses, "
        "all at once, and beside each question tests whether the list is alive, answers this "
        "resolver, and tells listed from not listed. A list that refuses to answer is never taken "
        "for a listing, and silence never for a clean bill.\n\n"
        "How grave a listing is depends on the list and on the code that it answers with. -w and "
        "-c count critical and warning listings together; the state is CRITICAL only when a "
        "critical one is among them. Listings of little weight are told with -v. When more than "
        "half of the lists do not answer the state is UNKNOWN.",
    .figure = "the number of critical and warning listings (default: 1)",
    .figure_at_least = true,
    .network = true,
    .check_interval = 1800,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes = "Operators of lists limit how often they may be asked; most free ones allow some "
             "thousand questions a "
             "day. One run asks each list two test questions and one for each target. Once every "
             "15 to 30 minutes is "
             "often enough.\n\n"
             "-H, -s, -w, -c and -t mean what they mean to check_rbl, so that a service made for "
             "that works with "
             "this plugin.",
};
