/*
 * What the plugins that speak SMTP have in common: the options that say with whom and how, and the
 * connections that follow from them.
 *
 *     static const struct option_definition OPTIONS[] = {SMTP_OPTIONS(struct banner_config, smtp),
 *                                                        ...};
 *
 *     smtp_targets_init(&plugin, &config.smtp, &targets);          usage errors
 *     do smtp_targets_find(&targets, only_v4, only_v6, answers);
 *     while (dns_fetch_missing(dns, answers, deadline));
 *
 * A plugin that speaks to the exchangers of a domain leaves out -H (SMTP_OPTIONS_BESIDE), or does
 * not insist on it (SMTP_OPTIONS_OPTIONAL_HOST), and adds their addresses with smtp_targets_add.
 *
 * The names and addresses come from a store of answers; nothing here meets the network.
 */
#ifndef PLUGINS_SMTP_TARGETS_H
#define PLUGINS_SMTP_TARGETS_H

#include "mail/dns_answer.h"
#include "mail/domain.h"
#include "net/smtp.h"
#include "plugin/plugin.h"

struct smtp_options {
    const char *host; /* -H: name, address, [v6] or unix:/path; NULL: not given */
    long port;        /* -p; 0: by the kind of service */
    const char *ehlo;
    struct option_list sources; /* --source, one for each family */
    bool first_address;
    bool implicit_tls;
    bool lmtp;
    const char *proxy;          /* "v1", "v2", with ",SRC,DST" behind it or not */
    const char *sni;            /* a name, or "none" */
    struct option_list resolve; /* "HOST:ADDR" */
};

/* Rows for a plugin's table; `member` is a struct smtp_options of the configuration `type`. */
#define SMTP_OPTION_ROW(type, member, part, ...)                                                   \
    {                                                                                              \
        .offset = offsetof(type, member.part), __VA_ARGS__                                         \
    }
#define SMTP_OPTIONS(type, member)                                                                 \
    SMTP_OPTION_HOST(type, member, OPTION_HOST | OPTION_REQUIRED), SMTP_OPTIONS_BESIDE(type, member)
#define SMTP_OPTIONS_OPTIONAL_HOST(type, member)                                                   \
    SMTP_OPTION_HOST(type, member, OPTION_HOST), SMTP_OPTIONS_BESIDE(type, member)
#define SMTP_OPTION_HOST(type, member, trait_bits)                                                 \
    SMTP_OPTION_ROW(type, member, host, .name = "host", .letter = 'H', .kind = OPTION_TEXT,        \
                    .traits = trait_bits, .argument = "HOST",                                      \
                    .help = "The server: a name, an address, or unix:/PATH.",                      \
                    .group = "Connection")
#define SMTP_OPTIONS_BESIDE(type, member)                                                          \
    SMTP_OPTION_ROW(type, member, port, .name = "port", .letter = 'p', .kind = OPTION_NUMBER,      \
                    .argument = "PORT", .minimum = 1, .maximum = 65535,                            \
                    .default_text = "25; 465 with --implicit-tls, 24 with --lmtp",                 \
                    .help = "The port.", .group = "Connection"),                                   \
        SMTP_OPTION_ROW(type, member, ehlo, .name = "ehlo", .kind = OPTION_TEXT,                   \
                        .argument = "NAME",                                                        \
                        .default_text = "the name of our source address, else that of the host",   \
                        .help = "The name that we say in EHLO: a domain name or an address "       \
                                "literal."),                                                       \
        SMTP_OPTION_ROW(type, member, sources, .name = "source", .kind = OPTION_ADDRESS,           \
                        .traits = OPTION_REPEAT, .argument = "ADDRESS",                            \
                        .help = "Our own address to connect from; one for each family."),          \
        SMTP_OPTION_ROW(type, member, first_address, .name = "first-address", .kind = OPTION_FLAG, \
                        .help = "Speak to the first address of the host only, not to all."),       \
        SMTP_OPTION_ROW(type, member, first_address, .name = "all-addresses", .kind = OPTION_FLAG, \
                        .traits = OPTION_CLEARS,                                                   \
                        .help = "Speak to all addresses, which is the default: takes back "        \
                                "--first-address of an ini section."),                             \
        SMTP_OPTION_ROW(type, member, implicit_tls, .name = "implicit-tls", .kind = OPTION_FLAG,   \
                        .help = "TLS comes before the greeting (RFC 8314 3.3), as it always does " \
                                "on port 465."),                                                   \
        SMTP_OPTION_ROW(type, member, lmtp, .name = "lmtp", .kind = OPTION_FLAG,                   \
                        .help = "The server speaks LMTP (RFC 2033): LHLO instead of EHLO."),       \
        SMTP_OPTION_ROW(type, member, proxy, .name = "proxy-protocol", .kind = OPTION_TEXT,        \
                        .argument = "v1|v2[,SOURCE,DESTINATION]",                                  \
                        .help = "Send a header of the PROXY protocol first, with the addresses "   \
                                "of the connection, or these (ADDRESS:PORT)."),                    \
        SMTP_OPTION_ROW(type, member, sni, .name = "sni", .kind = OPTION_TEXT,                     \
                        .argument = "NAME|none", .default_text = "the host",                       \
                        .help = "The server name that TLS asks for (RFC 6066 3)."),                \
        SMTP_OPTION_ROW(type, member, resolve, .name = "resolve", .kind = OPTION_TEXT,             \
                        .traits = OPTION_REPEAT, .argument = "HOST:ADDRESS",                       \
                        .help = "Take this address for that host instead of asking DNS.")

#define SMTP_TARGETS_MAX 256

struct smtp_target {
    const char *text;        /* "192.0.2.25:25", "[2001:db8::25]:25", "unix:/path" */
    const char *host;        /* whose address it is, in normal form; NULL: no name was given */
    const char *server_name; /* for SNI; NULL: none */
    bool is_nobodys;         /* a name has an address that no server can have, see
                                mail/exchangers.h: nobody speaks to it */
    struct stream_target stream;
};

struct smtp_targets {
    struct arena *arena;
    const struct smtp_options *options;
    char host[DOMAIN_TEXT_SIZE];  /* normal form; "" when -H is no name, or not given */
    const char *server_name;      /* of --sni; NULL: none, or each target's host */
    struct stream_target pattern; /* port, path, PROXY header */
    struct smtp_target *list;
    size_t count;
    size_t omitted;                    /* beyond SMTP_TARGETS_MAX */
    const struct dns_answer *a, *aaaa; /* of the host; NULL: not asked */
};

/* Checks what the option table cannot: addresses, sources, names; ends the program on a usage
 * error. On port 465 implicit TLS is set. `options` must outlive the targets. */
void smtp_targets_init(struct plugin *plugin, struct smtp_options *options,
                       struct smtp_targets *targets);
/* As smtp_targets_init: NULL, or the message of a usage error. */
const char *smtp_targets_read(struct arena *arena, const struct smtp_options *options,
                              struct smtp_targets *targets);

/* Fills the list from the answers so far; true when nothing is missing. */
bool smtp_targets_find(struct smtp_targets *targets, bool only_v4, bool only_v6,
                       struct dns_answers *answers);

/* What a name without an address that may be used lacks: "address", "IPv4 address; -4 leaves out
 * those of IPv6". */
const char *smtp_targets_lacking(const struct plugin_common *common);

/* Adds an address of an exchanger, whose name in normal form is `host`. Returns the target, the one
 * that stands there when that host has the address already; NULL when it is left out:
 * --first-address and the host has one, or there are too many (see `omitted`). Targets do not move.
 */
const struct smtp_target *smtp_targets_add(struct smtp_targets *targets, const char *host,
                                           const struct ip_address *address);

/* Puts the addresses of --resolve into the store: a question for such a host is settled, NODATA for
 * a family that was not given. */
void smtp_targets_resolve(const struct smtp_options *options, struct dns_answers *answers);

/* One of them is not nobody's. */
bool smtp_targets_has_server(const struct smtp_targets *targets);
/* Of which kind the address of a target is: "an address of the kind documentation". */
const char *smtp_targets_kind(const struct smtp_targets *targets, const struct smtp_target *target);

/* The name that we say in EHLO when we connect from `source`: the option's; a fully-qualified
 * name of the address that has the address, too (asked of the store); `host_name` when it is such a
 * name; the address literal (RFC 5321 4.1.4). */
const char *smtp_targets_ehlo(const struct smtp_targets *targets, const struct ip_address *source,
                              const char *host_name, struct dns_answers *answers);

#endif
