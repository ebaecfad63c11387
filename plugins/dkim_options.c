#include "dkim.h"

const struct dkim_config dkim_config_default = {
    .authoritative_port = 53,
    .max_lifetime = 14,
};

#define AT(member) offsetof(struct dkim_config, member)
/* One row; the rest are further members. */
#define OPTION(name_text, kind_word, help_text, ...)                                               \
    {                                                                                              \
        .name = name_text, .kind = OPTION_##kind_word, .help = help_text, __VA_ARGS__              \
    }

static const struct option_definition OPTIONS[] = {
    OPTION("domain", DOMAIN, "The domain whose keys are checked. May be given more than once.",
           .letter = 'd', .traits = OPTION_REPEAT | OPTION_TEMPLATE, .argument = "DOMAIN",
           .offset = AT(domains), .group = "Keys"),
    OPTION("selector", TEXT,
           "The selector, or the whole name SELECTOR._domainkey.DOMAIN. May be given more than "
           "once.",
           .letter = 's', .traits = OPTION_REPEAT | OPTION_TEMPLATE, .argument = "SELECTOR",
           .offset = AT(selectors)),
    OPTION("discover", FLAG,
           "Try the selectors that mail systems and providers set by default. That none is there "
           "proves nothing.",
           .offset = AT(discover)),
    OPTION("key", FILE,
           "The private key of the signer (PEM, PKCS #1 or #8): must fit the published key.",
           .argument = "FILE", .offset = AT(key_file)),
    OPTION("key-table", FILE,
           "Check all selectors in this file and the keys it names: OpenDKIM's KeyTable, or "
           "rspamd's map, \"DOMAIN SELECTOR [FILE]\" a line.",
           .argument = "FILE", .offset = AT(key_table)),
    OPTION("signing-table", FILE,
           "OpenDKIM's SigningTable beside its KeyTable: check only the keys that sign for the "
           "domains of -d, or else for those that the table names, and report a domain without a "
           "key. Needs --key-table.",
           .argument = "FILE", .offset = AT(signing_table)),
    OPTION("expect-revoked", FLAG, "The keys must be revoked, or gone.",
           .offset = AT(expect_revoked)),
    OPTION("retired", TEXT, "A selector that is not in use any more: warn when it has a key.",
           .traits = OPTION_REPEAT, .argument = "SELECTOR", .offset = AT(retired)),
    OPTION("max-age", NUMBER, "Warn when a key is in use for longer. Needs --state-file.",
           .argument = "DAYS", .unit = "days", .minimum = 1, .maximum = 10000,
           .offset = AT(max_age)),
    OPTION("state-file", FILE, "Remember in this file since when each key is published.",
           .argument = "FILE", .offset = AT(state_file)),
    OPTION("message", FILE,
           "Verify every signature of this message; \"-\" is standard input. Lines may end in CRLF "
           "or LF.",
           .argument = "FILE", .offset = AT(message_file), .group = "Messages"),
    OPTION("align", FLAG, "A signature that verifies must be aligned with From, as DMARC wants it.",
           .offset = AT(align)),
    OPTION("expect", TEXT,
           "A signature that verifies must have these: d=DOMAIN,s=SELECTOR,a=ALGORITHM,"
           "c=HEADER/BODY, any of them.",
           .argument = "TAGS", .offset = AT(expected)),
    OPTION("max-lifetime", NUMBER, "Warn when a signature is valid for longer.", .argument = "DAYS",
           .default_text = "14", .unit = "days", .minimum = 1, .maximum = 10000,
           .offset = AT(max_lifetime)),
    OPTION("legacy", FLAG,
           "Verify rsa-sha1 and keys under 1024 bits as well, to see what they would give.",
           .offset = AT(legacy)),
    OPTION("tls-report", FLAG,
           "The message is a TLS report: keys with s=tlsrpt serve (RFC 8460 3).",
           .offset = AT(tlsrpt)),
    OPTION("authoritative", FLAG,
           "Ask every authoritative name server of the zone and report those that differ.",
           .offset = AT(authoritative), .group = "Name servers"),
    OPTION("authoritative-port", NUMBER, "The port of the authoritative servers.",
           .argument = "PORT", .default_text = "53", .minimum = 1, .maximum = 65535,
           .offset = AT(authoritative_port)),
};

static const struct plugin_example EXAMPLES[] = {
    {"check_dkim -d example.org -s mail -s news",                                  "two keys"                              },
    {"check_dkim -s mail._domainkey.example.org --key /etc/dkimkeys/mail.private",
     "a key, and does the signer hold its private half"                                                                    },
    {"check_dkim --key-table /etc/opendkim/KeyTable",                              "all keys of a signer"                  },
    {"check_dkim -d example.org --discover",                                       "which of the usual selectors are there"},
    {"check_dkim --message mail.eml --align",                                      "verify the signatures of a message"    },
};

static const struct element_field KEY_FIELDS[] = {
    {"domain",   ELEMENT_KEY,    NULL,     NULL},
    {"selector", ELEMENT_KEY,    NULL,     NULL},
    {"status",   ELEMENT_TEXT,   "answer", NULL},
    {"key_type", ELEMENT_TEXT,   "type",   NULL},
    {"bits",     ELEMENT_NUMBER, "bits",   ""  },
};

static const struct element_array ELEMENTS[] = {
    {"keys", NULL, "key", KEY_FIELDS, sizeof KEY_FIELDS / sizeof KEY_FIELDS[0]},
};

const struct plugin_definition dkim_definition = {
    .tables =
        {
                 .plugin = "check_dkim",
                 .version = PACKAGE_VERSION,
                 .service = "DKIM",
                 .findings = dkim_findings,
                 .finding_count = DKIM_FINDINGS,
                 .metrics = dkim_metrics,
                 .metric_count = DKIM_METRICS,
                 .facts = "{\"keys\":[],\"signatures\":[]}",
                 .elements = ELEMENTS,
                 .element_count = sizeof ELEMENTS / sizeof ELEMENTS[0],
                 },
    .title = "check DKIM keys, and the signatures of a message",
    .description =
        "Reads the key records of selectors and judges whether verifiers can use them: how they "
        "are written, what they allow, how long the key is, whether it is weak, revoked, too old, "
        "or not the one that the signer holds.\n\n"
        "With --message every signature of a message is verified, by RFC 6376, RFC 8301 and RFC "
        "8463; the finding says what was changed, and what the signature leaves open.",
    .figure = "the bits of the shortest RSA key (default: warning 2048:, critical 1024:)",
    .network = true,
    .check_interval = 3600,
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof OPTIONS[0],
    .examples = EXAMPLES,
    .example_count = sizeof EXAMPLES / sizeof EXAMPLES[0],
    .notes = "Weak keys are those with a small or even exponent, a small factor, primes near each "
             "other, the ROCA fingerprint, and the example keys of the RFCs. The keys of Debian's "
             "OpenSSL of 2006 to 2008 are not known to the check: it carries no list of them.\n\n"
             "A message may be of any size; its header at most 1 MB, its signatures at most 32.",
};
