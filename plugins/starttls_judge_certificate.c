#include <math.h>
#include <string.h>
#include <time.h>

#include "smtp_show.h"
#include "starttls.h"

#define SECONDS_A_DAY 86400.0
#define VALIDITY_DAYS_MAX 398
#define RSA_BITS_MIN 2048
#define RSA_BITS_BROKEN 1024
#define EC_BITS_MIN 256
#define NAMES_SHOWN 6

double starttls_days(const struct starttls_facts *facts, int64_t until)
{
    return floor((double)(until - facts->now) / SECONDS_A_DAY);
}

const char *starttls_date(int64_t seconds, char buffer[static STARTTLS_DATE_SIZE])
{
    struct tm parts;
    time_t moment = (time_t)seconds;
    if (gmtime_r(&moment, &parts) == NULL ||
        strftime(buffer, STARTTLS_DATE_SIZE, "%Y-%m-%d", &parts) == 0)
        buffer[0] = '\0';
    return buffer;
}

/* With the date of --days-ahead, which is not today. */
static const char *moment(const struct starttls_judge *judge)
{
    char date[STARTTLS_DATE_SIZE];
    if (judge->config->days_ahead == 0)
        return "";
    return arena_format(judge->report->arena, ", as of %s", starttls_date(judge->facts->now, date));
}

const char *starttls_judge_label(const struct starttls_judge *judge,
                                 const struct certificate *certificate)
{
    const char *name = certificate->common_name != NULL && certificate->common_name[0] != '\0'
                           ? certificate->common_name
                           : certificate->subject;
    return arena_format(judge->report->arena, "the %s certificate of %s",
                        certificate_key_name(certificate->key), name);
}

/* ---- dates */

static void judge_days(const struct starttls_judge *judge, enum starttls_finding definition,
                       const char *label, int64_t not_after)
{
    char date[STARTTLS_DATE_SIZE];
    double days = starttls_days(judge->facts, not_after);
    long warning = judge->config->days_warning;
    long critical = judge->config->days_critical;
    if (days >= (double)warning && days >= (double)critical)
        return;
    report_add_as(judge->report, definition,
                  days < (double)critical ? STATE_CRITICAL : STATE_WARNING, judge->place->subject,
                  "%s expires in %.0f day%s, on %s%s", label, days, days == 1 ? "" : "s",
                  starttls_date(not_after, date), moment(judge));
}

static void judge_dates(const struct starttls_judge *judge, const struct certificate *leaf)
{
    char date[STARTTLS_DATE_SIZE];
    const char *label = starttls_judge_label(judge, leaf);
    int64_t now = judge->facts->now;
    if (leaf->not_before > now)
        report_add(judge->report, STARTTLS_F_NOT_YET_VALID, judge->place->subject,
                   "%s is not valid before %s%s", label, starttls_date(leaf->not_before, date),
                   moment(judge));
    if (leaf->not_after < now)
        report_add(judge->report, STARTTLS_F_EXPIRED, judge->place->subject, "%s expired on %s%s",
                   label, starttls_date(leaf->not_after, date), moment(judge));
    else
        judge_days(judge, STARTTLS_F_EXPIRES, label, leaf->not_after);
}

/* Of the issuers that were sent. */
static void judge_chain_dates(const struct starttls_judge *judge,
                              const struct certificate_chain *chain)
{
    for (size_t i = 1; i < chain->path_count; i++) {
        const struct certificate *certificate = &chain->list[chain->path[i]];
        if (certificate->not_after >= judge->facts->now &&
            certificate->not_after < chain->list[0].not_after)
            judge_days(judge, STARTTLS_F_CHAIN_EXPIRES,
                       arena_format(judge->report->arena, "%s of the chain", certificate->subject),
                       certificate->not_after);
    }
}

static void judge_validity(const struct starttls_judge *judge, const struct tls_facts *tls)
{
    const struct certificate *leaf = &tls->chain.list[0];
    double days = ceil((double)(leaf->not_after - leaf->not_before) / SECONDS_A_DAY);
    if (tls->error_count == 0 && days > VALIDITY_DAYS_MAX)
        report_add(judge->report, STARTTLS_F_VALIDITY, judge->place->subject,
                   "%s is valid for %.0f days", starttls_judge_label(judge, leaf), days);
}

/* ---- name */

static const char *names_text(const struct starttls_judge *judge,
                              const struct certificate *certificate)
{
    const char *list = "";
    size_t shown = 0;
    for (size_t i = 0; i < certificate->name_count && shown < NAMES_SHOWN; i++) {
        const struct certificate_name *name = &certificate->names[i];
        if (name->text.length == 0)
            continue;
        list = arena_format(judge->report->arena, "%s%s%s", list, shown > 0 ? ", " : "",
                            smtp_show_text(judge->report, name->text));
        shown++;
    }
    size_t rest = certificate->name_count + certificate->names_omitted - shown;
    if (shown == 0)
        return "no name";
    return rest == 0 ? list : arena_format(judge->report->arena, "%s and %zu more", list, rest);
}

/* Authorities of the public write names alone. */
static bool names_an_address(const struct certificate *leaf)
{
    for (size_t i = 0; i < leaf->name_count; i++) {
        if (leaf->names[i].kind == CERTIFICATE_NAME_IP)
            return true;
    }
    return leaf->names_omitted > 0;
}

static void judge_name(const struct starttls_judge *judge, const struct certificate *leaf)
{
    const char *name = judge->place->name;
    const char *label = starttls_judge_label(judge, leaf);
    if (!leaf->has_names)
        report_add(judge->report, STARTTLS_F_NO_NAMES, judge->place->subject,
                   "%s has no subjectAltName", label);
    if (name == NULL) {
        report_add(judge->report, STARTTLS_F_NO_NAME, judge->place->subject,
                   "the name of %s is not verified", label);
        return;
    }
    if (certificate_match(leaf, name, judge->config->allow_common_name) != CERTIFICATE_MISMATCH)
        return;
    if (judge->place->is_address && leaf->has_names && !names_an_address(leaf)) {
        report_add(judge->report, STARTTLS_F_NO_NAME, judge->place->subject,
                   "the name of %s is not verified: the server was given by its address, the "
                   "certificate is for %s",
                   label, names_text(judge, leaf));
        return;
    }
    struct finding *finding =
        starttls_judge_distrust(judge, STARTTLS_F_NAME_MISMATCH, "%s is not for %s but for %s",
                                label, name, names_text(judge, leaf));
    if (finding != NULL)
        report_seen(judge->report, finding, "subject %s, subjectAltName %s", leaf->subject,
                    names_text(judge, leaf));
}

/* ---- keys and signatures */

static void judge_key(const struct starttls_judge *judge, const struct certificate *certificate,
                      const char *label)
{
    const char *kind = certificate_key_name(certificate->key);
    unsigned bits = certificate->bits;
    bool is_rsa = certificate->key == CERTIFICATE_KEY_RSA;
    if (bits == 0)
        return;
    if ((is_rsa || certificate->key == CERTIFICATE_KEY_DSA) && bits < RSA_BITS_BROKEN)
        report_add(judge->report, STARTTLS_F_KEY_BROKEN, judge->place->subject,
                   "%s has a key of %u bits (%s)", label, bits, kind);
    else if ((is_rsa && bits < RSA_BITS_MIN) || certificate->key == CERTIFICATE_KEY_DSA ||
             (certificate->key == CERTIFICATE_KEY_EC && bits < EC_BITS_MIN))
        report_add(judge->report, STARTTLS_F_KEY_WEAK, judge->place->subject,
                   "%s has a key of %u bits (%s)", label, bits, kind);
}

static void judge_keys(const struct starttls_judge *judge, const struct certificate_chain *chain)
{
    for (size_t i = 0; i < chain->path_count; i++) {
        const struct certificate *certificate = &chain->list[chain->path[i]];
        const char *label =
            i == 0 ? starttls_judge_label(judge, certificate)
                   : arena_format(judge->report->arena, "%s of the chain", certificate->subject);
        judge_key(judge, certificate, label);
        /* Nobody looks at the signature of a root. */
        bool is_weak = certificate->signature_hash == CERTIFICATE_HASH_BROKEN ||
                       certificate->signature_hash == CERTIFICATE_HASH_SHA1;
        if (is_weak && !certificate->is_self_signed)
            report_add(judge->report, STARTTLS_F_SIGNATURE_WEAK, judge->place->subject,
                       "%s is signed with %s", label, certificate->signature);
    }
}

static void judge_usage(const struct starttls_judge *judge, const struct certificate *leaf)
{
    const char *label = starttls_judge_label(judge, leaf);
    if (!leaf->for_server)
        report_add(judge->report, STARTTLS_F_USAGE, judge->place->subject,
                   "%s has an extended key usage without serverAuth", label);
    if (leaf->is_ca && !leaf->is_self_signed)
        report_add(judge->report, STARTTLS_F_AUTHORITY_LEAF, judge->place->subject,
                   "%s is one of an authority (CA:TRUE)", label);
}

/* ---- OCSP */

static void judge_staple(const struct starttls_judge *judge, const struct tls_facts *tls)
{
    static const char *const faults[] = {
        [TLS_STAPLE_UNKNOWN] = "it does not know the certificate",
        [TLS_STAPLE_STALE] = "it is not valid at this time",
        [TLS_STAPLE_INVALID] = "it cannot be read, is about another certificate or badly signed",
    };
    const struct certificate *leaf = &tls->chain.list[0];
    const char *label = starttls_judge_label(judge, leaf);
    const char *subject = judge->place->subject;
    switch (tls->staple) {
    case TLS_STAPLE_GOOD:
        return;
    case TLS_STAPLE_REVOKED:
        report_add(judge->report, STARTTLS_F_REVOKED, subject,
                   "%s is revoked, says the OCSP answer of the server", label);
        return;
    case TLS_STAPLE_NONE:
        if (leaf->has_responder)
            report_add(judge->report, STARTTLS_F_NO_STAPLE, subject, "no OCSP answer for %s",
                       label);
        break;
    case TLS_STAPLE_UNKNOWN:
    case TLS_STAPLE_STALE:
    case TLS_STAPLE_INVALID:
        report_add(judge->report, STARTTLS_F_STAPLE_INVALID, subject,
                   "the OCSP answer for %s is no good: %s", label, faults[tls->staple]);
        break;
    }
    if (leaf->must_staple)
        report_add(judge->report, STARTTLS_F_MUST_STAPLE, subject,
                   "%s demands an OCSP answer, and %s", label,
                   tls->staple == TLS_STAPLE_NONE ? "the server sends none" : faults[tls->staple]);
}

/* ---- pins */

const char *starttls_hex(struct arena *arena, const uint8_t digest[static CERTIFICATE_SHA256_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(arena, (size_t)CERTIFICATE_SHA256_SIZE * 2 + 1);
    for (size_t i = 0; i < CERTIFICATE_SHA256_SIZE; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 0xF];
    }
    return text;
}

static void judge_pin(const struct starttls_judge *judge, const struct certificate *leaf)
{
    const struct option_list *pins = &judge->config->pins;
    struct arena *arena = judge->report->arena;
    for (size_t i = 0; i < pins->count; i++) {
        if (starttls_pin_matches(pins->values[i], leaf))
            return;
    }
    if (pins->count == 0)
        return;
    struct finding *finding =
        report_add(judge->report, STARTTLS_F_PIN, judge->place->subject,
                   "%s is none of those of --pin", starttls_judge_label(judge, leaf));
    report_seen(judge->report, finding, "sha256:%s spki-sha256:%s serial:%s issuer:%s",
                starttls_hex(arena, leaf->sha256), starttls_hex(arena, leaf->spki_sha256),
                leaf->serial, leaf->issuer);
}

/* ---- all */

static void judge_certificate(const struct starttls_judge *judge, const struct tls_facts *tls)
{
    const struct certificate *leaf = &tls->chain.list[0];
    if (leaf->is_broken) {
        starttls_judge_distrust(judge, STARTTLS_F_BAD_CHAIN,
                                "the certificate of the server cannot be read");
        return;
    }
    judge_dates(judge, leaf);
    judge_name(judge, leaf);
    starttls_judge_chain(judge, tls);
    judge_chain_dates(judge, &tls->chain);
    judge_validity(judge, tls);
    judge_keys(judge, &tls->chain);
    judge_usage(judge, leaf);
    judge_staple(judge, tls);
    judge_pin(judge, leaf);
}

/* ---- a key without a certificate */

/* "the key of the RSA certificate of mail.example.org" */
static const char *owner(const struct starttls_judge *judge, const struct certificate *raw_key)
{
    for (int probe = 0; probe < STARTTLS_PROBES; probe++) {
        const struct tls_facts *tls = starttls_tls(judge->place, (enum starttls_probe)probe);
        if (tls != NULL && tls->chain.count > 0 &&
            memcmp(tls->chain.list[0].spki_sha256, raw_key->spki_sha256, CERTIFICATE_SHA256_SIZE) ==
                0)
            return arena_format(judge->report->arena, "the key of %s",
                                starttls_judge_label(judge, &tls->chain.list[0]));
    }
    return "the key of no certificate that was shown";
}

void starttls_judge_raw_key(const struct starttls_judge *judge)
{
    const struct tls_facts *tls = starttls_tls(judge->place, STARTTLS_RAW_KEY);
    const char *subject = judge->place->subject;
    if (tls == NULL)
        return;
    const struct certificate *key = tls->raw_key;
    if (key == NULL) {
        report_add(judge->report, STARTTLS_F_NO_RAW_KEY, subject,
                   "a certificate is shown, though a raw public key was preferred");
        return;
    }
    const char *digest = starttls_hex(judge->report->arena, key->spki_sha256);
    struct finding *finding;
    if (key->is_broken)
        finding = report_add(judge->report, STARTTLS_F_BAD_RAW_KEY, subject,
                             "the raw public key cannot be read (%zu octets)", key->spki.length);
    else
        finding =
            report_add(judge->report, STARTTLS_F_RAW_KEY, subject, "%s, %u bits, %s: TLSA 3 1 1 %s",
                       certificate_key_name(key->key), key->bits, owner(judge, key), digest);
    report_seen(judge->report, finding, "TLSA 3 1 1 %s", digest);
    judge_key(judge, key, "the raw public key");
}

/* The same leaf with as many behind it. */
static bool is_same(const struct certificate_chain *a, const struct certificate_chain *b)
{
    return a->count == b->count &&
           memcmp(a->list[0].sha256, b->list[0].sha256, CERTIFICATE_SHA256_SIZE) == 0;
}

void starttls_judge_certificates(const struct starttls_judge *judge)
{
    static const enum starttls_probe probes[] = {STARTTLS_MAIN, STARTTLS_OTHER_KEY,
                                                 STARTTLS_TLS_1_2};
    const struct tls_facts *seen[sizeof probes / sizeof probes[0]];
    size_t count = 0;
    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
        const struct tls_facts *tls = starttls_tls(judge->place, probes[i]);
        bool is_known = tls == NULL || tls->chain.count == 0;
        for (size_t k = 0; k < count && !is_known; k++)
            is_known = is_same(&tls->chain, &seen[k]->chain);
        if (is_known)
            continue;
        seen[count++] = tls;
        judge_certificate(judge, tls);
    }
}
