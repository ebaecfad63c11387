#include "mailcheck.h"

#define OPTION_ROW(part, ...)                                                                      \
    {                                                                                              \
        .offset = offsetof(struct mailcheck_config, part), __VA_ARGS__                             \
    }

static const char *const color_words[] = {"auto", "always", "never", NULL};

static const struct option_definition OPTIONS[] = {
    OPTION_ROW(subjects, .name = "subject", .kind = OPTION_TEXT,
               .traits = OPTION_REPEAT | OPTION_OPERANDS | OPTION_REQUIRED, .argument = "SUBJECT",
               .help = "What is checked: a domain with all that belongs to its mail, or the "
                       "address of a server. A word that is no option is one, too.",
               .group = "What is checked", ),
    OPTION_ROW(selectors, .name = "selector", .letter = 's', .kind = OPTION_TEXT,
               .traits = OPTION_REPEAT, .argument = "NAME",
               .default_text = "the usual ones are tried",
               .help = "A DKIM selector of the domains.", ),
    OPTION_ROW(relay, .name = "relay", .kind = OPTION_FLAG,
               .help = "Test each exchanger for open relaying, too: some dozen refused recipients "
                       "in its log. No message is sent.", ),
    OPTION_ROW(only, .name = "only", .kind = OPTION_WORD, .traits = OPTION_REPEAT,
               .argument = "SERVICE", .words = mailcheck_services,
               .help = "Run this kind of check alone.", ),
    OPTION_ROW(skip, .name = "skip", .kind = OPTION_WORD, .traits = OPTION_REPEAT,
               .argument = "SERVICE", .words = mailcheck_services,
               .help = "Leave this kind of check out.", ),
    OPTION_ROW(settings, .name = "set", .kind = OPTION_TEXT, .traits = OPTION_REPEAT,
               .argument = "SERVICE.OPTION[=VALUE]",
               .help = "Give check_SERVICE the option --OPTION: spf.ip=192.0.2.25.", ),
    OPTION_ROW(config_file, .name = "config", .kind = OPTION_FILE, .argument = "FILE",
               .help = "Settings for each domain: an ini file with a section named after it, and "
                       "one named * for all; its lines are SERVICE.OPTION = VALUE.", ),
    OPTION_ROW(plugin_folder, .name = "plugin-dir", .kind = OPTION_FILE, .argument = "DIR",
               .default_text = PLUGINDIR, .help = "Where the plugins are.", ),
    OPTION_ROW(html, .name = "html", .kind = OPTION_FILE, .argument = "FILE",
               .help = "Write a page for a browser, too: findings with repairs to copy, and "
                       "pictures. It fetches nothing from anywhere.",
               .group = "How it is shown", ),
    OPTION_ROW(json, .name = "json", .kind = OPTION_FLAG, .traits = OPTION_TERMINAL,
               .help = "The same as --output-format json.", ),
    OPTION_ROW(color, .name = "color", .kind = OPTION_WORD, .argument = "WHEN",
               .traits = OPTION_TERMINAL, .words = color_words, .default_text = "auto",
               .help = "Colour: on a terminal unless NO_COLOR is set, always, or never.", ),
};

static const struct plugin_example EXAMPLES[] = {
    {"mailcheck example.org",                                                    "all about the mail of a domain"       },
    {"mailcheck --html page.html example.org",                                   "the same, with pictures for a browser"},
    {"mailcheck 192.0.2.25",                                                     "a server by its address"              },
    {"mailcheck --skip dnsbl --selector mail2026 example.org example.net",
     "two domains, without blocklists, with their DKIM selector"                                                        },
    {"mailcheck --set spf.ip=192.0.2.25 --set smtp_banner.port=587 example.org",
     "with options for single plugins"                                                                                  },
    {"mailcheck --output-format multi-line -t 50 example.org",                   "as a service of an engine"            },
};

const struct mailcheck_config mailcheck_config_default = {
    .plugin_folder = PLUGINDIR,
    .color = "auto",
};

const struct plugin_definition mailcheck_definition = {
    .tables =
        {
                 .plugin = "mailcheck",
                 .version = PACKAGE_VERSION,
                 .service = "MAIL",
                 .findings = mailcheck_findings,
                 .finding_count = MAILCHECK_FINDINGS,
                 .metrics = mailcheck_metrics,
                 .metric_count = MAILCHECK_METRICS,
                 .facts = "{\"domains\":[]}",
                 .json_max = (size_t)4 << 20,
                 },
    .title = "check all about the mail of a domain, and say what to repair",
    .description =
        "Runs every plugin of the suite that applies, side by side, under one deadline: the "
        "exchangers of a domain are found once, then each is spoken to, its addresses are looked "
        "up on the blocklists, and the domain's SPF, DKIM, DMARC and TLS reporting records are "
        "read.\n\n"
        "What is wrong comes first, with why it matters and a repair to copy; what is fine has a "
        "line each. The exit status is that of a plugin, so it can be a service itself.\n\n"
        "Over all plugins and domains of a run a server has two conversations with us at a time, "
        "that of check_smtp_banner and one other; what check_smtp_banner hears serves check_mx and "
        "check_rdns, too, and a server of several domains is asked once.",
    .foreign_ids = "that of a plugin is for it: --set SERVICE.severity=ID=STATE, "
                   "check_SERVICE --explain=ID",
    .default_timeout = 60,
    .network = true,
    .check_interval = 3600,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes =
        "An ini file for --config:\n\n"
        "[*] with a line \"dnsbl.exclude = zen.example\" holds for all domains; [example.org] with "
        "the lines \"dkim.selector = mail2026\", \"spf.ip = 192.0.2.25\" and \"spf.severity = "
        "spf.all-soft=warning\" for that one. \"only\" and \"skip\" take services as the options "
        "of that name do.\n\n"
        "JSON has an object for each domain and address in \"domains\", with its exchangers and "
        "its "
        "checks. \"result\" of a check is the whole object of its plugin, or null; \"outcome\" is "
        "finished, or says why there is none: left-out (the server did not greet, which "
        "check_smtp_banner tells), not-installed, out-of-time, or no-result.",
};
