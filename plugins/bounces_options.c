#include "bounces.h"

const struct bounces_config bounces_config_default = {
    .min_mails = 50,
    .base_rules = PKGDATADIR "/bounce-rules.conf",
};

static const char *const FORMATS[] = {"postfix", "exim", "sendmail", "opensmtpd", NULL};

#define AT(member) offsetof(struct bounces_config, member)
/* One row; the rest are further members. */
#define OPTION(name_text, kind_word, help_text, ...)                                               \
    {                                                                                              \
        .name = name_text, .kind = OPTION_##kind_word, .help = help_text, __VA_ARGS__              \
    }

static const struct option_definition OPTIONS[] = {
    OPTION("log", FILE,
           "The log of a mail server: Postfix, Exim, Sendmail or OpenSMTPD; plain or packed by "
           "gzip. With --state-file, files that it was rotated to are read to their end first. May "
           "be given more than once.",
           .traits = OPTION_REPEAT | OPTION_TEMPLATE, .argument = "FILE", .offset = AT(logs),
           .group = "Logs"),
    OPTION("log-format", WORD, "Take only lines of this server.", .argument = "FORMAT",
           .default_text = "found out line by line", .offset = AT(format), .words = FORMATS),
    OPTION("journal", TEXT,
           "The systemd journal: of this unit (\"postfix\" is postfix.service and "
           "postfix@-.service), or everything that was logged as mail.",
           .traits = OPTION_OPTIONAL_VALUE | OPTION_EMPTY, .argument = "UNIT",
           .offset = AT(journal)),
    OPTION("journal-directory", FILE, "Read the journal files of this folder.", .argument = "DIR",
           .default_text = "the system's journal", .offset = AT(journal_directory)),
    OPTION("maildir", FILE,
           "The messages of this Maildir, in new and cur. They are read, not changed; with "
           "--state-file each is counted once. May be given more than once.",
           .traits = OPTION_REPEAT, .argument = "DIR", .offset = AT(maildirs), .group = "Messages"),
    OPTION("mbox", FILE,
           "The messages of this mailbox file, each counted once with --state-file. May be given "
           "more than once.",
           .traits = OPTION_REPEAT, .argument = "FILE", .offset = AT(mailboxes)),
    OPTION("message", FILE, "One message; - is standard input. May be given more than once.",
           .traits = OPTION_REPEAT, .argument = "FILE", .offset = AT(messages)),
    OPTION("state-file", FILE,
           "Remember in this file how far each log was read, and the counts of the window: each "
           "run reads what is new. A lock stands beside it (FILE.lock).",
           .argument = "FILE", .offset = AT(state_file), .group = "From run to run"),
    OPTION("from-start", FLAG,
           "Let the first run read a log from its start. Without it the first run begins at the "
           "end.",
           .offset = AT(from_start)),
    OPTION("window", TEXT,
           "Count what happened in this time, by the stamps of the lines, whatever the interval of "
           "the check: 90, 30m, 1h, 7d, or all.",
           .argument = "TIME", .default_text = "1h with --state-file, else all",
           .offset = AT(window)),
    OPTION("min-mails", NUMBER, "Judge no rate of fewer mails than this.", .argument = "N",
           .default_text = "50", .unit = "mails", .minimum = 0, .maximum = 1000000000,
           .offset = AT(min_mails), .group = "Thresholds"),
    OPTION(
        "limit", TEXT,
        "A limit of its own, NAME=WARN,CRIT, reached at the figure given (0: by the first one): "
        "a count, or with % a share. NAME is a group (recipient, full, rate, grey, blocked, size, "
        "transient, config, unknown), a class, provider:NAME, complaints or deferred. A class and "
        "a group count bounces and deferrals, a provider, named as in the JSON output (gmail.com "
        "for all of Google), its bounces. May be given more than once.",
        .traits = OPTION_REPEAT, .argument = "NAME=WARN,CRIT", .offset = AT(limits)),
    OPTION("rules", FILE,
           "Ask the rules of this file before the shipped ones. May be given more than once.",
           .traits = OPTION_REPEAT, .argument = "FILE", .offset = AT(rules), .group = "Rules"),
    OPTION("base-rules", FILE, "Read this file instead of the shipped rules.", .argument = "FILE",
           .default_text = PKGDATADIR "/bounce-rules.conf", .offset = AT(base_rules)),
    OPTION("test-rules", FILE,
           "Print the class, the group and the rule of each line of this file (- is standard "
           "input), and end.",
           .traits = OPTION_TERMINAL, .argument = "FILE", .offset = AT(test_rules)),
    OPTION("recipients", FLAG,
           "Add every recipient of this run to the JSON output, for suppression lists.",
           .offset = AT(recipients), .group = "Output"),
};

static const struct plugin_example EXAMPLES[] = {
    {"check_bounces --log /var/log/mail.log --state-file /var/lib/nagios/bounces.state",
     "the rate of the last hour, read incrementally"                                                                                                                          },
    {"check_bounces --log /var/log/mail.log --window 1d -w 5 -c 10",
     "once, the lines of the last day"                                                                                                                                        },
    {"check_bounces --journal=postfix --state-file /var/lib/nagios/bounces.state --limit "
     "blocked=1,20 --limit provider:gmail.com=5%,10%",                              "from the journal; any refusal by a blocklist warns, and Gmail has a rate of its own"},
    {"check_bounces --log /var/log/exim4/mainlog --output-format json --recipients",
     "the failed recipients, for a suppression list"                                                                                                                          },
    {"check_bounces --maildir /home/bounces/Maildir --state-file /var/lib/nagios/bounces.state "
     "--limit blocked=1,20",                                                        "the bounces that came back to a mailbox"                                            },
    {"check_bounces --test-rules refusals.txt",                                          "which rule tells what each line means"                                              },
};

static const struct element_field COUNTED[] = {
    {"name",  ELEMENT_KEY,   NULL,                   NULL},
    {"count", ELEMENT_COUNT, "bounced and deferred", ""  },
};

static const struct element_array ELEMENTS[] = {
    {"classes",    NULL, "class",     COUNTED, sizeof COUNTED / sizeof COUNTED[0]},
    {"groups",     NULL, "group",     COUNTED, sizeof COUNTED / sizeof COUNTED[0]},
    {"providers",  NULL, "provider",  COUNTED, sizeof COUNTED / sizeof COUNTED[0]},
    {"blocklists", NULL, "blocklist", COUNTED, sizeof COUNTED / sizeof COUNTED[0]},
};

const struct plugin_definition bounces_definition = {
    .tables =
        {
                 .plugin = "check_bounces",
                 .version = PACKAGE_VERSION,
                 .service = "BOUNCES",
                 .findings = bounces_findings,
                 .finding_count = BOUNCES_FINDINGS,
                 .metrics = bounces_metrics,
                 .metric_count = BOUNCES_METRICS,
                 .facts = "{\"window_seconds\":0,\"covered_seconds\":0,\"classes\":[],\"groups\":[],"
                     "\"providers\":[],\"blocklists\":[],\"samples\":[],\"sources\":[],"
                     "\"ignored\":{},\"messages\":[]}", .elements = ELEMENTS,
                 .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0],
                 },
    .title = "check how much mail comes back, from whom and why",
    .description =
        "Reads the logs of mail servers and counts what was delivered, what bounced and what is "
        "deferred, by cause and by provider, over a window of time. Alerts on the share of mail "
        "that bounced and on limits for single causes, and names the blocklist that a refusal "
        "speaks of.\n\n"
        "Each refusal is told its class by the words of the reply and, where they say nothing, by "
        "its codes. A deferral counts once for each queue id and recipient; address probes, hops "
        "to a content filter and bounces of bounces do not count.",
    .figure = "the share of mail that bounced, in percent (default: 10 and 20)",
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes =
        "No root is needed: membership in the group adm, for the journal in systemd-journal, is "
        "enough.\n\n"
        "The rate is (bounced + expired) / (delivered + bounced + expired). Expired are messages "
        "that Postfix gave up after their time in the queue; its log names no recipient for them.",
};
