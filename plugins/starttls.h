/*
 * check_starttls: its configuration, its facts, and the rooms that they pass through.
 *
 *     check_starttls.c              options, the run, the one exit
 *     starttls_pin                  --pin (pure)
 *     starttls_targets              who is asked: a host, or the exchangers of a domain
 *     starttls_collect              conversations -> facts: the only part that meets the network
 *     starttls_judge                facts -> findings (pure): DNS, dialogue, EHLO
 *     starttls_judge_tls            versions, ciphers, injection: what the further handshakes show
 *     starttls_judge_certificate    the leaf: name, dates, keys, OCSP, pins
 *     starttls_judge_chain          what it is trusted by
 *     starttls_show                 facts -> JSON, figures, the lines of -v (pure)
 */
#ifndef PLUGINS_STARTTLS_H
#define PLUGINS_STARTTLS_H

#include "mail/exchangers.h"
#include "net/smtp.h"
#include "plugin/plugin.h"
#include "resolver.h"
#include "smtp_targets.h"

/* ---- configuration */

struct starttls_config {
    struct smtp_options smtp;
    const char *domain;            /* --mx */
    const char *name;              /* --name */
    const char *days_text;         /* -D */
    long days_warning;             /* of -D; -1: none */
    long days_critical;            /* the same */
    long days_ahead;               /* --days-ahead */
    bool allow_common_name;        /* --allow-cn */
    const char *authorities_file;  /* --ca-file */
    const char *authorities_path;  /* --ca-path */
    const char *pkix;              /* --pkix; NULL: by the kind of service */
    struct option_list pins;       /* --pin */
    const char *minimum_text;      /* --min-tls */
    const char *ciphers;           /* --ciphers */
    const char *forbidden_ciphers; /* --forbid-ciphers */
    bool wants_raw_key;            /* --raw-key */
    bool injection;                /* --injection */
    bool is_submission;            /* --submission */
    bool is_enforced;              /* --enforced */
    struct option_list required;   /* --require */
    bool is_quick;                 /* --quick */
    double pause;                  /* --pause, seconds */
};
extern const struct starttls_config starttls_config_default;

/* What the option table cannot check. Ends the program on a usage error. */
void starttls_options_check(struct plugin *plugin, struct starttls_config *config);
/* Reads "WARN[,CRIT]"; false when it is not so. */
bool starttls_options_read_days(struct starttls_config *config);

/* enum tls_version of --min-tls. */
enum tls_version starttls_minimum(const struct starttls_config *config);

/* A pin is "sha256:HEX" of the certificate, "spki-sha256:HEX" of its key, "serial:HEX" or
 * "issuer:TEXT"; colons and blanks in HEX do not count. */
bool starttls_pin_is_good(const char *pin);
bool starttls_pin_matches(const char *pin, const struct certificate *certificate);

/* ---- facts */

/* Each is a connection of its own, one after the other to one address. */
enum starttls_probe {
    STARTTLS_MAIN,        /* as a sender speaks: EHLO, STARTTLS, EHLO */
    STARTTLS_OTHER_KEY,   /* only the kind of certificate that the first one did not show */
    STARTTLS_TLS_1_2,     /* TLS 1.2 alone, where the first one was TLS 1.3 */
    STARTTLS_OLD,         /* versions below --min-tls; before it MAIL in the clear */
    STARTTLS_WEAK,        /* ciphers that nobody should take: a first message, no handshake */
    STARTTLS_COMPRESSION, /* the same for compression, which servers with TLS 1.3 do not know */
    STARTTLS_RAW_KEY,     /* --raw-key: a first message, too */
    STARTTLS_CIPHERS,     /* --ciphers */
    STARTTLS_FORBIDDEN,   /* --forbid-ciphers */
    STARTTLS_INJECTION,   /* --injection */
    STARTTLS_PROBES,
};
/* "first", "other-key" ... for JSON. */
const char *starttls_probe_name(enum starttls_probe probe);

/* How a server must behave, and who says so. Today that is the kind of service; a policy of the
 * domain (DANE, MTA-STS) is the same to the judge. */
struct starttls_demand {
    bool is_strict;     /* senders insist on TLS and on a certificate that they can trust */
    const char *reason; /* "port 587", "--submission"; "" when it is not strict */
};

struct starttls_conversation {
    bool is_planned;                    /* it should take place */
    bool is_left_out;                   /* the server is slow: it would not have ended in time */
    const struct smtp_session *session; /* NULL: it was not begun */
};

struct starttls_place {
    const struct smtp_target *target;
    const char *subject; /* "mx.example.org (192.0.2.25:25)" */
    const char *name;    /* that the certificate must have; NULL: none is known */
    bool is_address;     /* `name` is the address of -H: nobody said a name */
    struct starttls_demand demand;
    bool has_route;   /* our own system knows a way there */
    bool has_refused; /* a further connection was not served: no more were made */
    struct starttls_conversation probes[STARTTLS_PROBES];
};

struct starttls_facts {
    struct arena *arena;
    int64_t now; /* the moment that certificates are judged for */
    struct smtp_targets targets;
    struct exchangers exchangers; /* with --mx */
    struct starttls_place *places;
    size_t place_count;
};

/* Steps of OLD where MAIL in the clear is one of them. */
#define STARTTLS_STEP_MAIL 1
/* Step of the EHLO under TLS in MAIN, where TLS is not implicit. */
#define STARTTLS_STEP_EHLO_TLS 2
/* Step of LISTEN in INJECTION. */
#define STARTTLS_STEP_LISTEN 2

/* The session of that probe, NULL when there was none. */
const struct smtp_session *starttls_session(const struct starttls_place *place,
                                            enum starttls_probe probe);
/* Its TLS facts, NULL unless the handshake was done, or the server agreed to its first message. */
const struct tls_facts *starttls_tls(const struct starttls_place *place, enum starttls_probe probe);

/* ---- rooms */

/* Finds the targets: fills `targets`, `exchangers` and `places`. */
void starttls_targets_find(const struct starttls_config *config, struct plugin *plugin,
                           struct dns *dns, struct dns_answers *answers,
                           struct starttls_facts *facts);
/* Holds the conversations. */
void starttls_collect(const struct starttls_config *config, struct plugin *plugin,
                      const struct resolver *resolver, struct dns_answers *answers,
                      struct starttls_facts *facts);
/* What a further handshake is to try, or false: it is not needed at that place. */
bool starttls_collect_plan(const struct starttls_config *config, const struct starttls_place *place,
                           enum starttls_probe probe, struct tls_request *request);

/* What all functions of the judge need. */
struct starttls_judge {
    const struct starttls_config *config;
    const struct plugin_common *common;
    const struct starttls_facts *facts;
    const struct starttls_place *place;
    struct report *report;
};

void starttls_judge(const struct starttls_config *config, const struct plugin_common *common,
                    const struct starttls_facts *facts, struct report *report);
/* Adds a finding that is CRITICAL where TLS is demanded and WARNING elsewhere. */
struct finding *starttls_judge_add(const struct starttls_judge *judge, size_t definition,
                                   const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The reply says that we came too often. */
bool starttls_judge_is_rate(const struct smtp_entry *entry);
bool starttls_judge_is_ssl3(const struct smtp_session *session);
/* Versions, ciphers and what the further conversations have shown. */
void starttls_judge_tls(const struct starttls_judge *judge);
/* All certificates that the place has shown. */
void starttls_judge_certificates(const struct starttls_judge *judge);
/* "RSA certificate of mail.example.org" */
const char *starttls_judge_label(const struct starttls_judge *judge,
                                 const struct certificate *certificate);
/* What the server shows to who prefers a raw public key. */
void starttls_judge_raw_key(const struct starttls_judge *judge);
/* Trust of one chain: state by --pkix, or the demand. */
void starttls_judge_chain(const struct starttls_judge *judge, const struct tls_facts *tls);
/* Adds a finding about trust in the state of --pkix; NULL with --pkix off. */
struct finding *starttls_judge_distrust(const struct starttls_judge *judge, size_t definition,
                                        const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Whole days from the moment of judgement until `until`, rounded down; negative when it is past. */
double starttls_days(const struct starttls_facts *facts, int64_t until);

/* "2026-11-22" */
#define STARTTLS_DATE_SIZE 32
const char *starttls_date(int64_t seconds, char buffer[static STARTTLS_DATE_SIZE]);

/* Lower-case hexadecimal. */
const char *starttls_hex(struct arena *arena, const uint8_t digest[static CERTIFICATE_SHA256_SIZE]);

void starttls_show(const struct starttls_config *config, const struct plugin_common *common,
                   const struct starttls_facts *facts, struct report *report);

/* ---- tables (starttls_options.c, starttls_findings.c) */

extern const struct plugin_definition starttls_definition;

enum starttls_finding {
    STARTTLS_F_LOCAL,
    STARTTLS_F_TIMEOUT,
    STARTTLS_F_DNS_ERROR,
    STARTTLS_F_NO_ADDRESS,
    STARTTLS_F_BAD_ADDRESS,
    STARTTLS_F_NULL_MX,
    STARTTLS_F_IMPLICIT_MX,
    STARTTLS_F_NOT_ALL,
    STARTTLS_F_CONNECT,
    STARTTLS_F_GREETING,
    STARTTLS_F_RATE_LIMITED,
    STARTTLS_F_NO_SMTP,
    STARTTLS_F_EHLO,
    STARTTLS_F_SILENT,
    STARTTLS_F_CLOSED,
    STARTTLS_F_OUT_OF_TURN,
    STARTTLS_F_NOT_OFFERED,
    STARTTLS_F_STRIPPED,
    STARTTLS_F_REFUSED,
    STARTTLS_F_IMPLICIT_TLS,
    STARTTLS_F_NO_HANDSHAKE,
    STARTTLS_F_RESPONSE_INJECTION,
    STARTTLS_F_COMMAND_INJECTION,
    STARTTLS_F_INJECTION_SAFE,
    STARTTLS_F_EHLO_TLS,
    STARTTLS_F_STARTTLS_AGAIN,
    STARTTLS_F_NO_AUTH,
    STARTTLS_F_REQUIRED,
    STARTTLS_F_REQUIRETLS_CLEAR,
    STARTTLS_F_MAIL_IN_CLEAR,
    STARTTLS_F_FORCED,
    STARTTLS_F_PROBE_FAILED,
    STARTTLS_F_LEFT_OUT,
    STARTTLS_F_OLD_TLS,
    STARTTLS_F_NO_TLS_1_2,
    STARTTLS_F_NO_TLS_1_3,
    STARTTLS_F_CIPHER_BROKEN,
    STARTTLS_F_CIPHER_WEAK,
    STARTTLS_F_ANONYMOUS,
    STARTTLS_F_NO_FORWARD_SECRECY,
    STARTTLS_F_DH_WEAK,
    STARTTLS_F_COMPRESSION,
    STARTTLS_F_RENEGOTIATION,
    STARTTLS_F_NO_EMS,
    STARTTLS_F_EARLY_DATA,
    STARTTLS_F_CIPHERS_MISSING,
    STARTTLS_F_CIPHERS_FORBIDDEN,
    STARTTLS_F_SLOW,
    STARTTLS_F_SELF_SIGNED,
    STARTTLS_F_UNKNOWN_AUTHORITY,
    STARTTLS_F_INCOMPLETE_CHAIN,
    STARTTLS_F_WRONG_ORDER,
    STARTTLS_F_EXTRA_ROOT,
    STARTTLS_F_EXTRA_CERTIFICATE,
    STARTTLS_F_EXPIRED_INTERMEDIATE,
    STARTTLS_F_BAD_CHAIN,
    STARTTLS_F_NAME_MISMATCH,
    STARTTLS_F_NO_NAME,
    STARTTLS_F_NOT_YET_VALID,
    STARTTLS_F_EXPIRED,
    STARTTLS_F_EXPIRES,
    STARTTLS_F_CHAIN_EXPIRES,
    STARTTLS_F_VALIDITY,
    STARTTLS_F_KEY_BROKEN,
    STARTTLS_F_KEY_WEAK,
    STARTTLS_F_SIGNATURE_WEAK,
    STARTTLS_F_USAGE,
    STARTTLS_F_AUTHORITY_LEAF,
    STARTTLS_F_NO_NAMES,
    STARTTLS_F_REVOKED,
    STARTTLS_F_MUST_STAPLE,
    STARTTLS_F_STAPLE_INVALID,
    STARTTLS_F_NO_STAPLE,
    STARTTLS_F_PIN,
    STARTTLS_F_RAW_KEY,
    STARTTLS_F_NO_RAW_KEY,
    STARTTLS_F_BAD_RAW_KEY,
    STARTTLS_FINDINGS,
};

enum starttls_metric {
    STARTTLS_M_TIME,
    STARTTLS_M_TIME_CONNECT,
    STARTTLS_M_TIME_BANNER,
    STARTTLS_M_TIME_EHLO,
    STARTTLS_M_TIME_TLS,
    STARTTLS_M_CERT_DAYS,
    STARTTLS_M_CHAIN_DAYS,
    STARTTLS_M_CERT_BITS,
    STARTTLS_M_TLS_VERSION,
    STARTTLS_M_CERTIFICATES,
    STARTTLS_M_ADDRESSES,
    STARTTLS_METRICS,
};

extern const struct finding_definition starttls_findings[STARTTLS_FINDINGS];
extern const struct metric_definition starttls_metrics[STARTTLS_METRICS];

#endif
