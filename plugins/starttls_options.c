#include "starttls.h"

#define DAYS_MAX 36500

const struct starttls_config starttls_config_default = {
    .days_text = "14,3",
    .minimum_text = "1.2",
};

static const char *const PKIX[] = {"off", "warn", "crit", NULL};
static const char *const VERSIONS[] = {"1.0", "1.1", "1.2", "1.3", NULL};

#define AT(member) offsetof(struct starttls_config, member)
/* One row; the rest are further members. */
#define OPTION(name_text, kind_word, help_text, ...)                                               \
    {                                                                                              \
        .name = name_text, .kind = OPTION_##kind_word, .help = help_text, __VA_ARGS__              \
    }

static const struct option_definition OPTIONS[] = {
    SMTP_OPTIONS_OPTIONAL_HOST(struct starttls_config, smtp),
    OPTION("mx", DOMAIN,
           "In place of -H: every address of every exchanger of this domain, each by its own name.",
           .traits = OPTION_SUBJECT, .argument = "DOMAIN", .offset = AT(domain)),
    OPTION("submission", FLAG,
           "Judge as a submission server, whatever the port: TLS and a trusted certificate are a "
           "must. On ports 465 and 587 it is so by itself.",
           .offset = AT(is_submission)),
    OPTION("enforced", FLAG, "A server on port 25 may insist on TLS.", .offset = AT(is_enforced)),
    OPTION("require", TEXT,
           "This extension must be offered in EHLO under TLS (REQUIRETLS, LIMITS ...).",
           .traits = OPTION_REPEAT, .argument = "KEYWORD", .offset = AT(required)),
    OPTION("quick", FLAG,
           "One connection to each address: the second kind of certificate, old versions, weak "
           "ciphers and compression are not looked for.",
           .offset = AT(is_quick)),
    OPTION("pause", SECONDS, "Wait so long before each further connection to an address.",
           .argument = "SECONDS", .default_text = "0", .unit = "seconds", .minimum = 0,
           .maximum = 3600, .offset = AT(pause)),
    OPTION("days", TEXT,
           "Warn when the certificate or its chain expires in less than WARN days, be critical "
           "below CRIT.",
           .letter = 'D', .argument = "WARN[,CRIT]", .default_text = "14,3", .unit = "days",
           .offset = AT(days_text), .group = "Certificates"),
    OPTION("days-ahead", NUMBER, "Verify as of so many days from now.", .argument = "DAYS",
           .default_text = "0", .unit = "days", .minimum = 0, .maximum = DAYS_MAX,
           .offset = AT(days_ahead)),
    OPTION("name", DOMAIN,
           "The name that the certificate must have. Needed beside an address: there the names of "
           "the certificate are else told, and not verified.",
           .argument = "NAME", .default_text = "the host, when it is a name", .offset = AT(name)),
    OPTION("allow-cn", FLAG,
           "Without any subjectAltName of a host the common name counts, as it did once.",
           .offset = AT(allow_common_name)),
    OPTION("ca-file", FILE, "Trust the authorities of this PEM file.", .argument = "FILE",
           .default_text = "the system's authorities", .offset = AT(authorities_file)),
    OPTION("ca-path", FILE, "Trust the authorities of this hashed folder (openssl rehash).",
           .argument = "FOLDER", .offset = AT(authorities_path)),
    OPTION("pkix", WORD,
           "What a chain or a name that does not hold amounts to: nothing, a warning, or critical.",
           .argument = "off|warn|crit",
           .default_text = "crit for submission, warn for servers of the public", .words = PKIX,
           .offset = AT(pkix)),
    OPTION("pin", TEXT,
           "Each certificate of the server must be one of these: sha256:HEX of the certificate, "
           "spki-sha256:HEX of its key, serial:HEX, or issuer:TEXT.",
           .traits = OPTION_REPEAT, .argument = "KIND:VALUE", .offset = AT(pins)),
    OPTION("min-tls", WORD, "No version below this one may be accepted.", .argument = "VERSION",
           .default_text = "1.2", .words = VERSIONS, .offset = AT(minimum_text), .group = "TLS"),
    OPTION("ciphers", TEXT,
           "A handshake with these ciphers alone must succeed, on a connection of its own "
           "(OpenSSL's list, TLS 1.2 and before).",
           .argument = "LIST", .offset = AT(ciphers)),
    OPTION("forbid-ciphers", TEXT,
           "A handshake with these ciphers alone must fail, on a connection of its own.",
           .argument = "LIST", .offset = AT(forbidden_ciphers)),
    OPTION("raw-key", FLAG,
           "Prefer a raw public key to a certificate (RFC 7250), on a connection of its own with "
           "TLS 1.2, and show it as a TLSA record has it.",
           .offset = AT(wants_raw_key)),
    OPTION("injection", FLAG,
           "Send a command in the clear with STARTTLS, on a connection of its own, and see whether "
           "it is carried out under TLS (CVE-2011-0411).",
           .offset = AT(injection)),
};

static const struct plugin_example EXAMPLES[] = {
    {"check_starttls -H mail.example.org",
     "one server, all its addresses, both kinds of certificate"                                             },
    {"check_starttls --mx example.org -D 21,7",                      "every address of every exchanger"     },
    {"check_starttls -H mail.example.org -p 587",                    "submission: strict"                   },
    {"check_starttls -H mail.example.org -p 465",                    "submission with implicit TLS"         },
    {"check_starttls -H 192.0.2.25 --name mail.example.org --quick",
     "one connection, for a check every few minutes"                                                        },
    {"check_starttls -H mail.example.org --days-ahead 30",           "would it still be trusted in a month?"},
};

static const struct element_field ADDRESS_FIELDS[] = {
    {"address",                   ELEMENT_KEY,    NULL,                      NULL      },
    {"port",                      ELEMENT_KEY,    NULL,                      NULL      },
    {"protocol",                  ELEMENT_TEXT,   "TLS version",             NULL      },
    {"cipher",                    ELEMENT_TEXT,   "cipher",                  NULL      },
    {"certificates[0].not_after", ELEMENT_NUMBER, "certificate valid until", "unixtime"},
};

static const struct element_array ELEMENTS[] = {
    {"conversations", "@.probe == \"first\"", "address", ADDRESS_FIELDS,
     sizeof ADDRESS_FIELDS / sizeof ADDRESS_FIELDS[0]},
};

const struct plugin_definition starttls_definition = {
    .tables =
        {
                 .plugin = "check_starttls",
                 .version = PACKAGE_VERSION,
                 .service = "STARTTLS",
                 .findings = starttls_findings,
                 .finding_count = STARTTLS_FINDINGS,
                 .metrics = starttls_metrics,
                 .metric_count = STARTTLS_METRICS,
                 .facts = "{\"conversations\":[]}",
                 .elements = ELEMENTS,
                 .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0],
                 },
    .title = "check TLS and certificates of SMTP servers",
    .description =
        "Speaks SMTP up to STARTTLS (or TLS from the start), shakes hands with whatever the server "
        "offers, and judges all of it: the dialogue, the versions and ciphers, each certificate "
        "with its chain, its name, its dates, its key and its OCSP answer. Every address is asked, "
        "and where a server has an RSA and an ECDSA certificate, both are seen. No mail is "
        "sent.\n\n"
        "A server for the public (port 25) is judged leniently, since mail to it that cannot be "
        "sent under good TLS is sent in the clear: better weak TLS than none. On ports 465 and 587 "
        "mail programs insist, so what is a warning there is critical here.",
    .figure = "the time of the slowest TLS handshake in seconds (time_tls)",
    .network = true,
    .default_timeout = 30,
    .check_interval = 900,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes =
        "An address gets up to five connections, one after the other: as a sender speaks; with the "
        "other kind of key; with TLS 1.2; with the versions below --min-tls (after MAIL in the "
        "clear, taken back with RSET); with ciphers that nobody should take (and, where there is "
        "no "
        "TLS 1.3, with compression). Each that is served ends with QUIT and close_notify. A good "
        "server refuses up to three of them, the second kind of key that it does not have, old "
        "versions and weak ciphers, and says so in its log as of handshakes that failed. Where it "
        "limits connections or bans clients with "
        "failed handshakes, exempt the monitor, or use --quick often and the whole check "
        "seldom.\n\n"
        "What this OpenSSL cannot speak itself (RC4, 3DES, export ciphers, compression on most "
        "systems) is offered in a first message of our own; the server's answer names what it "
        "would "
        "have taken. SSL 3.0 is told where a server without TLS 1.1 and 1.0 chooses it. --raw-key "
        "does likewise for raw public keys, which can be seen under TLS 1.2 only: TLS 1.3 encrypts "
        "them.\n\n"
        "With -H ADDRESS the name is verified only where the certificate names addresses, or with "
        "--name, which is also the server name (SNI) then.",
};

static bool read_days(struct slice text, long *days)
{
    uint64_t number = 0;
    bool is_good = slice_to_number(text, DAYS_MAX, &number);
    *days = (long)number;
    return is_good;
}

bool starttls_options_read_days(struct starttls_config *config)
{
    struct slice rest = slice_of(config->days_text);
    struct slice word;
    config->days_warning = config->days_critical = -1;
    slice_split(&rest, ',', &word);
    if (!read_days(word, &config->days_warning))
        return false;
    if (rest.start == NULL)
        return true;
    return read_days(rest, &config->days_critical) && config->days_critical <= config->days_warning;
}

enum tls_version starttls_minimum(const struct starttls_config *config)
{
    return (enum tls_version)(TLS_1_0 + (config->minimum_text[2] - '0'));
}

void starttls_options_check(struct plugin *plugin, struct starttls_config *config)
{
    if ((config->smtp.host == NULL) == (config->domain == NULL))
        plugin_usage_error(plugin, "give either -H HOST or --mx DOMAIN");
    if (!starttls_options_read_days(config))
        plugin_usage_error(plugin,
                           "option --days: expected WARN[,CRIT], whole days with CRIT not above "
                           "WARN, got \"%s\"",
                           config->days_text);
    for (size_t i = 0; i < config->pins.count; i++) {
        if (!starttls_pin_is_good(config->pins.values[i]))
            plugin_usage_error(plugin,
                               "option --pin: expected sha256:HEX, spki-sha256:HEX, serial:HEX or "
                               "issuer:TEXT, got \"%s\"",
                               config->pins.values[i]);
    }
    if (config->smtp.sni == NULL)
        config->smtp.sni = config->name;
}
