#include "plugin/state_file.h"
#include "relay.h"

const struct relay_config relay_config_default = {
    .to = RELAY_TO,
    .base_probes = PKGDATADIR "/relay-probes.conf",
    .per_session = 2,
    .max_sessions = 8,
    .most_connections = 15,
    .interval = 1,
    .keep = 900,
};

#define AT(member) offsetof(struct relay_config, member)
/* One row; the rest are further members. */
#define OPTION(name_text, kind_word, help_text, ...)                                               \
    {                                                                                              \
        .name = name_text, .kind = OPTION_##kind_word, .help = help_text, __VA_ARGS__              \
    }

static const struct option_definition OPTIONS[] = {
    OPTION("domain", DOMAIN, "A domain that the server takes mail for.", .letter = 'd',
           .traits = OPTION_REQUIRED, .argument = "DOMAIN", .offset = AT(domain),
           .group = "What is checked"),
    OPTION("to", TEXT,
           "The foreign recipient: an address in a domain of yours that this server is not for. "
           "Nothing is ever sent to it.",
           .argument = "ADDRESS", .default_text = RELAY_TO ", which is nobody's (RFC 2606)",
           .offset = AT(to)),
    OPTION("from", TEXT, "The sender who is a stranger to the server.", .argument = "ADDRESS",
           .default_text = "probe@ the domain of --to", .offset = AT(from)),
    OPTION("extended", FLAG, "Ask all probes: some 90, which takes more than one run.",
           .offset = AT(extended), .group = "Probes"),
    OPTION("probe", TEXT, "Ask this probe, by its id, and no other.", .traits = OPTION_REPEAT,
           .argument = "ID", .offset = AT(probes)),
    OPTION("skip", TEXT, "Leave out this probe, by its id.", .traits = OPTION_REPEAT,
           .argument = "ID", .offset = AT(skipped)),
    OPTION("probe-file", FILE,
           "Probes of your own, in the form of the shipped file, read after it.",
           .traits = OPTION_REPEAT, .argument = "FILE", .offset = AT(probe_files)),
    OPTION("base-probes", FILE, "The shipped file of probes.", .argument = "FILE",
           .default_text = PKGDATADIR "/relay-probes.conf", .offset = AT(base_probes)),
    OPTION(
        "starttls", FLAG,
        "Ask everything under TLS as well, where STARTTLS is offered: a rule may trust who comes "
        "with TLS.",
        .offset = AT(starttls)),
    OPTION("data-abort", FLAG,
           "Say DATA after a probe that was accepted, to see whether it is refused then; when it "
           "is not, the connection is closed at once, without an octet of content, and the server "
           "drops the message (RFC 5321 4.1.1.10).",
           .offset = AT(data_abort)),
    OPTION("trusted-source", FLAG,
           "The server is meant to relay for this machine: what it accepts from here is OK.",
           .offset = AT(trusted_source)),
    OPTION("per-session", NUMBER, "Most probes of one connection.", .argument = "COUNT",
           .default_text = "2", .minimum = 1, .maximum = RELAY_SESSION_MAX,
           .offset = AT(per_session), .group = "Courtesy"),
    OPTION("interval", SECONDS, "The time between two connections to an address.",
           .argument = "SECONDS", .default_text = "1", .unit = "seconds", .minimum = 0,
           .maximum = 600, .offset = AT(interval)),
    OPTION("max-sessions", NUMBER,
           "Most connections to an address in one run; twice as many with --data-abort.",
           .argument = "COUNT", .default_text = "8", .minimum = 1, .maximum = 500,
           .offset = AT(max_sessions)),
    OPTION("max-connections", NUMBER,
           "Most connections to an address in ten minutes, over all runs with this state file.",
           .argument = "COUNT", .default_text = "15", .minimum = 1, .maximum = 500,
           .offset = AT(most_connections)),
    OPTION("keep", NUMBER,
           "How long an answer holds. While all probes have such answers, a run asks the "
           "oldest ones again and goes by the others; 0 asks all of them in each run.",
           .argument = "SECONDS", .default_text = "900", .unit = "seconds", .minimum = 0,
           .maximum = 604800, .offset = AT(keep)),
    OPTION("state-file", FILE,
           "Where connections and answers are remembered; \"none\" remembers nothing.",
           .argument = "FILE",
           .default_text = "one for server, port and domain in " STATE_FILE_TOP
                           "/postmaster-plugins-UID, or below $MP_STATE_PATH",
           .offset = AT(state_file)),
    SMTP_OPTIONS(struct relay_config, smtp),
};

static const struct plugin_example EXAMPLES[] = {
    {"check_open_relay -H mail.example.org -d example.org",                                   "ask the default probes"                                         },
    {"check_open_relay -H mail.example.org -d example.org --to probe@example.net --from "
     "probe@example.net",                                                                "with addresses of a domain of yours that this server is not for"},
    {"check_open_relay -H mail.example.org -d example.org --extended --max-sessions 50 "
     "--max-connections 50 -t 300",                                                      "everything in one long run"                                     },
    {"check_open_relay -H mail.example.org -d example.org --data-abort --state-file none -v",
     "by hand, after a finding: all anew"                                                                                                                      },
    {"check_open_relay -H mail.example.org -d example.org -p 587 --starttls",
     "a submission service, in the clear and under TLS"                                                                                                        },
};

static const struct element_field PROBE_FIELDS[] = {
    {"address", ELEMENT_KEY,    NULL,         NULL},
    {"tls",     ELEMENT_KEY,    NULL,         NULL},
    {"id",      ELEMENT_KEY,    NULL,         NULL},
    {"verdict", ELEMENT_TEXT,   "verdict",    NULL},
    {"code",    ELEMENT_NUMBER, "reply code", ""  },
};

static const struct element_array ELEMENTS[] = {
    {"probes", NULL, "probe", PROBE_FIELDS, sizeof PROBE_FIELDS / sizeof PROBE_FIELDS[0]},
};

const struct plugin_definition relay_definition = {
    .tables =
        {
                 .plugin = "check_open_relay",
                 .version = PACKAGE_VERSION,
                 .service = "RELAY",
                 .findings = relay_findings,
                 .finding_count = RELAY_FINDINGS,
                 .metrics = relay_metrics,
                 .metric_count = RELAY_METRICS,
                 .facts = "{\"probes\":[],\"controls\":[]}",
                 .elements = ELEMENTS,
                 .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0],
                 },
    .title = "check that a mail server does not relay for strangers",
    .description =
        "Asks the server, with MAIL and RCPT alone, whether it would take mail of a stranger to a "
        "foreign domain, in the forms that have opened servers before: senders who claim to be "
        "local, source routes, the percent hack, quoted local parts, two at signs, bang paths. No "
        "message is sent: DATA is not said unless --data-abort asks for it, and then nothing "
        "follows it.\n\n"
        "The verdict is that of somebody outside. From the server's own host or network the check "
        "says so, and does not call what is accepted an open relay.\n\n"
        "It goes easy on the server: at most two errors a connection, one connection at a time "
        "to an address, "
        "a second between them, at most 15 connections in ten minutes, QUIT at the end of each. "
        "What "
        "was answered lately is remembered and asked again in turn. Once a day is often enough; "
        "every minute does no harm.",
    .network = true,
    .default_timeout = 30,
    .check_interval = 86400,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes =
        "The default deadline is 30 seconds, enough for servers that hold their greeting back for "
        "five. Test only servers that you run.\n\n"
        "What RCPT tells is what the server says, not what it does: a server may accept and then "
        "reject or bounce, and a sink accepts everything. --data-abort sees the first.\n\n"
        "Two checks of one server and port share their connections only when they share the state "
        "file.",
};
